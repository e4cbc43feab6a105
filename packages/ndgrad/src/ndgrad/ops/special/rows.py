"""How the rows of special functions are declared."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from ndgrad.dispatch import astype, composite, elementwise
from ndgrad.dtypes import float32
from ndgrad.errors import AutogradError
from ndgrad.ops.elementwise.arithmetic import as_tensor
from ndgrad.rows import ACCEPTS
from ndgrad.tensor import Tensor

__all__ = ["Operand", "no_derivative", "special"]

Operand = Any  # a tensor or a Python number, of which the formulas are given tensors

F = TypeVar("F", bound=Callable[..., Any])


def special(
    *, body: bool = False, body_accepts: str = "floating", accepts: str = "real floating", **row: Any
) -> Callable[[F], F]:
    """Declare an element-wise special function, which a backend may have in a namespace ``special`` as SciPy has.

    With ``body`` the function's body says, in other ops, what it computes, for dtypes that it accepts.
    """

    def declare(function: F) -> F:
        name = f"special.{row.pop('name', function.__name__)}"
        if body:
            return composite(name=name, accepts=accepts, **row)(_formula(name, function, body_accepts))
        return elementwise(name=name, accepts=accepts, **row)(function)

    return declare


def _formula(name: str, body: F, accepts: str) -> F:
    """``body``, computed in float32 for half precision, in which its constants overflow."""

    @wraps(body)
    def compute(*xs: Any) -> Any:
        first = next(x for x in xs if isinstance(x, Tensor))
        dtype = first.dtype
        if ACCEPTS[accepts](dtype) is None:
            raise TypeError(
                f"device {str(first.device)!r} has no kernel for {name} in {dtype.name}, and no decomposition "
                "stands in for it"
            )
        operands = [as_tensor(x, first) for x in xs]
        found = body(*(operands if dtype.itemsize > 2 else [astype(x, float32) for x in operands]))
        return found if found.dtype is dtype else astype(found, dtype)

    return compute  # type: ignore[return-value]


def no_derivative(function: str, operand: str) -> Callable[..., Any]:
    """The rule of an operand in which no derivative is known: it refuses, where no gradient would be a silent zero."""

    def rule(g: Any) -> Any:
        raise AutogradError(
            f"special.{function} is not differentiable in {operand!r}: no derivative of it is implemented; "
            f"pass {operand}.detach()"
        )

    return rule
