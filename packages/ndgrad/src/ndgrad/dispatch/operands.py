"""What may stand for an operand: tensors, Python's scalars, and NumPy's, which act as Python's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ndgrad.dtypes import SCALARS
from ndgrad.plugins import Spec
from ndgrad.rows import Op
from ndgrad.tensor import Tensor, wrap

__all__ = ["kernel_error", "not_a_tensor", "scalar_of", "scalar_tensor"]


def scalar_tensor(scalar: Any, spec: Spec) -> Tensor:
    """A 0-d tensor of ``spec`` holding a Python scalar."""
    try:
        return wrap(spec.backend.asarray(scalar, spec.dtype, spec.device), spec)
    except (OverflowError, ValueError) as error:  # 300 in int8, NaN in an integer
        raise type(error)(f"{scalar!r} does not fit the dtype {spec.dtype.name}: {error}") from None


def scalar_of(x: Any) -> Any:
    """NumPy's scalars act as Python's: weakly typed."""
    if x.__class__ in SCALARS or isinstance(x, Tensor) or hasattr(x, "__len__") or not hasattr(x, "dtype"):
        return x
    return x.item() if getattr(x, "shape", None) == () and hasattr(x, "item") else x


def kernel_error(op: Op, operands: Sequence[Any], error: Exception) -> Exception:
    """What users see of an error that a kernel raised: its kind, with the op and the operands named."""
    ours = type(error).__module__.startswith("ndgrad") or type(error).__name__ == "LinAlgError"
    if ours or re.search(rf"\b{re.escape(op.name)}\b", str(error)):
        return error
    kind = next(kind for kind in (OverflowError, IndexError, TypeError, ValueError) if isinstance(error, kind))
    return kind(f"{op.name} of {' and '.join(map(_described, operands))}: {error}")


def _described(x: Any) -> str:
    return f"a {x.dtype.name} tensor of shape {x.shape}" if isinstance(x, Tensor) else str(x)


def not_a_tensor(op: Op, x: Any) -> TypeError:
    """The error for an operand of another type."""
    kind = f"{type(x).__module__}.{type(x).__qualname__}".removeprefix("builtins.")
    hint = "write nd.asarray(...) around it" if x is not None else "is a return statement missing?"
    return TypeError(f"{op.name} takes ndgrad tensors (and at most one Python scalar), got {kind}; {hint}")
