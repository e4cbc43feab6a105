"""How far vectors are from each other, and how well they point the same way."""

from __future__ import annotations

import ndgrad as nd
from ndgrad import Tensor

__all__ = ["cosine_similarity", "normalize", "pairwise_distance"]


def normalize(input: Tensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Tensor:
    """Vectors along ``dim`` divided by their norm, or by ``eps`` if it is smaller.

    Source: PyTorch, ``torch.nn.functional.normalize``.

    >>> import ndgrad as nd
    >>> normalize(nd.asarray([[3.0, 4.0]]))
    tensor([[0.6000, 0.8000]])
    """
    norm = nd.linalg.vector_norm(input, ord=p, axis=dim, keepdims=True)
    return input / nd.clip(norm, eps, None)


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """The cosine of the angle between vectors along ``dim``; norms below ``eps`` count as ``eps``.

    Source: PyTorch, ``torch.nn.functional.cosine_similarity``.

    >>> import ndgrad as nd
    >>> cosine_similarity(nd.asarray([[1.0, 0.0]]), nd.asarray([[1.0, 1.0]]))
    tensor([0.7071])
    """
    x1, x2 = nd.broadcast_arrays(x1, x2)
    norms = [nd.clip(nd.linalg.vector_norm(x, axis=dim, keepdims=True), eps, None) for x in (x1, x2)]
    return nd.sum((x1 / norms[0]) * (x2 / norms[1]), axis=dim)


def pairwise_distance(x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Tensor:
    """The p-norm of the differences of vectors along the last axis, with ``eps`` added to each difference.

    Source: PyTorch, ``torch.nn.functional.pairwise_distance``.

    >>> import ndgrad as nd
    >>> pairwise_distance(nd.asarray([[3.0, 4.0]]), nd.zeros((1, 2)))
    tensor([5.0000])
    """
    return nd.linalg.vector_norm(x1 - x2 + eps, ord=p, axis=-1, keepdims=keepdim)
