"""Reductions that leave NaN out, as NumPy's and PyTorch's: each says in other functions what it computes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ndgrad.dispatch import astype
from ndgrad.dtypes import get_default_dtype
from ndgrad.ops.elementwise import conj, isnan, real
from ndgrad.ops.reductions import Axis, all, max, min, prod, root, sum
from ndgrad.ops.searching import where
from ndgrad.tensor import Tensor

__all__ = ["nanmax", "nanmean", "nanmin", "nanprod", "nanstd", "nansum", "nanvar"]


def _with(x: Tensor, value: float) -> Tensor:
    """``x`` with ``value`` in place of NaN."""
    return where(isnan(x), value, x) if x.dtype.is_inexact else x


def nansum(x: Tensor, /, *, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Tensor:
    """:func:`sum` with NaN taken for 0.

    >>> import ndgrad as nd
    >>> nd.nansum(nd.asarray([1.0, nd.nan, 2.0]))
    tensor(3.)
    """
    return sum(_with(x, 0.0), axis=axis, dtype=dtype, keepdims=keepdims)


def nanprod(x: Tensor, /, *, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Tensor:
    """:func:`prod` with NaN taken for 1."""
    return prod(_with(x, 1.0), axis=axis, dtype=dtype, keepdims=keepdims)


def nanmean(x: Tensor, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """:func:`mean` of what is not NaN; NaN where nothing is left.

    >>> import ndgrad as nd
    >>> nd.nanmean(nd.asarray([1.0, nd.nan, 2.0]))
    tensor(1.5000)
    """
    total = nansum(x, axis=axis, keepdims=keepdims)
    return total / _count(x, axis, keepdims)


def _count(x: Tensor, axis: Axis, keepdims: bool) -> Tensor:
    count = sum(~isnan(x), axis=axis, keepdims=keepdims)
    return astype(count, x.dtype if x.dtype.is_inexact else get_default_dtype())


def nanvar(x: Tensor, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Tensor:
    """:func:`var` of what is not NaN; NaN where no more than ``correction`` elements are left."""
    deviation = _with(x - nanmean(x, axis=axis, keepdims=True), 0.0)
    freedom = real(_count(x, axis, keepdims)) - correction
    square = sum(real(deviation * conj(deviation)), axis=axis, keepdims=keepdims)
    return square / where(freedom > 0, freedom, math.nan)


def nanstd(x: Tensor, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Tensor:
    """:func:`std` of what is not NaN: the square root of :func:`nanvar`."""
    return root(nanvar(x, axis=axis, correction=correction, keepdims=keepdims))


def _extreme(reduce: Callable[..., Tensor], worst: float, x: Tensor, axis: Axis, keepdims: bool) -> Tensor:
    found = reduce(_with(x, worst), axis=axis, keepdims=keepdims)
    return where(all(isnan(x), axis=axis, keepdims=keepdims), math.nan, found) if x.dtype.is_floating else found


def nanmax(x: Tensor, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """:func:`max` of what is not NaN; NaN where nothing is left.

    Raises:
        ValueError: no elements along ``axis``.
        TypeError: complex numbers, which have no order.

    >>> import ndgrad as nd
    >>> nd.nanmax(nd.asarray([1.0, nd.nan, 2.0]))
    tensor(2.)
    """
    return _extreme(max, -math.inf, x, axis, keepdims)


def nanmin(x: Tensor, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """:func:`min` of what is not NaN; otherwise as :func:`nanmax`."""
    return _extreme(min, math.inf, x, axis, keepdims)
