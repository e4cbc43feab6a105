"""Pooling as layers."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ndgrad import Tensor

from . import functional as F
from .functional.convolution import several
from .module import Module

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "Fold",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "Unfold",
]


class MaxPool2d(Module):
    """The maximum of each window of images (N, C, H, W): :func:`ndgrad.nn.functional.max_pool2d`.

    Source: PyTorch, ``torch.nn.MaxPool2d``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.MaxPool2d(2)(nd.ones((1, 3, 8, 8))).shape
    (1, 3, 4, 4)
    """

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.dilation = padding, dilation
        self.return_indices, self.ceil_mode = return_indices, ceil_mode

    def _pool(self, function: Callable[..., Any], input: Tensor) -> Any:
        settings = (self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode)
        return function(input, *settings, return_indices=True) if self.return_indices else function(input, *settings)

    def forward(self, input: Tensor) -> Any:
        return self._pool(F.max_pool2d, input)

    def extra_repr(self) -> str:
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, dilation={self.dilation}, "
            f"ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(MaxPool2d):
    """The maximum of each window of signals (N, C, L): :func:`ndgrad.nn.functional.max_pool1d`."""

    def forward(self, input: Tensor) -> Any:
        return self._pool(F.max_pool1d, input)


class MaxPool3d(MaxPool2d):
    """The maximum of each window of volumes (N, C, D, H, W): :func:`ndgrad.nn.functional.max_pool3d`."""

    def forward(self, input: Tensor) -> Any:
        return self._pool(F.max_pool3d, input)


class AvgPool2d(Module):
    """The mean of each window of images (N, C, H, W): :func:`ndgrad.nn.functional.avg_pool2d`.

    Source: PyTorch, ``torch.nn.AvgPool2d``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.AvgPool2d(2)(nd.ones((1, 3, 8, 8))).shape
    (1, 3, 4, 4)
    """

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.ceil_mode = padding, ceil_mode
        self.count_include_pad, self.divisor_override = count_include_pad, divisor_override

    def forward(self, input: Tensor) -> Tensor:
        return F.avg_pool2d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool3d(AvgPool2d):
    """The mean of each window of volumes (N, C, D, H, W): :func:`ndgrad.nn.functional.avg_pool3d`."""

    def forward(self, input: Tensor) -> Tensor:
        settings = (self.kernel_size, self.stride, self.padding, self.ceil_mode)
        return F.avg_pool3d(input, *settings, self.count_include_pad, self.divisor_override)


class AvgPool1d(Module):
    """The mean of each window of signals (N, C, L): :func:`ndgrad.nn.functional.avg_pool1d`."""

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size = several("kernel_size", kernel_size, 1)
        self.stride = several("stride", kernel_size if stride is None else stride, 1)
        self.padding = several("padding", padding, 1)
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad

    def forward(self, input: Tensor) -> Tensor:
        return F.avg_pool1d(input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AdaptiveAvgPool2d(Module):
    """The means of ``output_size`` parts of images (N, C, H, W): :func:`ndgrad.nn.functional.adaptive_avg_pool2d`.

    Source: PyTorch, ``torch.nn.AdaptiveAvgPool2d``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.AdaptiveAvgPool2d((1, 1))(nd.ones((1, 3, 7, 5))).shape
    (1, 3, 1, 1)
    """

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, input: Tensor) -> Tensor:
        return F.adaptive_avg_pool2d(input, self.output_size)

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(AdaptiveAvgPool2d):
    """The means of ``output_size`` parts of signals (N, C, L): :func:`ndgrad.nn.functional.adaptive_avg_pool1d`."""

    def forward(self, input: Tensor) -> Tensor:
        return F.adaptive_avg_pool1d(input, self.output_size)


class AdaptiveAvgPool3d(AdaptiveAvgPool2d):
    """The means of parts of volumes (N, C, D, H, W): :func:`ndgrad.nn.functional.adaptive_avg_pool3d`."""

    def forward(self, input: Tensor) -> Tensor:
        return F.adaptive_avg_pool3d(input, self.output_size)


class AdaptiveMaxPool2d(Module):
    """The maxima of ``output_size`` parts of images (N, C, H, W): :func:`ndgrad.nn.functional.adaptive_max_pool2d`.

    Source: PyTorch, ``torch.nn.AdaptiveMaxPool2d``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.AdaptiveMaxPool2d((1, 2))(nd.ones((1, 3, 7, 5))).shape
    (1, 3, 1, 2)
    """

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__()
        self.output_size, self.return_indices = output_size, return_indices

    def forward(self, input: Tensor) -> Any:
        return F.adaptive_max_pool2d(input, self.output_size, self.return_indices)

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveMaxPool1d(AdaptiveMaxPool2d):
    """The maxima of ``output_size`` parts of signals (N, C, L)."""

    def forward(self, input: Tensor) -> Any:
        return F.adaptive_max_pool1d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool3d(AdaptiveMaxPool2d):
    """The maxima of ``output_size`` parts of volumes (N, C, D, H, W)."""

    def forward(self, input: Tensor) -> Any:
        return F.adaptive_max_pool3d(input, self.output_size, self.return_indices)


class Unfold(Module):
    """The windows of images as columns: :func:`ndgrad.nn.functional.unfold`. Source: PyTorch, ``torch.nn.Unfold``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.Unfold((2, 3))(nd.ones((2, 5, 3, 4))).shape
    (2, 30, 4)
    """

    def __init__(self, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> None:
        super().__init__()
        self.kernel_size, self.dilation, self.padding, self.stride = kernel_size, dilation, padding, stride

    def forward(self, input: Tensor) -> Tensor:
        return F.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}, stride={self.stride}"


class Fold(Unfold):
    """Columns back in images: :func:`ndgrad.nn.functional.fold`. Source: PyTorch, ``torch.nn.Fold``."""

    def __init__(
        self, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
    ) -> None:
        super().__init__(kernel_size, dilation, padding, stride)
        self.output_size = output_size

    def forward(self, input: Tensor) -> Tensor:
        return F.fold(input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}, {super().extra_repr()}"
