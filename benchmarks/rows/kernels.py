"""Single operations big enough that their arithmetic takes the time."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks.libraries import COMPILED, JAX, NDGRAD, NUMPY, TORCH, Library
from benchmarks.row import NotOffered, Row, Thunk, Work

ELEMENTWISE, REDUCTIONS, MATMUL = "elementwise, float32", "sums, float32", "matrix products, float32"
ROWWISE = "rows of 1024x1024, float32"
LAYERS = "layers, forward and backward, float32"
MILLION = 1 << 20


def normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


def of(call: Callable[[Any, Any], Any], *shape: int) -> Work:
    """The call with a library's namespace and an array of random numbers."""

    def work(lib: Library) -> Thunk:
        x = lib.array(normal(*shape))
        return lambda: call(lib.xp, x)

    return work


def gelu(lib: Library, size: int) -> Thunk:
    """Exact gelu: x * (1 + erf(x / sqrt 2)) / 2."""
    x = lib.array(normal(size))
    if lib.name == JAX:
        import jax

        return lambda: jax.nn.gelu(x, approximate=False)
    function = getattr(getattr(lib.nn, "functional", None), "gelu", None)
    if function is None:
        raise NotOffered(f"{lib.name}.nn.functional has no gelu")
    return lambda: function(x)


def layer(make: Callable[[Any], Any], *shape: int) -> Work:
    """Forward and backward of one layer, with gradients for its weights and its input."""

    def work(lib: Library) -> Thunk:
        module, x = make(lib.nn), lib.variable(normal(*shape))
        ones = lib.array(np.ones(tuple(module(x).shape), np.float32))
        leaves = [x, *module.parameters()]

        def run() -> Any:
            for leaf in leaves:
                leaf.grad = None
            module(x).backward(ones)
            return x.grad

        return run

    return work


def cross_entropy(lib: Library) -> Thunk:
    criterion, logits = lib.nn.CrossEntropyLoss(), lib.variable(normal(64, 10))
    labels = lib.array(np.random.default_rng(0).integers(0, 10, 64))

    def run() -> Any:
        logits.grad = None
        criterion(logits, labels).backward()
        return logits.grad

    return run


def embedding(lib: Library) -> Thunk:
    """Forward and backward of looking up rows, some of them twice."""
    module = lib.nn.Embedding(10000, 256)
    indices = lib.array(np.random.default_rng(0).integers(0, 10000, (64, 128)))
    ones = lib.array(np.ones((64, 128, 256), np.float32))

    def run() -> Any:
        module.weight.grad = None
        module(indices).backward(ones)
        return module.weight.grad

    return run


def attention(lib: Library) -> Thunk:
    """Forward and backward of attention written out: products, a softmax, products."""
    q, k, v = (lib.variable(normal(64, 128, 64)) for _ in range(3))
    ones = lib.array(np.ones((64, 128, 64), np.float32))
    softmax = lib.nn.Softmax(-1)

    def run() -> Any:
        q.grad = k.grad = v.grad = None
        (softmax(q @ k.mT * 0.125) @ v).backward(ones)
        return q.grad

    return run


EVERYWHERE, TRAINABLE = (NDGRAD, COMPILED, TORCH, JAX, NUMPY), (NDGRAD, COMPILED, TORCH)

CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "x + x": lambda xp, x: x + x,
    "exp(x)": lambda xp, x: xp.exp(x),
    "tanh(x)": lambda xp, x: xp.tanh(x),
    "where(x > 0, x, -x)": lambda xp, x: xp.where(x > 0, x, -x),
}

HALF = "elementwise, float16"


def of_halves(call: Callable[[Any, Any], Any]) -> Work:
    """The call on a million random float16."""

    def work(lib: Library) -> Thunk:
        x = lib.array(normal(MILLION).astype(np.float16))
        return lambda: call(lib.xp, x)

    return work


ALONG_ROWS: dict[str, Callable[[Any, Any], Any]] = {
    "x + x[0]": lambda xp, x: x + x[0],
    "var": lambda xp, x: xp.var(x, axis=1),
    "max": lambda xp, x: xp.amax(x, axis=1),
    "argmax": lambda xp, x: xp.argmax(x, axis=1),
    "cumsum": lambda xp, x: xp.cumsum(x, axis=1),
    "sort": lambda xp, x: xp.sort(x, axis=1),
}

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "ReLU": lambda nn: nn.ReLU(),
    "GELU": lambda nn: nn.GELU(),
    "SiLU": lambda nn: nn.SiLU(),
}

NORMALIZERS: list[tuple[str, Callable[[Any], Any], tuple[int, ...]]] = [
    ("Softmax", lambda nn: nn.Softmax(1), (1024, 1024)),
    ("LogSoftmax", lambda nn: nn.LogSoftmax(1), (1024, 1024)),
    ("LayerNorm", lambda nn: nn.LayerNorm(1024), (1024, 1024)),
    ("BatchNorm2d", lambda nn: nn.BatchNorm2d(32), (32, 32, 28, 28)),
    ("BatchNorm2d", lambda nn: nn.BatchNorm2d(32), (64, 32, 8, 8)),
]

