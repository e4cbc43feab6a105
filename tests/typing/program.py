"""A user's program: it is type-checked, strictly, with the packages, and never run."""

from __future__ import annotations

from typing import assert_type

import ndgrad as nd
from ndgrad import nn, optim
from ndgrad.data import DataLoader, TensorDataset


class Net(nn.Module):
    def __init__(self, hidden: int = 16) -> None:
        super().__init__()
        self.stack = nn.Sequential(nn.Flatten(), nn.Linear(8, hidden), nn.ReLU(), nn.Linear(hidden, 3))
        self.scale = nn.Parameter(nd.ones(1))

    def forward(self, x: nd.Tensor) -> nd.Tensor:
        out: nd.Tensor = self.stack(x)
        return out * self.scale


@nd.no_grad()
def accuracy(model: nn.Module, x: nd.Tensor, y: nd.Tensor) -> float:
    scores: nd.Tensor = model(x)
    return float((scores.argmax(dim=1) == y).float().mean())


def train(model: nn.Module, loader: DataLoader) -> None:
    optimizer = optim.Adam(model.parameters(), lr=1e-2)
    for x, y in loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()


def main() -> None:
    x, y = nd.randn(64, 2, 4), nd.randint(0, 3, (64,))
    model = Net().to("cpu").train()
    train(model, DataLoader(TensorDataset(x, y), batch_size=16, shuffle=True))
    nd.save(model.state_dict(), "net.safetensors")
    model.load_state_dict(nd.load("net.safetensors"))
    assert_type(accuracy(model, x, y), float)


def tensors(x: nd.Tensor) -> None:
    assert_type(x.sum(), nd.Tensor)
    assert_type(x.sum(1, True) + x.sum(axis=1, keepdims=True) - x.sum(dim=1, keepdim=True), nd.Tensor)
    assert_type(nd.sum(x, dim=1, keepdim=True) / nd.cat([x, x], dim=0), nd.Tensor)
    assert_type(2.0 * x - x @ x.mT + x[..., None, 0] ** 2, nd.Tensor)
    assert_type(x.unsqueeze(0).permute(1, 2, 0).reshape(-1).view(2, 3).exp().clamp(min=0.0), nd.Tensor)
    assert_type(x.float().add_(1).mul_(2).to("cpu", nd.float64), nd.Tensor)
    assert_type(x.shape, tuple[int, ...])
    assert_type(x.dtype == nd.float32, bool)
    assert_type(x.grad, nd.Tensor | None)
    assert_type(x.split(1, dim=0), tuple[nd.Tensor, ...])
    assert_type(x.is_floating_point(), bool)
    assert_type(list(x), list[nd.Tensor])
    assert_type(x.topk(2).values, nd.Tensor)
    assert_type(nd.arccos(x), nd.Tensor)
    assert_type(nd.zeros(2, 3), nd.Tensor)
    assert_type(nd.hamming_window(3), nd.Tensor)
    assert_type(nd.linalg.norm(x, dim=0) + nd.special.gammaln(x), nd.Tensor)
    assert_type(nd.fft.fft(x, dim=0), nd.Tensor)


def mistakes(x: nd.Tensor) -> None:
    x.summ()  # type: ignore[attr-defined]
    x.sum(dimm=1)  # type: ignore[call-arg]
    nd.summ(x)  # type: ignore[attr-defined]
    nd.exp(x, dim=1)  # type: ignore[call-arg]


@nd.no_grad
@nd.inference_mode()
@nd.set_grad_enabled(False)
def without_history(x: nd.Tensor, k: int) -> nd.Tensor:
    return x * k


def modes(x: nd.Tensor) -> None:
    assert_type(without_history(x, 2), nd.Tensor)
    with nd.no_grad(), nd.enable_grad(), nd.inference_mode(False), nd.set_grad_enabled(True):
        pass
    without_history(x)  # type: ignore[call-arg]
