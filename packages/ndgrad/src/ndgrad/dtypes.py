"""The data types, and the one table that says how they promote.

A :class:`DType` is a name with properties; it knows no array library. Backends map names to their own objects.
Promotion between tensors follows the standard where it speaks and PyTorch where it is silent; Python scalars are weak.

Source: array API 2025.12, "Data Types" and "Type Promotion Rules"; PyTorch, "Tensor Attributes".
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any, Final, Literal

from ndgrad.settings import Restore

__all__ = [
    "DType", "DTYPES", "SCALARS", "SCALAR_TYPES",
    "bool_", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "bfloat16", "float32", "float64", "complex64", "complex128",
    "as_dtype", "promote", "promote_scalar", "default_dtype_changed", "default_dtype_of", "get_default_dtype",
    "on_first_change", "set_default_dtype",
]  # fmt: skip

Kind = Literal["bool", "signed integer", "unsigned integer", "real floating", "complex floating"]


class DType:
    """A data type: an immutable, interned name such as ``float32``.

    Attributes:
        name: the standard's name.
        kind: one of ``isdtype``'s kinds.
        itemsize: bytes per element.
        is_floating: real floating, as PyTorch's ``is_floating_point``.
        is_complex: complex floating.
        is_inexact: real or complex floating, that is differentiable.
        is_integral: signed or unsigned integer.
    """

    __slots__ = ("is_complex", "is_floating", "is_inexact", "is_integral", "itemsize", "kind", "name")

    def __init__(self, name: str, kind: Kind, itemsize: int) -> None:
        self.name: Final = name
        self.kind: Final = kind
        self.itemsize: Final = itemsize
        self.is_floating: Final = kind == "real floating"
        self.is_complex: Final = kind == "complex floating"
        self.is_inexact: Final = self.is_floating or self.is_complex
        self.is_integral: Final = kind in ("signed integer", "unsigned integer")

    @property
    def is_floating_point(self) -> bool:
        """PyTorch's spelling of :attr:`is_floating`."""
        return self.is_floating

    @property
    def is_signed(self) -> bool:
        """Whether negative values are representable."""
        return self.kind not in ("bool", "unsigned integer")

    @property
    def to_real(self) -> DType:
        """The dtype of the real part: ``complex64.to_real`` is ``float32``; itself for a dtype that is not complex."""
        return {complex64: float32, complex128: float64}.get(self, self)

    @property
    def to_complex(self) -> DType:
        """The complex dtype that holds this one: ``float32.to_complex`` is ``complex64``."""
        return complex128 if self in (float64, complex128) else complex64

    def __repr__(self) -> str:
        return f"ndgrad.{self.name}"

    def __str__(self) -> str:
        return f"ndgrad.{self.name}"

    def __eq__(self, other: object) -> bool:
        # ``x.dtype == np.float32`` and ``x.dtype == "float32"`` are what array-API callers write.
        if self is other:
            return True
        if other is None or isinstance(other, DType):
            return False
        return _FOREIGN_NAMES.get(_foreign_name(other)) is self

    def __hash__(self) -> int:
        return hash(self.name)

    def __reduce__(self) -> tuple[Any, ...]:
        return as_dtype, (self.name,)


bool_ = DType("bool", "bool", 1)
int8, int16, int32, int64 = (DType(f"int{8 * n}", "signed integer", n) for n in (1, 2, 4, 8))
uint8, uint16, uint32, uint64 = (DType(f"uint{8 * n}", "unsigned integer", n) for n in (1, 2, 4, 8))
float16 = DType("float16", "real floating", 2)
bfloat16 = DType("bfloat16", "real floating", 2)
float32 = DType("float32", "real floating", 4)
float64 = DType("float64", "real floating", 8)
complex64 = DType("complex64", "complex floating", 8)
complex128 = DType("complex128", "complex floating", 16)

DTYPES: Final[tuple[DType, ...]] = (
    bool_, int8, int16, int32, int64, uint8, uint16, uint32, uint64,
    float16, bfloat16, float32, float64, complex64, complex128,
)  # fmt: skip
_FOREIGN_NAMES: Final[dict[str | None, DType]] = {
    **{d.name: d for d in DTYPES}, "bool_": bool_, "longlong": int64, "ulonglong": uint64,
}  # fmt: skip
# Python's scalars, in the order in which they promote; and the same as a set, which tests faster.
SCALAR_TYPES: Final = (bool, int, float, complex)
SCALARS: Final = frozenset(SCALAR_TYPES)
_PYTHON_TYPES: Final = {bool: bool_, int: int64, float: float64, complex: complex128}


def _foreign_name(obj: object) -> str | None:
    """The dtype name that a NumPy dtype, a NumPy scalar class or a string carries."""
    if isinstance(obj, str):
        return obj.removeprefix("ndgrad.")
    return getattr(obj, "name", None) or getattr(obj, "__name__", None)


