"""What may stand for an operand: tensors, Python's scalars, and NumPy's, which act as Python's."""

from __future__ import annotations

from typing import Any

from ndgrad.dtypes import SCALARS
from ndgrad.plugins import Spec
from ndgrad.rows import Op
from ndgrad.tensor import Tensor, wrap

__all__ = ["not_a_tensor", "scalar_of", "scalar_tensor"]


def scalar_tensor(scalar: Any, spec: Spec) -> Tensor:
    """A 0-d tensor of ``spec`` holding a Python scalar."""
    return wrap(spec.backend.asarray(scalar, spec.dtype, spec.device), spec)


def scalar_of(x: Any) -> Any:
    """NumPy's scalars act as Python's: weakly typed."""
    if x.__class__ in SCALARS or isinstance(x, Tensor) or hasattr(x, "__len__") or not hasattr(x, "dtype"):
        return x
    return x.item() if getattr(x, "shape", None) == () and hasattr(x, "item") else x


def not_a_tensor(op: Op, x: Any) -> TypeError:
    """The error for an operand of another type."""
    kind = f"{type(x).__module__}.{type(x).__qualname__}".removeprefix("builtins.")
    hint = "write nd.asarray(...) around it" if x is not None else "is a return statement missing?"
    return TypeError(f"{op.name} takes ndgrad tensors (and at most one Python scalar), got {kind}; {hint}")
