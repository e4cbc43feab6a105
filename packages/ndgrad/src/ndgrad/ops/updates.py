"""Copies in which a part is replaced, added or left out: PyTorch's ``*_scatter``, NumPy's ``insert`` and ``delete``."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

from ndgrad.dispatch import astype
from ndgrad.dtypes import SCALARS, int64
from ndgrad.ops.conversion import asarray
from ndgrad.ops.creation import arange, full, ones
from ndgrad.ops.gathering import index_add, index_copy
from ndgrad.ops.indexing import getitem, setitem
from ndgrad.ops.manipulation import at, broadcast_to, concat, moveaxis, one_axis, reshape, tile
from ndgrad.ops.norms import vector_norm
from ndgrad.ops.rearrangement import diagonal
from ndgrad.ops.reductions import all, sum
from ndgrad.ops.scattering import scatter_reduce
from ndgrad.ops.searching import nonzero, where
from ndgrad.ops.sorting import argsort
from ndgrad.ops.transfer import clone
from ndgrad.tensor import Tensor

__all__ = [
    "append", "choose", "compress", "copyto", "delete", "diagonal_scatter", "extract", "fill", "fill_diagonal",
    "index_reduce", "insert", "place", "put", "putmask", "renorm", "resize", "select_scatter", "slice_scatter",
    "trim_zeros",
]  # fmt: skip


def _with(name: str, x: Tensor, src: Tensor, key: Any) -> Tensor:
    part = getitem(x, key)
    if src.shape != part.shape:
        raise ValueError(f"{name}: src of shape {src.shape} does not have the shape {part.shape} of what it replaces")
    out = clone(x)
    setitem(out, key, src)
    return out


def slice_scatter(
    x: Tensor, src: Tensor, /, axis: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Tensor:
    """A copy of ``x`` with ``src`` in place of ``x[start:end:step]`` along an axis. Source: PyTorch.

    Raises:
        ValueError: ``src`` does not have the shape of what it replaces.

    >>> import ndgrad as nd
    >>> nd.slice_scatter(nd.zeros(4), nd.ones(2), start=1, end=3)
    tensor([0., 1., 1., 0.])
    """
    return _with("slice_scatter", x, src, at(one_axis("slice_scatter", axis, x.ndim), slice(start, end, step)))


def select_scatter(x: Tensor, src: Tensor, /, axis: int, index: int) -> Tensor:
    """A copy of ``x`` with ``src`` in place of the entry ``index`` of an axis. Source: PyTorch, ``select_scatter``.

    Raises:
        ValueError: ``src`` does not have the shape of what it replaces.
    """
    return _with("select_scatter", x, src, at(one_axis("select_scatter", axis, x.ndim), operator.index(index)))


def diagonal_scatter(x: Tensor, src: Tensor, /, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """A copy of ``x`` with ``src`` in place of a diagonal. Source: PyTorch, ``diagonal_scatter``.

    Raises:
        ValueError: ``src`` does not have the shape of the diagonal.
    """
    out = clone(x)
    view = diagonal(out, offset, axis1, axis2)
    if src.shape != view.shape:
        raise ValueError(f"diagonal_scatter: src of shape {src.shape}; the diagonal has shape {view.shape}")
    setitem(view, ..., src)
    return out


def fill(x: Tensor, value: Any) -> Tensor:
    """``value`` everywhere, in the shape and dtype of ``x``. Source: PyTorch, ``torch.fill``."""
    if isinstance(value, Tensor):
        if value.ndim:
            raise ValueError(f"fill takes a number or a 0-d tensor, got shape {value.shape}")
        return clone(broadcast_to(astype(value, x.dtype), x.shape))
    return full(x.shape, value, dtype=x.dtype, device=x.device)


def put(x: Tensor, index: Tensor, source: Tensor, /, accumulate: bool = False) -> Tensor:
    """A copy of ``x`` with the elements of ``source`` at these places of the flattened tensor, or added there.

    Raises:
        ValueError: ``index`` and ``source`` differ in size.

    Source: PyTorch, ``torch.Tensor.put``.

    >>> import ndgrad as nd
    >>> nd.put(nd.zeros(2, 2), nd.asarray([1, 3]), nd.asarray([5.0, 6.0]))
    tensor([[0., 5.],
            [0., 6.]])
    """
    if index.size != source.size:
        raise ValueError(f"put: index of shape {index.shape} and source of shape {source.shape} differ in size")
    if not x.size and not index.size:
        return clone(x)
    change = index_add if accumulate else index_copy
    places = where(index < 0, index + x.size, index)
    return reshape(change(reshape(x, (-1,)), 0, reshape(places, (-1,)), reshape(source, (-1,))), x.shape)


def index_reduce(
    x: Tensor, /, axis: int, index: Tensor, source: Tensor, reduce: Any, *, include_self: bool = True
) -> Tensor:
    """``x`` with the entries of ``source`` along an axis combined into entries ``index``.

    ``reduce`` is "prod", "mean", "amax" or "amin".

    Raises:
        ValueError: an unknown reduction, or shapes that do not fit.

    Source: PyTorch, ``torch.index_reduce``.
    """
    if reduce not in ("prod", "mean", "amax", "amin"):
        raise ValueError(f"index_reduce: reduce is 'prod', 'mean', 'amax' or 'amin', got {reduce!r}")
    axis = one_axis("index_reduce", axis, x.ndim) if x.ndim else 0
    if index.ndim > 1 or (source.ndim and source.shape[axis] != index.size):
        raise ValueError(
            f"index_reduce: index of shape {index.shape} is a vector as long as axis {axis} of source, {source.shape}"
        )
    lengths = [1] * source.ndim
    if lengths:
        lengths[axis] = index.size
    places = broadcast_to(reshape(index, tuple(lengths)), source.shape)
    return scatter_reduce(x, axis, places, source, reduce, include_self=include_self)


def renorm(x: Tensor, p: float, axis: int, maxnorm: float, /) -> Tensor:
    """``x`` with each of its parts along an axis scaled down to the ``p``-norm ``maxnorm``, where it exceeds that.

    Source: PyTorch, ``torch.renorm``.

    >>> import ndgrad as nd
    >>> nd.renorm(nd.asarray([[3.0, 4.0], [0.3, 0.4]]), 2, 0, 1.0)
    tensor([[0.6000, 0.8000],
            [0.3000, 0.4000]])
    """
    if p <= 0 or maxnorm < 0:
        raise ValueError(f"renorm: p={p} must be positive and maxnorm={maxnorm} not negative")
    axis = one_axis("renorm", axis, x.ndim)
    norm = vector_norm(x, axis=tuple(i for i in range(x.ndim) if i != axis), keepdims=True, ord=p)
    over: Any = norm > maxnorm
    return x * astype(where(over, maxnorm / (norm + 1e-7), 1.0), x.dtype)


# -- NumPy's -----------------------------------------------------------------------------------------------------------


def _values(values: Any, like: Tensor) -> Tensor:
    return values if isinstance(values, Tensor) else asarray(values, dtype=like.dtype, device=like.device)


def append(x: Tensor, values: Any, /, axis: int | None = None) -> Tensor:
    """``x`` and ``values`` joined along an axis, flattened where none is given. Source: NumPy, ``append``."""
    values = _values(values, x)
    if axis is None:
        return concat([reshape(x, (-1,)), reshape(values, (-1,))], axis=0)
    return concat([x, values], axis=axis)


def _chosen(name: str, obj: Any, n: int, device: Any) -> Tensor:
    """The entries that an integer, a slice, a sequence or a mask names, counted from the front."""
    if isinstance(obj, slice):
        return arange(n, device=device)[obj]
    index = obj if isinstance(obj, Tensor) else asarray(obj, device=device)
    if index.dtype.kind == "bool":
        return nonzero(index)[0]
    index = astype(reshape(index, (-1,)), int64)
    if index.size and not bool(all((index >= -n) & (index <= n))):
        raise IndexError(f"{name}: an index of {index.tolist()} is out of range for an axis of length {n}")
    return where(index < 0, index + n, index)


def delete(x: Tensor, obj: Any, /, axis: int | None = None) -> Tensor:
    """``x`` without some entries of an axis: an integer, a slice, a sequence of integers, or a mask of them.

    Raises:
        IndexError: an index is out of range.

    Source: NumPy, ``delete``.

    >>> import ndgrad as nd
    >>> nd.delete(nd.arange(5), [1, 3])
    tensor([0, 2, 4])
    """
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    axis = one_axis("delete", axis, x.ndim)
    n = x.shape[axis]
    gone = _chosen("delete", obj, n, x.device)
    if gone.size and not bool(all(gone < n)):
        raise IndexError(f"delete: an index of {gone.tolist()} is out of range for an axis of length {n}")
    kept = ones(n, dtype="bool", device=x.device)
    kept[gone] = False
    return getitem(x, at(axis, nonzero(kept)[0]))


def insert(x: Tensor, obj: Any, values: Any, /, axis: int | None = None) -> Tensor:
    """``x`` with ``values`` inserted along an axis before the entries that ``obj`` names.

    Raises:
        IndexError: an index is out of range.

    Source: NumPy, ``insert``.

    >>> import ndgrad as nd
    >>> nd.insert(nd.asarray([1, 2, 3]), 1, 9)
    tensor([1, 9, 2, 3])
    """
    values = _values(values, x)
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    axis = one_axis("insert", axis, x.ndim)
    one = hasattr(obj, "__index__") and getattr(obj, "ndim", 0) == 0
    places = _chosen("insert", obj, x.shape[axis], x.device)
    rest = x.shape[:axis] + x.shape[axis + 1 :]
    if one:  # all values at one place
        if values.ndim < x.ndim:
            values = reshape(values, (1,) * (x.ndim - values.ndim) + values.shape)
        values = moveaxis(values, 0, axis)
        count = values.shape[axis]
        places = broadcast_to(places, (count,))
    count = places.shape[0]
    values = broadcast_to(values, (*rest[:axis], count, *rest[axis:]))
    joined = concat([values, x], axis=axis)  # equal keys: what is inserted comes first
    keys = concat([places, arange(x.shape[axis], dtype=places.dtype, device=x.device)])
    return getitem(joined, at(axis, argsort(keys, stable=True)))


def resize(x: Tensor, new_shape: Any, /) -> Tensor:
    """The elements of ``x``, repeated as often as needed, in another shape. Source: NumPy, ``resize``."""
    shape = (new_shape,) if hasattr(new_shape, "__index__") else tuple(new_shape)
    count, flat = math.prod(shape), reshape(x, (-1,))
    if not flat.size or not count:
        return full(shape, 0, dtype=x.dtype, device=x.device)
    return reshape(tile(flat, (-(-count // flat.size),))[:count], shape)


def trim_zeros(x: Tensor, /, trim: str = "fb") -> Tensor:
    """A vector without the zeros at its front ("f") and back ("b"). Source: NumPy, ``trim_zeros``."""
    (places,) = nonzero(x)
    if not places.size:
        return x[:0]
    first = int(places[0]) if "f" in trim.lower() else 0
    return x[first : int(places[-1]) + 1 if "b" in trim.lower() else x.shape[0]]


def extract(condition: Tensor, x: Tensor, /) -> Tensor:
    """The elements of ``x`` where ``condition`` is not 0, in a vector. Source: NumPy, ``extract``."""
    return reshape(x, (-1,))[nonzero(reshape(condition, (-1,)))[0]]


def compress(condition: Any, x: Tensor, /, axis: int | None = None) -> Tensor:
    """The entries of an axis, of the flattened tensor where none is given, at which ``condition`` holds.

    Source: NumPy, ``compress``.
    """
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    kept = condition if isinstance(condition, Tensor) else asarray(condition, device=x.device)
    return getitem(x, at(one_axis("compress", axis, x.ndim), nonzero(kept)[0]))


def choose(x: Tensor, choices: Sequence[Any], /) -> Tensor:
    """For each integer of ``x``, the element of the choice of that number at its place. Source: NumPy, ``choose``."""
    like = next((c for c in choices if isinstance(c, Tensor)), x)
    tensors = [c if isinstance(c, Tensor) or c.__class__ in SCALARS else _values(c, like) for c in choices]
    if x.size and not bool(all((x >= 0) & (x < len(tensors)))):
        raise ValueError(f"choose: there are {len(tensors)} choices, and an index that names none of them")
    found: Any = tensors[0] + where(x == 0, 0, 0)
    for i, choice in enumerate(tensors[1:], 1):
        found = where(x == i, choice, found)
    return found


# -- in place ----------------------------------------------------------------------------------------------------------


def fill_diagonal(x: Tensor, val: Any, /, wrap: bool = False) -> None:
    """Write ``val`` where all indices are equal. Source: NumPy, ``fill_diagonal``."""
    x.fill_diagonal_(val, wrap)


def copyto(dst: Tensor, src: Any, /, *, where: Any = True) -> None:
    """Write ``src``, broadcast, into ``dst``, where the mask holds. Source: NumPy, ``copyto``."""
    if where is True:
        dst.copy_(_values(src, dst))
    else:
        src = broadcast_to(_values(src, dst), dst.shape)
        mask = broadcast_to(where, dst.shape)
        setitem(dst, mask, src[mask])


def place(x: Tensor, mask: Tensor, vals: Any, /) -> None:
    """Write ``vals``, one after the other and again from the first, where ``mask`` holds. Source: NumPy, ``place``."""
    places = mask != 0
    count = int(sum(astype(places, int64)))
    if count:
        values = _values(vals, x)
        if values.size == 0:
            raise ValueError("place: there are no values to write")
        setitem(x, places, resize(values, (count,)))


def putmask(x: Tensor, mask: Tensor, values: Any, /) -> None:
    """Write ``values``, repeated to the size of ``x``, where ``mask`` holds. Source: NumPy, ``putmask``."""
    values = _values(values, x)
    repeated = values if values.shape == x.shape else resize(values, x.shape)
    copyto(x, repeated, where=mask != 0)
