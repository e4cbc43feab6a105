"""Losses that are likelihoods of a distribution whose parameters a network computes."""

from __future__ import annotations

import math

import ndgrad as nd
from ndgrad import Tensor

from .losses import reduce

__all__ = ["gaussian_nll_loss", "poisson_nll_loss"]


def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Tensor | float,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Tensor:
    """(log v + (x - t)^2 / v) / 2 of means x, variances v and targets t.

    Args:
        input: the means.
        target: of the same shape.
        var: variances of that shape, or without its last axis, or one number; below ``eps`` they count as ``eps``,
            without that the gradient notices.
        full: whether to add the constant log(2 pi) / 2.
        eps: the smallest variance.
        reduction: "mean", "sum" or "none".

    Raises:
        ValueError: variances of another shape.

    Source: Nix and Weigend 1994, "Estimating the mean and variance of the target probability distribution"; PyTorch,
    ``torch.nn.functional.gaussian_nll_loss``.

    >>> import ndgrad as nd
    >>> gaussian_nll_loss(nd.asarray([1.0]), nd.asarray([3.0]), nd.asarray([1.0]))
    tensor(2.)
    """
    variance = var if isinstance(var, Tensor) else nd.full_like(input, var)
    if variance.shape == input.shape[:-1]:
        variance = nd.expand_dims(variance, axis=-1)
    if variance.shape[:-1] != input.shape[:-1] or variance.shape[-1:] not in (input.shape[-1:], (1,)):
        raise ValueError(f"gaussian_nll_loss: var of shape {variance.shape} does not fit an input of {input.shape}")
    floor = nd.clip(variance.detach(), eps, None) - variance.detach()
    variance = variance + floor  # PyTorch's gradient passes the clipping
    losses = 0.5 * (nd.log(variance) + (input - target) ** 2 / variance)
    return reduce(losses + 0.5 * math.log(2 * math.pi) if full else losses, reduction)


def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    reduction: str = "mean",
) -> Tensor:
    """exp(x) - t x of logarithms x of rates, or x - t log(x + eps) of rates, and counts t.

    ``full`` adds Stirling's approximation of log(t!) where t > 1.

    Source: PyTorch, ``torch.nn.functional.poisson_nll_loss``.

    >>> import ndgrad as nd
    >>> poisson_nll_loss(nd.asarray([0.0]), nd.asarray([3.0]))
    tensor(1.)
    """
    losses = nd.exp(input) - target * input if log_input else input - target * nd.log(input + eps)
    if full:
        counts = nd.where(target > 1, target, 1.0)
        stirling = counts * nd.log(counts) - counts + 0.5 * nd.log(2 * math.pi * counts)
        losses = losses + nd.where(target > 1, stirling, 0.0)
    return reduce(losses, reduction)
