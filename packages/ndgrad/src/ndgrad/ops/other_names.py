"""Small functions under further names of NumPy's and PyTorch's, each said in those of the namespace."""

from __future__ import annotations

import builtins
import numbers
from collections.abc import Callable
from typing import Any, NamedTuple

from ndgrad.dispatch import apply, astype, public
from ndgrad.dtypes import int32, uint8
from ndgrad.ops import manipulation, rearrangement
from ndgrad.ops.conversion import asarray
from ndgrad.ops.creation import triu_indices
from ndgrad.ops.data_types import finfo
from ndgrad.ops.einsum import multi_dot
from ndgrad.ops.elementwise import (
    abs,
    bitwise_and,
    bitwise_right_shift,
    conj,
    floor,
    floor_divide,
    imag,
    isfinite,
    log2,
    nextafter,
    pow,
    real,
    remainder,
    round,
    trunc,
)  # fmt: skip
from ndgrad.ops.elementwise.arithmetic import Operand
from ndgrad.ops.gathering import take_along_axis
from ndgrad.ops.indexing import getitem
from ndgrad.ops.manipulation import expand_dims, moveaxis
from ndgrad.ops.norms import vector_norm
from ndgrad.ops.places import lexsort
from ndgrad.ops.products import matmul
from ndgrad.ops.reductions import all
from ndgrad.ops.searching import where
from ndgrad.ops.sorting import sort
from ndgrad.ops.transfer import clone
from ndgrad.rows import Op
from ndgrad.tensor import Tensor

__all__ = [
    "FrexpResult", "adjoint", "alias_copy", "bitwise_count", "block", "chain_matmul", "detach", "divmod", "fabs",
    "frexp", "iscomplex", "iscomplexobj", "isrealobj", "isscalar", "matvec", "modf", "ndim", "numel", "pdist",
    "real_if_close", "rint", "rollaxis", "rsub", "shape", "size", "sort_complex", "spacing", "t", "typename", "vecmat",
]  # fmt: skip


# -- parts of numbers --------------------------------------------------------------------------------------------------


class FrexpResult(NamedTuple):
    """Results of :func:`frexp`."""

    mantissa: Tensor
    exponent: Tensor


def _parts(x: Tensor) -> tuple[Tensor, Tensor]:
    """By the logarithm, which may be off by one, and a correction of that; powers of two divide without rounding."""
    limits, size = finfo(x.dtype), abs(x)
    proper = isfinite(x) & (x != 0)
    size = where(proper, size, 1.0)
    tiny = size < limits.smallest_normal
    digits = {2: 11, 4: 24, 8: 53}[x.dtype.itemsize]
    lifted = where(tiny, size * 2.0**digits, size)  # subnormal numbers made normal
    exponent = floor(log2(lifted)) + 1
    half = pow(2.0, floor(exponent / 2))  # in two steps, for the power itself may overflow
    scaled = lifted / half / pow(2.0, exponent - floor(exponent / 2))
    high, low = scaled >= 1, scaled < 0.5
    scaled = where(high, scaled / 2, where(low, scaled * 2, scaled))
    exponent = exponent + where(high, 1.0, where(low, -1.0, 0.0)) - where(tiny, float(digits), 0.0)
    mantissa = where(x < 0, -scaled, scaled)
    return where(proper, mantissa, x), astype(where(proper, exponent, 0.0), int32)


FREXP = Op(
    "frexp", accepts="real floating", result=("same", "int32"), batch="leading", decompose=_parts,
    vjp=lambda g, y: g[0] * _power_of_two(-y[1], g[0]),
    samples=lambda make: [((make(*s, low=-9.0, high=9.0),), {}) for s in ((3, 4), (), (0, 2))],
)  # fmt: skip


def _power_of_two(exponent: Tensor, like: Tensor) -> Tensor:
    half = floor_divide(exponent, 2)
    return pow(2.0, astype(half, like.dtype)) * pow(2.0, astype(exponent - half, like.dtype))


@public(FREXP)
def frexp(x: Tensor, /) -> FrexpResult:
    """Mantissas, 0 or of magnitude in [0.5, 1), and int32 exponents with ``x = mantissa * 2**exponent``.

    Raises:
        TypeError: complex numbers.

    Source: PyTorch and NumPy, ``frexp``.

    >>> import ndgrad as nd
    >>> nd.frexp(nd.asarray([1.0, 10.0]))
    FrexpResult(mantissa=tensor([0.5000, 0.6250]), exponent=tensor([1, 4], dtype=ndgrad.int32))
    """
    return FrexpResult(*apply(FREXP, x))


def modf(x: Tensor, /) -> tuple[Tensor, Tensor]:
    """The fractional and the whole part of each element, both with its sign. Source: NumPy, ``modf``."""
    whole = trunc(x if x.dtype.is_inexact else x * 1.0)
    fraction = where(isfinite(x), x - whole, 0.0)
    return where(x != x, x, fraction), whole


