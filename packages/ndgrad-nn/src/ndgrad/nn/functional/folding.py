"""Windows of images as columns, and columns put back, and the maxima of uneven windows."""

from __future__ import annotations

import math
from typing import Any

import ndgrad as nd
from ndgrad import Tensor

from .convolution import output_size, several, taps

__all__ = ["adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d", "fold", "unfold"]

Pair = tuple[int, int]


def _layout(name: str, kernel_size: Any, dilation: Any, padding: Any, stride: Any, size: Any) -> tuple[Any, ...]:
    """Kernel, dilation, widths, stride, and how many windows there are along each axis."""
    kernel, gap = several("kernel_size", kernel_size, 2), several("dilation", dilation, 2)
    pad, step = several("padding", padding, 2), several("stride", stride, 2)
    if any(v < 1 for v in (*kernel, *gap, *step)) or any(p < 0 for p in pad):
        raise ValueError(
            f"{name}: kernel_size, dilation and stride must be positive and padding not negative, got {kernel}, {gap}, "
            f"{step} and {pad}"
        )
    widths = tuple((p, p) for p in pad)
    count = output_size(size, kernel, step, widths, gap)
    if any(n < 1 for n in count):
        raise ValueError(f"{name}: windows of size {kernel} do not fit into {tuple(size)} with padding {pad}")
    return kernel, gap, widths, step, count


def unfold(
    input: Tensor, kernel_size: int | Pair, dilation: int | Pair = 1, padding: int | Pair = 0, stride: int | Pair = 1
) -> Tensor:
    """The windows that a convolution would meet, as columns: (N, C, H, W) to (N, C * KH * KW, windows).

    Raises:
        ValueError: settings that do not fit the input.

    Source: PyTorch, ``torch.nn.functional.unfold``.

    >>> import ndgrad as nd
    >>> unfold(nd.reshape(nd.arange(4.0), (1, 1, 2, 2)), (1, 2))
    tensor([[[0., 2.],
             [1., 3.]]])
    """
    if input.ndim not in (3, 4):
        raise ValueError(f"unfold takes (N, C, H, W) or (C, H, W), got shape {input.shape}")
    x = input if input.ndim == 4 else nd.expand_dims(input, axis=0)
    kernel, gap, widths, step, count = _layout("unfold", kernel_size, dilation, padding, stride, x.shape[2:])
    padded = nd.pad(x, ((0, 0), (0, 0), *widths))
    parts = [padded[where] for _, _, where in taps(kernel, count, step, gap)]
    n, c = x.shape[:2]
    y = nd.reshape(nd.stack(parts, axis=2), (n, c * math.prod(kernel), math.prod(count)))
    return y if input.ndim == 4 else nd.squeeze(y, axis=0)


