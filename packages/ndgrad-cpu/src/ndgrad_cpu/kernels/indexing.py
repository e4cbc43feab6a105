"""Advanced indexing, which NumPy does in one call."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["KERNELS"]

Array = np.ndarray[Any, Any]


def _key(ndim: int, indices: tuple[Array, ...], dims: tuple[int, ...]) -> tuple[Any, ...]:
    key: list[Any] = [slice(None)] * ndim
    for d, index in zip(dims, indices, strict=True):
        key[d] = index
    return tuple(key)


def _block(indices: tuple[Array, ...], dims: tuple[int, ...], at: int) -> tuple[list[int], list[int]] | None:
    """Where NumPy puts the indices' shape, and where it belongs; None if these are the same."""
    natural = dims[0] if dims == tuple(range(dims[0], dims[0] + len(dims))) else 0
    if natural == at:
        return None
    n = np.broadcast(*indices).ndim if len(indices) > 1 else indices[0].ndim
    return list(range(natural, natural + n)), list(range(at, at + n))


def index(x: Array, *indices: Array, dims: tuple[int, ...], at: int) -> Array:
    """``x`` read at integer arrays on the axes ``dims``; their shape goes to axis ``at``."""
    out = x[_key(x.ndim, indices, dims)]
    moved = _block(indices, dims, at)
    return out if moved is None else np.moveaxis(out, *moved)


def _aligned(value: Array, x: Array, indices: tuple[Array, ...], dims: tuple[int, ...], at: int) -> Array:
    """``value``, laid out as NumPy wants it on the right of ``x[key] = value``."""
    moved = _block(indices, dims, at)
    if moved is None:
        return value
    n = len(moved[0])
    value = value.reshape((1,) * (x.ndim - len(dims) + n - value.ndim) + value.shape)
    return np.moveaxis(value, moved[1], moved[0])


def index_put_(x: Array, value: Array, *indices: Array, dims: tuple[int, ...], at: int) -> None:
    """Write ``value`` into ``x`` at integer arrays on the axes ``dims``."""
    x[_key(x.ndim, indices, dims)] = _aligned(value, x, indices, dims, at)


def index_put(x: Array, value: Array, *indices: Array, dims: tuple[int, ...], at: int) -> Array:
    """A copy of ``x`` with ``value`` written at integer arrays on the axes ``dims``."""
    out = x.copy()
    index_put_(out, value, *indices, dims=dims, at=at)
    return out


def index_add_zeros(g: Array, *indices: Array, shape: tuple[int, ...], dims: tuple[int, ...], at: int) -> Array:
    """Zeros of ``shape``, with ``g`` added at integer arrays on the axes ``dims``; repeated places add up."""
    out = np.zeros(shape, g.dtype)
    np.add.at(out, _key(out.ndim, indices, dims), _aligned(g, out, indices, dims, at))
    return out


def copy_(x: Array, value: Array) -> None:
    """Write ``value`` over all of ``x``."""
    x[...] = value


KERNELS = {
    "copy_": copy_,
    "getitem": lambda x, key: x[key],
    "index": index,
    "index_add_zeros": index_add_zeros,
    "index_put": index_put,
    "index_put_": index_put_,
}
