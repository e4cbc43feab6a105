"""The length of a step that descends enough and flattens the slope: the strong Wolfe conditions.

J. Nocedal and S. J. Wright, "Numerical optimization", 2nd edition (2006), algorithms 3.5 and 3.6; what is tried next is
chosen as in PyTorch's ``torch.optim.lbfgs``, so that the same program makes the same steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import ndgrad as nd
from ndgrad import Tensor

__all__ = ["strong_wolfe"]


class _Point(NamedTuple):
    """A length of the step, and what is known there."""

    t: float
    loss: float
    g: Tensor
    slope: float


def strong_wolfe(
    evaluate: Callable[[float], tuple[float, Tensor]],
    t: float,
    d: Tensor,
    loss: float,
    g: Tensor,
    slope: float,
    c1: float = 1e-4,
    c2: float = 0.9,
    tolerance_change: float = 1e-9,
    max_ls: int = 25,
) -> tuple[float, Tensor, float]:
    """Loss, gradient and length of a step along ``d`` that fulfils the strong Wolfe conditions.

    Args:
        evaluate: gives the loss and its gradient, as one vector, at a length.
        t: the length to try first.
        d: the direction.
        loss: at length 0.
        g: the gradient there.
        slope: its product with the direction.
        c1: the share of the descent of the slope that is enough.
        c2: the share of the slope that may be left.
        tolerance_change: how near two lengths may come.
        max_ls: how many lengths are tried at most.

    >>> import ndgrad as nd
    >>> parabola = lambda t: ((t - 3.0) ** 2, nd.asarray([2 * (t - 3.0)]))
    >>> strong_wolfe(parabola, 1.0, nd.asarray([1.0]), 9.0, nd.asarray([-6.0]), -6.0)[2]
    1.0
    """
    longest = float(nd.max(nd.abs(d)))
    start = _Point(0.0, loss, g, slope)

    def at(length: float) -> _Point:
        found, gradient = evaluate(length)
        return _Point(length, found, gradient, float(nd.sum(gradient * d)))

    def descends(point: _Point) -> bool:
        return point.loss <= loss + c1 * point.t * slope

    def flat(point: _Point) -> bool:
        return abs(point.slope) <= -c2 * slope

    bracket, tried, settled = _bracketed(at, start, t, descends, flat, max_ls)
    if not settled:
        bracket = _zoomed(at, bracket, descends, flat, longest * tolerance_change, longest, max_ls - tried)
    best = min(bracket, key=lambda point: point.loss)
    return best.loss, best.g, best.t


def _bracketed(
    at: Callable[[float], _Point],
    start: _Point,
    t: float,
    descends: Callable[[_Point], bool],
    flat: Callable[[_Point], bool],
    max_ls: int,
) -> tuple[list[_Point], int, bool]:
    """Lengths between which the conditions hold somewhere, how many were tried, and whether one fulfils them."""
    last, tried = start, 0
    new = at(t)
    while tried < max_ls:
        if not descends(new) or (tried > 1 and new.loss >= last.loss):
            return [last, new], tried, False
        if flat(new):
            return [new], tried, True
        if new.slope >= 0:
            return [last, new], tried, False
        bounds = (new.t + 0.01 * (new.t - last.t), new.t * 10)
        length = _minimum_of_cubic(last, new, bounds)
        last, new, tried = new, at(length), tried + 1
    return [start, new], tried, False


def _zoomed(
    at: Callable[[float], _Point],
    bracket: list[_Point],
    descends: Callable[[_Point], bool],
    flat: Callable[[_Point], bool],
    tolerance: float,
    longest: float,
    rest: int,
) -> list[_Point]:
    """Shrink a bracket until a length fulfils the conditions, or it is as narrow as the tolerance."""
    low, high = sorted(bracket, key=lambda point: point.loss)
    stuck = False
    for _ in range(max(rest, 0)):
        if abs(high.t - low.t) * longest < tolerance:
            break
        length = _minimum_of_cubic(low, high)
        length, stuck = _off_the_ends(length, low.t, high.t, stuck)
        new = at(length)
        if not descends(new) or new.loss >= low.loss:
            high = new
            low, high = sorted((low, high), key=lambda point: point.loss)
            continue
        if flat(new):
            return [new]
        if new.slope * (high.t - low.t) >= 0:
            high = low
        low = new
    return [low, high]


def _off_the_ends(t: float, a: float, b: float, stuck: bool) -> tuple[float, bool]:
    """A length within a tenth of an end of the bracket is moved inwards, if that happens twice or it lies outside."""
    low, high = min(a, b), max(a, b)
    margin = 0.1 * (high - low)
    if min(high - t, t - low) >= margin:
        return t, False
    if stuck or t >= high or t <= low:
        return (high - margin if abs(t - high) < abs(t - low) else low + margin), False
    return t, True


def _minimum_of_cubic(p: _Point, q: _Point, bounds: tuple[float, float] | None = None) -> float:
    """The minimum within bounds of the cubic with these values and slopes, their middle where it has none."""
    low, high = bounds or (min(p.t, q.t), max(p.t, q.t))
    d1 = p.slope + q.slope - 3 * (p.loss - q.loss) / (p.t - q.t)
    square = d1 * d1 - p.slope * q.slope
    if square < 0:
        return (low + high) / 2
    d2 = math.sqrt(square)
    if p.t <= q.t:
        t = q.t - (q.t - p.t) * ((q.slope + d2 - d1) / (q.slope - p.slope + 2 * d2))
    else:
        t = p.t - (p.t - q.t) * ((p.slope + d2 - d1) / (p.slope - q.slope + 2 * d2))
    return min(max(t, low), high)