def divmod(x1: Operand, x2: Operand, /) -> tuple[Tensor, Tensor]:
    """``x1 // x2`` and ``x1 % x2``. Source: NumPy, ``divmod``."""
    return floor_divide(x1, x2), remainder(x1, x2)


def fabs(x: Tensor, /) -> Tensor:
    """:func:`abs`, floating. Source: NumPy, ``fabs``."""
    return abs(x if x.dtype.is_inexact else x * 1.0)


def rint(x: Tensor, /) -> Tensor:
    """:func:`round`, floating. Source: NumPy, ``rint``."""
    return round(x if x.dtype.is_inexact else x * 1.0)


def spacing(x: Tensor, /) -> Tensor:
    """The distance to the next number away from 0; without gradient. Source: NumPy, ``spacing``."""
    x = x.detach()
    away = where(x < 0, -float("inf"), float("inf"))
    return nextafter(x, astype(away, x.dtype)) - x


def rsub(x: Operand, other: Operand, /, *, alpha: Any = 1) -> Tensor:
    """``other - alpha * x``. Source: PyTorch, ``torch.rsub``."""
    return other - x * alpha


def bitwise_count(x: Tensor, /) -> Tensor:
    """How many bits of the magnitude of each integer are set, as uint8. Source: NumPy, ``bitwise_count``.

    Raises:
        TypeError: not integers.
    """
    if not x.dtype.is_integral:
        raise TypeError(f"bitwise_count takes integers, got {x.dtype.name}")
    magnitude, total = abs(x) if x.dtype.is_signed else x, 0 * x
    for i in range(8 * x.dtype.itemsize):
        total = total + bitwise_and(bitwise_right_shift(magnitude, i), 1)
    return astype(total, uint8)


# -- complex numbers ---------------------------------------------------------------------------------------------------


def iscomplex(x: Tensor, /) -> Tensor:
    """Whether the imaginary part of each element is not 0. Source: NumPy, ``iscomplex``."""
    return imag(x) != 0


def iscomplexobj(x: Any, /) -> bool:
    """Whether the dtype is complex. Source: NumPy, ``iscomplexobj``."""
    return x.dtype.is_complex if isinstance(x, Tensor) else isinstance(x, complex)


def isrealobj(x: Any, /) -> bool:
    """Whether the dtype is not complex. Source: NumPy, ``isrealobj``."""
    return not iscomplexobj(x)


def isscalar(x: Any, /) -> bool:
    """Whether ``x`` is a Python number or a string. Source: NumPy, ``isscalar``."""
    return isinstance(x, (numbers.Number, str, bytes))


def real_if_close(x: Tensor, /, tol: float = 100) -> Tensor:
    """The real part, if no imaginary part exceeds ``tol`` (times the dtype's epsilon above 1). Source: NumPy."""
    if not x.dtype.is_complex:
        return x
    bound = tol * finfo(x.dtype).eps if tol > 1 else tol
    return real(x) if bool(all(abs(imag(x)) < bound)) else x


def sort_complex(x: Tensor, /) -> Tensor:
    """Sorted by real, then imaginary part, and complex. Source: NumPy, ``sort_complex``."""
    if not x.dtype.is_complex:
        return astype(sort(x, axis=-1), (x if x.dtype.is_inexact else x * 1.0).dtype.to_complex)
    return take_along_axis(x, lexsort((imag(x), real(x)), axis=-1), axis=-1)


# -- products and distances --------------------------------------------------------------------------------------------


def matvec(x1: Tensor, x2: Tensor, /) -> Tensor:
    """The products of matrices (..., m, n) and vectors (..., n). Source: NumPy, ``matvec``."""
    return getitem(matmul(x1, expand_dims(x2, axis=-1)), (..., 0))


def vecmat(x1: Tensor, x2: Tensor, /) -> Tensor:
    """The products of the conjugates of vectors (..., n) and matrices (..., n, m). Source: NumPy, ``vecmat``."""
    return getitem(matmul(expand_dims(conj(x1), axis=-2), x2), (..., 0, slice(None)))


def chain_matmul(*matrices: Tensor) -> Tensor:
    """The product of matrices, in the order that takes least work. Source: PyTorch, ``torch.chain_matmul``."""
    return multi_dot(matrices) if len(matrices) > 1 else clone(matrices[0])


def pdist(x: Tensor, /, p: float = 2.0) -> Tensor:
    """The ``p``-norms of the differences of each pair of rows, (n, k) to n(n - 1)/2. Source: PyTorch, ``pdist``."""
    if x.ndim != 2:
        raise ValueError(f"pdist takes a matrix, got shape {x.shape}")
    pairs = triu_indices(x.shape[0], x.shape[0], 1, device=x.device)
    return vector_norm(getitem(x, pairs[0]) - getitem(x, pairs[1]), axis=-1, ord=p)


# -- shapes ------------------------------------------------------------------------------------------------------------


