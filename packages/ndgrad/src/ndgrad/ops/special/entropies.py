"""Products with logarithms that are 0 at 0, entropies and divergences, and robust losses.

Source: ``scipy.special``, sections "Information theory functions" and "Box-Cox transformation".
"""

from __future__ import annotations

import math
from typing import Any

from ndgrad.ops.elementwise import abs, conj, exp, expm1, isnan, log, log1p, maximum, minimum, pow, square
from ndgrad.ops.elementwise.arithmetic import Operand, as_tensor, choose
from ndgrad.ops.special.elementary import slope_of_exprel
from ndgrad.ops.special.errors import polynomial
from ndgrad.ops.special.expansions import log1p_quotient
from ndgrad.ops.special.rows import special
from ndgrad.tensor import Tensor

__all__ = [
    "boxcox", "boxcox1p", "entr", "huber", "inv_boxcox", "inv_boxcox1p", "kl_div", "pseudo_huber", "rel_entr",
    "xlog1py", "xlogy",
]  # fmt: skip

# -- x log q -----------------------------------------------------------------------------------------------------------


def _log_of(logarithm: Any, edge: float) -> Any:
    """The rule of x in x log q: log q, and 0 where x is 0 and the logarithm does not exist, as PyTorch has it."""

    def rule(g: Tensor, x: Tensor, q: Any) -> Tensor:
        q = as_tensor(q, x)
        lost = (x == 0) & (q == edge if q.dtype.is_complex else q <= edge)
        return choose(lost, 0.0, g * conj(logarithm(choose(lost, 1.0, q))))

    return rule


def _x_log(x: Any, q: Any, logarithm: Any) -> Tensor:
    x, q = (x, as_tensor(q, x)) if isinstance(x, Tensor) else (as_tensor(x, q), q)
    zero = (x == 0) & ~isnan(q)
    return choose(zero, 0.0, x * logarithm(choose(zero, 1.0, q)))


@special(
    body=True, accepts="floating", samples=((-2.0, 2.0), (0.1, 3.0)),
    vjp=(_log_of(log, 0.0), lambda g, x, q: g * conj(x / q)),
)  # fmt: skip
def xlogy(x: Operand, q: Operand, /) -> Tensor:
    """``x * log(q)``, and 0 where ``x`` is 0 and ``q`` is not NaN.

    >>> import ndgrad as nd
    >>> nd.special.xlogy(nd.asarray([0.0, 2.0]), nd.asarray([0.0, 3.0]))
    tensor([0.0000, 2.1972])
    """
    return _x_log(x, q, log)


@special(
    body=True, accepts="floating", samples=((-2.0, 2.0), (-0.8, 2.0)),
    vjp=(_log_of(log1p, -1.0), lambda g, x, q: g * conj(x / (q + 1))),
)  # fmt: skip
def xlog1py(x: Operand, q: Operand, /) -> Tensor:
    """``x * log1p(q)``, and 0 where ``x`` is 0 and ``q`` is not NaN."""
    return _x_log(x, q, log1p)


# -- entropies ---------------------------------------------------------------------------------------------------------


@special(body=True, samples=(0.1, 3.0), vjp=lambda g, x: -g * (log(x) + 1))
def entr(x: Tensor, /) -> Tensor:
    """``-x * log(x)``, 0 at 0 and minus infinity below.

    >>> import ndgrad as nd
    >>> nd.special.entr(nd.asarray([0.0, 0.5, -1.0]))
    tensor([0.0000, 0.3466,   -inf])
    """
    return choose(x < 0, -math.inf, -xlogy(x, choose(x < 0, 1.0, x)))


def _both(x: Any, q: Any) -> tuple[Tensor, Tensor]:
    return (x, as_tensor(q, x)) if isinstance(x, Tensor) else (as_tensor(x, q), q)


def _divergence(x: Any, q: Any, linear: bool) -> Tensor:
    x, q = _both(x, q)
    inside = (x > 0) & (q > 0)
    x1, x2 = choose(inside, x, 1.0), choose(inside, q, 1.0)
    product = x1 * (log(x1) - log(x2))
    outside = choose((x == 0) & (q >= 0), q if linear else 0.0, choose(isnan(x) | isnan(q), math.nan, math.inf))
    return choose(inside, product - x1 + x2 if linear else product, outside)


_POSITIVE = (0.1, 3.0)


@special(body=True, samples=_POSITIVE, vjp=(lambda g, x, q: g * (log(x / q) + 1), lambda g, x, q: -g * (x / q)))
def rel_entr(x: Operand, q: Operand, /) -> Tensor:
    """``x * log(x / q)``, 0 where ``x`` is 0 and ``q >= 0``, infinite where either is negative.

    >>> import ndgrad as nd
    >>> nd.special.rel_entr(nd.asarray([0.5]), nd.asarray([0.25]))
    tensor([0.3466])
    """
    return _divergence(x, q, False)


