"""Functions of the standard with the options that PyTorch's and NumPy's have: the namespace shows these forms."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Literal, TypeVar

from ndgrad.ops import elementwise
from ndgrad.ops.elementwise.arithmetic import Operand, choose, scaled
from ndgrad.tensor import Tensor

__all__ = ["add", "divide", "round", "subtract"]

F = TypeVar("F", bound=Callable[..., Any])


def with_options_of(plain: Any) -> Callable[[F], F]:
    """Say more of ``plain``: its row stays reachable, its docstring is followed by what the options mean."""

    def mark(function: F) -> F:
        options = function.__doc__
        update_wrapper(function, plain, assigned=("__name__", "__qualname__"))
        del function.__wrapped__  # type: ignore[attr-defined]  # the signature is the one with the options
        summary, _, rest = plain.__doc__.partition("\n")
        function.__doc__ = f"{summary}\n\n    {options}\n{rest}"
        return function

    return mark


@with_options_of(elementwise.add)
def add(x1: Operand, x2: Operand, /, *, alpha: Any = 1) -> Tensor:
    """``x2`` is multiplied by ``alpha`` first, as in PyTorch."""
    return elementwise.add(x1, scaled(x2, alpha))


@with_options_of(elementwise.subtract)
def subtract(x1: Operand, x2: Operand, /, *, alpha: Any = 1) -> Tensor:
    """``x2`` is multiplied by ``alpha`` first, as in PyTorch."""
    return elementwise.subtract(x1, scaled(x2, alpha))


@with_options_of(elementwise.divide)
def divide(x1: Operand, x2: Operand, /, *, rounding_mode: Literal["floor", "trunc"] | None = None) -> Tensor:
    """``rounding_mode`` rounds the quotient down ("floor") or towards zero ("trunc"), as in PyTorch."""
    if rounding_mode is None:
        return elementwise.divide(x1, x2)
    if rounding_mode == "floor":
        return elementwise.floor_divide(x1, x2)
    if rounding_mode != "trunc":
        raise ValueError(f"divide: rounding_mode is None, 'floor' or 'trunc', got {rounding_mode!r}")
    return quotient(x1, x2)


def quotient(x1: Operand, x2: Operand, /) -> Tensor:
    """``trunc(x1 / x2)``; of integers computed in integers, without loss."""
    exact = all(x.dtype.is_integral if isinstance(x, Tensor) else isinstance(x, int) for x in (x1, x2))
    if not exact:
        return elementwise.trunc(elementwise.divide(x1, x2))
    floor: Any = elementwise.floor_divide(x1, x2)
    return floor + ((floor < 0) & (floor * x2 != x1))


@with_options_of(elementwise.round)
def round(x: Tensor, /, decimals: int = 0) -> Tensor:
    """``decimals`` is how many digits after the point are kept; of those before it, if negative."""
    if decimals == 0:
        return elementwise.round(x)
    if x.dtype.is_integral:
        return _round_integers(x, 10**-decimals) if decimals < 0 else elementwise.positive(x)
    scale = 10.0 ** min(abs(decimals), 308)
    if decimals < 0:
        count = elementwise.round(x / scale)
        return choose(count == 0, count, count * scale)
    scaled_up = x * scale
    return choose(elementwise.isfinite(scaled_up), elementwise.round(scaled_up) / scale, x)  # too large for the digits


def _round_integers(x: Tensor, unit: int) -> Tensor:
    """To multiples of ``unit``, ties to the even ones, without leaving the integers."""
    if unit > 2 ** (8 * x.dtype.itemsize - 1):
        return elementwise.multiply(x, 0)
    count = elementwise.floor_divide(x, unit)
    rest = x - count * unit
    up = (rest > unit - rest) | ((rest == unit - rest) & (elementwise.remainder(count, 2) == 1))
    return (count + up) * unit
