"""Connectionist temporal classification: the likelihood of a sequence of labels, however it is spread over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ndgrad as nd
from ndgrad import Tensor

__all__ = ["ctc_loss"]

_NEVER = -1e30  # stands for the logarithm of 0, and has a gradient that is no NaN


def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Tensor | Sequence[int],
    target_lengths: Tensor | Sequence[int],
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Tensor:
    """Minus the log-likelihood of label sequences: the sum over all ways to repeat labels and put blanks between them.

    Args:
        log_probs: (T, N, C), logarithms of probabilities as :func:`log_softmax` gives them; or (T, C) for one.
        targets: labels (N, S), or all of them one after the other.
        input_lengths: how many of the T steps each sequence has, (N,).
        target_lengths: how many labels, (N,).
        blank: the class that says nothing.
        reduction: "none", "sum", or "mean", which divides by the lengths of the targets first.
        zero_infinity: losses of sequences too short for their labels are 0, and so are their gradients.

    Raises:
        ValueError: shapes or lengths that do not fit, or another reduction.

    The gradient is that of the formula. PyTorch's differs by ``exp(log_probs)``, which a softmax before it takes away.

    Source: A. Graves et al., "Connectionist temporal classification", ICML (2006); PyTorch, ``ctc_loss``.

    >>> import ndgrad as nd
    >>> uniform = nd.full((3, 1, 2), 0.5).log()
    >>> ctc_loss(uniform, nd.asarray([[1]]), [3], [1])
    tensor(0.2877)
    """
    if reduction not in ("none", "sum", "mean"):
        raise ValueError(f"ctc_loss: reduction is 'none', 'sum' or 'mean', got {reduction!r}")
    single = log_probs.ndim == 2
    x = nd.expand_dims(log_probs, axis=1) if single else log_probs
    if x.ndim != 3:
        raise ValueError(f"ctc_loss takes log_probs (T, N, C) or (T, C), got shape {log_probs.shape}")
    steps, n, classes = x.shape
    ins, outs = _lengths("input", input_lengths, n), _lengths("target", target_lengths, n)
    if max(ins, default=0) > steps or min([*ins, *outs], default=0) < 0 or not 0 <= blank < classes:
        raise ValueError(f"ctc_loss: input_lengths {ins} or blank={blank} do not fit log_probs of shape {x.shape}")
    labels = _labels(targets, outs, n, blank)
    nll = _negative_log_likelihood(x, labels, ins, outs, blank)
    if zero_infinity:
        nll = nd.where(nll.detach() == float("inf"), 0.0, nll)
    if reduction == "mean":
        divisor = nd.asarray([max(m, 1) for m in outs], dtype=nll.dtype, device=nll.device)
        return nd.mean(nll / divisor)
    return nd.sum(nll) if reduction == "sum" else nd.squeeze(nll, axis=0) if single else nll


def _lengths(what: str, lengths: Any, n: int) -> list[int]:
    given = lengths.tolist() if isinstance(lengths, Tensor) else lengths
    found = [int(m) for m in given] if isinstance(given, (list, tuple)) else [int(given)]
    if len(found) != n:
        raise ValueError(f"ctc_loss: {what}_lengths has {len(found)} entries for a batch of {n}")
    return found


def _labels(targets: Tensor, lengths: list[int], n: int, blank: int) -> Tensor:
    """Labels (N, S), filled up with blanks."""
    longest = max([1, *lengths])
    if targets.ndim == 1 and (n != 1 or targets.shape[0] != max(lengths, default=0)):
        if targets.shape[0] != sum(lengths):
            raise ValueError(f"ctc_loss: {targets.shape[0]} labels one after the other for lengths {lengths}")
        starts = [sum(lengths[:i]) for i in range(n)]
        rows = [targets[a : a + m] for a, m in zip(starts, lengths, strict=True)]
    else:
        table = targets if targets.ndim == 2 else nd.expand_dims(targets, axis=0)
        if table.shape[0] != n or table.shape[1] < max(lengths, default=0):
            raise ValueError(f"ctc_loss: targets of shape {targets.shape} for a batch of {n} and lengths {lengths}")
        rows = [table[i, :m] for i, m in enumerate(lengths)]
    return nd.stack([nd.pad(row, ((0, longest - row.shape[0]),), constant_values=blank) for row in rows]).to(nd.int64)


def _negative_log_likelihood(x: Tensor, labels: Tensor, ins: list[int], outs: list[int], blank: int) -> Tensor:
    # alpha[s]: all ways to be at the s-th of the labels with blanks around them (Graves, equations 6 to 8)
    n, s = labels.shape
    between = nd.full((n, s, 2), blank, dtype=nd.int64, device=x.device)
    between[:, :, 1] = labels
    extended = nd.concat([nd.reshape(between, (n, 2 * s)), between[:, :1, 0]], axis=1)  # (N, 2 S + 1)
    emitted = nd.take_along_axis(x, nd.broadcast_to(extended, (x.shape[0], *extended.shape)), axis=2)
    emitted = nd.maximum(emitted, _NEVER)
    differs = extended[:, 2:] != extended[:, :-2]
    jumps = nd.concat([nd.zeros((n, 2), dtype=nd.bool, device=x.device), differs & (extended[:, 2:] != blank)], axis=1)
    place = nd.arange(2 * s + 1, device=x.device)
    never = nd.full((n, 2), _NEVER, dtype=x.dtype, device=x.device)
    alpha = nd.where(place < 2, emitted[0], _NEVER) if x.shape[0] else nd.full_like(emitted[:1], _NEVER)
    lengths = nd.asarray(ins, device=x.device)[:, None]
    for t in range(1, x.shape[0]):
        shifted = nd.concat([never, alpha], axis=1)
        ways = nd.stack([alpha, shifted[:, 1:-1], nd.where(jumps, shifted[:, :-2], _NEVER)])
        moved = nd.maximum(nd.logsumexp(ways, axis=0) + emitted[t], _NEVER)
        alpha = nd.where(t < lengths, moved, alpha)
    ends = nd.asarray([[2 * m, max(2 * m - 1, 0)] for m in outs], device=x.device)
    last = nd.take_along_axis(alpha, ends, axis=1)
    empty = nd.asarray([m == 0 for m in outs], device=x.device)
    total = nd.where(empty, last[:, 0], nd.logsumexp(last, axis=1))
    return nd.where(total > _NEVER / 2, -total, float("inf"))
