"""Activation functions and their backward passes in few passes over memory.

Every function but the plain ufuncs writes to its argument ``out``, and what lies between to scratch of the same shape:
no array is made on the way.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ndgrad_cpu.kernels.elementwise import clip, clip_bfloat16, masked
from ndgrad_cpu.kernels.special import HAS_SCIPY, from_scipy
from ndgrad_cpu.kernels.threads import blocked

__all__ = ["KERNELS"]

Array = Any
SQRT_HALF = math.sqrt(0.5)
SQRT_2_OVER_PI = math.sqrt(2 / math.pi)
SQRT_1_OVER_2PI = math.sqrt(0.5 / math.pi)


class _Zeros(dict[Any, Array]):
    """A zero of each dtype, as an array: a Python scalar takes a ufunc twice as long to convert."""

    def __missing__(self, dtype: Any) -> Array:
        zero = self[dtype] = np.zeros((), dtype)
        return zero


_ZEROS = _Zeros()

# -- rectifiers --------------------------------------------------------------------------------------------------------


def _relu(x: Array) -> Array:
    return np.maximum(x, _ZEROS[x.dtype]) if x.size < 4096 else clip(x, 0)


def _relu_backward(g: Array, y: Array, out: Array) -> None:
    masked(g, np.not_equal(y, _ZEROS[y.dtype]), out)


def _leaky_relu(x: Array, slope: float, out: Array) -> None:
    np.multiply(x, slope, out=out)
    if 0 < slope <= 1:
        np.maximum(x, out, out=out)
    else:
        np.copyto(out, x, where=x > 0)


def _elu(x: Array, alpha: float, out: Array, t: Array) -> None:
    # max(x, 0) + alpha expm1(min(x, 0)): one of the two is 0
    x.clip(-math.inf, 0, out=t)
    np.expm1(t, out=t)
    np.multiply(t, alpha, out=t)
    x.clip(0, math.inf, out=out)
    np.add(out, t, out=out)


# -- sigmoids ----------------------------------------------------------------------------------------------------------


def _one_plus_exp_minus(x: Array, out: Array) -> None:
    with np.errstate(over="ignore"):  # infinite where 1 over it is 0
        np.negative(x, out=out)
        np.exp(out, out=out)
    np.add(out, 1, out=out)


def _sigmoid(x: Array, out: Array) -> None:
    _one_plus_exp_minus(x, out)
    np.divide(1, out, out=out)


def _sigmoid_backward(g: Array, y: Array, out: Array) -> None:
    # g (y - y^2)
    np.multiply(y, y, out=out)
    np.subtract(y, out, out=out)
    np.multiply(out, g, out=out)


def _silu(x: Array, out: Array) -> None:
    _one_plus_exp_minus(x, out)
    np.divide(x, out, out=out)


def _silu_backward(g: Array, x: Array, out: Array, s: Array) -> None:
    # g s (1 + x (1 - s)) for s = sigmoid(x)
    _sigmoid(x, s)
    np.subtract(1, s, out=out)
    np.multiply(out, x, out=out)
    np.add(out, 1, out=out)
    np.multiply(out, s, out=out)
    np.multiply(out, g, out=out)


def _softplus(x: Array, out: Array, t: Array) -> None:
    # max(x, 0) + log1p(exp(-|x|))
    np.abs(x, out=t)
    np.negative(t, out=t)
    np.exp(t, out=t)
    np.log1p(t, out=t)
    x.clip(0, math.inf, out=out)
    np.add(out, t, out=out)


def _logsigmoid(x: Array, out: Array, t: Array, minus: Array) -> None:
    np.negative(x, out=minus)
    _softplus(minus, out, t)
    np.negative(out, out=out)


# -- GELU --------------------------------------------------------------------------------------------------------------

# The logarithm of Phi(x) / Phi(-x) is x (A0 + A1 u + K / (u + E + M / (u + H))) for u = x^2, where Phi is the normal
# distribution's: fitted for the least error of x Phi(x), which is 2e-7, and of erf, 3e-7 of its value. In this form it
# takes the fewest passes: a division costs no more than a product.
A0, A1, K, E, M, H = 2.405338237568, 0.0356569392597, -6.40789627316, -17.6371823155, 1023.11303399, 40.0398318894


def _log_odds(x: Array, out: Array, u: Array) -> None:
    with np.errstate(over="ignore"):
        np.multiply(x, x, out=u)
        np.add(u, H, out=out)
        np.divide(M, out, out=out)
        np.add(out, u, out=out)
        np.add(out, E, out=out)
        np.divide(K, out, out=out)
        np.multiply(u, A1, out=u)
        np.add(out, u, out=out)
        np.add(out, A0, out=out)
        np.multiply(out, x, out=out)


def _gelu(x: Array, out: Array, t: Array) -> None:
    _log_odds(x, out, t)
    _one_plus_exp_minus(out, out)
    np.divide(x, out, out=out)


def _gelu_backward(g: Array, x: Array, out: Array, t: Array) -> None:
    # g (Phi(x) + x exp(-x^2 / 2) / sqrt(2 pi))
    _log_odds(x, out, t)
    _sigmoid(out, out)
    _add_x_density(x, out, t)
    np.multiply(out, g, out=out)


def _add_x_density(x: Array, out: Array, t: Array) -> None:
    np.multiply(x, x, out=t)
    np.multiply(t, -0.5, out=t)
    np.exp(t, out=t)
    np.multiply(t, x, out=t)
    np.multiply(t, SQRT_1_OVER_2PI, out=t)
    np.add(out, t, out=out)


def _erf(x: Array, out: Array, t: Array, u: Array) -> None:
    # tanh(l / 2) for the log odds l at sqrt(2) x
    np.multiply(x, math.sqrt(2), out=t)
    _log_odds(t, out, u)
    np.multiply(out, 0.5, out=out)
    np.tanh(out, out=out)


_exact_erf = from_scipy("erf")


def _exact_gelu(x: Array, out: Array) -> None:
    # x (erf(x / sqrt 2) + 1) / 2
    np.multiply(x, SQRT_HALF, out=out)
    np.add(_exact_erf(out), 1, out=out)
    np.multiply(out, x, out=out)
    np.multiply(out, 0.5, out=out)


def _exact_gelu_backward(g: Array, x: Array, out: Array, t: Array) -> None:
    np.multiply(x, SQRT_HALF, out=out)
    np.add(_exact_erf(out), 1, out=out)
    np.multiply(out, 0.5, out=out)
    _add_x_density(x, out, t)
    np.multiply(out, g, out=out)


def _tanh_part(x: Array, out: Array) -> None:
    # tanh(sqrt(2 / pi) (x + 0.044715 x^3))
    np.multiply(x, x, out=out)
    np.multiply(out, 0.044715 * SQRT_2_OVER_PI, out=out)
    np.add(out, SQRT_2_OVER_PI, out=out)
    np.multiply(out, x, out=out)
    np.tanh(out, out=out)


def _gelu_tanh(x: Array, out: Array) -> None:
    _tanh_part(x, out)
    np.add(out, 1, out=out)
    np.multiply(out, x, out=out)
    np.multiply(out, 0.5, out=out)


def _gelu_tanh_backward(g: Array, x: Array, out: Array, t: Array, rest: Array) -> None:
    # g (1 + t) (1 + (1 - t) x u') / 2 for the hyperbolic tangent t of u
    _tanh_part(x, t)
    np.multiply(x, x, out=out)
    np.multiply(out, 3 * 0.044715 * SQRT_2_OVER_PI, out=out)
    np.add(out, SQRT_2_OVER_PI, out=out)
    np.multiply(out, x, out=out)
    np.subtract(1, t, out=rest)
    np.multiply(out, rest, out=out)
    np.add(out, 1, out=out)
    np.add(t, 1, out=t)
    np.multiply(t, 0.5, out=t)
    np.multiply(out, t, out=out)
    np.multiply(out, g, out=out)


def _with(parameter: str, kernel: Callable[..., Array]) -> Callable[..., Array]:
    """``kernel`` with its last operand called by this name."""
    return lambda x, **params: kernel(x, params[parameter])


def _for_large(kernel: Callable[..., Array], otherwise: Callable[..., Array] | None) -> Callable[..., Array]:
    """``kernel``, or the exact one where there is one and the array is small: then calls take longer than elements."""

    def choose(*xs: Array) -> Array:
        return kernel(*xs) if otherwise is None or xs[-1].size >= 4096 else otherwise(*xs)

    return choose


KERNELS: dict[Any, Callable[..., Array]] = {
    "relu": _relu,
    "relu_backward": blocked(_relu_backward),
    "leaky_relu": _with("negative_slope", blocked(_leaky_relu)),
    "elu": _with("alpha", blocked(_elu, scratch=1)),
    "hardtanh": clip,
    ("hardtanh", "bfloat16"): clip_bfloat16,
    "sigmoid": blocked(_sigmoid),
    "sigmoid_backward": blocked(_sigmoid_backward),
    "softplus": blocked(_softplus, scratch=1),
    "logsigmoid": blocked(_logsigmoid, scratch=2),
    "silu": blocked(_silu),
    "silu_backward": blocked(_silu_backward, scratch=1),
    "gelu_tanh": blocked(_gelu_tanh),
    "gelu_tanh_backward": blocked(_gelu_tanh_backward, scratch=2),
}
_EXACT: dict[str, Callable[..., Array]] = {
    "gelu": blocked(_exact_gelu),
    "gelu_backward": blocked(_exact_gelu_backward, scratch=1),
    "special.erf": _exact_erf,
}
_FITTED: dict[str, Callable[..., Array]] = {
    "gelu": blocked(_gelu, scratch=1),
    "gelu_backward": blocked(_gelu_backward, scratch=1),
    "special.erf": blocked(_erf, scratch=2),
}
if HAS_SCIPY:
    KERNELS |= _EXACT
KERNELS |= {
    (name, dtype): _for_large(kernel, _EXACT[name] if HAS_SCIPY else None)
    for name, kernel in _FITTED.items()
    for dtype in ("float16", "bfloat16", "float32")
}
