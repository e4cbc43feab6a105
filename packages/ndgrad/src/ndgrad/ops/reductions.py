"""Statistical functions: array API 2025.12, "Statistical Functions", and ``all`` and ``any`` of "Utility Functions"."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ndgrad.dispatch import apply, apply_to_one, astype, not_a_tensor, public
from ndgrad.dtypes import DType, as_dtype, bool_, int64, uint64
from ndgrad.rows import Op
from ndgrad.tensor import Tensor

__all__ = ["all", "amax", "amin", "aminmax", "any", "max", "mean", "min", "prod", "std", "sum", "var"]

Axis = int | tuple[int, ...] | None


# -- axes and shapes ---------------------------------------------------------------------------------------------------

# All axes of a tensor of n dimensions, ready made.
EVERY = tuple([tuple(range(n)) for n in range(65)])


def normalize_axes(name: str, axis: Axis, ndim: int) -> tuple[int, ...]:
    """The axes that ``axis`` names, counted from the front, each once; none where 0 or -1 names those of a 0-d tensor.

    Raises:
        IndexError: an axis out of range.
        ValueError: an axis twice.
    """
    if axis.__class__ is int and -ndim <= axis < ndim:
        return (axis % ndim,)
    if axis is None:
        return EVERY[ndim]
    axes = tuple(axis) if isinstance(axis, (tuple, list)) else (axis,)
    for a in axes:
        if a.__class__ is not int and not hasattr(a, "__index__"):
            raise TypeError(f"{name}: an axis is an integer, got {a!r}")
        if not -ndim <= a < ndim:
            if not ndim and len(axes) == 1 and a in (0, -1):
                return ()  # PyTorch takes a 0-d tensor for one of length 1, NumPy does in reductions
            raise IndexError(f"{name}: axis {a} is out of range for a tensor of {ndim} dimensions")
    found = tuple([int(a) % ndim for a in axes])
    if len(found) > 1 and len(set(found)) != len(found):
        raise ValueError(f"{name}: axis {axis} names an axis twice")
    return found


def spread(g: Tensor, shape: tuple[int, ...], axis: tuple[int, ...], keepdims: bool) -> Tensor:
    """The transpose of a sum: repeat ``g`` along the axes that were summed."""
    from ndgrad.ops.manipulation import broadcast_to, reshape

    if not keepdims and 0 < len(axis) < len(shape):
        g = reshape(g, tuple([1 if i in axis else n for i, n in enumerate(shape)]))
    return broadcast_to(g, shape)


def sum_to_shape(g: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Sum over the axes along which ``shape`` would be broadcast to the shape of ``g``."""
    from ndgrad.ops.manipulation import reshape

    have = g._data.shape
    extra = len(have) - len(shape)
    axes = (*range(extra), *[i + extra for i, n in enumerate(shape) if n == 1 and have[i + extra] != 1])
    out = apply(SUM, g, axis=axes, keepdims=False) if axes else g
    return out if len(axes) == extra else reshape(out, shape)


def _reduce(op: Op, x: Tensor, axis: Axis, keepdims: bool) -> Tensor:
    return apply_to_one(op, x, {"axis": _axes(op, x, axis), "keepdims": keepdims})


def _axes(op: Op, x: Tensor, axis: Axis) -> tuple[int, ...]:
    try:
        ndim = len(x._data.shape)
    except AttributeError:
        raise not_a_tensor(op, x) from None
    return EVERY[ndim] if axis is None else normalize_axes(op.name, axis, ndim)


def _count(shape: tuple[int, ...], axis: tuple[int, ...]) -> int:
    return math.prod([shape[a] for a in axis])


def samples(make: Callable[..., Tensor]) -> Sequence[Any]:
    """Arguments for the generated tests of a reduction."""
    x = make(2, 3, 4)
    cases = ((None, False), (1, False), ((0, -1), True), ((), False))
    return [((x,), {"axis": a, "keepdims": k}) for a, k in cases] + [((make(),), {})]


# -- sums and products -------------------------------------------------------------------------------------------------


