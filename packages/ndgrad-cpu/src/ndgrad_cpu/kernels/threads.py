"""Large element-wise work over threads, one stretch of the arrays each: ufunc loops release the interpreter lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from operator import or_
from typing import Any

import numpy as np

from ndgrad.plugins import BySize
from ndgrad_cpu.kernels.parallel import cores, share

__all__ = ["BLOCK", "THREADED", "block", "blocked", "over_threads", "threaded", "write"]

Array = Any
ndarray = np.ndarray

# Measured on two cores of a Zen 4 with 1 MiB of L2 each: another thread joins in after 50 us, in which one core adds
# 0.4M floats. Whenever a thread finds the interpreter taken it loses as much again: so they take blocks larger than L2.
THREADED = 1 << 22  # bytes of a result from which another thread pays for one cheap pass over it
LATE = 3 << 19  # bytes of a result that the calling thread writes meanwhile
BLOCK = 1 << 18  # bytes of a block whose intermediate results stay in the L2 cache, or close to it


def threaded(ufunc: Any, cost: int = 1) -> BySize:
    """A ufunc of one or two operands, over threads for large arrays.

    Args:
        ufunc: NumPy's.
        cost: the time that it takes, as a multiple of an addition's.
    """
    return BySize(ufunc, lambda *xs: _split(ufunc, cost, *xs), THREADED // cost)


def blocked(function: Callable[..., None], scratch: int = 0) -> BySize:
    """A kernel made of several ufuncs, block by block for large arrays, so that what lies between stays in cache.

    Args:
        function: is given the operands, the array to write the result to, and the scratch arrays.
        scratch: how many it takes, of the shape and dtype of the result.

    The result has the dtype of the first operand that is an array; two-byte dtypes are computed in float32.
    """

    def small(*xs: Any) -> Array:
        x = xs[0]
        if x.itemsize != 2:
            out = np.empty_like(x)
            try:
                function(*xs, out, *[np.empty_like(x) for _ in range(scratch)] if scratch else ())
            except ValueError:  # another operand is larger
                pass
            else:
                return out
        return _in_blocks(function, scratch, xs)

    return BySize(small, lambda *xs: _in_blocks(function, scratch, xs), 2 * BLOCK)


def _in_blocks(function: Callable[..., None], scratch: int, xs: tuple[Any, ...]) -> Array:
    arrays = [x for x in xs if x.__class__ is ndarray]
    first = arrays[0]
    half = first.itemsize == 2
    dense = first.nbytes >= 2 * BLOCK and all(x.strides == first.strides and x.shape == first.shape for x in arrays)
    flat = [x.ravel("K") if x.__class__ is ndarray else x for x in xs] if dense else []
    if not any(x.__class__ is ndarray and np.may_share_memory(x, first) for x in flat):
        # small, broadcast, or with gaps in memory
        return _at_once(function, scratch, map(_single, xs) if half else xs).astype(first.dtype, copy=False)
    out = np.empty_like(first)
    written = out.ravel("K")
    dtype = np.dtype(np.float32) if half else first.dtype

    def work(start: int, stop: int) -> None:
        step = block(stop - start, first.size, dtype.itemsize)
        between = [np.empty(step, dtype) for _ in range(scratch + half)]
        for i in range(start, stop, step):
            n = min(step, stop - i)
            blocks = [x[i : i + n] if x.__class__ is ndarray else x for x in flat]
            rest = [t[:n] for t in between]
            if half:
                function(*map(_single, blocks), *rest)
                written[i : i + n] = rest[0]
            else:
                function(*blocks, written[i : i + n], *rest)

    over_threads(work, first.size, 4 * first.size * dtype.itemsize)
    return out


def _at_once(function: Callable[..., None], scratch: int, xs: Iterable[Any]) -> Array:
    xs = tuple(xs)
    arrays = [x for x in xs if x.__class__ is ndarray]
    shape = np.broadcast_shapes(*[x.shape for x in arrays])
    like = next((x for x in arrays if x.shape == shape), None)
    out = np.empty(shape, arrays[0].dtype) if like is None else np.empty_like(like)
    function(*xs, out, *[np.empty_like(out) for _ in range(scratch)])
    return out


def _single(x: Any) -> Any:
    return x.astype(np.float32) if x.__class__ is ndarray else x


def _split(ufunc: Any, cost: int, *xs: Any) -> Array:
    """``ufunc`` on stretches along an axis that is long enough and lies widest in memory."""
    arrays = [x for x in xs if x.__class__ is ndarray]
    shape = np.broadcast_shapes(*[x.shape for x in arrays])
    dtypes = [getattr(x, "dtype", x.__class__) for x in xs]
    dtype = ufunc.resolve_dtypes((*dtypes, None))[-1]
    like = next((x for x in arrays if x.shape == shape), None)
    out = np.empty(shape, dtype) if like is None else np.empty_like(like, dtype)
    write(ufunc, xs, out, cost)
    return out


def write(ufunc: Any, xs: Sequence[Any], out: Array, cost: int = 1) -> None:
    """``ufunc(*xs, out)`` over threads, for an ``out`` that is large; ``cost`` as in :func:`threaded`."""
    xs, out = _in_longer_rows(xs, out)
    axis = max(range(out.ndim), key=lambda i: (min(out.shape[i], cores()), out.strides[i]))
    whole = [np.broadcast_to(x, out.shape) if _has_axes(x) and x.shape != out.shape else x for x in xs]
    before = (slice(None),) * axis
    calls = []  # sliced here: the other thread is to find the interpreter free, and to leave it at once
    for edges in _stretches(out.shape[axis], max(cost * out.nbytes, THREADED)):
        key = (*before, slice(*edges))
        calls.append((*[x[key] if _has_axes(x) else x for x in whole], out[key]))
    share(ufunc, calls)


def _has_axes(x: Any) -> bool:
    return x.__class__ is ndarray and x.ndim > 0


def _in_longer_rows(xs: Sequence[Any], out: Array) -> tuple[Sequence[Any], Array]:
    """Several rows in one, where an operand is a row: NumPy takes as long to begin a row as for 500 elements."""
    n = out.shape[-1]
    count = out.size // n
    at_once = min(count & -count, (1 << 13) // n)
    rows = [_has_axes(x) and x.size == x.shape[-1] == n for x in xs]
    full = [not _has_axes(x) or (x.shape == out.shape and x.flags.c_contiguous) for x in xs]
    if at_once < 8 or not any(rows) or not out.flags.c_contiguous or not all(map(or_, rows, full)):
        return xs, out
    at_once = 1 << at_once.bit_length() - 1  # a power of two, which divides the number of rows
    longer = [
        np.tile(x.reshape(-1), at_once) if row else x.reshape(-1, at_once * n) if _has_axes(x) else x
        for x, row in zip(xs, rows, strict=True)
    ]
    return longer, out.reshape(-1, at_once * n)


def over_threads(work: Callable[[int, int], None], length: int, amount: int) -> None:
    """``work`` on stretches of ``range(length)``, over threads where there is enough of it.

    Args:
        work: takes the first index and the one after the last.
        length: how many indices there are.
        amount: the bytes of the result, times the cheap passes over them that the work is worth.
    """
    share(work, _stretches(length, amount))


def block(length: int, whole: int, itemsize: int) -> int:
    """How many elements of a stretch, of so many in the whole array, to take at a time."""
    return max(1, min(length, (BLOCK if length == whole else 4 * BLOCK) // itemsize))


def _stretches(length: int, amount: int) -> list[tuple[int, int]]:
    """The first is longer by what its thread does until the others join in."""
    parts = min(cores(), length, 2 * amount // THREADED) if amount >= THREADED else 1
    late = min(length * LATE // amount, length) if parts > 1 else 0
    return list(pairwise([0, *(late + (length - late) * i // parts for i in range(1, parts + 1))]))
