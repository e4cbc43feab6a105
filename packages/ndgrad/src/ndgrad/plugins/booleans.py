"""Functions of booleans, as in PyTorch, that the standard defines for numbers only: made of its logical functions."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

__all__ = ["OF_BOOLEANS", "of_booleans"]

# Op name to a function of the namespace and of boolean arrays, of which one may be a Python bool.
OF_BOOLEANS: Final[dict[str, Callable[..., Any]]] = {
    "add": lambda xp, a, b: xp.logical_or(a, b),
    "maximum": lambda xp, a, b: xp.logical_or(a, b),
    "multiply": lambda xp, a, b: xp.logical_and(a, b),
    "minimum": lambda xp, a, b: xp.logical_and(a, b),
    "less": lambda xp, a, b: xp.logical_and(xp.not_equal(a, b), b),
    "less_equal": lambda xp, a, b: xp.logical_or(xp.equal(a, b), b),
    "greater": lambda xp, a, b: xp.logical_and(a, xp.not_equal(a, b)),
    "greater_equal": lambda xp, a, b: xp.logical_or(a, xp.equal(a, b)),
    "isfinite": lambda xp, a: xp.logical_or(a, xp.logical_not(a)),
    "isinf": lambda xp, a: xp.logical_and(a, xp.logical_not(a)),
    "isnan": lambda xp, a: xp.logical_and(a, xp.logical_not(a)),
}


def of_booleans(name: str, xp: ModuleType) -> Callable[..., Any] | None:
    """The function of boolean arrays, made of the namespace's, that serves an op; None where its own will do."""
    found = OF_BOOLEANS.get(name)
    return None if found is None else lambda *raws: found(xp, *raws)
