"""Bessel functions of whole order, Legendre functions, elliptic and hypergeometric integrals.

Sources: DLMF chapters 10, 13, 14, 19.
"""

from __future__ import annotations

import math
from typing import Any

from ndgrad.ops.elementwise import sign
from ndgrad.ops.elementwise.arithmetic import Operand, choose
from ndgrad.ops.special.rows import no_derivative, special
from ndgrad.tensor import Tensor

__all__ = [
    "ellipe", "ellipk", "ellipkm1", "hyp1f1", "i0", "i0e", "i1", "i1e", "j0", "j1", "k0", "k0e", "k1", "k1e", "lpmv",
    "y0", "y1", "yn",
]  # fmt: skip

_POSITIVE = (0.5, 4.0)


def over(y: Any, x: Tensor, limit: float) -> Tensor:
    """The quotient y / x, whose limit at x = 0 is known."""
    return choose(x == 0, limit, y / choose(x == 0, 1.0, x))


@special(vjp=lambda g, x: g * i1(x))
def i0(x: Tensor, /) -> Tensor:
    """Modified Bessel function of the first kind, order 0. Source: DLMF 10.25.2."""


@special(vjp=lambda g, x, y: g * (i1e(x) - sign(x) * y))
def i0e(x: Tensor, /) -> Tensor:
    """``exp(-abs(x)) * i0(x)``."""


@special(vjp=lambda g, x, y: g * (i0(x) - over(y, x, 0.5)))
def i1(x: Tensor, /) -> Tensor:
    """Modified Bessel function of the first kind, order 1. Source: DLMF 10.25.2."""


@special(vjp=lambda g, x, y: g * (i0e(x) - sign(x) * y - over(y, x, 0.5)))
def i1e(x: Tensor, /) -> Tensor:
    """``exp(-abs(x)) * i1(x)``."""


@special(vjp=lambda g, x: -g * j1(x))
def j0(x: Tensor, /) -> Tensor:
    """Bessel function of the first kind, order 0. Source: DLMF 10.2.2."""


@special(vjp=lambda g, x, y: g * (j0(x) - over(y, x, 0.5)))
def j1(x: Tensor, /) -> Tensor:
    """Bessel function of the first kind, order 1. Source: DLMF 10.2.2."""


@special(samples=_POSITIVE, vjp=lambda g, x: -g * y1(x))
def y0(x: Tensor, /) -> Tensor:
    """Bessel function of the second kind, order 0. Source: DLMF 10.2.3."""


@special(samples=_POSITIVE, vjp=lambda g, x, y: g * (y0(x) - y / x))
def y1(x: Tensor, /) -> Tensor:
    """Bessel function of the second kind, order 1. Source: DLMF 10.2.3."""


@special(
    samples=((2.0, 2.0), _POSITIVE), vjp=(no_derivative("yn", "n"), lambda g, y, n, x: g * (yn(n - 1, x) - y * n / x))
)
def yn(n: Operand, x: Operand, /) -> Tensor:
    """Bessel function of the second kind, whole order ``n``. Source: DLMF 10.2.3."""


@special(samples=_POSITIVE, vjp=lambda g, x: -g * k1(x))
def k0(x: Tensor, /) -> Tensor:
    """Modified Bessel function of the second kind, order 0. Source: DLMF 10.25.3."""


@special(samples=_POSITIVE, vjp=lambda g, x, y: g * (y - k1e(x)))
def k0e(x: Tensor, /) -> Tensor:
    """``exp(x) * k0(x)``."""


@special(samples=_POSITIVE, vjp=lambda g, x, y: -g * (k0(x) + y / x))
def k1(x: Tensor, /) -> Tensor:
    """Modified Bessel function of the second kind, order 1. Source: DLMF 10.25.3."""


@special(samples=_POSITIVE, vjp=lambda g, x, y: g * (y - k0e(x) - y / x))
def k1e(x: Tensor, /) -> Tensor:
    """``exp(x) * k1(x)``."""


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


def _ellipk_slope(m: Tensor, k: Tensor) -> Tensor:
    return over(ellipe(m) / (1 - m) - k, m, math.pi / 4) / 2


@special(samples=(0.1, 0.9), vjp=lambda g, x, y: g * _ellipk_slope(x, y))
def ellipk(x: Tensor, /) -> Tensor:
    """Complete elliptic integral of the first kind of parameter ``m``. Source: DLMF 19.2.8."""


@special(samples=(0.1, 0.9), vjp=lambda g, x, y: -g * _ellipk_slope(1 - x, y))
def ellipkm1(x: Tensor, /) -> Tensor:
    """``ellipk(1 - x)``, accurate where ``x`` is small."""


@special(samples=(0.1, 0.9), vjp=lambda g, x, y: g * over(y - ellipk(x), x, -math.pi / 4) / 2)
def ellipe(x: Tensor, /) -> Tensor:
    """Complete elliptic integral of the second kind of parameter ``m``. Source: DLMF 19.2.8."""
