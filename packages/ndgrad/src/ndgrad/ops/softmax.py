"""Softmax and its logarithms, computed without overflow: PyTorch's ``softmax``, ``log_softmax`` and ``logsumexp``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ndgrad.dispatch import apply, apply_to_one, astype, not_a_tensor, public
from ndgrad.dtypes import as_dtype
from ndgrad.ops.elementwise import conj, exp, isinf, log, real
from ndgrad.ops.reductions import Axis, max, normalize_axes, samples, spread, sum
from ndgrad.ops.searching import where
from ndgrad.rows import Op
from ndgrad.tensor import Tensor

__all__ = ["log_softmax", "logsumexp", "softmax"]


def _samples(make: Callable[..., Tensor]) -> Sequence[Any]:
    x = make(2, 3, 4)
    return [((x,), {"axis": a}) for a in (-1, 0, (1, 2))] + [((make(4, 0),), {"axis": 0}), ((make(),), {"axis": -1})]


def _backward_samples(make: Callable[..., Tensor]) -> Sequence[Any]:
    return [((make(2, 3), make(2, 3, low=0.1, high=0.9)), {"axis": (1,)})]


def _peak(x: Tensor, axis: tuple[int, ...]) -> Tensor:
    x = x.detach()
    return max(real(x) if x.dtype.is_complex else x, axis=axis, keepdims=True)


def _softmax(x: Tensor, axis: tuple[int, ...]) -> Tensor:
    if x.size == 0:
        return exp(x)
    e = exp(x - _peak(x, axis))
    return e / sum(e, axis=axis, keepdims=True)


def _log_softmax(x: Tensor, axis: tuple[int, ...]) -> Tensor:
    if x.size == 0:
        return exp(x)
    x = x - _peak(x, axis)
    return x - log(sum(exp(x), axis=axis, keepdims=True))


def _logsumexp(x: Tensor, axis: tuple[int, ...], keepdims: bool) -> Tensor:
    if 0 in x.shape:
        return log(sum(exp(x), axis=axis, keepdims=keepdims))
    peak = _peak(x, axis)
    peak = where(isinf(peak), 0.0, peak)  # of infinities, exp is right as it is
    total: Tensor = log(sum(exp(x - peak), axis=axis, keepdims=True)) + peak
    return total if keepdims else sum(total, axis=axis)


SOFTMAX_BACKWARD = Op(
    "softmax_backward", ("g", "y"), namespace=None, batch="axis", accepts="inexact", samples=_backward_samples,
    decompose=lambda g, y, axis: (g - sum(g * y, axis=axis, keepdims=True)) * y,
)  # fmt: skip
LOG_SOFTMAX_BACKWARD = Op(
    "log_softmax_backward", ("g", "y"), namespace=None, batch="axis", accepts="inexact", samples=_backward_samples,
    decompose=lambda g, y, axis: g - exp(y) * sum(g, axis=axis, keepdims=True),
)  # fmt: skip
SOFTMAX = Op(
    "softmax", namespace=None, accepts="real floating", batch="axis", decompose=_softmax, samples=_samples,
    vjp=lambda g, y, axis: apply(SOFTMAX_BACKWARD, g, y, axis=axis),
)  # fmt: skip
LOG_SOFTMAX = Op(
    "log_softmax", namespace=None, accepts="real floating", batch="axis", decompose=_log_softmax, samples=_samples,
    vjp=lambda g, y, axis: apply(LOG_SOFTMAX_BACKWARD, g, y, axis=axis),
)  # fmt: skip


def _logsumexp_cotangent(g: Tensor, x: Tensor, y: Tensor, axis: tuple[int, ...], keepdims: bool) -> Tensor:
    y = spread(y, x.shape, axis, keepdims)
    weight = exp(x - where(y == -float("inf"), 0.0, y))  # of nothing but -inf: no gradient, in place of NaN
    return spread(g, x.shape, axis, keepdims) * conj(weight)


LOGSUMEXP = Op(
    "logsumexp", namespace=None, accepts="floating", batch="axis", decompose=_logsumexp, samples=samples,
    vjp=_logsumexp_cotangent,
)  # fmt: skip


def _along(op: Op, x: Tensor, axis: Axis, dtype: Any) -> Tensor:
    if not isinstance(x, Tensor):
        raise not_a_tensor(op, x)
    if dtype is not None:
        x = astype(x, as_dtype(dtype))
    return apply_to_one(op, x, {"axis": normalize_axes(op.name, axis, len(x._data.shape))})


@public(SOFTMAX)
def softmax(x: Tensor, /, *, axis: Axis = -1, dtype: Any = None) -> Tensor:
    """``exp(x) / sum(exp(x))`` over ``axis``: positive, summing to 1; of the shape of ``x``.

    ``dtype`` is what ``x`` is converted to first. NaN where all of ``x`` is -inf.

    Raises:
        IndexError: an axis out of range.

    Source: PyTorch, ``softmax``.

    >>> import ndgrad as nd
    >>> nd.softmax(nd.asarray([0.0, 0.0]))
    tensor([0.5000, 0.5000])
    """
    return _along(SOFTMAX, x, axis, dtype)


@public(LOG_SOFTMAX)
def log_softmax(x: Tensor, /, *, axis: Axis = -1, dtype: Any = None) -> Tensor:
    """The logarithm of :func:`softmax`, exact where the softmax underflows.

    Source: PyTorch, ``log_softmax``.

    >>> import ndgrad as nd
    >>> nd.log_softmax(nd.asarray([0.0, 1000.0]))
    tensor([-1000.,     0.])
    """
    return _along(LOG_SOFTMAX, x, axis, dtype)


@public(LOGSUMEXP)
def logsumexp(x: Tensor, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """``log(sum(exp(x)))`` over ``axis``, without overflow, also of complex ``x``; -inf of nothing and of -inf alone.

    Raises:
        IndexError: an axis out of range.

    Source: PyTorch, ``logsumexp``.

    >>> import ndgrad as nd
    >>> nd.logsumexp(nd.asarray([1000.0, 1000.0]))
    tensor(1000.6932)
    """
    if not isinstance(x, Tensor):
        raise not_a_tensor(LOGSUMEXP, x)
    return apply_to_one(LOGSUMEXP, x, {"axis": normalize_axes("logsumexp", axis, x.ndim), "keepdims": keepdims})
