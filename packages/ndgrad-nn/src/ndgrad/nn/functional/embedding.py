"""Rows of a table, looked up by number."""

from __future__ import annotations

import ndgrad as nd
from ndgrad import Tensor

__all__ = ["embedding", "one_hot"]


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
