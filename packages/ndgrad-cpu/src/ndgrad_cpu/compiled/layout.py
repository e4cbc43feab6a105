"""How an array is seen for work along some of its axes."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

__all__ = ["Layout", "layout", "reduced"]

Array = Any


class Layout(NamedTuple):
    """A contiguous array as (outer, kept, inner), where work goes along the outer and the inner axis."""

    outer: int
    kept: int
    inner: int


def layout(x: Array, axes: tuple[int, ...]) -> Layout | None:
    """The layout in which ``axes`` (counted from the front) are outer and inner; None if there is none, or no element.

    Work along the last axes has an outer axis of 1, and work along the first ones an inner axis of 1.
    """
    return _layout(x.shape, axes) if x.flags.c_contiguous else None


@lru_cache(256)  # a program asks for the same few again and again, and an answer takes as long as 50,000 additions
def _layout(shape: tuple[int, ...], axes: tuple[int, ...]) -> Layout | None:
    if not axes or 0 in shape:
        return None
    wide = [a for a, n in enumerate(shape) if n > 1]
    along = [a for a in wide if a in axes]
    kept = [a for a in wide if a not in axes]
    if not kept:
        return Layout(1, 1, math.prod(shape))
    if kept[-1] - kept[0] >= len(kept) + sum(shape[a] == 1 for a in range(kept[0], kept[-1])):
        return None  # axes to work along lie between
    sizes = [math.prod(shape[a] for a in part) for part in (
        [a for a in along if a < kept[0]], kept, [a for a in along if a > kept[-1]]
    )]  # fmt: skip
    return Layout(*sizes)


@lru_cache(256)
def reduced(shape: tuple[int, ...], axes: tuple[int, ...], keepdims: bool) -> tuple[int, ...]:
    """The shape of a reduction's result."""
    return tuple([1 if a in axes else n for a, n in enumerate(shape) if keepdims or a not in axes])
