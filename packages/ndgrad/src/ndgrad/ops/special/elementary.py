"""Elementary functions with a twist: other bases, degrees, cancellation avoided; and exponential integrals.

Sources: ``scipy.special``, section "Convenience functions"; DLMF chapters 6 and 25.12.
"""

from __future__ import annotations

import math

from ndgrad.ops.activations import logsigmoid, sigmoid
from ndgrad.ops.elementwise import (
    abs,
    copysign,
    exp,
    expm1,
    floor,
    log,
    log1p,
    maximum,
    minimum,
    pow,
    remainder,
    sign,
    sin,
    square,
    times_conj,
)  # fmt: skip
from ndgrad.ops.elementwise.arithmetic import choose
from ndgrad.ops.special.bessel import EULER, over
from ndgrad.ops.special.errors import polynomial
from ndgrad.ops.special.expansions import expanded, exprel_slope, log1p_quotient, sinc_slope
from ndgrad.ops.special.gammas import BERNOULLI
from ndgrad.ops.special.quadrature import half_line
from ndgrad.ops.special.rows import Operand, no_derivative, special
from ndgrad.tensor import Tensor

__all__ = [
    "cbrt", "cosdg", "cosm1", "cotdg", "exp1", "exp10", "exp2", "expi", "expit", "expn", "exprel", "log_expit", "logit",
    "radian", "sinc", "sindg", "spence", "tandg",
]  # fmt: skip

_DEGREE = math.pi / 180
expit = sigmoid
log_expit = logsigmoid


@special(body=True, samples=(0.1, 0.9), vjp=lambda g, x: g * choose((x >= 0) & (x <= 1), 1 / (x - x * x), math.nan))
def logit(x: Tensor, /) -> Tensor:
    """``log(x / (1 - x))`` of each element in [0, 1], NaN outside.

    >>> import ndgrad as nd
    >>> nd.special.logit(nd.asarray([0.5, 0.75]))
    tensor([0.0000, 1.0986])
    """
    return log(x) - log1p(-x)


def _sinc_slope(x: Tensor) -> Tensor:
    return expanded(x, sinc_slope(), lambda x: (_cos_pi(x) - sinc(x)) / x, at=0.0, radius=0.25)


@special(body=True, accepts="floating", vjp=lambda g, x: times_conj(g, _sinc_slope(x)))
def sinc(x: Tensor, /) -> Tensor:
    """``sin(pi x) / (pi x)`` of each element, 1 at 0.

    >>> import ndgrad as nd
    >>> nd.special.sinc(nd.asarray([0.0, 0.5]))
    tensor([1.0000, 0.6366])
    """
    return over(sin(x * math.pi), x * math.pi, 1.0)


def _cos_pi(x: Tensor) -> Tensor:
    return sin((x + 0.5) * math.pi)


# -- powers ------------------------------------------------------------------------------------------------------------


@special(body=True, samples=(0.3, 3.0), vjp=lambda g, y: g / (square(y) * 3))
def cbrt(x: Tensor, /) -> Tensor:
    """Real cube root of each element."""
    start = exp(log(abs(choose(x == 0, 1.0, x))) / 3)
    root = start - (start - abs(x) / square(start)) / 3
    return copysign(choose((x == 0) | (abs(x) == math.inf), abs(x), root), x)


@special(body=True, accepts="floating", vjp=lambda g, y: times_conj(g * math.log(2), y))
def exp2(x: Tensor, /) -> Tensor:
    """2 to the power of each element."""
    return pow(2.0, x)


@special(body=True, vjp=lambda g, y: g * y * math.log(10))
def exp10(x: Tensor, /) -> Tensor:
    """10 to the power of each element."""
    return pow(10.0, x)


def slope_of_exprel(x: Tensor) -> Tensor:
    """The derivative of :func:`exprel`."""
    return expanded(x, exprel_slope(), lambda x: (exp(x) - exprel(x)) / x, at=0.0, radius=1.0)


@special(body=True, vjp=lambda g, x: g * slope_of_exprel(x))
def exprel(x: Tensor, /) -> Tensor:
    """``(exp(x) - 1) / x`` of each element, 1 at 0."""
    return choose(x == math.inf, x, over(expm1(x), x, 1.0))


@special(body=True, vjp=lambda g, x: -g * sin(x))
def cosm1(x: Tensor, /) -> Tensor:
    """``cos(x) - 1`` of each element, accurate near 0."""
    return square(sin(x * 0.5)) * -2


# -- angles in degrees -------------------------------------------------------------------------------------------------

_ANGLE = (10.0, 80.0)


def _sine(x: Tensor) -> Tensor:
    """Sine of an angle of at most 90 degrees."""
    return choose(abs(x) == 30, sign(x) * 0.5, sin(x * _DEGREE))


def _ratio(y: Tensor, x: Tensor) -> Tensor:
    return choose(x == 0, math.inf, y / choose(x == 0, 1.0, x))


@special(body=True, samples=_ANGLE, vjp=lambda g, x: g * cosdg(x) * _DEGREE)
def sindg(x: Tensor, /) -> Tensor:
    """Sine of each angle in degrees."""
    turn = remainder(abs(x), 360.0)
    half = choose(turn < 180, turn, turn - 180)
    return sign(x) * choose(turn < 180, 1.0, -1.0) * _sine(minimum(half, 180 - half))


@special(body=True, samples=_ANGLE, vjp=lambda g, x: g * sindg(x) * -_DEGREE)
def cosdg(x: Tensor, /) -> Tensor:
    """Cosine of each angle in degrees."""
    turn = remainder(abs(x), 360.0)
    return _sine(90 - minimum(turn, 360 - turn))


