"""Attention with several heads, as a layer."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

import math
from typing import Any

import ndgrad as nd
from ndgrad import Tensor

from . import functional as F
from . import init
from .functional.attention import attention_weights
from .linear import Linear
from .module import Module
from .parameter import Parameter

__all__ = ["MultiheadAttention"]


class MultiheadAttention(Module):
    """Attention in several subspaces at once, whose results are joined by a last projection.

    Args:
        embed_dim: the length of a query, and of the result.
        num_heads: how many heads share it; divides ``embed_dim``.
        dropout: the probability with which a weight is zeroed, in training.
        bias: whether the projections add biases.
        add_bias_kv: whether to learn a key and a value that stand behind every sequence.
        add_zero_attn: whether a key and a value of zeros do.
        kdim, vdim: the lengths of keys and values, ``embed_dim`` by default.
        batch_first: whether sequences are (N, L, embed_dim) in place of (L, N, embed_dim).
        device, dtype: of the parameters.

    Called as ``layer(query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None,
    average_attn_weights=True, is_causal=False)``, it returns the result (L, N, embed_dim) and the weights (N, L, S),
    or None. ``key_padding_mask`` is (N, S), ``attn_mask`` (L, S) or (N * num_heads, L, S): booleans that are true for
    keys that must *not* be seen, or numbers to add.

    Raises:
        ValueError: heads that do not divide the length, masks or sequences that do not fit.

    Source: Vaswani et al. 2017, "Attention is all you need", section 3.2.2; PyTorch, ``torch.nn.MultiheadAttention``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> x = nd.ones((5, 3, 8))
    >>> y, weights = nn.MultiheadAttention(8, num_heads=2)(x, x, x)
    >>> y.shape, weights.shape
    ((5, 3, 8), (3, 5, 5))
    """

    in_proj_weight: Parameter | None
    in_proj_bias: Parameter | None
    q_proj_weight: Parameter | None
    k_proj_weight: Parameter | None
    v_proj_weight: Parameter | None
    bias_k: Parameter | None
    bias_v: Parameter | None

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if embed_dim < 1 or num_heads < 1 or embed_dim % num_heads:
            raise ValueError(f"embed_dim must be divisible by num_heads, got {embed_dim} and {num_heads}")
        self.embed_dim, self.num_heads, self.head_dim = embed_dim, num_heads, embed_dim // num_heads
        self.kdim, self.vdim = kdim or embed_dim, vdim or embed_dim
        self.dropout, self.batch_first, self.add_zero_attn = dropout, batch_first, add_zero_attn

        def parameter(*shape: int) -> Parameter:
            return Parameter(nd.empty(shape, device=device, dtype=dtype))

        joint = self.kdim == self.vdim == embed_dim
        lengths = {"q": embed_dim, "k": self.kdim, "v": self.vdim}
        for name, length in lengths.items():
            self.register_parameter(f"{name}_proj_weight", None if joint else parameter(embed_dim, length))
        self.register_parameter("in_proj_weight", parameter(3 * embed_dim, embed_dim) if joint else None)
        self.register_parameter("in_proj_bias", parameter(3 * embed_dim) if bias else None)
        self.out_proj = Linear(embed_dim, embed_dim, bias=bias, device=device, dtype=dtype)
        for name in ("bias_k", "bias_v"):
            self.register_parameter(name, parameter(1, 1, embed_dim) if add_bias_kv else None)
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        for weight in (self.in_proj_weight, self.q_proj_weight, self.k_proj_weight, self.v_proj_weight):
            if weight is not None:
                init.xavier_uniform_(weight)
        for bias in (self.in_proj_bias, self.out_proj.bias):
            if bias is not None:
                init.zeros_(bias)
        for extra in (self.bias_k, self.bias_v):
            if extra is not None:
                init.xavier_normal_(extra)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        if is_causal and attn_mask is None:
            raise ValueError("is_causal=True is a hint about attn_mask, which must be given too")
        batched = query.ndim == 3
        q, k, v = (self._by_batch(x, batched) for x in (query, key, value))
        self._check(q, k, v)
        q, k, v = self._projected(q, k, v)
        seen, k, v = self._extended(_additive(key_padding_mask, q.dtype, batched), k, v)
        mask = _joined(self._by_head(_additive(attn_mask, q.dtype, True), k.shape[1]), seen)
        heads = [self._split(x) for x in (q / math.sqrt(self.head_dim), k, v)]
        weights = attention_weights(heads[0], heads[1], mask)
        weights = F.dropout(weights, self.dropout, self.training)
        y = nd.reshape(nd.swapaxes(nd.matmul(weights, heads[2]), 1, 2), q.shape)
        y = self.out_proj(y)
        if need_weights and average_attn_weights:
            weights = nd.mean(weights, axis=1)
        shown = (weights if batched else nd.squeeze(weights, axis=0)) if need_weights else None
        if not batched:
            return nd.squeeze(y, axis=0), shown
        return (y if self.batch_first else nd.swapaxes(y, 0, 1)), shown

    # -- the steps, on (N, L, ...) whatever the arrangement of axes outside

    def _by_batch(self, x: Tensor, batched: bool) -> Tensor:
        if not batched:
            return nd.expand_dims(x, axis=0)
        return x if self.batch_first else nd.swapaxes(x, 0, 1)

    def _check(self, q: Tensor, k: Tensor, v: Tensor) -> None:
        lengths = (self.embed_dim, self.kdim, self.vdim)
        fits = all(x.ndim == 3 and x.shape[-1] == n for x, n in zip((q, k, v), lengths, strict=True))
        if not fits or k.shape[:2] != v.shape[:2] or q.shape[0] != k.shape[0]:
            raise ValueError(
                f"MultiheadAttention takes queries, keys and values of the lengths {lengths}, of one batch and keys as "
                f"many as values; got, with the batch first, {q.shape}, {k.shape} and {v.shape}"
            )

    def _projected(self, q: Tensor, k: Tensor, v: Tensor) -> list[Tensor]:
        biases = [None] * 3 if self.in_proj_bias is None else nd.chunk(self.in_proj_bias, 3)
        if self.in_proj_weight is None:
            weights: Any = (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight)
        else:
            weights = nd.chunk(self.in_proj_weight, 3)
        return [F.linear(x, w, b) for x, w, b in zip((q, k, v), weights, biases, strict=True)]

    def _extended(self, seen: Tensor | None, k: Tensor, v: Tensor) -> tuple[Tensor | None, Tensor, Tensor]:
        """Keys, values and the mask of keys with those that stand behind every sequence."""
        extras: list[tuple[Any, Any]] = [] if self.bias_k is None else [(self.bias_k, self.bias_v)]
        if self.add_zero_attn:
            zero = nd.zeros((1, 1, self.embed_dim), dtype=k.dtype, device=k.device)
            extras.append((zero, zero))
        for more_k, more_v in extras:
            shape = (k.shape[0], 1, self.embed_dim)
            k = nd.concat((k, nd.broadcast_to(more_k, shape)), axis=1)
            v = nd.concat((v, nd.broadcast_to(more_v, shape)), axis=1)
        if seen is not None:
            seen = nd.reshape(F.pad(seen, (0, k.shape[1] - seen.shape[-1])), (seen.shape[0], 1, 1, k.shape[1]))
        return seen, k, v

    def _by_head(self, mask: Tensor | None, keys: int) -> Tensor | None:
        if mask is None:
            return None
        mask = F.pad(mask, (0, keys - mask.shape[-1]))
        return mask if mask.ndim == 2 else nd.reshape(mask, (-1, self.num_heads, *mask.shape[1:]))

    def _split(self, x: Tensor) -> Tensor:
        n, length, _ = x.shape
        return nd.swapaxes(nd.reshape(x, (n, length, self.num_heads, self.head_dim)), 1, 2)


def _additive(mask: Tensor | None, dtype: Any, batched: bool) -> Tensor | None:
    """A mask as numbers to add: minus infinity for what must not be seen."""
    if mask is None:
        return None
    mask = mask if batched else nd.expand_dims(mask, axis=0)
    if mask.dtype != nd.bool:
        return mask
    return nd.where(mask, nd.full((), -math.inf, dtype=dtype, device=mask.device), 0.0)


def _joined(a: Tensor | None, b: Tensor | None) -> Tensor | None:
    return b if a is None else a if b is None else a + b
