"""Layers, losses and optimisers beside PyTorch's: one text for both; values, gradients, reprs and keys are compared."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import ndgrad as nd
import ndgrad.nn.functional as F
from ndgrad import nn, optim

torch = pytest.importorskip("torch")

pytestmark = [pytest.mark.requires_torch, pytest.mark.filterwarnings("ignore::UserWarning:torch")]

LIBRARIES = {nd: (nd, nn, F, optim), torch: (torch, torch.nn, torch.nn.functional, torch.optim)}


def draw(shape: Sequence[int], seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(tuple(shape))


def inputs(library: Any, shapes: Sequence[Sequence[int]]) -> list[Any]:
    tensors = [library.asarray(draw(shape, seed)) for seed, shape in enumerate(shapes)]
    return [tensor.requires_grad_() for tensor in tensors]


def weighted_sum(library: Any, result: Any) -> Any:
    """A number whose gradient has no symmetry."""
    results = result if isinstance(result, tuple) else (result,)
    return sum((r * library.asarray(draw(tuple(r.shape), 77 + i))).sum() for i, r in enumerate(results))


def check(ours: Any, theirs: Any, tolerance: float = 1e-9) -> None:
    assert tuple(ours.shape) == tuple(theirs.shape)
    np.testing.assert_allclose(ours.detach().tolist(), theirs.detach().tolist(), tolerance, tolerance)


# -- layers: class or function of nn, the shapes of its inputs ---------------------------------------------------------

LAYERS: dict[str, tuple[Callable[[Any], Any], Sequence[tuple[int, ...]]]] = {
    "Linear": (lambda nn: nn.Linear(4, 3), [(5, 4)]),
    "Linear on more axes": (lambda nn: nn.Linear(4, 3), [(2, 5, 4)]),
    "Linear on a vector": (lambda nn: nn.Linear(4, 3), [(4,)]),
    "Linear without bias": (lambda nn: nn.Linear(4, 3, bias=False), [(2, 5, 4)]),
    "Bilinear": (lambda nn: nn.Bilinear(2, 3, 4), [(5, 2), (5, 3)]),
    "Identity": (lambda nn: nn.Identity(3, unused=True), [(5, 2)]),
    "Flatten": (lambda nn: nn.Flatten(), [(2, 3, 4)]),
    "Flatten some": (lambda nn: nn.Flatten(0, 1), [(2, 3, 4)]),
    "Unflatten": (lambda nn: nn.Unflatten(1, (2, -1)), [(3, 6)]),
    "Conv2d": (lambda nn: nn.Conv2d(3, 4, 3), [(2, 3, 7, 6)]),
    "Conv2d of one image": (lambda nn: nn.Conv2d(3, 4, (3, 2)), [(3, 7, 6)]),
    "Conv2d strided and padded": (lambda nn: nn.Conv2d(3, 4, 3, stride=2, padding=1), [(2, 3, 7, 6)]),
    "Conv2d of unequal settings": (
        lambda nn: nn.Conv2d(2, 4, (3, 2), stride=(2, 1), padding=(0, 2), dilation=(1, 2), bias=False), [(2, 2, 8, 7)],
    ),
    "Conv2d same": (lambda nn: nn.Conv2d(2, 3, (4, 3), padding="same", dilation=(1, 2)), [(2, 2, 7, 8)]),
    "Conv2d valid": (lambda nn: nn.Conv2d(2, 3, 2, padding="valid"), [(2, 2, 5, 5)]),
    "Conv2d in groups": (lambda nn: nn.Conv2d(4, 6, 3, groups=2, stride=2, padding=1), [(2, 4, 7, 7)]),
    "Conv2d depthwise": (lambda nn: nn.Conv2d(4, 8, 3, groups=4), [(2, 4, 6, 6)]),
    "Conv2d 1x1": (lambda nn: nn.Conv2d(4, 2, 1), [(2, 4, 3, 3)]),
    "Conv2d strided beyond its kernel": (lambda nn: nn.Conv2d(2, 2, 2, stride=3), [(2, 2, 9, 8)]),
    "Conv2d reflect": (lambda nn: nn.Conv2d(2, 3, 3, padding=1, padding_mode="reflect"), [(2, 2, 5, 5)]),
    "Conv2d circular": (lambda nn: nn.Conv2d(2, 3, 3, padding=2, padding_mode="circular"), [(2, 2, 5, 5)]),
    "Conv2d replicate": (lambda nn: nn.Conv2d(2, 3, 3, padding=(1, 2), padding_mode="replicate"), [(2, 2, 5, 5)]),
    "Conv1d": (lambda nn: nn.Conv1d(3, 4, 3, stride=2, padding=2, dilation=2), [(2, 3, 11)]),
    "Conv1d same": (lambda nn: nn.Conv1d(3, 4, 4, padding="same"), [(3, 11)]),
    "MaxPool2d": (lambda nn: nn.MaxPool2d(2), [(2, 3, 6, 5)]),
    "MaxPool2d overlapping": (lambda nn: nn.MaxPool2d(3, stride=2, padding=1), [(2, 3, 7, 8)]),
    "MaxPool2d dilated, ceil": (
        lambda nn: nn.MaxPool2d((2, 3), (2, 1), (0, 1), (2, 1), ceil_mode=True), [(2, 3, 8, 7)],
    ),
    "MaxPool2d of one image": (lambda nn: nn.MaxPool2d(2), [(3, 6, 5)]),
    "MaxPool1d": (lambda nn: nn.MaxPool1d(3, 2, 1), [(2, 3, 9)]),
    "AvgPool2d": (lambda nn: nn.AvgPool2d(2), [(2, 3, 6, 5)]),
    "AvgPool2d padded, ceil": (lambda nn: nn.AvgPool2d(3, 2, 1, ceil_mode=True), [(2, 3, 8, 7)]),
    "AvgPool2d of the inside": (lambda nn: nn.AvgPool2d(3, 2, 1, True, count_include_pad=False), [(2, 3, 8, 7)]),
    "AvgPool2d by another number": (lambda nn: nn.AvgPool2d((3, 2), divisor_override=4), [(3, 8, 7)]),
    "AvgPool1d": (lambda nn: nn.AvgPool1d(3, 2, 1), [(2, 3, 9)]),
    "AdaptiveAvgPool2d": (lambda nn: nn.AdaptiveAvgPool2d((3, 2)), [(2, 3, 7, 5)]),
    "AdaptiveAvgPool2d, one axis kept": (lambda nn: nn.AdaptiveAvgPool2d((None, 1)), [(2, 3, 7, 5)]),
    "AdaptiveAvgPool1d": (lambda nn: nn.AdaptiveAvgPool1d(4), [(2, 3, 7)]),
    "AdaptiveAvgPool3d": (lambda nn: nn.AdaptiveAvgPool3d((3, None, 2)), [(2, 3, 7, 4, 5)]),
    "AdaptiveAvgPool3d of one volume": (lambda nn: nn.AdaptiveAvgPool3d(1), [(3, 7, 4, 5)]),
    "BatchNorm1d": (lambda nn: nn.BatchNorm1d(3), [(5, 3)]),
    "BatchNorm1d of signals": (lambda nn: nn.BatchNorm1d(3, momentum=None), [(5, 3, 4)]),
    "BatchNorm2d": (lambda nn: nn.BatchNorm2d(3), [(2, 3, 4, 4)]),
    "BatchNorm2d without statistics": (lambda nn: nn.BatchNorm2d(3, track_running_stats=False), [(2, 3, 4, 4)]),
    "BatchNorm2d not affine": (lambda nn: nn.BatchNorm2d(3, affine=False, eps=0.1), [(2, 3, 4, 4)]),
    "BatchNorm2d evaluated": (lambda nn: nn.BatchNorm2d(3).eval(), [(2, 3, 4, 4)]),
    "LayerNorm": (lambda nn: nn.LayerNorm(4), [(2, 3, 4)]),
    "LayerNorm over two axes": (lambda nn: nn.LayerNorm([3, 4], eps=0.01, bias=False), [(2, 3, 4)]),
    "LayerNorm plain": (lambda nn: nn.LayerNorm(4, elementwise_affine=False), [(2, 3, 4)]),
    "GroupNorm": (lambda nn: nn.GroupNorm(2, 4), [(3, 4, 5)]),
    "ReLU": (lambda nn: nn.ReLU(), [(3, 4)]),
    "LeakyReLU": (lambda nn: nn.LeakyReLU(0.2), [(3, 4)]),
    "ReLU6": (lambda nn: nn.ReLU6(), [(3, 4)]),
    "Hardtanh": (lambda nn: nn.Hardtanh(-0.5, 0.7), [(3, 4)]),
    "ELU": (lambda nn: nn.ELU(0.5), [(3, 4)]),
    "GELU": (lambda nn: nn.GELU(), [(3, 4)]),
    "GELU by tanh": (lambda nn: nn.GELU(approximate="tanh"), [(3, 4)]),
    "SiLU": (lambda nn: nn.SiLU(), [(3, 4)]),
    "Mish": (lambda nn: nn.Mish(), [(3, 4)]),
    "Softplus": (lambda nn: nn.Softplus(2.0, 1.5), [(3, 4)]),
    "Softsign": (lambda nn: nn.Softsign(), [(3, 4)]),
    "Tanh": (lambda nn: nn.Tanh(), [(3, 4)]),
    "Sigmoid": (lambda nn: nn.Sigmoid(), [(3, 4)]),
    "LogSigmoid": (lambda nn: nn.LogSigmoid(), [(3, 4)]),
    "Softmax": (lambda nn: nn.Softmax(dim=1), [(3, 4)]),
    "LogSoftmax": (lambda nn: nn.LogSoftmax(dim=0), [(3, 4)]),
    "Dropout evaluated": (lambda nn: nn.Dropout(0.3).eval(), [(3, 4)]),
    "Dropout2d of all": (lambda nn: nn.Dropout2d(1.0), [(3, 4, 2)]),
    "Sequential": (lambda nn: nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Sequential(nn.Linear(8, 2))), [(3, 4)]),
    "a small CNN": (
        lambda nn: nn.Sequential(
            nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2), nn.Conv2d(4, 6, 3),
            nn.BatchNorm2d(6), nn.ReLU(), nn.Flatten(), nn.Dropout(0.0), nn.Linear(24, 3),
        ), [(2, 1, 8, 8)],
    ),
}  # fmt: skip


def twins(build: Callable[[Any], Any]) -> tuple[Any, Any]:
    """The layer in both libraries, in float64 and with PyTorch's parameters."""
    torch.manual_seed(0)
    ours, theirs = build(nn).double(), build(torch.nn).double()
    ours.load_state_dict({key: nd.asarray(value.numpy()) for key, value in theirs.state_dict().items()})
    return ours, theirs


