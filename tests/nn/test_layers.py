"""What layers and their functions refuse, and what tests beside PyTorch cannot show."""

from __future__ import annotations

import re

import pytest

import ndgrad as nd
import ndgrad.nn.functional as F
from ndgrad import nn


def says(*parts: str) -> str:
    """A pattern that finds the parts in this order."""
    return "(?s)" + ".*".join(re.escape(p) for p in parts)


REFUSED = {
    "linear, another length": (lambda: nn.Linear(3, 2)(nd.ones(4)), ("linear", "(4,)", "(2, 3)")),
    "conv2d, channels": (lambda: nn.Conv2d(3, 4, 3)(nd.ones(1, 2, 8, 8)), ("groups=1", "3 channels", "(1, 2, 8, 8)")),
    "conv2d, dimensions": (lambda: nn.Conv2d(3, 4, 3)(nd.ones(8, 8)), ("(N, C, H, W)", "(8, 8)")),
    "conv2d, kernel too large": (
        lambda: nn.Conv2d(1, 1, 5, dilation=2)(nd.ones(1, 1, 8, 8)), ("kernel of size (5, 5)", "larger", "(8, 8)"),
    ),
    "conv2d, bias": (
        lambda: F.conv2d(nd.ones(1, 1, 3, 3), nd.ones(2, 1, 2, 2), nd.ones(3)), ("bias must have shape (2,)", "(3,)"),
    ),
    "conv2d, stride 0": (
        lambda: F.conv2d(nd.ones(1, 1, 3, 3), nd.ones(1, 1, 2, 2), stride=0), ("must be positive", "(0, 0)"),
    ),
    "conv2d, three strides": (lambda: nn.Conv2d(1, 1, 3, stride=(1, 1, 1)), ("stride", "2 of them", "(1, 1, 1)")),
    "conv2d, groups": (lambda: nn.Conv2d(3, 4, 3, groups=2), ("divisible by groups", "3, 4 and 2")),
    "conv2d, padding word": (lambda: nn.Conv2d(1, 1, 3, padding="full"), ("'same' or 'valid'", "'full'")),
    "conv2d, negative padding": (lambda: nn.Conv2d(1, 1, 3, padding=-1), ("must not be negative",)),
    "conv2d, same with a stride": (lambda: nn.Conv2d(1, 1, 3, padding="same", stride=2), ("'same'", "stride (2, 2)")),
    "conv2d, padding mode": (lambda: nn.Conv2d(1, 1, 3, padding_mode="mirror"), ("zeros, reflect", "'mirror'")),
    "max_pool2d, dimensions": (lambda: nn.MaxPool2d(2)(nd.ones(4)), ("(N, C, H, W)", "(4,)")),
    "max_pool2d, too small": (lambda: nn.MaxPool2d(3)(nd.ones(1, 2, 2)), ("windows of size (3, 3)", "(1, 2, 2)")),
    "max_pool2d, padding": (lambda: nn.MaxPool2d(2, padding=2)(nd.ones(1, 4, 4)), ("half of the window", "(2, 2)")),
    "avg_pool2d, divisor": (
        lambda: nn.AvgPool2d(2, divisor_override=0)(nd.ones(1, 4, 4)), ("divisor_override must not be zero",),
    ),
    "adaptive_avg_pool2d": (lambda: nn.AdaptiveAvgPool2d(0)(nd.ones(1, 4, 4)), ("must be positive", "0")),
    "dropout": (lambda: nn.Dropout(1.5), ("between 0 and 1", "1.5")),
    "dropout2d": (lambda: nn.Dropout2d()(nd.ones(3)), ("(N, C, ...)", "(3,)")),
    "batch norm, dimensions": (lambda: nn.BatchNorm2d(3)(nd.ones(2, 3)), ("expected 4D input", "got 2D")),
    "batch norm, channels": (lambda: nn.BatchNorm1d(3)(nd.ones(2, 4)), ("expected 3 channels", "(2, 4)")),
    "batch norm, one value": (lambda: nn.BatchNorm1d(3)(nd.ones(1, 3)), ("more than 1 value per channel", "(1, 3)")),
    "batch norm, no statistics": (lambda: F.batch_norm(nd.ones(2, 3), None, None), ("running_mean", "training=True")),
    "layer norm": (lambda: nn.LayerNorm(3)(nd.ones(2, 4)), ("over (3,)", "(2, 4)")),
    "group norm": (lambda: nn.GroupNorm(2, 3), ("divisible", "2")),
    "hardtanh": (lambda: nn.Hardtanh(1, -1), ("max_val must be larger", "-1 and 1")),
    "gelu": (lambda: nn.GELU("erf")(nd.ones(1)), ("'none' or 'tanh'", "'erf'")),
    "softmax": (lambda: nn.Softmax()(nd.ones(2)), ("softmax", "dim=-1")),
    "embedding, dimensions": (lambda: F.embedding(nd.asarray([0]), nd.ones(2)), ("(rows, dim)", "(2,)")),
    "embedding, padding": (lambda: nn.Embedding(3, 2, padding_idx=3), ("within num_embeddings", "3 for 3")),
    "one_hot": (lambda: F.one_hot(nd.asarray([0, 3]), 3), ("from 0 to 2", "0 to 3")),
    "pad": (lambda: F.pad(nd.ones(2), (1, 1, 1)), ("pairs", "1 axes", "(1, 1, 1)")),
    "mse, reduction": (
        lambda: F.mse_loss(nd.ones(2), nd.ones(2), reduction="avg"), ("'avg'", "'mean', 'sum' or 'none'"),
    ),
    "cross entropy, shape": (
        lambda: F.cross_entropy(nd.ones(2, 3), nd.asarray([0, 1, 2])), ("(2, 3)", "shape (2,)", "got (3,)"),
    ),
    "cross entropy, probabilities": (
        lambda: F.cross_entropy(nd.ones(2, 3), nd.asarray([0.0, 1.0])), ("probabilities", "(2, 3)", "nd.int64"),
    ),
    "cross entropy, weight": (
        lambda: F.cross_entropy(nd.ones(2, 3), nd.asarray([0, 1]), nd.ones(2)), ("each of 3 classes", "(2,)"),
    ),
    "cross entropy, smoothing": (
        lambda: F.cross_entropy(nd.ones(2, 3), nd.asarray([0, 1]), label_smoothing=2.0), ("between 0.0 and 1.0", "2.0"),
    ),
    "bce, shape": (lambda: F.binary_cross_entropy(nd.ones(2, 1), nd.ones(2)), ("(2,) for (2, 1)",)),
    "bce, no probabilities": (
        lambda: nn.BCELoss()(nd.asarray([1.5]), nd.ones(1)), ("input must lie in [0, 1]", "1.5", "with_logits"),
    ),
    "bce of logits, shape": (lambda: nn.BCEWithLogitsLoss()(nd.ones(2, 1), nd.ones(2)), ("(2,)", "(2, 1)")),
    "smooth l1": (lambda: nn.SmoothL1Loss(beta=-1.0)(nd.ones(2), nd.ones(2)), ("negative values for beta", "-1.0")),
    "huber": (lambda: nn.HuberLoss(delta=0.0)(nd.ones(2), nd.ones(2)), ("non-positive values for delta",)),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    call, parts = REFUSED[name]
    with pytest.raises(ValueError, match=says(*parts)):
        call()


@pytest.mark.parametrize("wrong", [3, -1])
@pytest.mark.parametrize("settings", [{}, {"label_smoothing": 0.1}, {"weight": [1.0, 1.0, 1.0]}])
def test_class_numbers_out_of_range_are_named(wrong: int, settings: dict, device: str) -> None:
    settings = {key: nd.asarray(value) if key == "weight" else value for key, value in settings.items()}
    with pytest.raises(IndexError, match=says(f"target {wrong} is out of bounds for 3 classes", "-100")):
        F.cross_entropy(nd.ones(2, 3), nd.asarray([0, wrong]), **settings)


def test_class_numbers_must_be_integers() -> None:
    with pytest.raises(TypeError, match=says("integers", "bool", "nd.int64")):
        F.nll_loss(nd.ones(2, 3), nd.asarray([True, False]))


def test_embeddings_are_looked_up_by_integers() -> None:
    with pytest.raises(TypeError, match=says("integers", "float32")):
        nn.Embedding(3, 2)(nd.ones(2))
    with pytest.raises(IndexError):
        nn.Embedding(3, 2)(nd.asarray([3]))


def test_shapes_that_broadcast_into_a_loss_are_warned_of() -> None:
    with pytest.warns(UserWarning, match=says("(3,)", "(3, 1)", "same shape")):
        nn.MSELoss()(nd.ones(3, 1), nd.ones(3))


# -- dropout -----------------------------------------------------------------------------------------------------------


def test_dropout_keeps_the_mean_and_drops_its_share(device: str) -> None:
    y = nn.Dropout(0.25)(nd.ones(10_000))
    assert sorted(set(y.tolist())) == [0.0, pytest.approx(4 / 3)]
    assert float(nd.mean(y)) == pytest.approx(1, abs=0.03)


def test_the_gradient_of_dropout_is_its_mask() -> None:
    x = nd.ones(100, requires_grad=True)
    y = nn.Dropout(0.5)(x)
    y.sum().backward()
    assert x.grad.tolist() == y.tolist()


def test_dropout_is_off_in_evaluation() -> None:
    x = nd.ones(5)
    assert nn.Dropout(0.9).eval()(x) is x


def test_dropout_of_channels_drops_them_whole() -> None:
    y = nn.Dropout2d(0.5)(nd.ones(50, 4, 3, 3))
    assert bool(nd.all(nd.min(y, axis=(2, 3)) == nd.max(y, axis=(2, 3))))
    assert 0.3 < float(nd.mean((y == 0).to(nd.float32))) < 0.7


# -- in place ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", [nn.ReLU, nn.LeakyReLU, nn.ELU, nn.Hardtanh, nn.ReLU6, nn.SiLU, nn.Mish])
def test_in_place_activations_give_the_same_values_and_gradients(layer: type[nn.Module], device: str) -> None:
    x = nd.asarray([-2.0, -0.5, 0.5, 3.0, 7.0], requires_grad=True)
    kept, written = x * 1, x * 1
    plain = layer()(kept)
    inplace = layer(inplace=True)(written)
    assert inplace is written
    assert written.tolist() == plain.tolist()
    (one,) = nd.autograd.grad((plain**2).sum(), [x])
    (other,) = nd.autograd.grad((inplace**2).sum(), [x])
    assert one.tolist() == pytest.approx(other.tolist())


# -- normalisation -----------------------------------------------------------------------------------------------------


def test_batch_norm_learns_running_statistics(device: str) -> None:
    norm = nn.BatchNorm1d(2, momentum=None)
    for shift in (0.0, 2.0):
        norm(nd.asarray([[1.0, 3.0], [3.0, 7.0]]) + shift)
    assert norm.running_mean.tolist() == [3.0, 6.0]
    assert norm.running_var.tolist() == [2.0, 8.0]
    assert norm.num_batches_tracked.item() == 2
    norm.reset_running_stats()
    assert norm.running_mean.tolist() == [0.0, 0.0]


def test_evaluation_leaves_the_statistics_alone() -> None:
    norm = nn.BatchNorm1d(2).eval()
    norm(nd.randn(4, 2))
    assert norm.num_batches_tracked.item() == 0
    assert norm.running_mean.tolist() == [0.0, 0.0]


# -- low precision -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_layers_compute_in_half_precision(dtype: str) -> None:
    model = nn.Sequential(
        nn.Conv2d(1, 2, 3, padding=1), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2), nn.AvgPool2d(2), nn.Flatten(),
        nn.Linear(2, 3), nn.LayerNorm(3),
    )  # fmt: skip
    x, y = nd.randn(2, 1, 4, 4), nd.asarray([0, 2])
    wide = nn.CrossEntropyLoss()(model(x), y)
    model.to(getattr(nd, dtype))
    loss = nn.CrossEntropyLoss()(model(x.to(getattr(nd, dtype))), y)
    loss.backward()
    assert str(loss.dtype) == f"ndgrad.{dtype}"
    assert all(p.grad.dtype == p.dtype for p in model.parameters())
    assert loss.item() == pytest.approx(wide.item(), rel=0.1)