def numel(x: Tensor, /) -> int:
    """The number of elements. Source: PyTorch, ``numel``."""
    return x.size


def size(x: Any, /, axis: int | None = None) -> int:
    """The number of elements, or of the entries of an axis. Source: NumPy, ``size``."""
    x = x if isinstance(x, Tensor) else asarray(x)
    return x.size if axis is None else x.shape[axis]


def shape(x: Any, /) -> tuple[int, ...]:
    """The shape. Source: NumPy, ``shape``."""
    return (x if isinstance(x, Tensor) else asarray(x)).shape


def ndim(x: Any, /) -> int:
    """The number of axes. Source: NumPy, ``ndim``."""
    return (x if isinstance(x, Tensor) else asarray(x)).ndim


def t(x: Tensor, /) -> Tensor:
    """The transpose of a matrix, a vector as it is. Source: PyTorch, ``torch.t``."""
    return x.t()


def adjoint(x: Tensor, /) -> Tensor:
    """The conjugate transposes of the matrices in the last two axes. Source: PyTorch, ``torch.adjoint``."""
    return x.mH


def detach(x: Tensor, /) -> Tensor:
    """``x.detach()``. Source: PyTorch, ``torch.detach``."""
    return x.detach()


def typename(x: Any, /) -> str:
    """The name of a tensor's class or of any object's. Source: PyTorch, ``torch.typename``."""
    return f"{type(x).__module__}.{type(x).__qualname__}"


def rollaxis(x: Tensor, axis: int, start: int = 0, /) -> Tensor:
    """A view with an axis moved before another. Source: NumPy, ``rollaxis``."""
    axis, start = axis % x.ndim, start + x.ndim if start < 0 else start
    return moveaxis(x, axis, start - 1 if axis < start else start)


def block(arrays: Any, /) -> Tensor:
    """Tensors joined as nested lists lay them out: innermost along the last axis, and so on. Source: NumPy, ``block``.

    >>> import ndgrad as nd
    >>> nd.block([[nd.eye(1), nd.zeros((1, 2))]])
    tensor([[1., 0., 0.]])
    """

    def depth(a: Any) -> int:
        return 1 + depth(a[0]) if isinstance(a, list) else 0

    def leaves(a: Any) -> list[Any]:
        return [leaf for part in a for leaf in leaves(part)] if isinstance(a, list) else [a]

    levels = depth(arrays)
    axes = builtins.max([levels, *[x.ndim for x in leaves(arrays)]])

    def joined(a: Any, level: int) -> Tensor:
        if not isinstance(a, list):
            return rearrangement.atleast_nd(a, ndim=axes)
        return manipulation.concat([joined(part, level - 1) for part in a], axis=-level)

    return joined(arrays, levels)


# -- copies of views, under PyTorch's names ----------------------------------------------------------------------------


def alias_copy(x: Tensor, /) -> Tensor:
    """A copy. Source: PyTorch, ``torch.alias_copy``."""
    return clone(x)


def _copying(name: str) -> Callable[..., Any]:
    def call(x: Tensor, /, *args: Any, **kwargs: Any) -> Any:
        found = getattr(x, name)(*args, **kwargs)
        return tuple([clone(part) for part in found]) if isinstance(found, tuple) else clone(found)

    call.__name__ = call.__qualname__ = f"{name}_copy"
    call.__doc__ = f"``x.{name}(...)`` as a copy. Source: PyTorch, ``torch.{name}_copy``."
    return call


for _name in (
    "diagonal expand narrow permute split split_with_sizes squeeze t transpose unbind unfold unsqueeze view"
).split():
    globals()[f"{_name}_copy"] = _copying(_name)


def _saying(name: str) -> Callable[..., Any]:
    def call(x: Tensor, /, *args: Any, **kwargs: Any) -> Any:
        return getattr(x, name)(*args, **kwargs)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"``x.{name}(...)``. Source: PyTorch, ``torch.{name}``."
    return call


for _name in (
    "abs_ acos_ acosh_ arccos_ arccosh_ arcsin_ arcsinh_ arctan_ arctanh_ asin_ asinh_ atan_ atanh_ ceil_ clamp_ "
    "clamp_max_ clamp_min_ clip_ cos_ cosh_ deg2rad_ detach_ erf_ erfc_ exp2_ exp_ expm1_ fill_ fix_ floor_ frac_ "
    "gcd_ get_device i0_ index_put_ is_conj is_inference is_neg is_nonzero is_same_size is_signed lcm_ ldexp_ log10_ "
    "log1p_ log2_ log_ logit_ nan_to_num_ neg_ negative_ rad2deg_ reciprocal_ relu_ resize_as_ round_ rsqrt_ sigmoid_ "
    "sin_ sinc_ sinh_ sqrt_ square_ tan_ tanh_ trunc_ xlogy_ zero_"
).split():
    globals()[_name] = _saying(_name)