@pytest.mark.parametrize("name", LAYERS)
def test_layer(name: str) -> None:
    build, shapes = LAYERS[name]
    ours, theirs = twins(build)
    ours_in, theirs_in = inputs(nd, shapes), inputs(torch, shapes)
    mine, yours = ours(*[x * 1 for x in ours_in]), theirs(*[x * 1 for x in theirs_in])
    check(mine, yours)
    weighted_sum(nd, mine).backward()
    weighted_sum(torch, yours).backward()
    for a, b in zip([*ours_in, *ours.parameters()], [*theirs_in, *theirs.parameters()], strict=True):
        check(a.grad, b.grad)
    for a, b in zip(ours.buffers(), theirs.buffers(), strict=True):
        check(a, b)


@pytest.mark.parametrize("name", LAYERS)
def test_repr_and_state_dict_keys(name: str) -> None:
    build, _ = LAYERS[name]
    ours, theirs = build(nn), build(torch.nn)
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert [n for n, _ in ours.named_parameters()] == [n for n, _ in theirs.named_parameters()]


@pytest.mark.parametrize(
    "name", [n for n in LAYERS if n.startswith(("Conv", "MaxPool", "Linear", "BatchNorm", "LayerN"))]
)
def test_second_derivative(name: str) -> None:
    build, shapes = LAYERS[name]
    ours, theirs = twins(build)
    found = []
    for library, layer in ((nd, ours), (torch, theirs)):
        (x,) = inputs(library, shapes)
        variables = [x, *layer.parameters()]
        loss = weighted_sum(library, layer(x) ** 3)
        first = library.autograd.grad(loss, variables, create_graph=True)
        twice = sum(weighted_sum(library, g) for g in first)
        found.append(library.autograd.grad(twice, variables))
    for a, b in zip(*found, strict=True):
        check(a, b, 1e-7)


