"""Losses for samples that belong to several classes, as layers."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

from ndgrad import Tensor

from . import functional as F
from .losses import Loss

__all__ = ["MultiLabelMarginLoss", "MultiLabelSoftMarginLoss"]


class MultiLabelMarginLoss(Loss):
    """The targets' scores are to be higher than the others' by 1: :func:`ndgrad.nn.functional.multilabel_margin_loss`.

    Source: PyTorch, ``torch.nn.MultiLabelMarginLoss``.
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.multilabel_margin_loss(input, target, reduction=self.reduction)


class MultiLabelSoftMarginLoss(Loss):
    """Logistic loss of each class: :func:`ndgrad.nn.functional.multilabel_soft_margin_loss`.

    Source: PyTorch, ``torch.nn.MultiLabelSoftMarginLoss``.
    """

    weight: Tensor | None

    def __init__(self, weight: Tensor | None = None, *, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.register_buffer("weight", weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.multilabel_soft_margin_loss(input, target, self.weight, reduction=self.reduction)
