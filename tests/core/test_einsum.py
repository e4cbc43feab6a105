"""Einstein sums: values against NumPy's, gradients against those of the same sum written out, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import ndgrad as nd

SUMS: list[tuple[str, list[tuple[int, ...]]]] = [
    ("i->i", [(3,)]),
    ("i->", [(3,)]),
    ("ij->ji", [(2, 3)]),
    ("ij", [(2, 3)]),
    ("ba", [(2, 3)]),
    ("ii->i", [(3, 3)]),
    ("ii", [(3, 3)]),
    ("iji->j", [(3, 2, 3)]),
    ("iii->i", [(2, 2, 2)]),
    ("i,i->", [(3,), (3,)]),
    ("i,j->ij", [(3,), (2,)]),
    ("i,j->", [(3,), (2,)]),
    ("ij,jk->ik", [(2, 3), (3, 4)]),
    ("ij,kj->ki", [(2, 3), (4, 3)]),
    ("ij,jk", [(2, 3), (3, 4)]),
    ("ij,ij->i", [(2, 3), (2, 3)]),
    ("bij,bjk->bik", [(5, 2, 3), (5, 3, 4)]),
    ("bij,jk->kbi", [(5, 2, 3), (3, 4)]),
    ("bhqd,bhkd->bhqk", [(2, 3, 4, 5), (2, 3, 6, 5)]),
    ("ijk,kl,lm->ijm", [(2, 3, 4), (4, 5), (5, 2)]),
    ("ij,jk,kl,lm->im", [(2, 9), (9, 2), (2, 9), (9, 2)]),
    ("i,i,i->i", [(3,), (3,), (3,)]),
    ("...ij,...jk->...ik", [(2, 1, 3, 4), (5, 4, 2)]),
    ("...,...->...", [(2, 3), (3,)]),
    ("i...->...", [(2, 3, 4)]),
    ("...i->i...", [(2, 3, 4)]),
    ("...ii->...", [(2, 3, 3)]),
    ("...i,ij", [(2, 3), (3, 4)]),
    ("ij,j->i", [(2, 1), (3,)]),
    ("ij,->ij", [(2, 3), ()]),
    (" i j , j k -> i k ", [(2, 3), (3, 4)]),
    ("Zz,zA->ZA", [(2, 3), (3, 4)]),
    ("ij,jk->ik", [(0, 3), (3, 4)]),
    ("ij,jk->ik", [(2, 0), (0, 4)]),
]  # fmt: skip


def draw(shapes: list[tuple[int, ...]], dtype: str = "complex128") -> list[np.ndarray]:
    random = np.random.default_rng(0)
    return [(random.standard_normal(s) + 1j * random.standard_normal(s)).astype(dtype) for s in shapes]


@pytest.mark.parametrize(("equation", "shapes"), SUMS, ids=[f"{e} {s}" for e, s in SUMS])
def test_values_and_gradients(equation: str, shapes: list[tuple[int, ...]]) -> None:
    arrays = draw(shapes)
    expected = np.einsum(equation, *arrays)
    tensors = [nd.asarray(a, requires_grad=True) for a in arrays]
    y = nd.einsum(equation, *tensors)
    assert y.shape == expected.shape
    np.testing.assert_allclose(y.detach(), expected, atol=1e-12)
    # the sum is linear in each operand, so <g, y> is <gradient, operand> for each of them
    g = draw([expected.shape])[0]
    y.backward(nd.asarray(g))
    for a, x in zip(arrays, tensors, strict=True):
        assert x.grad.shape == a.shape
        np.testing.assert_allclose(np.vdot(x.grad, a), np.vdot(g, expected), atol=1e-10)


@pytest.mark.parametrize(("args", "equation"), [
    ([[0, 1], [1, 2], [0, 2]], "ab,bc->ac"),
    ([[0, 1], [1, 2]], "ab,bc"),
    ([[..., 1], [1, 2], [2, ...]], "...b,bc->c..."),
])  # fmt: skip
def test_the_interleaved_form(args: list[Any], equation: str) -> None:
    a, b = (nd.asarray(x) for x in draw([(2, 3), (3, 4)]))
    found = nd.einsum(a, args[0], b, args[1], *args[2:])
    np.testing.assert_allclose(found, nd.einsum(equation, a, b))


def test_operands_may_come_as_a_list() -> None:
    a, b = (nd.asarray(x) for x in draw([(2, 3), (3, 4)]))
    np.testing.assert_allclose(nd.einsum("ij,jk", [a, b]), nd.einsum("ij,jk", a, b))


def test_dtypes_promote_and_integers_stay_what_they_are() -> None:
    a, b = nd.ones((2, 3), dtype=nd.float32), nd.ones((3, 2), dtype=nd.float64)
    assert nd.einsum("ij,jk", a, b).dtype is nd.float64
    assert nd.einsum("ij->i", nd.ones((2, 3), dtype=nd.int8)).dtype is nd.int8


@pytest.mark.parametrize(("equation", "shapes", "message"), [
    ("ij,jk->ik", [(2, 3)], "has 2 terms, but 1 operands were given"),
    ("ij->ij", [(2, 3, 4)], r"term 'ij' .* shape \(2, 3, 4\)"),
    ("ijk->i", [(2, 3)], r"term 'ijk' .* shape \(2, 3\)"),
    ("ij,jk->ik", [(2, 3), (4, 5)], "index 'j' .* has lengths 3 and 4"),
    ("ij->ik", [(2, 3)], "index 'k' of the result .* occurs in no operand"),
    ("ij->ii", [(2, 3)], "index 'i' occurs twice in the result"),
    ("i1->i", [(2, 3)], "'1' in 'i1->i' is no index"),
    ("...i->i", [(2, 3)], "hold"),
])  # fmt: skip
def test_malformed_equations_are_named(equation: str, shapes: list[tuple[int, ...]], message: str) -> None:
    if message == "hold":  # axes that the result leaves out are summed over
        np.testing.assert_array_equal(nd.einsum(equation, nd.ones(shapes[0])), [2.0, 2.0, 2.0])
        return
    with pytest.raises(ValueError, match=message):
        nd.einsum(equation, *[nd.ones(s) for s in shapes])


def test_operands_must_be_tensors() -> None:
    with pytest.raises(TypeError, match=r"got ndarray; write nd\.asarray"):
        nd.einsum("i->i", np.ones(3))
