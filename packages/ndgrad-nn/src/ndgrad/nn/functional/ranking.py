"""Losses that compare scores and embeddings with each other: what fits is to be closer, by a margin."""

from __future__ import annotations

from collections.abc import Callable

import ndgrad as nd
from ndgrad import Tensor

from .distance import cosine_similarity, pairwise_distance
from .losses import reduce

__all__ = [
    "cosine_embedding_loss", "hinge_embedding_loss", "margin_ranking_loss", "multi_margin_loss", "soft_margin_loss",
    "triplet_margin_loss", "triplet_margin_with_distance_loss",
]  # fmt: skip


def _excess(x: Tensor) -> Tensor:
    """max(0, x), whose derivative at 0 is 1, as PyTorch has it in these losses."""
    return nd.clip(x, 0, None)


def margin_ranking_loss(
    input1: Tensor, input2: Tensor, target: Tensor, *, margin: float = 0.0, reduction: str = "mean"
) -> Tensor:
    """max(0, -t (x1 - x2) + margin): for t = 1, x1 is to rank higher, for t = -1, x2.

    Source: PyTorch, ``torch.nn.functional.margin_ranking_loss``.

    >>> import ndgrad as nd
    >>> margin_ranking_loss(nd.asarray([1.0]), nd.asarray([3.0]), nd.asarray([1.0]))
    tensor(2.)
    """
    return reduce(_excess(-target * (input1 - input2) + margin), reduction)


def hinge_embedding_loss(input: Tensor, target: Tensor, *, margin: float = 1.0, reduction: str = "mean") -> Tensor:
    """X where t = 1, max(0, margin - x) where t = -1, for distances x.

    Source: PyTorch, ``torch.nn.functional.hinge_embedding_loss``.

    >>> import ndgrad as nd
    >>> hinge_embedding_loss(nd.asarray([0.5, 0.25]), nd.asarray([1, -1]), reduction="none")
    tensor([0.5000, 0.7500])
    """
    near, far = nd.where(target == -1, 0.0, input), nd.where(target == 1, 0.0, _excess(margin - input))
    return reduce(near + far, reduction)  # for a target that is neither, both, as in PyTorch


def cosine_embedding_loss(
    input1: Tensor, input2: Tensor, target: Tensor, *, margin: float = 0.0, reduction: str = "mean"
) -> Tensor:
    """1 - cos(x1, x2) where t = 1, max(0, cos(x1, x2) - margin) where t = -1.

    Source: PyTorch, ``torch.nn.functional.cosine_embedding_loss``.

    >>> import ndgrad as nd
    >>> cosine_embedding_loss(nd.ones((1, 2)), -nd.ones((1, 2)), nd.asarray([1]))
    tensor(2.)
    """
    cosine = cosine_similarity(input1, input2, dim=-1)
    return reduce(nd.where(target == 1, 1 - cosine, _excess(cosine - margin)), reduction)


def soft_margin_loss(input: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """log(1 + exp(-t x)) for t = 1 or -1. Source: PyTorch, ``torch.nn.functional.soft_margin_loss``.

    >>> import ndgrad as nd
    >>> soft_margin_loss(nd.zeros(2), nd.asarray([1.0, -1.0]))
    tensor(0.6931)
    """
    return reduce(-nd.logsigmoid(target * input), reduction)


def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    *,
    reduction: str = "mean",
) -> Tensor:
    """The mean over the other classes of max(0, margin - x[t] + x[i])^p, for scores (N, C) and classes (N,).

    Source: PyTorch, ``torch.nn.functional.multi_margin_loss``.

    >>> import ndgrad as nd
    >>> multi_margin_loss(nd.asarray([[0.0, 1.0]]), nd.asarray([1]))
    tensor(0.)
    """
    single = input.ndim < 2
    scores, classes = (nd.reshape(input, (1, -1)), nd.reshape(target, (1,))) if single else (input, target)
    chosen = nd.take_along_axis(scores, nd.expand_dims(classes, axis=1), axis=1)
    gaps = nd.relu(margin - chosen + scores) ** p
    if weight is not None:
        gaps = gaps * nd.expand_dims(weight[classes], axis=1)
    others = nd.arange(scores.shape[1], device=scores.device) != nd.expand_dims(classes, axis=1)
    losses = nd.sum(nd.where(others, gaps, 0.0), axis=1) / scores.shape[1]
    return reduce(losses[0] if single else losses, reduction)


def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    *,
    reduction: str = "mean",
) -> Tensor:
    """max(0, |anchor - positive| - |anchor - negative| + margin), with p-norms over the last axis.

    ``swap`` takes |positive - negative| where that is the smaller distance to a negative.

    Source: Balntas et al. 2016, "Learning shallow convolutional feature descriptors with triplet losses"; PyTorch,
    ``torch.nn.functional.triplet_margin_loss``.

    >>> import ndgrad as nd
    >>> triplet_margin_loss(nd.zeros((1, 2)), nd.zeros((1, 2)), nd.zeros((1, 2)))
    tensor(1.)
    """

    def distance(a: Tensor, b: Tensor) -> Tensor:
        return pairwise_distance(a, b, p, eps)

    return triplet_margin_with_distance_loss(
        anchor, positive, negative, distance_function=distance, margin=margin, swap=swap, reduction=reduction
    )


def triplet_margin_with_distance_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """:func:`triplet_margin_loss` with a distance of one's own.

    Source: PyTorch, ``torch.nn.functional.triplet_margin_with_distance_loss``.
    """
    distance = distance_function or pairwise_distance
    to_negative = distance(anchor, negative)
    if swap:
        to_negative = nd.minimum(to_negative, distance(positive, negative))
    return reduce(_excess(distance(anchor, positive) - to_negative + margin), reduction)
