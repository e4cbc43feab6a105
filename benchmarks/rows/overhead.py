"""What a library adds to operations so small that their arithmetic takes no time: 16 float32 numbers."""

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.libraries import JAX, NDGRAD, NUMPY, TORCH, Library
from benchmarks.row import Row, Thunk, Work, above, at_most, no_slower_than

US = 1e-6
WITHOUT_GRAD, WITH_GRAD, BACKWARD = "op overhead, no grad", "op overhead, with grad", "backward of a 200-op chain"
FURTHER = "further calls on 16 numbers, no grad"
NODES = 200

VECTOR = np.linspace(-0.9, 0.9, 16, dtype=np.float32)
MATRIX = VECTOR.reshape(4, 4)

Call = Callable[[Any, Any, Any], Thunk]
"""From a library's namespace and two operands to the call that is timed."""

OPERATIONS: dict[str, tuple[np.ndarray, Call]] = {
    "x + y": (VECTOR, lambda xp, x, y: lambda: x + y),
    "x * y": (VECTOR, lambda xp, x, y: lambda: x * y),
    "2.0 * x": (VECTOR, lambda xp, x, y: lambda: 2.0 * x),
    "exp(x)": (VECTOR, lambda xp, x, y: lambda: xp.exp(x)),
    "x @ y, 4x4": (MATRIX, lambda xp, x, y: lambda: x @ y),
    "x[3]": (VECTOR, lambda xp, x, y: lambda: x[3]),
    "x[2:10]": (VECTOR, lambda xp, x, y: lambda: x[2:10]),
}


def overwritten(xp: Any, x: Any, y: Any) -> Thunk:
    def run() -> None:
        x[3] = 1.0

    return run


def masked(xp: Any, x: Any, y: Any) -> Thunk:
    mask = x > 0.5

    def run() -> None:
        x[mask] = 0.75

    return run


def added(xp: Any, x: Any, y: Any) -> Thunk:
    def run() -> None:
        nonlocal x
        x += y

    return run


FURTHER_CALLS: dict[str, Call] = {
    "x ** 2": lambda xp, x, y: lambda: x**2,
    "x > y": lambda xp, x, y: lambda: x > y,
    "x.sum()": lambda xp, x, y: lambda: x.sum(),
    "x.max()": lambda xp, x, y: lambda: x.max(),
    "x.mean().item()": lambda xp, x, y: lambda: x.mean().item(),
    "x.reshape(4, 4)": lambda xp, x, y: lambda: x.reshape(4, 4),
    "concat((x, y))": lambda xp, x, y: lambda: xp.concat((x, y)),
    "stack((x, y))": lambda xp, x, y: lambda: xp.stack((x, y)),
    "where(x > 0, x, y)": lambda xp, x, y: lambda: xp.where(x > 0, x, y),
    "softmax(x, 0)": lambda xp, x, y: lambda: xp.softmax(x, 0),
    "zeros(16)": lambda xp, x, y: lambda: xp.zeros(16),
    "x[x > 0]": lambda xp, x, y: lambda: x[x > 0],
    "x[3] = 1.0": overwritten,
    "x[mask] = 0.75": masked,
    "x += y": added,
}


def on_arrays(values: np.ndarray, call: Call) -> Work:
    return lambda lib: call(lib.xp, lib.array(values), lib.array(values))


def on_variables(values: np.ndarray, call: Call) -> Work:
    return lambda lib: call(lib.xp, lib.variable(values), lib.variable(values))


def chain(tanh: Callable[[Any], Any], x: Any, weight: Any) -> Any:
    """200 nodes: multiply, tanh, multiply, tanh, ..."""
    for _ in range(NODES // 2):
        x = tanh(x * weight)
    return x


def chain_and_back(lib: Library) -> Thunk:
    x, weight, tanh = lib.variable(VECTOR), lib.array(VECTOR + 2), lib.xp.tanh

    def run() -> Any:
        x.grad = None
        chain(tanh, x, weight).sum().backward()
        return x.grad

    return run


def only_back(lib: Library) -> Thunk:
    x, weight, ones = lib.variable(VECTOR), lib.array(VECTOR + 2), lib.array(np.ones_like(VECTOR))
    y = chain(lib.xp.tanh, x, weight)

    def run() -> Any:
        x.grad = None
        y.backward(ones, retain_graph=True)
        return x.grad

    return run


def chain_forward_by_hand(weight: np.ndarray) -> list[np.ndarray]:
    results, x = [], VECTOR
    for _ in range(NODES // 2):
        x = np.tanh(x * weight)
        results.append(x)
    return results


def chain_back_by_hand(results: list[np.ndarray], weight: np.ndarray) -> np.ndarray:
    grad = np.ones_like(VECTOR)
    for y in reversed(results):
        grad = grad * (1 - y * y) * weight
    return grad


def chain_and_back_by_hand(lib: Library) -> Thunk:
    weight = VECTOR + 2
    return lambda: chain_back_by_hand(chain_forward_by_hand(weight), weight)


def only_back_by_hand(lib: Library) -> Thunk:
    weight = VECTOR + 2
    results = chain_forward_by_hand(weight)
    return lambda: chain_back_by_hand(results, weight)


def chain_and_back_jitted(lib: Library) -> Thunk:
    import jax

    x, weight = lib.array(VECTOR), lib.array(VECTOR + 2)
    gradient = jax.jit(jax.grad(lambda x: chain(lib.xp.tanh, x, weight).sum()))
    return lambda: gradient(x)


ROWS = [
    *(
        Row(
            name,
            WITHOUT_GRAD,
            dict.fromkeys((NDGRAD, TORCH, JAX, NUMPY), on_arrays(*operation)),
            above(NUMPY, 0.6 * US),
            brief=True,
        )
        for name, operation in OPERATIONS.items()
    ),
    *(
        Row(
            name,
            WITH_GRAD,
            dict.fromkeys((NDGRAD, TORCH), on_variables(*operation)) | {NUMPY: on_arrays(*operation)},
            above(NUMPY, 1.0 * US),
            brief=True,
        )
        for name, operation in OPERATIONS.items()
    ),
    *(
        Row(name, FURTHER, dict.fromkeys((NDGRAD, TORCH), on_arrays(VECTOR, call)), brief=True)
        for name, call in FURTHER_CALLS.items()
    ),
    Row(
        "forward and backward, per node",
        BACKWARD,
        {NDGRAD: chain_and_back, TORCH: chain_and_back, JAX: chain_and_back_jitted, NUMPY: chain_and_back_by_hand},
        no_slower_than(TORCH),
        per=NODES,
        brief=True,
    ),
    Row(
        "backward alone, per node",
        BACKWARD,
        {NDGRAD: only_back, TORCH: only_back, NUMPY: only_back_by_hand},
        at_most(2.5 * US),
        per=NODES,
        brief=True,
    ),
]
