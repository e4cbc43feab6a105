"""Reading and writing parts of tensors: array API 2025.12, "Indexing", and NumPy's advanced indexing.

A key is split in two. Its basic part (integers, slices, None, Ellipsis) makes a view. What is left, integer tensors on
some axes, is one op, :data:`INDEX`, whose transpose adds cotangents up where an element was read twice. A boolean mask
is the integer tensors of its nonzero elements.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ndgrad.dispatch import admit, apply, astype, inplace, meet, public, scalar_tensor
from ndgrad.dtypes import bool_, int64
from ndgrad.graph import LEAF, Node, View, counter_of, edge_of, grad_mode, new_node, threads
from ndgrad.ops.index_keys import WHOLE, check_mask, index_error, plan, raw_index, split_key
from ndgrad.plugins import Spec
from ndgrad.rows import Op
from ndgrad.tensor import Tensor, blank, wrap

__all__ = ["getitem", "setitem"]


# -- rows --------------------------------------------------------------------------------------------------------------


def _scatter(g: Tensor, x_shape: tuple[int, ...], key: Any) -> Tensor:
    from ndgrad.ops.creation import zeros

    return apply(WRITE, zeros(x_shape, dtype=g.dtype, device=g.device), g, steps=((GETITEM, {"key": key}),))


def _read(x: Any, key: Any) -> Any:
    key = key if isinstance(key, tuple) else (key,)
    return x[key if any(k is ... for k in key) else (*key, ...)]  # the standard asks for an index for each axis


# What samples read and write by: a repeated row, a pair of columns of indices, a mask of rows.
_ADVANCED_KEYS = ([0, 2, 0], ([1, 3], slice(None), None), ([[0], [3]], [0, 1]), [True, False, True, True])

GETITEM = Op(
    "getitem", view=True, linear=True, namespace=None, kernel=_read, vjp=_scatter,
    samples=lambda make: [((make(4, 3), k), {}) for k in (0, slice(1, 3), (slice(None, None, -2), 1), (None, ..., 2))],
)  # fmt: skip


def _reader(spec: Spec) -> Any:
    kernel, result = GETITEM.table[spec]
    return getattr(kernel, "__wrapped__", kernel), result  # without what only takes the key by its name


_READERS = GETITEM.new_table(_reader)


def _index_transpose(g: Tensor, x_shape: Any, indices: Any, dims: Any, at: int, needs: Any) -> tuple[Any, ...]:
    return (apply(INDEX_ADD, g, *indices, shape=x_shape, dims=dims, at=at),) + (None,) * len(indices)


def _index_by_take(x: Tensor, *indices: Tensor, dims: tuple[int, ...], at: int) -> Tensor:
    from ndgrad.ops.gathering import take
    from ndgrad.ops.manipulation import moveaxis, reshape

    rows, flat, shape = _flatten(x.shape, indices, dims)
    rest = tuple(n for i, n in enumerate(x.shape) if i not in dims)
    picked = take(reshape(moveaxis(x, dims, tuple(range(len(dims)))), (rows, *rest)), flat, axis=0)
    picked = reshape(picked, (*shape, *rest))
    return moveaxis(picked, tuple(range(len(shape))), tuple(range(at, at + len(shape))))


# x[..., i, j, ...]: integer tensors on the axes ``dims``; their broadcast shape stands at axis ``at`` in their place.
INDEX = Op(
    "index", ("x", "*indices"), namespace=None, vjp_all=_index_transpose, decompose=_index_by_take, linear=True,
    samples=lambda make: [(getitem, (make(4, 3), key), {}) for key in _ADVANCED_KEYS],
)  # fmt: skip


def _add_by_rows(g: Tensor, *indices: Tensor, shape: Any, dims: tuple[int, ...], at: int) -> Tensor:
    from ndgrad.ops.gathering import scatter_add_flat
    from ndgrad.ops.manipulation import moveaxis, reshape

    rows, flat, block = _flatten(shape, indices, dims)
    rest = tuple(n for i, n in enumerate(shape) if i not in dims)
    g = moveaxis(g, tuple(range(at, at + len(block))), tuple(range(len(block))))
    added = scatter_add_flat(rows, flat, reshape(g, (flat.shape[0], *rest)))
    return moveaxis(reshape(added, (*(shape[d] for d in dims), *rest)), tuple(range(len(dims))), dims)


def _add_transpose(g: Tensor, indices: Any, dims: Any, at: int, needs: Any) -> tuple[Any, ...]:
    return (apply(INDEX, g, *indices, dims=dims, at=at),) + (None,) * len(indices)


# The transpose of INDEX: zeros of ``shape``, each cotangent added where its element came from.
INDEX_ADD = Op(
    "index_add_zeros", ("g", "*indices"), namespace=None, vjp_all=_add_transpose, decompose=_add_by_rows, linear=True
)


def _put_by_rows(x: Tensor, value: Tensor, *indices: Tensor, dims: tuple[int, ...], at: int) -> Tensor:
    from ndgrad.ops.creation import arange
    from ndgrad.ops.gathering import take
    from ndgrad.ops.manipulation import broadcast_to, expand_dims, flip, moveaxis, reshape
    from ndgrad.ops.reductions import any
    from ndgrad.ops.searching import argmax, where

    rows, flat, block = _flatten(x.shape, indices, dims)
    front = tuple(range(len(dims)))
    rest = tuple(n for i, n in enumerate(x.shape) if i not in dims)
    value = broadcast_to(value, (*rest[:at], *block, *rest[at:]))
    value = moveaxis(value, tuple(range(at, at + len(block))), tuple(range(len(block))))
    value = reshape(value, (flat.shape[0], *rest))
    old = reshape(moveaxis(x, dims, front), (rows, *rest))
    if flat.shape[0] == 0:
        return x
    hits = expand_dims(arange(rows, dtype=flat.dtype, device=flat.device), axis=1) == expand_dims(flat, axis=0)
    last = flat.shape[0] - 1 - argmax(astype(flip(hits, axis=1), int64), axis=1)  # the last write to a row wins
    hit = reshape(any(hits, axis=1), (rows,) + (1,) * len(rest))
    new = where(hit, take(value, last, axis=0), old)
    return moveaxis(reshape(new, (*(x.shape[d] for d in dims), *rest)), front, dims)


def _put_cotangents(
    g: Tensor, x_shape: Any, value_shape: Any, indices: Any, dims: Any, at: int, needs: Sequence[bool]
) -> tuple[Any, ...]:
    from ndgrad.ops.reductions import sum_to_shape
    from ndgrad.ops.searching import where

    zero = scalar_tensor(0, g._spec)
    of_x = apply(INDEX_PUT, g, zero, *indices, dims=dims, at=at) if needs[0] else None
    of_value = None
    if needs[1]:
        read = apply(INDEX, g, *indices, dims=dims, at=at)
        kept = _last_writes(tuple(x_shape[d] for d in dims), indices, len(x_shape) - len(dims) - at)
        of_value = sum_to_shape(where(kept, read, zero), value_shape)
    return (of_x, of_value) + (None,) * len(indices)


def _last_writes(lengths: tuple[int, ...], indices: Sequence[Tensor], after: int) -> Tensor:
    """Whether each write stays: of several to one element the last does, and only its value has a gradient."""
    from ndgrad.ops.creation import arange, zeros
    from ndgrad.ops.manipulation import broadcast_shapes, reshape

    block = broadcast_shapes(*[i.shape for i in indices])
    axes, device = tuple(range(len(lengths))), indices[0].device
    number = reshape(arange(math.prod(block), device=device), block)
    written = apply(INDEX_PUT, zeros(lengths, dtype=number.dtype, device=device), number, *indices, dims=axes, at=0)
    kept = apply(INDEX, written, *indices, dims=axes, at=0) == number
    return reshape(kept, (*block, *(1,) * after))


INDEX_PUT = Op(
    "index_put", ("x", "value", "*indices"), namespace=None, vjp_all=_put_cotangents, decompose=_put_by_rows,
    samples=lambda make: [(_with, (make(4, 3), make(), key), {}) for key in _ADVANCED_KEYS],
)  # fmt: skip


def _with(x: Tensor, value: Tensor, key: Any) -> Tensor:
    """A copy of ``x`` with ``value`` written at ``key``."""
    from ndgrad.ops.conversion import asarray

    out = asarray(x, copy=True)
    setitem(out, key, value)
    return out


# ``value`` in the place of all of ``x``; exists to be written in place.
COPY = Op(
    "copy", ("x", "value"), namespace=None, elementwise=True, kernel=lambda x, value: value, vjp=(None, lambda g: g)
)


def _written(base: Tensor, value: Tensor, steps: Any) -> Tensor:
    from ndgrad.ops.conversion import asarray

    out = asarray(base, copy=True)
    inplace(COPY, _replay(out, steps), value)
    return out


def _replay(x: Tensor, steps: Any) -> Tensor:
    for op, params in steps:
        x = apply(op, x, **params)
    return x


def _read_back(g: Tensor, value_shape: Any, steps: Any) -> Tensor:
    from ndgrad.ops.reductions import sum_to_shape

    return sum_to_shape(_replay(g, steps), value_shape)


def _real_zero(g: Tensor) -> Tensor:
    """Zero that fits into any view of ``g``: one of complex numbers may be of their real parts."""
    from ndgrad.ops.elementwise import real

    zero = scalar_tensor(0, g._spec)
    return real(zero) if g.dtype.is_complex else zero


# ``base`` with the view that ``steps`` lead to replaced by ``value``: what writing into a view does to its base.
WRITE = Op(
    "write_view", ("base", "value"), namespace=None, decompose=_written,
    vjp=(lambda g, steps: apply(WRITE, g, _real_zero(g), steps=steps), _read_back),
)  # fmt: skip


# -- reading -----------------------------------------------------------------------------------------------------------


@public(GETITEM)
def getitem(x: Tensor, key: Any, /) -> Tensor:
    """``x[key]``: a view for integers, slices, None and Ellipsis; a copy where the key holds tensors.

    Raises:
        IndexError: an index out of range, too many indices, or a mask of another shape.

    >>> import ndgrad as nd
    >>> x = nd.reshape(nd.arange(6.0), (2, 3))
    >>> x[:, ::-1][0], x[x > 3]
    (tensor([2., 1., 0.]), tensor([4., 5.]))
    """
    cls = key.__class__
    if cls is int:
        key = (key, ...)  # with an Ellipsis NumPy keeps a 0-d array, which is a view; alone it would copy the element
    elif cls is not slice:
        if cls is Tensor and (found := _read_plainly(x, key)) is not None:
            return found
        key, tensors = split_key(x, key)
        if tensors:
            return _read_advanced(x, key, tensors)
    kernel, spec = _READERS[x._spec]
    try:
        data = kernel(x._data, key)
    except (IndexError, TypeError, ValueError) as error:
        raise index_error(x, key, error) from None
    out = blank()
    out._data = data
    out._spec = spec
    out._counter = counter = x._counter or counter_of(x)
    node = x._node
    view = View()  # what graph.new_view does, written out
    view.untracked = False
    if node.__class__ is View:
        view.base, view.path = node.base, (*node.steps, (GETITEM, {"key": key}))
        view.untracked = node.untracked
        node = node.resolve()
    else:
        view.base = x
        view.path = view.op = None
        view.params = key
    if node is not None:
        if not threads.suspended or grad_mode.enabled:
            read = Node()
            read.op = GETITEM
            read.edges = (x if node is LEAF else node,)
            read.saved = (None,)
            read.versions = read.hooks = read.result = read.result_version = None
            read.params = {"key": key}
            read.shapes = (x._data.shape,)
            node = read
        else:
            node, view.untracked = None, True
    view.node = node
    view.seen = counter.n
    out._node = view
    return out


def _read_plainly(x: Tensor, key: Tensor) -> Tensor | None:
    """``x[key]`` without history, where the raw arrays take one another as indices; None if more is needed."""
    spec = x._spec
    if _SETTERS[spec] is None or (x._node is not None and grad_mode.enabled and edge_of(x) is not None):
        return None
    raw = raw_index(key, spec)
    if raw is None:
        return None
    try:
        return wrap(_READERS[spec][0](x._data, raw), spec)
    except IndexError:
        return None  # the long way says what is wrong


def _read_advanced(x: Tensor, entries: tuple[Any, ...], tensors: list[tuple[int, Any]]) -> Tensor:
    basic, indices, dims, at = plan(x, entries, tensors)
    if any(k is not WHOLE for k in basic):
        x = getitem(x, basic)
    try:
        return apply(INDEX, x, *indices, dims=dims, at=at)
    except IndexError as error:
        raise index_error(x, tuple(indices), error) from None


def _flatten(shape: Any, indices: Sequence[Tensor], dims: tuple[int, ...]) -> tuple[int, Tensor, tuple[int, ...]]:
    """The number of rows that the indexed axes make, the flat row of each index, and the indices' broadcast shape."""
    from ndgrad.ops.manipulation import broadcast_arrays, reshape
    from ndgrad.ops.searching import where

    rows = 1
    flat: Any = 0
    outside: Any = False
    for d, index in zip(dims, broadcast_arrays(*indices), strict=True):
        index = astype(index, int64)
        n = shape[d]
        flat = flat * n + where(index < 0, index + n, index)
        outside = (index < -n) | (index >= n) | outside
        rows *= n
    flat = where(outside, rows, flat)  # not into another row
    return rows, reshape(flat, (-1,)), flat.shape


