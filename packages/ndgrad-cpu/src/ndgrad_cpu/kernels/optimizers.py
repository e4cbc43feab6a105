"""The update rules of optimisers in one sweep over memory.

Each block of parameter, gradient and state stays in cache for all the steps of the rule, with two scratch blocks for
the intermediate values; half precision is computed in float32. The formulas stand in :mod:`ndgrad.optim`; here their
constants are folded together, so that fewer steps are needed.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Any

import numpy as np

from ndgrad_cpu.kernels.threads import BLOCK, block, over_threads

__all__ = ["KERNELS", "adagrad_update_", "adam_update_", "rmsprop_update_", "sgd_update_"]

Array = Any


def adam_update_(
    param: Array, grad: Array, exp_avg: Array, exp_avg_sq: Array, max_exp_avg_sq: Array | None, *,
    step: int, lr: float, beta1: float, beta2: float, eps: float, l2: float, shrink: float,
) -> None:  # fmt: skip
    """Adam, with amsgrad where the maximum is kept, and either kind of weight decay."""
    # lr m_hat / (sqrt(v_hat) + eps) = m / (scale sqrt(v) + offset)
    rate = lr / (1 - beta1**step)
    scale, offset = (1 / (rate * sqrt(1 - beta2**step)), eps / rate) if rate else (np.inf, np.inf)

    def update(p: Array, g: Array, m: Array, v: Array, largest: Array | None, t: Array, u: Array) -> None:
        g = _decayed(g, p, l2, u)
        np.multiply(g, 1 - beta1, out=t)
        np.multiply(m, beta1, out=m)
        np.add(m, t, out=m)
        _mix_in_square(v, beta2, g, t)
        root = np.sqrt(v if largest is None else np.maximum(largest, v, out=largest), out=t)
        np.multiply(root, scale, out=t)
        np.add(t, offset, out=t)
        np.divide(m, t, out=t)
        if shrink:
            np.multiply(p, 1 - shrink, out=p)
        np.subtract(p, t, out=p)

    _sweep(update, 12, param, grad, exp_avg, exp_avg_sq, max_exp_avg_sq)


def sgd_update_(
    param: Array, grad: Array, momentum_buffer: Array | None, *,
    lr: float, momentum: float, dampening: float, weight_decay: float, nesterov: bool,
) -> None:  # fmt: skip
    """Gradient descent with momentum where its buffer is kept."""

    def update(p: Array, g: Array, b: Array | None, t: Array, u: Array) -> None:
        direction = g = _decayed(g, p, weight_decay, u)
        if b is not None:
            np.multiply(b, momentum, out=b)
            np.add(b, g if not dampening else np.multiply(g, 1 - dampening, out=t), out=b)
            direction = np.add(g, np.multiply(b, momentum, out=t), out=t) if nesterov else b
        np.multiply(direction, lr, out=t)
        np.subtract(p, t, out=p)

    _sweep(update, 2 if momentum_buffer is None else 4, param, grad, momentum_buffer)


def rmsprop_update_(
    param: Array, grad: Array, square_avg: Array, grad_avg: Array | None, momentum_buffer: Array | None, *,
    lr: float, alpha: float, eps: float, weight_decay: float, momentum: float,
) -> None:  # fmt: skip
    """RMSprop, centred where the mean is kept, with momentum where its buffer is."""

    def update(p: Array, g: Array, v: Array, m: Array | None, b: Array | None, t: Array, u: Array) -> None:
        g = _decayed(g, p, weight_decay, u)
        _mix_in_square(v, alpha, g, t)
        if m is None:
            np.sqrt(v, out=t)
        else:
            np.multiply(m, alpha, out=m)
            np.add(m, np.multiply(g, 1 - alpha, out=t), out=m)
            np.sqrt(np.subtract(v, np.multiply(m, m, out=t), out=t), out=t)
        np.add(t, eps, out=t)
        np.divide(g, t, out=t)
        if b is not None:
            np.multiply(b, momentum, out=b)
            np.add(b, t, out=b)
        np.multiply(t if b is None else b, lr, out=t)
        np.subtract(p, t, out=p)

    _sweep(update, 10, param, grad, square_avg, grad_avg, momentum_buffer)


def adagrad_update_(param: Array, grad: Array, sum: Array, *, lr: float, weight_decay: float, eps: float) -> None:
    """Adagrad."""

    def update(p: Array, g: Array, s: Array, t: Array, u: Array) -> None:
        g = _decayed(g, p, weight_decay, u)
        np.add(s, np.multiply(g, g, out=t), out=s)
        np.sqrt(s, out=t)
        np.add(t, eps, out=t)
        np.divide(g, t, out=t)
        np.multiply(t, lr, out=t)
        np.subtract(p, t, out=p)

    _sweep(update, 8, param, grad, sum)


# -- steps that rules share --------------------------------------------------------------------------------------------


def _decayed(g: Array, p: Array, weight_decay: float, u: Array) -> Array:
    """The gradient with the decay in it, in ``u`` if there is any."""
    return np.add(g, np.multiply(p, weight_decay, out=u), out=u) if weight_decay else g


def _mix_in_square(v: Array, beta: float, g: Array, t: Array) -> None:
    """The running mean of squares: beta v + (1 - beta) g^2."""
    np.multiply(g, g, out=t)
    np.multiply(t, 1 - beta, out=t)
    np.multiply(v, beta, out=v)
    np.add(v, t, out=v)


# -- the sweep ---------------------------------------------------------------------------------------------------------


def _sweep(update: Callable[..., None], passes: int, *arrays: Array | None) -> None:
    """``update`` on the same block of each array, one block after the other, and two scratch blocks.

    ``passes`` over a block is what it takes, about, when it is large: whether that is worth other threads.
    """
    param = arrays[0]
    assert param is not None
    if param.itemsize < 4:
        _widened(update, arrays)
    elif param.nbytes <= BLOCK or not all(a is None or a.flags.c_contiguous for a in arrays):
        update(*arrays, np.empty_like(param), np.empty_like(param))
    else:
        flat = [None if a is None else a.reshape(-1) for a in arrays]

        def work(start: int, stop: int) -> None:
            step = block(stop - start, param.size, param.itemsize)
            t, u = np.empty(step, param.dtype), np.empty(step, param.dtype)
            for i in range(start, stop, step):
                n = min(step, stop - i)
                update(*[None if a is None else a[i : i + n] for a in flat], t[:n], u[:n])

        over_threads(work, param.size, passes * param.nbytes)


def _widened(update: Callable[..., None], arrays: tuple[Array | None, ...]) -> None:
    """All at once in float32, and rounded once."""
    wide = [None if a is None else a.astype(np.float32) for a in arrays]
    update(*wide, np.empty_like(wide[0]), np.empty_like(wide[0]))
    for array, result in zip(arrays, wide, strict=True):
        if array is not None:
            array[...] = result


KERNELS: dict[str, Callable[..., None]] = {
    f.__name__: f for f in (adagrad_update_, adam_update_, rmsprop_update_, sgd_update_)
}
