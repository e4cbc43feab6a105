"""Order statistics, counts and covariances, as NumPy defines them: callers look for its names and answers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final, Literal, NamedTuple

from ndgrad.dispatch import astype, not_a_tensor
from ndgrad.dtypes import float64, get_default_dtype, int64
from ndgrad.ops.conversion import asarray
from ndgrad.ops.creation import linspace, ones_like
from ndgrad.ops.elementwise import ceil, conj, floor, isinf, isnan, real, remainder, round, sqrt
from ndgrad.ops.gathering import scatter_add_flat, take, take_along_axis
from ndgrad.ops.manipulation import broadcast_to, expand_dims, moveaxis, permute_dims, reshape
from ndgrad.ops.reductions import Axis, any, max, mean, min, normalize_axes, std, sum, var
from ndgrad.ops.searching import SEARCHSORTED, searchsorted, where
from ndgrad.ops.sorting import sort
from ndgrad.plugins import manager
from ndgrad.tensor import Tensor

__all__ = [
    "bincount", "bucketize", "corrcoef", "cov", "histc", "histogram", "median", "nanmedian", "nanquantile", "quantile",
    "std_mean", "var_mean",
]  # fmt: skip

Method = Literal[
    "linear", "lower", "higher", "midpoint", "nearest", "hazen", "weibull", "median_unbiased", "normal_unbiased",
    "interpolated_inverted_cdf", "inverted_cdf", "averaged_inverted_cdf", "closest_observation",
]  # fmt: skip

# Methods that interpolate at position  q (n + 1 - a - b) + a - 1  of the sorted elements. R. J. Hyndman and Y. Fan,
# "Sample quantiles in statistical packages", The American Statistician 50 (1996), 361-365.
_PLOTTING: Final[dict[str, tuple[float, float]]] = {
    "linear": (1, 1), "hazen": (0.5, 0.5), "weibull": (0, 0), "median_unbiased": (1 / 3, 1 / 3),
    "normal_unbiased": (3 / 8, 3 / 8), "interpolated_inverted_cdf": (0, 1), "inverted_cdf": (0, 1),
    "averaged_inverted_cdf": (0, 1), "closest_observation": (0, 1),
}  # fmt: skip


def _closest(at: Tensor) -> Tensor:
    """The even one (counted from 1) of two elements equally close."""
    below = floor(at - 0.5)
    return where((at - 0.5 == below) & (remainder(below, 2) == 1), below, below + 1)


# Methods that choose, or average, two neighbours of the position, which is that of "linear" where none is given above.
_CHOICE: Final[dict[str, Callable[[Tensor], Tensor]]] = {
    "lower": floor, "higher": ceil, "nearest": round, "midpoint": lambda at: (floor(at) + ceil(at)) / 2,
    "inverted_cdf": ceil, "averaged_inverted_cdf": lambda at: where(at == floor(at), at + 0.5, ceil(at)),
    "closest_observation": _closest,
}  # fmt: skip


# -- quantiles ---------------------------------------------------------------------------------------------------------


def quantile(
    x: Tensor, /, q: Tensor | float, axis: Axis = None, keepdims: bool = False, *, method: Method = "linear"
) -> Tensor:
    """The value below which a fraction ``q`` of the elements over ``axis`` lies; NaN if there is a NaN.

    The shape of ``q`` comes first, then what is left of the shape of ``x``. The dtype is that of ``x``, the default
    floating dtype for integers. ``method`` says what lies between two elements, as in NumPy.

    Raises:
        ValueError: no elements along ``axis``, an unknown method, or a number ``q`` outside of [0, 1].
        TypeError: complex numbers, which have no order.

    Source: NumPy, ``quantile``.

    >>> import ndgrad as nd
    >>> nd.quantile(nd.asarray([1.0, 2.0, 3.0, 4.0]), 0.5)
    tensor(2.5000)
    """
    return _quantile("quantile", x, q, axis, keepdims, method, ignore_nan=False)


def nanquantile(
    x: Tensor, /, q: Tensor | float, axis: Axis = None, keepdims: bool = False, *, method: Method = "linear"
) -> Tensor:
    """:func:`quantile` of what is not NaN; NaN where nothing is left.

    >>> import ndgrad as nd
    >>> nd.nanquantile(nd.asarray([1.0, nd.nan, 3.0]), 0.5)
    tensor(2.)
    """
    return _quantile("nanquantile", x, q, axis, keepdims, method, ignore_nan=True)


def median(x: Tensor, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The middle element over ``axis``, of an even number the mean of the two middle ones; NaN if there is a NaN.

    PyTorch's takes the lower of the two: that is ``kthvalue(x, (n + 1) // 2)``.

    Raises:
        ValueError: no elements along ``axis``.
        TypeError: complex numbers, which have no order.

    Source: NumPy, ``median``.

    >>> import ndgrad as nd
    >>> nd.median(nd.asarray([3.0, 1.0, 2.0, 10.0]))
    tensor(2.5000)
    """
    return _quantile("median", x, 0.5, axis, keepdims, "linear", ignore_nan=False)


