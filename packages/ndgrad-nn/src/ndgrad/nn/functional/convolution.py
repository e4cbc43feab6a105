"""Convolution: a row and its two transposes, which differentiate into each other, so that any order of gradient is
fast.

The decompositions say what is computed, one tap of the kernel at a time; backends have kernels for all three.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import ndgrad as nd
from ndgrad import Tensor
from ndgrad.dispatch import apply, public
from ndgrad.rows import Op

__all__ = ["conv1d", "conv2d"]

Pair = tuple[int, int]
Padding = tuple[Pair, Pair]  # (top, bottom), (left, right)


# -- the reference -----------------------------------------------------------------------------------------------------


def taps(kernel: Any, output: Any, stride: Pair, dilation: Pair) -> Iterator[tuple[int, int, Any]]:
    """For each element (i, j) of the kernel, the index of the padded input's positions that it meets."""
    (oh, ow), (sh, sw), (dh, dw) = output, stride, dilation
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            rows = slice(i * dh, i * dh + (oh - 1) * sh + 1, sh)
            yield i, j, (..., rows, slice(j * dw, j * dw + (ow - 1) * sw + 1, sw))


def output_size(size: Any, kernel: Any, stride: Any, padding: Any, dilation: Any) -> tuple[int, ...]:
    """How many places a kernel has along each axis."""
    return tuple(
        (n + sum(p) - d * (k - 1) - 1) // s + 1
        for n, k, s, p, d in zip(size, kernel, stride, padding, dilation, strict=True)
    )


