"""Elementwise functions beyond the standard under PyTorch's and NumPy's names, each said in the standard's."""

from __future__ import annotations

import math

from ndgrad.dispatch import astype, composite
from ndgrad.dtypes import (
    SCALARS,
    bool_,
    complex128,
    float64,
    get_default_dtype,
    promote,
    promote_scalar,
    uint8,
)  # fmt: skip
from ndgrad.ops.data_types import finfo
from ndgrad.ops.elementwise import (
    abs,
    atan2,
    clip,
    cos,
    floor_divide,
    imag,
    isfinite,
    isinf,
    isnan,
    logaddexp,
    multiply,
    pow,
    real,
    reciprocal,
    remainder,
    sin,
    sqrt,
    trunc,
)  # fmt: skip
from ndgrad.ops.elementwise.arithmetic import Operand, as_tensor
from ndgrad.ops.reductions import all
from ndgrad.ops.searching import where
from ndgrad.tensor import Tensor

__all__ = [
    "allclose", "angle", "array_equal", "clamp_max", "clamp_min", "complex_", "deg2rad", "float_power", "fmax", "fmin",
    "fmod", "frac", "gcd", "heaviside", "isclose", "isneginf", "isposinf", "isreal", "lcm", "ldexp", "logaddexp2",
    "nan_to_num", "polar", "rad2deg", "rsqrt",
]  # fmt: skip


def _floating(x: Tensor) -> Tensor:
    return x if x.dtype.is_inexact else astype(x, get_default_dtype())


def _number(x: Tensor) -> Tensor:
    return astype(x, uint8) if x.dtype is bool_ else x


def _pair(x1: Operand, x2: Operand) -> tuple[Tensor, Tensor]:
    """Two operands as tensors; a Python scalar of a higher kind (a float beside integers) raises the other's dtype."""
    if x1.__class__ in SCALARS and isinstance(x2, Tensor):
        x2 = astype(x2, promote_scalar(x2.dtype, type(x1)))
    elif x2.__class__ in SCALARS and isinstance(x1, Tensor):
        x1 = astype(x1, promote_scalar(x1.dtype, type(x2)))
    return as_tensor(x1, x2), as_tensor(x2, x1)  # type: ignore[arg-type]


# -- bounds and rounding -----------------------------------------------------------------------------------------------


def clamp_min(x: Tensor, min: Operand, /) -> Tensor:
    """``clip(x, min)``. Source: PyTorch, ``clamp_min``."""
    return clip(x, min)


def clamp_max(x: Tensor, max: Operand, /) -> Tensor:
    """``clip(x, None, max)``. Source: PyTorch, ``clamp_max``."""
    return clip(x, None, max)


def fmod(x1: Operand, x2: Operand, /) -> Tensor:
    """Remainder of the division that rounds towards zero, with the sign of ``x1``. Source: NumPy and PyTorch, ``fmod``.

    >>> import ndgrad as nd
    >>> nd.fmod(nd.asarray([-7, 7]), 3)
    tensor([-1,  1])
    """
    x1, x2 = _pair(x1, x2)
    below = x1 < 0
    rest = remainder(where(below, -x1, x1), where(x2 < 0, -x2, x2))
    return where(below, -rest, rest)


def frac(x: Tensor, /) -> Tensor:
    """``x - trunc(x)`` of each element. Source: PyTorch, ``frac``."""
    return x - trunc(x)


def fmax(x1: Operand, x2: Operand, /) -> Tensor:
    """The larger of each pair of elements, the other one of a NaN. Source: NumPy and PyTorch, ``fmax``."""
    x1, x2 = _pair(x1, x2)
    return where((x1 >= x2) | isnan(x2), x1, x2)


def fmin(x1: Operand, x2: Operand, /) -> Tensor:
    """The smaller of each pair of elements, the other one of a NaN. Source: NumPy and PyTorch, ``fmin``."""
    x1, x2 = _pair(x1, x2)
    return where((x1 <= x2) | isnan(x2), x1, x2)


