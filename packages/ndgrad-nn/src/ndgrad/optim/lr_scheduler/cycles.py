"""Schedules that rise and fall: one cycle, triangles, and restarts; some turn the momentum the other way."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

from ..optimizer import Optimizer
from .scheduler import LRScheduler

__all__ = ["CosineAnnealingWarmRestarts", "CyclicLR", "OneCycleLR"]

Values = float | Sequence[float]


def _per_group(name: str, optimizer: Optimizer, value: Values) -> list[float]:
    groups = len(optimizer.param_groups)
    values = list(value) if isinstance(value, Sequence) else [value] * groups
    if len(values) != groups:
        raise ValueError(f"expected {groups} values for {name}, one per parameter group, got {len(values)}")
    return [float(v) for v in values]


class CosineAnnealingWarmRestarts(LRScheduler):
    """Half a cosine from the first rate to ``eta_min``, again and again, each ``T_mult`` times as long as the last.

    Args:
        T_0: the epochs of the first one.
        T_mult: how much longer each is, a whole number.
        eta_min: the least rate.
        last_epoch: as for :class:`LRScheduler`.

    Raises:
        ValueError: ``T_0`` or ``T_mult`` is below 1.

    Source: Loshchilov and Hutter 2016, "SGDR: stochastic gradient descent with warm restarts"; PyTorch,
    ``torch.optim.lr_scheduler.CosineAnnealingWarmRestarts``.

    >>> import ndgrad as nd
    >>> from ndgrad import optim
    >>> sgd = optim.SGD([nd.zeros(1, requires_grad=True)], lr=1.0)
    >>> schedule = CosineAnnealingWarmRestarts(sgd, T_0=2)
    >>> for _ in range(2):
    ...     schedule.step()
    >>> schedule.get_last_lr()
    [1.0]
    """

    def __init__(
        self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        if T_0 < 1 or T_mult < 1 or int(T_0) != T_0 or T_mult != int(T_mult):
            raise ValueError(f"T_0 and T_mult are whole numbers from 1 on, got {T_0} and {T_mult}")
        self.T_0, self.T_mult, self.eta_min = T_0, T_mult, eta_min
        super().__init__(optimizer, last_epoch)

    def step(self, epoch: float | None = None) -> None:
        """Begin the next epoch, or ``epoch``, which may be a fraction to set the rate of a batch."""
        if epoch is not None:
            self.last_epoch = epoch - 1  # type: ignore[assignment]
        super().step()

    def lr_at(self, base_lr: float, epoch: float) -> float:
        length: float = self.T_0
        if self.T_mult == 1:
            epoch = epoch % length
        while epoch >= length:
            epoch -= length
            length *= self.T_mult
        return self.eta_min + (base_lr - self.eta_min) * (1 + math.cos(math.pi * epoch / length)) / 2


class _WithMomentum(LRScheduler):
    """A schedule that sets "momentum", or the first of "betas", too; a subclass writes :meth:`at`."""

    def at(self, group: int, step: int) -> tuple[float, float | None]:
        """Rate and momentum of a group, None to leave the momentum alone."""
        raise NotImplementedError(f"{type(self).__name__} has no at(): write def at(self, group, step)")

    def get_lr(self) -> list[float]:
        return [self.at(i, self.last_epoch)[0] for i in range(len(self.base_lrs))]

    def step(self, epoch: int | None = None) -> None:
        super().step(epoch)
        for i, group in enumerate(self.optimizer.param_groups):
            momentum = self.at(i, self.last_epoch)[1]
            if momentum is not None:
                _set_momentum(group, momentum)


def _check_momentum(optimizer: Optimizer) -> None:
    if not ("momentum" in optimizer.defaults or "betas" in optimizer.defaults):
        raise ValueError(
            f"cycle_momentum=True needs an optimiser with a momentum, got {type(optimizer).__name__}: write "
            "cycle_momentum=False"
        )


def _set_momentum(group: dict[str, Any], momentum: float) -> None:
    if "betas" in group:
        group["betas"] = (momentum, *group["betas"][1:])
    else:
        group["momentum"] = momentum


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) / 2 * (1 + math.cos(math.pi * share))


def _line(start: float, end: float, share: float) -> float:
    return start + (end - start) * share


class OneCycleLR(_WithMomentum):
    """The rate rises to ``max_lr`` and falls far below where it began, in ``total_steps`` steps; step after each batch.

    Args:
        max_lr: the highest rate; one number, or one per group.
        total_steps: how many steps there are; or ``epochs`` and ``steps_per_epoch``.
        epochs: how many epochs there are.
        steps_per_epoch: how many batches an epoch has.
        pct_start: the share of steps in which the rate rises.
        anneal_strategy: "cos" or "linear".
        cycle_momentum: whether the momentum falls while the rate rises, and rises again.
        base_momentum: the least momentum.
        max_momentum: the greatest.
        div_factor: the first rate is ``max_lr`` divided by it.
        final_div_factor: the last rate is the first one divided by it.
        three_phase: whether the rate falls to the first one in as many steps as it rose, and then on.
        last_epoch: as for :class:`LRScheduler`.

    Raises:
        ValueError: settings out of range, an optimiser without momentum, or a step after the last.

    Source: Smith and Topin 2017, "Super-convergence"; PyTorch, ``torch.optim.lr_scheduler.OneCycleLR``.

    >>> import ndgrad as nd
    >>> from ndgrad import optim
    >>> sgd = optim.SGD([nd.zeros(1, requires_grad=True)], lr=0.1, momentum=0.9)
    >>> schedule = OneCycleLR(sgd, max_lr=1.0, total_steps=10)
    >>> for _ in range(2):
    ...     schedule.step()
    >>> schedule.get_last_lr()
    [1.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: Values,
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: Literal["cos", "linear"] = "cos",
        cycle_momentum: bool = True,
        base_momentum: Values = 0.85,
        max_momentum: Values = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"a schedule takes an Optimizer, got {type(optimizer).__name__}")
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError("OneCycleLR needs total_steps, or epochs and steps_per_epoch")
            total_steps = epochs * steps_per_epoch
        if total_steps < 1 or not 0 <= pct_start <= 1:
            raise ValueError(f"total_steps is positive and pct_start within [0, 1], got {total_steps} and {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy is 'cos' or 'linear', got {anneal_strategy!r}")
        self.total_steps, self.pct_start, self.three_phase = total_steps, pct_start, three_phase
        self._anneal = anneal_strategy
        peaks = _per_group("max_lr", optimizer, max_lr)
        self._rates = [(m / div_factor, m, m / div_factor / final_div_factor) for m in peaks]
        self._momenta: list[tuple[float, float]] | None = None
        if cycle_momentum:
            _check_momentum(optimizer)
            low, high = (_per_group("momentum", optimizer, m) for m in (base_momentum, max_momentum))
            self._momenta = list(zip(low, high, strict=True))
        if last_epoch == -1:
            for group, (first, peak, last) in zip(optimizer.param_groups, self._rates, strict=True):
                group.update(initial_lr=first, max_lr=peak, min_lr=last, lr=first)
        super().__init__(optimizer, last_epoch)

    def step(self, epoch: int | None = None) -> None:
        following = self.last_epoch + 1 if epoch is None else epoch
        if following >= self.total_steps:
            raise ValueError(
                f"Tried to step {following + 1} times. The specified number of total steps is {self.total_steps}"
            )
        super().step(epoch)

    def at(self, group: int, step: int) -> tuple[float, float | None]:
        first, peak, last = self._rates[group]
        low, high = self._momenta[group] if self._momenta else (None, None)
        anneal: Callable[..., float] = _cosine if self._anneal == "cos" else _line
        begin = 0.0
        phases = list(self._phases(first, peak, last, low, high))
        for end, rates, momenta in phases:
            if step <= end or end == phases[-1][0]:
                share = (step - begin) / (end - begin)
                return anneal(*rates, share), None if momenta[0] is None else anneal(*momenta, share)
            begin = end
        raise AssertionError

    def _phases(self, first: float, peak: float, last: float, low: Any, high: Any) -> Iterator[tuple[float, Any, Any]]:
        """(the step at which it ends, rates at both ends, momenta at both ends) of each phase."""
        rise = self.pct_start * self.total_steps - 1
        yield rise, (first, peak), (high, low)
        if self.three_phase:
            yield 2 * rise, (peak, first), (low, high)
            yield self.total_steps - 1, (first, last), (high, high)
        else:
            yield self.total_steps - 1, (peak, last), (low, high)


