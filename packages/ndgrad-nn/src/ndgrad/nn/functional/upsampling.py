"""Enlarging and shrinking images by interpolation, one axis after the other, and by rearranging channels."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import ndgrad as nd
from ndgrad import Tensor

from .averaging import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d

__all__ = ["interpolate", "pixel_shuffle", "pixel_unshuffle"]

_AXES: Final = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}


def interpolate(
    input: Tensor,
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """Values between those of a grid, at the points of another grid over the same area.

    Args:
        input: (N, C, L), (N, C, H, W) or (N, C, D, H, W); of integers, the result is rounded.
        size: of the result's grid; one number or one per axis.
        scale_factor: in place of ``size``, how many times as large the result is.
        mode: "nearest", "nearest-exact", "linear" (3 dimensions), "bilinear" or "bicubic" (4), "trilinear" (5) or
            "area".
        align_corners: of the interpolating modes, whether the centres of the corner elements lie on each other, instead
            of the corners themselves.
        recompute_scale_factor: whether the factor is that of the rounded sizes, instead of the given one.
        antialias: not supported.

    Raises:
        ValueError: neither or both of size and factor, or a mode that does not fit the dimensions.
        NotImplementedError: ``antialias``.

    Source: PyTorch, ``torch.nn.functional.interpolate``; Keys 1981, "Cubic convolution interpolation", with a = -0.75.

    >>> import ndgrad as nd
    >>> interpolate(nd.asarray([[[1.0, 3.0]]]), scale_factor=2)
    tensor([[[1., 1., 3., 3.]]])
    >>> interpolate(nd.asarray([[[1.0, 3.0]]]), size=3, mode="linear", align_corners=True)
    tensor([[[1., 2., 3.]]])
    """
    ndim = input.ndim - 2
    if antialias:
        raise NotImplementedError("interpolate does not support antialias=True; leave it out, and smooth by avg_pool2d")
    if ndim not in (1, 2, 3) or _AXES.get(mode, ndim) != ndim:
        raise ValueError(f"interpolate: mode {mode!r} does not fit an input of shape {input.shape}")
    sizes, scales = _sizes(input.shape[2:], size, scale_factor, bool(recompute_scale_factor))
    if mode == "area":
        pool: Any = (adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d)[ndim - 1]
        return pool(input, tuple(sizes))
    if mode in ("nearest", "nearest-exact"):
        if align_corners is not None:
            raise ValueError(f"interpolate: align_corners is no setting of mode {mode!r}")
        for axis, (n, scale) in enumerate(zip(sizes, scales, strict=True), start=2):
            input = _nearest(input, axis, n, scale, 0.5 if mode == "nearest-exact" else 0.0)
        return input
    if mode not in _AXES:
        raise ValueError(f"interpolate: mode is nearest, nearest-exact, area, {', '.join(_AXES)}, got {mode!r}")
    if not input.dtype.is_inexact:
        blended = interpolate(input.to(nd.float32), size, scale_factor, mode, align_corners, recompute_scale_factor)
        limits = nd.iinfo(input.dtype)
        return nd.clip(nd.round(blended), limits.min, limits.max).to(input.dtype)
    weights = _cubic if mode == "bicubic" else _linear
    for axis, (n, scale) in enumerate(zip(sizes, scales, strict=True), start=2):
        input = _blended(input, axis, _positions(input.shape[axis], n, scale, bool(align_corners), mode), weights)
    return input


def _sizes(shape: tuple[int, ...], size: Any, factor: Any, recompute: bool) -> tuple[list[int], list[float]]:
    """The result's lengths, and the distance of its points in the input's grid."""
    if (size is None) == (factor is None):
        raise ValueError("interpolate takes either size or scale_factor")
    given = size if factor is None else factor
    values = list(given) if isinstance(given, Sequence) else [given] * len(shape)
    if len(values) != len(shape):
        raise ValueError(f"interpolate: one number or {len(shape)}, one per axis, got {given!r}")
    sizes = [int(v) if factor is None else math.floor(n * v) for n, v in zip(shape, values, strict=True)]
    if any(n < 1 for n in (*shape, *sizes)):
        raise ValueError(f"interpolate: lengths must be positive, got {shape} and {sizes}")
    if factor is None or recompute:
        return sizes, [n / m for n, m in zip(shape, sizes, strict=True)]
    return sizes, [1 / v for v in values]


def _nearest(x: Tensor, axis: int, size: int, scale: float, shift: float) -> Tensor:
    n = x.shape[axis]
    places = [min(math.floor((i + shift) * scale), n - 1) for i in range(size)]
    if size % n == 0 and places == [i // (size // n) for i in range(size)]:
        return nd.repeat(x, size // n, axis=axis)
    return nd.take(x, nd.asarray(places, device=x.device), axis=axis)


def _positions(n: int, size: int, scale: float, align: bool, mode: str) -> list[float]:
    """Where the result's points lie in the input's grid."""
    if align:
        return [i * (n - 1) / (size - 1) if size > 1 else 0.0 for i in range(size)]
    points = [(i + 0.5) * scale - 0.5 for i in range(size)]
    return points if mode == "bicubic" else [max(p, 0.0) for p in points]


def _linear(t: float) -> list[tuple[int, float]]:
    """(offset, weight) of the neighbours of a point at the fraction t of the way to the next element."""
    return [(0, 1 - t), (1, t)]


def _cubic(t: float) -> list[tuple[int, float]]:
    a = -0.75

    def near(d: float) -> float:
        return ((a + 2) * d - (a + 3)) * d * d + 1

    def far(d: float) -> float:
        return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a

    return [(-1, far(t + 1)), (0, near(t)), (1, near(1 - t)), (2, far(2 - t))]


def _blended(x: Tensor, axis: int, points: list[float], weights: Callable[[float], list[tuple[int, float]]]) -> Tensor:
    """A product with the matrix (points, n) that mixes the neighbours of each point."""
    n = x.shape[axis]
    matrix = [[0.0] * n for _ in points]
    for row, point in zip(matrix, points, strict=True):
        whole = math.floor(point)
        for offset, weight in weights(point - whole):
            row[min(max(whole + offset, 0), n - 1)] += weight
    mixed = nd.asarray(matrix, dtype=x.dtype, device=x.device)
    return nd.moveaxis(nd.matmul(nd.moveaxis(x, axis, -1), nd.matrix_transpose(mixed)), -1, axis)


def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """Channels (..., C r^2, H, W) laid out as images (..., C, H r, W r).

    Raises:
        ValueError: the channels do not divide into r^2.

    Source: Shi et al. 2016, "Real-time single image and video super-resolution"; PyTorch, ``pixel_shuffle``.

    >>> import ndgrad as nd
    >>> pixel_shuffle(nd.reshape(nd.arange(4.0), (4, 1, 1)), 2)
    tensor([[[0., 1.],
             [2., 3.]]])
    """
    r = upscale_factor
    if input.ndim < 3 or r < 1 or input.shape[-3] % (r * r):
        raise ValueError(f"pixel_shuffle by {r} takes (..., C * {r * r}, H, W), got shape {input.shape}")
    *batch, c, h, w = input.shape
    x = nd.reshape(input, (math.prod(batch), c // (r * r), r, r, h, w))
    return nd.reshape(nd.permute_dims(x, (0, 1, 4, 2, 5, 3)), (*batch, c // (r * r), h * r, w * r))


def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    """Images (..., C, H r, W r) as channels (..., C r^2, H, W): the inverse of :func:`pixel_shuffle`.

    Raises:
        ValueError: the lengths do not divide by r.

    Source: PyTorch, ``torch.nn.functional.pixel_unshuffle``.
    """
    r = downscale_factor
    if input.ndim < 3 or r < 1 or input.shape[-2] % r or input.shape[-1] % r:
        raise ValueError(f"pixel_unshuffle by {r} takes (..., C, {r} H, {r} W), got shape {input.shape}")
    *batch, c, h, w = input.shape
    x = nd.reshape(input, (math.prod(batch), c, h // r, r, w // r, r))
    return nd.reshape(nd.permute_dims(x, (0, 1, 3, 5, 2, 4)), (*batch, c * r * r, h // r, w // r))
