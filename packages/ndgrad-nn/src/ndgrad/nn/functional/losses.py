"""Losses: how far an output is from its target, as one number or one per sample."""

from __future__ import annotations

import warnings

import ndgrad as nd
from ndgrad import Tensor
from ndgrad.dispatch import composite

__all__ = [
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "huber_loss", "kl_div", "l1_loss", "mse_loss", "reduce",
    "smooth_l1_loss",
]  # fmt: skip


def reduce(losses: Tensor, reduction: str) -> Tensor:
    """The mean or the sum of ``losses``, or with "none" themselves.

    Raises:
        ValueError: another word.
    """
    if reduction == "mean":
        return nd.mean(losses)
    if reduction == "sum":
        return nd.sum(losses)
    check_reduction(reduction)
    return losses


def check_reduction(reduction: str) -> None:
    """Refuse anything but "none", "mean" and "sum"."""
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction!r} is not a valid value for reduction; write 'mean', 'sum' or 'none'")


def _warn_of_broadcasting(name: str, input: Tensor, target: Tensor) -> None:
    if input.shape != target.shape:
        warnings.warn(
            f"{name}: the target has shape {target.shape}, the input {input.shape}, and they are broadcast: "
            "if each output has one target, that compares every output with every target; give them the same shape",
            stacklevel=3,
        )


# -- distances ---------------------------------------------------------------------------------------------------------


