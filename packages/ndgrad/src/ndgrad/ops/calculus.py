"""Differences, interpolation, convolution and polynomials of sampled functions: NumPy's and PyTorch's names."""

from __future__ import annotations

import math
from typing import Any, Literal

from ndgrad.dispatch import astype
from ndgrad.dtypes import get_default_dtype
from ndgrad.ops.conversion import asarray
from ndgrad.ops.creation import arange, diag, full, ones, ones_like, zeros, zeros_like
from ndgrad.ops.cumulative import cumulative_prod, cumulative_sum, diff
from ndgrad.ops.decompositions import eigvals
from ndgrad.ops.elementwise import abs, conj, isnan, real, remainder, sqrt, square
from ndgrad.ops.indexing import getitem
from ndgrad.ops.manipulation import at, concat, flip, moveaxis, one_axis, reshape
from ndgrad.ops.norms import lstsq
from ndgrad.ops.products import matmul
from ndgrad.ops.rearrangement import pad
from ndgrad.ops.reductions import normalize_axes, sum
from ndgrad.ops.searching import searchsorted, where
from ndgrad.ops.sorting import argsort
from ndgrad.ops.tensor_equations import vander
from ndgrad.tensor import Tensor

__all__ = [
    "convolve", "correlate", "ediff1d", "gradient", "interp", "nancumprod", "nancumsum", "poly", "polyadd", "polyder",
    "polyfit", "polyint", "polymul", "polysub", "polyval", "roots", "unwrap",
]  # fmt: skip


def _tensor(x: Any, like: Tensor | None = None) -> Tensor:
    if isinstance(x, Tensor):
        return x
    return asarray(x, device=None if like is None else like.device)


def _floating(x: Tensor) -> Tensor:
    return x if x.dtype.is_inexact else astype(x, get_default_dtype())


# -- differences -------------------------------------------------------------------------------------------------------


def gradient(
    x: Tensor, /, *varargs: Any, spacing: Any = None, dim: Any = None, axis: Any = None, edge_order: int = 1
) -> Any:
    """Derivatives of sampled values along each axis, by central differences, at the ends one-sided of ``edge_order``.

    A list with a tensor for each axis, or for each of ``axis``; a tensor for one integer axis, or one axis in all.
    The distance of samples is 1, a number for all axes or each of them, or a vector of coordinates for each, given by
    position as in NumPy or as ``spacing`` as in PyTorch, where the result is always a tuple.

    Raises:
        ValueError: fewer samples than ``edge_order + 1``, or spacings for another number of axes.

    Source: NumPy, ``numpy.gradient``; PyTorch, ``torch.gradient``.

    >>> import ndgrad as nd
    >>> nd.gradient(nd.asarray([1.0, 2.0, 4.0, 7.0]))
    tensor([1.0000, 1.5000, 2.5000, 3.0000])
    """
    axis = dim if axis is None else axis
    axes = normalize_axes("gradient", axis, x.ndim)
    if edge_order not in (1, 2):
        raise ValueError(f"gradient: edge_order is 1 or 2, got {edge_order!r}")
    given = varargs if spacing is None else spacing if isinstance(spacing, (tuple, list)) else (spacing,)
    steps = tuple(given) or (1.0,)
    if len(steps) == 1 and not getattr(steps[0], "ndim", 0):
        steps *= len(axes)
    if len(steps) != len(axes):
        raise ValueError(f"gradient: {len(steps)} spacings for {len(axes)} axes; give one, or one for each axis")
    x = _floating(x)
    found = [_derivative(x, a, step, edge_order) for a, step in zip(axes, steps, strict=True)]
    if spacing is not None or dim is not None:
        return tuple(found)
    return found[0] if len(axes) == 1 else found


