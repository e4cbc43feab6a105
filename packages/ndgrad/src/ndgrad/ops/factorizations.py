"""LU factorization, and what is solved or built by factors: PyTorch's names beyond the standard's ``linalg``."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from ndgrad.dispatch import apply, astype, public
from ndgrad.dtypes import int32, int64
from ndgrad.errors import LinAlgError
from ndgrad.ops.conversion import asarray
from ndgrad.ops.creation import arange, eye, tril, triu, zeros
from ndgrad.ops.decompositions import cholesky
from ndgrad.ops.elementwise import abs, imag, real
from ndgrad.ops.gathering import take_along_axis
from ndgrad.ops.linalg import check_matrix, column, inv, row, solve
from ndgrad.ops.manipulation import broadcast_shapes, broadcast_to, concat, reshape, stack
from ndgrad.ops.matrix_functions import solve_triangular
from ndgrad.ops.products import adjoint as adjoint_of
from ndgrad.ops.products import adjoint_times, matrix_transpose, promoted, times_adjoint
from ndgrad.ops.rearrangement import diagonal
from ndgrad.ops.searching import argmax, where
from ndgrad.ops.sorting import argsort
from ndgrad.ops.transfer import clone
from ndgrad.rows import Op
from ndgrad.tensor import Tensor

__all__ = [
    "cholesky_ex", "cholesky_inverse", "cholesky_solve", "inv_ex", "legacy_lu", "legacy_lu_solve", "lu", "lu_factor",
    "lu_factor_ex", "lu_solve", "lu_unpack", "packed_lu", "solve_ex", "triangular_solve",
]  # fmt: skip

# -- LU ----------------------------------------------------------------------------------------------------------------


def _eliminate(x: Tensor, pivot: bool) -> tuple[Tensor, Tensor]:
    """Gauss's elimination with the largest element of each column as pivot, one column after the other."""
    m, n = x.shape[-2:]
    rows, columns = (arange(size, device=x.device) for size in (m, n))
    pivots = []
    for i in range(min(m, n)):
        if pivot:
            place = column(argmax(where(rows >= i, _size(x[..., i]), -1.0), axis=-1))
            pivots.append(place[..., 0])
            order = where(rows == place, i, where(rows == i, place, rows))
            x = take_along_axis(x, broadcast_to(column(order), x.shape), axis=-2)
        head = column(x[..., i, i])
        factors = where(rows > i, x[..., i] / where(head == 0, 1 + 0 * head, head), 0.0)
        reduced = x - column(factors) * row(where(columns > i, x[..., i, :], 0.0))
        x = where((column(rows) > i) & (columns == i), column(factors), reduced)
    if pivots:
        return x, stack(pivots, axis=-1)
    return x, broadcast_to(arange(min(m, n), device=x.device), (*x.shape[:-2], min(m, n)))


def _size(x: Tensor) -> Tensor:
    """What LAPACK compares."""
    return abs(real(x)) + abs(imag(x)) if x.dtype.is_complex else abs(x)


def order_of(pivots: Tensor, rows: int) -> Tensor:
    """The order of rows that so many exchanges, of each row with a later one, lead to: (..., k) to (..., rows)."""
    places = arange(rows, device=pivots.device)
    order = broadcast_to(places, (*pivots.shape[:-1], rows))
    for i in range(pivots.shape[-1]):
        other = pivots[..., i : i + 1]
        there = take_along_axis(order, other, axis=-1)
        order = where(places == i, there, where(places == other, order[..., i : i + 1], order))
    return order


def _in_order(x: Tensor, order: Tensor) -> Tensor:
    """Matrices with their rows in another order."""
    shape = (*broadcast_shapes(x.shape[:-2], order.shape[:-1]), *x.shape[-2:])
    return take_along_axis(broadcast_to(x, shape), broadcast_to(column(order), shape), axis=-2)


def _lower(packed: Tensor) -> Tensor:
    """L, with ones on its diagonal."""
    k = packed.shape[-1] if packed.shape[-1] < packed.shape[-2] else packed.shape[-2]
    square = packed[..., :k]
    return tril(square, k=-1) + eye(packed.shape[-2], k, dtype=packed.dtype, device=packed.device)


