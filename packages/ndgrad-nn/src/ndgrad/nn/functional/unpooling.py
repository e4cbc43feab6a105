"""Maxima that say where they stood, what puts them back there, and pooling by powers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from itertools import product
from typing import Any

import ndgrad as nd
from ndgrad import Tensor

from .averaging import avg_pool1d, avg_pool2d
from .convolution import AXES, several
from .folding import adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d
from .pooling import windows_of
from .volumes import avg_pool3d

__all__ = [
    "adaptive_max_pool1d_with_indices", "adaptive_max_pool2d_with_indices", "adaptive_max_pool3d_with_indices",
    "lp_pool1d", "lp_pool2d", "lp_pool3d", "max_pool", "max_pool1d_with_indices", "max_pool2d_with_indices",
    "max_pool3d_with_indices", "max_unpool1d", "max_unpool2d", "max_unpool3d",
]  # fmt: skip

adaptive_max_pool1d_with_indices = partial(adaptive_max_pool1d, return_indices=True)
adaptive_max_pool2d_with_indices = partial(adaptive_max_pool2d, return_indices=True)
adaptive_max_pool3d_with_indices = partial(adaptive_max_pool3d, return_indices=True)


def max_pool(
    ndim: int, x: Tensor, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool
) -> tuple[Tensor, Tensor]:
    """The maxima of windows over the last ``ndim`` axes, and where they stand in the input, its axes counted as one."""
    name = f"max_pool{ndim}d"
    kernel, stride, padding, output = windows_of(name, ndim, x, kernel, stride, padding, ceil_mode, dilation)
    dilation = several("dilation", dilation, ndim)
    batch = x if x.ndim == ndim + 2 else nd.expand_dims(x, axis=0)
    settings = list(zip(batch.shape[2:], kernel, stride, padding, dilation, output, strict=True))
    widths = [(p, max(0, (o - 1) * s + (k - 1) * d + 1 - n - p)) for n, k, s, p, d, o in settings]
    lowest = -float("inf") if x.dtype.is_floating else nd.iinfo(x.dtype).min
    padded = nd.pad(batch.detach(), ((0, 0), (0, 0), *widths), constant_values=lowest)
    slices = [[slice(t * d, t * d + (o - 1) * s + 1, s) for t in range(k)] for _, k, s, _, d, o in settings]
    best = nd.argmax(nd.stack([padded[(..., *tap)] for tap in product(*slices)]), axis=0)
    index: Any = 0
    for axis, (n, k, s, p, d, o) in enumerate(settings):
        tap = best // math.prod(kernel[axis + 1 :]) % k
        start = nd.reshape(nd.arange(o, device=x.device) * s - p, (-1, *(1,) * (ndim - 1 - axis)))
        place = start + tap * d
        index = index * n + nd.where(place < 0, place % d, place)  # of nothing but -inf, the first one inside
    flat = nd.reshape(batch, (*batch.shape[:2], -1))
    values = nd.take_along_axis(flat, nd.reshape(index, (*batch.shape[:2], -1)), axis=2)
    values = nd.reshape(values, index.shape)
    return (values, index) if x.ndim == ndim + 2 else (nd.squeeze(values, axis=0), nd.squeeze(index, axis=0))


def _with_indices(
    ndim: int,
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = True,
) -> tuple[Tensor, Tensor]:
    return max_pool(ndim, input, kernel_size, stride, padding, dilation, ceil_mode)


max_pool1d_with_indices = partial(_with_indices, 1)
max_pool2d_with_indices = partial(_with_indices, 2)
max_pool3d_with_indices = partial(_with_indices, 3)


# -- back to where they stood ------------------------------------------------------------------------------------------


def max_unpool2d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:
    """Maxima in their places, and zeros elsewhere: a partial inverse of ``max_pool2d(..., return_indices=True)``.

    Args:
        input: (N, C, H, W) or (C, H, W).
        indices: where each belongs, of the same shape.
        kernel_size: that of the pooling.
        stride: that of the pooling; the kernel's size by default.
        padding: that of the pooling.
        output_size: (OH, OW), or the whole shape, where several inputs would have been pooled to this size.

    Raises:
        ValueError: shapes, sizes or places that do not fit.

    Source: Zeiler et al. 2011, "Adaptive deconvolutional networks"; PyTorch, ``torch.nn.functional.max_unpool2d``.

    >>> import ndgrad as nd
    >>> import ndgrad.nn.functional as F
    >>> values, places = F.max_pool2d(nd.asarray([[[1.0, 5.0], [2.0, 3.0]]]), 2, return_indices=True)
    >>> max_unpool2d(values, places, 2)
    tensor([[[0., 5.],
             [0., 0.]]])
    """
    return _unpooled(2, input, indices, kernel_size, stride, padding, output_size)


def max_unpool1d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:
    """:func:`max_unpool2d` for signals (N, C, L) or (C, L)."""
    return _unpooled(1, input, indices, kernel_size, stride, padding, output_size)


def max_unpool3d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:
    """:func:`max_unpool2d` for volumes (N, C, D, H, W) or (C, D, H, W)."""
    return _unpooled(3, input, indices, kernel_size, stride, padding, output_size)


def _unpooled(ndim: int, x: Tensor, indices: Tensor, kernel: Any, stride: Any, padding: Any, given: Any) -> Tensor:
    name = f"max_unpool{ndim}d"
    if x.ndim not in (ndim + 1, ndim + 2) or indices.shape != x.shape:
        raise ValueError(
            f"{name} takes {AXES[ndim]}, or without N, and indices of the same shape, got {x.shape} and {indices.shape}"
        )
    kernel = several("kernel_size", kernel, ndim)
    stride, padding = several("stride", kernel if stride is None else stride, ndim), several("padding", padding, ndim)
    size = _unpooled_size(name, x.shape[-ndim:], kernel, stride, padding, given)
    flat, places = (nd.reshape(t, (*t.shape[:-ndim], -1)) for t in (x, indices))
    total = math.prod(size)
    if bool(nd.any((places < 0) | (places >= total))):
        raise ValueError(f"{name}: an index lies outside of the output of size {size}")
    zeros = nd.zeros((*flat.shape[:-1], total), dtype=x.dtype, device=x.device)
    return nd.reshape(nd.scatter(zeros, -1, places, flat), (*x.shape[:-ndim], *size))


def _unpooled_size(name: str, shape: Any, kernel: Any, stride: Any, padding: Any, given: Any) -> tuple[int, ...]:
    axes = zip(shape, kernel, stride, padding, strict=True)
    size = tuple((n - 1) * s - 2 * p + k for n, k, s, p in axes)
    if given is None:
        return size
    wanted = tuple(given)[-len(size) :]
    fits = len(given) in (len(size), len(size) + 2) and all(
        n - s < m < n + s for m, n, s in zip(wanted, size, stride, strict=True)
    )
    if not fits:
        raise ValueError(f"{name}: output_size lies within the stride {stride} of {size}, got {tuple(given)}")
    return wanted


# -- powers ------------------------------------------------------------------------------------------------------------


def lp_pool2d(input: Tensor, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Tensor:
    """The ``norm_type``-th root of the sum of that power over each window of images (N, C, H, W) or (C, H, W).

    Source: PyTorch, ``torch.nn.functional.lp_pool2d``.

    >>> import ndgrad as nd
    >>> lp_pool2d(nd.asarray([[[3.0, 0.0], [0.0, 4.0]]]), 2.0, 2)
    tensor([[[5.]]])
    """
    return _powers(avg_pool2d, 2, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool1d(input: Tensor, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Tensor:
    """:func:`lp_pool2d` for signals (N, C, L) or (C, L)."""
    return _powers(avg_pool1d, 1, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool3d(input: Tensor, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Tensor:
    """:func:`lp_pool2d` for volumes (N, C, D, H, W) or (C, D, H, W)."""
    return _powers(avg_pool3d, 3, input, norm_type, kernel_size, stride, ceil_mode)


def _powers(pool: Any, ndim: int, x: Tensor, p: float, kernel: Any, stride: Any, ceil_mode: bool) -> Tensor:
    mean = pool(x**p, kernel, stride, 0, ceil_mode)
    count = math.prod(several("kernel_size", kernel, ndim))
    return (nd.sign(mean) * nd.relu(nd.abs(mean)) * count) ** (1.0 / p)
