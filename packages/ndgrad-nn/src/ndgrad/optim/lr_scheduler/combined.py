"""Schedules made of schedules."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from ..optimizer import Optimizer
from .scheduler import LRScheduler

__all__ = ["ChainedScheduler", "SequentialLR"]


class SequentialLR(LRScheduler):
    """One schedule after the other, each counting epochs from its own beginning.

    Args:
        schedulers: made for ``optimizer``, in order.
        milestones: the epochs at which the second, third, ... begin.

    Raises:
        ValueError: not one milestone fewer than schedulers, or a scheduler of another optimiser.

    >>> import ndgrad as nd
    >>> from ndgrad.optim import SGD, lr_scheduler
    >>> sgd = SGD([nd.zeros(1, requires_grad=True)], lr=1.0)
    >>> parts = [lr_scheduler.ConstantLR(sgd, factor=0.5, total_iters=2), lr_scheduler.ExponentialLR(sgd, gamma=0.25)]
    >>> schedule = SequentialLR(sgd, parts, milestones=[2])
    >>> for _ in range(3):
    ...     schedule.step()
    >>> schedule.get_last_lr()
    [0.25]
    """

    def __init__(
        self, optimizer: Optimizer, schedulers: Sequence[LRScheduler], milestones: Sequence[int], last_epoch: int = -1
    ) -> None:
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                f"{len(schedulers)} schedulers need {len(schedulers) - 1} milestones, got {len(milestones)}"
            )
        if any(scheduler.optimizer is not optimizer for scheduler in schedulers):
            raise ValueError("all schedulers must be made for the optimizer that SequentialLR gets")
        self.schedulers, self.milestones = list(schedulers), list(milestones)
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]  # the parts have set it already, each for itself
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        i = bisect_right(self.milestones, self.last_epoch)
        active = self.schedulers[i]
        active.last_epoch = self.last_epoch - (self.milestones[i - 1] if i else 0)
        return active.get_lr()

    def state_dict(self) -> dict[str, Any]:
        """The state of this schedule and of each of its parts."""
        return {**super().state_dict(), "schedulers": [scheduler.state_dict() for scheduler in self.schedulers]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Continue from what :meth:`state_dict` returned."""
        for scheduler, state in zip(self.schedulers, state_dict["schedulers"], strict=True):
            scheduler.load_state_dict(state)
        super().load_state_dict({key: value for key, value in state_dict.items() if key != "schedulers"})


class ChainedScheduler:
    """Several schedules at once: each multiplies the rate by how much its own has changed.

    Args:
        schedulers: made for one optimiser.
        optimizer: that optimiser; may be left out.

    Raises:
        ValueError: no schedulers, or of several optimisers.

    Source: PyTorch, ``torch.optim.lr_scheduler.ChainedScheduler``.

    >>> import ndgrad as nd
    >>> from ndgrad.optim import SGD, lr_scheduler
    >>> sgd = SGD([nd.zeros(1, requires_grad=True)], lr=1.0)
    >>> parts = [lr_scheduler.ConstantLR(sgd, factor=0.5, total_iters=2), lr_scheduler.ExponentialLR(sgd, gamma=0.25)]
    >>> schedule = ChainedScheduler(parts)
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.125]
    """

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None) -> None:
        if not schedulers:
            raise ValueError("ChainedScheduler needs at least one scheduler, got none")
        self.optimizer = optimizer or schedulers[0].optimizer
        if any(scheduler.optimizer is not self.optimizer for scheduler in schedulers):
            raise ValueError("all schedulers must be made for one optimizer")
        self.schedulers = list(schedulers)

    def step(self) -> None:
        """Begin the next epoch."""
        for scheduler in self.schedulers:
            scheduler.step()

    def get_last_lr(self) -> list[float]:
        """The rate of each group as it was last set."""
        return self.schedulers[-1].get_last_lr()

    def state_dict(self) -> dict[str, Any]:
        """The state of each part."""
        return {"schedulers": [scheduler.state_dict() for scheduler in self.schedulers]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Continue from what :meth:`state_dict` returned."""
        for scheduler, state in zip(self.schedulers, state_dict["schedulers"], strict=True):
            scheduler.load_state_dict(state)
