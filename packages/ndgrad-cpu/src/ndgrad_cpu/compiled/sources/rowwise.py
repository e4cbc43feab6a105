"""Softmax, its logarithm and standardization, a row or a channel at a time while it is in cache."""

from __future__ import annotations

import math

import numpy as np

from ndgrad_cpu.compiled.sources.arithmetic import exp
from ndgrad_cpu.compiled.sources.language import array, inlined, kernel, row
from ndgrad_cpu.compiled.sources.rows import largest, products, squares, total

__all__ = [
    "log_softmax", "log_softmax_backward", "softmax", "softmax_backward", "standardize", "standardize_backward",
]  # fmt: skip

f32 = np.float32

# -- softmax, over the last axes -----------------------------------------------------------------------------------


@kernel
def softmax(operands, numbers, start, stop):
    n = operands[2]
    for r in range(start, stop):
        x, y = row(operands, 0, numbers, r * n, n), row(operands, 1, numbers, r * n, n)
        peak = largest(x)
        for i in range(n):
            y[i] = exp(x[i] - peak)
        scale = f32(1 / total(y))
        for i in range(n):
            y[i] *= scale


@kernel
def softmax_backward(operands, numbers, start, stop):
    # (g - sum(g y)) y
    n = operands[3]
    for r in range(start, stop):
        g, y = row(operands, 0, numbers, r * n, n), row(operands, 1, numbers, r * n, n)
        out = row(operands, 2, numbers, r * n, n)
        inner = f32(products(g, y))
        for i in range(n):
            out[i] = (g[i] - inner) * y[i]


@kernel
def log_softmax(operands, numbers, start, stop):
    n = operands[2]
    for r in range(start, stop):
        x, y = row(operands, 0, numbers, r * n, n), row(operands, 1, numbers, r * n, n)
        peak = largest(x)
        for i in range(n):
            y[i] = exp(x[i] - peak)
        log_total = f32(math.log(total(y)))
        for i in range(n):
            y[i] = (x[i] - peak) - log_total


@kernel
def log_softmax_backward(operands, numbers, start, stop):
    # g - exp(y) sum(g)
    n = operands[3]
    for r in range(start, stop):
        g, y = row(operands, 0, numbers, r * n, n), row(operands, 1, numbers, r * n, n)
        out = row(operands, 2, numbers, r * n, n)
        whole = f32(total(g))
        for i in range(n):
            out[i] = g[i] - exp(y[i]) * whole


# -- standardization, over outer and inner axes --------------------------------------------------------------------


@kernel
def standardize(operands, numbers, start, stop):
    outer, channels, inner = operands[4], operands[5], operands[6]
    means, variances = array(operands, 2, numbers, 0), array(operands, 3, numbers, 0)
    count = outer * inner
    for c in range(start, stop):
        found = np.float64(0)
        for o in range(outer):
            found += total(row(operands, 0, numbers, (o * channels + c) * inner, inner))
        means[c] = found / count
        mean = means[c]
        found = np.float64(0)
        for o in range(outer):
            found += squares(row(operands, 0, numbers, (o * channels + c) * inner, inner), mean)
        variances[c] = found / count
        numbers_scale = _like(mean, 1 / math.sqrt(found / count + numbers[0]))
        for o in range(outer):
            x, y = (
                row(operands, 0, numbers, (o * channels + c) * inner, inner),
                row(operands, 1, numbers, (o * channels + c) * inner, inner),
            )
            for i in range(inner):
                y[i] = (x[i] - mean) * numbers_scale


@inlined
def _like(like, x):
    return type(like)(x)


@kernel
def standardize_backward(operands, numbers, start, stop):
    # (g - mean(g) - y mean(g y)) / sigma
    outer, channels, inner = operands[4], operands[5], operands[6]
    variances = array(operands, 2, numbers, 0)
    count = outer * inner
    for c in range(start, stop):
        whole, inside = np.float64(0), np.float64(0)
        for o in range(outer):
            g, y = (
                row(operands, 0, numbers, (o * channels + c) * inner, inner),
                row(operands, 1, numbers, (o * channels + c) * inner, inner),
            )
            whole += total(g)
            inside += products(g, y)
        scale = _like(variances[c], 1 / math.sqrt(variances[c] + numbers[0]))
        mean, slope = _like(scale, whole / count), _like(scale, inside / count)
        for o in range(outer):
            g, y = (
                row(operands, 0, numbers, (o * channels + c) * inner, inner),
                row(operands, 1, numbers, (o * channels + c) * inner, inner),
            )
            out = row(operands, 3, numbers, (o * channels + c) * inner, inner)
            for i in range(inner):
                out[i] = (g[i] - mean - y[i] * slope) * scale
