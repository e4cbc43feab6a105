"""Norms, ranks, pseudo-inverses: array API 2025.12, extension "linalg"; PyTorch's ``norm`` and ``lstsq``."""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple

from ndgrad.dispatch import apply, astype, public, scalar_tensor
from ndgrad.dtypes import float32, int64
from ndgrad.ops.creation import tril, zeros
from ndgrad.ops.decompositions import eigvalsh, svd, svdvals
from ndgrad.ops.elementwise import abs, conj, isnan, pow, real, sign
from ndgrad.ops.linalg import check_dimensions, check_matrix, column, diagonal, identity_like, row
from ndgrad.ops.manipulation import expand_dims, moveaxis, reshape
from ndgrad.ops.products import adjoint, adjoint_times, matmul, promoted, times_adjoint
from ndgrad.ops.reductions import all, max, min, normalize_axes, sum
from ndgrad.ops.searching import where
from ndgrad.rows import Op
from ndgrad.tensor import Tensor

__all__ = ["cdist", "dist", "lstsq", "matrix_norm", "matrix_rank", "norm", "p_norm", "pinv", "vector_norm"]

Axis = int | tuple[int, ...] | None
MatrixOrder = float | Literal["fro", "nuc"] | None

# -- vectors -----------------------------------------------------------------------------------------------------------


def _vector_norm_vjp(g: Tensor, x: Tensor, y: Tensor, axis: tuple[int, ...], keepdims: bool, ord: float) -> Tensor:
    """d|x|ₚ = sign(x) (|x| / |x|ₚ)ᵖ⁻¹ d|x|, and 0 where the norm is 0; ties of ±inf share the cotangent."""
    if not keepdims and axis:
        shape = tuple(1 if i in axis else n for i, n in enumerate(x.shape))
        g, y = reshape(g, shape), reshape(y, shape)
    if ord == 0:
        return 0 * x
    if ord == 1:
        return g * sign(x)
    if math.isinf(ord):
        size = abs(x)
        chosen = astype((size == y) | isnan(size), g.dtype)
        return sign(x) * (g / sum(chosen, axis=axis, keepdims=True) * chosen)
    safe = where(y == 0, 1 + 0 * y, y)
    scale = where(y == 0, 0 * g, g)
    if ord == 2:
        return x * (scale / safe)
    size = abs(x)
    if ord < 1 or ord % 1:  # a power of 0 that is infinite, or whose derivative may be
        hollow = size == 0
        ratio = pow(where(hollow, 1 + 0 * size, size) / safe, ord - 1)
        return sign(x) * where(hollow, 0 * ratio, ratio) * scale
    return x * (pow(size / safe, ord - 2) * (scale / safe))


def _vector_norm_samples(make: Any) -> list[Any]:
    orders = (1, 2, 3, 2.5, 0, math.inf, -math.inf, -1)
    over = ({"axis": None}, {"axis": -1, "keepdims": True})
    return [((make(3, 4, low=1.0 if p == -1 else -2.0),), {"ord": p, **kwargs}) for p in orders for kwargs in over]


VECTOR_NORM = Op(
    "linalg.vector_norm", accepts="floating", result="real", batch="axis", vjp=_vector_norm_vjp,
    samples=_vector_norm_samples,
)  # fmt: skip


@public(VECTOR_NORM)
def vector_norm(x: Tensor, /, *, axis: Axis = None, keepdims: bool = False, ord: float = 2) -> Tensor:
    """``sum(abs(x)**ord)**(1/ord)`` over ``axis``, by default over all; real.

    ``ord`` 0 counts the elements that are not 0, ±inf is the largest or smallest magnitude. The derivative at 0 is 0.

    Raises:
        IndexError: an axis out of range.

    Source: array API 2025.12, ``linalg.vector_norm``.

    >>> import ndgrad as nd
    >>> nd.linalg.vector_norm(nd.asarray([3.0, 4.0]))
    tensor(5.)
    """
    axes = normalize_axes("linalg.vector_norm", axis, x.ndim)
    if not axes:  # each element by itself
        x, axes, keepdims = expand_dims(x, axis=-1), (x.ndim,), False
    return apply(VECTOR_NORM, x, axis=axes, keepdims=keepdims, ord=ord)


