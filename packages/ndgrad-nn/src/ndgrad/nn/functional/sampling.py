"""Images looked up at the points of a grid, and grids that an affine map makes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import ndgrad as nd
from ndgrad import Tensor

__all__ = ["affine_grid", "grid_sample"]

Padding = Callable[[Tensor, int], Tensor]


def affine_grid(theta: Tensor, size: Sequence[int], align_corners: bool | None = None) -> Tensor:
    """The points that affine maps take from the grid of an image, for :func:`grid_sample`.

    Args:
        theta: (N, 2, 3) for images or (N, 3, 4) for volumes.
        size: (N, C, H, W) or (N, C, D, H, W), that of the result of sampling.
        align_corners: whether -1 and 1 are the centres of the outermost elements, or their outer edges.

    Returns:
        (N, H, W, 2) or (N, D, H, W, 3): coordinates between -1 and 1, the last axis first.

    Raises:
        ValueError: shapes that do not fit.

    Source: Jaderberg et al. 2015, "Spatial transformer networks"; PyTorch, ``torch.nn.functional.affine_grid``.

    >>> import ndgrad as nd
    >>> affine_grid(nd.asarray([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]), (1, 1, 2, 2), align_corners=True)[0, 0]
    tensor([[-1., -1.],
            [ 1., -1.]])
    """
    ndim = len(size) - 2
    if ndim not in (2, 3) or theta.shape != (size[0], ndim, ndim + 1) or min(size) < 1:
        raise ValueError(
            f"affine_grid takes theta (N, 2, 3) and a size (N, C, H, W), or (N, 3, 4) and (N, C, D, H, W), got "
            f"{theta.shape} and {tuple(size)}"
        )
    shape = tuple(size[2:])
    axes = [_points(n, bool(align_corners), theta) for n in shape]
    spread = [nd.broadcast_to(nd.reshape(axis, (-1, *(1,) * (ndim - 1 - d))), shape) for d, axis in enumerate(axes)]
    ones = nd.ones(shape, dtype=theta.dtype, device=theta.device)
    base = nd.reshape(nd.stack([*reversed(spread), ones], axis=-1), (-1, ndim + 1))
    return nd.reshape(nd.matmul(base, nd.matrix_transpose(theta)), (size[0], *shape, ndim))


def _points(n: int, align: bool, like: Tensor) -> Tensor:
    if n == 1:
        return nd.zeros(1, dtype=like.dtype, device=like.device)
    points = nd.linspace(-1, 1, n, dtype=like.dtype, device=like.device)
    return points if align else points * ((n - 1) / n)


def grid_sample(
    input: Tensor,
    grid: Tensor,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Tensor:
    """The values of images at points between their elements.

    Args:
        input: (N, C, H, W) or (N, C, D, H, W).
        grid: (N, OH, OW, 2) or (N, OD, OH, OW, 3), coordinates of the last axis first; -1 and 1 are the borders.
        mode: "bilinear" (of volumes, trilinear), "nearest" or, for images, "bicubic".
        padding_mode: what lies outside: "zeros", the "border", or a "reflection".
        align_corners: whether the borders are the centres of the outermost elements, or their outer edges.

    Returns:
        (N, C, OH, OW) or (N, C, OD, OH, OW).

    Raises:
        ValueError: shapes or modes that do not fit.

    Source: Jaderberg et al. 2015, "Spatial transformer networks"; PyTorch, ``torch.nn.functional.grid_sample``.

    >>> import ndgrad as nd
    >>> image = nd.asarray([[[[1.0, 3.0]]]])
    >>> grid_sample(image, nd.asarray([[[[0.0, 0.0], [1.0, 0.0]]]]), align_corners=True)
    tensor([[[[2., 3.]]]])
    """
    ndim = input.ndim - 2
    _check(input, grid, ndim, mode, padding_mode)
    align, shape = bool(align_corners), input.shape[2:]
    padding = _PADDINGS[padding_mode](align)
    points = [_unnormalized(grid[..., ndim - 1 - d], n, align) for d, n in enumerate(shape)]
    if mode == "bicubic":
        y = _bicubic(input, points, padding)
    else:
        points = [_finite(padding(x, n)) for x, n in zip(points, shape, strict=True)]
        y = _values(input, [nd.round(x.detach()) for x in points]) if mode == "nearest" else _linear(input, points)
    return nd.reshape(y, (*input.shape[:2], *grid.shape[1:-1]))


def _check(input: Tensor, grid: Tensor, ndim: int, mode: str, padding_mode: str) -> None:
    if ndim not in (2, 3) or grid.ndim != ndim + 2 or grid.shape[-1] != ndim or grid.shape[0] != input.shape[0]:
        raise ValueError(
            f"grid_sample takes (N, C, H, W) and a grid (N, OH, OW, 2), or (N, C, D, H, W) and (N, OD, OH, OW, 3), got "
            f"shapes {input.shape} and {grid.shape}"
        )
    if min(input.shape[2:]) < 1:
        raise ValueError(f"grid_sample: there is nothing to sample in an input of shape {input.shape}")
    if mode not in ("bilinear", "nearest", "bicubic") or (mode == "bicubic" and ndim == 3):
        raise ValueError(f"grid_sample: mode is 'bilinear', 'nearest' or, for images, 'bicubic', got {mode!r}")
    if padding_mode not in _PADDINGS:
        raise ValueError(f"grid_sample: padding_mode is 'zeros', 'border' or 'reflection', got {padding_mode!r}")


def _unnormalized(x: Tensor, n: int, align: bool) -> Tensor:
    return (x + 1) / 2 * (n - 1) if align else ((x + 1) * n - 1) / 2


# -- what lies outside


def _within(x: Tensor, n: int) -> Tensor:
    """The nearest place inside, whose derivative is 0 where that is a border."""
    return nd.where((x > 0) & (x < n - 1), x, nd.clip(x.detach(), 0, n - 1))


def _reflected(x: Tensor, n: int, align: bool) -> Tensor:
    low, span = (0.0, n - 1) if align else (-0.5, n)
    if span == 0:
        return nd.zeros_like(x)
    d = x - low
    d = nd.where(d < 0, -d, d)
    turns = nd.floor(d.detach() / span)
    rest = d - turns * span
    return _within(nd.where(turns % 2 == 0, rest, span - rest) + low, n)


_PADDINGS: dict[str, Callable[[bool], Padding]] = {
    "zeros": lambda align: lambda x, n: x,
    "border": lambda align: _within,
    "reflection": lambda align: lambda x, n: _reflected(x, n, align),
}


def _finite(x: Tensor) -> Tensor:
    """Points that are no numbers, or too far away to be counted, lie outside."""
    return nd.where(nd.abs(x) < 2.0**31, x, -100.0)


# -- looking up


def _values(input: Tensor, places: Sequence[Tensor]) -> Tensor:
    """(N, C, points): the elements at whole places, 0 outside."""
    n, c, *shape = input.shape
    index: Any = 0
    inside: Any = True
    for place, length in zip(places, shape, strict=True):
        inside = inside & (place >= 0) & (place < length)
        index = index * length + nd.clip(place, 0, length - 1).to(nd.int64)
    index = nd.broadcast_to(nd.reshape(index, (n, 1, -1)), (n, c, math.prod(index.shape[1:])))
    found = nd.take_along_axis(nd.reshape(input, (n, c, -1)), index, axis=2)
    return nd.where(nd.reshape(inside, (n, 1, -1)), found, 0.0)


def _weighted(input: Tensor, taps: Sequence[Sequence[tuple[Tensor, Tensor]]]) -> Tensor:
    """The sum over all combinations of (place, weight), one of each axis."""
    total: Any = None
    for corner in product(*taps):
        weight: Any = 1.0
        for _, share in corner:
            weight = weight * share
        term = _values(input, [place for place, _ in corner]) * nd.reshape(weight, (input.shape[0], 1, -1))
        total = term if total is None else total + term
    return total


def _linear(input: Tensor, points: Sequence[Tensor]) -> Tensor:
    taps = []
    for x in points:
        low = nd.floor(x.detach())
        taps.append([(low, low + 1 - x), (low + 1, x - low)])
    return _weighted(input, taps)


def _bicubic(input: Tensor, points: Sequence[Tensor], padding: Padding) -> Tensor:
    """Keys's interpolation with a = -0.75, over four places of each axis."""
    taps = []
    for x, n in zip(points, input.shape[2:], strict=True):
        low = nd.floor(x.detach())
        t = x - low
        weights = (_far(1 + t), _near(t), _near(1 - t), _far(2 - t))
        taps.append([(_finite(padding(low + i, n)), weight) for i, weight in zip((-1, 0, 1, 2), weights, strict=True)])
    return _weighted(input, taps)


def _near(d: Tensor, a: float = -0.75) -> Tensor:
    return ((a + 2) * d - (a + 3)) * d * d + 1


def _far(d: Tensor, a: float = -0.75) -> Tensor:
    return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
