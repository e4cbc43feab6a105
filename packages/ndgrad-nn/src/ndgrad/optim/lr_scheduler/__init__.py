"""Learning-rate schedules: ``scheduler.step()`` at the end of an epoch, or of a batch, sets the rates of the next one.

>>> import ndgrad as nd
>>> from ndgrad.optim import SGD, lr_scheduler
>>> sgd = SGD([nd.zeros(1, requires_grad=True)], lr=0.5)
>>> schedule = lr_scheduler.StepLR(sgd, step_size=1, gamma=0.5)
>>> schedule.step()
>>> schedule.get_last_lr()
[0.25]
"""

from ndgrad.optim.lr_scheduler.combined import ChainedScheduler, SequentialLR
from ndgrad.optim.lr_scheduler.cycles import CosineAnnealingWarmRestarts, CyclicLR, OneCycleLR
from ndgrad.optim.lr_scheduler.decay import (
    ConstantLR,
    CosineAnnealingLR,
    ExponentialLR,
    LinearLR,
    MultiStepLR,
    PolynomialLR,
    StepLR,
)
from ndgrad.optim.lr_scheduler.plateau import ReduceLROnPlateau
from ndgrad.optim.lr_scheduler.scheduler import LambdaLR, LRScheduler, MultiplicativeLR

__all__ = [
    "ChainedScheduler", "ConstantLR", "CosineAnnealingLR", "CosineAnnealingWarmRestarts", "CyclicLR", "ExponentialLR",
    "LRScheduler", "LambdaLR", "LinearLR", "MultiStepLR", "MultiplicativeLR", "OneCycleLR", "PolynomialLR",
    "ReduceLROnPlateau", "SequentialLR", "StepLR",
]  # fmt: skip