# -- losses ------------------------------------------------------------------------------------------------------------

CLASSES = np.random.default_rng(5).integers(0, 4, (6, 3))
WEIGHTS = np.array([0.5, 1.0, 2.0, 0.25])


def numbers(library: Any) -> Any:
    return library.asarray(CLASSES[:, 0])


def with_ignored(library: Any) -> Any:
    return library.asarray(np.where(CLASSES == 2, -100, CLASSES))


def probabilities(library: Any, shape: Sequence[int]) -> Any:
    raw = np.abs(draw(shape, 9))
    return library.asarray(raw / raw.sum(1, keepdims=True))


LOSSES: dict[str, tuple[Callable[..., Any], Sequence[tuple[int, ...]]]] = {
    "mse": (lambda xp, F, x, y: F.mse_loss(x, y), [(3, 4), (3, 4)]),
    "mse, sum": (lambda xp, F, x, y: F.mse_loss(x, y, reduction="sum"), [(3, 4), (3, 4)]),
    "mse, none": (lambda xp, F, x, y: F.mse_loss(x, y, reduction="none"), [(3, 4), (3, 4)]),
    "l1": (lambda xp, F, x, y: F.l1_loss(x, y), [(3, 4), (3, 4)]),
    "smooth l1": (lambda xp, F, x, y: F.smooth_l1_loss(x, y, beta=0.5), [(3, 4), (3, 4)]),
    "smooth l1, beta 0": (lambda xp, F, x, y: F.smooth_l1_loss(x, y, beta=0.0), [(3, 4), (3, 4)]),
    "huber": (lambda xp, F, x, y: F.huber_loss(x, y, delta=0.7), [(3, 4), (3, 4)]),
    "bce": (lambda xp, F, x, y: F.binary_cross_entropy(xp.sigmoid(x), xp.sigmoid(y)), [(3, 4), (3, 4)]),
    "bce, weighted": (
        lambda xp, F, x, w: F.binary_cross_entropy(xp.sigmoid(x), xp.sigmoid(w.detach()), abs(w.detach())),
        [(3, 4), (3, 4)],
    ),
    "bce of logits": (lambda xp, F, x, y: F.binary_cross_entropy_with_logits(x, xp.sigmoid(y)), [(3, 4), (3, 4)]),
    "bce of logits, weighted": (
        lambda xp, F, x: F.binary_cross_entropy_with_logits(
            x, probabilities(xp, (3, 4)), xp.asarray(WEIGHTS), pos_weight=2 * xp.asarray(WEIGHTS)
        ), [(3, 4)],
    ),
    "kl": (
        lambda xp, F, x: F.kl_div(F.log_softmax(x, dim=1), probabilities(xp, (3, 4)), reduction="batchmean"), [(3, 4)],
    ),
    "kl of logarithms": (lambda xp, F, x, y: F.kl_div(x, y, reduction="sum", log_target=True), [(3, 4), (3, 4)]),
    "cross entropy": (lambda xp, F, x: F.cross_entropy(x, numbers(xp)), [(6, 4)]),
    "cross entropy, sum": (lambda xp, F, x: F.cross_entropy(x, numbers(xp), reduction="sum"), [(6, 4)]),
    "cross entropy, none": (lambda xp, F, x: F.cross_entropy(x, numbers(xp), reduction="none"), [(6, 4)]),
    "cross entropy, weighted": (lambda xp, F, x: F.cross_entropy(x, numbers(xp), xp.asarray(WEIGHTS)), [(6, 4)]),
    "cross entropy, one sample": (lambda xp, F, x: F.cross_entropy(x, numbers(xp)[0]), [(4,)]),
    "cross entropy of pixels, some ignored": (
        lambda xp, F, x: F.cross_entropy(x, with_ignored(xp), xp.asarray(WEIGHTS)), [(6, 4, 3)],
    ),
    "cross entropy of pixels, none": (
        lambda xp, F, x: F.cross_entropy(x, with_ignored(xp), reduction="none"), [(6, 4, 3)],
    ),
    "cross entropy, ignore 1": (lambda xp, F, x: F.cross_entropy(x, numbers(xp), ignore_index=1), [(6, 4)]),
    "cross entropy, smoothed": (lambda xp, F, x: F.cross_entropy(x, numbers(xp), label_smoothing=0.2), [(6, 4)]),
    "cross entropy, smoothed, weighted, ignored": (
        lambda xp, F, x: F.cross_entropy(x, with_ignored(xp), xp.asarray(WEIGHTS), label_smoothing=0.2), [(6, 4, 3)],
    ),
    "cross entropy of probabilities": (lambda xp, F, x: F.cross_entropy(x, probabilities(xp, (6, 4))), [(6, 4)]),
    "cross entropy of probabilities, smoothed, weighted": (
        lambda xp, F, x: F.cross_entropy(x, probabilities(xp, (6, 4, 3)), xp.asarray(WEIGHTS), label_smoothing=0.1),
        [(6, 4, 3)],
    ),
    "nll": (lambda xp, F, x: F.nll_loss(F.log_softmax(x, dim=1), numbers(xp)), [(6, 4)]),
    "nll of pixels, weighted, ignored": (
        lambda xp, F, x: F.nll_loss(F.log_softmax(x, dim=1), with_ignored(xp), xp.asarray(WEIGHTS)), [(6, 4, 3)],
    ),
    "nll, none": (lambda xp, F, x: F.nll_loss(x, numbers(xp), reduction="none"), [(6, 4)]),
    "embedding": (lambda xp, F, w: F.embedding(xp.asarray(CLASSES), w, padding_idx=2), [(5, 3)]),
    "pad": (lambda xp, F, x: F.pad(x, (1, 2, -1, 3), value=2.0), [(3, 4)]),
    "pad, reflect": (lambda xp, F, x: F.pad(x, (1, 2), mode="reflect"), [(1, 3, 4)]),
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
def test_loss(name: str) -> None:
    function, shapes = LOSSES[name]
    results, gradients = [], []
    for library in (nd, torch):
        xs = inputs(library, shapes)
        result = function(library, LIBRARIES[library][2], *xs)
        weighted_sum(library, result).backward()
        results.append(result)
        gradients.append([x.grad for x in xs])
    check(*results)
    for a, b in zip(*gradients, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            check(a, b)


# -- optimisers --------------------------------------------------------------------------------------------------------

OPTIMISERS: dict[str, Callable[[Any, Any], Any]] = {
    "SGD": lambda optim, ps: optim.SGD(ps, lr=0.1),
    "SGD with decay": lambda optim, ps: optim.SGD(ps, lr=0.1, weight_decay=0.1),
    "SGD with momentum": lambda optim, ps: optim.SGD(ps, lr=0.1, momentum=0.9, dampening=0.3),
    "SGD of Nesterov": lambda optim, ps: optim.SGD(ps, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.1),
    "SGD upwards": lambda optim, ps: optim.SGD(ps, lr=0.1, momentum=0.9, maximize=True),
    "Adam": lambda optim, ps: optim.Adam(ps, lr=0.1),
    "Adam with decay": lambda optim, ps: optim.Adam(ps, lr=0.1, betas=(0.8, 0.9), weight_decay=0.1, eps=1e-3),
    "Adam, amsgrad": lambda optim, ps: optim.Adam(ps, lr=0.1, amsgrad=True),
    "AdamW": lambda optim, ps: optim.AdamW(ps, lr=0.1, weight_decay=0.1),
    "RMSprop": lambda optim, ps: optim.RMSprop(ps, lr=0.1),
    "RMSprop, all on": lambda optim, ps: optim.RMSprop(ps, 0.1, 0.9, 1e-4, 0.1, momentum=0.5, centered=True),
    "Adagrad": lambda optim, ps: optim.Adagrad(ps, 0.1, lr_decay=0.1, weight_decay=0.1, initial_accumulator_value=0.2),
    "Adadelta": lambda optim, ps: optim.Adadelta(ps, lr=0.5, rho=0.8, eps=1e-3, weight_decay=0.1),
    "Adamax": lambda optim, ps: optim.Adamax(ps, lr=0.1, weight_decay=0.1),
    "NAdam": lambda optim, ps: optim.NAdam(ps, lr=0.1, weight_decay=0.1),
    "NAdam, decoupled": lambda optim, ps: optim.NAdam(ps, lr=0.1, weight_decay=0.1, decoupled_weight_decay=True),
    "RAdam": lambda optim, ps: optim.RAdam(ps, lr=0.1, betas=(0.8, 0.9), weight_decay=0.1),
    "RAdam, decoupled": lambda optim, ps: optim.RAdam(ps, lr=0.1, weight_decay=0.1, decoupled_weight_decay=True),
    "groups": lambda optim, ps: optim.AdamW([{"params": ps[:1]}, {"params": ps[1:], "lr": 0.5}], lr=0.1),
}  # fmt: skip


@pytest.mark.parametrize("name", OPTIMISERS)
def test_optimiser(name: str) -> None:
    found = []
    for library in (nd, torch):
        ps = inputs(library, [(3, 4), (4,)])
        optimiser = OPTIMISERS[name](LIBRARIES[library][3], ps)
        for step in range(5):
            optimiser.zero_grad()
            loss = sum(((p - step) ** 4).sum() for p in ps)
            loss.backward()
            optimiser.step()
        found.append((ps, optimiser.state_dict()))
    (ours, state), (theirs, torch_state) = found
    for a, b in zip(ours, theirs, strict=True):
        check(a, b, 1e-6 if name.startswith("NAdam") else 1e-9)  # PyTorch keeps a product of its numbers in float32
    assert state["state"].keys() == torch_state["state"].keys()
    for i, slots in state["state"].items():
        assert slots.keys() == torch_state["state"][i].keys()


@pytest.mark.parametrize("search", [None, "strong_wolfe"])
def test_lbfgs(search: str | None) -> None:
    found = []
    for library in (nd, torch):
        ps = inputs(library, [(3, 4), (4,)])
        optimiser = LIBRARIES[library][3].LBFGS(ps, lr=0.5, max_iter=7, history_size=3, line_search_fn=search)

        def closure(ps: Any = ps, optimiser: Any = optimiser) -> Any:
            optimiser.zero_grad()
            loss = sum(((p - 1) ** 4 + (p * p[..., :1]).sin()).sum() for p in ps)
            loss.backward()
            return loss

        losses = [optimiser.step(closure).item() for _ in range(4)]
        state = optimiser.state[ps[0]]
        found.append((ps, losses, state["func_evals"], state["n_iter"]))
    (ours, losses, *counts), (theirs, torch_losses, *torch_counts) = found
    np.testing.assert_allclose(losses, torch_losses, rtol=1e-6)
    assert counts == torch_counts
    for a, b in zip(ours, theirs, strict=True):
        check(a, b, 1e-6)


SCHEDULES: dict[str, Callable[[Any, Any], Any]] = {
    "LambdaLR": lambda s, o: s.LambdaLR(o, lambda epoch: 0.9**epoch),
    "StepLR": lambda s, o: s.StepLR(o, 3, gamma=0.5),
    "MultiStepLR": lambda s, o: s.MultiStepLR(o, [2, 5, 5], gamma=0.5),
    "ExponentialLR": lambda s, o: s.ExponentialLR(o, 0.8),
    "ConstantLR": lambda s, o: s.ConstantLR(o, factor=0.5, total_iters=4),
    "LinearLR": lambda s, o: s.LinearLR(o, start_factor=0.25, total_iters=4),
    "CosineAnnealingLR": lambda s, o: s.CosineAnnealingLR(o, T_max=6, eta_min=0.01),
    "MultiplicativeLR": lambda s, o: s.MultiplicativeLR(o, lambda epoch: 0.9 + epoch / 100),
    "PolynomialLR": lambda s, o: s.PolynomialLR(o, total_iters=6, power=2.0),
    "CosineAnnealingWarmRestarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, T_0=2, T_mult=2, eta_min=0.01),
    "CosineAnnealingWarmRestarts, equal": lambda s, o: s.CosineAnnealingWarmRestarts(o, T_0=3),
    "OneCycleLR": lambda s, o: s.OneCycleLR(o, max_lr=0.5, total_steps=11),
    "OneCycleLR in three phases": lambda s, o: s.OneCycleLR(
        o, 0.5, epochs=4, steps_per_epoch=3, anneal_strategy="linear", three_phase=True, div_factor=5, pct_start=0.4
    ),
    "CyclicLR": lambda s, o: s.CyclicLR(o, 0.1, 0.4, step_size_up=2, step_size_down=3),
    "CyclicLR, halved": lambda s, o: s.CyclicLR(o, 0.1, 0.4, step_size_up=2, mode="triangular2"),
    "CyclicLR, shrinking": lambda s, o: s.CyclicLR(o, 0.1, 0.4, step_size_up=2, mode="exp_range", gamma=0.9),
    "ChainedScheduler": lambda s, o: s.ChainedScheduler([s.LinearLR(o, 0.1, total_iters=3), s.ExponentialLR(o, 0.8)]),
    "SequentialLR": lambda s, o: s.SequentialLR(o, [s.LinearLR(o, 0.1, total_iters=3), s.ExponentialLR(o, 0.8)], [3]),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedule(name: str) -> None:
    rates = []
    for library in (nd, torch):
        optimiser = LIBRARIES[library][3].SGD(inputs(library, [(2,)]), lr=0.2, momentum=0.9)
        schedule = SCHEDULES[name](LIBRARIES[library][3].lr_scheduler, optimiser)
        rates.append([])
        for _ in range(10):
            rates[-1].append((optimiser.param_groups[0]["lr"], optimiser.param_groups[0]["momentum"]))
            optimiser.step()
            schedule.step()
    np.testing.assert_allclose(rates[0], rates[1], rtol=1e-12)


def test_two_schedules_on_one_optimiser_work_together() -> None:
    rates = []
    for library in (nd, torch):
        optim = LIBRARIES[library][3]
        optimiser = optim.SGD(inputs(library, [(2,)]), lr=0.2)
        schedules = [optim.lr_scheduler.ExponentialLR(optimiser, 0.9), optim.lr_scheduler.StepLR(optimiser, 2, 0.5)]
        rates.append([])
        for _ in range(6):
            optimiser.step()
            for schedule in schedules:
                schedule.step()
            rates[-1] += schedules[0].get_last_lr() + schedules[1].get_last_lr()
    np.testing.assert_allclose(rates[0], rates[1], rtol=1e-12)


@pytest.mark.parametrize(
    "settings",
    [
        {"patience": 1},
        {"mode": "max", "threshold_mode": "abs", "threshold": 0.5, "patience": 0, "cooldown": 2, "min_lr": 0.03},
    ],
)
def test_plateau(settings: dict[str, Any]) -> None:
    rates = []
    for library in (nd, torch):
        optim = LIBRARIES[library][3]
        optimiser = optim.SGD(inputs(library, [(2,)]), lr=0.2)
        schedule = optim.lr_scheduler.ReduceLROnPlateau(optimiser, factor=0.5, **settings)
        rates.append([])
        for metric in (3.0, 2.0, 2.1, 2.0, 1.9999, 4.0, 4.2, 4.0, 5.0, 1.0, 1.0, 1.0):
            schedule.step(library.asarray(metric))
            rates[-1].append(optimiser.param_groups[0]["lr"])
    np.testing.assert_allclose(rates[0], rates[1], rtol=1e-12)


# -- what is printed and counted ---------------------------------------------------------------------------------------

REPRS: dict[str, Callable[[Any], Any]] = {
    "ModuleList": lambda nn: nn.ModuleList([*[nn.Linear(2, 3) for _ in range(3)], nn.ReLU(), nn.Sequential(nn.Tanh())]),
    "ModuleDict": lambda nn: nn.ModuleDict({"a": nn.Linear(2, 3), "b": nn.Sequential(nn.ReLU(inplace=True))}),
    "an empty ModuleList": lambda nn: nn.ModuleList(),
    "Embedding": lambda nn: nn.Embedding(5, 3, padding_idx=-1),
    "losses": lambda nn: nn.ModuleList(
        [nn.MSELoss(), nn.CrossEntropyLoss(), nn.NLLLoss(), nn.BCEWithLogitsLoss(), nn.L1Loss(), nn.HuberLoss()]
    ),
    "dropouts": lambda nn: nn.ModuleList([nn.Dropout(0.2), nn.Dropout2d(inplace=True), nn.Dropout1d()]),
    "in place": lambda nn: nn.ModuleList(
        [nn.ReLU(True), nn.LeakyReLU(inplace=True), nn.Hardtanh(inplace=True), nn.ELU(1, True)]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REPRS)
def test_repr(name: str) -> None:
    assert repr(REPRS[name](nn)) == repr(REPRS[name](torch.nn))


def test_parameter_containers_print_alike() -> None:
    for library, n in ((nd, nn), (torch, torch.nn)):
        one = n.ParameterList([library.zeros(2, 3)])
        two = n.ParameterDict({"a": n.Parameter(library.zeros(2)), "b": n.Parameter(library.zeros(1, 2))})
        texts = [repr(p).replace(f"{library.__name__}.", "").replace("FloatTensor", "float32") for p in (one, two)]
        assert texts == [
            "ParameterList(  (0): Parameter containing: [float32 of size 2x3])",
            "ParameterDict(\n    (a): Parameter containing: [float32 of size 2]\n"
            "    (b): Parameter containing: [float32 of size 1x2]\n)",
        ]


def test_clipping_by_norm() -> None:
    found = []
    for library, n in ((nd, nn), (torch, torch.nn)):
        ps = inputs(library, [(3, 4), (2,)])
        (sum((p**2).sum() for p in ps)).backward()
        norms = [n.utils.clip_grad_norm_(ps, 1.5, norm_type=kind) for kind in (2.0, float("inf"), 1.0)]
        n.utils.clip_grad_value_(ps, 0.1)
        found.append([*norms, *[p.grad for p in ps]])
    for a, b in zip(*found, strict=True):
        check(a, b)


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (3, 2, 5, 5)])
@pytest.mark.parametrize(
    "fill",
    [
        lambda init, w: init.kaiming_uniform_(w, a=0.3, mode="fan_out"),
        lambda init, w: init.kaiming_normal_(w, nonlinearity="relu"),
        lambda init, w: init.xavier_uniform_(w, gain=2.0),
        lambda init, w: init.xavier_normal_(w),
        lambda init, w: init.trunc_normal_(w, 0.5, 2.0, -1.0, 1.5),
        lambda init, w: init.uniform_(w, -2, 3),
        lambda init, w: init.normal_(w, 1, 2),
    ],
)
def test_initial_values_have_the_same_spread(fill: Callable[[Any, Any], Any], shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    nd.manual_seed(0)
    spreads = []
    for library, n in ((nd, nn), (torch, torch.nn)):
        drawn = np.stack([fill(n.init, library.empty(*shape)).numpy() for _ in range(1000)])
        spreads.append([drawn.mean(), drawn.std()])
    np.testing.assert_allclose(spreads[0], spreads[1], atol=0.02, rtol=0.02)


def test_copies_are_independent() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    twin = copy.deepcopy(model)
    nn.init.zeros_(twin[0].weight)
    assert float(nd.sum(nd.abs(model[0].weight))) > 0
    assert isinstance(twin[0].weight, nn.Parameter)
