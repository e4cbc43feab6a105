"""The update rules of optimisers, in one pass; rarer forms of them are left to NumPy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, sqrt
from typing import Any

from ndgrad_cpu.compiled.code import Code
from ndgrad_cpu.compiled.elementwise import GRAIN
from ndgrad_cpu.compiled.team import run

__all__ = ["KERNELS"]

Array = Any
_SGD, _MOMENTUM, _ADAM, _RMSPROP = (
    Code("optimizers", name) for name in ("sgd", "sgd_with_momentum", "adam", "rmsprop")
)


def _sweep(code: Code, arrays: Sequence[Array], numbers: Sequence[float]) -> Any:
    param = arrays[0]
    if param.dtype.char not in "fd" or not all(a.dtype == param.dtype and a.flags.c_contiguous for a in arrays):
        return NotImplemented
    run(code, param.dtype.char, arrays, numbers, param.size, GRAIN)
    return None


def sgd_update_(
    param: Array, grad: Array, momentum_buffer: Array | None, *,
    lr: float, momentum: float, dampening: float, weight_decay: float, nesterov: bool,
) -> Any:  # fmt: skip
    """Gradient descent with momentum where its buffer is kept."""
    if momentum_buffer is None:
        return _sweep(_SGD, (param, grad), (lr, weight_decay))
    along = (1, momentum) if nesterov else (0, 1)
    numbers = (lr, weight_decay, momentum, 1 - dampening, *along)
    return _sweep(_MOMENTUM, (param, grad, momentum_buffer), numbers)


def adam_update_(
    param: Array, grad: Array, exp_avg: Array, exp_avg_sq: Array, max_exp_avg_sq: Array | None, *,
    step: int, lr: float, beta1: float, beta2: float, eps: float, l2: float, shrink: float,
) -> Any:  # fmt: skip
    """Adam with either kind of weight decay, without amsgrad."""
    if max_exp_avg_sq is not None:
        return NotImplemented
    rate = lr / (1 - beta1**step)
    scale, offset = (1 / (rate * sqrt(1 - beta2**step)), eps / rate) if rate else (inf, inf)
    numbers = (l2, beta1, 1 - beta1, beta2, 1 - beta2, scale, offset, 1 - shrink)
    return _sweep(_ADAM, (param, grad, exp_avg, exp_avg_sq), numbers)


def rmsprop_update_(
    param: Array, grad: Array, square_avg: Array, grad_avg: Array | None, momentum_buffer: Array | None, *,
    lr: float, alpha: float, eps: float, weight_decay: float, momentum: float,
) -> Any:  # fmt: skip
    """RMSprop, neither centred nor with momentum."""
    if grad_avg is not None or momentum_buffer is not None:
        return NotImplemented
    return _sweep(_RMSPROP, (param, grad, square_avg), (lr, weight_decay, alpha, 1 - alpha, eps))


KERNELS: dict[str, Callable[..., Any]] = {f.__name__: f for f in (adam_update_, rmsprop_update_, sgd_update_)}
