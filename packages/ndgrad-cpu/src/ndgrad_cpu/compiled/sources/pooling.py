"""Maximum pooling, plane by plane. Without branches that depend on values: which tap is the largest cannot be foreseen.

The settings of a call stand in an array: size, output, kernel, stride, padding, dilation, each of rows and columns.
"""

from __future__ import annotations

import numpy as np

from ndgrad_cpu.compiled.sources.language import array, constant, indices, inlined, kernel

__all__ = ["max_pool2d", "max_pool2d_backward"]


@inlined
def _inside(n, start, taps, spacing):
    """The first of the taps of a window that is inside, and behind the last one."""
    first = 0 if start >= 0 else (spacing - 1 - start) // spacing
    return first, min(taps, (n - 1 - start) // spacing + 1)


@inlined
def _interior(n, output, taps, step, before, spacing):
    """The first output whose window is inside as a whole, and behind the last one."""
    first = (before + step - 1) // step
    end = (n - 1 - (taps - 1) * spacing + before) // step + 1
    return min(first, output), max(min(first, output), min(end, output))


@inlined
def _largest(x, place, pitch, spacing, rows, columns, lowest):
    """The maximum of a window, NaN where it holds one."""
    found = lowest
    for k in range(rows):
        for q in range(columns):
            value = x[np.uint64(place + k * pitch + q * spacing)]
            found = value if value > found or value != value else found
    return found


@inlined
def _place_of(y, x, place, pitch, spacing, rows, columns):
    """Where a window has its first maximum, which is ``y``."""
    found = place
    for k in range(rows):
        for q in range(columns):
            at = place + (rows - 1 - k) * pitch + (columns - 1 - q) * spacing
            value = x[np.uint64(at)]
            found = at if value == y or value != value else found
    return found


@inlined
def _stretch_of_maxima(x, y, first, end, start, step, pitch, spacing, rows, columns, lowest):
    for c in range(end - first):
        y[first + c] = _largest(x, start + (first + c) * step, pitch, spacing, rows, columns, lowest)


@inlined
def _stretch_of_cotangents(g, x, y, dx, first, end, start, step, pitch, spacing, rows, columns):
    for c in range(end - first):
        place = _place_of(y[first + c], x, start + (first + c) * step, pitch, spacing, rows, columns)
        dx[np.uint64(place)] += g[first + c]


@kernel
def max_pool2d(operands, numbers, start, stop):
    s = indices(operands, 2, 0)
    height, width, rows, columns = s[0], s[1], s[2], s[3]
    lowest = -constant(numbers, np.inf)
    left, right = _interior(width, columns, s[5], s[7], s[9], s[11])
    for plane in range(start, stop):
        x = array(operands, 0, numbers, plane * height * width)
        for r in range(rows):
            y = array(operands, 1, numbers, (plane * rows + r) * columns)
            top = r * s[6] - s[8]
            k, k_end = _inside(height, top, s[4], s[10])
            pitch, taps = s[10] * width, k_end - k
            base = (top + k * s[10]) * width - s[9]
            if taps == 2 and s[5] == 2 and s[7] == 2 and s[11] == 1:  # with numbers that the compiler can unroll
                _stretch_of_maxima(x, y, left, right, base, 2, pitch, 1, 2, 2, lowest)
            elif taps == 3 and s[5] == 3:
                _stretch_of_maxima(x, y, left, right, base, s[7], pitch, s[11], 3, 3, lowest)
            else:
                _stretch_of_maxima(x, y, left, right, base, s[7], pitch, s[11], taps, s[5], lowest)
            for c in range(columns):
                if c < left or c >= right:
                    q, q_end = _inside(width, c * s[7] - s[9], s[5], s[11])
                    place = base + c * s[7] + q * s[11]
                    y[c] = _largest(x, place, pitch, s[11], taps, q_end - q, lowest)


@kernel
def max_pool2d_backward(operands, numbers, start, stop):
    # the cotangent goes to the first tap that holds the maximum, or NaN if that is NaN
    s = indices(operands, 4, 0)
    height, width, rows, columns = s[0], s[1], s[2], s[3]
    zero = constant(numbers, 0.0)
    left, right = _interior(width, columns, s[5], s[7], s[9], s[11])
    for plane in range(start, stop):
        x, dx = array(operands, 1, numbers, plane * height * width), array(operands, 3, numbers, plane * height * width)
        for i in range(height * width):
            dx[i] = zero
        for r in range(rows):
            g = array(operands, 0, numbers, (plane * rows + r) * columns)
            y = array(operands, 2, numbers, (plane * rows + r) * columns)
            top = r * s[6] - s[8]
            k, k_end = _inside(height, top, s[4], s[10])
            pitch, taps = s[10] * width, k_end - k
            base = (top + k * s[10]) * width - s[9]
            if taps == 2 and s[5] == 2 and s[7] == 2 and s[11] == 1:
                _stretch_of_cotangents(g, x, y, dx, left, right, base, 2, pitch, 1, 2, 2)
            elif taps == 3 and s[5] == 3:
                _stretch_of_cotangents(g, x, y, dx, left, right, base, s[7], pitch, s[11], 3, 3)
            else:
                _stretch_of_cotangents(g, x, y, dx, left, right, base, s[7], pitch, s[11], taps, s[5])
            for c in range(columns):
                if c < left or c >= right:
                    q, q_end = _inside(width, c * s[7] - s[9], s[5], s[11])
                    place = base + c * s[7] + q * s[11]
                    dx[np.uint64(_place_of(y[c], x, place, pitch, s[11], taps, q_end - q))] += g[c]
