"""Kernels of linear algebra: products for the BLAS, halves in float32, and eigenvalues that are always complex."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

__all__ = ["KERNELS"]

Array = np.ndarray[Any, Any]

_add: Any = np.add.reduce  # called as (x, axes, dtype, out, keepdims)


def matmul(x1: Array, x2: Array) -> Array:
    if x1.ndim == 2 == x2.ndim:
        return x1.dot(x2)  # the same GEMM, in half the time of np.matmul for small matrices
    if x1.ndim > 2 == x2.ndim and x1.size and x1.flags.c_contiguous:  # one large GEMM, not a small one per matrix
        shape = x1.shape
        return x1.reshape(-1, shape[-1]).dot(x2).reshape(*shape[:-1], x2.shape[-1])
    return np.matmul(x1, x2)


def times_transpose(x1: Array, x2: Array) -> Array:
    return matmul(x1, x2.mT)


def transpose_times(x1: Array, x2: Array) -> Array:
    return matmul(x1.mT, x2)


def times_adjoint(x1: Array, x2: Array) -> Array:
    return matmul(x1, x2.mT.conj())


def adjoint_times(x1: Array, x2: Array) -> Array:
    return matmul(x1.mT.conj(), x2)


def in_float32(kernel: Callable[..., Array]) -> Callable[..., Array]:
    """``kernel`` for halves: computed and accumulated in float32, rounded once. NumPy has no BLAS for them."""

    def wide(*arrays: Array, **params: Any) -> Array:
        return np.asarray(kernel(*[x.astype(np.float32) for x in arrays], **params)).astype(arrays[0].dtype)

    return wide


def complex_eig(x: Array) -> tuple[Array, Array]:
    values, vectors = np.linalg.eig(x)  # real where all eigenvalues are
    dtype = np.result_type(x.dtype, np.complex64)
    return values.astype(dtype, copy=False), vectors.astype(dtype, copy=False)


def complex_eigvals(x: Array) -> Array:
    return np.linalg.eigvals(x).astype(np.result_type(x.dtype, np.complex64), copy=False)


def vector_norm(x: Array, **params: Any) -> Array:
    if params["ord"] == 2 and x.dtype.kind == "f":
        return np.sqrt(_add(x * x, params["axis"], None, None, params["keepdims"]))
    with np.errstate(all="ignore"):  # a negative order divides by the elements
        return np.linalg.vector_norm(x, **params)


_BLOCK: Final = 48  # columns that are eliminated one by one, before a product takes the rest of the matrix on


def packed_lu(x: Array, pivot: bool) -> tuple[Array, Array]:
    """Gauss's elimination; in blocks, so that nearly all of the work is products of matrices."""
    out = x.copy()
    k = min(x.shape[-2:])
    pivots = np.empty((*x.shape[:-2], k), np.int64)
    with np.errstate(all="ignore"):
        for place in np.ndindex(x.shape[:-2]):
            _eliminate(out[place], pivots[place], pivot)
    return out, pivots


def _eliminate(a: Array, pivots: Array, pivot: bool) -> None:
    for start in range(0, len(pivots), _BLOCK):
        stop = min(start + _BLOCK, len(pivots))
        for i in range(start, stop):
            p = pivots[i] = i + int(np.argmax(abs(a[i:, i].real) + abs(a[i:, i].imag))) if pivot else i
            if p != i:
                a[[i, p]] = a[[p, i]]
            if a[i, i] != 0:
                a[i + 1 :, i] /= a[i, i]
            a[i + 1 :, i + 1 : stop] -= np.outer(a[i + 1 :, i], a[i, i + 1 : stop])
        if stop < a.shape[1]:
            lower = np.tril(a[start:stop, start:stop], -1) + np.eye(stop - start, dtype=a.dtype)
            a[start:stop, stop:] = np.linalg.solve(lower, a[start:stop, stop:])
            a[stop:, stop:] -= a[stop:, start:stop] @ a[start:stop, stop:]


_HALVES: Final[dict[str, Callable[..., Any]]] = {
    "matmul": np.matmul,
    "matmul_adjoint": times_transpose,
    "adjoint_matmul": transpose_times,
    "vecdot": np.vecdot,
    "linalg.vector_norm": vector_norm,
}

KERNELS: Final[dict[Any, Callable[..., Any]]] = {
    ("matmul", "real floating"): matmul,
    ("matmul", "complex floating"): matmul,
    "matmul_adjoint": times_transpose,
    ("matmul_adjoint", "complex floating"): times_adjoint,
    "adjoint_matmul": transpose_times,
    ("adjoint_matmul", "complex floating"): adjoint_times,
    "linalg.packed_lu": packed_lu,
    "linalg.vector_norm": vector_norm,
    "linalg.eig": complex_eig,
    "linalg.eigvals": complex_eigvals,
} | {(name, half): in_float32(kernel) for name, kernel in _HALVES.items() for half in ("float16", "bfloat16")}
