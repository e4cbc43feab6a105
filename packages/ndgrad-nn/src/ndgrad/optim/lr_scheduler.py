"""Learning-rate schedules: each is a function of the epoch, written once, in closed form.

``scheduler.step()`` at the end of an epoch sets the rates of the next one. Where PyTorch multiplies the last rate,
these compute the rate from the first one, so that no rounding gathers; for the same reason the last of two schedulers
on one optimiser wins. Run schedules one after the other with :class:`SequentialLR`.
"""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from .optimizer import Optimizer

__all__ = [
    "ConstantLR", "CosineAnnealingLR", "ExponentialLR", "LRScheduler", "LambdaLR", "LinearLR", "MultiStepLR",
    "SequentialLR", "StepLR",
]  # fmt: skip


class LRScheduler:
    """The base class of all schedules; a subclass writes :meth:`lr_at`.

    Args:
        optimizer: whose groups' "lr" is set, at once and at each :meth:`step`.
        last_epoch: -1 to begin; the number of epochs already run when going on with a restored optimiser.

    Raises:
        TypeError: ``optimizer`` is not an :class:`Optimizer`.
        KeyError: ``last_epoch`` is given, but the optimiser has never had a schedule.

    Source: PyTorch, ``torch.optim.lr_scheduler``.
    """

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"a schedule takes an Optimizer, got {type(optimizer).__name__}")
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])  # a second schedule starts from the same rate
            elif "initial_lr" not in group:
                raise KeyError(
                    f"parameter group {i} has no 'initial_lr', so last_epoch={last_epoch} cannot be resumed: load the "
                    "optimiser's state_dict first, or leave last_epoch at -1"
                )
        self.base_lrs: list[float] = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self.step()

    def lr_at(self, base_lr: float, epoch: int) -> float:
        """The rate in this epoch, counted from 0, of a group whose first rate was ``base_lr``."""
        raise NotImplementedError(f"{type(self).__name__} has no lr_at(): write def lr_at(self, base_lr, epoch)")

    def get_lr(self) -> list[float]:
        """The rate of each group in the present epoch."""
        return [self.lr_at(base_lr, self.last_epoch) for base_lr in self.base_lrs]

    def get_last_lr(self) -> list[float]:
        """The rate of each group as it was last set."""
        return self._last_lr

    def step(self) -> None:
        """Begin the next epoch."""
        self.last_epoch += 1
        self._set(self.get_lr())

    def _set(self, rates: list[float]) -> None:
        for group, lr in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = lr
        self._last_lr = rates

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimiser."""
        return {key: value for key, value in vars(self).items() if key != "optimizer"}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Continue from what :meth:`state_dict` returned."""
        vars(self).update(state_dict)


class LambdaLR(LRScheduler):
    """The first rate times a function of the epoch.

    Args:
        lr_lambda: the function, or one per parameter group.

    Raises:
        ValueError: not as many functions as groups.

    >>> import ndgrad as nd
    >>> from ndgrad import optim
    >>> sgd = optim.SGD([nd.zeros(1, requires_grad=True)], lr=1.0)
    >>> schedule = LambdaLR(sgd, lambda epoch: 0.5**epoch)
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | Sequence[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        groups = len(optimizer.param_groups)
        self.lr_lambdas = [lr_lambda] * groups if callable(lr_lambda) else list(lr_lambda)
        if len(self.lr_lambdas) != groups:
            raise ValueError(f"Expected {groups} lr_lambdas, one per parameter group, but got {len(self.lr_lambdas)}")
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        return [lr * f(self.last_epoch) for lr, f in zip(self.base_lrs, self.lr_lambdas, strict=True)]

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimiser and the functions, which belong to the program."""
        return {key: value for key, value in super().state_dict().items() if key != "lr_lambdas"}


class StepLR(LRScheduler):
    """The rate times ``gamma`` after every ``step_size`` epochs."""

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def lr_at(self, base_lr: float, epoch: int) -> float:
        return base_lr * self.gamma ** (epoch // self.step_size)


class MultiStepLR(LRScheduler):
    """The rate times ``gamma`` at each of the ``milestones``."""

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.milestones, self.gamma = sorted(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def lr_at(self, base_lr: float, epoch: int) -> float:
        return base_lr * self.gamma ** bisect_right(self.milestones, epoch)


class ExponentialLR(LRScheduler):
    """The rate times ``gamma`` after every epoch."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def lr_at(self, base_lr: float, epoch: int) -> float:
        return base_lr * self.gamma**epoch


class ConstantLR(LRScheduler):
    """The rate times ``factor`` for the first ``total_iters`` epochs.

    Raises:
        ValueError: ``factor`` lies outside [0, 1].
    """

    def __init__(self, optimizer: Optimizer, factor: float = 1 / 3, total_iters: int = 5, last_epoch: int = -1) -> None:
        if not 0 <= factor <= 1:
            raise ValueError(f"factor lies between 0 and 1, got {factor}")
        self.factor, self.total_iters = factor, total_iters
        super().__init__(optimizer, last_epoch)

    def lr_at(self, base_lr: float, epoch: int) -> float:
        return base_lr * (self.factor if epoch < self.total_iters else 1)


class LinearLR(LRScheduler):
    """The rate times a factor that goes in a line from ``start_factor`` to ``end_factor`` over ``total_iters`` epochs.

    Raises:
        ValueError: ``start_factor`` lies outside (0, 1] or ``end_factor`` outside [0, 1].

    >>> import ndgrad as nd
    >>> from ndgrad import optim
    >>> sgd = optim.SGD([nd.zeros(1, requires_grad=True)], lr=1.0)
    >>> warmup = LinearLR(sgd, start_factor=0.5, total_iters=2)
    >>> warmup.step()
    >>> warmup.get_last_lr()
    [0.75]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 < start_factor <= 1:
            raise ValueError(f"start_factor is greater than 0 and at most 1, got {start_factor}")
        if not 0 <= end_factor <= 1:
            raise ValueError(f"end_factor lies between 0 and 1, got {end_factor}")
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer, last_epoch)

    def lr_at(self, base_lr: float, epoch: int) -> float:
        done = min(epoch, self.total_iters) / self.total_iters
        return base_lr * (self.start_factor + (self.end_factor - self.start_factor) * done)


class CosineAnnealingLR(LRScheduler):
    """The rate goes along half a cosine from its first value to ``eta_min`` over ``T_max`` epochs, and then back.

    Source: Loshchilov and Hutter 2016, "SGDR: stochastic gradient descent with warm restarts", equation 5.
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def lr_at(self, base_lr: float, epoch: int) -> float:
        return self.eta_min + (base_lr - self.eta_min) * (1 + math.cos(math.pi * epoch / self.T_max)) / 2


class SequentialLR(LRScheduler):
    """One schedule after the other, each counting epochs from its own beginning.

    Args:
        schedulers: made for ``optimizer``, in order.
        milestones: the epochs at which the second, third, ... begin.

    Raises:
        ValueError: not one milestone fewer than schedulers, or a scheduler of another optimiser.

    >>> import ndgrad as nd
    >>> from ndgrad import optim
    >>> sgd = optim.SGD([nd.zeros(1, requires_grad=True)], lr=1.0)
    >>> parts = [ConstantLR(sgd, factor=0.5, total_iters=2), ExponentialLR(sgd, gamma=0.25)]
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
