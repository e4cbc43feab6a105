"""Names that PyTorch has for what stands elsewhere: functions that write over their input, older names, layers' own."""

from __future__ import annotations

from typing import Any

import ndgrad as nd
from ndgrad import Tensor
from ndgrad.ops.other_names import pdist

from .activation import elu, hardtanh, leaky_relu, relu
from .piecewise import celu, selu, threshold
from .upsampling import interpolate

__all__ = [
    "bilinear", "celu_", "channel_shuffle", "elu_", "hardtanh_", "leaky_relu_", "native_channel_shuffle", "pdist",
    "relu_", "selu_", "threshold_", "upsample", "upsample_bilinear", "upsample_nearest",
]  # fmt: skip


def relu_(input: Tensor) -> Tensor:
    """:func:`relu`, written over ``input``."""
    return relu(input, inplace=True)


def elu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """:func:`elu`, written over ``input``."""
    return elu(input, alpha, inplace=True)


def celu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """:func:`celu`, written over ``input``."""
    return celu(input, alpha, inplace=True)


def selu_(input: Tensor) -> Tensor:
    """:func:`selu`, written over ``input``."""
    return selu(input, inplace=True)


def hardtanh_(input: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """:func:`hardtanh`, written over ``input``."""
    return hardtanh(input, min_val, max_val, inplace=True)


def leaky_relu_(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """:func:`leaky_relu`, written over ``input``."""
    return leaky_relu(input, negative_slope, inplace=True)


def threshold_(input: Tensor, threshold: float, value: float) -> Tensor:
    """:func:`threshold`, written over ``input``."""
    return _threshold(input, threshold, value, inplace=True)


_threshold = threshold


def upsample(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Tensor:
    """:func:`interpolate`, under the name that it had before."""
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """:func:`interpolate` with mode "nearest"."""
    return interpolate(input, size, scale_factor, mode="nearest")


def upsample_bilinear(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """:func:`interpolate` with mode "bilinear" and aligned corners."""
    return interpolate(input, size, scale_factor, mode="bilinear", align_corners=True)


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """``x1 @ weight[o] @ x2`` for each output o: (..., in1), (..., in2) and (out, in1, in2) to (..., out).

    Raises:
        ValueError: the shapes do not fit.

    Source: PyTorch, ``torch.nn.functional.bilinear``.

    >>> import ndgrad as nd
    >>> bilinear(nd.ones(2), nd.ones(3), nd.ones((1, 2, 3)))
    tensor([6.])
    """
    if input1.shape[:-1] != input2.shape[:-1] or weight.shape[1:] != (input1.shape[-1], input2.shape[-1]):
        raise ValueError(
            f"bilinear: inputs of shape {input1.shape} and {input2.shape} do not fit a weight of shape {weight.shape}"
        )
    y = nd.einsum("...i,oij,...j->...o", input1, weight, input2)
    return y if bias is None else y + bias


def channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """Channels (N, C, ...) in another order: the first of each group, then the second ones, and so on.

    Raises:
        ValueError: the channels do not divide into groups.

    Source: Zhang et al. 2017, "ShuffleNet"; PyTorch, ``torch.nn.functional.channel_shuffle``.

    >>> import ndgrad as nd
    >>> channel_shuffle(nd.asarray([[[0], [1], [2], [3]]]), 2).flatten()
    tensor([0, 2, 1, 3])
    """
    if input.ndim < 3 or groups < 1 or input.shape[1] % groups:
        raise ValueError(
            f"channel_shuffle takes (N, C, ...) with C a multiple of groups, got {input.shape} and groups={groups}"
        )
    n, c, *rest = input.shape
    return nd.reshape(nd.swapaxes(nd.reshape(input, (n, groups, c // groups, *rest)), 1, 2), input.shape)


native_channel_shuffle = channel_shuffle
