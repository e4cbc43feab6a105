"""Powers, exponentials and logarithms, trigonometric and hyperbolic functions. Angles are in radians."""

from __future__ import annotations

import math
from typing import Any

from ndgrad.dispatch import composite, elementwise
from ndgrad.ops.elementwise.arithmetic import Operand, as_tensor, choose, conj, flat, real, times_conj
from ndgrad.tensor import Tensor

__all__ = [
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cos", "cosh", "exp", "expm1", "hypot", "log", "log10",
    "log1p", "log2", "logaddexp", "pow", "sin", "sinh", "sqrt", "tan", "tanh",
]  # fmt: skip

# -- powers ------------------------------------------------------------------------------------------------------------


def _pow_base(g: Tensor, x1: Tensor, x2: Any) -> Tensor:
    """x2 x1^(x2 - 1), which is 0 for x2 = 0 at x1 = 0 and at NaN too."""
    if isinstance(x2, Tensor):
        settled = (x2 == 0) & ((x1 == 0) | (x1 != x1))  # elsewhere the 0 has a derivative in x2
        return choose(settled, 0.0, times_conj(g, x2 * pow(x1, x2 - 1)))
    if x2 == 2:
        return times_conj(g * 2, x1)
    return flat(g) if x2 == 0 else times_conj(g, pow(x1, x2 - 1) * x2)


def _pow_exponent(g: Tensor, y: Tensor, x1: Any, x2: Tensor) -> Tensor:
    """The result times log x1, which is 0 for 0 to a power of at least 0."""
    x1 = as_tensor(x1, x2)
    settled = (x1 == 0) & (real(x2) >= 0)
    return choose(settled, 0.0, times_conj(g, y * log(choose(settled, 1.0, x1))))


@elementwise(accepts="numeric", vjp=(_pow_base, _pow_exponent), samples=((0.2, 2.0), (-2.0, 2.0)))
def pow(x1: Operand, x2: Operand, /) -> Tensor:
    """Each ``x1`` to the power of ``x2``. The gradient in ``x2`` is NaN where ``x1`` is negative, and 0 at 0**0.

    Raises ValueError for a negative integer power of integers. Source: array API 2025.12, ``pow``.

    >>> import ndgrad as nd
    >>> nd.pow(nd.asarray([2.0, 3.0]), 2)
    tensor([4., 9.])
    """


@elementwise(accepts="floating", samples=(0.1, 3.0), vjp=lambda g, y: g / (conj(y) * 2))
def sqrt(x: Tensor, /) -> Tensor:
    """Principal square root of each element. Source: array API 2025.12, ``sqrt``.

    >>> import ndgrad as nd
    >>> nd.sqrt(nd.asarray([4.0, 9.0]))
    tensor([2., 3.])
    """


@elementwise(accepts="real floating", vjp=(lambda g, y, x1: g * (x1 / y), lambda g, y, x2: g * (x2 / y)))
def hypot(x1: Operand, x2: Operand, /) -> Tensor:
    """Length of the hypotenuse over each pair of legs, without overflow. Source: array API 2025.12, ``hypot``.

    >>> import ndgrad as nd
    >>> nd.hypot(nd.asarray([3.0]), nd.asarray([4.0]))
    tensor([5.])
    """


# -- exponentials and logarithms ---------------------------------------------------------------------------------------


@elementwise(accepts="floating", vjp=lambda g, y: times_conj(g, y))
def exp(x: Tensor, /) -> Tensor:
    """Exponential of each element. Source: array API 2025.12, ``exp``.

    >>> import ndgrad as nd
    >>> nd.exp(nd.asarray([0.0, 1.0]))
    tensor([1.0000, 2.7183])
    """


@elementwise(accepts="floating", vjp=lambda g, y: times_conj(g, y + 1))
def expm1(x: Tensor, /) -> Tensor:
    """``exp(x) - 1`` of each element, accurate near 0. Source: array API 2025.12, ``expm1``."""


@elementwise(accepts="floating", samples=(0.1, 3.0), vjp=lambda g, x: g / conj(x))
def log(x: Tensor, /) -> Tensor:
    """Natural logarithm of each element. Source: array API 2025.12, ``log``.

    >>> import ndgrad as nd
    >>> nd.log(nd.asarray([1.0, 10.0]))
    tensor([0.0000, 2.3026])
    """


@elementwise(accepts="floating", samples=(-0.8, 2.0), vjp=lambda g, x: g / (conj(x) + 1))
def log1p(x: Tensor, /) -> Tensor:
    """Natural logarithm of ``1 + x`` of each element, accurate near 0. Source: array API 2025.12, ``log1p``."""


@elementwise(accepts="floating", samples=(0.1, 3.0), vjp=lambda g, x: g / (conj(x) * math.log(2)))
def log2(x: Tensor, /) -> Tensor:
    """Logarithm to base 2 of each element. Source: array API 2025.12, ``log2``."""


@elementwise(accepts="floating", samples=(0.1, 3.0), vjp=lambda g, x: g / (conj(x) * math.log(10)))
def log10(x: Tensor, /) -> Tensor:
    """Logarithm to base 10 of each element. Source: array API 2025.12, ``log10``."""


def _share(g: Tensor, x1: Any, x2: Any) -> Tensor:
    """exp(x1) / (exp(x1) + exp(x2))"""
    from ndgrad.ops.activations import sigmoid

    return g * sigmoid(x1 - x2)


