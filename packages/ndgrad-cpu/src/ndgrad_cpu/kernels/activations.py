"""Activation functions and their backward passes in few passes over memory."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ndgrad_cpu.kernels.elementwise import masked
from ndgrad_cpu.kernels.special import HAS_SCIPY, from_scipy
from ndgrad_cpu.kernels.threads import blocked, threaded

__all__ = ["KERNELS"]

Array = Any
SQRT_HALF = math.sqrt(0.5)
SQRT_2_OVER_PI = math.sqrt(2 / math.pi)
SQRT_1_OVER_2PI = math.sqrt(0.5 / math.pi)


_scipy_erf = from_scipy("erf")
_maximum = threaded(np.maximum)


class _Zeros(dict[Any, Array]):
    """A zero of each dtype, as an array: a Python scalar takes a ufunc twice as long to convert."""

    def __missing__(self, dtype: Any) -> Array:
        zero = self[dtype] = np.zeros((), dtype)
        return zero


_ZEROS = _Zeros()


def _relu_backward(g: Array, y: Array) -> Array:
    return masked(g, y != 0)


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


# erf(x) = x N(x²) / D(x²) for |x| < 3.95, fitted for least relative error (2e-8), highest power first
_ERF_N = (2.026076016e-06, 0.0002846718129, 0.003807354444, 0.05287292923, 0.1915311649, 1.128379144)
_ERF_D = (3.783273077e-05, 0.001170535074, 0.01505345912, 0.1145517255, 0.5030727543, 1.0)


def _horner(x: Array, coefficients: tuple[float, ...]) -> Array:
    y = x * coefficients[0]
    y += coefficients[1]
    for c in coefficients[2:]:
        y *= x
        y += c
    return y


def erf(x: Array) -> Array:
    """SciPy's; for large arrays of float32 a vectorised formula, three times as fast and within 4e-7."""
    if x.size < 4096 or x.dtype != np.float32:
        return _scipy_erf(x)
    x = np.minimum(np.maximum(x, -3.95), 3.95)
    x2 = x * x
    return np.minimum(np.maximum(x * _horner(x2, _ERF_N) / _horner(x2, _ERF_D), -1), 1)


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
    "relu": lambda x: _maximum(x, _ZEROS[x.dtype]),
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
}
if HAS_SCIPY:
    KERNELS |= {"gelu": blocked(_gelu), "gelu_backward": blocked(_gelu_backward)}
