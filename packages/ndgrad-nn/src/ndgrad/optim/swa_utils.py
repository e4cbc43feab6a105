"""Averages of a model's weights over training: stochastic weight averaging, and exponential moving averages."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any

import ndgrad as nd
from ndgrad import Tensor
from ndgrad.nn.module import Module

from .lr_scheduler import LRScheduler
from .optimizer import Optimizer

__all__ = [
    "SWALR", "AveragedModel", "get_ema_avg_fn", "get_ema_multi_avg_fn", "get_swa_avg_fn", "get_swa_multi_avg_fn",
    "update_bn",
]  # fmt: skip

AverageOne = Callable[[Tensor, Tensor, Any], Tensor]
AverageAll = Callable[[Sequence[Tensor], Sequence[Tensor], Any], None]


def get_ema_avg_fn(decay: float = 0.999) -> AverageOne:
    """The exponential moving average: ``decay`` times the average so far, and the rest of the new value.

    Raises:
        ValueError: ``decay`` is not within [0, 1].

    >>> import ndgrad as nd
    >>> get_ema_avg_fn(0.75)(nd.asarray(1.0), nd.asarray(3.0), 1)
    tensor(1.5000)
    """
    if not 0 <= decay <= 1:
        raise ValueError(f"decay lies in [0, 1], got {decay}")
    return nd.no_grad()(lambda average, new, number: decay * average + (1 - decay) * new)


def get_swa_avg_fn() -> AverageOne:
    """The mean of all values so far, of which ``number`` are in the average already.

    >>> import ndgrad as nd
    >>> get_swa_avg_fn()(nd.asarray(1.0), nd.asarray(4.0), 2)
    tensor(2.)
    """
    return nd.no_grad()(lambda average, new, number: average + (new - average) / (number + 1))


def get_ema_multi_avg_fn(decay: float = 0.999) -> AverageAll:
    """:func:`get_ema_avg_fn` for lists, written over the averages."""
    return _written_over(get_ema_avg_fn(decay))


def get_swa_multi_avg_fn() -> AverageAll:
    """:func:`get_swa_avg_fn` for lists, written over the averages."""
    return _written_over(get_swa_avg_fn())


def _written_over(average: AverageOne) -> AverageAll:
    def update(averages: Sequence[Tensor], new: Sequence[Tensor], number: Any) -> None:
        with nd.no_grad():
            for old, value in zip(averages, new, strict=True):
                old.copy_(average(old, value, number))

    return update


class AveragedModel(Module):
    """A copy of a model whose parameters are averages of those that :meth:`update_parameters` was shown.

    Args:
        model: what is copied, as :attr:`module`.
        device: where the copy lives; the model's devices by default.
        avg_fn: makes of the average, the new value and the number averaged so far the next average; by default the
            mean of all.
        multi_avg_fn: in its place, writes the next averages over a list of averages.
        use_buffers: whether buffers are averaged too, or copied.

    Raises:
        ValueError: both functions are given.

    Source: Izmailov et al. 2018, "Averaging weights leads to wider optima and better generalization"; PyTorch,
    ``torch.optim.swa_utils.AveragedModel``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> model = nn.Linear(1, 1, bias=False)
    >>> average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.5))
    >>> for value in (1.0, 2.0):
    ...     _ = nn.init.constant_(model.weight, value)
    ...     average.update_parameters(model)
    >>> average.module.weight.item(), average.n_averaged
    (1.5, tensor(2))
    """

    n_averaged: Tensor

    def __init__(
        self,
        model: Module,
        device: Any = None,
        avg_fn: AverageOne | None = None,
        multi_avg_fn: AverageAll | None = None,
        use_buffers: bool = False,
    ) -> None:
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise ValueError("AveragedModel takes avg_fn or multi_avg_fn, not both")
        self.module = copy.deepcopy(model)
        if device is not None:
            self.module.to(device)
        self.register_buffer("n_averaged", nd.asarray(0, dtype=nd.int64, device=device))
        self.avg_fn, self.multi_avg_fn, self.use_buffers = avg_fn, multi_avg_fn, use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.module(*args, **kwargs)

    def update_parameters(self, model: Module) -> None:
        """Take the parameters of ``model`` into the averages; the first ones are copied."""
        pairs = list(zip(self._averaged(self.module), self._averaged(model), strict=True))
        copied = [] if self.use_buffers else list(zip(self.module.buffers(), model.buffers(), strict=True))
        with nd.no_grad():
            if int(self.n_averaged) == 0:
                copied, pairs = copied + pairs, []
            for group in _alike(pairs):
                averages, new = zip(*group, strict=True)
                self._average(averages, [value.detach().to(averages[0].device) for value in new])
            for average, value in copied:
                average.copy_(value.detach().to(average.device))
            self.n_averaged += 1

    def _averaged(self, model: Module) -> Iterable[Tensor]:
        return chain(model.parameters(), model.buffers()) if self.use_buffers else model.parameters()

    def _average(self, averages: Sequence[Tensor], new: Sequence[Tensor]) -> None:
        update = self.multi_avg_fn or _written_over(self.avg_fn or get_swa_avg_fn())
        update([average.detach() for average in averages], new, self.n_averaged.to(averages[0].device))


def _alike(pairs: Sequence[tuple[Tensor, Tensor]]) -> list[list[tuple[Tensor, Tensor]]]:
    """Pairs in groups of one device and dtype."""
    groups: dict[Any, list[tuple[Tensor, Tensor]]] = {}
    for pair in pairs:
        groups.setdefault((pair[0].device, pair[0].dtype), []).append(pair)
    return list(groups.values())


def update_bn(loader: Iterable[Any], model: Module, device: Any = None) -> None:
    """Compute the running statistics of batch normalisations anew, as means over the batches of ``loader``.

    Args:
        loader: inputs, or tuples and lists that begin with them.
        model: is called on each, in training; its mode is put back afterwards.
        device: where inputs go first.

    Source: PyTorch, ``torch.optim.swa_utils.update_bn``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> model = nn.BatchNorm1d(1)
    >>> update_bn([nd.asarray([[1.0], [3.0]]), nd.asarray([[4.0], [6.0]])], model)
    >>> model.running_mean
    tensor([3.5000])
    """
    layers = [module for module in model.modules() if hasattr(module, "reset_running_stats")]
    if not layers:
        return
    was_training, momenta = model.training, [layer.momentum for layer in layers]
    try:
        for layer in layers:
            layer.reset_running_stats()
            layer.momentum = None  # the mean of all batches
        model.train()
        with nd.no_grad():
            for batch in loader:
                x = batch[0] if isinstance(batch, list | tuple) else batch
                model(x if device is None else x.to(device))
    finally:
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum
        model.train(was_training)


class SWALR(LRScheduler):
    """From the present rate, which another schedule may have set, to a constant one.

    Args:
        optimizer: whose groups' "lr" is set.
        swa_lr: the rate in the end, or one per parameter group.
        anneal_epochs: after how many epochs.
        anneal_strategy: "cos" or "linear".
        last_epoch: as for every :class:`LRScheduler`.

    Raises:
        ValueError: another strategy, a negative number of epochs, or not as many rates as groups.

    Source: PyTorch, ``torch.optim.swa_utils.SWALR``.

    >>> import ndgrad as nd
    >>> from ndgrad import optim
    >>> sgd = optim.SGD([nd.zeros(1, requires_grad=True)], lr=1.0)
    >>> schedule = SWALR(sgd, swa_lr=0.5, anneal_epochs=2, anneal_strategy="linear")
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.75]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: float | Sequence[float],
        anneal_epochs: int = 10,
        anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ) -> None:
        groups = optimizer.param_groups
        rates = list(swa_lr) if isinstance(swa_lr, Sequence) else [swa_lr] * len(groups)
        if len(rates) != len(groups):
            raise ValueError(f"swa_lr takes one rate or {len(groups)}, one per parameter group, got {len(rates)}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy is 'cos' or 'linear', got {anneal_strategy!r}")
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"anneal_epochs is an integer from 0 on, got {anneal_epochs!r}")
        for group, rate in zip(groups, rates, strict=True):
            group["swa_lr"] = rate
        self.anneal_epochs, self._anneal_strategy = anneal_epochs, anneal_strategy
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        # from the present rate back to the one that this schedule started from, which leads to the next
        step = max(1, self.last_epoch) if self.anneal_epochs == 0 else self.last_epoch
        before, now = self._share(step - 1), self._share(step)
        rates = []
        for group in self.optimizer.param_groups:
            lr, end = group["lr"], group["swa_lr"]
            first = end if before == 1 else (lr - before * end) / (1 - before)
            rates.append(end * now + first * (1 - now))
        return rates

    def _share(self, step: int) -> float:
        t = max(0.0, min(1.0, step / max(1, self.anneal_epochs)))
        return t if self._anneal_strategy == "linear" else (1 - math.cos(math.pi * t)) / 2

    def _set(self, rates: list[float]) -> None:
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = rate
        self._own, self._last_lr = rates, list(rates)
