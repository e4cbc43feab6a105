"""Running sums and products, and differences: array API 2025.12, "Statistical Functions" and "Utility Functions"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ndgrad.dispatch import apply, astype, not_a_tensor, public
from ndgrad.dtypes import bool_, int64, uint8
from ndgrad.ops.conversion import asarray
from ndgrad.ops.creation import arange, zeros_like
from ndgrad.ops.elementwise import conj, isnan, logaddexp
from ndgrad.ops.manipulation import at, broadcast_to, concat, flip, lies_along, one_axis, reshape
from ndgrad.ops.reductions import accumulate, sum
from ndgrad.ops.searching import where
from ndgrad.ops.transfer import clone
from ndgrad.rows import Op
from ndgrad.tensor import Tensor

__all__ = [
    "cummax", "cummin", "cumprod", "cumsum", "cumulative_prod", "cumulative_sum", "cumulative_trapezoid", "diff",
    "logcumsumexp", "trapezoid",
]  # fmt: skip


def _samples(make: Callable[..., Tensor]) -> Sequence[Any]:
    x = make(2, 3, 4)
    return [((x,), {"axis": 1}), ((x,), {"axis": -1, "include_initial": True}), ((make(3),), {})]


def _running(op: Op, x: Tensor, axis: int | None, dtype: Any, include_initial: bool) -> Tensor:
    x, wanted = accumulate(op, x, dtype)
    if axis is None and x.ndim != 1:
        raise ValueError(f"{op.name} of a tensor of shape {x.shape} needs axis=; only one dimension goes without")
    if lies_along(axis, x) and not include_initial:
        return astype(x, wanted) if wanted is not x.dtype else clone(x)
    axis = one_axis(op.name, 0 if axis is None else axis, x.ndim)
    return astype(apply(op, x, axis=axis, include_initial=include_initial), wanted)


def _sum_from_each(g: Tensor, axis: int, include_initial: bool) -> Tensor:
    if include_initial:
        g = g[at(axis, slice(1, None))]
    return flip(cumulative_sum(flip(g, axis=axis), axis=axis), axis=axis)


CUMULATIVE_SUM = Op("cumulative_sum", vjp=_sum_from_each, linear=True, batch="axis", samples=_samples)


@public(CUMULATIVE_SUM)
def cumulative_sum(
    x: Tensor, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Tensor:
    """Sums of the first elements along ``axis``, with the dtypes of ``sum``.

    ``include_initial=True`` puts the empty sum, 0, first. ``axis`` may be left out for one dimension.

    Raises:
        ValueError: no axis for a tensor of several dimensions.
        IndexError: an axis out of range.

    Source: array API 2025.12, ``cumulative_sum``.

    >>> import ndgrad as nd
    >>> nd.cumulative_sum(nd.asarray([1.0, 2.0, 3.0]))
    tensor([1., 3., 6.])
    """
    return _running(CUMULATIVE_SUM, x, axis, dtype, include_initial)


def _product_cotangent(g: Tensor, x: Tensor, axis: int, include_initial: bool) -> Tensor:
    """With b_i = x_(i+1): s_i = g_i + b_i s_(i+1), and the cotangent is s_i times the product before i.

    The recurrence is solved by doubling the stretch each s_i covers, in log2(n) steps; nothing is divided, so zeros
    need no care.
    """
    if include_initial:
        g = g[at(axis, slice(1, None))]
    n = x.shape[axis]
    b, s = _ahead(conj(x), axis, 1), g
    step = 1
    while step < n:
        s = s + b * _ahead(s, axis, step)
        b = b * _ahead(b, axis, step)
        step *= 2
    before = cumulative_prod(x, axis=axis, include_initial=True)[at(axis, slice(None, -1))]
    return s * conj(before)


def _ahead(x: Tensor, axis: int, step: int) -> Tensor:
    """The elements ``step`` places further on; zero past the end."""
    return concat([x[at(axis, slice(step, None))], zeros_like(x[at(axis, slice(None, step))])], axis=axis)


CUMULATIVE_PROD = Op("cumulative_prod", vjp=_product_cotangent, batch="axis", samples=_samples)


@public(CUMULATIVE_PROD)
def cumulative_prod(
    x: Tensor, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Tensor:
    """Products of the first elements along ``axis``; otherwise as :func:`cumulative_sum`.

    Source: array API 2025.12, ``cumulative_prod``.

    >>> import ndgrad as nd
    >>> nd.cumulative_prod(nd.asarray([2.0, 3.0, 4.0]), include_initial=True)
    tensor([ 1.,  2.,  6., 24.])
    """
    return _running(CUMULATIVE_PROD, x, axis, dtype, include_initial)


def cumsum(x: Tensor, /, *, axis: int | None = None, dtype: Any = None) -> Tensor:
    """:func:`cumulative_sum`, of the flattened tensor where no axis is given, as in NumPy.

    >>> import ndgrad as nd
    >>> nd.cumsum(nd.asarray([[1, 2], [3, 4]]))
    tensor([ 1,  3,  6, 10])
    """
    return cumulative_sum(_flat(x) if axis is None else x, axis=axis, dtype=dtype)


def cumprod(x: Tensor, /, *, axis: int | None = None, dtype: Any = None) -> Tensor:
    """:func:`cumulative_prod`, of the flattened tensor where no axis is given, as in NumPy."""
    return cumulative_prod(_flat(x) if axis is None else x, axis=axis, dtype=dtype)


def _flat(x: Tensor) -> Tensor:
    return x if x.ndim == 1 else reshape(x, (-1,))


def diff(
    x: Tensor,
    /,
    n: int = 1,
    *,
    axis: int = -1,
    prepend: Tensor | float | None = None,
    append: Tensor | float | None = None,
) -> Tensor:
    """Differences of neighbours along ``axis``, taken ``n`` times; of bools, whether they differ.

    ``prepend`` and ``append`` are joined to ``x`` first; scalars and 0-d tensors are repeated to fit.

    Raises:
        ValueError: ``n`` is negative, or what is joined has another shape than ``x`` beside ``axis``.

    Source: array API 2025.12, ``diff``.

    >>> import ndgrad as nd
    >>> nd.diff(nd.asarray([1.0, 4.0, 9.0]))
    tensor([3., 5.])
    """
    if not isinstance(x, Tensor):
        raise not_a_tensor(CUMULATIVE_SUM, x)
    if n < 0:
        raise ValueError(f"diff: n must not be negative, got {n}")
    axis = one_axis("diff", axis, x.ndim)
    if n == 0:
        return x
    if prepend is not None or append is not None:
        joined = (_edge(prepend, x, axis), x, _edge(append, x, axis))
        x = concat([part for part in joined if part is not None], axis=axis)
    for _ in range(n):
        later, earlier = x[at(axis, slice(1, None))], x[at(axis, slice(None, -1))]
        x = later != earlier if x.dtype is bool_ else later - earlier
    return x


def _edge(edge: Tensor | float | None, x: Tensor, axis: int) -> Tensor | None:
    if edge is None or (isinstance(edge, Tensor) and edge.ndim):
        return edge
    shape = tuple([1 if i == axis else n for i, n in enumerate(x.shape)])
    return broadcast_to(edge if isinstance(edge, Tensor) else asarray(edge, device=x.device), shape)


# -- scans beyond the standard: each element reaches twice as far in every step ----------------------------------------


class Extremes(NamedTuple):
    """The result of :func:`cummax` and :func:`cummin`."""

    values: Tensor
    indices: Tensor


def _running_extreme(name: str, x: Tensor, axis: int, largest: bool) -> Extremes:
    from ndgrad.ops.gathering import take_along_axis

    if lies_along(axis, x):
        return Extremes(x, zeros_like(x, dtype=int64))
    axis = one_axis(name, axis, x.ndim)
    n = x.shape[axis]
    found = astype(x, uint8) if x.dtype is bool_ else x.detach()
    place = broadcast_to(reshape(arange(n, device=x.device), (-1,) + (1,) * (x.ndim - 1 - axis)), x.shape)
    step = 1
    while step < n:
        before, here = (slice(None, -step), slice(step, None))
        v1, v2 = found[at(axis, before)], found[at(axis, here)]
        earlier = (v1 > v2) if largest else (v1 < v2)
        if x.dtype.is_floating:
            earlier = (earlier | isnan(v1)) & ~isnan(v2)
        start = at(axis, slice(None, step))
        found = concat([found[start], where(earlier, v1, v2)], axis=axis)
        place = concat([place[start], where(earlier, place[at(axis, before)], place[at(axis, here)])], axis=axis)
        step *= 2
    return Extremes(take_along_axis(x, place, axis=axis), place)


def cummax(x: Tensor, /, *, axis: int) -> Extremes:
    """The largest element so far along ``axis`` and its index, the last of equal ones: ``(values, indices)``, named.

    Source: PyTorch, ``cummax``.

    >>> import ndgrad as nd
    >>> nd.cummax(nd.asarray([1.0, 3.0, 2.0]), axis=0).values
    tensor([1., 3., 3.])
    """
    return _running_extreme("cummax", x, axis, largest=True)


def cummin(x: Tensor, /, *, axis: int) -> Extremes:
    """The smallest element so far along ``axis``; otherwise as :func:`cummax`. Source: PyTorch, ``cummin``."""
    return _running_extreme("cummin", x, axis, largest=False)


def logcumsumexp(x: Tensor, /, *, axis: int) -> Tensor:
    """``log(cumsum(exp(x)))`` along ``axis``, without overflow. Source: PyTorch, ``logcumsumexp``."""
    if lies_along(axis, x):
        return clone(x)
    axis = one_axis("logcumsumexp", axis, x.ndim)
    step = 1
    while step < x.shape[axis]:
        longer = logaddexp(x[at(axis, slice(step, None))], x[at(axis, slice(None, -step))])
        x = concat([x[at(axis, slice(None, step))], longer], axis=axis)
        step *= 2
    return x


def _trapezoids(y: Tensor, x: Tensor | None, dx: float, axis: int) -> Tensor:
    axis = one_axis("trapezoid", axis, y.ndim)
    width: Any = dx
    if x is not None:
        width = diff(x, axis=axis if x.ndim == y.ndim else -1)
        width = reshape(width, (-1,) + (1,) * (y.ndim - 1 - axis)) if x.ndim == 1 else width
    return (y[at(axis, slice(1, None))] + y[at(axis, slice(None, -1))]) * width / 2


def trapezoid(y: Tensor, x: Tensor | None = None, /, *, dx: float = 1.0, axis: int = -1) -> Tensor:
    """The integral along ``axis`` by the trapezoidal rule, at points ``x`` or ``dx`` apart.

    Source: NumPy and PyTorch, ``trapezoid``.

    >>> import ndgrad as nd
    >>> nd.trapezoid(nd.asarray([0.0, 1.0, 2.0]))
    tensor(2.)
    """
    return sum(_trapezoids(y, x, dx, axis), axis=axis)


def cumulative_trapezoid(y: Tensor, x: Tensor | None = None, /, *, dx: float = 1.0, axis: int = -1) -> Tensor:
    """The running sums of :func:`trapezoid`. Source: PyTorch, ``cumulative_trapezoid``."""
    return cumulative_sum(_trapezoids(y, x, dx, axis), axis=axis)
