"""Parameters that are computed from others; tests/parity compares the ready ones with PyTorch's."""

from __future__ import annotations

import copy
import pickle
import re

import pytest

import ndgrad as nd
from ndgrad import nn, optim
from ndgrad.autograd import gradcheck, gradgradcheck
from ndgrad.nn.utils import parametrizations, parametrize


class Symmetric(nn.Module):
    def forward(self, x):
        return nd.triu(x) + nd.matrix_transpose(nd.triu(x, k=1))

    def right_inverse(self, a):
        return nd.triu(a)


class Doubled(nn.Module):
    calls = 0

    def forward(self, x):
        Doubled.calls += 1
        return 2 * x

    def right_inverse(self, y):
        return y / 2


class Sum(nn.Module):
    """A parameter of two parts."""

    def forward(self, a, b):
        return a + b

    def right_inverse(self, y):
        return y - 1, nd.ones_like(y)


class OneWay(nn.Module):
    def forward(self, x):
        return nd.abs(x)


def doubled() -> nn.Linear:
    return parametrize.register_parametrization(nn.Linear(2, 2, bias=False), "weight", Doubled())


def test_a_parametrized_weight_keeps_its_value_and_its_parameter(device: str) -> None:
    layer = nn.Linear(2, 2)
    weight, value = layer.weight, layer.weight.detach().clone()
    optimizer = optim.SGD(layer.parameters(), lr=1.0)
    parametrize.register_parametrization(layer, "weight", Doubled())
    assert layer.parametrizations.weight.original is weight
    assert nd.all(layer.weight == value)
    layer(nd.ones(2)).sum().backward()
    optimizer.step()
    assert nd.allclose(layer.weight, value - 4)
    assert str(layer.weight.device) == device


def test_it_prints_and_saves_what_it_is_made_of() -> None:
    layer = doubled()
    assert repr(layer).splitlines()[0] == "ParametrizedLinear("
    assert list(layer.state_dict()) == ["parametrizations.weight.original"]
    assert isinstance(layer, nn.Linear)
    assert parametrize.is_parametrized(layer)
    assert parametrize.is_parametrized(layer, "weight")
    assert not parametrize.is_parametrized(layer, "bias")
    assert parametrize.type_before_parametrizations(layer) is nn.Linear


def test_values_can_be_assigned() -> None:
    layer = parametrize.register_parametrization(nn.Linear(2, 2), "weight", Symmetric())
    layer.weight = nd.asarray([[1.0, 2.0], [2.0, 3.0]])
    assert layer.weight.tolist() == [[1.0, 2.0], [2.0, 3.0]]
    assert layer.parametrizations.weight.original.tolist() == [[1.0, 2.0], [0.0, 3.0]]


def test_parametrizations_follow_each_other() -> None:
    layer = parametrize.register_parametrization(doubled(), "weight", Symmetric())
    layer.weight = nd.asarray([[1.0, 2.0], [2.0, 3.0]])
    assert layer.weight.tolist() == [[1.0, 2.0], [2.0, 3.0]]
    assert len(layer.parametrizations.weight) == 2
    assert layer.parametrizations.weight.original.tolist() == [[0.5, 1.0], [0.0, 1.5]]


def test_a_weight_of_two_parts() -> None:
    layer = parametrize.register_parametrization(nn.Linear(2, 2), "weight", Sum())
    assert [name for name, _ in layer.named_parameters()] == [
        "bias", "parametrizations.weight.original0", "parametrizations.weight.original1",
    ]  # fmt: skip
    layer.weight = nd.full((2, 2), 5.0)
    assert layer.parametrizations.weight.original0.tolist() == [[4.0, 4.0], [4.0, 4.0]]
    with pytest.raises(ValueError, match="several tensors"):
        parametrize.remove_parametrizations(layer, "weight", leave_parametrized=False)
    parametrize.remove_parametrizations(layer, "weight")
    assert layer.weight.tolist() == [[5.0, 5.0], [5.0, 5.0]]
    assert isinstance(layer.weight, nn.Parameter)


def test_a_buffer_is_parametrized_too() -> None:
    layer = parametrize.register_parametrization(nn.BatchNorm1d(2), "running_var", Doubled())
    assert layer.running_var.tolist() == [1.0, 1.0]
    assert "parametrizations.running_var.original" in dict(layer.named_buffers())


def test_a_block_computes_it_once() -> None:
    layer = doubled()
    before = Doubled.calls
    with parametrize.cached():
        for _ in range(3):
            layer(nd.ones(2))
        assert Doubled.calls == before + 1
    layer(nd.ones(2))
    assert Doubled.calls == before + 2


