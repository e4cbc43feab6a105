"""A graph is freed at once, without the garbage collector, and may be as deep as memory allows."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import ndgrad as nd

DEPTH = 100_000


@pytest.fixture
def no_garbage_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def leaf(values: Any) -> Any:
    return nd.asarray(values, dtype=nd.float64, requires_grad=True)


def unary_chain(x: Any) -> Any:
    for _ in range(DEPTH):
        x = -x
    return x


def binary_chain(x: Any) -> Any:
    y = x
    for _ in range(DEPTH):
        y = y + x
    return y


def chain_of_views(x: Any) -> Any:
    for _ in range(DEPTH // 10):
        x = x[0:] * 1.0
    return x


def chain_of_writes(x: Any) -> Any:
    y = x * 1.0
    for _ in range(DEPTH // 10):
        y += x
    return y


CHAINS: dict[str, tuple[Callable[[Any], Any], float]] = {
    "unary": (unary_chain, 1.0),
    "binary": (binary_chain, DEPTH + 1.0),
    "views": (chain_of_views, 1.0),
    "writes": (chain_of_writes, DEPTH // 10 + 1.0),
}


@pytest.mark.parametrize("name", CHAINS)
def test_a_deep_graph_is_differentiated_and_freed_without_recursion(name: str) -> None:
    chain, expected = CHAINS[name]
    x = leaf([1.0])
    y = nd.sum(chain(x))
    y.backward()
    assert x.grad.tolist() == [expected]
    del y
    z = chain(x)  # freed without a backward pass
    del z


GRAPHS: dict[str, Callable[[Any], Any]] = {
    "result saved": nd.exp,
    "operand saved": lambda x: x * x,
    "view": lambda x: nd.reshape(x * 1.0, (2, 1))[0],
    "write into a view": lambda x: written(x),
    "several results": lambda x: nd.unstack(nd.exp(x))[0],
    "eigenvectors": lambda x: nd.linalg.eigh(x[:, None] * x[None, :])[1],
    "custom function": lambda x: Square.apply(x),
    "custom function that saves its result": lambda x: Exp.apply(x),
}


def written(x: Any) -> Any:
    y = x * 1.0
    y[0:1] *= x[1:]
    return y


class Square(nd.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return 2.0 * g * ctx.saved_tensors[0]


class Exp(nd.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        y = nd.exp(x)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return g * ctx.saved_tensors[0]


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.usefixtures("no_garbage_collector")
def test_a_graph_holds_no_reference_cycle(name: str) -> None:
    x = leaf([1.0, 2.0])
    start = x * 1.0
    y = GRAPHS[name](start)
    watched = weakref.ref(start)
    result = weakref.ref(y)
    del start, y
    assert watched() is None
    assert result() is None


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.usefixtures("no_garbage_collector")
def test_a_backward_pass_frees_what_was_saved(name: str) -> None:
    x = leaf([1.0, 2.0])
    start = x * 1.0
    y = nd.sum(GRAPHS[name](start))
    watched = weakref.ref(start)
    del start
    y.backward()
    assert watched() is None
    assert x.grad is not None


@pytest.mark.usefixtures("no_garbage_collector")
def test_a_recorded_backward_pass_holds_no_cycle() -> None:
    x = leaf([1.0, 2.0])
    y = nd.exp(x * 1.0)
    (g,) = nd.autograd.grad(nd.sum(y * y), x, create_graph=True)
    watched = weakref.ref(y), weakref.ref(g)
    del y, g
    assert [w() for w in watched] == [None, None]


@pytest.mark.usefixtures("no_garbage_collector")
def test_a_hook_does_not_keep_its_tensor_alive() -> None:
    x = leaf([1.0, 2.0])
    y = x * 1.0
    nd.autograd.hooks.retain_grad(y)
    watched = weakref.ref(y)
    del y
    assert watched() is None


@pytest.mark.parametrize("transform", ["grad", "jvp", "vmap", "hessian"])
@pytest.mark.usefixtures("no_garbage_collector")
def test_a_transform_leaves_nothing_behind(transform: str) -> None:
    calls: dict[str, Callable[[Any], Any]] = {
        "grad": lambda x: nd.grad(lambda x: nd.sum(watch(x) * x))(x),
        "jvp": lambda x: nd.jvp(lambda x: watch(x) * x, (x,), (x,)),
        "vmap": lambda x: nd.vmap(lambda x: watch(x) * x)(x),
        "hessian": lambda x: nd.hessian(lambda x: nd.sum(watch(x) * x))(x),
    }
    seen = []

    def watch(x: Any) -> Any:
        y = nd.exp(x)
        seen.append(weakref.ref(y))
        return y

    tables = [len(op.table) for op in nd.rows.OPS.values()]
    found = calls[transform](nd.asarray([1.0, 2.0]))
    del found
    assert seen
    assert [w() for w in seen] == [None] * len(seen)
    calls[transform](nd.asarray([1.0, 2.0]))
    again = [len(op.table) for op in nd.rows.OPS.values()]
    calls[transform](nd.asarray([1.0, 2.0]))
    assert [len(op.table) for op in nd.rows.OPS.values()] == again
    assert sum(again) - sum(tables) < 100
