"""The update rules of optimisers; their formulas stand in :mod:`ndgrad.optim`."""

from __future__ import annotations

import math

from ndgrad_cpu.compiled.sources.language import array, kernel

__all__ = ["adam", "rmsprop", "sgd", "sgd_with_momentum"]


@kernel
def sgd(operands, numbers, start, stop):
    p, g = array(operands, 0, numbers, start), array(operands, 1, numbers, start)
    lr, decay = numbers[0], numbers[1]
    for i in range(stop - start):
        p[i] -= lr * (g[i] + decay * p[i])


@kernel
def sgd_with_momentum(operands, numbers, start, stop):
    # the step is along g + along b
    p, g, b = (
        array(operands, 0, numbers, start),
        array(operands, 1, numbers, start),
        array(operands, 2, numbers, start),
    )
    lr, decay, momentum, fresh, along_g, along_b = (
        numbers[0],
        numbers[1],
        numbers[2],
        numbers[3],
        numbers[4],
        numbers[5],
    )
    for i in range(stop - start):
        direction = g[i] + decay * p[i]
        b[i] = momentum * b[i] + fresh * direction
        p[i] -= lr * (along_g * direction + along_b * b[i])


@kernel
def adam(operands, numbers, start, stop):
    # p -= m / (scale sqrt(v) + offset)
    p, g = array(operands, 0, numbers, start), array(operands, 1, numbers, start)
    m, v = array(operands, 2, numbers, start), array(operands, 3, numbers, start)
    l2, beta1, fresh1, beta2, fresh2 = numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]
    scale, offset, kept = numbers[5], numbers[6], numbers[7]
    for i in range(stop - start):
        d = g[i] + l2 * p[i]
        m[i] = beta1 * m[i] + fresh1 * d
        v[i] = beta2 * v[i] + fresh2 * (d * d)
        p[i] = kept * p[i] - m[i] / (scale * math.sqrt(v[i]) + offset)


@kernel
def rmsprop(operands, numbers, start, stop):
    p, g, v = (
        array(operands, 0, numbers, start),
        array(operands, 1, numbers, start),
        array(operands, 2, numbers, start),
    )
    lr, decay, alpha, fresh, eps = numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]
    for i in range(stop - start):
        d = g[i] + decay * p[i]
        v[i] = alpha * v[i] + fresh * (d * d)
        p[i] -= lr * d / (math.sqrt(v[i]) + eps)
