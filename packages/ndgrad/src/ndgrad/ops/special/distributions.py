"""Distribution functions, their complements and inverses: differentiable in the variate, as densities are.

Source: ``scipy.special``, section "Raw statistical functions".
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ndgrad.ops.elementwise import abs, exp, floor, log, log1p, maximum, minimum, sqrt
from ndgrad.ops.elementwise.arithmetic import as_tensor, choose
from ndgrad.ops.special.entropies import xlogy
from ndgrad.ops.special.gammas import betaln, gammaln
from ndgrad.ops.special.incomplete import (
    beta_density,
    beta_quantile,
    betainc,
    betaincc,
    betaincinv,
    gamma_density,
    gammainc,
    gammaincc,
    gammainccinv,
)
from ndgrad.ops.special.rows import Operand, no_derivative, special
from ndgrad.tensor import Tensor

__all__ = [
    "bdtr", "bdtrc", "bdtri", "chdtr", "chdtrc", "chdtri", "fdtr", "fdtrc", "fdtri", "gdtr", "gdtrc", "nbdtr", "nbdtrc",
    "nbdtri", "pdtr", "pdtrc", "pdtri", "stdtr", "stdtrit",
]  # fmt: skip

_POSITIVE, _UNIT = (0.5, 4.0), (0.2, 0.8)


def _fixed(name: str, *operands: str) -> tuple[Callable[..., Any], ...]:
    return tuple(no_derivative(name, operand) for operand in operands)


# -- binomial: k successes of n trials of probability p ----------------------------------------------------------------

_COUNTS = ((1.0, 1.0), (5.0, 5.0), _UNIT)


def _trials(make: Any) -> list[Any]:
    return [((make(3, low=1.0, high=1.0), 5, make(3, low=0.2, high=0.8)), {})]


def _binomial(k: Any, n: Any, p: Tensor) -> Tensor:
    k = floor(as_tensor(k, p))
    return beta_density(k + 1, n - k, p)


def _counted(k: Tensor, n: Tensor, p: Tensor, found: Tensor) -> Tensor:
    return choose((k >= 0) & (k <= n) & (p >= 0) & (p <= 1), found, math.nan)


@special(body=True, samples=_trials, vjp=(*_fixed("bdtr", "k", "n"), lambda g, k, n, p: -g * _binomial(k, n, p)))
def bdtr(k: Operand, n: Operand, p: Operand, /) -> Tensor:
    """Probability of at most ``k`` successes in ``n`` trials; differentiable in ``p``."""
    k = floor(k)
    return _counted(k, n, p, choose(k == n, 1.0, betaincc(k + 1, maximum(n - k, 0.5), p)))


@special(body=True, samples=_trials, vjp=(*_fixed("bdtrc", "k", "n"), lambda g, k, n, p: g * _binomial(k, n, p)))
def bdtrc(k: Operand, n: Operand, p: Operand, /) -> Tensor:
    """``1 - bdtr(k, n, p)``; differentiable in ``p``."""
    k = floor(k)
    found = _counted(maximum(k, 0.0), n, p, choose(k == n, 0.0, betainc(maximum(k, 0.0) + 1, maximum(n - k, 0.5), p)))
    return choose(k < 0, choose((p >= 0) & (p <= 1) & (n >= 0), 1.0, math.nan * p), found)


@special(body=True, samples=_trials, vjp=(*_fixed("bdtri", "k", "n"), lambda g, y, k, n: -g / _binomial(k, n, y)))
def bdtri(k: Operand, n: Operand, q: Operand, /) -> Tensor:
    """The ``p`` with ``bdtr(k, n, p) = q``; differentiable in ``q``."""
    k = floor(k)
    return choose((k >= 0) & (k < n), 1 - betaincinv(maximum(n - k, 0.5), maximum(k, 0.0) + 1, q), math.nan)


@special(body=True, samples=_COUNTS, vjp=(*_fixed("nbdtr", "k", "n"), lambda g, k, n, p: g * beta_density(n, k + 1, p)))
def nbdtr(k: Operand, n: Operand, p: Operand, /) -> Tensor:
    """Probability of at most ``k`` failures before the ``n``-th success; differentiable in ``p``."""
    return choose(k < 0, math.nan, betainc(n, floor(maximum(k, 0.0)) + 1, p))


@special(
    body=True, samples=_COUNTS, vjp=(*_fixed("nbdtrc", "k", "n"), lambda g, k, n, p: -g * beta_density(n, k + 1, p))
)
def nbdtrc(k: Operand, n: Operand, p: Operand, /) -> Tensor:
    """``1 - nbdtr(k, n, p)``; differentiable in ``p``."""
    return choose(k < 0, math.nan, betaincc(n, floor(maximum(k, 0.0)) + 1, p))


@special(
    body=True, samples=_COUNTS, vjp=(*_fixed("nbdtri", "k", "n"), lambda g, y, k, n: g / beta_density(n, k + 1, y))
)
def nbdtri(k: Operand, n: Operand, q: Operand, /) -> Tensor:
    """The ``p`` with ``nbdtr(k, n, p) = q``; differentiable in ``q``."""
    return choose(k < 0, math.nan, betaincinv(n, floor(maximum(k, 0.0)) + 1, q))


# -- Poisson: k events where m are expected ----------------------------------------------------------------------------


def _poisson(k: Any, m: Tensor) -> Tensor:
    return gamma_density(floor(as_tensor(k, m)) + 1, m)


@special(body=True, samples=_POSITIVE, vjp=(*_fixed("pdtr", "k"), lambda g, k, m: -g * _poisson(k, m)))
def pdtr(k: Operand, m: Operand, /) -> Tensor:
    """Probability of at most ``k`` events; differentiable in ``m``."""
    return choose(k < 0, math.nan, gammaincc(floor(maximum(k, 0.0)) + 1, m))


@special(body=True, samples=_POSITIVE, vjp=(*_fixed("pdtrc", "k"), lambda g, k, m: g * _poisson(k, m)))
def pdtrc(k: Operand, m: Operand, /) -> Tensor:
    """``1 - pdtr(k, m)``; differentiable in ``m``."""
    return choose(k < 0, math.nan, gammainc(floor(maximum(k, 0.0)) + 1, m))


@special(body=True, samples=((2.0, 2.0), _UNIT), vjp=(*_fixed("pdtri", "k"), lambda g, y, k: -g / _poisson(k, y)))
def pdtri(k: Operand, q: Operand, /) -> Tensor:
    """The ``m`` with ``pdtr(k, m) = q``; differentiable in ``q``."""
    return choose(k < 0, math.nan, gammainccinv(floor(maximum(k, 0.0)) + 1, q))


# -- chi square of v degrees of freedom, and gamma ---------------------------------------------------------------------


def _chi_square(v: Any, x: Tensor) -> Tensor:
    return gamma_density(v / 2, x / 2) / 2


@special(body=True, samples=_POSITIVE, vjp=(*_fixed("chdtr", "v"), lambda g, v, x: g * _chi_square(v, x)))
def chdtr(v: Operand, x: Operand, /) -> Tensor:
    """Chi-square distribution function; differentiable in ``x``."""
    return gammainc(v * 0.5, x * 0.5)


@special(body=True, samples=_POSITIVE, vjp=(*_fixed("chdtrc", "v"), lambda g, v, x: -g * _chi_square(v, x)))
def chdtrc(v: Operand, x: Operand, /) -> Tensor:
    """``1 - chdtr(v, x)``; differentiable in ``x``."""
    return gammaincc(v * 0.5, x * 0.5)


@special(body=True, samples=(_POSITIVE, _UNIT), vjp=(*_fixed("chdtri", "v"), lambda g, y, v: -g / _chi_square(v, y)))
def chdtri(v: Operand, p: Operand, /) -> Tensor:
    """The ``x`` with ``chdtrc(v, x) = p``; differentiable in ``p``."""
    return gammainccinv(v * 0.5, p) * 2


def _gamma(scale: str, sign: int) -> tuple[Callable[..., Any], ...]:
    return (
        lambda g, a, b, x: g * (gamma_density(b, a * x) * x * sign),
        no_derivative(scale, "b"),
        lambda g, a, b, x: g * (gamma_density(b, a * x) * a * sign),
    )


@special(body=True, samples=_POSITIVE, vjp=_gamma("gdtr", 1))
def gdtr(a: Operand, b: Operand, x: Operand, /) -> Tensor:
    """Gamma distribution function of rate ``a`` and shape ``b``; differentiable in ``a`` and ``x``."""
    return gammainc(b, a * x)


@special(body=True, samples=_POSITIVE, vjp=_gamma("gdtrc", -1))
def gdtrc(a: Operand, b: Operand, x: Operand, /) -> Tensor:
    """``1 - gdtr(a, b, x)``; differentiable in ``a`` and ``x``."""
    return gammaincc(b, a * x)


# -- F and Student's t -------------------------------------------------------------------------------------------------


def _beta_of_odds(a: Tensor, b: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """``betainc(a, b, u / (u + v))``, without loss where that is near 1."""
    smaller = minimum(u, v) / (u + v)
    return choose(u <= v, betainc(a, b, smaller), betaincc(b, a, smaller))


def _f(m: Any, n: Any, x: Tensor) -> Tensor:
    ratio = as_tensor(m, x) / n
    a, b = as_tensor(m, x) / 2, as_tensor(n, x) / 2
    return exp(a * log(ratio) + xlogy(a - 1, x) - (a + b) * log1p(ratio * x) - betaln(a, b))


@special(body=True, samples=_POSITIVE, vjp=(*_fixed("fdtr", "dfn", "dfd"), lambda g, dfn, dfd, x: g * _f(dfn, dfd, x)))
def fdtr(dfn: Operand, dfd: Operand, x: Operand, /) -> Tensor:
    """F distribution function; differentiable in ``x``."""
    return _beta_of_odds(dfn * 0.5, dfd * 0.5, dfn * x, dfd)


@special(
    body=True, samples=_POSITIVE, vjp=(*_fixed("fdtrc", "dfn", "dfd"), lambda g, dfn, dfd, x: -g * _f(dfn, dfd, x))
)
def fdtrc(dfn: Operand, dfd: Operand, x: Operand, /) -> Tensor:
    """``1 - fdtr(dfn, dfd, x)``; differentiable in ``x``."""
    return _beta_of_odds(dfd * 0.5, dfn * 0.5, dfd, dfn * x)


@special(
    body=True,
    samples=(_POSITIVE, _POSITIVE, _UNIT),
    vjp=(*_fixed("fdtri", "dfn", "dfd"), lambda g, y, dfn, dfd: g / _f(dfn, dfd, y)),
)
def fdtri(dfn: Operand, dfd: Operand, p: Operand, /) -> Tensor:
    """The ``x`` with ``fdtr(dfn, dfd, x) = p``; differentiable in ``p``."""
    inside = (p > 0) & (p < 1)
    logit = beta_quantile(dfn * 0.5, dfd * 0.5, choose(inside, p, 0.5), choose(inside, 1 - p, 0.5))
    found = choose(inside, exp(logit) * dfd / dfn, choose(p == 0, 0.0, math.inf))
    return choose((p >= 0) & (p <= 1) & (dfn > 0) & (dfd > 0), found, math.nan)


def _student(df: Any, t: Tensor) -> Tensor:
    df = as_tensor(df, t)
    scale = gammaln((df + 1) / 2) - gammaln(df / 2) - log(df * math.pi) / 2
    return exp(scale - (df + 1) / 2 * log1p(t * t / df))


@special(
    body=True, samples=(_POSITIVE, (-2.0, 2.0)), vjp=(*_fixed("stdtr", "df"), lambda g, df, t: g * _student(df, t))
)
def stdtr(df: Operand, t: Operand, /) -> Tensor:
    """Student's t distribution function; differentiable in ``t``.

    >>> import ndgrad as nd
    >>> nd.special.stdtr(nd.asarray([3.0]), nd.asarray([0.0]))
    tensor([0.5000])
    """
    tail = _beta_of_odds(df * 0.5, df * 0 + 0.5, df, t * t) * 0.5
    return choose(t < 0, tail, 1 - tail)


@special(body=True, samples=(_POSITIVE, _UNIT), vjp=(*_fixed("stdtrit", "df"), lambda g, y, df: g / _student(df, y)))
def stdtrit(df: Operand, p: Operand, /) -> Tensor:
    """The ``t`` with ``stdtr(df, t) = p``; differentiable in ``p``."""
    inside = (p > 0) & (p < 1) & (p != 0.5)
    tail = choose(inside, minimum(p, 1 - p) * 2, 0.5)
    logit = beta_quantile(df * 0.5, df * 0 + 0.5, tail, choose(inside, abs(p * 2 - 1), 0.5))
    size = choose(inside, sqrt(exp(-logit) * df), choose(p == 0.5, 0.0, math.inf))
    return choose((p >= 0) & (p <= 1) & (df > 0), choose(p < 0.5, -size, size), math.nan)