def _upper(packed: Tensor) -> Tensor:
    """U."""
    k = packed.shape[-1] if packed.shape[-1] < packed.shape[-2] else packed.shape[-2]
    return triu(packed[..., :k, :])


def _lu_vjp(g: Any, y: Any) -> Tensor:
    # dA = dL U + L dU for the square part gives L⁻¹ dA U⁻¹ = L⁻¹ dL + dU U⁻¹, strictly lower and upper. The columns
    # beside it are L U2, the rows below it L2 U.
    packed, pivots = y
    m, n = packed.shape[-2:]
    k = m if m < n else n
    lower, upper = _lower(packed[..., :k, :k]), triu(packed[..., :k, :k])
    of_lower, of_upper = tril(g[0][..., :k, :k], k=-1), triu(g[0][..., :k, :k])
    beside = below = None
    if n > k:
        beside = solve_triangular(adjoint_of(lower), g[0][..., :k, k:], upper=True, unitriangular=True)
        of_lower = of_lower - times_adjoint(beside, packed[..., :k, k:])
    if m > k:
        below = solve_triangular(adjoint_of(upper), g[0][..., k:, :k], upper=False, left=False)
        of_upper = of_upper - adjoint_times(packed[..., k:, :k], below)
    core = tril(adjoint_times(lower, of_lower), k=-1) + triu(times_adjoint(of_upper, upper))
    core = solve_triangular(adjoint_of(upper), core, upper=False, left=False)
    found = solve_triangular(adjoint_of(lower), core, upper=True, unitriangular=True)
    if beside is not None:
        found = concat([found, beside], axis=-1)
    if below is not None:
        found = concat([found, below], axis=-2)
    return _in_order(found, argsort(order_of(pivots, m), axis=-1))


PACKED_LU = Op(
    "linalg.packed_lu", namespace=None, accepts="single or double", result=("same", "index"), batch="leading",
    decompose=_eliminate,
    vjp=_lu_vjp,
    samples=lambda make: [
        ((make(*shape) + 2 * eye(*shape[-2:], dtype=make(1).dtype, device=make(1).device),), {"pivot": pivot})
        for shape in ((3, 3), (2, 2, 2), (2, 4), (4, 2), (1, 1)) for pivot in (True, False)
    ],
)  # fmt: skip


@public(PACKED_LU)
def packed_lu(x: Tensor, /, *, pivot: bool = True) -> tuple[Tensor, Tensor]:
    """L below the diagonal and U on it and above, and which row each row of U was exchanged with, counted from 0.

    Shape (..., m, n) gives (..., m, n) and int64 (..., min(m, n)). The other functions of LU are made of this one.

    Raises:
        LinAlgError: fewer than two dimensions.
        TypeError: not of a dtype float32, float64, complex64 or complex128.
    """
    packed, pivots = apply(PACKED_LU, check_matrix("lu", x), pivot=bool(pivot))
    return packed, pivots


class LUResult(NamedTuple):
    """Factors of :func:`lu`."""

    P: Tensor
    L: Tensor
    U: Tensor


class LUFactorResult(NamedTuple):
    """Results of :func:`lu_factor`."""

    LU: Tensor
    pivots: Tensor


class LUFactorExResult(NamedTuple):
    """Results of :func:`lu_factor_ex`."""

    LU: Tensor
    pivots: Tensor
    info: Tensor


def _permutation(order: Tensor, like: Tensor) -> Tensor:
    """The matrix P whose product with a matrix puts its rows back from this order."""
    places = arange(order.shape[-1], device=order.device)
    return astype(column(places) == row(order), like.dtype)


def lu(x: Tensor, /, *, pivot: bool = True) -> LUResult:
    """``x = P @ L @ U`` with a permutation, ones on the diagonal of the lower triangle L, and an upper triangle U.

    Shape (..., m, n) gives P (..., m, m), L (..., m, k) and U (..., k, n), where k is min(m, n). Without ``pivot`` P is
    empty and ``x = L @ U``.

    Raises:
        LinAlgError: fewer than two dimensions.

    Source: PyTorch, ``torch.linalg.lu``.

    >>> import ndgrad as nd
    >>> nd.linalg.lu(nd.asarray([[1.0, 2.0], [2.0, 2.0]]))
    LUResult(P=tensor([[0., 1.],
            [1., 0.]]), L=tensor([[1.0000, 0.0000],
            [0.5000, 1.0000]]), U=tensor([[2., 2.],
            [0., 1.]]))
    """
    packed, pivots = packed_lu(x, pivot=pivot)
    p = _permutation(order_of(pivots, x.shape[-2]), x) if pivot else zeros((0,), dtype=x.dtype, device=x.device)
    return LUResult(p, _lower(packed), _upper(packed))


