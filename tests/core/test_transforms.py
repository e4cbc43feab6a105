"""grad, vjp, jacobians, and transforms nested in every order."""

from __future__ import annotations

import itertools
from collections import OrderedDict, namedtuple
from collections.abc import Callable
from typing import Any

import pytest

import ndgrad as nd
from ndgrad.autograd import trees


def constant(values: Any) -> Any:
    return nd.asarray(values, dtype=nd.float64)


# -- trees -------------------------------------------------------------------------------------------------------------

Pair = namedtuple("Pair", "a b")
TREES = [1, (1, 2), [1, [2, (3,)]], {"b": 1, "a": {"c": 2}}, Pair(1, Pair([2], 3)), OrderedDict(b=1, a=2), (), {}]


@pytest.mark.parametrize("tree", TREES, ids=repr)
def test_a_tree_is_rebuilt_from_its_leaves(tree: Any) -> None:
    leaves = trees.flatten(tree)
    rebuilt = trees.unflatten(tree, leaves)
    assert rebuilt == tree
    assert type(rebuilt) is type(tree)
    assert leaves == list(range(1, len(leaves) + 1))


# -- grad and value_and_grad -------------------------------------------------------------------------------------------


def test_grad_returns_the_structure_of_the_argument() -> None:
    params = {"w": constant([1.0, 2.0]), "rest": [constant(3.0), (constant(4.0),)]}
    g = nd.grad(lambda p: nd.sum(p["w"] * p["w"]) * p["rest"][0] + p["rest"][1][0])(params)
    assert g["w"].tolist() == [6.0, 12.0]
    assert (g["rest"][0].tolist(), g["rest"][1][0].tolist()) == (5.0, 1.0)


def test_argnums_choose_arguments() -> None:
    f = lambda a, b, c: a * b + c  # noqa: E731
    args = constant(2.0), constant(3.0), constant(4.0)
    assert nd.grad(f, 1)(*args).tolist() == 2.0
    assert [g.tolist() for g in nd.grad(f, (0, -1))(*args)] == [3.0, 1.0]


def test_value_and_grad_with_aux() -> None:
    x = constant([1.0, 2.0])
    (value, aux), g = nd.value_and_grad(lambda x: (nd.sum(x * x), {"double": 2.0 * x, "n": 2}), has_aux=True)(x)
    assert (value.tolist(), aux["double"].tolist(), aux["n"], g.tolist()) == (5.0, [2.0, 4.0], 2, [2.0, 4.0])
    assert not any(t.requires_grad for t in (value, aux["double"], g))


def test_an_argument_without_influence_gets_zeros() -> None:
    g = nd.grad(lambda a, b: nd.sum(b), (0, 1))(constant([1.0, 2.0]), constant([3.0]))
    assert [t.tolist() for t in g] == [[0.0, 0.0], [1.0]]
    assert nd.grad(lambda x: nd.asarray(1.0))(constant([1.0])).tolist() == [0.0]


def test_python_floats_are_arguments() -> None:
    assert nd.grad(nd.grad(lambda x: x * x * x))(2.0).item() == 12.0


def test_grad_leaves_no_trace_on_its_arguments() -> None:
    x = constant([1.0, 2.0])
    nd.grad(lambda x: nd.sum(x * x))(x)
    assert not x.requires_grad
    assert x.grad is None
    leaf = nd.asarray([1.0, 2.0], requires_grad=True)
    nd.grad(lambda x: nd.sum(x * x))(leaf)
    assert leaf.grad is None


def test_grad_works_under_no_grad_and_records_nothing_there() -> None:
    leaf = nd.asarray([1.0, 2.0], requires_grad=True)
    with nd.no_grad():
        g = nd.grad(lambda x: nd.sum(x * x * leaf))(leaf)
    assert g.tolist() == [2.0, 8.0]
    assert not g.requires_grad


def test_gradients_of_outer_variables_are_recorded() -> None:
    w = nd.asarray([3.0, 4.0], requires_grad=True)
    x = nd.asarray([1.0, 2.0])
    value, g = nd.value_and_grad(lambda x: nd.sum(w * x * x))(x)
    nd.sum(g * g).backward(retain_graph=True)  # g = 2 w x
    assert w.grad.tolist() == [24.0, 128.0]
    w.grad = None
    value.backward()
    assert w.grad.tolist() == [1.0, 4.0]


def test_perturbations_are_not_confused() -> None:
    # d/dx (x * d/dy (x + y)) = 1
    for d in (nd.grad, lambda f: lambda x: nd.jvp(f, (x,), (nd.ones_like(x),))[1]):
        assert d(lambda x, d=d: x * d(lambda y: x + y)(x.detach()))(constant(1.0)).tolist() == 1.0
        assert d(lambda x, d=d: d(lambda y: x * y)(x))(constant(5.0)).tolist() == 1.0


def test_detach_stops_every_level() -> None:
    f = lambda x: nd.sum(x.detach() * x)  # noqa: E731
    x = constant([2.0, 3.0])
    assert nd.grad(f)(x).tolist() == [2.0, 3.0]
    assert nd.hessian(f)(x).tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert nd.grad(lambda x: nd.sum(nd.vmap(lambda v: v.detach() * v)(x)))(x).tolist() == [2.0, 3.0]


