"""Losses of classifiers: the negative logarithm of the probability that was given to the right class.

Shapes: input (N, C, ...) or (C,), a score per class; target (N, ...) or (), the numbers of the right classes.
"""

from __future__ import annotations

from typing import Any

import ndgrad as nd
from ndgrad import Tensor
from ndgrad.dispatch import apply, public
from ndgrad.rows import Op

from .losses import check_reduction, reduce

__all__ = ["cross_entropy", "nll_loss"]


def _nll(log_p: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int, reduction: str) -> Tensor:
    """-w[t] log_p[t] of each sample, 0 where t is ``ignore_index``; the mean is over the weights of the others."""
    counts, chosen = _chosen(target, log_p.shape[1], ignore_index)
    weights = counts.to(log_p.dtype) if weight is None else nd.where(counts, weight[chosen], 0.0)
    picked = nd.take_along_axis(log_p, nd.expand_dims(chosen, axis=1), axis=1)
    losses = nd.where(counts, -nd.squeeze(picked, axis=1) * weights, 0.0)
    return nd.sum(losses) / nd.sum(weights) if reduction == "mean" else reduce(losses, reduction)


def _chosen(target: Tensor, classes: int, ignore_index: int) -> tuple[Tensor, Tensor]:
    """Which samples count, and their classes; 0 for the others.

    Raises:
        IndexError: a class that does not exist.
    """
    counts = target != ignore_index
    chosen = nd.where(counts, target, 0)
    wrong = (chosen < 0) | (chosen >= classes)
    if not target.backend.level and bool(nd.any(wrong)):  # inside vmap there are no values to look at
        raise IndexError(
            f"target {int(nd.max(nd.where(wrong, chosen, nd.min(chosen))))} is out of bounds for {classes} classes; "
            f"classes are counted from 0, and {ignore_index} marks samples to ignore"
        )
    return counts, chosen


def _cross_entropy(x: Tensor, target: Tensor, ignore_index: int, reduction: str) -> Tensor:
    return _nll(nd.log_softmax(x, axis=1), target, None, ignore_index, reduction)


def _cross_entropy_backward(g: Tensor, x: Tensor, target: Tensor, ignore_index: int, reduction: str) -> Tensor:
    """(softmax(x) - onehot(target)) times each sample's share of ``g``."""
    counts = target != ignore_index
    shares = counts.to(x.dtype)
    shares = nd.expand_dims(shares * (g / nd.sum(shares) if reduction == "mean" else g), axis=1)
    chosen = nd.expand_dims(nd.where(counts, target, 0), axis=1)
    return (nd.softmax(x, axis=1) - (chosen == _classes(x, 1)).to(x.dtype)) * shares


def _classes(x: Tensor, axis: int) -> Tensor:
    """0, 1, ... along the axis of the classes."""
    numbers = nd.arange(x.shape[axis], device=x.device)
    return nd.reshape(numbers, (-1, *(1,) * (x.ndim - 1 - axis)))


def _samples(make: Any) -> list[Any]:
    flat, deep, one = (make(*shape, low=0, high=3, dtype=nd.int64).tolist() for shape in [(5,), (2, 3), ()])

    def against(target: Any, **settings: Any) -> Any:
        return lambda x, *weight: cross_entropy(x, nd.asarray(target, device=x.device), *weight, **settings)

    return [
        (against(flat), (make(5, 4),), {}),
        (against(flat, ignore_index=1), (make(5, 4), make(4, low=0.5, high=2.0)), {}),
        (against(deep, ignore_index=1, reduction="none"), (make(2, 4, 3),), {}),
        (against(one, reduction="sum"), (make(4),), {}),
    ]


def _backward_samples(make: Any) -> list[Any]:
    flat, deep = (make(*shape, low=0, high=3, dtype=nd.int64).tolist() for shape in [(5,), (2, 3)])

    def against(target: Any, reduction: str) -> Any:
        settings = {"ignore_index": 1, "reduction": reduction}
        return lambda g, x: apply(
            CROSS_ENTROPY_BACKWARD, g * 1.0, x * 1.0, nd.asarray(target, device=x.device), **settings
        )

    return [(against(flat, "mean"), (make(), make(5, 4)), {}), (against(deep, "none"), (make(2, 3), make(2, 4, 3)), {})]


CROSS_ENTROPY_BACKWARD = Op(
    "cross_entropy_backward", ("g", "x", "target"), main=1, accepts="real floating", namespace=None,
    decompose=_cross_entropy_backward, samples=_backward_samples,
)  # fmt: skip
CROSS_ENTROPY = Op(
    "cross_entropy", ("x", "target"), accepts="real floating", namespace=None, decompose=_cross_entropy,
    samples=_samples,
    vjp=(
        lambda g, x, target, ignore_index, reduction: apply(
            CROSS_ENTROPY_BACKWARD, g, x, target, ignore_index=ignore_index, reduction=reduction
        ),
        None,
    ),
)  # fmt: skip


