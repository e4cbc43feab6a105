"""Average pooling: a product with one matrix per axis, since the weights of a box are a product."""

from __future__ import annotations

from math import prod
from typing import Any

import ndgrad as nd
from ndgrad import Tensor

from .convolution import AXES
from .pooling import windows_of

__all__ = ["adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "avg_pool1d", "avg_pool2d"]

Pair = tuple[int, int]
Bounds = tuple[list[int], list[int], list[int]]  # of each window: start, stop, number of elements


def avg_pool2d(
    input: Tensor,
    kernel_size: int | Pair,
    stride: int | Pair | None = None,
    padding: int | Pair = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The mean of each window.

    Args:
        input: (N, C, H, W) or (C, H, W).
        kernel_size: the window, as for :func:`max_pool2d`.
        stride: the step, as there.
        padding: how many zeros around the image, at most half of the window.
        ceil_mode: as there.
        count_include_pad: whether zeros of the padding count in the mean.
        divisor_override: divide the sum by this in place of the number of elements.

    Raises:
        ValueError: as :func:`max_pool2d`.

    Source: PyTorch, ``torch.nn.functional.avg_pool2d``.

    >>> import ndgrad as nd
    >>> avg_pool2d(nd.reshape(nd.arange(16.0), (1, 1, 4, 4)), 2)
    tensor([[[[ 2.5000,  4.5000],
              [10.5000, 12.5000]]]])
    """
    windows = windows_of("avg_pool2d", 2, input, kernel_size, stride, padding, ceil_mode)
    if divisor_override == 0:
        raise ValueError("divisor_override must not be zero")
    bounds = [box(*axis, count_include_pad) for axis in zip(input.shape[-2:], *windows, strict=True)]
    if divisor_override is not None:
        bounds = [([*starts], [*stops], [1] * len(starts)) for starts, stops, _ in bounds]
    mean = means(input, bounds)
    return mean if divisor_override is None else mean / divisor_override


def avg_pool1d(
    input: Tensor,
    kernel_size: int | tuple[int, ...],
    stride: int | tuple[int, ...] | None = None,
    padding: int | tuple[int, ...] = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """:func:`avg_pool2d` over signals (N, C, L) or (C, L).

    Raises:
        ValueError: as :func:`max_pool2d`.

    Source: PyTorch, ``torch.nn.functional.avg_pool1d``.
    """
    windows = windows_of("avg_pool1d", 1, input, kernel_size, stride, padding, ceil_mode)
    (kernel,), (step,), (pad,), (output,) = windows
    return means(input, [box(input.shape[-1], kernel, step, pad, output, count_include_pad)])


def adaptive_avg_pool2d(input: Tensor, output_size: int | tuple[int | None, int | None] | None) -> Tensor:
    """The mean of windows that divide the image into ``output_size`` parts as even as can be.

    Args:
        input: (N, C, H, W) or (C, H, W).
        output_size: rows and columns; None keeps the input's.

    Raises:
        ValueError: ``input`` has another number of dimensions, or a size is below 1.

    Source: PyTorch, ``torch.nn.functional.adaptive_avg_pool2d``.

    >>> import ndgrad as nd
    >>> adaptive_avg_pool2d(nd.ones((1, 8, 5, 7)), 1).shape
    (1, 8, 1, 1)
    """
    return _adaptive("adaptive_avg_pool2d", 2, input, output_size)


def adaptive_avg_pool1d(input: Tensor, output_size: int) -> Tensor:
    """:func:`adaptive_avg_pool2d` over signals (N, C, L) or (C, L). Source: PyTorch, ``adaptive_avg_pool1d``."""
    return _adaptive("adaptive_avg_pool1d", 1, input, output_size)


def adaptive_avg_pool3d(input: Tensor, output_size: int | tuple[int | None, int | None, int | None] | None) -> Tensor:
    """:func:`adaptive_avg_pool2d` over volumes (N, C, D, H, W) or (C, D, H, W).

    Raises:
        ValueError: as :func:`adaptive_avg_pool2d`.

    Source: PyTorch, ``torch.nn.functional.adaptive_avg_pool3d``.

    >>> import ndgrad as nd
    >>> adaptive_avg_pool3d(nd.ones((1, 8, 5, 7, 4)), (2, None, 1)).shape
    (1, 8, 2, 7, 1)
    """
    return _adaptive("adaptive_avg_pool3d", 3, input, output_size)


def _adaptive(name: str, ndim: int, x: Tensor, output_size: Any) -> Tensor:
    if x.ndim not in (ndim + 1, ndim + 2):
        raise ValueError(f"{name} takes {AXES[ndim]}, or without N, got shape {x.shape}")
    sizes = output_size if isinstance(output_size, tuple | list) else (output_size,) * ndim
    sizes = [n if o is None else o for n, o in zip(x.shape[-ndim:], sizes, strict=True)]
    if any(o < 1 for o in sizes):
        raise ValueError(f"{name}: output sizes must be positive, got {output_size}")
    if all(o == 1 for o in sizes):
        return nd.mean(x, axis=tuple(range(-ndim, 0)), keepdims=True)
    return means(x, [_even(n, o) for n, o in zip(x.shape[-ndim:], sizes, strict=True)])


def box(n: int, kernel: int, stride: int, padding: int, output: int, count_padding: bool) -> Bounds:
    """The windows along an axis, and by how many elements the sum of each is divided."""
    starts = [i * stride - padding for i in range(output)]
    stops = [min(start + kernel, n + padding) for start in starts]
    inside = [(max(start, 0), min(stop, n)) for start, stop in zip(starts, stops, strict=True)]
    counted = zip(starts, stops, strict=True) if count_padding else inside
    return [a for a, _ in inside], [b for _, b in inside], [b - a for a, b in counted]


def _even(n: int, output: int) -> Bounds:
    starts = [i * n // output for i in range(output)]
    stops = [-(-(i + 1) * n // output) for i in range(output)]
    return starts, stops, [b - a for a, b in zip(starts, stops, strict=True)]


def means(x: Tensor, bounds: list[Bounds]) -> Tensor:
    """``x``, each of whose last axes is multiplied by the matrix of its windows."""
    x = nd.matmul(x, nd.matrix_transpose(_averages(x, x.shape[-1], bounds[-1])))
    for axis, windows in zip(range(x.ndim - 2, 0, -1), bounds[-2::-1], strict=False):
        before, n, after = x.shape[:axis], x.shape[axis], x.shape[axis + 1 :]
        mixed = nd.matmul(_averages(x, n, windows), nd.reshape(x, (*before, n, prod(after))))
        x = nd.reshape(mixed, (*before, mixed.shape[-2], *after))
    return x


def _averages(x: Tensor, n: int, bounds: Bounds) -> Tensor:
    """The matrix (windows, n) whose rows take the means of stretches of n values."""
    starts, stops, counts = (nd.expand_dims(nd.asarray(b, device=x.device), axis=1) for b in bounds)
    position = nd.arange(n, device=x.device)
    inside = (position >= starts) & (position < stops)
    return inside.to(x.dtype) / counts.to(x.dtype)
