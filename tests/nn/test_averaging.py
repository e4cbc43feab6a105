"""Averages of weights over training."""

from __future__ import annotations

import pytest

import ndgrad as nd
from ndgrad import nn, optim
from ndgrad.optim import swa_utils


def show(average: swa_utils.AveragedModel, model: nn.Module, *values: float) -> None:
    for value in values:
        nn.init.constant_(model.weight, value)
        average.update_parameters(model)


def test_by_default_all_weights_count_alike(device: str) -> None:
    model = nn.BatchNorm1d(1)
    average = swa_utils.AveragedModel(model)
    show(average, model, 1.0, 2.0, 6.0)
    assert average.module.weight.item() == pytest.approx(3.0)
    assert average.n_averaged.item() == 3
    assert str(average.module.weight.device) == device


@pytest.mark.parametrize(
    "how",
    [
        {"avg_fn": swa_utils.get_ema_avg_fn(0.75)},
        {"multi_avg_fn": swa_utils.get_ema_multi_avg_fn(0.75)},
        {"avg_fn": lambda average, new, number: 0.75 * average + 0.25 * new},
    ],
)
def test_an_exponential_average_forgets(how: dict[str, object]) -> None:
    model = nn.Linear(1, 1)
    average = swa_utils.AveragedModel(model, **how)
    show(average, model, 1.0, 5.0)
    assert average(nd.ones(1)).item() == pytest.approx(2.0 + model.bias.item())


def test_buffers_are_copied_or_averaged() -> None:
    model = nn.BatchNorm1d(1)
    copies, means = swa_utils.AveragedModel(model), swa_utils.AveragedModel(model, use_buffers=True)
    for value in (2.0, 4.0):
        model.running_mean.fill_(value)
        copies.update_parameters(model)
        means.update_parameters(model)
    assert (copies.module.running_mean.item(), means.module.running_mean.item()) == (4.0, 3.0)


def test_statistics_are_computed_anew_and_the_mode_is_put_back() -> None:
    model = nn.Sequential(nn.BatchNorm1d(1, momentum=0.3)).eval()
    batches = [(nd.asarray([[1.0], [3.0]]), 0), (nd.asarray([[4.0], [8.0]]), 1)]
    swa_utils.update_bn(batches, model)
    assert model[0].running_mean.item() == pytest.approx(4.0)
    assert model[0].running_var.item() == pytest.approx((2 + 8) / 2)
    assert (model.training, model[0].momentum) == (False, 0.3)


def test_the_rate_goes_to_a_constant_from_where_another_schedule_left_it() -> None:
    sgd = optim.SGD([nd.zeros(1, requires_grad=True)], lr=1.0)
    schedule = swa_utils.SWALR(sgd, 0.5, anneal_epochs=4, anneal_strategy="linear")
    schedule.step()
    sgd.param_groups[0]["lr"] = 2.0
    rates = []
    for _ in range(4):
        schedule.step()
        rates.append(schedule.get_last_lr()[0])
    assert rates == pytest.approx([1.5, 1.0, 0.5, 0.5])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: swa_utils.get_ema_avg_fn(1.5), r"\[0, 1\], got 1.5"),
        (lambda: swa_utils.AveragedModel(nn.ReLU(), avg_fn=max, multi_avg_fn=max), "not both"),
        (lambda: swa_utils.SWALR(optim.SGD([nd.zeros(1, requires_grad=True)]), [0.1, 0.2]), "one rate or 1.*got 2"),
        (lambda: swa_utils.SWALR(optim.SGD([nd.zeros(1, requires_grad=True)]), 0.1, -1), "from 0 on, got -1"),
        (lambda: swa_utils.SWALR(optim.SGD([nd.zeros(1, requires_grad=True)]), 0.1, 1, "up"), "'linear', got 'up'"),
    ],
)
def test_refused(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
