"""Losses for samples that belong to several classes."""

from __future__ import annotations

import ndgrad as nd
from ndgrad import Tensor

from .losses import reduce

__all__ = ["multilabel_margin_loss", "multilabel_soft_margin_loss"]


def multilabel_soft_margin_loss(
    input: Tensor, target: Tensor, weight: Tensor | None = None, *, reduction: str = "mean"
) -> Tensor:
    """The mean over the classes of the logistic loss of each, for scores and targets of 0 and 1, (N, C) or (C,).

    Source: PyTorch, ``torch.nn.functional.multilabel_soft_margin_loss``.

    >>> import ndgrad as nd
    >>> multilabel_soft_margin_loss(nd.zeros((1, 2)), nd.asarray([[1.0, 0.0]]))
    tensor(0.6931)
    """
    if input.shape != target.shape:
        raise ValueError(f"multilabel_soft_margin_loss: input {input.shape} and target {target.shape} must be alike")
    loss = -(target * nd.logsigmoid(input) + (1 - target) * nd.logsigmoid(-input))
    return reduce(nd.mean(loss if weight is None else loss * weight, axis=-1), reduction)


def multilabel_margin_loss(input: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """The mean over the classes of max(0, 1 - (x[t] - x[i])), summed over the targets t, for i that is none of them.

    Args:
        input: scores (N, C) or (C,).
        target: of the same shape, the classes of a sample, then a -1; what comes behind it does not count.
        reduction: "none", "mean" or "sum".

    Raises:
        ValueError: shapes that differ.

    Source: PyTorch, ``torch.nn.functional.multilabel_margin_loss``.

    >>> import ndgrad as nd
    >>> multilabel_margin_loss(nd.asarray([[0.1, 0.2, 0.4, 0.8]]), nd.asarray([[3, 0, -1, 1]]))
    tensor(0.8500)
    """
    if not input.ndim and not target.ndim:  # a single class, as PyTorch takes it
        input, target = nd.reshape(input, (1,)), nd.reshape(target, (1,))
    if input.shape != target.shape or input.ndim not in (1, 2):
        raise ValueError(
            f"multilabel_margin_loss takes scores and classes (N, C) or (C,), got {input.shape} and {target.shape}"
        )
    scores, classes = (nd.expand_dims(t, axis=0) if t.ndim == 1 else t for t in (input, target))
    c = scores.shape[1]
    counts = nd.cumulative_sum((classes < 0).to(nd.int64), axis=1) == 0  # before the first -1
    chosen = nd.where(counts, classes, 0).to(nd.int64)
    hits = chosen[:, :, None] == nd.arange(c, device=scores.device)
    is_target = nd.any(hits & counts[:, :, None], axis=1)
    wanted = nd.take_along_axis(scores, chosen, axis=1)
    gaps = nd.clip(1 - (wanted[:, :, None] - scores[:, None, :]), 0, None)
    counted = counts[:, :, None] & ~is_target[:, None, :]
    loss = nd.sum(nd.where(counted, gaps, 0.0), axis=(1, 2)) / c
    return reduce(nd.squeeze(loss, axis=0) if input.ndim == 1 else loss, reduction)
