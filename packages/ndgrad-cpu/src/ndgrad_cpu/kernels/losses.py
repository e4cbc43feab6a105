"""Cross entropy without intermediate tensors: the softmax is computed where it is needed and never kept."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["KERNELS", "cross_entropy", "cross_entropy_backward"]

Array = np.ndarray[Any, Any]

# Called as (x, axis, dtype, out, keepdims): the methods of arrays are Python around these.
_add: Any = np.add.reduce
_maximum: Any = np.maximum.reduce
_minimum: Any = np.minimum.reduce


def cross_entropy(x: Array, target: Array, *, ignore_index: int, reduction: str) -> Array:
    """-log softmax(x)[t] of scores (N, C, ...), its mean over the samples that are not ignored, or its sum."""
    scores, chosen = _rows(x, target)
    chosen, counts = _checked(chosen, x.shape[1], ignore_index)
    peak = _maximum(scores, 1, None, None, True)
    total = _add(np.exp(scores - peak), 1)
    losses = np.log(total) + peak[:, 0] - scores[np.arange(len(scores)), chosen]
    if counts is not None:
        losses = np.where(counts, losses, scores.dtype.type(0))
    if reduction == "none":
        return losses.astype(x.dtype, copy=False).reshape(target.shape)
    return np.asarray(_add(losses) * _share(reduction, counts, scores), x.dtype)


def cross_entropy_backward(g: Array, x: Array, target: Array, *, ignore_index: int, reduction: str) -> Array:
    """(softmax(x) - onehot(t)) times each sample's share of ``g``."""
    scores, chosen = _rows(x, target)
    counts = chosen != ignore_index  # the forward pass has found the classes good
    if counts.all():
        counts = None
    else:
        chosen = np.where(counts, chosen, 0)
    share = g.astype(scores.dtype, copy=False).reshape(-1) * _share(reduction, counts, scores)
    share = share if counts is None else share * counts
    dx = np.exp(scores - _maximum(scores, 1, None, None, True))
    dx *= (share / _add(dx, 1))[:, None]
    dx[np.arange(len(dx)), chosen] -= share
    if x.ndim > 2:
        dx = np.moveaxis(dx.reshape(x.shape[0], *x.shape[2:], x.shape[1]), -1, 1)
    return dx.astype(x.dtype, copy=False)


def _rows(x: Array, target: Array) -> tuple[Array, Array]:
    """Scores (samples, C), and the class of each sample."""
    scores = x if x.ndim == 2 else np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])
    return scores if x.dtype.itemsize > 2 else scores.astype(np.float32), target.reshape(-1)


def _checked(chosen: Array, classes: int, ignore_index: int) -> tuple[Array, Array | None]:
    """The classes, 0 for samples to ignore, and which samples count: None for all."""
    if not chosen.size or (not 0 <= ignore_index < classes and _minimum(chosen) >= 0 and _maximum(chosen) < classes):
        return chosen, None
    counts = chosen != ignore_index
    wrong = chosen[counts & ((chosen < 0) | (chosen >= classes))]
    if wrong.size:
        raise IndexError(
            f"target {wrong[0]} is out of bounds for {classes} classes; classes are counted from 0, and "
            f"{ignore_index} marks samples to ignore"
        )
    return np.where(counts, chosen, 0), counts


def _share(reduction: str, counts: Array | None, scores: Array) -> Any:
    """What each sample's loss counts in the result."""
    if reduction != "mean":
        return scores.dtype.type(1)
    return scores.dtype.type(1) / scores.dtype.type(len(scores) if counts is None else counts.sum())


KERNELS = {f.__name__: f for f in (cross_entropy, cross_entropy_backward)}
