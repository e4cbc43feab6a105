"""Advanced indexing, which NumPy does in one call."""

from __future__ import annotations

import math
import operator
from functools import wraps
from typing import Any

import numpy as np

__all__ = ["KERNELS"]

Array = np.ndarray[Any, Any]


def _key(ndim: int, indices: tuple[Array, ...], dims: tuple[int, ...]) -> tuple[Any, ...]:
    key: list[Any] = [slice(None)] * ndim
    for d, index in zip(dims, indices, strict=True):
        key[d] = index
    return tuple(key)


def _block(indices: tuple[Array, ...], dims: tuple[int, ...], at: int) -> tuple[list[int], list[int]] | None:
    """Where NumPy puts the indices' shape, and where it belongs; None if these are the same."""
    natural = dims[0] if dims == tuple(range(dims[0], dims[0] + len(dims))) else 0
    if natural == at:
        return None
    n = np.broadcast(*indices).ndim if len(indices) > 1 else indices[0].ndim
    return list(range(natural, natural + n)), list(range(at, at + n))


def index(x: Array, *indices: Array, dims: tuple[int, ...], at: int) -> Array:
    """``x`` read at integer arrays on the axes ``dims``; their shape goes to axis ``at``."""
    out = x[_key(x.ndim, indices, dims)]
    moved = _block(indices, dims, at)
    return out if moved is None else np.moveaxis(out, *moved)


def _aligned(value: Array, x: Array, indices: tuple[Array, ...], dims: tuple[int, ...], at: int) -> Array:
    """``value``, laid out as NumPy wants it on the right of ``x[key] = value``."""
    moved = _block(indices, dims, at)
    if moved is None:
        return value
    n = len(moved[0])
    value = value.reshape((1,) * (x.ndim - len(dims) + n - value.ndim) + value.shape)
    return np.moveaxis(value, moved[1], moved[0])


def index_put_(x: Array, value: Array, *indices: Array, dims: tuple[int, ...], at: int) -> None:
    """Write ``value`` into ``x`` at integer arrays on the axes ``dims``."""
    x[_key(x.ndim, indices, dims)] = _aligned(value, x, indices, dims, at)


def index_put(x: Array, value: Array, *indices: Array, dims: tuple[int, ...], at: int) -> Array:
    """A copy of ``x`` with ``value`` written at integer arrays on the axes ``dims``."""
    out = x.copy()
    index_put_(out, value, *indices, dims=dims, at=at)
    return out


def index_add_zeros(g: Array, *indices: Array, shape: tuple[int, ...], dims: tuple[int, ...], at: int) -> Array:
    """Zeros of ``shape``, with ``g`` added at integer arrays on the axes ``dims``; repeated places add up."""
    out = np.zeros(shape, g.dtype)
    whole_rows = dims == (0,) and at == 0 and len(shape) > 1
    if whole_rows and g.size > SORTED and g.size == indices[0].size * math.prod(shape[1:]):  # g is not broadcast
        _add_rows(out, indices[0].reshape(-1) % shape[0], g.reshape(-1, *shape[1:]))
    else:
        np.add.at(out, _key(out.ndim, indices, dims), _aligned(g, out, indices, dims, at))
    return out


SORTED = 2048  # elements from which sorting the rows takes less time than it saves
ROUNDS = 4


def _add_rows(out: Array, rows: Array, values: Array) -> None:
    """Add to zeros row by row, as below an embedding: five times as fast as ``np.add.at``.

    The rows are sorted; then come, as whole blocks, the first value of each row, the second of each that has one, and
    so on. What is left after some rounds are few rows with many values each, which are added up one after the other.
    """
    order = np.argsort(rows, kind="stable")
    rows = rows[order]
    starts = np.flatnonzero(np.concatenate(([True], rows[1:] != rows[:-1])))
    counts = np.diff(starts, append=len(rows))
    out[rows[starts]] = values[order[starts]]
    for done in range(1, ROUNDS):
        starts, counts = starts[counts > done], counts[counts > done]
        out[rows[starts]] += values[order[starts + done]]
    for start, count in zip(starts[counts > ROUNDS], counts[counts > ROUNDS], strict=True):
        out[rows[start]] += np.add.reduce(values[order[start + ROUNDS : start + count]], axis=0)


@wraps(operator.getitem)
def getitem(x: Array, key: Any) -> Array:
    return x[key]


def copy_(x: Array, value: Array) -> None:
    """Write ``value`` over all of ``x``."""
    x[...] = value


KERNELS = {
    "copy_": copy_,
    "getitem": getitem,
    "index": index,
    "index_add_zeros": index_add_zeros,
    "index_put": index_put,
    "index_put_": index_put_,
    "setitem": operator.setitem,
}
