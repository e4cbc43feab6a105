"""Watching a training, keeping it, and going on: hooks, checkpoints, averages, frozen layers."""

from __future__ import annotations

import copy

import numpy as np
from shared import classes, normal, program, train


@program
def hooks_that_look_inside(lib):
    net = lib.adopt(lib.nn.Sequential(lib.nn.Linear(4, 5), lib.nn.ReLU(), lib.nn.Linear(5, 2)))
    seen = {}

    def getActivation(name):
        def hook(model, input, output):
            seen[name] = output.detach()

        return hook

    handles = [net[0].register_forward_hook(getActivation("first"))]
    handles.append(net[2].register_full_backward_hook(lambda m, gi, go: seen.update(go=go[0], gi=gi[0])))
    handles.append(net[0].weight.register_hook(lambda grad: grad * 2))
    x = normal(lib, 3, 4).requires_grad_()
    net(x).pow(2).sum().backward()
    for handle in handles:
        handle.remove()
    first = net[0].weight.grad.clone()
    net.zero_grad()
    net(x).pow(2).sum().backward()
    return [
        seen["first"].sum(),
        seen["go"].sum(),
        seen["gi"].sum(),
        (first / net[0].weight.grad).nanmean(),
        x.grad.sum(),
    ]


@program
def checkpoint_and_resume(lib):
    """Everything that a training needs to go on: model, optimiser and schedule."""

    def make():
        model = lib.nn.Linear(4, 2)
        optimizer = lib.optim.AdamW(model.parameters(), lr=0.1)
        return model, optimizer, lib.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.2, total_steps=10)

    def steps(model, optimizer, scheduler, n):
        losses = []
        for _ in range(n):
            losses += train(lib, model, optimizer, lambda: model(normal(lib, 6, 4)).pow(2).mean(), 1)
            scheduler.step()
        return [*losses, scheduler.get_last_lr()[0]]

    run = make()
    lib.adopt(run[0])
    before = steps(*run, 3)
    checkpoint = copy.deepcopy({str(i): part.state_dict() for i, part in enumerate(run)})
    onwards = steps(*run, 4)
    again = make()
    for i, part in enumerate(again):
        part.load_state_dict(checkpoint[str(i)])
    resumed = steps(*again, 4)
    assert np.allclose([float(a) for a in onwards], [float(a) for a in resumed])
    return before + onwards


@program
def moving_average_of_weights(lib):
    model = lib.adopt(lib.nn.Sequential(lib.nn.Linear(4, 3), lib.nn.BatchNorm1d(3)))
    ema = copy.deepcopy(model)
    for p in ema.parameters():
        p.requires_grad_(False)
    optimizer = lib.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(3):
        train(lib, model, optimizer, lambda: (model(normal(lib, 6, 4)) - 1).pow(2).mean(), 1)
        with lib.t.no_grad():
            for p, q in zip(ema.parameters(), model.parameters(), strict=True):
                p.mul_(0.9).add_(q, alpha=0.1)
            for p, q in zip(ema.buffers(), model.buffers(), strict=True):
                p.copy_(q)
    ema.eval()
    return [ema(normal(lib, 2, 4)).sum(), *(p.sum() for p in ema.parameters())]


@program
def frozen_layers_and_accumulated_gradients(lib):
    """Transfer learning: freeze all but a new head, which learns at a rate of its own, over several small batches."""
    model = lib.adopt(lib.nn.Sequential(lib.nn.Linear(4, 6), lib.nn.ReLU(), lib.nn.Linear(6, 5)))
    for param in model.parameters():
        param.requires_grad = False
    model[2] = lib.adopt(lib.nn.Linear(6, 2))
    model[0].bias.requires_grad_(True)
    optimizer = lib.optim.SGD(
        [{"params": model[2].parameters()}, {"params": [model[0].bias], "lr": 1e-3}], lr=0.1, momentum=0.9
    )
    scheduler = lib.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=2)
    losses = []
    for _ in range(3):
        for i in range(4):
            x, y = normal(lib, 3, 4, seed=i), classes(lib, 2, 3, seed=i)
            loss = lib.F.cross_entropy(model(x), y) / 2
            loss.backward()
            if (i + 1) % 2 == 0:
                optimizer.step()
                optimizer.zero_grad(set_to_none=False)
            losses.append(loss.item())
        scheduler.step()
        losses += [group["lr"] for group in optimizer.param_groups]
    assert model[0].weight.grad is None
    return [*losses, sum(p.numel() for p in model.parameters() if p.requires_grad)]
