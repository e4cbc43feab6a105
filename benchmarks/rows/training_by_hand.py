"""The training steps of `training.py` where there are no modules and optimisers: compiled by JAX, and in bare NumPy.

Adam is Kingma & Ba, "Adam: A Method for Stochastic Optimization", algorithm 1, with the usual constants.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.libraries import Library
from benchmarks.row import Thunk

LEARNING_RATE, BETA1, BETA2, EPSILON = 1e-3, 0.9, 0.999, 1e-8

Shapes = Sequence[tuple[int, ...]]
Network = tuple[Shapes, Callable[[Any, Any], Any]]
"""Shapes of the weights, and the function from weights and inputs to logits."""


def initial(shapes: Shapes) -> list[np.ndarray]:
    """Uniform in +-1/sqrt(fan in), biases too."""
    random = np.random.default_rng(0)
    bounds = [1 / np.sqrt(np.prod(shape[1:])) if len(shape) > 1 else 0.01 for shape in shapes]
    return [random.uniform(-b, b, s).astype(np.float32) for b, s in zip(bounds, shapes, strict=True)]


MLP_SHAPES: Shapes = [(512, 784), (512,), (512, 512), (512,), (10, 512), (10,)]
CNN_SHAPES: Shapes = [(16, 1, 3, 3), (16,), (32, 16, 3, 3), (32,), (64, 512), (64,), (10, 64), (10,)]


def jax_mlp() -> Network:
    from jax.nn import relu

    def forward(weights: Any, x: Any) -> Any:
        w1, b1, w2, b2, w3, b3 = weights
        return relu(relu(x @ w1.T + b1) @ w2.T + b2) @ w3.T + b3

    return MLP_SHAPES, forward


def jax_digit_cnn() -> Network:
    import jax

    def convolve(x: Any, weight: Any, bias: Any) -> Any:
        return jax.lax.conv(x, weight, window_strides=(1, 1), padding="SAME") + bias[:, None, None]

    def forward(weights: Any, x: Any) -> Any:
        k1, b1, k2, b2, w3, b3, w4, b4 = weights
        x = jax.nn.relu(convolve(x, k1, b1))
        x = jax.nn.relu(convolve(x, k2, b2))
        x = jax.lax.reduce_window(x, -np.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
        return jax.nn.relu(x.reshape(len(x), -1) @ w3.T + b3) @ w4.T + b4

    return CNN_SHAPES, forward


def jax_step(lib: Library, network: Callable[[], Network], inputs: np.ndarray, labels: np.ndarray) -> Thunk:
    """A step as one compiled program, which overwrites the old weights."""
    import jax

    shapes, forward = network()
    jnp = lib.xp

    def loss_of(weights: Any, x: Any, y: Any) -> Any:
        log_probabilities = jax.nn.log_softmax(forward(weights, x))
        return -jnp.mean(jnp.take_along_axis(log_probabilities, y[:, None], axis=1))

    def update(state: Any, x: Any, y: Any) -> Any:
        weights, first, second, t = state
        loss, grads = jax.value_and_grad(loss_of)(weights, x, y)
        t = t + 1
        first = [BETA1 * m + (1 - BETA1) * g for m, g in zip(first, grads, strict=True)]
        second = [BETA2 * v + (1 - BETA2) * g * g for v, g in zip(second, grads, strict=True)]
        rate, scale = LEARNING_RATE / (1 - BETA1**t), jnp.sqrt(1 - BETA2**t)
        weights = [
            w - rate * m / (jnp.sqrt(v) / scale + EPSILON) for w, m, v in zip(weights, first, second, strict=True)
        ]
        return loss, (weights, first, second, t)

    compiled = jax.jit(update, donate_argnums=0)
    zeros = [[jnp.zeros(shape) for shape in shapes] for _ in range(2)]
    state = [jnp.asarray(weight) for weight in initial(shapes)], *zeros, jnp.zeros(())
    x, y = lib.array(inputs), lib.array(labels)

    def run() -> Any:
        nonlocal state
        loss, state = compiled(state, x, y)
        return loss

    return run


def numpy_mlp_step(lib: Library, inputs: np.ndarray, labels: np.ndarray) -> Thunk:
    """A step of the MLP written out, with buffers reused in Adam: about what NumPy allows."""
    weights = initial(MLP_SHAPES)
    w1, b1, w2, b2, w3, b3 = weights
    first, second, scratch = ([np.zeros_like(weight) for weight in weights] for _ in range(3))
    rows = np.arange(len(labels))
    t = 0

    def gradients() -> tuple[float, list[np.ndarray]]:
        h1 = np.maximum(inputs @ w1.T + b1, 0)
        h2 = np.maximum(h1 @ w2.T + b2, 0)
        logits = h2 @ w3.T + b3
        shifted = logits - logits.max(axis=1, keepdims=True)
        exps = np.exp(shifted)
        sums = exps.sum(axis=1, keepdims=True)
        loss = float((np.log(sums[:, 0]) - shifted[rows, labels]).mean())
        g3 = exps / sums
        g3[rows, labels] -= 1
        g3 /= len(labels)
        g2 = (g3 @ w3) * (h2 > 0)
        g1 = (g2 @ w2) * (h1 > 0)
        return loss, [g1.T @ inputs, g1.sum(0), g2.T @ h1, g2.sum(0), g3.T @ h2, g3.sum(0)]

    def run() -> float:
        nonlocal t
        loss, grads = gradients()
        t += 1
        rate, scale = LEARNING_RATE / (1 - BETA1**t), np.float32(1 / np.sqrt(1 - BETA2**t))
        for w, g, m, v, s in zip(weights, grads, first, second, scratch, strict=True):
            m *= BETA1
            m += np.multiply(g, 1 - BETA1, out=s)
            v *= BETA2
            v += np.multiply(np.multiply(g, g, out=s), 1 - BETA2, out=s)
            np.sqrt(v, out=s)
            s *= scale
            s += EPSILON
            np.divide(m, s, out=s)
            s *= np.float32(rate)
            w -= s
        return loss

    return run
