"""Manipulation functions: array API 2025.12, chapter "Manipulation Functions".

Results share memory with their operand where PyTorch's do: reshaping (if it can be done without a copy), permuting,
broadcasting, and whatever is an index.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

from ndgrad.dispatch import apply, apply_to_one, astype, public
from ndgrad.dtypes import promote
from ndgrad.ops.indexing import getitem
from ndgrad.ops.reductions import normalize_axes, sum_to_shape
from ndgrad.ops.transfer import clone
from ndgrad.rows import OPS, Op
from ndgrad.tensor import Tensor

__all__ = [
    "broadcast_arrays", "broadcast_shapes", "broadcast_to", "concat", "expand_dims", "flip", "moveaxis", "permute_dims",
    "repeat", "reshape", "roll", "squeeze", "stack", "tile", "unstack",
]  # fmt: skip

Axes = int | tuple[int, ...]
Shape = tuple[int, ...]


def at(axis: int, key: Any) -> tuple[Any, ...]:
    """The index that applies ``key`` to one axis and takes all of those before it."""
    return (slice(None),) * axis + (key,)


def remembered(function: Callable[..., Shape]) -> Callable[..., Shape]:
    """A function of axes that keeps its latest results; what cannot be a key gets the function's own error."""
    recall = functools.lru_cache(maxsize=1024, typed=True)(function)  # typed: 1.0 is not the axis 1

    @functools.wraps(function)
    def call(*args: Any) -> Shape:
        try:
            return recall(*args)
        except TypeError:
            return function(*args)

    return call


def one_axis(name: str, axis: Any, ndim: int) -> int:
    """A single axis, counted from the front.

    Raises:
        IndexError: it is out of range.
    """
    if axis.__class__ is int and -ndim <= axis < ndim:
        return axis % ndim
    if axis is None or isinstance(axis, (tuple, list)):
        raise TypeError(f"{name}: axis is one integer, got {axis!r}")
    found = normalize_axes(name, axis, ndim)
    if not found:
        raise IndexError(f"{name}: axis {axis} is out of range for a tensor of 0 dimensions")
    return found[0]


def lies_along(axis: Any, x: Tensor) -> bool:
    """Whether ``axis`` names what PyTorch takes for the only axis, of length 1, of a 0-d tensor."""
    return x.ndim == 0 and axis in (0, -1)


def as_shape(name: str, shape: Any) -> Shape:
    """A shape from an integer or a sequence of integers.

    Raises:
        TypeError: an entry is no integer.
    """
    if shape.__class__ is tuple:
        for n in shape:
            if n.__class__ is not int:
                break
        else:
            return shape
    try:
        single = hasattr(shape, "__index__") and getattr(shape, "ndim", 0) == 0
        return (operator.index(shape),) if single else tuple(map(operator.index, shape))
    except TypeError:
        raise TypeError(f"{name}: a shape is an integer or a sequence of integers, got {shape!r}") from None


# -- reshape -----------------------------------------------------------------------------------------------------------


def _shaped_back(g: Tensor, x_shape: Shape) -> Tensor:
    return reshape(g, x_shape)


RESHAPE = Op(
    "reshape", view=True, linear=True, batch="shape", vjp=_shaped_back,
    samples=lambda make: [((make(2, 6), (3, -1)), {}), ((make(4), (2, 2)), {}), ((make(1), ()), {})],
)  # fmt: skip
RESHAPE_COPY = Op(
    "reshape_copy", namespace="reshape", linear=True, batch="shape", vjp=_shaped_back,
    samples=lambda make: [(RESHAPE.public, (make(2, 6), (3, -1)), {"copy": True})],
)


