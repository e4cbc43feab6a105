"""Padding with PyTorch's arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ndgrad as nd
from ndgrad import Tensor

__all__ = ["pad"]


def pad(input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Tensor:
    """Add entries around the last axes; negative widths take them away.

    Args:
        input: any shape.
        pad: (before, after) of the last axis, then of the one before it, and so on.
        mode: "constant", "reflect", "replicate" or "circular".
        value: the constant, 0 by default.

    Raises:
        ValueError: an odd number of widths, more than there are axes, or an unknown mode.

    Source: PyTorch, ``torch.nn.functional.pad``.

    >>> import ndgrad as nd
    >>> pad(nd.ones(2), (1, 2))
    tensor([0., 1., 1., 0., 0.])
    """
    widths = list(zip(pad[::2], pad[1::2], strict=False))[::-1]
    if len(pad) % 2 or len(widths) > input.ndim:
        raise ValueError(
            f"pad takes pairs (before, after) for at most {input.ndim} axes, the last first, got {tuple(pad)}"
        )
    widths = [(0, 0)] * (input.ndim - len(widths)) + widths
    added = [(max(0, a), max(0, b)) for a, b in widths]
    if mode == "circular":  # goes round what is left
        return nd.pad(_without(input, widths), added, "circular")
    return _without(nd.pad(input, added, mode, constant_values=value or 0), widths)  # type: ignore[arg-type]


def _without(x: Tensor, widths: list[tuple[int, int]]) -> Tensor:
    """``x`` less the entries that negative widths take away."""
    if all(a >= 0 and b >= 0 for a, b in widths):
        return x
    kept: Any = [slice(max(0, -a), n + min(0, b)) for n, (a, b) in zip(x.shape, widths, strict=True)]
    return x[tuple(kept)]
