"""Normalisation: values less their mean over their standard deviation, over some axes, then scaled and shifted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import ndgrad as nd
from ndgrad import Tensor
from ndgrad.dispatch import apply, public
from ndgrad.rows import Op

__all__ = ["batch_norm", "group_norm", "layer_norm", "standardize"]


def _standardize(x: Tensor, axes: tuple[int, ...], eps: float) -> tuple[Tensor, Tensor, Tensor]:
    mean = nd.mean(x, axis=axes, keepdims=True)
    centred = x - mean
    var = nd.mean(centred * centred, axis=axes, keepdims=True)
    return centred / nd.sqrt(var + eps), mean, var


def _standardize_cotangent(g: Any, y: Any, axes: tuple[int, ...], eps: float) -> Tensor:
    """What reaches x through what it is standardized to, through its mean and through its variance."""
    (g_y, g_mean, g_var), (y, _, var) = g, y
    count = max(1, y.size // max(1, var.size))
    total = nd.zeros_like(y) if g_y is None else apply(STANDARDIZE_BACKWARD, g_y, y, var, axes=axes, eps=eps)
    if g_mean is not None:
        total = total + g_mean / count
    return total if g_var is None else total + y * (g_var * nd.sqrt(var + eps) * (2 / count))


def _standardize_backward(g: Tensor, y: Tensor, var: Tensor, axes: tuple[int, ...], eps: float) -> Tensor:
    """(g - mean(g) - y mean(g y)) / sigma."""
    own = g - nd.mean(g, axis=axes, keepdims=True) - y * nd.mean(g * y, axis=axes, keepdims=True)
    return own / nd.sqrt(var + eps)


def _backward_samples(make: Any) -> list[Any]:
    return [((make(4, 3), make(4, 3), make(1, 3, low=0.5, high=1.0)), {"axes": (0,), "eps": 0.1})]


STANDARDIZE_BACKWARD = Op(
    "standardize_backward", ("g", "y", "var"), accepts="real floating", namespace=None,
    decompose=_standardize_backward, samples=_backward_samples,
)  # fmt: skip

STANDARDIZE = Op(
    "standardize", accepts="real floating", result=("same", "same", "same"), namespace=None, decompose=_standardize,
    vjp=_standardize_cotangent,
    samples=lambda make: [((make(4, 3), 0), {}), ((make(3, 2, 4), (0, 2)), {"eps": 0.1}), ((make(5), -1), {})],
)  # fmt: skip


@public(STANDARDIZE)
def standardize(x: Tensor, axis: int | Sequence[int], eps: float = 1e-5) -> tuple[Tensor, Tensor, Tensor]:
    """(x - mean) / sqrt(var + eps) over ``axis``, with that mean and (biased) variance, whose axes have length 1.

    float16 and bfloat16 are computed in float32, since squares overflow early there.

    >>> import ndgrad as nd
    >>> y, mean, var = standardize(nd.asarray([1.0, 3.0]), 0, eps=0.0)
    >>> y, mean, var
    (tensor([-1.,  1.]), tensor([2.]), tensor([1.]))
    """
    axes = tuple(a % x.ndim for a in ((axis,) if isinstance(axis, int) else axis))
    if x.dtype.is_inexact and x.dtype.itemsize < 4:
        y, mean, var = (part.to(x.dtype) for part in apply(STANDARDIZE, x.to(nd.float32), axes=axes, eps=eps))
        return y, mean, var
    return apply(STANDARDIZE, x, axes=axes, eps=eps)


# -- scale and shift ---------------------------------------------------------------------------------------------------


def _aligned(values: Tensor, ndim: int, at: int) -> Tensor:
    """``values`` ready to be combined with a tensor of ``ndim`` axes, along those from ``at`` on."""
    after = ndim - at - values.ndim
    return nd.reshape(values, (*values.shape, *(1,) * after)) if after else values


def _affine(x: Tensor, weight: Tensor, bias: Tensor, at: int) -> Tensor:
    return x * _aligned(weight, x.ndim, at) + _aligned(bias, x.ndim, at)


def _others(ndim: int, shape: tuple[int, ...], at: int) -> tuple[int, ...]:
    return tuple(a for a in range(ndim) if not at <= a < at + len(shape))


def _affine_backward(g: Tensor, x: Tensor, weight: Tensor, at: int) -> tuple[Tensor, Tensor, Tensor]:
    others = _others(g.ndim, weight.shape, at)
    return g * _aligned(weight, g.ndim, at), nd.sum(g * x, axis=others), nd.sum(g, axis=others)


AFFINE_BACKWARD = Op(  # one op, since a backend may read the cotangent once for all three
    "affine_backward", ("g", "x", "weight"), accepts="real floating", result=("same", "same", "same"), namespace=None,
    decompose=_affine_backward,
    samples=lambda make: [
        ((make(4, 3), make(4, 3), make(3)), {"at": 1}),
        ((make(2, 3, 2, 2), make(2, 3, 2, 2), make(3)), {"at": 1}),
        ((make(2, 3, 4), make(2, 3, 4), make(3, 4)), {"at": 1}),
        ((make(0, 3), make(0, 3), make(3)), {"at": 1}),
    ],
)  # fmt: skip

AFFINE = Op(
    "affine", ("x", "weight", "bias"), accepts="real floating", namespace=None, decompose=_affine,
    vjp_all=lambda g, x, weight, at: apply(AFFINE_BACKWARD, g, x, weight, at=at),
    samples=lambda make: [
        ((make(4, 3), make(3), make(3)), {"at": 1}),
        ((make(2, 3, 2, 2), make(3), make(3)), {"at": 1}),
        ((make(2, 3, 4), make(3, 4), make(3, 4)), {"at": 1}),
        ((make(0, 3), make(3), make(3)), {"at": 1}),
    ],
)  # fmt: skip


def scale_shift(x: Tensor, weight: Tensor | None, bias: Tensor | None, at: int) -> Tensor:
    """``x * weight + bias``, which lie along the axes of ``x`` from ``at`` on; None for 1 and 0."""
    if weight is not None and bias is not None and weight.dtype is bias.dtype is x.dtype:
        return apply(AFFINE, x, weight, bias, at=at)
    x = x if weight is None else x * _aligned(weight, x.ndim, at)
    return x if bias is None else x + _aligned(bias, x.ndim, at)


# -- both at once, over the last axes ----------------------------------------------------------------------------------


def _layer_norm(x: Tensor, weight: Tensor, bias: Tensor, at: int, eps: float) -> Tensor:
    return apply(AFFINE, standardize(x, tuple(range(at, x.ndim)), eps)[0], weight, bias, at=at)


def _layer_norm_backward(g: Tensor, x: Tensor, weight: Tensor, at: int, eps: float) -> tuple[Tensor, Tensor, Tensor]:
    axes = tuple(range(at, x.ndim))
    y, _, var = standardize(x, axes, eps)
    g_y, dw, db = apply(AFFINE_BACKWARD, g, y, weight, at=at)
    return apply(STANDARDIZE_BACKWARD, g_y, y, var, axes=axes, eps=eps), dw, db


LAYER_NORM_BACKWARD = Op(  # from x, not from what forward makes of it: to do that again is cheaper than to keep it
    "layer_norm_backward", ("g", "x", "weight"), accepts="real floating", result=("same", "same", "same"),
    namespace=None, decompose=_layer_norm_backward,
    samples=lambda make: [
        ((make(4, 3), make(4, 3), make(3)), {"at": 1, "eps": 0.1}),
        ((make(2, 3, 4), make(2, 3, 4), make(3, 4)), {"at": 1, "eps": 0.1}),
        ((make(0, 3), make(0, 3), make(3)), {"at": 1, "eps": 0.1}),
    ],
)  # fmt: skip

LAYER_NORM = Op(
    "layer_norm", ("x", "weight", "bias"), accepts="real floating", namespace=None, decompose=_layer_norm,
    vjp_all=lambda g, x, weight, at, eps: apply(LAYER_NORM_BACKWARD, g, x, weight, at=at, eps=eps),
    samples=lambda make: [
        ((make(4, 3), make(3), make(3)), {"at": 1, "eps": 0.1}),
        ((make(2, 3, 4), make(3, 4), make(3, 4)), {"at": 1, "eps": 0.1}),
        ((make(0, 3), make(3), make(3)), {"at": 1, "eps": 0.1}),
    ],
)  # fmt: skip


# -- the layers' functions ---------------------------------------------------------------------------------------------


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise each channel over the batch, or in evaluation by the running statistics.

    Args:
        input: (N, C, ...).
        running_mean: (C,), updated in place in training where given.
        running_var: the same.
        weight: (C,), the scale of each channel.
        bias: (C,), its shift.
        training: whether to take the batch's own statistics.
        momentum: the share of the new statistics in the running ones.
        eps: keeps the division finite.

    Raises:
        ValueError: one value per channel in training, whose variance means nothing, or no statistics in evaluation.

    Source: Ioffe and Szegedy 2015, "Batch normalization"; PyTorch, ``torch.nn.functional.batch_norm``.

    >>> import ndgrad as nd
    >>> batch_norm(nd.asarray([[1.0], [3.0]]), None, None, training=True, eps=0.0)
    tensor([[-1.],
            [ 1.]])
    """
    if input.ndim < 2:
        raise ValueError(f"batch_norm takes an input of shape (N, C, ...), got {input.shape}")
    if not training:
        if running_mean is None or running_var is None:
            raise ValueError(
                "batch_norm in evaluation needs running_mean and running_var; in training, write training=True"
            )
        mean, var = (_aligned(statistic, input.ndim, 1) for statistic in (running_mean, running_var))
        y = (input - mean) / nd.sqrt(var + eps)
        return scale_shift(y, weight, bias, 1)
    count = input.size // max(1, input.shape[1])
    if count == 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {input.shape}")
    y, mean, var = standardize(input, tuple(a for a in range(input.ndim) if a != 1), eps)
    with nd.no_grad():
        unbiased = var.detach() * (count / max(1, count - 1))
        for running, now in ((running_mean, mean.detach()), (running_var, unbiased)):
            if running is not None:
                running *= 1 - momentum
                running += nd.reshape(now, (-1,)) * momentum
    return scale_shift(y, weight, bias, 1)