@special(body=True, samples=_POSITIVE, vjp=(lambda g, x, q: g * log(x / q), lambda g, x, q: g * (1 - x / q)))
def kl_div(x: Operand, q: Operand, /) -> Tensor:
    """``x * log(x / q) - x + q``, ``q`` where ``x`` is 0, infinite where either is negative."""
    return _divergence(x, q, True)


# -- losses ------------------------------------------------------------------------------------------------------------


def _huber_delta(g: Tensor, delta: Tensor, r: Any) -> Tensor:
    return g * maximum(abs(as_tensor(r, delta)) - delta, 0)


@special(
    body=True, samples=((0.5, 1.5), (-3.0, 3.0)),
    vjp=(_huber_delta, lambda g, delta, r: g * minimum(maximum(r, -delta), delta)),
)  # fmt: skip
def huber(delta: Operand, r: Operand, /) -> Tensor:
    """``r²/2`` up to ``|r| = delta``, linear beyond; infinite for negative ``delta``. Source: Huber, 1964."""
    delta, r = _both(delta, r)
    a = abs(r)
    return choose(delta < 0, math.inf, choose(a <= delta, square(r) * 0.5, delta * (a - delta * 0.5)))


@special(body=True, samples=((0.5, 1.5), (-3.0, 3.0)))
def pseudo_huber(delta: Operand, r: Operand, /) -> Tensor:
    """``delta² (sqrt(1 + (r / delta)²) - 1)``, a smooth :func:`huber`."""
    delta, r = _both(delta, r)
    ratio = r / choose(delta > 0, delta, 1.0)
    value = square(delta) * expm1(log1p(square(ratio)) * 0.5)
    return choose(delta < 0, math.inf, choose((delta == 0) | (r == 0), 0.0, value))


# -- Box-Cox -----------------------------------------------------------------------------------------------------------


def _boxcox(logx: Tensor, lmbda: Any) -> Tensor:
    """(exp(λ log x) - 1) / λ, and its limit log x at λ = 0."""
    lmbda = as_tensor(lmbda, logx)
    flat = lmbda == 0
    return choose(flat, logx, expm1(lmbda * logx) / choose(flat, 1.0, lmbda))


def _boxcox_lambda(g: Tensor, logx: Any, lmbda: Tensor) -> Tensor:
    return g * logx * logx * slope_of_exprel(lmbda * logx)


@special(
    body=True, samples=((0.3, 3.0), (0.3, 2.0)),
    vjp=(
        lambda g, x, lmbda: g * pow(x, lmbda - 1),
        lambda g, x, lmbda: _boxcox_lambda(g, log(as_tensor(x, lmbda)), lmbda),
    ),
)  # fmt: skip
def boxcox(x: Operand, lmbda: Operand, /) -> Tensor:
    """``(x**lmbda - 1) / lmbda``, ``log(x)`` for ``lmbda = 0``. Source: Box and Cox, 1964."""
    x, lmbda = _both(x, lmbda)
    return _boxcox(log(x), lmbda)


@special(
    body=True, samples=((-0.6, 2.0), (0.3, 2.0)),
    vjp=(
        lambda g, x, lmbda: g * pow(x + 1, lmbda - 1),
        lambda g, x, lmbda: _boxcox_lambda(g, log1p(as_tensor(x, lmbda)), lmbda),
    ),
)  # fmt: skip
def boxcox1p(x: Operand, lmbda: Operand, /) -> Tensor:
    """:func:`boxcox` of ``1 + x``."""
    x, lmbda = _both(x, lmbda)
    return _boxcox(log1p(x), lmbda)


def _log_inv_boxcox(q: Tensor, lmbda: Tensor) -> Tensor:
    """log1p(λ y) / λ, and its limit y at λ = 0."""
    t = lmbda * q
    near = abs(t) < 0.1
    series = polynomial(choose(near, t, 0.0), log1p_quotient())
    return choose(near, q * series, log1p(choose(near, 1.0, t)) / choose(near, 1.0, lmbda))


@special(body=True, samples=((-0.4, 2.0), (0.3, 2.0)))
def inv_boxcox(q: Operand, lmbda: Operand, /) -> Tensor:
    """Inverse of :func:`boxcox`."""
    q, lmbda = _both(q, lmbda)
    return exp(_log_inv_boxcox(q, lmbda))


@special(body=True, samples=((-0.4, 2.0), (0.3, 2.0)))
def inv_boxcox1p(q: Operand, lmbda: Operand, /) -> Tensor:
    """Inverse of :func:`boxcox1p`."""
    q, lmbda = _both(q, lmbda)
    return expm1(_log_inv_boxcox(q, lmbda))