# -- matrices ----------------------------------------------------------------------------------------------------------


def matrix_norm(
    x: Tensor, /, *, keepdims: bool = False, ord: MatrixOrder = "fro", axis: tuple[int, int] = (-2, -1)
) -> Tensor:
    """The norms of matrices (..., m, n), of shape (...) or (..., 1, 1); real. ``axis`` says where the matrices lie.

    ``ord``: "fro" Frobenius; "nuc" the sum, 2 and -2 the largest and smallest of the singular values; 1 and -1 the
    largest and smallest sum of a column's magnitudes, inf and -inf of a row's.

    Raises:
        LinAlgError: fewer than two dimensions.
        ValueError: an unknown order.

    Source: array API 2025.12, ``linalg.matrix_norm``.

    >>> import ndgrad as nd
    >>> nd.linalg.matrix_norm(nd.asarray([[3.0, 0.0], [0.0, 4.0]]), ord="nuc")
    tensor(7.)
    """
    check_dimensions("matrix_norm", x)
    axes = normalize_axes("linalg.matrix_norm", axis, x.ndim)
    if axes != (x.ndim - 2, x.ndim - 1):
        found = matrix_norm(moveaxis(x, axes, (-2, -1)), ord=ord)
        return expand_dims(found, axis=axes) if keepdims else found
    if ord in ("fro", None):
        return vector_norm(x, axis=(-2, -1), keepdims=keepdims)
    if ord == "nuc":
        found = sum(svdvals(x), axis=-1)
    elif ord in (2, -2):
        found = (max if ord == 2 else min)(svdvals(x), axis=-1)
    elif ord in (1, -1, math.inf, -math.inf):
        sums = sum(abs(x), axis=-2 if ord in (1, -1) else -1)
        found = (max if ord > 0 else min)(sums, axis=-1)
    else:
        raise ValueError(f"linalg.matrix_norm: ord is 'fro', 'nuc', ±1, ±2 or ±inf, got {ord!r}")
    return column(column(found)) if keepdims else found


def norm(x: Tensor, /, ord: MatrixOrder = None, axis: Axis = None, *, keepdims: bool = False) -> Tensor:
    """:func:`vector_norm`, or :func:`matrix_norm` when ``ord`` is given with two axes (or a matrix and no axis).

    With neither ``ord`` nor ``axis``: the 2-norm of all elements.

    Raises:
        ValueError: ``ord`` without ``axis`` for a tensor that is neither vector nor matrix, or an unknown order.

    Source: PyTorch, ``torch.linalg.norm``.

    >>> import ndgrad as nd
    >>> nd.linalg.norm(nd.asarray([[3.0, 4.0], [0.0, 0.0]]), 1)
    tensor(4.)
    """
    axes = normalize_axes("linalg.norm", axis, x.ndim)
    if ord is None:
        return vector_norm(x, axis=axis, keepdims=keepdims)
    if axis is None and x.ndim not in (1, 2):
        raise ValueError(f"linalg.norm: ord={ord!r} needs axis= for a tensor of shape {x.shape}")
    if len(axes) == 2:
        return matrix_norm(x, ord=ord, axis=axes, keepdims=keepdims)
    if isinstance(ord, str):
        raise ValueError(f"linalg.norm: {ord!r} is a norm of matrices, but axis={axis} of {x.shape} gives vectors")
    return vector_norm(x, axis=axis, keepdims=keepdims, ord=ord)


def p_norm(
    x: Tensor, /, p: float | Literal["fro", "nuc"] | None = "fro", *, axis: Axis = None, keepdims: bool = False
) -> Tensor:
    """``nd.norm``: the ``p``-norm of all elements, whatever the shape of ``x``, or of those over ``axis``.

    "fro" is 2; "nuc" the nuclear norm of the matrices in two axes. :func:`ndgrad.linalg.norm` sees a matrix as such.

    Source: PyTorch, ``torch.norm``.

    >>> import ndgrad as nd
    >>> nd.norm(nd.asarray([[3.0, 4.0], [0.0, 0.0]]), 1)
    tensor(7.)
    """
    if p == "nuc":
        return matrix_norm(x, ord=p, axis=(0, 1) if axis is None else axis, keepdims=keepdims)  # type: ignore[arg-type]
    if p not in (None, "fro") and not isinstance(p, (int, float)):
        raise ValueError(f"norm: p is a number, 'fro' or 'nuc', got {p!r}")
    return vector_norm(x, axis=axis, keepdims=keepdims, ord=p if isinstance(p, (int, float)) else 2)


