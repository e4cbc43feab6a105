"""Arithmetic of two operands: of one shape, or the second a number, a row, or one number for each channel."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import numpy as np

from ndgrad_cpu.compiled.code import Code
from ndgrad_cpu.compiled.elementwise import GRAIN
from ndgrad_cpu.compiled.halves import is_half, narrowed, widened
from ndgrad_cpu.compiled.team import run

__all__ = ["KERNELS"]

Array = Any
SHORT: Final = 16  # elements that lie together, below which NumPy's loops over them are as good


def _arithmetic(name: str, commutes: bool) -> Callable[..., Array]:
    alike, number, row, channels, *of_halves = (
        Code("binary", f"{name}_{form}")
        for form in ("alike", "number", "row", "channels", "alike_float16", "alike_bfloat16")
    )

    def call(x: Any, y: Any) -> Array:
        if not _is_full(x, y):
            if not commutes or not _is_full(y, x):
                return NotImplemented
            x, y = y, x
        half = is_half(x)
        char = "f" if half else x.dtype.char
        if char not in "fd" or not (x.flags.c_contiguous or x.flags.f_contiguous):
            return NotImplemented
        is_array = y.__class__ is np.ndarray and y.ndim > 0
        if is_array and (y.dtype is not x.dtype or not (y.flags.c_contiguous or y.flags.f_contiguous)):
            return NotImplemented
        if half and is_array and y.shape == x.shape and y.strides == x.strides:
            out = np.empty_like(x)
            run(of_halves[x.dtype.char != "e"], "f", (x, y, out), (), out.size, GRAIN)
            return out
        given = widened(x) if half else x
        out = np.empty_like(given)
        if not is_array:
            run(number, char, (given, 0, out), (float(y),), out.size, GRAIN)
        else:
            plan = _plan(x, y)
            if plan is None:
                return NotImplemented
            other = widened(y) if half else y
            if plan == ():
                run(alike, char, (given, other, out), (), out.size, GRAIN)
            elif len(plan) == 1:
                run(row, char, (given, other, out, *plan), (), out.size // plan[0], 1 + GRAIN // plan[0])
            else:
                run(channels, char, (given, other, out, *plan), (), out.size // plan[1], 1 + GRAIN // plan[1])
        return narrowed(out, x.dtype) if half else out

    return call


def _is_full(x: Any, y: Any) -> bool:
    """Whether ``x`` is an array, of the shape of the result."""
    if x.__class__ is not np.ndarray or not x.ndim:
        return False
    return y.__class__ is not np.ndarray or not y.ndim or y.shape == x.shape or _fits(y.shape, x.shape)


def _plan(x: Array, y: Array) -> tuple[int, ...] | None:
    """How ``y`` lies under ``x``: () alike, (n,) a row of n, (c, n) one number for n elements each of c channels."""
    if y.shape == x.shape:
        return () if y.strides == x.strides else None
    return _stretches(y.shape, x.shape) if x.flags.c_contiguous and y.flags.c_contiguous else None


# Remembered, for they take as long as adding 20,000 numbers, and a program asks for the same few again and again.

Shape = tuple[int, ...]


@lru_cache(256)
def _fits(y: Shape, x: Shape) -> bool:
    """Whether ``y``, which has fewer elements, is broadcast to ``x``."""
    if math.prod(y) >= math.prod(x) or len(y) > len(x):
        return False
    return all(m in (1, n) for m, n in _aligned(y, x))


@lru_cache(256)
def _stretches(y: Shape, x: Shape) -> tuple[int, ...] | None:
    """:func:`_plan` for contiguous arrays of different shapes."""
    axes = [(m, n) for m, n in _aligned(y, x) if n > 1]
    while axes and axes[0][0] == 1:
        del axes[0]
    kept = next((i for i, (m, _) in enumerate(axes) if m == 1), len(axes))
    if any(m != 1 for m, _ in axes[kept:]):
        return None
    inner, size = math.prod(n for _, n in axes[kept:]), math.prod(y)
    if kept == len(axes):
        return (size,) if size >= SHORT else None
    return (size, inner) if inner >= SHORT else None


def _aligned(y: Shape, x: Shape) -> list[tuple[int, int]]:
    return list(zip(y, x[len(x) - len(y) :], strict=True))


KERNELS: dict[str, Callable[..., Array]] = {
    "add": _arithmetic("add", True),
    "subtract": _arithmetic("subtract", False),
    "multiply": _arithmetic("multiply", True),
    "divide": _arithmetic("divide", False),
    "times_conj": _arithmetic("multiply", True),  # of real numbers; others are left to NumPy
}
