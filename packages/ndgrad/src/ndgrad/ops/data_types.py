"""Data type functions: array API 2025.12, chapter "Data Type Functions"; ``astype`` is in ``transfer``."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from ndgrad.dtypes import (
    DTYPES,
    SCALAR_TYPES,
    DType,
    as_dtype,
    bfloat16,
    default_dtype_of,
    float16,
    float32,
    float64,
    promote,
    promote_scalar,
)  # fmt: skip
from ndgrad.tensor import Tensor

__all__ = [
    "can_cast", "finfo", "iinfo", "is_complex", "is_floating_point", "is_tensor", "isdtype", "promote_types",
    "result_type",
]  # fmt: skip



def _dtype(obj: Any) -> DType:
    """The dtype of a tensor or array, or the one that ``obj`` names."""
    # NumPy's scalar classes have a descriptor called dtype, NumPy's dtypes none that differs from themselves.
    held = None if isinstance(obj, type) else getattr(obj, "dtype", None)
    return as_dtype(obj if held is None else held)


# -- promotion ---------------------------------------------------------------------------------------------------------


def result_type(*arrays_and_dtypes: Any) -> DType:
    """The dtype to which tensors, dtypes and Python scalars promote together.

    Raises:
        TypeError: no arguments, or dtypes that do not promote.

    Source: array API 2025.12, ``result_type``.

    >>> import ndgrad as nd
    >>> nd.result_type(nd.int32, nd.uint8), nd.result_type(nd.float16, 1.0)
    (ndgrad.int32, ndgrad.float16)
    """
    scalars = [type(x) for x in arrays_and_dtypes if type(x) in SCALAR_TYPES]
    dtypes = [_dtype(x) for x in arrays_and_dtypes if type(x) not in SCALAR_TYPES]
    if not arrays_and_dtypes:
        raise TypeError("result_type needs at least one tensor, dtype or scalar")
    if not dtypes:
        return default_dtype_of(max(scalars, key=SCALAR_TYPES.index))
    found = dtypes[0]
    for dtype in dtypes[1:]:
        found = promote(found, dtype)
    for scalar in sorted(scalars, key=SCALAR_TYPES.index):
        found = promote_scalar(found, scalar)
    return found


def promote_types(type1: Any, type2: Any, /) -> DType:
    """The dtype to which two dtypes promote. Source: PyTorch, ``torch.promote_types``."""
    return promote(as_dtype(type1), as_dtype(type2))


def can_cast(from_: Any, to: Any, /) -> bool:
    """Whether a dtype, or a tensor's, promotes with ``to`` to ``to`` itself, so that nothing is lost.

    Source: array API 2025.12, ``can_cast``.

    >>> import ndgrad as nd
    >>> nd.can_cast(nd.int8, nd.int16), nd.can_cast(nd.float64, nd.float32)
    (True, False)
    """
    source, target = _dtype(from_), as_dtype(to)
    try:
        return promote(source, target) is target
    except TypeError:
        return False


# -- kinds -------------------------------------------------------------------------------------------------------------

_KINDS: Final = {
    "bool": ("bool",),
    "signed integer": ("signed integer",),
    "unsigned integer": ("unsigned integer",),
    "integral": ("signed integer", "unsigned integer"),
    "real floating": ("real floating",),
    "complex floating": ("complex floating",),
    "numeric": ("signed integer", "unsigned integer", "real floating", "complex floating"),
}


def isdtype(dtype: Any, kind: Any) -> bool:
    """Whether a dtype is of a kind: a dtype, ``"bool"``, ``"integral"``, ``"real floating"``, ... or a tuple of those.

    Raises:
        ValueError: an unknown kind; the message lists them.

    Source: array API 2025.12, ``isdtype``.

    >>> import ndgrad as nd
    >>> nd.isdtype(nd.int8, "integral"), nd.isdtype(nd.int8, ("bool", nd.float32))
    (True, False)
    """
    if isinstance(kind, tuple):
        return any(isdtype(dtype, k) for k in kind)
    if isinstance(kind, str):
        if kind in _KINDS:
            return as_dtype(dtype).kind in _KINDS[kind]
        if kind not in {d.name for d in DTYPES}:
            raise ValueError(f"isdtype: unknown kind {kind!r}; the kinds are {', '.join(map(repr, _KINDS))}")
    return as_dtype(dtype) is as_dtype(kind)


def is_tensor(obj: Any, /) -> bool:
    """Whether ``obj`` is an ndgrad tensor. Source: PyTorch, ``torch.is_tensor``."""
    return isinstance(obj, Tensor)


def is_floating_point(x: Tensor, /) -> bool:
    """Whether the dtype of ``x`` is real floating. Source: PyTorch, ``torch.is_floating_point``."""
    return x.dtype.is_floating


def is_complex(x: Tensor, /) -> bool:
    """Whether the dtype of ``x`` is complex. Source: PyTorch, ``torch.is_complex``."""
    return x.dtype.is_complex


# -- limits ------------------------------------------------------------------------------------------------------------


class FloatLimits(NamedTuple):
    """What :func:`finfo` returns: Python numbers, and the dtype they describe."""

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: DType

    @property
    def tiny(self) -> float:
        """NumPy's and PyTorch's name of ``smallest_normal``."""
        return self.smallest_normal


class IntLimits(NamedTuple):
    """What :func:`iinfo` returns: Python integers, and the dtype they describe."""

    bits: int
    max: int
    min: int
    dtype: DType


# Explicit bits of the significand, and the largest exponent (IEEE 754-2019, table 3.5; bfloat16: float32's exponents).
_FORMATS: Final = {float16: (10, 15), bfloat16: (7, 127), float32: (23, 127), float64: (52, 1023)}


def finfo(type: Any, /) -> FloatLimits:
    """Limits of a floating dtype, or of a tensor's; for a complex one, those of its parts.

    Raises:
        TypeError: the dtype is not floating.

    Source: array API 2025.12, ``finfo``.

    >>> import ndgrad as nd
    >>> nd.finfo(nd.float64).eps
    2.220446049250313e-16
    """
    dtype = _dtype(type).to_real
    if dtype not in _FORMATS:
        raise TypeError(f"finfo describes floating dtypes, got {dtype.name}; nd.iinfo describes integers")
    digits, exponent = _FORMATS[dtype]
    largest = (2.0 - 2.0**-digits) * 2.0**exponent
    return FloatLimits(8 * dtype.itemsize, 2.0**-digits, largest, -largest, 2.0 ** (1 - exponent), dtype)


def iinfo(type: Any, /) -> IntLimits:
    """Limits of an integer dtype, or of a tensor's.

    Raises:
        TypeError: the dtype is not an integer one.

    Source: array API 2025.12, ``iinfo``.

    >>> import ndgrad as nd
    >>> nd.iinfo(nd.int8).min
    -128
    """
    dtype = _dtype(type)
    if not dtype.is_integral:
        raise TypeError(f"iinfo describes integer dtypes, got {dtype.name}; nd.finfo describes floating ones")
    bits = 8 * dtype.itemsize
    if dtype.is_signed:
        return IntLimits(bits, 2 ** (bits - 1) - 1, -(2 ** (bits - 1)), dtype)
    return IntLimits(bits, 2**bits - 1, 0, dtype)
