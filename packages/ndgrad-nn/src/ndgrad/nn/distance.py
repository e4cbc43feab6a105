"""Distances and similarities as layers."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

from ndgrad import Tensor

from . import functional as F
from .module import Module

__all__ = ["CosineSimilarity", "PairwiseDistance"]


class CosineSimilarity(Module):
    """The cosine of the angle between vectors along ``dim``: :func:`ndgrad.nn.functional.cosine_similarity`.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.CosineSimilarity(dim=0)(nd.ones(3), -nd.ones(3))
    tensor(-1.0000)
    """

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        super().__init__()
        self.dim, self.eps = dim, eps

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        return F.cosine_similarity(x1, x2, self.dim, self.eps)


class PairwiseDistance(Module):
    """The p-norm of differences of vectors along the last axis: :func:`ndgrad.nn.functional.pairwise_distance`."""

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        super().__init__()
        self.norm, self.eps, self.keepdim = p, eps, keepdim

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        return F.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)