@pytest.mark.parametrize("leave", [True, False])
def test_it_becomes_plain_again(leave: bool) -> None:
    layer = doubled()
    nn.init.ones_(layer.parametrizations.weight.original)
    original = layer.parametrizations.weight.original
    parametrize.remove_parametrizations(layer, "weight", leave_parametrized=leave)
    assert type(layer) is nn.Linear
    assert layer.weight is original
    assert layer.weight.tolist() == [[2.0 if leave else 1.0] * 2] * 2
    assert list(layer.state_dict()) == ["weight"]


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))])
def test_a_copy_is_independent(duplicate) -> None:
    layer = parametrizations.weight_norm(nn.Linear(2, 2))
    twin = duplicate(layer)
    nn.init.zeros_(layer.parametrizations.weight.original0)
    assert type(twin) is type(layer)
    assert float(nd.sum(nd.abs(twin.weight))) > 0


def test_what_is_parametrized_in_one_is_so_in_another() -> None:
    first, second = doubled(), nn.Linear(2, 2)
    parametrize.transfer_parametrizations_and_params(first, second)
    assert second.weight.tolist() == first.weight.tolist()
    assert second.parametrizations.weight.original is first.parametrizations.weight.original


REFUSED = {
    "nothing there": (
        lambda: parametrize.register_parametrization(nn.ReLU(), "weight", Doubled()), ValueError, ("ReLU", "'weight'"),
    ),
    "no bias": (
        lambda: parametrize.register_parametrization(nn.Linear(2, 2, bias=False), "bias", Doubled()),
        ValueError, ("Linear", "'bias'"),
    ),
    "another shape": (
        lambda: parametrize.register_parametrization(nn.Linear(2, 3), "weight", nn.Flatten(0)),
        ValueError, ("unsafe=True", "(3, 2)", "(6,)"),
    ),
    "no tensor": (
        lambda: parametrize.register_parametrization(doubled(), "weight", type("N", (nn.Module,), {"forward": len})()),
        (ValueError, TypeError), (),
    ),
    "assigned one way": (
        lambda: setattr(
            parametrize.register_parametrization(nn.Linear(2, 2), "weight", OneWay()), "weight", nd.ones((2, 2))
        ), RuntimeError, ("OneWay cannot be assigned to", "right_inverse"),
    ),
    "assigned in another dtype": (
        lambda: setattr(doubled(), "weight", nd.ones((2, 2), dtype=nd.float64)), ValueError, ("float64", "float32"),
    ),
    "not parametrized": (
        lambda: parametrize.remove_parametrizations(nn.Linear(2, 2), "weight"), ValueError, ("Linear", "'weight'"),
    ),
    "spectral_norm, axis": (
        lambda: parametrizations.spectral_norm(nn.Linear(2, 2), dim=2), IndexError, ("[-2, 1], got 2",),
    ),
    "spectral_norm, iterations": (
        lambda: parametrizations.spectral_norm(nn.Linear(2, 2), n_power_iterations=0), ValueError, ("positive, got 0",),
    ),
    "orthogonal, vector": (
        lambda: parametrizations.orthogonal(nn.Linear(2, 2), "bias"), ValueError, ("a tensor of 1 dimensions",),
    ),
    "orthogonal, map": (
        lambda: parametrizations.orthogonal(nn.Linear(2, 2), orthogonal_map="qr"),
        ValueError, ("'householder', got 'qr'",),
    ),
    "orthogonal, not assignable": (
        lambda: setattr(
            parametrizations.orthogonal(nn.Linear(2, 2), use_trivialization=False), "weight", nd.eye(2)
        ), NotImplementedError, ("matrix_exp", "cannot be assigned to"),
    ),
    "weight_norm twice": (
        lambda: nn.utils.weight_norm(nn.utils.weight_norm(nn.Linear(2, 2))), RuntimeError, ("WeightNorm already",),
    ),
    "no weight_norm": (lambda: nn.utils.remove_weight_norm(nn.Linear(2, 2)), ValueError, ("has no WeightNorm",)),
    "no spectral_norm": (lambda: nn.utils.remove_spectral_norm(nn.Linear(2, 2)), ValueError, ("no SpectralNorm",)),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    call, error, parts = REFUSED[name]
    with pytest.raises(error, match="(?s)" + ".*".join(map(re.escape, parts))):
        call()


# -- the ready ones ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrap", [parametrizations.weight_norm, nn.utils.weight_norm])
@pytest.mark.parametrize(
    "layer", [lambda: nn.Linear(3, 2), lambda: nn.Conv2d(2, 3, 2), lambda: nn.ConvTranspose1d(2, 3, 2)]
)
def test_normalised_weights_start_from_the_present_ones(wrap, layer, device: str) -> None:
    plain = layer()
    normed = wrap(copy.deepcopy(plain))
    assert nd.allclose(normed.weight, plain.weight, atol=1e-6)
    assert str(normed.weight.device) == device


def test_lengths_and_directions_are_trained_apart() -> None:
    layer = parametrizations.weight_norm(nn.Linear(3, 2))
    with nd.no_grad():
        layer.parametrizations.weight.original0.fill_(7.0)
    assert nd.allclose(nd.linalg.vector_norm(layer.weight, axis=1), nd.asarray([7.0, 7.0]))


@pytest.mark.parametrize("wrap", [parametrizations.spectral_norm, nn.utils.spectral_norm])
def test_the_largest_singular_value_becomes_one(wrap, device: str) -> None:
    layer = wrap(nn.Conv2d(2, 3, 2))
    for _ in range(60):
        layer(nd.ones((1, 2, 2, 2)))
    matrix = nd.reshape(layer.eval().weight, (3, -1))
    assert float(nd.linalg.matrix_norm(matrix, ord=2)) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("wrap", [parametrizations.spectral_norm, nn.utils.spectral_norm])
def test_in_evaluation_nothing_is_iterated(wrap) -> None:
    layer = wrap(nn.Linear(3, 2)).eval()
    state = {key: value.tolist() for key, value in layer.state_dict().items()}
    layer(nd.ones(3))
    assert {key: value.tolist() for key, value in layer.state_dict().items()} == state


@pytest.mark.parametrize("kind", ["matrix_exp", "cayley", "householder"])
@pytest.mark.parametrize("shape", [(4, 4), (5, 3), (3, 5)])
@pytest.mark.parametrize("use_trivialization", [True, False])
def test_orthogonal_weights_stay_so(kind: str, shape: tuple[int, int], use_trivialization: bool, device: str) -> None:
    layer = nn.Linear(shape[1], shape[0], bias=False).double()
    parametrizations.orthogonal(layer, orthogonal_map=kind, use_trivialization=use_trivialization)
    optimizer = optim.SGD(layer.parameters(), lr=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        (layer(nd.ones(shape[1], dtype=nd.float64)) ** 2).sum().backward()
        optimizer.step()
    q = layer.weight if shape[0] >= shape[1] else layer.weight.T
    assert nd.allclose(q.T @ q, nd.eye(min(shape), dtype=nd.float64), atol=1e-9)


def test_an_orthogonal_weight_is_kept() -> None:
    q = nn.init.orthogonal_(nd.empty((4, 4), dtype=nd.float64))
    layer = nn.Linear(4, 4).double()
    layer.weight.data = q
    parametrizations.orthogonal(layer)
    assert nd.allclose(layer.weight, q)
    layer.weight = -q
    assert nd.allclose(layer.weight, -q)


def random(*shape: int) -> nd.Tensor:
    nd.manual_seed(3)
    return nd.randn(shape, dtype=nd.float64, requires_grad=True)


def spectral(x: nd.Tensor) -> nd.Tensor:
    layer = parametrizations.spectral_norm(nn.Linear(4, 3).double()).eval()
    return layer.parametrizations.weight[0](x)


def orthogonal(kind: str):
    def make(x: nd.Tensor) -> nd.Tensor:
        layer = parametrizations.orthogonal(nn.Linear(3, 4).double(), orthogonal_map=kind, use_trivialization=False)
        return layer.parametrizations.weight[0](x)

    return make


DERIVED = {
    "weight_norm": (lambda g, v: parametrizations._WeightNorm()(g, v), (3, 1), (3, 4)),
    "weight_norm of all": (lambda g, v: parametrizations._WeightNorm(None)(g, v), (), (3, 4)),
    "spectral_norm": (spectral, (3, 4)),
    "matrix_exp": (orthogonal("matrix_exp"), (4, 3)),
    "cayley": (orthogonal("cayley"), (4, 3)),
}


@pytest.mark.parametrize("name", DERIVED)
def test_derivatives_of_both_orders(name: str) -> None:
    function, *shapes = DERIVED[name]
    xs = tuple(random(*shape) for shape in shapes)

    def seeded(*inputs):
        nd.manual_seed(5)
        return function(*inputs)

    assert gradcheck(seeded, xs)
    assert gradgradcheck(seeded, xs)


def test_a_recurrent_layer_with_a_normalised_weight() -> None:
    layer = nn.LSTM(3, 4)
    x = nd.ones((5, 2, 3))
    expected = layer(x)[0].detach()
    parametrizations.weight_norm(layer, "weight_hh_l0")
    assert nd.allclose(layer(x)[0], expected, atol=1e-6)
