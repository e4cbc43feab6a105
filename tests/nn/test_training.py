"""Networks learn, on the CPU and on a backend that has no kernels of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import ndgrad as nd
from ndgrad import nn, optim
from ndgrad.data import DataLoader, TensorDataset


class NeuralNetwork(nn.Module):
    def __init__(self) -> None:
        super(NeuralNetwork, self).__init__()  # noqa: UP008  (the form of the program that must run unchanged)
        self.flatten = nn.Flatten()
        self.linear_relu_stack = nn.Sequential(
            nn.Linear(28 * 28, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10)
        )

    def forward(self, x: nd.Tensor) -> nd.Tensor:
        return self.linear_relu_stack(self.flatten(x))


def step(model: nn.Module, optimizer: optim.Optimizer, loss: nn.Module, x: nd.Tensor, y: nd.Tensor) -> float:
    optimizer.zero_grad()
    value = loss(model(x), y)
    value.backward()
    optimizer.step()
    return value.item()


def test_the_mlp_prints_as_in_pytorch() -> None:
    assert repr(NeuralNetwork()) == (
        "NeuralNetwork(\n"
        "  (flatten): Flatten(start_dim=1, end_dim=-1)\n"
        "  (linear_relu_stack): Sequential(\n"
        "    (0): Linear(in_features=784, out_features=512, bias=True)\n"
        "    (1): ReLU()\n"
        "    (2): Linear(in_features=512, out_features=512, bias=True)\n"
        "    (3): ReLU()\n"
        "    (4): Linear(in_features=512, out_features=10, bias=True)\n"
        "  )\n"
        ")"
    )


def test_the_mlp_learns_random_images_by_heart() -> None:
    model = NeuralNetwork()
    optimizer, loss = optim.Adam(model.parameters()), nn.CrossEntropyLoss()
    x, y = nd.rand(64, 28, 28), nd.randint(0, 10, (64,))
    losses = [step(model, optimizer, loss, x, y) for _ in range(40)]
    assert losses[0] > 2
    assert losses[-1] < 0.05


def test_a_cnn_learns(device: str) -> None:
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 3)
    )  # fmt: skip
    assert {p.device for p in model.parameters()} == {device}
    optimizer, loss = optim.SGD(model.parameters(), lr=0.1, momentum=0.9), nn.CrossEntropyLoss()
    x, y = nd.randn(12, 1, 6, 6), nd.arange(12) % 3
    losses = [step(model, optimizer, loss, x, y) for _ in range(40)]
    assert losses[-1] < 0.1 * losses[0]


OPTIMISERS: dict[str, Callable[[Any], optim.Optimizer]] = {
    "SGD": lambda ps: optim.SGD(ps, lr=0.02),
    "SGD with momentum": lambda ps: optim.SGD(ps, lr=0.02, momentum=0.9, nesterov=True),
    "Adam": lambda ps: optim.Adam(ps, lr=0.1),
    "AdamW": lambda ps: optim.AdamW(ps, lr=0.1, amsgrad=True),
    "RMSprop": lambda ps: optim.RMSprop(ps, lr=0.05, momentum=0.5, centered=True),
    "Adagrad": lambda ps: optim.Adagrad(ps, lr=1.0),
}


@pytest.mark.parametrize("name", OPTIMISERS)
def test_optimisers_find_a_line(name: str, device: str) -> None:
    x = nd.linspace(-1, 1, 20)[:, None]
    model = nn.Linear(1, 1)
    optimizer = OPTIMISERS[name](model.parameters())
    loader = DataLoader(TensorDataset(x, 3 * x - 2), batch_size=5, shuffle=True)
    for _ in range(100):
        for batch in loader:
            step(model, optimizer, nn.MSELoss(), *batch)
    assert model.weight.item() == pytest.approx(3, abs=0.1)
    assert model.bias.item() == pytest.approx(-2, abs=0.1)


def test_training_is_repeatable() -> None:
    def run() -> list[Any]:
        nd.manual_seed(3)
        model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Dropout(0.2), nn.Linear(8, 2))
        optimizer = optim.Adam(model.parameters())
        data = TensorDataset(nd.randn(10, 4), nd.randint(0, 2, (10,)))
        for x, y in DataLoader(data, batch_size=4, shuffle=True):
            step(model, optimizer, nn.CrossEntropyLoss(), x, y)
        return nn.utils.parameters_to_vector(model.parameters()).tolist()

    assert run() == run()


def test_frozen_layers_stay() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    model[0].requires_grad_(False)
    before = model[0].weight.tolist()
    step(model, optim.SGD(model.parameters(), lr=1.0), nn.MSELoss(), nd.ones(3, 2), nd.zeros(3, 2))
    assert model[0].weight.tolist() == before
    assert model[0].weight.grad is None
