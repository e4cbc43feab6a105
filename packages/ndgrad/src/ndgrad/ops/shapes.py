"""More ways to split, join and lay out tensors, under PyTorch's and NumPy's names."""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Sequence
from typing import Any

from ndgrad.ops.creation import diag, meshgrid
from ndgrad.ops.indexing import getitem
from ndgrad.ops.manipulation import (
    at,
    broadcast_arrays,
    concat,
    flip,
    moveaxis,
    one_axis,
    repeat,
    reshape,
    stack,
)  # fmt: skip
from ndgrad.ops.rearrangement import atleast_3d, embed_diagonal, tensor_split
from ndgrad.ops.reductions import normalize_axes
from ndgrad.tensor import Tensor

__all__ = [
    "block_diag", "broadcast_tensors", "cartesian_prod", "column_stack", "combinations", "diag_embed", "diagflat",
    "dsplit", "dstack", "fliplr", "flipud", "hsplit", "repeat_interleave", "select", "unflatten", "vsplit",
]  # fmt: skip


def _given(arrays: tuple[Any, ...]) -> tuple[Tensor, ...]:
    """Tensors as separate arguments or as one sequence."""
    return tuple(arrays[0]) if len(arrays) == 1 and isinstance(arrays[0], (list, tuple)) else arrays


