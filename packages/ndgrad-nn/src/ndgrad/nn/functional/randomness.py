"""Noise in training beyond dropout: that of self-normalising networks, and random slopes."""

from __future__ import annotations

import math

import ndgrad as nd
from ndgrad import Tensor

from .piecewise import SELU_ALPHA, SELU_SCALE

__all__ = ["alpha_dropout", "feature_alpha_dropout", "rrelu", "rrelu_"]


def alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """In training, set each element with probability ``p`` to the least value of :func:`selu`, and keep the variance.

    Raises:
        ValueError: ``p`` lies outside [0, 1].

    Source: Klambauer et al. 2017, "Self-normalizing neural networks"; PyTorch, ``torch.nn.functional.alpha_dropout``.

    >>> import ndgrad as nd
    >>> alpha_dropout(nd.ones(2), training=False)
    tensor([1., 1.])
    """
    return _dropped(input, p, training, inplace, input.shape)


def feature_alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """:func:`alpha_dropout` of whole channels of ``input`` (N, C, ...).

    Raises:
        ValueError: ``p`` lies outside [0, 1], or channels are to be dropped of an ``input`` of fewer than 2 dimensions.
    """
    if input.ndim < 2 and training and 0 < p < 1:
        raise ValueError(f"dropout of channels takes (N, C, ...), got shape {input.shape}; use alpha_dropout")
    return _dropped(input, p, training, inplace, (*input.shape[:2], *(1,) * (input.ndim - 2)))


def _dropped(x: Tensor, p: float, training: bool, inplace: bool, shape: tuple[int, ...]) -> Tensor:
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training or p == 0:
        return x
    lowest = -SELU_ALPHA * SELU_SCALE
    if p == 1:
        y = x * 0.0
    else:  # equation 6 of the paper: a x + b has mean 0 and variance 1 again
        a = 1 / math.sqrt((1 - p) * (1 + p * lowest**2))
        kept = (nd.rand(shape, device=x.device) >= p).to(x.dtype)
        y = x * (kept * a) + ((1 - kept) * (a * lowest) - a * p * lowest)
    return x.copy_(y) if inplace else y


def rrelu(
    input: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False, inplace: bool = False
) -> Tensor:
    """X where it is positive, elsewhere x times a slope: in training a random one, else the middle of its range.

    Raises:
        ValueError: ``lower`` is greater than ``upper``.

    Source: Xu et al. 2015, "Empirical evaluation of rectified activations"; PyTorch, ``torch.nn.functional.rrelu``.

    >>> import ndgrad as nd
    >>> rrelu(nd.asarray([-2.0, 2.0]), 0.0, 0.5)
    tensor([-0.5000,  2.0000])
    """
    if lower > upper:
        raise ValueError(f"rrelu: lower must not be greater than upper, got {lower} and {upper}")
    x = input.clone() if inplace else input
    if training:
        slope: Tensor | float = nd.rand(x.shape, dtype=x.dtype, device=x.device) * (upper - lower) + lower
        y = nd.where(x <= 0, x * slope, x)
    else:
        y = nd.leaky_relu(x, (lower + upper) / 2)
    return input.copy_(y) if inplace else y


def rrelu_(input: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False) -> Tensor:
    """:func:`rrelu`, written over ``input``."""
    return rrelu(input, lower, upper, training, inplace=True)
