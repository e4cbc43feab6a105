"""Averages, percentiles, histograms of several variables, and sets of two tensors: NumPy's and PyTorch's names."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from ndgrad.dispatch import astype
from ndgrad.dtypes import get_default_dtype, int64
from ndgrad.ops.conversion import asarray
from ndgrad.ops.creation import linspace, zeros
from ndgrad.ops.gathering import scatter_add_flat
from ndgrad.ops.manipulation import (
    broadcast_arrays,
    broadcast_to,
    concat,
    moveaxis,
    one_axis,
    permute_dims,
    reshape,
    stack,
)  # fmt: skip
from ndgrad.ops.reductions import Axis, all, any, max, mean, min, normalize_axes, sum
from ndgrad.ops.searching import searchsorted, where
from ndgrad.ops.sets import isin, unique_values
from ndgrad.ops.sorting import argsort, sort
from ndgrad.ops.statistics import nanquantile, quantile
from ndgrad.tensor import Tensor

__all__ = [
    "apply_along_axis", "apply_over_axes", "array_equiv", "average", "histogram2d", "histogram_bin_edges",
    "histogramdd", "intersect1d", "nanpercentile", "percentile", "ptp", "setdiff1d", "setxor1d", "union1d",
]  # fmt: skip


# -- averages and percentiles ------------------------------------------------------------------------------------------


def average(
    x: Tensor, /, axis: Axis = None, weights: Tensor | None = None, returned: bool = False, *, keepdims: bool = False
) -> Any:
    """The mean over axes, in which each element counts by its weight; with ``returned``, also the sum of the weights.

    ``weights`` have the shape of ``x``, or that of the axes averaged over.

    Raises:
        ValueError: weights of another shape.
        ZeroDivisionError: weights that add up to 0.

    Source: NumPy, ``average``.

    >>> import ndgrad as nd
    >>> nd.average(nd.asarray([1.0, 3.0]), weights=nd.asarray([3.0, 1.0]))
    tensor(1.5000)
    """
    if weights is None:
        found = mean(x, axis=axis, keepdims=keepdims)
        count = asarray(x.size // (found.size or 1), dtype=found.dtype, device=x.device)
        return (found, broadcast_to(count, found.shape)) if returned else found
    axes = normalize_axes("average", axis, x.ndim)
    if weights.shape != x.shape:
        if axis is None or weights.shape != tuple(x.shape[a] for a in axes):
            raise ValueError(
                f"average: weights of shape {weights.shape} do not fit x of shape {x.shape} and axis={axis}; they have "
                "the shape of x, or that of the axes averaged over"
            )
        order = sorted(range(len(axes)), key=axes.__getitem__)
        lengths = tuple(n if i in axes else 1 for i, n in enumerate(x.shape))
        weights = reshape(permute_dims(weights, tuple(order)), lengths)
    weights = broadcast_to(weights, x.shape)
    total = sum(weights, axis=axis, keepdims=keepdims)
    if not total.backend.level and bool(any(total == 0)):
        raise ZeroDivisionError(f"average: the weights along axis {axis} add up to 0")
    found = sum(x * weights, axis=axis, keepdims=keepdims) / total
    return (found, total) if returned else found


def ptp(x: Tensor, /, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The largest element less the smallest. Source: NumPy, ``ptp``."""
    return max(x, axis=axis, keepdims=keepdims) - min(x, axis=axis, keepdims=keepdims)


def percentile(x: Tensor, /, q: Any, axis: Axis = None, *, method: Any = "linear", keepdims: bool = False) -> Tensor:
    """:func:`quantile` of ``q`` in percent. Source: NumPy, ``percentile``."""
    return quantile(x, _percent(q, x), axis, keepdims, method=method)


def nanpercentile(x: Tensor, /, q: Any, axis: Axis = None, *, method: Any = "linear", keepdims: bool = False) -> Tensor:
    """:func:`nanquantile` of ``q`` in percent. Source: NumPy, ``nanpercentile``."""
    return nanquantile(x, _percent(q, x), axis, keepdims, method=method)


