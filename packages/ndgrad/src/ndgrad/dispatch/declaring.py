"""How ops are declared: the decorators that make a function's signature and docstring into a row."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast

from ndgrad.dispatch.elementwise import binary, several, unary
from ndgrad.rows import Op

__all__ = ["composite", "elementwise", "public"]

F = TypeVar("F", bound=Callable[..., Any])


def elementwise(**row: Any) -> Callable[[F], F]:
    """Declare an elementwise op: the function's name, signature and docstring are the op's; its body is empty.

    The rules are written for one element; broadcasting is undone around them. ``name=`` sets another op name.
    """
    return _declare(row, with_body=False)


def composite(**row: Any) -> Callable[[F], F]:
    """Declare an elementwise op whose body says, in other ops, what it computes: it runs where no kernel does."""
    return _declare(row, with_body=True)


def public(op: Op) -> Callable[[F], F]:
    """Mark the function through which users reach an op: tests and the op reference are generated from the pair."""

    def mark(function: F) -> F:
        op.public = function
        function.op = op  # type: ignore[attr-defined]
        return function

    return mark


def _declare(row: dict[str, Any], with_body: bool) -> Callable[[F], F]:
    def declare(function: F) -> F:
        code = inspect.unwrap(function).__code__
        operands = code.co_varnames[: code.co_argcount]
        name = row.pop("name", function.__name__.rstrip("_"))
        op = Op(name, operands, elementwise=True, decompose=function if with_body else None, **row)
        makers: dict[int, Callable[[Op], Any]] = {1: unary, 2: binary}
        make: Callable[[Op], Any] = makers.get(len(operands), several)
        call = make(op)
        op.public = functools.update_wrapper(call, function)
        call.op = op
        return cast(F, call)

    return declare