REFUSED: dict[str, tuple[Callable[[Any], Any], type[Exception], str]] = {
    "vector result": (lambda x: nd.grad(lambda x: x * x)(x), RuntimeError, r"real scalar, got float64 of shape \(2,\)"),
    "complex result": (lambda x: nd.grad(lambda x: nd.sum(x * 1j))(x), RuntimeError, "real scalar, got complex128"),
    "integers": (lambda x: nd.grad(nd.sum)(nd.asarray([1, 2])), TypeError, "got int64"),
    "no tensor": (lambda x: nd.grad(lambda s, x: nd.sum(x))("a", x), TypeError, "got str; leave it out of argnums"),
    "argnums": (lambda x: nd.grad(nd.sum, 1)(x), ValueError, "1 positional arguments"),
    "twice": (lambda x: nd.grad(nd.add, (0, -2))(x, x), ValueError, "names an argument twice"),
    "aux": (lambda x: nd.grad(nd.sum, has_aux=True)(x), TypeError, "has_aux=True"),
    "cotangents": (lambda x: nd.vjp(lambda x: (x, x), x)[1](x), ValueError, "2 results, got 1 cotangents"),
    "cotangent shape": (lambda x: nd.vjp(nd.sin, x)[1](x[0]), ValueError, r"\(2,\); got \(\)"),
    "in place": (lambda x: nd.grad(lambda x: nd.sum(x.__iadd__(1.0)))(x), RuntimeError, "leaf"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_done_is_refused(case: str) -> None:
    call, error, message = REFUSED[case]
    with pytest.raises(error, match=message):
        call(constant([1.0, 2.0]))


# -- vjp ---------------------------------------------------------------------------------------------------------------


def test_vjp_pulls_back_any_number_of_times() -> None:
    x, y = constant([1.0, 2.0]), constant([3.0, 4.0])
    value, pull = nd.vjp(lambda x, y: {"p": x * y, "s": nd.sum(x)}, x, y)
    assert value["p"].tolist() == [3.0, 8.0]
    for scale in (1.0, 2.0):
        gx, gy = pull({"p": constant([scale, scale]), "s": constant(10.0)})
        assert gx.tolist() == [3.0 * scale + 10.0, 4.0 * scale + 10.0]
        assert gy.tolist() == [1.0 * scale, 2.0 * scale]


def test_vjp_has_aux() -> None:
    value, pull, aux = nd.vjp(lambda x: (x * x, "aux"), constant(3.0), has_aux=True)
    assert (value.tolist(), pull(constant(1.0))[0].tolist(), aux) == (9.0, 6.0, "aux")


# -- jacobians ---------------------------------------------------------------------------------------------------------


def mixed(x: Any, p: Any) -> Any:
    return {"y": nd.sin(x) * p["a"][0], "z": (nd.sum(x * x) * p["b"], nd.stack([x, x * x]))}


@pytest.mark.parametrize("argnums", [0, 1, (0, 1)])
def test_jacfwd_and_jacrev_agree_over_containers(argnums: Any) -> None:
    x, p = constant([0.5, 1.5, -1.0]), {"a": constant([2.0, 3.0]), "b": constant([[1.0], [2.0]])}
    forward, reverse = nd.jacfwd(mixed, argnums)(x, p), nd.jacrev(mixed, argnums)(x, p)
    found = list(zip(trees.flatten(forward), trees.flatten(reverse), strict=True))
    assert len(found) == 3 * {0: 1, 1: 2}.get(argnums, 3)
    for a, b in found:
        assert a.shape == b.shape
        assert nd.allclose(a, b) if hasattr(nd, "allclose") else nd.all(nd.abs(a - b) < 1e-12)


def test_a_jacobian_has_the_shape_of_result_and_argument() -> None:
    x = nd.ones((2, 3), dtype=nd.float64)
    f = lambda x: nd.sum(x, axis=1) * 2.0  # noqa: E731
    assert nd.jacrev(f)(x).shape == nd.jacfwd(f)(x).shape == (2, 2, 3)
    assert nd.jacrev(nd.sum)(x).shape == (2, 3)
    assert nd.hessian(nd.sum)(x).shape == (2, 3, 2, 3)


def test_jacobians_with_aux() -> None:
    f = lambda x: (x * x, {"x": x})  # noqa: E731
    x = constant([1.0, 2.0])
    for jacobian in (nd.jacrev, nd.jacfwd):
        j, aux = jacobian(f, has_aux=True)(x)
        assert j.tolist() == [[2.0, 0.0], [0.0, 4.0]]
        assert aux["x"].tolist() == [1.0, 2.0]


@pytest.mark.parametrize("jacobian", [nd.jacrev, nd.jacfwd, nd.hessian])
def test_jacobians_are_for_real_numbers(jacobian: Any) -> None:
    for f, x in ((nd.real, nd.asarray([1.0j])), (lambda x: x * 1j, constant([1.0]))):
        with pytest.raises((TypeError, RuntimeError), match="real"):
            jacobian(f)(x)


def test_a_hessian_over_containers_has_a_block_for_each_pair() -> None:
    h = nd.hessian(lambda p: nd.sum(p["a"] * p["a"]) * p["b"])({"a": constant([1.0, 2.0]), "b": constant(3.0)})
    assert h["a"]["a"].tolist() == [[6.0, 0.0], [0.0, 6.0]]
    assert h["a"]["b"].tolist() == h["b"]["a"].tolist() == [2.0, 4.0]
    assert h["b"]["b"].tolist() == 0.0


# -- nesting -----------------------------------------------------------------------------------------------------------

# Each turns a function of one element of a vector, applied to all, into its derivative along every element.
LAYERS: dict[str, Callable[[Any], Any]] = {
    "grad": lambda f: lambda x: nd.grad(lambda x: nd.sum(f(x)))(x),
    "vjp": lambda f: lambda x: nd.vjp(f, x)[1](nd.ones_like(x))[0],
    "jvp": lambda f: lambda x: nd.jvp(f, (x,), (nd.ones_like(x),))[1],
    "linearize": lambda f: lambda x: nd.linearize(f, x)[1](nd.ones_like(x)),
    "jacrev": lambda f: lambda x: nd.sum(nd.jacrev(f)(x), axis=1),
    "jacfwd": lambda f: lambda x: nd.sum(nd.jacfwd(f)(x), axis=1),
    "vmap": lambda f: lambda x: nd.vmap(f)(x[..., None])[..., 0],
    "vmap of grad": lambda f: lambda x: nd.vmap(nd.grad(lambda v: nd.sum(f(v))))(x[..., None])[..., 0],
    "backward": lambda f: lambda x: by_backward(f, x),
}
DERIVING = {name: name != "vmap" for name in LAYERS}


def by_backward(f: Any, x: Any) -> Any:
    with nd.enable_grad():
        x = x if x.requires_grad else nd.asarray(x, requires_grad=True)
        return nd.autograd.grad(nd.sum(f(x)), x, create_graph=True)[0]


def power(x: Any) -> Any:
    return x * x * nd.exp(2.0 * nd.log(x))  # x^4, by way of rules that save operands and results


EXPECTED = [lambda v: v**4, lambda v: 4 * v**3, lambda v: 12 * v**2, lambda v: 24 * v]


@pytest.mark.parametrize("names", list(itertools.product(LAYERS, LAYERS)), ids="-".join)
def test_two_transforms_nest(names: tuple[str, ...]) -> None:
    check_nested(names)


@pytest.mark.parametrize(
    "names", list(itertools.product(("grad", "jvp", "vmap", "jacrev", "jacfwd"), repeat=3)), ids="-".join
)
def test_three_transforms_nest(names: tuple[str, ...]) -> None:
    check_nested(names)


def check_nested(names: tuple[str, ...]) -> None:
    f: Any = power
    for name in reversed(names):
        f = LAYERS[name](f)
    expected = EXPECTED[sum(DERIVING[n] for n in names)]
    values = [0.5, 1.5, 2.0]
    assert f(constant(values)).tolist() == pytest.approx([expected(v) for v in values])


def test_a_gradient_flows_through_nested_transforms_to_a_leaf() -> None:
    for name in ("grad", "jvp", "vmap of grad", "jacrev", "jacfwd"):
        x = nd.asarray([0.5, 1.5], dtype=nd.float64, requires_grad=True)
        nd.sum(LAYERS[name](power)(x)).backward()
        assert x.grad.tolist() == pytest.approx([12 * v * v for v in (0.5, 1.5)]), name


def test_per_example_gradients_of_shared_parameters() -> None:
    w, xs = constant([1.0, -1.0]), constant([[1.0, 2.0], [3.0, 4.0]])
    loss = lambda w, x: nd.sum(nd.tanh(w * x) * x)  # noqa: E731
    mapped = nd.vmap(nd.grad(loss), in_axes=(None, 0))(w, xs)
    assert mapped.tolist() == [nd.grad(loss)(w, x).tolist() for x in xs]


@pytest.mark.parametrize("names", list(itertools.product(LAYERS, LAYERS)), ids="-".join)
def test_results_have_no_history_where_nothing_asked_for_one(names: tuple[str, ...]) -> None:
    f: Any = power
    for name in reversed(names):
        f = LAYERS[name](f)
    if names[0] != "backward":
        assert not f(constant([0.5, 1.5])).requires_grad


def test_hessian_vector_products_agree() -> None:
    f = lambda x: nd.sum(nd.sin(x) * x[0] * x)  # noqa: E731
    x, v = constant([0.5, 1.0, 2.0]), constant([1.0, -1.0, 0.5])
    forward = nd.jvp(nd.grad(f), (x,), (v,))[1]
    reverse = nd.vjp(nd.grad(f), x)[1](v)[0]
    full = nd.hessian(f)(x) @ v
    assert forward.tolist() == pytest.approx(full.tolist())
    assert reverse.tolist() == pytest.approx(full.tolist())
