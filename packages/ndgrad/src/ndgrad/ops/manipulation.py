"""Manipulation functions: array API 2025.12, chapter "Manipulation Functions"."""

from __future__ import annotations

from ndgrad.dispatch import apply
from ndgrad.rows import Op
from ndgrad.tensor import Tensor

__all__ = ["broadcast_to", "reshape"]

RESHAPE = Op("reshape", view=True, linear=True, vjp=lambda g, x_shape: reshape(g, x_shape))
BROADCAST_TO = Op("broadcast_to", view=True, linear=True, vjp=lambda g, x_shape: _sum_to_shape(g, x_shape))


def _sum_to_shape(g: Tensor, shape: tuple[int, ...]) -> Tensor:
    from ndgrad.ops.reductions import sum_to_shape

    return sum_to_shape(g, shape)


def reshape(x: Tensor, /, shape: tuple[int, ...], *, copy: bool | None = None) -> Tensor:
    return apply(RESHAPE, x, shape=shape)


def broadcast_to(x: Tensor, /, shape: tuple[int, ...]) -> Tensor:
    return apply(BROADCAST_TO, x, shape=shape)
