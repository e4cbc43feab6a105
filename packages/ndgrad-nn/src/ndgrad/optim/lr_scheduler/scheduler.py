"""The base class of learning-rate schedules, and those whose factor the program computes."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..optimizer import Optimizer

__all__ = ["LRScheduler", "LambdaLR", "MultiplicativeLR"]


class LRScheduler:
    """The base class of all schedules; a subclass writes :meth:`lr_at`.

    A schedule multiplies the rate that it finds by how much its own has changed, so that several on one optimiser work
    together; as long as nobody else changes the rate, it is the closed form itself, and no rounding gathers.

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
        self._own = list(self.base_lrs) if last_epoch == -1 else [group["lr"] for group in optimizer.param_groups]
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

    def step(self, epoch: int | None = None) -> None:
        """Begin the next epoch, or that of this number."""
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        self._set(self.get_lr())

    def _set(self, rates: list[float]) -> None:
        for group, lr, last in zip(self.optimizer.param_groups, rates, self._own, strict=True):
            if group["lr"] == last or last == 0:
                group["lr"] = lr
            else:  # another schedule, or the program, has changed it meanwhile
                group["lr"] *= lr / last
        self._own = rates
        self._last_lr: list[float] = [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimiser."""
        return {key: value for key, value in vars(self).items() if key != "optimizer"}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Continue from what :meth:`state_dict` returned: the optimiser gets the rates of then."""
        vars(self).update(state_dict)
        for group, lr in zip(self.optimizer.param_groups, self._last_lr, strict=True):
            group["lr"] = lr


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


class MultiplicativeLR(LambdaLR):
    """The rate times a function of the epoch at each epoch, one multiplication after the other.

    Takes what :class:`LambdaLR` takes. Source: PyTorch, ``torch.optim.lr_scheduler.MultiplicativeLR``.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | Sequence[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        self._products: list[float] = [1.0] * len(optimizer.param_groups)
        super().__init__(optimizer, lr_lambda, last_epoch)

    def step(self, epoch: int | None = None) -> None:
        if self.last_epoch >= 0:
            factors = [f(self.last_epoch + 1 if epoch is None else epoch) for f in self.lr_lambdas]
            self._products = [p * f for p, f in zip(self._products, factors, strict=True)]
        super().step(epoch)

    def get_lr(self) -> list[float]:
        return [lr * p for lr, p in zip(self.base_lrs, self._products, strict=True)]
