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
from test_nn import check, draw, inputs, twins, weighted_sum  # noqa: E402

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


# -- parametrized weights ----------------------------------------------------------------------------------------------


def P(nn: Any) -> Any:
    return nn.utils.parametrizations


WRAPPED: dict[str, tuple[Callable[[Any], Any], tuple[int, ...]]] = {
    "weight_norm": (lambda nn: P(nn).weight_norm(nn.Linear(4, 3)), (5, 4)),
    "weight_norm of columns": (lambda nn: P(nn).weight_norm(nn.Linear(4, 3), dim=1), (5, 4)),
    "weight_norm of all": (lambda nn: P(nn).weight_norm(nn.Linear(4, 3), dim=None), (5, 4)),
    "weight_norm of images": (lambda nn: P(nn).weight_norm(nn.Conv2d(2, 3, 2)), (1, 2, 4, 4)),
    "spectral_norm": (lambda nn: P(nn).spectral_norm(nn.Linear(4, 3), n_power_iterations=2), (5, 4)),
    "spectral_norm of images": (lambda nn: P(nn).spectral_norm(nn.Conv2d(2, 3, 2)), (1, 2, 4, 4)),
    "spectral_norm, transposed": (
        lambda nn: P(nn).spectral_norm(nn.ConvTranspose1d(2, 3, 2)), (1, 2, 4),
    ),
    "spectral_norm of a vector": (lambda nn: P(nn).spectral_norm(nn.Linear(4, 3), "bias"), (5, 4)),
    "spectral_norm evaluated": (lambda nn: P(nn).spectral_norm(nn.Linear(4, 3)).eval(), (5, 4)),
    "orthogonal": (lambda nn: P(nn).orthogonal(nn.Linear(4, 4)), (5, 4)),
    "orthogonal, tall": (lambda nn: P(nn).orthogonal(nn.Linear(3, 4)), (5, 3)),
    "orthogonal, wide": (lambda nn: P(nn).orthogonal(nn.Linear(4, 3), orthogonal_map="cayley"), (5, 4)),
    "orthogonal of rotations": (
        lambda nn: P(nn).orthogonal(
            nn.Linear(3, 4), orthogonal_map="matrix_exp", use_trivialization=False
        ), (5, 3),
    ),
    "two of them": (
        lambda nn: P(nn).spectral_norm(P(nn).weight_norm(nn.Linear(4, 3))), (5, 4),
    ),
    "weight_norm, a hook": (lambda nn: nn.utils.weight_norm(nn.Linear(4, 3)), (5, 4)),
    "spectral_norm, a hook": (lambda nn: nn.utils.spectral_norm(nn.Conv1d(2, 3, 2)), (5, 2, 4)),
}  # fmt: skip


@pytest.mark.parametrize("name", WRAPPED)
@pytest.mark.filterwarnings("ignore:.*weight_norm. is deprecated:FutureWarning")
def test_parametrized_layer(name: str) -> None:
    build, shape = WRAPPED[name]
    ours, theirs = twins(build)
    assert repr(ours).replace("()", "") == repr(theirs).replace("()", "")
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert [n for n, _ in ours.named_parameters()] == [n for n, _ in theirs.named_parameters()]
    for _ in range(2):
        for (library, _n), layer in zip(BOTH, (ours, theirs), strict=True):
            (x,) = inputs(library, [shape])
            weighted_sum(library, layer(x)).backward()
    check(ours.weight, theirs.weight)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        check(a.grad, b.grad)
    for a, b in zip(ours.buffers(), theirs.buffers(), strict=True):
        check(a, b)


def test_householder_originals_are_pytorchs() -> None:
    value = draw((5, 3), 1)
    found = []
    for library, n in BOTH:
        layer = n.Linear(3, 5).double()
        layer.weight.data = library.linalg.qr(library.asarray(value))[0]
        n.utils.parametrizations.orthogonal(layer, use_trivialization=False)
        found.append((layer.parametrizations.weight.original, layer.weight))
    for a, b in zip(*found, strict=True):
        check(a, b)


@pytest.mark.filterwarnings("ignore:.*weight_norm. is deprecated:FutureWarning")
def test_older_checkpoints_of_normalised_weights_are_loaded() -> None:
    old = torch.nn.utils.weight_norm(torch.nn.Linear(4, 3))
    new = nn.utils.parametrizations.weight_norm(nn.Linear(4, 3))
    new.load_state_dict({key: nd.asarray(value.numpy()) for key, value in old.state_dict().items()})
    check(new.weight, old.weight, 1e-6)
