"""The modes of ``pad`` that compute what they add: ramps, statistics of the edges, mirrors in a point."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any, Final

from ndgrad.dispatch import astype
from ndgrad.dtypes import float64
from ndgrad.ops.creation import arange
from ndgrad.ops.elementwise import floor, round
from ndgrad.ops.indexing import getitem
from ndgrad.ops.manipulation import at, broadcast_to, concat, flip, reshape
from ndgrad.ops.reductions import max, mean, min
from ndgrad.ops.statistics import median
from ndgrad.tensor import Tensor

__all__ = ["STATISTICS", "mirrored", "ramp", "statistic"]

Pairs = tuple[tuple[Any, Any], ...]

STATISTICS: Final[dict[str, Callable[..., Tensor]]] = {"maximum": max, "minimum": min, "mean": mean, "median": median}


def _part(x: Tensor, axis: int, start: int | None, stop: int | None) -> Tensor:
    return getitem(x, at(axis, slice(start, stop)))


def _edges(x: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    return _part(x, axis, 0, 1), _part(x, axis, x.shape[axis] - 1, None)


def ramp(x: Tensor, widths: Pairs, ends: Pairs) -> Tensor:
    """``x`` continued by lines from its edges to the end values, which stand outermost."""
    for axis, (pair, (first, last)) in enumerate(zip(widths, ends, strict=True)):
        edges = _edges(x, axis)
        before, after = [_line(x, axis, *line) for line in zip(edges, (first, last), pair, strict=True)]
        x = concat([before, x, flip(after, axis=axis)], axis=axis)
    return x


def _line(x: Tensor, axis: int, edge: Tensor, end: Any, width: int) -> Tensor:
    wide = x.dtype if x.dtype.is_inexact else float64
    steps = arange(width, dtype=wide, device=x.device) / builtins.max(width, 1)
    steps = reshape(steps, (-1,) + (1,) * (x.ndim - 1 - axis))
    line = end + (astype(edge, wide) - end) * steps
    return line if x.dtype.is_inexact else astype(floor(line), x.dtype)


def statistic(x: Tensor, widths: Pairs, mode: str, lengths: Pairs | None) -> Tensor:
    """``x`` continued by the maximum, minimum, mean or median of the entries next to each edge, by default of all."""
    for axis, pair in enumerate(widths):
        n = x.shape[axis]
        first, last = (n, n) if lengths is None else [builtins.min(length, n) for length in lengths[axis]]
        if pair != (0, 0):
            regions = _part(x, axis, 0, first), _part(x, axis, n - last, None)
            before, after = [_repeated(mode, *part, axis) for part in zip(regions, pair, strict=True)]
            x = concat([before, x, after], axis=axis)
    return x


def _repeated(mode: str, region: Tensor, width: int, axis: int) -> Tensor:
    value = STATISTICS[mode](region, axis=axis, keepdims=True)
    if value.dtype is not region.dtype:
        value = astype(round(value), region.dtype)
    return broadcast_to(value, (*value.shape[:axis], width, *value.shape[axis + 1 :]))


def mirrored(x: Tensor, widths: Pairs, *, with_edge: bool) -> Tensor:
    """``x`` mirrored in the points at its edges as often as is needed; ``with_edge`` repeats the entry there."""
    for axis, (before, after) in enumerate(widths):
        n = x.shape[axis]
        period = n if with_edge else n - 1
        if not period:  # a single entry is its own mirror image
            x = broadcast_to(x, (*x.shape[:axis], before + n + after, *x.shape[axis + 1 :]))
            continue
        while before or after:
            length = x.shape[axis] - (0 if with_edge else 1)
            length -= length % period
            left, right = builtins.min(length, before), builtins.min(length, after)
            x = _mirrored_once(x, axis, left, right, 0 if with_edge else 1)
            before, after = before - left, after - right
    return x


def _mirrored_once(x: Tensor, axis: int, left: int, right: int, offset: int) -> Tensor:
    first, last = _edges(x, axis)
    end = x.shape[axis] - offset
    before = 2 * first - flip(_part(x, axis, offset, offset + left), axis=axis)
    after = 2 * last - flip(_part(x, axis, end - right, end), axis=axis)
    return concat([before, x, after], axis=axis)
