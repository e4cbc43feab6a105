"""Softmax, its logarithm and standardization: functions of whole rows or columns, on blocks that stay in cache."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ndgrad_cpu.kernels.reductions import KERNELS as REDUCTIONS
from ndgrad_cpu.kernels.sums import column_sums, ones, row_sums
from ndgrad_cpu.kernels.threads import BLOCK, THREADED, block, over_threads, threaded, write

__all__ = ["KERNELS", "standardize", "standardize_backward"]

Array = Any
Axes = tuple[int, ...]
NARROW = 48  # columns of a matrix up to which NumPy's loops over its rows cost more than making them one long row

SMALL = 1 << 14  # bytes of an array that is taken as it is

# Called as (x, axes, dtype, out, keepdims).
_add: Any = np.add.reduce
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


# -- standardization ---------------------------------------------------------------------------------------------------


def _standardize(eps: float) -> Callable[..., None]:
    def function(x: Array, y: Array, mean: Array, var: Array, along: int) -> None:
        count = x.shape[along]
        np.divide(_total(x, along), count, out=mean)
        np.subtract(x, _spread(mean, x), out=y)
        np.divide(_inner(y, y, along), count, out=var)
        np.divide(y, _spread(np.sqrt(var + eps), x), out=y)

    return function


def _standardize_backward(eps: float) -> Callable[..., None]:
    """(g - mean(g) - y mean(g y)) / sigma."""

    def function(g: Array, y: Array, var: Array, out: Array, along: int) -> None:
        count, scale = g.shape[along], 1 / np.sqrt(var + eps)
        np.multiply(y, _spread(_inner(g, y, along) / -count, y), out=out)
        np.add(out, g, out=out)
        np.subtract(out, _spread(_total(g, along) / count, y), out=out)
        np.multiply(out, _spread(scale, y), out=out)

    return function


# -- small arrays, for which blocks and layouts take longer than the work ----------------------------------------------


def _largest(x: Array) -> Array:
    """The largest number of a vector, or NaN if there is one, as a vector of length 1."""
    at = x.argmax()  # a fifth of the time of a ufunc's reduction, and it takes NaN for the largest too
    return x[at : at + 1]


def _small_softmax(x: Array, axis: Axes) -> Array:
    if x.ndim == 1:
        out = x - _largest(x)
        np.exp(out, out=out)
        out /= out.dot(ones(out.size, out.dtype))
        return out
    out = x - _maximum(x, axis, None, None, True)
    np.exp(out, out=out)
    out /= _add(out, axis, None, None, True)
    return out


def _small_log_softmax(x: Array, axis: Axes) -> Array:
    if x.ndim == 1:
        out = x - _largest(x)
        out -= np.log(np.exp(out).dot(ones(out.size, out.dtype)))
        return out
    out = x - _maximum(x, axis, None, None, True)
    out -= np.log(_add(np.exp(out), axis, None, None, True))
    return out


# -- blocks ------------------------------------------------------------------------------------------------------------


def _blockwise(function: Callable[..., None], arrays: list[Array], axis: Axes) -> None:
    """``function`` on contiguous arrays of one shape, or of length 1 along neighbouring axes; it writes to the last."""
    shape, nbytes = arrays[0].shape, arrays[0].nbytes
    before, after = math.prod(shape[: axis[0]]), math.prod(shape[axis[-1] + 1 :])
    if after == 1:
        rows = [x.reshape(before, -1) for x in arrays]

        def work(start: int, stop: int) -> None:
            step = block(stop - start, before, nbytes // before)
            for i in range(start, stop, step):
                function(*[x[i : min(i + step, stop)] for x in rows], 1)

        over_threads(work, before, 4 * nbytes)
    else:
        matrices = [x.reshape(before, -1, after) for x in arrays]
        step = max(64, 4 * BLOCK * before * after // nbytes)
        places = [(i, slice(j, j + step)) for i in range(before) for j in range(0, after, step)]

        def work(start: int, stop: int) -> None:
            for i, part in places[start:stop]:
                function(*[x[i, :, part] for x in matrices], 0)

        over_threads(work, len(places), 4 * nbytes)


def _run(function: Callable[..., None], xs: tuple[Array, ...], axis: Axes, *reduced: bool) -> list[Array]:
    """The arrays that ``function`` writes behind the operands, each of their shape, or of length 1 along the axes."""
    axis, first = tuple(sorted(axis)), xs[0]
    if not axis:
        return [x[..., 0] for x in _run(function, tuple(x[..., None] for x in xs), (first.ndim,), *reduced)]
    if axis[-1] - axis[0] >= len(axis):  # not neighbours: brought to the end
        last = tuple(range(first.ndim - len(axis), first.ndim))
        found = _run(function, tuple(np.moveaxis(x, axis, last) for x in xs), last, *reduced)
        return [np.moveaxis(x, last, axis) for x in found]
    one = [1 if i in axis else n for i, n in enumerate(first.shape)]
    outs = [np.empty(one if short else first.shape, first.dtype) for short in reduced]
    _blockwise(function, [*map(np.ascontiguousarray, xs), *outs], axis)
    return outs


def _kernel(function: Callable[..., None], small: Callable[..., Array]) -> Callable[..., Array]:
    """``function`` on blocks of large arrays, ``small`` on small ones as they are."""

    def kernel(*xs: Array, axis: Axes) -> Array:
        if 0 < xs[0].nbytes <= SMALL and xs[0].itemsize > 2 and axis:
            return small(*xs, axis)
        if not xs[0].size:
            return xs[0].copy()
        if xs[0].itemsize == 2:
            return _run(function, tuple(x.astype(np.float32) for x in xs), axis, False)[0].astype(xs[0].dtype)
        return _run(function, xs, axis, False)[0]

    return kernel


def standardize(x: Array, axes: Axes, eps: float) -> tuple[Array, Array, Array]:
    """(x - mean) / sqrt(var + eps), with the mean and the variance over the axes."""
    if not x.size:
        empty = np.empty([1 if i in axes else n for i, n in enumerate(x.shape)], x.dtype)
        empty.fill(math.nan)
        return x.copy(), empty, empty.copy()
    if x.nbytes <= SMALL:
        count = math.prod([x.shape[a] for a in axes])
        mean = _add(x, axes, None, None, True) / x.dtype.type(count)
        y = x - mean
        var = _add(y * y, axes, None, None, True) / x.dtype.type(count)
        y /= np.sqrt(var + eps)
        return y, mean, var
    y, mean, var = _run(_standardize(eps), (x,), axes, False, True, True)
    return y, mean, var


def standardize_backward(g: Array, y: Array, var: Array, axes: Axes, eps: float) -> Array:
    """What of the cotangent of the first result of :func:`standardize` reaches its operand."""
    if not g.size:
        return g.copy()
    if g.nbytes <= SMALL:
        count = g.dtype.type(-math.prod([g.shape[a] for a in axes]))
        out = y * (_add(g * y, axes, None, None, True) / count)
        out += g
        out += _add(g, axes, None, None, True) / count
        out /= np.sqrt(var + eps)
        return out
    return _run(_standardize_backward(eps), (g, y, var), axes, False)[0]


def affine(x: Array, weight: Array, bias: Array, at: int) -> Array:
    """``x * weight + bias``, which lie along the axes of ``x`` from ``at`` on."""
    after = x.ndim - at - weight.ndim
    if after:
        weight, bias = (values.reshape(*values.shape, *(1,) * after) for values in (weight, bias))
    y = _multiply(x, weight)
    if y.nbytes < THREADED:
        return np.add(y, bias, out=y)
    write(np.add, (y, bias), y)
    return y


def affine_backward(g: Array, x: Array, weight: Array, at: int) -> tuple[Array, Array, Array]:
    """The cotangents of the three operands of :func:`affine`."""
    others = tuple(i for i in range(g.ndim) if not at <= i < at + weight.ndim)
    add_up = REDUCTIONS["sum"] if g.itemsize > 2 else REDUCTIONS["sum", "float16"]
    dw = add_up(_multiply(g, x), axis=others, keepdims=False)
    db = add_up(g, axis=others, keepdims=False)
    return _multiply(g, weight.reshape(*weight.shape, *(1,) * (g.ndim - at - weight.ndim))), dw, db


_multiply = threaded(np.multiply)

KERNELS: dict[Any, Callable[..., Array]] = {
    "affine": affine,
    "affine_backward": affine_backward,
    "softmax": _kernel(_softmax, _small_softmax),
    "softmax_backward": _kernel(_softmax_backward, lambda g, y, axis: (g - _add(g * y, axis, None, None, True)) * y),
    "log_softmax": _kernel(_log_softmax, _small_log_softmax),
    "log_softmax_backward": _kernel(
        _log_softmax_backward, lambda g, y, axis: g - np.exp(y) * _add(g, axis, None, None, True)
    ),
    "standardize": standardize,
    "standardize_backward": standardize_backward,
}