def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise each sample over its last axes.

    Args:
        input: (..., *normalized_shape).
        normalized_shape: the lengths of the axes to normalise over.
        weight: of that shape, the scale.
        bias: of that shape, the shift.
        eps: keeps the division finite.

    Raises:
        ValueError: the input's last axes have other lengths.

    Source: Ba et al. 2016, "Layer normalization"; PyTorch, ``torch.nn.functional.layer_norm``.

    >>> import ndgrad as nd
    >>> layer_norm(nd.asarray([[1.0, 3.0]]), (2,), eps=0.0)
    tensor([[-1.,  1.]])
    """
    shape = tuple(normalized_shape)
    if not shape or input.shape[input.ndim - len(shape) :] != shape or input.ndim < len(shape):
        raise ValueError(f"layer_norm over {shape} takes an input whose shape ends so, got {input.shape}")
    at = input.ndim - len(shape)
    if weight is not None and bias is not None and weight.dtype is bias.dtype is input.dtype:
        return apply(LAYER_NORM, input, weight, bias, at=at, eps=eps)
    return scale_shift(standardize(input, tuple(range(at, input.ndim)), eps)[0], weight, bias, at)


def group_norm(
    input: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5
) -> Tensor:
    """Normalise each sample over blocks of its channels.

    Args:
        input: (N, C, ...).
        num_groups: the number of blocks, which divides C.
        weight: (C,), the scale.
        bias: (C,), the shift.
        eps: keeps the division finite.

    Raises:
        ValueError: the channels do not divide into the groups.

    Source: Wu and He 2018, "Group normalization"; PyTorch, ``torch.nn.functional.group_norm``.
    """
    n, channels, *rest = input.shape
    if channels % num_groups:
        raise ValueError(f"group_norm: {channels} channels do not divide into {num_groups} groups")
    grouped = nd.reshape(input, (n, num_groups, math.prod(rest) * channels // num_groups))
    y, _, _ = standardize(grouped, 2, eps)
    return scale_shift(nd.reshape(y, input.shape), weight, bias, 1)
