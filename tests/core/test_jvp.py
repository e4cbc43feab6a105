"""Forward mode: what the generated tests of the rows do not cover."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import pytest

import ndgrad as nd


def constant(values: Any) -> Any:
    return nd.asarray(values, dtype=nd.float64)


def test_values_and_tangents_come_together() -> None:
    x, t = constant([1.0, 2.0]), constant([1.0, 10.0])
    y, dy = nd.jvp(lambda x: x * x, (x,), (t,))
    assert (y.tolist(), dy.tolist()) == ([1.0, 4.0], [2.0, 40.0])
    assert not y.requires_grad
    assert not dy.requires_grad


def test_containers_go_in_and_come_out() -> None:
    pair = namedtuple("pair", "a b")
    primal = {"w": constant(2.0), "p": pair(constant(3.0), [constant(4.0)])}
    tangent = {"w": constant(1.0), "p": pair(None, [constant(1.0)])}
    y, dy = nd.jvp(lambda q: pair(q["w"] * q["p"].a, {"b": q["p"].b[0] * q["w"]}), (primal,), (tangent,))
    assert (y.a.tolist(), y.b["b"].tolist()) == (6.0, 8.0)
    assert (dy.a.tolist(), dy.b["b"].tolist()) == (3.0, 6.0)


def test_a_result_that_does_not_depend_on_the_argument_has_a_zero_tangent() -> None:
    x = constant([1.0, 2.0])
    _, (first, second) = nd.jvp(lambda x: (nd.ones(3), nd.floor(x)), (x,), (x,))
    assert (first.tolist(), second.tolist()) == ([0.0] * 3, [0.0] * 2)


def test_integer_arguments_and_results_have_no_tangent_to_speak_of() -> None:
    x, i = constant([1.0, 5.0, 3.0]), nd.asarray([2, 0])
    (y, k), (dy, dk) = nd.jvp(lambda x, i: (x[i] * x[i], nd.argmax(x)), (x, i), (x, None))
    assert (y.tolist(), k.tolist()) == ([9.0, 1.0], 1)
    assert (dy.tolist(), dk.tolist()) == ([18.0, 2.0], 0)


def test_detach_stops_the_tangent() -> None:
    x = constant([1.0, 2.0])
    _, dy = nd.jvp(lambda x: x * x.detach(), (x,), (constant([1.0, 1.0]),))
    assert dy.tolist() == [1.0, 2.0]


def test_values_may_steer_the_function() -> None:
    def branch(x: Any) -> Any:
        return 2.0 * x if x > 0.0 else x * x

    assert nd.jvp(branch, (constant(3.0),), (constant(1.0),))[1].tolist() == 2.0
    assert nd.jvp(branch, (constant(-3.0),), (constant(1.0),))[1].tolist() == -6.0


def test_has_aux_passes_primal_values_along() -> None:
    x = constant(3.0)
    y, dy, aux = nd.jvp(lambda x: (x * x, {"x": x, "name": "square"}), (x,), (constant(1.0),), has_aux=True)
    assert (y.tolist(), dy.tolist(), aux["x"].tolist(), aux["name"]) == (9.0, 6.0, 3.0, "square")


HOLOMORPHIC = {
    "exp": (nd.exp, nd.exp),
    "square": (lambda z: z * z, lambda z: 2 * z),
    "reciprocal": (lambda z: 1 / z, lambda z: -1 / (z * z)),
}


@pytest.mark.parametrize("name", HOLOMORPHIC)
def test_a_holomorphic_function_multiplies_the_tangent_by_its_derivative(name: str) -> None:
    f, derivative = HOLOMORPHIC[name]
    z, t = (nd.asarray(v, dtype=nd.complex128) for v in (1.0 + 2.0j, 0.5 - 1.0j))
    assert nd.jvp(f, (z,), (t,))[1].item() == pytest.approx((derivative(z) * t).item())


def test_conj_abs_real_and_imag_are_real_linear() -> None:
    z, t = (nd.asarray(v, dtype=nd.complex128) for v in (3.0 + 4.0j, 1.0 - 2.0j))
    found = [nd.jvp(f, (z,), (t,))[1].item() for f in (nd.conj, nd.real, nd.imag, nd.abs)]
    assert found == pytest.approx([1.0 + 2.0j, 1.0, -2.0, (3.0 * 1.0 + 4.0 * -2.0) / 5.0])


def test_a_captured_tensor_written_inside_keeps_the_primal() -> None:
    running = constant([0.0, 0.0])

    def f(x: Any) -> Any:
        running[:] = 2.0 * x
        return x * running

    x = constant([1.0, 2.0])
    assert nd.jvp(f, (x,), (x,))[1].tolist() == [4.0, 16.0]
    assert running.tolist() == [2.0, 4.0]
    assert (running + 1.0).tolist() == [3.0, 5.0]


def test_a_tangent_written_through_a_view_reaches_earlier_views() -> None:
    def f(x: Any) -> Any:
        y = nd.zeros(3, dtype=nd.float64) * x[0].detach()
        early = y[1:]
        y[1] = x[1]
        late = y[:2]
        return early, late

    x = constant([1.0, 2.0])
    early, late = nd.jvp(f, (x,), (x,))[1]
    assert (early.tolist(), late.tolist()) == ([2.0, 0.0], [0.0, 2.0])


REFUSED = {
    "structure": (lambda x: nd.jvp(nd.sin, (x,), (x, x)), ValueError, "1 primals and 2 tangents"),
    "shape": (lambda x: nd.jvp(nd.sin, (x,), (x[0],)), ValueError, r"\(2,\); got \(\)"),
    "no tuple": (lambda x: nd.jvp(nd.sin, x, x), TypeError, "a tuple of primals"),
    "no tensor": (lambda x: nd.jvp(nd.sin, ("a",), (x,)), TypeError, "jvp takes tensors, got str"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_is_refused(case: str) -> None:
    call, error, message = REFUSED[case]
    with pytest.raises(error, match=message):
        call(constant([1.0, 2.0]))


def test_linearize_returns_a_reusable_linear_map() -> None:
    x = constant([1.0, 2.0])
    y, push = nd.linearize(lambda x: x * x * x, x)
    assert y.tolist() == [1.0, 8.0]
    assert [push(t).tolist() for t in (constant([1.0, 0.0]), constant([1.0, 1.0]))] == [[3.0, 0.0], [3.0, 12.0]]
