"""``nd.autograd.checkpoint``: gradients as without it, a second call in place of what would be kept."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest

import ndgrad as nd
from ndgrad.autograd import checkpoint, gradcheck, gradgradcheck

W = nd.asarray([[0.3, -0.5], [0.7, 0.2]], dtype=nd.float64, requires_grad=True)


def layer(x: nd.Tensor) -> nd.Tensor:
    return nd.tanh(x @ W) * x


def double(*values: float) -> nd.Tensor:
    return nd.asarray(values, dtype=nd.float64, requires_grad=True)


FUNCTIONS: dict[str, Callable[[nd.Tensor], nd.Tensor]] = {
    "a tensor": layer,
    "a tuple": lambda x: (layer(x), x * 2)[0],
    "several results of one op": lambda x: nd.linalg.eigh(W @ W.mT + nd.diag(x))[0],
    "views": lambda x: layer(x)[:1],
    "itself nested": lambda x: checkpoint(layer, layer(x)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_of_arguments_and_of_what_is_captured_are_those_without_it(name: str) -> None:
    x = double(0.4, -0.9)
    expected = nd.autograd.grad(nd.sum(FUNCTIONS[name](x)), [x, W])
    found = nd.autograd.grad(nd.sum(checkpoint(FUNCTIONS[name], x)), [x, W])
    for a, b in zip(found, expected, strict=True):
        assert nd.allclose(a, b)
    assert gradcheck(lambda x: checkpoint(FUNCTIONS[name], x), [x])
    assert gradgradcheck(lambda x: checkpoint(FUNCTIONS[name], x), [x])


@pytest.mark.parametrize("use_reentrant", [True, False])
def test_pytorchs_setting_has_no_effect(use_reentrant: bool) -> None:
    x = double(2.0)
    checkpoint(lambda x, n: x**n, x, n=3, use_reentrant=use_reentrant).backward()
    assert x.grad.tolist() == [12.0]


def test_containers_and_other_values_pass_through() -> None:
    x, y = double(1.0), double(2.0)
    out = checkpoint(lambda pair, power, scale: {"a": pair[0] ** power, "b": [pair[1] * scale, 7]}, (x, y), 3, scale=5)
    assert out["b"][1] == 7
    (out["a"] + out["b"][0]).sum().backward()
    assert (x.grad.tolist(), y.grad.tolist()) == ([3.0], [5.0])


def test_nothing_inside_is_kept_until_the_backward_pass() -> None:
    seen: list[Any] = []

    def f(x: nd.Tensor) -> nd.Tensor:
        inside = nd.exp(x)
        seen.append(weakref.ref(inside))
        return nd.sum(inside * inside)

    x = double(1.0)
    y = checkpoint(f, x)
    gc.collect()
    assert len(seen) == 1
    assert seen[0]() is None
    y.backward()
    assert len(seen) == 2


def test_without_gradients_it_is_a_plain_call() -> None:
    calls: list[int] = []
    with nd.no_grad():
        assert not checkpoint(lambda x: calls.append(1) or x * 2, double(1.0)).requires_grad
    assert not checkpoint(lambda x: x * 2, nd.ones(2)).requires_grad
    assert calls == [1]


def test_random_numbers_repeat_in_the_second_call_and_go_on_after_it() -> None:
    drawn: list[nd.Tensor] = []

    def f(x: nd.Tensor) -> nd.Tensor:
        drawn.append(nd.rand(3, dtype=nd.float64))
        return x * drawn[-1]

    nd.manual_seed(0)
    x = double(1.0, 2.0, 3.0)
    y = checkpoint(f, x)
    after = nd.random.default_generator("cpu").get_state()
    y.sum().backward()
    assert nd.array_equal(drawn[0], drawn[1])
    assert nd.array_equal(x.grad, drawn[0])
    assert nd.array_equal(nd.random.default_generator("cpu").get_state(), after)


def test_an_argument_changed_in_between_is_noticed() -> None:
    x = double(1.0) * 1
    y = checkpoint(lambda x: nd.exp(x), x)
    x += 1
    with pytest.raises(nd.AutogradError, match="in place"):
        y.sum().backward()


def test_inside_a_transform_it_is_a_plain_call() -> None:
    x = nd.asarray([0.4, -0.9], dtype=nd.float64)
    assert nd.allclose(nd.jacrev(lambda x: checkpoint(layer, x))(x), nd.jacfwd(lambda x: checkpoint(layer, x))(x))
