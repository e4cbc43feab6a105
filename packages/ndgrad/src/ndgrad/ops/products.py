"""Products of vectors and matrices: array API 2025.12, "Linear Algebra Functions", and PyTorch's short names for them.

The product of matrices is three rows that differentiate into each other: ``a @ b``, ``a @ bᴴ`` and ``aᴴ @ b``. So a
backward pass never transposes or copies an operand by itself; what the BLAS reads transposed costs nothing.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

from ndgrad.dispatch import apply, astype, binary, public
from ndgrad.dtypes import promote
from ndgrad.ops.elementwise import conj, multiply
from ndgrad.ops.elementwise.arithmetic import scaled
from ndgrad.ops.manipulation import broadcast_arrays, expand_dims, permute_dims, reshape
from ndgrad.ops.reductions import normalize_axes, sum, sum_to_shape
from ndgrad.rows import Op
from ndgrad.tensor import Tensor

__all__ = [
    "addbmm", "addmm", "addr", "bmm", "cross", "dot", "inner", "kron", "matmul", "matrix_transpose", "mm", "mv",
    "outer", "tensordot", "vecdot",
]  # fmt: skip

F = TypeVar("F", bound=Callable[..., Any])
Shape = tuple[int, ...]
Shapes = tuple[Shape, Shape] | None  # of two operands; None where they are equal

def _product_rule(op: Callable[[], Op]) -> Callable[..., Any]:
    """The tangent of a product: that of the first factor times the second, and the other way round."""

    def jvp(primals: Any, tangents: Any, result: Any, **params: Any) -> Any:
        (x1, x2), (t1, t2) = primals, tangents
        first = None if t1 is None else apply(op(), t1, x2, **params)
        second = None if t2 is None else apply(op(), x1, t2, **params)
        return second if first is None else first if second is None else first + second

    return jvp


# -- the matrix product ------------------------------------------------------------------------------------------------


def _matmul_first(g: Tensor, x2: Tensor, shapes: Shapes) -> Tensor:
    if g.ndim == 2 and x2.ndim == 2:
        return times_adjoint(g, x2)
    shape1, shape2 = shapes or (x2.shape, x2.shape)
    g = _as_matrices(g, shape1, shape2)
    return _fit(times_adjoint(g, _column(x2)), (1, *shape1)[-max(2, len(shape1)) :], shape1)


def _matmul_second(g: Tensor, x1: Tensor, shapes: Shapes) -> Tensor:
    if g.ndim == 2 and x1.ndim == 2:
        return adjoint_times(x1, g)
    shape1, shape2 = shapes or (x1.shape, x1.shape)
    g = _as_matrices(g, shape1, shape2)
    x1 = expand_dims(x1, axis=0) if x1.ndim == 1 else x1
    if len(shape2) <= 2 and x1.ndim > 2:  # one matrix for all: one large product in place of a sum of small ones
        x1, g = (reshape(x, (math.prod(x.shape[:-1]), x.shape[-1])) for x in (x1, g))
    return _fit(adjoint_times(x1, g), shape2 if len(shape2) > 1 else (*shape2, 1), shape2)


def _as_matrices(g: Tensor, shape1: Shape, shape2: Shape) -> Tensor:
    """The cotangent of ``x1 @ x2`` with the axes that one-dimensional operands lack."""
    g = expand_dims(g, axis=-1) if len(shape2) == 1 else g
    return expand_dims(g, axis=-2) if len(shape1) == 1 else g


def _column(x: Tensor) -> Tensor:
    return expand_dims(x, axis=-1) if x.ndim == 1 else x


def _fit(g: Tensor, matrix_shape: Shape, shape: Shape) -> Tensor:
    return reshaped(sum_to_shape(g, matrix_shape), shape)


def _hot(op: Op) -> Callable[[F], F]:
    """Put the short path of two operands in the place of the decorated function, whose body is empty."""

    def mark(function: F) -> F:
        return cast(F, public(op)(functools.update_wrapper(binary(op), function)))

    return mark


def _sum_back(g: Tensor, shapes: Shapes, i: int) -> Tensor:
    return g if shapes is None or g.shape == shapes[i] else sum_to_shape(g, shapes[i])


def _misfit(x1: Any, x2: Any, error: ValueError) -> ValueError:
    """What a user reads when a kernel refuses two shapes."""
    shape1, shape2 = getattr(x1, "shape", ()), getattr(x2, "shape", ())
    if not shape1 or not shape2:
        return ValueError(f"matmul: operands need one or more dimensions, got {shape1} and {shape2}; write x1 * x2")
    last, first = shape1[-1], shape2[-2 if len(shape2) > 1 else -1]
    if last != first:
        return ValueError(
            f"matmul: shapes {shape1} and {shape2} do not fit: the last axis of x1 ({last}) must equal "
            f"{'the second to last' if len(shape2) > 1 else 'the only'} axis of x2 ({first})"
        )
    if any(m != n and 1 not in (m, n) for m, n in zip(shape1[-3::-1], shape2[-3::-1], strict=False)):
        return ValueError(f"matmul: the leading axes of shapes {shape1} and {shape2} do not broadcast")
    return error


def _matmul_samples(make: Any) -> list[Any]:
    shapes = [
        ((3, 4), (4, 2)), ((4,), (4,)), ((3, 4), (4,)), ((4,), (4, 2)), ((2, 3, 4), (4, 2)), ((3, 4), (2, 4, 2)),
        ((2, 1, 3, 4), (5, 4, 2)), ((2, 3, 4), (4,)), ((4,), (2, 4, 3)), ((0, 4), (4, 2)), ((3, 0), (0, 2)),
    ]  # fmt: skip
    return [((make(*a), make(*b)), {}) for a, b in shapes]


MATMUL = Op(
    "matmul", ("x1", "x2"), accepts="numeric", samples=_matmul_samples,
    vjp=(_matmul_first, _matmul_second), misfit=_misfit,
    jvp=_product_rule(lambda: MATMUL),
)  # fmt: skip

def _two_matrices(first: bool) -> Callable[[Any], list[Any]]:
    """Samples for the product in which the first, or the second, operand is transposed."""
    shapes = [((3, 4), (4, 2)), ((2, 3, 4), (4, 2)), ((3, 4), (2, 4, 2)), ((2, 1, 3, 4), (5, 4, 2)), ((0, 4), (4, 2))]

    def turned(shape: Shape) -> Shape:
        return (*shape[:-2], shape[-1], shape[-2])

    return lambda make: [
        ((make(*(turned(a) if first else a)), make(*(b if first else turned(b)))), {}) for a, b in shapes
    ]


# x1 @ x2ᴴ and x1ᴴ @ x2, of two or more dimensions.
MATMUL_ADJOINT = Op(
    "matmul_adjoint", ("x1", "x2"), accepts="numeric", batch="leading", namespace=None, samples=_two_matrices(False),
    jvp=_product_rule(lambda: MATMUL_ADJOINT),
    decompose=lambda x1, x2: matmul(x1, adjoint(x2)),
    vjp=(
        lambda g, x2, shapes: _sum_back(matmul(g, x2), shapes, 0),
        lambda g, x1, shapes: _sum_back(adjoint_times(g, x1), shapes, 1),
    ),
)  # fmt: skip
ADJOINT_MATMUL = Op(
    "adjoint_matmul", ("x1", "x2"), accepts="numeric", batch="leading", namespace=None, samples=_two_matrices(True),
    jvp=_product_rule(lambda: ADJOINT_MATMUL),
    decompose=lambda x1, x2: matmul(adjoint(x1), x2),
    vjp=(
        lambda g, x2, shapes: _sum_back(times_adjoint(x2, g), shapes, 0),
        lambda g, x1, shapes: _sum_back(matmul(x1, g), shapes, 1),
    ),
)  # fmt: skip
times_adjoint, adjoint_times = binary(MATMUL_ADJOINT), binary(ADJOINT_MATMUL)


@_hot(MATMUL)
def matmul(x1: Tensor, x2: Tensor, /) -> Tensor:
    """Matrix product; a one-dimensional operand is a row on the left and a column on the right.

    Shapes (..., n, k) and (..., k, m) give (..., n, m), the leading axes broadcast. On the CPU float16 and bfloat16 are
    accumulated in float32.

    Raises:
        ValueError: a 0-d operand, or shapes that do not fit.

    Source: array API 2025.12, ``matmul``.

    >>> import ndgrad as nd
    >>> nd.matmul(nd.asarray([[1.0, 2.0], [3.0, 4.0]]), nd.asarray([1.0, 1.0]))
    tensor([3., 7.])
    """


MATRIX_TRANSPOSE = Op(
    "matrix_transpose", view=True, linear=True, batch="leading", vjp=lambda g: matrix_transpose(g),
    samples=lambda make: [((make(3, 4),), {}), ((make(2, 3, 4),), {}), ((make(2, 0, 4),), {})],
)  # fmt: skip


@public(MATRIX_TRANSPOSE)
def matrix_transpose(x: Tensor, /) -> Tensor:
    """A view with the last two axes exchanged.

    Raises:
        ValueError: fewer than two dimensions.

    Source: array API 2025.12, ``matrix_transpose``.

    >>> import ndgrad as nd
    >>> nd.matrix_transpose(nd.asarray([[1, 2], [3, 4]]))
    tensor([[1, 3],
            [2, 4]])
    """
    if x.ndim < 2:
        raise ValueError(f"matrix_transpose: a matrix has two or more dimensions, got shape {x.shape}")
    return apply(MATRIX_TRANSPOSE, x)


def adjoint(x: Tensor) -> Tensor:
    """The conjugate of the transpose."""
    return conj(matrix_transpose(x))


# -- products of vectors -----------------------------------------------------------------------------------------------


VECDOT = Op(
    "vecdot", ("x1", "x2"), accepts="numeric", batch="leading", jvp=_product_rule(lambda: VECDOT),
    vjp=(
        lambda g, x2, x1_shape, axis: sum_to_shape(conj(expand_dims(g, axis=axis)) * x2, x1_shape),
        lambda g, x1, x2_shape, axis: sum_to_shape(expand_dims(g, axis=axis) * x1, x2_shape),
    ),
    samples=lambda make: [
        ((make(3), make(3)), {}), ((make(2, 3), make(3)), {}), ((make(3, 1, 2), make(3, 4, 2)), {"axis": -3}),
    ],
)  # fmt: skip


@public(VECDOT)
def vecdot(x1: Tensor, x2: Tensor, /, *, axis: int = -1) -> Tensor:
    """Sum of ``conj(x1) * x2`` over one axis; the other axes broadcast.

    Raises:
        IndexError: ``axis`` out of range for an operand.
        ValueError: the operands' lengths along ``axis`` differ, or their shapes do not broadcast.

    Source: array API 2025.12, ``vecdot``.

    >>> import ndgrad as nd
    >>> nd.vecdot(nd.asarray([[1.0, 2.0], [3.0, 4.0]]), nd.asarray([1.0, 1.0]))
    tensor([3., 7.])
    """
    x1, x2 = promoted("vecdot", x1, x2)
    if axis >= 0:  # counted from the front it names an axis of the broadcast shape
        axis -= max(x1.ndim, x2.ndim)
    for x in (x1, x2):
        if not -x.ndim <= axis < 0:
            raise IndexError(f"vecdot: axis {axis} is out of range for shapes {x1.shape} and {x2.shape}")
    if x1.shape[axis] != x2.shape[axis]:
        raise ValueError(f"vecdot: shapes {x1.shape} and {x2.shape} differ in length along axis {axis}")
    return apply(VECDOT, x1, x2, axis=axis)


def promoted(name: str, x1: Tensor, x2: Tensor) -> tuple[Tensor, Tensor]:
    """Two tensors in the dtype they promote to."""
    for x in (x1, x2):
        if not isinstance(x, Tensor):
            raise TypeError(f"{name} takes two tensors, got {type(x).__name__}; write nd.asarray(...) around it")
    dtype = promote(x1.dtype, x2.dtype)
    return astype(x1, dtype), astype(x2, dtype)


CROSS = Op(
    "linalg.cross", ("x1", "x2"), accepts="numeric", batch="leading", jvp=_product_rule(lambda: CROSS),
    vjp=(lambda g, x2, axis: cross(conj(x2), g, axis=axis), lambda g, x1, axis: cross(g, conj(x1), axis=axis)),
    samples=lambda make: [
        ((make(3), make(3)), {}), ((make(2, 3), make(3)), {}), ((make(3, 4), make(3, 1)), {"axis": 0}),
    ],
)  # fmt: skip


@public(CROSS)
def cross(x1: Tensor, x2: Tensor, /, *, axis: int = -1) -> Tensor:
    """Vector product of the 3-vectors along ``axis``; the other axes broadcast.

    Raises:
        ValueError: an operand's length along ``axis`` is not 3.

    Source: array API 2025.12, ``linalg.cross``.

    >>> import ndgrad as nd
    >>> nd.linalg.cross(nd.asarray([1.0, 0.0, 0.0]), nd.asarray([0.0, 1.0, 0.0]))
    tensor([0., 0., 1.])
    """
    x1, x2 = promoted("cross", x1, x2)
    (last,) = normalize_axes("cross", axis, max(x1.ndim, x2.ndim))
    last -= max(x1.ndim, x2.ndim)
    if any(x.ndim < -last or x.shape[last] != 3 for x in (x1, x2)):
        raise ValueError(f"cross: shapes {x1.shape} and {x2.shape} must have length 3 along axis {axis}")
    x1, x2 = broadcast_arrays(x1, x2)
    return apply(CROSS, x1, x2, axis=last)


def dot(x1: Tensor, x2: Tensor, /) -> Tensor:
    """Sum of the products of two vectors, without conjugation: PyTorch's ``dot``.

    Raises:
        ValueError: an operand is not one-dimensional, or the lengths differ.

    >>> import ndgrad as nd
    >>> nd.dot(nd.asarray([1.0, 2.0]), nd.asarray([3.0, 4.0]))
    tensor(11.)
    """
    return _product("dot", x1, x2, 1, 1)


def vdot(x1: Tensor, x2: Tensor, /) -> Tensor:
    """:func:`dot` with the conjugate of ``x1``. Source: NumPy and PyTorch, ``vdot``."""
    return dot(conj(x1), x2)


def inner(x1: Tensor, x2: Tensor, /) -> Tensor:
    """Sum of products over the last axes of both operands: (..., k) and (***, k) give (..., ***).

    A 0-d operand multiplies. Source: NumPy, ``inner``; PyTorch, ``inner``.

    >>> import ndgrad as nd
    >>> nd.inner(nd.asarray([[1.0, 2.0]]), nd.asarray([3.0, 4.0]))
    tensor([11.])
    """
    if x1.ndim == 0 or x2.ndim == 0:
        return multiply(x1, x2)
    return tensordot(x1, x2, axes=((-1,), (-1,)))


def outer(x1: Tensor, x2: Tensor, /) -> Tensor:
    """All products of the elements of two vectors: shapes (n,) and (m,) give (n, m).

    Raises:
        ValueError: an operand is not one-dimensional.

    Source: array API 2025.12, ``linalg.outer``.

    >>> import ndgrad as nd
    >>> nd.outer(nd.asarray([1, 2]), nd.asarray([3, 4]))
    tensor([[3, 4],
            [6, 8]])
    """
    _check_ndim("outer", x1, x2, 1, 1)
    return multiply(expand_dims(x1, axis=1), x2)


def kron(x1: Tensor, x2: Tensor, /) -> Tensor:
    """Kronecker product: ``x1`` with each element replaced by its product with ``x2``.

    Shapes (a, b) and (c, d) give (a*c, b*d); missing leading axes have length 1. Source: NumPy, ``kron``.

    >>> import ndgrad as nd
    >>> nd.kron(nd.asarray([[1, 2]]), nd.asarray([[1], [1]]))
    tensor([[1, 2],
            [1, 2]])
    """
    n = max(x1.ndim, x2.ndim)
    shape1, shape2 = ((1,) * (n - x.ndim) + x.shape for x in (x1, x2))
    wide1 = reshape(x1, tuple(k for m in shape1 for k in (m, 1)))
    wide2 = reshape(x2, tuple(k for m in shape2 for k in (1, m)))
    return reshape(multiply(wide1, wide2), tuple(a * b for a, b in zip(shape1, shape2, strict=True)))


# -- contractions over several axes ------------------------------------------------------------------------------------


def tensordot(x1: Tensor, x2: Tensor, /, *, axes: int | Sequence[int] | Sequence[Sequence[int]] = 2) -> Tensor:
    """Sum of products over the last ``axes`` axes of ``x1`` and the first of ``x2``, or over two lists of axes.

    The result has the other axes of ``x1``, then those of ``x2``.

    Raises:
        IndexError: an axis out of range.
        ValueError: the lists differ in length, name an axis twice, or pair axes of unequal lengths.

    Source: array API 2025.12, ``tensordot``.

    >>> import ndgrad as nd
    >>> nd.tensordot(nd.ones((2, 3, 4)), nd.ones((4, 3)), axes=([1, 2], [1, 0]))
    tensor([12., 12.])
    """
    x1, x2 = promoted("tensordot", x1, x2)
    axes1, axes2 = _contracted(x1, x2, axes)
    if any(x1.shape[i] != x2.shape[j] for i, j in zip(axes1, axes2, strict=True)):
        raise ValueError(
            f"tensordot: shapes {x1.shape} and {x2.shape} differ in length along the paired axes {axes1} and {axes2}"
        )
    free1, free2 = (tuple(i for i in range(x.ndim) if i not in a) for x, a in ((x1, axes1), (x2, axes2)))
    shape1, shape2 = tuple(x1.shape[i] for i in free1), tuple(x2.shape[i] for i in free2)
    length = math.prod(x1.shape[i] for i in axes1)
    left = reshaped(_permuted(x1, (*free1, *axes1)), (math.prod(shape1), length))
    right = reshaped(_permuted(x2, (*axes2, *free2)), (length, math.prod(shape2)))
    return reshaped(matmul(left, right), shape1 + shape2)


def _contracted(x1: Tensor, x2: Tensor, axes: Any) -> tuple[Shape, Shape]:
    if isinstance(axes, int):
        if not 0 <= axes <= min(x1.ndim, x2.ndim):
            raise ValueError(f"tensordot: axes={axes} with operands of {x1.ndim} and {x2.ndim} dimensions")
        return tuple(range(x1.ndim - axes, x1.ndim)), tuple(range(axes))
    first, second = ((a,) if isinstance(a, int) else tuple(a) for a in axes)
    if len(first) != len(second):
        raise ValueError(f"tensordot: axes pairs {len(first)} axes of x1 with {len(second)} of x2")
    return normalize_axes("tensordot", first, x1.ndim), normalize_axes("tensordot", second, x2.ndim)


def reshaped(x: Tensor, shape: Shape) -> Tensor:
    """``x`` in ``shape``; ``x`` itself if it has that shape."""
    return x if x.shape == shape else reshape(x, shape)


def _permuted(x: Tensor, axes: Shape) -> Tensor:
    return x if axes == tuple(range(len(axes))) else permute_dims(x, axes)


# -- PyTorch's products of fixed dimensions ----------------------------------------------------------------------------


def _check_ndim(name: str, x1: Tensor, x2: Tensor, ndim1: int, ndim2: int) -> None:
    if x1.ndim != ndim1 or x2.ndim != ndim2:
        raise ValueError(
            f"{name} takes operands of {ndim1} and {ndim2} dimensions, got shapes {x1.shape} and {x2.shape}; "
            "nd.matmul takes any"
        )


def _product(name: str, x1: Tensor, x2: Tensor, ndim1: int, ndim2: int) -> Tensor:
    _check_ndim(name, x1, x2, ndim1, ndim2)
    return matmul(x1, x2)


def mm(x1: Tensor, x2: Tensor, /) -> Tensor:
    """:func:`matmul` of two matrices, (n, k) and (k, m).

    Raises:
        ValueError: an operand has another number of dimensions.
    """
    return _product("mm", x1, x2, 2, 2)


def bmm(x1: Tensor, x2: Tensor, /) -> Tensor:
    """:func:`matmul` of two batches of matrices, (b, n, k) and (b, k, m).

    Raises:
        ValueError: an operand has another number of dimensions, or the batches differ in length.
    """
    if x1.ndim == x2.ndim == 3 and x1.shape[0] != x2.shape[0]:
        raise ValueError(f"bmm: batches of {x1.shape[0]} and {x2.shape[0]} matrices; nd.matmul broadcasts")
    return _product("bmm", x1, x2, 3, 3)


def mv(x1: Tensor, x2: Tensor, /) -> Tensor:
    """:func:`matmul` of a matrix (n, k) and a vector (k,).

    Raises:
        ValueError: an operand has another number of dimensions.
    """
    return _product("mv", x1, x2, 2, 1)


def addmm(x: Tensor, x1: Tensor, x2: Tensor, /, *, beta: float | Tensor = 1, alpha: float | Tensor = 1) -> Tensor:
    """``beta * x + alpha * (x1 @ x2)``; ``x`` broadcasts, and is not looked at when ``beta`` is 0.

    Source: PyTorch, ``addmm``.

    >>> import ndgrad as nd
    >>> nd.addmm(nd.asarray([1.0]), nd.ones((2, 3)), nd.ones((3, 1)))
    tensor([[4.],
            [4.]])
    """
    return _added(x, mm(x1, x2), beta, alpha)


def addmv(x: Tensor, x1: Tensor, x2: Tensor, /, *, beta: float | Tensor = 1, alpha: float | Tensor = 1) -> Tensor:
    """``beta * x + alpha * (x1 @ x2)`` for a matrix and a vector. Source: PyTorch, ``addmv``."""
    return _added(x, mv(x1, x2), beta, alpha)


def baddbmm(x: Tensor, x1: Tensor, x2: Tensor, /, *, beta: float | Tensor = 1, alpha: float | Tensor = 1) -> Tensor:
    """``beta * x + alpha * (x1 @ x2)`` for stacks of matrices. Source: PyTorch, ``baddbmm``."""
    return _added(x, bmm(x1, x2), beta, alpha)


def addbmm(x: Tensor, x1: Tensor, x2: Tensor, /, *, beta: float | Tensor = 1, alpha: float | Tensor = 1) -> Tensor:
    """:func:`addmm` of the sum of the products of a stack. Source: PyTorch, ``addbmm``."""
    products = bmm(x1, x2)
    return _added(x, sum(products, axis=0, dtype=products.dtype), beta, alpha)


def addr(x: Tensor, x1: Tensor, x2: Tensor, /, *, beta: float | Tensor = 1, alpha: float | Tensor = 1) -> Tensor:
    """:func:`addmm` for the outer product of vectors. Source: PyTorch, ``addr``."""
    return _added(x, outer(x1, x2), beta, alpha)


def _added(x: Tensor, product: Tensor, beta: float | Tensor, alpha: float | Tensor) -> Tensor:
    product = scaled(product, alpha)
    return product if not isinstance(beta, Tensor) and beta == 0 else product + scaled(x, beta)