class CyclicLR(_WithMomentum):
    """The rate goes up and down between ``base_lr`` and ``max_lr`` in triangles; step after each batch.

    Args:
        base_lr: the lower bound; one number, or one per group.
        max_lr: the upper bound.
        step_size_up: the steps of each rise.
        step_size_down: the steps of each fall, as many by default.
        mode: "triangular", "triangular2", which halves the height in each cycle, or "exp_range", which multiplies it by
            ``gamma`` in each step.
        gamma: see there.
        scale_fn: a factor of the height of one's own.
        scale_mode: whether it is a function of the number of the "cycle", from 1 on, or of the number of "iterations".
        cycle_momentum: whether the momentum falls while the rate rises, and rises again.
        base_momentum: the least momentum.
        max_momentum: the greatest.
        last_epoch: as for :class:`LRScheduler`.

    Raises:
        ValueError: an unknown mode, or an optimiser without momentum.

    Source: Smith 2015, "Cyclical learning rates for training neural networks"; PyTorch,
    ``torch.optim.lr_scheduler.CyclicLR``.

    >>> import ndgrad as nd
    >>> from ndgrad import optim
    >>> sgd = optim.SGD([nd.zeros(1, requires_grad=True)], lr=0.1, momentum=0.9)
    >>> schedule = CyclicLR(sgd, base_lr=0.0, max_lr=1.0, step_size_up=2)
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: Values,
        max_lr: Values,
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: Literal["triangular", "triangular2", "exp_range"] = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: Literal["cycle", "iterations"] = "cycle",
        cycle_momentum: bool = True,
        base_momentum: Values = 0.8,
        max_momentum: Values = 0.9,
        last_epoch: int = -1,
    ) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"a schedule takes an Optimizer, got {type(optimizer).__name__}")
        if mode not in ("triangular", "triangular2", "exp_range"):
            raise ValueError(f"mode is 'triangular', 'triangular2' or 'exp_range', got {mode!r}")
        self.mode, self.gamma, self.scale_mode, self._scale_fn = mode, gamma, scale_mode, scale_fn
        self.step_size_up = step_size_up
        self.step_size_down = step_size_up if step_size_down is None else step_size_down
        low, high = _per_group("base_lr", optimizer, base_lr), _per_group("max_lr", optimizer, max_lr)
        self._rates = list(zip(low, high, strict=True))
        self._momenta: list[tuple[float, float]] | None = None
        if cycle_momentum:
            _check_momentum(optimizer)
            low, high = (_per_group("momentum", optimizer, m) for m in (base_momentum, max_momentum))
            self._momenta = list(zip(low, high, strict=True))
        if last_epoch == -1:
            for group, (first, _) in zip(optimizer.param_groups, self._rates, strict=True):
                group.update(initial_lr=first, lr=first)
        super().__init__(optimizer, last_epoch)

    def at(self, group: int, step: int) -> tuple[float, float | None]:
        length = self.step_size_up + self.step_size_down
        cycle, place = divmod(step, length)
        rising = place < self.step_size_up
        height = place / self.step_size_up if rising else (length - place) / self.step_size_down
        height *= self._scale(cycle + 1, step)
        low, high = self._rates[group]
        rate = low + (high - low) * height
        if self._momenta is None:
            return rate, None
        least, most = self._momenta[group]
        return rate, most - (most - least) * height

    def _scale(self, cycle: int, step: int) -> float:
        if self._scale_fn is not None:
            return self._scale_fn(cycle if self.scale_mode == "cycle" else step)
        if self.mode == "exp_range":
            return self.gamma**step
        return 1.0 if self.mode == "triangular" else 0.5 ** (cycle - 1)

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimiser and the function, which belongs to the program."""
        return {key: value for key, value in super().state_dict().items() if key != "_scale_fn"}
