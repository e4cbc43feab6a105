"""Transposed convolution: what a convolution does to gradients, as a layer that enlarges."""

from __future__ import annotations

from typing import Any

import ndgrad as nd
from ndgrad import Tensor
from ndgrad.dispatch import apply

from .convolution import AXES, BACKWARD_INPUT, several
from .padding import pad

__all__ = ["conv_transpose1d", "conv_transpose2d"]

Pair = tuple[int, int]


def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
    output_padding: int | Pair = 0,
    groups: int = 1,
    dilation: int | Pair = 1,
) -> Tensor:
    """Put a kernel, multiplied by each input, at steps of ``stride`` and add up: the transpose of :func:`conv2d`.

    Args:
        input: (N, C, H, W), or (C, H, W) for one image.
        weight: (C, O / groups, KH, KW).
        bias: (O,) or None.
        stride: the step between the places of two inputs; one number or (rows, columns), as are the following.
        padding: how much of each side is cut off.
        output_padding: how much is added below and to the right, less than the stride or the dilation: a convolution
            with a stride gives the same shape to several, and this says which one is meant.
        groups: into how many blocks the channels are split.
        dilation: the distance of the kernel's elements.

    Returns:
        (N, O, OH, OW), with OH = (H - 1) stride - 2 padding + dilation (KH - 1) + output_padding + 1.

    Raises:
        ValueError: shapes, groups or settings that do not fit.

    Source: PyTorch, ``torch.nn.functional.conv_transpose2d``.

    >>> import ndgrad as nd
    >>> conv_transpose2d(nd.asarray([[[[1.0, 2.0]]]]), nd.ones((1, 1, 1, 2)), stride=2)
    tensor([[[[1., 1., 2., 2.]]]])
    """
    return _transposed("conv_transpose2d", 2, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | tuple[int] = 1,
    padding: int | tuple[int] = 0,
    output_padding: int | tuple[int] = 0,
    groups: int = 1,
    dilation: int | tuple[int] = 1,
) -> Tensor:
    """:func:`conv_transpose2d` over signals: input (N, C, L) or (C, L), weight (C, O / groups, K).

    Raises:
        ValueError: as :func:`conv_transpose2d`.

    Source: PyTorch, ``torch.nn.functional.conv_transpose1d``.

    >>> import ndgrad as nd
    >>> conv_transpose1d(nd.asarray([[[1.0, 2.0]]]), nd.asarray([[[1.0, -1.0]]]))
    tensor([[[ 1.,  1., -2.]]])
    """
    return _transposed("conv_transpose1d", 1, input, weight, bias, stride, padding, output_padding, groups, dilation)


def _transposed(
    name: str, ndim: int, x: Tensor, w: Tensor, b: Tensor | None, stride: Any, padding: Any, output_padding: Any,
    groups: int, dilation: Any,
) -> Tensor:  # fmt: skip
    stride, dilation = several("stride", stride, ndim), several("dilation", dilation, ndim)
    padding, added = several("padding", padding, ndim), several("output_padding", output_padding, ndim)
    check_transposed(name, ndim, x, w, b, groups)
    if any(not 0 <= a < max(s, d) for a, s, d in zip(added, stride, dilation, strict=True)):
        raise ValueError(
            f"{name}: output_padding must be smaller than the stride or the dilation, got {added} for {stride} and "
            f"{dilation}"
        )
    batch = x if x.ndim == ndim + 2 else nd.expand_dims(x, axis=0)
    sizes = zip(batch.shape[2:], w.shape[2:], stride, dilation, strict=True)
    whole = tuple((n - 1) * s + d * (k - 1) + 1 for n, k, s, d in sizes)
    size = tuple(n - 2 * p + a for n, p, a in zip(whole, padding, added, strict=True))
    if any(n < 1 for n in size):
        raise ValueError(f"{name}: nothing is left of an input of shape {x.shape} with padding {padding}")
    # such a size a convolution would map to a longer input
    beyond = any(a >= s for a, s in zip(added, stride, strict=True))
    size, widths = (whole, ((0, 0),) * ndim) if beyond else (size, tuple((p, p) for p in padding))
    if ndim == 1:  # a signal is an image of one row
        batch, w = nd.expand_dims(batch, axis=2), nd.expand_dims(w, axis=2)
        size, stride, dilation, widths = (1, *size), (1, *stride), (1, *dilation), ((0, 0), *widths)
    y = apply(BACKWARD_INPUT, batch, w, size=size, stride=stride, padding=widths, dilation=dilation, groups=groups)
    if beyond:
        y = pad(y, [width for p, a in zip(padding[::-1], added[::-1], strict=True) for width in (-p, a - p)])
    y = y if b is None else y + nd.reshape(b, (-1, 1, 1))
    y = nd.squeeze(y, axis=2) if ndim == 1 else y
    return y if x.ndim == ndim + 2 else nd.squeeze(y, axis=0)


def check_transposed(name: str, ndim: int, x: Tensor, w: Tensor, b: Tensor | None, groups: int) -> None:
    """Refuse operands that do not fit each other.

    Raises:
        ValueError: the message shows them.
    """
    if x.ndim not in (ndim + 1, ndim + 2) or w.ndim != ndim + 2:
        raise ValueError(
            f"{name} takes an input {AXES[ndim]}, or without N, and a weight of {ndim + 2} dimensions, "
            f"got {x.shape} and {w.shape}"
        )
    if x.shape[-ndim - 1] != w.shape[0] or groups < 1 or w.shape[0] % groups:
        raise ValueError(
            f"{name}: a weight of shape {w.shape} with groups={groups} takes {w.shape[0]} channels, which groups must "
            f"divide, got an input of shape {x.shape}"
        )
    if b is not None and b.shape != (w.shape[1] * groups,):
        raise ValueError(f"{name}: the bias must have shape {(w.shape[1] * groups,)}, got {b.shape}")