def unflatten(x: Tensor, /, axis: int, sizes: Sequence[int]) -> Tensor:
    """``x`` with one axis laid out over several, of these lengths; one may be -1. Source: PyTorch, ``unflatten``.

    >>> import ndgrad as nd
    >>> nd.unflatten(nd.zeros((2, 6)), 1, (3, -1)).shape
    (2, 3, 2)
    """
    axis = one_axis("unflatten", axis, x.ndim)
    sizes, n = tuple(sizes), x.shape[axis]
    known = math.prod(m for m in sizes if m != -1)
    filled = tuple(n // max(known, 1) if m == -1 else m for m in sizes)
    if math.prod(filled) != n:
        raise ValueError(f"unflatten: lengths {sizes} do not make up the {n} entries of axis {axis}")
    return reshape(x, (*x.shape[:axis], *filled, *x.shape[axis + 1 :]))


def select(x: Tensor, /, axis: int, index: int) -> Tensor:
    """A view of ``x`` at one place of an axis, without the axis. Source: PyTorch, ``select``."""
    return getitem(x, at(one_axis("select", axis, x.ndim), operator.index(index)))


def broadcast_tensors(*arrays: Any) -> tuple[Tensor, ...]:
    """:func:`broadcast_arrays`, which takes one sequence too. Source: PyTorch, ``broadcast_tensors``."""
    return broadcast_arrays(*_given(arrays))


def repeat_interleave(
    x: Tensor, /, repeats: Any, axis: int | None = None, *, output_size: int | None = None
) -> Tensor:
    """The standard's :func:`repeat` under PyTorch's name."""
    return repeat(x, repeats, axis=axis)


# -- splitting and joining ---------------------------------------------------------------------------------------------


def _split_along(name: str, x: Tensor, parts: int | Sequence[int], axis: int) -> tuple[Tensor, ...]:
    if x.ndim <= axis:
        raise ValueError(f"{name} takes a tensor of at least {axis + 1} axes, got shape {x.shape}")
    if isinstance(parts, int) and (parts < 1 or x.shape[axis] % parts):
        raise ValueError(f"{name}: the {x.shape[axis]} entries of axis {axis} do not divide into {parts} equal parts")
    return tensor_split(x, parts, axis=axis)


def hsplit(x: Tensor, indices_or_sections: int | Sequence[int], /) -> tuple[Tensor, ...]:
    """Views of equal parts along the second axis (or the only one), or cut there. Source: NumPy and PyTorch."""
    return _split_along("hsplit", x, indices_or_sections, 0 if x.ndim == 1 else 1)


def vsplit(x: Tensor, indices_or_sections: int | Sequence[int], /) -> tuple[Tensor, ...]:
    """Views of equal parts along the first of two axes or more, or cut there. Source: NumPy and PyTorch."""
    if x.ndim < 2:
        raise ValueError(f"vsplit takes a tensor of at least 2 axes, got shape {x.shape}")
    return _split_along("vsplit", x, indices_or_sections, 0)


def dsplit(x: Tensor, indices_or_sections: int | Sequence[int], /) -> tuple[Tensor, ...]:
    """Views of equal parts along the third axis, or cut there. Source: NumPy and PyTorch, ``dsplit``."""
    return _split_along("dsplit", x, indices_or_sections, 2)


def dstack(arrays: Sequence[Tensor], /) -> Tensor:
    """Tensors joined along their third axis. Source: NumPy and PyTorch, ``dstack``."""
    return concat([atleast_3d(x) for x in arrays], axis=2)


def column_stack(arrays: Sequence[Tensor], /) -> Tensor:
    """Vectors as columns, matrices as they are, joined along the second axis. Source: NumPy and PyTorch."""
    return concat([reshape(x, (-1, 1)) if x.ndim < 2 else x for x in arrays], axis=1)


def block_diag(*arrays: Any) -> Tensor:
    """The matrix with these matrices along its diagonal, zeros elsewhere. Source: PyTorch, ``block_diag``."""
    from ndgrad.ops.rearrangement import atleast_2d, pad

    blocks = [atleast_2d(x) for x in _given(arrays)]
    width, before, rows = sum(x.shape[1] for x in blocks), 0, []
    for x in blocks:
        rows.append(pad(x, ((0, 0), (before, width - before - x.shape[1]))))
        before += x.shape[1]
    return concat(rows, axis=0)


# -- products of sets --------------------------------------------------------------------------------------------------


def cartesian_prod(*arrays: Any) -> Tensor:
    """All combinations of one element of each vector, in rows. Source: PyTorch, ``cartesian_prod``.

    >>> import ndgrad as nd
    >>> nd.cartesian_prod(nd.asarray([1, 2]), nd.asarray([3, 4]))
    tensor([[1, 3],
            [1, 4],
            [2, 3],
            [2, 4]])
    """
    vectors = _given(arrays)
    if len(vectors) == 1:
        return vectors[0]
    return reshape(stack(meshgrid(*vectors, indexing="ij"), axis=-1), (-1, len(vectors)))


def combinations(x: Tensor, /, r: int = 2, with_replacement: bool = False) -> Tensor:
    """All combinations of ``r`` elements of a vector, in rows. Source: PyTorch, ``combinations``."""
    from ndgrad.ops.conversion import asarray
    from ndgrad.ops.creation import zeros

    if not r:
        return zeros((0,), dtype=x.dtype, device=x.device)
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    places = list(choose(range(x.shape[0]), r))
    index = asarray(places, device=x.device) if places else zeros((0, r), dtype="int64", device=x.device)
    return getitem(x, index)


# -- diagonals and turns -----------------------------------------------------------------------------------------------


def diag_embed(x: Tensor, /, offset: int = 0, axis1: int = -2, axis2: int = -1) -> Tensor:
    """Matrices in two axes of the result, with the last axis of ``x`` on a diagonal. Source: PyTorch."""
    n = x.shape[-1] + abs(offset)
    rows, columns = normalize_axes("diag_embed", (axis1, axis2), x.ndim + 1)
    return moveaxis(embed_diagonal(x, (*x.shape[:-1], n, n), offset), (-2, -1), (rows, columns))


def diagflat(x: Tensor, /, offset: int = 0) -> Tensor:
    """The matrix with the flattened ``x`` on a diagonal. Source: NumPy and PyTorch, ``diagflat``."""
    return diag(reshape(x, (-1,)), offset)


def fliplr(x: Tensor, /) -> Tensor:
    """A copy with the second axis in reverse order. Source: NumPy and PyTorch, ``fliplr``."""
    return flip(x, axis=1)


def flipud(x: Tensor, /) -> Tensor:
    """A copy with the first axis in reverse order. Source: NumPy and PyTorch, ``flipud``."""
    return flip(x, axis=0)
