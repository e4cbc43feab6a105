"""Convolution with kernels of 3 x 3 by Winograd's minimal filtering: 16 products for each 2 x 2 outputs in place of 36.

A tile of 2 x 2 outputs sees 4 x 4 inputs d. With the transforms

    B^T d B, where B^T = [1 0 -1 0; 0 1 1 0; 0 -1 1 0; 0 1 0 -1],
    G w G^T, where G = [1 0 0; 1/2 1/2 1/2; 1/2 -1/2 1/2; 0 0 1],
    y = A^T m A, where A^T = [1 1 1 0; 0 1 -1 -1],

the 4 x 4 elements m are products of their counterparts in d and w, summed over the channels: 16 matrix products. The
transforms of d and y are sums only, so that float32 loses at most a bit. An infinite input, however, makes the
outputs of its tile NaN.

Inputs lie in planes by the parity of row and column (:mod:`ndgrad_cpu.kernels.planes`), where the same element of all
tiles is a contiguous run.

Source: Lavin and Gray 2016, "Fast algorithms for convolutional neural networks".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import numpy as np

from ndgrad_cpu.kernels.parallel import cores, in_parts
from ndgrad_cpu.kernels.planes import MEMORY, Planes, Tile, planes_of

__all__ = ["correlate", "correlate_back", "correlate_weight", "suits"]

Array = np.ndarray[Any, Any]
Padding = Sequence[tuple[int, int]]

CHANNELS = 48  # with fewer in or out, the transforms of images take more than they save
TILES = 256  # with fewer, those of the weights
LEAST_SHARE = 0.7  # of outputs among all that are worked out
TILE_BYTES = 1 << 20  # of the transformed inputs: larger than the L2 cache, so that calls are few
G = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])


def suits(y_shape: Any, w_shape: Any, stride: Any, padding: Padding, dilation: Any, groups: int, dtype: Any) -> bool:
    """Whether a convolution is of the kind that is computed here, and faster than as a plain product."""
    if tuple(w_shape[2:]) != (3, 3) or tuple(stride) != (1, 1) or tuple(dilation) != (1, 1) or groups != 1:
        return False
    if min(w_shape[:2]) < CHANNELS or not all(0 <= p <= 2 for widths in padding for p in widths):
        return False
    n, _, height, width = y_shape
    rows, columns = (height + 1) // 2, (width + 1) // 2
    worked = rows * (columns + 1) * 4  # outputs of an image, with those that are left out in the end
    return dtype.kind in "fc" and n * rows * columns >= TILES and height * width >= LEAST_SHARE * worked


def correlate(x: Array, w: Array, b: Array | None, padding: Padding) -> Array:
    """The convolution of ``x`` (N, C, H, W) with ``w`` (O, C, 3, 3), plus ``b``."""
    return _correlate(x, _both_ways(G, w.reshape(-1, 9).T).reshape(16, *w.shape[:2]), b, padding)


def correlate_back(g: Array, w: Array, padding: Padding) -> Array:
    """The gradient of the input: the convolution of ``g`` with the kernels turned, padded to full overlap."""
    turned = w.reshape(-1, 9)[:, ::-1].T
    matrices = _both_ways(G, turned).reshape(16, *w.shape[:2]).swapaxes(1, 2)
    return _correlate(g, matrices, None, [(2 - before, 2 - after) for before, after in padding])


def _correlate(x: Array, matrices: Array, b: Array | None, padding: Padding) -> Array:
    outputs = matrices.shape[1]
    geo, (height, width) = _tiling(x.shape, outputs, padding)
    y = np.empty((len(x), outputs, height, width), np.result_type(x, matrices))
    bias = None if b is None else b.reshape(-1, 1)

    def work(images: slice, rows: slice) -> None:
        for tile, planes in _loaded(geo, x, images, rows):
            inputs = _transformed_inputs(geo, planes, tile)
            products = MEMORY.take("products", y.dtype, 16, outputs, inputs.shape[-1])
            np.matmul(matrices, inputs, out=products)
            if bias is not None:
                products[5] += bias  # A^T m A holds m[1, 1] in each of its elements
            _write(geo, products, y[tile.images, :, 2 * tile.rows.start : 2 * tile.rows.stop])

    _share(work, geo, len(x), 2.0 * y.size * geo.inputs * 4)
    return y


def correlate_weight(x: Array, g: Array, padding: Padding) -> Array:
    """The gradient of the weights of :func:`correlate`: each transform's transpose, the other way round."""
    shape = (g.shape[1], x.shape[1], 3, 3)
    geo, _ = _tiling(x.shape, shape[0], padding)

    def work(images: slice, rows: slice) -> Array:
        total = np.zeros((16, shape[1], shape[0]), np.result_type(x, g))
        for tile, planes in _loaded(geo, x, images, rows):
            inputs = _transformed_inputs(geo, planes, tile)
            part = g[tile.images, :, 2 * tile.rows.start : 2 * tile.rows.stop]
            total += np.matmul(inputs, _transformed_cotangent(geo, part, tile).swapaxes(1, 2))
        return total

    total: Any = sum(_share(work, geo, len(x), 2.0 * g.size * geo.inputs * 4))
    dw = _both_ways(G.T, total.reshape(16, -1))
    return np.ascontiguousarray(dw.reshape(9, *shape[1::-1]).T).reshape(shape)


def _both_ways(matrix: Array, x: Array) -> Array:
    """``matrix`` applied to both of the axes that the first of ``x`` is made of."""
    twice = np.kron(matrix, matrix).astype(x.dtype)
    return in_parts(lambda _: np.matmul(twice, x), 1, 2.0 * twice.size * x.shape[1])[0]


