"""What optimisers and schedules refuse and keep; tests/parity compares their steps with PyTorch's."""

from __future__ import annotations

import re

import pytest

import ndgrad as nd
from ndgrad import nn, optim
from ndgrad.optim import lr_scheduler


def says(*parts: str) -> str:
    """A pattern that finds the parts in this order."""
    return "(?s)" + ".*".join(re.escape(p) for p in parts)


def weight(*values: float) -> nd.Tensor:
    return nd.asarray(list(values or (1.0,)), requires_grad=True)


REFUSED = {
    "no parameters": (lambda: optim.SGD([]), ValueError, ("at least one parameter",)),
    "a bare tensor": (lambda: optim.SGD(weight()), TypeError, ("iterable", "[tensor]")),
    "something else": (lambda: optim.SGD([1.0]), TypeError, ("only optimise tensors", "float")),
    "names for some": (
        lambda: optim.SGD([{"params": nn.Linear(1, 1).named_parameters()}, {"params": [weight()]}]),
        ValueError, ("all parameters have names or none",),
    ),
    "a computed tensor": (lambda: optim.SGD([weight() * 2]), ValueError, ("non-leaf", "(1,)")),
    "a tensor twice": (lambda: optim.SGD([w := weight(), w]), ValueError, ("given twice",)),
    "a tensor in two groups": (
        lambda: optim.SGD([{"params": [w := weight()]}, {"params": [w]}]), ValueError, ("given twice",),
    ),
    "a group that is no dict": (lambda: optim.SGD([weight()]).add_param_group([weight()]), TypeError, ("dict", "list")),
    "learning rate": (lambda: optim.SGD([weight()], lr=-1), ValueError, ("Invalid learning rate: -1",)),
    "momentum": (lambda: optim.SGD([weight()], momentum=-1), ValueError, ("Invalid momentum value: -1",)),
    "weight decay": (lambda: optim.Adam([weight()], weight_decay=-1), ValueError, ("Invalid weight decay value: -1",)),
    "NaN": (lambda: optim.SGD([weight()], lr=float("nan")), ValueError, ("Invalid learning rate: nan",)),
    "Nesterov": (lambda: optim.SGD([weight()], nesterov=True), ValueError, ("requires a momentum", "momentum=0")),
    "first beta": (lambda: optim.Adam([weight()], betas=(1.0, 0.9)), ValueError, ("beta parameter at index 0: 1.0",)),
    "second beta": (lambda: optim.AdamW([weight()], betas=(0.9, -1)), ValueError, ("beta parameter at index 1: -1",)),
    "epsilon": (lambda: optim.RMSprop([weight()], eps=-1), ValueError, ("Invalid epsilon value: -1",)),
    "rate decay": (lambda: optim.Adagrad([weight()], lr_decay=-1), ValueError, ("Invalid lr decay value: -1",)),
    "complex parameters": (
        lambda: optim.Adam([nd.asarray([1j], requires_grad=True)]), TypeError, ("real parameters", "complex64", "SGD"),
    ),
    "two implementations": (
        lambda: optim.SGD([weight()], foreach=True, fused=True), RuntimeError, ("`fused` and `foreach`",),
    ),
    "a differentiable step": (
        lambda: optim.Adam([weight()], differentiable=True), NotImplementedError, ("writes over", "nd.grad"),
    ),
    "factors on one side": (lambda: optim.Rprop([weight()], etas=(1.1, 1.2)), ValueError, ("eta values: 1.1, 1.2",)),
    "Adafactor's decay": (lambda: optim.Adafactor([weight()], beta2_decay=0.5), ValueError, ("beta2_decay: 0.5",)),
    "Adafactor's threshold": (lambda: optim.Adafactor([weight()], d=0.5), ValueError, ("d: 0.5",)),
    "Muon of a vector": (lambda: optim.Muon([weight()]), ValueError, ("matrices", "(1,)", "AdamW")),
    "Muon's rate": (
        lambda: optim.Muon([weight()], adjust_lr_fn="other"), ValueError, ("'match_rms_adamw', got 'other'",),
    ),
    "a schedule of no optimiser": (lambda: lr_scheduler.StepLR("sgd", 3), TypeError, ("Optimizer", "str")),
    "a schedule resumed from nothing": (
        lambda: lr_scheduler.StepLR(optim.SGD([weight()]), 3, last_epoch=4), KeyError, ("initial_lr", "last_epoch=4"),
    ),
    "too many functions": (
        lambda: lr_scheduler.LambdaLR(optim.SGD([weight()]), [abs, abs]), ValueError, ("Expected 1", "got 2"),
    ),
    "a start of zero": (
        lambda: lr_scheduler.LinearLR(optim.SGD([weight()]), 0.0), ValueError, ("start_factor", "0.0"),
    ),
    "milestones": (
        lambda: lr_scheduler.SequentialLR(optim.SGD([weight()]), [], [1]), ValueError, ("0 schedulers", "got 1"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    call, error, parts = REFUSED[name]
    with pytest.raises(error, match=says(*parts)):
        call()


def test_parameters_without_gradient_are_left_alone() -> None:
    used, unused = weight(1.0), weight(2.0)
    optimizer = optim.Adam([used, unused], lr=0.5)
    (used * 3).sum().backward()
    optimizer.step()
    assert used.tolist() == [0.5]
    assert unused.tolist() == [2.0]
    assert list(optimizer.state_dict()["state"]) == [0]


def test_groups_have_settings_of_their_own() -> None:
    a, b = weight(1.0), weight(1.0)
    optimizer = optim.SGD([{"params": a}, {"params": [b], "lr": 0.25}], lr=1.0)
    (a + b).sum().backward()
    optimizer.step()
    assert (a.tolist(), b.tolist()) == ([0.0], [0.75])


def test_a_closure_is_run_with_gradients_and_returned() -> None:
    w = weight(3.0)
    optimizer = optim.SGD([w], lr=0.5)

    def closure() -> nd.Tensor:
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    with nd.no_grad():
        assert optimizer.step(closure).item() == 9.0
    assert w.tolist() == [0.0]


def test_zero_grad_forgets_or_fills() -> None:
    w = weight(1.0)
    optimizer = optim.SGD([w])
    w.sum().backward()
    optimizer.zero_grad(set_to_none=False)
    assert w.grad.tolist() == [0.0]
    optimizer.zero_grad()
    assert w.grad is None


def test_a_step_is_an_in_place_change_that_autograd_notices() -> None:
    w = weight(1.0, 2.0)
    optimizer = optim.Adam([w])
    w.grad = nd.ones(2)
    loss = (w * w).sum()
    optimizer.step()
    with pytest.raises(nd.AutogradError, match="changed in place"):
        loss.backward()


def test_complex_parameters_descend_by_sgd() -> None:
    w = nd.asarray([1 + 1j], requires_grad=True)
    optimizer = optim.SGD([w], lr=0.5)
    nd.sum(nd.real(w * nd.conj(w))).backward()
    optimizer.step()
    assert w.tolist() == [0j]


def test_it_prints_its_settings() -> None:
    assert repr(optim.SGD([weight()], lr=0.5)).splitlines()[:4] == [
        "SGD (", "Parameter Group 0", "    dampening: 0", "    differentiable: False",
    ]  # fmt: skip


# -- the fused kernels of the CPU are the rules ------------------------------------------------------------------------

RULES = {
    "sgd": lambda ps: optim.SGD(ps, lr=0.1, weight_decay=0.1),
    "momentum": lambda ps: optim.SGD(ps, lr=0.1, momentum=0.9, dampening=0.5),
    "nesterov": lambda ps: optim.SGD(ps, lr=0.1, momentum=0.9, nesterov=True),
    "adam": lambda ps: optim.Adam(ps, lr=0.1, weight_decay=0.1),
    "amsgrad": lambda ps: optim.Adam(ps, lr=0.1, amsgrad=True),
    "adamw": lambda ps: optim.AdamW(ps, lr=0.1),
    "adam at rest": lambda ps: optim.Adam(ps, lr=0.0),
    "rmsprop": lambda ps: optim.RMSprop(ps, lr=0.1, weight_decay=0.1),
    "rmsprop with all": lambda ps: optim.RMSprop(ps, lr=0.1, momentum=0.9, centered=True, eps=0.1),
    "adagrad": lambda ps: optim.Adagrad(ps, lr=0.1, weight_decay=0.1, initial_accumulator_value=0.1),
}


def values(device: str, shape: tuple[int, ...], dtype: str, transposed: bool) -> nd.Tensor:
    x = nd.reshape(nd.linspace(-1, 1, shape[0] * shape[1], device=device), shape).to(getattr(nd, dtype))
    return (x.T if transposed else x).detach().requires_grad_()


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize(("shape", "dtype"), [((3, 4), "float64"), ((400, 400), "float32"), ((3, 4), "float16")])
def test_kernels_are_the_rules(
    name: str, shape: tuple[int, int], dtype: str, transposed: bool, reference: None
) -> None:
    found = []
    for where in ("cpu", "ref:1"):
        w = values(where, shape, dtype, transposed)
        optimizer = RULES[name]([w])
        for step in range(1, 4):
            w.grad = (w.detach() * step + 0.25).to(w.dtype)
            optimizer.step()
        found.append(w.detach().to("cpu").to(nd.float64))
    tolerance = {"float64": 1e-12, "float32": 2e-6, "float16": 0.01}[dtype]
    assert nd.max(nd.abs(found[0] - found[1])).item() <= tolerance


# -- schedules ---------------------------------------------------------------------------------------------------------


def rates(schedule: lr_scheduler.LRScheduler, epochs: int) -> list[float]:
    found = []
    for _ in range(epochs):
        found.append(schedule.get_last_lr()[0])
        schedule.step()
    return found


def test_a_schedule_sets_the_rate_of_every_group() -> None:
    optimizer = optim.SGD([{"params": [weight()]}, {"params": [weight()], "lr": 4.0}], lr=2.0)
    schedule = lr_scheduler.ExponentialLR(optimizer, 0.5)
    schedule.step()
    assert [g["lr"] for g in optimizer.param_groups] == schedule.get_last_lr() == [1.0, 2.0]


@pytest.mark.parametrize(
    "make",
    [
        lambda o: lr_scheduler.CosineAnnealingLR(o, 5),
        lambda o: lr_scheduler.SequentialLR(
            o, [lr_scheduler.LinearLR(o, 0.1, total_iters=3), lr_scheduler.ExponentialLR(o, 0.5)], [3]
        ),
        lambda o: lr_scheduler.LambdaLR(o, lambda epoch: 1 / (1 + epoch)),
        lambda o: lr_scheduler.MultiplicativeLR(o, lambda epoch: 0.9),
        lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, T_0=3),
        lambda o: lr_scheduler.OneCycleLR(o, 2.0, total_steps=10, cycle_momentum=False),
        lambda o: lr_scheduler.CyclicLR(o, 0.5, 2.0, step_size_up=3, cycle_momentum=False),
        lambda o: lr_scheduler.ChainedScheduler([lr_scheduler.StepLR(o, 2), lr_scheduler.ExponentialLR(o, 0.5)]),
    ],
)
def test_a_schedule_goes_on_where_it_was(make) -> None:
    whole = rates(make(optim.SGD([weight()], lr=1.0)), 8)
    first = make(optim.SGD([weight()], lr=1.0))
    begun = rates(first, 4)
    second = make(optim.SGD([weight()], lr=1.0))
    second.load_state_dict(first.state_dict())
    assert begun + rates(second, 4) == pytest.approx(whole)


def test_a_rate_that_the_program_changes_is_multiplied_from_there() -> None:
    optimizer = optim.SGD([weight()], lr=2.0)
    schedule = lr_scheduler.ExponentialLR(optimizer, 0.5)
    optimizer.param_groups[0]["lr"] = 8.0
    schedule.step()
    assert schedule.get_last_lr() == [4.0]


def test_a_cycle_turns_the_momentum_of_adam_too() -> None:
    optimizer = optim.Adam([weight()], lr=0.1)
    lr_scheduler.OneCycleLR(optimizer, 1.0, total_steps=10)
    assert optimizer.param_groups[0]["betas"] == (0.95, 0.999)


REFUSED_SCHEDULES = {
    "restarts": (lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 0), "from 1 on, got 0 and 1"),
    "no steps": (lambda o: lr_scheduler.OneCycleLR(o, 1.0), "total_steps, or epochs and steps_per_epoch"),
    "strategy": (lambda o: lr_scheduler.OneCycleLR(o, 1.0, 5, anneal_strategy="log"), "'cos' or 'linear', got 'log'"),
    "peaks": (lambda o: lr_scheduler.OneCycleLR(o, [1.0, 2.0], 5), "expected 1 values for max_lr.*got 2"),
    "no momentum": (
        lambda o: lr_scheduler.CyclicLR(optim.Adagrad([weight()]), 0.1, 1.0), "momentum, got Adagrad.*=False",
    ),
    "mode": (lambda o: lr_scheduler.CyclicLR(o, 0.1, 1.0, mode="square"), "got 'square'"),
    "factor": (lambda o: lr_scheduler.ReduceLROnPlateau(o, factor=1.0), "less than 1, got 1.0"),
    "plateau's mode": (lambda o: lr_scheduler.ReduceLROnPlateau(o, mode="least"), "'min' or 'max'.*'least'"),
    "nothing chained": (lambda o: lr_scheduler.ChainedScheduler([]), "at least one scheduler"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED_SCHEDULES)
def test_a_schedule_refuses(name: str) -> None:
    make, message = REFUSED_SCHEDULES[name]
    with pytest.raises(ValueError, match=says(*message.split(".*"))):
        make(optim.SGD([weight()], lr=1.0, momentum=0.9))


def test_a_cycle_ends() -> None:
    schedule = lr_scheduler.OneCycleLR(optim.SGD([weight()], lr=1.0, momentum=0.9), 1.0, total_steps=2)
    schedule.step()
    with pytest.raises(ValueError, match=r"Tried to step 3 times\. The specified number of total steps is 2"):
        schedule.step()


def test_a_schedule_without_a_rate_says_what_to_write() -> None:
    with pytest.raises(NotImplementedError, match="def lr_at"):
        lr_scheduler.LRScheduler(optim.SGD([weight()]))


# -- names, hooks and state --------------------------------------------------------------------------------------------


def test_names_are_kept_and_saved() -> None:
    optimizer = optim.SGD(nn.Linear(1, 1).named_parameters())
    assert optimizer.state_dict()["param_groups"][0]["param_names"] == ["weight", "bias"]


def test_hooks_are_called_around_a_step_and_around_saving() -> None:
    calls: list[str] = []
    optimizer = optim.LBFGS([w := weight(3.0)])
    handle = optimizer.register_step_pre_hook(lambda o, args, kwargs: calls.append("before step"))
    optimizer.register_step_post_hook(lambda o, args, kwargs: calls.append("after step"))
    optimizer.register_state_dict_pre_hook(lambda o: calls.append("before saving"))
    optimizer.register_state_dict_post_hook(lambda o, state: {**state, "note": 1})
    optimizer.register_load_state_dict_pre_hook(lambda o, state: calls.append(f"note {state['note']}"))
    optimizer.register_load_state_dict_post_hook(lambda o: calls.append("after loading"))
    with handle:
        optimizer.step(lambda: (w.sum() * 0).backward() or w.sum())
    optimizer.step(lambda: w.sum())
    optimizer.load_state_dict(optimizer.state_dict())
    assert calls == ["before step", "after step", "after step", "before saving", "note 1", "after loading"]


def test_a_hook_replaces_the_arguments_of_a_step() -> None:
    optimizer = optim.SGD([weight()])
    optimizer.register_step_pre_hook(lambda o, args, kwargs: ((lambda: 7.0,), kwargs))
    assert optimizer.step() == 7.0
    optimizer.register_step_pre_hook(lambda o, args, kwargs: "wrong")
    with pytest.raises(RuntimeError, match="a pair of args and kwargs, got str"):
        optimizer.step()


@pytest.mark.parametrize("make", [optim.Rprop, optim.ASGD, optim.Adafactor, optim.Muon, optim.NAdam, optim.LBFGS])
def test_it_goes_on_where_it_was(make: type[optim.Optimizer], device: str) -> None:
    def descend(optimizer: optim.Optimizer, w: nd.Tensor) -> None:
        def closure() -> nd.Tensor:
            optimizer.zero_grad()
            loss = ((w - 0.5) ** 4).sum()
            loss.backward()
            return loss

        for _ in range(3):
            optimizer.step(closure)

    whole = nd.asarray([[1.0, -2.0], [3.0, 0.25]], requires_grad=True)
    before = nd.asarray(whole.detach(), copy=True).requires_grad_()
    first = make([before], lr=0.1)
    descend(first, before)
    second = make([after := nd.asarray(before.detach(), copy=True).requires_grad_()], lr=0.1)
    second.load_state_dict(first.state_dict())
    descend(second, after)
    straight = make([whole], lr=0.1)
    descend(straight, whole)
    descend(straight, whole)
    assert str(after.device) == device
    assert nd.allclose(after, whole)


def test_a_state_of_another_shape_is_not_loaded() -> None:
    first, second = (optim.Adafactor([nd.ones(shape, requires_grad=True)]) for shape in ((2, 3), (3, 2)))
    first.param_groups[0]["params"][0].grad = nd.ones((2, 3))
    first.step()
    with pytest.raises(ValueError, match=says("'row_var' has shape (2, 1)", "(3, 1)", "nothing was loaded")):
        second.load_state_dict(first.state_dict())


def test_the_mean_of_the_parameters_is_kept() -> None:
    optimizer = optim.ASGD([w := weight(1.0)], lr=0.5, lambd=0.0, t0=0.0, alpha=0.0)
    for gradient in (1.0, 1.0, -3.0):
        w.grad = nd.asarray([gradient])
        optimizer.step()
    assert w.tolist() == [1.5]
    assert optimizer.state[w]["ax"].tolist() == [pytest.approx((0.0 + 1.5) / 2)]
