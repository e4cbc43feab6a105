"""How an array is seen for work along some of its axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

__all__ = ["Layout", "layout"]

Array = Any


class Layout(NamedTuple):
    """A contiguous array as (outer, kept, inner), where work goes along the outer and the inner axis."""

    outer: int
    kept: int
    inner: int


def layout(x: Array, axes: Sequence[int]) -> Layout | None:
    """The layout in which ``axes`` (counted from the front) are outer and inner; None if there is none, or no element.

    Work along the last axes has an outer axis of 1, and work along the first ones an inner axis of 1.
    """
    if not x.size or not axes or not x.flags.c_contiguous:
        return None
    wide = [a for a, n in enumerate(x.shape) if n > 1]
    along = [a for a in wide if a in axes]
    kept = [a for a in wide if a not in axes]
    if not kept:
        return Layout(1, 1, x.size)
    if kept[-1] - kept[0] >= len(kept) + sum(x.shape[a] == 1 for a in range(kept[0], kept[-1])):
        return None  # axes to work along lie between
    sizes = [math.prod(x.shape[a] for a in part) for part in (
        [a for a in along if a < kept[0]], kept, [a for a in along if a > kept[-1]]
    )]  # fmt: skip
    return Layout(*sizes)
