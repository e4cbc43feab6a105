"""Large element-wise work over threads, one stretch of the arrays each: ufunc loops release the interpreter lock.

Small arrays pay for one comparison of their size, 0.03 us.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from itertools import pairwise
from typing import Any

import numpy as np

from ndgrad_cpu.kernels.parallel import cores, pool

__all__ = ["blocked", "over_threads", "threaded"]

Array = Any
ndarray = np.ndarray
THREADED = 1 << 21  # elements from which handing work to another thread pays: that costs 70 us
BLOCK = 1 << 15  # elements of a block whose intermediate results stay in the L2 cache


def threaded(ufunc: Any) -> Callable[..., Array]:
    """A ufunc of one or two operands, over threads for large arrays."""

    def unary(x: Array) -> Array:
        return ufunc(x) if x.size < THREADED else _split(ufunc, x)

    def binary(x1: Any, x2: Any) -> Array:
        if (x1 if x1.__class__ is ndarray else x2).size < THREADED:
            return ufunc(x1, x2)
        return _split(ufunc, x1, x2)

    return unary if ufunc.nin == 1 else binary


def blocked(function: Callable[..., Array]) -> Callable[..., Array]:
    """A function made of several ufuncs, block by block for large arrays, so that what lies between stays in cache.

    The result has the dtype of the operands; two-byte dtypes are computed in float32.
    """

    def kernel(*xs: Any) -> Array:
        x = xs[0]
        if x.__class__ is np.ndarray and x.itemsize != 2 and x.size < 2 * BLOCK:
            return function(*xs)
        return _in_blocks(function, xs)

    return kernel


def _in_blocks(function: Callable[..., Array], xs: tuple[Any, ...]) -> Array:
    arrays = [x for x in xs if x.__class__ is np.ndarray]
    first = arrays[0]
    half = first.itemsize == 2
    dense = all(x.strides == first.strides and x.shape == first.shape for x in arrays)
    flat = [x.ravel("K") if x.__class__ is np.ndarray else x for x in xs] if dense and first.size >= 2 * BLOCK else []
    flattened = any(x.__class__ is np.ndarray and np.may_share_memory(x, first) for x in flat)
    if not flattened:  # small, broadcast, or with gaps in memory
        return function(*map(_single, xs)).astype(first.dtype) if half else function(*xs)
    out = np.empty_like(first)
    written = out.ravel("K")

    def work(start: int, stop: int) -> None:
        for i in range(start, stop, BLOCK):
            part = slice(i, min(i + BLOCK, stop))
            blocks = [x[part] if x.__class__ is np.ndarray else x for x in flat]
            written[part] = function(*map(_single, blocks)) if half else function(*blocks)

    over_threads(work, first.size)
    return out


def _single(x: Any) -> Any:
    return x.astype(np.float32) if x.__class__ is np.ndarray else x


def _split(ufunc: Any, *xs: Any) -> Array:
    """``ufunc`` on stretches along an axis that is long enough and lies widest in memory."""
    arrays = [x for x in xs if x.__class__ is np.ndarray]
    shape = np.broadcast_shapes(*[x.shape for x in arrays])
    dtypes = [getattr(x, "dtype", x.__class__) for x in xs]
    dtype = ufunc.resolve_dtypes((*dtypes, None))[-1]
    like = next((x for x in arrays if x.shape == shape), None)
    out = np.empty(shape, dtype) if like is None else np.empty_like(like, dtype)
    axis = max(range(out.ndim), key=lambda i: (min(shape[i], cores()), out.strides[i]))
    spread = [np.broadcast_to(x, shape) if x.__class__ is np.ndarray else x for x in xs]
    index: list[Any] = [slice(None)] * out.ndim

    def work(start: int, stop: int) -> None:
        key = (*index[:axis], slice(start, stop))
        ufunc(*[x[key] if x.__class__ is np.ndarray else x for x in spread], out=out[key])

    over_threads(work, out.size, shape[axis])
    return out


def over_threads(work: Callable[[int, int], None], size: int, length: int | None = None) -> None:
    """``work`` on stretches of ``range(length)``, here and on other threads, with this one's error state."""
    length = size if length is None else length
    parts = min(cores(), length) if size >= THREADED else 1
    edges = [length * i // parts for i in range(parts + 1)]
    waiting = [pool().submit(copy_context().run, work, start, stop) for start, stop in pairwise(edges[1:])]
    work(edges[0], edges[1])
    for part in waiting:
        part.result()
