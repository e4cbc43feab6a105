"""What the programs share: the list of them, their data, and the loop in which most of them train."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

PROGRAMS: dict[str, Callable[[Any], Any]] = {}


def program(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    PROGRAMS[function.__name__] = function
    return function


def normal(lib: Any, *shape: int, seed: int = 0) -> Any:
    return lib.t.from_numpy(np.random.default_rng(seed).standard_normal(shape))


def classes(lib: Any, n: int, *shape: int, seed: int = 0) -> Any:
    return lib.t.from_numpy(np.random.default_rng(seed).integers(0, n, shape))


def train(lib: Any, model: Any, optimizer: Any, loss_of: Callable[[], Any], steps: int = 5) -> list[Any]:
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return losses
