"""Incomplete gamma and beta functions: integrals of powers and exponentials from one end of their domain.

Source: DLMF chapter 8. Where a backend has no kernel they are computed by quadrature, from the end whose part is the
smaller one.
"""

from __future__ import annotations

import math
from typing import Any

from ndgrad.ops.elementwise import abs, exp, expm1, log, log1p, maximum, minimum, sqrt
from ndgrad.ops.elementwise.arithmetic import as_tensor, choose
from ndgrad.ops.special.entropies import xlog1py, xlogy
from ndgrad.ops.special.errors import ndtri
from ndgrad.ops.special.gammas import betaln, gammaln
from ndgrad.ops.special.quadrature import half_line
from ndgrad.ops.special.rows import Operand, no_derivative, special
from ndgrad.tensor import Tensor

__all__ = [
    "beta_density", "beta_quantile", "betainc", "betaincc", "betaincinv", "gamma_density", "gammainc", "gammaincc",
    "gammainccinv", "gammaincinv",
]  # fmt: skip


# -- beta --------------------------------------------------------------------------------------------------------------


def beta_density(a: Any, b: Any, x: Tensor) -> Tensor:
    """x^(a-1) (1-x)^(b-1) / B(a, b), the derivative of the regularized incomplete beta function."""
    a, b = as_tensor(a, x), as_tensor(b, x)
    return exp(xlogy(a - 1, x) + xlog1py(b - 1, -x) - betaln(a, b))


def _beta_part(a: Tensor, b: Tensor, x: Tensor, rest: Tensor, scale: Tensor) -> tuple[Tensor, Tensor]:
    """Whether x = 1 - rest is below the mean, and the distribution's part on that side; ``scale`` is betaln(a, b)."""
    direct = x * (a + b) <= a
    p, q = choose(direct, a, b), choose(direct, b, a)
    z = maximum(minimum(choose(direct, x, rest), 1.0), 0.0)
    other = choose(direct, rest, x)
    odds = z / choose(other > 0, other, 1.0)
    # t = x exp(-w) in DLMF 8.17.1
    width = 1 / (abs(p - (q - 1) * odds) + sqrt(abs(q - 1) * odds * (1 + odds)))
    integral = half_line(lambda w, p, q, odds: (q - 1) * log1p(-odds * expm1(-w)) - p * w, width, p, q, odds)
    return direct, exp(xlogy(p, z) + xlog1py(q - 1, -z) - scale) * integral


def _in_unit(a: Tensor, b: Tensor, x: Tensor, found: Tensor, ends: tuple[float, float]) -> Tensor:
    found = choose(x == 0, ends[0], choose(x == 1, ends[1], found))
    return choose((a > 0) & (b > 0) & (x >= 0) & (x <= 1), found, math.nan)


