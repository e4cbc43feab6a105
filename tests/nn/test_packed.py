"""Sequences of unequal lengths, packed, and recurrent layers over them; tests/parity compares them with PyTorch's."""

from __future__ import annotations

import re

import pytest

import ndgrad as nd
from ndgrad import nn
from ndgrad.autograd import gradcheck, gradgradcheck
from ndgrad.nn.utils import rnn

LENGTHS = [2, 4, 1]


def sequences(*tail: int, dtype: nd.DType = nd.float64) -> list[nd.Tensor]:
    nd.manual_seed(1)
    return [nd.randn((n, *tail), dtype=dtype) for n in LENGTHS]


@pytest.mark.parametrize("tail", [(), (3,), (2, 3)])
@pytest.mark.parametrize("batch_first", [True, False])
def test_what_is_packed_comes_back(tail: tuple[int, ...], batch_first: bool, device: str) -> None:
    given = sequences(*tail)
    padded = rnn.pad_sequence(given, batch_first, -1.0)
    packed = rnn.pack_padded_sequence(padded, nd.asarray(LENGTHS), batch_first, enforce_sorted=False)
    assert packed.data.shape == (7, *tail)
    assert packed.batch_sizes.tolist() == [3, 2, 1, 1]
    assert packed.sorted_indices.tolist() == [1, 0, 2]
    back, lengths = rnn.pad_packed_sequence(packed, batch_first, -1.0)
    assert nd.all(back == padded)
    assert lengths.tolist() == LENGTHS
    assert str(packed.data.device) == str(back.device) == device
    for a, b in zip(rnn.unpack_sequence(packed), given, strict=True):
        assert nd.all(a == b)


def test_packing_has_derivatives_of_both_orders() -> None:
    def there_and_back(x: nd.Tensor) -> nd.Tensor:
        packed = rnn.pack_padded_sequence(x, LENGTHS, enforce_sorted=False)
        return rnn.pad_packed_sequence(packed._replace(data=packed.data**2), total_length=5)[0]

    x = nd.randn((4, 3, 2), dtype=nd.float64, requires_grad=True)
    assert gradcheck(there_and_back, (x,))
    assert gradgradcheck(there_and_back, (x,))


def test_the_length_may_be_given() -> None:
    packed = rnn.pack_sequence(sequences(), enforce_sorted=False)
    assert rnn.pad_packed_sequence(packed, total_length=6)[0].shape == (6, 3)


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.RNN(3, 4, 2, nonlinearity="relu", bidirectional=True),
        lambda: nn.GRU(3, 4, 2, bidirectional=True, bias=False),
        lambda: nn.LSTM(3, 4, 2, bidirectional=True, proj_size=2),
    ],
)
@pytest.mark.parametrize("with_state", [True, False])
def test_a_packed_batch_is_each_sequence_by_itself(make, with_state: bool, device: str) -> None:
    layer, given = make().double(), sequences(3)
    shapes = [(4, 3, layer._out_size), (4, 3, 4)][: layer.states]
    states = tuple(nd.randn(shape, dtype=nd.float64) for shape in shapes) if with_state else None
    hx = states if states is None or len(states) > 1 else states[0]
    output, last = layer(rnn.pack_sequence(given, enforce_sorted=False), hx)
    assert isinstance(output, rnn.PackedSequence)
    assert str(output.data.device) == device
    last = last if isinstance(last, tuple) else (last,)
    for i, (x, y) in enumerate(zip(given, rnn.unpack_sequence(output), strict=True)):
        one = None if states is None else tuple(state[:, i] for state in states)
        alone, end = layer(x, one if one is None or len(one) > 1 else one[0])
        assert nd.allclose(y, alone)
        for a, b in zip(last, end if isinstance(end, tuple) else (end,), strict=True):
            assert nd.allclose(a[:, i], b)


def test_a_packed_layer_has_derivatives() -> None:
    layer = nn.GRU(2, 2, bidirectional=True).double()
    x = nd.randn((7, 2), dtype=nd.float64, requires_grad=True)
    packed = rnn.pack_sequence(sequences(2), enforce_sorted=False)
    assert gradcheck(lambda x: layer(packed._replace(data=x))[0].data, (x,))
    assert gradgradcheck(lambda x: layer(packed._replace(data=x))[1], (x,))


def test_it_is_moved_and_cast_as_one(device: str) -> None:
    packed = rnn.pack_sequence(sequences(), enforce_sorted=False)
    assert packed.float().data.dtype is nd.float32
    assert packed.to("ref:0").data.device == packed.to("ref:0").sorted_indices.device == "ref:0"
    assert packed.half().double().data.dtype is nd.float64
    assert packed.batch_sizes.device == packed.to("ref:0").batch_sizes.device == "cpu"


REFUSED = {
    "increasing": (lambda: rnn.pack_padded_sequence(nd.ones((3, 2)), [1, 2]), ("[1, 2]", "enforce_sorted=False")),
    "nothing": (lambda: rnn.pack_padded_sequence(nd.ones((3, 2)), [2, 0]), ("between 1 and 3", "[2, 0]")),
    "too long": (lambda: rnn.pack_padded_sequence(nd.ones((3, 2)), [4, 2]), ("between 1 and 3", "[4, 2]")),
    "another batch": (lambda: rnn.pack_padded_sequence(nd.ones((3, 2)), [2]), ("1 lengths", "(3, 2)")),
    "total length": (
        lambda: rnn.pad_packed_sequence(rnn.pack_sequence([nd.ones(3)]), total_length=2), ("total_length=2", "3"),
    ),
    "another input": (lambda: nn.LSTM(3, 4)(rnn.pack_sequence([nd.ones((2, 2))])), ("input_size 3", "(2, 2)")),
    "another state": (
        lambda: nn.GRU(3, 4)(rnn.pack_sequence([nd.ones((2, 3))]), nd.ones((1, 2, 4))), ("(1, 1, 4)", "(1, 2, 4)"),
    ),
    "projection": (lambda: nn.GRU(3, 4, proj_size=2), ("LSTM only", "got 2 for GRU")),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    call, parts = REFUSED[name]
    with pytest.raises(ValueError, match=".*".join(map(re.escape, parts))):
        call()
