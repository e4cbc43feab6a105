"""A 0-d tensor has one axis of length 1 where PyTorch gives it one: axes 0 and -1 are its, all others out of range."""

from __future__ import annotations

from typing import Any

import pytest

import ndgrad as nd

REDUCTIONS = "sum prod max min mean amax amin logsumexp median nansum nanmean cumsum cumprod logcumsumexp sort".split()
PLACES = "argmax argmin argsort".split()


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("name", REDUCTIONS)
def test_a_reduction_or_a_scan_returns_the_element_and_its_gradient(name: str, axis: int) -> None:
    x = nd.asarray(2.0, requires_grad=True)
    out = getattr(nd, name)(x, axis=axis)
    out.backward()
    assert out.shape == ()
    assert float(out) == 2.0
    assert float(x.grad) == 1.0


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("name", PLACES)
def test_its_element_is_in_place_0(name: str, axis: int) -> None:
    out = getattr(nd, name)(nd.asarray(2.0), axis=axis)
    assert out.shape == ()
    assert int(out) == 0
    assert out.dtype is nd.int64


@pytest.mark.parametrize("name", [*REDUCTIONS, *PLACES, "flip", "softmax", "squeeze"])
def test_any_other_axis_is_out_of_range(name: str) -> None:
    with pytest.raises(IndexError, match="axis 1 is out of range for a tensor of 0 dimensions"):
        getattr(nd, name)(nd.asarray(2.0), axis=1)


X, FIRST = nd.asarray(2.0), nd.asarray(0)
CALLS: dict[str, tuple[Any, float]] = {
    "topk": (lambda: nd.topk(X, 1).values, 2.0),
    "kthvalue": (lambda: nd.kthvalue(X, 1).values, 2.0),
    "cummax": (lambda: nd.cummax(X, axis=0).values, 2.0),
    "squeeze": (lambda: X.squeeze(-1), 2.0),
    "flip": (lambda: nd.flip(X, axis=0), 2.0),
    "index_select": (lambda: nd.index_select(X, 0, nd.asarray([0])), 2.0),
    "gather": (lambda: nd.gather(X, 0, FIRST), 2.0),
    "scatter": (lambda: nd.scatter(X, 0, FIRST, 5.0), 5.0),
    "scatter_add": (lambda: nd.scatter_add(X, 0, FIRST, X), 4.0),
    "index_add": (lambda: nd.index_add(X, 0, nd.asarray([0]), X), 4.0),
    "index_copy": (lambda: nd.index_copy(X, 0, nd.asarray([0]), nd.asarray(3.0)), 3.0),
    "index_fill": (lambda: nd.index_fill(X, 0, nd.asarray([0]), 7.0), 7.0),
    "swapaxes": (lambda: nd.swapaxes(X, 0, -1), 2.0),
}


@pytest.mark.parametrize("name", CALLS)
def test_what_works_along_an_axis_returns_a_0d_tensor(name: str) -> None:
    call, value = CALLS[name]
    out = call()
    assert out.shape == ()
    assert float(out) == value