def _grouped(x: Tensor, groups: int) -> Tensor:
    """(N, C, H, W) as matrices (N, groups, C / groups, H * W)."""
    n, c, h, w = x.shape
    return nd.reshape(x, (n, groups, c // groups, h * w))


def _conv2d(
    x: Tensor, w: Tensor, b: Tensor | None, stride: Pair, padding: Padding, dilation: Pair, groups: int
) -> Tensor:
    o, c, *kernel = w.shape
    output = output_size(x.shape[2:], kernel, stride, padding, dilation)
    padded = nd.pad(x, ((0, 0), (0, 0), *padding))
    w = nd.reshape(w, (groups, o // groups, c, *kernel))
    found = taps(kernel, output, stride, dilation)
    parts = [nd.matmul(w[..., i, j], _grouped(padded[where], groups)) for i, j, where in found]
    y = nd.reshape(functools.reduce(nd.add, parts), (x.shape[0], o, *output))
    return y if b is None else y + nd.reshape(b, (-1, 1, 1))


def _backward_input(
    g: Tensor, w: Tensor, size: Pair, stride: Pair, padding: Padding, dilation: Pair, groups: int
) -> Tensor:
    (n, o, *output), (_, c, *kernel) = g.shape, w.shape
    w = nd.reshape(w, (groups, o // groups, c, *kernel))
    padded = tuple(m + sum(p) for m, p in zip(size, padding, strict=True))
    dx = nd.zeros((n, c * groups, *padded), dtype=g.dtype, device=g.device)
    for i, j, where in taps(kernel, output, stride, dilation):
        part = nd.matmul(nd.matrix_transpose(w[..., i, j]), _grouped(g, groups))
        dx[where] += nd.reshape(part, (n, c * groups, *output))
    (top, _), (left, _) = padding
    return dx[..., top : top + size[0], left : left + size[1]]


def _backward_weight(
    x: Tensor, g: Tensor, kernel: Pair, stride: Pair, padding: Padding, dilation: Pair, groups: int
) -> Tensor:
    o, c = g.shape[1], x.shape[1] // groups
    padded = nd.pad(x, ((0, 0), (0, 0), *padding))
    parts = [
        nd.sum(nd.matmul(_grouped(g, groups), nd.matrix_transpose(_grouped(padded[where], groups))), axis=0)
        for _, _, where in taps(kernel, g.shape[2:], stride, dilation)
    ]
    return nd.reshape(nd.stack(parts, axis=-1), (o, c, *kernel))


def _backward_bias(g: Tensor) -> Tensor:
    return nd.sum(g, axis=(0, 2, 3))


# -- the rows ----------------------------------------------------------------------------------------------------------


def _samples(make: Any) -> list[Any]:
    cases: list[tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]] = [
        ((2, 3, 5, 4), (2, 3, 3, 2), {}),
        ((2, 2, 6, 5), (4, 1, 3, 3), {"stride": (2, 1), "padding": (1, 2), "groups": 2}),
        ((1, 2, 7, 7), (3, 2, 2, 3), {"dilation": 2, "stride": 3}),
        ((2, 3, 4, 4), (5, 3, 1, 1), {"padding": "same"}),
    ]
    return [((make(*x), make(*w), make(w[0])), params) for x, w, params in cases]


_PLAIN = {"stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1), "groups": 1}
_STRIDED = {"stride": (2, 1), "padding": ((1, 1), (0, 2)), "dilation": (1, 2), "groups": 2}

CONV2D = Op(
    "conv2d", ("x", "w", "b"), accepts="numeric", namespace=None, decompose=_conv2d, samples=_samples,
    vjp=(
        lambda g, w, x_shape, stride, padding, dilation, groups: apply(
            BACKWARD_INPUT, g, nd.conj(w), size=x_shape[2:], stride=stride, padding=padding, dilation=dilation,
            groups=groups,
        ),
        lambda g, x, w_shape, stride, padding, dilation, groups: apply(
            BACKWARD_WEIGHT, nd.conj(x), g, kernel=w_shape[2:], stride=stride, padding=padding, dilation=dilation,
            groups=groups,
        ),
        lambda g: apply(BACKWARD_BIAS, g),
    ),
)  # fmt: skip

BACKWARD_BIAS: Op = Op(
    "conv2d_backward_bias", ("g_y",), accepts="numeric", namespace=None, decompose=_backward_bias,
    vjp=lambda g, g_y_shape: nd.broadcast_to(nd.reshape(g, (-1, 1, 1)), g_y_shape),
    samples=lambda make: [((make(2, 3, 4, 3),), {}), ((make(1, 2, 1, 5),), {})],
)  # fmt: skip

BACKWARD_INPUT: Op = Op(
    "conv2d_backward_input", ("g_y", "w"), accepts="numeric", namespace=None, decompose=_backward_input,
    vjp=(
        lambda g, w, stride, padding, dilation, groups: apply(
            CONV2D, g, nd.conj(w), None, stride=stride, padding=padding, dilation=dilation, groups=groups
        ),
        lambda g, g_y, w_shape, stride, padding, dilation, groups: apply(
            BACKWARD_WEIGHT, g, nd.conj(g_y), kernel=w_shape[2:], stride=stride, padding=padding, dilation=dilation,
            groups=groups,
        ),
    ),
    samples=lambda make: [
        ((make(2, 3, 4, 3), make(3, 2, 2, 3)), {"size": (5, 5), **_PLAIN}),
        ((make(1, 4, 3, 4), make(4, 1, 3, 2)), {"size": (5, 4), **_STRIDED}),
    ],
)  # fmt: skip

BACKWARD_WEIGHT: Op = Op(
    "conv2d_backward_weight", ("x", "g_y"), accepts="numeric", namespace=None, decompose=_backward_weight,
    vjp=(
        lambda g, g_y, x_shape, stride, padding, dilation, groups: apply(
            BACKWARD_INPUT, nd.conj(g_y), g, size=x_shape[2:], stride=stride, padding=padding, dilation=dilation,
            groups=groups,
        ),
        lambda g, x, stride, padding, dilation, groups: apply(
            CONV2D, nd.conj(x), g, None, stride=stride, padding=padding, dilation=dilation, groups=groups
        ),
    ),
    samples=lambda make: [
        ((make(2, 2, 5, 5), make(2, 3, 4, 3)), {"kernel": (2, 3), **_PLAIN}),
        ((make(1, 2, 5, 4), make(1, 4, 3, 4)), {"kernel": (3, 2), **_STRIDED}),
    ],
)  # fmt: skip


# -- what users call ---------------------------------------------------------------------------------------------------


@public(CONV2D)
def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | Pair = 1,
    padding: int | Pair | str = 0,
    dilation: int | Pair = 1,
    groups: int = 1,
) -> Tensor:
    """Slide a kernel over images and sum the products: a cross-correlation, as networks use the word convolution.

    Args:
        input: (N, C, H, W), or (C, H, W) for one image.
        weight: (O, C / groups, KH, KW).
        bias: (O,) or None.
        stride: the step of the kernel; one number or (rows, columns), as are the following.
        padding: zeros around the image, "valid" for none, or "same" for an output of the input's size.
        dilation: the distance of the kernel's elements.
        groups: into how many blocks the channels are split; each sees its own inputs only.

    Returns:
        (N, O, OH, OW), with OH = (H + 2 padding - dilation (KH - 1) - 1) // stride + 1.

    Raises:
        ValueError: shapes, groups or settings that do not fit; the message shows them.

    Source: PyTorch, ``torch.nn.functional.conv2d``.

    >>> import ndgrad as nd
    >>> conv2d(nd.ones((1, 1, 3, 3)), nd.ones((1, 1, 2, 2)))
    tensor([[[[4., 4.],
              [4., 4.]]]])
    """
    return _convolution("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | tuple[int] = 1,
    padding: int | tuple[int] | str = 0,
    dilation: int | tuple[int] = 1,
    groups: int = 1,
) -> Tensor:
    """:func:`conv2d` over signals: input (N, C, L) or (C, L), weight (O, C / groups, K), result (N, O, OL).

    Raises:
        ValueError: as :func:`conv2d`.

    Source: PyTorch, ``torch.nn.functional.conv1d``.

    >>> import ndgrad as nd
    >>> conv1d(nd.asarray([[[1.0, 2.0, 3.0]]]), nd.asarray([[[1.0, -1.0]]]))
    tensor([[[-1., -1.]]])
    """
    return _convolution("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


def _convolution(
    name: str, ndim: int, x: Tensor, w: Tensor, b: Tensor | None, stride: Any, padding: Any, dilation: Any, groups: int
) -> Tensor:
    stride, dilation = several("stride", stride, ndim), several("dilation", dilation, ndim)
    check(name, ndim, x, w, b, stride, dilation, groups)
    widths = padding_widths(padding, w.shape[2:], stride, dilation)
    batch = x if x.ndim == ndim + 2 else nd.expand_dims(x, axis=0)
    if any(n < 1 for n in output_size(batch.shape[2:], w.shape[2:], stride, widths, dilation)):
        raise ValueError(
            f"{name}: a kernel of size {w.shape[2:]} with dilation {dilation} is larger than the input of size "
            f"{batch.shape[2:]} with padding {padding}"
        )
    if ndim == 1:  # a signal is an image of one row
        batch, w = nd.expand_dims(batch, axis=2), nd.expand_dims(w, axis=2)
        stride, dilation, widths = (1, *stride), (1, *dilation), ((0, 0), *widths)
    y = apply(CONV2D, batch, w, b, stride=stride, padding=widths, dilation=dilation, groups=groups)
    y = nd.squeeze(y, axis=2) if ndim == 1 else y
    return y if x.ndim == ndim + 2 else nd.squeeze(y, axis=0)


def several(name: str, value: Any, ndim: int) -> tuple[int, ...]:
    """One number per axis.

    Raises:
        ValueError: another number of numbers.
    """
    values = (value,) * ndim if isinstance(value, int) else tuple(value)
    values = values * ndim if len(values) == 1 else values
    if len(values) != ndim or not all(isinstance(v, int) for v in values):
        raise ValueError(f"{name} is an integer or {ndim} of them, got {value!r}")
    return values


def padding_widths(padding: Any, kernel: tuple[int, ...], stride: Any, dilation: Any) -> tuple[Pair, ...]:
    """(before, after) for each axis; where "same" needs an odd number of zeros, the last one goes after.

    Raises:
        ValueError: an unknown word, "same" with a stride, or negative widths.
    """
    if padding == "valid":
        return ((0, 0),) * len(kernel)
    if padding == "same":
        if any(s != 1 for s in stride):
            raise ValueError(f"padding='same' is not supported for strided convolutions, got stride {tuple(stride)}")
        totals = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
        return tuple((total // 2, total - total // 2) for total in totals)
    if isinstance(padding, str):
        raise ValueError(f"padding is a number, a number per axis, 'same' or 'valid', got {padding!r}")
    widths = several("padding", padding, len(kernel))
    if any(p < 0 for p in widths):
        raise ValueError(f"padding must not be negative, got {padding}")
    return tuple((p, p) for p in widths)


AXES = {1: "(N, C, L)", 2: "(N, C, H, W)", 3: "(N, C, D, H, W)"}


def check(
    name: str, ndim: int, x: Tensor, w: Tensor, b: Tensor | None, stride: Any, dilation: Any, groups: int
) -> None:
    """Refuse operands and settings that do not fit each other.

    Raises:
        ValueError: the message shows them.
    """
    if x.ndim not in (ndim + 1, ndim + 2) or w.ndim != ndim + 2:
        raise ValueError(
            f"{name} takes an input {AXES[ndim]}, or without N, and a weight of {ndim + 2} dimensions, "
            f"got {x.shape} and {w.shape}"
        )
    channels = x.shape[-ndim - 1]
    if groups < 1 or w.shape[0] % groups or channels != w.shape[1] * groups:
        raise ValueError(
            f"{name}: given groups={groups} and a weight of shape {w.shape}, the input must have {w.shape[1] * groups} "
            f"channels and the outputs divide into groups, got an input of shape {x.shape} with {channels} channels"
        )
    if b is not None and b.shape != w.shape[:1]:
        raise ValueError(f"{name}: the bias must have shape {w.shape[:1]}, one per output channel, got {b.shape}")
    if any(v < 1 for v in (*stride, *dilation)):
        raise ValueError(f"{name}: stride and dilation must be positive, got {stride} and {dilation}")
