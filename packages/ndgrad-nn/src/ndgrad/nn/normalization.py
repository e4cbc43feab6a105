"""Normalisation as layers."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import ndgrad as nd
from ndgrad import Tensor

from . import functional as F
from .module import Module
from .parameter import Parameter

__all__ = ["BatchNorm", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "GroupNorm", "LayerNorm"]


def _scale_and_shift(module: Module, shape: Any, affine: bool, bias: bool, device: Any, dtype: Any) -> None:
    """Give ``module`` a weight of ones and a bias of zeros, or None where they are not wanted."""
    module.register_parameter("weight", Parameter(nd.ones(shape, device=device, dtype=dtype)) if affine else None)
    module.register_parameter(
        "bias", Parameter(nd.zeros(shape, device=device, dtype=dtype)) if affine and bias else None
    )


class BatchNorm(Module):
    """Normalises channels over the batch; subclasses say which numbers of dimensions they take."""

    dimensions: ClassVar[tuple[int, ...]]
    weight: Parameter | None
    bias: Parameter | None
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        _scale_and_shift(self, num_features, affine, bias, device, dtype)
        tracked = track_running_stats
        self.register_buffer("running_mean", nd.zeros(num_features, device=device, dtype=dtype) if tracked else None)
        self.register_buffer("running_var", nd.ones(num_features, device=device, dtype=dtype) if tracked else None)
        self.register_buffer("num_batches_tracked", nd.zeros((), dtype=nd.int64, device=device) if tracked else None)

    def reset_running_stats(self) -> None:
        """Forget the statistics."""
        for buffer, value in ((self.running_mean, 0), (self.running_var, 1), (self.num_batches_tracked, 0)):
            if buffer is not None:
                buffer.fill_(value)

    def reset_parameters(self) -> None:
        """Forget the statistics, and set the scale to 1 and the shift to 0."""
        self.reset_running_stats()
        for parameter, value in ((self.weight, 1), (self.bias, 0)):
            if parameter is not None:
                parameter.data.fill_(value)

    def _check(self, input: Tensor) -> None:
        if input.ndim not in self.dimensions:
            raise ValueError(
                f"expected {' or '.join(f'{n}D' for n in self.dimensions)} input (got {input.ndim}D input)"
            )
        if input.shape[1] != self.num_features:
            raise ValueError(f"expected {self.num_features} channels along axis 1, got an input of shape {input.shape}")

    def forward(self, input: Tensor) -> Tensor:
        self._check(input)
        update = self.training and self.track_running_stats
        return F.batch_norm(
            input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or self.running_mean is None,
            self._count_batch() if update else 0.0,
            self.eps,
        )

    def _count_batch(self) -> float:
        """The share of this batch in the running statistics; without a momentum, they are the mean of all batches."""
        if self.num_batches_tracked is not None:
            self.num_batches_tracked += 1
        return 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum  # type: ignore[arg-type]

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class BatchNorm1d(BatchNorm):
    """:class:`BatchNorm2d` for (N, C) or (N, C, L). Source: PyTorch, ``torch.nn.BatchNorm1d``."""

    dimensions = (2, 3)


class BatchNorm2d(BatchNorm):
    """Normalise each channel of (N, C, H, W) over the batch, and in evaluation by running statistics.

    Args:
        num_features: the number of channels C.
        eps: keeps the division finite.
        momentum: the share of each batch in the running statistics; None for the mean of all batches.
        affine: whether to learn a scale and a shift.
        track_running_stats: whether to keep running statistics; without them the batch's own are always used.
        device, dtype: of parameters and buffers.
        bias: whether the shift is learned too.

    Attributes:
        weight, bias: (C,), the scale and shift.
        running_mean, running_var, num_batches_tracked: buffers.

    Raises:
        ValueError: an input of other dimensions or channels, or with one value per channel in training.

    Source: Ioffe and Szegedy 2015, "Batch normalization"; PyTorch, ``torch.nn.BatchNorm2d``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.BatchNorm2d(3)(nd.ones((2, 3, 4, 4))).shape
    (2, 3, 4, 4)
    """

    dimensions = (4,)


class BatchNorm3d(BatchNorm):
    """:class:`BatchNorm2d` for (N, C, D, H, W). Source: PyTorch, ``torch.nn.BatchNorm3d``."""

    dimensions = (5,)


class LayerNorm(Module):
    """Normalise each sample over its last axes.

    Args:
        normalized_shape: the lengths of those axes; a number for the last one.
        eps: keeps the division finite.
        elementwise_affine: whether to learn a scale and a shift per element.
        bias: whether the shift is learned too.
        device, dtype: of the parameters.

    Raises:
        ValueError: an input whose shape ends otherwise.

    Source: Ba et al. 2016, "Layer normalization"; PyTorch, ``torch.nn.LayerNorm``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.LayerNorm(2, eps=0.0)(nd.asarray([[1.0, 3.0]])).detach()
    tensor([[-1.,  1.]])
    """

    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        _scale_and_shift(self, self.normalized_shape, elementwise_affine, bias, device, dtype)

    def reset_parameters(self) -> None:
        """Set the scale to 1 and the shift to 0."""
        for parameter, value in ((self.weight, 1), (self.bias, 0)):
            if parameter is not None:
                parameter.data.fill_(value)

    def forward(self, input: Tensor) -> Tensor:
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}"
        )


class GroupNorm(Module):
    """Normalise each sample over blocks of its channels.

    Args:
        num_groups: the number of blocks, which divides ``num_channels``.
        num_channels: C of the input (N, C, ...).
        eps: keeps the division finite.
        affine: whether to learn a scale and a shift per channel.
        device, dtype: of the parameters.
        bias: whether the shift is learned too.

    Raises:
        ValueError: the channels do not divide into the groups.

    Source: Wu and He 2018, "Group normalization"; PyTorch, ``torch.nn.GroupNorm``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.GroupNorm(2, 4)(nd.ones((1, 4, 3))).shape
    (1, 4, 3)
    """

    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        if num_channels % num_groups:
            raise ValueError(f"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})")
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        _scale_and_shift(self, num_channels, affine, bias, device, dtype)

    def forward(self, input: Tensor) -> Tensor:
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        groups = f"{self.num_groups}, {self.num_channels}"
        return f"{groups}, eps={self.eps}, affine={self.affine}, bias={self.bias is not None}"
