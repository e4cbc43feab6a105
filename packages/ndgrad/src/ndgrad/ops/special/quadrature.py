"""Integrals by the trapezoidal rule, which converges exponentially for the right integrands.

What a backend without kernels computes Bessel, incomplete gamma and beta functions with. Sources: Trefethen and
Weideman, "The exponentially convergent trapezoidal rule" (2014); Takahasi and Mori, "Double exponential formulas for
numerical integration" (1974).
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from functools import cache
from typing import Any, Final

from ndgrad.ops.conversion import asarray
from ndgrad.ops.elementwise import exp
from ndgrad.ops.manipulation import expand_dims
from ndgrad.ops.reductions import sum
from ndgrad.tensor import Tensor

__all__ = ["circle", "half_line", "neumann", "weighted"]

Rule = tuple[tuple[float, float], ...]  # weights and points

_MOST: Final = 2**22  # elements of an intermediate result

# -- once around the circle --------------------------------------------------------------------------------------------

_POINTS: Final = 40  # on a quarter; Bessel functions of higher order than 2 * 40 vanish to rounding below x = 25


@cache
def circle() -> Rule:
    """(weight, sine) of a mean over the circle of what depends on the square of the sine only."""
    angles = [math.pi / 2 * (j + 0.5) / _POINTS for j in range(_POINTS)]
    return tuple((1 / _POINTS, math.sin(a)) for a in angles)


@cache
def neumann() -> Rule:
    """(weight, sine) of ``sum over k of (4 / k) (-1)^(k+1) J_2k`` when J_2k is a mean of ``cos(2k a) cos(x sin a)``."""
    rule = []
    for _, s in circle():
        angle = math.asin(s)
        log = math.fsum((-1) ** (k + 1) / k * math.cos(2 * k * angle) for k in range(1, _POINTS))
        rule.append((4 / math.pi * log / _POINTS, s))
    return tuple(rule)


def weighted(rule: Rule, f: Callable[..., Tensor], *operands: Tensor) -> Tensor:
    """The sum over a rule's points of weight times ``f(point, *operands)``, for each element of the operands."""
    like, wide = operands[0], [expand_dims(x, axis=-1) for x in operands]
    at_once = builtins.max(1, _MOST // builtins.max(1, like.size))
    total: Any = 0.0
    for i in range(0, len(rule), at_once):
        weights, points = (
            asarray(list(part), dtype=like.dtype, device=like.device)
            for part in zip(*rule[i : i + at_once], strict=True)
        )
        total = total + sum(f(points, *wide) * weights, axis=-1)
    return total


# -- from 0 to infinity ------------------------------------------------------------------------------------------------

_STEP: Final = 0.09375
_RANGE: Final = range(-36, 123)  # beyond, exp(-exp(u)) or exp(u) are below rounding or above any slow tail
_STEPS: Final = [(math.exp(j * _STEP - math.exp(-j * _STEP)), 1 + math.exp(-j * _STEP)) for j in _RANGE]
_HALF_LINE: Final = tuple((_STEP * node * slope, node) for node, slope in _STEPS)


def half_line(exponent: Callable[..., Tensor], width: Tensor, *operands: Tensor) -> Tensor:
    """The integral of ``exp(exponent(w, *operands))`` over w > 0, the exponent falling from 0 at first in ``width``."""
    return width * weighted(_HALF_LINE, lambda node, h, *rest: exp(exponent(h * node, *rest)), width, *operands)