def test_normalising_large_halves_does_not_overflow() -> None:
    x = nd.asarray([[1000.0, -1000.0], [3000.0, 5000.0]], dtype=nd.float16)
    assert nn.LayerNorm(2).half()(x).tolist() == [[1.0, -1.0], [-1.0, 1.0]]


# -- empty batches -----------------------------------------------------------------------------------------------------


def test_an_empty_batch_passes_through(device: str) -> None:
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 3))
    y = model(nd.ones(0, 1, 6, 6))
    assert y.shape == (0, 3)
    y.sum().backward()
    assert nd.sum(nd.abs(model[0].weight.grad)).item() == 0


def test_a_number_beyond_the_table_is_named():
    with pytest.raises(IndexError, match=says("embedding", "5", "(3, 2)", "0 to 2")):
        nn.Embedding(3, 2)(nd.asarray([5]))


@pytest.mark.parametrize(
    "layer", [nn.Linear(3, 2), nn.Conv1d(2, 1, 1), nn.BatchNorm1d(2), nn.LSTM(3, 2), nn.Embedding(3, 2), nn.ReLU()]
)
def test_an_array_of_another_library_is_refused_by_name(layer):
    numpy = pytest.importorskip("numpy")
    words = r"(takes ndgrad tensors|must be a Tensor).*numpy\.ndarray.*; write nd\.asarray"
    with pytest.raises(TypeError, match=words):
        layer(numpy.ones((1, 2, 3), dtype="float32"))
