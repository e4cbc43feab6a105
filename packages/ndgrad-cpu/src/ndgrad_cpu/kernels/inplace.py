"""Element-wise functions that write their result over their first operand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ndgrad_cpu.kernels.elementwise import PRODUCTS, floor_divide

__all__ = ["KERNELS"]

Array = np.ndarray[Any, Any]


# For every dtype that their ops take, and for floating ones: elsewhere the result does not fit its operand.
_ANY = (
    "add subtract multiply maximum minimum remainder negative square bitwise_and bitwise_or bitwise_xor bitwise_invert "
    "bitwise_left_shift bitwise_right_shift logical_and logical_or logical_xor logical_not"
)
_FLOATING = "divide reciprocal exp log log1p log2 log10 sqrt sin cos tan sinh cosh asin acos atan asinh acosh atanh"
# Of complex numbers these are repaired, and go through their own kernels.
_REAL_FLOATING = "abs atan2 ceil copysign expm1 floor hypot logaddexp sign tanh trunc"
REAL, COMPLEX = "real floating", "complex floating"


def _overwriting(function: Any) -> Callable[..., None]:
    def kernel(x: Array, *others: Any) -> None:
        function(x, *others, out=x)

    return kernel


def _floor_divide(x: Array, other: Any) -> None:
    x[...] = floor_divide(x, other)


def _power(x: Array, other: Any) -> None:
    if other.__class__ in (int, float) and other in PRODUCTS:
        x[...] = PRODUCTS[other](x)
    else:
        np.power(x, other, out=x)


def _clip(x: Array, min: Any = None, max: Any = None) -> None:
    if min is not None:
        np.maximum(x, min, out=x)
    if max is not None:
        np.minimum(x, max, out=x)


def _copy(x: Array, value: Any) -> None:
    x[...] = value


KERNELS: dict[Any, Callable[..., None]] = {
    **{f"{name}_": _overwriting(getattr(np, name)) for name in _ANY.split()},
    **{(f"{name}_", kind): _overwriting(getattr(np, name)) for name in _FLOATING.split() for kind in (REAL, COMPLEX)},
    **{(f"{name}_", REAL): _overwriting(getattr(np, name)) for name in _REAL_FLOATING.split()},
    "floor_divide_": _overwriting(np.floor_divide),
    ("floor_divide_", REAL): _floor_divide,
    "pow_": _overwriting(np.power),
    ("pow_", REAL): _power,
    ("pow_", COMPLEX): _power,
    "clip_": _clip,
    "clip_between_": _clip,
    "copy_": _copy,
}
