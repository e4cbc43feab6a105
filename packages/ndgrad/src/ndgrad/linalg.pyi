"""The names of ndgrad.linalg. Written by stubs.py, for type checkers and editors."""

from collections.abc import Sequence as _Sequence
from ndgrad.ops.decompositions import SVDResult as _SVDResult
from ndgrad.ops.norms import Axis as _Axis
from ndgrad.ops.norms import MatrixOrder as _MatrixOrder
from ndgrad.tensor import Tensor as _Tensor
import builtins as _builtins

from ndgrad.errors import LinAlgError as LinAlgError
from ndgrad.ops.decompositions import cholesky as cholesky
from ndgrad.ops.factorizations import cholesky_ex as cholesky_ex
from ndgrad.ops.matrix_functions import cond as cond
def cross(x1: _Tensor, x2: _Tensor, /, axis: _builtins.int = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _Tensor: ...
from ndgrad.ops.linalg import det as det
from ndgrad.ops.linalg import diagonal as diagonal
from ndgrad.ops.decompositions import eig as eig
from ndgrad.ops.decompositions import eigh as eigh
from ndgrad.ops.decompositions import eigvals as eigvals
from ndgrad.ops.decompositions import eigvalsh as eigvalsh
from ndgrad.ops.reflections import householder_product as householder_product
from ndgrad.ops.linalg import inv as inv
from ndgrad.ops.factorizations import inv_ex as inv_ex
from ndgrad.ops.norms import lstsq as lstsq
from ndgrad.ops.factorizations import lu as lu
from ndgrad.ops.factorizations import lu_factor as lu_factor
from ndgrad.ops.factorizations import lu_factor_ex as lu_factor_ex
from ndgrad.ops.factorizations import lu_solve as lu_solve
from ndgrad.ops.products import matmul as matmul
from ndgrad.ops.matrix_functions import matrix_exp as matrix_exp
def matrix_norm(x: _Tensor, /, ord: _MatrixOrder = ..., axis: _builtins.tuple[_builtins.int, _builtins.int] = ..., keepdims: _builtins.bool = ..., *, dim: _builtins.tuple[_builtins.int, _builtins.int] = ..., keepdim: _builtins.bool = ..., dims: _builtins.tuple[_builtins.int, _builtins.int] = ..., dimension: _builtins.tuple[_builtins.int, _builtins.int] = ...) -> _Tensor: ...
from ndgrad.ops.linalg import matrix_power as matrix_power
from ndgrad.ops.norms import matrix_rank as matrix_rank
from ndgrad.ops.products import matrix_transpose as matrix_transpose
from ndgrad.ops.einsum import multi_dot as multi_dot
def norm(x: _Tensor, /, ord: _MatrixOrder = ..., axis: _Axis = ..., keepdims: _builtins.bool = ..., *, dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ...) -> _Tensor: ...
from ndgrad.ops.products import outer as outer
from ndgrad.ops.norms import pinv as pinv
from ndgrad.ops.decompositions import qr as qr
from ndgrad.ops.linalg import slogdet as slogdet
from ndgrad.ops.linalg import solve as solve
from ndgrad.ops.factorizations import solve_ex as solve_ex
from ndgrad.ops.matrix_functions import solve_triangular as solve_triangular
def svd(x: _Tensor, /, full_matrices: _builtins.bool = ...) -> _SVDResult: ...
from ndgrad.ops.decompositions import svdvals as svdvals
def tensordot(x1: _Tensor, x2: _Tensor, /, axes: _builtins.int | _Sequence[_builtins.int] | _Sequence[_Sequence[_builtins.int]] = ..., *, dim: _builtins.int | _Sequence[_builtins.int] | _Sequence[_Sequence[_builtins.int]] = ..., dims: _builtins.int | _Sequence[_builtins.int] | _Sequence[_Sequence[_builtins.int]] = ...) -> _Tensor: ...
from ndgrad.ops.tensor_equations import tensorinv as tensorinv
from ndgrad.ops.tensor_equations import tensorsolve as tensorsolve
from ndgrad.ops.linalg import trace as trace
from ndgrad.ops.tensor_equations import linalg_vander as vander
def vecdot(x1: _Tensor, x2: _Tensor, /, axis: _builtins.int = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _Tensor: ...
def vector_norm(x: _Tensor, /, ord: _builtins.float = ..., axis: _Axis = ..., keepdims: _builtins.bool = ..., *, dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ...) -> _Tensor: ...
__all__ = ['LinAlgError', 'cholesky', 'cholesky_ex', 'cond', 'cross', 'det', 'diagonal', 'eig', 'eigh', 'eigvals', 'eigvalsh', 'householder_product', 'inv', 'inv_ex', 'lstsq', 'lu', 'lu_factor', 'lu_factor_ex', 'lu_solve', 'matmul', 'matrix_exp', 'matrix_norm', 'matrix_power', 'matrix_rank', 'matrix_transpose', 'multi_dot', 'norm', 'outer', 'pinv', 'qr', 'slogdet', 'solve', 'solve_ex', 'solve_triangular', 'svd', 'svdvals', 'tensordot', 'tensorinv', 'tensorsolve', 'trace', 'vander', 'vecdot', 'vector_norm']