SLIDING: list[tuple[str, Callable[[Any], Any], tuple[int, ...]]] = [
    ("Conv2d 16 to 32, 3x3", lambda nn: nn.Conv2d(16, 32, 3, padding=1), (32, 16, 28, 28)),
    ("Conv2d 64 to 64, 3x3", lambda nn: nn.Conv2d(64, 64, 3, padding=1), (8, 64, 56, 56)),
    ("Conv2d 64 to 256, 1x1", lambda nn: nn.Conv2d(64, 256, 1), (4, 64, 56, 56)),
    ("Conv2d 3 to 64, 7x7, stride 2", lambda nn: nn.Conv2d(3, 64, 7, stride=2, padding=3), (4, 3, 224, 224)),
    ("Conv2d 32 to 64, 3x3, stride 2", lambda nn: nn.Conv2d(32, 64, 3, stride=2, padding=1), (16, 32, 28, 28)),
    ("Conv2d 32 to 32, 3x3, depthwise", lambda nn: nn.Conv2d(32, 32, 3, padding=1, groups=32), (16, 32, 28, 28)),
    ("Conv2d 32 to 32, 3x3, 4 groups", lambda nn: nn.Conv2d(32, 32, 3, padding=1, groups=4), (16, 32, 28, 28)),
    ("Conv1d 16 to 32, 5", lambda nn: nn.Conv1d(16, 32, 5, padding=2), (32, 16, 128)),
    ("MaxPool2d 2", lambda nn: nn.MaxPool2d(2), (32, 16, 28, 28)),
    ("MaxPool2d 3, stride 2", lambda nn: nn.MaxPool2d(3, stride=2, padding=1), (4, 64, 112, 112)),
]

ROWS = [
    *(
        Row(f"{name}, {millions}M", ELEMENTWISE, dict.fromkeys(EVERYWHERE, of(call, millions * MILLION)))
        for millions in (1, 4)
        for name, call in CALLS.items()
    ),
    *(
        Row(
            f"gelu(x), {millions}M",
            ELEMENTWISE,
            dict.fromkeys((*TRAINABLE, JAX), partial(gelu, size=millions * MILLION)),
        )
        for millions in (1, 4)
    ),
    *(
        Row(f"{name}, 1M", HALF, dict.fromkeys(EVERYWHERE, of_halves(call)))
        for name, call in CALLS.items()
        if name != "tanh(x)"
    ),
    Row("sum(x), 1M", REDUCTIONS, dict.fromkeys(EVERYWHERE, of(lambda xp, x: xp.sum(x), MILLION))),
    Row("sum(x), 4M", REDUCTIONS, dict.fromkeys(EVERYWHERE, of(lambda xp, x: xp.sum(x), 4 * MILLION))),
    Row("rows of 1024x1024", REDUCTIONS, dict.fromkeys(EVERYWHERE, of(lambda xp, x: xp.sum(x, 1), 1024, 1024))),
    Row("columns of 1024x1024", REDUCTIONS, dict.fromkeys(EVERYWHERE, of(lambda xp, x: xp.sum(x, 0), 1024, 1024))),
    *(Row(name, ROWWISE, dict.fromkeys(EVERYWHERE, of(call, 1024, 1024))) for name, call in ALONG_ROWS.items()),
    *(Row(f"{n}x{n}", MATMUL, dict.fromkeys(EVERYWHERE, of(lambda xp, x: x @ x, n, n))) for n in (512, 1024)),
    Row(
        "Linear 512 to 512, batch 64",
        LAYERS,
        dict.fromkeys(TRAINABLE, layer(lambda nn: nn.Linear(512, 512), 64, 512)),
    ),
    *(
        Row(f"{name}, on {'x'.join(map(str, shape))}", LAYERS, dict.fromkeys(TRAINABLE, layer(make, *shape)))
        for name, make, shape in SLIDING
    ),
    *(
        Row(f"{name}, {size}", LAYERS, dict.fromkeys(TRAINABLE, layer(make, *shape)))
        for size, shape in (("1M", (MILLION,)), ("64x512", (64, 512)))
        for name, make in ACTIVATIONS.items()
    ),
    *(
        Row(f"{name} of {'x'.join(map(str, shape))}", LAYERS, dict.fromkeys(TRAINABLE, layer(make, *shape)))
        for name, make, shape in NORMALIZERS
    ),
    Row("Embedding 10000x256, 64x128 of its rows", LAYERS, dict.fromkeys(TRAINABLE, embedding)),
    Row("attention, 8x8 heads of 128x64", LAYERS, dict.fromkeys(TRAINABLE, attention)),
    Row("softmax cross-entropy 64x10", LAYERS, dict.fromkeys(TRAINABLE, cross_entropy)),
]