def _derivative(x: Tensor, axis: int, step: Any, edge_order: int) -> Tensor:
    n = x.shape[axis]
    if n <= edge_order:
        raise ValueError(f"gradient: axis {axis} of shape {x.shape} needs at least {edge_order + 1} samples")
    x = moveaxis(x, axis, -1)
    if getattr(step, "ndim", 0):
        if step.shape != (n,):
            raise ValueError(f"gradient: coordinates of shape {step.shape} for axis {axis} of shape {x.shape}")
        gaps = diff(astype(step, x.dtype.to_real))
    else:
        gaps = ones(n - 1, dtype=x.dtype.to_real, device=x.device) * step
    slope = diff(x, axis=-1) / gaps
    before, after = gaps[:-1], gaps[1:]
    # the derivative of the parabola through three neighbours, at the middle one and at the ends
    inner = (slope[..., :-1] * after + slope[..., 1:] * before) / (before + after)
    if edge_order == 1 or n == 2:
        first, last = slope[..., :1], slope[..., -1:]
    else:
        first = slope[..., :1] + (slope[..., :1] - slope[..., 1:2]) * gaps[:1] / (gaps[:1] + gaps[1:2])
        last = slope[..., -1:] + (slope[..., -1:] - slope[..., -2:-1]) * gaps[-1:] / (gaps[-1:] + gaps[-2:-1])
    return moveaxis(concat([first, inner, last], axis=-1), -1, axis)


def ediff1d(x: Tensor, /, to_end: Any = None, to_begin: Any = None) -> Tensor:
    """Differences of neighbours of the flattened tensor, between what is to be put around them. Source: NumPy."""
    parts = [diff(reshape(x, (-1,)))]
    if to_begin is not None:
        parts.insert(0, astype(reshape(_tensor(to_begin, x), (-1,)), x.dtype))
    if to_end is not None:
        parts.append(astype(reshape(_tensor(to_end, x), (-1,)), x.dtype))
    return concat(parts) if len(parts) > 1 else parts[0]