def _percent(q: Any, x: Tensor) -> Any:
    if isinstance(q, (list, tuple)):
        q = asarray(q, dtype=x.dtype if x.dtype.is_floating else get_default_dtype(), device=x.device)
    return q / 100


# -- histograms --------------------------------------------------------------------------------------------------------


def histogram_bin_edges(x: Tensor, /, bins: Any = 10, range: Any = None) -> Tensor:
    """The edges of the bins that ``histogram`` would count in. Source: NumPy, ``histogram_bin_edges``."""
    if not hasattr(bins, "__index__") or getattr(bins, "ndim", None):
        return bins if isinstance(bins, Tensor) else asarray(bins, device=x.device)
    low, high = _bounds(x, range)
    dtype = x.dtype if x.dtype.is_floating else get_default_dtype()
    return linspace(low, high, int(bins) + 1, dtype=dtype, device=x.device)


def _bounds(x: Tensor, range: Any) -> tuple[float, float]:
    low, high = range if range is not None else (float(min(x)), float(max(x))) if x.size else (0.0, 1.0)
    if low > high:
        raise ValueError(f"histogram: the range {(low, high)} ends before it begins")
    return (low - 0.5, high + 0.5) if low == high else (low, high)


class HistogramDD(NamedTuple):
    """Results of :func:`histogramdd`."""

    hist: Tensor
    bin_edges: tuple[Tensor, ...]


def histogramdd(
    x: Tensor, /, bins: Any = 10, range: Any = None, weight: Tensor | None = None, density: bool = False, *,
    weights: Tensor | None = None,
) -> HistogramDD:  # fmt: skip
    """Counts, or sums of weights, of points (..., D) in a grid of bins, and the edges of the bins along each axis.

    ``bins`` is a number, one for each axis, or a vector of edges for each; ``range`` the outer edges, as pairs or
    one after the other. The last bin of each axis holds its outer edge.

    Raises:
        ValueError: bins or ranges for another number of axes.

    Source: PyTorch and NumPy, ``histogramdd``.
    """
    points = reshape(x, (-1, x.shape[-1])).detach()
    n, axes = points.shape
    weight = weights if weight is None else weight
    per_axis = [bins] * axes if hasattr(bins, "__index__") and not getattr(bins, "ndim", 0) else list(bins)
    if range is not None and axes and not isinstance(range[0], (tuple, list)):
        range = [range[2 * i : 2 * i + 2] for i in _counting(axes)]
    if len(per_axis) != axes or (range is not None and len(range) != axes):
        raise ValueError(
            f"histogramdd: {bins!r} bins and the range {range!r} are for another number of axes than {axes}"
        )
    edges, place, inside = [], zeros(n, dtype=int64, device=x.device), zeros(n, dtype=int64, device=x.device) == 0
    for i in _counting(axes):
        column = points[:, i]
        edge = histogram_bin_edges(column, per_axis[i], None if range is None else range[i])
        edge = astype(edge, points.dtype if points.dtype.is_floating else edge.dtype)
        at_edge = searchsorted(edge, astype(column, edge.dtype), side="right") - 1
        count = edge.shape[0] - 1
        at_edge = where(column == edge[-1], count - 1, at_edge)
        inside = inside & (at_edge >= 0) & (at_edge < count)
        place = place * count + at_edge
        edges.append(edge)
    shape = tuple(e.shape[0] - 1 for e in edges)
    dtype = points.dtype if points.dtype.is_floating else get_default_dtype()
    value = (points[:, 0] * 0 + 1 if weight is None else reshape(weight, (-1,))).detach()
    total = scatter_add_flat(math.prod(shape), where(inside, place, 0), where(inside, astype(value, dtype), 0))
    hist = reshape(total, shape)
    if density:
        hist = hist / sum(hist)
        for i, edge in enumerate(edges):
            hist = hist / reshape(edge[1:] - edge[:-1], (-1,) + (1,) * (axes - 1 - i))
    return HistogramDD(hist, tuple(edges))


_counting = range


