"""Dropout as layers, which do nothing in evaluation."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

from ndgrad import Tensor

from . import functional as F
from .module import Module

__all__ = ["Dropout", "Dropout1d", "Dropout2d", "Dropout3d"]


class Dropout(Module):
    """In training, zero each element with probability ``p`` and divide the others by 1 - p.

    Raises:
        ValueError: ``p`` lies outside [0, 1].

    Source: PyTorch, ``torch.nn.Dropout``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.Dropout(0.5).eval()(nd.ones(3))
    tensor([1., 1., 1.])
    """

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p, self.inplace = p, inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.dropout(input, self.p, self.training, self.inplace)

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace={self.inplace}"


class Dropout2d(Dropout):
    """In training, zero whole channels of (N, C, H, W): :func:`ndgrad.nn.functional.dropout2d`."""

    def forward(self, input: Tensor) -> Tensor:
        return F.dropout2d(input, self.p, self.training, self.inplace)


class Dropout1d(Dropout2d):
    """In training, zero whole channels of (N, C, L)."""


class Dropout3d(Dropout2d):
    """In training, zero whole channels of (N, C, D, H, W)."""
