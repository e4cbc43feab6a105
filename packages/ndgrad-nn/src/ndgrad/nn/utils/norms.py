"""What normalised weights are computed from: norms along axes, and the largest singular value by iteration."""

from __future__ import annotations

import ndgrad as nd
from ndgrad import Tensor

from .. import functional as F

__all__ = ["as_matrix", "axis_of_outputs", "iterate", "largest_singular_value", "norm_except", "scaled_to"]


def norm_except(weight: Tensor, axis: int) -> Tensor:
    """The Euclidean norm over all axes but one, whose length stays; of everything for axis -1, as PyTorch has it.

    >>> import ndgrad as nd
    >>> norm_except(nd.asarray([[3.0, 4.0], [0.0, 1.0]]), 0)
    tensor([[5.],
            [1.]])
    """
    if axis == -1:
        return nd.linalg.vector_norm(weight)
    others = tuple(i for i in range(weight.ndim) if i != axis)
    return nd.linalg.vector_norm(weight, axis=others, keepdims=True) if others else nd.abs(weight)


def scaled_to(weight: Tensor, length: Tensor, axis: int) -> Tensor:
    """``weight`` with norms of the given length.

    Source: Salimans and Kingma 2016, "Weight normalization".
    """
    return weight * (length / norm_except(weight, axis))


def axis_of_outputs(module: object) -> int:
    """The axis of a layer's weight that counts its outputs."""
    from ..transposed import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d

    return 1 if isinstance(module, ConvTranspose1d | ConvTranspose2d | ConvTranspose3d) else 0


def as_matrix(weight: Tensor, axis: int) -> Tensor:
    """(outputs, everything else)."""
    first = weight if axis == 0 else nd.moveaxis(weight, axis, 0)
    return nd.reshape(first, (first.shape[0], -1))


def iterate(matrix: Tensor, u: Tensor, v: Tensor, steps: int, eps: float, *, rows_first: bool) -> None:
    """Turn ``u`` and ``v``, in place, towards the singular vectors of the largest singular value.

    ``rows_first`` says which of the two is computed first from the other.
    """
    with nd.no_grad():
        adjoint = nd.conj(matrix).T
        for _ in range(steps):
            if rows_first:
                u.copy_(F.normalize(nd.matmul(matrix, v), dim=0, eps=eps))
            v.copy_(F.normalize(nd.matmul(adjoint, u), dim=0, eps=eps))
            if not rows_first:
                u.copy_(F.normalize(nd.matmul(matrix, v), dim=0, eps=eps))


def largest_singular_value(matrix: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """u^H M v for unit vectors that :func:`iterate` has turned; they are copied, as they will be turned on."""
    return nd.vecdot(u.clone(), nd.matmul(matrix, v.clone()))
