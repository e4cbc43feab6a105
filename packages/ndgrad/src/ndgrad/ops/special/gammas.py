"""The gamma function and its relatives: logarithms, derivatives, the beta function, and zeta functions.

Sources: DLMF chapters 5 and 25; where a backend has no kernel, Stirling's series (5.11.1, 5.11.2) and reflection
(5.5.3), Euler's and Maclaurin's sum.
"""

from __future__ import annotations

import math
from typing import Any

from ndgrad.ops.elementwise import (
    abs,
    copysign,
    cos,
    exp,
    expm1,
    floor,
    log,
    maximum,
    minimum,
    pow,
    remainder,
    round,
    sin,
    square,
)
from ndgrad.ops.elementwise.arithmetic import choose, flat
from ndgrad.ops.special.errors import polynomial
from ndgrad.ops.special.rows import Operand, no_derivative, special
from ndgrad.tensor import Tensor

__all__ = [
    "beta", "betaln", "binom", "digamma", "gamma", "gammaln", "gammasgn", "loggamma", "multigammaln", "poch",
    "polygamma", "psi", "rgamma", "zeta", "zetac",
]  # fmt: skip

BERNOULLI = (43867 / 798, -3617 / 510, 7 / 6, -691 / 2730, 5 / 66, -1 / 30, 1 / 42, -1 / 30, 1 / 6)  # B(18) to B(2)
# B(2k) / (2k (2k - 1)) and -B(2k) / (2k), highest first: Stirling's series in 1/x²
_LOG_SERIES = [b / (2 * k * (2 * k - 1)) for k, b in zip(range(8, 0, -1), BERNOULLI[1:], strict=True)]
_PSI_SERIES = [-b / (2 * k) for k, b in zip(range(8, 0, -1), BERNOULLI[1:], strict=True)]
_SHIFT = 8  # from which the series is exact to rounding


def _sign(x: Tensor) -> Tensor:
    """The sign of the gamma function off its poles."""
    return choose((x > 0) | (remainder(floor(x), 2.0) == 0), 1.0, choose(x < 0, -1.0, x))


def cos_pi(x: Tensor) -> Tensor:
    """cos(pi x), exact where it is 0 or ±1."""
    turn = abs(remainder(x + 1, 2.0) - 1)
    return sin((0.5 - turn) * math.pi)


def _fraction(x: Tensor) -> Tensor:
    return x - floor(x)


def _gammaln_positive(x: Tensor) -> Tensor:
    z = maximum(x, 1e-300 if x.dtype.itemsize == 8 else 1e-37)
    product = z
    for i in range(1, _SHIFT):
        product = product * choose(z < _SHIFT, z + i, 1.0)
    shifted = choose(z < _SHIFT, z + _SHIFT, z)
    r = 1 / shifted
    series = (shifted - 0.5) * (log(shifted) - 1) - 0.5 + math.log(2 * math.pi) / 2 + r * polynomial(r * r, _LOG_SERIES)
    return choose(x == math.inf, math.inf, choose(z < _SHIFT, series - log(product), series))


def _digamma_positive(x: Tensor) -> Tensor:
    lower = choose(x < _SHIFT, 1 / x, 0.0)
    for i in range(1, _SHIFT):
        lower = lower + choose(x < _SHIFT, 1 / (x + i), 0.0)
    shifted = choose(x < _SHIFT, x + _SHIFT, x)
    r = 1 / shifted
    return log(shifted) - r / 2 + r * r * polynomial(r * r, _PSI_SERIES) - lower


@special(body=True, samples=(0.5, 4.0), vjp=lambda g, x: g * digamma(x))
def gammaln(x: Tensor, /) -> Tensor:
    """Logarithm of the absolute value of the gamma function of each element. Source: DLMF 5.2.1.

    >>> import ndgrad as nd
    >>> nd.special.gammaln(nd.asarray([5.0]))
    tensor([3.1781])
    """
    reflected = math.log(math.pi) - log(abs(sin(_fraction(x) * math.pi))) - _gammaln_positive(1 - x)
    return choose(x > 0, _gammaln_positive(x), choose(x == floor(x), math.inf, reflected))


@special(body=True, samples=(0.5, 4.0), vjp=lambda g, x: g * digamma(x))
def loggamma(x: Tensor, /) -> Tensor:
    """Logarithm of the gamma function, NaN for negative elements. Source: ``scipy.special.loggamma``."""
    return choose(x < 0, math.nan, gammaln(x))


