"""Searching functions: array API 2025.12, "Searching Functions"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from ndgrad.dispatch import apply, apply_to_one, astype, not_a_tensor, public, scalar_of, scalar_tensor
from ndgrad.dtypes import SCALARS, bool_, default_dtype_of, int32, int64, promote, promote_scalar, uint8
from ndgrad.ops.manipulation import expand_dims, lies_along, one_axis, reshape, stack
from ndgrad.ops.reductions import EVERY, Axis, normalize_axes, refuse_empty, samples, sum
from ndgrad.plugins import manager
from ndgrad.rows import Op
from ndgrad.tensor import Tensor

__all__ = ["argmax", "argmin", "count_nonzero", "nonzero", "searchsorted", "where"]

Scalar = bool | int | float | complex


# -- choosing ----------------------------------------------------------------------------------------------------------


def together(op: Op, x1: Any, x2: Any, like: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Two operands, tensors or Python scalars, as tensors of one dtype; ``like`` gives two scalars their device.

    Raises:
        TypeError: an operand is neither, or the dtypes do not promote.
    """
    if x1.__class__ is x2.__class__ is Tensor and x1._spec is x2._spec:
        return x1, x2
    x1, x2 = scalar_of(x1), scalar_of(x2)
    for x in (x1, x2):
        if not isinstance(x, Tensor) and x.__class__ not in SCALARS:
            raise not_a_tensor(op, x)
    if isinstance(x1, Tensor):
        if isinstance(x2, Tensor):
            if x1._spec.dtype is not x2._spec.dtype:
                dtype = promote(x1.dtype, x2.dtype)
                x1, x2 = astype(x1, dtype), astype(x2, dtype)
            return x1, x2
        x1 = astype(x1, promote_scalar(x1.dtype, type(x2)))
        return x1, constant(x2, x1)
    if isinstance(x2, Tensor):
        x2 = astype(x2, promote_scalar(x2.dtype, type(x1)))
        return constant(x1, x2), x2
    if like is None:
        raise not_a_tensor(op, x1)
    dtype = promote(default_dtype_of(type(x1)), default_dtype_of(type(x2)))
    backend = manager.backend(like.device.type)
    found = [scalar_tensor(x, backend.spec(dtype, like.device)) for x in (x1, x2)]
    return found[0], found[1]


def constant(value: Scalar, like: Tensor) -> Tensor:
    """A 0-d tensor of the dtype and on the device of ``like``, outside all transforms."""
    spec = like._spec
    if spec.backend.level:
        spec = manager.backend(spec.device.type).spec(spec.dtype, spec.device)
    return scalar_tensor(value, spec)


def _where_samples(make: Callable[..., Tensor]) -> Sequence[Any]:
    mask = make(3, 4).detach() > 0 if not make().dtype.is_complex else make(3, 4).detach() != 0
    return [((mask, make(3, 4), make(4)), {}), ((mask, make(), make(2, 1, 1)), {}), ((mask, make(3, 1), 1.0), {})]


WHERE = Op(
    "where", ("condition", "x1", "x2"), elementwise=True, main=1, samples=_where_samples,
    vjp=(None, lambda g, condition: where(condition, g, 0), lambda g, condition: where(condition, 0, g)),
)  # fmt: skip


@public(WHERE)
def where(condition: Any, x1: Any = None, x2: Any = None, /) -> Any:
    """``x1`` where ``condition`` holds, elsewhere ``x2``: all three broadcast, the latter two promoted to one dtype.

    A condition of another dtype holds where it is nonzero. Only the element that was chosen gets a gradient. With the
    condition alone it is :func:`nonzero`, as NumPy's and PyTorch's.

    Raises:
        TypeError: an operand is neither a tensor nor a Python scalar.
        ValueError: the shapes do not broadcast.

    Source: array API 2025.12, ``where``.

    >>> import ndgrad as nd
    >>> nd.where(nd.asarray([True, False]), nd.asarray([1.0, 2.0]), 0.0)
    tensor([1., 0.])
    """
    if x1 is None and x2 is None:
        return nonzero(condition)
    if x1 is None or x2 is None:
        raise TypeError("where takes the condition alone, or what to choose in both cases: nd.where(condition, x1, x2)")
    if not isinstance(condition, Tensor):
        if not isinstance(scalar_of(condition), bool) or not isinstance(x1, Tensor):
            raise not_a_tensor(WHERE, condition)
        condition = scalar_tensor(scalar_of(condition), manager.backend(x1.device.type).spec(bool_, x1.device))
    elif condition._spec.dtype is not bool_:
        condition = astype(condition, bool_)
    x1, x2 = together(WHERE, x1, x2, condition)
    try:
        return apply(WHERE, condition, x1, x2)
    except ValueError as error:
        raise ValueError(
            f"where: shapes {condition.shape}, {x1.shape} and {x2.shape} do not broadcast: aligned at the right, "
            "lengths must be equal or 1"
        ) from error


