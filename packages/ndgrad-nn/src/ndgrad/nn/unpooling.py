"""Maxima put back where they stood, and pooling by powers, as layers."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from ndgrad import Tensor

from . import functional as F
from .functional.convolution import several
from .module import Module

__all__ = ["LPPool1d", "LPPool2d", "LPPool3d", "MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d"]


class MaxUnpool2d(Module):
    """Maxima of images in the places that the pooling returned: :func:`ndgrad.nn.functional.max_unpool2d`.

    Args:
        kernel_size: that of the pooling.
        stride: that of the pooling; the kernel's size by default.
        padding: that of the pooling.

    Source: PyTorch, ``torch.nn.MaxUnpool2d``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> values, places = nn.MaxPool2d(2, return_indices=True)(nd.ones((1, 3, 8, 8)))
    >>> nn.MaxUnpool2d(2)(values, places).shape
    (1, 3, 8, 8)
    """

    ndim: ClassVar[int] = 2

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        super().__init__()
        self.kernel_size = several("kernel_size", kernel_size, self.ndim)
        self.stride = several("stride", kernel_size if stride is None else stride, self.ndim)
        self.padding = several("padding", padding, self.ndim)

    def forward(self, input: Tensor, indices: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        unpool: Callable[..., Tensor] = getattr(F, f"max_unpool{self.ndim}d")
        return unpool(input, indices, self.kernel_size, self.stride, self.padding, output_size)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(MaxUnpool2d):
    """Maxima of signals in their places: :func:`ndgrad.nn.functional.max_unpool1d`."""

    ndim = 1


class MaxUnpool3d(MaxUnpool2d):
    """Maxima of volumes in their places: :func:`ndgrad.nn.functional.max_unpool3d`."""

    ndim = 3


class LPPool2d(Module):
    """The root of the sum of powers over each window of images: :func:`ndgrad.nn.functional.lp_pool2d`.

    Source: PyTorch, ``torch.nn.LPPool2d``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.LPPool2d(2, 2)(nd.ones((1, 3, 8, 8))).shape
    (1, 3, 4, 4)
    """

    ndim: ClassVar[int] = 2

    def __init__(self, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> None:
        super().__init__()
        self.norm_type, self.kernel_size, self.stride, self.ceil_mode = norm_type, kernel_size, stride, ceil_mode

    def forward(self, input: Tensor) -> Tensor:
        pool: Callable[..., Tensor] = getattr(F, f"lp_pool{self.ndim}d")
        return pool(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)

    def extra_repr(self) -> str:
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"ceil_mode={self.ceil_mode}"
        )


class LPPool1d(LPPool2d):
    """The same over signals: :func:`ndgrad.nn.functional.lp_pool1d`."""

    ndim = 1


class LPPool3d(LPPool2d):
    """The same over volumes: :func:`ndgrad.nn.functional.lp_pool3d`."""

    ndim = 3