def nancumsum(x: Tensor, /, *, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Running sums in which NaN counts as 0. Source: NumPy, ``nancumsum``."""
    x = reshape(x, (-1,)) if axis is None else x
    return cumulative_sum(where(isnan(x), 0, x), axis=axis, dtype=dtype)


def nancumprod(x: Tensor, /, *, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Running products in which NaN counts as 1. Source: NumPy, ``nancumprod``."""
    x = reshape(x, (-1,)) if axis is None else x
    return cumulative_prod(where(isnan(x), 1, x), axis=axis, dtype=dtype)


def unwrap(x: Tensor, /, discont: float | None = None, axis: int = -1, *, period: float = 2 * math.pi) -> Tensor:
    """``x`` with multiples of ``period`` added, so that neighbours along an axis differ by no more than half of it.

    Source: NumPy, ``unwrap``.

    >>> import ndgrad as nd
    >>> nd.unwrap(nd.asarray([0.0, 3.0, 6.0, 9.0]), period=6.0)
    tensor([0., 3., 6., 9.])
    """
    axis = one_axis("unwrap", axis, x.ndim)
    x = _floating(x)
    step = diff(x, axis=axis)
    half = period / 2
    wrapped = remainder(step + half, period) - half
    wrapped = where((wrapped == -half) & (step > 0), half, wrapped)
    fix = where(abs(step) < (half if discont is None else discont), 0, wrapped - step).detach()
    start = getitem(x, at(axis, slice(None, 1)))
    rest = getitem(x, at(axis, slice(1, None))) + cumulative_sum(fix, axis=axis)
    return concat([start, rest], axis=axis)


def interp(
    x: Any, xp: Tensor, fp: Tensor, /, left: Any = None, right: Any = None, period: float | None = None
) -> Tensor:
    """The piecewise linear function through the points (``xp``, ``fp``) at ``x``; beyond them ``left`` and ``right``.

    ``xp`` rises; ``left`` and ``right`` are by default the first and last value. With a ``period``, neither matters.

    Raises:
        ValueError: ``xp`` and ``fp`` are no vectors of one length, or empty.

    Source: NumPy, ``interp``.

    >>> import ndgrad as nd
    >>> nd.interp(nd.asarray([0.5, 3.0]), nd.asarray([0.0, 1.0]), nd.asarray([0.0, 10.0]))
    tensor([ 5., 10.])
    """
    if xp.ndim != 1 or xp.shape != fp.shape or not xp.size:
        raise ValueError(f"interp: xp and fp are vectors of one length, not 0, got shapes {xp.shape} and {fp.shape}")
    x = _tensor(x, xp)
    xp, fp, x = _floating(xp), _floating(fp), _floating(x)
    if period is not None:
        period = period if period > 0 else -period
        x, xp = remainder(x, period), remainder(xp, period)
        order = argsort(xp)
        xp, fp = xp[order], fp[order]
        xp = concat([xp[-1:] - period, xp, xp[:1] + period])
        fp = concat([fp[-1:], fp, fp[:1]])
    n = xp.shape[0]
    place = searchsorted(xp.detach(), x.detach(), side="right")
    i = where(place < 1, 1, where(place > n - 1, n - 1, place)) if n > 1 else zeros_like(place)
    if n > 1:
        x0, x1, f0, f1 = xp[i - 1], xp[i], fp[i - 1], fp[i]
        width = x1 - x0
        found = f0 + (f1 - f0) / where(width == 0, 1, width) * (x - x0)
    else:
        found = fp[i] + 0 * x
    low = fp[0] if left is None or period is not None else left
    high = fp[-1] if right is None or period is not None else right
    return where(x < xp[0], low, where(x > xp[-1], high, where(x == xp[-1], fp[-1], found)))


# -- convolution -------------------------------------------------------------------------------------------------------

Mode = Literal["full", "same", "valid"]


def convolve(a: Tensor, v: Tensor, /, mode: Mode = "full") -> Tensor:
    """The sums of the products of ``a`` and the reversed ``v``, shifted against each other: two vectors.

    ``mode``: "full" all overlaps, "valid" the complete ones, "same" as many as the longer vector has elements.

    Raises:
        ValueError: no vectors, an empty one, or an unknown mode.

    Source: NumPy, ``convolve``.

    >>> import ndgrad as nd
    >>> nd.convolve(nd.asarray([1.0, 2.0, 3.0]), nd.asarray([0.0, 1.0, 0.5]))
    tensor([0.0000, 1.0000, 2.5000, 4.0000, 1.5000])
    """
    if a.ndim != 1 or v.ndim != 1 or not a.size or not v.size:
        raise ValueError(f"convolve takes two vectors that are not empty, got shapes {a.shape} and {v.shape}")
    if mode not in ("full", "same", "valid"):
        raise ValueError(f"convolve: mode is 'full', 'same' or 'valid', got {mode!r}")
    if v.shape[0] > a.shape[0]:
        a, v = v, a
    n, m = a.shape[0], v.shape[0]
    start, count = {"full": (0, n + m - 1), "same": ((m - 1) // 2, n), "valid": (m - 1, n - m + 1)}[mode]
    padded = pad(a, ((m - 1, m - 1),))
    index = reshape(arange(start, start + count, device=a.device), (-1, 1)) + arange(m, device=a.device)
    return matmul(padded[index], flip(v, axis=0))


def correlate(a: Tensor, v: Tensor, /, mode: Mode = "valid") -> Tensor:
    """The sums of the products of ``a`` and the conjugated ``v``, shifted against each other. Source: NumPy."""
    if mode == "same" and v.shape[0] > a.shape[0]:
        return _same(a, v)
    return convolve(a, conj(flip(v, axis=0)), mode)


def _same(a: Tensor, v: Tensor) -> Tensor:
    """The middle of all overlaps, as NumPy chooses it where the second vector is the longer one: the mirror image."""
    return conj(flip(convolve(v, conj(flip(a, axis=0)), "same"), axis=0))


# -- polynomials, with the highest power first -------------------------------------------------------------------------


def polyval(p: Any, x: Any, /) -> Tensor:
    """The polynomial of coefficients ``p``, the highest power first, at ``x``. Source: NumPy, ``polyval``.

    >>> import ndgrad as nd
    >>> nd.polyval(nd.asarray([3.0, 0.0, 1.0]), 5.0)
    tensor(76.)
    """
    p = _tensor(p, x if isinstance(x, Tensor) else None)
    x = _tensor(x, p)
    total = zeros_like(x) * p[:1].sum() if p.size else zeros_like(x)
    for i in range(p.shape[0]):
        total = total * x + p[i]
    return total


def _padded(p: Tensor, n: int) -> Tensor:
    return concat([zeros((n - p.shape[0],), dtype=p.dtype, device=p.device), p]) if n > p.shape[0] else p


def polyadd(a: Tensor, b: Tensor, /) -> Tensor:
    """The coefficients of the sum of two polynomials. Source: NumPy, ``polyadd``."""
    n = max_of(a.shape[0], b.shape[0])
    return _padded(a, n) + _padded(b, n)


def polysub(a: Tensor, b: Tensor, /) -> Tensor:
    """The coefficients of the difference of two polynomials. Source: NumPy, ``polysub``."""
    n = max_of(a.shape[0], b.shape[0])
    return _padded(a, n) - _padded(b, n)


def polymul(a: Tensor, b: Tensor, /) -> Tensor:
    """The coefficients of the product of two polynomials. Source: NumPy, ``polymul``."""
    return convolve(a, b)


def polyder(p: Tensor, /, m: int = 1) -> Tensor:
    """The coefficients of the ``m``-th derivative of a polynomial. Source: NumPy, ``polyder``."""
    for _ in range(m):
        p = p[:-1] * arange(p.shape[0] - 1, 0, -1, dtype=p.dtype, device=p.device)
    return p


def polyint(p: Tensor, /, m: int = 1, k: Any = 0) -> Tensor:
    """The coefficients of the ``m``-th integral of a polynomial, with ``k`` as its constants. Source: NumPy."""
    p = _floating(p)
    constants = list(k) if isinstance(k, (list, tuple)) else [k] * m
    for constant in constants[:m]:
        whole = p / arange(p.shape[0], 0, -1, dtype=p.dtype, device=p.device)
        p = concat([whole, full((1,), constant, dtype=p.dtype, device=p.device)])
    return p


def polyfit(x: Tensor, y: Tensor, deg: int, /, rcond: float | None = None, *, w: Tensor | None = None) -> Tensor:
    """The coefficients of the polynomial of degree ``deg`` with the least squared error at points; ``w`` weights them.

    ``y`` is a vector, or a matrix with a set of values in each column.

    Raises:
        ValueError: a negative degree, or shapes that do not fit.

    Source: NumPy, ``polyfit``.

    >>> import ndgrad as nd
    >>> nd.polyfit(nd.asarray([0.0, 1.0, 2.0]), nd.asarray([1.0, 3.0, 5.0]), 1)
    tensor([2.0000, 1.0000])
    """
    if deg < 0 or x.ndim != 1 or y.shape[:1] != x.shape:
        raise ValueError(
            f"polyfit: x is a vector, y has as many rows, deg is not negative; got {x.shape}, {y.shape}, {deg}"
        )
    x, y = _floating(x), _floating(y)
    left = vander(x, deg + 1)
    if w is not None:
        left, y = left * reshape(w, (-1, 1)), y * (reshape(w, (-1, 1)) if y.ndim == 2 else w)
    scale = sqrt(sum(square(abs(left)), axis=0))
    eps = x.shape[0] * 2.0 ** (-23 if x.dtype.itemsize == 4 else -52)
    columns = reshape(y, (y.shape[0], -1))
    found = lstsq(left / scale, columns, eps if rcond is None else rcond).solution / reshape(scale, (-1, 1))
    return reshape(found, (deg + 1, *y.shape[1:]))


def poly(seq_of_zeros: Tensor, /) -> Tensor:
    """The coefficients of the polynomial with these zeros, or the characteristic one of a square matrix.

    Source: NumPy, ``poly``.
    """
    zeros_ = _floating(_tensor(seq_of_zeros))
    if zeros_.ndim == 2:
        is_real = not zeros_.dtype.is_complex
        found = poly(eigvals(zeros_))
        return real(found) if is_real else found
    found = ones((1,), dtype=zeros_.dtype, device=zeros_.device)
    for i in range(zeros_.shape[0]):
        found = convolve(found, concat([ones_like(zeros_[:1]), -zeros_[i : i + 1]]))
    return found


def roots(p: Tensor, /) -> Tensor:
    """The zeros of a polynomial, complex, as eigenvalues of its companion matrix. Source: NumPy, ``roots``.

    Raises:
        ValueError: no vector.
    """
    p = _floating(_tensor(p))
    if p.ndim != 1:
        raise ValueError(f"roots takes the coefficients in a vector, got shape {p.shape}")
    places = [i for i, c in enumerate(p.detach().tolist()) if c != 0]
    if not places:
        return zeros((0,), dtype=p.dtype.to_complex, device=p.device)
    trailing = p.shape[0] - 1 - places[-1]
    p = p[places[0] : places[-1] + 1]
    n = p.shape[0] - 1
    found = zeros((0,), dtype=p.dtype.to_complex, device=p.device)
    if n:
        below = diag(ones(n - 1, dtype=p.dtype, device=p.device), -1) if n > 1 else zeros((1, 1), dtype=p.dtype)
        top = -p[1:] / p[0]
        found = eigvals(concat([reshape(top, (1, -1)), below[1:]], axis=0))
    return concat([found, zeros((trailing,), dtype=found.dtype, device=p.device)]) if trailing else found


def max_of(a: int, b: int) -> int:
    """The larger of two lengths."""
    return a if a > b else b
