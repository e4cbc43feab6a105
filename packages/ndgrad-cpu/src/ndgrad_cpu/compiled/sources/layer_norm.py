"""Standardization of rows, their scale and their shift, at once; the backward pass standardizes again."""

from __future__ import annotations

import math

from ndgrad_cpu.compiled.sources.language import array, constant, inlined, kernel, least, row
from ndgrad_cpu.compiled.sources.rows import products, squares, total, weighted_products

__all__ = ["layer_norm", "layer_norm_backward"]


@inlined
def _like(like, x):
    return type(like)(x)


@kernel
def layer_norm(operands, numbers, start, stop):
    weight, bias, n = array(operands, 1, numbers, 0), array(operands, 2, numbers, 0), operands[4]
    for r in range(start, stop):
        x, y = row(operands, 0, numbers, r * n, n), array(operands, 3, numbers, r * n)
        mean = _like(x[0], total(x) / n)
        scale = _like(mean, 1 / math.sqrt(squares(x, mean) / n + numbers[0]))
        for i in range(n):
            y[i] = (x[i] - mean) * scale * weight[i] + bias[i]


@kernel
def layer_norm_backward(operands, numbers, start, stop):
    # groups of rows, each of which has sums of its own for the weight and the bias
    rows, n, together = operands[6], operands[7], operands[8]
    weight = row(operands, 2, numbers, 0, n)
    for group in range(start, stop):
        dw, db = array(operands, 4, numbers, group * n), array(operands, 5, numbers, group * n)
        for i in range(n):
            dw[i] = db[i] = constant(numbers, 0.0)
        for r in range(group * together, least((group + 1) * together, rows)):
            g, x = row(operands, 0, numbers, r * n, n), row(operands, 1, numbers, r * n, n)
            dx = array(operands, 3, numbers, r * n)
            mean = _like(x[0], total(x) / n)
            scale = _like(mean, 1 / math.sqrt(squares(x, mean) / n + numbers[0]))
            # (h - mean(h) - y mean(h y)) scale for h = g weight and y = (x - mean) scale
            level = _like(mean, products(g, weight) / n)
            slope = _like(mean, weighted_products(g, x, mean, weight) / n) * scale
            for i in range(n):
                dx[i] = (g[i] * weight[i] - level - (x[i] - mean) * scale * slope) * scale
            for i in range(n):  # apart: a loop that writes to three arrays would not be vectorized
                dw[i] += g[i] * ((x[i] - mean) * scale)
                db[i] += g[i]
