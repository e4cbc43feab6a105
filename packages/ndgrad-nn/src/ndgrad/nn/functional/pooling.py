"""Maximum pooling, and where the windows of any pooling lie."""

from __future__ import annotations

from typing import Any

import ndgrad as nd
from ndgrad import Tensor
from ndgrad.dispatch import apply, public
from ndgrad.rows import Op

from .convolution import AXES, several

__all__ = ["max_pool1d", "max_pool2d", "windows_of"]

Pair = tuple[int, int]


# -- maximum -----------------------------------------------------------------------------------------------------------


def _taps(kernel: Pair, stride: Pair, dilation: Pair, output: Pair) -> list[Any]:
    """For each element of a window, the index of the padded input's positions that it meets."""
    return [
        (
            ...,
            *(
                slice(k * d, k * d + (o - 1) * s + 1, s)
                for k, d, o, s in zip(tap, dilation, output, stride, strict=True)
            ),
        )
        for tap in ((i, j) for i in range(kernel[0]) for j in range(kernel[1]))
    ]


def _padded(x: Tensor, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair, output: Pair) -> Tensor:
    """``x`` with the least of numbers around it, as far as the last window reaches."""
    reach = [(o - 1) * s + (k - 1) * d + 1 for k, s, d, o in zip(kernel, stride, dilation, output, strict=True)]
    widths = [(p, max(0, r - n - p)) for n, p, r in zip(x.shape[2:], padding, reach, strict=True)]
    lowest = -float("inf") if x.dtype.is_floating else nd.iinfo(x.dtype).min
    return nd.pad(x, ((0, 0), (0, 0), *widths), constant_values=lowest)


def _max_pool2d(x: Tensor, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair, output: Pair) -> Tensor:
    padded = _padded(x, kernel, stride, padding, dilation, output)
    windows = nd.stack([padded[where] for where in _taps(kernel, stride, dilation, output)])
    return nd.max(windows, axis=0)


def _max_pool2d_backward(
    g: Tensor, x: Tensor, y: Tensor, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair, output: Pair
) -> Tensor:
    padded = _padded(x, kernel, stride, padding, dilation, output)
    dx, pending, nothing = nd.zeros_like(padded), nd.ones_like(y, dtype=nd.bool), nd.zeros_like(g)
    for where in _taps(kernel, stride, dilation, output):
        hit = ((padded[where] == y) | nd.isnan(padded[where])) & pending
        pending = pending & ~hit
        dx[where] += nd.where(hit, g, nothing)
    (top, left), (h, w) = padding, x.shape[2:]
    return dx[..., top : top + h, left : left + w]


def _backward_samples(make: Any) -> list[Any]:
    def route(g: Tensor, x: Tensor, **windows: Any) -> Tensor:
        return apply(MAX_POOL2D_BACKWARD, g, x, apply(MAX_POOL2D, x, **windows), **windows)

    apart = {"kernel": (2, 2), "stride": (2, 2), "padding": (0, 0), "dilation": (1, 1), "output": (2, 3)}
    overlapping = {"kernel": (3, 2), "stride": (1, 2), "padding": (1, 0), "dilation": (1, 2), "output": (5, 3)}
    return [
        (route, (make(2, 3, 2, 3), make(2, 3, 4, 6)), apart),
        (route, (make(1, 2, 5, 3), make(1, 2, 5, 7)), overlapping),
    ]


MAX_POOL2D_BACKWARD = Op(
    "max_pool2d_backward", ("g", "x", "y"), accepts="real numeric", namespace=None, decompose=_max_pool2d_backward,
    samples=_backward_samples,
)  # fmt: skip
MAX_POOL2D = Op(
    "max_pool2d", accepts="real numeric", namespace=None, decompose=_max_pool2d,
    vjp=lambda g, x, y, kernel, stride, padding, dilation, output: apply(
        MAX_POOL2D_BACKWARD, g, x, y, kernel=kernel, stride=stride, padding=padding, dilation=dilation, output=output
    ),
    samples=lambda make: [
        ((make(2, 3, 4, 6), 2), {}),
        ((make(1, 2, 5, 7), (3, 2)), {"stride": 1, "padding": 1}),
        ((make(1, 2, 7, 7), 2), {"stride": 2, "dilation": 2, "ceil_mode": True}),
    ],
)  # fmt: skip


