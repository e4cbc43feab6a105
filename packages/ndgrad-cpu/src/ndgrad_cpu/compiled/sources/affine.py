"""Scaling and shifting by a row, or by one number for each channel, and the backward pass of both."""

from __future__ import annotations

import numpy as np

from ndgrad_cpu.compiled.sources.language import array, constant, kernel, least, row
from ndgrad_cpu.compiled.sources.rows import products, total

__all__ = ["by_channels", "by_channels_backward", "by_rows", "by_rows_backward"]


@kernel
def by_rows(operands, numbers, start, stop):
    weight, bias, n = array(operands, 1, numbers, 0), array(operands, 2, numbers, 0), operands[4]
    for r in range(start, stop):
        x, y = array(operands, 0, numbers, r * n), array(operands, 3, numbers, r * n)
        for i in range(n):
            y[i] = x[i] * weight[i] + bias[i]


@kernel
def by_channels(operands, numbers, start, stop):
    weights, biases = array(operands, 1, numbers, 0), array(operands, 2, numbers, 0)
    channels, n = operands[4], operands[5]
    for plane in range(start, stop):
        weight, bias = weights[plane % channels], biases[plane % channels]
        x, y = array(operands, 0, numbers, plane * n), array(operands, 3, numbers, plane * n)
        for i in range(n):
            y[i] = x[i] * weight + bias


@kernel
def by_rows_backward(operands, numbers, start, stop):
    # groups of rows, each of which has sums of its own
    weight, rows, n, together = array(operands, 2, numbers, 0), operands[6], operands[7], operands[8]
    for group in range(start, stop):
        dw, db = array(operands, 4, numbers, group * n), array(operands, 5, numbers, group * n)
        for i in range(n):
            dw[i] = db[i] = constant(numbers, 0.0)
        for r in range(group * together, least((group + 1) * together, rows)):
            g, x = array(operands, 0, numbers, r * n), array(operands, 1, numbers, r * n)
            dx = array(operands, 3, numbers, r * n)
            for i in range(n):
                dx[i] = g[i] * weight[i]
            for i in range(n):  # apart: a loop that writes to three arrays would not be vectorized
                dw[i] += g[i] * x[i]
                db[i] += g[i]


@kernel
def by_channels_backward(operands, numbers, start, stop):
    outer, channels, n = operands[6], operands[7], operands[8]
    weights, dw, db = array(operands, 2, numbers, 0), array(operands, 4, numbers, 0), array(operands, 5, numbers, 0)
    for c in range(start, stop):
        weight, inside, whole = weights[c], np.float64(0), np.float64(0)
        for o in range(outer):
            at = (o * channels + c) * n
            g, x, dx = (
                row(operands, 0, numbers, at, n),
                row(operands, 1, numbers, at, n),
                array(operands, 3, numbers, at),
            )
            inside += products(g, x)
            whole += total(g)
            for i in range(n):
                dx[i] = g[i] * weight
        dw[c], db[c] = inside, whole
