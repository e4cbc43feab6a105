"""Cross entropy without intermediate tensors: the softmax is computed where it is needed and never kept."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["KERNELS", "cross_entropy", "cross_entropy_backward"]

Array = np.ndarray[Any, Any]


def cross_entropy(x: Array, target: Array, weight: Array | None, *, ignore_index: int, reduction: str) -> Array:
    """-w[t] log softmax(x)[t] of scores (N, C, ...), its mean over the weights, or its sum."""
    scores, chosen, weights = _rows(x, target, weight, ignore_index)
    peak = scores.max(axis=1, keepdims=True)
    exponentials = np.exp(scores - peak)
    losses = np.log(exponentials.sum(axis=1)) + peak[:, 0] - scores[np.arange(len(scores)), chosen]
    if weights is not None:
        losses = np.where(weights > 0, losses * weights, scores.dtype.type(0))
    if reduction == "none":
        return losses.astype(x.dtype, copy=False).reshape(target.shape)
    total = losses.sum()
    return np.asarray(total if reduction == "sum" else total / _count(scores, weights), x.dtype)


def cross_entropy_backward(
    g: Array, x: Array, target: Array, weight: Array | None, *, ignore_index: int, reduction: str
) -> Array:
    """(softmax(x) - onehot(t)) times each sample's share of ``g``."""
    scores, chosen, weights = _rows(x, target, weight, ignore_index)
    dx = np.exp(scores - scores.max(axis=1, keepdims=True))
    share = g.astype(scores.dtype, copy=False).reshape(-1)
    if reduction == "mean":
        share = share / _count(scores, weights)
    share = share if weights is None else share * weights
    dx *= (share / dx.sum(axis=1))[:, None]
    dx[np.arange(len(dx)), chosen] -= share
    if x.ndim == 2:
        return dx.astype(x.dtype, copy=False)
    last = dx.reshape(x.shape[0], *x.shape[2:], x.shape[1])
    return np.moveaxis(last, -1, 1).astype(x.dtype, copy=False)


def _rows(x: Array, target: Array, weight: Array | None, ignore_index: int) -> tuple[Array, Array, Array | None]:
    """Scores (samples, C), the class of each sample, and its weight, or None where all count one."""
    scores = x if x.ndim == 2 else np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])
    if x.dtype.itemsize < 4:
        scores = scores.astype(np.float32)
    chosen = target.reshape(-1)
    ignored = chosen == ignore_index
    if ignored.any():
        chosen = np.where(ignored, 0, chosen)
    else:
        ignored = None
    if chosen.size and (chosen.min() < 0 or chosen.max() >= x.shape[1]):
        wrong = chosen[(chosen < 0) | (chosen >= x.shape[1])][0]
        raise IndexError(
            f"cross_entropy: target {wrong} is out of bounds for {x.shape[1]} classes; classes are counted from 0, and "
            f"{ignore_index} marks samples to ignore"
        )
    if weight is None and ignored is None:
        return scores, chosen, None
    weights = np.ones(len(chosen), scores.dtype) if weight is None else weight[chosen].astype(scores.dtype, copy=False)
    return scores, chosen, weights if ignored is None else np.where(ignored, scores.dtype.type(0), weights)


def _count(scores: Array, weights: Array | None) -> Any:
    return len(scores) if weights is None else weights.sum()


KERNELS = {f.__name__: f for f in (cross_entropy, cross_entropy_backward)}
