"""Images looked up at points, maxima put back in their places, and the rarer functions; derivatives and refusals."""

from __future__ import annotations

import re

import pytest

import ndgrad as nd
import ndgrad.nn.functional as F
from ndgrad import nn
from ndgrad.autograd import gradcheck, gradgradcheck


def random(*shape: int) -> nd.Tensor:
    nd.manual_seed(3)
    return nd.randn(shape, dtype=nd.float64, requires_grad=True)


IDENTITY = [[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]


@pytest.mark.parametrize("align", [True, False])
@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
def test_the_grid_of_an_image_gives_the_image(mode: str, align: bool, device: str) -> None:
    x = nd.randn(1, 2, 3, 5)
    grid = F.affine_grid(nd.asarray(IDENTITY), x.shape, align)
    y = F.grid_sample(x, grid, mode, align_corners=align)
    assert str(y.device) == device
    assert nd.allclose(y, x, atol=1e-5)


def test_what_lies_outside() -> None:
    x = nd.asarray([[[[1.0, 2.0, 3.0]]]])
    grid = nd.asarray([[[[-3.0, 0.0], [3.0, 0.0], [float("nan"), 0.0]]]])
    found = {how: F.grid_sample(x, grid, "nearest", how, align_corners=True).flatten().tolist() for how in F_PADDINGS}
    assert found["zeros"] == [0.0, 0.0, 0.0]
    assert found["border"][:2] == [1.0, 3.0]
    assert found["reflection"][:2] == [3.0, 1.0]


F_PADDINGS = ("zeros", "border", "reflection")


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_maxima_return_to_their_places(dims: int, device: str) -> None:
    x = nd.abs(nd.randn((2, 3, *(4, 5, 6)[:dims])))
    pool, unpool = (getattr(F, f"{name}{dims}d") for name in ("max_pool", "max_unpool"))
    values, places = pool(x, 2, return_indices=True)
    assert nd.all(values == pool(x, 2))
    back = unpool(values, places, 2, output_size=x.shape)
    assert str(back.device) == device
    assert nd.all((back == 0) | (back == x))
    assert nd.all(pool(back, 2) == values)


def test_windows_of_nothing_but_minus_infinity_point_inside() -> None:
    x = nd.full((1, 1, 4), -float("inf"))
    assert F.max_pool1d(x, 3, 2, 1, return_indices=True)[1].tolist() == [[[0, 1]]]


def test_of_equal_maxima_the_first_is_pointed_to() -> None:
    layer = nn.MaxPool2d(2, return_indices=True)
    assert layer(nd.ones((1, 2, 4)))[1].tolist() == [[[0, 2]]]


def test_integers_have_maxima_with_places_too() -> None:
    values, places = F.max_pool1d(nd.asarray([[1, 7, 3, 2]]), 2, return_indices=True)
    assert (values.tolist(), places.tolist()) == ([[7, 3]], [[1, 2]])


def test_noise_keeps_mean_and_variance() -> None:
    x = nd.randn(200_000)
    for y in (F.alpha_dropout(x, 0.3, training=True), nn.AlphaDropout(0.1)(x)):
        assert float(nd.mean(y)) == pytest.approx(0.0, abs=0.02)
        assert float(nd.var(y)) == pytest.approx(1.0, abs=0.03)
    assert nd.all(nn.AlphaDropout(0.3).eval()(x) == x)


def test_channels_are_dropped_whole() -> None:
    y = F.feature_alpha_dropout(nd.ones((40, 3, 5)), 0.5, training=True)
    assert bool(nd.all(y == y[..., :1]))
    assert len(set(y[..., 0].flatten().tolist())) == 2


def test_random_slopes_lie_in_their_range() -> None:
    x = -nd.ones(1000)
    slopes = -nn.RReLU(0.25, 0.5)(x)
    assert bool(nd.all((slopes >= 0.25) & (slopes <= 0.5)))
    assert float(nd.std(slopes)) > 0.05
    assert -nn.RReLU(0.25, 0.5).eval()(x)[0].item() == pytest.approx(0.375)


@pytest.mark.parametrize("name", ["relu", "elu", "celu", "selu", "hardtanh", "leaky_relu", "rrelu"])
def test_functions_that_write_over_their_input(name: str) -> None:
    x = nd.randn(5)
    y = x.clone()
    result = getattr(F, name + "_")(y)
    assert result is y
    assert nd.all(y == getattr(F, name)(x))


DERIVED = {
    "grid_sample": (lambda x, g: F.grid_sample(x, nd.tanh(g)), (2, 1, 3, 4), (2, 2, 3, 2)),
    "grid_sample, reflected": (
        lambda x, g: F.grid_sample(x, 2 * g, padding_mode="reflection", align_corners=True), (1, 2, 3, 3), (1, 2, 2, 2),
    ),
    "grid_sample, bicubic": (lambda x, g: F.grid_sample(x, g, "bicubic", "border"), (1, 1, 4, 3), (1, 2, 2, 2)),
    "grid_sample of volumes": (lambda x, g: F.grid_sample(x, nd.tanh(g)), (1, 1, 2, 3, 2), (1, 1, 2, 2, 3)),
    "affine_grid": (lambda theta: F.affine_grid(theta, (2, 1, 2, 3)) ** 2, (2, 2, 3)),
    "max_pool2d with places": (lambda x: F.max_pool2d(x, 2, 1, return_indices=True)[0] ** 2, (1, 2, 3, 4)),
    "max_unpool2d": (lambda x: F.max_unpool2d(x, nd.asarray([[[[0, 3], [8, 11]]]]), 2) ** 2, (1, 1, 2, 2)),
    "lp_pool2d": (lambda x: F.lp_pool2d(nd.abs(x) + 1, 3.0, 2), (1, 2, 4, 4)),
    "multilabel_margin_loss": (lambda x: F.multilabel_margin_loss(x, nd.asarray([[1, 2, -1]] * 2)) ** 2, (2, 3)),
    "multilabel_soft_margin_loss": (
        lambda x: F.multilabel_soft_margin_loss(x, nd.asarray([[1.0, 0.0, 1.0]] * 2)), (2, 3),
    ),
    "bilinear": (F.bilinear, (4, 2), (4, 3), (2, 2, 3), (2,)),
}  # fmt: skip


@pytest.mark.parametrize("name", DERIVED)
def test_derivatives_of_both_orders(name: str) -> None:
    function, *shapes = DERIVED[name]
    inputs = tuple(random(*shape) for shape in shapes)
    assert gradcheck(function, inputs)
    assert gradgradcheck(function, inputs)


REFUSED = {
    "affine_grid, shape": (lambda: F.affine_grid(nd.ones((1, 3, 3)), (1, 1, 2, 2)), ("(1, 3, 3)", "(1, 1, 2, 2)")),
    "grid_sample, grid": (lambda: F.grid_sample(nd.ones((1, 1, 2, 2)), nd.ones((2, 2, 2, 2))), ("(2, 2, 2, 2)",)),
    "grid_sample, mode": (
        lambda: F.grid_sample(nd.ones((1, 1, 2, 2, 2)), nd.ones((1, 1, 1, 1, 3)), "bicubic"), ("got 'bicubic'",),
    ),
    "grid_sample, padding": (
        lambda: F.grid_sample(nd.ones((1, 1, 2, 2)), nd.ones((1, 1, 1, 2)), padding_mode="wrap"), ("got 'wrap'",),
    ),
    "max_unpool2d, indices": (
        lambda: F.max_unpool2d(nd.ones((1, 2, 2)), nd.asarray([[0, 1]]), 2), ("max_unpool2d", "(1, 2, 2) and (1, 2)"),
    ),
    "max_unpool1d, place": (
        lambda: F.max_unpool1d(nd.ones((1, 2)), nd.asarray([[0, 4]]), 2), ("max_unpool1d", "outside", "(4,)"),
    ),
    "max_unpool1d, size": (
        lambda: F.max_unpool1d(nd.ones((1, 2)), nd.asarray([[0, 3]]), 2, output_size=(9,)), ("of (4,), got (9,)",),
    ),
    "alpha_dropout": (lambda: F.alpha_dropout(nd.ones(2), 1.5, training=True), ("between 0 and 1, but got 1.5",)),
    "feature_alpha_dropout": (lambda: F.feature_alpha_dropout(nd.ones(2), training=True), ("(N, C, ...)", "(2,)")),
    "rrelu": (lambda: F.rrelu(nd.ones(2), 0.5, 0.25), ("got 0.5 and 0.25",)),
    "multilabel_margin_loss": (
        lambda: F.multilabel_margin_loss(nd.ones((2, 3)), nd.asarray([1, 2])), ("(2, 3) and (2,)",),
    ),
    "multilabel_soft_margin_loss": (
        lambda: F.multilabel_soft_margin_loss(nd.ones((2, 3)), nd.ones(3)), ("(2, 3)", "(3,)"),
    ),
    "channel_shuffle": (lambda: F.channel_shuffle(nd.ones((1, 3, 2)), 2), ("(1, 3, 2) and groups=2",)),
    "bilinear": (lambda: F.bilinear(nd.ones(2), nd.ones(3), nd.ones((1, 3, 2))), ("(2,) and (3,)", "(1, 3, 2)")),
    "Softmax2d": (lambda: nn.Softmax2d()(nd.ones(2)), ("(N, C, H, W)", "(2,)")),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    call, parts = REFUSED[name]
    with pytest.raises(ValueError, match="(?s)" + ".*".join(map(re.escape, parts))):
        call()
