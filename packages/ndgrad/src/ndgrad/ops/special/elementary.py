"""Elementary functions with a twist: other bases, degrees, cancellation avoided; and exponential integrals.

Sources: ``scipy.special``, section "Convenience functions"; DLMF chapters 6 and 25.12.
"""

from __future__ import annotations

import math

from ndgrad.ops.activations import logsigmoid, sigmoid
from ndgrad.ops.elementwise import exp, log, log1p, sin, square, times_conj
from ndgrad.ops.elementwise.arithmetic import Operand, choose
from ndgrad.ops.special.bessel import over
from ndgrad.ops.special.rows import no_derivative, special
from ndgrad.tensor import Tensor

__all__ = [
    "cbrt", "cosdg", "cosm1", "cotdg", "exp1", "exp10", "exp2", "expi", "expit", "expn", "exprel", "log_expit", "logit",
    "radian", "sinc", "sindg", "spence", "tandg",
]  # fmt: skip

_DEGREE = math.pi / 180
expit = sigmoid
log_expit = logsigmoid


@special(body=True, samples=(0.1, 0.9), vjp=lambda g, x: g / (x - x * x))
def logit(x: Tensor, /) -> Tensor:
    """``log(x / (1 - x))`` of each element in [0, 1], NaN outside.

    >>> import ndgrad as nd
    >>> nd.special.logit(nd.asarray([0.5, 0.75]))
    tensor([0.0000, 1.0986])
    """
    return log(x) - log1p(-x)


@special(body=True, vjp=lambda g, x, y: g * over(_cos_pi(x) - y, x, 0.0))
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


@special(samples=(0.3, 3.0), vjp=lambda g, y: g / (square(y) * 3))
def cbrt(x: Tensor, /) -> Tensor:
    """Real cube root of each element."""


@special(vjp=lambda g, y: g * y * math.log(2))
def exp2(x: Tensor, /) -> Tensor:
    """2 to the power of each element."""


@special(vjp=lambda g, y: g * y * math.log(10))
def exp10(x: Tensor, /) -> Tensor:
    """10 to the power of each element."""


@special(vjp=lambda g, x, y: g * over(exp(x) - y, x, 0.5))
def exprel(x: Tensor, /) -> Tensor:
    """``(exp(x) - 1) / x`` of each element, 1 at 0."""


@special(vjp=lambda g, x: -g * sin(x))
def cosm1(x: Tensor, /) -> Tensor:
    """``cos(x) - 1`` of each element, accurate near 0."""


# -- angles in degrees -------------------------------------------------------------------------------------------------

_ANGLE = (10.0, 80.0)


@special(samples=_ANGLE, vjp=lambda g, x: g * cosdg(x) * _DEGREE)
def sindg(x: Tensor, /) -> Tensor:
    """Sine of each angle in degrees."""


@special(samples=_ANGLE, vjp=lambda g, x: g * sindg(x) * -_DEGREE)
def cosdg(x: Tensor, /) -> Tensor:
    """Cosine of each angle in degrees."""


@special(samples=_ANGLE, vjp=lambda g, y: g * (square(y) + 1) * _DEGREE)
def tandg(x: Tensor, /) -> Tensor:
    """Tangent of each angle in degrees."""


@special(samples=_ANGLE, vjp=lambda g, y: g * (square(y) + 1) * -_DEGREE)
def cotdg(x: Tensor, /) -> Tensor:
    """Cotangent of each angle in degrees."""


@special(body=True)
def radian(d: Operand, m: Operand, s: Operand, /) -> Tensor:
    """An angle of ``d`` degrees, ``m`` minutes and ``s`` seconds in radians."""
    return (d + m / 60 + s / 3600) * _DEGREE  # type: ignore[return-value]


# -- exponential integrals ---------------------------------------------------------------------------------------------


@special(accepts="floating", samples=(0.5, 4.0), vjp=lambda g, x: -times_conj(g, exp(-x) / x))
def exp1(x: Tensor, /) -> Tensor:
    """Exponential integral E1 of each element. Source: DLMF 6.2.1."""


@special(accepts="floating", samples=(0.5, 4.0), vjp=lambda g, x: times_conj(g, exp(x) / x))
def expi(x: Tensor, /) -> Tensor:
    """Exponential integral Ei of each element. Source: DLMF 6.2.5."""


@special(samples=((2.0, 2.0), (0.5, 4.0)), vjp=(no_derivative("expn", "n"), lambda g, n, x: -g * expn(n - 1, x)))
def expn(n: Operand, x: Operand, /) -> Tensor:
    """Generalized exponential integral of whole order ``n``. Source: DLMF 8.19.2."""


@special(
    accepts="floating", samples=(0.3, 3.0),
    vjp=lambda g, x: times_conj(g, choose(x == 1, -1.0, log(x) / choose(x == 1, 1.0, 1 - x))),
)  # fmt: skip
def spence(x: Tensor, /) -> Tensor:
    """Dilogarithm, the integral of ``log(t) / (1 - t)`` from 1 to ``x``. Source: DLMF 25.12.2."""