def dist(x1: Tensor, x2: Tensor, /, p: float = 2) -> Tensor:
    """The ``p``-norm of ``x1 - x2``. Source: PyTorch, ``dist``."""
    return vector_norm(x1 - x2, ord=p)


def cdist(x1: Tensor, x2: Tensor, /, p: float = 2.0, compute_mode: Any = None) -> Tensor:
    """The ``p``-norms of the differences of each row of ``x1`` and each of ``x2``.

    (..., m, k) and (..., n, k) give (..., m, n). PyTorch's ``compute_mode`` is ignored. Source: PyTorch, ``cdist``.

    >>> import ndgrad as nd
    >>> nd.cdist(nd.asarray([[0.0, 0.0]]), nd.asarray([[3.0, 4.0]]))
    tensor([[5.]])
    """
    return vector_norm(expand_dims(x1, axis=-2) - expand_dims(x2, axis=-3), axis=-1, ord=p)


# -- ranks and pseudo-inverses -----------------------------------------------------------------------------------------


def _tolerance(x: Tensor, rtol: Any) -> Any:
    """The tolerance relative to the largest singular value, as a number or a tensor (..., 1)."""
    if rtol is None:
        m, n = x.shape[-2:]
        return (m if m > n else n) * 2.0 ** (-23 if x.dtype.to_real is float32 else -52)
    return column(rtol) if isinstance(rtol, Tensor) else rtol


Tolerance = float | Tensor | None


def matrix_rank(
    x: Tensor, /, tol: Tolerance = None, hermitian: bool = False, *, atol: Tolerance = None, rtol: Tolerance = None
) -> Tensor:
    """How many singular values exceed ``rtol`` times the largest one: int64, of shape (...) for matrices (..., m, n).

    ``rtol`` is by default max(m, n) times the dtype's epsilon; a tensor holds one per matrix. With ``atol``, or ``tol``
    as PyTorch's older form, they have to exceed that too. With ``hermitian`` magnitudes of eigenvalues are counted.

    Raises:
        LinAlgError: fewer than two dimensions.

    Source: array API 2025.12, ``linalg.matrix_rank``.

    >>> import ndgrad as nd
    >>> nd.linalg.matrix_rank(nd.ones((3, 3)))
    tensor(1)
    """
    check_matrix("matrix_rank", x)
    if 0 in x.shape[-2:]:
        return zeros(x.shape[:-2], dtype=int64, device=x.device)
    values = abs(eigvalsh(x.detach())) if hermitian else svdvals(x.detach())
    return sum(values > _bound(x, values, atol if tol is None else tol, rtol), axis=-1, dtype=int64)


def _bound(x: Tensor, values: Tensor, atol: Tolerance, rtol: Tolerance) -> Tensor:
    """What singular values (..., k) must exceed to count: (..., 1)."""
    if atol is None:
        return max(values, axis=-1, keepdims=True) * _tolerance(x, rtol)
    absolute = column(atol) if isinstance(atol, Tensor) else atol
    if rtol is None and (isinstance(atol, Tensor) or atol > 0):
        return absolute + 0 * max(values, axis=-1, keepdims=True)
    relative = max(values, axis=-1, keepdims=True) * _tolerance(x, rtol)
    return where(relative > absolute, relative, absolute)


def _pinv(x: Tensor, rtol: Tensor) -> Tensor:
    u, s, vh = svd(x, full_matrices=False)
    if 0 in s.shape:
        return adjoint(x) * 1
    kept = s > max(s, axis=-1, keepdims=True) * rtol
    inverse = where(kept, 1 / where(kept, s, 1 + 0 * s), 0 * s)
    return times_adjoint(adjoint(vh) * row(inverse), u)


