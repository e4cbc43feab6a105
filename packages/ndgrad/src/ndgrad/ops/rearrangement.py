"""Manipulation functions beyond the standard's: splitting, padding, diagonals, under PyTorch's and NumPy's names."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from ndgrad.dispatch import apply, public
from ndgrad.ops.indexing import getitem
from ndgrad.ops.manipulation import (
    at,
    concat,
    expand_dims,
    flip,
    moveaxis,
    one_axis,
    permute_dims,
    remembered,
    reshape,
)  # fmt: skip
from ndgrad.ops.reductions import normalize_axes
from ndgrad.rows import Op
from ndgrad.tensor import Tensor

__all__ = [
    "atleast_1d", "atleast_2d", "atleast_3d", "atleast_nd", "chunk", "diagonal", "flatten", "hstack", "narrow", "pad",
    "ravel", "rot90", "split", "swapaxes", "tensor_split", "transpose", "vstack",
]  # fmt: skip

Widths = tuple[tuple[int, int], ...]
Mode = Literal[
    "constant", "edge", "reflect", "symmetric", "wrap", "replicate", "circular", "linear_ramp", "maximum", "minimum",
    "mean", "median", "empty",
]  # fmt: skip


# -- shapes ------------------------------------------------------------------------------------------------------------


def flatten(x: Tensor, /, start_axis: int = 0, end_axis: int = -1) -> Tensor:
    """``x`` with the axes from ``start_axis`` to ``end_axis`` joined into one: a view where memory allows it.

    Source: PyTorch, ``torch.flatten``.

    >>> import ndgrad as nd
    >>> nd.flatten(nd.zeros((2, 3, 4)), 1).shape
    (2, 12)
    """
    if not x.ndim:
        return reshape(x, (1,))
    start, end = one_axis("flatten", start_axis, x.ndim), one_axis("flatten", end_axis, x.ndim)
    if start > end:
        raise ValueError(f"flatten: start_axis {start_axis} lies behind end_axis {end_axis} in shape {x.shape}")
    return reshape(x, (*x.shape[:start], math.prod(x.shape[start : end + 1]), *x.shape[end + 1 :]))


def ravel(x: Tensor, /) -> Tensor:
    """``x`` with all axes joined into one. Source: NumPy and PyTorch, ``ravel``."""
    return reshape(x, (-1,))


def swapaxes(x: Tensor, axis1: int, axis2: int, /) -> Tensor:
    """A view of ``x`` with two axes exchanged. Source: NumPy and PyTorch, ``swapaxes``."""
    return permute_dims(x, _swapped(axis1, axis2, len(x._data.shape)))


@remembered
def _swapped(axis1: int, axis2: int, ndim: int) -> tuple[int, ...]:
    if not ndim and axis1 in (0, -1) and axis2 in (0, -1):
        return ()  # PyTorch takes a 0-d tensor for one of length 1
    order = list(range(ndim))
    i, j = one_axis("swapaxes", axis1, ndim), one_axis("swapaxes", axis2, ndim)
    order[i], order[j] = j, i
    return tuple(order)


def transpose(x: Tensor, /, *axes: Any) -> Tensor:
    """A view of ``x`` with two axes exchanged, or with all axes in the order given, reversed if none is.

    Source: PyTorch, ``torch.transpose(x, a, b)``; NumPy, ``numpy.transpose(x, axes)``.

    >>> import ndgrad as nd
    >>> x = nd.zeros((2, 3, 4))
    >>> nd.transpose(x, 0, 1).shape, nd.transpose(x).shape, nd.transpose(x, (1, 2, 0)).shape
    ((3, 2, 4), (4, 3, 2), (3, 4, 2))
    """
    if len(axes) == 2:
        return swapaxes(x, *axes)
    if len(axes) == 1 and not hasattr(axes[0], "__index__"):
        axes = tuple(range(x.ndim - 1, -1, -1) if axes[0] is None else axes[0])
    return permute_dims(x, axes or tuple(range(x.ndim - 1, -1, -1)))


def atleast_nd(x: Tensor, /, *, ndim: int) -> Tensor:
    """A view of ``x`` with axes of length one in front, so that it has at least ``ndim``.

    Source: array-api-extra, ``atleast_nd``.
    """
    return x if x.ndim >= ndim else reshape(x, (1,) * (ndim - x.ndim) + x.shape)


def atleast_1d(*arrays: Tensor) -> Any:
    """Tensors with at least one axis; one tensor for one. Source: NumPy and PyTorch, ``atleast_1d``."""
    return _each(arrays, lambda x: atleast_nd(x, ndim=1))


def atleast_2d(*arrays: Tensor) -> Any:
    """Tensors with at least two axes, new ones in front; one tensor for one. Source: NumPy, ``atleast_2d``."""
    return _each(arrays, lambda x: atleast_nd(x, ndim=2))


def atleast_3d(*arrays: Tensor) -> Any:
    """Tensors with at least three axes, (N,) as (1, N, 1) and (M, N) as (M, N, 1). Source: NumPy, ``atleast_3d``."""
    return _each(arrays, lambda x: expand_dims(atleast_nd(x, ndim=2), -1) if x.ndim < 3 else x)


def _each(arrays: tuple[Any, ...], function: Any) -> Any:
    if len(arrays) == 1 and isinstance(arrays[0], (list, tuple)):  # PyTorch takes them as one sequence too
        return tuple([function(x) for x in arrays[0]])
    return function(arrays[0]) if len(arrays) == 1 else tuple([function(x) for x in arrays])


# -- splitting and joining ---------------------------------------------------------------------------------------------


def narrow(x: Tensor, axis: int, start: int, length: int) -> Tensor:
    """A view of ``length`` entries of ``x`` along an axis, from ``start`` on.

    Raises:
        IndexError: they do not all exist.

    Source: PyTorch, ``torch.narrow``.
    """
    axis = one_axis("narrow", axis, x.ndim)
    n = x.shape[axis]
    first = start + n if start < 0 else start
    if not 0 <= first <= first + length <= n:
        raise IndexError(f"narrow: entries {start} to {start + length} of axis {axis}, which has length {n}")
    return getitem(x, at(axis, slice(first, first + length)))


def split(x: Tensor, split_size_or_sections: int | Sequence[int], /, axis: int = 0) -> tuple[Tensor, ...]:
    """Views of consecutive parts of ``x`` along an axis: of this length (the last may be shorter), or of these lengths.

    Raises:
        ValueError: the lengths do not add up to that of the axis.

    Source: PyTorch, ``torch.split``.

    >>> import ndgrad as nd
    >>> nd.split(nd.arange(5), 2)
    (tensor([0, 1]), tensor([2, 3]), tensor([4]))
    """
    axis = one_axis("split", axis, x.ndim)
    n = x.shape[axis]
    if hasattr(split_size_or_sections, "__index__"):
        size = operator.index(split_size_or_sections)
        if size <= 0:
            raise ValueError(f"split: the length of a part must be positive, got {size}")
        return _cut(x, axis, [*range(size, n, size)])
    lengths = [operator.index(m) for m in split_size_or_sections]
    if sum(lengths) != n or min(lengths, default=0) < 0:
        raise ValueError(f"split: the lengths {lengths} do not add up to {n}, the length of axis {axis}")
    return _cut(x, axis, [sum(lengths[:i]) for i in range(1, len(lengths))])


def chunk(x: Tensor, chunks: int, /, axis: int = 0) -> tuple[Tensor, ...]:
    """Views of at most ``chunks`` parts of ``x`` along an axis, equally long but for the last.

    Source: PyTorch, ``torch.chunk``.
    """
    n = x.shape[one_axis("chunk", axis, x.ndim)]
    if chunks <= 0:
        raise ValueError(f"chunk: the number of parts must be positive, got {chunks}")
    return split(x, max(1, -(-n // chunks)), axis=axis)


def tensor_split(x: Tensor, indices_or_sections: int | Sequence[int], /, axis: int = 0) -> tuple[Tensor, ...]:
    """Views of parts of ``x`` along an axis: so many, nearly equal ones, or cut at these indices.

    Source: PyTorch, ``torch.tensor_split``; NumPy, ``numpy.array_split``.

    >>> import ndgrad as nd
    >>> nd.tensor_split(nd.arange(5), 3)
    (tensor([0, 1]), tensor([2, 3]), tensor([4]))
    """
    axis = one_axis("tensor_split", axis, x.ndim)
    cuts: Any = indices_or_sections
    if not hasattr(cuts, "__index__") or (isinstance(cuts, Tensor) and cuts.ndim):
        return _cut(x, axis, [operator.index(i) for i in cuts])
    n, parts = x.shape[axis], operator.index(cuts)
    if parts <= 0:
        raise ValueError(f"tensor_split: the number of parts must be positive, got {parts}")
    return _cut(x, axis, [i * (n // parts) + min(i, n % parts) for i in range(1, parts)])


def _cut(x: Tensor, axis: int, places: list[int]) -> tuple[Tensor, ...]:
    bounds = zip([0, *places], [*places, x.shape[axis]], strict=True)
    return tuple([getitem(x, at(axis, slice(start, stop))) for start, stop in bounds])


def hstack(arrays: Sequence[Tensor], /) -> Tensor:
    """Tensors joined along their second axis, along the only one of vectors. Source: NumPy and PyTorch, ``hstack``."""
    tensors = [atleast_nd(x, ndim=1) for x in arrays]
    return concat(tensors, axis=0 if tensors and tensors[0].ndim == 1 else 1)


def vstack(arrays: Sequence[Tensor], /) -> Tensor:
    """Tensors joined along their first axis, vectors as rows. Source: NumPy and PyTorch, ``vstack``."""
    return concat([atleast_nd(x, ndim=2) for x in arrays], axis=0)


# -- diagonals and turns -----------------------------------------------------------------------------------------------


def embed_diagonal(g: Tensor, shape: tuple[int, ...], offset: int) -> Tensor:
    """Zeros of ``shape`` with ``g`` on a diagonal: neighbours on it lie a row and an element apart in memory."""
    from ndgrad.ops.creation import zeros

    *batch, rows, columns = shape
    length = g.shape[-1]
    if length == 0:
        return zeros(shape, dtype=g.dtype, device=g.device)
    spaced = pad(expand_dims(g, -1), [(0, 0)] * g.ndim + [(0, columns)])
    before = max(-offset, 0) * columns + max(offset, 0)
    flat = reshape(spaced, (*batch, length * (columns + 1)))
    flat = getitem(flat, (..., slice(0, min(length * (columns + 1), rows * columns - before))))
    after = rows * columns - before - flat.shape[-1]
    return reshape(pad(flat, [(0, 0)] * len(batch) + [(before, after)]), shape)


DIAGONAL = Op(
    "diagonal", view=True, linear=True, batch="leading", namespace="linalg.diagonal",
    vjp=lambda g, x_shape, offset: embed_diagonal(g, x_shape, offset),
    samples=lambda make: [((make(3, 4), o), {}) for o in (0, 1, -2, 5)] + [((make(2, 3, 3), 1, 0, 2), {})],
)  # fmt: skip


@public(DIAGONAL)
def diagonal(x: Tensor, /, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """A view of the diagonals of the matrices in two axes of ``x``; the diagonal is the last axis of the result.

    Args:
        x: a tensor of at least two axes.
        offset: how far above the main diagonal; below for a negative one.
        axis1: the axis of rows.
        axis2: the axis of columns.

    Source: PyTorch, ``torch.diagonal``; NumPy, ``numpy.diagonal``.

    >>> import ndgrad as nd
    >>> nd.diagonal(nd.asarray([[1, 2], [3, 4]]))
    tensor([1, 4])
    """
    rows, columns = normalize_axes("diagonal", (axis1, axis2), x.ndim)
    if (rows, columns) != (x.ndim - 2, x.ndim - 1):
        x = moveaxis(x, (rows, columns), (-2, -1))
    return apply(DIAGONAL, x, offset=offset)


def rot90(x: Tensor, /, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Tensor:
    """``x`` turned ``k`` times by 90 degrees, from the first of two axes towards the second.

    Source: NumPy and PyTorch, ``rot90``.

    >>> import ndgrad as nd
    >>> nd.rot90(nd.asarray([[1, 2], [3, 4]]))
    tensor([[2, 4],
            [1, 3]])
    """
    i, j = normalize_axes("rot90", tuple(axes), x.ndim)
    if k % 4 == 0:
        return flip(x, axis=())
    if k % 4 == 2:
        return flip(x, axis=(i, j))
    return swapaxes(flip(x, axis=j), i, j) if k % 4 == 1 else flip(swapaxes(x, i, j), axis=j)


# -- padding -----------------------------------------------------------------------------------------------------------


def _pad_by_concat(x: Tensor, widths: Widths, values: Any = None) -> Tensor:
    from ndgrad.ops.creation import full

    for axis, pair in enumerate(widths):
        if pair != (0, 0):
            around = [(*x.shape[:axis], width, *x.shape[axis + 1 :]) for width in pair]
            constants = (0, 0) if values is None else values[axis]
            filled = zip(around, constants, strict=True)
            before, after = [full(shape, value, dtype=x.dtype, device=x.device) for shape, value in filled]
            x = concat([before, x, after], axis=axis)
    return x


def _middle(g: Tensor, x_shape: tuple[int, ...], widths: Widths) -> Tensor:
    return getitem(g, tuple([slice(before, before + n) for n, (before, _) in zip(x_shape, widths, strict=True)]))


# Zeros around x.
PAD = Op(
    "pad", linear=True, namespace=None, decompose=_pad_by_concat, vjp=_middle,
    samples=lambda make: [((make(2, 3), ((1, 0), (2, 1))), {}), ((make(3), 1), {})],
)  # fmt: skip

# Which entries of an axis of length n stand before and after it, by position counted from -before to n + after - 1.
_MIRRORS = {
    "edge": lambda i, n: min(max(i, 0), n - 1),
    "wrap": lambda i, n: i % n,
    "reflect": lambda i, n: n - 1 - abs(i % max(2 * n - 2, 1) - (n - 1)),
    "symmetric": lambda i, n: min(i % (2 * n), 2 * n - 1 - i % (2 * n)),
}
_MODES = {"replicate": "edge", "circular": "wrap"}  # PyTorch's names


@public(PAD)
def pad(
    x: Tensor,
    /,
    pad_width: int | Sequence[Any] | Mapping[int, Any],
    mode: Mode = "constant",
    *,
    constant_values: Any = 0,
    end_values: Any = 0,
    stat_length: Any = None,
    reflect_type: Literal["even", "odd"] = "even",
) -> Tensor:
    """``x`` with entries added before and after it along its axes.

    Args:
        x: any tensor.
        pad_width: how many: one number, a pair (before, after) for all axes, or a pair for each axis; or a dict from
            axes to numbers or pairs.
        mode: what is added: "constant"; the entries of ``x`` at the edge ("edge", PyTorch's "replicate"), reflected
            ("reflect", "symmetric") or repeated ("wrap", PyTorch's "circular"); "linear_ramp"; "maximum", "minimum",
            "mean" or "median" of its entries; "empty", which says nothing.
        constant_values: the constant, also a pair, or a pair for each axis.
        end_values: where a "linear_ramp" ends, likewise.
        stat_length: of how many entries at the edge the "mean" and its kin are, likewise; by default of all.
        reflect_type: "odd" mirrors in the entry at the edge, subtracting from twice its value.

    Raises:
        ValueError: negative widths, an unknown mode, or pairs for another number of axes.

    Source: NumPy, ``numpy.pad``.

    >>> import ndgrad as nd
    >>> nd.pad(nd.asarray([1, 2, 3]), (2, 1), "reflect")
    tensor([3, 2, 1, 2, 3, 2])
    """
    widths = _widths(pad_width, x.ndim)
    mode = _MODES.get(mode, mode)  # type: ignore[assignment]
    if mode in ("constant", "empty"):
        if mode == "empty" or (isinstance(constant_values, (int, float)) and constant_values == 0):
            return apply(PAD, x, widths=widths)
        return _pad_by_concat(x, widths, _pairs("constant_values", constant_values, x.ndim))
    if mode in _MIRRORS and reflect_type == "even":
        return _pad_by_index(x, widths, mode)
    return _pad_by_values(x, widths, mode, end_values, stat_length)


def _pad_by_values(x: Tensor, widths: Widths, mode: str, end_values: Any, stat_length: Any) -> Tensor:
    from ndgrad.ops import padding

    if any(pair != (0, 0) and not n for pair, n in zip(widths, x.shape, strict=True)):
        raise ValueError(f"pad: mode {mode!r} needs entries along an axis, shape {x.shape} has none")
    if mode == "linear_ramp":
        return padding.ramp(x, widths, _pairs("end_values", end_values, x.ndim))
    if mode in padding.STATISTICS:
        lengths = None if stat_length is None else _pairs("stat_length", stat_length, x.ndim)
        if lengths is not None and any(min(pair) < 1 for pair in lengths):
            raise ValueError(f"pad: stat_length must be positive, got {stat_length!r}")
        return padding.statistic(x, widths, mode, lengths)
    if mode in ("reflect", "symmetric"):
        return padding.mirrored(x, widths, with_edge=mode == "symmetric")
    known = ["constant", *_MIRRORS, *_MODES, "linear_ramp", *padding.STATISTICS, "empty"]
    raise ValueError(f"pad: mode {mode!r} is not one of {', '.join(map(repr, known))}")


def _pairs(name: str, given: Any, ndim: int) -> tuple[tuple[Any, Any], ...]:
    """A pair (before, after) for each axis, from what stands for that: a number, a pair, or a row for each axis."""
    if not isinstance(given, (tuple, list)):
        return ((given, given),) * ndim
    rows = list(given)
    if len(rows) == 2 and not any(isinstance(row, (tuple, list)) for row in rows):
        rows = [tuple(rows)]
    pairs = [tuple(row) if isinstance(row, (tuple, list)) else (row,) for row in rows]
    pairs = [pair * 2 if len(pair) == 1 else pair for pair in pairs] * (ndim if len(pairs) == 1 else 1)
    if len(pairs) != ndim or any(len(pair) != 2 for pair in pairs):
        raise ValueError(
            f"pad: {name} {given!r} for {ndim} axes; give one number, a pair, or a pair for each axis, none negative"
        )
    return tuple(pairs)


def _widths(given: Any, ndim: int) -> Widths:
    if isinstance(given, Mapping):
        rows: list[Any] = [(0, 0)] * ndim
        for axis, row in given.items():
            rows[one_axis("pad", axis, ndim)] = row if isinstance(row, (tuple, list)) else (row, row)
        given = rows
    pairs = _pairs("pad_width", given.tolist() if hasattr(given, "tolist") else given, ndim)
    widths = tuple([(operator.index(before), operator.index(after)) for before, after in pairs])
    if any(min(pair) < 0 for pair in widths):
        raise ValueError(f"pad: pad_width must not be negative, got {given!r}")
    return widths


def _pad_by_index(x: Tensor, widths: Widths, mode: str) -> Tensor:
    from ndgrad.ops.conversion import asarray

    for axis, (before, after) in enumerate(widths):
        n = x.shape[axis]
        if before or after:
            if not n:
                raise ValueError(f"pad: mode {mode!r} needs entries along axis {axis}, shape {x.shape} has none")
            index = [_MIRRORS[mode](i, n) for i in range(-before, n + after)]
            x = getitem(x, at(axis, asarray(index, device=x.device)))
    return x