@public(CROSS_ENTROPY)
def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """The negative log-probability of the target classes, where the probabilities are the softmax of the input.

    Args:
        input: scores (N, C, ...) or (C,).
        target: class numbers (N, ...), or probabilities of the input's shape and of a floating dtype.
        weight: (C,), how much each class counts.
        ignore_index: a class number that counts nothing.
        reduction: "mean" over the weights, "sum", or "none" for (N, ...).
        label_smoothing: how much of each target's probability goes evenly to all classes.

    Raises:
        ValueError: shapes that do not fit, an unknown reduction, or a smoothing outside [0, 1].
        TypeError: class numbers that are not integers.
        IndexError: a class number that is not in [0, C).

    Source: PyTorch, ``torch.nn.functional.cross_entropy``.

    >>> import ndgrad as nd
    >>> cross_entropy(nd.asarray([[0.0, 0.0], [100.0, 0.0]]), nd.asarray([1, 0]))
    tensor(0.3466)
    """
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"label_smoothing must be between 0.0 and 1.0, got {label_smoothing}")
    check_reduction(reduction)
    given_probabilities = target.dtype.is_floating
    if given_probabilities and target.shape != input.shape:
        raise ValueError(
            f"cross_entropy: a target of {target.dtype.name} holds probabilities and must have the input's shape "
            f"{input.shape}, got {target.shape}; class numbers are integers: write target.to(nd.int64)"
        )
    if not given_probabilities:
        _check("cross_entropy", input, target, weight)
    if given_probabilities or label_smoothing:
        return _soft_cross_entropy(input, target, weight, ignore_index, reduction, label_smoothing)
    if not input.dtype.is_inexact:
        input = input.to(nd.get_default_dtype())
    if input.ndim == 1:
        input, target, single = nd.expand_dims(input, axis=0), nd.expand_dims(target, axis=0), reduction == "none"
        loss = cross_entropy(input, target, weight, ignore_index=ignore_index, reduction=reduction)
        return nd.squeeze(loss, axis=0) if single else loss
    if weight is not None:
        return _nll(nd.log_softmax(input, axis=1), target, weight, ignore_index, reduction)
    return apply(CROSS_ENTROPY, input, target, ignore_index=ignore_index, reduction=reduction)


def _soft_cross_entropy(
    x: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int, reduction: str, smoothing: float
) -> Tensor:
    """-sum over classes of q log p, with the target's probabilities q."""
    axis = 0 if x.ndim == 1 else 1
    classes = x.shape[axis]
    weights = nd.ones(classes, dtype=x.dtype, device=x.device) if weight is None else weight
    total: Any
    if target.dtype.is_floating:
        q, total = target, x.size / classes
        q = (1 - smoothing) * q + smoothing / classes
    else:
        counts, chosen = _chosen(target, classes, ignore_index)
        onehot = nd.expand_dims(chosen, axis=axis) == _classes(x, axis)
        q = ((1 - smoothing) * onehot.to(x.dtype) + smoothing / classes) * nd.expand_dims(counts, axis=axis).to(x.dtype)
        total = nd.sum(nd.where(counts, weights[chosen], 0.0))
    losses = -nd.sum(q * nd.reshape(weights, _classes(x, axis).shape) * nd.log_softmax(x, axis=axis), axis=axis)
    return nd.sum(losses) / total if reduction == "mean" else reduce(losses, reduction)


def nll_loss(
    input: Tensor, target: Tensor, weight: Tensor | None = None, *, ignore_index: int = -100, reduction: str = "mean"
) -> Tensor:
    """:func:`cross_entropy` of an input that holds log-probabilities already, for class numbers as targets.

    Raises:
        ValueError: shapes that do not fit, or an unknown reduction.
        TypeError: class numbers that are not integers.
        IndexError: a class number that is not in [0, C).

    Source: PyTorch, ``torch.nn.functional.nll_loss``.

    >>> import ndgrad as nd
    >>> nll_loss(nd.log(nd.asarray([[0.5, 0.5]])), nd.asarray([1]))
    tensor(0.6931)
    """
    check_reduction(reduction)
    _check("nll_loss", input, target, weight)
    if input.ndim == 1:
        loss = _nll(nd.expand_dims(input, axis=0), nd.expand_dims(target, axis=0), weight, ignore_index, reduction)
        return nd.squeeze(loss, axis=0) if reduction == "none" else loss
    return _nll(input, target, weight, ignore_index, reduction)


def _check(name: str, input: Tensor, target: Tensor, weight: Tensor | None) -> None:
    if input.ndim < 1:
        raise ValueError(f"{name} takes scores (N, C, ...) or (C,), got a 0-d tensor")
    if not target.dtype.is_integral:
        raise TypeError(f"{name}: class numbers are integers, got {target.dtype.name}; write target.to(nd.int64)")
    expected = () if input.ndim == 1 else (input.shape[0], *input.shape[2:])
    if target.shape != expected:
        raise ValueError(
            f"{name}: an input of shape {input.shape} takes class numbers of shape {expected}, got {target.shape}; "
            "classes lie along axis 1 of the input"
        )
    classes = input.shape[0 if input.ndim == 1 else 1]
    if weight is not None and weight.shape != (classes,):
        raise ValueError(f"{name}: weight must have one entry for each of {classes} classes, got shape {weight.shape}")
