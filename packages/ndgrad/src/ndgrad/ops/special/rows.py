"""How the rows of special functions are declared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ndgrad.dispatch import composite, elementwise
from ndgrad.errors import AutogradError

__all__ = ["no_derivative", "special"]

F = TypeVar("F", bound=Callable[..., Any])


def special(*, body: bool = False, accepts: str = "real floating", **row: Any) -> Callable[[F], F]:
    """Declare an element-wise special function, which a backend may have in a namespace ``special`` as SciPy has.

    With ``body`` the function's body says, in other ops, what it computes.
    """

    def declare(function: F) -> F:
        make = composite if body else elementwise
        name = row.pop("name", function.__name__)
        return make(name=f"special.{name}", accepts=accepts, **row)(function)

    return declare


def no_derivative(function: str, operand: str) -> Callable[..., Any]:
    """The rule of an operand in which no derivative is known: it refuses, where no gradient would be a silent zero."""

    def rule(g: Any) -> Any:
        raise AutogradError(
            f"special.{function} is not differentiable in {operand!r}: no derivative of it is implemented; pass {operand}.detach()"
        )

    rule.refuses = True  # type: ignore[attr-defined]  # generated tests leave the operand out
    return rule
