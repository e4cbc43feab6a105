"""Diagonals, determinants, inverses and linear systems: array API 2025.12, extension "linalg"."""

from __future__ import annotations

from typing import Any, NamedTuple

from ndgrad.dispatch import apply, astype, public
from ndgrad.dtypes import DType, float32
from ndgrad.errors import LinAlgError
from ndgrad.graph import is_grad_enabled
from ndgrad.ops import rearrangement
from ndgrad.ops.creation import eye
from ndgrad.ops.elementwise import abs, conj, imag
from ndgrad.ops.manipulation import broadcast_to, expand_dims
from ndgrad.ops.products import adjoint, adjoint_times, matmul, matrix_transpose, promoted, times_adjoint
from ndgrad.ops.reductions import max, prod, sum, sum_to_shape
from ndgrad.ops.searching import where
from ndgrad.rows import Op
from ndgrad.tensor import Tensor

__all__ = ["det", "diagonal", "inv", "logdet", "matrix_power", "slogdet", "solve", "trace"]

# -- what all of them check --------------------------------------------------------------------------------------------


def check_matrix(name: str, x: Tensor, *, square: bool = False) -> Tensor:
    """Refuse what is no (square) matrix of a dtype that linear algebra is done in.

    Raises:
        TypeError: not a tensor, or of another dtype than float32, float64, complex64, complex128.
        LinAlgError: fewer than two dimensions, or not square.
    """
    if not isinstance(x, Tensor):
        raise TypeError(f"linalg.{name} takes a tensor, got {type(x).__name__}; write nd.asarray(...) around it")
    check_precise(name, x.dtype)
    check_dimensions(name, x)
    if square and x.shape[-1] != x.shape[-2]:
        raise LinAlgError(f"linalg.{name}: the last two axes must be equally long, got shape {x.shape}")
    return x


def check_dimensions(name: str, x: Tensor) -> None:
    """Refuse vectors and scalars."""
    if x.ndim < 2:
        raise LinAlgError(f"linalg.{name}: a matrix has two or more dimensions, got shape {x.shape}")


def check_precise(name: str, dtype: DType) -> None:
    """Refuse integers and halves."""
    if not dtype.is_inexact or dtype.itemsize < 4:
        raise TypeError(
            f"linalg.{name} takes float32, float64, complex64 or complex128, got {dtype.name}; "
            "convert first, for example x.to(nd.float32)"
        )


def run(op: Op, *operands: Tensor, **params: Any) -> Any:
    """:func:`apply`, with a library's complaint about the matrix as our :class:`LinAlgError`."""
    try:
        return apply(op, *operands, **params)
    except Exception as error:
        if type(error).__name__ != "LinAlgError" or isinstance(error, LinAlgError):
            raise
        shapes = " and ".join(str(x.shape) for x in operands)
        raise LinAlgError(f"{op.name}: {str(error).lower()}; got shape {shapes}") from error


# -- diagonals ---------------------------------------------------------------------------------------------------------


def identity_like(x: Tensor) -> Tensor:
    """A real identity matrix of the size of ``x``'s last axis."""
    return eye(x.shape[-1], dtype=x.dtype.to_real, device=x.device)


def row(x: Tensor) -> Tensor:
    """Vectors (..., n) as rows (..., 1, n)."""
    return expand_dims(x, axis=-2)


def column(x: Tensor) -> Tensor:
    """Vectors (..., n) as columns (..., n, 1)."""
    return expand_dims(x, axis=-1)


def diagonal(x: Tensor, /, *, offset: int = 0) -> Tensor:
    """A view of the diagonals of matrices (..., m, n); ``offset`` counts from the main one, positive above it.

    Raises:
        LinAlgError: fewer than two dimensions.

    Source: array API 2025.12, ``linalg.diagonal``.

    >>> import ndgrad as nd
    >>> nd.linalg.diagonal(nd.asarray([[1, 2], [3, 4]]))
    tensor([1, 4])
    """
    check_dimensions("diagonal", x)
    return rearrangement.diagonal(x, offset, -2, -1)


def trace(x: Tensor, /, *, offset: int = 0, dtype: Any = None) -> Tensor:
    """Sum along the diagonals of matrices (..., m, n), of shape (...).

    Integers are summed as :func:`ndgrad.sum` sums them, unless ``dtype`` says otherwise.

    Raises:
        LinAlgError: fewer than two dimensions.

    Source: array API 2025.12, ``linalg.trace``.

    >>> import ndgrad as nd
    >>> nd.linalg.trace(nd.asarray([[1, 2], [3, 4]]))
    tensor(5)
    """
    check_dimensions("trace", x)
    return sum(diagonal(x, offset=offset), axis=-1, dtype=dtype)


# -- inverses and systems ----------------------------------------------------------------------------------------------


def _square_samples(make: Any) -> list[Any]:
    return [((_regular(make, *shape),), {}) for shape in ((3, 3), (2, 2, 2), (1, 1))]


