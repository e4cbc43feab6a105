"""Statistical functions: array API 2025.12, chapter "Statistical Functions", and what reduces like them."""

from __future__ import annotations

from typing import Any

from ndgrad.dispatch import apply
from ndgrad.rows import Op
from ndgrad.tensor import Tensor

__all__ = ["sum"]

Axis = int | tuple[int, ...] | None


def normalize_axes(name: str, axis: Axis, ndim: int) -> tuple[int, ...]:
    """The axes that ``axis`` names, counted from the front, each once.

    Raises:
        IndexError: an axis out of range.
        ValueError: an axis twice.
    """
    if axis is None:
        return tuple(range(ndim))
    axes = (axis,) if not isinstance(axis, (tuple, list)) else tuple(axis)
    for a in axes:
        if not -ndim <= a < ndim:
            raise IndexError(f"{name}: axis {a} is out of range for a tensor of {ndim} dimensions")
    found = tuple(a % ndim for a in axes)
    if len(set(found)) != len(found):
        raise ValueError(f"{name}: axis {axis} names an axis twice")
    return found


def spread(g: Tensor, shape: tuple[int, ...], axis: tuple[int, ...], keepdims: bool) -> Tensor:
    """The transpose of a sum: repeat ``g`` along the axes that were summed."""
    from ndgrad.ops.manipulation import broadcast_to, reshape

    if not keepdims and axis:
        g = reshape(g, tuple(1 if i in axis else n for i, n in enumerate(shape)))
    return broadcast_to(g, shape)


SUM = Op(
    "sum", linear=True, batch="axis",
    vjp=lambda g, x_shape, axis, keepdims: spread(g, x_shape, axis, keepdims),
)  # fmt: skip


def sum(x: Tensor, /, *, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Tensor:
    return apply(SUM, x, axis=normalize_axes("sum", axis, x.ndim), keepdims=keepdims)


def sum_to_shape(g: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Sum over the axes along which ``shape`` would be broadcast to the shape of ``g``."""
    from ndgrad.ops.manipulation import reshape

    extra = g.ndim - len(shape)
    axes = tuple(range(extra)) + tuple(
        i + extra for i, n in enumerate(shape) if n == 1 and g.shape[i + extra] != 1
    )
    out = apply(SUM, g, axis=axes, keepdims=False) if axes else g
    return out if out.shape == shape else reshape(out, shape)
