"""Reflections of Householder's, of which QR is made, and factors of low rank by random projection: PyTorch's names."""

from __future__ import annotations

from typing import NamedTuple

from ndgrad.errors import LinAlgError
from ndgrad.ops.creation import arange, eye, full, zeros
from ndgrad.ops.decompositions import qr, svd
from ndgrad.ops.elementwise import conj, imag, real, sqrt
from ndgrad.ops.linalg import check_matrix, column
from ndgrad.ops.manipulation import broadcast_to, concat, stack
from ndgrad.ops.products import adjoint, adjoint_times, matmul
from ndgrad.ops.reductions import mean, sum
from ndgrad.ops.searching import where
from ndgrad.tensor import Tensor

__all__ = ["geqrf", "householder_product", "ormqr", "pca_lowrank", "svd_lowrank"]

# -- reflections -------------------------------------------------------------------------------------------------------


def _reflector(x: Tensor, i: int) -> Tensor:
    """The vector of the i-th reflection, (..., m, 1): zeros, a one, and what stands below the diagonal."""
    m = x.shape[-2]
    ahead = (*x.shape[:-2], i, 1)
    one = full((*x.shape[:-2], 1, 1), 1, dtype=x.dtype, device=x.device)
    return concat([zeros(ahead, dtype=x.dtype, device=x.device), one, x[..., i + 1 : m, i : i + 1]], axis=-2)


def householder_product(x: Tensor, tau: Tensor, /) -> Tensor:
    """The first n columns of the product of the reflections ``I - tau v vᴴ``, where v stands below the diagonal of x.

    Shapes (..., m, n), m >= n, and (..., k), k <= n.

    Raises:
        LinAlgError: the shapes do not fit.

    Source: PyTorch, ``torch.linalg.householder_product``; LAPACK, ``orgqr``.
    """
    check_matrix("householder_product", x)
    m, n = x.shape[-2:]
    k = tau.shape[-1] if tau.ndim else 0
    if m < n or k > n or tau.shape[:-1] != x.shape[:-2]:
        raise LinAlgError(
            f"linalg.householder_product: shapes {x.shape} and {tau.shape} do not fit: (..., m, n) with m >= n, and "
            "(..., k) with k <= n"
        )
    return _reflected(broadcast_to(eye(m, n, dtype=x.dtype, device=x.device), x.shape), x, tau)


def _reflected(y: Tensor, x: Tensor, tau: Tensor) -> Tensor:
    for i in reversed(range(tau.shape[-1])):
        v = _reflector(x, i)
        y = y - matmul(column(tau[..., i : i + 1]) * v, adjoint_times(v, y))
    return y


def ormqr(x: Tensor, tau: Tensor, other: Tensor, /, left: bool = True, transpose: bool = False) -> Tensor:
    """``Q @ other``, or ``other @ Q`` if not ``left``, for the square Q of the reflections of :func:`geqrf`.

    With ``transpose``, by the conjugate transpose of Q. Source: PyTorch, ``torch.ormqr``.
    """
    m = x.shape[-2]
    q = _reflected(broadcast_to(eye(m, dtype=x.dtype, device=x.device), (*x.shape[:-2], m, m)), x, tau)
    q = adjoint(q) if transpose else q
    return matmul(q, other) if left else matmul(other, q)


class GeqrfResult(NamedTuple):
    """Results of :func:`geqrf`."""

    a: Tensor
    tau: Tensor


def geqrf(x: Tensor, /) -> GeqrfResult:
    """The QR factorization by reflections: R on and above the diagonal, their vectors below, and their factors tau.

    Without gradient; :func:`qr` has one. Source: PyTorch, ``torch.geqrf``; LAPACK, ``geqrf``.
    """
    x = check_matrix("geqrf", x).detach()
    m, n = x.shape[-2:]
    rows, columns, taus = arange(m, device=x.device), arange(n, device=x.device), []
    for i in range(min(m, n)):
        head, under = x[..., i, i], where(rows > i, x[..., i], 0.0)
        rest = sum(real(under * conj(under)), axis=-1)
        size = sqrt(rest + real(head * conj(head)))
        beta = where(real(head) > 0, -size, size)
        if x.dtype.is_complex:
            still = (rest == 0) & (imag(head) == 0)
        else:
            still = rest == 0
        safe = where(still, 1 + 0 * beta, beta)
        tau = where(still, 0 * head, (safe - head) / safe)
        v = where(rows == i, 1.0, under / column(where(still, 1 + 0 * head, head - safe)))
        after = x - matmul(column(v) * column(column(conj(tau))), adjoint_times(column(v), x))
        x = where((columns > i) & (column(rows) >= i), after, x)
        x = where((columns == i) & (column(rows) > i), column(where(column(still), under, v)), x)
        x = where((columns == i) & (column(rows) == i), column(column(where(still, head, beta + 0 * head))), x)
        taus.append(tau)
    tau = stack(taus, axis=-1) if taus else zeros((*x.shape[:-2], 0), dtype=x.dtype, device=x.device)
    return GeqrfResult(x, tau)


# -- factors of low rank -----------------------------------------------------------------------------------------------


class LowRankSVD(NamedTuple):
    """Factors of :func:`svd_lowrank`; note that V is not its conjugate transpose."""

    U: Tensor
    S: Tensor
    V: Tensor


def svd_lowrank(A: Tensor, /, q: int | None = 6, niter: int = 2, M: Tensor | None = None) -> LowRankSVD:
    """Approximate leading singular values and vectors of matrices (..., m, n), by random projection.

    The factors are U (..., m, q), S (..., q) and V (..., n, q); ``M`` is subtracted from A first.

    Source: PyTorch, ``torch.svd_lowrank``; N. Halko, P. G. Martinsson, J. A. Tropp, "Finding structure with
    randomness", SIAM Review 53 (2011), algorithm 5.1.
    """
    from ndgrad.random import randn  # which is made of ops

    a = check_matrix("svd_lowrank", A if M is None else A - M)
    m, n = a.shape[-2:]
    rank = 6 if q is None else q
    if not 0 <= rank <= (m if m < n else n):
        raise ValueError(f"svd_lowrank: q={rank} must not exceed the shorter side of shape {A.shape}")
    if m < n:
        u, s, v = svd_lowrank(adjoint(a), q, niter)
        return LowRankSVD(v, s, u)
    basis = qr(matmul(a, randn((n, rank), dtype=a.dtype, device=a.device))).Q
    for _ in range(niter):
        basis = qr(matmul(a, qr(adjoint_times(a, basis)).Q)).Q
    u, s, vh = svd(adjoint_times(basis, a), full_matrices=False)
    return LowRankSVD(matmul(basis, u), s, adjoint(vh))


def pca_lowrank(A: Tensor, /, q: int | None = None, center: bool = True, niter: int = 2) -> LowRankSVD:
    """:func:`svd_lowrank` of the rows less their mean, if ``center``: principal components are the columns of V.

    Source: PyTorch, ``torch.pca_lowrank``.
    """
    m, n = check_matrix("pca_lowrank", A).shape[-2:]
    rank = min(6, m, n) if q is None else q
    return svd_lowrank(A - mean(A, axis=-2, keepdims=True) if center else A, rank, niter)
