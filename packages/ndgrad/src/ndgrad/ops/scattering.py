"""Several values written to one place, combined by a reduction: PyTorch's ``scatter_reduce`` and ``index_put``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from ndgrad.dispatch import astype
from ndgrad.dtypes import bool_, int64
from ndgrad.ops.creation import arange, full_like, ones_like, zeros_like
from ndgrad.ops.data_types import iinfo
from ndgrad.ops.elementwise import floor_divide, isfinite, maximum, minimum
from ndgrad.ops.gathering import gather, scatter_add, take_along_axis
from ndgrad.ops.indexing import added_at, getitem, setitem
from ndgrad.ops.manipulation import at, broadcast_to, concat, lies_along, one_axis, reshape
from ndgrad.ops.searching import where
from ndgrad.ops.sorting import argsort
from ndgrad.ops.transfer import clone
from ndgrad.tensor import Tensor

__all__ = ["index_put", "scatter_reduce"]

_COMBINE: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "prod": lambda a, b: a * b, "amax": maximum, "amin": minimum,
}  # fmt: skip


def scatter_reduce(
    x: Tensor,
    /,
    axis: int,
    index: Tensor,
    src: Tensor,
    reduce: Literal["sum", "prod", "mean", "amax", "amin"],
    *,
    include_self: bool = True,
) -> Tensor:
    """``x`` with the elements of ``src`` that ``index`` sends to one place along ``axis`` reduced there.

    Args:
        x: any tensor.
        axis: the axis along which ``index`` counts.
        index: integers, of the shape of ``src`` or smaller.
        src: what is written, of the dtype of ``x``.
        reduce: how elements are combined. The gradient of an extreme element is shared by its equals.
        include_self: whether what ``x`` holds at a place is one of the elements combined there.

    Raises:
        ValueError: an unknown reduction, or an index that does not fit.

    Source: PyTorch, ``scatter_reduce``.

    >>> import ndgrad as nd
    >>> nd.scatter_reduce(nd.ones(3), 0, nd.asarray([0, 0, 2]), nd.asarray([2.0, 5.0, 3.0]), "amax")
    tensor([5., 1., 3.])
    """
    if reduce not in ("sum", "mean", *_COMBINE):
        raise ValueError(f"scatter_reduce: reduce is one of 'sum', 'mean', 'prod', 'amax', 'amin', got {reduce!r}")
    if lies_along(axis, x):
        lines = (reshape(x, (1,)), reshape(index, (-1,)), reshape(src, (-1,)))
        return reshape(scatter_reduce(lines[0], 0, *lines[1:], reduce, include_self=include_self), ())
    if x.dtype is bool_:
        numbers = (astype(x, int64), axis, index, astype(src, int64), reduce)
        return astype(scatter_reduce(*numbers, include_self=include_self), bool_)
    axis = one_axis("scatter_reduce", axis, x.ndim)
    if not index.size:
        return clone(x)
    src = astype(getitem(src, tuple([slice(n) for n in index.shape])), x.dtype)
    count = scatter_add(zeros_like(x, dtype=index.dtype), axis, index, ones_like(index))
    if not include_self:
        x = where(count > 0, _identity(x, reduce), x)
    if reduce in ("sum", "mean"):
        total = scatter_add(x, axis, index, src)
        if reduce == "sum":
            return total
        count = count + 1 if include_self else maximum(count, ones_like(count))
        return total / count if x.dtype.is_inexact else floor_divide(total, astype(count, x.dtype))
    if reduce == "prod":
        return _combined(x, src, index, axis, reduce)
    y = _combined(x.detach(), src.detach(), index, axis, reduce)
    return y + _shared(x, src, y, index, axis) if x.dtype.is_inexact else y


def _identity(x: Tensor, reduce: str) -> Tensor:
    """What changes nothing when it is combined with an element, in the shape of ``x``."""
    if reduce in ("sum", "mean", "prod"):
        return full_like(x, 1 if reduce == "prod" else 0)
    if x.dtype.is_inexact:
        return full_like(x, -float("inf") if reduce == "amax" else float("inf"))
    limits = iinfo(x.dtype)
    return full_like(x, limits.min if reduce == "amax" else limits.max)


def _combined(x: Tensor, src: Tensor, index: Tensor, axis: int, reduce: str) -> Tensor:
    """Sort by index, what ``x`` holds last in each run of equal ones; combine runs by doubling; read off their ends."""
    corner = tuple([slice(None) if i == axis else slice(n) for i, n in enumerate(index.shape)])
    own, n = getitem(x, corner), x.shape[axis]
    place = reshape(arange(n, dtype=index.dtype, device=index.device), (-1,) + (1,) * (x.ndim - 1 - axis))
    keys = concat([where(index < 0, index + n, index), broadcast_to(place, own.shape)], axis=axis)
    order = argsort(keys, axis=axis, stable=True)
    keys = take_along_axis(keys, order, axis=axis)
    total = take_along_axis(concat([src, own], axis=axis), order, axis=axis)
    step = 1
    while step < keys.shape[axis]:
        start, later, earlier = at(axis, slice(step)), at(axis, slice(step, None)), at(axis, slice(None, -step))
        longer = _COMBINE[reduce](getitem(total, later), getitem(total, earlier))
        kept = where(getitem(keys, later) == getitem(keys, earlier), longer, getitem(total, later))
        total = concat([getitem(total, start), kept], axis=axis)
        step *= 2
    ends = getitem(argsort(order, axis=axis), at(axis, slice(index.shape[axis], None)))
    found = take_along_axis(total, ends, axis=axis)
    if found.shape == x.shape:
        return found
    out = clone(x)
    setitem(out, corner, found)
    return out


def _shared(x: Tensor, src: Tensor, y: Tensor, index: Tensor, axis: int) -> Tensor:
    """Zero, with the gradient of the extreme elements ``y``: shared equally by the elements that equal them."""
    corner = tuple([slice(None) if i == axis else slice(n) for i, n in enumerate(index.shape)])
    found = gather(getitem(y, corner), axis, index)
    of_x, of_src = (where((a == b) & isfinite(a), a - a.detach(), 0.0) for a, b in ((x, y), (src, found)))
    ties = scatter_add(astype(x == y, x.dtype), axis, index, astype(src == found, x.dtype))
    return scatter_add(of_x, axis, index, of_src) / where(ties == 0, 1.0, ties)


def index_put(x: Tensor, /, indices: Sequence[Tensor], values: Tensor, accumulate: bool = False) -> Tensor:
    """``x`` with ``values`` written at ``x[indices]``, or added, where one place may occur several times.

    Raises:
        IndexError: as in ``x[indices]``.
        ValueError: ``values`` do not broadcast to the shape of ``x[indices]``.

    Source: PyTorch, ``index_put``.

    >>> import ndgrad as nd
    >>> nd.index_put(nd.zeros(3), (nd.asarray([0, 0]),), nd.asarray([1.0, 2.0]), accumulate=True)
    tensor([3., 0., 0.])
    """
    key = tuple([slice(None) if i is None else i for i in indices])
    if not accumulate:
        out = clone(x)
        setitem(out, key, values)
        return out
    return x + added_at(x, key, values)
