"""Element-wise work on arrays that lie alike in memory; halves are widened to float32 and the result rounded once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from ndgrad_cpu.compiled.code import Code
from ndgrad_cpu.compiled.halves import is_half, narrowed, widened
from ndgrad_cpu.compiled.team import run

__all__ = ["GRAIN", "elementwise"]

Array = Any
GRAIN: Final = 1 << 13  # elements that a thread takes a microsecond for


def elementwise(kernel: Code, chars: str = "f", numbers: Callable[..., Any] | None = None) -> Callable[..., Array]:
    """A function of arrays of one shape that runs ``kernel`` on (operands..., result).

    Args:
        kernel: its parts are stretches of elements.
        chars: the dtypes that it is written for, by NumPy's characters.
        numbers: from the call's parameters, the kernel's numbers.

    It returns ``NotImplemented`` for arrays of other dtypes, with gaps in memory, or that lie differently.
    """

    def call(*xs: Array, **params: Any) -> Array:
        first = xs[0]
        half = is_half(first)
        if not half and first.dtype.char not in chars:
            return NotImplemented
        flags, strides, shape = first.flags, first.strides, first.shape
        if not (flags.c_contiguous or flags.f_contiguous):
            return NotImplemented
        for x in xs[1:]:
            if x.__class__ is not np.ndarray or x.dtype is not first.dtype or x.shape != shape or x.strides != strides:
                return NotImplemented
        operands = [widened(x) for x in xs] if half else xs
        out = np.empty_like(operands[0])
        run(kernel, out.dtype.char, (*operands, out), () if numbers is None else numbers(**params), out.size, GRAIN)
        return narrowed(out, first.dtype) if half else out

    return call
