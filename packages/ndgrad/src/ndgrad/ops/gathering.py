"""Reading and writing along an axis at positions held by integer tensors.

``take`` and ``take_along_axis`` are array API 2025.12, "Indexing Functions"; ``gather``, ``scatter``, ``index_select``
and their kin are PyTorch's. Their transposes all end in one op, :func:`scatter_add_flat`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

from ndgrad.dispatch import apply, astype, not_a_tensor, public
from ndgrad.dtypes import int64, promote
from ndgrad.ops.conversion import asarray
from ndgrad.ops.creation import arange, zeros, zeros_like
from ndgrad.ops.elementwise.arithmetic import scaled
from ndgrad.ops.indexing import INDEX_PUT, setitem
from ndgrad.ops.manipulation import (
    at,
    broadcast_arrays,
    broadcast_to,
    concat,
    lies_along,
    moveaxis,
    one_axis,
    reshape,
)  # fmt: skip
from ndgrad.ops.reductions import sum, sum_to_shape
from ndgrad.ops.searching import Scalar, constant, searchsorted, where
from ndgrad.ops.transfer import clone
from ndgrad.rows import Op
from ndgrad.tensor import Tensor

__all__ = [
    "argwhere", "gather", "index_add", "index_copy", "index_fill", "index_select", "masked_fill", "masked_scatter",
    "masked_select", "put_along_axis", "scatter", "scatter_add", "scatter_add_flat", "take", "take_along_axis",
    "take_along_dim",
]  # fmt: skip

Shape = tuple[int, ...]


def _indices(op: Op, x: Any, indices: Any) -> Tensor:
    if not isinstance(x, Tensor):
        raise not_a_tensor(op, x)
    if not isinstance(indices, Tensor):
        if not isinstance(indices, (int, list, tuple)) and not hasattr(indices, "__array__"):
            raise not_a_tensor(op, indices)
        indices = asarray(indices, device=x.device)
    if not indices.dtype.is_integral:
        raise TypeError(f"{op.name}: indices must be integers, got {indices.dtype.name}; a mask is written x[mask]")
    return indices


# -- rows: the transpose of take ---------------------------------------------------------------------------------------


def _add_by_sorting(values: Tensor, indices: Tensor, n: int) -> Tensor:
    """Sort by index; sum runs of equal indices by doubling the stretch each element covers; read off their ends."""
    from ndgrad.ops.sorting import argsort

    m, rest = indices.shape[0], values.shape[1:]
    if m == 0 or n == 0:
        return zeros((n, *rest), dtype=values.dtype, device=values.device)
    indices = where(indices < 0, indices + n, indices)
    order = argsort(indices)
    keys, total = take(indices, order, axis=0), take(values, order, axis=0)
    column = (-1,) + (1,) * len(rest)
    step = 1
    while step < m:
        same = reshape(keys[step:] == keys[:-step], column)
        total = concat([total[:step], total[step:] + where(same, total[:-step], zeros_like(total[:-step]))], axis=0)
        step *= 2
    rows = arange(n, dtype=keys.dtype, device=keys.device)
    last = searchsorted(keys, rows, side="right") - 1
    last = where(last < 0, 0, last)
    present = reshape(take(keys, last, axis=0) == rows, column)
    found = take(total, last, axis=0)
    return where(present, found, zeros_like(found))


def _add_batch(size: int, mapped: Sequence[bool], values: Tensor, indices: Tensor, n: int) -> Tensor:
    if not mapped[1]:
        return moveaxis(scatter_add_flat(n, indices, moveaxis(values, 0, 1)), 0, 1)
    if not mapped[0]:
        values = broadcast_to(values, (size, *values.shape))
    rows = _rows_of_each(indices, size, n)
    added = scatter_add_flat(size * n, rows, reshape(values, (rows.shape[0], *values.shape[2:])))
    return reshape(added, (size, n, *values.shape[2:]))


def _rows_of_each(indices: Tensor, size: int, n: int) -> Tensor:
    """Indices of shape (size, ...) into ``size`` blocks of ``n`` rows that lie one behind the other, flattened."""
    indices = where(indices < 0, indices + n, indices)
    first = reshape(arange(size, dtype=indices.dtype, device=indices.device) * n, (size,) + (1,) * (indices.ndim - 1))
    return reshape(indices + first, (-1,))


def _add_samples(make: Callable[..., Tensor]) -> Sequence[Any]:
    values = make(4, 2)
    return [((3, asarray([2, 0, 2, -1], device=values.device), values), {})]


SCATTER_ADD_FLAT = Op(
    "scatter_add_flat", ("values", "indices"), namespace=None, accepts="numeric", linear=True, batch=_add_batch,
    decompose=_add_by_sorting, vjp=(lambda g, indices: take(g, indices, axis=0), None), samples=_add_samples,
)  # fmt: skip


@public(SCATTER_ADD_FLAT)
def scatter_add_flat(n: int, indices: Tensor, values: Tensor, /) -> Tensor:
    """Zeros with ``n`` rows, and ``values[i]`` added to row ``indices[i]``: the transpose of ``take`` along axis 0.

    ``values`` has shape ``(m, *rest)``, ``indices`` ``(m,)``, the result ``(n, *rest)`` and the dtype of ``values``.

    >>> import ndgrad as nd
    >>> nd.ops.gathering.scatter_add_flat(3, nd.asarray([2, 0, 2]), nd.asarray([1.0, 2.0, 3.0]))
    tensor([2., 0., 4.])
    """
    return apply(SCATTER_ADD_FLAT, values, indices, n=n)


# -- take --------------------------------------------------------------------------------------------------------------


def _take_cotangent(g: Tensor, x_shape: Shape, indices: Tensor, axis: int) -> Tensor:
    return moveaxis(scatter_add_flat(x_shape[axis], indices, moveaxis(g, axis, 0)), 0, axis)


def _take_batch(size: int, mapped: Sequence[bool], x: Tensor, indices: Tensor, axis: int) -> Tensor:
    if not mapped[1]:
        return take(x, indices, axis=axis + 1)
    m = indices.shape[1]
    if not mapped[0]:
        found = moveaxis(take(x, reshape(indices, (-1,)), axis=axis), axis, 0)
    else:
        x = moveaxis(x, axis + 1, 1)
        rows = reshape(x, (size * x.shape[1], *x.shape[2:]))
        found = take(rows, _rows_of_each(indices, size, x.shape[1]), axis=0)
    return moveaxis(reshape(found, (size, m, *found.shape[1:])), 1, axis + 1)


def _take_samples(make: Callable[..., Tensor]) -> Sequence[Any]:
    x = make(4, 3)
    index = asarray([3, 0, 0, -1], device=x.device)
    return [((x, index), {"axis": 0}), ((x, index[1:3]), {"axis": -1}), ((x[0], reshape(index[1:3], (2, 1))), {})]


TAKE = Op(
    "take", ("x", "indices"), linear=True, batch=_take_batch, vjp=(_take_cotangent, None), samples=_take_samples
)


@public(TAKE)
def take(x: Tensor, indices: Tensor, /, *, axis: int | None = None) -> Tensor:
    """The elements of ``x`` at ``indices`` along ``axis``, whose place the shape of ``indices`` takes.

    Negative indices count from the end. Without an axis ``x`` is flattened.

    Raises:
        IndexError: an index or the axis out of range.
        TypeError: indices that are not integers.

    Source: array API 2025.12, ``take``; NumPy, ``take``.

    >>> import ndgrad as nd
    >>> nd.take(nd.asarray([10.0, 20.0, 30.0]), nd.asarray([2, 0, 2]))
    tensor([30., 10., 30.])
    """
    indices = _indices(TAKE, x, indices)
    if axis is None:
        x, axis = x if len(x._data.shape) == 1 else reshape(x, (-1,)), 0
    axis = one_axis("take", axis, x.ndim)
    if len(indices._data.shape) == 1:
        return apply(TAKE, x, indices, axis=axis)
    found = apply(TAKE, x, reshape(indices, (-1,)), axis=axis)
    return reshape(found, (*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]))


def index_select(x: Tensor, /, axis: int, index: Tensor) -> Tensor:
    """``take(x, index, axis=axis)``, in PyTorch's order of arguments.

    Source: PyTorch, ``index_select``.

    >>> import ndgrad as nd
    >>> nd.index_select(nd.asarray([[1.0, 2.0], [3.0, 4.0]]), 1, nd.asarray([1]))
    tensor([[2.],
            [4.]])
    """
    if lies_along(axis, x):
        return reshape(take(x, index), ())
    return take(x, index, axis=axis)


# -- along an axis, an index for each element --------------------------------------------------------------------------


def _coordinates(shape: Shape, indices: Tensor, axis: int) -> list[Tensor]:
    """Index tensors, one per axis, for the elements that ``indices``, broadcast to ``shape``, name along ``axis``."""
    of = {"dtype": indices.dtype if indices.dtype.is_signed else int64, "device": indices.device}
    ndim = len(shape)
    axes = [reshape(arange(n, **of), (-1,) + (1,) * (ndim - 1 - i)) for i, n in enumerate(shape)]  # type: ignore[arg-type]
    return [*axes[:axis], indices, *axes[axis + 1 :]]


def _add_by_flattening(values: Tensor, indices: Tensor, shape: Shape, axis: int) -> Tensor:
    n, stride = shape[axis], math.prod(shape)
    if not n:
        return zeros_like(values)
    # An index beyond the axis would land in another row; this one lands outside of all.
    inside = where((indices >= -n) & (indices < n), indices, stride)
    place = astype(where(inside < 0, inside + n, inside), int64)
    flat: Any = 0
    for length, coordinate in zip(shape, _coordinates(values.shape, place, axis), strict=True):
        stride //= max(length, 1)
        flat = flat + coordinate * stride
    flat = reshape(broadcast_to(flat, values.shape), (-1,))
    return reshape(scatter_add_flat(math.prod(shape), flat, reshape(values, (-1,))), shape)


def _taken_back(g: Tensor, values_shape: Shape, indices: Tensor, axis: int) -> Tensor:
    part = tuple([slice(None) if i == axis else slice(n) for i, n in enumerate(values_shape)])
    return take_along_axis(g[part], indices, axis=axis)


def _added_samples(make: Callable[..., Tensor]) -> Sequence[Any]:
    values = make(2, 3)
    index = asarray([[0, 3, 1], [1, 1, -1]], device=values.device)
    shapes = [(values, index, (2, 4), 1), (values, index, (4, 5), 0), (values, index[:1], (2, 4), 1)]
    return [((v, i), {"shape": s, "axis": a}) for v, i, s, a in shapes]


ADD_ALONG_AXIS = Op(
    "add_along_axis", ("values", "indices"), namespace=None, accepts="numeric", linear=True,
    decompose=_add_by_flattening, vjp=(_taken_back, None), samples=_added_samples,
)  # fmt: skip


def _add_along(values: Tensor, indices: Tensor, shape: Shape, axis: int) -> Tensor:
    """Zeros of ``shape``, and each of ``values`` added where ``indices`` say along ``axis``."""
    return apply(ADD_ALONG_AXIS, values, indices, shape=shape, axis=axis)


def _take_along_cotangent(g: Tensor, x_shape: Shape, indices: Tensor, axis: int) -> Tensor:
    full = (*g.shape[:axis], x_shape[axis], *g.shape[axis + 1 :])
    return sum_to_shape(_add_along(g, indices, full, axis), x_shape)


def _along_samples(make: Callable[..., Tensor]) -> Sequence[Any]:
    x = make(3, 4)
    index = asarray([[0, 3], [1, 1], [-1, 0]], device=x.device)
    return [((x, index), {"axis": 1}), ((x, index[:, :1]), {"axis": 0}), ((x[:1], index), {})]


TAKE_ALONG_AXIS = Op(
    "take_along_axis", ("x", "indices"), linear=True, batch="axis", vjp=(_take_along_cotangent, None),
    samples=_along_samples,
)  # fmt: skip


@public(TAKE_ALONG_AXIS)
def take_along_axis(x: Tensor, indices: Tensor, /, *, axis: int = -1) -> Tensor:
    """The elements of ``x`` along ``axis`` that ``indices`` name one by one, as ``argsort`` returns them.

    ``indices`` has as many axes as ``x``, and broadcasts with it beside ``axis``.

    Raises:
        IndexError: an index or the axis out of range.
        ValueError: another number of axes, or shapes that do not broadcast.

    Source: array API 2025.12, ``take_along_axis``.

    >>> import ndgrad as nd
    >>> nd.take_along_axis(nd.asarray([[3.0, 1.0], [2.0, 4.0]]), nd.asarray([[1], [0]]), axis=1)
    tensor([[1.],
            [2.]])
    """
    indices = _indices(TAKE_ALONG_AXIS, x, indices)
    axis = one_axis("take_along_axis", axis, x.ndim)
    if indices.ndim != x.ndim:
        raise ValueError(
            f"take_along_axis: indices of shape {indices.shape} must have as many axes as x of shape {x.shape}; "
            "for one index per row write take"
        )
    return apply(TAKE_ALONG_AXIS, x, indices, axis=axis)


def _corner(name: str, x: Tensor, shape: Shape, axis: int | None) -> Tensor:
    """``x`` up to ``shape``, beside ``axis``: PyTorch lets an index cover a part of the tensor."""
    have = x._data.shape
    if (
        axis is not None
        and len(shape) == len(have)
        and shape[:axis] + shape[axis + 1 :] == have[:axis] + have[axis + 1 :]
    ):
        return x
    if len(shape) != x.ndim or any(n > m for i, (n, m) in enumerate(zip(shape, x.shape, strict=True)) if i != axis):
        raise ValueError(f"{name}: an index of shape {shape} does not fit into shape {x.shape}")
    if all(n == m for i, (n, m) in enumerate(zip(shape, x.shape, strict=True)) if i != axis):
        return x
    return x[tuple([slice(None) if i == axis else slice(n) for i, n in enumerate(shape)])]


def _as_vectors(function: Callable[..., Tensor], x: Tensor, index: Tensor, source: Any, **options: Any) -> Tensor:
    """``function`` along the only axis that PyTorch gives a 0-d ``x``; ``index`` and ``source`` become vectors too."""
    if isinstance(source, Tensor) and function is not index_fill:
        source = reshape(source, (-1,))
    return reshape(function(reshape(x, (1,)), 0, reshape(index, (-1,)), source, **options), ())


def gather(x: Tensor, /, axis: int, index: Tensor) -> Tensor:
    """``x[..., index[..., j, ...], ...]`` along ``axis``, of the shape of ``index``, which may be smaller than ``x``.

    Raises:
        ValueError: ``index`` is larger than ``x`` beside ``axis``; nothing is broadcast.
        IndexError: an index or the axis out of range.

    Source: PyTorch, ``gather``.

    >>> import ndgrad as nd
    >>> nd.gather(nd.asarray([[1.0, 2.0], [3.0, 4.0]]), 1, nd.asarray([[0], [1]]))
    tensor([[1.],
            [4.]])
    """
    index = _indices(TAKE_ALONG_AXIS, x, index)
    shape = index._data.shape
    if lies_along(axis, x) or 0 in shape:  # PyTorch lets an empty index have any number of axes
        return take(x, index)
    axis = one_axis("gather", axis, x.ndim)
    return apply(TAKE_ALONG_AXIS, _corner("gather", x, shape, axis), index, axis=axis)


def scatter_add(x: Tensor, /, axis: int, index: Tensor, src: Tensor) -> Tensor:
    """``x`` with each element of ``src`` added where ``index`` says along ``axis``: the transpose of :func:`gather`.

    What is added to the same place adds up. ``src`` may be larger than ``index``.

    Raises:
        ValueError: ``index`` is larger than ``x`` (beside ``axis``) or ``src``.

    Source: PyTorch, ``scatter_add``.

    >>> import ndgrad as nd
    >>> nd.scatter_add(nd.zeros(3), 0, nd.asarray([2, 0, 2]), nd.asarray([1.0, 2.0, 3.0]))
    tensor([2., 0., 4.])
    """
    index = _indices(SCATTER_ADD_FLAT, x, index)
    if lies_along(axis, x):
        return _as_vectors(scatter_add, x, index, src)
    axis = one_axis("scatter_add", axis, x.ndim)
    if not index.size:
        return clone(x)
    _corner("scatter_add", x, index.shape, axis)
    values = astype(_corner("scatter_add", src, index.shape, None), x.dtype)
    try:
        return x + _add_along(values, index, x.shape, axis)
    except IndexError:
        raise IndexError(f"scatter_add: index reaches beyond axis {axis} of shape {x.shape}") from None


def scatter(
    x: Tensor, /, axis: int, index: Tensor, src: Tensor | Scalar, *, reduce: Literal["add", "multiply"] | None = None
) -> Tensor:
    """``x`` with each element of ``src`` (or one scalar) written where ``index`` says along ``axis``.

    Of several written to one place, the last stays on the CPU; elsewhere any. With ``reduce``, all of them are added to
    what is there, or multiplied with it, as by :func:`scatter_reduce`.

    Raises:
        ValueError: ``index`` is larger than ``x`` (beside ``axis``) or ``src``.

    Source: PyTorch, ``scatter``.

    >>> import ndgrad as nd
    >>> nd.scatter(nd.zeros(3), 0, nd.asarray([2]), 5.0)
    tensor([0., 0., 5.])
    """
    index = _indices(TAKE_ALONG_AXIS, x, index)
    if reduce is not None:
        return _combined(x, axis, index, src, reduce)
    if lies_along(axis, x):
        return _as_vectors(scatter, x, index, src)
    axis = one_axis("scatter", axis, x.ndim)
    if not index.size:
        return clone(x)
    _corner("scatter", x, index.shape, axis)
    if not isinstance(src, Tensor):
        src = constant(src, x)
    values = astype(_corner("scatter", src, index.shape, None) if src.ndim else src, x.dtype)
    coordinates = _coordinates(index.shape, index, axis)
    return apply(INDEX_PUT, x, values, *coordinates, dims=tuple(range(x.ndim)), at=0)


def _combined(x: Tensor, axis: int, index: Tensor, src: Tensor | Scalar, reduce: str) -> Tensor:
    from ndgrad.ops.scattering import scatter_reduce  # made of this chapter

    if reduce not in ("add", "multiply"):
        raise ValueError(f"scatter: reduce is 'add' or 'multiply', got {reduce!r}; nd.scatter_reduce has others")
    if not isinstance(src, Tensor) or (src.ndim == 0 and index.ndim):
        src = broadcast_to(src if isinstance(src, Tensor) else constant(src, x), index.shape)
    return scatter_reduce(x, axis, index, src, "sum" if reduce == "add" else "prod")


def put_along_axis(x: Tensor, /, indices: Tensor, values: Tensor | Scalar, axis: int = -1) -> None:
    """Write ``values`` into ``x``, in place, where ``indices`` say along ``axis``; they broadcast with ``x`` beside it.

    Source: NumPy, ``put_along_axis``.

    >>> import ndgrad as nd
    >>> x = nd.zeros((2, 3))
    >>> nd.put_along_axis(x, nd.asarray([[1], [2]]), 7.0, axis=1)
    >>> x
    tensor([[0., 7., 0.],
            [0., 0., 7.]])
    """
    indices = _indices(TAKE_ALONG_AXIS, x, indices)
    axis = one_axis("put_along_axis", axis, x.ndim)
    setitem(x, tuple(_coordinates(x.shape, indices, axis)), values)


def index_add(x: Tensor, /, axis: int, index: Tensor, source: Tensor, *, alpha: float = 1) -> Tensor:
    """``x`` with ``alpha`` times the i-th part of ``source`` added to part ``index[i]`` along ``axis``.

    Raises:
        ValueError: ``source`` and ``x`` differ in shape beside ``axis``, or ``index`` has another length.

    Source: PyTorch, ``index_add``.

    >>> import ndgrad as nd
    >>> nd.index_add(nd.zeros(3), 0, nd.asarray([0, 0]), nd.asarray([1.0, 2.0]))
    tensor([3., 0., 0.])
    """
    index = _indices(SCATTER_ADD_FLAT, x, index)
    if lies_along(axis, x):
        return _as_vectors(index_add, x, index, source, alpha=alpha)
    axis = one_axis("index_add", axis, x.ndim)
    expected = (*x.shape[:axis], *index.shape, *x.shape[axis + 1 :])
    if index.ndim != 1 or source.shape != expected:
        raise ValueError(
            f"index_add: source must have shape {expected} for x of shape {x.shape} and an index of shape "
            f"{index.shape}, got {source.shape}"
        )
    values = moveaxis(astype(scaled(source, alpha), x.dtype), axis, 0)
    return x + moveaxis(scatter_add_flat(x.shape[axis], index, values), 0, axis)


def index_copy(x: Tensor, /, axis: int, index: Tensor, source: Tensor) -> Tensor:
    """``x`` with the i-th part of ``source`` written over part ``index[i]`` along ``axis``.

    Source: PyTorch, ``index_copy``.
    """
    if lies_along(axis, x):
        return _as_vectors(index_copy, x, index, source)
    key = at(one_axis("index_copy", axis, x.ndim), _indices(TAKE, x, index))
    return _overwritten(x, key, source)


def index_fill(x: Tensor, /, axis: int, index: Tensor, value: Tensor | Scalar) -> Tensor:
    """``x`` with ``value`` written over the parts of ``axis`` that ``index`` names. Source: PyTorch, ``index_fill``."""
    if lies_along(axis, x):
        return _as_vectors(index_fill, x, index, value)
    key = at(one_axis("index_fill", axis, x.ndim), _indices(TAKE, x, index))
    return _overwritten(x, key, value)


def _overwritten(x: Tensor, key: Any, value: Any) -> Tensor:
    out = clone(x)
    setitem(out, key, value)
    return out


def take_along_dim(x: Tensor, indices: Tensor, /, axis: int | None = None) -> Tensor:
    """:func:`take_along_axis`, of the flattened tensors where no axis is given. Source: PyTorch, ``take_along_dim``."""
    if axis is None:
        x, indices, axis = reshape(x, (-1,)), reshape(indices, (-1,)), 0
    return take_along_axis(x, indices, axis=axis)


def argwhere(x: Tensor, /) -> Tensor:
    """The indices of the nonzero elements, in rows. Source: NumPy and PyTorch, ``argwhere``."""
    from ndgrad.ops.searching import nonzero

    if not x.ndim:
        return zeros((int(bool(x)), 0), dtype=int64, device=x.device)
    return nonzero(x, as_tuple=False)


# -- masks -------------------------------------------------------------------------------------------------------------


def masked_fill(x: Tensor, mask: Tensor, value: Tensor | Scalar, /) -> Tensor:
    """``x`` with ``value``, a scalar or a 0-d tensor, where ``mask`` holds; of the dtype of ``x``.

    Raises:
        TypeError: the value does not fit the dtype of ``x``.
        ValueError: a value that is not a scalar.

    Source: PyTorch, ``masked_fill``.

    >>> import ndgrad as nd
    >>> nd.masked_fill(nd.asarray([1.0, 2.0]), nd.asarray([False, True]), -1.0)
    tensor([ 1., -1.])
    """
    if isinstance(value, Tensor) and value.ndim:
        raise ValueError(f"masked_fill takes one value, got shape {value.shape}; write nd.where(mask, value, x)")
    if isinstance(value, Tensor) and promote(value.dtype, x.dtype).kind == x.dtype.kind:
        value = astype(value, x.dtype)
    out = where(mask, value, x)
    if out.dtype is not x.dtype:
        raise TypeError(f"masked_fill: {value!r} does not fit into a tensor of {x.dtype.name}")
    return out


def masked_select(x: Tensor, mask: Tensor, /) -> Tensor:
    """The elements of ``x`` where ``mask`` holds, in one dimension; the two broadcast.

    Source: PyTorch, ``masked_select``.

    >>> import ndgrad as nd
    >>> nd.masked_select(nd.asarray([1.0, 2.0, 3.0]), nd.asarray([True, False, True]))
    tensor([1., 3.])
    """
    x, mask = broadcast_arrays(x, mask)
    return x[mask]


def masked_scatter(x: Tensor, mask: Tensor, source: Tensor, /) -> Tensor:
    """``x`` with the elements of ``source``, one after the other, where ``mask`` holds; the two broadcast.

    Raises:
        ValueError: ``source`` has too few elements.

    Source: PyTorch, ``masked_scatter``.
    """
    x, mask = broadcast_arrays(x, mask)
    count = int(sum(mask))
    if source.size < count:
        raise ValueError(f"masked_scatter: source has {source.size} elements for the {count} that mask names")
    return _overwritten(x, mask, reshape(source, (-1,))[:count])
