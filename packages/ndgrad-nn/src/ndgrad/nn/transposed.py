"""Transposed convolution as layers."""


from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from ndgrad import Tensor

from . import functional as F
from .convolution import Conv
from .functional.convolution import several

__all__ = ["ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"]


class _ConvTranspose(Conv):
    """A convolution whose weight is (in_channels, out_channels / groups, ...)."""

    enlarge: ClassVar[Callable[..., Tensor]]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if padding_mode != "zeros" or isinstance(padding, str):
            raise ValueError(
                f"{type(self).__name__} cuts its padding off: it is a number, and padding_mode 'zeros', got "
                f"{padding!r} and {padding_mode!r}"
            )
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, device=device, dtype=dtype
        )
        self.output_padding = several("output_padding", output_padding, self.ndim)

    def _weight_shape(self) -> tuple[int, ...]:
        return (self.in_channels, self.out_channels // self.groups, *self.kernel_size)

    def forward(self, input: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        added = self.output_padding if output_size is None else self._added(input, output_size)
        settings = (self.stride, self.padding, added, self.groups, self.dilation)
        return type(self).enlarge(input, self.weight, self.bias, *settings)

    def _added(self, input: Tensor, output_size: Sequence[int]) -> tuple[int, ...]:
        """The output padding that leads to ``output_size``."""
        size = input.shape[-self.ndim :]
        settings: Any = zip(size, self.kernel_size, self.stride, self.padding, self.dilation, strict=True)
        least = [(n - 1) * s - 2 * p + d * (k - 1) + 1 for n, k, s, p, d in settings]
        added = tuple(wanted - n for wanted, n in zip(output_size[-self.ndim :], least, strict=True))
        if any(not 0 <= a < s for a, s in zip(added, self.stride, strict=True)):
            most = [n + s - 1 for n, s in zip(least, self.stride, strict=True)]
            raise ValueError(f"output_size must lie from {least} to {most}, got {tuple(output_size)}")
        return added


class ConvTranspose2d(_ConvTranspose):
    """Transposed convolution of images with learned kernels: :func:`ndgrad.nn.functional.conv_transpose2d`.

    Args:
        in_channels, out_channels: the channels of input and output.
        kernel_size, stride, padding, output_padding, dilation: one number or (rows, columns).
        groups: into how many blocks the channels are split.
        bias: whether to add a bias.
        padding_mode: "zeros".
        device, dtype: of the parameters.

    Called with an ``output_size`` too, it chooses the output padding that leads to it.

    Attributes:
        weight: (in_channels, out_channels / groups, KH, KW).
        bias: (out_channels,) or None.

    Raises:
        ValueError: settings that do not fit together.

    Source: PyTorch, ``torch.nn.ConvTranspose2d``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.ConvTranspose2d(16, 8, 2, stride=2)(nd.ones((4, 16, 5, 5))).shape
    (4, 8, 10, 10)
    """

    ndim, enlarge = 2, F.conv_transpose2d


class ConvTranspose1d(_ConvTranspose):
    """Transposed convolution of signals (N, in_channels, L); otherwise as :class:`ConvTranspose2d`.

    Source: PyTorch, ``torch.nn.ConvTranspose1d``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.ConvTranspose1d(2, 3, 4, stride=2, padding=1)(nd.ones((4, 2, 10))).shape
    (4, 3, 20)
    """

    ndim, enlarge = 1, F.conv_transpose1d


class ConvTranspose3d(_ConvTranspose):
    """Transposed convolution of volumes (N, in_channels, D, H, W); otherwise as :class:`ConvTranspose2d`.

    Source: PyTorch, ``torch.nn.ConvTranspose3d``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.ConvTranspose3d(2, 3, 2, stride=2)(nd.ones((1, 2, 3, 4, 4))).shape
    (1, 3, 6, 8, 8)
    """

    ndim, enlarge = 3, F.conv_transpose3d
