"""In-place changes: what is allowed, what is refused, and that none leads to a wrong gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import ndgrad as nd


def leaf(values: Any) -> Any:
    return nd.asarray(values, dtype=nd.float64, requires_grad=True)


def constant(values: Any) -> Any:
    return nd.asarray(values, dtype=nd.float64)


def add_then_multiply(x: Any) -> Any:
    y = x * 2.0
    y += x
    y *= x
    return y


def multiply_by_itself(x: Any) -> Any:
    y = x * 1.0
    y *= y
    return y


def multiply_by_own_view(x: Any) -> Any:
    y = x * 1.0
    y *= y[::-1]
    return y


def divide(x: Any) -> Any:
    y = x * x * x
    y /= x
    return y


def subtract_a_row(x: Any) -> Any:
    y = nd.stack([x, x * x])
    y -= x * 3.0
    return y


def set_scalar(x: Any) -> Any:
    y = x * x
    y[1] = 0.5
    return y


def set_slice(x: Any) -> Any:
    y = x * x
    y[1:3] = nd.exp(x[0:2])
    return y


def set_by_index(x: Any) -> Any:
    y = x * x
    y[nd.asarray([2, 0])] = x[0:2] * 3.0
    return y


def set_by_mask(x: Any) -> Any:
    y = x * x
    y[nd.asarray([True, False, True])] = x[1:3] * 3.0
    return y


def set_scalar_by_mask(x: Any) -> Any:
    y = x * x
    y[y > 3.0] = 1.0
    return y


def set_column(x: Any) -> Any:
    y = nd.stack([x, x * x])
    y[:, 1] = x[0:2] * 5.0
    return y


def add_to_indexed(x: Any) -> Any:
    y = x * x
    y[nd.asarray([1, 2])] += x[0] * x[1:3]
    return y


PROGRAMS = [
    add_then_multiply, multiply_by_itself, multiply_by_own_view, divide, subtract_a_row, set_scalar,
    set_slice, set_by_index, set_by_mask, set_scalar_by_mask, set_column, add_to_indexed,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_gradients_agree_with_finite_differences(program: Callable[[Any], Any]) -> None:
    x = leaf([1.5, -2.0, 0.5])
    assert nd.autograd.gradcheck(program, x, check_forward_ad=True)
    assert nd.autograd.gradgradcheck(program, x)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_batching_agrees_with_a_loop(program: Callable[[Any], Any]) -> None:
    xs = constant([[1.5, -2.0, 0.5], [0.1, 3.0, 2.0]])
    assert nd.vmap(program)(xs).tolist() == [program(x).tolist() for x in xs]
    slopes = nd.vmap(nd.grad(lambda x: nd.sum(program(x))))(xs)
    assert slopes.tolist() == [nd.grad(lambda x: nd.sum(program(x)))(x).tolist() for x in xs]


# -- what is refused ---------------------------------------------------------------------------------------------------


def change_saved_operand(x: Any) -> Any:
    y = x * 1.0
    z = y * x
    y += 1.0
    return z


def change_saved_result(x: Any) -> Any:
    y = nd.exp(x)
    y += 1.0
    return y


def change_saved_operand_through_a_view(x: Any) -> Any:
    y = x * 1.0
    z = y * x
    y[0:1] += 1.0
    return z


def change_saved_operand_through_an_alias(x: Any) -> Any:
    y = x * 1.0
    z = y * x
    y.detach()[0] = 7.0
    return z


def change_saved_operand_under_no_grad(x: Any) -> Any:
    y = x * 1.0
    z = y * x
    with nd.no_grad():
        y += 1.0
    return z


def swap_the_data(x: Any) -> Any:
    y = x * 1.0
    z = y * x
    y.data = constant([1.0, 1.0])
    return z


@pytest.mark.parametrize(
    "program",
    [
        change_saved_operand, change_saved_result, change_saved_operand_through_a_view,
        change_saved_operand_through_an_alias, change_saved_operand_under_no_grad, swap_the_data,
    ],
    ids=lambda p: p.__name__,
)  # fmt: skip
def test_a_clobbered_saved_tensor_is_noticed_by_backward(program: Callable[[Any], Any]) -> None:
    z = nd.sum(program(leaf([1.0, 2.0])))
    with pytest.raises(RuntimeError, match=r"changed in place after the forward pass.*write the out-of-place form"):
        z.backward()


def test_a_change_of_what_nobody_saved_is_fine() -> None:
    x = leaf([1.0, 2.0])
    y = x * 2.0
    z = y + x
    y += 1.0
    nd.sum(z).backward()
    assert x.grad.tolist() == [3.0, 3.0]


def add_one(x: Any) -> None:
    x += 1.0


def set_first(x: Any) -> None:
    x[0] = 1.0


@pytest.mark.parametrize("change", [add_one, set_first])
def test_a_leaf_that_requires_grad_is_changed_under_no_grad_only(change: Callable[[Any], None]) -> None:
    x = leaf([1.0, 2.0])
    with pytest.raises(RuntimeError, match=r"leaf.*no_grad"):
        change(x)
    with nd.no_grad():
        change(x)
    nd.sum(x * x).backward()
    assert x.grad.tolist() == (2.0 * x.detach()).tolist()


REFUSED: dict[str, tuple[Callable[[Any], Any], type[Exception], str]] = {
    "wider kind": (lambda x: nd.asarray([1, 2]).__iadd__(1.5), TypeError, "does not fit"),
    "larger shape": (
        lambda x: constant([1.0]).__iadd__(constant([1.0, 2.0])),
        ValueError,
        r"\(2,\) does not broadcast to \(1,\)",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_is_refused(case: str) -> None:
    call, error, message = REFUSED[case]
    with pytest.raises(error, match=message):
        call(None)


def test_versions_count_writes() -> None:
    x = constant([1.0, 2.0])
    assert x._version == 0
    x += 1.0
    x[0] = 3.0
    assert x._version == 2
    assert (x * 1.0)._version == 0


def test_a_cotangent_handed_to_backward_is_not_changed_by_a_later_pass() -> None:
    x = leaf([1.0, 2.0])
    g = constant([1.0, 1.0])
    (x + 0.0).backward(g)
    (x + 0.0).backward(g)
    assert g.tolist() == [1.0, 1.0]
    assert x.grad.tolist() == [2.0, 2.0]


def test_a_result_saved_for_a_second_derivative_is_watched_through_every_name_of_its_memory() -> None:
    x = nd.asarray([0.5, 1.0], requires_grad=True)
    y = nd.exp(x)  # saves its result, and so does the derivative of its derivative
    (g,) = nd.autograd.grad(y.sum(), x, create_graph=True)
    y.mul_(2)
    with pytest.raises(nd.AutogradError, match="changed in place"):
        g.sum().backward()


def test_a_write_where_nothing_is_chosen_is_recorded():
    value = nd.asarray(2.0, requires_grad=True)
    for n in (0, 3):
        x = nd.zeros(n)
        x[nd.zeros(n, dtype=nd.bool)] = value
        x.sum().backward()
    assert value.grad.item() == 0.0


def real_part(x: Any) -> Any:
    x.real.mul_(2)
    return x


def imaginary_part(x: Any) -> Any:
    x.imag.copy_(x.real * 3)
    return x


def pairs_of_reals(x: Any) -> Any:
    pairs = nd.view_as_real(x)
    pairs.transpose(0, 1).mul_(nd.asarray([[2.0], [3.0]], dtype=nd.float64))
    return x


@pytest.mark.parametrize("program", [real_part, imaginary_part, pairs_of_reals])
def test_writes_into_the_real_numbers_of_complex_ones_are_differentiated(program: Callable[[Any], Any]) -> None:
    z = nd.asarray([1 + 2j, 0.5 - 1j], dtype=nd.complex128, requires_grad=True)
    assert nd.autograd.gradcheck(lambda z: program(z * 1) ** 2, (z,))


def test_a_view_made_under_no_grad_is_not_changed_while_gradients_are_recorded() -> None:
    x = leaf([1.0, 2.0]) * 1
    with nd.no_grad():
        view = x[1:]
    with pytest.raises(nd.AutogradError, match="made under no_grad"):
        view.mul_(3)
    with nd.no_grad():
        view.mul_(3)
    assert x.detach().tolist() == [1.0, 6.0]


def test_a_view_made_before_its_base_became_a_leaf_cannot_be_changed_in_place() -> None:
    a = nd.zeros(3)
    b = a[:]
    a.requires_grad = True
    with pytest.raises(nd.AutogradError, match="a view of a leaf"):
        b.add_(5)
    assert a.tolist() == [0.0, 0.0, 0.0]
    with nd.no_grad():
        b.add_(5)
    assert a.tolist() == [5.0, 5.0, 5.0]


def test_one_of_several_results_keeps_the_gradient_of_what_was_written_into_it() -> None:
    x = nd.asarray([3.0, 1.0, 2.0], requires_grad=True)
    values, _ = nd.topk(x, 2)
    values.retain_grad()
    values.mul_(2)
    (3 * values).sum().backward()
    assert values.grad.tolist() == [3.0, 3.0]
    assert x.grad.tolist() == [6.0, 0.0, 6.0]
