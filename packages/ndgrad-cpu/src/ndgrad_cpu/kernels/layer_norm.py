"""Layer normalization with its scale and shift, and the backward pass of both, on blocks of rows that stay in cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ndgrad_cpu.kernels.sums import column_sums, row_sums
from ndgrad_cpu.kernels.threads import block, over_threads

__all__ = ["KERNELS", "layer_norm", "layer_norm_backward"]

Array = Any
WIDE = 512  # elements of a row from which NumPy begins a new one at no cost to speak of


def layer_norm(x: Array, weight: Array, bias: Array, at: int, eps: float) -> Array:
    """Rows, which are the axes from ``at`` on, standardized, then scaled and shifted."""
    if not x.size:
        return x.copy()
    if x.itemsize < 4:
        x32, weight, bias = (a.astype(np.float32) for a in (x, weight, bias))
        return layer_norm(x32, weight, bias, at, eps).astype(x.dtype)
    y = np.empty(x.shape, x.dtype)
    rows, out = _rows(x, weight), _rows(y, weight)
    step = _step(rows)
    weights, biases = _repeated(weight, step), _repeated(bias, step)

    def work(start: int, stop: int) -> None:
        for i in range(start, stop, step):
            n = min(step, stop - i)
            part = out[i : i + n]
            _standardize(rows[i : i + n], part, eps)
            np.multiply(part, weights[:n], out=part)
            np.add(part, biases[:n], out=part)

    over_threads(work, len(rows), 6 * x.nbytes)
    return y


def layer_norm_backward(g: Array, x: Array, weight: Array, at: int, eps: float) -> tuple[Array, Array, Array]:
    """The cotangents of x, of the weight and of the bias."""
    if not g.size:
        return g.copy(), np.zeros(weight.shape, g.dtype), np.zeros(weight.shape, g.dtype)
    if g.itemsize < 4:
        g32, x, weight = (a.astype(np.float32) for a in (g, x, weight))
        dx, dw, db = layer_norm_backward(g32, x, weight, at, eps)
        return dx.astype(g.dtype), dw.astype(g.dtype), db.astype(g.dtype)
    dx = np.empty(g.shape, g.dtype)
    cotangents, rows, out = _rows(g, weight), _rows(x, weight), _rows(dx, weight)
    step, count = _step(rows), weight.size
    weights, sums = _repeated(weight, step), {}

    def work(start: int, stop: int) -> None:
        scratch = np.empty((2, min(step, stop - start), count), g.dtype)
        for i in range(start, stop, step):
            n = min(step, stop - i)
            part, own, (y, product) = cotangents[i : i + n], out[i : i + n], scratch[:, :n]
            scale = _standardize(rows[i : i + n], y, eps)
            sums[i] = column_sums(np.multiply(part, y, out=product)), column_sums(part)
            np.multiply(part, weights[:n], out=own)
            # (h - mean(h) - y mean(h y)) scale for h = g weight
            level, slope = row_sums(own) / count, np.vecdot(own, y) / count
            np.multiply(y, slope[:, None], out=y)
            np.add(y, level[:, None], out=y)
            np.subtract(own, y, out=own)
            np.multiply(own, scale[:, None], out=own)

    over_threads(work, len(rows), 16 * g.nbytes)
    dw, db = (np.add.reduce([sums[i][k] for i in sorted(sums)]).reshape(weight.shape) for k in (0, 1))
    return dx, dw, db


def _standardize(x: Array, y: Array, eps: float) -> Array:
    """Write (x - mean) scale for each row, and return the scale, 1 / sqrt(var + eps)."""
    count = x.shape[1]
    np.subtract(x, (row_sums(x) / count)[:, None], out=y)
    scale: Array = 1 / np.sqrt(np.vecdot(y, y) / count + eps)
    np.multiply(y, scale[:, None], out=y)
    return scale


def _rows(x: Array, weight: Array) -> Array:
    return np.ascontiguousarray(x).reshape(-1, weight.size)


def _step(rows: Array) -> int:
    """How many rows make a block."""
    return block(len(rows), len(rows) + 1, rows.nbytes // len(rows))


def _repeated(values: Array, rows: int) -> Array:
    """``values`` for each of so many rows: as often as that in memory, if the rows are short."""
    row = values.reshape(1, -1)
    return np.tile(row, (rows, 1)) if values.size < WIDE else np.broadcast_to(row, (rows, values.size))


KERNELS: dict[str, Callable[..., Any]] = {"layer_norm": layer_norm, "layer_norm_backward": layer_norm_backward}
