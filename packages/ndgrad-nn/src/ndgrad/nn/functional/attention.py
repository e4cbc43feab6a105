"""Attention: every query takes the mean of all values, weighted by how well their keys fit it."""

from __future__ import annotations

import math

import ndgrad as nd
from ndgrad import Tensor

from .dropout import dropout

__all__ = ["attention_weights", "scaled_dot_product_attention"]


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """softmax(query @ key.T * scale + mask) @ value.

    Args:
        query: (..., L, E).
        key: (..., S, E).
        value: (..., S, V).
        attn_mask: broadcasts to (..., L, S); booleans that are true where a query may see a key, or numbers to add.
        dropout_p: the probability with which a weight is zeroed, always: write 0 in evaluation.
        is_causal: whether query i may see the keys up to i only; excludes ``attn_mask``.
        scale: 1 / sqrt(E) by default.
        enable_gqa: whether axis -3, the heads, of key and value may be shorter, each serving several of the query's.

    Returns:
        (..., L, V); zeros for a query that may see no key.

    Raises:
        ValueError: shapes that do not fit, or a mask beside ``is_causal``.

    Source: Vaswani et al. 2017, "Attention is all you need", section 3.2.1; PyTorch,
    ``torch.nn.functional.scaled_dot_product_attention``.

    >>> import ndgrad as nd
    >>> value = nd.asarray([[1.0], [3.0]])
    >>> scaled_dot_product_attention(nd.zeros((2, 4)), nd.zeros((2, 4)), value, is_causal=True)
    tensor([[1.],
            [2.]])
    """
    if query.shape[-1:] != key.shape[-1:] or key.shape[-2:-1] != value.shape[-2:-1] or query.ndim < 2:
        raise ValueError(
            "scaled_dot_product_attention: query (..., L, E), key (..., S, E) and value (..., S, V) do not fit: got "
            f"{query.shape}, {key.shape} and {value.shape}"
        )
    if is_causal:
        if attn_mask is not None:
            raise ValueError("scaled_dot_product_attention takes attn_mask or is_causal=True, not both")
        shape = (query.shape[-2], key.shape[-2])
        attn_mask = nd.tril(nd.ones(shape, dtype=nd.bool, device=query.device))
    if enable_gqa:
        times = query.shape[-3] // key.shape[-3]
        key, value = (nd.repeat(x, times, axis=-3) for x in (key, value))
    scale = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    dtype = query.dtype
    if dtype.itemsize == 2:  # halves have too few digits for scores, of which exponentials are taken
        query, key, value = (x.to(nd.float32) for x in (query, key, value))
    seen = nd.matmul(dropout(attention_weights(query * scale, key, attn_mask), dropout_p), value)
    return seen if dtype.itemsize > 2 else seen.to(dtype)


def attention_weights(query: Tensor, key: Tensor, mask: Tensor | None) -> Tensor:
    """The softmax of the scores (..., L, S); zeros for a query that may see no key.

    >>> import ndgrad as nd
    >>> attention_weights(nd.zeros((1, 2)), nd.zeros((2, 2)), nd.asarray([[True, False]]))
    tensor([[1., 0.]])
    """
    scores = nd.matmul(query, nd.matrix_transpose(key))
    if mask is None:
        return nd.softmax(scores, axis=-1)
    blind: Tensor
    if mask.dtype == nd.bool:
        scores = nd.where(mask, scores, -math.inf)
        blind = ~nd.any(mask, axis=-1, keepdims=True)
    else:
        scores = scores + mask
        blind = nd.all(mask == -math.inf, axis=-1, keepdims=True)
    return nd.where(blind, 0.0, nd.softmax(nd.where(blind, 0.0, scores), axis=-1))