# -- places ------------------------------------------------------------------------------------------------------------


def _place_samples(make: Callable[..., Tensor]) -> Sequence[Any]:
    x = make(2, 3, 4)
    return [((x,), {}), ((x,), {"axis": 1}), ((x,), {"axis": -1, "keepdims": True})]


ARGMAX = Op("argmax", result="index", accepts="real", batch="axis", samples=_place_samples)
ARGMIN = Op("argmin", result="index", accepts="real", batch="axis", samples=_place_samples)


def _place(op: Op, x: Tensor, axis: int | None, keepdims: bool) -> Tensor:
    if not isinstance(x, Tensor):
        raise not_a_tensor(op, x)
    if x._spec.dtype is bool_:
        x = astype(x, uint8)
    shape = x._data.shape
    ndim = len(shape)
    if axis is None and ndim == 1:
        axis = 0
    elif axis is None or lies_along(axis, x):
        refuse_empty(op.name, shape, EVERY[ndim])
        place = apply_to_one(op, reshape(x, (-1,)), {"axis": 0, "keepdims": False})
        return reshape(place, (1,) * ndim) if keepdims else place
    axis = one_axis(op.name, axis, ndim)
    if not shape[axis]:
        refuse_empty(op.name, shape, (axis,))
    return apply_to_one(op, x, {"axis": axis, "keepdims": keepdims})


