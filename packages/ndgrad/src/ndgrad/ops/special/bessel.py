"""Bessel functions of whole order, Legendre functions, elliptic and hypergeometric integrals.

Sources: DLMF chapters 10, 13, 14, 19. Where a backend has no kernel, Bessel functions are means over the circle
(Bessel's integrals 10.9.2, 10.32.1, Neumann's series 10.8.3) up to 25 and Hankel's expansions (10.17, 10.40) beyond,
elliptic integrals arithmetic-geometric means (19.8).
"""

from __future__ import annotations

import math
from typing import Any

from ndgrad.ops.elementwise import abs, copysign, cos, cosh, exp, log, maximum, minimum, sign, sin, sinh, sqrt, square
from ndgrad.ops.elementwise.arithmetic import choose
from ndgrad.ops.special.errors import polynomial
from ndgrad.ops.special.expansions import elliptic_e_slope, elliptic_k_slope, expanded
from ndgrad.ops.special.quadrature import circle, half_line, neumann, weighted
from ndgrad.ops.special.rows import Operand, no_derivative, special
from ndgrad.tensor import Tensor

__all__ = [
    "ellipe", "ellipk", "ellipkm1", "hyp1f1", "i0", "i0e", "i1", "i1e", "j0", "j1", "k0", "k0e", "k1", "k1e", "lpmv",
    "y0", "y1", "yn",
]  # fmt: skip

_POSITIVE = (0.5, 4.0)


def over(y: Any, x: Tensor, limit: float) -> Tensor:
    """The quotient y / x, whose limit at x = 0 is known."""
    return choose(x == 0, limit, y / choose(x == 0, 1.0, x))


# -- in other ops ------------------------------------------------------------------------------------------------------

_FAR = 25.0  # from where on 22 terms of Hankel's expansions are exact to rounding
EULER = 0.57721566490153286061


def _hankel(order: int) -> list[float]:
    """The a_k(order) of DLMF 10.17.1."""
    terms = [1.0]
    for k in range(1, 22):
        terms.append(terms[-1] * (4 * order * order - (2 * k - 1) ** 2) / (8 * k))
    return terms


_HANKEL = (_hankel(0), _hankel(1))


def _oscillating(order: int, x: Tensor) -> tuple[Tensor, Tensor]:
    """J and Y of order 0 or 1 for x >= 25."""
    r, terms = 1 / x, _HANKEL[order]
    p = polynomial(-square(r), terms[20::-2])
    q = polynomial(-square(r), terms[21::-2]) * r
    c, s = cos(x), sin(x)
    near, turned = (c + s, s - c) if order == 0 else (s - c, -(s + c))  # sqrt(2) cos and sin of the phase
    scale = 1 / sqrt(x * math.pi)
    return scale * (p * near - q * turned), scale * (p * turned + q * near)


def _growing(order: int, x: Tensor) -> Tensor:
    """exp(-x) I(x) for x >= 25."""
    terms = [(-1) ** k * a for k, a in enumerate(_HANKEL[order])]
    return polynomial(1 / x, terms[::-1]) / sqrt(x * (2 * math.pi))


def _near(x: Tensor) -> Tensor:
    return minimum(abs(x), _FAR)


def _far(x: Tensor) -> Tensor:
    return maximum(abs(x), _FAR)


def _j(order: int, x: Tensor) -> Tensor:
    z = _near(x)
    near = weighted(circle(), lambda s, z: sin(z * s) * s if order else cos(z * s), z)
    return choose(abs(x) < _FAR, near, _oscillating(order, _far(x))[0])


def _log_half(z: Tensor) -> Tensor:
    return log(z * 0.5) + EULER


def _y(order: int, x: Tensor) -> Tensor:
    z = choose(x > 0, _near(x), 1.0)
    series = weighted(neumann(), lambda s, z: sin(z * s) * s if order else cos(z * s), z)
    near = _log_half(z) * _j(order, z) * (2 / math.pi) + series
    if order:
        near = near - _j(0, z) / z * (2 / math.pi)
    found = choose(x < _FAR, near, _oscillating(order, _far(x))[1])
    return _positive(x, found, -math.inf)


