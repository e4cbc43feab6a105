"""Beyond the standard: the exponential of a matrix, triangular systems, condition numbers."""

from __future__ import annotations

from typing import Any, Final, Literal

from ndgrad.dispatch import apply, astype, public
from ndgrad.dtypes import int64
from ndgrad.ops.creation import tril, triu, zeros_like
from ndgrad.ops.decompositions import svdvals
from ndgrad.ops.elementwise import abs, ceil, isfinite, log2
from ndgrad.ops.linalg import check_matrix, identity_like, inv, solve
from ndgrad.ops.manipulation import concat, expand_dims
from ndgrad.ops.norms import matrix_norm
from ndgrad.ops.products import adjoint, matmul, matrix_transpose
from ndgrad.ops.reductions import max, sum
from ndgrad.ops.searching import where
from ndgrad.rows import Op
from ndgrad.tensor import Tensor

__all__ = ["cond", "matrix_exp", "solve_triangular"]

# -- the exponential ---------------------------------------------------------------------------------------------------

# The numerator of the [13/13] Pade approximant of exp, and the norm up to which it is exact to double precision:
# N. J. Higham, "The scaling and squaring method for the matrix exponential revisited", SIAM Journal on Matrix Analysis
# and Applications 26 (2005), 1179-1193, table 2.3 and equation 2.3.
_NUMERATOR: Final = [
    b / 64764752532480000
    for b in (
        64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
        670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
    )
]  # fmt: skip
_RADIUS: Final = 5.371920351148152


def _by_scaling_and_squaring(x: Tensor) -> Tensor:
    if x.size == 0:
        return zeros_like(x)
    norm = max(sum(abs(x), axis=-2), axis=-1)
    squarings = ceil(log2(where(isfinite(norm) & (norm > _RADIUS), norm / _RADIUS, 1.0)))
    y = _pade(x * expand_dims(2.0**-squarings, axis=(-2, -1)))
    squarings = expand_dims(astype(squarings, int64), axis=(-2, -1))
    for i in range(int(max(squarings))):
        y = where(squarings > i, matmul(y, y), y)
    return y


def _pade(x: Tensor) -> Tensor:
    b, one = _NUMERATOR, identity_like(x)
    x2 = matmul(x, x)
    x4 = matmul(x2, x2)
    x6 = matmul(x4, x2)
    odd = matmul(x6, b[13] * x6 + b[11] * x4 + b[9] * x2) + b[7] * x6 + b[5] * x4 + b[3] * x2 + b[1] * one
    odd = matmul(x, odd)
    even = matmul(x6, b[12] * x6 + b[10] * x4 + b[8] * x2) + b[6] * x6 + b[4] * x4 + b[2] * x2 + b[0] * one
    return solve(even - odd, even + odd)


def _derivative(x: Tensor, direction: Tensor) -> Tensor:
    """The derivative of the exponential at ``x``: the upper right block of exp([[x, direction], [0, x]]).

    I. Najfeld and T. F. Havel, "Derivatives of the matrix exponential and their computation", Advances in Applied
    Mathematics 16 (1995), 321-375.
    """
    n = x.shape[-1]
    block = concat([concat([x, direction], axis=-1), concat([zeros_like(x), x], axis=-1)], axis=-2)
    return apply(MATRIX_EXP, block)[..., :n, n:]


MATRIX_EXP = Op(
    "linalg.matrix_exp", namespace=None, accepts="single or double", batch="leading",
    decompose=_by_scaling_and_squaring, vjp=lambda g, x: _derivative(adjoint(x), g),
    jvp=lambda primals, tangents, result: _derivative(primals[0], tangents[0]),
    samples=lambda make: [((make(3, 3),), {}), ((make(2, 2, 2) * 8.0,), {})],
)  # fmt: skip


@public(MATRIX_EXP)
def matrix_exp(x: Tensor, /) -> Tensor:
    """The exponential of square matrices, the limit of ``I + x + x @ x / 2 + ...``.

    Raises:
        LinAlgError: not square.
        TypeError: not of a dtype float32, float64, complex64 or complex128.

    Source: PyTorch, ``torch.linalg.matrix_exp``; Higham (2005).

    >>> import ndgrad as nd
    >>> nd.linalg.matrix_exp(nd.asarray([[0.0, 1.0], [0.0, 0.0]]))
    tensor([[1., 1.],
            [0., 1.]])
    """
    return apply(MATRIX_EXP, check_matrix("matrix_exp", x, square=True))


# -- systems and condition ---------------------------------------------------------------------------------------------


def solve_triangular(
    x1: Tensor, x2: Tensor, /, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Tensor:
    """The ``x`` of ``x1 @ x = x2``, or of ``x @ x1 = x2`` if not ``left``, where one triangle of ``x1`` is read.

    With ``unitriangular`` its diagonal is taken to be 1.

    Raises:
        LinAlgError: ``x1`` is not square, or has a zero on its diagonal.

    Source: PyTorch, ``torch.linalg.solve_triangular``.

    >>> import ndgrad as nd
    >>> nd.linalg.solve_triangular(nd.asarray([[2.0, 0.0], [1.0, 1.0]]), nd.asarray([[2.0], [3.0]]), upper=False)
    tensor([[1.],
            [2.]])
    """
    check_matrix("solve_triangular", x1, square=True)
    triangle, k = (triu, 1) if upper else (tril, -1)
    a = triangle(x1, k=k) + identity_like(x1) if unitriangular else triangle(x1)
    return solve(a, x2) if left else matrix_transpose(solve(matrix_transpose(a), matrix_transpose(x2)))


def cond(x: Tensor, /, p: float | Literal["fro", "nuc"] | None = None) -> Tensor:
    """The condition number in a norm: that of the matrix times that of its inverse; by default the 2-norm's.

    Raises:
        LinAlgError: a singular matrix in another norm than 2 and -2, for which it is infinite.

    Source: NumPy and PyTorch, ``linalg.cond``.

    >>> import ndgrad as nd
    >>> nd.linalg.cond(nd.asarray([[4.0, 0.0], [0.0, 2.0]]))
    tensor(2.)
    """
    check_matrix("cond", x)
    if p is None or p in (2, -2):
        values = svdvals(x)
        largest, smallest = values[..., 0], values[..., -1]
        return smallest / largest if p == -2 else largest / smallest
    order: Any = p
    return matrix_norm(x, ord=order) * matrix_norm(inv(x), ord=order)
