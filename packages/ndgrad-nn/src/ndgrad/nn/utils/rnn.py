"""Sequences of unequal lengths."""

from __future__ import annotations

from collections.abc import Sequence

import ndgrad as nd
from ndgrad import Tensor

__all__ = ["pad_sequence", "unpad_sequence"]


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
