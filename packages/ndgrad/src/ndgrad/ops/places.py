"""Indices and the arrays that hold them, and where elements stand: NumPy's and PyTorch's names."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Sequence
from typing import Any

from ndgrad.dispatch import astype
from ndgrad.dtypes import get_default_dtype, int64
from ndgrad.ops.conversion import asarray
from ndgrad.ops.creation import arange, eye, full, linspace, ones, tril, triu, zeros
from ndgrad.ops.elementwise import exp, floor_divide, isnan, remainder
from ndgrad.ops.gathering import take_along_axis
from ndgrad.ops.manipulation import broadcast_to, concat, flip, one_axis, reshape, stack
from ndgrad.ops.reductions import all, any
from ndgrad.ops.searching import argmax, argmin, nonzero, searchsorted, where
from ndgrad.ops.sorting import argsort, sort
from ndgrad.tensor import Tensor

__all__ = [
    "argpartition", "diag_indices", "diag_indices_from", "digitize", "flatnonzero", "fromfunction", "geomspace",
    "identity", "indices", "ix_", "lexsort", "mask_indices", "nanargmax", "nanargmin", "nonzero_static", "partition",
    "ravel_multi_index", "tri", "tril_indices_from", "triu_indices_from", "unravel_index",
]  # fmt: skip


# -- flat places and coordinates ---------------------------------------------------------------------------------------


def unravel_index(indices: Tensor, shape: Any, /) -> tuple[Tensor, ...]:
    """The coordinates, one tensor per axis, of places counted in row-major order. Source: NumPy and PyTorch.

    Raises:
        ValueError: a place that a tensor of this shape does not have.

    >>> import ndgrad as nd
    >>> nd.unravel_index(nd.asarray([5, 1]), (2, 3))
    (tensor([1, 0]), tensor([2, 1]))
    """
    lengths = (shape,) if hasattr(shape, "__index__") and not getattr(shape, "ndim", 0) else tuple(map(int, shape))
    place = indices if isinstance(indices, Tensor) else asarray(indices)
    if not place.dtype.is_integral:
        raise TypeError(f"unravel_index takes integers, got {place.dtype.name}; write x.to(nd.int64)")
    place, size = astype(place, int64), math.prod(lengths)
    if place.size and not place.backend.level and not bool(all((place >= -size) & (place < size))):
        raise ValueError(f"unravel_index: a place in {place.tolist()} is out of range for shape {lengths}")
    place = where(place < 0, place + size, place)
    found: list[Tensor] = []
    for n in reversed(lengths):
        found.insert(0, remainder(place, n if n > 1 else 1))
        place = floor_divide(place, n if n > 1 else 1)
    return tuple(found)


def ravel_multi_index(multi_index: Sequence[Any], dims: Sequence[int], /, mode: str = "raise") -> Tensor:
    """The places, counted in row-major order, of coordinates given as one tensor per axis.

    ``mode``: coordinates out of range raise, or are taken modulo the length ("wrap"), or cut off ("clip").

    Raises:
        TypeError: a coordinate is no integer.
        ValueError: a coordinate is out of range, or ``mode`` is unknown.

    Source: NumPy, ``ravel_multi_index``.

    >>> import ndgrad as nd
    >>> nd.ravel_multi_index((nd.asarray([1, 0]), nd.asarray([2, 1])), (2, 3))
    tensor([5, 1])
    """
    if mode not in ("raise", "wrap", "clip"):
        raise ValueError(f"ravel_multi_index: mode is 'raise', 'wrap' or 'clip', got {mode!r}")
    total: Any = 0
    for coordinate, n in zip(multi_index, dims, strict=True):
        i = coordinate if isinstance(coordinate, Tensor) else asarray(coordinate)
        if not i.dtype.is_integral:
            raise TypeError(f"ravel_multi_index: coordinates are integers, got {i.dtype.name}")
        i = astype(i, int64)  # places need not fit into the dtype of coordinates
        if mode == "wrap":
            i = remainder(i, n)
        elif mode == "clip":
            i = where(i < 0, 0, where(i > n - 1, n - 1, i))
        elif i.size and not bool(all((i >= 0) & (i < n))):
            raise ValueError(f"ravel_multi_index: a coordinate in {i.tolist()} is out of range for length {n}")
        total = total * n + i
    return total


def flatnonzero(x: Tensor, /) -> Tensor:
    """The places of the elements that are not 0, counted in row-major order. Source: NumPy, ``flatnonzero``."""
    return nonzero(reshape(x, (-1,)))[0]


def nonzero_static(x: Tensor, /, *, size: int, fill_value: int = -1) -> Tensor:
    """The coordinates of the first ``size`` elements that are not 0, in rows; rows of ``fill_value`` if there are less.

    Source: PyTorch, ``nonzero_static``.
    """
    found = stack(nonzero(x), axis=1) if x.ndim else zeros((int(bool(x)), 0), dtype=int64, device=x.device)
    missing = size - found.shape[0]
    if missing <= 0:
        return found[:size]
    return concat([found, full((missing, x.ndim), fill_value, dtype=int64, device=x.device)])


def ix_(*vectors: Any) -> tuple[Tensor, ...]:
    """Vectors laid along axes of their own, so that together they index a grid. Source: NumPy, ``ix_``."""
    found = []
    for i, vector in enumerate(vectors):
        v = vector if isinstance(vector, Tensor) else asarray(vector)
        if v.ndim != 1:
            raise ValueError(f"ix_ takes vectors, got shape {v.shape}")
        v = nonzero(v)[0] if v.dtype.kind == "bool" else v
        found.append(reshape(v, (1,) * i + (-1,) + (1,) * (len(vectors) - 1 - i)))
    return tuple(found)


def indices(dimensions: Sequence[int], /, dtype: Any = int64, *, device: Any = None) -> Tensor:
    """The coordinates of all places of a shape: (axes, *shape). Source: NumPy, ``indices``."""
    shape = tuple(dimensions)
    axes = [
        broadcast_to(reshape(arange(n, dtype=dtype, device=device), (n,) + (1,) * (len(shape) - 1 - i)), shape)
        for i, n in enumerate(shape)
    ]
    return stack(axes) if axes else zeros((0,), dtype=dtype, device=device)


def fromfunction(function: Callable[..., Any], shape: Sequence[int], /, *, dtype: Any = None, **kwargs: Any) -> Any:
    """What ``function`` returns for the coordinates of all places of a shape. Source: NumPy, ``fromfunction``."""
    grid = indices(shape, get_default_dtype() if dtype is None else dtype)
    return function(*[grid[i] for i in range(len(tuple(shape)))], **kwargs)


def diag_indices(n: int, ndim: int = 2) -> tuple[Tensor, ...]:
    """The coordinates of the main diagonal of a tensor of ``ndim`` axes of length ``n``. Source: NumPy."""
    return (arange(n),) * ndim


def diag_indices_from(x: Tensor, /) -> tuple[Tensor, ...]:
    """:func:`diag_indices` for ``x``, whose axes are equally long. Source: NumPy, ``diag_indices_from``."""
    if x.ndim < 2 or len(set(x.shape)) != 1:
        raise ValueError(f"diag_indices_from takes a tensor of two or more axes of one length, got shape {x.shape}")
    return (arange(x.shape[0], device=x.device),) * x.ndim


def tri(N: int, M: int | None = None, k: int = 0, *, dtype: Any = None, device: Any = None) -> Tensor:
    """Ones on and below a diagonal, zeros above. Source: NumPy, ``tri``."""
    return tril(ones((N, N if M is None else M), dtype=dtype, device=device), k=k)


def _of_triangle(triangle: Tensor) -> tuple[Tensor, ...]:
    return nonzero(triangle)


def tril_indices_from(x: Tensor, /, k: int = 0) -> tuple[Tensor, ...]:
    """The coordinates of the elements on and below a diagonal of a matrix. Source: NumPy, ``tril_indices_from``."""
    return _of_triangle(tril(ones(x.shape, dtype="bool", device=x.device), k=k))


def triu_indices_from(x: Tensor, /, k: int = 0) -> tuple[Tensor, ...]:
    """The coordinates of the elements on and above a diagonal of a matrix. Source: NumPy, ``triu_indices_from``."""
    return _of_triangle(triu(ones(x.shape, dtype="bool", device=x.device), k=k))


def mask_indices(n: int, mask_func: Callable[..., Tensor], k: Any = 0) -> tuple[Tensor, ...]:
    """The coordinates of what ``mask_func`` leaves of a square matrix of ones, as ``nd.triu``. Source: NumPy."""
    return nonzero(mask_func(ones((n, n), dtype=int64), k=k) != 0)


def identity(n: int, dtype: Any = None, *, device: Any = None) -> Tensor:
    """The identity matrix. Source: NumPy, ``identity``."""
    return eye(n, dtype=dtype, device=device)


def geomspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, *, dtype: Any = None, device: Any = None
) -> Tensor:
    """``num`` numbers from ``start`` to ``stop``, each the same factor times the one before. Source: NumPy.

    Raises:
        ValueError: one of the ends is 0.
    """
    if start == 0 or stop == 0:
        raise ValueError(f"geomspace: a factor leads neither to nor from 0, got start={start}, stop={stop}")
    ratio = complex(stop) / complex(start)
    if not isinstance(start, complex) and not isinstance(stop, complex) and ratio.real > 0:
        powers = linspace(0.0, math.log(ratio.real), num, endpoint=endpoint, dtype=dtype, device=device)
    else:
        powers = linspace(0.0, cmath.log(ratio), num, endpoint=endpoint, dtype=dtype, device=device)
    return exp(powers) * start


# -- order -------------------------------------------------------------------------------------------------------------


def argpartition(x: Tensor, kth: Any, /, axis: int | None = -1) -> Tensor:
    """The order in which the ``kth`` entry of an axis stands where sorting puts it: that of sorting. Source: NumPy."""
    x, axis = _checked_kth("argpartition", x, kth, axis)
    return argsort(x, axis=axis)


def partition(x: Tensor, kth: Any, /, axis: int | None = -1) -> Tensor:
    """``x`` with the ``kth`` entry of an axis where sorting puts it, here sorted. Source: NumPy, ``partition``."""
    x, axis = _checked_kth("partition", x, kth, axis)
    return sort(x, axis=axis)


def _checked_kth(name: str, x: Tensor, kth: Any, axis: int | None) -> tuple[Tensor, int]:
    """``x``, flattened without an axis, and the axis, which has all the entries ``kth``."""
    if axis is None:
        x, axis = reshape(x, (-1,)), -1
    n = x.shape[one_axis(name, axis, x.ndim)]
    for k in kth if isinstance(kth, (list, tuple)) else (kth,):
        if not -n <= int(k) < n:
            raise ValueError(f"{name}: kth is {int(k)}, and the axis has {n} entries")
    return x, axis


def lexsort(keys: Any, /, axis: int = -1) -> Tensor:
    """The order that sorts by the last key, equal ones by the key before it, and so on. Source: NumPy, ``lexsort``.

    >>> import ndgrad as nd
    >>> nd.lexsort((nd.asarray([2, 1, 1]), nd.asarray([0, 1, 0])))
    tensor([2, 0, 1])
    """
    first, *others = [keys[i] for i in range(keys.shape[0])] if isinstance(keys, Tensor) else list(keys)
    order = argsort(first, axis=axis, stable=True)
    for key in others:
        order = take_along_axis(
            order, argsort(take_along_axis(key, order, axis=axis), axis=axis, stable=True), axis=axis
        )
    return order


def digitize(x: Tensor, bins: Tensor, /, right: bool = False) -> Tensor:
    """Which bin each element falls into, 0 before the first edge. ``bins`` rise or fall. Source: NumPy."""
    if bins.ndim != 1:
        raise ValueError(f"digitize: bins is a vector, got shape {bins.shape}")
    side: Any = "left" if right else "right"
    if bins.size > 1 and bool(bins[0] > bins[-1]):
        other: Any = "right" if right else "left"
        return bins.shape[0] - searchsorted(flip(bins, axis=0), x, side=other)
    return searchsorted(bins, x, side=side)


def _place_without_nan(name: str, find: Any, x: Tensor, instead: float, axis: int | None, keepdims: bool) -> Tensor:
    gone = isnan(x)
    if x.size and not x.backend.level and bool(any(all(gone, axis=axis))):
        raise ValueError(f"{name}: all elements of a slice of shape {x.shape} along axis {axis} are NaN")
    return find(where(gone, instead, x), axis=axis, keepdims=keepdims)


def nanargmax(x: Tensor, /, *, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """:func:`argmax` that passes over NaN. Source: NumPy, ``nanargmax``.

    Raises:
        ValueError: there is nothing but NaN.
    """
    return _place_without_nan("nanargmax", argmax, x, -math.inf, axis, keepdims)


def nanargmin(x: Tensor, /, *, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """:func:`argmin` that passes over NaN. Source: NumPy, ``nanargmin``.

    Raises:
        ValueError: there is nothing but NaN.
    """
    return _place_without_nan("nanargmin", argmin, x, math.inf, axis, keepdims)
