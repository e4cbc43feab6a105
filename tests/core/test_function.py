"""Custom functions: what PyTorch's ``Function`` promises, and their place inside transforms."""

from __future__ import annotations

from typing import Any

import pytest

import ndgrad as nd


def leaf(values: Any) -> Any:
    return nd.asarray(values, dtype=nd.float64, requires_grad=True)


def constant(values: Any) -> Any:
    return nd.asarray(values, dtype=nd.float64)


class Cube(nd.autograd.Function):
    """x^3, with a derivative made of ndgrad functions."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x * x * x

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (x,) = ctx.saved_tensors
        return 3.0 * g * x * x


class ExpOfResult(nd.autograd.Function):
    """exp, which saves its result."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        y = nd.exp(x)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return g * ctx.saved_tensors[0]


class StraightThrough(nd.autograd.Function):
    """Rounding, whose derivative is that of the identity by decree."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return nd.floor(x)

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return g


class SumAndProduct(nd.autograd.Function):
    """Two results of two tensors and a number."""

    @staticmethod
    def forward(ctx: Any, a: Any, factor: float, b: Any) -> Any:
        ctx.save_for_backward(a, b)
        ctx.factor = factor
        return a + b, factor * a * b

    @staticmethod
    def backward(ctx: Any, g_sum: Any, g_product: Any) -> Any:
        a, b = ctx.saved_tensors
        return g_sum + ctx.factor * g_product * b, None, g_sum + ctx.factor * g_product * a


def test_gradients_flow_through_backward() -> None:
    x = leaf([1.0, 2.0])
    nd.sum(Cube.apply(x)).backward()
    assert x.grad.tolist() == [3.0, 12.0]


def test_several_tensors_results_and_other_arguments() -> None:
    a, b = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    s, p = SumAndProduct.apply(a, 10.0, b)
    nd.sum(s + p).backward()
    assert (a.grad.tolist(), b.grad.tolist()) == ([31.0, 41.0], [11.0, 21.0])


def test_a_result_that_nothing_depends_on_sends_zeros() -> None:
    a, b = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    nd.sum(SumAndProduct.apply(a, 10.0, b)[1]).backward()
    assert a.grad.tolist() == [30.0, 40.0]


def test_or_none_on_request() -> None:
    seen = []

    class Both(nd.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.set_materialize_grads(False)
            return x * 1.0, x * 2.0

        @staticmethod
        def backward(ctx: Any, g1: Any, g2: Any) -> Any:
            seen.append(g1)
            return 2.0 * g2

    x = leaf([1.0])
    nd.sum(Both.apply(x)[1]).backward()
    assert seen == [None]
    assert x.grad.tolist() == [2.0]


@pytest.mark.parametrize("function", [Cube, ExpOfResult])
def test_backward_made_of_ndgrad_functions_is_differentiated_again(function: Any) -> None:
    x = leaf([0.5, -1.0])
    assert nd.autograd.gradcheck(function.apply, x, check_forward_ad=True)
    assert nd.autograd.gradgradcheck(function.apply, x)


def test_once_differentiable_refuses_the_second_derivative() -> None:
    class Once(nd.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @nd.autograd.once_differentiable
        def backward(ctx: Any, g: Any) -> Any:
            return 2.0 * g * ctx.saved_tensors[0]

    x = leaf([3.0])
    (g,) = nd.autograd.grad(nd.sum(Once.apply(x)), x, create_graph=True)
    assert g.tolist() == [6.0]
    with pytest.raises(RuntimeError, match="once_differentiable"):
        nd.sum(g).backward()


def test_needs_input_grad_says_what_is_wanted() -> None:
    seen = []

    class Ask(nd.autograd.Function):
        @staticmethod
        def forward(ctx: Any, a: Any, n: int, b: Any) -> Any:
            return a * b

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            seen.append(ctx.needs_input_grad)
            return None, None, g

    nd.sum(Ask.apply(constant([1.0]), 3, leaf([2.0]))).backward()
    assert seen == [(False, False, True)]


def test_results_marked_non_differentiable_require_no_grad() -> None:
    class WithIndex(nd.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            where, copy = nd.argmax(x), x * 1.0
            ctx.mark_non_differentiable(copy)
            return x * 2.0, copy, where

        @staticmethod
        def backward(ctx: Any, g: Any, *unused: Any) -> Any:
            return 2.0 * g

    y, copy, where = WithIndex.apply(leaf([1.0, 2.0]))
    assert (y.requires_grad, copy.requires_grad, where.requires_grad) == (True, False, False)


def test_setup_context_separates_saving_from_computing() -> None:
    class Scaled(nd.autograd.Function):
        @staticmethod
        def forward(x: Any, factor: float) -> Any:
            return x * factor

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            ctx.factor = inputs[1]

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * ctx.factor, None

    x = leaf([1.0])
    nd.sum(Scaled.apply(x, 5.0)).backward()
    assert x.grad.tolist() == [5.0]


def test_an_argument_returned_as_it_is_becomes_a_result() -> None:
    class Same(nd.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return 7.0 * g

    x = leaf([1.0])
    y = Same.apply(x)
    assert y is not x
    nd.sum(y).backward()
    assert x.grad.tolist() == [7.0]


def test_an_argument_changed_in_place_is_marked_dirty() -> None:
    class Double(nd.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            x *= 2.0
            ctx.mark_dirty(x)
            return x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return 2.0 * g

    x = leaf([1.0])
    y = x * 3.0
    z = Double.apply(y)
    assert z is y
    nd.sum(y).backward()
    assert x.grad.tolist() == [6.0]
    with pytest.raises(RuntimeError, match="leaf"):
        Double.apply(leaf([1.0]))


def test_a_saved_tensor_changed_in_place_is_noticed() -> None:
    x = leaf([1.0, 2.0])
    y = x * 1.0
    z = nd.sum(Cube.apply(y))
    y += 1.0
    with pytest.raises(RuntimeError, match="changed in place"):
        z.backward()


def test_a_second_pass_needs_a_retained_graph() -> None:
    y = nd.sum(Cube.apply(leaf([1.0])))
    y.backward()
    with pytest.raises(RuntimeError, match="retain_graph=True"):
        y.backward()


WRONG = {
    "too few": (lambda ctx, g: (g,), r"returned 1 gradients; forward has 2 arguments"),
    "shape": (lambda ctx, g: (nd.sum(g), None), r"shape \(\) for argument 0, whose shape is \(2,\)"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_backward_returns_is_checked(case: str) -> None:
    rule, message = WRONG[case]

    class Bad(nd.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any, n: int) -> Any:
            return x * n

        backward = staticmethod(rule)

    with pytest.raises(RuntimeError, match=message):
        nd.sum(Bad.apply(leaf([1.0, 2.0]), 2)).backward()


def test_the_class_is_not_called() -> None:
    with pytest.raises(TypeError, match=r"write Cube\.apply"):
        Cube()


# -- inside transforms -------------------------------------------------------------------------------------------------

X = [[1.0, 2.0], [3.0, -4.0]]


def rounded(x: Any) -> Any:
    return nd.sum(StraightThrough.apply(x) * x)


TRANSFORMED = {
    "grad": (lambda x: nd.grad(lambda x: nd.sum(Cube.apply(x)))(x), lambda x: 3 * x * x),
    "grad of grad": (
        lambda x: nd.grad(lambda x: nd.sum(nd.grad(lambda y: nd.sum(Cube.apply(y)))(x)))(x), lambda x: 6 * x,
    ),
    "jvp": (lambda x: nd.jvp(Cube.apply, (x,), (x,))[1], lambda x: 3 * x * x * x),
    "jvp of a decreed derivative": (lambda x: nd.jvp(StraightThrough.apply, (x,), (x,))[1], lambda x: x),
    "vmap": (lambda x: nd.vmap(Cube.apply)(x), lambda x: x * x * x),
    "vmap of grad": (lambda x: nd.vmap(nd.grad(lambda x: nd.sum(Cube.apply(x))))(x), lambda x: 3 * x * x),
    "grad of vmap": (lambda x: nd.grad(lambda x: nd.sum(nd.vmap(Cube.apply)(x)))(x), lambda x: 3 * x * x),
    "grad of vmap of a decreed derivative": (
        lambda x: nd.grad(lambda x: nd.sum(nd.vmap(StraightThrough.apply)(x)))(x), lambda x: 0 * x + 1,
    ),
    "jvp of grad": (lambda x: nd.jvp(nd.grad(lambda x: nd.sum(Cube.apply(x))), (x,), (x,))[1], lambda x: 6 * x * x),
    "grad of jvp": (
        lambda x: nd.grad(lambda x: nd.sum(nd.jvp(Cube.apply, (x,), (x,))[1]))(x), lambda x: 9 * x * x,
    ),
    "vmap of grad of jvp": (
        lambda x: nd.vmap(nd.grad(lambda x: nd.sum(nd.jvp(Cube.apply, (x,), (x,))[1])))(x), lambda x: 9 * x * x,
    ),
    "saved result under vmap of grad": (
        lambda x: nd.vmap(nd.grad(lambda x: nd.sum(ExpOfResult.apply(x))))(x), lambda x: nd.exp(x),
    ),
    "saved result under jvp of grad": (
        lambda x: nd.jvp(nd.grad(lambda x: nd.sum(ExpOfResult.apply(x))), (x,), (x,))[1], lambda x: nd.exp(x) * x,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TRANSFORMED)
def test_transforms_use_the_derivative_that_was_given(name: str) -> None:
    transformed, expected = TRANSFORMED[name]
    found, wanted = transformed(constant(X)), expected(constant(X))
    assert found.shape == wanted.shape
    for a, b in zip(found.tolist(), wanted.tolist(), strict=True):
        assert a == pytest.approx(b)


def test_the_hessian_of_a_decreed_derivative() -> None:
    assert nd.hessian(rounded)(constant([1.5, 2.5])).tolist() == [[2.0, 0.0], [0.0, 2.0]]


def test_a_gradient_that_the_author_holds_is_not_added_to():
    held = nd.asarray([1.0, 2.0])

    class Fixed(nd.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return 2 * x

        @staticmethod
        def backward(ctx, g):
            return held

    x = nd.ones(2, requires_grad=True)
    for times in (1, 2):
        Fixed.apply(x).sum().backward()
        assert x.grad.tolist() == [1.0 * times, 2.0 * times]
    assert held.tolist() == [1.0, 2.0]


def test_a_joint_rules_gradient_is_kept_apart_from_what_was_saved():
    x = nd.asarray([1.0, 2.0, 3.0], requires_grad=True)
    for times in (1, 2):
        x[nd.asarray([0, 2, 2])].sum().backward()
        assert x.grad.tolist() == [1.0 * times, 0.0, 2.0 * times]


class TripledInPlace(nd.autograd.Function):
    """3x, written over x."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.mark_dirty(x)
        return x.mul_(3)

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return 3 * g


