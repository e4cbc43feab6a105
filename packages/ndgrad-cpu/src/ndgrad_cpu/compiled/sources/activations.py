"""Activation functions and their backward passes, each in one pass over memory."""

from __future__ import annotations

import math

import numpy as np

from ndgrad_cpu.compiled.sources.arithmetic import HALF, ONE, ZERO, erf, exp, log1p_of_exp, normal_cdf
from ndgrad_cpu.compiled.sources.arithmetic import sigmoid as logistic
from ndgrad_cpu.compiled.sources.language import array, kernel

__all__ = [
    "gelu",
    "gelu_backward",
    "gelu_tanh",
    "gelu_tanh_backward",
    "leaky_relu",
    "logsigmoid",
    "relu",
    "relu_backward",
    "sigmoid_backward",
    "sigmoid",
    "silu",
    "silu_backward",
    "softplus",
    "special_erf",
    "tanh_backward",
]

f32 = np.float32
SQRT_1_OVER_2PI = f32(math.sqrt(0.5 / math.pi))
# 2 sqrt(2 / pi) (x + 0.044715 x^3)
SLOPE, CUBE = f32(2 * math.sqrt(2 / math.pi)), f32(2 * math.sqrt(2 / math.pi) * 0.044715)
THREE, LIMIT = f32(3), f32(30)


@kernel
def relu(operands, numbers, start, stop):
    x, out = array(operands, 0, numbers, start), array(operands, 1, numbers, start)
    for i in range(stop - start):
        out[i] = ZERO if x[i] < ZERO else x[i] + ZERO


@kernel
def relu_backward(operands, numbers, start, stop):
    g, y, out = (
        array(operands, 0, numbers, start),
        array(operands, 1, numbers, start),
        array(operands, 2, numbers, start),
    )
    for i in range(stop - start):
        out[i] = g[i] if y[i] != ZERO else ZERO


@kernel
def leaky_relu(operands, numbers, start, stop):
    x, out, slope = array(operands, 0, numbers, start), array(operands, 1, numbers, start), numbers[0]
    for i in range(stop - start):
        out[i] = x[i] if x[i] > ZERO else x[i] * slope


@kernel
def sigmoid(operands, numbers, start, stop):
    x, out = array(operands, 0, numbers, start), array(operands, 1, numbers, start)
    for i in range(stop - start):
        out[i] = logistic(x[i])


@kernel
def sigmoid_backward(operands, numbers, start, stop):
    g, y = array(operands, 0, numbers, start), array(operands, 1, numbers, start)
    out = array(operands, 2, numbers, start)
    for i in range(stop - start):
        out[i] = g[i] * (y[i] - y[i] * y[i])


@kernel
def tanh_backward(operands, numbers, start, stop):
    g, y = array(operands, 0, numbers, start), array(operands, 1, numbers, start)
    out = array(operands, 2, numbers, start)
    for i in range(stop - start):
        out[i] = g[i] - g[i] * (y[i] * y[i])


@kernel
def silu(operands, numbers, start, stop):
    x, out = array(operands, 0, numbers, start), array(operands, 1, numbers, start)
    for i in range(stop - start):
        out[i] = x[i] / (ONE + exp(-x[i]))


@kernel
def silu_backward(operands, numbers, start, stop):
    g, x = array(operands, 0, numbers, start), array(operands, 1, numbers, start)
    out = array(operands, 2, numbers, start)
    for i in range(stop - start):
        s = logistic(x[i])
        out[i] = g[i] * s * (ONE + x[i] * (ONE - s))


@kernel
def softplus(operands, numbers, start, stop):
    x, out = array(operands, 0, numbers, start), array(operands, 1, numbers, start)
    for i in range(stop - start):
        out[i] = (ZERO if x[i] < ZERO else x[i]) + log1p_of_exp(x[i])


@kernel
def logsigmoid(operands, numbers, start, stop):
    x, out = array(operands, 0, numbers, start), array(operands, 1, numbers, start)
    for i in range(stop - start):
        out[i] = (ZERO if x[i] > ZERO else x[i]) - log1p_of_exp(x[i])


@kernel
def gelu(operands, numbers, start, stop):
    x, out = array(operands, 0, numbers, start), array(operands, 1, numbers, start)
    for i in range(stop - start):
        out[i] = x[i] * normal_cdf(x[i])


@kernel
def gelu_backward(operands, numbers, start, stop):
    # g (Phi(x) + x exp(-x^2 / 2) / sqrt(2 pi))
    g, x = array(operands, 0, numbers, start), array(operands, 1, numbers, start)
    out = array(operands, 2, numbers, start)
    for i in range(stop - start):
        density = SQRT_1_OVER_2PI * exp(-HALF * x[i] * x[i])
        out[i] = g[i] * (normal_cdf(x[i]) + x[i] * density)


@kernel
def gelu_tanh(operands, numbers, start, stop):
    # x (1 + tanh(u / 2)) / 2 = x sigmoid(u)
    x, out = array(operands, 0, numbers, start), array(operands, 1, numbers, start)
    for i in range(stop - start):
        out[i] = x[i] / (ONE + exp(-x[i] * (SLOPE + CUBE * x[i] * x[i])))


@kernel
def gelu_tanh_backward(operands, numbers, start, stop):
    # g s (1 + x u' (1 - s)) for s = logistic(u)
    g, x = array(operands, 0, numbers, start), array(operands, 1, numbers, start)
    out = array(operands, 2, numbers, start)
    for i in range(stop - start):
        z = LIMIT if x[i] > LIMIT else x[i]  # where s is 0 or 1, before squares overflow
        z = -LIMIT if z < -LIMIT else z
        square = z * z
        s = logistic(z * (SLOPE + CUBE * square))
        out[i] = g[i] * s * (ONE + z * (SLOPE + THREE * CUBE * square) * (ONE - s))


@kernel
def special_erf(operands, numbers, start, stop):
    x, out = array(operands, 0, numbers, start), array(operands, 1, numbers, start)
    for i in range(stop - start):
        out[i] = erf(x[i])
