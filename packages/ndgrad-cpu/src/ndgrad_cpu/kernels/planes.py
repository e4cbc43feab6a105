"""Where the windows of a convolution lie in memory, and the tiles that they are worked through in.

An image is put into a plane whose rows follow each other without a gap, and with rows of zeros above and below. Along
the plane, what one tap of the kernel (one of its elements) meets at all output positions is then a single contiguous
run, only shifted from tap to tap, so that gathering the columns of a matrix product (im2col) copies long runs.

- Where rows of the output are no longer than those of the image, as is usual without a stride, a run that is shifted
  sideways holds the wrong ends of its rows, which are overwritten with zeros.
- Otherwise rows are padded with zeros, those to the left of a row serving as those to the right of the row before. A
  few positions at the end of each row then belong to no output, and are left out in the end.
- With a stride, the plane is dealt out into one plane for each remainder of the position (a phase), within which the
  taps are shifts again.

Shapes: x (N, C, *size), w (O, C / groups, *kernel), y (N, O, *output), for any number of axes.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from math import gcd, prod
from typing import Any, NamedTuple

import numpy as np

__all__ = ["MEMORY", "Planes", "Tile", "planes_of"]

Array = np.ndarray[Any, Any]
Slices = tuple[slice, ...]

KEPT_BYTES = 1 << 23
TILE_BYTES = 1 << 21  # the columns of a tile: they stay in the L3 cache, and calls of NumPy are few
LEAST_POSITIONS = 256  # in a tile, or else the product would read the weights too often


class Tile(NamedTuple):
    """A block of the work: groups of channels, images, and output positions along the first axis."""

    groups: slice
    images: slice
    rows: slice


class _Phase(NamedTuple):
    """The positions with one remainder by the stride, and the taps that meet them: entries for each axis."""

    taps: Slices  # of the kernel
    counts: tuple[int, ...]  # how many taps
    shifts: tuple[int, ...]  # of the first tap, in cells
    steps: tuple[int, ...]  # from one tap to the next, in cells
    source: Slices  # of the image
    target: Slices  # of the cells


class Planes:
    """The geometry of one convolution."""

    def __init__(
        self, x_shape: Any, w_shape: Any, stride: Any, padding: Any, dilation: Any, groups: int, tile_bytes: int,
        wrapping: bool = True,
    ) -> None:  # fmt: skip
        self.size, self.kernel, self.groups, self.tile_bytes = x_shape[2:], w_shape[2:], groups, tile_bytes
        self.inputs, self.outputs = w_shape[1], w_shape[0] // groups  # channels of one group
        self.width = prod(w_shape[1:])
        axes = list(zip(self.size, self.kernel, stride, padding, dilation, strict=True))
        self.output = tuple((n + sum(p) - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in axes)
        reach = [(k - 1) * d // s for _, k, s, _, d in axes]
        pitch = [max(-(-(n + max(p)) // s), o) for (n, _, s, p, _), o in zip(axes, self.output, strict=True)]
        width, _, step, (before, _), spacing = axes[-1]
        sideways = [k * spacing - before for k in range(self.kernel[-1])]
        self.wraps = (
            wrapping and len(axes) > 1 and step == 1 and self.output[-1] <= width and max(map(abs, sideways)) <= width
        )
        if self.wraps:
            pitch[-1] = width
            extra = (int(min(sideways) < 0), int(max(sideways) > 0))  # rows to wrap into, above and below
            self.edges = [slice(0, -t) if t < 0 else slice(width - t, width) for t in sideways]
        else:
            extra = (0, int(any(reach[1:])))
        self.cells = (self.output[0] + reach[0] + sum(extra), *pitch[1:])
        self.run = prod(self.cells[1:])  # from one output row to the next
        fields = [_phases(axis, cells) for axis, cells in zip(axes, self.cells, strict=True)]
        fields[0] = _phases(axes[0], self.cells[0], extra[0])
        if self.wraps:
            fields[-1] = [(slice(0, None), self.kernel[-1], -before, spacing, slice(0, width), slice(0, width))]
        self.phases = [_phase(parts) for parts in product(*fields)]
        self.strided = any(s > 1 for s in stride)
        self.plain = self.width == self.inputs and self.cells == self.size == self.output  # 1x1: nothing to gather

    def operations(self, images: int) -> float:
        """How much work there is: products and sums, and as much as 8 of them to copy each element of the columns."""
        return 2.0 * images * self.groups * prod(self.output) * self.width * (self.outputs + 8)

    # -- what to do at a time

    def tiles(self, images: slice, rows: slice, itemsize: int) -> Iterator[Tile]:
        """The blocks of these images and output rows, a few groups after the other."""
        room = max(1, self.tile_bytes // (self.width * itemsize))  # positions of one group
        length = (rows.stop - rows.start) * self.run  # positions of one image
        groups = self.groups if self.groups * length <= room else max(1, room // (4 * LEAST_POSITIONS))
        room = max(room // min(groups, self.groups), min(LEAST_POSITIONS, self.tile_bytes))
        many = 1 if self.plain else max(1, room // max(1, length))
        blocks = max(1, -(-length // room)) if many == 1 else 1
        some = -(-(rows.stop - rows.start) // blocks)
        for group in _stretches(slice(0, self.groups), groups):
            for part in _stretches(images, many):
                for block in _stretches(rows, some):
                    yield Tile(group, part, block)

    # -- images to planes and back

    def empty(self, images: int, groups: int, dtype: Any) -> Array:
        """Planes (images, channels, phases, *cells) of zeros."""
        planes = MEMORY.take("planes", dtype, images, groups * self.inputs, len(self.phases), *self.cells)
        planes.fill(0)
        return planes

    def channels(self, groups: slice) -> slice:
        """The input channels of these groups."""
        return slice(groups.start * self.inputs, groups.stop * self.inputs)

    def load(self, x: Array, planes: Array) -> None:
        """Copy images into planes whose border is zero already."""
        for source, target in self._moves():
            planes[target] = x[source]

    def unload(self, planes: Array, x: Array) -> None:
        """Copy planes into images, which have zeros where no window reaches."""
        for source, target in self._moves():
            x[source] = planes[target]

    def _moves(self) -> Iterator[tuple[Any, Any]]:
        for i, phase in enumerate(self.phases):
            yield (..., *phase.source), (slice(None), slice(None), i, *phase.target)

    # -- planes to columns and back

    def gather(self, planes: Array, rows: slice, columns: Array) -> None:
        """Fill ``columns`` (channels, *kernel, images, positions) with what each tap meets."""
        n, c = planes.shape[:2]
        per_image, per_channel, per_phase, *along, item = planes.strides
        along = [*along, item]
        positions = slice(rows.start * self.run, rows.stop * self.run)
        for i, phase in enumerate(self.phases):
            shift = sum(s * cell for s, cell in zip(phase.shifts, along, strict=True))
            steps = [s * cell for s, cell in zip(phase.steps, along, strict=True)]
            columns[(slice(None), *phase.taps)] = np.ndarray(
                (c, *phase.counts, n, positions.stop - positions.start),
                planes.dtype,
                planes,
                i * per_phase + shift + positions.start * item,
                (per_channel, *steps, per_image, item),
            )
        self._cut_edges(columns)

    def scatter(self, columns: Array, rows: slice, planes: Array) -> None:
        """Add ``columns`` to the cells that :meth:`gather` takes them from; ``columns`` are changed."""
        self._cut_edges(columns)
        flat = planes.reshape(*planes.shape[:3], -1)
        cells = [prod(self.cells[a + 1 :]) for a in range(len(self.cells))]
        start, stop = rows.start * self.run, rows.stop * self.run
        for i, phase in enumerate(self.phases):
            part = columns[(slice(None), *phase.taps)]
            for tap in np.ndindex(*phase.counts):
                axes = zip(phase.shifts, phase.steps, tap, cells, strict=True)
                shift = sum((first + step * k) * cell for first, step, k, cell in axes)
                target = flat[:, :, i, shift + start : shift + stop]
                target += part[(slice(None), *tap)].swapaxes(0, 1)

    def _cut_edges(self, columns: Array) -> None:
        """Zero what taps have met beyond the ends of rows."""
        if self.wraps:
            by_rows = columns.reshape(*columns.shape[:-1], -1, self.cells[-1])
            for tap, edge in enumerate(self.edges):
                if edge.start != edge.stop:
                    by_rows[..., tap, :, :, edge] = 0

    # -- outputs

    def spread(self, y: Array, out: Array) -> None:
        """Copy outputs (images, channels, rows, ...) to ``out`` (channels, images, positions), zero between rows."""
        rows = y.shape[2]
        cells = out.reshape(*out.shape[:2], rows, *self.cells[1:])
        for axis, n in enumerate(self.output[1:], 3):
            cells[(slice(None),) * axis + (slice(n, None),)] = 0
        self.valid(out, rows)[...] = y

    def valid(self, out: Array, rows: int) -> Array:
        """The view (images, channels, rows, ...) of ``out`` (channels, images, positions) that are outputs."""
        cells = out.reshape(*out.shape[:2], rows, *self.cells[1:])
        inside: Any = (..., *(slice(0, o) for o in self.output[1:]))
        return cells[inside].swapaxes(0, 1)


class Memory(threading.local):
    """Scratch memory of each thread, kept from one call to the next: fresh pages cost more than the work on them."""

    def __init__(self) -> None:
        self._blocks: dict[str, Array] = {}

    def take(self, name: str, dtype: Any, *shape: int) -> Array:
        """An array with whatever it last held; the next caller of that name gets the same memory."""
        size = prod(shape) * dtype.itemsize
        block = self._blocks.get(name)
        if block is None or block.size < size:
            block = np.empty(size, np.uint8)
            if size <= KEPT_BYTES:
                self._blocks[name] = block
        return block[:size].view(dtype).reshape(shape)


MEMORY = Memory()


def _stretches(whole: slice, length: int) -> Iterator[slice]:
    for start in range(whole.start, whole.stop, length):
        yield slice(start, min(start + length, whole.stop))


def _phases(axis: tuple[int, int, int, tuple[int, int], int], cells: int, first_cell: int = 0) -> list[tuple[Any, ...]]:
    """Along one axis, for each remainder that a tap has: the fields of :class:`_Phase`."""
    n, kernel, stride, (before, _), dilation = axis
    common = gcd(stride, dilation)
    found = []
    for first in range(min(kernel, stride // common)):
        start = (first * dilation - before) % stride  # the first position of the image with this remainder
        cell = (start + before) // stride + first_cell
        count = max(0, min(len(range(start, n, stride)), cells - cell))
        found.append((
            slice(first, kernel, stride // common),
            len(range(first, kernel, stride // common)),
            first * dilation // stride + first_cell,
            dilation // common,
            slice(start, start + count * stride, stride),
            slice(cell, cell + count),
        ))  # fmt: skip
    return found


def _phase(parts: Any) -> _Phase:
    return _Phase(*zip(*parts, strict=True))


@lru_cache(256)
def planes_of(
    x_shape: Any, w_shape: Any, stride: Any, padding: Any, dilation: Any, groups: int, tile_bytes: int
) -> Planes:
    """The geometry, remembered: a network asks for the same few again and again."""
    return Planes(x_shape, w_shape, stride, padding, dilation, groups, tile_bytes)
