"""Cross entropy without intermediate tensors: the softmax is computed where it is needed and never kept."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["KERNELS", "cross_entropy", "cross_entropy_backward"]

Array = np.ndarray[Any, Any]


def cross_entropy(x: Array, target: Array, *, ignore_index: int, reduction: str) -> Array:
    """-log softmax(x)[t] of scores (N, C, ...), its mean over the samples that are not ignored, or its sum."""
    scores, chosen, counts = _rows(x, target, ignore_index)
    peak = scores.max(axis=1, keepdims=True)
    total = np.exp(scores - peak).sum(axis=1)
    losses = np.log(total) + peak[:, 0] - scores[np.arange(len(scores)), chosen]
    if counts is not None:
        losses = np.where(counts, losses, scores.dtype.type(0))
    if reduction == "none":
        return losses.astype(x.dtype, copy=False).reshape(target.shape)
    return np.asarray(losses.sum() * _share(reduction, counts, scores), x.dtype)


def cross_entropy_backward(g: Array, x: Array, target: Array, *, ignore_index: int, reduction: str) -> Array:
    """(softmax(x) - onehot(t)) times each sample's share of ``g``."""
    scores, chosen, counts = _rows(x, target, ignore_index)
    share = g.astype(scores.dtype, copy=False).reshape(-1) * _share(reduction, counts, scores)
    share = share if counts is None else share * counts
    dx = np.exp(scores - scores.max(axis=1, keepdims=True))
    dx *= (share / dx.sum(axis=1))[:, None]
    dx[np.arange(len(dx)), chosen] -= share
    if x.ndim > 2:
        dx = np.moveaxis(dx.reshape(x.shape[0], *x.shape[2:], x.shape[1]), -1, 1)
    return dx.astype(x.dtype, copy=False)


def _rows(x: Array, target: Array, ignore_index: int) -> tuple[Array, Array, Array | None]:
    """Scores (samples, C), the class of each sample, and which samples count: None for all."""
    scores = x if x.ndim == 2 else np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])
    scores = scores if x.dtype.itemsize > 2 else scores.astype(np.float32)
    chosen, classes = target.reshape(-1), x.shape[1]
    if not chosen.size or (chosen.min() >= 0 and chosen.max() < classes and ignore_index not in range(classes)):
        return scores, chosen, None
    counts = chosen != ignore_index
    wrong = chosen[counts & ((chosen < 0) | (chosen >= classes))]
    if wrong.size:
        raise IndexError(
            f"target {wrong[0]} is out of bounds for {classes} classes; classes are counted from 0, and "
            f"{ignore_index} marks samples to ignore"
        )
    return scores, np.where(counts, chosen, 0), counts


def _share(reduction: str, counts: Array | None, scores: Array) -> Any:
    """What each sample's loss counts in the result."""
    if reduction != "mean":
        return scores.dtype.type(1)
    return scores.dtype.type(1) / scores.dtype.type(len(scores) if counts is None else counts.sum())


KERNELS = {f.__name__: f for f in (cross_entropy, cross_entropy_backward)}
