"""The error function and the normal distribution.

Sources: DLMF chapter 7; Cody, "Rational Chebyshev approximation for the error function" (1969), for the formulas that
serve where a backend has no kernel.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ndgrad.ops.elementwise import abs, copysign, exp, floor, log, log1p, maximum, minimum, sqrt, square, times_conj
from ndgrad.ops.elementwise.arithmetic import choose
from ndgrad.ops.special.rows import special
from ndgrad.tensor import Tensor

__all__ = ["erf", "erfc", "erfcinv", "erfcx", "erfinv", "log_ndtr", "ndtr", "ndtri"]

SQRT_PI = math.sqrt(math.pi)
SQRT_2PI = math.sqrt(2 * math.pi)
SQRT_2 = math.sqrt(2)

# Cody's coefficients, highest power first: erf(x) = x N1(x²) / D1(x²) for |x| < 0.5, exp(x²) erfc(x) = N2(x) / D2(x)
# for x < 4, and (1/sqrt(pi) - N3(1/x²) / D3(1/x²) / x²) / x beyond.
N1 = (1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3)
D1 = (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3)
N2 = (
    2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2,
    8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3,
)  # fmt: skip
D2 = (
    1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
    3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3,
)  # fmt: skip
N3 = (
    1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1,
    1.60837851487422766e-2, 6.58749161529837803e-4,
)  # fmt: skip
D3 = (
    1.0, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1, 6.05183413124413191e-2,
    2.33520497626869185e-3,
)  # fmt: skip


def polynomial(x: Tensor, coefficients: Sequence[float]) -> Tensor:
    """Horner's rule, the highest power first."""
    y = x * coefficients[0] + coefficients[1]
    for c in coefficients[2:]:
        y = y * x + c
    return y


def _erf_near(x: Tensor) -> Tensor:
    x2 = square(minimum(maximum(x, -0.5), 0.5))
    return x * (polynomial(x2, N1) / polynomial(x2, D1))


def _erfcx_far(a: Tensor) -> Tensor:
    """exp(a²) erfc(a) for a >= 0.5."""
    middle = minimum(maximum(a, 0.46875), 4.0)
    far = maximum(a, 4.0)
    r = 1 / square(far)
    beyond = (1 / SQRT_PI - r * polynomial(r, N3) / polynomial(r, D3)) / far
    return choose(a < 4, polynomial(middle, N2) / polynomial(middle, D2), beyond)


def _erfc_far(a: Tensor) -> Tensor:
    a = minimum(a, 30.0)
    head = floor(a * 16) / 16  # of few bits, so that its square is exact
    return exp(-square(head)) * exp((head - a) * (head + a)) * _erfcx_far(a)


@special(
    body=True, body_accepts="real floating", accepts="floating",
    vjp=lambda g, x: times_conj(g * (2 / SQRT_PI), exp(-x * x)),
)  # fmt: skip
def erf(x: Tensor, /) -> Tensor:
    """Error function of each element. Source: DLMF 7.2.1; ``scipy.special.erf``.

    >>> import ndgrad as nd
    >>> nd.erf(nd.asarray([0.0, 1.0]))
    tensor([0.0000, 0.8427])
    """
    a = abs(x)
    return choose(a < 0.46875, _erf_near(x), copysign(1 - _erfc_far(a), x))


@special(
    body=True, body_accepts="real floating", accepts="floating",
    vjp=lambda g, x: times_conj(g * (-2 / SQRT_PI), exp(-x * x)),
)  # fmt: skip
def erfc(x: Tensor, /) -> Tensor:
    """``1 - erf(x)`` of each element, accurate where it is small. Source: DLMF 7.2.2.

    >>> import ndgrad as nd
    >>> nd.erfc(nd.asarray([1.0]))
    tensor([0.1573])
    """
    tail = _erfc_far(abs(x))
    return choose(abs(x) < 0.46875, 1 - _erf_near(x), choose(x < 0, 2 - tail, tail))


