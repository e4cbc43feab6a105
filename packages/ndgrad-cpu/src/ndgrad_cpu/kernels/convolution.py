"""Convolution as matrix products over tiles.

A tile is a block of output positions whose windows are gathered into a matrix of columns (im2col), small enough to stay
in the L2 cache until the product with the weights has used it; :mod:`ndgrad_cpu.kernels.planes` says how they are
gathered in long runs. The gradient of the weights is the product of the same columns with the cotangent, that of the
input adds the products of weights and cotangent back to where the columns came from.

The images of a batch are shared among the cores, and each multiplies on its own: OpenBLAS loses as much time on
handing parts of such small products to its threads as it gains.

Shapes: x (N, C, *size), w (O, C / groups, *kernel), y and g (N, O, *output); padding ((before, after), ...).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from math import prod
from typing import Any

import numpy as np

from ndgrad_cpu.kernels import planes as geometry
from ndgrad_cpu.kernels import winograd
from ndgrad_cpu.kernels.parallel import cores, in_parts
from ndgrad_cpu.kernels.planes import MEMORY, Planes, Tile, planes_of
from ndgrad_cpu.kernels.sums import row_sums

__all__ = ["KERNELS", "conv2d", "conv2d_backward_bias", "conv2d_backward_input", "conv2d_backward_weight"]

Array = np.ndarray[Any, Any]


def conv2d(x: Array, w: Array, b: Array | None, *, stride: Any, padding: Any, dilation: Any, groups: int) -> Array:
    """Correlate ``x`` with ``w`` and add ``b``: the weights as a matrix times the columns of each tile."""
    geo = planes_of(x.shape, w.shape, stride, padding, dilation, groups, geometry.TILE_BYTES)
    shape, dtype = (len(x), len(w), *geo.output), np.result_type(x, w)
    if winograd.suits(shape, w.shape, stride, padding, dilation, groups, dtype):
        return winograd.correlate(x, w, b, padding)
    y = np.empty(shape, dtype)
    matrices = w.reshape(groups, geo.outputs, geo.width)
    bias = None if b is None else b.reshape(groups, geo.outputs, 1)

    def correlate(images: slice, rows: slice) -> None:
        for tile, columns in _columns(geo, x, images, rows):
            part = y[tile.images, tile.groups.start * geo.outputs : tile.groups.stop * geo.outputs, tile.rows]
            _multiply(geo, matrices[tile.groups], columns, part, None if bias is None else bias[tile.groups])

    _share(correlate, geo, len(x))
    return y


def conv2d_backward_weight(
    x: Array, g: Array, *, kernel: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Array:
    """The gradient of the weights: the columns of each tile times the cotangent at the same positions."""
    shape = (g.shape[1], x.shape[1] // groups, *kernel)
    if winograd.suits(g.shape, shape, stride, padding, dilation, groups, np.result_type(x, g)):
        return winograd.correlate_weight(x, g, padding)
    geo = planes_of(x.shape, shape, stride, padding, dilation, groups, geometry.TILE_BYTES)

    def correlate(images: slice, rows: slice) -> Array:
        total = np.zeros((groups, geo.width, geo.outputs), np.result_type(x, g))
        for tile, columns in _columns(geo, x, images, rows):
            total[tile.groups] += np.matmul(columns, _cotangent(geo, g, tile).swapaxes(1, 2))
        return total

    total: Any = sum(_share(correlate, geo, len(x)))
    return np.ascontiguousarray(total.swapaxes(1, 2)).reshape(shape)


def conv2d_backward_input(
    g: Array, w: Array, *, size: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Array:
    """The gradient of the input, whose spatial axes have length ``size``: columns, added back to their places."""
    if winograd.suits(g.shape, w.shape, stride, padding, dilation, groups, np.result_type(g, w)):
        return winograd.correlate_back(g, w, padding)
    shape = (len(g), w.shape[1] * groups, *size)
    geo = planes_of(shape, w.shape, stride, padding, dilation, groups, geometry.TILE_BYTES)
    dx = (np.zeros if geo.strided else np.empty)(shape, np.result_type(g, w))
    if groups == 1 and len(g) < cores():
        settings = (stride, padding, dilation, 1, geometry.TILE_BYTES)

        def scatter(channels: slice) -> None:
            part = w[:, channels]
            _scatter(planes_of(dx[:, channels].shape, part.shape, *settings), g, part, dx[:, channels])

        in_parts(scatter, w.shape[1], geo.operations(len(g)))
    else:
        in_parts(lambda images: _scatter(geo, g[images], w, dx[images]), len(g), geo.operations(len(g)))
    return dx


def conv2d_backward_bias(g: Array) -> Array:
    """The gradient of the bias: sums over images and positions, by BLAS on one core.

    Where BLAS takes several cores for a sum, its threads go on spinning for a tenth of a second, which takes the cores
    from the convolutions that follow.
    """

    def add_up(images: slice) -> Array:
        part = np.ascontiguousarray(g[images])
        return row_sums(part.reshape(prod(part.shape[:2]), prod(part.shape[2:]))).reshape(part.shape[:2])

    return np.concatenate(in_parts(add_up, len(g), 8.0 * g.size)).sum(axis=0)


def _scatter(geo: Planes, g: Array, w: Array, dx: Array) -> None:
    """Write the gradient of the input to ``dx``, which holds zeros where no window reaches."""
    matrices = w.reshape(geo.groups, geo.outputs, geo.width).swapaxes(1, 2)
    for (groups, images), tiles in groupby(
        geo.tiles(slice(0, len(g)), slice(0, geo.output[0]), dx.itemsize), key=lambda tile: tile[:2]
    ):
        many = images.stop - images.start
        planes = geo.empty(many, groups.stop - groups.start, dx.dtype)
        for tile in tiles:
            cotangent, weights = _cotangent(geo, g, tile), matrices[groups]
            columns = MEMORY.take("columns", dx.dtype, len(weights), geo.width, cotangent.shape[-1])
            (np.multiply if geo.outputs == 1 else np.matmul)(weights, cotangent, out=columns)
            geo.scatter(columns.reshape(planes.shape[1], *geo.kernel, many, -1), tile.rows, planes)
        geo.unload(planes, dx[images, geo.channels(groups)])


def _share(work: Callable[[slice, slice], Any], geo: Planes, images: int) -> list[Any]:
    """``work`` on parts of the images, or of the rows of few images."""
    everything, rows = slice(0, images), geo.output[0]
    if images < cores():
        return in_parts(lambda part: work(everything, part), rows, geo.operations(images))
    return in_parts(lambda part: work(part, slice(0, rows)), images, geo.operations(images))


def _columns(geo: Planes, x: Array, images: slice, rows: slice) -> Iterator[tuple[Tile, Array]]:
    """Each tile with its columns (groups, width, positions), which the next one overwrites."""
    for (channels, part), tiles in groupby(geo.tiles(images, rows, x.itemsize), key=lambda tile: tile[:2]):
        groups, many = channels.stop - channels.start, part.stop - part.start
        source = x[part, geo.channels(channels)]
        if geo.plain:
            flat = np.ascontiguousarray(source).reshape(groups, geo.inputs, -1)
            for tile in tiles:
                yield tile, flat[:, :, tile.rows.start * geo.run : tile.rows.stop * geo.run]
            continue
        planes = geo.empty(many, groups, x.dtype)
        geo.load(source, planes)
        for tile in tiles:
            length = many * (tile.rows.stop - tile.rows.start) * geo.run
            columns = MEMORY.take("columns", x.dtype, groups, geo.width, length)
            geo.gather(planes, tile.rows, columns.reshape(groups * geo.inputs, *geo.kernel, many, -1))
            yield tile, columns


def _cotangent(geo: Planes, g: Array, tile: Tile) -> Array:
    """The cotangent of a tile (groups, outputs, positions), zero where there is no output."""
    part = g[tile.images, tile.groups.start * geo.outputs : tile.groups.stop * geo.outputs, tile.rows]
    groups = tile.groups.stop - tile.groups.start
    if len(part) == 1 and geo.cells[1:] == geo.output[1:]:
        return part[0].reshape(groups, geo.outputs, -1)
    out = MEMORY.take("cotangent", g.dtype, part.shape[1], len(part), part.shape[2] * geo.run)
    geo.spread(part, out)
    return out.reshape(groups, geo.outputs, -1)


def _multiply(geo: Planes, matrices: Array, columns: Array, out: Array, bias: Array | None) -> None:
    """Write matrices @ columns + bias to a tile of the output."""
    direct = len(out) == 1 and geo.cells[1:] == geo.output[1:] and len(matrices) == 1
    if direct:  # every position is an output
        flat = out[0].reshape(out.shape[1], -1)
        direct = np.may_share_memory(flat, out)
    product = flat[None] if direct else MEMORY.take("product", out.dtype, *matrices.shape[:2], columns.shape[-1])
    np.matmul(matrices, columns, out=product)
    if bias is not None:
        product += bias
    if not direct:
        out[...] = geo.valid(product.reshape(out.shape[1], len(out), -1), out.shape[2])


def _in_float32(kernel: Callable[..., Array]) -> Callable[..., Array]:
    """``kernel`` for halves, which have no BLAS: computed in float32 and rounded once."""

    def wide(*arrays: Array | None, **params: Any) -> Array:
        widened = [None if a is None else a.astype(np.float32) for a in arrays]
        return kernel(*widened, **params).astype(arrays[0].dtype)  # type: ignore[union-attr]

    return wide


_ALL = (conv2d, conv2d_backward_input, conv2d_backward_weight, conv2d_backward_bias)
KERNELS: dict[Any, Callable[..., Array]] = {f.__name__: f for f in _ALL} | {
    (f.__name__, half): _in_float32(f) for f in _ALL for half in ("float16", "bfloat16")
}
