"""Factorizations of matrices: array API 2025.12, extension "linalg", with derivatives as PyTorch defines them.

Where a factor is unique only up to a sign or a phase, a derivative exists only for functions that do not depend on it;
for complex matrices that is checked. Vectors of repeated singular values or eigenvalues have no derivative: what comes
out is infinite or NaN.

Sources: Murray, "Differentiation of the Cholesky decomposition" (2016); for QR, Walter and Lehmann, "Algorithmic
differentiation of linear algebra functions" (2010); for singular vectors, Townsend, "Differentiating the singular value
decomposition" (2016); for eigenvectors, Boeddeker et al., "On the computation of complex-valued gradients" (2017).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from ndgrad.dispatch import public
from ndgrad.errors import AutogradError
from ndgrad.ops.creation import tril
from ndgrad.ops.elementwise import abs, conj, imag, real
from ndgrad.ops.linalg import check_matrix, column, diagonal, identity_like, row, run, solve, solve_right
from ndgrad.ops.manipulation import concat
from ndgrad.ops.products import adjoint, adjoint_times, matmul, times_adjoint
from ndgrad.ops.reductions import max
from ndgrad.rows import Op
from ndgrad.tensor import Tensor

__all__ = ["cholesky", "eig", "eigh", "eigvals", "eigvalsh", "qr", "svd", "svdvals"]

# -- parts of the derivative rules -------------------------------------------------------------------------------------


def _differences(x: Tensor) -> Tensor:
    """``x[j] - x[i]``, and 1 on the diagonal, to be divided by."""
    return row(x) - column(x) + identity_like(x)


def _check_phase(name: str, phase: Tensor, scale: Tensor) -> None:
    """Refuse a loss that depends on the phases of complex vectors, which the decomposition chooses at will."""
    if phase.backend.level or phase.size == 0:
        return  # inside vmap or jvp there are no values to look at
    if float(max(abs(phase.detach()))) > 1e-2 * float(max(abs(scale.detach()))) + 1e-6:
        raise AutogradError(
            f"the gradient of linalg.{name} is not defined for this loss, which depends on the phase of the vectors, "
            "and that is arbitrary; use a function of them that a factor exp(i*phi) does not change, such as nd.abs"
        )


def _at_gram_matrices(function: Callable[[Tensor], Any], make: Callable[..., Tensor]) -> list[Any]:
    """Samples of a function of Hermitian matrices: reached by way of ``x xᴴ + 1``, positive definite for any x."""

    def call(x: Tensor) -> Any:
        return function(times_adjoint(x, x) + identity_like(x))

    return [(call, (make(3, 3),), {}), (call, (make(2, 2, 2),), {})]


# -- Cholesky ----------------------------------------------------------------------------------------------------------


def _cholesky_vjp(g: Tensor, y: Tensor, upper: bool) -> Tensor:
    if upper:
        y, g = adjoint(y), adjoint(g)
    half = tril(adjoint_times(y, g)) * (1 - identity_like(y) / 2)
    s = solve_right(solve(adjoint(y), half), y)
    return (s + adjoint(s)) / 2


CHOLESKY = Op(
    "linalg.cholesky", accepts="single or double", batch="leading", vjp=_cholesky_vjp,
    samples=lambda make: _at_gram_matrices(cholesky, make),
)  # fmt: skip


@public(CHOLESKY)
def cholesky(x: Tensor, /, *, upper: bool = False) -> Tensor:
    """The lower triangular L with ``x = L @ Lᴴ``, or the upper triangular U with ``x = Uᴴ @ U``.

    Shape (..., n, n) of Hermitian, positive definite matrices, of which one triangle is read.

    Raises:
        LinAlgError: a matrix is not square, or not positive definite.

    Source: array API 2025.12, ``linalg.cholesky``.

    >>> import ndgrad as nd
    >>> nd.linalg.cholesky(nd.asarray([[4.0, 2.0], [2.0, 2.0]]))
    tensor([[2., 0.],
            [1., 1.]])
    """
    return run(CHOLESKY, check_matrix("cholesky", x, square=True), upper=upper)


# -- QR ----------------------------------------------------------------------------------------------------------------


class QRResult(NamedTuple):
    """Factors of :func:`qr`."""

    Q: Tensor
    R: Tensor


def _qr_vjp(g: Any, y: Any, x_shape: Any, mode: str) -> Tensor:
    (gq, gr), (q, r) = g, y
    m, n = x_shape[-2:]
    if mode == "complete" and m > n:
        raise AutogradError(
            f"the gradient of linalg.qr(mode='complete') of shape {x_shape} is not unique; write mode='reduced'"
        )
    if m >= n:
        return _qr_vjp_tall(gq, gr, q, r)
    # x = [X | Z] with Q R1 = X, and Z = Q R2
    g2 = None
    if gr is not None:
        g2, gr = gr[..., m:], gr[..., :m]
        of_q = matmul(q, times_adjoint(r[..., m:], g2))
        gq = of_q if gq is None else gq + of_q
    first = _qr_vjp_tall(gq, gr, q, r[..., :m])
    second = 0 * r[..., m:] if g2 is None else matmul(q, g2)
    return concat([first, second], axis=-1)


def _qr_vjp_tall(gq: Any, gr: Any, q: Tensor, r: Tensor) -> Tensor:
    parts = [] if gr is None else [times_adjoint(r, gr)]
    parts += [] if gq is None else [-adjoint_times(gq, q)]
    lower = tril(parts[0] if len(parts) == 1 else parts[0] + parts[1])
    hermitian = lower + adjoint(lower) - real(lower) * identity_like(lower)
    inner = matmul(q, hermitian)
    return solve_right(inner if gq is None else gq + inner, adjoint(r))


def _qr_samples(make: Any) -> list[Any]:
    return [((make(*shape),), {}) for shape in ((3, 3), (4, 2), (2, 4), (2, 3, 2))]


QR = Op(
    "linalg.qr", accepts="single or double", result=("same", "same"), batch="leading", vjp=_qr_vjp, samples=_qr_samples
)  # fmt: skip


@public(QR)
def qr(x: Tensor, /, *, mode: Literal["reduced", "complete"] = "reduced") -> QRResult:
    """``x = Q @ R`` with orthonormal columns in Q and upper triangular R.

    Shape (..., m, n) gives Q (..., m, k) and R (..., k, n), where k is min(m, n), or m if ``mode`` is ``"complete"``,
    which is differentiable only for m <= n.

    Raises:
        LinAlgError: fewer than two dimensions.
        ValueError: an unknown mode.

    Source: array API 2025.12, ``linalg.qr``.

    >>> import ndgrad as nd
    >>> q, r = nd.linalg.qr(nd.ones((3, 2)))
    >>> q.shape, r.shape
    ((3, 2), (2, 2))
    """
    if mode not in ("reduced", "complete"):
        raise ValueError(f"linalg.qr: mode is 'reduced' or 'complete', got {mode!r}")
    return QRResult(*run(QR, check_matrix("qr", x), mode=mode))


# -- singular values ---------------------------------------------------------------------------------------------------


class SVDResult(NamedTuple):
    """Factors of :func:`svd`."""

    U: Tensor
    S: Tensor
    Vh: Tensor


def _svd_vjp(g: Any, y: Any, x_shape: Any, full_matrices: bool) -> Tensor:
    (gu, gs, gvh), (u, s, vh) = g, y
    m, n = x_shape[-2:]
    if full_matrices and m != n:
        if gu is not None or gvh is not None:
            raise AutogradError(
                f"the gradient of linalg.svd of shape {x_shape} with full_matrices=True is not unique in U and Vh; "
                "write full_matrices=False"
            )
        k = s.shape[-1]
        u, vh = u[..., :k], vh[..., :k, :]
    if gu is None and gvh is None:
        return matmul(u * row(gs), vh)
    of_u = None if gu is None else adjoint_times(u, gu)
    of_v = None if gvh is None else times_adjoint(vh, gvh)
    if u.dtype.is_complex:
        parts = [x for x in (of_u, of_v) if x is not None]
        _check_phase("svd", imag(diagonal(parts[0] if len(parts) == 1 else parts[0] + parts[1])), parts[0])
    one = identity_like(s)
    gaps = _differences(s) * (row(s) + column(s) + one * (1 - 2 * row(s)))  # s_j² - s_i², 1 on the diagonal
    core = one * row(gs) if gs is not None else 0 * gaps
    if of_u is not None:
        skew = of_u - adjoint(of_u)
        core = core + skew / gaps * row(s)
        if u.dtype.is_complex:
            core = core + one * (skew / (2 * row(s)) - skew * row(s))
    if of_v is not None:
        skew = of_v - adjoint(of_v)
        core = core + column(s) * ((1 - one) * skew / gaps)
    out = matmul(matmul(u, core), vh)
    if gu is not None and m > n:
        scaled = gu / row(s)
        out = out + matmul(scaled - matmul(u, adjoint_times(u, scaled)), vh)
    if gvh is not None and n > m:
        scaled = gvh / column(s)
        out = out + matmul(u, scaled - matmul(times_adjoint(scaled, vh), vh))
    return out


def _real_matrices(make: Any) -> list[Any]:
    if make(1).dtype.is_complex:
        return []  # the phases of complex vectors are arbitrary, so finite differences say nothing of them
    return [((make(*shape),), {"full_matrices": False}) for shape in ((3, 3), (4, 2), (2, 3), (2, 3, 2))]


SVD = Op(
    "linalg.svd", accepts="single or double", result=("same", "real", "same"), batch="leading", vjp=_svd_vjp,
    samples=_real_matrices,
)  # fmt: skip


@public(SVD)
def svd(x: Tensor, /, *, full_matrices: bool = True) -> SVDResult:
    """``x = U @ diag(S) @ Vh`` with orthonormal vectors and singular values in descending order.

    Shape (..., m, n) gives U (..., m, m), S (..., min(m, n)) and Vh (..., n, n); without ``full_matrices`` only the
    min(m, n) vectors that count, which is the form that is differentiable in U and Vh.

    Raises:
        LinAlgError: fewer than two dimensions, or no convergence (NaN or infinite elements).

    Source: array API 2025.12, ``linalg.svd``.

    >>> import ndgrad as nd
    >>> nd.linalg.svd(nd.asarray([[3.0, 0.0], [0.0, 4.0]])).S
    tensor([4., 3.])
    """
    return SVDResult(*run(SVD, check_matrix("svd", x), full_matrices=bool(full_matrices)))


SVDVALS = Op(
    "linalg.svdvals", accepts="single or double", result="real", batch="leading",
    decompose=lambda x: svd(x, full_matrices=False).S,
    samples=lambda make: [((make(*shape),), {}) for shape in ((3, 3), (4, 2), (2, 2, 3))],
)  # fmt: skip


@public(SVDVALS)
def svdvals(x: Tensor, /) -> Tensor:
    """The singular values of matrices (..., m, n) in descending order, (..., min(m, n)).

    Raises:
        LinAlgError: fewer than two dimensions, or no convergence.

    Source: array API 2025.12, ``linalg.svdvals``.

    >>> import ndgrad as nd
    >>> nd.linalg.svdvals(nd.asarray([[3.0, 0.0], [0.0, 4.0]]))
    tensor([4., 3.])
    """
    return run(SVDVALS, check_matrix("svdvals", x))


# -- eigenvalues -------------------------------------------------------------------------------------------------------


class EighResult(NamedTuple):
    """Results of :func:`eigh`."""

    eigenvalues: Tensor
    eigenvectors: Tensor


class EigResult(NamedTuple):
    """Results of :func:`eig`."""

    eigenvalues: Tensor
    eigenvectors: Tensor


def _eigh_vjp(g: Any, y: Any) -> Tensor:
    (gl, gv), (values, v) = g, y
    if gv is None:
        return times_adjoint(v * row(gl), v)
    of_v = adjoint_times(v, gv)
    if v.dtype.is_complex:
        _check_phase("eigh", imag(diagonal(of_v)), of_v)
    core = (of_v - adjoint(of_v)) / (2 * _differences(values))
    if gl is not None:
        core = core + identity_like(values) * row(gl)
    return times_adjoint(matmul(v, core), v)


EIGH = Op(
    "linalg.eigh", accepts="single or double", result=("real", "same"), batch="leading", vjp=_eigh_vjp,
    samples=lambda make: _at_gram_matrices(eigh, make),
)  # fmt: skip


@public(EIGH)
def eigh(x: Tensor, /, *, UPLO: Literal["L", "U"] = "L") -> EighResult:
    """Eigenvalues, real and in ascending order, and orthonormal eigenvectors of Hermitian matrices.

    Shape (..., n, n), of which the lower triangle is read (the upper one for ``UPLO="U"``), gives eigenvalues (..., n)
    and eigenvectors (..., n, n), in columns.

    Raises:
        LinAlgError: a matrix is not square, or no convergence.

    Source: array API 2025.12, ``linalg.eigh``.

    >>> import ndgrad as nd
    >>> nd.linalg.eigh(nd.asarray([[2.0, 1.0], [1.0, 2.0]])).eigenvalues
    tensor([1., 3.])
    """
    return EighResult(*run(EIGH, _triangle(check_matrix("eigh", x, square=True), UPLO)))


def _triangle(x: Tensor, triangle: str) -> Tensor:
    """``x``, or what has its upper triangle below."""
    if triangle not in ("L", "U", "l", "u"):
        raise ValueError(f"UPLO is 'L' or 'U', got {triangle!r}")
    return adjoint(x) if triangle in ("U", "u") else x


EIGVALSH = Op(
    "linalg.eigvalsh", accepts="single or double", result="real", batch="leading",
    decompose=lambda x: eigh(x).eigenvalues, samples=lambda make: _at_gram_matrices(eigvalsh, make),
)  # fmt: skip


@public(EIGVALSH)
def eigvalsh(x: Tensor, /, *, UPLO: Literal["L", "U"] = "L") -> Tensor:
    """The eigenvalues of Hermitian matrices (..., n, n) in ascending order, (..., n); ``UPLO`` as in :func:`eigh`.

    Raises:
        LinAlgError: a matrix is not square, or no convergence.

    Source: array API 2025.12, ``linalg.eigvalsh``.

    >>> import ndgrad as nd
    >>> nd.linalg.eigvalsh(nd.asarray([[2.0, 1.0], [1.0, 2.0]]))
    tensor([1., 3.])
    """
    return run(EIGVALSH, _triangle(check_matrix("eigvalsh", x, square=True), UPLO))


def _eig_vjp(g: Any, x: Tensor, y: Any) -> Tensor:
    (gl, gv), (values, v) = g, y
    if gv is None:
        core = column(gl) * adjoint(v)
    else:
        of_v = adjoint_times(v, gv)
        own = diagonal(of_v)
        _check_phase("eig", imag(own), of_v)
        inner = (of_v - adjoint_times(v, v * row(real(own)))) / conj(_differences(values))
        inner = inner * (1 - identity_like(values))
        if gl is not None:
            inner = inner + identity_like(values) * row(gl)
        core = times_adjoint(inner, v)
    out = solve(adjoint(v), core)
    return out if x.dtype.is_complex else real(out)


EIG = Op(
    "linalg.eig", accepts="single or double", result=("complex", "complex"), batch="leading", vjp=_eig_vjp,
    samples=lambda make: [((make(3, 3),), {}), ((make(2, 2, 2),), {})],
)  # fmt: skip


@public(EIG)
def eig(x: Tensor, /) -> EigResult:
    """Eigenvalues and eigenvectors of matrices, both complex, in no particular order.

    Shape (..., n, n) gives eigenvalues (..., n) and eigenvectors (..., n, n), columns of length 1.

    Raises:
        LinAlgError: a matrix is not square, or no convergence.

    Source: array API 2025.12, ``linalg.eig``.

    >>> import ndgrad as nd
    >>> nd.linalg.eig(nd.asarray([[2.0, 0.0], [0.0, 3.0]])).eigenvalues
    tensor([2.+0.j, 3.+0.j])
    """
    return EigResult(*run(EIG, check_matrix("eig", x, square=True)))


EIGVALS = Op(
    "linalg.eigvals", accepts="single or double", result="complex", batch="leading",
    decompose=lambda x: eig(x).eigenvalues,
    samples=lambda make: [((make(3, 3),), {}), ((make(2, 2, 2),), {})],
)  # fmt: skip


@public(EIGVALS)
def eigvals(x: Tensor, /) -> Tensor:
    """The eigenvalues of matrices (..., n, n), complex and in no particular order, (..., n).

    Raises:
        LinAlgError: a matrix is not square, or no convergence.

    Source: array API 2025.12, ``linalg.eigvals``.

    >>> import ndgrad as nd
    >>> nd.linalg.eigvals(nd.asarray([[0.0, 1.0], [-1.0, 0.0]]))
    tensor([0.+1.j, 0.-1.j])
    """
    return run(EIGVALS, check_matrix("eigvals", x, square=True))
