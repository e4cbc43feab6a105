"""Softmax, its logarithm and standardization, a row or a channel at a time while it is in cache."""

from __future__ import annotations

import math

import numpy as np

from ndgrad_cpu.compiled.sources.arithmetic import exp
from ndgrad_cpu.compiled.sources.language import array, inlined, kernel
from ndgrad_cpu.compiled.sources.rows import largest, products, squares, total

__all__ = [
    "log_softmax", "log_softmax_backward", "softmax", "softmax_backward", "standardize", "standardize_backward",
]  # fmt: skip

f32 = np.float32

# -- softmax, over the last axes -----------------------------------------------------------------------------------


@kernel
def softmax(operands, numbers, start, stop):
    n = operands[2]
    for row in range(start, stop):
        x, y = array(operands, 0, numbers, row * n)[:n], array(operands, 1, numbers, row * n)[:n]
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
    for row in range(start, stop):
        g, y = array(operands, 0, numbers, row * n)[:n], array(operands, 1, numbers, row * n)[:n]
        out = array(operands, 2, numbers, row * n)[:n]
        inner = f32(products(g, y))
        for i in range(n):
            out[i] = (g[i] - inner) * y[i]


@kernel
def log_softmax(operands, numbers, start, stop):
    n = operands[2]
    for row in range(start, stop):
        x, y = array(operands, 0, numbers, row * n)[:n], array(operands, 1, numbers, row * n)[:n]
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
    for row in range(start, stop):
        g, y = array(operands, 0, numbers, row * n)[:n], array(operands, 1, numbers, row * n)[:n]
        out = array(operands, 2, numbers, row * n)[:n]
        whole = f32(total(g))
        for i in range(n):
            out[i] = g[i] - exp(y[i]) * whole


# -- standardization, over outer and inner axes --------------------------------------------------------------------


@inlined
def _stretch(operands, index, numbers, outer, channel):
    """The elements of a channel that lie together, of an array (outer, channels, inner)."""
    channels, inner = operands[5], operands[6]
    return array(operands, index, numbers, (outer * channels + channel) * inner)[:inner]


@kernel
def standardize(operands, numbers, start, stop):
    outer, inner = operands[4], operands[6]
    means, variances = array(operands, 2, numbers, 0), array(operands, 3, numbers, 0)
    count = outer * inner
    for c in range(start, stop):
        found = np.float64(0)
        for o in range(outer):
            found += total(_stretch(operands, 0, numbers, o, c))
        means[c] = found / count
        mean = means[c]
        found = np.float64(0)
        for o in range(outer):
            found += squares(_stretch(operands, 0, numbers, o, c), mean)
        variances[c] = found / count
        numbers_scale = _like(mean, 1 / math.sqrt(found / count + numbers[0]))
        for o in range(outer):
            x, y = _stretch(operands, 0, numbers, o, c), _stretch(operands, 1, numbers, o, c)
            for i in range(inner):
                y[i] = (x[i] - mean) * numbers_scale


@inlined
def _like(like, x):
    return type(like)(x)


@kernel
def standardize_backward(operands, numbers, start, stop):
    # (g - mean(g) - y mean(g y)) / sigma
    outer, inner = operands[4], operands[6]
    variances = array(operands, 2, numbers, 0)
    count = outer * inner
    for c in range(start, stop):
        whole, inside = np.float64(0), np.float64(0)
        for o in range(outer):
            g, y = _stretch(operands, 0, numbers, o, c), _stretch(operands, 1, numbers, o, c)
            whole += total(g)
            inside += products(g, y)
        scale = _like(variances[c], 1 / math.sqrt(variances[c] + numbers[0]))
        mean, slope = _like(scale, whole / count), _like(scale, inside / count)
        for o in range(outer):
            g, y = _stretch(operands, 0, numbers, o, c), _stretch(operands, 1, numbers, o, c)
            out = _stretch(operands, 3, numbers, o, c)
            for i in range(inner):
                out[i] = (g[i] - mean - y[i] * slope) * scale