def histogram2d(
    x: Tensor, y: Tensor, /, bins: Any = 10, range: Any = None, density: bool = False, weights: Tensor | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """Counts of pairs in a grid, and the edges along both axes. Source: NumPy, ``histogram2d``."""
    if not hasattr(bins, "__index__") and not (isinstance(bins, (list, tuple)) and len(bins) == 2):
        bins = (bins, bins)
    hist, (xedges, yedges) = histogramdd(stack([x, y], axis=-1), bins, range, weights, density)
    return hist, xedges, yedges


# -- functions along axes ----------------------------------------------------------------------------------------------


def apply_along_axis(function: Callable[..., Any], axis: int, x: Tensor, /, *args: Any, **kwargs: Any) -> Tensor:
    """``function`` of each vector along an axis, whose place its results take. Source: NumPy, ``apply_along_axis``."""
    axis = one_axis("apply_along_axis", axis, x.ndim)
    lines = moveaxis(x, axis, -1)
    flat = reshape(lines, (-1, x.shape[axis]))
    found = [function(flat[i], *args, **kwargs) for i in _counting(flat.shape[0])]
    if not found:
        raise ValueError(f"apply_along_axis: there is no vector along axis {axis} of shape {x.shape}")
    out = stack([y if isinstance(y, Tensor) else asarray(y, device=x.device) for y in found])
    out = reshape(out, (*lines.shape[:-1], *out.shape[1:]))
    rest = out.ndim - (x.ndim - 1)
    return moveaxis(out, tuple(_counting(x.ndim - 1, out.ndim)), tuple(_counting(axis, axis + rest))) if rest else out


def apply_over_axes(function: Callable[..., Tensor], x: Tensor, axes: Any, /) -> Tensor:
    """A reduction ``function(x, axis)`` over one axis after the other, which stay with length 1. Source: NumPy."""
    for axis in (axes,) if hasattr(axes, "__index__") else axes:
        axis = one_axis("apply_over_axes", axis, x.ndim)
        found = function(x, axis)
        x = found if found.ndim == x.ndim else reshape(found, (*x.shape[:axis], 1, *x.shape[axis + 1 :]))
    return x


# -- sets of two -------------------------------------------------------------------------------------------------------


def _flat(x: Any) -> Tensor:
    return reshape(x if isinstance(x, Tensor) else asarray(x), (-1,))


def union1d(x1: Tensor, x2: Tensor, /) -> Tensor:
    """The elements of either, sorted, each once. Source: NumPy, ``union1d``."""
    return unique_values(concat([_flat(x1), _flat(x2)]))


def intersect1d(x1: Tensor, x2: Tensor, /, assume_unique: bool = False, return_indices: bool = False) -> Any:
    """The elements of both, sorted, each once; with ``return_indices``, also where each first stands in either.

    Source: NumPy, ``intersect1d``.
    """
    a, b = _flat(x1), _flat(x2)
    found = unique_values(a)
    found = found[isin(found, b)]
    if not return_indices:
        return found
    places = []
    for x in (a, b):
        order = argsort(x, stable=True)
        places.append(order[searchsorted(x[order], found)])
    return found, places[0], places[1]


def setdiff1d(x1: Tensor, x2: Tensor, /, assume_unique: bool = False) -> Tensor:
    """The elements of the first that the second does not have, sorted, each once. Source: NumPy, ``setdiff1d``."""
    found = _flat(x1) if assume_unique else unique_values(_flat(x1))
    return found[isin(found, _flat(x2), invert=True)]


def setxor1d(x1: Tensor, x2: Tensor, /, assume_unique: bool = False) -> Tensor:
    """The elements of one of the two, sorted, each once. Source: NumPy, ``setxor1d``."""
    return sort(concat([setdiff1d(x1, x2), setdiff1d(x2, x1)]))


def array_equiv(x1: Tensor, x2: Tensor, /) -> bool:
    """Whether two tensors are equal when one is broadcast to the other. Source: NumPy, ``array_equiv``."""
    try:
        a, b = broadcast_arrays(x1, x2)
    except ValueError:
        return False
    return bool(all(a == b))
