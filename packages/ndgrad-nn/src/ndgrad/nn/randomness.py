"""Noise in training beyond dropout, and channels in another order, as layers."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

from ndgrad import Tensor

from . import functional as F
from .activation import Softmax
from .dropout import Dropout
from .module import Module

__all__ = ["AlphaDropout", "ChannelShuffle", "FeatureAlphaDropout", "RReLU", "Softmax2d"]


class AlphaDropout(Dropout):
    """Dropout that keeps mean and variance behind :class:`SELU`: :func:`ndgrad.nn.functional.alpha_dropout`.

    Source: PyTorch, ``torch.nn.AlphaDropout``.
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.alpha_dropout(input, self.p, self.training)


class FeatureAlphaDropout(Dropout):
    """The same of whole channels: :func:`ndgrad.nn.functional.feature_alpha_dropout`."""

    def forward(self, input: Tensor) -> Tensor:
        return F.feature_alpha_dropout(input, self.p, self.training)


class RReLU(Module):
    """A :class:`LeakyReLU` whose slope is random in training: :func:`ndgrad.nn.functional.rrelu`.

    Source: PyTorch, ``torch.nn.RReLU``.
    """

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3, inplace: bool = False) -> None:
        super().__init__()
        self.lower, self.upper, self.inplace = lower, upper, inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self) -> str:
        return f"lower={self.lower}, upper={self.upper}" + (", inplace=True" if self.inplace else "")


class Softmax2d(Softmax):
    """:func:`ndgrad.softmax` over the channels of images (N, C, H, W) or (C, H, W).

    Source: PyTorch, ``torch.nn.Softmax2d``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.Softmax2d()(nd.zeros((2, 1, 1))).flatten()
    tensor([0.5000, 0.5000])
    """

    def __init__(self) -> None:
        super().__init__(-3)

    def forward(self, input: Tensor) -> Tensor:
        if input.ndim not in (3, 4):
            raise ValueError(f"Softmax2d takes (N, C, H, W) or (C, H, W), got shape {input.shape}")
        return super().forward(input)

    def extra_repr(self) -> str:
        return ""


class ChannelShuffle(Module):
    """Channels in another order: :func:`ndgrad.nn.functional.channel_shuffle`.

    Source: PyTorch, ``torch.nn.ChannelShuffle``.
    """

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups

    def forward(self, input: Tensor) -> Tensor:
        return F.channel_shuffle(input, self.groups)

    def extra_repr(self) -> str:
        return f"groups={self.groups}"
