"""The rarer layers and functions beside PyTorch's: sampling, unpooling, losses of several labels."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ndgrad as nd
import ndgrad.nn.functional as F
from ndgrad import nn

torch = pytest.importorskip("torch")
sys.path.insert(0, str(Path(__file__).parent))
from test_nn import check, draw, inputs, weighted_sum  # noqa: E402

pytestmark = [pytest.mark.requires_torch, pytest.mark.filterwarnings("ignore::UserWarning:torch")]

BOTH = ((nd, nn, F), (torch, torch.nn, torch.nn.functional))


def compare(call: Callable[[Any, Any, Any], Any], shapes: list[tuple[int, ...]], tolerance: float = 1e-9) -> None:
    """Results and gradients; where PyTorch gives a gradient of zeros, there may be none."""
    found = []
    for library, n, functions in BOTH:
        xs = inputs(library, shapes)
        result = call(library, functions if functions is not None else n, *xs)
        results = result if isinstance(result, tuple) else (result,)
        weighted_sum(library, tuple(r for r in results if r.requires_grad)).backward()
        found.append((results, [x.grad for x in xs]))
    (ours, grads), (theirs, torch_grads) = found
    for a, b in zip(ours, theirs, strict=True):
        check(a, b, tolerance)
    for a, b in zip(grads, torch_grads, strict=True):
        check(nd.zeros(tuple(b.shape)) if a is None else a, b, tolerance)


@pytest.mark.parametrize("align", [True, False])
@pytest.mark.parametrize(
    ("mode", "padding", "dims"),
    [*product(["bilinear", "nearest", "bicubic"], ["zeros", "border", "reflection"], [2]),
     *product(["bilinear", "nearest"], ["zeros", "border", "reflection"], [3])],
)  # fmt: skip
def test_grid_sample(mode: str, padding: str, dims: int, align: bool) -> None:
    shapes = [(2, 3, 4, 5, 3)[: dims + 2], (*(2, 3, 2, 4, 3)[: dims + 1], dims)]
    compare(lambda xp, F, x, g: F.grid_sample(x, 1.3 * g, mode, padding, align), shapes, 1e-8)


@pytest.mark.parametrize("align", [True, False])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
def test_points_on_the_borders_and_far_away(padding: str, align: bool) -> None:
    places = np.array([-1.0, 1.0, -3.0, 3.0, 0.0, 1e30, -1e30])
    places = np.stack(np.meshgrid(places, places), axis=-1)[None]
    compare(
        lambda xp, F, x: F.grid_sample(x, xp.asarray(places), padding_mode=padding, align_corners=align), [(1, 2, 3, 4)]
    )


@pytest.mark.parametrize("align", [True, False])
@pytest.mark.parametrize("size", [(2, 1, 3, 4), (2, 1, 1, 5), (2, 1, 2, 3, 4)])
@pytest.mark.filterwarnings("ignore:Since version 1.3.0:UserWarning")
def test_affine_grid(size: tuple[int, ...], align: bool) -> None:
    dims = len(size) - 2
    compare(lambda xp, F, theta: F.affine_grid(theta, size, align), [(2, dims, dims + 1)])


POOLS: dict[str, tuple[dict[str, Any], tuple[int, ...]]] = {
    "1d": ({"kernel_size": 3, "stride": 2, "padding": 1}, (2, 3, 9)),
    "1d, dilated": ({"kernel_size": 2, "stride": 1, "dilation": 3}, (3, 9)),
    "2d": ({"kernel_size": 2}, (2, 3, 5, 6)),
    "2d, uneven": ({"kernel_size": (3, 2), "stride": (2, 1), "padding": (1, 0), "ceil_mode": True}, (2, 3, 6, 5)),
    "3d": ({"kernel_size": 2, "stride": (1, 2, 2), "padding": (1, 0, 1)}, (2, 2, 4, 5, 4)),
}


@pytest.mark.parametrize("name", POOLS)
def test_max_pool_with_places(name: str) -> None:
    settings, shape = POOLS[name]
    compare(lambda xp, F, x: getattr(F, f"max_pool{name[:2]}")(x, **settings, return_indices=True), [shape])
    ours, theirs = (getattr(n, f"MaxPool{name[:2]}")(**settings, return_indices=True) for n in (nn, torch.nn))
    assert repr(ours) == repr(theirs)


@pytest.mark.parametrize(("dims", "size"), [(1, None), (2, None), (2, (7, 7)), (3, None)])
def test_max_unpool(dims: int, size: tuple[int, ...] | None) -> None:
    def call(xp: Any, F: Any, x: Any) -> Any:
        values, places = getattr(F, f"max_pool{dims}d")(x, 2, return_indices=True)
        return getattr(F, f"max_unpool{dims}d")(values, places, 2, output_size=size)

    compare(call, [(2, 3, *(6, 6, 4)[:dims])])
    ours, theirs = (getattr(n, f"MaxUnpool{dims}d")(2, padding=0) for n in (nn, torch.nn))
    assert repr(ours) == repr(theirs)


CLASSES = np.array([[2, 0, -1, 1], [3, -1, 0, 0], [-1, 1, 1, 1]])
HITS = np.array([[1.0, 0.0, 1.0, 0.0], [0.0, 0.0, 1.0, 1.0], [1.0, 1.0, 1.0, 0.0]])

FUNCTIONS: dict[str, tuple[Callable[[Any, Any, Any], Any], list[tuple[int, ...]]]] = {
    "lp_pool1d": (lambda xp, F, x: F.lp_pool1d(x * x + 0.1, 3, 2), [(2, 3, 7)]),
    "lp_pool2d": (lambda xp, F, x: F.lp_pool2d(x, 2, (3, 2), 2, ceil_mode=True), [(2, 3, 6, 5)]),
    "lp_pool3d": (lambda xp, F, x: F.lp_pool3d(x, 2.0, 2), [(1, 3, 4, 4, 5)]),
    "multilabel_margin_loss": (lambda xp, F, x: F.multilabel_margin_loss(x, xp.asarray(CLASSES)), [(3, 4)]),
    "multilabel_margin_loss of one": (
        lambda xp, F, x: F.multilabel_margin_loss(x, xp.asarray(CLASSES[0]), reduction="none"), [(4,)],
    ),
    "multilabel_soft_margin_loss": (
        lambda xp, F, x: F.multilabel_soft_margin_loss(x, xp.asarray(HITS), xp.asarray(HITS[0] + 0.5)), [(3, 4)],
    ),
    "multilabel_soft_margin_loss, none": (
        lambda xp, F, x: F.multilabel_soft_margin_loss(x, xp.asarray(HITS), reduction="none"), [(3, 4)],
    ),
    "bilinear": (lambda xp, F, x, y, w, b: F.bilinear(x, y, w, b), [(5, 2), (5, 3), (4, 2, 3), (4,)]),
    "channel_shuffle": (lambda xp, F, x: F.channel_shuffle(x, 3), [(2, 6, 3)]),
    "pdist": (lambda xp, F, x: F.pdist(x, 3.0), [(4, 3)]),
    "rrelu evaluated": (lambda xp, F, x: F.rrelu(x, 0.1, 0.5), [(3, 4)]),
    "upsample": (lambda xp, F, x: F.upsample(x, scale_factor=2, mode="bilinear", align_corners=True), [(1, 2, 3, 4)]),
    "leaky_relu_": (lambda xp, F, x: F.leaky_relu_(x * 2, 0.2), [(3, 4)]),
    "threshold_": (lambda xp, F, x: F.threshold_(x * 2, 0.2, -1.0), [(3, 4)]),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.filterwarnings("ignore:`?nn.functional.upsample:UserWarning")
def test_function(name: str) -> None:
    compare(*FUNCTIONS[name])


PRINTED: dict[str, Callable[[Any], Any]] = {
    "alpha dropout": lambda nn: nn.ModuleList([nn.AlphaDropout(0.2), nn.FeatureAlphaDropout()]),
    "rrelu": lambda nn: nn.ModuleList([nn.RReLU(), nn.RReLU(0.1, 0.3, inplace=True)]),
    "others": lambda nn: nn.ModuleList([nn.Softmax2d(), nn.ChannelShuffle(3)]),
    "losses": lambda nn: nn.ModuleList([nn.MultiLabelMarginLoss(), nn.MultiLabelSoftMarginLoss(reduction="sum")]),
    "powers": lambda nn: nn.ModuleList([nn.LPPool1d(2, 3), nn.LPPool2d(1.5, (3, 2), 2, True), nn.LPPool3d(2, 2)]),
}


@pytest.mark.parametrize("name", PRINTED)
def test_repr(name: str) -> None:
    assert repr(PRINTED[name](nn)) == repr(PRINTED[name](torch.nn))


def test_all_of_the_dropped_share_the_values_of_pytorch() -> None:
    torch.manual_seed(0)
    x = draw((1000,), 1)
    ours = nd.nn.functional.alpha_dropout(nd.asarray(x), 0.4, training=True).numpy()
    theirs = torch.nn.functional.alpha_dropout(torch.asarray(x), 0.4, training=True).numpy()
    constant = [np.unique(y, return_counts=True) for y in (ours, theirs)]
    dropped = [values[counts > 1] for values, counts in constant]
    np.testing.assert_allclose(dropped[0], dropped[1])