def _k0e(x: Tensor) -> Tensor:
    small = minimum(maximum(x, 1e-300 if x.dtype.itemsize == 8 else 1e-37), 2.0)
    series = -_log_half(small) * i0(small) - weighted(neumann(), lambda s, z: cosh(z * s), small) * (math.pi / 2)
    large = maximum(x, 2.0)
    integral = half_line(lambda t, z: square(sinh(minimum(t, 60.0) * 0.5)) * z * -2, 1 / sqrt(large), large)
    found = choose(x < 2, series * exp(small), integral)
    return _positive(x, choose(x == math.inf, 0.0, found), math.inf)


def _positive(x: Tensor, found: Tensor, at_zero: float) -> Tensor:
    return choose(x > 0, found, choose(x == 0, at_zero, math.nan))


def _k1e(x: Tensor) -> Tensor:
    """By the Wronskian, DLMF 10.28.2."""
    z = choose(x > 0, x, 1.0)
    found = (1 / z - i1e(z) * _k0e(z)) / i0e(z)
    return _positive(x, choose(x == math.inf, 0.0, found), math.inf)


# -- Bessel functions --------------------------------------------------------------------------------------------------


@special(body=True, vjp=lambda g, x: g * i1(x))
def i0(x: Tensor, /) -> Tensor:
    """Modified Bessel function of the first kind, order 0. Source: DLMF 10.25.2."""
    return i0e(x) * exp(abs(x))


@special(body=True, vjp=lambda g, x, y: g * (i1e(x) - sign(x) * y))
def i0e(x: Tensor, /) -> Tensor:
    """``exp(-abs(x)) * i0(x)``."""
    z = _near(x)
    near = weighted(circle(), lambda s, z: exp(z * (s - 1)) + exp(z * (-s - 1)), z) * 0.5
    return choose(abs(x) < _FAR, near, _growing(0, _far(x)))


@special(body=True, vjp=lambda g, x, y: g * (i0(x) - over(y, x, 0.5)))
def i1(x: Tensor, /) -> Tensor:
    """Modified Bessel function of the first kind, order 1. Source: DLMF 10.25.2."""
    return i1e(x) * exp(abs(x))


@special(body=True, vjp=lambda g, x, y: g * (i0e(x) - sign(x) * y - over(y, x, 0.5)))
def i1e(x: Tensor, /) -> Tensor:
    """``exp(-abs(x)) * i1(x)``."""
    z = _near(x)
    near = weighted(circle(), lambda s, z: sinh(z * s) * s, z) * exp(-z)
    return copysign(choose(abs(x) < _FAR, near, _growing(1, _far(x))), x)


@special(body=True, vjp=lambda g, x: -g * j1(x))
def j0(x: Tensor, /) -> Tensor:
    """Bessel function of the first kind, order 0. Source: DLMF 10.2.2."""
    return _j(0, x)


@special(body=True, vjp=lambda g, x, y: g * (j0(x) - over(y, x, 0.5)))
def j1(x: Tensor, /) -> Tensor:
    """Bessel function of the first kind, order 1. Source: DLMF 10.2.2."""
    return sign(x) * _j(1, x)


@special(body=True, samples=_POSITIVE, vjp=lambda g, x: -g * y1(x))
def y0(x: Tensor, /) -> Tensor:
    """Bessel function of the second kind, order 0. Source: DLMF 10.2.3."""
    return _y(0, x)


@special(body=True, samples=_POSITIVE, vjp=lambda g, x, y: g * (y0(x) - y / x))
def y1(x: Tensor, /) -> Tensor:
    """Bessel function of the second kind, order 1. Source: DLMF 10.2.3."""
    return _y(1, x)


@special(
    samples=((2.0, 2.0), _POSITIVE), vjp=(no_derivative("yn", "n"), lambda g, y, n, x: g * (yn(n - 1, x) - y * n / x))
)
def yn(n: Operand, x: Operand, /) -> Tensor:
    """Bessel function of the second kind, whole order ``n``. Source: DLMF 10.2.3."""


@special(body=True, samples=_POSITIVE, vjp=lambda g, x: -g * k1(x))
def k0(x: Tensor, /) -> Tensor:
    """Modified Bessel function of the second kind, order 0. Source: DLMF 10.25.3."""
    return _k0e(x) * exp(-x)


