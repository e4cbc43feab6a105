"""The gamma function and its relatives: logarithms, derivatives, incomplete gamma and beta functions.

Sources: DLMF chapters 5 and 8; Stirling's series (5.11.1, 5.11.2) and reflection (5.5.3) where a backend has no kernel.
"""

from __future__ import annotations

import math
from typing import Any

from ndgrad.ops.elementwise import abs, exp, floor, log, maximum, sin
from ndgrad.ops.elementwise.arithmetic import Operand, as_tensor, choose
from ndgrad.ops.special.entropies import xlog1py, xlogy
from ndgrad.ops.special.errors import polynomial
from ndgrad.ops.special.rows import no_derivative, special
from ndgrad.tensor import Tensor

__all__ = [
    "beta", "betainc", "betaincc", "betaincinv", "betaln", "binom", "digamma", "gamma", "gammainc", "gammaincc",
    "gammainccinv", "gammaincinv", "gammaln", "gammasgn", "loggamma", "multigammaln", "poch", "polygamma", "psi",
    "rgamma", "zeta", "zetac",
]  # fmt: skip

# B(2k) / (2k (2k - 1)) and B(2k) / (2k), highest first: Stirling's series in 1/x²
_LOG_SERIES = (-3617 / 122400, 1 / 156, -691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12)
_PSI_SERIES = (3617 / 8160, -1 / 12, 691 / 32760, -1 / 132, 1 / 240, -1 / 252, 1 / 120, -1 / 12)
_SHIFT = 8  # from which the series is exact to rounding


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


@special(samples=(0.5, 4.0), vjp=lambda g, x: g * digamma(x))
def loggamma(x: Tensor, /) -> Tensor:
    """Logarithm of the gamma function, NaN for negative elements. Source: ``scipy.special.loggamma``."""


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
    samples=((1.0, 1.0), (0.5, 4.0)), vjp=(no_derivative("polygamma", "n"), lambda g, n, x: g * polygamma(n + 1, x))
)
def polygamma(n: Operand, x: Operand, /) -> Tensor:
    """The n-th derivative of :func:`digamma` of each ``x``, for whole ``n >= 0``. Source: DLMF 5.15."""


@special(samples=(0.5, 4.0), vjp=lambda g, x, y: g * y * digamma(x))
def gamma(x: Tensor, /) -> Tensor:
    """Gamma function of each element. Source: DLMF 5.2.1.

    >>> import ndgrad as nd
    >>> nd.special.gamma(nd.asarray([5.0]))
    tensor([24.])
    """


@special(samples=(0.5, 4.0), vjp=lambda g, x, y: -g * y * digamma(x))
def rgamma(x: Tensor, /) -> Tensor:
    """Reciprocal of the gamma function, 0 at its poles. Source: ``scipy.special.rgamma``."""


@special()
def gammasgn(x: Tensor, /) -> Tensor:
    """Sign of the gamma function of each element. Source: ``scipy.special.gammasgn``."""


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
    samples=(0.5, 4.0),
    vjp=(lambda g, a, y, m: g * y * (digamma(a + m) - digamma(a)), lambda g, a, y, m: g * y * digamma(a + m)),
)
def poch(a: Operand, m: Operand, /) -> Tensor:
    """``gamma(a + m) / gamma(a)``, Pochhammer's symbol. Source: DLMF 5.2(iii)."""


@special(
    samples=((3.0, 6.0), (0.5, 2.5)),
    vjp=(
        lambda g, y, n, k: g * y * (digamma(n + 1) - digamma(n - k + 1)),
        lambda g, y, n, k: g * y * (digamma(n - k + 1) - digamma(k + 1)),
    ),
)  # fmt: skip
def binom(n: Operand, k: Operand, /) -> Tensor:
    """Binomial coefficient of real arguments. Source: DLMF 1.2.6."""


# -- beta --------------------------------------------------------------------------------------------------------------


def _betaln_rule(g: Tensor, a: Any, b: Any) -> Tensor:
    return g * (digamma(a) - digamma(b + a))


@special(samples=(0.5, 4.0), vjp=(_betaln_rule, lambda g, a, b: _betaln_rule(g, b, a)))
def betaln(a: Operand, b: Operand, /) -> Tensor:
    """Logarithm of the absolute value of the beta function. Source: DLMF 5.12.1."""


