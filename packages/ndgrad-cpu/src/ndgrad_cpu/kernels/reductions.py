"""Reductions: sums by BLAS, other ufuncs reduced over threads for large arrays.

Two-byte dtypes are added up in float32, as PyTorch does: 256 + 1 is 256 in bfloat16.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ndgrad_cpu.kernels.sums import CHUNK, SMALL, add_up, by_blas, ones
from ndgrad_cpu.kernels.threads import THREADED, over_threads

__all__ = ["KERNELS", "in_float32"]

Array = Any
Axes = tuple[int, ...]

# Called as (x, axes, dtype, out, keepdims), which is faster than by keyword and unknown to NumPy's types.
_add: Any = np.add.reduce
_maximum: Any = np.maximum.reduce
_every: Any = np.logical_and.reduce
_some: Any = np.logical_or.reduce


def in_float32(kernel: Callable[..., Array]) -> Callable[..., Array]:
    """``kernel`` for two-byte dtypes: computed in float32, the result rounded once."""

    def wide(x: Array, **params: Any) -> Array:
        return kernel(x.astype(np.float32), **params).astype(x.dtype)

    return wide


# -- ufuncs ------------------------------------------------------------------------------------------------------------


def _reduction(ufunc: Any) -> Callable[..., Array]:
    reduce = ufunc.reduce

    def kernel(x: Array, axis: Axes, keepdims: bool) -> Array:
        if x.nbytes < THREADED:
            return reduce(x, axis, None, None, keepdims)
        kept = [i for i in range(x.ndim) if i not in axis and x.shape[i] > 1]
        if kept:
            return _over_kept(ufunc, x, axis, keepdims, max(kept, key=lambda i: abs(x.strides[i])))
        if not x.flags.c_contiguous:
            return reduce(x, axis, None, None, keepdims)
        flat, parts = x.reshape(-1), {}

        def work(start: int, stop: int) -> None:
            parts[start] = reduce(flat[start:stop])

        over_threads(work, x.size, x.nbytes)
        whole = reduce([parts[start] for start in sorted(parts)])
        return whole.reshape([1] * x.ndim) if keepdims else whole

    return kernel


def _over_kept(ufunc: Any, x: Array, axis: Axes, keepdims: bool, along: int) -> Array:
    """Each thread reduces a stretch of an axis that is kept."""
    out = np.empty([1 if i in axis else n for i, n in enumerate(x.shape)], x.dtype)

    def work(start: int, stop: int) -> None:
        part = (slice(None),) * along + (slice(start, stop),)
        ufunc.reduce(x[part], axis, None, out[part], True)

    over_threads(work, x.shape[along], x.nbytes)
    return out if keepdims else out.reshape([n for i, n in enumerate(x.shape) if i not in axis])


def _extreme(ufunc: Any, place: Callable[[Array], Any]) -> Callable[..., Array]:
    reduce = _reduction(ufunc)

    def kernel(x: Array, axis: Axes, keepdims: bool) -> Array:
        if len(axis) == x.ndim and not keepdims and 0 < x.nbytes < SHORT:
            flat = x.ravel()
            return flat[place(flat)]  # the first NaN, if there is one
        return reduce(x, axis, keepdims)

    return kernel


SHORT = 1 << 12  # bytes of an array whose extreme is found sooner by its place: to begin a reduction takes 1 us
_ufunc_sum, _prod = map(_reduction, (np.add, np.multiply))
_max, _min = _extreme(np.maximum, np.ndarray.argmax), _extreme(np.minimum, np.ndarray.argmin)


def _sum(x: Array, axis: Axes, keepdims: bool) -> Array:
    if x.size <= SMALL:
        if len(axis) == x.ndim and not keepdims and x.dtype.char in "fd" and x.size <= CHUNK:
            return x.ravel().dot(ones(x.size, x.dtype))
        return _add(x, axis, None, None, keepdims)
    if not by_blas(x):
        return _ufunc_sum(x, axis, keepdims)
    if x.flags.c_contiguous:
        return add_up(x, axis, keepdims)
    return add_up(x.T, [x.ndim - 1 - i for i in axis], keepdims).T


def _count(x: Array, axis: Axes) -> int:
    return math.prod([x.shape[a] for a in axis])


def _mean(x: Array, axis: Axes, keepdims: bool) -> Array:
    n = _count(x, axis)
    return _sum(x, axis, keepdims) / n if n else _sum(x, axis, keepdims) * x.dtype.type(math.nan)


def _var(x: Array, axis: Axes, correction: float, keepdims: bool) -> Array:
    deviation = x - _mean(x, axis, True)
    deviation *= deviation
    total = _sum(deviation, axis, keepdims)
    freedom = _count(x, axis) - correction
    return total / freedom if freedom > 0 else np.divide(total, x.dtype.type(0))


def _std(x: Array, axis: Axes, correction: float, keepdims: bool) -> Array:
    return np.sqrt(_var(x, axis, correction, keepdims))


def _count_nonzero(x: Array, axis: Axes, keepdims: bool) -> Array:
    if len(axis) == x.ndim and not keepdims:
        return np.count_nonzero(x)
    return _add(x != 0, axis, np.int64, None, keepdims)


def _running(ufunc: Any) -> Callable[..., Array]:
    initial = ufunc.identity

    def kernel(x: Array, axis: int, include_initial: bool) -> Array:
        n = x.shape[axis]
        if not include_initial and (axis == x.ndim - 1 or x.size < 64 * n):
            return ufunc.accumulate(x, axis, x.dtype)
        out = np.empty((*x.shape[:axis], n + include_initial, *x.shape[axis + 1 :]), x.dtype)
        across = np.moveaxis(out, axis, 0)
        if include_initial:
            across[0] = initial
            across = across[1:]
        if axis == x.ndim - 1 or x.size < 64 * n:
            ufunc.accumulate(x, axis, None, np.moveaxis(across, 0, axis))
        else:  # line by line: NumPy would walk down each column
            lines = np.moveaxis(x, axis, 0)
            across[:1] = lines[:1]
            for i in range(1, n):
                ufunc(across[i - 1], lines[i], out=across[i])
        return out

    return kernel


def _logsumexp(x: Array, axis: Axes, keepdims: bool) -> Array:
    if not x.size:
        return np.log(_add(x, axis, None, None, keepdims))
    peak = _max(x.real if x.dtype.kind == "c" else x, axis, True)
    peak = np.where(np.isinf(peak), 0, peak)
    e = np.subtract(x, peak, out=np.empty_like(x))
    total = np.log(_add(np.exp(e, out=e), axis, None, None, True)) + peak
    return total if keepdims else total.reshape([n for i, n in enumerate(x.shape) if i not in axis])


# -- by name -----------------------------------------------------------------------------------------------------------

_ROUNDED_ONCE: dict[str, Callable[..., Array]] = {
    "sum": _sum,
    "prod": _prod,
    "mean": _mean,
    "var": _var,
    "std": _std,
    "max": _max,
    "min": _min,
    "logsumexp": _logsumexp,
    "cumulative_sum": _running(np.add),
    "cumulative_prod": _running(np.multiply),
}
KERNELS: dict[Any, Callable[..., Array]] = {
    **_ROUNDED_ONCE,
    **{(name, half): in_float32(f) for name, f in _ROUNDED_ONCE.items() for half in ("float16", "bfloat16")},
    "all": lambda x, axis, keepdims: _every(x, axis, None, None, keepdims),
    "any": lambda x, axis, keepdims: _some(x, axis, None, None, keepdims),
    "argmax": lambda x, axis, keepdims: x.argmax(axis, keepdims=keepdims),
    "argmin": lambda x, axis, keepdims: x.argmin(axis, keepdims=keepdims),
    "count_nonzero": _count_nonzero,
}
