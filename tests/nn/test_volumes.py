"""Volumes, columns and uneven windows: values that can be said otherwise, derivatives, and what is refused.

They run beside PyTorch in tests/parity/test_nn_families.py.
"""

from __future__ import annotations

import re

import pytest

import ndgrad as nd
import ndgrad.nn.functional as F
from ndgrad import nn
from ndgrad.autograd import gradcheck, gradgradcheck


def random(*shape):
    nd.manual_seed(3)
    return nd.randn(shape, dtype=nd.float64, requires_grad=True)


def test_a_volume_of_one_frame_is_convolved_as_an_image():
    x, w, b = random(2, 4, 5, 6), random(6, 2, 3, 2), random(6)
    flat = F.conv2d(x, w, b, stride=2, padding=1, groups=2)
    deep = F.conv3d(x[:, :, None], w[:, :, None], b, stride=(1, 2, 2), padding=(0, 1, 1), groups=2)
    assert nd.allclose(deep[:, :, 0], flat)


def test_a_transposed_convolution_is_the_gradient_of_a_convolution():
    x, w = random(1, 2, 4, 5, 4), random(3, 2, 2, 3, 2)
    y = F.conv3d(x, w, stride=2, padding=1, dilation=(2, 1, 1))
    g = random(*y.shape).detach()
    y.backward(g)
    added = tuple(
        n - m for n, m in zip(x.shape[2:], F.conv_transpose3d(g, w, None, 2, 1, 0, 1, (2, 1, 1)).shape[2:], strict=True)
    )
    assert nd.allclose(F.conv_transpose3d(g, w.detach(), None, 2, 1, added, 1, (2, 1, 1)), x.grad)


def test_columns_put_back_are_counted_as_often_as_windows_met_them():
    x = nd.ones((1, 2, 4, 5))
    counts = F.fold(F.unfold(x, (2, 3)), (4, 5), (2, 3))
    assert counts[0, 0].tolist() == [[1, 2, 3, 2, 1], [2, 4, 6, 4, 2], [2, 4, 6, 4, 2], [1, 2, 3, 2, 1]]


def test_an_adaptive_maximum_says_where_it_stands():
    x = nd.asarray([[[1.0, 5.0, 2.0, 5.0, 0.0]]])
    values, places = F.adaptive_max_pool1d(x, 2, return_indices=True)
    assert (values.tolist(), places.tolist()) == ([[[5, 5]]], [[[1, 3]]])


def test_one_label_and_two_steps_have_three_ways():
    p = nd.asarray([[[0.25, 0.75]], [[0.5, 0.5]]], dtype=nd.float64)  # two steps of a blank and one label
    likelihood = 0.75 * 0.5 + 0.75 * 0.5 + 0.25 * 0.5
    loss = F.ctc_loss(p.log(), nd.asarray([[1]]), [2], [1])
    assert float(loss.neg().exp()) == pytest.approx(likelihood)


def test_a_sequence_too_short_for_its_labels_is_impossible():
    scores = random(2, 1, 3)
    call = (nd.asarray([[1, 1]]), [2], [2])
    assert F.ctc_loss(scores.log_softmax(2), *call).item() == float("inf")
    loss = F.ctc_loss(scores.log_softmax(2), *call, zero_infinity=True)
    loss.backward()
    assert (loss.item(), scores.grad.abs().max().item()) == (0, 0)


DERIVED = {
    "conv3d": (lambda x, w: F.conv3d(x, w, stride=(1, 2, 1), padding=1), (1, 2, 3, 3, 2), (2, 2, 2, 2, 2)),
    "conv_transpose3d": (lambda x, w: F.conv_transpose3d(x, w, stride=2), (1, 2, 2, 2, 1), (2, 1, 2, 2, 1)),
    "max_pool3d": (lambda x: F.max_pool3d(x, 2, 1), (1, 1, 3, 3, 2)),
    "avg_pool3d": (lambda x: F.avg_pool3d(x, 2, 1, 1), (1, 1, 2, 3, 2)),
    "adaptive_max_pool2d": (lambda x: F.adaptive_max_pool2d(x, (2, 3)), (1, 2, 3, 5)),
    "unfold": (lambda x: F.unfold(x, 2, padding=1) ** 2, (1, 2, 3, 2)),
    "fold": (lambda x: F.fold(x, (3, 3), 2) ** 2, (1, 4, 4)),
    "ctc_loss": (lambda x: F.ctc_loss(x.log_softmax(2), nd.asarray([[1, 1], [2, 0]]), [4, 3], [2, 1]), (4, 2, 3)),
}


@pytest.mark.parametrize("name", DERIVED)
def test_derivatives_of_both_orders(name):
    function, *shapes = DERIVED[name]
    inputs = tuple(random(*shape) for shape in shapes)
    assert gradcheck(function, inputs)
    assert gradgradcheck(function, inputs)


REFUSED = {
    "conv3d, dimensions": (lambda: nn.Conv3d(1, 1, 2)(nd.ones((1, 4, 4))), ("(N, C, D, H, W)", "(1, 4, 4)")),
    "conv3d, kernel too large": (lambda: nn.Conv3d(1, 1, 5)(nd.ones((1, 4, 4, 4))), ("(5, 5, 5)", "(4, 4, 4)")),
    "max_pool3d, dimensions": (lambda: F.max_pool3d(nd.ones((4, 4)), 2), ("max_pool3d", "(N, C, D, H, W)", "(4, 4)")),
    "unfold, window too large": (lambda: F.unfold(nd.ones((1, 2, 2)), 3), ("unfold", "(3, 3)", "(2, 2)")),
    "fold, windows": (lambda: F.fold(nd.ones((1, 4, 5)), (2, 3), 2), ("fold", "2 windows", "(1, 4, 5)")),
    "adaptive_max_pool2d, size": (lambda: F.adaptive_max_pool2d(nd.ones((1, 3, 3)), 0), ("positive", "0")),
    "ctc_loss, lengths": (
        lambda: F.ctc_loss(nd.ones((2, 1, 3)), nd.asarray([[1]]), [5], [1]), ("input_lengths [5]", "(2, 1, 3)"),
    ),
    "ctc_loss, labels": (
        lambda: F.ctc_loss(nd.ones((2, 2, 3)), nd.asarray([1, 2, 1]), [2, 2], [1, 1]), ("3 labels", "[1, 1]"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    call, parts = REFUSED[name]
    with pytest.raises(ValueError, match="(?s)" + ".*".join(map(re.escape, parts))):
        call()
