"""Rows of a table, looked up by number."""

from __future__ import annotations

import ndgrad as nd
from ndgrad import Tensor

__all__ = ["embedding", "embedding_bag", "one_hot"]


def embedding(input: Tensor, weight: Tensor, padding_idx: int | None = None) -> Tensor:
    """The rows of ``weight`` (rows, dim) at the integers ``input`` (any shape): shape (*input.shape, dim).

    Args:
        input: integers from 0 to rows - 1.
        weight: the table.
        padding_idx: a row that gets no gradient.

    Raises:
        TypeError: ``input`` is not of an integer dtype.
        ValueError: ``weight`` is not 2-d.
        IndexError: a number or ``padding_idx`` out of range.

    Source: PyTorch, ``torch.nn.functional.embedding``.

    >>> import ndgrad as nd
    >>> embedding(nd.asarray([2, 0]), nd.asarray([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]))
    tensor([[4., 5.],
            [0., 1.]])
    """
    if not input.dtype.is_integral:
        raise TypeError(f"embedding looks rows up by integers, got {input.dtype.name}; write input.to(nd.int64)")
    if weight.ndim != 2:
        raise ValueError(f"embedding takes a table (rows, dim), got shape {weight.shape}")
    rows = weight[input]
    if padding_idx is None:
        return rows
    if not -weight.shape[0] <= padding_idx < weight.shape[0]:
        raise IndexError(f"padding_idx {padding_idx} is out of range for a table of {weight.shape[0]} rows")
    padding = nd.expand_dims(input == padding_idx % weight.shape[0], axis=-1)
    return nd.where(padding, rows.detach(), rows)


def embedding_bag(
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | None = None,
    *,
    mode: str = "mean",
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    """The sum, mean or maximum of the rows of ``weight`` (rows, dim) in each bag: shape (bags, dim).

    Args:
        input: integers (bags, n), or (N,) with ``offsets``.
        weight: the table.
        offsets: where each bag begins in a 1-d ``input``; a bag may be empty, and gives zeros.
        mode: "sum", "mean" or "max".
        per_sample_weights: of the shape of ``input``, multiplies the rows; for sums only.
        include_last_offset: whether the last offset is the end of the last bag.
        padding_idx: a row that no bag counts.

    Raises:
        ValueError: dimensions or settings that do not fit together.

    Source: PyTorch, ``torch.nn.functional.embedding_bag``.

    >>> import ndgrad as nd
    >>> table = nd.asarray([[1.0], [2.0], [4.0]])
    >>> embedding_bag(nd.asarray([0, 2, 1]), table, nd.asarray([0, 2]), mode="sum")
    tensor([[5.],
            [2.]])
    """
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"embedding_bag: mode is 'sum', 'mean' or 'max', got {mode!r}")
    if per_sample_weights is not None and (mode != "sum" or per_sample_weights.shape != input.shape):
        raise ValueError("embedding_bag takes per_sample_weights for mode='sum' only, and of the shape of the input")
    input, bag, bags = _bags(input, offsets, include_last_offset)
    rows = embedding(input, weight, padding_idx)
    if per_sample_weights is not None:
        rows = rows * nd.reshape(per_sample_weights, (-1, 1))
    counted = nd.ones(input.shape, dtype=nd.bool, device=input.device)
    if padding_idx is not None:
        counted = input != padding_idx % weight.shape[0]
    member = (bag == nd.expand_dims(nd.arange(bags, device=input.device), axis=1)) & counted
    if mode == "max":
        spread = nd.where(nd.expand_dims(member, axis=-1), rows, -nd.inf)
        empty = ~nd.any(member, axis=1, keepdims=True)
        return nd.where(empty, 0.0, nd.max(nd.where(nd.expand_dims(empty, axis=-1), 0.0, spread), axis=1))
    share = member.to(weight.dtype)
    if mode == "mean":
        share = share / nd.clip(nd.sum(share, axis=1, keepdims=True), 1.0, None)
    return nd.matmul(share, rows)


def _bags(input: Tensor, offsets: Tensor | None, include_last: bool) -> tuple[Tensor, Tensor, int]:
    """The integers in one row, the number of each one's bag, and how many bags there are."""
    if (input.ndim, offsets is None) not in ((1, False), (2, True)):
        raise ValueError(
            f"embedding_bag takes an input (bags, n), or (N,) and offsets, got {input.ndim} dimensions with "
            f"{'no offsets' if offsets is None else 'offsets'}"
        )
    if offsets is None:
        bags, n = input.shape
        return nd.reshape(input, (-1,)), nd.repeat(nd.arange(bags, device=input.device), n), bags
    starts = offsets[:-1] if include_last else offsets
    if starts.size and int(starts[0]) != 0:
        raise ValueError(f"embedding_bag: the first offset must be 0, got {int(starts[0])}")
    places = nd.arange(input.shape[0], device=input.device)
    return input, nd.searchsorted(starts, places, side="right") - 1, starts.shape[0]


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """Integers as rows with a single 1: shape (*tensor.shape, num_classes), int64.

    Without ``num_classes``, one more than the largest integer.

    Raises:
        ValueError: an integer is negative or too large.

    Source: PyTorch, ``torch.nn.functional.one_hot``.

    >>> import ndgrad as nd
    >>> one_hot(nd.asarray([1, 0]), 3)
    tensor([[0, 1, 0],
            [1, 0, 0]])
    """
    if num_classes < 0:
        num_classes = int(nd.max(tensor)) + 1
    least, most = (int(nd.min(tensor)), int(nd.max(tensor))) if tensor.size else (0, 0)
    if least < 0 or most >= num_classes:
        raise ValueError(f"one_hot: class values must lie from 0 to {num_classes - 1}, got {least} to {most}")
    classes = nd.arange(num_classes, dtype=tensor.dtype, device=tensor.device)
    return (nd.expand_dims(tensor, axis=-1) == classes).to(nd.int64)