@public(RESHAPE)
def reshape(x: Tensor, /, shape: int | Shape, *, copy: bool | None = None) -> Tensor:
    """The elements of ``x``, in row-major order, in another shape: a view where the memory allows it.

    Args:
        x: any tensor.
        shape: lengths whose product is ``x.size``; one of them may be -1.
        copy: True copies always, False never, None where it must.

    Raises:
        ValueError: the number of elements differs, or ``copy=False`` and the memory does not allow it.

    Source: array API 2025.12, ``reshape``.

    >>> import ndgrad as nd
    >>> nd.reshape(nd.arange(6), (2, -1))
    tensor([[0, 1, 2],
            [3, 4, 5]])
    """
    if shape.__class__ is not tuple or -1 in shape:
        shape = _filled_in(x, as_shape("reshape", shape))
    if not copy:
        try:
            out: Tensor = apply_to_one(RESHAPE, x, {"shape": shape, "copy": False})
            if out._data.shape == shape:  # NumPy takes any negative length for -1
                return out
        except _REFUSALS:
            pass
    shape = _filled_in(x, as_shape("reshape", shape))  # unless it was this, it was the memory
    if copy is False:
        raise ValueError(f"reshape: from {x.shape} to {shape} this memory order needs a copy; leave copy=False out")
    return apply(RESHAPE_COPY, x, shape=shape, copy=True)


# What libraries raise for a shape that cannot be had, or not without a copy.
_REFUSALS = (AttributeError, BufferError, RuntimeError, TypeError, ValueError)


