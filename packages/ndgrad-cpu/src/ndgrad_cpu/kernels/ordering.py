"""Sorting, searching and scattering: faster than NumPy's namespace, and with NaN the largest in bfloat16 too."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any, Literal

import numpy as np

from ndgrad_cpu.kernels.threads import BLOCK, over_threads

__all__ = ["KERNELS"]

Array = Any


def _comparable(x: Array) -> Array:
    return x.astype(np.float32) if x.dtype.kind == "V" else x  # bfloat16's kind; to ask for its name takes long


def _reversed(x: Array, axis: int) -> Array:
    return x[(slice(None),) * axis + (slice(None, None, -1),)]  # np.flip takes five times as long to say so


def _sort(x: Array, axis: int, descending: bool, stable: bool) -> Array:
    if x.dtype.kind in "iuf":
        stable = stable and _has_negative_zeros(x)  # other equal numbers cannot be told apart
    kind: Literal["stable"] | None = "stable" if stable else None
    if not descending:
        return np.sort(x, axis, kind)
    return np.ascontiguousarray(_reversed(np.sort(_reversed(x, axis), axis, kind), axis))


def _has_negative_zeros(x: Array) -> bool:
    return x.dtype.kind == "f" and bool(np.signbit(x[x == 0]).any())


def _argsort(x: Array, axis: int, descending: bool, stable: bool) -> Array:
    x = _comparable(x)
    kind: Literal["stable"] | None = "stable" if stable else None
    if not descending:
        return np.argsort(x, axis, kind)
    # Sorting from the back keeps equal elements in order when the result is turned around.
    return x.shape[axis] - 1 - _reversed(np.argsort(_reversed(x, axis), axis, kind), axis)


def _top_indices(x: Array, k: int, axis: int, largest: bool) -> Array:
    x, n = _comparable(x), x.shape[axis]
    if k == 0 or n < 64 or 4 * k > n:
        return _argsort(x, axis, largest, True)[(slice(None),) * axis + (slice(k),)]
    place, part = (n - k, np.arange(n - k, n)) if largest else (k - 1, np.arange(k))
    chosen = np.argpartition(x, place, axis).take(part, axis)
    chosen.sort(axis)
    order = _argsort(np.take_along_axis(x, chosen, axis), axis, largest, True)
    return np.take_along_axis(chosen, order, axis)


def _searchsorted(x1: Array, x2: Array, side: Any) -> Array:
    return np.searchsorted(_comparable(x1), _comparable(x2), side)


def _scatter_add_flat(values: Array, indices: Array, n: int) -> Array:
    if values.itemsize == 2 and values.dtype.kind not in "iu":
        return _scatter_add_flat(values.astype(np.float32), indices, n).astype(values.dtype)
    out = np.zeros((n, *values.shape[1:]), values.dtype)
    width = math.prod(values.shape[1:])
    if values.size > 1 << 16 and width > 1 and values.dtype.kind in "fc" and (sparse := _sparse()) is not None:
        one_hot = (np.ones(len(indices), values.dtype), _rows(indices, n), np.arange(len(indices) + 1))
        return (sparse.csc_array(one_hot, (n, len(indices))) @ values.reshape(-1, width)).reshape(out.shape)
    if width == 1:
        np.add.at(out.reshape(-1), indices, values.reshape(-1))
    elif width and indices.size:
        # NumPy adds to places in one dimension four times as fast as to rows.
        places = (_rows(indices, n)[:, None] * width + np.arange(width)).reshape(-1)
        np.add.at(out.reshape(-1), places, values.reshape(-1))
    return out


def _add_along_axis(values: Array, indices: Array, shape: tuple[int, ...], axis: int) -> Array:
    if not values.size:
        return np.zeros(shape, values.dtype)
    rows = _rows(indices, shape[axis])
    if len(shape) == 1:
        return _scatter_add_flat(values, np.broadcast_to(rows, values.shape), shape[0])
    steps = [math.prod(shape[i + 1 :]) for i in range(len(shape))]
    flat = rows * steps[axis]
    for i, n in enumerate(values.shape):
        if i != axis and n > 1:
            flat = flat + (np.arange(n) * steps[i]).reshape(-1, *(1,) * (values.ndim - 1 - i))
    flat = np.broadcast_to(flat, values.shape).reshape(-1)
    return _scatter_add_flat(values.reshape(-1), flat, math.prod(shape)).reshape(shape)


def _rows(indices: Array, n: int) -> Array:
    """Indices counted from the front.

    Raises:
        IndexError: one is out of range.
    """
    low, high = int(indices.min()), int(indices.max())
    if low < -n or high >= n:
        raise IndexError(f"index {high if high >= n else low} is out of range for {n} rows")
    return (indices if low >= 0 else np.where(indices < 0, indices + n, indices)).astype(np.intp, copy=False)


@cache
def _sparse() -> Any:
    """SciPy's sparse matrices, where SciPy is installed: a one-hot product is the fastest way to add rows."""
    try:
        from scipy import sparse
    except ImportError:
        return None
    return sparse