def mse_loss(input: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """The squared differences of ``input`` and ``target`` (any equal shapes), averaged.

    Warns where the shapes differ. Source: PyTorch, ``torch.nn.functional.mse_loss``.

    Raises:
        ValueError: ``reduction`` is not "mean", "sum" or "none".

    >>> import ndgrad as nd
    >>> mse_loss(nd.asarray([1.0, 2.0]), nd.asarray([1.0, 4.0]))
    tensor(2.)
    """
    _warn_of_broadcasting("mse_loss", input, target)
    return reduce(nd.square(input - target), reduction)


def l1_loss(input: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """The absolute differences of ``input`` and ``target``, averaged; otherwise as :func:`mse_loss`.

    Source: PyTorch, ``torch.nn.functional.l1_loss``.

    >>> import ndgrad as nd
    >>> l1_loss(nd.asarray([1.0, 2.0]), nd.asarray([1.0, 4.0]))
    tensor(1.)
    """
    _warn_of_broadcasting("l1_loss", input, target)
    return reduce(nd.abs(input - target), reduction)


def smooth_l1_loss(input: Tensor, target: Tensor, *, reduction: str = "mean", beta: float = 1.0) -> Tensor:
    """|d| - beta / 2 of each difference d, but d^2 / (2 beta) where |d| < beta; otherwise as :func:`mse_loss`.

    Raises:
        ValueError: ``beta`` is negative.

    Source: Girshick 2015, "Fast R-CNN"; PyTorch, ``torch.nn.functional.smooth_l1_loss``.

    >>> import ndgrad as nd
    >>> smooth_l1_loss(nd.asarray([0.0, 3.0]), nd.asarray([1.0, 0.0]), reduction="none")
    tensor([0.5000, 2.5000])
    """
    if beta < 0:
        raise ValueError(f"smooth_l1_loss does not support negative values for beta, got {beta}")
    if beta == 0:
        return l1_loss(input, target, reduction=reduction)
    _warn_of_broadcasting("smooth_l1_loss", input, target)
    d = input - target
    far = nd.abs(d)  # the square is not of this, whose second derivative is 0 at 0
    return reduce(nd.where(far < beta, d * d * (0.5 / beta), far - 0.5 * beta), reduction)


def huber_loss(input: Tensor, target: Tensor, *, reduction: str = "mean", delta: float = 1.0) -> Tensor:
    """``delta`` times :func:`smooth_l1_loss` with that beta: squares near the target, lines far from it.

    Raises:
        ValueError: ``delta`` is not positive.

    Source: Huber 1964, "Robust estimation of a location parameter"; PyTorch, ``torch.nn.functional.huber_loss``.

    >>> import ndgrad as nd
    >>> huber_loss(nd.asarray([3.0]), nd.asarray([0.0]), delta=2.0)
    tensor(4.)
    """
    if delta <= 0:
        raise ValueError(f"huber_loss does not support non-positive values for delta, got {delta}")
    _warn_of_broadcasting("huber_loss", input, target)
    d = input - target
    far = nd.abs(d)  # the square is not of this, whose second derivative is 0 at 0
    return reduce(nd.where(far < delta, 0.5 * d * d, delta * (far - 0.5 * delta)), reduction)


# -- probabilities -----------------------------------------------------------------------------------------------------


def kl_div(input: Tensor, target: Tensor, *, reduction: str = "mean", log_target: bool = False) -> Tensor:
    """Kullback-Leibler divergence: target (log(target) - input) of each element, 0 where the target is.

    Args:
        input: logarithms of probabilities.
        target: probabilities, or their logarithms with ``log_target``.
        reduction: also "batchmean", the sum over the first length, which is the divergence itself.
        log_target: whether the target holds logarithms.

    Raises:
        ValueError: an unknown reduction.

    Source: PyTorch, ``torch.nn.functional.kl_div``.

    >>> import ndgrad as nd
    >>> kl_div(nd.log(nd.asarray([0.5, 0.5])), nd.asarray([0.0, 1.0]), reduction="sum")
    tensor(0.6931)
    """
    if log_target:
        losses = nd.exp(target) * (target - input)
    else:
        positive = target > 0
        entropy = nd.where(positive, target * nd.log(nd.where(positive, target, 1.0)), 0.0)
        losses = entropy - target * input
    if reduction == "batchmean":
        return nd.sum(losses) / losses.shape[0]
    return reduce(losses, reduction)


@composite(
    name="binary_cross_entropy", accepts="real floating", namespace=None, samples=(0.1, 0.9),
    vjp=(
        lambda g, x1, x2: g * (x1 - x2) / nd.clip(x1 * (1.0 - x1), 1e-12, None),
        lambda g, x1: g * (nd.log1p(-x1) - nd.log(x1)),
    ),
)  # fmt: skip
def _binary_cross_entropy(x1: Tensor, x2: Tensor, /) -> Tensor:
    log_x, log_rest = (nd.clip(logarithm, -100.0, None) for logarithm in (nd.log(x1), nd.log1p(-x1)))
    return (x2 - 1.0) * log_rest - x2 * log_x


def binary_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, *, reduction: str = "mean"
) -> Tensor:
    """-t log(x) - (1 - t) log(1 - x) of probabilities x and targets t, whose logarithms count as at least -100.

    Args:
        input: probabilities in [0, 1].
        target: of the same shape.
        weight: broadcasts to that shape, and multiplies each loss.
        reduction: "mean", "sum" or "none".

    Raises:
        ValueError: the shapes differ, or an unknown reduction; or, on the CPU, a loss is NaN because an input is
            outside of [0, 1].

    Source: PyTorch, ``torch.nn.functional.binary_cross_entropy``.

    >>> import ndgrad as nd
    >>> binary_cross_entropy(nd.asarray([0.5, 1.0]), nd.asarray([1.0, 1.0]))
    tensor(0.3466)
    """
    if input.shape != target.shape:
        raise ValueError(
            f"binary_cross_entropy takes a target of the input's shape, got {target.shape} for {input.shape}; "
            "write target.reshape(input.shape)"
        )
    losses = _binary_cross_entropy(input, target)
    found = reduce(losses if weight is None else losses * weight, reduction)
    if found.device.type == "cpu" and not found.backend.level and bool(nd.any(nd.isnan(found))):
        _refuse_outside(input, target)
    return found


def _refuse_outside(input: Tensor, target: Tensor) -> None:
    """Say what made a loss NaN, if it is an argument outside of [0, 1]."""
    for name, x in (("input", input.detach()), ("target", target.detach())):
        if bool(nd.any((x < 0) | (x > 1))):
            raise ValueError(
                f"binary_cross_entropy: {name} must lie in [0, 1], got values from {float(nd.min(x)):g} to "
                f"{float(nd.max(x)):g}; of logits, write binary_cross_entropy_with_logits"
            )


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    *,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """:func:`binary_cross_entropy` of sigmoid(x), computed so that no logit is too large.

    Args:
        input: logits of any shape.
        target: of the same shape.
        weight: broadcasts to that shape, and multiplies each loss.
        reduction: "mean", "sum" or "none".
        pos_weight: broadcasts to that shape, and multiplies the loss of positive targets.

    Raises:
        ValueError: the shapes differ, or an unknown reduction.

    Source: PyTorch, ``torch.nn.functional.binary_cross_entropy_with_logits``.

    >>> import ndgrad as nd
    >>> binary_cross_entropy_with_logits(nd.asarray([0.0, 1000.0]), nd.asarray([1.0, 1.0]))
    tensor(0.3466)
    """
    if input.shape != target.shape:
        raise ValueError(
            f"Target size {target.shape} must be the same as input size {input.shape}; "
            "write target.reshape(input.shape)"
        )
    # (1 - t) x + (1 + (w - 1) t) log(1 + exp(-x))
    share = 1.0 if pos_weight is None else 1.0 + (pos_weight - 1.0) * target
    losses = (1.0 - target) * input - share * nd.logsigmoid(input)
    return reduce(losses if weight is None else losses * weight, reduction)
