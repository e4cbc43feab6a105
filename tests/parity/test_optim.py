"""Optimisers beside PyTorch's beyond their steps: settings, checkpoints both ways, and the rarer ones."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ndgrad as nd
from ndgrad import nn, optim

torch = pytest.importorskip("torch")
sys.path.insert(0, str(Path(__file__).parent))
from test_nn import OPTIMISERS, check, inputs  # noqa: E402

pytestmark = [pytest.mark.requires_torch, pytest.mark.filterwarnings("ignore::UserWarning:torch")]

OPTIM = {nd: optim, torch: torch.optim}
OTHERS: dict[str, Callable[[Any, Any], Any]] = {
    "Rprop": lambda optim, ps: optim.Rprop(ps, lr=0.1),
    "Rprop within bounds": lambda optim, ps: optim.Rprop(ps, 0.1, (0.4, 1.5), (0.05, 0.2), maximize=True),
    "ASGD": lambda optim, ps: optim.ASGD(ps, lr=0.01, lambd=0.1, weight_decay=0.1),
    "ASGD, averaging": lambda optim, ps: optim.ASGD(ps, 0.01, t0=2),
    "Adafactor": lambda optim, ps: optim.Adafactor(ps, lr=0.1),
    "Adafactor, all on": lambda optim, ps: optim.Adafactor(ps, 0.1, -0.5, (1e-4, 0.2), 1.5, 0.1, maximize=True),
}
LBFGS = {"LBFGS": lambda optim, ps: optim.LBFGS(ps, max_iter=3)}


def descend(library: Any, optimiser: Any, ps: list[Any], steps: int) -> None:
    def closure() -> Any:
        optimiser.zero_grad()
        loss = sum(((p - 1) ** 4).sum() for p in ps)
        loss.backward()
        return loss

    for _ in range(steps):
        optimiser.step(closure)


def converted(state: Any, to: Callable[[Any], Any]) -> Any:
    """A state with the other library's tensors."""
    if isinstance(state, dict):
        return {key: converted(value, to) for key, value in state.items()}
    if isinstance(state, list):
        return [converted(value, to) for value in state]
    return to(state.numpy().copy()) if isinstance(state, nd.Tensor | torch.Tensor) else state


@pytest.mark.parametrize("name", OTHERS)
def test_optimiser(name: str) -> None:
    found = []
    for library in (nd, torch):
        ps = inputs(library, [(3, 4), (4,), (2, 3, 2)])
        optimiser = OTHERS[name](OPTIM[library], ps)
        descend(library, optimiser, ps, 6)
        found.append((ps, optimiser.state_dict()))
    (ours, state), (theirs, torch_state) = found
    for a, b in zip(ours, theirs, strict=True):
        check(a, b, 1e-6 if name.startswith("ASGD") else 1e-9)  # PyTorch keeps the rate in float32
    for i, slots in state["state"].items():
        assert slots.keys() == torch_state["state"][i].keys()


@pytest.mark.parametrize("adjust", [None, "match_rms_adamw"])
@pytest.mark.parametrize("shape", [(3, 4), (6, 2)])
def test_muon(shape: tuple[int, int], adjust: str | None) -> None:
    found = []
    for library in (nd, torch):
        ps = inputs(library, [shape])
        optimiser = OPTIM[library].Muon(ps, lr=0.01, adjust_lr_fn=adjust)
        descend(library, optimiser, ps, 5)
        found.append(ps[0])
    check(*found, tolerance=2e-3)  # PyTorch iterates in bfloat16


@pytest.mark.parametrize("name", [*OPTIMISERS, *OTHERS, *LBFGS])
def test_settings_and_print(name: str) -> None:
    build = {**OPTIMISERS, **OTHERS, **LBFGS}[name]
    ours, theirs = (build(OPTIM[library], inputs(library, [(3, 4), (4,)])) for library in (nd, torch))
    assert repr(ours) == repr(theirs)
    assert ours.state_dict()["param_groups"] == theirs.state_dict()["param_groups"]


@pytest.mark.parametrize("forth", [True, False])
@pytest.mark.parametrize("name", [*OPTIMISERS, *OTHERS, *LBFGS])
def test_a_checkpoint_goes_on_in_the_other_library(name: str, forth: bool) -> None:
    build = {**OPTIMISERS, **OTHERS, **LBFGS}[name]
    first, second = (nd, torch) if forth else (torch, nd)
    ps = inputs(first, [(3, 4), (4,)])
    begun = build(OPTIM[first], ps)
    descend(first, begun, ps, 3)
    others = [second.asarray(p.detach().numpy().copy()).requires_grad_() for p in ps]
    resumed = build(OPTIM[second], others)
    resumed.load_state_dict(converted(begun.state_dict(), second.asarray))
    for library, optimiser, tensors in ((first, begun, ps), (second, resumed, others)):
        descend(library, optimiser, tensors, 3)
    for a, b in zip(ps, others, strict=True):
        check(a, b, 1e-6)


def test_names_are_printed_and_saved_alike() -> None:
    found = []
    for library, n in ((nd, nn), (torch, torch.nn)):
        optimiser = OPTIM[library].AdamW(n.Linear(2, 3).named_parameters(), fused=True)
        found.append((repr(optimiser), optimiser.state_dict()))
    assert found[0] == found[1]


@pytest.mark.parametrize("settings", [{"use_buffers": True}, {}])
@pytest.mark.parametrize("kind", [None, "ema"])
def test_averaged_models(kind: str | None, settings: dict[str, Any]) -> None:
    found = []
    for library, n in ((nd, nn), (torch, torch.nn)):
        swa = OPTIM[library].swa_utils if library is torch else optim.swa_utils
        model = n.BatchNorm1d(3).double()
        how = {} if kind is None else {"multi_avg_fn": swa.get_ema_multi_avg_fn(0.7)}
        average = swa.AveragedModel(model, **how, **settings)
        for (values,) in (inputs(library, [(4, 3)]) for _ in range(3)):
            with library.no_grad():
                model(values * 2)
                model.weight.add_(values[0])
            average.update_parameters(model)
        found.append(average)
    ours, theirs = found
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for a, b in zip(ours.state_dict().values(), theirs.state_dict().values(), strict=True):
        check(a, b, 1e-6)


@pytest.mark.parametrize("settings", [{}, {"anneal_strategy": "linear", "anneal_epochs": 3}, {"anneal_epochs": 0}])
def test_swa_schedule(settings: dict[str, Any]) -> None:
    rates = []
    for library in (nd, torch):
        optimiser = OPTIM[library].SGD(inputs(library, [(2,)]), lr=0.2)
        swa = optim.swa_utils if library is nd else torch.optim.swa_utils
        other = OPTIM[library].lr_scheduler.ExponentialLR(optimiser, 0.9)
        schedule = swa.SWALR(optimiser, swa_lr=0.05, **settings)
        rates.append([optimiser.param_groups[0]["lr"]])
        for epoch in range(12):
            optimiser.step()
            (other if epoch < 3 else schedule).step()
            rates[-1].append(optimiser.param_groups[0]["lr"])
    np.testing.assert_allclose(rates[0], rates[1], rtol=1e-12)