def _where(condition: Array, x1: Array, x2: Array) -> Array:
    """For large arrays by the bits, block by block: NumPy's branch for each element costs eight times as much."""
    integer = {1: np.int8, 2: np.int16, 4: np.int32, 8: np.int64}.get(x1.itemsize)
    whole = [x for x in (x1, x2) if x.ndim]
    if condition.size < BLOCK or integer is None or x1.dtype != x2.dtype or not condition.flags.c_contiguous:
        return np.where(condition, x1, x2)
    if not whole or not all(x.shape == condition.shape and x.flags.c_contiguous for x in whole):
        return np.where(condition, x1, x2)
    out = np.empty(condition.shape, x1.dtype)
    result, a, b = (x.reshape(-1).view(integer) for x in (out, x1, x2))
    mask = condition.reshape(-1).view(np.int8)

    def work(start: int, stop: int) -> None:
        for i in range(start, stop, BLOCK):
            part = slice(i, min(i + BLOCK, stop))
            a_part, b_part = a[part] if x1.ndim else a, b[part] if x2.ndim else b
            chosen = np.bitwise_xor(a_part, b_part, out=result[part])
            chosen &= np.negative(mask[part], dtype=integer)
            chosen ^= b_part

    over_threads(work, out.size, 2 * out.nbytes)
    return out


def _unique(x: Array, *which: str) -> Any:
    wanted: dict[str, Any] = {f"return_{w}": True for w in which}
    found = np.unique(_comparable(x).reshape(-1), equal_nan=False, **wanted)
    values, *rest = found if which else (found,)
    named = dict(zip(which, rest, strict=True))
    if "inverse" in named:
        named["inverse"] = named["inverse"].reshape(x.shape)
    values = values.astype(x.dtype, copy=False)
    return (values, *named.values()) if which else values


def _take_along_axis(x: Array, indices: Array, axis: int) -> Array:
    return x.take(indices) if x.ndim == 1 else np.take_along_axis(x, indices, axis)


KERNELS: dict[Any, Callable[..., Any]] = {
    "sort": _sort,
    ("sort", "bfloat16"): lambda x, **params: _sort(_comparable(x), **params).astype(x.dtype),
    "argsort": _argsort,
    "top_indices": _top_indices,
    "searchsorted": _searchsorted,
    "add_along_axis": _add_along_axis,
    "scatter_add_flat": _scatter_add_flat,
    "unique": lambda x: _unique(x, "index", "inverse", "counts"),
    "unique_all": lambda x: _unique(x, "index", "inverse", "counts"),
    "unique_counts": lambda x: _unique(x, "counts"),
    "unique_inverse": lambda x: _unique(x, "inverse"),
    "unique_values": lambda x: _unique(x),
    "isin": lambda x1, x2, invert: np.isin(_comparable(x1), _comparable(x2), invert=invert),
    "take": lambda x, indices, axis: x.take(indices, axis),
    "take_along_axis": _take_along_axis,
    "where": _where,
}