def _pinv_vjp(g: Tensor, x: Tensor, y: Tensor) -> Tensor:
    # The derivative where the rank is constant; Golub and Pereyra, "The differentiation of pseudo-inverses" (1973).
    yh, gh = adjoint(y), adjoint(g)
    first = matmul(gh, times_adjoint(y, y))
    third = matmul(adjoint_times(y, y), gh)
    return (
        (first - matmul(x, matmul(y, first)))
        + (third - matmul(matmul(third, y), x))
        - matmul(yh, times_adjoint(g, y))
    )


PINV = Op(
    "linalg.pinv", ("x", "rtol"), accepts="single or double", namespace=None, batch="leading", decompose=_pinv,
    vjp=(_pinv_vjp, None), samples=lambda make: [((make(*s),), {}) for s in ((3, 3), (4, 2), (2, 3), (2, 3, 2))],
)  # fmt: skip


@public(PINV)
def pinv(
    x: Tensor, /, rcond: Tolerance = None, hermitian: bool = False, *, atol: Tolerance = None, rtol: Tolerance = None
) -> Tensor:
    """The Moore-Penrose pseudo-inverses (..., n, m) of matrices (..., m, n).

    Singular values up to ``rtol`` times the largest one (or ``rcond``, its older name), and up to ``atol``, count as 0;
    by default max(m, n) times the dtype's epsilon. Of ``hermitian`` matrices only the lower triangle is read.
    Differentiable where the rank is constant.

    Raises:
        LinAlgError: fewer than two dimensions.

    Source: array API 2025.12, ``linalg.pinv``.

    >>> import ndgrad as nd
    >>> nd.linalg.pinv(nd.asarray([[2.0, 0.0], [0.0, 0.0]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.0000]])
    """
    check_matrix("pinv", x)
    rtol = rcond if rtol is None else rtol
    if hermitian:
        lower = tril(x, k=-1)
        x = lower + adjoint(lower) + identity_like(x) * row(real(diagonal(x)))
    if atol is not None and 0 not in x.shape:
        values = svdvals(x.detach())
        largest = max(values, axis=-1, keepdims=True)
        rtol = (_bound(x, values, atol, rtol) / where(largest == 0, 1 + 0 * largest, largest))[..., 0]
    found = _tolerance(x, rtol)
    if not isinstance(found, Tensor):
        found = scalar_tensor(float(found), x._spec)
    return apply(PINV, x, real(found))


class LstsqResult(NamedTuple):
    """Results of :func:`lstsq`."""

    solution: Tensor
    residuals: Tensor
    rank: Tensor
    singular_values: Tensor


def lstsq(x1: Tensor, x2: Tensor, /, rcond: float | None = None) -> LstsqResult:
    """The ``x`` of least norm that minimizes ``|x1 @ x - x2|``, for (..., m, n) and (..., m, k), or (m, n) and (m,).

    Also the sums of squared residuals (..., k), empty unless m > n and the rank is n, which is taken for granted inside
    a transform; the rank; the singular values. Differentiable in the solution and the residuals.

    Raises:
        LinAlgError: fewer than two dimensions.
        ValueError: the shapes do not fit.

    Source: PyTorch, ``torch.linalg.lstsq``.

    >>> import ndgrad as nd
    >>> nd.linalg.lstsq(nd.asarray([[2.0], [0.0]]), nd.asarray([[4.0], [3.0]])).solution
    tensor([[2.]])
    """
    check_matrix("lstsq", x1)
    if x1.ndim == 2 and x2.ndim == 1:
        solution, residuals, *rest = lstsq(x1, column(x2), rcond)
        return LstsqResult(solution[:, 0], residuals, *rest)
    x1, x2 = promoted("linalg.lstsq", x1, check_matrix("lstsq", x2))
    m, n = x1.shape[-2:]
    solution = matmul(pinv(x1, rtol=rcond), x2)
    rank = matrix_rank(x1, rtol=rcond)
    if m > n and (rank.backend.level or bool(all(rank == n))):
        error = matmul(x1, solution) - x2
        residuals = sum(real(error * conj(error)), axis=-2)
    else:
        residuals = zeros((0,), dtype=x1.dtype.to_real, device=x1.device)
    return LstsqResult(solution, residuals, rank, svdvals(x1.detach()))
