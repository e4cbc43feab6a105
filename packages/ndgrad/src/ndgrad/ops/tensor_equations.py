"""Linear equations between tensors of any rank, and matrices of powers: NumPy's and PyTorch's names."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ndgrad.errors import LinAlgError
from ndgrad.ops.creation import ones_like
from ndgrad.ops.cumulative import cumulative_prod
from ndgrad.ops.linalg import inv, solve
from ndgrad.ops.manipulation import broadcast_to, concat, expand_dims, flip, moveaxis, reshape
from ndgrad.tensor import Tensor

__all__ = ["linalg_vander", "tensorinv", "tensorsolve", "vander"]


def tensorsolve(A: Tensor, B: Tensor, /, dims: Sequence[int] | None = None) -> Tensor:
    """The ``X`` of ``tensordot(A, X, X.ndim) = B``; ``dims`` are axes of ``A`` to be moved to its end first.

    Raises:
        LinAlgError: ``A`` is not square when it is laid out as a matrix, or singular.

    Source: NumPy and PyTorch, ``linalg.tensorsolve``.

    >>> import ndgrad as nd
    >>> nd.linalg.tensorsolve(nd.reshape(2 * nd.eye(6), (2, 3, 6)), nd.ones((2, 3)))
    tensor([0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000])
    """
    if dims is not None:
        A = moveaxis(A, tuple(dims), tuple(range(A.ndim - len(dims), A.ndim)))
    left, right = A.shape[: B.ndim], A.shape[B.ndim :]
    if math.prod(left) != math.prod(right) or math.prod(left) != B.size:
        raise LinAlgError(
            f"linalg.tensorsolve: shapes {A.shape} and {B.shape} do not fit: the first {B.ndim} axes of A, as many as "
            "B has, and its other axes must hold equally many places"
        )
    matrix = reshape(A, (math.prod(left), math.prod(right)))
    return reshape(solve(matrix, reshape(B, (-1,))), right)


def tensorinv(A: Tensor, /, ind: int = 2) -> Tensor:
    """The inverse of the map that ``tensordot(A, x, ...)`` is, from all but the first ``ind`` axes to these.

    Raises:
        ValueError: ``ind`` is not positive.
        LinAlgError: ``A`` is not square when it is laid out as a matrix, or singular.

    Source: NumPy and PyTorch, ``linalg.tensorinv``.

    >>> import ndgrad as nd
    >>> nd.linalg.tensorinv(nd.reshape(nd.eye(6), (2, 3, 6)), 2).shape
    (6, 2, 3)
    """
    if ind <= 0:
        raise ValueError(f"linalg.tensorinv: ind must be positive, got {ind}")
    left, right = A.shape[:ind], A.shape[ind:]
    if math.prod(left) != math.prod(right):
        raise LinAlgError(
            f"linalg.tensorinv: the axes of shape {A.shape} before ind={ind} hold {math.prod(left)} places, those from "
            f"there on {math.prod(right)}; they must be equally many"
        )
    return reshape(inv(reshape(A, (math.prod(left), math.prod(right)))), (*right, *left))


def linalg_vander(x: Tensor, /, *, N: int | None = None) -> Tensor:
    """``linalg.vander``: the powers 0 to N - 1 of each element along a new last axis; N is by default as long as x.

    Source: PyTorch, ``torch.linalg.vander``.

    >>> import ndgrad as nd
    >>> nd.linalg.vander(nd.asarray([1, 2, 3]))
    tensor([[1, 1, 1],
            [1, 2, 4],
            [1, 3, 9]])
    """
    x = x if x.ndim else reshape(x, (1,))
    n = x.shape[-1] if N is None else N
    if n < 0:
        raise ValueError(f"vander: N must not be negative, got {n}")
    one = expand_dims(ones_like(x), axis=-1)
    if n < 2:
        return one[..., :n]
    powers = cumulative_prod(broadcast_to(expand_dims(x, axis=-1), (*x.shape, n - 1)), axis=-1, dtype=x.dtype)
    return concat([one, powers], axis=-1)


def vander(x: Tensor, /, N: int | None = None, increasing: bool = False) -> Tensor:
    """``nd.vander``: :func:`linalg_vander` of a vector, with the highest power first unless ``increasing``.

    Raises:
        ValueError: ``x`` is no vector.

    Source: NumPy and PyTorch, ``vander``.

    >>> import ndgrad as nd
    >>> nd.vander(nd.asarray([1, 2, 3]), 2)
    tensor([[1, 1],
            [2, 1],
            [3, 1]])
    """
    if x.ndim != 1:
        raise ValueError(f"vander takes a vector, got shape {x.shape}; linalg.vander takes stacks of them")
    found = linalg_vander(x, N=N)
    return found if increasing else flip(found, axis=-1)
