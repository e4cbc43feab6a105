"""Dropout: zeros at random in training, so that no unit can rely on another."""

from __future__ import annotations

import ndgrad as nd
from ndgrad import Tensor

__all__ = ["dropout", "dropout1d", "dropout2d", "dropout3d"]


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """In training, zero each element with probability ``p`` and divide the others by 1 - p; else ``input`` itself.

    Args:
        input: any shape.
        p: the probability of a zero.
        training: whether to do anything.
        inplace: write the result over ``input``.

    Raises:
        ValueError: ``p`` lies outside [0, 1].

    Source: Srivastava et al. 2014, "Dropout"; PyTorch, ``torch.nn.functional.dropout``.

    >>> import ndgrad as nd
    >>> dropout(nd.ones(3), p=1.0)
    tensor([0., 0., 0.])
    """
    return _dropped(input, p, training, inplace, input.shape)


def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """:func:`dropout` of whole channels of ``input`` (N, C, ...); ``dropout1d`` and ``dropout3d`` are the same.

    Raises:
        ValueError: ``p`` lies outside [0, 1], or ``input`` has fewer than 2 dimensions.

    Source: PyTorch, ``torch.nn.functional.dropout2d``.

    >>> import ndgrad as nd
    >>> bool(nd.all(nd.var(dropout2d(nd.ones((2, 3, 4, 4))), axis=(2, 3)) == 0))
    True
    """
    if input.ndim < 2:
        raise ValueError(f"dropout of channels takes (N, C, ...), got shape {input.shape}; use dropout")
    return _dropped(input, p, training, inplace, (*input.shape[:2], *(1,) * (input.ndim - 2)))


dropout1d = dropout3d = dropout2d


def _dropped(x: Tensor, p: float, training: bool, inplace: bool, shape: tuple[int, ...]) -> Tensor:
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training or p == 0:
        return x
    kept = nd.rand(shape, device=x.device) >= p
    scale = kept.to(x.dtype) * (0.0 if p == 1 else 1 / (1 - p))
    if inplace:
        x *= scale
        return x
    return x * scale
