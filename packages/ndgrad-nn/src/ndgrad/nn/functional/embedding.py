"""Rows of a table, looked up by number."""

from __future__ import annotations

from typing import Any

import ndgrad as nd
from ndgrad import Tensor

__all__ = ["embedding", "embedding_bag", "one_hot"]


def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """The rows of ``weight`` (rows, dim) at the integers ``input`` (any shape): shape (*input.shape, dim).

    Args:
        input: integers from 0 to rows - 1.
        weight: the table.
        padding_idx: a row that gets no gradient.
        max_norm: rows that are looked up and longer than this are first shortened to it, in ``weight`` itself.
        norm_type: the order of the norm that measures them.
        scale_grad_by_freq: whether the gradient of a row is divided by the number of times that it is looked up.
        sparse: without effect; gradients are dense.

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
    if max_norm is not None:
        _shorten(weight, input, max_norm, norm_type)
    try:
        rows = weight[input]
    except IndexError:
        raise IndexError(
            f"embedding: input holds numbers from {int(nd.min(input))} to {int(nd.max(input))}, which the table of "
            f"shape {weight.shape} does not have: its rows are 0 to {weight.shape[0] - 1}"
        ) from None
    if scale_grad_by_freq:
        rows = _Shared.apply(rows, nd.expand_dims(_frequencies(input, weight), axis=-1))
    if padding_idx is None:
        return rows
    if not -weight.shape[0] <= padding_idx < weight.shape[0]:
        raise IndexError(f"padding_idx {padding_idx} is out of range for a table of {weight.shape[0]} rows")
    padding = nd.expand_dims(input == padding_idx % weight.shape[0], axis=-1)
    return nd.where(padding, rows.detach(), rows)


def _shorten(weight: Tensor, input: Tensor, longest: float, order: float) -> None:
    with nd.no_grad():
        numbers = nd.unique_values(input)
        rows = weight[numbers]
        norms = nd.linalg.vector_norm(rows, axis=1, ord=order, keepdims=True)
        weight[numbers] = nd.where(norms > longest, rows * (longest / (norms + 1e-7)), rows)


def _frequencies(input: Tensor, weight: Tensor) -> Tensor:
    """How often each of the integers is among them."""
    numbers = nd.reshape(input, (-1,))
    counts = nd.zeros(weight.shape[0], dtype=weight.dtype, device=weight.device)
    return nd.index_add(counts, 0, numbers, nd.ones_like(numbers, dtype=weight.dtype))[input]


class _Shared(nd.autograd.Function):
    """Its argument, whose gradient is divided."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, shares: Tensor) -> Tensor:
        ctx.save_for_backward(shares)
        return x.clone()

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor, None]:
        return g / ctx.saved_tensors[0], None


def embedding_bag(
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    """The sum, mean or maximum of the rows of ``weight`` (rows, dim) in each bag: shape (bags, dim).

    Args:
        input: integers (bags, n), or (N,) with ``offsets``.
        weight: the table.
        offsets: where each bag begins in a 1-d ``input``; a bag may be empty, and gives zeros.
        max_norm: as for :func:`embedding`, as are the following three.
        norm_type: the order of the norm.
        scale_grad_by_freq: whether gradients are divided by how often a row is looked up; not for maxima.
        sparse: without effect.
        mode: "sum", "mean" or "max"; the gradient of a maximum goes to the first row that holds it.
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
    if mode == "max" and scale_grad_by_freq:
        raise ValueError("embedding_bag does not scale the gradients of mode='max' by frequency")
    input, bag, bags = _bags(input, offsets, include_last_offset)
    rows = embedding(input, weight, padding_idx, max_norm, norm_type, scale_grad_by_freq)
    if per_sample_weights is not None:
        rows = rows * nd.reshape(per_sample_weights, (-1, 1))
    counted = nd.ones_like(input, dtype=nd.bool)
    if padding_idx is not None:
        counted = input != padding_idx % weight.shape[0]
        rows = nd.where(nd.expand_dims(counted, axis=1), rows, nd.zeros_like(rows))
    if mode == "max":
        return _maxima(rows, bag, counted, bags)
    empty = nd.zeros((bags, weight.shape[1]), dtype=rows.dtype, device=weight.device)
    total = nd.index_add(empty, 0, bag, rows)
    if mode == "sum":
        return total
    sizes = nd.index_add(empty[:, :1], 0, bag, nd.expand_dims(counted, axis=1).to(rows.dtype))
    return total / nd.clip(sizes, 1.0, None)


def _maxima(rows: Tensor, bag: Tensor, counted: Tensor, bags: int) -> Tensor:
    """The greatest element in each column of each bag's rows, the first of equals; zero where a bag counts no row."""
    n, width = rows.shape
    values, counted = rows.detach(), nd.expand_dims(counted, axis=1)
    places = nd.broadcast_to(nd.expand_dims(bag, axis=1), rows.shape)
    order = nd.broadcast_to(nd.expand_dims(nd.arange(n, device=rows.device), axis=1), rows.shape)
    least = nd.full((bags, width), -nd.inf, dtype=rows.dtype, device=rows.device)
    greatest = nd.scatter_reduce(least, 0, places, nd.where(counted, values, -nd.inf), "amax")[bag]
    found = counted & ((values == greatest) | nd.isnan(values))
    none = nd.full((bags, width), n, dtype=nd.int64, device=rows.device)
    first = nd.scatter_reduce(none, 0, places, nd.where(found, order, n), "amin")
    return nd.take_along_axis(nd.concat([rows, nd.zeros_like(rows[:1])]), first, axis=0)


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
