"""Maximum pooling over windows, one tap of the window at a time: each tap is a strided view of the whole input.

Nothing is padded: a tap only touches the outputs whose window has that tap inside the input. Arrays keep the memory
order they come in, so channels-last input is worked through in runs of channels. Large batches are shared among the
cores.

Shapes: x (N, C, H, W), y and g (N, C, OH, OW). ``padding`` is (rows, columns) on either side.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ndgrad_cpu.kernels.parallel import in_parts

__all__ = ["KERNELS", "max_pool2d", "max_pool2d_backward"]

Array = np.ndarray[Any, Any]
Pair = tuple[int, int]

BLOCK_BYTES = 1 << 18  # of the input, so that a block stays in cache from one tap to the next
FORWARD, BACKWARD = 50.0, 200.0  # what a tap of one output costs, in the operations of a matrix product


def max_pool2d(x: Array, *, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair, output: Pair) -> Array:
    """The maximum of each window; NaN where it holds one."""
    y = _empty((*x.shape[:2], *output), x.dtype, channels_last=x.strides[1] < x.strides[3])
    y[...] = np.iinfo(x.dtype).min if x.dtype.kind in "iu" else -np.inf
    taps = list(_taps(x.shape[2:], kernel, stride, padding, dilation, output))

    def work(images: slice) -> None:
        for block in _blocks(images, x):
            for inside, outside in taps:
                np.maximum(y[block][outside], x[block][inside], out=y[block][outside])

    in_parts(work, len(x), FORWARD * y.size * len(taps))
    return y


def max_pool2d_backward(
    g: Array, x: Array, y: Array, *, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair, output: Pair
) -> Array:
    """The cotangent at the first maximum of each window, zero elsewhere."""
    dx = np.zeros_like(x)
    taps = list(_taps(x.shape[2:], kernel, stride, padding, dilation, output))
    overlap = any((k - 1) * d >= s for k, d, s in zip(kernel, dilation, stride, strict=True))

    def work(images: slice) -> None:
        for block in _blocks(images, x):
            _scatter(g[block], x[block], y[block], dx[block], taps, overlap)

    in_parts(work, len(x), BACKWARD * y.size * len(taps))
    return dx


def _blocks(images: slice, x: Array) -> Iterator[slice]:
    many = max(1, BLOCK_BYTES * len(x) // max(1, x.nbytes))
    for n in range(images.start, images.stop, many):
        yield slice(n, min(n + many, images.stop))


def _scatter(g: Array, x: Array, y: Array, dx: Array, taps: list[tuple[Any, Any]], overlap: bool) -> None:
    pending = np.ones_like(y, dtype=bool)  # windows whose maximum has not been met yet
    nan = np.isnan(y) if y.dtype.kind == "f" else None
    has_nan = nan is not None and nan.any()
    for inside, outside in taps:
        hit = np.equal(x[inside], y[outside])
        if has_nan:
            hit |= np.isnan(x[inside])
        hit &= pending[outside]
        pending[outside] ^= hit
        if overlap:
            dx[inside] += g[outside] * hit
        else:
            np.multiply(g[outside], hit, out=dx[inside])


def _empty(shape: tuple[int, ...], dtype: Any, channels_last: bool) -> Array:
    if not channels_last:
        return np.empty(shape, dtype)
    n, c, h, w = shape
    return np.empty((n, h, w, c), dtype).transpose(0, 3, 1, 2)


def _taps(
    size: tuple[int, ...], kernel: Pair, stride: Pair, padding: Pair, dilation: Pair, output: Pair
) -> Iterator[tuple[Any, Any]]:
    """For each tap, the index of its inputs and that of the outputs they belong to."""
    rows, columns = (list(_runs(*axis)) for axis in zip(size, kernel, stride, padding, dilation, output, strict=True))
    for inside_rows, outside_rows in rows:
        for inside_columns, outside_columns in columns:
            yield (..., inside_rows, inside_columns), (..., outside_rows, outside_columns)


def _runs(n: int, kernel: int, stride: int, padding: int, dilation: int, output: int) -> Iterator[tuple[slice, slice]]:
    """Along one axis: tap k of output i is input ``i stride + k dilation - padding``, where that exists."""
    for k in range(kernel):
        offset = k * dilation - padding
        first = max(0, -(offset // stride))
        last = min(output - 1, (n - 1 - offset) // stride)
        if first <= last:
            start, stop = first * stride + offset, last * stride + offset + 1
            yield slice(start, stop, stride), slice(first, last + 1)


KERNELS = {f.__name__: f for f in (max_pool2d, max_pool2d_backward)}
