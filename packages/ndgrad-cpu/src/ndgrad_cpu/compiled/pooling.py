"""Maximum pooling of contiguous images; shapes and parameters as in :mod:`ndgrad_cpu.kernels.pooling`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from ndgrad_cpu.compiled.code import Code
from ndgrad_cpu.compiled.team import run

__all__ = ["KERNELS"]

Array = Any
Pair = tuple[int, int]
WORK: Final = 1 << 13  # elements of the input that are worth handing to a thread
_FORWARD, _BACKWARD = Code("pooling", "max_pool2d"), Code("pooling", "max_pool2d_backward")


def max_pool2d(x: Array, *, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair, output: Pair) -> Array:
    """The maximum of each window; NaN where it holds one."""
    if not _suited(x) or not x.size:
        return NotImplemented
    y = np.empty((*x.shape[:2], *output), x.dtype)
    settings = np.array([*x.shape[2:], *output, *kernel, *stride, *padding, *dilation])
    run(_FORWARD, x.dtype.char, (x, y, settings), (), *_planes(x))
    return y


def max_pool2d_backward(
    g: Array, x: Array, y: Array, *, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair, output: Pair
) -> Array:
    """The cotangent at the first maximum of each window, zero elsewhere."""
    if not (_suited(x) and _suited(y)) or g.dtype != x.dtype or not x.size:
        return NotImplemented
    dx = np.empty(x.shape, x.dtype)
    settings = np.array([*x.shape[2:], *output, *kernel, *stride, *padding, *dilation])
    run(_BACKWARD, x.dtype.char, (np.ascontiguousarray(g), x, y, dx, settings), (), *_planes(x))
    return dx


def _suited(x: Array) -> bool:
    return x.dtype.char in "fd" and x.flags.c_contiguous


def _planes(x: Array) -> tuple[int, int]:
    """How many, and how many at least at a time."""
    return x.shape[0] * x.shape[1], 1 + WORK // (x.shape[2] * x.shape[3])


KERNELS: dict[str, Callable[..., Array]] = {f.__name__: f for f in (max_pool2d, max_pool2d_backward)}
