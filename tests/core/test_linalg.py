"""Linear algebra where a generated test does not reach: Hermitian arguments, singular matrices, errors, halves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import ndgrad as nd
from ndgrad import linalg as la

DTYPES = ("float64", "complex128")
STEP = 1e-6


def draw(*shape: int, dtype: str = "float64", seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    x = random.standard_normal(shape)
    return x + 1j * random.standard_normal(shape) if dtype.startswith("complex") else x


def leaf(x: np.ndarray) -> nd.Tensor:
    return nd.asarray(x, requires_grad=True)


def weighted(*outs: nd.Tensor) -> nd.Tensor:
    """A real number that every element of the results enters with its own weight."""
    total = nd.asarray(0.0, dtype=nd.float64)
    for y in outs:
        w = np.cos(np.arange(y.size)).reshape(y.shape)
        total = total + nd.sum(nd.real(y * nd.asarray(w + 1j * w**2 if y.dtype.is_complex else w)))
    return total


def check_to_second_order(loss: Callable[[nd.Tensor], nd.Tensor], x: np.ndarray) -> None:
    """Compare the gradient, and its directional derivative, with central differences along a random direction."""
    direction = draw(*x.shape, dtype=str(x.dtype), seed=9)

    def gradient(at: np.ndarray, create_graph: bool = False) -> Any:
        point = leaf(at)
        (g,) = nd.autograd.grad(loss(point), [point], create_graph=create_graph)
        return point, g

    def along(g: Any) -> float:
        return float((np.conj(np.asarray(g)) * direction).real.sum())

    ahead, behind = x + STEP * direction, x - STEP * direction
    difference = (float(loss(nd.asarray(ahead))) - float(loss(nd.asarray(behind)))) / (2 * STEP)
    point, g = gradient(x, create_graph=True)
    assert along(g.detach()) == pytest.approx(difference, rel=1e-6, abs=1e-7)
    (second,) = nd.autograd.grad(weighted(g), [point])
    difference = (float(weighted(gradient(ahead)[1])) - float(weighted(gradient(behind)[1]))) / (2 * STEP)
    assert along(second) == pytest.approx(difference, rel=1e-5, abs=1e-6)


def hermitian(x: nd.Tensor) -> nd.Tensor:
    return x + nd.conj(x.mT)


def definite(x: nd.Tensor) -> nd.Tensor:
    return x @ nd.conj(x.mT) + nd.eye(x.shape[-1], dtype=x.dtype)


def projectors(x: nd.Tensor) -> nd.Tensor:
    values, v = nd.linalg.eigh(hermitian(x))
    return (v * nd.expand_dims(values**3, axis=-2)) @ nd.conj(v.mT)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", [
    lambda x: weighted(nd.linalg.cholesky(definite(x))),
    lambda x: weighted(nd.linalg.cholesky(definite(x), upper=True)),
    lambda x: weighted(nd.linalg.eigvalsh(hermitian(x))),
    lambda x: weighted(nd.linalg.eigh(hermitian(x)).eigenvalues, projectors(x)),
    lambda x: weighted(nd.abs(nd.linalg.eigh(hermitian(x)).eigenvectors)),
], ids=["cholesky", "cholesky upper", "eigvalsh", "eigh", "eigenvectors"])  # fmt: skip
def test_derivatives_at_hermitian_matrices(loss: Callable[[nd.Tensor], nd.Tensor], dtype: str) -> None:
    check_to_second_order(loss, draw(2, 3, 3, dtype=dtype))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", [
    lambda x: weighted(nd.linalg.matrix_power(x, 3)),
    lambda x: weighted(nd.linalg.matrix_power(x, -2)),
    lambda x: weighted(nd.linalg.trace(x @ x, offset=1)),
    lambda x: weighted(nd.linalg.matrix_norm(x, ord="nuc")),
    lambda x: weighted(nd.linalg.matrix_norm(x, ord=-2)),
    lambda x: weighted(nd.linalg.matrix_norm(x, ord=1, keepdims=True)),
    lambda x: weighted(nd.linalg.lstsq(x[..., :2], x).solution),
    lambda x: weighted(nd.kron(x[0], x[1]), nd.outer(x[0, 0], x[1, 1]), nd.inner(x, x)),
    lambda x: weighted(nd.tensordot(x, x, axes=([0, 2], [0, 1])), nd.linalg.multi_dot([x[0, 0], x[0], x[1]])),
    lambda x: weighted(nd.addmm(x[0], x[0], x[1], beta=0.5, alpha=2.0)),
], ids=range(10))  # fmt: skip
def test_derivatives_of_what_is_composed(loss: Callable[[nd.Tensor], nd.Tensor], dtype: str) -> None:
    check_to_second_order(loss, draw(2, 3, 3, dtype=dtype))


# -- singular matrices -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_gradient_of_det_at_singular_matrices_is_the_cofactors(dtype: str) -> None:
    x = draw(3, 3, dtype=dtype)
    x[2] = x[0] + x[1]
    check_to_second_order(lambda t: nd.real(nd.linalg.det(t)), x)
    zero = leaf(np.zeros((3, 3)))
    nd.linalg.det(zero).backward()
    np.testing.assert_array_equal(zero.grad, np.zeros((3, 3)))


def test_det_of_the_identity_has_second_derivatives() -> None:
    check_to_second_order(nd.linalg.det, np.eye(3))


def test_slogdet_of_a_singular_matrix_has_a_value_but_no_gradient() -> None:
    x = leaf(np.ones((2, 2)))
    sign, log = nd.linalg.slogdet(x)
    assert float(sign) == 0
    assert float(log) == -np.inf
    with pytest.raises(nd.linalg.LinAlgError, match=r"linalg\.inv: singular matrix; got shape \(2, 2\)"):
        log.backward()


def test_pinv_and_rank_of_a_matrix_of_lower_rank() -> None:
    x = draw(4, 2) @ draw(2, 3, seed=1)
    t = nd.asarray(x)
    assert int(nd.linalg.matrix_rank(t)) == 2
    np.testing.assert_allclose(nd.linalg.pinv(t), np.linalg.pinv(x, rtol=1e-12), atol=1e-12)
    assert nd.linalg.matrix_rank(t, rtol=nd.asarray(1e9, dtype=nd.float64)).tolist() == 0


# -- choices that factorizations leave open ----------------------------------------------------------------------------


@pytest.mark.parametrize("loss", [
    lambda x: weighted(nd.linalg.eigh(hermitian(x)).eigenvectors),
    lambda x: weighted(nd.linalg.eig(x).eigenvectors),
    lambda x: weighted(nd.linalg.svd(x, full_matrices=False).U),
])  # fmt: skip
def test_a_loss_that_depends_on_phases_is_refused(loss: Callable[[nd.Tensor], nd.Tensor]) -> None:
    with pytest.raises(nd.AutogradError, match="which depends on the phase of the vectors"):
        loss(leaf(draw(3, 3, dtype="complex128"))).backward()


def test_factors_that_are_not_unique_have_no_gradient() -> None:
    x = leaf(draw(4, 2))
    with pytest.raises(nd.AutogradError, match="write full_matrices=False"):
        nd.sum(nd.linalg.svd(x).U).backward()
    with pytest.raises(nd.AutogradError, match="write mode='reduced'"):
        nd.sum(nd.linalg.qr(x, mode="complete").Q).backward()
    nd.sum(nd.linalg.svd(x).S).backward()
    np.testing.assert_allclose(nd.linalg.matrix_norm(x.grad), np.sqrt(2))


# -- norms -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [0, 0.5, 1, 2, 2.5, 3, np.inf])
def test_the_gradient_of_a_norm_at_zero_is_finite(order: float) -> None:
    x = leaf(np.zeros(3))
    nd.linalg.vector_norm(x, ord=order).backward()
    np.testing.assert_array_equal(x.grad, np.zeros(3))


def test_elements_that_tie_for_the_largest_share_the_gradient() -> None:
    x = leaf(np.array([2.0, -2.0, 1.0]))
    nd.linalg.vector_norm(x, ord=np.inf).backward()
    assert x.grad.tolist() == [0.5, -0.5, 0.0]


def test_norm_reads_its_arguments_as_pytorch_does() -> None:
    x = draw(2, 3, 4)
    t = nd.asarray(x)
    np.testing.assert_allclose(nd.linalg.norm(t), np.linalg.norm(x.ravel()))
    for kwargs in ({"axis": 1}, {"ord": 1, "axis": 1}, {"ord": 1, "axis": (0, 2)}, {"ord": "nuc", "axis": (2, 0)}):
        np.testing.assert_allclose(nd.linalg.norm(t, **kwargs), np.linalg.norm(x, **kwargs))
    np.testing.assert_allclose(nd.linalg.norm(t, 2, (0, 1), keepdims=True), np.linalg.norm(x, 2, (0, 1), keepdims=True))
    with pytest.raises(ValueError, match="needs axis="):
        nd.linalg.norm(t, 2)
    with pytest.raises(ValueError, match="a norm of matrices"):
        nd.linalg.norm(t, "nuc", 1)


def test_a_norm_over_no_axes_is_the_magnitude() -> None:
    np.testing.assert_array_equal(nd.linalg.vector_norm(nd.asarray([-1.0, 2.0]), axis=()), [1.0, 2.0])
    assert float(nd.linalg.vector_norm(nd.asarray(-3.0))) == 3


# -- products ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_halves_are_accumulated_in_float32(dtype: str) -> None:
    ones = nd.ones((1, 4096), dtype=dtype)
    for product in (ones @ ones.mT, nd.vecdot(ones, ones), nd.linalg.vector_norm(ones) ** 2):
        assert product.dtype.name == dtype
        assert float(nd.sum(product)) == 4096
    x = nd.ones((2, 3), dtype=dtype, requires_grad=True)
    nd.sum(x @ nd.ones((3, 2), dtype=dtype)).backward()
    assert x.grad.dtype.name == dtype


def test_an_operand_that_broadcasts_gets_the_sum() -> None:
    a, b = leaf(draw(3, 4)), leaf(draw(5, 1, 4, 2, seed=1))
    nd.sum(a @ nd.broadcast_to(b, (5, 6, 4, 2))).backward()
    np.testing.assert_allclose(a.grad, np.broadcast_to(6 * np.asarray(b.detach()).sum(axis=(0, 1, 3)), (3, 4)))
    assert b.grad.shape == (5, 1, 4, 2)


@pytest.mark.parametrize(("shapes", "message"), [
    (((2, 3), (4, 5)), r"\(2, 3\) and \(4, 5\) do not fit: the last axis of x1 \(3\) .* of x2 \(4\)"),
    (((3,), (4,)), r"the only axis of x2 \(4\)"),
    (((2, 3, 4), (3, 4, 5)), r"leading axes of shapes \(2, 3, 4\) and \(3, 4, 5\) do not broadcast"),
    (((), (2,)), r"need one or more dimensions.* write x1 \* x2"),
])  # fmt: skip
def test_matmul_names_the_shapes_that_do_not_fit(shapes: Any, message: str) -> None:
    a, b = map(nd.zeros, shapes)
    with pytest.raises(ValueError, match=message):
        nd.matmul(a, b)
    with pytest.raises(ValueError, match=message):
        a @ b


def test_a_row_of_the_diagonal_is_a_view() -> None:
    x = nd.zeros((3, 3))
    nd.linalg.diagonal(x)[...] = 1.0
    np.testing.assert_array_equal(x, np.eye(3))


# -- errors ------------------------------------------------------------------------------------------------------------

SINGULAR = nd.ones((2, 2))
REFUSED: list[tuple[str, Callable[[], Any], type[Exception], str]] = [
    ("inv of a singular matrix", lambda: la.inv(SINGULAR), la.LinAlgError, r"linalg\.inv.*\(2, 2\)"),
    ("inv, not square", lambda: la.inv(nd.ones((2, 3))), la.LinAlgError, r"linalg\.inv.*\(2, 3\)"),
    ("inv of a vector", lambda: la.inv(nd.ones(3)), la.LinAlgError, r"linalg\.inv.*\(3,\)"),
    ("inv of integers", lambda: la.inv(nd.ones((2, 2), dtype=nd.int32)), TypeError, "int32.*x.to"),
    ("inv of halves", lambda: la.inv(nd.ones((2, 2), dtype=nd.float16)), TypeError, "float16"),
    ("inv of a list", lambda: la.inv([[1.0]]), TypeError, r"list; write nd\.asarray"),
    ("singular solve", lambda: la.solve(SINGULAR, SINGULAR), la.LinAlgError, r"linalg\.solve"),
    ("solve of misfits", lambda: la.solve(nd.eye(2), nd.ones((3, 1))), la.LinAlgError, r"\(2, 2\) and \(3, 1\)"),
    ("cholesky, indefinite", lambda: la.cholesky(-nd.eye(2)), la.LinAlgError, "cholesky.*positive definite"),
    ("svd of NaN", lambda: la.svd(nd.full((2, 2), nd.nan)), la.LinAlgError, r"linalg\.svd.*\(2, 2\)"),
    ("an unknown qr mode", lambda: la.qr(nd.eye(2), mode="full"), ValueError, "'reduced' or 'complete'"),
    ("an unknown order", lambda: la.matrix_norm(nd.eye(2), ord=3), ValueError, "got 3"),
    ("cross of 2-vectors", lambda: nd.cross(nd.ones(2), nd.ones(2)), ValueError, r"length 3 along axis -1"),
    ("vecdot of misfits", lambda: nd.vecdot(nd.ones(2), nd.ones(3)), ValueError, r"\(2,\) and \(3,\)"),
    ("vecdot out of range", lambda: nd.vecdot(nd.ones(2), nd.ones(2), axis=-2), IndexError, "axis -2"),
    ("tensordot of misfits", lambda: nd.tensordot(nd.ones((2, 3)), nd.ones((2, 3)), axes=1), ValueError, r"\(2, 3\)"),
    ("outer of matrices", lambda: nd.outer(nd.eye(2), nd.eye(2)), ValueError, r"1 and 1 dimensions.*\(2, 2\)"),
    ("mm of a batch", lambda: nd.mm(nd.ones((1, 2, 2)), nd.eye(2)), ValueError, r"2 and 2 dimensions"),
    ("bmm of two batches", lambda: nd.bmm(nd.ones((2, 2, 2)), nd.ones((3, 2, 2))), ValueError, "batches of 2 and 3"),
    ("a fractional power", lambda: la.matrix_power(nd.eye(2), 0.5), TypeError, "integer"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_bad_arguments_are_named(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_errors_of_linear_algebra_are_value_errors() -> None:
    assert issubclass(nd.linalg.LinAlgError, ValueError)


@pytest.mark.parametrize("shape", [(0, 0), (0, 3, 3), (2, 0, 0)])
def test_empty_matrices_and_batches(shape: tuple[int, ...]) -> None:
    x = nd.zeros(shape)
    assert nd.linalg.inv(x).shape == shape
    assert nd.linalg.det(x).tolist() == np.linalg.det(np.zeros(shape)).tolist()
    assert nd.linalg.svdvals(x).shape == shape[:-1]
    assert nd.linalg.pinv(x).shape == shape
    assert nd.linalg.matrix_rank(x).tolist() == np.zeros(shape[:-2]).tolist()
    assert nd.linalg.matrix_power(x, 0).shape == shape


def test_lstsq_of_a_vector_is_that_of_a_column() -> None:
    a, b = nd.asarray([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]]), nd.asarray([1.0, 2.0, 4.0])
    vector, matrix = nd.linalg.lstsq(a, b), nd.linalg.lstsq(a, b[:, None])
    assert vector.solution.shape == (2,)
    assert vector.solution.tolist() == matrix.solution[:, 0].tolist()
    assert vector.residuals.tolist() == matrix.residuals.tolist()


def test_lstsq_can_be_mapped() -> None:
    a, b = nd.reshape(nd.asarray([float(i * i % 7) for i in range(24)]), (2, 4, 3)), nd.ones((2, 4, 1))
    mapped = nd.vmap(lambda a, b: nd.linalg.lstsq(a, b).solution)(a, b)
    assert nd.all(nd.abs(mapped - nd.linalg.lstsq(a, b).solution) < 1e-5)


@pytest.mark.parametrize("order", [1, 2, 3, float("inf"), -float("inf")])
def test_tangents_of_norms_have_no_history(order: float) -> None:
    x = nd.asarray([[1.0, 2.0], [4.0, -3.0]])
    _, moved = nd.jvp(lambda x: nd.linalg.vector_norm(x, axis=1, ord=order), (x,), (x,))
    assert not moved.requires_grad


def test_the_exponential_of_a_matrix_is_scipys():
    scipy = pytest.importorskip("scipy.linalg")
    random = np.random.default_rng(0)
    for size in (0.01, 1.0, 30.0):
        x = random.standard_normal((2, 4, 4)) * size
        np.testing.assert_allclose(np.asarray(nd.linalg.matrix_exp(nd.asarray(x))), scipy.expm(x), rtol=1e-9)
    z = random.standard_normal((3, 3)) + 1j * random.standard_normal((3, 3))
    np.testing.assert_allclose(np.asarray(nd.linalg.matrix_exp(nd.asarray(z))), scipy.expm(z), rtol=1e-12)
    assert nd.linalg.matrix_exp(nd.zeros((0, 0))).shape == (0, 0)


@pytest.mark.parametrize("upper", [True, False])
@pytest.mark.parametrize("left", [True, False])
@pytest.mark.parametrize("unit", [True, False])
def test_a_triangular_system_reads_one_triangle(upper, left, unit):
    random = np.random.default_rng(0)
    a, b = random.standard_normal((3, 3)) + 3 * np.eye(3), random.standard_normal((3, 3))
    triangle = (np.triu if upper else np.tril)(a)
    if unit:
        np.fill_diagonal(triangle, 1.0)
    x = np.asarray(nd.linalg.solve_triangular(nd.asarray(a), nd.asarray(b), upper=upper, left=left, unitriangular=unit))
    np.testing.assert_allclose(triangle @ x if left else x @ triangle, b, atol=1e-12)


@pytest.mark.parametrize("p", [None, 2, -2, 1, "fro", "nuc", float("inf")])
def test_condition_numbers_are_numpys(p):
    x = np.random.default_rng(0).standard_normal((2, 3, 3))
    np.testing.assert_allclose(np.asarray(nd.linalg.cond(nd.asarray(x), p)), np.linalg.cond(x, p))
