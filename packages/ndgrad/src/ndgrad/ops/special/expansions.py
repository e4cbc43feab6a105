"""Power series of quotients like ``(exp(x) - 1) / x``, for where they divide 0 by 0 or nearly so.

There the quotient and its derivatives lose all digits, and are NaN or wrong at the point itself; the series is right to
every order.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

from ndgrad.ops.elementwise import abs
from ndgrad.ops.elementwise.arithmetic import choose
from ndgrad.ops.special.errors import polynomial
from ndgrad.tensor import Tensor

__all__ = ["elliptic_e_slope", "elliptic_k_slope", "expanded", "exprel_slope", "log1p_quotient", "sinc_slope"]

Series = tuple[float, ...]  # the highest power first


def expanded(x: Tensor, series: Series, far: Callable[[Tensor], Tensor], *, at: float, radius: float) -> Tensor:
    """``far(x)``; within ``radius`` of ``at``, the power series in ``x - at``."""
    u = x - at
    near = abs(u) < radius
    return choose(near, polynomial(choose(near, u, 0.0), series), far(choose(near, at + radius, x)))


@cache
def sinc_slope() -> Series:
    """Of sinc', in x: the sum of (-1)^n 2n / (2n + 1)! pi^(2n) x^(2n - 1)."""
    odd = [(-1) ** n * 2 * n / math.factorial(2 * n + 1) * math.pi ** (2 * n) for n in range(1, 13)]
    return tuple([c for term in reversed(odd) for c in (term, 0.0)])


@cache
def exprel_slope() -> Series:
    """Of the derivative of (exp x - 1) / x, in x: the sum of (n + 1) / (n + 2)! x^n."""
    return tuple([(n + 1) / math.factorial(n + 2) for n in range(19, -1, -1)])


@cache
def log1p_quotient() -> Series:
    """Of log(1 + u) / u, in u: the sum of (-1)^n / (n + 1) u^n."""
    return tuple([(-1) ** n / (n + 1) for n in range(19, -1, -1)])


@cache
def elliptic_k_slope() -> Series:
    """Of dK/dm, in u = -m: DLMF 19.5.1."""
    return tuple([math.pi / 2 * n * _central(n) * (-1) ** (n - 1) for n in range(22, 0, -1)])


@cache
def elliptic_e_slope() -> Series:
    """Of dE/dm, in m: DLMF 19.5.2."""
    return tuple([-math.pi / 2 * n * _central(n) / (2 * n - 1) for n in range(22, 0, -1)])


def _central(n: int) -> float:
    """((2n - 1)!! / (2n)!!)^2."""
    return (math.comb(2 * n, n) / 4**n) ** 2
