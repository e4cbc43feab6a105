"""Activation functions and their backward passes in few passes over memory."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ndgrad_cpu.kernels.special import erf
from ndgrad_cpu.kernels.threads import blocked

__all__ = ["KERNELS"]

Array = Any
SQRT_HALF = math.sqrt(0.5)
SQRT_2_OVER_PI = math.sqrt(2 / math.pi)
SQRT_1_OVER_2PI = math.sqrt(0.5 / math.pi)


def _relu_backward(g: Array, y: Array) -> Array:
    return np.where(y > 0, g, _zero(g))


def _zero(x: Array) -> Any:
    return x.dtype.type(0)  # a NumPy scalar of the dtype: quicker to convert than a Python one


def sigmoid(x: Array) -> Array:
    """exp(min(x, 0)) / (1 + exp(-|x|)): neither overflows."""
    y = np.exp(np.minimum(x, 0))
    return y / (np.exp(-np.abs(x)) + 1)


def _softplus(x: Array) -> Array:
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def _sigmoid_backward(g: Array, y: Array) -> Array:
    return g * (y - y * y)


def _silu_backward(g: Array, x: Array) -> Array:
    s = sigmoid(x)
    return g * (s * (x * (1 - s) + 1))


def _gelu(x: Array) -> Array:
    return x * (0.5 * erf(x * SQRT_HALF) + 0.5)


def _gelu_backward(g: Array, x: Array) -> Array:
    return g * (0.5 * erf(x * SQRT_HALF) + 0.5 + x * np.exp(x * x * -0.5) * SQRT_1_OVER_2PI)


def _tanh_part(x: Array) -> Array:
    return np.tanh(x * (x * x * (0.044715 * SQRT_2_OVER_PI) + SQRT_2_OVER_PI))


def _gelu_tanh(x: Array) -> Array:
    return x * (0.5 * _tanh_part(x) + 0.5)


def _gelu_tanh_backward(g: Array, x: Array) -> Array:
    t = _tanh_part(x)
    return g * (0.5 * t + 0.5 + x * (1 - t * t) * (x * x * (1.5 * 0.044715 * SQRT_2_OVER_PI) + 0.5 * SQRT_2_OVER_PI))


KERNELS: dict[Any, Callable[..., Array]] = {
    "relu": blocked(lambda x: np.maximum(x, 0)),
    "relu_backward": blocked(_relu_backward),
    "hardtanh": lambda x, min, max: np.minimum(np.maximum(x, min), max),
    "sigmoid": blocked(sigmoid),
    "sigmoid_backward": blocked(_sigmoid_backward),
    "softplus": blocked(_softplus),
    "logsigmoid": blocked(lambda x: -_softplus(-x)),
    "silu": blocked(lambda x: x * sigmoid(x)),
    "silu_backward": blocked(_silu_backward),
    "gelu_tanh": blocked(_gelu_tanh),
    "gelu_tanh_backward": blocked(_gelu_tanh_backward),
    "gelu": blocked(_gelu),
    "gelu_backward": blocked(_gelu_backward),
}
