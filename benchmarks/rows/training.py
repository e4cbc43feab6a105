"""Whole training steps: zero_grad, forward, backward and the optimiser's update, on a batch of 64 in float32."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks.libraries import COMPILED, JAX, NDGRAD, NUMPY, TORCH, Library
from benchmarks.row import Row, Thunk, no_slower_than
from benchmarks.rows import training_by_hand as by_hand

GROUP = "training step, batch 64, Adam"
BATCH = 64
LEARNING_RATE = 1e-3

_random = np.random.default_rng(0)
PIXELS = _random.random((BATCH, 784), dtype=np.float32)
DIGITS = _random.random((BATCH, 1, 8, 8), dtype=np.float32)
LABELS = _random.integers(0, 10, BATCH)


def mlp(nn: Any) -> Any:
    """784-512-512-10 with ReLU: 670,000 parameters."""
    return nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))


def digit_cnn(nn: Any) -> Any:
    """The network of docs/examples/digits.py, without its dropout, which JAX would need keys for."""
    return nn.Sequential(
        nn.Conv2d(1, 16, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 32, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 4 * 4, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )


def step(lib: Library, network: Callable[[Any], Any], inputs: np.ndarray) -> Thunk:
    """One step, in the words that ndgrad and PyTorch share."""
    model = network(lib.nn)
    criterion = lib.nn.CrossEntropyLoss()
    optimiser = lib.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    x, labels = lib.array(inputs), lib.array(LABELS)

    def run() -> Any:
        optimiser.zero_grad()
        loss = criterion(model(x), labels)
        loss.backward()
        optimiser.step()
        return loss

    return run


def update(lib: Library, name: str) -> Thunk:
    """The optimiser's step alone, on the parameters of the network of 670,000."""
    parameters = list(mlp(lib.nn).parameters())
    for parameter in parameters:
        parameter.grad = lib.array(_random.standard_normal(tuple(parameter.shape)).astype(np.float32))
    return getattr(lib.optim, name)(parameters, lr=LEARNING_RATE).step


ROWS = [
    Row(
        "MLP 784-512-512-10",
        GROUP,
        {
            **dict.fromkeys((NDGRAD, COMPILED, TORCH), partial(step, network=mlp, inputs=PIXELS)),
            JAX: partial(by_hand.jax_step, network=by_hand.jax_mlp, inputs=PIXELS, labels=LABELS),
            NUMPY: partial(by_hand.numpy_mlp_step, inputs=PIXELS, labels=LABELS),
        },
        no_slower_than(TORCH),
    ),
    Row(
        "CNN of the digits example",
        GROUP,
        {
            **dict.fromkeys((NDGRAD, COMPILED, TORCH), partial(step, network=digit_cnn, inputs=DIGITS)),
            JAX: partial(by_hand.jax_step, network=by_hand.jax_digit_cnn, inputs=DIGITS, labels=LABELS),
        },
    ),
    *(
        Row(
            f"update of 670,000 parameters by {name}",
            GROUP,
            dict.fromkeys((NDGRAD, COMPILED, TORCH), partial(update, name=name)),
        )
        for name in ("Adam", "SGD", "RMSprop")
    ),
]