def lu_factor(x: Tensor, /, *, pivot: bool = True) -> LUFactorResult:
    """L and U in one matrix, and the exchanges of rows, counted from 1 as in LAPACK: what :func:`lu_solve` takes.

    Raises:
        LinAlgError: fewer than two dimensions.

    Source: PyTorch, ``torch.linalg.lu_factor``.
    """
    packed, pivots = packed_lu(x, pivot=pivot)
    return LUFactorResult(packed, astype(pivots + 1, int32))


def lu_factor_ex(x: Tensor, /, *, pivot: bool = True, check_errors: bool = False) -> LUFactorExResult:
    """:func:`lu_factor`, and the number of the first zero on the diagonal of U, 0 if there is none.

    Raises:
        LinAlgError: there is one, and ``check_errors`` is true.

    Source: PyTorch, ``torch.linalg.lu_factor_ex``.
    """
    packed, pivots = lu_factor(x, pivot=pivot)
    info = _first(diagonal(packed.detach(), 0, -2, -1) == 0)
    return LUFactorExResult(packed, pivots, _checked("lu_factor_ex", info, "is singular", check_errors))


def _first(flags: Tensor) -> Tensor:
    """The number, from 1, of the first true one along the last axis; 0 if there is none."""
    if not flags.shape[-1]:
        return zeros(flags.shape[:-1], dtype=int32, device=flags.device)
    number = where(flags, arange(1, flags.shape[-1] + 1, device=flags.device), 0)
    return astype(take_along_axis(number, column(argmax(astype(flags, int32), axis=-1)), axis=-1)[..., 0], int32)


def _checked(name: str, info: Tensor, what: str, check_errors: bool) -> Tensor:
    if check_errors and bool((info != 0).any()):
        raise LinAlgError(f"linalg.{name}: a matrix {what}; info is {info.tolist()}")
    return info


def lu_unpack(LU_data: Tensor, LU_pivots: Tensor, /, unpack_data: bool = True, unpack_pivots: bool = True) -> LUResult:
    """P, L and U of what :func:`lu_factor` returns; empty tensors in place of what is not asked for.

    Source: PyTorch, ``torch.lu_unpack``.
    """
    empty = zeros((0,), dtype=LU_data.dtype, device=LU_data.device)
    p = _permutation(order_of(_from_0(LU_pivots), LU_data.shape[-2]), LU_data) if unpack_pivots else empty
    return LUResult(p, *((_lower(LU_data), _upper(LU_data)) if unpack_data else (empty, empty)))


def _from_0(pivots: Tensor) -> Tensor:
    return astype(pivots, int64) - 1


def lu_solve(LU: Tensor, pivots: Tensor, B: Tensor, /, *, left: bool = True, adjoint: bool = False) -> Tensor:
    """The ``X`` of ``A @ X = B``, for what :func:`lu_factor` returned for A; of ``X @ A = B`` if not ``left``.

    With ``adjoint``, A is replaced by its conjugate transpose.

    Raises:
        LinAlgError: A is not square, or singular.
        ValueError: the shapes do not fit.

    Source: PyTorch, ``torch.linalg.lu_solve``.

    >>> import ndgrad as nd
    >>> a = nd.asarray([[1.0, 2.0], [2.0, 2.0]])
    >>> nd.linalg.lu_solve(*nd.linalg.lu_factor(a), nd.asarray([[5.0], [6.0]]))
    tensor([[1.],
            [2.]])
    """
    check_matrix("lu_solve", LU, square=True)
    LU, B = promoted("linalg.lu_solve", LU, check_matrix("lu_solve", B))
    n = LU.shape[-1]
    if B.shape[-2 if left else -1] != n:
        raise ValueError(
            f"linalg.lu_solve: shapes {LU.shape} and {B.shape} do not fit: B is (..., n, k), or (..., k, n) for "
            "left=False, for LU of (..., n, n)"
        )
    if not left:
        return adjoint_of(lu_solve(LU, pivots, adjoint_of(B), adjoint=not adjoint))
    order = order_of(_from_0(pivots), n)
    if adjoint:
        inner = solve_triangular(adjoint_of(triu(LU)), B, upper=False)
        inner = solve_triangular(adjoint_of(tril(LU)), inner, upper=True, unitriangular=True)
        return _in_order(inner, argsort(order, axis=-1))
    inner = solve_triangular(LU, _in_order(B, order), upper=False, unitriangular=True)
    return solve_triangular(LU, inner, upper=True)


