"""Scaling and shifting by a row, or by one number for each channel, and the backward pass of both."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any, Final

import numpy as np

from ndgrad_cpu.compiled.code import Code
from ndgrad_cpu.compiled.layout import Layout
from ndgrad_cpu.compiled.team import run

__all__ = ["KERNELS"]

Array = Any
WORK: Final = 1 << 13  # elements that are worth handing to a thread
SHORT: Final = 8  # elements that lie together, below which vectors are not filled
TOGETHER: Final = 64  # rows that are added up one by one, before their sums are
_ROWS, _ROWS_BACKWARD, _CHANNELS, _CHANNELS_BACKWARD = (
    Code("affine", name) for name in ("by_rows", "by_rows_backward", "by_channels", "by_channels_backward")
)


def affine(x: Array, weight: Array, bias: Array, at: int) -> Array:
    """``x * weight + bias``, which lie along the axes of x from ``at`` on."""
    seen = _layout(x, weight, bias, at)
    if seen is None:
        return NotImplemented
    y, char, n = np.empty(x.shape, x.dtype), x.dtype.char, seen.inner
    if n == 1:
        run(_ROWS, char, (x, weight, bias, y, seen.kept), (), seen.outer, 1 + WORK // seen.kept)
    else:
        run(_CHANNELS, char, (x, weight, bias, y, seen.kept, n), (), x.size // n, 1 + WORK // n)
    return y


def affine_backward(g: Array, x: Array, weight: Array, at: int) -> Any:
    """The cotangents of x, of the weight and of the bias."""
    seen = _layout(g, weight, x, at)
    if seen is None:
        return NotImplemented
    outer, kept, n = seen
    groups = -(-outer // TOGETHER) if n == 1 else 1
    dx = np.empty(g.shape, g.dtype)
    dw, db = np.empty((groups, kept), g.dtype), np.empty((groups, kept), g.dtype)
    given = (g, x, weight, dx, dw, db)
    if n == 1:
        run(_ROWS_BACKWARD, g.dtype.char, (*given, outer, kept, TOGETHER), (), groups, 1 + WORK // (kept * TOGETHER))
        dw, db = dw.sum(0), db.sum(0)
    else:
        run(_CHANNELS_BACKWARD, g.dtype.char, (*given, *seen), (), kept, 1 + WORK // (outer * n))
    return dx, dw.reshape(weight.shape), db.reshape(weight.shape)


def _layout(x: Array, weight: Array, other: Array, at: int) -> Layout | None:
    """How ``x`` lies over the weight, where there is a kernel for it."""
    if x.dtype.char not in "fd" or not all(a.flags.c_contiguous for a in (x, weight, other)) or not x.size:
        return None
    seen = Layout(prod(x.shape[:at]), weight.size, prod(x.shape[at + weight.ndim :]))
    return seen if seen.inner >= SHORT or (seen.inner == 1 and seen.kept >= SHORT) else None


KERNELS: dict[str, Callable[..., Any]] = {"affine": affine, "affine_backward": affine_backward}
