"""Convolution over one or two axes, without a matrix of columns: see :mod:`.sources.convolution`.

Shapes as in :mod:`ndgrad_cpu.kernels.convolution`. Kernels of 1 x 1 are left to BLAS, and those that Winograd's
filtering suits to that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any, Final, NamedTuple

import numpy as np

from ndgrad_cpu.compiled.code import LANES, Code
from ndgrad_cpu.compiled.reductions import KERNELS as REDUCTIONS
from ndgrad_cpu.compiled.team import run
from ndgrad_cpu.kernels import winograd
from ndgrad_cpu.kernels.planes import Planes

__all__ = ["KERNELS"]

Array = Any
Pads = Sequence[tuple[int, int]]
WORK: Final = 1 << 13  # elements that are worth handing to a thread
CACHED: Final = 1 << 18  # bytes of planes that stay in the L2 cache
_PAD, _UNPAD, _CORRELATE, _CORRELATE_WEIGHT, _ADD_LANES = (
    Code("convolution", name) for name in ("pad", "unpad", "correlate", "correlate_weight", "add_lanes")
)


class _Plan(NamedTuple):
    """The geometry of a convolution, and tables of it for the kernels."""

    geo: Planes
    table: Array  # of moves from images to planes, for each phase
    offsets: Array  # of each tap of a group: where in its planes it begins
    size: int  # elements of a plane, all phases and some zeros
    run: int  # output positions of a plane, with those between rows, and up to a whole vector


@lru_cache(256)
def _plan(x_shape: Any, w_shape: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> _Plan:
    geo = Planes(x_shape, w_shape, stride, padding, dilation, groups, 0, wrapping=False)
    cells = prod(geo.cells)
    size = len(geo.phases) * cells + LANES
    moves, offsets = [], np.empty((geo.inputs, *geo.kernel), np.int64)
    for i, phase in enumerate(geo.phases):
        for (n, source), target in zip(zip(geo.size, phase.source, strict=True), phase.target, strict=True):
            first, _, step = source.indices(n)
            moves += [first, step, target.stop - target.start, target.start]
        for tap in product(*map(range, phase.counts)):
            row, column = (a + s * k for a, s, k in zip(phase.shifts, phase.steps, tap, strict=True))
            place = [t.indices(n)[0] + t.indices(n)[2] * k for t, n, k in zip(phase.taps, geo.kernel, tap, strict=True)]
            key: Any = (slice(None), *place)
            offsets[key] = i * cells + row * geo.cells[1] + column
    offsets += size * np.arange(geo.inputs)[:, None, None]
    length = geo.output[0] * geo.run
    return _Plan(geo, np.array(moves), offsets.reshape(-1), size, -(-length // LANES) * LANES)


def _suited(x: Array, y_shape: Any, w_shape: Any, stride: Any, padding: Pads, dilation: Any, groups: int) -> bool:
    return (
        x.dtype.char == "f"
        and len(w_shape) in (3, 4)
        and prod(w_shape[2:]) > 1
        and all(p >= 0 for pair in padding for p in pair)
        and prod(y_shape) > 0
        and not (len(w_shape) == 4 and winograd.suits(y_shape, w_shape, stride, padding, dilation, groups, x.dtype))
    )


def _in_two(shape: Any, stride: Any, padding: Any, dilation: Any, kernel: Any) -> tuple[Any, ...]:
    """The same for two axes."""
    if len(kernel) == 2:
        return tuple(shape), tuple(stride), tuple(map(tuple, padding)), tuple(dilation), tuple(kernel)
    n, c, length = shape
    return (n, c, 1, length), (1, *stride), ((0, 0), tuple(padding[0])), (1, *dilation), (1, *kernel)


def conv2d(x: Array, w: Array, b: Array | None, *, stride: Any, padding: Any, dilation: Any, groups: int) -> Array:
    """Correlate ``x`` with ``w`` and add ``b``."""
    output = _output(x.shape[2:], w.shape[2:], stride, padding, dilation)
    y_shape = (len(x), len(w), *output)
    if not _suited(x, y_shape, w.shape, stride, padding, dilation, groups) or w.dtype.char != "f":
        return NotImplemented
    if b is not None and b.dtype.char != "f":
        return NotImplemented
    shape, stride, padding, dilation, kernel = _in_two(x.shape, stride, padding, dilation, w.shape[2:])
    plan = _plan(shape, (len(w), w.shape[1], *kernel), stride, padding, dilation, groups)
    y = np.empty(y_shape, np.float32)
    _correlate(plan, x, w.reshape(groups, -1, len(plan.offsets)), b, y)
    return y


def _output(size: Any, kernel: Any, stride: Any, padding: Any, dilation: Any) -> tuple[int, ...]:
    axes = zip(size, kernel, stride, padding, dilation, strict=True)
    return tuple((n + sum(p) - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in axes)


def _correlate(plan: _Plan, x: Array, w: Array, b: Array | None, y: Array, places: Sequence[int] = ()) -> None:
    """Write to ``y`` the correlation with weights (groups, outputs, taps).

    ``places`` are the height and width of ``y``, and the first row and column to write to, each with a step.
    """
    geo, (groups, outputs, taps) = plan.geo, w.shape
    planes = _padded(plan, x)
    eights, fours, ones = _blocks(outputs)
    raw = np.empty((len(x), groups * outputs, plan.run), np.float32)
    items = len(x) * groups * (eights + fours + ones)
    settings = groups, geo.inputs, outputs, taps, plan.size, plan.run, eights, fours
    grain = 1 + 4 * WORK // (plan.run * taps)
    run(_CORRELATE, "f", (planes, _packed(w, eights, fours), plan.offsets, raw, *settings), (), items, grain)
    height, width = geo.output
    given = (raw, y, raw if b is None else np.ascontiguousarray(b))
    rows = plan.run, height, width, geo.cells[1], groups * outputs, int(b is not None)
    table = np.array(places or (height, width, 0, 1, 0, 1))
    run(_UNPAD, "f", (*given, *rows, table), (-0.0,), len(x) * groups * outputs, 1 + WORK // plan.run)


def _blocks(outputs: int) -> tuple[int, int, int]:
    """Outputs by eights, fours and one by one."""
    return outputs // 8, outputs % 8 // 4, outputs % 4


def _packed(w: Array, eights: int, fours: int) -> Array:
    """The weights of each block, tap by tap."""
    groups, outputs, taps = w.shape
    out = np.empty((groups, outputs * taps), np.float32)
    for first, count, many in ((0, eights, 8), (8 * eights, fours, 4)):
        if count:
            part = w[:, first : first + count * many].reshape(groups, count, many, taps)
            target = out[:, first * taps : (first + count * many) * taps].reshape(groups, count, taps, many)
            target[...] = part.swapaxes(2, 3)
    rest = 8 * eights + 4 * fours
    out[:, rest * taps :] = w[:, rest:].reshape(groups, -1)
    return out


def _padded(plan: _Plan, x: Array) -> Array:
    geo = plan.geo
    x = np.ascontiguousarray(x)
    count = len(x) * x.shape[1]
    planes = np.empty((count, plan.size), np.float32)
    settings = len(geo.phases), prod(geo.cells), plan.size, *geo.size, geo.cells[1]
    run(_PAD, "f", (x, planes, plan.table, *settings), (0.0,), count, 1 + WORK // plan.size)
    return planes


def conv2d_backward_input(
    g: Array, w: Array, *, size: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Array:
    """The gradient of the input: the cotangent, padded, correlated with the kernels turned.

    With a stride, inputs in every so many rows and columns meet the same taps: for them it is such a correlation.
    """
    shape = (len(g), w.shape[1] * groups, *size)
    if w.dtype.char != "f" or not _suited(g, g.shape, w.shape, stride, padding, dilation, groups):
        return NotImplemented
    if max(stride) > 1 and groups == 1 and w.shape[1] < 4:  # a tap's products are too few to pay for its residues
        return NotImplemented
    size = (1, *size)[-2:]
    two, stride, padding, dilation, kernel = _in_two(g.shape, stride, padding, dilation, w.shape[2:])
    axes = [_residues(*axis) for axis in zip(size, two[2:], kernel, stride, padding, dilation, strict=True)]
    if any(min(residue.padding) < 0 for axis in axes for residue in axis) or (max(stride) > 1 and max(dilation) > 1):
        return NotImplemented
    turned = w.reshape(groups, -1, w.shape[1], *kernel).swapaxes(1, 2)
    dx = (np.empty if all(len(axis) == s for axis, s in zip(axes, stride, strict=True)) else np.zeros)(
        shape, np.float32
    )
    for rows, columns in product(*axes):
        part = turned[..., rows.taps, columns.taps]
        pads = (rows.padding, columns.padding)
        spacing = (1 if stride[0] > 1 else dilation[0], 1 if stride[1] > 1 else dilation[1])
        plan = _plan(two, (shape[1], part.shape[2], *part.shape[3:]), (1, 1), pads, spacing, groups)
        places = *size, rows.first, stride[0], columns.first, stride[1]
        _correlate(plan, g, part.reshape(groups, part.shape[1], -1), None, dx, places)
    return dx


class _Residue(NamedTuple):
    """Positions along an axis with one remainder by the stride: the taps that meet them, turned, and how to pad."""

    first: int
    taps: slice
    padding: tuple[int, int]


def _residues(n: int, outputs: int, kernel: int, stride: int, padding: Any, dilation: int) -> list[_Residue]:
    """Every residue that a tap meets; without a stride, or else without dilation. Negative padding cannot be done."""
    if stride == 1:
        reach = dilation * (kernel - 1)
        pads = (reach - padding[0], n - outputs + padding[0])
        return [_Residue(0, slice(None, None, -1), pads)]
    found = []
    for first in range(min(stride, n)):
        tap = (first + padding[0]) % stride
        count = len(range(tap, kernel, stride))
        if count:
            start = (first + padding[0] - tap) // stride  # the output that the first of these taps belongs to
            pads = (count - 1 - start, len(range(first, n, stride)) + start - outputs)
            last = tap + (count - 1) * stride
            taps = slice(last, tap - 1 if tap else None, -stride)
            found.append(_Residue(first, taps, pads))
    return found


def conv2d_backward_weight(
    x: Array, g: Array, *, kernel: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Array:
    """The gradient of the weights: inner products of the cotangent and what each tap has met."""
    w_shape = (g.shape[1], x.shape[1] // groups, *kernel)
    if g.dtype.char != "f" or not _suited(x, g.shape, w_shape, stride, padding, dilation, groups):
        return NotImplemented
    shape, stride, padding, dilation, kernel = _in_two(x.shape, stride, padding, dilation, kernel)
    plan = _plan(shape, (*w_shape[:2], *kernel), stride, padding, dilation, groups)
    geo, outputs, taps = plan.geo, g.shape[1] // groups, len(plan.offsets)
    planes, runs = _padded(plan, x), _spread(plan, g)
    sums = np.zeros((g.shape[1], taps, LANES), np.float32)
    bytes_of_image = 4 * (plan.size * x.shape[1] + plan.run * g.shape[1])
    settings = groups, geo.inputs, outputs, taps, plan.size, plan.run, len(x), max(1, CACHED // bytes_of_image)
    items = groups * -(-outputs // 4)
    run(_CORRELATE_WEIGHT, "f", (planes, runs, plan.offsets, sums, *settings), (), items, 1)
    dw = np.empty(w_shape, np.float32)
    run(_ADD_LANES, "f", (sums, dw), (), dw.size, WORK)
    return dw


def conv2d_backward_bias(g: Array) -> Array:
    """The gradient of the bias: sums over images and positions."""
    return REDUCTIONS["sum"](g, (0, *range(2, g.ndim)), False)


def _spread(plan: _Plan, g: Array) -> Array:
    """The cotangent at the positions of runs, zero between rows."""
    g = np.ascontiguousarray(g)
    height, width = plan.geo.output
    count = len(g) * g.shape[1]
    out = np.empty((count, plan.run), np.float32)
    table = np.array([0, 1, height, 0, 0, 1, width, 0])
    settings = 1, plan.run, plan.run, height, width, plan.geo.cells[1]
    run(_PAD, "f", (g, out, table, *settings), (0.0,), count, 1 + WORK // plan.run)
    return out


KERNELS: dict[str, Callable[..., Array]] = {
    f.__name__: f for f in (conv2d, conv2d_backward_bias, conv2d_backward_input, conv2d_backward_weight)
}
