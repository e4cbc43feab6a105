"""The linear layer: the bias is added to the product where it lies."""

from __future__ import annotations

from typing import Any

import numpy as np

from ndgrad_cpu.kernels.linalg import in_float32, matmul

__all__ = ["KERNELS", "linear"]

Array = np.ndarray[Any, Any]


def linear(x: Array, weight: Array, bias: Array) -> Array:
    """``x @ weight.T + bias``."""
    rows = x if x.ndim == 2 else x.reshape(-1, x.shape[-1])
    if weight.size >= _LARGE and 2 < rows.shape[0] <= _FEW and weight.shape[1] >= 128 and weight.itemsize == 4:
        return np.add(weight.dot(rows.T).T, bias, order="C").reshape(*x.shape[:-1], weight.shape[0])
    y = matmul(x, weight.T)
    return np.add(y, bias, out=y) if y.ndim else y + bias


# For few rows OpenBLAS takes up to twice as long for the product as for its transpose, which the sum can turn round.
# From 64 to 96 rows on, turning round costs as much as it gains, and in float64 it never gains much.
_LARGE, _FEW = 1 << 16, 64

KERNELS = {"linear": linear} | {("linear", half): in_float32(linear) for half in ("float16", "bfloat16")}
