"""Layer normalization with its scale and shift, a row at a time while it is in cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from ndgrad_cpu.compiled.code import Code
from ndgrad_cpu.compiled.halves import is_half, narrowed, widened
from ndgrad_cpu.compiled.team import run

__all__ = ["KERNELS"]

Array = Any
WORK: Final = 1 << 13  # elements that are worth handing to a thread
SHORT: Final = 8  # elements of a row, below which vectors are not filled
TOGETHER: Final = 64  # rows at most that are added up one by one, before their sums are
GROUPS: Final = 16  # of rows that there should be, for threads to share
_FORWARD, _BACKWARD = Code("layer_norm", "layer_norm"), Code("layer_norm", "layer_norm_backward")


def layer_norm(x: Array, weight: Array, bias: Array, at: int, eps: float) -> Array:
    """Rows, which are the axes from ``at`` on, standardized, then scaled and shifted."""
    if not _suited(x, weight, bias):
        return NotImplemented
    half, n = is_half(x), weight.size
    operands = [widened(a) for a in (x, weight, bias)] if half else [x, weight, bias]
    y = np.empty(x.shape, operands[0].dtype)
    run(_FORWARD, y.dtype.char, (*operands, y, n), (eps,), x.size // n, 1 + WORK // n)
    return narrowed(y, x.dtype) if half else y


def layer_norm_backward(g: Array, x: Array, weight: Array, at: int, eps: float) -> Any:
    """The cotangents of x, of the weight and of the bias."""
    if not _suited(g, x, weight):
        return NotImplemented
    half, n = is_half(g), weight.size
    operands = [widened(a) for a in (g, x, weight)] if half else [g, x, weight]
    dtype, rows = operands[0].dtype, g.size // n
    together = max(min(rows // GROUPS, TOGETHER), 1 + WORK // n)
    groups = -(-rows // together)
    dx, dw, db = np.empty(g.shape, dtype), np.empty((groups, n), dtype), np.empty((groups, n), dtype)
    run(_BACKWARD, dtype.char, (*operands, dx, dw, db, rows, n, together), (eps,), groups, 1)
    found = dx, dw.sum(0).reshape(weight.shape), db.sum(0).reshape(weight.shape)
    return tuple(narrowed(a, g.dtype) for a in found) if half else found


def _suited(*xs: Array) -> bool:
    first = xs[0]
    return (
        (is_half(first) or first.dtype.char in "fd")
        and first.size > 0
        and min(x.size for x in xs) >= SHORT
        and all(x.flags.c_contiguous for x in xs)
    )


KERNELS: dict[str, Callable[..., Any]] = {"layer_norm": layer_norm, "layer_norm_backward": layer_norm_backward}
