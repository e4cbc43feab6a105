"""Reductions of stretches of memory, and running sums."""

from __future__ import annotations

import numpy as np

from ndgrad_cpu.compiled.sources.language import array, kernel, least, row
from ndgrad_cpu.compiled.sources.rows import largest, smallest, total

__all__ = ["channel_sums", "maxima", "minima", "running_sums", "sums"]

# Work on stretches of ``operands[2]`` elements, of which the last may be shorter: there are ``operands[3]`` in all.


@kernel
def sums(operands, numbers, start, stop):
    n, size = operands[2], operands[3]
    out = array(operands, 1, numbers, 0)
    for i in range(start, stop):
        out[i] = total(row(operands, 0, numbers, i * n, least(n, size - i * n)))


@kernel
def maxima(operands, numbers, start, stop):
    n, size = operands[2], operands[3]
    out = array(operands, 1, numbers, 0)
    for i in range(start, stop):
        out[i] = largest(row(operands, 0, numbers, i * n, least(n, size - i * n)))


@kernel
def minima(operands, numbers, start, stop):
    n, size = operands[2], operands[3]
    out = array(operands, 1, numbers, 0)
    for i in range(start, stop):
        out[i] = smallest(row(operands, 0, numbers, i * n, least(n, size - i * n)))


@kernel
def running_sums(operands, numbers, start, stop):
    # four rows at once, since each sum waits for the one before
    n = operands[2]
    first = start
    while first < stop:
        last = stop - 1
        rows = first, least(first + 1, last), least(first + 2, last), least(first + 3, last)
        x0, y0 = array(operands, 0, numbers, rows[0] * n), array(operands, 1, numbers, rows[0] * n)
        x1, y1 = array(operands, 0, numbers, rows[1] * n), array(operands, 1, numbers, rows[1] * n)
        x2, y2 = array(operands, 0, numbers, rows[2] * n), array(operands, 1, numbers, rows[2] * n)
        x3, y3 = array(operands, 0, numbers, rows[3] * n), array(operands, 1, numbers, rows[3] * n)
        s0 = s1 = s2 = s3 = x0[0] - x0[0]
        for i in range(n):
            s0 += x0[i]
            s1 += x1[i]
            s2 += x2[i]
            s3 += x3[i]
            y0[i], y1[i], y2[i], y3[i] = s0, s1, s2, s3
        first += 4


@kernel
def channel_sums(operands, numbers, start, stop):
    # of (outer, channels, inner), over outer and inner
    outer, channels, inner = operands[2], operands[3], operands[4]
    out = array(operands, 1, numbers, 0)
    for c in range(start, stop):
        found = np.float64(0)
        for o in range(outer):
            found += total(row(operands, 0, numbers, (o * channels + c) * inner, inner))
        out[c] = found