@special(body=True, samples=_ANGLE, vjp=lambda g, y: g * (square(y) + 1) * _DEGREE)
def tandg(x: Tensor, /) -> Tensor:
    """Tangent of each angle in degrees."""
    return _ratio(sindg(x), cosdg(x))


@special(body=True, samples=_ANGLE, vjp=lambda g, y: g * (square(y) + 1) * -_DEGREE)
def cotdg(x: Tensor, /) -> Tensor:
    """Cotangent of each angle in degrees."""
    return _ratio(cosdg(x), sindg(x))


@special(body=True)
def radian(d: Operand, m: Operand, s: Operand, /) -> Tensor:
    """An angle of ``d`` degrees, ``m`` minutes and ``s`` seconds in radians."""
    return (d + m / 60 + s / 3600) * _DEGREE


# -- exponential integrals ---------------------------------------------------------------------------------------------

_ASYMPTOTIC = 40.0  # from where on the terms of DLMF 6.12.2 fall below rounding
# B(2k) / (2k + 1)!, highest first: the dilogarithm in powers of its argument's logarithm
_DEBYE = [b / math.factorial(2 * k + 1) for k, b in zip(range(9, 0, -1), BERNOULLI[-9:], strict=True)]


def _log_and_series(x: Tensor, direction: int, terms: int) -> Tensor:
    """Euler's constant + log(x) + the sum of ``(direction x)^k / (k k!)``: Ei(x) and -E1(x), DLMF 6.6."""
    total = x * 0
    for k in range(terms, 0, -1):
        total = (total + 1 / k) * (x * (direction / k))
    return log(x) + EULER + total


@special(
    body=True,
    body_accepts="real floating",
    accepts="floating",
    samples=(0.5, 4.0),
    vjp=lambda g, x: -times_conj(g, exp(-x) / x),
)
def exp1(x: Tensor, /) -> Tensor:
    """Exponential integral E1 of each element. Source: DLMF 6.2.1."""
    small = minimum(maximum(x, 0.0), 1.0)
    large = maximum(x, 1.0)
    far = exp(-large) * half_line(lambda w, z: -log1p(w) - z * w, 1 / (large + 1), large)
    found = choose(x < 1, -_log_and_series(small, -1, 24), choose(x == math.inf, 0.0, far))
    return choose(x >= 0, found, math.nan)


@special(
    body=True,
    body_accepts="real floating",
    accepts="floating",
    samples=(0.5, 4.0),
    vjp=lambda g, x: times_conj(g, exp(x) / x),
)
def expi(x: Tensor, /) -> Tensor:
    """Exponential integral Ei of each element. Source: DLMF 6.2.5."""
    small = minimum(maximum(x, 0.0), _ASYMPTOTIC)
    large = maximum(x, _ASYMPTOTIC)
    far = large * 0 + 1
    for k in range(40, 0, -1):
        far = far * (k / large) + 1
    root = exp(large * 0.5)
    far = root / large * far * root
    found = choose(x < _ASYMPTOTIC, _log_and_series(small, 1, 120), choose(x == math.inf, x, far))
    return choose(x < 0, -exp1(choose(x < 0, -x, 1.0)), found)


@special(
    body=True, samples=((2.0, 2.0), (0.5, 4.0)), vjp=(no_derivative("expn", "n"), lambda g, n, x: -g * expn(n - 1, x))
)
def expn(n: Operand, x: Operand, /) -> Tensor:
    """Generalized exponential integral of whole order ``n``. Source: DLMF 8.19.2."""
    whole = (n >= 0) & (n == floor(n))
    n = choose(whole, n, 2.0)
    z = choose(x > 0, x, 1.0)
    large = maximum(z, 1.0)
    far = exp(-large) * half_line(lambda w, z, n: -n * log1p(w) - z * w, 1 / (large + n), large, n + large * 0)
    small, order = minimum(z, 1.0), maximum(n, 3.0)
    near = exp(-small) * half_line(
        lambda w, z, n: (1 - n) * w - z * expm1(w), 1 / (small + order), small, order + small * 0
    )
    first = exp1(small)
    near = choose(n < 2, choose(n < 1, exp(-small) / small, first), choose(n < 3, exp(-small) - small * first, near))
    at_zero = choose(n > 1, 1 / choose(n > 1, n - 1, 1.0), math.inf)
    found = choose(x == 0, at_zero, choose(x == math.inf, 0.0, choose(x < 1, near, far)))
    return choose(whole & (x >= 0), found, math.nan)


@special(
    body=True, body_accepts="real floating", accepts="floating", samples=(0.3, 3.0),
    vjp=lambda g, x: times_conj(g, -expanded(x, log1p_quotient(), lambda x: log(x) / (x - 1), at=1.0, radius=0.1)),
)  # fmt: skip
def spence(x: Tensor, /) -> Tensor:
    """Dilogarithm, the integral of ``log(t) / (1 - t)`` from 1 to ``x``. Source: DLMF 25.12.2."""
    inverted = x > 2
    y = choose(inverted, 1 / choose(inverted, x, 1.0), choose(x > 0, x, 1.0))
    reflected = y < 0.5
    u = log(choose(reflected, 1 - y, y))
    v = square(u)
    series = -u * (polynomial(v, _DEBYE) * v + 1) - v * 0.25
    series = choose(reflected, math.pi**2 / 6 - log(y) * u - series, series)
    found = choose(inverted, -series - square(log(choose(inverted, x, 1.0))) * 0.5, series)
    return choose(x > 0, choose(x == math.inf, -math.inf, found), choose(x == 0, x + math.pi**2 / 6, math.nan))
