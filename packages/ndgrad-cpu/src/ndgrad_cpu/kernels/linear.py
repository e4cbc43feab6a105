"""The linear layer: the bias is added to the product where it lies."""

from __future__ import annotations

from typing import Any

import numpy as np

from ndgrad_cpu.kernels.linalg import in_float32, matmul

__all__ = ["KERNELS", "linear"]

Array = np.ndarray[Any, Any]


def linear(x: Array, weight: Array, bias: Array) -> Array:
    """``x @ weight.T + bias``."""
    y = matmul(x, weight.T)
    return np.add(y, bias, out=y) if y.ndim else y + bias


KERNELS = {"linear": linear} | {("linear", half): in_float32(linear) for half in ("float16", "bfloat16")}
