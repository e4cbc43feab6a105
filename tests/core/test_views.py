"""In-place changes meet views: gradients are those that PyTorch 2.13 gives for the same programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import ndgrad as nd


def leaf(values: Any) -> Any:
    return nd.asarray(values, dtype=nd.float64, requires_grad=True)


def constant(values: Any) -> Any:
    return nd.asarray(values, dtype=nd.float64)


def weights(n: int) -> Any:
    return constant([float(i + 1) for i in range(n)])


def write_to_view_then_read_base(x: Any) -> Any:
    y = x * 1.0
    v = y[1:3]
    v *= 10.0
    return y * weights(6)


def write_to_base_then_read_view(x: Any) -> Any:
    y = x * 1.0
    v = y[1:3]
    y *= 10.0
    return v * weights(2)


def write_to_view_of_view(x: Any) -> Any:
    y = x * 1.0
    a = y[1:]
    b = a[::2]
    b *= 3.0
    return y * weights(6)


def write_to_view_then_read_other_view(x: Any) -> Any:
    y = x * 1.0
    a, b = y[:3], y[1:]
    a *= constant([2.0, 3.0, 4.0])
    return b * weights(5)


def write_to_reshaped_row(x: Any) -> Any:
    y = x * 1.0
    m = nd.reshape(y, (2, 3))
    m[0] *= constant([2.0, 3.0, 4.0])
    return nd.reshape(m, (6,)) * weights(6) + y * y


def write_to_transposed(x: Any) -> Any:
    y = nd.reshape(x * 1.0, (2, 3))
    t = nd.permute_dims(y, (1, 0))
    t[0] = constant([10.0, 20.0]) * x[1:3]
    return y * nd.reshape(weights(6), (2, 3))


def read_broadcast_view_of_written_base(x: Any) -> Any:
    y = x * 3.0
    b = nd.broadcast_to(y, (2, 6))
    y *= x
    return b * nd.reshape(weights(12), (2, 6))


def use_view_then_write_to_base(x: Any) -> Any:
    y = x * 1.0
    v = y[0:2]
    before = v * weights(2)
    y += 1.0
    return before + v * v


def fill_rows_of_zeros(x: Any) -> Any:
    out = nd.zeros((3, 6), dtype=nd.float64)
    out[0, 0] = 5.0
    for i in range(3):
        out[i] = x * float(i + 1)
    return out * out


def write_what_requires_grad_into_what_does_not(x: Any) -> Any:
    base = nd.zeros(3, dtype=nd.float64)
    base[1:3] += x[4:6]
    return base * weights(3)


def write_to_detached_alias(x: Any) -> Any:
    y = x * 1.0
    d = y.detach()
    d += 5.0
    return y + x


def write_to_reversed_view(x: Any) -> Any:
    y = x * 1.0
    r = y[::-1]
    r[0:2] = x[0:2] * x[1:3]
    return y * weights(6)


def write_to_element_of_unstacked(x: Any) -> Any:
    y = nd.reshape(x * 1.0, (2, 3))
    first = y[0]
    second = y[1]
    first *= 2.0
    second += first
    return y * nd.reshape(weights(6), (2, 3))


def write_everything_through_a_view(x: Any) -> Any:
    y = x * x
    v = y[:]
    v[:] = x
    return y * weights(6)


# What sum(program(x)) has as its gradient at x = 1..6.
PROGRAMS: dict[Callable[[Any], Any], list[float]] = {
    write_to_view_then_read_base: [1.0, 20.0, 30.0, 4.0, 5.0, 6.0],
    write_to_base_then_read_view: [0.0, 10.0, 20.0, 0.0, 0.0, 0.0],
    write_to_view_of_view: [1.0, 6.0, 3.0, 12.0, 5.0, 18.0],
    write_to_view_then_read_other_view: [0.0, 3.0, 8.0, 3.0, 4.0, 5.0],
    write_to_reshaped_row: [10.0, 42.0, 108.0, 12.0, 15.0, 18.0],
    write_to_transposed: [0.0, 12.0, 83.0, 0.0, 5.0, 6.0],
    read_broadcast_view_of_written_base: [48.0, 120.0, 216.0, 336.0, 480.0, 648.0],
    use_view_then_write_to_base: [5.0, 8.0, 0.0, 0.0, 0.0, 0.0],
    fill_rows_of_zeros: [28.0, 56.0, 84.0, 112.0, 140.0, 168.0],
    write_what_requires_grad_into_what_does_not: [0.0, 0.0, 0.0, 0.0, 2.0, 3.0],
    write_to_detached_alias: [2.0, 2.0, 2.0, 2.0, 2.0, 2.0],
    write_to_reversed_view: [13.0, 23.0, 13.0, 4.0, 0.0, 0.0],
    write_to_element_of_unstacked: [10.0, 14.0, 18.0, 4.0, 5.0, 6.0],
    write_everything_through_a_view: [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_the_gradient_is_right(program: Callable[[Any], Any]) -> None:
    x = leaf([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    nd.sum(program(x)).backward()
    assert x.grad.tolist() == PROGRAMS[program]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_forward_mode_and_batching_agree(program: Callable[[Any], Any]) -> None:
    x, wanted = constant([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), PROGRAMS[program]
    assert nd.grad(lambda x: nd.sum(program(x)))(x).tolist() == wanted
    batch = nd.stack([x, 2.0 * x])
    assert nd.vmap(program)(batch).tolist() == [program(x).tolist(), program(2.0 * x).tolist()]
    if program is write_to_detached_alias:  # a change of a detached alias is none of the tangent's
        return
    slopes = nd.vmap(lambda t: nd.sum(nd.jvp(program, (x,), (t,))[1]))(nd.eye(6, dtype=nd.float64))
    assert slopes.tolist() == wanted


# -- what the graph knows of views -------------------------------------------------------------------------------------


def test_a_view_shares_memory_and_version() -> None:
    y = constant([1.0, 2.0, 3.0])
    v = y[1:]
    v *= 2.0
    assert y.tolist() == [1.0, 4.0, 6.0]
    assert y._version == v._version == 1


def test_a_view_of_a_leaf_cannot_be_written_but_read() -> None:
    x = leaf([1.0, 2.0])
    v = x[0:1]
    with pytest.raises(RuntimeError, match="view of a leaf"):
        v *= 2.0
    nd.sum(v).backward()
    assert x.grad.tolist() == [1.0, 0.0]


def test_a_view_made_under_no_grad_carries_no_gradient_and_refuses_recorded_writes() -> None:
    x = leaf([1.0, 2.0])
    y = x * 1.0
    with nd.no_grad():
        v = y[0:1]
    assert not v.requires_grad
    with pytest.raises(RuntimeError, match="made under no_grad"):
        v *= x[1:]


def test_a_leaf_changed_under_no_grad_keeps_its_views_current() -> None:
    x = leaf([1.0, 2.0, 3.0])
    v = x[0:2]
    with nd.no_grad():
        x += 1.0
    nd.sum(v * v).backward()
    assert x.grad.tolist() == [4.0, 6.0, 0.0]


def test_a_view_that_becomes_a_variable_is_one_of_its_own() -> None:
    base = constant([1.0, 2.0])
    v = base[0:1]
    v.requires_grad = True
    nd.sum(v * v).backward()
    assert v.grad.tolist() == [2.0]
    assert not base.requires_grad


def test_a_chain_of_writes_differentiates_twice() -> None:
    def program(x: Any) -> Any:
        y = x * x
        y[0:2] *= x[1:3]
        y[2] = x[0] * x[1]
        return y

    assert nd.autograd.gradcheck(program, leaf([1.0, 2.0, 3.0]))
    x = constant([1.0, 2.0, 3.0])
    hessian = nd.hessian(lambda x: nd.sum(program(x) * weights(3)))(x)  # of x0^2 x1 + 2 x1^2 x2 + 3 x0 x1
    assert hessian.tolist() == [[4.0, 5.0, 0.0], [5.0, 12.0, 8.0], [0.0, 8.0, 0.0]]
