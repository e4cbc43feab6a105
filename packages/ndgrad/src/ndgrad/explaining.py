"""What users read when an argument has a type that a function cannot use.

Functions of the chapters do not test the types of their arguments: most calls are right, and each test would cost all
of them. When a call has failed, there is time to look at the signature and say which argument was wrong.
"""

from __future__ import annotations

import functools
import inspect
import numbers
import operator
import re
from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar

from ndgrad.dtypes import promote
from ndgrad.errors import AutogradError
from ndgrad.tensor import Tensor

__all__ = ["explain_errors", "explained"]

F = TypeVar("F", bound=Callable[..., Any])
_CHAPTERS = ("ndgrad.ops.", "ndgrad.random", "ndgrad.generators")
_WITH_OPTIONS = ("ndgrad.ops.options", "ndgrad.ops.special.options")
_THEIRS = frozenset({"input", "other", "out"})  # PyTorch's names of operands, and of where the result goes
_FOREIGN = (AttributeError, KeyError, IndexError, OverflowError, TypeError, ValueError)


def explain_errors(namespace: dict[str, Any], prefix: str = "") -> None:
    """Let the functions of a namespace name the argument that an error came from; ``prefix`` precedes their names."""
    for name, function in list(namespace.items()):
        if not name.startswith("_"):
            namespace[name] = explained(function, prefix + name)


def explained(function: F, name: str) -> F:
    """``function``, whose errors name it and the argument at fault; what is no function of a chapter, as it is."""
    if not isinstance(function, FunctionType) or not function.__module__.startswith(_CHAPTERS):
        return function
    op = getattr(function, "op", None)
    if function.__module__ in _WITH_OPTIONS or (
        op is not None and op.public is function and function.__code__.co_name == "call"
    ):
        return function  # these say it themselves, or the functions within them do

    plain = inspect.unwrap(function)
    leads = plain.__code__.co_argcount > 0 and plain.__annotations__.get(plain.__code__.co_varnames[0]) == "Tensor"

    # What aliases.spelled tests before it calls the function as it is, so that most calls need not pass through it.
    leading_only, theirs, direct = getattr(function, "spelling", (None, frozenset(), function))

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if leads and args and not isinstance(args[0], Tensor):  # an array of NumPy's might get through
            raise TypeError(f"{name}: {_fault(function, args[:1], {})}")
        try:
            if (leading_only is None or len(args) == leading_only) and (not kwargs or theirs.isdisjoint(kwargs)):
                return direct(*args, **kwargs)
            return function(*args, **kwargs)
        except _FOREIGN as error:
            if kwargs and error.__class__ is TypeError and not _THEIRS.isdisjoint(kwargs):
                return _respoken(name, call, args, kwargs)
            if re.search(rf"\b{name.rpartition('.')[2]}\b", str(error)):
                raise
            if type(error).__module__.startswith("ndgrad"):
                error.args = (f"{name}: {error}",)
                raise
            fault = _fault(function, args, kwargs)
            if fault is not None:
                raise TypeError(f"{name}: {fault}") from None
            if isinstance(error, (AttributeError, KeyError)):
                raise  # no argument is to blame
            kind = next(kind for kind in _FOREIGN if isinstance(error, kind))
            raise kind(f"{name}: {error}") from error.__cause__

    return call  # type: ignore[return-value]


def _respoken(name: str, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The call in our words: operands by position, and the result written into ``out``."""
    kwargs = dict(kwargs)
    out = kwargs.pop("out", None)
    if "input" in kwargs:
        args = (kwargs.pop("input"), *args)
    if "other" in kwargs:
        args = (*args[:1], kwargs.pop("other"), *args[1:])
    result = function(*args, **kwargs)
    if out is None:
        return result
    several = isinstance(result, tuple)
    for target, part in zip(out if several else (out,), result if several else (result,), strict=True):
        _write_out(name, target, part)
    return out


def _write_out(name: str, out: Any, result: Any) -> None:
    if not isinstance(out, Tensor) or out.shape != result.shape:
        raise ValueError(
            f"{name}: out must be a tensor of the result's shape {result.shape}, got {_shown(out)}; "
            f"write out = nd.{name}(...)"
        )
    if out.requires_grad or result.requires_grad:
        raise AutogradError(f"{name}: out= is not recorded for gradients; write out = nd.{name}(...)")
    if promote(out.dtype, result.dtype).kind != out.dtype.kind:
        raise TypeError(f"{name}: the result of {result.dtype.name} does not fit into out of {out.dtype.name}")
    out.copy_(result)


def _fault(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str | None:
    """What is wrong with the first argument that does not fit its annotation."""
    try:
        given = inspect.signature(function).bind_partial(*args, **kwargs).arguments
    except TypeError:
        return None
    for name, parameter in inspect.signature(function).parameters.items():
        if name in given:
            several = parameter.kind is inspect.Parameter.VAR_POSITIONAL
            for value in given[name] if several else (given[name],):
                wanted = _misfit(str(parameter.annotation), value)
                if wanted:
                    return f"{name} must be {wanted}, got {_shown(value)}{_advice(wanted, name, value)}"
    return None


def _misfit(annotation: str, value: Any) -> str | None:
    """What the annotation asks for, if ``value`` is something else."""
    if value is None and ("None" in annotation or annotation in ("Any", "Axis", "Axes")):
        return None
    if annotation in ("Tensor", "Tensor | None"):
        return None if isinstance(value, Tensor) else "a Tensor"
    if "[Tensor" in annotation and "Callable" not in annotation:
        fits = isinstance(value, (tuple, list)) and all(isinstance(x, Tensor) for x in value)
        return None if fits or isinstance(value, Tensor) else "a sequence of Tensors"
    if annotation.startswith(("Operand", "Tensor | ")):
        fits = isinstance(value, (Tensor, numbers.Number)) or hasattr(value, "item")
        return None if fits or "str" in annotation else "a Tensor or a number"
    if annotation.startswith(("int", "Axis", "Axes", "Shape", "tuple[int", "Sequence[int")):
        entries = value if isinstance(value, (tuple, list)) and annotation not in ("int", "int | None") else (value,)
        if all(_is_integer(x) for x in entries):
            return None
        return "an integer" if annotation in ("int", "int | None") else "an integer or a tuple of integers"
    if annotation.startswith("float"):
        return None if isinstance(value, numbers.Number) or hasattr(value, "__float__") else "a number"
    return None


def _is_integer(x: Any) -> bool:
    try:
        operator.index(x)
    except (TypeError, ValueError):  # ValueError: a tensor of several integers
        return False
    return True


def _shown(value: Any) -> str:
    if value is None or isinstance(value, (str, numbers.Number)):
        return repr(value)
    kind = f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
    if isinstance(value, (tuple, list)) and value and not isinstance(value[0], numbers.Number):
        strange = next((i for i, x in enumerate(value) if not isinstance(x, Tensor)), None)
        if strange is None or strange == 0:
            kind += f" of {type(value[0]).__qualname__}"
        else:
            kind += f" with {type(value[strange]).__qualname__} at place {strange}"
    return f"{kind} of shape {value.shape}" if hasattr(value, "shape") else kind


def _advice(wanted: str, name: str, value: Any) -> str:
    if value is None and "Tensor" in wanted:
        return "; is a return statement missing?"
    return f"; write nd.asarray({name})" if wanted.startswith("a Tensor") else ""
