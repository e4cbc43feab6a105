"""Graph rules: accumulation, retained and recorded graphs, hooks, modes, detached tensors."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

import ndgrad as nd
from ndgrad.autograd import gradients, hooks


def leaf(values: Any, **kwargs: Any) -> Any:
    return nd.asarray(values, dtype=nd.float64, requires_grad=True, **kwargs)


def constant(values: Any) -> Any:
    return nd.asarray(values, dtype=nd.float64)


# -- backward ----------------------------------------------------------------------------------------------------------


def test_backward_accumulates_into_leaves_only() -> None:
    x = leaf([1.0, 2.0])
    y = x * x
    nd.sum(y * y).backward()
    assert x.grad.tolist() == [4.0, 32.0]
    assert y.grad is None
    assert (x.is_leaf, y.is_leaf, y.requires_grad) == (True, False, True)


def test_a_second_pass_adds_to_the_gradient() -> None:
    x = leaf([1.0, 2.0])
    nd.sum(x * x).backward()
    nd.sum(x * x).backward()
    assert x.grad.tolist() == [4.0, 8.0]


def test_a_leaf_used_twice_gets_both_contributions() -> None:
    x = leaf(3.0)
    (x * x + x).backward()
    assert x.grad.tolist() == 7.0


def test_a_leaf_keeps_its_gradient_when_another_shares_the_cotangent() -> None:
    a, b = leaf([1.0]), leaf([2.0])
    nd.sum(a + b).backward(create_graph=True)
    nd.sum(a).backward()
    assert (a.grad.tolist(), b.grad.tolist()) == ([2.0], [1.0])


def test_the_gradient_of_a_tensor_needs_a_cotangent_of_its_shape() -> None:
    x = leaf([1.0, 2.0])
    (x * x).backward(constant([1.0, 10.0]))
    assert x.grad.tolist() == [2.0, 40.0]


REFUSED = {
    "no scalar": (lambda x: (x * x).backward(), r"starts from a scalar, got shape \(2,\)"),
    "wrong cotangent": (lambda x: (x * x).backward(constant([1.0])), r"shape \(1,\), the output has \(2,\)"),
    "no history": (lambda x: nd.sum(x.detach()).backward(), "requires no grad"),
    "second pass": (lambda x: twice(nd.sum(x * x)), "retain_graph=True"),
    "integers": (lambda x: nd.asarray([1], requires_grad=True), "only floating and complex"),
    "constant input": (lambda x: nd.autograd.grad(nd.sum(x), constant([1.0])), "does not require grad"),
    "unused input": (lambda x: nd.autograd.grad(nd.sum(x), [x, leaf([1.0])]), "allow_unused=True"),
    "complex scalar": (lambda x: nd.sum(x * 1j).backward(), "complex output"),
}


def twice(y: Any) -> None:
    y.backward()
    y.backward()


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_differentiated_is_refused(case: str) -> None:
    call, message = REFUSED[case]
    with pytest.raises(RuntimeError, match=message):
        call(leaf([1.0, 2.0]))


def test_retain_graph_allows_another_pass() -> None:
    x = leaf([1.0, 2.0])
    y = nd.sum(x * x)
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [4.0, 8.0]


def test_create_graph_records_the_pass() -> None:
    x = leaf(2.0)
    (first,) = nd.autograd.grad(x * x * x, x, create_graph=True)
    (second,) = nd.autograd.grad(first, x, create_graph=True)
    (third,) = nd.autograd.grad(second, x)
    assert [first.tolist(), second.tolist(), third.tolist()] == [12.0, 12.0, 6.0]
    assert not third.requires_grad


def test_backward_with_create_graph_leaves_a_gradient_with_history() -> None:
    x = leaf([1.0, 2.0])
    nd.sum(x * x * x).backward(create_graph=True)
    (second,) = nd.autograd.grad(nd.sum(x.grad), x)
    assert second.tolist() == [6.0, 12.0]


# -- grad --------------------------------------------------------------------------------------------------------------


def test_grad_returns_and_accumulates_nothing() -> None:
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    found = nd.autograd.grad(nd.sum(x * y), [x, y])
    assert isinstance(found, tuple)
    assert [g.tolist() for g in found] == [[3.0, 4.0], [1.0, 2.0]]
    assert x.grad is None
    assert y.grad is None


def test_grad_reaches_a_tensor_that_is_no_leaf() -> None:
    x = leaf([1.0, 2.0])
    y = x * 3.0
    (g,) = nd.autograd.grad(nd.sum(y * y), y)
    assert g.tolist() == [6.0, 12.0]


def test_an_unused_input_is_none_or_zeros_on_request() -> None:
    x, other = leaf([1.0, 2.0]), leaf([1.0])
    assert nd.autograd.grad(nd.sum(x), [x, other], allow_unused=True)[1] is None
    assert nd.autograd.grad(nd.sum(x), [x, other], materialize_grads=True)[1].tolist() == [0.0]


def test_several_outputs_add_up() -> None:
    x = leaf([1.0, 2.0])
    (g,) = nd.autograd.grad([nd.sum(x * x), x * 2.0], x, [None, constant([10.0, 100.0])])
    assert g.tolist() == [22.0, 204.0]


def test_batched_cotangents_give_batched_gradients() -> None:
    x = leaf([1.0, 2.0])
    y = x * x
    (g,) = nd.autograd.grad(y, x, constant([[1.0, 0.0], [0.0, 1.0]]), is_grads_batched=True)
    assert g.tolist() == [[2.0, 0.0], [0.0, 4.0]]


def test_backward_with_inputs_accumulates_there_only() -> None:
    x, y = leaf([1.0]), leaf([2.0])
    gradients.backward(nd.sum(x * y), inputs=[x])
    assert x.grad.tolist() == [2.0]
    assert y.grad is None


def test_an_op_with_several_results_differentiates_each() -> None:
    x = leaf([1.0, 2.0, 3.0])
    a, _, c = nd.unstack(x)
    (2.0 * a + c * c).backward()
    assert x.grad.tolist() == [2.0, 0.0, 6.0]


def test_gradients_keep_shape_and_dtype_under_broadcasting_and_promotion() -> None:
    x = nd.asarray([[1.0], [2.0]], dtype=nd.float32, requires_grad=True)
    y = leaf([1.0, 2.0, 3.0])
    nd.sum(x * y).backward()
    assert (x.grad.shape, x.grad.dtype) == ((2, 1), nd.float32)
    assert (y.grad.shape, y.grad.dtype) == ((3,), nd.float64)


# -- detached tensors and modes ----------------------------------------------------------------------------------------


def test_detach_shares_memory_and_stops_the_gradient() -> None:
    x = leaf([1.0, 2.0])
    nd.sum(x * x.detach()).backward()
    assert x.grad.tolist() == [1.0, 2.0]


MODES: dict[str, tuple[Callable[[], Any], bool]] = {
    "no_grad": (nd.no_grad, False),
    "enable_grad": (nd.enable_grad, True),
    "inference_mode": (nd.inference_mode, False),
    "set_grad_enabled(False)": (lambda: nd.set_grad_enabled(False), False),
    "set_grad_enabled(True)": (lambda: nd.set_grad_enabled(True), True),
}


@pytest.mark.parametrize("mode", MODES)
def test_modes_are_contexts_and_are_undone(mode: str) -> None:
    make, recording = MODES[mode]
    x = leaf([1.0])
    with make():
        assert (x * x).requires_grad is recording
    assert (x * x).requires_grad


@pytest.mark.parametrize("mode", ["no_grad", "enable_grad", "inference_mode"])
def test_modes_are_decorators(mode: str) -> None:
    make, recording = MODES[mode]
    x = leaf([1.0])

    @make()
    def square() -> Any:
        return x * x

    with nd.no_grad():
        assert square().requires_grad is recording
    assert square().requires_grad is recording


@pytest.mark.parametrize("mode", ["no_grad", "enable_grad", "inference_mode"])
def test_a_decorator_needs_no_parentheses(mode: str) -> None:
    make: Any = getattr(nd, mode)
    x = leaf([1.0])

    @make
    def square() -> Any:
        return x * x

    with nd.no_grad():
        assert square().requires_grad is MODES[mode][1]


def test_set_grad_enabled_as_a_decorator_switches_inside_the_function_only() -> None:
    x = leaf([1.0])

    @nd.set_grad_enabled(False)
    def square() -> Any:
        return x * x

    assert nd.is_grad_enabled()
    assert not square().requires_grad
    assert nd.is_grad_enabled()


def test_modes_nest() -> None:
    x = leaf([1.0])
    with nd.no_grad():
        with nd.enable_grad():
            assert (x * x).requires_grad
        assert not (x * x).requires_grad


@pytest.mark.parametrize("inner", [nd.no_grad, nd.enable_grad, partial(nd.set_grad_enabled, True)])
def test_inference_mode_holds_within_and_after_other_modes(inner: Any) -> None:
    x = nd.ones(2, requires_grad=True)
    with nd.inference_mode():
        with inner():
            assert nd.is_inference_mode_enabled()
            assert not (2 * x).requires_grad
        assert nd.is_inference_mode_enabled()
        with nd.inference_mode(False):
            assert (2 * x).requires_grad
        assert not (2 * x).requires_grad
    assert (2 * x).requires_grad


def test_a_mode_ends_when_an_error_leaves_it() -> None:
    with pytest.raises(ZeroDivisionError), nd.no_grad():
        raise ZeroDivisionError
    assert nd.is_grad_enabled()


def test_modes_belong_to_their_thread() -> None:
    seen = []
    with nd.no_grad():
        thread = threading.Thread(target=lambda: seen.append(nd.is_grad_enabled()))
        thread.start()
        thread.join()
    assert seen == [True]


def test_backward_inside_no_grad_is_possible() -> None:
    x = leaf([1.0, 2.0])
    y = nd.sum(x * x)
    with nd.no_grad():
        y.backward()
    assert x.grad.tolist() == [2.0, 4.0]


# -- hooks -------------------------------------------------------------------------------------------------------------


def test_a_hook_sees_and_replaces_the_gradient_of_a_leaf() -> None:
    x, seen = leaf([1.0, 2.0]), []
    hooks.register_hook(x, lambda g: seen.append(g.tolist()))
    hooks.register_hook(x, lambda g: g * 10.0)
    nd.sum(x * x).backward()
    assert seen == [[2.0, 4.0]]
    assert x.grad.tolist() == [20.0, 40.0]


def test_a_hook_of_an_intermediate_changes_what_flows_on() -> None:
    x = leaf([1.0, 2.0])
    y = x * 3.0
    hooks.register_hook(y, lambda g: g * 2.0)
    nd.sum(y).backward()
    assert x.grad.tolist() == [6.0, 6.0]


def test_a_hook_runs_once_on_the_summed_gradient() -> None:
    x, seen = leaf([1.0]), []
    y = x * 1.0
    hooks.register_hook(y, lambda g: seen.append(g.tolist()))
    nd.sum(y * 2.0 + y * 3.0).backward()
    assert seen == [[5.0]]


@pytest.mark.parametrize(
    ("hook", "error", "said"),
    [
        (lambda g: g.sum(), nd.AutogradError, r"shape \(2,\), and returned one of float32 and shape \(\)"),
        (lambda g: g.to(nd.float64), nd.AutogradError, r"returned one of float64"),
        (lambda g: 3.0, TypeError, "a hook returns the new gradient, a Tensor, or None; got float"),
    ],
)
@pytest.mark.parametrize("leaf", [True, False])
def test_a_hook_cannot_replace_a_gradient_by_one_that_does_not_fit(
    leaf: bool, hook: Callable[[nd.Tensor], Any], error: type[Exception], said: str
) -> None:
    x = nd.asarray([1.0, 2.0], requires_grad=True)
    y = 2 * x
    (x if leaf else y).register_hook(hook)
    with pytest.raises(error, match=said):
        y.sum().backward()


def test_deleting_a_gradient_forgets_it() -> None:
    x = nd.asarray([1.0, 2.0], requires_grad=True)
    x.sum().backward()
    del x.grad
    assert x.grad is None


def test_what_a_hook_keeps_is_not_added_to_by_later_passes() -> None:
    x, kept = nd.ones(2, requires_grad=True), []
    x.register_hook(kept.append)
    (2 * x).sum().backward()
    (3 * x).sum().backward()
    assert [g.tolist() for g in kept] == [[2.0, 2.0], [3.0, 3.0]]
    assert x.grad.tolist() == [5.0, 5.0]


def test_a_removed_hook_is_silent_and_its_twin_stays() -> None:
    x, seen = leaf([1.0]), []

    def hook(g: Any) -> None:
        seen.append(g.tolist())

    hooks.register_hook(x, hook)
    with hooks.register_hook(x, hook):
        pass
    nd.sum(x).backward()
    assert seen == [[1.0]]


def test_retain_grad_keeps_the_gradient_after_all_hooks() -> None:
    x = leaf([1.0, 2.0])
    y = x * 3.0
    hooks.retain_grad(y)
    hooks.retain_grad(y)
    hooks.register_hook(y, lambda g: g * 10.0)
    nd.sum(y * y).backward()
    assert y.grad.tolist() == [60.0, 120.0]
    assert hooks.retains_grad(y)
    assert not hooks.retains_grad(x)


def test_a_post_accumulate_hook_runs_after_the_sum() -> None:
    x, seen = leaf([1.0]), []
    hooks.register_post_accumulate_grad_hook(x, lambda p: seen.append(p.grad.tolist()))
    for _ in range(2):
        nd.sum(x * 2.0).backward()
    assert seen == [[2.0], [4.0]]


def test_hooks_of_one_result_of_several_see_its_gradient() -> None:
    x, seen = leaf([1.0, 2.0]), []
    a, b = nd.unstack(x)
    hooks.register_hook(b, lambda g: seen.append(g.tolist()))
    (a + 5.0 * b).backward()
    assert seen == [5.0]


def test_hooks_need_a_tensor_that_a_gradient_reaches() -> None:
    with pytest.raises(RuntimeError, match="requires grad"):
        hooks.register_hook(constant([1.0]), lambda g: None)
    with pytest.raises(RuntimeError, match="leaves only"):
        hooks.register_post_accumulate_grad_hook(leaf([1.0]) * 2.0, lambda p: None)


# -- finding what went wrong -------------------------------------------------------------------------------------------


class NotANumber(nd.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return x * 2.0

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return g * float("nan")


def the_guilty_line(x: Any) -> Any:
    return NotANumber.apply(x)


def test_detect_anomaly_names_the_forward_line() -> None:
    with nd.autograd.detect_anomaly(), pytest.raises(RuntimeError, match=r"(?s)NotANumber returned NaN"):
        nd.sum(the_guilty_line(leaf([0.0]))).backward()


def test_gradcheck_accepts_right_derivatives_real_and_complex() -> None:
    z = nd.asarray([1.0 + 2.0j, 0.5 - 1.0j], dtype=nd.complex128, requires_grad=True)
    x = leaf([0.5, 1.5])
    assert nd.autograd.gradcheck(lambda a, b: (nd.exp(a) * b, nd.sin(a * a)), (x, z), check_forward_ad=True)
    assert nd.autograd.gradgradcheck(lambda a, b: nd.exp(a) * b, (x, z))


def test_gradcheck_shows_both_jacobians_of_a_wrong_derivative() -> None:
    class Wrong(nd.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return 2.0 * x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return 3.0 * g

    x = leaf([1.0, 2.0])
    with pytest.raises(nd.autograd.GradcheckError, match=r"(?s)output 1.*input 0.*numerical.*2.*analytical.*3"):
        nd.autograd.gradcheck(lambda x: (x * x, Wrong.apply(x)), x)
    assert not nd.autograd.gradcheck(Wrong.apply, x, raise_exception=False)


def test_gradcheck_insists_on_double_precision() -> None:
    with pytest.raises(ValueError, match=r"double precision, input 0 has dtype float32"):
        nd.autograd.gradcheck(nd.sin, nd.asarray([1.0], dtype=nd.float32, requires_grad=True))


@pytest.mark.parametrize(
    "function",
    [
        lambda x, factor: nd.leaky_relu(x, factor),
        lambda x, factor: nd.elu(x, factor),
        lambda x, factor: nd.add(x, x, alpha=factor),
        lambda x, factor: nd.subtract(1.0, x, alpha=factor),
        lambda x, factor: nd.addmm(x, x, x, beta=factor, alpha=factor),
        lambda x, factor: nd.index_add(x, 0, nd.asarray([0]), x[:1], alpha=factor),
    ],
)
def test_a_factor_given_as_a_tensor_has_a_gradient_whatever_its_value(function: Any) -> None:
    x = nd.asarray([[-1.0, 2.0], [0.5, -3.0]], dtype=nd.float64)
    for value in (0.0, 1.0, 1.5):
        assert nd.autograd.gradcheck(function, (x, nd.asarray(value, dtype=nd.float64, requires_grad=True)))


def test_a_generator_function_takes_its_mode_to_each_step_and_not_to_its_caller() -> None:
    seen: list[Any] = []

    @nd.no_grad()
    def steps() -> Any:
        try:
            seen.append((yield nd.is_grad_enabled()))
        except KeyError:
            yield "caught", nd.is_grad_enabled()
        return nd.is_grad_enabled()

    generator = steps()
    assert next(generator) is False
    assert nd.is_grad_enabled()
    assert generator.throw(KeyError()) == ("caught", False)
    again = steps()
    next(again)
    with pytest.raises(StopIteration) as end:
        again.send("sent")
    assert (seen, end.value.value) == (["sent"], False)


def test_a_generator_that_is_closed_ends_in_its_mode() -> None:
    seen = []

    @nd.no_grad()
    def steps() -> Any:
        try:
            yield
        finally:
            seen.append(nd.is_grad_enabled())

    generator = steps()
    next(generator)
    generator.close()
    assert seen == [False]


@pytest.mark.parametrize("call", [lambda y: y.backward(inputs=[]), lambda y: nd.autograd.grad(y, [])])
def test_empty_inputs_are_refused(call: Any) -> None:
    with pytest.raises(nd.AutogradError, match="name the tensors whose gradients are wanted"):
        call(nd.sum(leaf([1.0]) * 2))


def test_a_node_names_the_results_that_its_cotangents_belong_to() -> None:
    x = leaf([[2.0, 1.0], [1.0, 3.0]])
    values, vectors = nd.linalg.eigh(x)
    first, second = (values * 2).grad_fn, (vectors * x).grad_fn
    (from_values,), (from_vectors, from_x) = first.next_functions[:1], second.next_functions
    assert first.next_functions[1:] == ((None, 0),)
    assert from_values[0] is from_vectors[0]
    assert (from_values[1], from_vectors[1]) == (0, 1)
    assert (from_x[0] is x, from_x[1]) == (True, 0)


def test_a_retained_gradient_is_that_of_the_value_written_last() -> None:
    x = nd.asarray([1.0], requires_grad=True).clone()
    x.retain_grad()
    x.mul_(2)
    x.mul_(2)
    (x * 3).sum().backward()
    assert x.grad.tolist() == [3.0]


def test_a_hook_stays_with_the_value_it_was_registered_for() -> None:
    seen: list[Any] = []
    x = nd.asarray([1.0], requires_grad=True).clone()
    x.register_hook(lambda g: seen.append(g.tolist()))
    x.mul_(2)
    (x * 3).sum().backward()
    assert seen == [[6.0]]