@special(
    samples=(0.5, 4.0), vjp=(lambda g, y, a, b: _betaln_rule(g * y, a, b), lambda g, y, a, b: _betaln_rule(g * y, b, a))
)
def beta(a: Operand, b: Operand, /) -> Tensor:
    """Beta function. Source: DLMF 5.12.1."""


def beta_density(a: Any, b: Any, x: Tensor) -> Tensor:
    """x^(a-1) (1-x)^(b-1) / B(a, b), the derivative of the regularized incomplete beta function."""
    a, b = as_tensor(a, x), as_tensor(b, x)
    return exp(xlogy(a - 1, x) + xlog1py(b - 1, -x) - betaln(a, b))


_A, _B = no_derivative("betainc", "a"), no_derivative("betainc", "b")
_BETA_SAMPLES = ((0.5, 4.0), (0.5, 4.0), (0.2, 0.8))


@special(samples=_BETA_SAMPLES, vjp=(_A, _B, lambda g, a, b, x: g * beta_density(a, b, x)))
def betainc(a: Operand, b: Operand, x: Operand, /) -> Tensor:
    """Regularized incomplete beta function; differentiable in ``x``. Source: DLMF 8.17.2."""


@special(samples=_BETA_SAMPLES, vjp=(_A, _B, lambda g, a, b, x: -g * beta_density(a, b, x)))
def betaincc(a: Operand, b: Operand, x: Operand, /) -> Tensor:
    """``1 - betainc(a, b, x)``; differentiable in ``x``. Source: DLMF 8.17.4."""


@special(samples=_BETA_SAMPLES, vjp=(_A, _B, lambda g, y, a, b: g / beta_density(a, b, y)))
def betaincinv(a: Operand, b: Operand, p: Operand, /) -> Tensor:
    """Inverse of :func:`betainc` in ``x``; differentiable in ``p``. Source: ``scipy.special.betaincinv``."""


# -- incomplete gamma --------------------------------------------------------------------------------------------------


def gamma_density(a: Any, x: Tensor) -> Tensor:
    """x^(a-1) e^-x / Γ(a), the derivative of the regularized incomplete gamma function."""
    a = as_tensor(a, x)
    return exp(xlogy(a - 1, x) - x - gammaln(a))


_SHAPE = no_derivative("gammainc", "a")


@special(samples=(0.5, 4.0), vjp=(_SHAPE, lambda g, a, x: g * gamma_density(a, x)))
def gammainc(a: Operand, x: Operand, /) -> Tensor:
    """Regularized lower incomplete gamma function; differentiable in ``x``. Source: DLMF 8.2.4."""


@special(samples=(0.5, 4.0), vjp=(_SHAPE, lambda g, a, x: -g * gamma_density(a, x)))
def gammaincc(a: Operand, x: Operand, /) -> Tensor:
    """Regularized upper incomplete gamma function; differentiable in ``x``. Source: DLMF 8.2.4."""


@special(samples=((0.5, 4.0), (0.2, 0.8)), vjp=(_SHAPE, lambda g, a, y: g / gamma_density(a, y)))
def gammaincinv(a: Operand, p: Operand, /) -> Tensor:
    """Inverse of :func:`gammainc` in ``x``; differentiable in ``p``. Source: ``scipy.special.gammaincinv``."""


@special(samples=((0.5, 4.0), (0.2, 0.8)), vjp=(_SHAPE, lambda g, a, y: -g / gamma_density(a, y)))
def gammainccinv(a: Operand, p: Operand, /) -> Tensor:
    """Inverse of :func:`gammaincc` in ``x``; differentiable in ``p``. Source: ``scipy.special.gammainccinv``."""


# -- zeta --------------------------------------------------------------------------------------------------------------


@special(
    name="zeta", samples=((2.0, 4.0), (0.5, 4.0)),
    vjp=(no_derivative("zeta", "x"), lambda g, x, q: -g * x * zeta(x + 1, q)),
)  # fmt: skip
def _hurwitz_zeta(x: Operand, q: Operand, /) -> Tensor:
    """:func:`zeta` of two arguments."""


def zeta(x: Operand, q: Operand | None = None) -> Tensor:
    """Riemann's zeta function of ``x``, or Hurwitz's of ``x`` and ``q``; differentiable in ``q``.

    Source: DLMF 25.2, 25.11.
    """
    return _hurwitz_zeta(x, 1.0 if q is None else q)


@special(vjp=no_derivative("zetac", "x"), samples=(2.0, 4.0))
def zetac(x: Tensor, /) -> Tensor:
    """``zeta(x) - 1`` for real ``x``. Source: DLMF 25.2."""
