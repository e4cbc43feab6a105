"""float16 and bfloat16 to float32 and back."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ndgrad_cpu.compiled.code import Code
from ndgrad_cpu.compiled.team import run

__all__ = ["is_half", "narrowed", "widened"]

Array = Any
GRAIN: Final = 1 << 13

_WIDEN = {name: Code("halves", f"widen_{name}") for name in ("float16", "bfloat16")}
_NARROW = {name: Code("halves", f"narrow_{name}") for name in ("float16", "bfloat16")}


def is_half(x: Array) -> bool:
    """Whether an array holds float16 or bfloat16."""
    return x.dtype.itemsize == 2 and x.dtype.name in _WIDEN


def widened(x: Array) -> Array:
    """A float32 copy of an array without gaps, lying alike."""
    out = np.empty_like(x, np.float32)
    run(_WIDEN[x.dtype.name], "f", (x, out), (), x.size, GRAIN)
    return out


def narrowed(x: Array, dtype: Any) -> Array:
    """A copy in float16 or bfloat16 of a float32 array without gaps, lying alike."""
    out = np.empty_like(x, dtype)
    run(_NARROW[dtype.name], "f", (x, out), (), x.size, GRAIN)
    return out