@special(body=True, samples=(0.5, 4.0), vjp=lambda g, x: g * polygamma(1, x))
def digamma(x: Tensor, /) -> Tensor:
    """Derivative of the logarithm of the gamma function. Source: DLMF 5.2.2.

    >>> import ndgrad as nd
    >>> nd.special.digamma(nd.asarray([1.0]))
    tensor([-0.5772])
    """
    angle = _fraction(x) * math.pi
    reflected = _digamma_positive(1 - x) - math.pi * sin(angle + math.pi / 2) / sin(angle)
    return choose(x > 0, _digamma_positive(x), choose(x == 0, -1 / x, choose(x == floor(x), math.nan, reflected)))


psi = digamma


@special(
    body=True,
    samples=((1.0, 1.0), (0.5, 4.0)),
    vjp=(no_derivative("polygamma", "n"), lambda g, n, x: g * polygamma(n + 1, x)),
)
def polygamma(n: Operand, x: Operand, /) -> Tensor:
    """The n-th derivative of :func:`digamma` of each ``x``, for whole ``n >= 0``. Source: DLMF 5.15."""
    order = choose(n < 1, 2.0, n + 1)
    series = cos_pi(order) * exp(gammaln(order)) * zeta(order, x)
    return choose(n == 0, digamma(x), choose((n > 0) & (n == floor(n)), series, math.nan))


@special(body=True, samples=(0.5, 4.0), vjp=lambda g, x, y: g * y * digamma(x))
def gamma(x: Tensor, /) -> Tensor:
    """Gamma function of each element. Source: DLMF 5.2.1.

    >>> import ndgrad as nd
    >>> nd.special.gamma(nd.asarray([5.0]))
    tensor([24.])
    """
    return choose(x == 0, 1 / x, gammasgn(x) * exp(gammaln(x)))


def _rgamma_slope(x: Tensor, y: Tensor) -> Tensor:
    """-psi(x) / Gamma(x); by reflection left of 1/2, where psi and 1 / Gamma have poles and zeros."""
    left = x < 0.5
    mirrored = choose(left, 1 - x, 1.0)
    return choose(left, cos(x * math.pi) * gamma(mirrored) - digamma(mirrored) * y, -digamma(choose(left, 1.0, x)) * y)


@special(body=True, samples=(-2.5, 4.0), vjp=lambda g, x, y: g * _rgamma_slope(x, y))
def rgamma(x: Tensor, /) -> Tensor:
    """Reciprocal of the gamma function, 0 at its poles. Source: ``scipy.special.rgamma``."""
    return choose((x <= 0) & (x == floor(x)), 0.0, _sign(x) * exp(-gammaln(x)))


@special(body=True, vjp=lambda g: flat(g))
def gammasgn(x: Tensor, /) -> Tensor:
    """Sign of the gamma function of each element. Source: ``scipy.special.gammasgn``."""
    pole = (x < 0) & (x == floor(x))
    return choose(x == 0, copysign(exp(x), x), choose(pole, math.nan, _sign(x)))


def multigammaln(a: Tensor, d: int) -> Tensor:
    """Logarithm of the multivariate gamma function of dimension ``d`` for ``a > (d - 1) / 2``.

    Raises ValueError for a ``d`` that is no positive integer. Source: DLMF 35.3.
    """
    if not isinstance(d, int):
        raise TypeError(f"special.multigammaln: d is a positive integer, got {d!r}")
    if d < 1:
        raise ValueError(f"special.multigammaln: d is a positive integer, got {d}")
    total = gammaln(a) + d * (d - 1) / 4 * math.log(math.pi)
    for i in range(1, d):
        total = total + gammaln(a - i / 2)
    return total


@special(
    body=True,
    samples=(0.5, 4.0),
    vjp=(lambda g, a, y, m: g * y * (digamma(a + m) - digamma(a)), lambda g, a, y, m: g * y * digamma(a + m)),
)
def poch(a: Operand, m: Operand, /) -> Tensor:
    """``gamma(a + m) / gamma(a)``, Pochhammer's symbol. Source: DLMF 5.2(iii)."""
    found = _sign(a + m) * _sign(a) * exp(gammaln(a + m) - gammaln(a))
    return choose(m == 0, 1.0, found)


@special(
    body=True, samples=((3.0, 6.0), (0.5, 2.5)),
    vjp=(
        lambda g, y, n, k: g * y * (digamma(n + 1) - digamma(n - k + 1)),
        lambda g, y, n, k: g * y * (digamma(n - k + 1) - digamma(k + 1)),
    ),
)  # fmt: skip
def binom(n: Operand, k: Operand, /) -> Tensor:
    """Binomial coefficient of real arguments. Source: DLMF 1.2.6."""
    found = _sign(n + 1) * _sign(k + 1) * _sign(n - k + 1)
    found = found * exp(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))
    return choose((n >= 0) & (n == floor(n)) & (k == floor(k)), round(found), found)


# -- beta --------------------------------------------------------------------------------------------------------------