def _filled_in(x: Tensor, shape: Shape) -> Shape:
    """``shape`` with its -1 replaced by what is left for it."""
    size, product = math.prod(x._data.shape), math.prod(shape)
    if product < 0 and min(shape) == -1 and shape.count(-1) == 1 and size % product == 0:
        i = shape.index(-1)
        return (*shape[:i], -size // product, *shape[i + 1 :])
    if product != size or min(shape, default=0) < 0:
        raise ValueError(f"reshape: the {size} elements of shape {x.shape} do not fit the shape {shape}")
    return shape


def expand_dims(x: Tensor, /, axis: Axes) -> Tensor:
    """A view of ``x`` with axes of length one inserted, at these positions of the result.

    Raises:
        IndexError: a position outside of the result.

    Source: array API 2025.12, ``expand_dims``.

    >>> import ndgrad as nd
    >>> nd.expand_dims(nd.zeros((2, 3)), axis=(0, -1)).shape
    (1, 2, 3, 1)
    """
    if axis is None:
        raise TypeError("expand_dims: axis is an integer or a tuple of integers, got None")
    old = x._data.shape
    if axis.__class__ is int and -len(old) - 1 <= axis <= len(old):
        place = axis % (len(old) + 1)
        return reshape(x, (*old[:place], 1, *old[place:]))
    shape = list(old)
    count = len(axis) if isinstance(axis, (tuple, list)) else 1
    for i in sorted(normalize_axes("expand_dims", axis, len(shape) + count)):
        shape.insert(i, 1)
    return reshape(x, tuple(shape))


def squeeze(x: Tensor, /, axis: Axes | None = None) -> Tensor:
    """A view of ``x`` without these axes of length one; without all such axes for None.

    Raises:
        IndexError: an axis out of range.
        ValueError: an axis of another length.

    Source: array API 2025.12, ``squeeze``.

    >>> import ndgrad as nd
    >>> nd.squeeze(nd.zeros((1, 2, 1)), axis=0).shape
    (2, 1)
    """
    shape = x.shape
    axes = tuple(i for i, n in enumerate(shape) if n == 1) if axis is None else normalize_axes("squeeze", axis, x.ndim)
    if any(shape[i] != 1 for i in axes):
        raise ValueError(f"squeeze: axis {axis} of shape {shape} is not of length 1")
    return reshape(x, tuple([n for i, n in enumerate(shape) if i not in axes]))


# -- permuting axes ----------------------------------------------------------------------------------------------------


def _inverse(axes: Shape) -> Shape:
    return tuple(sorted(range(len(axes)), key=axes.__getitem__))


PERMUTE_DIMS: Op = Op(
    "permute_dims", view=True, linear=True, batch="axes",
    vjp=lambda g, axes: apply(PERMUTE_DIMS, g, axes=_inverse(axes)),
    samples=lambda make: [((make(2, 3, 4), (2, 0, 1)), {}), ((make(2, 3), (-1, 0)), {})],
)  # fmt: skip


@public(PERMUTE_DIMS)
def permute_dims(x: Tensor, /, axes: Shape) -> Tensor:
    """A view of ``x`` with its axes in another order.

    Raises:
        IndexError: an axis out of range.
        ValueError: ``axes`` does not name every axis once.

    Source: array API 2025.12, ``permute_dims``.

    >>> import ndgrad as nd
    >>> nd.permute_dims(nd.zeros((2, 3, 4)), (2, 0, 1)).shape
    (4, 2, 3)
    """
    return apply_to_one(PERMUTE_DIMS, x, {"axes": _order(len(x._data.shape), *axes)})


@remembered
def _order(ndim: int, *axes: int) -> Shape:
    order = normalize_axes("permute_dims", axes, ndim)
    if len(order) != ndim:
        raise ValueError(f"permute_dims: axes {axes} do not name each of the {ndim} axes once")
    return order


def moveaxis(x: Tensor, source: Axes, destination: Axes, /) -> Tensor:
    """A view of ``x`` with some axes moved to new positions; the others keep their order.

    Raises:
        IndexError: an axis out of range.
        ValueError: unequal numbers of axes, or one named twice.

    Source: array API 2025.12, ``moveaxis``.

    >>> import ndgrad as nd
    >>> nd.moveaxis(nd.zeros((2, 3, 4)), 0, -1).shape
    (3, 4, 2)
    """
    if source is None or destination is None:
        raise TypeError(f"moveaxis: source and destination are axes, got {source!r} and {destination!r}")
    sources = normalize_axes("moveaxis", source, x.ndim)
    places = normalize_axes("moveaxis", destination, x.ndim)
    if len(sources) != len(places):
        raise ValueError(f"moveaxis: source {source} and destination {destination} name unequal numbers of axes")
    order = [i for i in range(x.ndim) if i not in sources]
    for place, axis in sorted(zip(places, sources, strict=True)):
        order.insert(place, axis)
    return permute_dims(x, tuple(order))


# -- broadcasting and repeating ----------------------------------------------------------------------------------------

BROADCAST_TO = Op(
    "broadcast_to", view=True, linear=True, batch="shape", vjp=lambda g, x_shape: sum_to_shape(g, x_shape),
    samples=lambda make: [((make(3, 1), (2, 3, 4)), {}), ((make(), (2,)), {})],
)  # fmt: skip


def broadcast_shapes(*shapes: int | Shape) -> Shape:
    """The shape to which all of ``shapes`` broadcast.

    Raises:
        ValueError: they do not: aligned at the right, lengths must be equal or 1.

    Source: array API 2025.12, ``broadcast_shapes``.

    >>> import ndgrad as nd
    >>> nd.broadcast_shapes((3, 1), (4,))
    (3, 4)
    """
    given = [(s,) if isinstance(s, int) else tuple(s) for s in shapes]
    found = [1] * max(map(len, given), default=0)
    for shape in given:
        for i, n in enumerate(reversed(shape), start=1):
            if found[-i] == 1:
                found[-i] = n
            elif n not in (1, found[-i]):
                listed = ", ".join(map(str, given))
                raise ValueError(
                    f"shapes {listed} could not be broadcast together: aligned at the right, lengths must be equal or 1"
                )
    if found and min(found) < 0:
        raise ValueError(f"a length is negative in shapes {', '.join(map(str, given))}")
    return tuple(found)


@public(BROADCAST_TO)
def broadcast_to(x: Tensor, /, shape: int | Shape) -> Tensor:
    """A view of ``x`` in which axes of length one, and new axes in front, are repeated without copying.

    Raises:
        ValueError: ``x`` does not broadcast to ``shape``.

    Source: array API 2025.12, ``broadcast_to``.

    >>> import ndgrad as nd
    >>> nd.broadcast_to(nd.asarray([1, 2]), (2, 2))
    tensor([[1, 2],
            [1, 2]])
    """
    shape, old = as_shape("broadcast_to", shape), x.shape
    if shape == old:
        return reshape(x, shape)
    new = len(shape) - len(old)
    if new < 0 or (old != shape[new:] and any(m != n and m != 1 for m, n in zip(old, shape[new:], strict=True))):
        raise ValueError(
            f"broadcast_to: shape {old} does not broadcast to {shape}: aligned at the right, "
            "a length must be the wanted one, or 1"
        )
    return apply_to_one(BROADCAST_TO, x, {"shape": shape})


def broadcast_arrays(*arrays: Tensor) -> tuple[Tensor, ...]:
    """Views of tensors, broadcast against one another; each keeps its dtype.

    Raises:
        ValueError: the shapes do not broadcast.

    Source: array API 2025.12, ``broadcast_arrays``.
    """
    shape = broadcast_shapes(*[x.shape for x in arrays])
    return tuple([broadcast_to(x, shape) for x in arrays])


# Each entry of x as often as the entry of ``repeats`` beside it says; used for indices only.
REPEAT_EACH = Op(
    "repeat_each", ("x", "repeats"), namespace="repeat",
    samples=lambda make: [(repeat, (make(2, 3), [2, 0, 1]), {"axis": 1})],
)  # fmt: skip


def repeat(x: Tensor, repeats: int | Tensor | Sequence[int], /, *, axis: int | None = None) -> Tensor:
    """Each element of ``x``, or each part along an axis, several times in succession.

    Args:
        x: any tensor.
        repeats: how often; one number for all, or one for each.
        axis: None flattens first.

    Raises:
        ValueError: the number of ``repeats`` is not the length of the axis.

    Source: array API 2025.12, ``repeat``.

    >>> import ndgrad as nd
    >>> nd.repeat(nd.asarray([1, 2]), 2)
    tensor([1, 1, 2, 2])
    """
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    axis = one_axis("repeat", axis, x.ndim)
    n = x.shape[axis]
    if getattr(repeats, "shape", None) or not hasattr(repeats, "__index__"):
        return _repeat_each(x, repeats, axis)
    times = operator.index(repeats)
    if times < 0:
        raise ValueError(f"repeat: repeats must not be negative, got {times}")
    wide = broadcast_to(expand_dims(x, axis + 1), (*x.shape[: axis + 1], times, *x.shape[axis + 1 :]))
    return reshape(wide, (*x.shape[:axis], n * times, *x.shape[axis + 1 :]), copy=True)


def _repeat_each(x: Tensor, repeats: Any, axis: int) -> Tensor:
    from ndgrad.ops.conversion import asarray
    from ndgrad.ops.creation import arange

    counts = asarray(repeats, device=x.device)
    n = x.shape[axis]
    if counts.shape not in ((n,), (1,)) or not counts.dtype.is_integral:
        raise ValueError(
            f"repeat: repeats must be integers, one for all or one for each of the {n} along axis {axis}; "
            f"got {counts.dtype.name} of shape {counts.shape}"
        )
    index = apply(REPEAT_EACH, arange(n, device=x.device), broadcast_to(counts, (n,)), axis=0)
    return getitem(x, at(axis, index))


def tile(x: Tensor, repetitions: Shape, /) -> Tensor:
    """``x`` laid side by side, so often along each axis; missing axes of either are added in front.

    Source: array API 2025.12, ``tile``.

    >>> import ndgrad as nd
    >>> nd.tile(nd.asarray([1, 2]), (2, 2))
    tensor([[1, 2, 1, 2],
            [1, 2, 1, 2]])
    """
    times = as_shape("tile", repetitions)
    ndim = max(len(times), x.ndim)
    times, shape = (1,) * (ndim - len(times)) + times, (1,) * (ndim - x.ndim) + x.shape
    if any(n < 0 for n in times):
        raise ValueError(f"tile: repetitions must not be negative, got {times}")
    pairs = list(zip(times, shape, strict=True))
    spaced = reshape(x, tuple([m for n in shape for m in (1, n)]))
    wide = broadcast_to(spaced, tuple([m for pair in pairs for m in pair]))
    return reshape(wide, tuple([r * n for r, n in pairs]), copy=True)


# -- moving elements ---------------------------------------------------------------------------------------------------


def _reversed(x: Tensor, axis: Shape) -> Tensor:
    return clone(getitem(x, tuple([slice(None, None, -1 if i in axis else None) for i in range(x.ndim)])))


FLIP: Op = Op(
    "flip", linear=True, batch="axis", namespace=None, decompose=_reversed,
    vjp=lambda g, axis: apply(FLIP, g, axis=axis),
    samples=lambda make: [((make(2, 3),), {"axis": 1}), ((make(2, 3),), {}), ((make(3),), {"axis": -1})],
)  # fmt: skip
ROLL: Op = Op(
    "roll", linear=True, batch="axis",
    vjp=lambda g, shift, axis: apply(ROLL, g, shift=tuple(-s for s in shift), axis=axis),
    samples=lambda make: [((make(2, 3), (1, -2)), {"axis": (0, 1)}), ((make(2, 3), 4), {})],
)  # fmt: skip


@public(FLIP)
def flip(x: Tensor, /, *, axis: Axes | None = None) -> Tensor:
    """A copy of ``x`` with the elements along some axes, all for None, in reverse order.

    Source: array API 2025.12, ``flip``; a copy as in PyTorch.

    >>> import ndgrad as nd
    >>> nd.flip(nd.asarray([[1, 2], [3, 4]]), axis=1)
    tensor([[2, 1],
            [4, 3]])
    """
    return apply(FLIP, x, axis=normalize_axes("flip", axis, x.ndim))


@public(ROLL)
def roll(x: Tensor, /, shift: Axes, *, axis: Axes | None = None) -> Tensor:
    """``x`` with its elements shifted along axes; what leaves at the end comes in at the front.

    Args:
        x: any tensor.
        shift: by how many places; one number for all axes, or one for each.
        axis: None shifts the flattened tensor and restores its shape.

    Raises:
        ValueError: unequal numbers of shifts and axes.

    Source: array API 2025.12, ``roll``.

    >>> import ndgrad as nd
    >>> nd.roll(nd.asarray([1, 2, 3]), 1)
    tensor([3, 1, 2])
    """
    shifts = as_shape("roll", shift)
    if axis is None:
        return reshape(apply(ROLL, reshape(x, (-1,)), shift=(sum(shifts),), axis=(0,)), x.shape)
    # An axis may be named twice: its shifts add up.
    axes = tuple([one_axis("roll", a, x.ndim) for a in as_shape("roll", axis)])
    shifts = shifts * len(axes) if len(shifts) == 1 else shifts
    if len(shifts) != len(axes):
        raise ValueError(f"roll: {len(shifts)} shifts for {len(axes)} axes; give one shift, or one for each axis")
    return apply(ROLL, x, shift=shifts, axis=axes)


# -- joining and taking apart ------------------------------------------------------------------------------------------


def _concat_cotangents(g: Tensor, shapes: Any, axis: int, needs: Any) -> tuple[Any, ...]:
    parts, stop = [], 0
    for shape, needed in zip(shapes, needs, strict=True):
        start, stop = stop, stop + shape[axis]
        parts.append(getitem(g, at(axis, slice(start, stop))) if needed else None)
    return tuple(parts)


def _jvp(join: str) -> Callable[..., Tensor]:
    """Joining is linear: the tangents are joined as the tensors were."""

    def jvp(primals: Sequence[Tensor], tangents: Sequence[Tensor | None], result: Tensor, axis: int) -> Tensor:
        from ndgrad.ops.creation import zeros_like

        parts = [zeros_like(p) if t is None else t for p, t in zip(primals, tangents, strict=True)]
        return apply(OPS[join], *parts, axis=axis)

    return jvp


CONCAT = Op(
    "concat", ("*arrays",), batch="axis", vjp_all=_concat_cotangents, jvp=_jvp("concat"),
    samples=lambda make: [(([make(2, 3), make(1, 3)],), {}), (([make(2, 1), make(2, 2), make(2, 0)],), {"axis": 1})],
)  # fmt: skip
STACK = Op(
    "stack", ("*arrays",), batch="axis", jvp=_jvp("stack"),
    vjp_all=lambda g, needs, axis: tuple([getitem(g, at(axis, i)) if n else None for i, n in enumerate(needs)]),
    samples=lambda make: [(([make(2, 3), make(2, 3)],), {}), (([make(2), make(2)],), {"axis": -1})],
)  # fmt: skip


def _alike(name: str, arrays: Sequence[Tensor]) -> list[Tensor]:
    """Tensors in their common dtype."""
    found = list(arrays)
    if not found:
        raise ValueError(f"{name} needs at least one tensor, got an empty sequence")
    spec = found[0]._spec
    for x in found:
        if x._spec is not spec:
            dtype = functools.reduce(promote, [x.dtype for x in found])
            return [astype(x, dtype) for x in found]
    return found


@public(CONCAT)
def concat(arrays: Sequence[Tensor], /, *, axis: int | None = 0) -> Tensor:
    """Tensors joined along an existing axis, in their common dtype.

    Args:
        arrays: tensors whose shapes are equal except along ``axis``.
        axis: None flattens them first.

    Raises:
        ValueError: no tensors, or shapes that do not fit.

    Source: array API 2025.12, ``concat``.

    >>> import ndgrad as nd
    >>> nd.concat([nd.zeros(2), nd.ones(1)])
    tensor([0., 0., 1.])
    """
    if isinstance(axis, Tensor):
        raise TypeError("concat takes one sequence of tensors, got tensors one by one; write nd.concat([a, b])")
    tensors = _alike("concat", arrays)
    if axis is None:
        tensors, axis = [reshape(x, (-1,)) for x in tensors], 0
    first = tensors[0]._data.shape
    if first == (0,) and len(tensors[-1]._data.shape) > 1:
        return concat(_several(tensors), axis=axis)
    axis = one_axis("concat", axis, len(first))
    for x in tensors:
        shape = x._data.shape
        if shape != first and (
            len(shape) != len(first) or shape[:axis] != first[:axis] or shape[axis + 1 :] != first[axis + 1 :]
        ):
            if shape == (0,):
                return concat(_several(tensors), axis=axis)
            raise ValueError(f"concat: shapes {first} and {shape} differ in another axis than axis {axis}")
    return apply(CONCAT, *tensors, axis=axis)


def _several(tensors: Sequence[Tensor]) -> list[Tensor]:
    """All but vectors of nothing, which PyTorch joins with anything."""
    return [x for x in tensors if x.shape != (0,)]


@public(STACK)
def stack(arrays: Sequence[Tensor], /, *, axis: int = 0) -> Tensor:
    """Tensors of one shape joined along a new axis, in their common dtype.

    Raises:
        ValueError: no tensors, or unequal shapes.

    Source: array API 2025.12, ``stack``.

    >>> import ndgrad as nd
    >>> nd.stack([nd.zeros(2), nd.ones(2)], axis=1)
    tensor([[0., 1.],
            [0., 1.]])
    """
    tensors = _alike("stack", arrays)
    first = tensors[0]._data.shape
    for x in tensors:
        if x._data.shape != first:
            raise ValueError(f"stack: shapes {first} and {x.shape} differ; nd.concat joins along an existing axis")
    return apply(STACK, *tensors, axis=one_axis("stack", axis, len(first) + 1))


def unstack(x: Tensor, /, *, axis: int = 0) -> tuple[Tensor, ...]:
    """Views of the parts of ``x`` along an axis, which is removed.

    Source: array API 2025.12, ``unstack``.

    >>> import ndgrad as nd
    >>> nd.unstack(nd.asarray([[1, 2], [3, 4]]), axis=1)
    (tensor([1, 3]), tensor([2, 4]))
    """
    axis = one_axis("unstack", axis, x.ndim)
    return tuple([getitem(x, at(axis, i)) for i in range(x.shape[axis])])
