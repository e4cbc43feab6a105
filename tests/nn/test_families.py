"""What the larger families of layers refuse, and what comparing them with PyTorch cannot show."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

import ndgrad as nd
import ndgrad.nn.functional as F
from ndgrad import nn

REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "RNN, length": (lambda: nn.RNN(3, 4)(nd.ones(5, 2, 2)), "(L, N, input_size).*input_size 3, got shape (5, 2, 2)"),
    "LSTM, batch first": (lambda: nn.LSTM(3, 4, batch_first=True)(nd.ones(3)), "(N, L, input_size).*got shape (3,)"),
    "GRU, state": (
        lambda: nn.GRU(3, 4)(nd.ones(5, 2, 3), nd.ones(1, 3, 4)), "must have shape (1, 2, 4).*got (1, 3, 4)",
    ),
    "RNN, nonlinearity": (lambda: nn.RNN(3, 4, nonlinearity="elu"), "'tanh' or 'relu', got 'elu'"),
    "LSTM, projection": (lambda: nn.LSTM(3, 4, proj_size=4), "smaller than hidden_size, got 4 and 4"),
    "GRU, layers": (lambda: nn.GRU(3, 4, num_layers=0), "must be positive, got 4 and 0"),
    "LSTM, dropout": (lambda: nn.LSTM(3, 4, dropout=2), "between 0 and 1, got 2"),
    "RNNCell, length": (lambda: nn.RNNCell(3, 4)(nd.ones(2, 2)), "(N, 3) or (3,), got shape (2, 2)"),
    "LSTMCell, state": (
        lambda: nn.LSTMCell(3, 4)(nd.ones(2, 3), (nd.ones(2, 4), nd.ones(3, 4))), "shape (2, 4), got (3, 4)",
    ),
    "attention, heads": (lambda: nn.MultiheadAttention(5, 2), "divisible by num_heads, got 5 and 2"),
    "attention, keys": (
        lambda: nn.MultiheadAttention(4, 2)(nd.ones(5, 3, 4), nd.ones(6, 3, 4), nd.ones(7, 3, 4)),
        "(3, 5, 4), (3, 6, 4) and (3, 7, 4)",
    ),
    "attention, causal without a mask": (
        lambda: nn.MultiheadAttention(4, 2)(*[nd.ones(5, 3, 4)] * 3, is_causal=True), "attn_mask, which must be given",
    ),
    "attention, shapes": (
        lambda: F.scaled_dot_product_attention(nd.ones(2, 3), nd.ones(2, 4), nd.ones(2, 4)),
        "(2, 3), (2, 4) and (2, 4)",
    ),
    "attention, two masks": (
        lambda: F.scaled_dot_product_attention(*[nd.ones(2, 3)] * 3, nd.ones(2, 2), is_causal=True), "not both",
    ),
    "transformer, activation": (
        lambda: nn.TransformerEncoderLayer(4, 2, activation="tanh"), "'relu', 'gelu' or a function, got 'tanh'",
    ),
    "conv_transpose2d, channels": (
        lambda: nn.ConvTranspose2d(3, 4, 2)(nd.ones(1, 2, 5, 5)),
        "takes 3 channels.*got an input of shape (1, 2, 5, 5)",
    ),
    "conv_transpose2d, output padding": (
        lambda: F.conv_transpose2d(nd.ones(1, 1, 2, 2), nd.ones(1, 1, 2, 2), output_padding=1),
        "smaller than the stride or the dilation, got (1, 1) for (1, 1) and (1, 1)",
    ),
    "conv_transpose2d, output size": (
        lambda: nn.ConvTranspose2d(1, 1, 2, 2)(nd.ones(1, 1, 2, 2), output_size=(9, 9)),
        "from [4, 4] to [5, 5], got (9, 9)",
    ),
    "conv_transpose2d, padding mode": (lambda: nn.ConvTranspose2d(1, 1, 2, padding_mode="reflect"), "'zeros'"),
    "interpolate, size and factor": (lambda: F.interpolate(nd.ones(1, 1, 2)), "either size or scale_factor"),
    "interpolate, mode": (
        lambda: F.interpolate(nd.ones(1, 1, 2), 4, mode="bilinear"), "'bilinear' does not fit.*(1, 1, 2)",
    ),
    "interpolate, corners of nearest": (
        lambda: F.interpolate(nd.ones(1, 1, 2), 4, align_corners=True), "no setting of mode 'nearest'",
    ),
    "pixel_shuffle": (lambda: nn.PixelShuffle(2)(nd.ones(1, 3, 2, 2)), "C * 4, H, W), got shape (1, 3, 2, 2)"),
    "prelu": (lambda: nn.PReLU(3)(nd.ones(2, 4)), "one for each of 4 channels, got 3"),
    "softshrink": (lambda: nn.Softshrink(-1)(nd.ones(2)), "must not be negative, got -1"),
    "glu": (lambda: nn.GLU()(nd.ones(3)), "must be even, got shape (3,)"),
    "rms_norm": (lambda: nn.RMSNorm(3)(nd.ones(2, 4)), "over (3,).*got (2, 4)"),
    "instance norm": (lambda: nn.InstanceNorm2d(3)(nd.ones(2, 4, 5, 5)), "expected 3 channels"),
    "local_response_norm": (lambda: nn.LocalResponseNorm(2)(nd.ones(2, 4)), "3 or more dimensions, got shape (2, 4)"),
    "padding": (lambda: nn.ZeroPad2d((1, 2)), "one width or 4.*got (1, 2)"),
    "embedding_bag, mode": (lambda: nn.EmbeddingBag(3, 2, mode="min")(nd.asarray([[0]])), "got 'min'"),
    "embedding_bag, offsets": (lambda: nn.EmbeddingBag(3, 2)(nd.asarray([0])), "got 1 dimensions with no offsets"),
    "embedding_bag, first offset": (
        lambda: nn.EmbeddingBag(3, 2)(nd.asarray([0]), nd.asarray([1])), "first offset must be 0, got 1",
    ),
    "gaussian_nll_loss": (
        lambda: nn.GaussianNLLLoss()(nd.ones(2, 3), nd.ones(2, 3), nd.ones(3)),
        "var of shape (3,) does not fit.*(2, 3)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_show_what_was_given(name: str) -> None:
    call, message = REFUSED[name]
    pattern = ".*".join(re.escape(part) for part in message.split(".*"))
    with pytest.raises(ValueError, match=pattern):
        call()


def test_dropout_without_a_second_layer_warns() -> None:
    with pytest.warns(UserWarning, match=r"num_layers=1 .* dropout=0.5 does nothing"):
        nn.GRU(3, 4, dropout=0.5)


def test_dropout_acts_between_the_layers_in_training() -> None:
    layer, x = nn.LSTM(3, 4, 2, dropout=1.0), nd.ones(5, 2, 3)
    silent = nn.LSTM(4, 4)
    silent.load_state_dict({key: layer.state_dict()[key.replace("l0", "l1")] for key in silent.state_dict()})
    assert nd.allclose(layer(x)[0], silent(nd.zeros(5, 2, 4))[0])
    assert not nd.allclose(layer.eval()(x)[0], silent(nd.zeros(5, 2, 4))[0])


def test_a_recurrent_layer_is_its_cell_in_a_loop(device: str) -> None:
    layer, cell = nn.GRU(3, 4), nn.GRUCell(3, 4)
    cell.load_state_dict({key.removesuffix("_l0"): value for key, value in layer.state_dict().items()})
    x, state = nd.randn(5, 2, 3), None
    for step in x:
        state = cell(step, state)
    assert str(layer(x)[1].device) == device
    assert nd.allclose(layer(x)[1][0], state)


def test_stacked_layers_are_copies_that_learn_apart() -> None:
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8), 2)
    first, second = encoder.layers
    assert nd.allclose(first.linear1.weight, second.linear1.weight)
    assert first.linear1.weight is not second.linear1.weight


def test_a_transformer_does_not_see_the_future(device: str) -> None:
    layer = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0, batch_first=True)
    mask = nn.Transformer.generate_square_subsequent_mask(5)
    x = nd.randn(1, 5, 4)
    changed = nd.concat((x[:, :3], nd.randn(1, 2, 4)), axis=1)
    a, b = layer(x, mask), layer(changed, mask)
    assert nd.allclose(a[:, :3], b[:, :3], atol=1e-6)
    assert not nd.allclose(a[:, 3:], b[:, 3:])


def test_hard_gumbel_softmax_chooses_one_class_and_has_the_soft_ones_gradient() -> None:
    logits = nd.zeros((50, 3), requires_grad=True)
    chosen = F.gumbel_softmax(logits, hard=True)
    assert set(chosen.detach().round().flatten().tolist()) == {0.0, 1.0}
    assert nd.allclose(chosen.detach().sum(1), nd.ones(50))
    (chosen[:, 0] * 2).sum().backward()
    assert float(nd.sum(nd.abs(logits.grad))) > 0


def test_writing_in_place_gives_the_same_gradient(device: str) -> None:
    for layer in (nn.SELU, nn.CELU, nn.Hardswish, nn.Hardsigmoid):
        x = nd.randn(7, requires_grad=True)
        grads = []
        for inplace in (False, True):
            layer(inplace=inplace)(x * 2).sum().backward()
            grads.append(x.grad)
            x.grad = None
        assert nd.allclose(*grads), layer.__name__


def test_integers_are_interpolated_in_floating_point_and_rounded(device: str) -> None:
    pixels = nd.asarray([[[0, 255, 0, 3]]], dtype=nd.uint8)
    assert F.interpolate(pixels, size=8, mode="linear").tolist() == [[[0, 64, 191, 191, 64, 1, 2, 3]]]
    tall = F.interpolate(nd.reshape(pixels, (1, 1, 2, 2)), size=(4, 4), mode="bicubic")
    assert tall.dtype is nd.uint8
    assert int(nd.max(tall)) == 255


def test_rms_norm_of_halves_does_not_overflow(device: str) -> None:
    x = nd.asarray([300.0, -300.0], dtype=nd.float16)
    assert F.rms_norm(x, (2,)).tolist() == [1.0, -1.0]
