"""The kernels of the NumPy backend, one file per chapter: functions on arrays, by op name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ndgrad_cpu.kernels import (
    activations,
    convolution,
    elementwise,
    indexing,
    inplace,
    layer_norm,
    linalg,
    linear,
    losses,
    manipulation,
    optimizers,
    ordering,
    pooling,
    reductions,
    rowwise,
    special,
)

__all__ = ["KERNELS"]

# op name, or (op name, dtype name or kind), to kernel; a name that ends in an underscore writes into its first operand
KERNELS: dict[Any, Callable[..., Any]] = {}
for _chapter in (
    activations, convolution, elementwise, indexing, inplace, layer_norm, linalg, linear, losses, manipulation,
    optimizers, ordering, pooling, reductions, rowwise, special,
):  # fmt: skip
    KERNELS.update(_chapter.KERNELS)