def _regular(make: Any, *shape: int) -> Tensor:
    """Random matrices that are far from singular."""
    x: Tensor = make(*shape)
    return x + 4 * identity_like(x) if x.dtype.is_inexact else x


INV = Op(
    "linalg.inv", accepts="single or double", batch="leading", samples=_square_samples,
    vjp=lambda g, y: -times_adjoint(adjoint_times(y, g), y),
)  # fmt: skip


@public(INV)
def inv(x: Tensor, /) -> Tensor:
    """The inverses of matrices (..., n, n).

    Raises:
        LinAlgError: a matrix is not square, or singular.

    Source: array API 2025.12, ``linalg.inv``.

    >>> import ndgrad as nd
    >>> nd.linalg.inv(nd.asarray([[2.0, 0.0], [0.0, 4.0]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.2500]])
    """
    return run(INV, check_matrix("inv", x, square=True))


def _solve_vjp(g: Tensor, x1: Tensor, y: Tensor, shapes: Any, needs: Any) -> tuple[Any, Any]:
    of_x2 = solve(adjoint(x1), g)
    of_x1 = sum_to_shape(-times_adjoint(of_x2, y), shapes[0]) if needs[0] else None
    return of_x1, sum_to_shape(of_x2, shapes[1]) if needs[1] else None


SOLVE = Op(
    "linalg.solve", ("x1", "x2"), accepts="single or double", batch="leading", vjp_all=_solve_vjp,
    samples=lambda make: [
        ((_regular(make, *a), make(*b)), {})
        for a, b in (((3, 3), (3, 2)), ((3, 3), (3,)), ((2, 2, 2), (2, 1)), ((2, 2), (3, 2, 2)), ((2, 2, 2), (2,)))
    ],
)  # fmt: skip


@public(SOLVE)
def solve(x1: Tensor, x2: Tensor, /) -> Tensor:
    """The solution of ``x1 @ x = x2`` for square ``x1``, (..., n, n).

    ``x2`` is a vector (n,) or matrices (..., n, k); leading axes broadcast.

    Raises:
        LinAlgError: a matrix is not square, or singular.
        ValueError: the shapes do not fit.

    Source: array API 2025.12, ``linalg.solve``.

    >>> import ndgrad as nd
    >>> nd.linalg.solve(nd.asarray([[2.0, 0.0], [0.0, 4.0]]), nd.asarray([2.0, 2.0]))
    tensor([1.0000, 0.5000])
    """
    x1, x2 = promoted("linalg.solve", check_matrix("solve", x1, square=True), x2)
    check_precise("solve", x2.dtype)
    if x2.ndim == 0 or x2.shape[0 if x2.ndim == 1 else -2] != x1.shape[-1]:
        raise LinAlgError(
            f"linalg.solve: shapes {x1.shape} and {x2.shape} do not fit: "
            "x2 is (n,) or (..., n, k) for x1 of (..., n, n)"
        )
    if x2.ndim == 1:
        return run(SOLVE, x1, column(x2))[..., 0]
    return run(SOLVE, x1, x2)


def solve_right(x: Tensor, a: Tensor) -> Tensor:
    """``x @ inv(a)``."""
    return adjoint(solve(adjoint(a), adjoint(x)))


# -- determinants ------------------------------------------------------------------------------------------------------


def _cofactors(x: Tensor, det_x: Tensor) -> Tensor:
    """The conjugated derivative of the determinant with respect to each element."""
    try:
        inverse = inv(x)
    except LinAlgError:
        return apply(COFACTORS, x)
    if is_grad_enabled() and _nearly_singular(x, inverse):
        return apply(COFACTORS, x)
    return adjoint(inverse) * conj(column(column(det_x)))


def _nearly_singular(x: Tensor, inverse: Tensor) -> bool:
    """Whether the derivative of det(x) inv(x) would be a difference of huge numbers."""
    if x.backend.level or not x.size:
        return False  # inside vmap or jvp there are no values to look at
    condition = float(max(abs(x.detach()))) * float(max(abs(inverse.detach())))
    return not condition < (1e3 if x.dtype.to_real is float32 else 1e7)


def _cofactors_of_singular(x: Tensor) -> Tensor:
    # The cofactors of a product are the product of the cofactors; for x = U S Vᴴ those of S are products of the others.
    u, s, vh = _svd(x)
    one = identity_like(s)
    others = prod(where(one != 0, one, row(s)), axis=-1)
    return matmul(u * row(others * _phase(u, vh)), vh)


