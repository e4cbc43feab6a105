"""Linear algebra: the array API's extension "linalg", 2025.12, and what PyTorch adds to it, all differentiable."""

from ndgrad.aliases import respell as _respell
from ndgrad.deferred import deferring as _deferring
from ndgrad.errors import LinAlgError
from ndgrad.explaining import explain_errors as _explain_errors
from ndgrad.ops.decompositions import cholesky, eig, eigh, eigvals, eigvalsh, qr, svd, svdvals
from ndgrad.ops.einsum import multi_dot
from ndgrad.ops.linalg import det, diagonal, inv, matrix_power, slogdet, solve, trace
from ndgrad.ops.matrix_functions import cond, matrix_exp, solve_triangular
from ndgrad.ops.norms import lstsq, matrix_norm, matrix_rank, norm, pinv, vector_norm
from ndgrad.ops.products import cross, matmul, matrix_transpose, outer, tensordot, vecdot

__all__ = [
    "LinAlgError", "cholesky", "cholesky_ex", "cond", "cross", "det", "diagonal", "eig", "eigh", "eigvals", "eigvalsh",
    "householder_product", "inv", "inv_ex", "lstsq", "lu", "lu_factor", "lu_factor_ex", "lu_solve", "matmul",
    "matrix_exp", "matrix_norm", "matrix_power", "matrix_rank", "matrix_transpose", "multi_dot", "norm", "outer",
    "pinv", "qr", "slogdet", "solve", "solve_ex", "solve_triangular", "svd", "svdvals", "tensordot", "tensorinv",
    "tensorsolve", "trace", "vander", "vecdot", "vector_norm",
]  # fmt: skip

_respell(globals(), "linalg.")
_explain_errors(globals(), "linalg.")
__getattr__, __dir__ = _deferring(globals(), "linalg.")
