"""Element-wise kernels: NumPy's ufuncs, threaded for large arrays and repaired to the standard's special cases."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ndgrad.plugins import BySize
from ndgrad_cpu.kernels.threads import blocked, threaded

__all__ = ["KERNELS"]

Array = Any
REAL, COMPLEX = "real floating", "complex floating"

# By what they cost, in additions.
_THREADED = {
    1: "abs add divide equal greater greater_equal isfinite isinf isnan less less_equal maximum minimum multiply "
    "negative not_equal reciprocal square subtract",
    4: "copysign cos exp expm1 log log10 log1p log2 sin sqrt tanh",
    8: "acos acosh asin asinh atan atan2 atanh cosh hypot logaddexp remainder sinh tan",
}

# -- repairs: array API 2025.12, the special cases of each function ----------------------------------------------------


def floor_divide(x1: Array, x2: Array) -> Array:
    """NumPy's gives NaN for an infinite dividend, and -1 for the negative quotients that an infinite divisor makes."""
    result = np.floor_divide(x1, x2)
    infinite = np.isinf(x1) | np.isinf(x2)
    if infinite.any():
        # the quotient by an infinite divisor is a zero of its own sign, which floor keeps
        return np.where(infinite, np.floor(np.divide(x1, x2)), result)
    return result


def _complex_sign(x: Array) -> Array:
    return np.where(x == 0, np.zeros_like(x), np.sign(x))


def _complex_tanh(x: Array) -> Array:
    """With an infinite real part the result is real, whatever the imaginary part: a zero of the same sign."""
    result = np.tanh(x)
    infinite = np.isinf(x.real)
    if infinite.any():
        exact = np.empty_like(x)
        exact.real, exact.imag = np.copysign(1, x.real), np.copysign(0, x.imag)
        return np.where(infinite, exact, result)
    return result


def _complex_expm1(x: Array) -> Array:
    """expm1(a) cos b - 2 sin²(b/2) + i exp(a) sin b for a + ib; where that is not finite, exp's own special cases."""
    a, b = x.real, x.imag
    half = np.sin(b / 2)
    result = np.empty_like(x)
    result.real = np.expm1(a) * np.cos(b) + (0.0 - 2 * half * half)  # +0 at -0, as the standard has it
    result.imag = np.exp(a) * np.sin(b)
    finite = np.isfinite(result.real) & np.isfinite(result.imag)
    if not finite.all():
        other = np.exp(x, out=np.empty_like(x))
        other.real -= 1
        other.imag = np.where(b == 0, b, other.imag)
        return np.where(finite, result, other)
    return result


def _complex_log1p(x: Array) -> Array:
    """NumPy's adds 1 first, which loses small real parts: log|1 + a + ib| = log1p(a (a + 2) + b²) / 2."""
    result = np.log1p(x)
    small = (np.abs(x) < 0.5) & (x != 0)
    if small.any():
        a, b = x.real, x.imag
        exact = np.empty_like(x)
        exact.real, exact.imag = np.log1p(a * (a + 2) + b * b) / 2, np.arctan2(b, 1 + a)
        return np.where(small, exact, result)
    return result


def _round(x: Array) -> Array:
    return np.rint(x) if x.dtype.kind not in "iuc" else np.round(x)


# -- powers and bounds -------------------------------------------------------------------------------------------------


def _cube(x: Array, out: Array) -> None:
    np.multiply(x, x, out=out)
    np.multiply(out, x, out=out)


def _fourth(x: Array, out: Array) -> None:
    np.multiply(x, x, out=out)
    np.multiply(out, out, out=out)


# NumPy's power is up to a hundred times slower than the products.
PRODUCTS: dict[float, Callable[[Array], Array]] = {
    -1: np.reciprocal,
    1: np.positive,
    2: np.square,
    3: blocked(_cube),
    4: blocked(_fourth),
}


def power(x1: Array, x2: Array) -> Array:
    """NumPy's, with small powers as products."""
    if (x2.__class__ is int or x2.__class__ is float) and x2 in PRODUCTS:
        return PRODUCTS[x2](x1)
    return np.power(x1, x2)


def _integer_power(x1: Array, x2: Array) -> Array:
    return np.square(x1) if x2.__class__ is int and x2 == 2 else np.power(x1, x2)


def clip(x: Array, min: Any = None, max: Any = None) -> Array:
    """Two ufuncs: ``np.clip`` takes three times as long for small arrays, but a fifth for large ones and numbers."""
    if x.size > 4096 and x.dtype.kind == "f" and _is_number(min) and _is_number(max):
        return _bounded(x, -math.inf if min is None else min, math.inf if max is None else max)
    if min is not None:
        x = np.maximum(x, min)
        return x if max is None else np.minimum(x, max)
    return np.positive(x) if max is None else np.minimum(x, max)


def clip_bfloat16(x: Array, min: Any = None, max: Any = None) -> Array:
    """:func:`clip`, whose numbers NumPy would not take for bfloat16."""
    return clip(x, *(x.dtype.type(b) if _is_number(b) and b is not None else b for b in (min, max)))


def _is_number(bound: Any) -> bool:
    return bound is None or bound.__class__ is float or bound.__class__ is int


def _between(x: Array, min: float, max: float, out: Array) -> None:
    x.clip(min, max, out=out)


_bounded = blocked(_between)

_BITS = {2: np.int16, 4: np.int32, 8: np.int64}


def masked(x: Array, mask: Array, out: Array) -> None:
    """``x`` where ``mask``, else 0: its bits times 0 or 1, ten times faster than ``np.where``."""
    bits = _BITS[x.itemsize]
    np.multiply(mask, x.view(bits), out=out.view(bits))


# -- fused backward passes ---------------------------------------------------------------------------------------------


def _tanh_backward(g: Array, y: Array, out: Array) -> None:
    # g - g y^2
    np.multiply(y, y, out=out)
    np.multiply(out, g, out=out)
    np.subtract(g, out, out=out)


_long_tanh_backward = blocked(_tanh_backward)

KERNELS: dict[Any, Callable[..., Array]] = {
    **{name: threaded(getattr(np, name), cost) for cost, names in _THREADED.items() for name in names.split()},
    "conj": np.conj,
    "real": lambda x: x.real,
    "imag": lambda x: x.imag,
    "round": _round,
    "pow": _integer_power,
    ("pow", REAL): power,
    ("pow", COMPLEX): power,
    "clip": clip,
    ("clip", "bfloat16"): clip_bfloat16,
    "clip_between": clip,
    ("floor_divide", REAL): floor_divide,
    ("sign", COMPLEX): _complex_sign,
    ("tanh", COMPLEX): _complex_tanh,
    ("expm1", COMPLEX): _complex_expm1,
    ("log1p", COMPLEX): _complex_log1p,
    "times_conj": threaded(np.multiply),
    ("times_conj", COMPLEX): lambda x1, x2: x1 * np.conj(x2),
    ("tanh_backward", REAL): BySize(lambda g, y: g - g * (y * y), _long_tanh_backward, 1 << 14),
    ("tanh_backward", "float16"): _long_tanh_backward,
    ("tanh_backward", "bfloat16"): _long_tanh_backward,
    ("tanh_backward", COMPLEX): lambda g, y: g - g * np.conj(y * y),
}
if np.signbit(np.sign(-0.0)):  # as of NumPy 2.5
    KERNELS["sign", REAL] = lambda x: np.sign(x) + 0
