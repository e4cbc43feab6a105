"""Sums of floats as products with ones, by BLAS: NumPy's own reductions reach a quarter of the bandwidth of memory.

A product adds up about ``CHUNK`` numbers, and what it yields is added up in the same way, so that errors grow with the
logarithm of the count, as in NumPy's pairwise sum. Multiplying by one is exact, for infinities and NaN too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any

import numpy as np

__all__ = ["SMALL", "add_up", "by_blas", "column_sums", "ones", "row_sums"]

Array = Any
CHUNK = 256  # with 1024 a sum of a million floats takes a fifth less time, and errs four times as much
SMALL = 1 << 13  # elements up to which NumPy's call is as fast


def by_blas(x: Array) -> bool:
    """Whether :func:`add_up` takes ``x`` or its transpose."""
    return x.dtype.char in "fd" and x.size > 0 and (x.flags.c_contiguous or x.flags.f_contiguous)


def add_up(x: Array, axes: Sequence[int], keepdims: bool) -> Array:
    """The sum of a contiguous array over axes, counted from the front."""
    shape = [1 if i in axes else n for i, n in enumerate(x.shape)]
    for group in reversed(_neighbours(axes)):
        before = math.prod(x.shape[: group[0]])
        count = math.prod(x.shape[group[0] : group[-1] + 1])
        after = x.shape[: group[0]], x.shape[group[-1] + 1 :]
        x = _middle(x.reshape(before, count, -1)).reshape(*after[0], *(1,) * len(group), *after[1])
    return x.reshape(shape if keepdims else [n for i, n in enumerate(shape) if i not in axes])


def _neighbours(axes: Sequence[int]) -> list[list[int]]:
    """Runs of axes that follow each other."""
    return [[a for _, a in run] for _, run in groupby(enumerate(sorted(axes)), lambda pair: pair[1] - pair[0])]


def _middle(x: Array) -> Array:
    """The sum over the middle one of three axes."""
    before, count, after = x.shape
    if not x.size:
        return np.add.reduce(x, 1)
    if after == 1:
        return row_sums(x.reshape(before, count))
    if before > 1 and count * after < SMALL:  # too little for a call of BLAS each
        return np.add.reduce(x, 1)
    if count < 2 * CHUNK:
        return np.matmul(ones(count, x.dtype), x)
    chunk = _chunk(count)
    whole = count - count % chunk
    parts = np.matmul(ones(chunk, x.dtype), x[:, :whole].reshape(before, -1, chunk, after))
    total = _middle(parts)
    if whole < count:
        total += np.matmul(ones(count - whole, x.dtype), x[:, whole:])
    return total


def row_sums(x: Array) -> Array:
    """The sum of each row of a contiguous matrix."""
    rows, count = x.shape
    if count < 2 * CHUNK:
        return x @ ones(count, x.dtype)
    chunk = _chunk(count)
    whole = count - count % chunk
    if whole == count or rows == 1:
        parts = x[:, :whole].reshape(-1, chunk) @ ones(chunk, x.dtype)
    else:
        parts = x[:, :whole].reshape(rows, -1, chunk) @ ones(chunk, x.dtype)
    total = row_sums(parts.reshape(rows, -1))
    if whole < count:
        total += x[:, whole:] @ ones(count - whole, x.dtype)
    return total


def column_sums(x: Array) -> Array:
    """The sum of each column of a matrix whose rows are contiguous."""
    return _middle(x[None])[0]


@lru_cache(maxsize=256)
def _chunk(count: int) -> int:
    """What to add up at once: the largest divisor that is a fair part of ``CHUNK``, or else ``CHUNK``."""
    return next((n for n in range(CHUNK, CHUNK // 4, -1) if count % n == 0), CHUNK)


@lru_cache(maxsize=64)
def ones(n: int, dtype: Any) -> Array:
    """A vector of ones, not to be written to."""
    return np.ones(n, dtype)
