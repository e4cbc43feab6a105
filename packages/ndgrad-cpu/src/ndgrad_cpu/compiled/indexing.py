"""Whole rows read at an array of indices, and the backward pass of that: what an embedding does."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any, Final

import numpy as np

from ndgrad_cpu.compiled.code import Code
from ndgrad_cpu.compiled.team import run

__all__ = ["KERNELS"]

Array = Any
WORK: Final = 1 << 13  # elements that are worth handing to a thread
PARTS: Final = 16  # of the rows at most: for each of them all indices are read
PART_BYTES: Final = 1 << 20  # of rows that are added to while they are in the L2 cache
SHORT: Final = 8  # columns below which NumPy's ways are as good
_TAKE, _ADD = Code("indexing", "take_rows"), Code("indexing", "add_rows")


def index(x: Array, *indices: Array, dims: tuple[int, ...], at: int) -> Array:
    """``x`` read at integers on its first axis."""
    places = indices[0]
    n = prod(x.shape[1:])
    if not _suited(x, indices, dims, at, x.shape[0], n):
        return NotImplemented
    out = np.empty((*places.shape, *x.shape[1:]), x.dtype)
    run(_TAKE, x.dtype.char, (x, places, out, x.shape[0], n), (), places.size, 1 + WORK // n)
    return out


def index_add_zeros(g: Array, *indices: Array, shape: tuple[int, ...], dims: tuple[int, ...], at: int) -> Array:
    """Zeros of ``shape``, with ``g`` added at integers on the first axis."""
    places = indices[0]
    n = prod(shape[1:])
    if not _suited(g, indices, dims, at, shape[0], n) or g.size != places.size * n:
        return NotImplemented
    out = np.empty(shape, g.dtype)
    together = max(-(-shape[0] // PARTS), PART_BYTES // (n * g.itemsize), 1)
    settings = places.size, shape[0], n, together
    run(_ADD, g.dtype.char, (g, places, out, *settings), (), -(-shape[0] // together), 1)
    return out


def _suited(x: Array, indices: tuple[Array, ...], dims: tuple[int, ...], at: int, rows: int, n: int) -> bool:
    places = indices[0]
    return (
        dims == (0,)
        and at == 0
        and n >= SHORT
        and x.dtype.char in "fd"
        and x.flags.c_contiguous
        and places.dtype == np.int64
        and places.flags.c_contiguous
        and places.size > 0
        and -rows <= int(places.min())  # others are NumPy's to refuse
        and int(places.max()) < rows
    )


KERNELS: dict[str, Callable[..., Array]] = {"index": index, "index_add_zeros": index_add_zeros}
