"""Softmax, its logarithm and standardization, a row or a channel at a time while it is in cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from ndgrad_cpu.compiled.code import Code
from ndgrad_cpu.compiled.halves import is_half, narrowed, widened
from ndgrad_cpu.compiled.layout import layout
from ndgrad_cpu.compiled.team import run

__all__ = ["KERNELS"]

Array = Any
Axes = tuple[int, ...]
WORK: Final = 1 << 13  # elements that are worth handing to a thread
LEAST_INNER: Final = 4  # elements that lie together, or else vectors would go along the channels

_STANDARDIZE, _STANDARDIZE_BACKWARD = Code("rowwise", "standardize"), Code("rowwise", "standardize_backward")


def _over_rows(code: Code) -> Callable[..., Array]:
    """A function of arrays of one shape, along their last axes."""

    def call(*xs: Array, axis: Axes) -> Array:
        first = xs[0]
        half = is_half(first)
        seen = layout(first, axis)
        if seen is None or seen.outer != 1 or not (half or first.dtype.char == "f"):
            return NotImplemented
        if not all(x.flags.c_contiguous for x in xs):
            return NotImplemented
        operands = [widened(x) for x in xs] if half else xs
        out = np.empty(first.shape, np.float32)
        run(code, "f", (*operands, out, seen.inner), (), seen.kept, 1 + WORK // seen.inner)
        return narrowed(out, first.dtype) if half else out

    return call


def _standardize(x: Array, axes: Axes, eps: float) -> Any:
    seen = layout(x, axes)
    if seen is None or seen.inner < LEAST_INNER or x.dtype.char not in "fd":
        return NotImplemented
    short = [1 if a in axes else n for a, n in enumerate(x.shape)]
    y, mean, var = np.empty(x.shape, x.dtype), np.empty(short, x.dtype), np.empty(short, x.dtype)
    grain = 1 + WORK // (seen.outer * seen.inner)
    run(_STANDARDIZE, x.dtype.char, (x, y, mean, var, *seen), (eps,), seen.kept, grain)
    return y, mean, var


def _standardize_backward(g: Array, y: Array, var: Array, axes: Axes, eps: float) -> Array:
    seen = layout(g, axes)
    if seen is None or seen.inner < LEAST_INNER or g.dtype.char not in "fd":
        return NotImplemented
    if not (y.flags.c_contiguous and var.flags.c_contiguous):
        return NotImplemented
    out = np.empty(g.shape, g.dtype)
    grain = 1 + WORK // (seen.outer * seen.inner)
    run(_STANDARDIZE_BACKWARD, g.dtype.char, (g, y, var, out, *seen), (eps,), seen.kept, grain)
    return out


KERNELS: dict[str, Callable[..., Any]] = {
    "softmax": _over_rows(Code("rowwise", "softmax")),
    "softmax_backward": _over_rows(Code("rowwise", "softmax_backward")),
    "log_softmax": _over_rows(Code("rowwise", "log_softmax")),
    "log_softmax_backward": _over_rows(Code("rowwise", "log_softmax_backward")),
    "standardize": _standardize,
    "standardize_backward": _standardize_backward,
}