def beta_quantile(a: Tensor, b: Tensor, p: Tensor, q: Tensor) -> Tensor:
    """The logit of the x with betainc(a, b, x) = p = 1 - q, for p between 0 and 1."""
    bound = 700.0 if a.dtype.itemsize == 8 else 80.0
    scale = betaln(a, b)

    def parts(v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x, rest = 1 / (exp(-v) + 1), 1 / (exp(v) + 1)
        direct, part = _beta_part(a, b, x, rest, scale)
        density = exp(-a * log1p(exp(-v)) - b * log1p(exp(v)) - scale)
        return choose(direct, part, 1 - part), choose(direct, 1 - part, part), density

    normal = log(a / b) + _normal_quantile(p, q) * sqrt(1 / a + 1 / b)
    start = choose((a > 1) & (b > 1), normal, (log(p) + log(a) + scale) / a)
    start = maximum(minimum(start, bound), -bound)
    return _root(parts, p, q, start, start * 0 - bound, start * 0 + bound)


def _normal_quantile(p: Tensor, q: Tensor) -> Tensor:
    return choose(p <= q, 1.0, -1.0) * ndtri(minimum(p, q))


def _root(parts: Any, p: Tensor, q: Tensor, start: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Where a distribution function is p = 1 - q, by Newton's iteration on the logarithm of the smaller of the two.

    ``parts`` gives the function, its complement and its derivative. Logarithms of these are concave, so that the steps
    fall short and never far beyond; one that would leave the bracket is replaced by the middle of the bracket.
    """
    v = start
    for _ in range(16):
        lower, upper, density = parts(v)
        e = choose(p <= q, log(lower / p), log(q / upper))
        low, high = choose(e < 0, v, low), choose(e < 0, high, v)
        step = v - e * choose(p <= q, lower, upper) / density
        v = choose((step >= low) & (step <= high), step, (low + high) * 0.5)
    return v


_A, _B = no_derivative("betainc", "a"), no_derivative("betainc", "b")
_BETA_SAMPLES = ((0.5, 4.0), (0.5, 4.0), (0.2, 0.8))


@special(body=True, samples=_BETA_SAMPLES, vjp=(_A, _B, lambda g, a, b, x: g * beta_density(a, b, x)))
def betainc(a: Operand, b: Operand, x: Operand, /) -> Tensor:
    """Regularized incomplete beta function; differentiable in ``x``. Source: DLMF 8.17.2."""
    direct, lower = _beta_part(a, b, x, 1 - x, betaln(a, b))
    return _in_unit(a, b, x, choose(direct, lower, 1 - lower), (0.0, 1.0))


@special(body=True, samples=_BETA_SAMPLES, vjp=(_A, _B, lambda g, a, b, x: -g * beta_density(a, b, x)))
def betaincc(a: Operand, b: Operand, x: Operand, /) -> Tensor:
    """``1 - betainc(a, b, x)``; differentiable in ``x``. Source: DLMF 8.17.4."""
    direct, lower = _beta_part(a, b, x, 1 - x, betaln(a, b))
    return _in_unit(a, b, x, choose(direct, 1 - lower, lower), (1.0, 0.0))


@special(body=True, samples=_BETA_SAMPLES, vjp=(_A, _B, lambda g, y, a, b: g / beta_density(a, b, y)))
def betaincinv(a: Operand, b: Operand, p: Operand, /) -> Tensor:
    """Inverse of :func:`betainc` in ``x``; differentiable in ``p``. Source: ``scipy.special.betaincinv``."""
    v = beta_quantile(a, b, choose((p > 0) & (p < 1), p, 0.5), choose((p > 0) & (p < 1), 1 - p, 0.5))
    return _in_unit(a, b, p, 1 / (exp(-v) + 1), (0.0, 1.0))


# -- incomplete gamma --------------------------------------------------------------------------------------------------


def gamma_density(a: Any, x: Tensor) -> Tensor:
    """x^(a-1) e^-x / Γ(a), the derivative of the regularized incomplete gamma function."""
    a = as_tensor(a, x)
    return exp(xlogy(a - 1, x) - x - gammaln(a))


def _gamma_part(a: Tensor, x: Tensor, scale: Tensor) -> tuple[Tensor, Tensor]:
    """Whether x is small, and the lower function where it is, the upper one elsewhere; ``scale`` is gammaln(a)."""
    small = (x <= a) | (x < 1)
    factor = exp(xlogy(a, x) - x - scale)
    p, z = choose(small, a, 1.0), choose(small, x, 0.5)
    # t = x exp(-w) in DLMF 8.2.1
    lower = half_line(lambda w, p, z: -z * expm1(-w) - p * w, 1 / (abs(p - z) + sqrt(z)), p, z)
    q, z1 = choose(small, 1.0, a), choose(small, 2.0, x)
    # t = x (1 + w) in DLMF 8.2.2
    upper = half_line(lambda w, q, z: (q - 1) * log1p(w) - z * w, 1 / (abs(z1 + 1 - q) + sqrt(abs(q - 1))), q, z1)
    return small, factor * choose(small, lower, upper)


def _positive(a: Tensor, x: Tensor, found: Tensor, ends: tuple[float, float]) -> Tensor:
    found = choose(x == 0, ends[0], choose((x == math.inf) | (a == 0), ends[1], found))
    return choose((a >= 0) & (x >= 0) & (a + x > 0), found, math.nan)


def _gamma_quantile(a: Tensor, p: Tensor, q: Tensor) -> Tensor:
    """The x with gammainc(a, x) = p = 1 - q, for p between 0 and 1."""
    scale = gammaln(a)

    def parts(v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        small, part = _gamma_part(a, exp(v), scale)
        density = exp(a * v - exp(v) - scale)
        return choose(small, part, 1 - part), choose(small, 1 - part, part), density

    low = (log(p) + log(a) + scale) / a  # by gammainc(a, x) <= x^a / gamma(a + 1)
    normal = maximum(log(a) + _normal_quantile(p, q) / sqrt(a), low)
    return exp(_root(parts, p, q, choose(a > 1, normal, low), low - 1, log(a * 2 + 1500)))


def _between(p: Tensor, found: Tensor, ends: tuple[float, float]) -> Tensor:
    found = choose(p == 0, ends[0], choose(p == 1, ends[1], found))
    return choose((p >= 0) & (p <= 1), found, math.nan)


_SHAPE = no_derivative("gammainc", "a")


@special(body=True, samples=(0.5, 4.0), vjp=(_SHAPE, lambda g, a, x: g * gamma_density(a, x)))
def gammainc(a: Operand, x: Operand, /) -> Tensor:
    """Regularized lower incomplete gamma function; differentiable in ``x``. Source: DLMF 8.2.4."""
    small, part = _gamma_part(a, x, gammaln(a))
    return _positive(a, x, choose(small, part, 1 - part), (0.0, 1.0))


@special(body=True, samples=(0.5, 4.0), vjp=(_SHAPE, lambda g, a, x: -g * gamma_density(a, x)))
def gammaincc(a: Operand, x: Operand, /) -> Tensor:
    """Regularized upper incomplete gamma function; differentiable in ``x``. Source: DLMF 8.2.4."""
    small, part = _gamma_part(a, x, gammaln(a))
    return _positive(a, x, choose(small, 1 - part, part), (1.0, 0.0))


@special(body=True, samples=((0.5, 4.0), (0.2, 0.8)), vjp=(_SHAPE, lambda g, a, y: g / gamma_density(a, y)))
def gammaincinv(a: Operand, p: Operand, /) -> Tensor:
    """Inverse of :func:`gammainc` in ``x``; differentiable in ``p``. Source: ``scipy.special.gammaincinv``."""
    inside = (p > 0) & (p < 1)
    found = _gamma_quantile(a, choose(inside, p, 0.5), choose(inside, 1 - p, 0.5))
    return _between(p, found, (0.0, math.inf))


@special(body=True, samples=((0.5, 4.0), (0.2, 0.8)), vjp=(_SHAPE, lambda g, a, y: -g / gamma_density(a, y)))
def gammainccinv(a: Operand, p: Operand, /) -> Tensor:
    """Inverse of :func:`gammaincc` in ``x``; differentiable in ``p``. Source: ``scipy.special.gammainccinv``."""
    inside = (p > 0) & (p < 1)
    found = _gamma_quantile(a, choose(inside, 1 - p, 0.5), choose(inside, p, 0.5))
    return _between(p, found, (math.inf, 0.0))
