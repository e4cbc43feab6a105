"""Direct convolution on padded planes: runs of output positions are kept in registers over all taps.

An image's plane is laid out so that what a tap meets at all output positions is one contiguous run
(:mod:`ndgrad_cpu.kernels.planes`): only offsets differ from tap to tap, and they stand in a table.
"""

from __future__ import annotations

from ndgrad_cpu.compiled.code import LANES
from ndgrad_cpu.compiled.sources.language import (
    address,
    array,
    correlation,
    indices,
    inlined,
    inner_products,
    kernel,
    least,
)

__all__ = ["add_lanes", "correlate", "correlate_weight", "pad", "unpad"]

_8x2, _8x1, _4x4, _4x1, _1x8, _1x1 = (correlation(*shape) for shape in ((8, 2), (8, 1), (4, 4), (4, 1), (1, 8), (1, 1)))
BYTES = 4 * LANES


@kernel
def pad(operands, numbers, start, stop):
    # images x (height, width) to planes: their phases and moves stand in a table of 8 integers each
    table, phases, cells, size, height, width = (
        indices(operands, 2, 0),
        operands[3],
        operands[4],
        operands[5],
        operands[6],
        operands[7],
    )
    zero = numbers[0]
    for plane in range(start, stop):
        out = array(operands, 1, numbers, plane * size)
        for i in range(size):
            out[i] = zero
        for p in range(phases):
            first_row, row_step, rows, to_row = table[8 * p], table[8 * p + 1], table[8 * p + 2], table[8 * p + 3]
            first, step, n, to = table[8 * p + 4], table[8 * p + 5], table[8 * p + 6], table[8 * p + 7]
            for r in range(rows):
                source = array(operands, 0, numbers, (plane * height + first_row + r * row_step) * width + first)
                target = array(operands, 1, numbers, plane * size + p * cells + (to_row + r) * operands[8] + to)
                if step == 1:
                    for i in range(n):
                        target[i] = source[i]
                else:
                    for i in range(n):
                        target[i] = source[i * step]


@kernel
def unpad(operands, numbers, start, stop):
    # runs of ``size`` with rows of ``pitch`` to every so many rows and columns of images, plus a bias for each channel
    size, height, width, pitch = operands[3], operands[4], operands[5], operands[6]
    channels, biased, table = operands[7], operands[8], indices(operands, 9, 0)
    whole_height, whole_width = table[0], table[1]
    first_row, row_step, first, step = table[2], table[3], table[4], table[5]
    biases = array(operands, 2, numbers, 0)
    for plane in range(start, stop):
        bias = biases[plane % channels] if biased else numbers[0]
        for r in range(height):
            source = array(operands, 0, numbers, plane * size + r * pitch)
            at = (plane * whole_height + first_row + r * row_step) * whole_width + first
            target = array(operands, 1, numbers, at)
            if step == 1:
                for i in range(width):
                    target[i] = source[i] + bias
            else:
                for i in range(width):
                    target[i * step] = source[i] + bias


@inlined
def _block(index, eights, fours):
    """The first output of a block, and how many it has."""
    if index < eights:
        return index * 8, 8
    if index < eights + fours:
        return eights * 8 + (index - eights) * 4, 4
    return eights * 8 + fours * 4 + (index - eights - fours), 1


@kernel
def correlate(operands, numbers, start, stop):
    # an image, a group, a block of its outputs after the other
    planes, weights = address(operands, 0), address(operands, 1)
    offsets, out = address(operands, 2), address(operands, 3)
    groups, inputs, outputs, taps = operands[4], operands[5], operands[6], operands[7]
    size, run, eights, fours = operands[8], operands[9], operands[10], operands[11]
    blocks = eights + fours + (outputs - 8 * eights - 4 * fours)
    stride = 4 * run
    for item in range(start, stop):
        image, rest = item // (groups * blocks), item % (groups * blocks)
        group = rest // blocks
        first, many = _block(rest % blocks, eights, fours)
        x = planes + 4 * size * inputs * (image * groups + group)
        w = weights + 4 * taps * (group * outputs + first)
        y = out + stride * ((image * groups + group) * outputs + first)
        end = y + stride
        if many == 8:
            while y + 2 * BYTES <= end:
                _8x2(x, w, offsets, taps, y, stride)
                x, y = x + 2 * BYTES, y + 2 * BYTES
            while y < end:
                _8x1(x, w, offsets, taps, y, stride)
                x, y = x + BYTES, y + BYTES
        elif many == 4:
            while y + 4 * BYTES <= end:
                _4x4(x, w, offsets, taps, y, stride)
                x, y = x + 4 * BYTES, y + 4 * BYTES
            while y < end:
                _4x1(x, w, offsets, taps, y, stride)
                x, y = x + BYTES, y + BYTES
        else:
            while y + 8 * BYTES <= end:
                _1x8(x, w, offsets, taps, y, stride)
                x, y = x + 8 * BYTES, y + 8 * BYTES
            while y < end:
                _1x1(x, w, offsets, taps, y, stride)
                x, y = x + BYTES, y + BYTES


_dw_4x4, _dw_4x1, _dw_1x9, _dw_1x1 = (inner_products(*shape) for shape in ((4, 4), (4, 1), (1, 9), (1, 1)))


@kernel
def correlate_weight(operands, numbers, start, stop):
    # a group and a block of four of its outputs after the other, for some images at a time, which stay in cache
    planes, cotangent = address(operands, 0), address(operands, 1)
    offsets, out = address(operands, 2), address(operands, 3)
    groups, inputs, outputs, taps = operands[4], operands[5], operands[6], operands[7]
    size, run, images, at_once = operands[8], operands[9], operands[10], operands[11]
    blocks = (outputs + 3) // 4
    vectors = run // LANES
    g_stride, dw_stride = 4 * run, taps * BYTES
    g_image, x_image = g_stride * outputs * groups, 4 * size * inputs * groups
    image = 0
    while image < images:
        n = least(at_once, images - image)
        for item in range(start, stop):
            group, first = item // blocks, 4 * (item % blocks)
            many = least(4, outputs - first)
            x = planes + image * x_image + 4 * size * inputs * group
            g = cotangent + image * g_image + g_stride * (group * outputs + first)
            dw = out + dw_stride * (group * outputs + first)
            if many == 4:
                t = 0
                while t + 4 <= taps:
                    _dw_4x4(g, x, offsets + 8 * t, dw + t * BYTES, g_stride, dw_stride, vectors, n, g_image, x_image)
                    t += 4
                while t < taps:
                    _dw_4x1(g, x, offsets + 8 * t, dw + t * BYTES, g_stride, dw_stride, vectors, n, g_image, x_image)
                    t += 1
            else:
                for _ in range(many):
                    t = 0
                    while t + 9 <= taps:
                        _dw_1x9(
                            g, x, offsets + 8 * t, dw + t * BYTES, g_stride, dw_stride, vectors, n, g_image, x_image
                        )
                        t += 9
                    while t < taps:
                        _dw_1x1(
                            g, x, offsets + 8 * t, dw + t * BYTES, g_stride, dw_stride, vectors, n, g_image, x_image
                        )
                        t += 1
                    g, dw = g + g_stride, dw + dw_stride
        image += at_once


@kernel
def add_lanes(operands, numbers, start, stop):
    out = array(operands, 1, numbers, 0)
    for i in range(start, stop):
        x = array(operands, 0, numbers, i * LANES)
        total = x[0]
        for lane in range(1, LANES):
            total += x[lane]
        out[i] = total