@public(ARGMAX)
def argmax(x: Tensor, /, *, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Index of the first largest element along ``axis``, or of the flattened tensor, as ``int64``; NaN is the largest.

    Raises:
        ValueError: no elements along ``axis``.
        TypeError: complex numbers, which have no order.

    Source: array API 2025.12, ``argmax``.

    >>> import ndgrad as nd
    >>> nd.argmax(nd.asarray([[1.0, 5.0], [3.0, 2.0]]), axis=1)
    tensor([1, 0])
    """
    return _place(ARGMAX, x, axis, keepdims)


@public(ARGMIN)
def argmin(x: Tensor, /, *, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Index of the first smallest element; otherwise as :func:`argmax`.

    Source: array API 2025.12, ``argmin``.

    >>> import ndgrad as nd
    >>> nd.argmin(nd.asarray([3, 1, 2]))
    tensor(1)
    """
    return _place(ARGMIN, x, axis, keepdims)


# As many results as the tensor has axes.
NONZERO = Op("nonzero", result=("index",) * 64, samples=lambda make: [((make(2, 3),), {}), ((make(0, 3),), {})])


@public(NONZERO)
def nonzero(x: Tensor, /, *, as_tuple: bool = True) -> Any:
    """Indices of the nonzero elements in row-major order: one ``int64`` tensor of their number for each axis.

    ``as_tuple=False`` gives one tensor with a row for each element, PyTorch's default.

    Raises:
        ValueError: a 0-d tensor, which has no axes.

    Source: array API 2025.12, ``nonzero``.

    >>> import ndgrad as nd
    >>> nd.nonzero(nd.asarray([[0, 7], [8, 0]]))
    (tensor([0, 1]), tensor([1, 0]))
    """
    if not isinstance(x, Tensor):
        raise not_a_tensor(NONZERO, x)
    if x.ndim == 0:
        raise ValueError("nonzero of a 0-d tensor: it has no axes to index; write x != 0")
    found = apply(NONZERO, x)
    return found if as_tuple else stack(found, axis=1)


def _count_nonzero(x: Tensor, axis: tuple[int, ...], keepdims: bool) -> Tensor:
    return sum(x != 0, axis=axis, keepdims=keepdims)


COUNT_NONZERO = Op("count_nonzero", result="index", batch="axis", decompose=_count_nonzero, samples=samples)


@public(COUNT_NONZERO)
def count_nonzero(x: Tensor, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Number of nonzero elements over ``axis`` (an integer, a tuple, or None for all), as ``int64``.

    Source: array API 2025.12, ``count_nonzero``.

    >>> import ndgrad as nd
    >>> nd.count_nonzero(nd.asarray([[0, 7], [8, 9]]), axis=1)
    tensor([1, 2])
    """
    if not isinstance(x, Tensor):
        raise not_a_tensor(COUNT_NONZERO, x)
    axes = normalize_axes("count_nonzero", axis, x.ndim)
    return apply(COUNT_NONZERO, x, axis=axes, keepdims=keepdims)


def _count_before(x1: Tensor, x2: Tensor, side: str) -> Tensor:
    return sum(x1 < x2 if side == "left" else x1 <= x2, axis=-1)


def _search_batch(size: int, mapped: Sequence[bool], x1: Tensor, x2: Tensor, side: str) -> Tensor:
    if not mapped[0]:
        return apply(SEARCHSORTED, x1, x2, side=side)
    # Each element has its own x1: count what is smaller.
    x1 = reshape(x1, (size,) + (1,) * (x2.ndim - mapped[1]) + (x1.shape[1],))
    return _count_before(x1, expand_dims(x2, axis=-1), side)


def _search_samples(make: Callable[..., Tensor]) -> Sequence[Any]:
    from ndgrad.ops.sorting import sort

    x = make(5).detach()
    x = x if x.dtype.is_complex else sort(x)
    return [((x, make(2, 3)), {}), ((x, make(4)), {"side": "right"}), ((x, 0.5), {})]


SEARCHSORTED = Op(
    "searchsorted", ("x1", "x2"), result="index", accepts="real", batch=_search_batch, samples=_search_samples
)


@public(SEARCHSORTED)
def searchsorted(
    x1: Tensor,
    x2: Tensor | float,
    /,
    *,
    side: Literal["left", "right"] = "left",
    sorter: Tensor | None = None,
    right: bool = False,
    out_int32: bool = False,
) -> Tensor:
    """Where in the ascending ``x1`` each element of ``x2`` belongs, as ``int64`` of the shape of ``x2``.

    An ``x1`` of several axes is ascending along its last; beside that it has the shape of ``x2``, as in PyTorch.

    With ``side="left"``, ``x1[i-1] < v <= x1[i]``; with ``"right"``, ``x1[i-1] <= v < x1[i]``. ``sorter`` are the
    indices that sort ``x1``, if it is not sorted. ``right=True`` is PyTorch's ``side="right"``.

    Raises:
        ValueError: an ``x1`` of no axes, or that does not fit ``x2``; another ``side``.

    Source: array API 2025.12, ``searchsorted``.

    >>> import ndgrad as nd
    >>> nd.searchsorted(nd.asarray([1.0, 2.0, 3.0]), 2.5)
    tensor(2)
    """
    if not isinstance(x1, Tensor):
        raise not_a_tensor(SEARCHSORTED, x1)
    if x1.ndim != 1 and (not x1.ndim or x1.shape[:-1] != getattr(x2, "shape", ())[:-1]):
        raise ValueError(
            f"searchsorted looks into one dimension, or lines beside one another; got shapes {x1.shape} and "
            f"{getattr(x2, 'shape', ())}"
        )
    if side not in ("left", "right"):
        raise ValueError(f"searchsorted: side is 'left' or 'right', got {side!r}")
    if right:
        side = "right"
    if sorter is not None:
        from ndgrad.ops.gathering import take_along_axis

        x1 = take_along_axis(x1, sorter)
    x1, x2 = together(SEARCHSORTED, x1, x2)
    if x1.dtype is bool_:
        x1, x2 = astype(x1, int64), astype(x2, int64)
    if x1.ndim == 1:
        found = apply(SEARCHSORTED, x1, x2, side=side)
    else:
        found = _count_before(expand_dims(x1, axis=-2), expand_dims(x2, axis=-1), side)
    return astype(found, int32) if out_int32 else found