@special(body=True, samples=_POSITIVE, vjp=lambda g, x, y: g * (y - k1e(x)))
def k0e(x: Tensor, /) -> Tensor:
    """``exp(x) * k0(x)``."""
    return _k0e(x)


@special(body=True, samples=_POSITIVE, vjp=lambda g, x, y: -g * (k0(x) + y / x))
def k1(x: Tensor, /) -> Tensor:
    """Modified Bessel function of the second kind, order 1. Source: DLMF 10.25.3."""
    return _k1e(x) * exp(-x)


@special(body=True, samples=_POSITIVE, vjp=lambda g, x, y: g * (y - k0e(x) - y / x))
def k1e(x: Tensor, /) -> Tensor:
    """``exp(x) * k1(x)``."""
    return _k1e(x)


@special(
    samples=((1.0, 1.0), (3.0, 3.0), (-0.8, 0.8)),
    vjp=(
        no_derivative("lpmv", "m"), no_derivative("lpmv", "v"),
        lambda g, y, m, v, x: g * (v * x * y - (v + m) * lpmv(m, v - 1, x)) / (x * x - 1),
    ),
)  # fmt: skip
def lpmv(m: Operand, v: Operand, x: Operand, /) -> Tensor:
    """Associated Legendre function of order ``m`` and degree ``v`` for ``|x| < 1``. Source: DLMF 14.3.6."""


@special(
    samples=((0.5, 2.0), (2.0, 4.0), (-2.0, 2.0)),
    vjp=(
        no_derivative("hyp1f1", "a"), no_derivative("hyp1f1", "b"),
        lambda g, a, b, x: g * (a / b) * hyp1f1(a + 1, b + 1, x),
    ),
)  # fmt: skip
def hyp1f1(a: Operand, b: Operand, x: Operand, /) -> Tensor:
    """Confluent hypergeometric function; differentiable in ``x``. Source: DLMF 13.2.2."""


def _mean(m1: Tensor) -> tuple[Tensor, Tensor]:
    """Gauss' arithmetic-geometric mean of 1 and sqrt(m1), and the sum of which ``E / K`` falls short of 1."""
    a, b = m1 * 0 + 1, sqrt(maximum(m1, 0.0))
    rest, power = (1 - m1) * 0.5, 0.5
    for _ in range(13):  # enough for the least positive m1
        a, b, c = (a + b) * 0.5, sqrt(a * b), (a - b) * 0.5
        power *= 2
        rest = rest + square(c) * power
    return a, rest


def _ellipk_slope(m1: Tensor) -> Tensor:
    """dK/dm at m = 1 - m1: DLMF 19.4.1."""

    def far(m1: Tensor) -> Tensor:
        return (ellipe(1 - m1) / m1 - ellipkm1(m1)) / (2 * (1 - m1))

    return expanded(m1, elliptic_k_slope(), far, at=1.0, radius=0.1)


def _ellipe_slope(m: Tensor) -> Tensor:
    """dE/dm: DLMF 19.4.2."""
    return expanded(m, elliptic_e_slope(), lambda m: (ellipe(m) - ellipk(m)) / (2 * m), at=0.0, radius=0.1)


@special(body=True, samples=(0.1, 0.9), vjp=lambda g, x: g * _ellipk_slope(1 - x))
def ellipk(x: Tensor, /) -> Tensor:
    """Complete elliptic integral of the first kind of parameter ``m``. Source: DLMF 19.2.8."""
    return ellipkm1(1 - x)


@special(body=True, samples=(0.1, 0.9), vjp=lambda g, x: -g * _ellipk_slope(x))
def ellipkm1(x: Tensor, /) -> Tensor:
    """``ellipk(1 - x)``, accurate where ``x`` is small."""
    a, _ = _mean(x)
    return _positive(x, math.pi / 2 / a, math.inf)


@special(body=True, samples=(0.1, 0.9), vjp=lambda g, x: g * _ellipe_slope(x))
def ellipe(x: Tensor, /) -> Tensor:
    """Complete elliptic integral of the second kind of parameter ``m``. Source: DLMF 19.2.8."""
    a, rest = _mean(1 - x)
    return choose(x < 1, math.pi / 2 / a * (1 - rest), choose(x == 1, 1.0, math.nan))