def accumulate(op: Op, x: Tensor, dtype: Any) -> tuple[Tensor, DType]:
    """``x`` in the dtype that sums and products of it are computed in, and the dtype of their result.

    Integers are added up in 64 bits, from which a narrower result follows without loss.
    """
    if not isinstance(x, Tensor):
        raise not_a_tensor(op, x)
    given = x._spec.dtype
    if dtype is None:
        if given.is_inexact:
            return x, given
        wanted = wide = uint64 if given.kind == "unsigned integer" else int64
    else:
        wanted = as_dtype(dtype)
        x = astype(x, wanted) if wanted is bool_ else x  # whether any is nonzero, not whether the sum is
        wide = wanted if wanted.is_inexact else uint64 if wanted.kind == "unsigned integer" else int64
    return astype(x, wide), wanted


SUM = Op(
    "sum", linear=True, batch="axis", samples=samples,
    vjp=lambda g, x_shape, axis, keepdims: spread(g, x_shape, axis, keepdims),
)  # fmt: skip


@public(SUM)
def sum(x: Tensor, /, *, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Tensor:
    """Sum over ``axis`` (an integer, a tuple, or None for all).

    The dtype is that of ``x``; ``int64`` or ``uint64`` for integers and bools. An empty sum is 0.

    Raises:
        IndexError: an axis out of range.

    Source: array API 2025.12, ``sum``.

    >>> import ndgrad as nd
    >>> nd.sum(nd.asarray([[1.0, 2.0], [3.0, 4.0]]), axis=0)
    tensor([4., 6.])
    """
    if dtype is None and isinstance(x, Tensor) and x._spec.dtype.is_inexact:
        return _reduce(SUM, x, axis, keepdims)
    x, wanted = accumulate(SUM, x, dtype)
    return astype(_reduce(SUM, x, axis, keepdims), wanted)


def _prod_cotangent(g: Tensor, x: Tensor, axis: tuple[int, ...], keepdims: bool) -> Tensor:
    # The derivative in one factor is the product of those before it and those after it, which holds at zeros too.
    from ndgrad.ops.cumulative import cumulative_prod
    from ndgrad.ops.elementwise import conj
    from ndgrad.ops.manipulation import flip, permute_dims, reshape

    order = tuple([i for i in range(x.ndim) if i not in axis]) + axis
    turned = permute_dims(x, order)
    flat = reshape(turned, (*turned.shape[: x.ndim - len(axis)], _count(x.shape, axis)))
    before = cumulative_prod(flat, axis=-1, include_initial=True)[..., :-1]
    after = flip(cumulative_prod(flip(flat, axis=-1), axis=-1, include_initial=True)[..., :-1], axis=-1)
    others = permute_dims(reshape(before * after, turned.shape), tuple([order.index(i) for i in range(x.ndim)]))
    return spread(g, x.shape, axis, keepdims) * conj(others)


PROD = Op("prod", vjp=_prod_cotangent, batch="axis", samples=samples)


@public(PROD)
def prod(x: Tensor, /, *, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Tensor:
    """Product over ``axis`` (an integer, a tuple, or None for all), with the dtypes of :func:`sum`; an empty one is 1.

    Raises:
        IndexError: an axis out of range.

    Source: array API 2025.12, ``prod``.

    >>> import ndgrad as nd
    >>> nd.prod(nd.asarray([2.0, 3.0, 4.0]))
    tensor(24.)
    """
    x, wanted = accumulate(PROD, x, dtype)
    return astype(_reduce(PROD, x, axis, keepdims), wanted)


# -- moments -----------------------------------------------------------------------------------------------------------

MEAN = Op(
    "mean", linear=True, batch="axis", samples=samples,
    vjp=lambda g, x_shape, axis, keepdims: spread(g / _count(x_shape, axis), x_shape, axis, keepdims),
)  # fmt: skip


@public(MEAN)
def mean(x: Tensor, /, *, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Tensor:
    """Arithmetic mean over ``axis`` (an integer, a tuple, or None for all); NaN of nothing.

    The dtype is that of ``x``; the default floating dtype for integers and bools, whose sum is exact.

    Raises:
        IndexError: an axis out of range.

    Source: array API 2025.12, ``mean``.

    >>> import ndgrad as nd
    >>> nd.mean(nd.asarray([1.0, 2.0, 6.0]))
    tensor(3.)
    """
    if not isinstance(x, Tensor):
        raise not_a_tensor(MEAN, x)
    if dtype is not None:
        x = astype(x, as_dtype(dtype))
    if not x._spec.dtype.is_inexact:
        return sum(x, axis=axis, keepdims=keepdims) / _count(x.shape, normalize_axes("mean", axis, x.ndim))
    return _reduce(MEAN, x, axis, keepdims)


def _var_cotangent(g: Tensor, x: Tensor, axis: tuple[int, ...], correction: float, keepdims: bool) -> Tensor:
    scale = _factor(2.0, _count(x.shape, axis) - correction)
    return spread(g * scale, x.shape, axis, keepdims) * (x - mean(x, axis=axis, keepdims=True))


def _factor(a: float, n: float) -> float:
    return a / n if n > 0 else math.inf


VAR = Op("var", vjp=_var_cotangent, accepts="floating", result="real", batch="axis", samples=samples)


def _std_cotangent(g: Tensor, x: Tensor, y: Tensor, axis: tuple[int, ...], correction: float, keepdims: bool) -> Tensor:
    from ndgrad.ops.searching import where

    flat = y == 0  # the kink: PyTorch's subgradient is 0
    return _var_cotangent(where(flat, 0.0, g / where(flat, 1.0, 2 * y)), x, axis, correction, keepdims)


STD = Op("std", vjp=_std_cotangent, accepts="floating", result="real", batch="axis", samples=samples)


def _correction(name: str, axis: Any, correction: float, unbiased: bool | None) -> float:
    if axis.__class__ is bool:
        raise TypeError(f"{name}: {axis} is no axis; write unbiased={axis}, or correction={int(axis)}")
    return correction if unbiased is None else float(unbiased)


@public(VAR)
def var(
    x: Tensor, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False, unbiased: bool | None = None
) -> Tensor:
    """Variance over ``axis``: the sum of squared deviations from the mean, divided by ``n - correction``.

    ``correction=1`` is the unbiased estimate; ``unbiased=True`` is PyTorch's word for it. The variance of complex
    numbers is real. NaN or infinite where ``n <= correction``.

    Raises:
        IndexError: an axis out of range.

    Source: array API 2025.12, ``var``.

    >>> import ndgrad as nd
    >>> nd.var(nd.asarray([1.0, 2.0, 3.0]), correction=1)
    tensor(1.)
    """
    correction = _correction("var", axis, correction, unbiased)
    if isinstance(x, Tensor) and x.dtype.is_complex:
        from ndgrad.ops.elementwise import imag, real

        of = {"axis": axis, "correction": correction, "keepdims": keepdims}
        return var(real(x), **of) + var(imag(x), **of)  # type: ignore[arg-type]
    return apply_to_one(VAR, x, {"axis": _axes(VAR, x, axis), "correction": correction, "keepdims": keepdims})


@public(STD)
def std(
    x: Tensor, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False, unbiased: bool | None = None
) -> Tensor:
    """Standard deviation over ``axis``: the square root of :func:`var`; its gradient where all values are equal is 0.

    Raises:
        IndexError: an axis out of range.

    Source: array API 2025.12, ``std``.

    >>> import ndgrad as nd
    >>> nd.std(nd.asarray([1.0, 3.0]))
    tensor(1.)
    """
    correction = _correction("std", axis, correction, unbiased)
    if isinstance(x, Tensor) and x.dtype.is_complex:
        return root(var(x, axis=axis, correction=correction, keepdims=keepdims))
    return apply_to_one(STD, x, {"axis": _axes(STD, x, axis), "correction": correction, "keepdims": keepdims})


def root(square: Tensor) -> Tensor:
    """The square root of a variance; its gradient at zero is 0."""
    from ndgrad.ops.elementwise import sqrt
    from ndgrad.ops.searching import where

    flat = square == 0
    return where(flat, 0.0, sqrt(where(flat, 1.0, square)))


# -- extremes ----------------------------------------------------------------------------------------------------------


def _share_among_ties(op: Op, g: Tensor, x: Tensor, axis: tuple[int, ...], keepdims: bool) -> Tensor:
    from ndgrad.ops.searching import where

    # The extreme is computed again, so that a program may write into the result: SciPy replaces infinities there.
    top = apply(op, x.detach(), axis=axis, keepdims=True)
    hit = (x == top) | (x != x)  # where there is a NaN, the extreme is NaN
    ties = apply(SUM, astype(hit, g.dtype), axis=axis, keepdims=keepdims)
    return where(hit, spread(g / ties, x.shape, axis, keepdims), 0.0)


MAX = Op(
    "max", accepts="real", batch="axis", samples=samples,
    vjp=lambda g, x, axis, keepdims: _share_among_ties(MAX, g, x, axis, keepdims),
)  # fmt: skip
MIN = Op(
    "min", accepts="real", batch="axis", samples=samples,
    vjp=lambda g, x, axis, keepdims: _share_among_ties(MIN, g, x, axis, keepdims),
)  # fmt: skip


def _extreme(op: Op, x: Tensor, axis: Axis, keepdims: bool) -> Tensor:
    if not isinstance(x, Tensor):
        raise not_a_tensor(op, x)
    if isinstance(axis, Tensor):
        raise TypeError(f"{op.name} over an axis that is a tensor; of two tensors write nd.{op.name}imum(x1, x2)")
    if 0 in x._data.shape:
        refuse_empty(op.name, x.shape, normalize_axes(op.name, axis, x.ndim))
    if x._spec.dtype is bool_:
        op = ANY if op is MAX else ALL
    return _reduce(op, x, axis, keepdims)


def refuse_empty(name: str, shape: tuple[int, ...], axis: tuple[int, ...]) -> None:
    """Raise for a reduction that has no identity over an axis of length 0."""
    if 0 in [shape[a] for a in axis]:
        raise ValueError(f"{name} of no elements: shape {shape} has length 0 along axis {axis}; check x.size first")


@public(MAX)
def max(x: Tensor, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Largest element over ``axis`` (an integer, a tuple, or None for all); NaN if there is one.

    The gradient is shared evenly among equal largest elements, as in PyTorch's ``amax``.

    Raises:
        ValueError: no elements along ``axis``.
        TypeError: complex numbers, which have no order.

    Source: array API 2025.12, ``max``; PyTorch, ``amax``.

    >>> import ndgrad as nd
    >>> nd.max(nd.asarray([[1.0, 5.0], [3.0, 2.0]]), axis=1)
    tensor([5., 3.])
    """
    return _extreme(MAX, x, axis, keepdims)


@public(MIN)
def min(x: Tensor, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Smallest element over ``axis``; otherwise as :func:`max`.

    Source: array API 2025.12, ``min``; PyTorch, ``amin``.

    >>> import ndgrad as nd
    >>> nd.min(nd.asarray([3, 1, 2]))
    tensor(1)
    """
    return _extreme(MIN, x, axis, keepdims)


amax, amin = max, min


class MinMax(NamedTuple):
    """The result of :func:`aminmax`."""

    min: Tensor
    max: Tensor


def aminmax(x: Tensor, /, *, axis: Axis = None, keepdims: bool = False) -> MinMax:
    """Smallest and largest elements over ``axis``, as a named tuple ``(min, max)``.

    Source: PyTorch, ``aminmax``.

    >>> import ndgrad as nd
    >>> nd.aminmax(nd.asarray([3, 1, 2])).max
    tensor(3)
    """
    return MinMax(min(x, axis=axis, keepdims=keepdims), max(x, axis=axis, keepdims=keepdims))


# -- truth -------------------------------------------------------------------------------------------------------------

ALL = Op("all", result="bool", batch="axis", samples=samples)
ANY = Op("any", result="bool", batch="axis", samples=samples)


@public(ALL)
def all(x: Tensor, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Whether all elements over ``axis`` are nonzero, as bools; True for none.

    Source: array API 2025.12, ``all``.

    >>> import ndgrad as nd
    >>> nd.all(nd.asarray([[True, False], [True, True]]), axis=1)
    tensor([False,  True])
    """
    return _reduce(ALL, x, axis, keepdims)


@public(ANY)
def any(x: Tensor, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Whether an element over ``axis`` is nonzero, as bools; False for none.

    Source: array API 2025.12, ``any``.

    >>> import ndgrad as nd
    >>> nd.any(nd.asarray([0, 0, 2]))
    tensor(True)
    """
    return _reduce(ANY, x, axis, keepdims)
