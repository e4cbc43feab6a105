"""Initial values: their ranges and their errors; tests/parity compares their spread with PyTorch's."""

from __future__ import annotations

import math

import pytest

import ndgrad as nd
from ndgrad import nn
from ndgrad.nn import init


@pytest.mark.parametrize(
    ("fill", "value"),
    [(init.zeros_, 0.0), (init.ones_, 1.0), (lambda w: init.constant_(w, 2.5), 2.5)],
)
def test_constants(fill, value: float) -> None:
    weight = nn.Parameter(nd.empty(2, 3))
    assert fill(weight) is weight
    assert weight.tolist() == [[value] * 3] * 2
    assert weight.is_leaf
    assert weight.requires_grad


def test_a_uniform_range_and_its_seed(device: str) -> None:
    weight = init.uniform_(nd.empty(1000), -2.0, 3.0)
    assert -2 <= float(nd.min(weight)) < -1.9
    assert 2.9 < float(nd.max(weight)) < 3
    nd.manual_seed(5)
    first = init.normal_(nd.empty(3)).tolist()
    nd.manual_seed(5)
    assert init.normal_(nd.empty(3)).tolist() == first


def test_a_generator_of_ones_own() -> None:
    def draw() -> list[float]:
        return init.uniform_(nd.empty(3), generator=nd.random.Generator("cpu").manual_seed(1)).tolist()

    assert draw() == draw()


def test_linear_layers_start_as_in_pytorch() -> None:
    linear = nn.Linear(100, 50)
    for parameter in linear.parameters():
        assert 0.09 < float(nd.max(nd.abs(parameter))) <= 0.1


def test_truncated_normals_stay_inside() -> None:
    weight = init.trunc_normal_(nd.empty(10_000), mean=0.5, std=1.0, a=0.0, b=0.75)
    assert 0 <= float(nd.min(weight)) <= float(nd.max(weight)) <= 0.75


def test_a_truncation_that_leaves_almost_nothing() -> None:
    with pytest.raises(ValueError, match="less than a thousandth"):
        init.trunc_normal_(nd.empty(2), mean=0.0, std=1.0, a=5.0, b=6.0)


@pytest.mark.parametrize("shape", [(4, 6), (6, 4), (3, 2, 2)])
def test_orthogonal_rows_or_columns(shape: tuple[int, ...]) -> None:
    weight = nd.reshape(init.orthogonal_(nd.empty(shape, dtype=nd.float64), gain=2.0), (shape[0], -1))
    small = weight @ weight.T if shape[0] <= weight.shape[1] else weight.T @ weight
    assert nd.max(nd.abs(small - 4 * nd.eye(small.shape[0], dtype=nd.float64))).item() < 1e-12


def test_eye() -> None:
    assert init.eye_(nd.empty(2, 3)).tolist() == [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]


@pytest.mark.parametrize(
    ("name", "param", "gain"),
    [
        ("relu", None, math.sqrt(2)),
        ("tanh", None, 5 / 3),
        ("leaky_relu", 1.0, 1.0),
        ("selu", None, 0.75),
        ("linear", None, 1),
    ],
)
def test_gains(name: str, param: float | None, gain: float) -> None:
    assert init.calculate_gain(name, param) == pytest.approx(gain)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: init.calculate_gain("swish"), "no gain is known for 'swish'; write one of linear"),
        (lambda: init.calculate_gain("leaky_relu", "steep"), "slope of leaky_relu is a number, got 'steep'"),
        (lambda: init.kaiming_uniform_(nd.empty(3)), r"2 or more dimensions, got shape \(3,\)"),
        (lambda: init.kaiming_normal_(nd.empty(3, 3), mode="fan"), '\'?"fan_in" or "fan_out", got \'fan\''),
        (lambda: init.orthogonal_(nd.empty(3)), "2 or more dimensions"),
        (lambda: init.eye_(nd.empty(3)), "2-d tensors"),
        (lambda: init.dirac_(nd.empty(3, 3)), r"3 to 5 dimensions.*got shape \(3, 3\)"),
        (lambda: init.dirac_(nd.empty(3, 3, 3), groups=2), "multiple of groups=2"),
        (lambda: init.sparse_(nd.empty(3), 0.5), r"2-d tensors.*got shape \(3,\)"),
        (lambda: init.sparse_(nd.empty(3, 3), 1.5), r"\[0, 1\], got shape \(3, 3\) and 1.5"),
    ],
)
def test_what_cannot_be_filled(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("dims", [1, 2, 3])
def test_a_convolution_that_changes_nothing(dims: int, groups: int, device: str) -> None:
    layer = getattr(nn, f"Conv{dims}d")(4, 4, 3, padding=1, groups=groups, bias=False)
    init.dirac_(layer.weight, groups)
    x = nd.randn((1, 4, *(5, 4, 3)[:dims]))
    assert nd.allclose(layer(x), x)


def test_a_share_of_each_column_is_zero(device: str) -> None:
    weight = init.sparse_(nd.empty(100, 3), 0.3, std=2.0)
    assert nd.sum(weight == 0, axis=0).tolist() == [30, 30, 30]
    assert 1.5 < float(nd.std(weight)) / math.sqrt(0.7) < 2.5