def _cofactors_vjp(g: Tensor, x: Tensor) -> Tensor:
    # With t, the cofactors of S + t M change by -M[j, i] P[i, j], and on the diagonal by the sum of M[k, k] P[i, k]
    # over k, where P[i, j] is the product of the singular values other than i and j.
    u, s, vh = _svd(x)
    m = times_adjoint(adjoint_times(u, g), vh)
    one = identity_like(s)
    left_out = expand_dims(one, axis=-2) + expand_dims(one, axis=-3)
    pairs = (1 - one) * prod(where(left_out != 0, 1 + 0 * left_out, row(row(s))), axis=-1)
    change = one * matmul(astype(pairs, m.dtype), column(diagonal(m))) - pairs * matrix_transpose(m)
    return matmul(matmul(u * row(0 * s + _phase(u, vh)), conj(change)), vh)


def _svd(x: Tensor) -> Any:
    from ndgrad.ops.decompositions import svd

    return svd(x)


def _phase(u: Tensor, vh: Tensor) -> Tensor:
    return conj(column(det(u) * det(vh)))


COFACTORS = Op(
    "linalg.cofactors", accepts="single or double", namespace=None, batch="leading", decompose=_cofactors_of_singular,
    vjp=_cofactors_vjp, samples=lambda make: [((make(3, 3),), {}), ((make(2, 2, 2),), {}), ((make(1, 1),), {})],
)  # fmt: skip


def _det_vjp(g: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return column(column(g)) * _cofactors(x, y)


DET = Op("linalg.det", accepts="single or double", batch="leading", vjp=_det_vjp, samples=_square_samples)


@public(DET)
def det(x: Tensor, /) -> Tensor:
    """The determinants of matrices (..., n, n), of shape (...).

    Its derivative exists at singular matrices too.

    Raises:
        LinAlgError: a matrix is not square.

    Source: array API 2025.12, ``linalg.det``.

    >>> import ndgrad as nd
    >>> nd.linalg.det(nd.asarray([[2.0, 0.0], [0.0, 4.0]]))
    tensor(8.)
    """
    return run(DET, check_matrix("det", x, square=True))


class SlogdetResult(NamedTuple):
    """Results of :func:`slogdet`."""

    sign: Tensor
    logabsdet: Tensor


def _slogdet_vjp(g: Any, x: Tensor, y: Any) -> Tensor:
    (of_sign, of_log), (sign, _) = g, y
    if of_sign is None or not x.dtype.is_complex:
        weight = of_log
    else:
        turn = 1j * imag(of_sign * conj(sign))
        weight = turn if of_log is None else of_log + turn
    if weight is None:  # the sign of a real determinant is constant
        return 0 * x
    return column(column(weight)) * adjoint(inv(x))


SLOGDET = Op(
    "linalg.slogdet", accepts="single or double", result=("same", "real"), batch="leading", vjp=_slogdet_vjp,
    samples=_square_samples,
)  # fmt: skip


@public(SLOGDET)
def slogdet(x: Tensor, /) -> SlogdetResult:
    """Sign (a phase for complex matrices) and logarithm of the absolute value of the determinant of (..., n, n).

    A singular matrix has sign 0 and logarithm -inf; there the derivative does not exist and the backward pass raises.

    Raises:
        LinAlgError: a matrix is not square.

    Source: array API 2025.12, ``linalg.slogdet``.

    >>> import ndgrad as nd
    >>> nd.linalg.slogdet(nd.asarray([[0.0, 1.0], [1.0, 0.0]]))
    SlogdetResult(sign=tensor(-1.), logabsdet=tensor(0.))
    """
    return SlogdetResult(*run(SLOGDET, check_matrix("slogdet", x, square=True)))


# -- powers ------------------------------------------------------------------------------------------------------------


def logdet(x: Tensor, /) -> Tensor:
    """The logarithm of the determinants of matrices, NaN for negative ones. Source: PyTorch, ``logdet``."""
    from ndgrad.ops.elementwise import log

    sign, logabsdet = slogdet(x)
    return log(sign) + logabsdet


def matrix_power(x: Tensor, n: int, /) -> Tensor:
    """``x @ x @ ... @ x``, ``n`` times, by repeated squaring; of the inverse for negative ``n``.

    Raises:
        LinAlgError: a matrix is not square, or singular with ``n`` negative.
        TypeError: ``n`` is no integer.

    Source: array API 2025.12, ``linalg.matrix_power``.

    >>> import ndgrad as nd
    >>> nd.linalg.matrix_power(nd.asarray([[1.0, 1.0], [0.0, 1.0]]), 5)
    tensor([[1., 5.],
            [0., 1.]])
    """
    check_matrix("matrix_power", x, square=True)
    if not isinstance(n, int):
        raise TypeError(f"linalg.matrix_power: n is an integer, got {type(n).__name__}")
    if n == 0:
        one = eye(x.shape[-1], dtype=x.dtype, device=x.device)
        return broadcast_to(one, x.shape) + 0  # a tensor of its own, not a view of one identity for all
    square, result = inv(x) if n < 0 else x, None
    n = -n if n < 0 else n
    while True:
        if n & 1:
            result = square if result is None else matmul(result, square)
        n >>= 1
        if not n:
            return result * 1 if result is x else result  # type: ignore[return-value]
        square = matmul(square, square)