def _tiling(x_shape: Any, outputs: int, padding: Padding) -> tuple[Planes, tuple[int, int]]:
    """Tiles as windows of 4 x 4 in steps of 2, and the size of the output, which the last ones may reach beyond."""
    height, width = (n + sum(p) - 2 for n, p in zip(x_shape[2:], padding, strict=True))
    even = tuple((p[0], p[1] + n % 2) for p, n in zip(padding, (height, width), strict=True))
    return planes_of(x_shape, (outputs, x_shape[1], 4, 4), (2, 2), even, (1, 1), 1, TILE_BYTES), (height, width)


def _share(work: Any, geo: Planes, images: int, operations: float) -> list[Any]:
    everything, rows = slice(0, images), geo.output[0]
    if images < cores():
        return in_parts(lambda part: work(everything, part), rows, operations)
    return in_parts(lambda part: work(part, slice(0, rows)), images, operations)


def _loaded(geo: Planes, x: Array, images: slice, rows: slice) -> Iterator[tuple[Tile, Array]]:
    """Each tile with its planes (images, channels, 2, 2, cells)."""
    for part, tiles in groupby(geo.tiles(images, rows, x.itemsize), key=lambda tile: tile.images):
        planes = geo.empty(part.stop - part.start, 1, x.dtype)
        geo.load(x[part], planes)
        for tile in tiles:
            yield tile, planes.reshape(*planes.shape[:2], 2, 2, -1)


def _transformed_inputs(geo: Planes, planes: Array, tile: Tile) -> Array:
    """B^T d B of each tile: (16, channels, positions)."""
    n, c = planes.shape[:2]
    start, stop = tile.rows.start * geo.run, tile.rows.stop * geo.run
    even, odd = (planes[:, :, parity].transpose(2, 1, 0, 3) for parity in (0, 1))  # (column's parity, c, n, cells)
    d0, d1 = even[..., start:stop], odd[..., start:stop]
    d2, d3 = even[..., start + geo.run : stop + geo.run], odd[..., start + geo.run : stop + geo.run]
    size = c * n * (stop - start)
    by_rows = MEMORY.take("rows", planes.dtype, 4, 2, size + 1)
    by_rows[..., size] = 0
    t0, t1, t2, t3 = by_rows[..., :size].reshape(4, *d0.shape)
    np.subtract(d0, d2, out=t0)
    np.add(d1, d2, out=t1)
    np.subtract(d2, d1, out=t2)
    np.subtract(d1, d3, out=t3)
    # The column to the right is the next position, also at the end of a row, where that is zero or no tile ends there.
    d0, d1, d2, d3 = by_rows[:, 0, :-1], by_rows[:, 1, :-1], by_rows[:, 0, 1:], by_rows[:, 1, 1:]
    out = MEMORY.take("inputs", planes.dtype, 4, 4, size)
    np.subtract(d0, d2, out=out[:, 0])
    np.add(d1, d2, out=out[:, 1])
    np.subtract(d2, d1, out=out[:, 2])
    np.subtract(d1, d3, out=out[:, 3])
    return out.reshape(16, c, -1)


def _write(geo: Planes, products: Array, y: Array) -> None:
    """A^T m A, written to the rows of y (images, channels, rows, columns)."""
    m = products.reshape(4, 4, -1)
    by_rows = MEMORY.take("rows", y.dtype, 2, 4, m.shape[-1])
    out = MEMORY.take("inputs", y.dtype, 2, 2, m.shape[-1])
    _sums(m[0], m[1], m[2], m[3], by_rows[0], by_rows[1])
    _sums(by_rows[:, 0], by_rows[:, 1], by_rows[:, 2], by_rows[:, 3], out[:, 0], out[:, 1])
    n, c = y.shape[:2]
    cells = out.reshape(2, 2, c, n, -1, geo.run).swapaxes(2, 3)
    for i in (0, 1):
        for j in (0, 1):
            target = y[:, :, i::2, j::2]
            target[...] = cells[i, j, :, :, : target.shape[2], : target.shape[3]]


def _sums(m0: Array, m1: Array, m2: Array, m3: Array, y0: Array, y1: Array) -> None:
    """A^T m along one axis."""
    np.add(m0, m1, out=y0)
    np.add(y0, m2, out=y0)
    np.subtract(m1, m2, out=y1)
    np.subtract(y1, m3, out=y1)


def _transformed_cotangent(geo: Planes, g: Array, tile: Tile) -> Array:
    """A g A^T of each tile: (16, channels, positions), zero where there is no output."""
    n, c = g.shape[:2]
    rows = tile.rows.stop - tile.rows.start
    cells = MEMORY.take("cells", g.dtype, 2, 2, c, n, rows, geo.run)
    for i in (0, 1):
        for j in (0, 1):
            part = g[:, :, i::2, j::2].swapaxes(0, 1)
            target = cells[i, j]
            target[..., part.shape[3] :] = 0
            target[:, :, part.shape[2] :] = 0
            target[:, :, : part.shape[2], : part.shape[3]] = part
    e = cells.reshape(2, 2, -1)
    by_rows = MEMORY.take("cotangent rows", g.dtype, 4, 2, e.shape[-1])
    _differences(e[0], e[1], *by_rows)
    out = MEMORY.take("cotangent", g.dtype, 4, 4, e.shape[-1])
    _differences(by_rows[:, 0], by_rows[:, 1], *out.swapaxes(0, 1))
    return out.reshape(16, c, -1)


def _differences(e0: Array, e1: Array, z0: Array, z1: Array, z2: Array, z3: Array) -> None:
    """A e along one axis."""
    z0[...] = e0
    np.add(e0, e1, out=z1)
    np.subtract(e0, e1, out=z2)
    np.negative(e1, out=z3)