@special(
    body=True, body_accepts="real floating", accepts="floating",
    vjp=lambda g, x, y: times_conj(g, x * y * 2 - 2 / SQRT_PI),
)  # fmt: skip
def erfcx(x: Tensor, /) -> Tensor:
    """``exp(x**2) * erfc(x)`` of each element. Source: DLMF 7.2.3."""
    return choose(x < 0.46875, exp(square(minimum(x, 0.5))) * erfc(minimum(x, 0.5)), _erfcx_far(x))


@special(body=True, samples=(-0.9, 0.9), vjp=lambda g, y: g * exp(y * y) * (SQRT_PI / 2))
def erfinv(x: Tensor, /) -> Tensor:
    """Inverse of :func:`erf` of each element in [-1, 1], NaN outside. Source: DLMF 7.17.

    >>> import ndgrad as nd
    >>> nd.erfinv(nd.asarray([0.5]))
    tensor([0.4769])
    """
    return copysign(_erfcinv(1 - abs(x), abs(x)), x)


def _erfcinv(tail: Tensor, a: Tensor) -> Tensor:
    """The w >= 0 with erf(w) = a = 1 - tail: a start that is right to 0.002, then Halley's iteration."""
    inner = log(tail * (1 + a)) / 2 + 2 / (math.pi * 0.147)
    w = sqrt(maximum(sqrt(maximum(square(inner) - log(tail * (1 + a)) / 0.147, 0)) - inner, 0))
    for _ in range(3):
        error = choose(a < 0.5, erf(w) - a, tail - erfc(w))
        step = error * exp(minimum(square(w), 700.0 if w.dtype.itemsize == 8 else 80.0)) * (SQRT_PI / 2)
        w = w - step / (1 + w * step)
    return choose(tail > 0, choose(a == 0, a, w), choose(tail == 0, math.inf, math.nan))


@special(body=True, samples=(0.1, 1.9), vjp=lambda g, y: g * exp(y * y) * (-SQRT_PI / 2))
def erfcinv(x: Tensor, /) -> Tensor:
    """Inverse of :func:`erfc` of each element in [0, 2]. Source: DLMF 7.17."""
    tail = minimum(x, 2 - x)
    return choose(x > 1, -1.0, 1.0) * _erfcinv(tail, 1 - tail)


@special(body=True, vjp=lambda g, x: g * exp(x * x * -0.5) * (1 / SQRT_2PI))
def ndtr(x: Tensor, /) -> Tensor:
    """Standard normal distribution function of each element. Source: ``scipy.special.ndtr``.

    >>> import ndgrad as nd
    >>> nd.special.ndtr(nd.asarray([0.0, 1.96]))
    tensor([0.5000, 0.9750])
    """
    return erfc(x * (-1 / SQRT_2)) * 0.5


@special(body=True, vjp=lambda g, x, y: g * exp(x * x * -0.5 - y) * (1 / SQRT_2PI))
def log_ndtr(x: Tensor, /) -> Tensor:
    """Logarithm of :func:`ndtr` of each element, without underflow. Source: ``scipy.special.log_ndtr``.

    >>> import ndgrad as nd
    >>> nd.special.log_ndtr(nd.asarray([-100.0]))
    tensor([-5005.5244])
    """
    low = minimum(x, -1.0)
    tail = log(_erfcx_far(low * (-1 / SQRT_2)) * 0.5) - square(low) * 0.5
    return choose(x < -1, tail, log1p(erfc(maximum(x, -1.0) * (1 / SQRT_2)) * -0.5))


@special(body=True, samples=(0.1, 0.9), vjp=lambda g, y: g * exp(y * y * 0.5) * SQRT_2PI)
def ndtri(x: Tensor, /) -> Tensor:
    """Inverse of :func:`ndtr`: the quantiles of the standard normal distribution. Source: ``scipy.special.ndtri``."""
    tail = 2 * minimum(x, 1 - x)
    return choose(x < 0.5, -1.0, 1.0) * _erfcinv(tail, 1 - tail) * SQRT_2