def as_dtype(obj: Any) -> DType:
    """The :class:`DType` that ``obj`` names: a DType, a string, a Python type, or another library's dtype.

    Raises:
        TypeError: nothing known by that name; the message lists the names.

    >>> as_dtype("float32"), as_dtype(float)
    (ndgrad.float32, ndgrad.float64)
    """
    if obj.__class__ is DType:
        return obj
    if isinstance(obj, type) and obj in _PYTHON_TYPES:
        return _PYTHON_TYPES[obj]
    found = _FOREIGN_NAMES.get(_foreign_name(obj))
    if found is None:
        raise TypeError(f"{obj!r} is not a dtype; write one of {', '.join(d.name for d in DTYPES)}")
    return found


# -- promotion ---------------------------------------------------------------------------------------------------------

# Each line: a dtype and the next larger ones. The join of two dtypes is the least dtype reachable from both.
# uint64 has no signed integer above it; the standard leaves that mix undefined and PyTorch refuses it.
_NEXT: Final[dict[DType, tuple[DType, ...]]] = {
    bool_: (int8, uint8),
    int8: (int16,), int16: (int32,), int32: (int64,), int64: (float16, bfloat16),
    uint8: (uint16, int16), uint16: (uint32, int32), uint32: (uint64, int64), uint64: (float16, bfloat16),
    float16: (float32,), bfloat16: (float32,), float32: (float64, complex64), float64: (complex128,),
    complex64: (complex128,), complex128: (),
}  # fmt: skip


@functools.cache
def _above(dtype: DType) -> frozenset[DType]:
    return frozenset({dtype}).union(*(_above(d) for d in _NEXT[dtype]))


def _join(a: DType, b: DType) -> DType | None:
    if a.is_integral and b.is_integral and uint64 in (a, b) and a.kind != b.kind:
        return None
    common = _above(a) & _above(b)
    return next(d for d in common if common <= _above(d))


PROMOTION: Final[dict[tuple[DType, DType], DType | None]] = {(a, b): _join(a, b) for a in DTYPES for b in DTYPES}


def promote(a: DType, b: DType) -> DType:
    """The dtype of an operation on tensors of dtypes ``a`` and ``b``.

    Raises:
        TypeError: ``uint64`` with a signed integer, which no integer dtype holds.

    >>> promote(int32, uint32), promote(float16, bfloat16), promote(int64, float32)
    (ndgrad.int64, ndgrad.float32, ndgrad.float32)
    """
    found = PROMOTION[a, b]
    if found is None:
        raise TypeError(
            f"{a.name} and {b.name} do not promote: no integer dtype holds both; "
            "convert one explicitly, for example with nd.astype(x, nd.int64)"
        )
    return found


def promote_scalar(dtype: DType, scalar_type: type) -> DType:
    """The dtype of an operation on a tensor of ``dtype`` and a Python scalar, which never widens within a kind.

    >>> promote_scalar(int32, float), promote_scalar(float16, int), promote_scalar(float64, complex)
    (ndgrad.float32, ndgrad.float16, ndgrad.complex128)
    """
    if scalar_type is bool:
        return dtype
    if scalar_type is int:
        return int64 if dtype is bool_ else dtype
    if scalar_type is float:
        return dtype if dtype.is_inexact else get_default_dtype()
    if dtype.is_complex:
        return dtype
    return (dtype if dtype.is_floating else get_default_dtype()).to_complex


# -- the default floating dtype ----------------------------------------------------------------------------------------


class _Default(threading.local):
    dtype: DType = float32


_default = _Default()
on_first_change: Final[list[Callable[[], None]]] = []  # called when a default dtype other than float32 is first set
_changed = False


def default_dtype_changed() -> bool:
    """Whether any thread has ever had another default dtype, so that what follows from it must not be remembered."""
    return _changed


def get_default_dtype() -> DType:
    """The dtype that Python floats become: ``float32`` unless :func:`set_default_dtype` changed it."""
    return _default.dtype


def set_default_dtype(dtype: Any) -> Restore:
    """Set the dtype that Python floats become, in this thread; as a context manager, until its end.

    Raises:
        TypeError: ``dtype`` is not a real floating dtype.

    >>> import ndgrad as nd
    >>> with nd.set_default_dtype(nd.float64):
    ...     nd.asarray([1.5]).dtype
    ndgrad.float64
    """
    chosen = as_dtype(dtype)
    if not chosen.is_floating:
        raise TypeError(f"the default dtype must be a real floating one, got {chosen.name}; write nd.float32")
    global _changed
    if chosen is not float32 and not _changed:
        _changed = True
        for forget in on_first_change:
            forget()
    previous, _default.dtype = _default.dtype, chosen
    return Restore(lambda: setattr(_default, "dtype", previous))


def default_dtype_of(scalar_type: type) -> DType:
    """The dtype of a tensor made from Python scalars of one type (``bool``, ``int``, ``float`` or ``complex``)."""
    if scalar_type is float:
        return get_default_dtype()
    return {bool: bool_, int: int64, complex: get_default_dtype().to_complex}[scalar_type]