# -- writing -----------------------------------------------------------------------------------------------------------


def setitem(x: Tensor, key: Any, value: Any, /) -> None:
    """``x[key] = value``: writes into the memory of ``x``, differentiably in ``x`` and ``value``.

    Raises:
        IndexError: as :func:`getitem`.
        ValueError: ``value`` does not broadcast to the shape of ``x[key]``.
        AutogradError: ``x`` is a leaf that requires grad.

    >>> import ndgrad as nd
    >>> x = nd.zeros(3)
    >>> x[1:] = nd.asarray([1.0, 2.0])
    >>> x
    tensor([0., 1., 2.])
    """
    if _set_plainly(x, key, value):
        return
    value = _value(x, value)
    entries, tensors = split_key(x, key)
    admit(COPY, x, (value, *[t for _, t in tensors]))
    if len(tensors) == 1 and tensors[0][1].dtype is bool_ and value.ndim == 0:
        _fill_masked(x, entries, tensors[0], value)
        return
    if not tensors:
        _write(getitem(x, entries), value)
        return
    basic, indices, dims, at = plan(x, entries, tensors)
    _put(getitem(x, basic) if any(k is not WHOLE for k in basic) else x, value, indices, dims, at)


def _set_plainly(x: Tensor, key: Any, value: Any) -> bool:
    """Do what most writes need, at basic indices or one tensor, without history; tell whether that was enough."""
    node, spec = x._node, x._spec
    write = _SETTERS[spec]
    if write is None or (node is not None and (node.__class__ is View or grad_mode.enabled)):
        return False
    if key.__class__ is Tensor:
        key = raw_index(key, spec)
        if key is None:
            return False
    elif key.__class__ not in _BASIC and not (key.__class__ is tuple and _BASIC.issuperset([k.__class__ for k in key])):
        return False
    cls = value.__class__
    if cls is Tensor:
        if value._spec is not spec or (value._node is not None and grad_mode.enabled and edge_of(value) is not None):
            return False
        value = value._data
    elif not (cls is float or cls is int) or not spec.dtype.is_inexact:
        return False
    try:
        write(x._data, key, value)
    except (IndexError, OverflowError, TypeError, ValueError):
        return False  # the long way says what is wrong
    counter = x._counter or counter_of(x)
    counter.n += 1
    return True