def heaviside(x1: Operand, x2: Operand, /) -> Tensor:
    """0 where ``x1`` is negative, ``x2`` where it is 0, 1 where it is positive, NaN as 0; without gradient.

    Source: PyTorch, ``heaviside``.
    """
    x1, x2 = _pair(x1, x2)
    return where(x1 == 0, x2, astype(x1 > 0, promote(x1.dtype, x2.dtype))).detach()


def nan_to_num(x: Tensor, /, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Tensor:
    """``x`` with other numbers in place of NaN and the infinities, by default 0 and the dtype's limits.

    What was replaced has the gradient 0. Source: NumPy and PyTorch, ``nan_to_num``.

    >>> import ndgrad as nd
    >>> nd.nan_to_num(nd.asarray([nd.nan, 1.0, nd.inf]), posinf=9.0)
    tensor([0., 1., 9.])
    """
    if not x.dtype.is_inexact:
        return x
    if x.dtype.is_complex:
        return complex_(*[nan_to_num(part, nan, posinf, neginf) for part in (real(x), imag(x))])
    limits = finfo(x.dtype)
    high = limits.max if posinf is None else posinf
    low = limits.min if neginf is None else neginf
    return where(isfinite(x), x, where(isnan(x), as_tensor(nan, x), where(x > 0, as_tensor(high, x), low)))


# -- integers ----------------------------------------------------------------------------------------------------------


@composite(accepts="integer")
def gcd(x1: Operand, x2: Operand, /) -> Tensor:
    """The greatest common divisor of each pair of integers, not negative. Source: NumPy and PyTorch, ``gcd``.

    >>> import ndgrad as nd
    >>> nd.gcd(nd.asarray([12, -8, 0]), 18)
    tensor([ 6,  2, 18])
    """
    a, b = [abs(x) for x in _pair(x1, x2)]
    for _ in range(12 * a.dtype.itemsize):  # as many steps as Euclid takes for neighbours among Fibonacci's numbers
        rest = remainder(a, where(b == 0, 1, b))
        a, b = where(b == 0, a, b), where(b == 0, b, rest)
    return a


@composite(accepts="integer")
def lcm(x1: Operand, x2: Operand, /) -> Tensor:
    """The least common multiple of each pair of integers, not negative. Source: NumPy and PyTorch, ``lcm``."""
    x1, x2 = _pair(x1, x2)
    divisor = gcd(x1, x2)
    return abs(floor_divide(x1, where(divisor == 0, 1, divisor)) * x2)


def ldexp(x1: Operand, x2: Operand, /) -> Tensor:
    """``x1 * 2**x2`` of each pair of elements. Source: PyTorch, ``ldexp``."""
    x1, x2 = _pair(x1, x2)
    return multiply(x1, pow(2.0, x2))


# -- powers and angles -------------------------------------------------------------------------------------------------


def rsqrt(x: Tensor, /) -> Tensor:
    """One divided by the square root of each element. Source: PyTorch, ``rsqrt``."""
    return reciprocal(sqrt(x))


def float_power(x1: Operand, x2: Operand, /) -> Tensor:
    """:func:`pow` in double precision. Source: NumPy and PyTorch, ``float_power``."""
    x1, x2 = (
        astype(x, complex128 if x.dtype.is_complex else float64) if isinstance(x, Tensor) else x for x in (x1, x2)
    )
    return pow(x1, x2)


def logaddexp2(x1: Operand, x2: Operand, /) -> Tensor:
    """``log2(2**x1 + 2**x2)`` of each pair of elements. Source: NumPy and PyTorch, ``logaddexp2``."""
    x1, x2 = _pair(x1, x2)
    return logaddexp(x1 * math.log(2), x2 * math.log(2)) / math.log(2)


def deg2rad(x: Tensor, /) -> Tensor:
    """Each angle, given in degrees, in radians. Source: NumPy and PyTorch, ``deg2rad``."""
    return x * (math.pi / 180)


def rad2deg(x: Tensor, /) -> Tensor:
    """Each angle, given in radians, in degrees. Source: NumPy and PyTorch, ``rad2deg``."""
    return x * (180 / math.pi)


# -- parts of complex numbers ------------------------------------------------------------------------------------------


def angle(x: Tensor, /) -> Tensor:
    """The angle of each element in the complex plane; of real ones 0 or, if negative, pi. The gradient at 0 is 0.

    Source: NumPy and PyTorch, ``angle``.

    >>> import ndgrad as nd
    >>> nd.angle(nd.asarray([1j, -1.0]))
    tensor([1.5708, 3.1416])
    """
    if x.dtype.is_complex:
        return atan2(imag(x), real(x))
    x = _floating(x)
    zero = where(isfinite(x), x * 0, 0.0)  # a real angle has the gradient 0
    return where(isnan(x), math.nan, where(x < 0, math.pi, zero))


def complex_(real: Tensor, imag: Tensor, /) -> Tensor:
    """``nd.complex``: complex numbers of finite real and imaginary parts. Source: PyTorch, ``torch.complex``.

    >>> import ndgrad as nd
    >>> nd.complex(nd.asarray([1.0]), nd.asarray([2.0]))
    tensor([1.+2.j])
    """
    return astype(real, real.dtype.to_complex) + astype(imag, imag.dtype.to_complex) * 1j


def polar(abs: Tensor, angle: Tensor, /) -> Tensor:
    """Complex numbers of a magnitude and an angle. Source: PyTorch, ``polar``."""
    return complex_(abs * cos(angle), abs * sin(angle))


# -- tests -------------------------------------------------------------------------------------------------------------


def isposinf(x: Tensor, /) -> Tensor:
    """Whether each element is positive infinity. Source: NumPy and PyTorch, ``isposinf``."""
    return isinf(x) & (x > 0)


def isneginf(x: Tensor, /) -> Tensor:
    """Whether each element is negative infinity. Source: NumPy and PyTorch, ``isneginf``."""
    return isinf(x) & (x < 0)


def isreal(x: Tensor, /) -> Tensor:
    """Whether the imaginary part of each element is 0. Source: NumPy and PyTorch, ``isreal``."""
    return imag(x) == 0


def isclose(x1: Operand, x2: Operand, /, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Tensor:
    """Whether ``|x1 - x2| <= atol + rtol |x2|`` for each pair of elements, or both are the same infinity.

    Source: NumPy and PyTorch, ``isclose``.

    >>> import ndgrad as nd
    >>> nd.isclose(nd.asarray([1.0, 2.0]), nd.asarray([1.000001, 2.1]))
    tensor([ True, False])
    """
    x1, x2 = _pair(x1, x2)
    if x1.dtype is bool_ and x2.dtype is bool_:
        return x1 == x2
    if not (x1.dtype.is_inexact or x2.dtype.is_inexact):  # differences of integers may leave their range
        x1, x2 = astype(x1, float64), astype(x2, float64)
    close = (x1 == x2) | (isfinite(x2) & (abs(_floating(x1 - x2)) <= atol + rtol * abs(_number(x2))))
    return close | (isnan(x1) & isnan(x2)) if equal_nan else close


def allclose(x1: Operand, x2: Operand, /, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> bool:
    """Whether :func:`isclose` holds everywhere. Source: NumPy and PyTorch, ``allclose``."""
    return bool(all(isclose(x1, x2, rtol, atol, equal_nan)))


def array_equal(x1: Tensor, x2: Tensor, /, equal_nan: bool = False) -> bool:
    """Whether two tensors have the same shape and elements: PyTorch's ``equal``. Source: NumPy, ``array_equal``."""
    if x1.shape != x2.shape:
        return False
    same = x1 == x2
    return bool(all(same | (isnan(x1) & isnan(x2)) if equal_nan else same))