def legacy_lu(x: Tensor, /, *, pivot: bool = True, get_infos: bool = False) -> Any:
    """``nd.lu``: :func:`lu_factor` under PyTorch's older name; with ``get_infos``, :func:`lu_factor_ex`."""
    if not get_infos:
        return lu_factor(x, pivot=pivot)
    return lu_factor_ex(x, pivot=pivot)


def legacy_lu_solve(b: Tensor, LU_data: Tensor, LU_pivots: Tensor, /) -> Tensor:
    """``nd.lu_solve``: ``linalg.lu_solve`` with the right-hand side first. Source: PyTorch, ``torch.lu_solve``."""
    return lu_solve(LU_data, LU_pivots, b)


# -- results with a word on their failure ------------------------------------------------------------------------------


class CholeskyExResult(NamedTuple):
    """Results of :func:`cholesky_ex`."""

    L: Tensor
    info: Tensor


class InvExResult(NamedTuple):
    """Results of :func:`inv_ex`."""

    inverse: Tensor
    info: Tensor


class SolveExResult(NamedTuple):
    """Results of :func:`solve_ex`."""

    result: Tensor
    info: Tensor


def _one_by_one(
    function: Callable[..., Tensor], x: Tensor, others: tuple[Tensor, ...], failing: Callable[[Tensor], int]
) -> tuple[Tensor, Tensor]:
    """The function of each matrix by itself, NaN for those it fails for, and what ``failing`` says of these."""
    batch = x.shape[:-2]
    count = math.prod(batch)
    matrices = reshape(x, (count, *x.shape[-2:]))
    rest = [reshape(broadcast_to(o, (*batch, *o.shape[-2:])), (count, *o.shape[-2:])) for o in others]
    found, info = [], []
    for i in range(count):
        arguments = [matrices[i], *[o[i] for o in rest]]
        try:
            found.append(function(*arguments))
            info.append(0)
        except LinAlgError:
            found.append(arguments[-1] * float("nan"))
            info.append(failing(arguments[0].detach()))
    result = stack(found)
    return (
        reshape(result, (*batch, *result.shape[1:])),
        reshape(asarray(info, dtype=int32, device=x.device), batch),
    )