def fold(
    input: Tensor, output_size: int | Pair, kernel_size: int | Pair, dilation: int | Pair = 1,
    padding: int | Pair = 0, stride: int | Pair = 1,
) -> Tensor:  # fmt: skip
    """Put columns back where :func:`unfold` took them from; what meets in one place adds up.

    Args:
        input: (N, C * KH * KW, windows), or without N.
        output_size: (H, W).
        kernel_size: as of :func:`unfold`.
        dilation: as there.
        padding: as there.
        stride: as there.

    Raises:
        ValueError: another number of rows or windows.

    Source: PyTorch, ``torch.nn.functional.fold``.

    >>> import ndgrad as nd
    >>> fold(nd.ones((1, 4, 2)), (2, 3), 2)
    tensor([[[[1., 2., 1.],
              [1., 2., 1.]]]])
    """
    if input.ndim not in (2, 3):
        raise ValueError(f"fold takes (N, C * KH * KW, windows), or without N, got shape {input.shape}")
    size = several("output_size", output_size, 2)
    kernel, gap, widths, step, count = _layout("fold", kernel_size, dilation, padding, stride, size)
    x = input if input.ndim == 3 else nd.expand_dims(input, axis=0)
    n, rows, windows = x.shape
    if rows % math.prod(kernel) or windows != math.prod(count):
        raise ValueError(
            f"fold: for output_size {size} and a kernel of size {kernel} the input has rows in multiples of "
            f"{math.prod(kernel)} and {math.prod(count)} windows, got shape {input.shape}"
        )
    columns = nd.reshape(x, (n, rows // math.prod(kernel), math.prod(kernel), *count))
    shape = tuple(m + before + after for m, (before, after) in zip(size, widths, strict=True))
    out = nd.zeros((n, columns.shape[1], *shape), dtype=x.dtype, device=x.device)
    for place, (_, _, where) in enumerate(taps(kernel, count, step, gap)):
        out[where] += columns[:, :, place]
    (top, _), (left, _) = widths
    y = out[..., top : top + size[0], left : left + size[1]]
    return y if input.ndim == 3 else nd.squeeze(y, axis=0)


# -- maxima of uneven windows ------------------------------------------------------------------------------------------


def _adaptive(name: str, ndim: int, x: Tensor, output_size: Any, return_indices: bool) -> Any:
    """Along one axis after the other, the last one first, so that the first of equal maxima is chosen."""
    if x.ndim not in (ndim + 1, ndim + 2):
        raise ValueError(f"{name} takes an input of {ndim + 1} or {ndim + 2} dimensions, got shape {x.shape}")
    sizes = output_size if isinstance(output_size, tuple | list) else (output_size,) * ndim
    sizes = [n if o is None else o for n, o in zip(x.shape[-ndim:], sizes, strict=True)]
    if any(o < 1 for o in sizes):
        raise ValueError(f"{name}: output sizes must be positive, got {output_size}")
    count = math.prod(x.shape[-ndim:])
    places = nd.broadcast_to(nd.reshape(nd.arange(count, device=x.device), x.shape[-ndim:]), x.shape)
    for axis, o in zip(range(-1, -ndim - 1, -1), reversed(sizes), strict=True):
        n = x.shape[axis]
        starts = [i * n // o for i in range(o)]
        stops = [-(-(i + 1) * n // o) for i in range(o)]
        longest = max(b - a for a, b in zip(starts, stops, strict=True))
        window = [[min(a + k, b - 1) for k in range(longest)] for a, b in zip(starts, stops, strict=True)]
        key = (..., nd.asarray(window, device=x.device), *(slice(None),) * (-axis - 1))
        x, places = x[key], places[key]
        inner = axis  # the windows' entries stand where the axis stood, the windows before them
        chosen = nd.argmax(x.detach(), axis=inner, keepdims=True)
        x = nd.squeeze(nd.take_along_axis(x, chosen, axis=inner), axis=inner)
        places = nd.squeeze(nd.take_along_axis(places, chosen, axis=inner), axis=inner)
    return (x, places) if return_indices else x


def adaptive_max_pool1d(input: Tensor, output_size: int, return_indices: bool = False) -> Any:
    """:func:`adaptive_max_pool2d` over signals (N, C, L) or (C, L). Source: PyTorch, ``adaptive_max_pool1d``."""
    return _adaptive("adaptive_max_pool1d", 1, input, output_size, return_indices)


def adaptive_max_pool2d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """The maximum of windows that divide the image into ``output_size`` parts as even as can be.

    Args:
        input: (N, C, H, W) or (C, H, W).
        output_size: rows and columns; None keeps the input's.
        return_indices: also say where in the flattened image each maximum stands.

    Raises:
        ValueError: ``input`` has another number of dimensions, or a size is below 1.

    Source: PyTorch, ``torch.nn.functional.adaptive_max_pool2d``.

    >>> import ndgrad as nd
    >>> adaptive_max_pool2d(nd.reshape(nd.arange(9.0), (1, 1, 3, 3)), 2)
    tensor([[[[4., 5.],
              [7., 8.]]]])
    """
    return _adaptive("adaptive_max_pool2d", 2, input, output_size, return_indices)


def adaptive_max_pool3d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """:func:`adaptive_max_pool2d` over volumes (N, C, D, H, W). Source: PyTorch, ``adaptive_max_pool3d``."""
    return _adaptive("adaptive_max_pool3d", 3, input, output_size, return_indices)
