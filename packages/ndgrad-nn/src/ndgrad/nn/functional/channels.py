"""Normalisation of the channels of one sample, whatever else is in the batch."""

from __future__ import annotations

from collections.abc import Sequence

import ndgrad as nd
from ndgrad import Tensor

from .normalization import batch_norm

__all__ = ["instance_norm", "local_response_norm", "rms_norm"]


def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise each channel of each sample over its own positions.

    Args:
        input: (N, C, ...).
        running_mean: (C,), updated in place by ``momentum`` where it is given.
        running_var: the same of the variances.
        weight: (C,), the scale.
        bias: (C,), the shift.
        use_input_stats: whether to use the sample's own statistics; without it, the running ones.
        momentum: the share of this batch in the running statistics.
        eps: keeps the division finite.

    Raises:
        ValueError: one position per channel, or no running statistics where they are wanted.

    Source: Ulyanov et al. 2016, "Instance normalization"; PyTorch, ``torch.nn.functional.instance_norm``.

    >>> import ndgrad as nd
    >>> instance_norm(nd.asarray([[[1.0, 3.0]]]), eps=0.0)
    tensor([[[-1.,  1.]]])
    """
    if not use_input_stats:
        return batch_norm(input, running_mean, running_var, weight, bias, False, 0.0, eps)
    n, c, *positions = input.shape
    one = nd.reshape(input, (1, n * c, *positions))  # every channel of every sample as a channel of one sample
    mean, var, scale, shift = (_tiled(t, n) for t in (running_mean, running_var, weight, bias))
    y = batch_norm(one, mean, var, scale, shift, True, momentum, eps)
    for running, found in ((running_mean, mean), (running_var, var)):
        if running is not None and found is not None:
            with nd.no_grad():
                running.copy_(nd.mean(nd.reshape(found, (n, c)), axis=0))
    return nd.reshape(y, input.shape)


def _tiled(values: Tensor | None, times: int) -> Tensor | None:
    return None if values is None else nd.tile(values, (times,))


def local_response_norm(input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Tensor:
    """Divide each element by (k + alpha mean of squares)^beta over ``size`` neighbouring channels.

    Raises:
        ValueError: fewer than 3 dimensions.

    Source: Krizhevsky et al. 2012, "ImageNet classification", section 3.3; PyTorch, ``local_response_norm``.

    >>> import ndgrad as nd
    >>> local_response_norm(nd.ones((1, 1, 1)), size=1, alpha=3.0, beta=0.5)
    tensor([[[0.5000]]])
    """
    if input.ndim < 3:
        raise ValueError(f"local_response_norm takes (N, C, ...) of 3 or more dimensions, got shape {input.shape}")
    if input.size == 0:
        return input
    channels = input.shape[1]
    around = [(0, 0)] * input.ndim
    around[1] = (size // 2, (size - 1) // 2)
    squares = nd.pad(input * input, around)
    total = squares[:, :channels]
    for i in range(1, size):
        total = total + squares[:, i : i + channels]
    return input / (total * (alpha / size) + k) ** beta


def rms_norm(
    input: Tensor, normalized_shape: Sequence[int], weight: Tensor | None = None, eps: float | None = None
) -> Tensor:
    """Divide each sample by the root of the mean square over its last axes.

    Args:
        input: (..., *normalized_shape).
        normalized_shape: the lengths of those axes.
        weight: of that shape, the scale.
        eps: added to the mean square; the dtype's distance from 1 to the next number by default.

    Raises:
        ValueError: the input's last axes have other lengths.

    Source: Zhang and Sennrich 2019, "Root mean square layer normalization"; PyTorch, ``rms_norm``.

    >>> import ndgrad as nd
    >>> rms_norm(nd.asarray([[3.0, -3.0]]), (2,))
    tensor([[ 1., -1.]])
    """
    shape = tuple(normalized_shape)
    if not shape or input.shape[input.ndim - len(shape) :] != shape or input.ndim < len(shape):
        raise ValueError(f"rms_norm over {shape} takes an input whose shape ends so, got {input.shape}")
    eps = nd.finfo(input.dtype).eps if eps is None else eps
    x = input.to(nd.float32) if input.dtype.itemsize == 2 else input  # squares of halves overflow
    y = (x * nd.rsqrt(nd.mean(x * x, axis=tuple(range(-len(shape), 0)), keepdims=True) + eps)).to(input.dtype)
    return y if weight is None else y * weight
