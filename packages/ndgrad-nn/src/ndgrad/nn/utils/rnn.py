"""Sequences of unequal lengths: filled up side by side, or packed step by step with nothing between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Self

import ndgrad as nd
from ndgrad import Tensor

__all__ = [
    "PackedSequence", "invert_permutation", "pack_padded_sequence", "pack_sequence", "pad_packed_sequence",
    "pad_sequence", "unpack_sequence", "unpad_sequence",
]  # fmt: skip


class _Packed(NamedTuple):
    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None
    unsorted_indices: Tensor | None


class PackedSequence(_Packed):
    """Sequences of unequal lengths, the longest first, of which each step lies beside that of the others.

    Recurrent layers take and return them. :func:`pack_padded_sequence` and :func:`pack_sequence` make them.

    Attributes:
        data: (total length, ...), the first elements of all sequences, then the second ones, and so on.
        batch_sizes: of each step, how many sequences have one, (longest length,), on the CPU.
        sorted_indices: where each stood before they were put in order, or None.
        unsorted_indices: the inverse.

    Source: PyTorch, ``torch.nn.utils.rnn.PackedSequence``.

    >>> import ndgrad as nd
    >>> packed = pack_sequence([nd.asarray([1, 2, 3]), nd.asarray([4])])
    >>> packed.data, packed.batch_sizes
    (tensor([1, 4, 2, 3]), tensor([2, 1, 1]))
    """

    __slots__ = ()

    def __new__(
        cls,
        data: Tensor,
        batch_sizes: Tensor,
        sorted_indices: Tensor | None = None,
        unsorted_indices: Tensor | None = None,
    ) -> Self:
        """A packed sequence of these parts; where only ``sorted_indices`` are given, the inverse is found."""
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def _changed(self, change: Callable[[Tensor], Tensor]) -> Self:
        """The same sequences with changed data, and indices beside them."""
        data = change(self.data)
        indices = [None if i is None else i.to(data.device) for i in (self.sorted_indices, self.unsorted_indices)]
        return type(self)(data, self.batch_sizes, *indices)

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """With data of another device or dtype, as :meth:`ndgrad.Tensor.to` takes them."""
        return self._changed(lambda data: data.to(*args, **kwargs))

    def cpu(self) -> Self:
        """On the CPU."""
        return self.to("cpu")

    def cuda(self, device: Any = None) -> Self:
        """On the first CUDA device, or on this one."""
        return self.to("cuda" if device is None else device)

    def double(self) -> Self:
        """In float64."""
        return self.to(nd.float64)

    def float(self) -> Self:
        """In float32."""
        return self.to(nd.float32)

    def half(self) -> Self:
        """In float16."""
        return self.to(nd.float16)

    def long(self) -> Self:
        """In int64."""
        return self.to(nd.int64)

    def int(self) -> Self:
        """In int32."""
        return self.to(nd.int32)

    @property
    def is_cuda(self) -> bool:
        """Whether the data lies on a CUDA device."""
        return str(self.data.device).startswith("cuda")

    def pin_memory(self) -> Self:
        """The same: there is no other memory to put it in."""
        return self


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """The permutation that undoes this one.

    >>> import ndgrad as nd
    >>> invert_permutation(nd.asarray([2, 0, 1]))
    tensor([1, 2, 0])
    """
    return None if permutation is None else nd.argsort(permutation)


def pack_padded_sequence(
    input: Tensor, lengths: Tensor | Sequence[int], batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Sequences that were filled up, packed.

    Args:
        input: (L, N, ...), or with ``batch_first`` (N, L, ...).
        lengths: how many elements each has, (N,).
        batch_first: whether the batch is the first axis.
        enforce_sorted: whether the lengths must not increase; else sequences are put in order, and back at the end.

    Raises:
        ValueError: lengths that do not fit the input, are not positive, or are out of order.

    Source: PyTorch, ``torch.nn.utils.rnn.pack_padded_sequence``.

    >>> import ndgrad as nd
    >>> pack_padded_sequence(nd.asarray([[1, 2], [3, 0]]), [2, 1], batch_first=True).data
    tensor([1, 3, 2])
    """
    counts = [int(n) for n in (lengths.tolist() if isinstance(lengths, Tensor) else lengths)]
    x = nd.swapaxes(input, 0, 1) if batch_first else input
    _check_lengths(counts, x, enforce_sorted)
    order = None
    if not enforce_sorted:
        places = sorted(range(len(counts)), key=lambda i: -counts[i])
        counts, order = [counts[i] for i in places], nd.asarray(places, dtype=nd.int64, device=x.device)
        x = nd.take(x, order, axis=1)
    present = _present(counts, counts[0], x.device)
    x = x[: counts[0]]
    data = nd.take(nd.reshape(x, (-1, *x.shape[2:])), nd.nonzero(nd.reshape(present, (-1,)))[0], axis=0)
    sizes = [sum(n > step for n in counts) for step in range(counts[0])]
    return PackedSequence(data, nd.asarray(sizes, dtype=nd.int64, device="cpu"), order)


def _check_lengths(counts: list[int], x: Tensor, enforce_sorted: bool) -> None:
    if x.ndim < 2 or len(counts) != x.shape[1] or not counts:
        raise ValueError(f"{len(counts)} lengths do not fit sequences of shape {x.shape} (length, batch, ...)")
    if min(counts) < 1 or max(counts) > x.shape[0]:
        raise ValueError(f"lengths lie between 1 and {x.shape[0]}, that of the input, got {counts}")
    if enforce_sorted and counts != sorted(counts, reverse=True):
        raise ValueError(f"lengths must not increase, got {counts}; write enforce_sorted=False to put them in order")