def nanmedian(x: Tensor, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """:func:`median` of what is not NaN; NaN where nothing is left."""
    return _quantile("nanmedian", x, 0.5, axis, keepdims, "linear", ignore_nan=True)


def _quantile(
    name: str, x: Tensor, q: Any, axis: Axis, keepdims: bool, method: str, *, ignore_nan: bool
) -> Tensor:
    if not isinstance(x, Tensor):
        raise TypeError(f"{name} takes an ndgrad tensor, got {type(x).__name__}; write nd.asarray(...) around it")
    if method not in _PLOTTING and method not in _CHOICE:
        raise ValueError(f"{name}: method {method!r} is unknown; write one of {', '.join(_PLOTTING | _CHOICE)}")
    axes = normalize_axes(name, axis, x.ndim)
    lines = _last(x if x.dtype.is_inexact else astype(x, get_default_dtype()), axes)
    n = lines.shape[-1]
    if n == 0:
        raise ValueError(f"{name} of no elements: shape {x.shape} has length 0 along axis {axes}; check x.size first")
    q = _probabilities(name, q, x)
    lines = sort(lines, stable=False)
    holes = isnan(lines)
    count: Any = expand_dims(n - astype(sum(holes, axis=-1), q.dtype), axis=-1) if ignore_nan else float(n)
    places = _places(reshape(q, (-1,)), count, method)
    values = _between(lines, places)
    if not ignore_nan:  # NaN is sorted to the end, and takes the gradient
        values = where(holes[..., -1:], lines[..., -1:], values)
    values = reshape(moveaxis(values, -1, 0), (*q.shape, *lines.shape[:-1]))
    if not keepdims:
        return values
    return reshape(values, (*q.shape, *[1 if i in axes else length for i, length in enumerate(x.shape)]))


def _last(x: Tensor, axes: tuple[int, ...]) -> Tensor:
    """``x`` with ``axes`` made one, in the end."""
    kept = tuple([i for i in range(x.ndim) if i not in axes])
    return reshape(permute_dims(x, kept + axes), (*[x.shape[i] for i in kept], math.prod([x.shape[i] for i in axes])))


def _probabilities(name: str, q: Any, x: Tensor) -> Tensor:
    # In float64 the place of 0.9 among 11 elements is 9, as it should be; float16 does not count beyond 2048.
    exact = float64 in manager.backend(x.device.type).capabilities(x.device).dtypes
    if isinstance(q, Tensor):
        if q._spec.backend.level == 0 and bool(any((q < 0) | (q > 1))):  # inside transforms nobody may ask
            raise ValueError(f"{name}: fractions lie in [0, 1], got {q.tolist()}; 50 % is written 0.5")
        return astype(q, float64 if exact else get_default_dtype())
    for p in q if isinstance(q, (list, tuple)) else (q,):
        if not 0 <= p <= 1:
            raise ValueError(f"{name}: a fraction lies in [0, 1], got {p}; 50 % is written 0.5")
    return asarray(q, dtype=float64 if exact else x.dtype, device=x.device)


def _places(q: Tensor, count: Any, method: str) -> Tensor:
    """The fractional positions of the quantiles among ``count`` sorted elements."""
    a, b = _PLOTTING.get(method, (1, 1))
    place = q * (count - (a + b - 1)) + (a - 1)
    place = _CHOICE[method](place) if method in _CHOICE else place
    place = where(place < 0, 0.0, place)
    return where(place > count - 1, count - 1, place)


def _between(lines: Tensor, places: Tensor) -> Tensor:
    """The elements of the last axis at fractional positions, for all lines or each line's own, interpolated."""
    places = where(places < 0, 0.0, places)  # a line of nothing but NaN
    below, above = floor(places), ceil(places)
    fraction = astype(places - below, lines.dtype)
    low, high = (_elements(lines, astype(p, int64)) for p in (below, above))
    rise = where(isinf(low), 0.0, high - low)
    return where(fraction == 0, low, low + fraction * rise)


def _elements(lines: Tensor, places: Tensor) -> Tensor:
    if places.ndim == 1:
        return take(lines, places, axis=-1)
    return take_along_axis(lines, broadcast_to(places, (*lines.shape[:-1], places.shape[-1])), axis=-1)


# -- counting ----------------------------------------------------------------------------------------------------------


def bincount(x: Tensor, /, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often each of 0, 1, 2, ... occurs in ``x``, as ``int64``; with ``weights``, their sums where it occurs.

    The result has ``max(x) + 1`` elements, at least ``minlength``. Sums have the dtype of the weights, ``float64`` for
    integers, and are differentiable in them.

    Raises:
        ValueError: negative elements, another shape than one dimension, or weights of another shape.
        TypeError: ``x`` does not hold integers.

    Source: NumPy and PyTorch, ``bincount``.

    >>> import ndgrad as nd
    >>> nd.bincount(nd.asarray([0, 2, 2]))
    tensor([1, 0, 2])
    """
    if not isinstance(x, Tensor) or not (x.dtype.is_integral or x.size == 0):
        raise TypeError(f"bincount takes a tensor of integers, got {getattr(x, 'dtype', type(x).__name__)}")
    if x.ndim != 1 or minlength < 0:
        raise ValueError(f"bincount takes one dimension and minlength >= 0, got shape {x.shape} and {minlength}")
    if weights is not None and weights.shape != x.shape:
        raise ValueError(f"bincount: weights have shape {weights.shape}, x has {x.shape}; they must be equal")
    if x.size and int(min(x)) < 0:
        raise ValueError("bincount counts integers from 0 on, got negative ones; subtract the smallest first")
    n = int(max(x)) + 1 if x.size else 0
    x = astype(x, int64)
    if weights is None:
        weights = ones_like(x)
    elif not weights.dtype.is_inexact:
        weights = astype(weights, float64)
    return scatter_add_flat(n if n > minlength else minlength, x, weights)


def bucketize(x: Tensor | float, boundaries: Tensor, /, *, right: bool = False, out_int32: bool = False) -> Tensor:
    """The number of the bucket, between ascending ``boundaries``, that each element of ``x`` falls into, as ``int64``.

    A value on a boundary belongs to the lower bucket; with ``right`` to the upper one.

    Source: PyTorch, ``bucketize``.

    >>> import ndgrad as nd
    >>> nd.bucketize(nd.asarray([0.5, 1.0, 2.5]), nd.asarray([1.0, 2.0]))
    tensor([0, 0, 2])
    """
    return searchsorted(boundaries, x, right=right, out_int32=out_int32)


class Histogram(NamedTuple):
    """The result of :func:`histogram`."""

    hist: Tensor
    bin_edges: Tensor


def histogram(
    x: Tensor,
    /,
    bins: int | Tensor = 10,
    range: tuple[float, float] | None = None,
    *,
    weights: Tensor | None = None,
    density: bool = False,
) -> Histogram:
    """How many elements fall between neighbouring edges (the last edge included): a named tuple ``(hist, bin_edges)``.

    Args:
        x: any shape; NaN and what lies outside of the edges is not counted.
        bins: the number of bins of equal width, or the ascending edges.
        range: where equal bins begin and end; from the smallest to the largest element if None.
        weights: what each element counts, of the shape of ``x``.
        density: divide by the total and the widths, so that the integral is 1.

    Returns:
        Counts as ``int64``, or the weights' dtype; densities and edges as floating numbers.

    Raises:
        ValueError: no bins, a range that is not finite and ascending, or weights of another shape.

    Source: NumPy, ``histogram``.

    >>> import ndgrad as nd
    >>> nd.histogram(nd.asarray([1.0, 2.0, 4.0]), bins=3).hist
    tensor([1, 1, 1])
    """
    if not isinstance(x, Tensor):
        raise not_a_tensor(SEARCHSORTED, x)
    if weights is not None and weights.shape != x.shape:
        raise ValueError(f"histogram: weights have shape {weights.shape}, x has {x.shape}; they must be equal")
    flat = reshape(x, (-1,)).detach()
    edges = bins if isinstance(bins, Tensor) else _equal_edges(flat, bins, range)
    if edges is bins and bins.size > 1 and bool(any(bins[1:] < bins[:-1])):
        raise ValueError(f"histogram: the edges do not ascend: {bins.tolist()}")
    inner = (flat >= edges[0]) & (flat <= edges[-1])
    place = searchsorted(edges, flat, side="right") - 1
    last = edges.shape[0] - 2
    place = where(flat == edges[-1], last, place)
    counted = ones_like(flat, dtype=int64) if weights is None else reshape(weights, (-1,))
    counted = where(inner, counted, 0)
    hist = scatter_add_flat(last + 1, where(inner, place, 0), counted)
    if density:
        hist = hist / (sum(hist) * (edges[1:] - edges[:-1]))
    return Histogram(hist, edges)


def _equal_edges(x: Tensor, bins: int, limits: tuple[float, float] | None) -> Tensor:
    if bins < 1:
        raise ValueError(f"histogram: bins must be at least 1, got {bins}")
    low, high = limits if limits is not None else (float(min(x)), float(max(x))) if x.size else (0.0, 1.0)
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise ValueError(f"histogram: the range must be finite and ascending, got {low} to {high}; pass range=")
    if low == high:
        low, high = low - 0.5, high + 0.5
    dtype = x.dtype if x.dtype.is_floating else get_default_dtype()
    return linspace(low, high, bins + 1, dtype=dtype, device=x.device)


def histc(x: Tensor, /, bins: int = 100, min: float = 0, max: float = 0) -> Tensor:
    """Counts of :func:`histogram` in the dtype of ``x``; from its smallest to its largest element if ``min == max``.

    Source: PyTorch, ``histc``.
    """
    return astype(histogram(x, bins, None if min == max else (min, max)).hist, x.dtype)


# -- moments and covariance --------------------------------------------------------------------------------------------


def std_mean(x: Tensor, /, *, axis: Axis = None, keepdims: bool = False, **of: Any) -> tuple[Tensor, Tensor]:
    """:func:`std`, which takes the other keywords (``correction=1`` for PyTorch's default), and :func:`mean`."""
    return std(x, axis=axis, keepdims=keepdims, **of), mean(x, axis=axis, keepdims=keepdims)


def var_mean(x: Tensor, /, *, axis: Axis = None, keepdims: bool = False, **of: Any) -> tuple[Tensor, Tensor]:
    """:func:`var`, which takes the other keywords (``correction=1`` for PyTorch's default), and :func:`mean`."""
    return var(x, axis=axis, keepdims=keepdims, **of), mean(x, axis=axis, keepdims=keepdims)


def cov(
    x: Tensor, /, *, correction: float = 1, fweights: Tensor | None = None, aweights: Tensor | None = None
) -> Tensor:
    """The covariance matrix of variables that are the rows of ``x``, observed in its columns.

    ``fweights`` says how often each observation counts, ``aweights`` how much; both have one dimension.

    Raises:
        ValueError: more than two dimensions, or weights of another length than the observations.

    Source: PyTorch, ``cov``.

    >>> import ndgrad as nd
    >>> nd.cov(nd.asarray([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    from ndgrad.ops.products import matmul

    if x.ndim > 2:
        raise ValueError(f"cov takes variables in rows and observations in columns, got shape {x.shape}")
    shape = x.shape if x.ndim == 2 else (1, x.shape[0] if x.ndim else 1)
    rows = reshape(x if x.dtype.is_inexact else astype(x, get_default_dtype()), shape)
    weights = [w for w in (fweights, aweights) if w is not None]
    for each in weights:
        if each.shape != rows.shape[1:]:
            raise ValueError(f"cov: weights have shape {each.shape}, there are {rows.shape[1]} observations")
    w: Tensor | None = None
    for each in weights:
        w = astype(each, rows.dtype) if w is None else w * astype(each, rows.dtype)
    if w is None:
        total: Any = rows.shape[1]
        freedom: Any = total - correction
        rows = rows - mean(rows, axis=1, keepdims=True)
        product = matmul(rows, conj(permute_dims(rows, (1, 0))))
    else:
        total = sum(w)
        freedom = total - correction * (sum(w * astype(aweights, rows.dtype)) / total if aweights is not None else 1)
        rows = rows - sum(rows * w, axis=1, keepdims=True) / total
        product = matmul(rows * w, conj(permute_dims(rows, (1, 0))))
    if not isinstance(freedom, Tensor):
        freedom = freedom if freedom > 0 else 0.0
    out = product / freedom
    return reshape(out, ()) if out.size == 1 else out


def corrcoef(x: Tensor, /) -> Tensor:
    """The matrix of correlation coefficients of the rows of ``x``.

    Source: PyTorch and NumPy, ``corrcoef``.

    >>> import ndgrad as nd
    >>> nd.corrcoef(nd.asarray([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    from ndgrad.ops.rearrangement import diagonal

    c = cov(x)
    if c.ndim == 0:
        return c / c
    deviation = sqrt(real(diagonal(c)))
    return c / (expand_dims(deviation, axis=1) * expand_dims(deviation, axis=0))