@public(MAX_POOL2D)
def max_pool2d(
    input: Tensor,
    kernel_size: int | Pair,
    stride: int | Pair | None = None,
    padding: int | Pair = 0,
    dilation: int | Pair = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The maximum of each window; its gradient goes to the first maximum.

    Args:
        input: (N, C, H, W) or (C, H, W).
        kernel_size: the window; one number or (rows, columns), as are the following.
        stride: the step; the window's size by default.
        padding: how far windows reach out of the image; at most half their size.
        dilation: the distance of a window's elements.
        ceil_mode: round the output's size up, so that the last window may lie half outside.
        return_indices: whether to return also where each maximum stands, rows one after the other, in int64.

    Returns:
        (N, C, OH, OW), with OH = (H + 2 padding - dilation (kernel - 1) - 1) / stride + 1, rounded down.

    Raises:
        ValueError: settings that do not fit the input; the message shows them.

    Source: PyTorch, ``torch.nn.functional.max_pool2d``.

    >>> import ndgrad as nd
    >>> max_pool2d(nd.reshape(nd.arange(16.0), (1, 1, 4, 4)), 2)
    tensor([[[[ 5.,  7.],
              [13., 15.]]]])
    """
    return _max_pool(2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool1d(
    input: Tensor,
    kernel_size: int,
    stride: int | None = None,
    padding: int = 0,
    dilation: int = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """:func:`max_pool2d` over signals (N, C, L) or (C, L).

    Raises:
        ValueError: as :func:`max_pool2d`.

    Source: PyTorch, ``torch.nn.functional.max_pool1d``.
    """
    return _max_pool(1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def _max_pool(
    ndim: int, x: Tensor, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool, return_indices: bool
) -> Any:
    if return_indices:
        from .unpooling import max_pool

        return max_pool(ndim, x, kernel, stride, padding, dilation, ceil_mode)
    name = f"max_pool{ndim}d"
    kernel, stride, padding, output = windows_of(name, ndim, x, kernel, stride, padding, ceil_mode, dilation)
    dilation = several("dilation", dilation, ndim)
    batch = x if x.ndim == ndim + 2 else nd.expand_dims(x, axis=0)
    if ndim == 1:  # a signal is an image of one row
        batch = nd.expand_dims(batch, axis=2)
        kernel, stride, padding, dilation, output = (
            (1, *kernel),
            (1, *stride),
            (0, *padding),
            (1, *dilation),
            (1, *output),
        )
    y = apply(MAX_POOL2D, batch, kernel=kernel, stride=stride, padding=padding, dilation=dilation, output=output)
    y = nd.squeeze(y, axis=2) if ndim == 1 else y
    return y if x.ndim == ndim + 2 else nd.squeeze(y, axis=0)


def windows_of(
    name: str, ndim: int, x: Tensor, kernel: Any, stride: Any, padding: Any, ceil_mode: bool, dilation: Any = 1
) -> tuple[Any, Any, Any, Any]:
    """Kernel, stride, padding and output size along each axis, checked."""
    kernel = several("kernel_size", kernel, ndim)
    stride = several("stride", kernel if stride in (None, (), []) else stride, ndim)
    padding, dilation = several("padding", padding, ndim), several("dilation", dilation, ndim)
    if x.ndim not in (ndim + 1, ndim + 2):
        raise ValueError(f"{name} takes {AXES[ndim]}, or without N, got shape {x.shape}")
    if any(v < 1 for v in (*kernel, *stride, *dilation)):
        raise ValueError(f"{name}: kernel, stride and dilation must be positive, got {kernel}, {stride} and {dilation}")
    if any(not 0 <= p <= (d * (k - 1) + 1) / 2 for p, k, d in zip(padding, kernel, dilation, strict=True)):
        raise ValueError(
            f"{name}: padding must be at most half of the window, got padding {padding} for kernel {kernel}"
        )
    axes = zip(x.shape[-ndim:], kernel, stride, padding, dilation, strict=True)
    output = tuple(_count_along(*axis, ceil_mode) for axis in axes)
    if any(o < 1 for o in output):
        raise ValueError(
            f"{name}: windows of size {kernel} do not fit into an input of shape {x.shape} with padding {padding}"
        )
    return kernel, stride, padding, output


def _count_along(n: int, k: int, s: int, p: int, d: int, ceil_mode: bool) -> int:
    room = n + 2 * p - d * (k - 1) - 1
    count = (room + (s - 1 if ceil_mode else 0)) // s + 1
    starts_outside = (count - 1) * s >= n + p
    return count - 1 if ceil_mode and starts_outside else count