@elementwise(accepts="real floating", vjp=(_share, lambda g, x1, x2: _share(g, x2, x1)))
def logaddexp(x1: Operand, x2: Operand, /) -> Tensor:
    """``log(exp(x1) + exp(x2))`` of each pair of elements, without overflow. Source: array API 2025.12, ``logaddexp``.

    >>> import ndgrad as nd
    >>> nd.logaddexp(nd.asarray([1000.0]), nd.asarray([1000.0]))
    tensor([1000.6932])
    """


# -- trigonometric functions -------------------------------------------------------------------------------------------


@elementwise(accepts="floating", vjp=lambda g, x: times_conj(g, cos(x)))
def sin(x: Tensor, /) -> Tensor:
    """Sine of each element. Source: array API 2025.12, ``sin``.

    >>> import ndgrad as nd
    >>> nd.sin(nd.asarray([0.0, 1.0]))
    tensor([0.0000, 0.8415])
    """


@elementwise(accepts="floating", vjp=lambda g, x: -times_conj(g, sin(x)))
def cos(x: Tensor, /) -> Tensor:
    """Cosine of each element. Source: array API 2025.12, ``cos``."""


@elementwise(accepts="floating", samples=(-1.2, 1.2), vjp=lambda g, y: g + times_conj(g, y * y))
def tan(x: Tensor, /) -> Tensor:
    """Tangent of each element. Source: array API 2025.12, ``tan``."""


@elementwise(accepts="floating", samples=(-0.9, 0.9), vjp=lambda g, x: g / conj(sqrt(1 - x * x)))
def asin(x: Tensor, /) -> Tensor:
    """Principal inverse sine of each element. Source: array API 2025.12, ``asin``."""


@elementwise(accepts="floating", samples=(-0.9, 0.9), vjp=lambda g, x: -g / conj(sqrt(1 - x * x)))
def acos(x: Tensor, /) -> Tensor:
    """Principal inverse cosine of each element. Source: array API 2025.12, ``acos``."""


@elementwise(accepts="floating", samples=(-0.9, 0.9), vjp=lambda g, x: g / conj(x * x + 1))
def atan(x: Tensor, /) -> Tensor:
    """Principal inverse tangent of each element. Source: array API 2025.12, ``atan``."""


def _over_radius(x1: Any, x2: Any) -> Tensor:
    """x1 / (x1² + x2²), and 0 at the origin, as PyTorch has it."""
    squares = x1 * x1 + x2 * x2
    return choose(squares == 0, 0.0, x1 / choose(squares == 0, 1.0, squares))


@elementwise(
    accepts="real floating",
    vjp=(lambda g, x1, x2: g * _over_radius(x2, x1), lambda g, x1, x2: -g * _over_radius(x1, x2)),
)
def atan2(x1: Operand, x2: Operand, /) -> Tensor:
    """Angle of the point with ordinate ``x1`` and abscissa ``x2``, from -pi to pi.

    Source: array API 2025.12, ``atan2``.

    >>> import ndgrad as nd
    >>> nd.atan2(nd.asarray([1.0, -1.0]), nd.asarray([0.0, -1.0]))
    tensor([ 1.5708, -2.3562])
    """


# -- hyperbolic functions ----------------------------------------------------------------------------------------------


@elementwise(accepts="floating", vjp=lambda g, x: times_conj(g, cosh(x)))
def sinh(x: Tensor, /) -> Tensor:
    """Hyperbolic sine of each element. Source: array API 2025.12, ``sinh``."""


@elementwise(accepts="floating", vjp=lambda g, x: times_conj(g, sinh(x)))
def cosh(x: Tensor, /) -> Tensor:
    """Hyperbolic cosine of each element. Source: array API 2025.12, ``cosh``."""


# A row of its own, so that a backend can compute it in one go.
@composite(namespace=None, accepts="inexact")
def tanh_backward(g: Tensor, y: Tensor, /) -> Tensor:
    """Cotangent below ``y = tanh(x)``."""
    return g - times_conj(g, y * y)


@elementwise(accepts="floating", vjp=lambda g, y: tanh_backward(g, y))
def tanh(x: Tensor, /) -> Tensor:
    """Hyperbolic tangent of each element. Source: array API 2025.12, ``tanh``.

    >>> import ndgrad as nd
    >>> nd.tanh(nd.asarray([0.0, 1.0]))
    tensor([0.0000, 0.7616])
    """


@elementwise(accepts="floating", vjp=lambda g, x: g / conj(sqrt(x * x + 1)))
def asinh(x: Tensor, /) -> Tensor:
    """Inverse hyperbolic sine of each element. Source: array API 2025.12, ``asinh``."""


@elementwise(
    accepts="floating", samples=(1.1, 3.0),
    vjp=lambda g, x: g / (conj(sqrt(x - 1) * sqrt(x + 1)) if x.dtype.is_complex else sqrt(x * x - 1)),
)  # fmt: skip
def acosh(x: Tensor, /) -> Tensor:
    """Inverse hyperbolic cosine of each element. Source: array API 2025.12, ``acosh``."""


@elementwise(accepts="floating", samples=(-0.9, 0.9), vjp=lambda g, x: g / conj(1 - x * x))
def atanh(x: Tensor, /) -> Tensor:
    """Inverse hyperbolic tangent of each element. Source: array API 2025.12, ``atanh``."""
