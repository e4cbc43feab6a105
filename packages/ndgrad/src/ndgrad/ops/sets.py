"""Set functions: array API 2025.12, "Set Functions". Elements are equal by value, so each NaN is one of its own."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ndgrad.dispatch import apply, astype, not_a_tensor, public
from ndgrad.dtypes import bool_, int64, uint8
from ndgrad.ops.creation import arange, full_like, ones, zeros_like
from ndgrad.ops.cumulative import cumulative_sum
from ndgrad.ops.elementwise import logical_not, minimum
from ndgrad.ops.gathering import take
from ndgrad.ops.manipulation import concat, expand_dims, moveaxis, one_axis, reshape
from ndgrad.ops.reductions import any
from ndgrad.ops.searching import constant, nonzero, searchsorted, together
from ndgrad.ops.sorting import argsort, sort
from ndgrad.rows import Op
from ndgrad.tensor import Tensor

__all__ = [
    "isin", "unique", "unique_all", "unique_consecutive", "unique_counts", "unique_inverse", "unique_values",
]  # fmt: skip


class UniqueAll(NamedTuple):
    """The result of :func:`unique_all`."""

    values: Tensor
    indices: Tensor
    inverse_indices: Tensor
    counts: Tensor


class UniqueCounts(NamedTuple):
    """The result of :func:`unique_counts`."""

    values: Tensor
    counts: Tensor


class UniqueInverse(NamedTuple):
    """The result of :func:`unique_inverse`."""

    values: Tensor
    inverse_indices: Tensor


def _samples(make: Callable[..., Tensor]) -> Sequence[Any]:
    return [((make(2, 3),), {}), ((make(),), {}), ((make(0),), {})]


# What the standard's four functions have in common, without derivatives.
UNIQUE = Op(
    "unique", namespace="unique_all", result=("same", "index", "index", "index"),
    samples=lambda make: [((make(3, 4),), {})] if not make(1).dtype.is_inexact else [],
)  # fmt: skip


def _unique_all(x: Tensor) -> tuple[Tensor, ...]:
    _, indices, inverse, counts = apply(UNIQUE, x)
    return take(reshape(x, (-1,)), indices), indices, inverse, counts


def _part(*places: int) -> Callable[[Tensor], tuple[Tensor, ...]]:
    def parts(x: Tensor) -> tuple[Tensor, ...]:
        found = _unique_all(x)
        return tuple([found[i] for i in places])

    return parts


UNIQUE_ALL = Op("unique_all", result=("same", "index", "index", "index"), decompose=_unique_all, samples=_samples)
UNIQUE_COUNTS = Op("unique_counts", result=("same", "index"), decompose=_part(0, 3), samples=_samples)
UNIQUE_INVERSE = Op("unique_inverse", result=("same", "index"), decompose=_part(0, 2), samples=_samples)
UNIQUE_VALUES = Op("unique_values", decompose=lambda x: _unique_all(x)[0], samples=_samples)


def _unique(op: Op, x: Tensor) -> Any:
    if not isinstance(x, Tensor):
        raise not_a_tensor(op, x)
    return apply(op, x)


@public(UNIQUE_ALL)
def unique_all(x: Tensor, /) -> UniqueAll:
    """The different elements of the flattened ``x``, and how they make it up.

    Returns:
        A named tuple of ``values`` (ascending), ``indices`` (of their first occurrences), ``inverse_indices`` (so that
        ``values[inverse_indices]`` is ``x``) and ``counts``; all but the values are ``int64``.

    Source: array API 2025.12, ``unique_all``.

    >>> import ndgrad as nd
    >>> nd.unique_all(nd.asarray([3, 1, 3])).indices
    tensor([1, 0])
    """
    return UniqueAll(*_unique(UNIQUE_ALL, x))


@public(UNIQUE_COUNTS)
def unique_counts(x: Tensor, /) -> UniqueCounts:
    """The different elements of ``x`` and how often each occurs: a named tuple ``(values, counts)``.

    Source: array API 2025.12, ``unique_counts``.

    >>> import ndgrad as nd
    >>> nd.unique_counts(nd.asarray([3, 1, 3])).counts
    tensor([1, 2])
    """
    return UniqueCounts(*_unique(UNIQUE_COUNTS, x))


@public(UNIQUE_INVERSE)
def unique_inverse(x: Tensor, /) -> UniqueInverse:
    """The different elements of ``x`` and where each of ``x`` is among them: ``(values, inverse_indices)``, named.

    Source: array API 2025.12, ``unique_inverse``.

    >>> import ndgrad as nd
    >>> nd.unique_inverse(nd.asarray([3, 1, 3])).inverse_indices
    tensor([1, 0, 1])
    """
    return UniqueInverse(*_unique(UNIQUE_INVERSE, x))


@public(UNIQUE_VALUES)
def unique_values(x: Tensor, /) -> Tensor:
    """The different elements of ``x``, in one dimension.

    Source: array API 2025.12, ``unique_values``.

    >>> import ndgrad as nd
    >>> nd.unique_values(nd.asarray([3, 1, 3]))
    tensor([1, 3])
    """
    return _unique(UNIQUE_VALUES, x)


def unique(
    x: Tensor,
    /,
    *,
    sorted: bool = True,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
) -> Any:
    """The different elements of ``x``, ascending; in a tuple with what is asked for, in the order of the keywords.

    With ``axis``, the different slices along it, in lexicographic order.

    Source: NumPy and PyTorch, ``unique``. The standard's functions say in their names what they return.

    >>> import ndgrad as nd
    >>> nd.unique(nd.asarray([3, 1, 3]), return_counts=True)
    (tensor([1, 3]), tensor([1, 2]))
    """
    values, *others = unique_all(x) if axis is None else _unique_slices(x, one_axis("unique", axis, x.ndim))
    wanted = [part for part, asked in zip(others, (return_index, return_inverse, return_counts), strict=True) if asked]
    return (values, *wanted) if wanted else values


def _rows(lines: Tensor) -> Tensor:
    """What stands at each place of the first axis, as rows of a matrix."""
    return reshape(lines, (lines.shape[0], math.prod(lines.shape[1:])))


def _begins(rows: Tensor) -> Tensor:
    """Whether each row differs from the one before it; the first one does."""
    first = ones((builtins.min(rows.shape[0], 1),), dtype=bool_, device=rows.device)
    return concat([first, any(rows[1:] != rows[:-1], axis=1)])


def _unique_slices(x: Tensor, axis: int) -> tuple[Tensor, ...]:
    """The slices along ``axis``, each once, as :func:`unique_all` returns elements."""
    rows = _rows(moveaxis(x, axis, 0))
    order = arange(rows.shape[0], device=x.device)
    for column in range(rows.shape[1] - 1, -1, -1):  # stable sorts, the first column's last
        order = take(order, argsort(take(rows[:, column], order, axis=0)), axis=0)
    begins = _begins(take(rows, order, axis=0))
    starts = nonzero(begins)[0]
    index = take(order, starts, axis=0)
    inverse = take(cumulative_sum(astype(begins, int64)) - 1, argsort(order), axis=0)
    counts = concat([starts[1:], full_like(starts[:1], rows.shape[0])]) - starts
    return take(x, index, axis=axis), index, inverse, counts


def unique_consecutive(
    x: Tensor, /, *, return_inverse: bool = False, return_counts: bool = False, axis: int | None = None
) -> Any:
    """The elements of the flattened ``x`` that differ from the one before them; otherwise as :func:`unique`.

    With ``axis``, the slices along it that differ from the one before them.

    Source: PyTorch, ``unique_consecutive``.
    """
    lines = reshape(x, (-1,)) if axis is None else moveaxis(x, one_axis("unique_consecutive", axis, x.ndim), 0)
    begins = _begins(_rows(lines))
    place = nonzero(begins)[0]
    ends = concat([place[1:], full_like(place[:1], lines.shape[0])])
    values = take(lines, place, axis=0)
    found = [values if axis is None else moveaxis(values, 0, axis)]
    if return_inverse:
        inverse = cumulative_sum(astype(begins, int64)) - 1
        found.append(reshape(inverse, x.shape) if axis is None else inverse)
    if return_counts:
        found.append(ends - place)
    return tuple(found) if len(found) > 1 else found[0]


def _is_in(x1: Tensor, x2: Tensor, invert: bool) -> Tensor:
    if x2.size == 0:
        found = zeros_like(x1, dtype=bool_)
    elif x1.dtype.is_complex:
        found = any(expand_dims(x1, axis=-1) == reshape(x2, (-1,)), axis=-1)
    else:
        ordered = sort(reshape(x2, (-1,)))
        place = searchsorted(ordered, reshape(x1, (-1,)))
        place = minimum(place, constant(x2.size - 1, place))
        found = reshape(take(ordered, place) == reshape(x1, (-1,)), x1.shape)
    return logical_not(found) if invert else found


def _is_in_samples(make: Callable[..., Tensor]) -> Sequence[Any]:
    x = make(2, 3)
    return [((x, x[0, :2]), {}), ((x, make(4)), {"invert": True}), ((x, 1.0), {})]


ISIN = Op("isin", ("x1", "x2"), namespace=None, result="bool", decompose=_is_in, samples=_is_in_samples)


@public(ISIN)
def isin(x1: Tensor | int, x2: Tensor | int, /, *, invert: bool = False) -> Tensor:
    """Whether each element of ``x1`` equals one of ``x2`` (of none, with ``invert``): bools of the shape of ``x1``.

    One of the two may be a Python scalar. NaN equals nothing.

    Raises:
        TypeError: neither is a tensor, or their dtypes do not promote.

    Source: array API 2025.12, ``isin``.

    >>> import ndgrad as nd
    >>> nd.isin(nd.asarray([1, 2, 3]), nd.asarray([3, 1]))
    tensor([ True, False,  True])
    """
    x1, x2 = together(ISIN, x1, x2)
    if x1.dtype is bool_:
        x1, x2 = astype(x1, uint8), astype(x2, uint8)
    return apply(ISIN, x1, x2, invert=invert)
