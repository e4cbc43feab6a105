"""Views that lay memory out anew: what is written through them, and what gradients make of it."""

import pytest

import ndgrad as nd
from ndgrad.autograd import gradcheck, gradgradcheck


@pytest.fixture
def x():
    return nd.asarray([float(i * i % 7) for i in range(12)], dtype=nd.float64, requires_grad=True)


def test_a_strided_view_is_written_through():
    x = nd.arange(12)
    x.as_strided((2, 3), (3, 1), 1)[0, 0] = 100
    assert x[1].item() == 100


def test_windows_are_written_through():
    x = nd.arange(4)
    x.unfold(0, 2, 2)[1] = 0
    assert x.tolist() == [0, 1, 0, 0]


def test_complex_numbers_and_their_parts_share_memory():
    z = nd.zeros(2, dtype=nd.complex64)
    parts = nd.view_as_real(z)
    parts[1, 1] = 5
    nd.view_as_complex(parts)[0] = 1
    assert z.tolist() == [1, 5j]


@pytest.mark.parametrize(
    "view",
    [
        lambda b: nd.as_strided(b, (2, 3), (3, 1), 1),
        lambda b: b.unfold(0, 3, 3),
        lambda b: nd.view_as_complex(b.reshape(6, 2)),
    ],
)
def test_a_gradient_flows_through_a_write_into_the_view(x, view):
    def written(x):
        b = x * 1
        view(b).mul_(2)
        return b * b

    assert gradcheck(written, (x,))
    assert gradgradcheck(written, (x,))


def test_overlapping_windows_are_not_written_to():
    with pytest.raises(ValueError, match=r"shape \(3, 2\).*overlap.*x\.clone\(\)"):
        nd.zeros(4).unfold(0, 2, 1).add_(1)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (lambda: nd.zeros(12).as_strided((20,), (1,)), "reach place 19 of a tensor of 12 elements"),
        (lambda: nd.zeros(3, 4).T.as_strided((2,), (1,)), r"shape \(4, 3\) does not lie so.*x\.contiguous\(\)"),
        (lambda: nd.zeros(3).as_strided((2,), (1, 1)), "as many strides as sizes"),
        (lambda: nd.view_as_complex(nd.zeros(2, 3).T), r"side by side.*x\.contiguous\(\)"),
        (lambda: nd.view_as_complex(nd.zeros(3)), r"last axis of length 2, got shape \(3,\)"),
    ],
)
def test_what_has_no_view_is_refused(bad, message):
    with pytest.raises(ValueError, match=message):
        bad()


def test_a_copy_at_strides_takes_tensors_in_any_layout():
    assert nd.as_strided_copy(nd.asarray([[0, 1], [2, 3]]).T, (2,), (2,)).tolist() == [0, 1]


def test_strides_and_the_offset_are_pytorchs():
    x = nd.zeros(2, 3)
    assert x.stride() == (3, 1)
    assert x.T.stride() == (1, 3)
    assert x.stride(0) == 3
    assert x[1].storage_offset() == 3


# -- another shape in place --------------------------------------------------------------------------------------------


def test_an_axis_is_added_in_place_and_the_gradient_follows():
    x = nd.ones(3, requires_grad=True)
    y = x * 2
    y.unsqueeze_(0)
    assert y.shape == (1, 3)
    y.sum().backward()
    assert x.grad.tolist() == [2, 2, 2]


def test_a_view_may_change_its_shape_in_place():
    x = nd.zeros(3, 2)
    x[1:].t_()[1, 0] = 5
    assert x[1, 1].item() == 5


def test_a_leaf_that_requires_grad_keeps_its_shape():
    with pytest.raises(nd.AutogradError, match=r"unsqueeze_.*x = x\.unsqueeze"):
        nd.ones(3, requires_grad=True).unsqueeze_(0)


def test_a_tensor_with_views_keeps_its_shape():
    x = nd.ones(2, 3)
    row = x[0]
    with pytest.raises(ValueError, match=r"transpose_.*views.*x = x\.transpose"):
        x.transpose_(0, 1)
    assert row.shape == (3,)
