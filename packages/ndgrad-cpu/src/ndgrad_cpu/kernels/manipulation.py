"""Reshaping and moving elements, where NumPy's namespace is slow, read-only or not there."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["KERNELS"]

Array = np.ndarray[Any, Any]


def _reshape(x: Array, shape: tuple[int, ...], copy: bool | None = None) -> Array:
    return x.reshape(shape, copy=copy)  # the method: half the time of the function


def _broadcast_to(x: Array, shape: tuple[int, ...]) -> Array:
    if x.dtype.kind not in "biufc" or not x.flags.c_contiguous:
        return np.broadcast_to(x, shape)
    # The same array by hand, in a fifth of the time: steps of 0 along the axes that repeat.
    new = len(shape) - x.ndim
    steps = [s if m == n else 0 for s, m, n in zip(x.strides, x.shape, shape[new:], strict=True)]
    found = np.ndarray(shape, x.dtype, x, 0, (*(0,) * new, *steps))
    found.flags.writeable = False
    return found


def _diagonal(x: Array, offset: int) -> Array:
    found = x.diagonal(offset, -2, -1)
    found.flags.writeable = x.flags.writeable  # NumPy's is read-only for the sake of its past
    return found


def _flip(x: Array, axis: tuple[int, ...]) -> Array:
    return np.flip(x, axis).copy()


def _pad(x: Array, widths: tuple[tuple[int, int], ...]) -> Array:
    out = np.zeros([before + n + after for n, (before, after) in zip(x.shape, widths, strict=True)], x.dtype)
    out[tuple(slice(before, before + n) for n, (before, _) in zip(x.shape, widths, strict=True))] = x
    return out


KERNELS = {
    "reshape": _reshape,
    "reshape_copy": _reshape,
    "broadcast_to": _broadcast_to,
    "permute_dims": lambda x, axes: x.transpose(axes),
    "clone": lambda x, copy: x.copy("K"),
    "concat": lambda *arrays, axis: np.concatenate(arrays, axis),
    "stack": lambda *arrays, axis: np.stack(arrays, axis),
    "diagonal": _diagonal,
    "flip": _flip,
    "pad": _pad,
    "bitcast": lambda x, dtype: x.view(dtype),
}