_BASIC = frozenset([int, slice, type(None), type(...)])


def _setter(spec: Spec) -> Any:
    """The kernel that writes at a basic index, of a backend that has one."""
    return None if spec.backend.level else spec.backend.find_kernel("setitem", None, spec.dtype)[0]


_SETTERS = GETITEM.new_table(_setter)


def added_at(x: Tensor, key: Any, value: Any) -> Tensor:
    """Zeros of the shape of ``x``, and ``value`` added at ``key``, as often as a place occurs there."""
    from ndgrad.ops.creation import zeros, zeros_like
    from ndgrad.ops.manipulation import broadcast_arrays, broadcast_to

    value = _value(x, value)
    entries, tensors = split_key(x, key)
    if not tensors:
        out = zeros_like(x)
        setitem(out, key, value)
        return out
    basic, indices, dims, at = plan(x, entries, tensors)
    part = getitem(x, basic).shape
    rest = [n for i, n in enumerate(part) if i not in dims]
    block = broadcast_arrays(*indices)[0].shape
    value = broadcast_to(value, (*rest[:at], *block, *rest[at:]))
    added = apply(INDEX_ADD, value, *meet(INDEX_ADD, tuple(indices)), shape=part, dims=dims, at=at)
    out = zeros(x.shape, dtype=x.dtype, device=x.device)
    setitem(out, basic, added)
    return out


