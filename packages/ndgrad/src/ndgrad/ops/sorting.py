"""Sorting functions: array API 2025.12, "Sorting Functions", and PyTorch's ``topk`` and ``kthvalue``.

Values are sorted differentiably by taking them along the axis in the order of ``argsort``. NaN counts as the largest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ndgrad.dispatch import apply, astype, not_a_tensor, public
from ndgrad.dtypes import bool_, uint8
from ndgrad.ops.creation import arange, ones_like
from ndgrad.ops.gathering import take_along_axis
from ndgrad.ops.manipulation import at, broadcast_to, concat, flip, lies_along, one_axis, reshape, squeeze
from ndgrad.rows import Op
from ndgrad.tensor import Tensor

__all__ = ["argsort", "kthvalue", "mode", "msort", "sort", "topk"]


class Selected(NamedTuple):
    """The result of :func:`topk` and :func:`kthvalue`."""

    values: Tensor
    indices: Tensor


def _samples(make: Callable[..., Tensor]) -> Sequence[Any]:
    x = make(3, 4)
    return [((x,), {}), ((x,), {"axis": 0, "descending": True}), ((x,), {"stable": False})]


def _sort_by_argsort(x: Tensor, axis: int, descending: bool, stable: bool) -> Tensor:
    return take_along_axis(x, argsort(x, axis=axis, descending=descending, stable=stable), axis=axis)


ARGSORT = Op("argsort", result="index", accepts="real", batch="axis", samples=_samples)
SORT = Op("sort", accepts="real", batch="axis", decompose=_sort_by_argsort, samples=_samples)


def _sorted(op: Op, x: Tensor, axis: int, descending: bool, stable: bool) -> Tensor:
    if not isinstance(x, Tensor):
        raise not_a_tensor(op, x)
    if lies_along(axis, x):
        return reshape(_sorted(op, reshape(x, (1,)), 0, descending, stable), ())
    axis = one_axis(op.name, axis, x.ndim)
    if x.dtype is bool_:
        return apply(op, astype(x, uint8), axis=axis, descending=descending, stable=stable)
    return apply(op, x, axis=axis, descending=descending, stable=stable)


@public(ARGSORT)
def argsort(x: Tensor, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    """The indices, ``int64``, that sort ``x`` along ``axis``; equal elements keep their order if ``stable``.

    Raises:
        TypeError: complex numbers, which have no order.
        IndexError: the axis is out of range, as it is for a 0-d tensor.

    Source: array API 2025.12, ``argsort``.

    >>> import ndgrad as nd
    >>> nd.argsort(nd.asarray([3.0, 1.0, 2.0]))
    tensor([1, 2, 0])
    """
    return _sorted(ARGSORT, x, axis, descending, stable)


@public(SORT)
def sort(x: Tensor, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    """``x`` sorted along ``axis``; otherwise as :func:`argsort`.

    Source: array API 2025.12, ``sort``.

    >>> import ndgrad as nd
    >>> nd.sort(nd.asarray([3.0, 1.0, 2.0]), descending=True)
    tensor([3., 2., 1.])
    """
    return astype(_sorted(SORT, x, axis, descending, stable), x.dtype)


def msort(x: Tensor, /) -> Tensor:
    """``x`` sorted along its first axis. Source: PyTorch, ``msort``."""
    return sort(x, axis=0)


def _top_by_argsort(x: Tensor, k: int, axis: int, largest: bool) -> Tensor:
    return argsort(x, axis=axis, descending=largest)[at(axis, slice(k))]


TOP_INDICES = Op(
    "top_indices", namespace=None, result="index", accepts="real", batch="axis", decompose=_top_by_argsort,
    samples=lambda make: [(topk, (make(3, 4), 2), {}), (topk, (make(5), 3), {"largest": False})],
)


def topk(x: Tensor, /, k: int, axis: int = -1, largest: bool = True, sorted: bool = True) -> Selected:
    """The ``k`` largest (or smallest) elements along ``axis`` and their indices: a named tuple ``(values, indices)``.

    They come in order, whether or not ``sorted`` asks for it.

    Raises:
        ValueError: ``k`` is negative or longer than the axis.
        TypeError: complex numbers, which have no order.

    Source: PyTorch, ``topk``.

    >>> import ndgrad as nd
    >>> nd.topk(nd.asarray([1.0, 5.0, 3.0]), 2)
    Selected(values=tensor([5., 3.]), indices=tensor([1, 2]))
    """
    if not isinstance(x, Tensor):
        raise not_a_tensor(TOP_INDICES, x)
    if lies_along(axis, x):
        return Selected(*[reshape(part, ()) for part in topk(reshape(x, (1,)), k)])
    axis = one_axis("topk", axis, x.ndim)
    if not 0 <= k <= x.shape[axis]:
        raise ValueError(f"topk: k is {k}, axis {axis} of shape {x.shape} has {x.shape[axis]} elements")
    ranked = astype(x, uint8) if x.dtype is bool_ else x
    indices = apply(TOP_INDICES, ranked, k=k, axis=axis, largest=largest)
    return Selected(take_along_axis(x, indices, axis=axis), indices)


def kthvalue(x: Tensor, /, k: int, axis: int = -1, keepdims: bool = False) -> Selected:
    """The ``k``-th smallest element along ``axis``, counted from 1, and its index: a named tuple ``(values, indices)``.

    Raises:
        ValueError: ``k`` is not between 1 and the length of the axis.

    Source: PyTorch, ``kthvalue``.

    >>> import ndgrad as nd
    >>> nd.kthvalue(nd.asarray([1.0, 5.0, 3.0]), 2).values
    tensor(3.)
    """
    if lies_along(axis, x):
        return Selected(*[reshape(part, ()) for part in kthvalue(reshape(x, (1,)), k)])
    axis = one_axis("kthvalue", axis, x.ndim)
    if not 1 <= k <= x.shape[axis]:
        raise ValueError(f"kthvalue: k is {k}, but axis {axis} of shape {x.shape} allows 1 to {x.shape[axis]}")
    indices = argsort(x, axis=axis)[at(axis, slice(k - 1, k))]
    values = take_along_axis(x, indices, axis=axis)
    return Selected(values, indices) if keepdims else Selected(squeeze(values, axis=axis), squeeze(indices, axis=axis))


def mode(x: Tensor, /, axis: int = -1, keepdims: bool = False) -> Selected:
    """The most frequent element along ``axis``, the smallest of equally frequent ones, and where it occurs last.

    Source: PyTorch, ``mode``.

    >>> import ndgrad as nd
    >>> nd.mode(nd.asarray([2, 1, 2, 3]))
    Selected(values=tensor(2), indices=tensor(2))
    """
    from ndgrad.ops.cumulative import cummax
    from ndgrad.ops.searching import argmax, where

    if lies_along(axis, x):
        return Selected(*[reshape(part, ()) for part in mode(reshape(x, (1,)))])
    axis = one_axis("mode", axis, x.ndim)
    n = x.shape[axis]
    ordered = sort(x.detach(), axis=axis)
    place = broadcast_to(reshape(arange(n, device=x.device), (-1,) + (1,) * (x.ndim - 1 - axis)), x.shape)
    later, earlier = ordered[at(axis, slice(1, None))], ordered[at(axis, slice(None, -1))]
    begins = concat([ones_like(place[at(axis, slice(1))], dtype=bool_), later != earlier], axis=axis)
    length = place - cummax(where(begins, place, 0), axis=axis).values
    found = take_along_axis(ordered, argmax(length, axis=axis, keepdims=True), axis=axis)
    last = n - 1 - argmax(astype(flip(x.detach() == found, axis=axis), uint8), axis=axis, keepdims=True)
    values = take_along_axis(x, last, axis=axis)
    return Selected(values, last) if keepdims else Selected(squeeze(values, axis=axis), squeeze(last, axis=axis))
