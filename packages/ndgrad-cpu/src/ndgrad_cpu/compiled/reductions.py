"""Reductions of the last axes, of everything, or of outer and inner axes; running sums."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from ndgrad_cpu.compiled.code import Code
from ndgrad_cpu.compiled.halves import is_half, narrowed, widened
from ndgrad_cpu.compiled.layout import layout, reduced
from ndgrad_cpu.compiled.team import run

__all__ = ["KERNELS"]

Array = Any
Axes = tuple[int, ...]
WORK: Final = 1 << 14  # elements that are worth handing to a thread
SHORT: Final = 16  # elements that lie together, below which vectors are not filled
STRETCH: Final = 1 << 14  # elements of an array that is one long row, reduced at a time


def _reduction(code: Code, again: Callable[[Array, Any], Array]) -> Callable[..., Array]:
    """A reduction of the last axes, whose results ``again`` reduces where a row was cut."""

    def call(x: Array, axis: Axes, keepdims: bool) -> Array:
        half = is_half(x)
        if not half and x.dtype.char not in "fd":
            return NotImplemented
        if x.flags.f_contiguous and not x.flags.c_contiguous:
            found = call(x.T, tuple(x.ndim - 1 - a for a in axis), keepdims)
            return found if found is NotImplemented else found.T
        seen = layout(x, axis)
        if seen is None or seen.outer != 1:
            return NotImplemented
        rows, n = seen.kept, seen.inner
        cut = 1 if rows * 8 > n or n <= STRETCH else -(-n // STRETCH)
        if n < 32 or (cut > 1 and n % cut and rows > 1):
            return NotImplemented
        operand, length = widened(x) if half else x, -(-n // cut)
        out = np.empty(rows * cut, operand.dtype)
        run(code, operand.dtype.char, (operand, out, length, x.size), (), rows * cut, 1 + WORK // length)
        if cut > 1:
            out = again(out.reshape(rows, cut), 1)
        out = out.reshape(reduced(x.shape, axis, keepdims))
        return narrowed(out, x.dtype) if half else out

    return call


def _add(x: Array, axis: int) -> Array:
    return np.add.reduce(x, axis, np.float64).astype(x.dtype)


_row_sums = _reduction(Code("reductions", "sums"), _add)
_CHANNEL_SUMS = Code("reductions", "channel_sums")


def _sum(x: Array, axis: Axes, keepdims: bool) -> Array:
    """Of the last axes, or of outer and inner ones; of the first ones BLAS adds up as fast."""
    seen = layout(x, axis)
    if seen is None or seen.outer == 1 or x.dtype.char not in "fd":
        return _row_sums(x, axis, keepdims)
    if seen.inner < SHORT:
        return NotImplemented
    out = np.empty(seen.kept, x.dtype)
    run(_CHANNEL_SUMS, x.dtype.char, (x, out, *seen), (), seen.kept, 1 + WORK // (seen.outer * seen.inner))
    return out.reshape(reduced(x.shape, axis, keepdims))


def _mean(x: Array, axis: Axes, keepdims: bool) -> Array:
    if is_half(x):
        return NotImplemented
    found = _sum(x, axis, keepdims)
    return found if found is NotImplemented else found / (x.size // found.size)


_RUNNING_SUMS = Code("reductions", "running_sums")


def _cumulative_sum(x: Array, axis: int, include_initial: bool) -> Array:
    if x.dtype.char not in "fd" or not x.flags.c_contiguous or include_initial or not x.size:
        return NotImplemented
    n = x.shape[-1]
    if axis != x.ndim - 1 or n == x.size:
        return NotImplemented
    out = np.empty(x.shape, x.dtype)
    run(_RUNNING_SUMS, x.dtype.char, (x, out, n), (), x.size // n, 4 * (1 + WORK // (4 * n)))
    return out


KERNELS: dict[str, Callable[..., Any]] = {
    "sum": _sum,
    "mean": _mean,
    "max": _reduction(Code("reductions", "maxima"), np.maximum.reduce),
    "min": _reduction(Code("reductions", "minima"), np.minimum.reduce),
    "cumulative_sum": _cumulative_sum,
}
