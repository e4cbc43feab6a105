"""Convolution as layers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

import ndgrad as nd
from ndgrad import Tensor

from . import functional as F
from . import init
from .functional.convolution import padding_widths, several
from .module import Module
from .parameter import Parameter

__all__ = ["Conv1d", "Conv2d", "Conv3d"]

PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


class Conv(Module):
    """A kernel that slides over ``ndim`` axes."""

    ndim: ClassVar[int]
    convolve: ClassVar[Callable[..., Tensor]]
    output_padding: tuple[int, ...] = ()  # of the transposed ones
    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if groups < 1:
            raise ValueError(f"groups must be a positive integer, got {groups}")
        if in_channels % groups or out_channels % groups:
            raise ValueError(
                "in_channels and out_channels must be divisible by groups, "
                f"got {in_channels}, {out_channels} and {groups}"
            )
        if padding_mode not in PADDING_MODES:
            raise ValueError(f"padding_mode must be one of {', '.join(PADDING_MODES)}, got {padding_mode!r}")
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size = several("kernel_size", kernel_size, self.ndim)
        self.stride = several("stride", stride, self.ndim)
        self.dilation = several("dilation", dilation, self.ndim)
        self.padding = padding if isinstance(padding, str) else several("padding", padding, self.ndim)
        self.padding_mode = padding_mode
        self._widths = padding_widths(self.padding, self.kernel_size, self.stride, self.dilation)
        self.weight = Parameter(nd.empty(self._weight_shape(), device=device, dtype=dtype))
        self.register_parameter("bias", Parameter(nd.empty(out_channels, device=device, dtype=dtype)) if bias else None)
        self.reset_parameters()

    def _weight_shape(self) -> tuple[int, ...]:
        return (self.out_channels, self.in_channels // self.groups, *self.kernel_size)

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None and self.weight.size:
            bound = 1 / math.sqrt(math.prod(self.weight.shape[1:]))
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input: Tensor) -> Tensor:
        padding: Any = self.padding
        if self.padding_mode != "zeros":
            around = ((0, 0),) * (input.ndim - self.ndim)
            input, padding = nd.pad(input, (*around, *self._widths), self.padding_mode), 0  # type: ignore[arg-type]
        convolve = type(self).convolve
        return convolve(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def extra_repr(self) -> str:
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        if self.padding != (0,) * self.ndim:
            text += f", padding={self.padding}"
        if self.dilation != (1,) * self.ndim:
            text += f", dilation={self.dilation}"
        if any(self.output_padding):
            text += f", output_padding={self.output_padding}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        if self.bias is None:
            text += ", bias=False"
        if self.padding_mode != "zeros":
            text += f", padding_mode={self.padding_mode}"
        return text


class Conv2d(Conv):
    """Convolution of images (N, in_channels, H, W) with learned kernels: :func:`ndgrad.nn.functional.conv2d`.

    Args:
        in_channels, out_channels: the channels of input and output.
        kernel_size, stride, dilation: one number or (rows, columns).
        padding: the same, or "same" or "valid".
        groups: into how many blocks the channels are split.
        bias: whether to add a bias.
        padding_mode: what stands in the padding: "zeros", "reflect", "replicate" or "circular".
        device, dtype: of the parameters.

    Attributes:
        weight: (out_channels, in_channels / groups, KH, KW), uniform in +-1 / sqrt(inputs of an output) at first.
        bias: (out_channels,), the same, or None.

    Raises:
        ValueError: settings that do not fit together.

    Source: PyTorch, ``torch.nn.Conv2d``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.Conv2d(1, 16, 3, padding=1)(nd.ones((4, 1, 8, 8))).shape
    (4, 16, 8, 8)
    """

    ndim, convolve = 2, F.conv2d


class Conv1d(Conv):
    """Convolution of signals (N, in_channels, L) with learned kernels; otherwise as :class:`Conv2d`.

    Source: PyTorch, ``torch.nn.Conv1d``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.Conv1d(2, 3, 5)(nd.ones((4, 2, 10))).shape
    (4, 3, 6)
    """

    ndim, convolve = 1, F.conv1d


class Conv3d(Conv):
    """Convolution of volumes (N, in_channels, D, H, W) with learned kernels; otherwise as :class:`Conv2d`.

    Source: PyTorch, ``torch.nn.Conv3d``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.Conv3d(1, 4, 3, padding=1)(nd.ones((2, 1, 4, 5, 6))).shape
    (2, 4, 4, 5, 6)
    """

    ndim, convolve = 3, F.conv3d
