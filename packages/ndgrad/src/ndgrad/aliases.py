"""PyTorch's spellings, wherever they do not contradict the standard: tables, applied to functions and methods alike.

``nd.sum(x, dim=1, keepdim=True)``, ``nd.sum(x, 1, True)`` and ``x.sum(axis=1, keepdims=True)`` are the same call.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

__all__ = ["FUNCTIONS_WITH_AXIS", "FUNCTION_ALIASES", "METHOD_ALIASES", "with_axis_aliases"]

F = TypeVar("F", bound=Callable[..., Any])

KEYWORDS: Final = {"dim": "axis", "keepdim": "keepdims", "dims": "axis"}

_REDUCTIONS = (
    "sum prod mean max min amax amin all any argmax argmin logsumexp median nansum nanmean nanmedian nanmax nanmin"
)
_ALONG = (
    "std var softmax log_softmax cumsum cumprod cumulative_sum cumulative_prod sort argsort flip unstack "
    "count_nonzero concat stack"
)
_ALONG_AFTER_ANOTHER = "split chunk repeat take roll expand_dims squeeze"

# Functions that take an axis: how many operands come first, then the names of what may follow by position.
FUNCTIONS_WITH_AXIS: Final[Mapping[str, tuple[int, tuple[str, ...]]]] = {
    **dict.fromkeys(_REDUCTIONS.split(), (1, ("axis", "keepdims"))),
    **dict.fromkeys(_ALONG.split(), (1, ("axis",))),
    **dict.fromkeys(_ALONG_AFTER_ANOTHER.split(), (2, ("axis",))),
    "diff": (1, ("n", "axis")),
    "quantile": (2, ("axis", "keepdims")),
    "take_along_axis": (2, ("axis",)),
    "topk": (2, ("axis", "largest", "sorted")),
}

# Another name for a function of the namespace.
FUNCTION_ALIASES: Final[Mapping[str, str]] = {
    "absolute": "abs", "arccos": "acos", "arccosh": "acosh", "arcsin": "asin", "arcsinh": "asinh", "arctan": "atan",
    "arctan2": "atan2", "arctanh": "atanh", "bitwise_not": "bitwise_invert", "cat": "concat", "clamp": "clip",
    "concatenate": "concat", "div": "divide", "eq": "equal", "ge": "greater_equal", "gt": "greater",
    "le": "less_equal", "lt": "less", "movedim": "moveaxis", "mul": "multiply", "ne": "not_equal", "neg": "negative",
    "permute": "permute_dims", "power": "pow", "sub": "subtract", "true_divide": "divide", "unbind": "unstack",
    "unsqueeze": "expand_dims",
}  # fmt: skip

# Another name for a method of tensors.
METHOD_ALIASES: Final[Mapping[str, str]] = {**FUNCTION_ALIASES, "ndimension": "dim", "view_as": "reshape_as"}


def with_axis_aliases(function: F, operands: int, positional: tuple[str, ...]) -> F:
    """``function``, which also takes ``dim=`` for ``axis=``, ``keepdim=`` for ``keepdims=``, and these by position."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if len(args) == operands and "dim" not in kwargs and "keepdim" not in kwargs and "dims" not in kwargs:
            return function(*args, **kwargs)
        extra = args[operands:]
        if len(extra) > len(positional):
            raise TypeError(
                f"{function.__name__}() takes {operands} operands and then {', '.join(positional)}; "
                f"got {len(args)} arguments by position"
            )
        kwargs.update(zip(positional, extra, strict=False))
        for key in tuple(kwargs):
            if key in KEYWORDS:
                kwargs[KEYWORDS[key]] = kwargs.pop(key)
        return function(*args[:operands], **kwargs)

    return call  # type: ignore[return-value]
