"""The update rules of optimisers in one sweep over memory.

Each block of parameter, gradient and state stays in the L2 cache for all the steps of the rule, with one scratch block
for the intermediate values; half precision is computed in float32. The formulas stand in :mod:`ndgrad.optim`; here
their constants are folded together, so that fewer steps are needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import sqrt
from typing import Any

import numpy as np

__all__ = ["KERNELS", "adam_update_", "sgd_update_"]

Array = np.ndarray[Any, Any]

BLOCK = 1 << 16  # elements: with float32, four arrays and a scratch block take 1.3 MB


def adam_update_(
    param: Array, grad: Array, exp_avg: Array, exp_avg_sq: Array, max_exp_avg_sq: Array | None, *,
    step: int, lr: float, beta1: float, beta2: float, eps: float, l2: float, shrink: float,
) -> None:  # fmt: skip
    """Adam, with amsgrad where the maximum is kept, and either kind of weight decay."""
    # lr m_hat / (sqrt(v_hat) + eps) = m / (scale sqrt(v) + offset)
    rate = lr / (1 - beta1**step)
    scale, offset = (1 / (rate * sqrt(1 - beta2**step)), eps / rate) if rate else (np.inf, np.inf)
    for p, g, m, v, largest, t in _blocks(param, grad, exp_avg, exp_avg_sq, max_exp_avg_sq):
        if l2:
            g = g + l2 * p
        np.multiply(g, 1 - beta1, out=t)
        np.multiply(m, beta1, out=m)
        np.add(m, t, out=m)
        np.multiply(g, g, out=t)
        np.multiply(t, 1 - beta2, out=t)
        np.multiply(v, beta2, out=v)
        np.add(v, t, out=v)
        root = np.sqrt(v if largest is None else np.maximum(largest, v, out=largest), out=t)
        np.multiply(root, scale, out=t)
        np.add(t, offset, out=t)
        np.divide(m, t, out=t)
        if shrink:
            np.multiply(p, 1 - shrink, out=p)
        np.subtract(p, t, out=p)


def sgd_update_(
    param: Array, grad: Array, momentum_buffer: Array | None, *,
    lr: float, momentum: float, dampening: float, weight_decay: float, nesterov: bool,
) -> None:  # fmt: skip
    """Gradient descent with momentum where its buffer is kept."""
    for p, g, b, t in _blocks(param, grad, momentum_buffer):
        if weight_decay:
            g = g + weight_decay * p
        if b is None:
            direction = g
        else:
            np.multiply(b, momentum, out=b)
            np.add(b, g if not dampening else np.multiply(g, 1 - dampening, out=t), out=b)
            direction = np.add(g, np.multiply(b, momentum, out=t), out=t) if nesterov else b
        np.multiply(direction, lr, out=t)
        np.subtract(p, t, out=p)


def _blocks(*arrays: Array | None) -> Iterator[tuple[Any, ...]]:
    """The same block of each array, one after the other, and scratch of its size."""
    param = arrays[0]
    assert param is not None
    if param.dtype.itemsize < 4:
        yield from _widened(arrays)
    elif all(a is None or a.flags.c_contiguous for a in arrays):
        flat = [None if a is None else a.reshape(-1) for a in arrays]
        scratch = np.empty(min(BLOCK, param.size), param.dtype)
        for start in range(0, param.size, BLOCK):
            part = slice(start, min(start + BLOCK, param.size))
            yield *[None if a is None else a[part] for a in flat], scratch[: part.stop - start]
    else:
        yield *arrays, np.empty_like(param)


def _widened(arrays: tuple[Array | None, ...]) -> Iterator[tuple[Any, ...]]:
    """All at once in float32, written back when the caller comes for the next block."""
    wide = [None if a is None else a.astype(np.float32) for a in arrays]
    yield *wide, np.empty_like(wide[0])
    for array, result in zip(arrays, wide, strict=True):
        if array is not None:
            array[...] = result


KERNELS: dict[str, Callable[..., None]] = {f.__name__: f for f in (adam_update_, sgd_update_)}
