"""Normalisation of one sample's channels, as layers."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ndgrad as nd
from ndgrad import Tensor

from . import functional as F
from .module import Module
from .normalization import BatchNorm
from .parameter import Parameter

__all__ = ["InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d", "LocalResponseNorm", "RMSNorm"]


class _InstanceNorm(BatchNorm):
    """Takes (C, ...) for one sample too."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)

    def forward(self, input: Tensor) -> Tensor:
        single = input.ndim == self.dimensions[0] - 1
        x = nd.expand_dims(input, axis=0) if single else input
        self._check(x)
        y = F.instance_norm(
            x,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            self.momentum or 0.0,
            self.eps,
        )
        return nd.squeeze(y, axis=0) if single else y


class InstanceNorm1d(_InstanceNorm):
    """:class:`InstanceNorm2d` for (N, C, L) or (C, L). Source: PyTorch, ``torch.nn.InstanceNorm1d``."""

    dimensions = (3,)


class InstanceNorm2d(_InstanceNorm):
    """Normalise each channel of each image (N, C, H, W) or (C, H, W) over its own pixels.

    Takes what :class:`BatchNorm2d` takes, with ``affine=False`` and ``track_running_stats=False``.

    Source: Ulyanov et al. 2016, "Instance normalization"; PyTorch, ``torch.nn.InstanceNorm2d``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.InstanceNorm2d(3)(nd.ones((2, 3, 4, 4))).shape
    (2, 3, 4, 4)
    """

    dimensions = (4,)


class InstanceNorm3d(_InstanceNorm):
    """:class:`InstanceNorm2d` for (N, C, D, H, W) or without N. Source: PyTorch, ``torch.nn.InstanceNorm3d``."""

    dimensions = (5,)


class RMSNorm(Module):
    """Divide each sample by the root of the mean square over its last axes.

    Args:
        normalized_shape: the lengths of those axes; a number for the last one.
        eps: added to the mean square; the dtype's distance from 1 to the next number by default.
        elementwise_affine: whether to learn a scale per element.
        device, dtype: of the parameter.

    Source: Zhang and Sennrich 2019, "Root mean square layer normalization"; PyTorch, ``torch.nn.RMSNorm``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.RMSNorm(2)(nd.asarray([[3.0, -3.0]])).detach()
    tensor([[ 1., -1.]])
    """

    weight: Parameter | None

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        weight = Parameter(nd.ones(self.normalized_shape, device=device, dtype=dtype)) if elementwise_affine else None
        self.register_parameter("weight", weight)

    def reset_parameters(self) -> None:
        """Set the scale to 1."""
        if self.weight is not None:
            self.weight.data.fill_(1)

    def forward(self, input: Tensor) -> Tensor:
        return F.rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class LocalResponseNorm(Module):
    """Divide by a power of the mean square over neighbouring channels.

    See :func:`ndgrad.nn.functional.local_response_norm`. Source: PyTorch, ``torch.nn.LocalResponseNorm``.
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, input: Tensor) -> Tensor:
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"
