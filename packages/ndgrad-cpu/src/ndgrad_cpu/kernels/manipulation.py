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
    steps = x.strides
    if x.shape != shape[new:]:
        steps = tuple([s if m == n else 0 for s, m, n in zip(steps, x.shape, shape[new:], strict=True)])
    found = np.ndarray(shape, x.dtype, x, 0, (0,) * new + steps)
    found.flags.writeable = False
    return found


def _stack(*arrays: Array, axis: int) -> Array:
    if not axis:
        return np.array(arrays)
    first = arrays[0].shape
    shape = (*first[:axis], 1, *first[axis:])
    return np.concatenate([x.reshape(shape) for x in arrays], axis)  # half the time of np.stack


def _diagonal(x: Array, offset: int) -> Array:
    found = x.diagonal(offset, -2, -1)
    found.flags.writeable = x.flags.writeable  # NumPy's is read-only for the sake of its past
    return found


def _flip(x: Array, axis: tuple[int, ...]) -> Array:
    return x[tuple([slice(None, None, -1 if i in axis else None) for i in range(x.ndim)])].copy()


def _roll(x: Array, shift: tuple[int, ...], axis: tuple[int, ...]) -> Array:
    if len(axis) > 1 or not x.size:
        return np.roll(x, shift, axis)
    here, n = axis[0], x.shape[axis[0]]
    before = (slice(None),) * here
    first = n - shift[0] % n
    return np.concatenate([x[(*before, slice(first, None))], x[(*before, slice(None, first))]], here)


def _pad(x: Array, widths: tuple[tuple[int, int], ...]) -> Array:
    out = np.zeros([before + n + after for n, (before, after) in zip(x.shape, widths, strict=True)], x.dtype)
    out[tuple(slice(before, before + n) for n, (before, _) in zip(x.shape, widths, strict=True))] = x
    return out


def _as_strided(x: Array, shape: tuple[int, ...], strides: tuple[int, ...], offset: int) -> Array:
    flat = x.reshape(-1)  # no copy: it is called for such arrays alone
    step = flat.strides[0]
    return np.lib.stride_tricks.as_strided(flat[offset:], shape, [n * step for n in strides])


def _unfold(x: Array, axis: int, size: int, step: int) -> Array:
    count = (x.shape[axis] - size) // step + 1
    shape = (*x.shape[:axis], count, *x.shape[axis + 1 :], size)
    strides = (*x.strides[:axis], x.strides[axis] * step, *x.strides[axis + 1 :], x.strides[axis])
    return np.lib.stride_tricks.as_strided(x, shape, strides)


def _view_as_real(x: Array) -> Array:
    return np.lib.stride_tricks.as_strided(x.real, (*x.shape, 2), (*x.strides, x.itemsize // 2))


def _view_as_complex(x: Array) -> Array:
    if x.size and x.strides[-1] != x.itemsize:
        raise ValueError("the pairs do not lie side by side in memory; write x.contiguous(), which copies them")
    return x.view(np.result_type(x.dtype, np.complex64))[..., 0]


KERNELS = {
    "as_strided": _as_strided,
    "unfold": _unfold,
    "view_as_real": _view_as_real,
    "view_as_complex": _view_as_complex,
    "reshape": _reshape,
    "reshape_copy": _reshape,
    "broadcast_to": _broadcast_to,
    "permute_dims": lambda x, axes: x.transpose(axes),
    "clone": lambda x, copy: x.copy("K"),
    "concat": lambda *arrays, axis: np.concatenate(arrays, axis),
    "stack": _stack,
    "diagonal": _diagonal,
    "flip": _flip,
    "roll": _roll,
    "pad": _pad,
    "bitcast": lambda x, dtype: x.view(dtype),
}
