"""Layers that change the shape only."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

from collections.abc import Sequence

import ndgrad as nd
from ndgrad import Tensor

from .module import Module

__all__ = ["Flatten", "Unflatten"]


class Flatten(Module):
    """The axes from ``start_dim`` to ``end_dim`` as one; by default all but the first, the batch.

    Source: PyTorch, ``torch.nn.Flatten``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.Flatten()(nd.ones((32, 1, 5, 5))).shape
    (32, 25)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input: Tensor) -> Tensor:
        return nd.flatten(input, self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """The axis ``dim`` as several, of the lengths ``unflattened_size``, of which one may be -1.

    Raises:
        ValueError: the lengths do not multiply to that of the axis.

    Source: PyTorch, ``torch.nn.Unflatten``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.Unflatten(1, (2, 5))(nd.ones((3, 10))).shape
    (3, 2, 5)
    """

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        super().__init__()
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, input: Tensor) -> Tensor:
        dim = self.dim % input.ndim
        return nd.reshape(input, (*input.shape[:dim], *self.unflattened_size, *input.shape[dim + 1 :]))

    def extra_repr(self) -> str:
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
