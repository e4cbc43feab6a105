"""Softmax, its logarithm and standardization: functions of whole rows or columns, on blocks that stay in cache."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ndgrad_cpu.kernels.sums import column_sums, ones, row_sums
from ndgrad_cpu.kernels.threads import BLOCK, block, over_threads

__all__ = ["KERNELS"]

Array = Any
Axes = tuple[int, ...]
NARROW = 48  # columns of a matrix up to which NumPy's loops over its rows cost more than making them one long row

_maximum: Any = np.maximum.reduce
_minimum: Any = np.minimum.reduce

# -- matrices, along one of their axes ---------------------------------------------------------------------------------


def _total(x: Array, along: int) -> Array:
    """Sums along an axis, kept with length 1."""
    return row_sums(x)[:, None] if along else column_sums(x)[None]


def _inner(x: Array, y: Array, along: int) -> Array:
    """Sums of products along an axis, kept."""
    if along:
        return np.vecdot(x.conj() if x.dtype.kind == "c" else x, y)[:, None]
    return column_sums(x * y)[None]


def _peak(x: Array, along: int) -> Array:
    if not along or x.shape[1] > NARROW:
        return _maximum(x, along, None, None, True)
    peak = x[:, 0].copy()
    for i in range(1, x.shape[1]):
        np.maximum(peak, x[:, i], out=peak)
    return peak[:, None]


def _spread(values: Array, like: Array) -> Array:
    """A column ready to be combined with ``like``: repeated, where NumPy's loops over short rows would take longer."""
    if values.shape[1] > 1 or like.shape[1] > NARROW or like.shape[0] < 64:
        return values
    return np.dot(values, ones(like.shape[1], like.dtype)[None])


# -- softmax -----------------------------------------------------------------------------------------------------------


def _softmax(x: Array, out: Array, along: int) -> None:
    flat = x.reshape(-1)
    if _minimum(flat) > -64 and _maximum(flat) < 64:  # exp neither overflows nor loses digits, and sums do not either
        np.exp(x, out=out)
    else:
        np.subtract(x, _spread(_peak(x, along), x), out=out)
        np.exp(out, out=out)
    np.divide(out, _spread(_total(out, along), x), out=out)


def _softmax_backward(g: Array, y: Array, out: Array, along: int) -> None:
    """(g - sum(g y)) y."""
    np.subtract(g, _spread(_inner(g, y, along), y), out=out)
    np.multiply(out, y, out=out)


def _log_softmax(x: Array, out: Array, along: int) -> None:
    np.subtract(x, _spread(_peak(x, along), x), out=out)
    total = _total(np.exp(out), along)
    np.subtract(out, _spread(np.log(total), x), out=out)


def _log_softmax_backward(g: Array, y: Array, out: Array, along: int) -> None:
    # g - exp(y) sum(g)
    np.exp(y, out=out)
    np.multiply(out, _spread(_total(g, along), y), out=out)
    np.subtract(g, out, out=out)


# -- blocks ------------------------------------------------------------------------------------------------------------


def _blockwise(function: Callable[..., None], xs: tuple[Array, ...], axis: Axes) -> Array:
    """``function`` on contiguous arrays of one shape, along neighbouring axes."""
    shape = xs[0].shape
    count, after = math.prod(shape[axis[0] : axis[-1] + 1]), math.prod(shape[axis[-1] + 1 :])
    out = np.empty(shape, xs[0].dtype)
    if after == 1:
        rows = [x.reshape(-1, count) for x in (*xs, out)]

        def work(start: int, stop: int) -> None:
            step = block(stop - start, len(rows[0]), count * out.itemsize)
            for i in range(start, stop, step):
                function(*[x[i : min(i + step, stop)] for x in rows], 1)

        over_threads(work, len(rows[0]), 4 * out.nbytes)
    else:
        matrices = [x.reshape(-1, count, after) for x in (*xs, out)]
        step = max(64, 4 * BLOCK // (count * out.itemsize))
        places = [(i, slice(j, j + step)) for i in range(len(matrices[0])) for j in range(0, after, step)]

        def work(start: int, stop: int) -> None:
            for i, part in places[start:stop]:
                function(*[x[i, :, part] for x in matrices], 0)

        over_threads(work, len(places), 4 * out.nbytes)
    return out


def _kernel(function: Callable[..., None]) -> Callable[..., Array]:
    def kernel(*xs: Array, axis: Axes) -> Array:
        dtype = xs[0].dtype
        if dtype.itemsize == 2:
            return kernel(*[x.astype(np.float32) for x in xs], axis=axis).astype(dtype)
        axis = tuple(sorted(axis))
        if not axis:
            return kernel(*[x[..., None] for x in xs], axis=(xs[0].ndim,))[..., 0]
        if not xs[0].size:
            return xs[0].copy()
        if axis[-1] - axis[0] >= len(axis):  # not neighbours: brought to the end
            last = tuple(range(xs[0].ndim - len(axis), xs[0].ndim))
            return np.moveaxis(kernel(*[np.moveaxis(x, axis, last) for x in xs], axis=last), last, axis)
        return _blockwise(function, tuple(map(np.ascontiguousarray, xs)), axis)

    return kernel


KERNELS: dict[Any, Callable[..., Array]] = {
    "softmax": _kernel(_softmax),
    "softmax_backward": _kernel(_softmax_backward),
    "log_softmax": _kernel(_log_softmax),
    "log_softmax_backward": _kernel(_log_softmax_backward),
}