def _present(counts: Sequence[int], longest: int, device: Any) -> Tensor:
    """(longest, N): whether a sequence has this step."""
    ends = nd.asarray(counts, dtype=nd.int64, device=device)
    return nd.arange(longest, device=device)[:, None] < ends


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Tensor, Tensor]:
    """Packed sequences filled up, in their first order, and their lengths, on the CPU.

    Args:
        sequence: what :func:`pack_padded_sequence` or a recurrent layer returned.
        batch_first: whether the result is (N, L, ...) in place of (L, N, ...).
        padding_value: what stands where a sequence has ended.
        total_length: L; that of the longest sequence by default.

    Raises:
        ValueError: ``total_length`` is shorter than the longest sequence.

    Source: PyTorch, ``torch.nn.utils.rnn.pad_packed_sequence``.

    >>> import ndgrad as nd
    >>> packed = pack_sequence([nd.asarray([1.0]), nd.asarray([2.0, 3.0])], enforce_sorted=False)
    >>> pad_packed_sequence(packed, batch_first=True, padding_value=-1.0)
    (tensor([[ 1., -1.],
            [ 2.,  3.]]), tensor([1, 2]))
    """
    data, sizes = sequence.data, sequence.batch_sizes.tolist()
    longest = len(sizes) if total_length is None else total_length
    if longest < len(sizes):
        raise ValueError(f"total_length={total_length} is shorter than the longest sequence, of length {len(sizes)}")
    counts = [sum(n > i for n in sizes) for i in range(sizes[0])]
    if sequence.unsorted_indices is not None:
        order = sequence.unsorted_indices.tolist()
    else:
        order = list(range(sizes[0]))
    # where each element lies in the packed data, or one place behind it, where the padding is put
    present = _present(counts, longest, data.device)
    places = nd.reshape(nd.cumulative_sum(nd.reshape(present, (-1,)).to(nd.int64)) - 1, present.shape)
    places = nd.where(present, places, data.shape[0])
    places = nd.take(places, nd.asarray(order, dtype=nd.int64, device=data.device), axis=1)
    places = nd.swapaxes(places, 0, 1) if batch_first else places
    padding = nd.full((1, *data.shape[1:]), padding_value, dtype=data.dtype, device=data.device)
    filled = nd.take(nd.concat([data, padding]), nd.reshape(places, (-1,)), axis=0)
    lengths = nd.asarray([counts[i] for i in order], dtype=nd.int64, device="cpu")
    return nd.reshape(filled, (*places.shape, *data.shape[1:])), lengths


def pack_sequence(sequences: Sequence[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Sequences (L_i, ...), packed; see :func:`pack_padded_sequence`.

    Raises:
        ValueError: the lengths increase, without ``enforce_sorted=False``.

    Source: PyTorch, ``torch.nn.utils.rnn.pack_sequence``.
    """
    return pack_padded_sequence(pad_sequence(sequences), [len(s) for s in sequences], enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """The sequences that :func:`pack_sequence` put together.

    Source: PyTorch, ``torch.nn.utils.rnn.unpack_sequence``.

    >>> import ndgrad as nd
    >>> unpack_sequence(pack_sequence([nd.asarray([1, 2]), nd.asarray([3])]))
    [tensor([1, 2]), tensor([3])]
    """
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)


def pad_sequence(
    sequences: Sequence[Tensor], batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right"
) -> Tensor:
    """Sequences (L_i, ...) side by side in one tensor (L, N, ...), the shorter ones filled up.

    Args:
        sequences: of any lengths, otherwise of one shape.
        batch_first: whether the result is (N, L, ...).
        padding_value: what stands where a sequence has ended.
        padding_side: "right" or "left", where that is.

    Raises:
        ValueError: no sequences, or another side.

    Source: PyTorch, ``torch.nn.utils.rnn.pad_sequence``.

    >>> import ndgrad as nd
    >>> pad_sequence([nd.asarray([1, 2, 3]), nd.asarray([4])], batch_first=True)
    tensor([[1, 2, 3],
            [4, 0, 0]])
    """
    if not sequences or padding_side not in ("right", "left"):
        raise ValueError(f"pad_sequence takes at least one sequence, and side 'right' or 'left', got {padding_side!r}")
    length = max(sequence.shape[0] for sequence in sequences)
    padded = []
    for sequence in sequences:
        missing = length - sequence.shape[0]
        widths = [(0, 0)] * sequence.ndim
        widths[0] = (0, missing) if padding_side == "right" else (missing, 0)
        padded.append(nd.pad(sequence, widths, constant_values=padding_value))
    return nd.stack(padded, axis=0 if batch_first else 1)


def unpad_sequence(padded_sequences: Tensor, lengths: Tensor, batch_first: bool = False) -> list[Tensor]:
    """The sequences that :func:`pad_sequence` put together, given their lengths.

    Source: PyTorch, ``torch.nn.utils.rnn.unpad_sequence``.

    >>> import ndgrad as nd
    >>> unpad_sequence(nd.asarray([[1, 2, 3], [4, 0, 0]]), nd.asarray([3, 1]), batch_first=True)[1]
    tensor([4])
    """
    rows = nd.unstack(padded_sequences, axis=0 if batch_first else 1)
    return [row[: int(n)] for row, n in zip(rows, lengths, strict=True)]