def _value(x: Tensor, value: Any) -> Tensor:
    if not isinstance(value, Tensor):
        from ndgrad.ops.conversion import asarray

        if value.__class__ in (bool, int, float, complex):
            if value.__class__ is complex and not x.dtype.is_complex:
                raise TypeError(f"cannot store a complex number in a tensor of {x.dtype.name}")
            value = scalar_tensor(value, x._spec) if x._spec.backend.level == 0 else asarray(value, device=x.device)
        else:
            try:
                value = asarray(value, device=x.device)
            except TypeError as error:
                raise TypeError(f"x[...] = value takes tensors, arrays, scalars or nested sequences; {error}") from None
    if value.dtype.is_complex and not x.dtype.is_complex:
        raise TypeError(f"cannot store {value.dtype.name} in a tensor of {x.dtype.name}; take nd.real(value) first")
    return astype(value, x.dtype)


def _write(target: Tensor, value: Tensor) -> None:
    inplace(COPY, target, value if value.shape == target.shape else _fitted(value, target.shape))


def _put(x: Tensor, value: Tensor, indices: list[Tensor], dims: tuple[int, ...], at: int) -> None:
    """Write ``value`` where :data:`INDEX` would read."""
    from ndgrad.ops.manipulation import broadcast_shapes

    rest = [n for i, n in enumerate(x.shape) if i not in dims]
    try:
        block = broadcast_shapes(*[i.shape for i in indices])
    except ValueError as error:
        raise index_error(x, tuple(indices), IndexError(str(error))) from None
    value = _fitted(value, (*rest[:at], *block, *rest[at:]))
    try:
        inplace(INDEX_PUT, x, *meet(INDEX_PUT, (value, *indices)), dims=dims, at=at)
    except IndexError as error:
        raise index_error(x, tuple(indices), error) from None