def _with_info(
    name: str, what: str, function: Callable[..., Tensor], failing: Callable[[Tensor], int], check_errors: bool,
    x: Tensor, *others: Tensor,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    try:
        return function(x, *others), zeros(x.shape[:-2], dtype=int32, device=x.device)
    except LinAlgError:
        found, info = _one_by_one(function, x, others, failing)
        return found, _checked(name, info, what, check_errors)


def _singular_at(x: Tensor) -> int:
    return int(lu_factor_ex(x).info) or x.shape[-1]


def _indefinite_at(x: Tensor) -> int:
    for k in range(1, x.shape[-1] + 1):
        try:
            cholesky(x[:k, :k])
        except LinAlgError:
            return k
    return x.shape[-1]


def cholesky_ex(x: Tensor, /, *, upper: bool = False, check_errors: bool = False) -> CholeskyExResult:
    """:func:`cholesky`, and for each matrix the order of the first minor that is not positive definite, else 0.

    The factor of a matrix that has none is NaN.

    Raises:
        LinAlgError: a matrix is not square; or has no factor, and ``check_errors`` is true.

    Source: PyTorch, ``torch.linalg.cholesky_ex``.

    >>> import ndgrad as nd
    >>> nd.linalg.cholesky_ex(nd.asarray([[1.0, 2.0], [2.0, 1.0]])).info
    tensor(2, dtype=ndgrad.int32)
    """
    check_matrix("cholesky_ex", x, square=True)

    def factor(a: Tensor) -> Tensor:
        return cholesky(a, upper=upper)

    return CholeskyExResult(
        *_with_info("cholesky_ex", "is not positive definite", factor, _indefinite_at, check_errors, x)
    )


def inv_ex(x: Tensor, /, *, check_errors: bool = False) -> InvExResult:
    """:func:`inv`, and for each matrix 0 or, where it is singular, which pivot is 0; its inverse is NaN.

    Raises:
        LinAlgError: a matrix is not square; or singular, and ``check_errors`` is true.

    Source: PyTorch, ``torch.linalg.inv_ex``.
    """
    check_matrix("inv_ex", x, square=True)
    return InvExResult(*_with_info("inv_ex", "is singular", inv, _singular_at, check_errors, x))


def solve_ex(A: Tensor, B: Tensor, /, *, left: bool = True, check_errors: bool = False) -> SolveExResult:
    """:func:`solve`, and for each matrix 0 or, where it is singular, which pivot is 0; its solution is NaN.

    ``B`` holds matrices, or a vector for each matrix of ``A``; not ``left`` is ``X @ A = B``.

    Raises:
        LinAlgError: a matrix is not square; or singular, and ``check_errors`` is true.

    Source: PyTorch, ``torch.linalg.solve_ex``.
    """
    check_matrix("solve_ex", A, square=True)
    if B.ndim == 1 or (B.ndim == A.ndim - 1 and B.shape == A.shape[:-1]):  # a vector for each matrix
        found, info = solve_ex(A, column(B), left=left, check_errors=check_errors)
        return SolveExResult(found[..., 0], info)
    if not left:
        found, info = solve_ex(adjoint_of(A), adjoint_of(B), check_errors=check_errors)
        return SolveExResult(adjoint_of(found), info)
    return SolveExResult(*_with_info("solve_ex", "is singular", solve, _singular_at, check_errors, A, B))


# -- systems solved by a Cholesky factor, triangular systems -----------------------------------------------------------


def cholesky_solve(B: Tensor, L: Tensor, /, upper: bool = False) -> Tensor:
    """The ``X`` of ``A @ X = B``, for the Cholesky factor ``L`` of A, upper triangular if ``upper``.

    Raises:
        LinAlgError: ``L`` is not square, or singular.

    Source: PyTorch, ``torch.cholesky_solve``.

    >>> import ndgrad as nd
    >>> nd.cholesky_solve(nd.asarray([[4.0], [9.0]]), nd.asarray([[2.0, 0.0], [0.0, 3.0]]))
    tensor([[1.],
            [1.]])
    """
    check_matrix("cholesky_solve", L, square=True)
    lower = adjoint_of(triu(L)) if upper else tril(L)
    return solve_triangular(adjoint_of(lower), solve_triangular(lower, B, upper=False), upper=True)


def cholesky_inverse(L: Tensor, /, upper: bool = False) -> Tensor:
    """The inverse of the matrix whose Cholesky factor is ``L``, upper triangular if ``upper``.

    Raises:
        LinAlgError: ``L`` is not square, or singular.

    Source: PyTorch, ``torch.cholesky_inverse``.
    """
    check_matrix("cholesky_inverse", L, square=True)
    inverse = inv(adjoint_of(triu(L)) if upper else tril(L))
    return adjoint_times(inverse, inverse)


class TriangularSolveResult(NamedTuple):
    """Results of :func:`triangular_solve`."""

    solution: Tensor
    cloned_coefficient: Tensor


def triangular_solve(
    b: Tensor, A: Tensor, /, upper: bool = True, transpose: bool = False, unitriangular: bool = False
) -> TriangularSolveResult:
    """``linalg.solve_triangular`` in its older form: the right-hand side first, and A returned too. Source: PyTorch."""
    a = matrix_transpose(A) if transpose else A
    return TriangularSolveResult(
        solve_triangular(a, b, upper=upper != transpose, unitriangular=unitriangular), clone(A)
    )
