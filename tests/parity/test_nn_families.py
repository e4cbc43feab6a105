"""The larger families of layers beside PyTorch's: recurrent, attention, transposed, upsampling, padding, ranking.

As in ``test_nn``, one text serves both libraries; results, gradients, printed form and keys are compared.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ndgrad as nd
import ndgrad.nn.functional as F
from ndgrad import nn

torch = pytest.importorskip("torch")
sys.path.insert(0, str(Path(__file__).parent))
from test_nn import check, inputs, twins, weighted_sum  # noqa: E402

pytestmark = [pytest.mark.requires_torch, pytest.mark.filterwarnings("ignore::UserWarning:torch")]

Shapes = Sequence[tuple[int, ...]]
Case = tuple[Callable[[Any], Any], Shapes] | tuple[Callable[[Any], Any], Shapes, Callable[..., Any]]


def held(xp: Any, values: Any) -> Any:
    return xp.asarray(np.asarray(values))


def future(n: int) -> Any:
    """True for what comes later."""
    return np.triu(np.ones((n, n), bool), 1)


LAST = np.array([[False, False, False, True]] * 3)
WORDS = np.array([[1, 2, 4], [4, 0, 2]])

LAYERS: dict[str, Case] = {
    "RNN": (lambda nn: nn.RNN(3, 4), [(5, 2, 3)]),
    "RNN with a state": (lambda nn: nn.RNN(3, 4, 2), [(5, 2, 3), (2, 2, 4)]),
    "RNN of relu, both ways": (
        lambda nn: nn.RNN(3, 4, 2, nonlinearity="relu", bidirectional=True, batch_first=True), [(2, 5, 3)],
    ),
    "RNN of one sequence": (lambda nn: nn.RNN(3, 4, 2, bias=False), [(5, 3), (2, 4)]),
    "LSTM": (lambda nn: nn.LSTM(3, 4, 2, bidirectional=True), [(5, 2, 3)]),
    "LSTM with a state": (
        lambda nn: nn.LSTM(3, 4, 2, batch_first=True), [(2, 5, 3), (2, 2, 4), (2, 2, 4)],
        lambda xp, layer, x, h, c: layer(x, (h, c)),
    ),
    "LSTM with projections": (lambda nn: nn.LSTM(3, 4, 2, proj_size=2, bidirectional=True), [(5, 2, 3)]),
    "LSTM of one sequence": (lambda nn: nn.LSTM(3, 4), [(5, 3)]),
    "LSTM evaluated": (lambda nn: nn.LSTM(3, 4, 2, dropout=0.5).eval(), [(5, 2, 3)]),
    "GRU": (lambda nn: nn.GRU(3, 4, 2, bidirectional=True, bias=False), [(5, 2, 3)]),
    "GRU with a state": (lambda nn: nn.GRU(3, 4, batch_first=True), [(2, 5, 3), (1, 2, 4)]),
    "RNNCell": (lambda nn: nn.RNNCell(3, 4), [(5, 3)]),
    "RNNCell of relu": (lambda nn: nn.RNNCell(3, 4, False, "relu"), [(5, 3), (5, 4)]),
    "LSTMCell": (lambda nn: nn.LSTMCell(3, 4), [(5, 3)]),
    "LSTMCell of one": (
        lambda nn: nn.LSTMCell(3, 4), [(3,), (4,), (4,)], lambda xp, layer, x, h, c: layer(x, (h, c)),
    ),
    "GRUCell": (lambda nn: nn.GRUCell(3, 4, bias=False), [(5, 3), (5, 4)]),
    "MultiheadAttention": (
        lambda nn: nn.MultiheadAttention(4, 2), [(5, 3, 4)], lambda xp, layer, x: layer(x, x, x),
    ),
    "MultiheadAttention, batch first": (
        lambda nn: nn.MultiheadAttention(4, 2, bias=False, batch_first=True), [(3, 5, 4), (3, 6, 4), (3, 6, 4)],
    ),
    "MultiheadAttention of other lengths": (
        lambda nn: nn.MultiheadAttention(4, 2, kdim=3, vdim=5), [(5, 3, 4), (6, 3, 3), (6, 3, 5)],
    ),
    "MultiheadAttention, all masks and extras": (
        lambda nn: nn.MultiheadAttention(4, 2, add_bias_kv=True, add_zero_attn=True), [(4, 3, 4)],
        lambda xp, layer, x: layer(x, x, x, key_padding_mask=held(xp, LAST), attn_mask=held(xp, future(4))),
    ),
    "MultiheadAttention, a mask for each head": (
        lambda nn: nn.MultiheadAttention(4, 2), [(3, 2, 4)],
        lambda xp, layer, x: layer(
            x, x, x, attn_mask=held(xp, np.tile(np.where(future(3), -np.inf, 0.0), (4, 1, 1))),
            average_attn_weights=False,
        ),
    ),
    "MultiheadAttention of one sequence": (
        lambda nn: nn.MultiheadAttention(4, 2), [(4, 4)],
        lambda xp, layer, x: layer(x, x, x, key_padding_mask=held(xp, LAST[0])),
    ),
    "TransformerEncoderLayer": (lambda nn: nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0), [(5, 3, 4)]),
    "TransformerEncoderLayer, norms first": (
        lambda nn: nn.TransformerEncoderLayer(4, 2, 8, 0.0, "gelu", batch_first=True, norm_first=True, bias=False),
        [(3, 4, 4)],
        lambda xp, layer, x: layer(x, src_mask=held(xp, future(4)), src_key_padding_mask=held(xp, LAST)),
    ),
    "TransformerEncoder": (
        lambda nn: nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0), 2, nn.LayerNorm(4), False),
        [(5, 3, 4)],
    ),
    "TransformerDecoderLayer": (
        lambda nn: nn.TransformerDecoderLayer(4, 2, 8, dropout=0.0), [(4, 3, 4), (6, 3, 4)],
        lambda xp, layer, x, y: layer(x, y, tgt_mask=held(xp, np.where(future(4), -np.inf, 0.0))),
    ),
    "Transformer": (lambda nn: nn.Transformer(4, 2, 1, 2, 8, dropout=0.0), [(5, 3, 4), (6, 3, 4)]),
    "ConvTranspose2d": (lambda nn: nn.ConvTranspose2d(4, 3, 2, stride=2), [(2, 4, 3, 5)]),
    "ConvTranspose2d of unequal settings": (
        lambda nn: nn.ConvTranspose2d(4, 6, (3, 2), (2, 3), (1, 0), (1, 2), 2, False, (2, 1)), [(2, 4, 3, 5)],
    ),
    "ConvTranspose2d of one image": (lambda nn: nn.ConvTranspose2d(2, 3, 4, 2, 1), [(2, 3, 3)]),
    "ConvTranspose2d of a given size": (
        lambda nn: nn.ConvTranspose2d(2, 3, 3, 2, 1), [(2, 2, 3, 3)],
        lambda xp, layer, x: layer(x, output_size=(6, 5)),
    ),
    "ConvTranspose2d, more added than the stride": (
        lambda nn: nn.ConvTranspose2d(2, 3, (2, 1), (1, 3), (1, 0), (3, 2), dilation=(4, 1)), [(2, 2, 3, 4)],
    ),
    "ConvTranspose2d, more cut off than the kernel reaches": (
        lambda nn: nn.ConvTranspose2d(2, 3, 1, padding=2, output_padding=(4, 3), dilation=5), [(1, 2, 2, 4)],
    ),
    "ConvTranspose1d": (lambda nn: nn.ConvTranspose1d(4, 3, 4, 2, 1), [(2, 4, 6)]),
    "ConvTranspose1d, more added than the stride": (
        lambda nn: nn.ConvTranspose1d(4, 2, 3, 2, 3, 4, dilation=5), [(2, 4, 3)],
    ),
    "Upsample": (lambda nn: nn.Upsample(scale_factor=2), [(2, 3, 4, 5)]),
    "Upsample to a size": (lambda nn: nn.Upsample((5, 3)), [(2, 3, 4, 5)]),
    "Upsample, bilinear": (lambda nn: nn.Upsample(scale_factor=(2, 1.5), mode="bilinear"), [(2, 3, 4, 5)]),
    "Upsample, linear, aligned": (lambda nn: nn.Upsample(7, mode="linear", align_corners=True), [(2, 3, 4)]),
    "Upsample, bicubic": (lambda nn: nn.Upsample(scale_factor=1.7, mode="bicubic"), [(2, 3, 4, 5)]),
    "Upsample, trilinear": (lambda nn: nn.Upsample(scale_factor=2, mode="trilinear"), [(1, 2, 2, 3, 2)]),
    "UpsamplingBilinear2d": (lambda nn: nn.UpsamplingBilinear2d(scale_factor=2), [(2, 3, 4, 5)]),
    "UpsamplingNearest2d": (lambda nn: nn.UpsamplingNearest2d(size=(3, 4)), [(2, 3, 4, 5)]),
    "PixelShuffle": (lambda nn: nn.PixelShuffle(2), [(2, 8, 3, 4)]),
    "PixelUnshuffle": (lambda nn: nn.PixelUnshuffle(2), [(2, 3, 4, 6)]),
    "PReLU": (lambda nn: nn.PReLU(), [(3, 4)]),
    "PReLU of channels": (lambda nn: nn.PReLU(4, 0.1), [(3, 4, 2)]),
    "SELU": (lambda nn: nn.SELU(), [(3, 4)]),
    "SELU in place": (lambda nn: nn.SELU(inplace=True), [(3, 4)], lambda xp, layer, x: layer(x * 1)),
    "CELU": (lambda nn: nn.CELU(0.5), [(3, 4)]),
    "Hardsigmoid": (lambda nn: nn.Hardsigmoid(), [(3, 4)], lambda xp, layer, x: layer(x * 3)),
    "Hardswish": (lambda nn: nn.Hardswish(), [(3, 4)], lambda xp, layer, x: layer(x * 3)),
    "Threshold": (lambda nn: nn.Threshold(0.1, 20), [(3, 4)]),
    "Hardshrink": (lambda nn: nn.Hardshrink(), [(3, 4)]),
    "Softshrink": (lambda nn: nn.Softshrink(0.3), [(3, 4)]),
    "Tanhshrink": (lambda nn: nn.Tanhshrink(), [(3, 4)]),
    "Softmin": (lambda nn: nn.Softmin(dim=1), [(3, 4)]),
    "GLU": (lambda nn: nn.GLU(), [(3, 4)]),
    "RMSNorm": (lambda nn: nn.RMSNorm((3, 4)), [(2, 3, 4)]),
    "RMSNorm plain": (lambda nn: nn.RMSNorm(4, 0.1, elementwise_affine=False), [(2, 3, 4)]),
    "InstanceNorm1d": (lambda nn: nn.InstanceNorm1d(3, affine=True), [(2, 3, 4)]),
    "InstanceNorm2d": (lambda nn: nn.InstanceNorm2d(3, track_running_stats=True), [(2, 3, 4, 2)]),
    "InstanceNorm2d evaluated": (lambda nn: nn.InstanceNorm2d(3, track_running_stats=True).eval(), [(2, 3, 4, 2)]),
    "InstanceNorm2d of one image": (lambda nn: nn.InstanceNorm2d(3), [(3, 4, 2)]),
    "BatchNorm3d": (lambda nn: nn.BatchNorm3d(3), [(2, 3, 2, 2, 2)]),
    "LocalResponseNorm": (lambda nn: nn.LocalResponseNorm(3, alpha=0.5, k=2), [(2, 5, 3, 2)]),
    "ZeroPad2d": (lambda nn: nn.ZeroPad2d(2), [(2, 3, 4, 5)]),
    "ConstantPad1d": (lambda nn: nn.ConstantPad1d((1, 2), 3.5), [(2, 3, 4)]),
    "ReflectionPad2d": (lambda nn: nn.ReflectionPad2d((1, 2, 0, 1)), [(2, 3, 4, 5)]),
    "ReplicationPad1d": (lambda nn: nn.ReplicationPad1d(2), [(2, 3, 4)]),
    "CircularPad2d": (lambda nn: nn.CircularPad2d(1), [(2, 3, 4, 5)]),
    "EmbeddingBag": (lambda nn: nn.EmbeddingBag(5, 3), [], lambda xp, layer: layer(held(xp, WORDS))),
    "Embedding of short vectors": (
        lambda nn: nn.Embedding(5, 3, 4, 1.0, 1.5), [], lambda xp, layer: layer(held(xp, WORDS)),
    ),
    "Embedding, gradients shared by equals": (
        lambda nn: nn.Embedding(5, 3, scale_grad_by_freq=True), [], lambda xp, layer: layer(held(xp, WORDS)),
    ),
    "EmbeddingBag of short vectors, gradients shared by equals": (
        lambda nn: nn.EmbeddingBag(5, 3, 1.0, 3.0, True), [], lambda xp, layer: layer(held(xp, WORDS)),
    ),
    "EmbeddingBag, maxima without padding": (
        lambda nn: nn.EmbeddingBag(5, 3, mode="max", padding_idx=4), [],
        lambda xp, layer: layer(held(xp, [4, 4, 0, 4, 2]), held(xp, [0, 2, 2])),
    ),
    "EmbeddingBag, sums at offsets": (
        lambda nn: nn.EmbeddingBag(5, 3, mode="sum", padding_idx=4), [],
        lambda xp, layer: layer(held(xp, WORDS.ravel()), held(xp, [0, 2, 2])),
    ),
    "EmbeddingBag, maxima": (
        lambda nn: nn.EmbeddingBag(5, 3, mode="max"), [],
        lambda xp, layer: layer(held(xp, WORDS.ravel()), held(xp, [0, 2, 2])),
    ),
    "CosineSimilarity": (lambda nn: nn.CosineSimilarity(), [(3, 4), (3, 4)]),
    "PairwiseDistance": (lambda nn: nn.PairwiseDistance(3.0, keepdim=True), [(3, 4), (3, 4)]),
    "GaussianNLLLoss": (
        lambda nn: nn.GaussianNLLLoss(full=True), [(3, 4), (3, 4), (3, 1)],
        lambda xp, layer, x, y, v: layer(x, y, v**2),
    ),
    "PoissonNLLLoss": (
        lambda nn: nn.PoissonNLLLoss(full=True), [(3, 4)],
        lambda xp, layer, x: layer(x, held(xp, np.arange(12.0).reshape(3, 4))),
    ),
    "MarginRankingLoss": (
        lambda nn: nn.MarginRankingLoss(0.5), [(4,), (4,)],
        lambda xp, layer, x, y: layer(x, y, held(xp, [1.0, -1.0, 1.0, -1.0])),
    ),
    "CosineEmbeddingLoss": (
        lambda nn: nn.CosineEmbeddingLoss(0.1), [(3, 4), (3, 4)],
        lambda xp, layer, x, y: layer(x, y, held(xp, [1, -1, 1])),
    ),
    "HingeEmbeddingLoss": (
        lambda nn: nn.HingeEmbeddingLoss(reduction="sum"), [(4,)],
        lambda xp, layer, x: layer(x, held(xp, [1, -1, 1, -1])),
    ),
    "SoftMarginLoss": (
        lambda nn: nn.SoftMarginLoss(), [(4,)], lambda xp, layer, x: layer(x, held(xp, [1.0, -1.0, 1.0, -1.0])),
    ),
    "MultiMarginLoss": (
        lambda nn: nn.MultiMarginLoss(2, 0.7), [(3, 4)], lambda xp, layer, x: layer(x, held(xp, [0, 3, 1])),
    ),
    "Conv3d": (lambda nn: nn.Conv3d(2, 4, (2, 3, 1), (1, 2, 1), (1, 0, 2), (2, 1, 1), groups=2), [(2, 2, 5, 6, 3)]),
    "Conv3d, same": (lambda nn: nn.Conv3d(2, 3, 3, padding="same", padding_mode="circular"), [(2, 4, 5, 3)]),
    "ConvTranspose3d": (
        lambda nn: nn.ConvTranspose3d(4, 6, (2, 3, 2), (2, 1, 3), (1, 0, 1), (1, 0, 2), 2), [(2, 4, 3, 4, 2)],
    ),
    "MaxPool3d": (lambda nn: nn.MaxPool3d((2, 3, 2), (1, 2, 2), (1, 0, 1), ceil_mode=True), [(2, 3, 4, 6, 5)]),
    "AvgPool3d": (
        lambda nn: nn.AvgPool3d((2, 3, 2), (1, 2, 2), (1, 0, 1), count_include_pad=False), [(2, 3, 4, 6, 5)],
    ),
    "AdaptiveMaxPool1d": (lambda nn: nn.AdaptiveMaxPool1d(3), [(2, 3, 7)]),
    "AdaptiveMaxPool2d": (lambda nn: nn.AdaptiveMaxPool2d((3, None)), [(2, 3, 7, 4)]),
    "AdaptiveMaxPool3d": (lambda nn: nn.AdaptiveMaxPool3d((3, 2, 1)), [(2, 5, 4, 3)]),
    "Unfold": (lambda nn: nn.Unfold((2, 3), padding=1, stride=(2, 1)), [(2, 3, 5, 4)]),
    "Fold": (lambda nn: nn.Fold((4, 5), (2, 3), dilation=(1, 2), padding=(1, 0)), [(2, 12, 5)]),
    "CTCLoss": (
        lambda nn: nn.CTCLoss(), [(6, 3, 4)],
        lambda xp, layer, x: layer(
            x.log_softmax(2), held(xp, [[1, 2, 2], [3, 1, 0], [2, 0, 0]]), held(xp, [6, 5, 3]), held(xp, [3, 2, 1])
        ),
    ),
    "CTCLoss, labels one after the other": (
        lambda nn: nn.CTCLoss(1, "sum", zero_infinity=True), [(4, 3, 4)],
        lambda xp, layer, x: layer(x.log_softmax(2), held(xp, [2, 3, 3, 3, 3, 0]), (4, 4, 3), (2, 3, 1)),
    ),
    "TripletMarginLoss": (lambda nn: nn.TripletMarginLoss(swap=True), [(3, 4), (3, 4), (3, 4)]),
    "TripletMarginWithDistanceLoss": (
        lambda nn: nn.TripletMarginWithDistanceLoss(distance_function=lambda a, b: abs(a - b).sum(1), margin=2.0),
        [(3, 4), (3, 4), (3, 4)],
    ),
}  # fmt: skip


TOLERANCE = {"Hardsigmoid": 1e-7}  # PyTorch's slope is a float32, whatever the dtype


def flat(result: Any) -> list[Any]:
    if isinstance(result, tuple):
        return [tensor for part in result for tensor in flat(part)]
    return [] if result is None else [result]


def plain_call(xp: Any, layer: Any, *tensors: Any) -> Any:
    return layer(*tensors)


@pytest.mark.parametrize("name", LAYERS)
def test_layer(name: str) -> None:
    build, shapes, *rest = LAYERS[name]
    call = rest[0] if rest else plain_call
    ours, theirs = twins(build)
    ours_in, theirs_in = inputs(nd, shapes), inputs(torch, shapes)
    mine, yours = flat(call(nd, ours, *ours_in)), flat(call(torch, theirs, *theirs_in))
    for a, b in zip(mine, yours, strict=True):
        check(a, b)
    weighted_sum(nd, tuple(mine)).backward()
    weighted_sum(torch, tuple(yours)).backward()
    for a, b in zip([*ours_in, *ours.parameters()], [*theirs_in, *theirs.parameters()], strict=True):
        assert (a.grad is None) == (b.grad is None)
        if a.grad is not None:
            check(a.grad, b.grad, TOLERANCE.get(name, 1e-9))
    for a, b in zip(ours.buffers(), theirs.buffers(), strict=True):
        check(a, b)


@pytest.mark.parametrize("name", LAYERS)
def test_repr_and_state_dict_keys(name: str) -> None:
    ours, theirs = LAYERS[name][0](nn), LAYERS[name][0](torch.nn)
    printed = re.sub("NonDynamicallyQuantizable|<function .*>", "", repr(theirs))
    assert re.sub("<function .*>", "", repr(ours)) == printed
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert [n for n, _ in ours.named_parameters()] == [n for n, _ in theirs.named_parameters()]


FUNCTIONS: dict[str, tuple[Callable[[Any, Any], Any], Shapes]] = {
    "attention": (
        lambda F, q, k, v: F.scaled_dot_product_attention(q, k, v), [(2, 3, 5, 4), (2, 3, 6, 4), (2, 3, 6, 2)],
    ),
    "attention, causal": (
        lambda F, q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=0.3),
        [(2, 5, 4), (2, 6, 4), (2, 6, 2)],
    ),
    "attention, fewer heads of keys": (
        lambda F, q, k, v: F.scaled_dot_product_attention(q, k, v, enable_gqa=True),
        [(1, 4, 5, 4), (1, 2, 6, 4), (1, 2, 6, 2)],
    ),
    "normalize": (lambda F, x: F.normalize(x, p=3, dim=0), [(3, 4)]),
    "cosine_similarity, broadcast": (lambda F, x, y: F.cosine_similarity(x, y, dim=-1), [(3, 1, 4), (2, 4)]),
    "interpolate, nearest-exact": (lambda F, x: F.interpolate(x, size=7, mode="nearest-exact"), [(2, 3, 4)]),
    "interpolate, area": (lambda F, x: F.interpolate(x, size=(2, 3), mode="area"), [(2, 3, 4, 5)]),
    "interpolate, recomputed": (
        lambda F, x: F.interpolate(x, scale_factor=1.3, mode="bilinear", recompute_scale_factor=True), [(2, 3, 4, 5)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function(name: str) -> None:
    function, shapes = FUNCTIONS[name]
    found = []
    for library, functions in ((nd, F), (torch, torch.nn.functional)):
        xs = inputs(library, shapes)
        result = function(functions, *xs)
        weighted_sum(library, result).backward()
        found.append([result, *[x.grad for x in xs]])
    for a, b in zip(*found, strict=True):
        check(a, b)


def test_a_query_that_may_see_no_key_gets_zeros() -> None:
    mask = np.array([[True, False, True], [False, False, False]])
    found = []
    for library, functions in ((nd, F), (torch, torch.nn.functional)):
        q, k, v = inputs(library, [(2, 4), (3, 4), (3, 2)])
        y = functions.scaled_dot_product_attention(q, k, v, attn_mask=held(library, mask))
        weighted_sum(library, y).backward()
        found.append([y, q.grad, k.grad, v.grad])
    for a, b in zip(*found, strict=True):
        check(a, b)
    assert found[0][0][1].tolist() == [0.0, 0.0]
