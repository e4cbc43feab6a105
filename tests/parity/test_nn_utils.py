"""What is done to modules and sequences as a whole, beside PyTorch's ``torch.nn.utils``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ndgrad as nd
from ndgrad import nn

torch = pytest.importorskip("torch")
sys.path.insert(0, str(Path(__file__).parent))
from test_nn import check, inputs, twins, weighted_sum  # noqa: E402

pytestmark = [pytest.mark.requires_torch, pytest.mark.filterwarnings("ignore::UserWarning:torch")]

BOTH = ((nd, nn), (torch, torch.nn))

# -- packed sequences --------------------------------------------------------------------------------------------------

RECURRENT: dict[str, Callable[[Any], Any]] = {
    "RNN": lambda nn: nn.RNN(3, 4, 2, nonlinearity="relu"),
    "GRU": lambda nn: nn.GRU(3, 4, 2, bidirectional=True, bias=False),
    "LSTM": lambda nn: nn.LSTM(3, 4, 2, bidirectional=True, proj_size=2, batch_first=True),
}


@pytest.mark.parametrize("lengths", [(4, 4, 2), (1, 5, 3)])
@pytest.mark.parametrize("name", RECURRENT)
def test_packed_sequences(name: str, lengths: tuple[int, ...]) -> None:
    layers, found = twins(RECURRENT[name]), []
    for (library, n), layer in zip(BOTH, layers, strict=True):
        rnn = n.utils.rnn
        (x,) = inputs(library, [(3, 5, 3)] if layer.batch_first else [(5, 3, 3)])
        packed = rnn.pack_padded_sequence(x, library.asarray(lengths), layer.batch_first, enforce_sorted=False)
        output, states = layer(packed)
        padded, counts = rnn.pad_packed_sequence(output, layer.batch_first, 0.5, total_length=6)
        states = states if isinstance(states, tuple) else (states,)
        weighted_sum(library, (padded, *states)).backward()
        found.append(
            [padded, counts, *packed, output.batch_sizes, *states, x.grad, *[p.grad for p in layer.parameters()]]
        )
    for a, b in zip(*found, strict=True):
        check(a, b)
    assert repr(rnn.pack_sequence([torch.ones(2)])) == repr(nn.utils.rnn.pack_sequence([nd.ones(2)]))
    ours, theirs = layers
    assert ours.mode == theirs.mode
    assert [[w.shape for w in ws] for ws in ours.all_weights] == [
        [tuple(w.shape) for w in ws] for ws in theirs.all_weights
    ]