def _betaln_rule(g: Tensor, a: Any, b: Any) -> Tensor:
    return g * (digamma(a) - digamma(b + a))


@special(body=True, samples=(0.5, 4.0), vjp=(_betaln_rule, lambda g, a, b: _betaln_rule(g, b, a)))
def betaln(a: Operand, b: Operand, /) -> Tensor:
    """Logarithm of the absolute value of the beta function. Source: DLMF 5.12.1."""
    return gammaln(a) + gammaln(b) - gammaln(a + b)


@special(
    body=True,
    samples=(0.5, 4.0),
    vjp=(lambda g, y, a, b: _betaln_rule(g * y, a, b), lambda g, y, a, b: _betaln_rule(g * y, b, a)),
)
def beta(a: Operand, b: Operand, /) -> Tensor:
    """Beta function. Source: DLMF 5.12.1."""
    return _sign(a) * _sign(b) * _sign(a + b) * exp(betaln(a, b))


# -- zeta --------------------------------------------------------------------------------------------------------------


def _euler_maclaurin(s: Tensor, q: Tensor, first: int) -> Tensor:
    """The sum of ``(q + k)^-s`` over k >= first, for s > 1. Source: DLMF 25.11.28 with 2.10.1."""
    n = 10
    total = pow(q + first, -s)
    for k in range(first + 1, n):
        total = total + pow(q + k, -s)
    end = q + n
    power = pow(end, -s)
    total = total + power * (end / (s - 1) + 0.5)
    term = power * s / end
    for k, b in zip(range(1, 10), BERNOULLI[::-1], strict=True):
        total = total + term * (b / math.factorial(2 * k))
        term = term * (s + (2 * k - 1)) * (s + 2 * k) / square(end)
    return total


def _between(x: Tensor) -> Tensor:
    """Riemann's zeta function on [0, 1), by the alternating series' binomial means. Source: Borwein (2000)."""
    z = minimum(maximum(x, 0.0), 0.999999999 if x.dtype.itemsize == 8 else 0.999999)
    total = z * 0
    for k, weight in enumerate(_BORWEIN):
        total = total + pow(k + 1.0, -z) * weight
    return total / -expm1((1 - z) * math.log(2))


def _borwein(n: int) -> list[float]:
    parts = [math.factorial(n + i - 1) * 4**i / (math.factorial(n - i) * math.factorial(2 * i)) for i in range(n + 1)]
    whole = math.fsum(parts)
    return [(-1) ** k * math.fsum(parts[k + 1 :]) / whole for k in range(n)]


_BORWEIN = _borwein(24)


@special(
    body=True, name="zeta", samples=((2.0, 4.0), (0.5, 4.0)),
    vjp=(no_derivative("zeta", "x"), lambda g, x, q: -g * x * zeta(x + 1, q)),
)  # fmt: skip
def _hurwitz_zeta(x: Operand, q: Operand, /) -> Tensor:
    """:func:`zeta` of two arguments, for x >= 1."""
    series = _euler_maclaurin(choose(x > 1, x, 2.0), choose(q > 0, q, 1.0), 0)
    found = choose(q > 0, series, choose(q == floor(q), math.inf, math.nan))
    return choose(x > 1, found, choose(x == 1, math.inf, math.nan))


@special(body=True, name="riemann_zeta", vjp=no_derivative("zeta", "x"), samples=(-3.0, 0.9))
def _riemann_zeta(x: Tensor, /) -> Tensor:
    """:func:`zeta` of one argument, continued below 1. Source: DLMF 25.4.1 for x < 0."""
    s = choose(x < 0, 1 - x, choose(x > 1, x, 2.0))
    series = _euler_maclaurin(s, s * 0 + 1, 0)
    continued = 2 * pow(2 * math.pi, -s) * cos_pi(s * 0.5) * exp(gammaln(s)) * series
    return choose(x == 1, math.inf, choose(x < 0, continued, choose(x < 1, _between(x), series)))


def zeta(x: Operand, q: Operand | None = None) -> Tensor:
    """Riemann's zeta function of ``x``; or Hurwitz's of ``x`` and ``q``, NaN for x < 1, differentiable in ``q``.

    Source: DLMF 25.2, 25.11.
    """
    return _riemann_zeta(x) if q is None else _hurwitz_zeta(x, q)


@special(body=True, vjp=no_derivative("zetac", "x"), samples=(2.0, 4.0))
def zetac(x: Tensor, /) -> Tensor:
    """``zeta(x) - 1`` for real ``x``. Source: DLMF 25.2."""
    large = maximum(x, 2.0)
    found = choose(x < 2, zeta(x) - 1, _euler_maclaurin(large, large * 0 + 1, 1))
    return choose(x == math.inf, 0.0, found)
