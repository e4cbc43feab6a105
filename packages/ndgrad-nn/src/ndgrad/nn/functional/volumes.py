"""Convolution and pooling of volumes, made of those of images and signals: depth is taken apart."""

from __future__ import annotations

from typing import Any

import ndgrad as nd
from ndgrad import Tensor
from ndgrad.dispatch import apply

from .averaging import box, means
from .convolution import CONV2D, check, output_size, padding_widths, several
from .pooling import max_pool1d, max_pool2d, windows_of
from .transposed import check_transposed, conv_transpose2d

__all__ = ["avg_pool3d", "conv3d", "conv_transpose3d", "max_pool3d"]

Triple = tuple[int, int, int]


def _frames(x: Tensor) -> Tensor:
    """(N, C, D, H, W) as images (N * D, C, H, W)."""
    n, c, d, h, w = x.shape
    return nd.reshape(nd.moveaxis(x, 2, 1), (n * d, c, h, w))


def _volume(images: Tensor, n: int) -> Tensor:
    """Images (N * D, C, H, W) as (N, C, D, H, W)."""
    _, c, h, w = images.shape
    return nd.moveaxis(nd.reshape(images, (n, images.shape[0] // n if n else 0, c, h, w)), 1, 2)


def conv3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | Triple = 1,
    padding: int | Triple | str = 0,
    dilation: int | Triple = 1,
    groups: int = 1,
) -> Tensor:
    """:func:`conv2d` over volumes: input (N, C, D, H, W), weight (O, C / groups, KD, KH, KW).

    Raises:
        ValueError: as :func:`conv2d`.

    Source: PyTorch, ``torch.nn.functional.conv3d``.

    >>> import ndgrad as nd
    >>> conv3d(nd.ones((1, 1, 3, 4, 4)), nd.ones((1, 1, 2, 3, 3))).shape
    (1, 1, 2, 2, 2)
    """
    stride, dilation = several("stride", stride, 3), several("dilation", dilation, 3)  # type: ignore[assignment]
    check("conv3d", 3, input, weight, bias, stride, dilation, groups)
    steps: Any = stride
    gaps: Any = dilation
    widths = padding_widths(padding, weight.shape[2:], steps, gaps)
    x = input if input.ndim == 5 else nd.expand_dims(input, axis=0)
    size = output_size(x.shape[2:], weight.shape[2:], steps, widths, gaps)
    if any(n < 1 for n in size):
        raise ValueError(
            f"conv3d: a kernel of size {weight.shape[2:]} with dilation {gaps} is larger than the input of size "
            f"{x.shape[2:]} with padding {padding}"
        )
    # the frames that a tap of the kernel's depth meets are further channels of images
    (n, c), (o, part, depth, *kernel) = x.shape[:2], weight.shape
    x = nd.pad(x, ((0, 0), (0, 0), widths[0], (0, 0), (0, 0)))
    last = (size[0] - 1) * steps[0] + 1
    taps = [x[:, :, k * gaps[0] : k * gaps[0] + last : steps[0]] for k in range(depth)]
    images = nd.permute_dims(nd.stack(taps, axis=2), (0, 3, 1, 2, 4, 5))
    images = nd.reshape(images, (n * size[0], c * depth, *x.shape[3:]))
    w = nd.reshape(weight, (o, part * depth, *kernel))
    settings = {"stride": steps[1:], "padding": widths[1:], "dilation": gaps[1:], "groups": groups}
    y = _volume(apply(CONV2D, images, w, bias, **settings), n)
    return y if input.ndim == 5 else nd.squeeze(y, axis=0)


def conv_transpose3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | Triple = 1,
    padding: int | Triple = 0,
    output_padding: int | Triple = 0,
    groups: int = 1,
    dilation: int | Triple = 1,
) -> Tensor:
    """:func:`conv_transpose2d` over volumes: input (N, C, D, H, W), weight (C, O / groups, KD, KH, KW).

    Raises:
        ValueError: as :func:`conv_transpose2d`.

    Source: PyTorch, ``torch.nn.functional.conv_transpose3d``.

    >>> import ndgrad as nd
    >>> conv_transpose3d(nd.ones((1, 2, 3, 4, 4)), nd.ones((2, 1, 2, 2, 2)), stride=2).shape
    (1, 1, 6, 8, 8)
    """
    steps, gaps = several("stride", stride, 3), several("dilation", dilation, 3)
    cut, added = several("padding", padding, 3), several("output_padding", output_padding, 3)
    check_transposed("conv_transpose3d", 3, input, weight, bias, groups)
    x = input if input.ndim == 5 else nd.expand_dims(input, axis=0)
    (n, c, d), (_, part, depth, *kernel) = x.shape[:3], weight.shape
    size = (d - 1) * steps[0] + gaps[0] * (depth - 1) + 1 - 2 * cut[0] + added[0]
    if size < 1 or not 0 <= added[0] < max(steps[0], gaps[0]):
        raise ValueError(
            f"conv_transpose3d: nothing is left of depth {d} with padding {cut[0]}, or output_padding {added[0]} is "
            f"not smaller than the stride {steps[0]} or the dilation {gaps[0]}"
        )
    rest: Any = (steps[1:], cut[1:], added[1:], groups, gaps[1:])
    images = conv_transpose2d(_frames(x), nd.reshape(weight, (c, part * depth, *kernel)), None, *rest)
    rows = nd.reshape(images, (n, d, part * groups, depth, *images.shape[2:]))
    rows = nd.permute_dims(rows, (3, 0, 2, 1, 4, 5))  # (KD, N, O, D, OH, OW)
    out = nd.zeros((n, part * groups, size + 2 * cut[0], *images.shape[2:]), dtype=rows.dtype, device=rows.device)
    for k in range(depth):
        out[:, :, k * gaps[0] : k * gaps[0] + (d - 1) * steps[0] + 1 : steps[0]] += rows[k]
    y = out[:, :, cut[0] : cut[0] + size]
    y = y if bias is None else y + nd.reshape(bias, (-1, 1, 1, 1))
    return y if input.ndim == 5 else nd.squeeze(y, axis=0)


def max_pool3d(
    input: Tensor,
    kernel_size: int | Triple,
    stride: int | Triple | None = None,
    padding: int | Triple = 0,
    dilation: int | Triple = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """:func:`max_pool2d` over volumes (N, C, D, H, W) or (C, D, H, W): of each image, then along the depth.

    Raises:
        ValueError: as :func:`max_pool2d`.

    Source: PyTorch, ``torch.nn.functional.max_pool3d``.

    >>> import ndgrad as nd
    >>> max_pool3d(nd.reshape(nd.arange(8.0), (1, 1, 2, 2, 2)), 2)
    tensor([[[[[7.]]]]])
    """
    if return_indices:
        from .unpooling import max_pool

        return max_pool(3, input, kernel_size, stride, padding, dilation, ceil_mode)
    kernel, step, pad, _ = windows_of("max_pool3d", 3, input, kernel_size, stride, padding, ceil_mode, dilation)
    gap: Any = several("dilation", dilation, 3)
    x = input if input.ndim == 5 else nd.expand_dims(input, axis=0)
    n, c, d = x.shape[:3]
    images = nd.reshape(x, (n, c * d, *x.shape[3:]))
    y = max_pool2d(images, kernel[1:], step[1:], pad[1:], gap[1:], ceil_mode)
    y = nd.moveaxis(nd.reshape(y, (n, c, d, *y.shape[2:])), 2, -1)  # (N, C, OH, OW, D)
    lines = max_pool1d(nd.reshape(y, (n, -1, d)), kernel[0], step[0], pad[0], gap[0], ceil_mode)
    y = nd.moveaxis(nd.reshape(lines, (*y.shape[:-1], lines.shape[-1])), -1, 2)
    return y if input.ndim == 5 else nd.squeeze(y, axis=0)


def avg_pool3d(
    input: Tensor,
    kernel_size: int | Triple,
    stride: int | Triple | None = None,
    padding: int | Triple = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """:func:`avg_pool2d` over volumes (N, C, D, H, W) or (C, D, H, W).

    Raises:
        ValueError: as :func:`avg_pool2d`.

    Source: PyTorch, ``torch.nn.functional.avg_pool3d``.

    >>> import ndgrad as nd
    >>> avg_pool3d(nd.reshape(nd.arange(8.0), (1, 1, 2, 2, 2)), 2)
    tensor([[[[[3.5000]]]]])
    """
    windows = windows_of("avg_pool3d", 3, input, kernel_size, stride, padding, ceil_mode)
    if divisor_override == 0:
        raise ValueError("avg_pool3d: divisor_override must not be zero")
    bounds = [box(*axis, count_include_pad) for axis in zip(input.shape[-3:], *windows, strict=True)]
    if divisor_override is not None:
        bounds = [([*starts], [*stops], [1] * len(starts)) for starts, stops, _ in bounds]
    mean = means(input, bounds)
    return mean if divisor_override is None else mean / divisor_override
