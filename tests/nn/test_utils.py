"""Clipping, and parameters as a vector."""

from __future__ import annotations

import pytest

import ndgrad as nd
from ndgrad import nn
from ndgrad.nn.utils import clip_grad_norm_, clip_grad_value_, parameters_to_vector, vector_to_parameters


def with_gradient(*values: float) -> nd.Tensor:
    x = nd.zeros(len(values), requires_grad=True)
    x.grad = nd.asarray(list(values))
    return x


def test_small_gradients_are_not_scaled(device: str) -> None:
    x = with_gradient(0.3, 0.4)
    assert clip_grad_norm_([x], 1.0).item() == pytest.approx(0.5)
    assert x.grad.tolist() == pytest.approx([0.3, 0.4])


def test_large_gradients_are_scaled_together(device: str) -> None:
    a, b = with_gradient(3.0), with_gradient(0.0, 4.0)
    assert clip_grad_norm_([a, b], 1.0).item() == pytest.approx(5)
    assert a.grad.tolist() + b.grad.tolist() == pytest.approx([0.6, 0.0, 0.8], abs=1e-5)


def test_a_norm_that_is_not_finite_can_be_an_error() -> None:
    x = with_gradient(float("inf"), 1.0)
    with pytest.raises(RuntimeError, match=r"norm of order 2\.0 .* is inf.*detect_anomaly"):
        clip_grad_norm_([x], 1.0, error_if_nonfinite=True)
    assert x.grad.tolist() == [float("inf"), 1.0]


def test_parameters_without_gradients_have_no_norm() -> None:
    assert clip_grad_norm_([nd.zeros(2, requires_grad=True)], 1.0).item() == 0.0


def test_values_are_cut_off() -> None:
    x = with_gradient(3.0, -0.2, -9.0)
    clip_grad_value_(x, 0.5)
    assert x.grad.tolist() == pytest.approx([0.5, -0.2, -0.5])


def test_parameters_to_a_vector_and_back() -> None:
    model = nn.Linear(2, 3)
    vector = parameters_to_vector(model.parameters())
    assert vector.shape == (9,)
    vector_to_parameters(nd.arange(9.0), model.parameters())
    assert model.weight.tolist() == [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
    assert model.bias.tolist() == [6.0, 7.0, 8.0]
    assert model.weight.is_leaf


def test_the_vector_is_differentiable() -> None:
    model = nn.Linear(2, 1)
    (parameters_to_vector(model.parameters()) ** 2).sum().backward()
    assert model.bias.grad.tolist() == [2 * model.bias.item()]


@pytest.mark.parametrize("length", [8, 10])
def test_a_vector_of_another_length_changes_nothing(length: int) -> None:
    model = nn.Linear(2, 3)
    before = model.weight.tolist()
    with pytest.raises(ValueError, match=rf"9 elements, the vector has shape \({length},\)"):
        vector_to_parameters(nd.zeros(length), model.parameters())
    assert model.weight.tolist() == before


def test_no_parameters_make_no_vector() -> None:
    with pytest.raises(ValueError, match="at least one parameter"):
        parameters_to_vector([])
