"""Two-dimensional convolution as matrix products over tiles.

A tile is a block of output positions whose windows are gathered into a matrix of columns (im2col), small enough to stay
in the L2 cache until the product with the weights has used it. Inside, channels come last, so that a window's row is
one contiguous run; results are channels-first views of channels-last memory, which the next convolution or pooling
takes without another transposition.

Shapes: x (N, C, H, W), w (O, C / groups, KH, KW), y and g (N, O, OH, OW); padding ((top, bottom), (left, right)).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ndgrad_cpu.kernels.parallel import in_parts

__all__ = ["KERNELS", "conv2d", "conv2d_backward_input", "conv2d_backward_weight"]

Array = np.ndarray[Any, Any]
Pair = tuple[int, int]
Padding = tuple[Pair, Pair]

TILE_BYTES = 1 << 20  # half of a common L2 cache: the columns share it with weights and output


def conv2d(
    x: Array, w: Array, b: Array | None, *, stride: Pair, padding: Padding, dilation: Pair, groups: int
) -> Array:
    """Correlate ``x`` with ``w`` and add ``b``."""
    windows = _Windows(x.shape, w.shape, stride, padding, dilation, groups)
    y = np.empty((len(x), *windows.output, len(w)), np.result_type(x, w))
    matrices = w.transpose(2, 3, 1, 0).reshape(windows.width, groups, -1).swapaxes(0, 1)

    def correlate(images: slice) -> None:
        part = y[images]
        for where, columns in windows.tiles(x[images]):
            _multiply(columns, matrices, part[where])

    in_parts(correlate, len(x), 2.0 * y.size * windows.width)
    if b is not None:
        y += b
    return y.transpose(0, 3, 1, 2)


def conv2d_backward_weight(
    x: Array, g: Array, *, kernel: Pair, stride: Pair, padding: Padding, dilation: Pair, groups: int
) -> Array:
    """The gradient of the weights: the columns of each tile against the cotangent at the same positions."""
    outputs, inputs = g.shape[1], x.shape[1] // groups
    g = np.ascontiguousarray(g.transpose(0, 2, 3, 1))
    windows = _Windows(x.shape, (outputs, inputs, *kernel), stride, padding, dilation, groups)

    def correlate(images: slice) -> Array:
        total = np.zeros((groups, windows.width, outputs // groups), np.result_type(x, g))
        part = g[images]
        for where, columns in windows.tiles(x[images]):
            cotangent = part[where].reshape(-1, groups, outputs // groups).swapaxes(0, 1)
            total += np.matmul(columns.swapaxes(1, 2), cotangent)
        return total

    total = sum(in_parts(correlate, len(x), 2.0 * g.size * windows.width))
    dw = total.swapaxes(1, 2).reshape(outputs, *kernel, inputs)  # type: ignore[union-attr]
    return np.ascontiguousarray(dw.transpose(0, 3, 1, 2))


def conv2d_backward_input(
    g: Array, w: Array, *, size: Pair, stride: Pair, padding: Padding, dilation: Pair, groups: int
) -> Array:
    """The gradient of the input, which has height and width ``size``."""
    if stride == (1, 1) and groups == 1 and 2 * w.shape[1] >= w.shape[0]:
        return _correlate_back(g, w, size, padding, dilation)
    return _scatter_back(g, w, size, stride, padding, dilation, groups)


def _correlate_back(g: Array, w: Array, size: Pair, padding: Padding, dilation: Pair) -> Array:
    """For stride 1 this is a convolution again: of the cotangent, padded to full overlap, with the kernel turned."""
    reach = [d * (k - 1) for d, k in zip(dilation, w.shape[2:], strict=True)]
    full = tuple(
        (r - before, n - m + before)  # so that ``size`` positions come out
        for r, (before, _), n, m in zip(reach, padding, size, g.shape[2:], strict=True)
    )
    turned = w[:, :, ::-1, ::-1].swapaxes(0, 1)
    return conv2d(g, turned, None, stride=(1, 1), padding=full, dilation=dilation, groups=1)  # type: ignore[arg-type]


def _scatter_back(g: Array, w: Array, size: Pair, stride: Pair, padding: Padding, dilation: Pair, groups: int) -> Array:
    """The columns' cotangents, added back to where each column was gathered from."""
    (n, outputs, *_), inputs = g.shape, w.shape[1]
    g = np.ascontiguousarray(g.transpose(0, 2, 3, 1))
    windows = _Windows((n, inputs * groups, *size), w.shape, stride, padding, dilation, groups)
    matrices = w.transpose(0, 2, 3, 1).reshape(groups, outputs // groups, windows.width)
    dx = np.zeros((n, *windows.padded, groups, inputs), np.result_type(g, w))
    (sh, sw), (dh, dw), ow = stride, dilation, windows.output[1]

    def scatter(images: slice) -> None:
        for where in windows.blocks(images):
            tile = g[where]
            columns = np.matmul(tile.reshape(-1, groups, outputs // groups).swapaxes(0, 1), matrices)
            columns = columns.reshape(groups, *tile.shape[:3], *windows.kernel, inputs)
            target, top, count = dx[where[0]], where[1].start * sh, tile.shape[1]
            for i, j in np.ndindex(*windows.kernel):
                rows = slice(top + i * dh, top + i * dh + (count - 1) * sh + 1, sh)
                target[:, rows, j * dw : j * dw + (ow - 1) * sw + 1 : sw] += columns[..., i, j, :].transpose(
                    1, 2, 3, 0, 4
                )

    in_parts(scatter, n, 2.0 * g.size * windows.width)
    (top, _), (left, _) = padding
    dx = dx.reshape(n, *windows.padded, -1)[:, top : top + size[0], left : left + size[1]]
    return dx.transpose(0, 3, 1, 2)


def _multiply(columns: Array, matrices: Array, out: Array) -> None:
    """Write columns @ matrices into a tile of the output, whose last axis is the channels."""
    if len(matrices) == 1:
        np.matmul(columns[0], matrices[0], out=out.reshape(-1, out.shape[-1]))
    else:
        out[...] = np.matmul(columns, matrices).swapaxes(0, 1).reshape(out.shape)


@dataclass
class _Windows:
    """Where the windows of a convolution lie, and the tiles they are worked through in."""

    x_shape: tuple[int, ...]
    w_shape: tuple[int, ...]
    stride: Pair
    padding: Padding
    dilation: Pair
    groups: int

    def __post_init__(self) -> None:
        self.kernel = self.w_shape[2:]
        self.channels = self.x_shape[1]
        self.width = prod(self.w_shape[1:])
        self.padded = tuple(n + sum(p) for n, p in zip(self.x_shape[2:], self.padding, strict=True))
        self.output = tuple(
            (n - d * (k - 1) - 1) // s + 1
            for n, d, k, s in zip(self.padded, self.dilation, self.kernel, self.stride, strict=True)
        )
        # Gather along whichever run of memory is longer: a window's row, or a row of output positions.
        self.by_position = self.groups == 1 and self.channels * self.kernel[1] < self.output[1]

    def blocks(self, images: slice, itemsize: int = 4) -> Iterator[tuple[slice, slice]]:
        """Slices of images and of output rows, each with columns for one tile."""
        positions = max(1, TILE_BYTES // max(1, self.width * self.groups * itemsize))
        many = positions // max(1, prod(self.output))  # whole images, or else rows of one image
        rows = self.output[0] if many else max(1, positions // max(1, self.output[1]))
        for n in range(images.start, images.stop, max(1, many)):
            for r in range(0, self.output[0], max(1, rows)):
                yield slice(n, min(n + max(1, many), images.stop)), slice(r, min(r + rows, self.output[0]))

    def tiles(self, x: Array) -> Iterator[tuple[tuple[slice, slice], Array]]:
        """Each block with its columns (groups, positions, KH * KW * C / groups), which the next one overwrites."""
        blocks = list(self.blocks(slice(0, len(x)), x.itemsize))
        if not blocks:
            return
        (images, rows), loaded = blocks[0], slice(0, 0)
        columns = np.empty(images.stop * rows.stop * self.output[1] * self.width * self.groups, x.dtype)
        border = np.zeros((images.stop, *self.padded, self.channels), x.dtype)
        for images, rows in blocks:
            if images != loaded:
                windows, loaded = self._view(self._padded(x[images].transpose(0, 2, 3, 1), border)), images
            yield (images, rows), self._gathered(windows[:, rows], columns)

    def _padded(self, x: Array, border: Array) -> Array:
        """``x`` (N, H, W, C) with its border of zeros, contiguous: ``border`` keeps that from one block to the next."""
        (top, bottom), (left, right) = self.padding
        if not (top or bottom or left or right) and x.flags.c_contiguous:
            return x
        x = x[
            :, max(0, -top) : x.shape[1] + min(0, bottom), max(0, -left) : x.shape[2] + min(0, right)
        ]  # below 0: crop
        border = border[: len(x)]
        border[:, max(0, top) :, max(0, left) :][:, : x.shape[1], : x.shape[2]] = x
        return border

    def _view(self, x: Array) -> Array:
        """The windows (N, OH, OW, KH, KW, C) in the memory of padded images."""
        n, h, w, c = x.strides
        (sh, sw), (dh, dw) = self.stride, self.dilation
        shape = (len(x), *self.output, *self.kernel, self.channels)
        return as_strided(x, shape, (n, sh * h, sw * w, dh * h, dw * w, c), writeable=False)

    def _gathered(self, windows: Array, buffer: Array) -> Array:
        n, oh, ow, kh, kw, c = windows.shape
        columns = buffer[: windows.size]
        if self.by_position:
            columns.reshape(kh, kw, c, n, oh, ow)[...] = windows.transpose(3, 4, 5, 0, 1, 2)
            return columns.reshape(1, self.width, -1).swapaxes(1, 2)
        grouped = columns.reshape(self.groups, n, oh, ow, kh, kw, -1)
        grouped[...] = windows.reshape(n, oh, ow, kh, kw, self.groups, -1).transpose(5, 0, 1, 2, 3, 4, 6)
        return columns.reshape(self.groups, n * oh * ow, self.width)


def _in_float32(kernel: Callable[..., Array]) -> Callable[..., Array]:
    """``kernel`` for halves, which have no BLAS: computed in float32 and rounded once."""

    def wide(*arrays: Array | None, **params: Any) -> Array:
        widened = [None if a is None else a.astype(np.float32) for a in arrays]
        return kernel(*widened, **params).astype(arrays[0].dtype)  # type: ignore[union-attr]

    return wide


_ALL = (conv2d, conv2d_backward_input, conv2d_backward_weight)
KERNELS: dict[Any, Callable[..., Array]] = {f.__name__: f for f in _ALL} | {
    (f.__name__, half): _in_float32(f) for f in _ALL for half in ("float16", "bfloat16")
}
