"""Calling a module with other tensors than its own, many modules as one, and sequences of unequal lengths."""

from __future__ import annotations

import pytest

import ndgrad as nd
from ndgrad import nn
from ndgrad.data import ConcatDataset, DataLoader, TensorDataset
from ndgrad.nn.utils import functional_call, rnn, stack_module_state


def test_a_module_keeps_its_own_tensors(device: str) -> None:
    layer = nn.Linear(2, 2)
    own = layer.weight
    given = {"weight": nd.zeros(2, 2), "bias": nd.ones(2)}
    assert functional_call(layer, given, nd.ones(3, 2)).tolist() == [[1.0, 1.0]] * 3
    assert layer.weight is own


def test_it_keeps_them_when_the_call_fails() -> None:
    layer = nn.Linear(2, 2)
    own = layer.weight
    with pytest.raises(ValueError, match="do not fit"):
        functional_call(layer, {"weight": nd.zeros(2, 3)}, nd.ones(3, 2))
    assert layer.weight is own


def test_what_is_not_given_is_the_modules_own_unless_strict() -> None:
    layer = nn.Linear(2, 2)
    assert nd.allclose(functional_call(layer, {"weight": nd.zeros(2, 2)}, nd.ones(2)), layer.bias)
    with pytest.raises(KeyError, match="'bias' is not given"):
        functional_call(layer, {"weight": nd.zeros(2, 2)}, nd.ones(2), strict=True)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(KeyError, match="Linear has no parameter or buffer 'weights'"):
        functional_call(nn.Linear(2, 2), {"weights": nd.zeros(2, 2)}, nd.ones(2))


def test_tied_weights_are_replaced_under_all_their_names() -> None:
    model = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False))
    model[1].weight = model[0].weight
    double = {"0.weight": 2 * nd.eye(2)}
    assert functional_call(model, double, nd.ones(2)).tolist() == [4.0, 4.0]


def test_buffers_and_keyword_arguments() -> None:
    class Scaled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("scale", nd.ones(1))

        def forward(self, x, *, add):
            return x * self.scale + add

    assert functional_call(Scaled(), [{}, {"scale": nd.full(1, 3.0)}], nd.ones(1), {"add": 1}).item() == 4.0


def test_models_are_stacked_by_name() -> None:
    params, buffers = stack_module_state([nn.BatchNorm1d(3) for _ in range(2)])
    assert {name: value.shape for name, value in params.items()} == {"weight": (2, 3), "bias": (2, 3)}
    assert buffers["running_mean"].shape == (2, 3)
    assert params["weight"].is_leaf
    assert params["weight"].requires_grad
    with pytest.raises(ValueError, match="one class"):
        stack_module_state([nn.Linear(1, 1), nn.ReLU()])
    with pytest.raises(ValueError, match="got none"):
        stack_module_state([])


def test_sequences_are_padded_on_either_side_and_taken_out_again() -> None:
    sequences = [nd.ones((2, 1)), nd.full((3, 1), 2.0)]
    padded = rnn.pad_sequence(sequences, padding_value=-1.0)
    assert padded.shape == (3, 2, 1)
    assert padded[:, 0, 0].tolist() == [1.0, 1.0, -1.0]
    assert rnn.pad_sequence(sequences, True, padding_side="left")[0, :, 0].tolist() == [0.0, 1.0, 1.0]
    again = rnn.unpad_sequence(padded, nd.asarray([2, 3]))
    assert [part.tolist() for part in again] == [part.tolist() for part in sequences]
    with pytest.raises(ValueError, match="at least one sequence"):
        rnn.pad_sequence([])


def test_datasets_one_after_the_other() -> None:
    both = TensorDataset(nd.arange(3)) + TensorDataset(nd.arange(10, 12))
    assert [batch[0].tolist() for batch in DataLoader(both, batch_size=4)] == [[0, 1, 2, 10], [11]]
    with pytest.raises(IndexError, match="index 5 is out of range for a dataset of 5 samples"):
        both[5]
    with pytest.raises(ValueError, match="at least one dataset"):
        ConcatDataset([])