def _fitted(value: Tensor, shape: tuple[int, ...]) -> Tensor:
    """``value`` without the leading axes of length one that ``shape``, the part to be written, does not have."""
    while value.ndim > len(shape) and value.shape[0] == 1:
        value = getitem(value, 0)
    lengths = zip(reversed(value.shape), reversed(shape), strict=False)
    if value.ndim > len(shape) or any(m != n and m != 1 for m, n in lengths):
        raise ValueError(f"a value of shape {value.shape} does not broadcast to {shape}, the part to be written")
    return value


def _fill_masked(x: Tensor, entries: tuple[Any, ...], masked: tuple[int, Tensor], value: Tensor) -> None:
    """``x[..., mask, ...] = scalar`` by selection, which needs no positions and so works under vmap."""
    from ndgrad.ops.manipulation import reshape
    from ndgrad.ops.searching import where

    place, mask = masked
    if len(entries) > 1 and any(k is not ... and k is not WHOLE for i, k in enumerate(entries) if i != place):
        basic, indices, dims, at = plan(x, entries, [masked])
        _put(getitem(x, basic), value, indices, dims, at)
        return
    before = sum(1 for k in entries[:place] if k is not ...)
    after = sum(1 for k in entries[place + 1 :] if k is not ...)
    first = x.ndim - mask.ndim - after if ... in entries[:place] else before
    check_mask(x, mask, first)
    mask = reshape(mask, mask.shape + (1,) * (x.ndim - first - mask.ndim))
    inplace(COPY, x, where(mask, value, x))


def record_write(view: View, node: Any, x: Tensor) -> None:
    """Give the base of ``view`` the history of a write into the view: ``node`` computed what was written."""
    base = view.base
    record = new_node(WRITE, (edge_of(base), node), {"steps": view.steps})
    record.shapes = (base.shape, x.shape)
    base._node = record
