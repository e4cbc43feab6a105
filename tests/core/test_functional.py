"""nd.autograd.functional: derivatives at a point, in the form of torch.autograd.functional."""

import pytest

import ndgrad as nd
from ndgrad.autograd import functional as F

A, B = nd.asarray([1.0, 2.0, 3.0]), nd.asarray([[1.0, -1.0], [0.5, 2.0]])
VA, VB = nd.asarray([0.5, -1.0, 2.0]), nd.asarray([[1.0, 0.0], [2.0, -1.0]])


def pair(a, b):
    return a.exp() * b.sum(), (b @ b).sum(0)


def scalar(a, b):
    return (a**3).sum() * (b**2).sum()


def close(x, y):
    return nd.allclose(x, y, rtol=1e-5, atol=1e-5)


def test_a_jacobian_has_a_part_for_each_result_and_input():
    found = F.jacobian(pair, (A, B))
    expected = nd.jacrev(pair, argnums=(0, 1))(A, B)
    assert [[part.shape for part in row] for row in found] == [[(3, 3), (3, 2, 2)], [(2, 3), (2, 2, 2)]]
    assert all(close(x, y) for row, other in zip(found, expected, strict=True) for x, y in zip(row, other, strict=True))


def test_one_input_and_one_result_give_one_tensor():
    assert F.jacobian(lambda x: x * x, A).tolist() == [[2, 0, 0], [0, 4, 0], [0, 0, 6]]


def test_a_hessian_is_nested_as_the_inputs_are():
    found, expected = F.hessian(scalar, (A, B)), nd.hessian(scalar, argnums=(0, 1))(A, B)
    assert all(close(found[i][j], expected[i][j]) for i in range(2) for j in range(2))


def test_products_with_the_hessian_need_not_make_it():
    (aa, ab), (ba, bb) = F.hessian(scalar, (A, B))
    value, (of_a, of_b) = F.vhp(scalar, (A, B), (VA, VB))
    assert close(value, scalar(A, B))
    assert close(of_a, nd.tensordot(aa, VA, axes=1) + nd.tensordot(ab, VB, axes=2))
    assert close(of_b, nd.tensordot(ba, VA, axes=1) + nd.tensordot(bb, VB, axes=2))
    assert all(map(close, F.hvp(scalar, (A, B), (VA, VB))[1], (of_a, of_b)))


def test_products_with_the_jacobian_agree_from_both_sides():
    _, (of_a, of_b) = F.vjp(pair, (A, B), (VA, VB[0]))
    _, (first, second) = F.jvp(pair, (A, B), (VA, VB))
    assert close((of_a * VA).sum() + (of_b * VB).sum(), (first * VA).sum() + (second * VB[0]).sum())


def test_results_are_constants_unless_the_graph_is_wanted():
    x = nd.asarray([1.0, 2.0], requires_grad=True)
    assert not F.jacobian(lambda x: x**3, x).requires_grad
    F.jacobian(lambda x: x**3, x, create_graph=True).sum().backward()
    assert x.grad.tolist() == [6, 12]


def test_what_does_not_depend_on_an_input_has_a_derivative_of_zero():
    assert F.jacobian(lambda a, b: a * 2, (A, B))[1].tolist() == nd.zeros(3, 2, 2).tolist()


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (lambda: F.jacobian(lambda a, b: a * 2, (A, B), strict=True), "does not depend on input 1"),
        (lambda: F.jacobian(lambda a: a.detach(), A, strict=True), "a result does not depend on the inputs"),
        (lambda: F.hessian(lambda a: a * 2, A), r"func must return one tensor of one element, got \(3,\)"),
        (lambda: F.vjp(lambda a: a * 2, A), "v may only be left out"),
        (lambda: F.vhp(lambda a: a.sum(), A, A[:2]), r"v has shapes \[\(2,\)\], wanted \[\(3,\)\]"),
        (lambda: F.jvp(lambda a: a, 1.0), "inputs must be tensors, got float at place 0"),
    ],
)
def test_bad_input_is_named(bad, message):
    with pytest.raises((nd.AutogradError, TypeError, ValueError), match=message):
        bad()
