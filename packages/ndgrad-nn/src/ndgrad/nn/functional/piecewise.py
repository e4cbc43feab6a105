"""Nonlinearities made of pieces, most of them straight lines. At the kinks their gradients are PyTorch's."""

from __future__ import annotations

from typing import Final

import ndgrad as nd
from ndgrad import Tensor

__all__ = ["celu", "hardshrink", "hardsigmoid", "hardswish", "prelu", "selu", "softshrink", "tanhshrink", "threshold"]

# Klambauer et al. (2017), appendix A.1: for these, activations of mean 0 and variance 1 keep both.
SELU_ALPHA: Final = 1.6732632423543772848170429916717
SELU_SCALE: Final = 1.0507009873554804934193349852946


def _result(x: Tensor, y: Tensor, inplace: bool) -> Tensor:
    return x.copy_(y) if inplace else y


def _source(x: Tensor, inplace: bool) -> Tensor:
    """What is computed from: a copy if the result is to be written over ``x``, whose values derivatives keep."""
    return x.clone() if inplace else x


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """X where it is positive, ``weight`` x elsewhere, with one weight or one per channel (axis 1).

    Raises:
        ValueError: another number of weights.

    Source: He et al. 2015, "Delving deep into rectifiers"; PyTorch, ``torch.nn.functional.prelu``.

    >>> import ndgrad as nd
    >>> prelu(nd.asarray([-2.0, 2.0]), nd.asarray([0.25]))
    tensor([-0.5000,  2.0000])
    """
    channels = input.shape[1] if input.ndim > 1 else 1
    if weight.size not in (1, channels):
        raise ValueError(f"prelu takes one weight, or one for each of {channels} channels, got {weight.size}")
    if not input.ndim:
        weight = nd.reshape(weight, ())
    elif weight.size > 1:
        weight = nd.reshape(weight, (1, -1, *(1,) * (input.ndim - 2)))
    return nd.where(input > 0, input, weight * input)


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """A scaled :func:`elu`, which keeps mean 0 and variance 1 from layer to layer.

    Source: Klambauer et al. 2017, "Self-normalizing neural networks"; PyTorch, ``torch.nn.functional.selu``.

    >>> import ndgrad as nd
    >>> selu(nd.asarray([0.0, 1.0]))
    tensor([0.0000, 1.0507])
    """
    return _result(input, SELU_SCALE * nd.elu(_source(input, inplace), SELU_ALPHA), inplace)


def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """X where it is positive, ``alpha`` (exp(x / ``alpha``) - 1) elsewhere.

    Source: Barron 2017, "Continuously differentiable exponential linear units"; PyTorch, ``celu``.

    >>> import ndgrad as nd
    >>> celu(nd.asarray([-100.0, 1.0]), alpha=2.0)
    tensor([-2.,  1.])
    """
    return _result(input, alpha * nd.elu(_source(input, inplace) / alpha), inplace)


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """0 up to -3, 1 from 3 on, a line between. Source: PyTorch, ``torch.nn.functional.hardsigmoid``.

    >>> import ndgrad as nd
    >>> hardsigmoid(nd.asarray([-4.0, 0.0, 4.0]))
    tensor([0.0000, 0.5000, 1.0000])
    """
    x = _source(input, inplace)
    return _result(input, nd.where(x <= -3, 0.0, nd.where(x < 3, x / 6 + 0.5, 1.0)), inplace)


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """X times its :func:`hardsigmoid`.

    Source: Howard et al. 2019, "Searching for MobileNetV3"; PyTorch, ``torch.nn.functional.hardswish``.

    >>> import ndgrad as nd
    >>> hardswish(nd.asarray([-4.0, 1.5, 4.0]))
    tensor([0.0000, 1.1250, 4.0000])
    """
    x = _source(input, inplace)
    return _result(input, nd.where(x <= -3, 0.0, nd.where(x < 3, x * (x + 3) / 6, x)), inplace)


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """X where it is greater than ``threshold``, ``value`` elsewhere. Source: PyTorch, ``threshold``.

    >>> import ndgrad as nd
    >>> threshold(nd.asarray([0.5, 2.0]), 1.0, -1.0)
    tensor([-1.,  2.])
    """
    x = _source(input, inplace)
    return _result(input, nd.where(x > threshold, x, value), inplace)


def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """x, and 0 where it lies within ``lambd`` of 0. Source: PyTorch, ``torch.nn.functional.hardshrink``.

    >>> import ndgrad as nd
    >>> hardshrink(nd.asarray([-1.0, 0.2]))
    tensor([-1.,  0.])
    """
    return nd.where((input >= -lambd) & (input <= lambd), 0.0, input)


def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """X moved by ``lambd`` towards 0, and 0 where it lies that near.

    Raises:
        ValueError: ``lambd`` is negative.

    Source: PyTorch, ``torch.nn.functional.softshrink``.

    >>> import ndgrad as nd
    >>> softshrink(nd.asarray([-1.0, 0.2]))
    tensor([-0.5000,  0.0000])
    """
    if lambd < 0:
        raise ValueError(f"softshrink: lambd must not be negative, got {lambd}")
    return nd.where(input > lambd, input - lambd, nd.where(input < -lambd, input + lambd, 0.0))


def tanhshrink(input: Tensor) -> Tensor:
    """The difference of x and tanh(x). Source: PyTorch, ``torch.nn.functional.tanhshrink``."""
    return input - nd.tanh(input)