class Increased(nd.autograd.Function):
    """x + y, written over x."""

    @staticmethod
    def forward(ctx: Any, x: Any, y: Any) -> Any:
        ctx.mark_dirty(x)
        return x.add_(y)

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return g, g


def test_a_view_marked_dirty_changes_the_history_of_its_base() -> None:
    a, b = leaf([1.0, 1.0, 1.0, 1.0]), leaf([1.0, 1.0])
    x = a * 1
    Increased.apply(x[1:3], b)
    TripledInPlace.apply(x[:2])
    nd.sum(x * x).backward()
    assert a.grad.tolist() == [18.0, 36.0, 4.0, 2.0]
    assert b.grad.tolist() == [36.0, 4.0]


def test_a_view_of_a_tensor_without_history_may_be_marked_dirty() -> None:
    b, x = leaf([1.0, 2.0]), constant([0.0, 0.0, 0.0])
    Increased.apply(x[1:], b)
    nd.sum(x * x).backward()
    assert b.grad.tolist() == [2.0, 4.0]


def test_what_is_marked_dirty_is_checked() -> None:
    class Forgetful(nd.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.mark_dirty(x)
            x.mul_(3)
            return nd.sum(x)

    with pytest.raises(nd.AutogradError, match="dirty that is not among its results"):
        Forgetful.apply(leaf([1.0]) * 1)
    with pytest.raises(nd.AutogradError, match="a view of a leaf that requires grad cannot be changed in place"):
        TripledInPlace.apply(leaf([1.0, 2.0])[1:])


class Tail(nd.autograd.Function):
    """The elements after the first, as a view."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.shape = x.shape
        return x[1:]

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        full = nd.zeros(ctx.shape, dtype=g.dtype)
        full[1:] = g
        return full


class Same(nd.autograd.Function):
    """x, as it is."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return x

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return g


@pytest.mark.parametrize("function", [Tail, Same])
def test_a_result_that_shares_memory_with_an_argument_is_not_changed_in_place(function: Any) -> None:
    x = leaf([1.0, 2.0, 3.0]) * 1
    y = function.apply(x)
    nd.sum(y * 2).backward(retain_graph=True)
    for write in (lambda: y.mul_(3), lambda: y[0].fill_(3), lambda: y.__setitem__(0, 3)):
        with pytest.raises(nd.AutogradError, match=r"let \w+.forward return a clone"):
            write()
    x.mul_(3)
    with pytest.raises(nd.AutogradError, match="memory was changed in place since"):
        nd.sum(y * 2)


def test_results_that_are_not_tensors_pass_through_and_get_no_gradient() -> None:
    seen = []

    class Mixed(nd.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return 7, x * 2, None, "name"

        @staticmethod
        def backward(ctx: Any, *gs: Any) -> Any:
            seen.extend(gs)
            return gs[1] * 2

    x = leaf([1.0])
    seven, y, nothing, name = Mixed.apply(x)
    assert (seven, nothing, name) == (7, None, "name")
    y.backward()
    assert x.grad.tolist() == [2.0]
    assert seen[0] is seen[2] is seen[3] is None


def test_setup_context_sees_the_arguments_left_to_their_defaults() -> None:
    class Power(nd.autograd.Function):
        @staticmethod
        def forward(x: Any, n: int = 2) -> Any:
            return x**n

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            x, ctx.n = inputs
            ctx.save_for_backward(x)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            (x,) = ctx.saved_tensors
            return ctx.n * x ** (ctx.n - 1) * g, None

    x = leaf(3.0)
    (Power.apply(x) + Power.apply(x, 3)).backward()
    assert x.grad.item() == 33.0
