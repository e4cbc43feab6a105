"""Values and gradients of linear algebra and Fourier transforms, beside PyTorch's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import ndgrad as nd

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.requires_torch
DTYPES = ("float64", "complex128")


def draw(shape: tuple[int, ...], dtype: str, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    x = random.standard_normal(shape)
    return x + 1j * random.standard_normal(shape) if dtype == "complex128" else x


def hermitian(x: Any) -> Any:
    return x + x.mT.conj()


def definite(x: Any) -> Any:
    return x @ x.mT.conj() + 1


def reconstructed(f: Any) -> Any:
    """What of eigenvectors does not depend on their phases."""
    w, v = f
    return w, (v * w[..., None, :]) @ v.mT.conj(), abs(v)


# name: function of the library's namespace and tensors, the shapes of its operands
CASES: dict[str, tuple[Callable[..., Any], Sequence[tuple[int, ...]]]] = {
    "matmul": (lambda xp, a, b: a @ b, [(3, 4), (4, 2)]),
    "matmul of vectors": (lambda xp, a, b: a @ b, [(4,), (4,)]),
    "matmul, a batch and a vector": (lambda xp, a, b: a @ b, [(2, 3, 4), (4,)]),
    "matmul, a vector and a batch": (lambda xp, a, b: a @ b, [(4,), (2, 4, 3)]),
    "matmul, batches that broadcast": (lambda xp, a, b: a @ b, [(2, 1, 3, 4), (5, 4, 2)]),
    "tensordot": (lambda xp, a, b: _tensordot(xp, a, b), [(2, 3, 4), (4, 3, 5)]),
    "einsum": (lambda xp, a, b, c: xp.einsum("...ij,jk,...ki->...k", a, b, c), [(2, 3, 4), (4, 5), (5, 3)]),
    "einsum, a diagonal": (lambda xp, a: xp.einsum("iji->j", a), [(3, 2, 3)]),
    "cross": (lambda xp, a, b: xp.linalg.cross(a, b), [(2, 3), (2, 3)]),
    "vecdot": (lambda xp, a, b: xp.linalg.vecdot(a, b), [(2, 3), (2, 3)]),
    "kron": (lambda xp, a, b: xp.kron(a, b), [(2, 3), (3, 2)]),
    "multi_dot": (lambda xp, a, b, c: xp.linalg.multi_dot([a, b, c]), [(3,), (3, 4), (4, 2)]),
    "cholesky": (lambda xp, a: xp.linalg.cholesky(definite(a)), [(2, 3, 3)]),
    "cholesky, upper": (lambda xp, a: xp.linalg.cholesky(definite(a), upper=True), [(3, 3)]),
    "det": (lambda xp, a: xp.linalg.det(a), [(2, 3, 3)]),
    "det of rank n - 1": (lambda xp, a: xp.linalg.det(xp.stack([a[0], a[1], a[0] + a[1]])), [(2, 3)]),
    "slogdet": (lambda xp, a: tuple(xp.linalg.slogdet(a)), [(2, 3, 3)]),
    "inv": (lambda xp, a: xp.linalg.inv(a), [(2, 3, 3)]),
    "solve": (lambda xp, a, b: xp.linalg.solve(a, b), [(2, 3, 3), (3, 2)]),
    "solve for a vector": (lambda xp, a, b: xp.linalg.solve(a, b), [(3, 3), (3,)]),
    "pinv, tall": (lambda xp, a: xp.linalg.pinv(a), [(4, 2)]),
    "pinv, wide": (lambda xp, a: xp.linalg.pinv(a), [(2, 2, 4)]),
    "eigh": (lambda xp, a: reconstructed(xp.linalg.eigh(hermitian(a))), [(2, 3, 3)]),
    "eigh, unsymmetrized": (lambda xp, a: xp.linalg.eigh(a)[0], [(3, 3)]),
    "eigh, vectors, unsymmetrized": (lambda xp, a: abs(xp.linalg.eigh(a)[1]), [(3, 3)]),
    "eigvalsh": (lambda xp, a: xp.linalg.eigvalsh(hermitian(a)), [(3, 3)]),
    "eig": (lambda xp, a: (lambda f: (f[0], abs(f[1])))(xp.linalg.eig(a)), [(3, 3)]),
    "eigvals": (lambda xp, a: xp.linalg.eigvals(a), [(2, 3, 3)]),
    "qr, tall": (lambda xp, a: tuple(xp.linalg.qr(a)), [(2, 4, 3)]),
    "qr, wide": (lambda xp, a: tuple(xp.linalg.qr(a)), [(2, 4)]),
    "qr, R alone": (lambda xp, a: xp.linalg.qr(a)[1], [(3, 3)]),
    "svd, tall": (lambda xp, a: _svd(xp, a), [(4, 3)]),
    "svd, wide": (lambda xp, a: _svd(xp, a), [(2, 2, 4)]),
    "svd, square": (lambda xp, a: _svd(xp, a), [(3, 3)]),
    "svd, values of the full form": (lambda xp, a: xp.linalg.svd(a)[1], [(4, 2)]),
    "svdvals": (lambda xp, a: xp.linalg.svdvals(a), [(3, 4)]),
    "matrix_power": (lambda xp, a: xp.linalg.matrix_power(a, 5), [(2, 3, 3)]),
    "matrix_power, negative": (lambda xp, a: xp.linalg.matrix_power(a, -3), [(3, 3)]),
    "lstsq": (lambda xp, a, b: xp.linalg.lstsq(a, b)[0], [(4, 2), (4, 3)]),
    "norm": (lambda xp, a: xp.linalg.norm(a), [(3, 4)]),
    "fft": (lambda xp, a: xp.fft.fft(a, n=5), [(3, 4)]),
    "ifft": (lambda xp, a: xp.fft.ifft(a, n=3, norm="ortho"), [(3, 4)]),
    "fftn": (lambda xp, a: xp.fft.fftn(a, s=(4, 2), norm="forward"), [(2, 3, 3)]),
    "ifftn": (lambda xp, a: xp.fft.ifftn(a), [(2, 3)]),
    "fft2": (lambda xp, a: xp.fft.fft2(a), [(2, 3, 3)]),
    "irfft": (lambda xp, a: xp.fft.irfft(a), [(2, 4)]),
    "irfft, odd": (lambda xp, a: xp.fft.irfft(a, n=5), [(2, 3)]),
    "irfftn": (lambda xp, a: xp.fft.irfftn(a), [(3, 4)]),
    "hfft": (lambda xp, a: xp.fft.hfft(a, n=5, norm="ortho"), [(2, 4)]),
}
for p in (0, 0.5, 1, 1.5, 2, 3, float("inf"), -float("inf"), -1):
    CASES[f"vector_norm of order {p}"] = (lambda xp, a, p=p: xp.linalg.vector_norm(a, ord=p), [(3, 4)])
for p in ("fro", "nuc", 1, -1, 2, -2, float("inf"), -float("inf")):
    CASES[f"matrix_norm of order {p}"] = (lambda xp, a, p=p: xp.linalg.matrix_norm(a, ord=p), [(2, 3, 4)])
REAL: dict[str, tuple[Callable[..., Any], Sequence[tuple[int, ...]]]] = {
    "rfft": (lambda xp, a: xp.fft.rfft(a), [(2, 4)]),
    "rfft, odd": (lambda xp, a: xp.fft.rfft(a, n=5, norm="ortho"), [(2, 4)]),
    "rfftn": (lambda xp, a: xp.fft.rfftn(a), [(3, 4)]),
    "rfft2": (lambda xp, a: xp.fft.rfft2(a, s=(3, 3)), [(2, 2, 4)]),
    "ihfft": (lambda xp, a: xp.fft.ihfft(a), [(5,)]),
}


def _tensordot(xp: Any, a: Any, b: Any) -> Any:
    pairs = ([1, 2], [1, 0])
    return xp.tensordot(a, b, dims=pairs) if xp is torch else xp.tensordot(a, b, axes=pairs)


def _svd(xp: Any, a: Any) -> Any:
    u, s, vh = xp.linalg.svd(a, full_matrices=False)
    return s, (u * (s * s)[..., None, :]) @ vh, abs(u), abs(vh)


def run(xp: Any, function: Callable[..., Any], arrays: Sequence[np.ndarray]) -> tuple[list[Any], list[Any]]:
    """Results, and the gradients of a loss that weighs every element of them differently."""
    inputs = [xp.asarray(a) for a in arrays]
    for x in inputs:
        x.requires_grad = True
    outs = function(xp, *inputs)
    outs = list(outs) if isinstance(outs, tuple) else [outs]
    loss = 0
    for y in outs:
        weights = np.cos(np.arange(np.prod(y.shape, dtype=int))).reshape(tuple(y.shape))
        if not (y.is_complex() if xp is torch else y.dtype.is_complex):
            loss = loss + (y * xp.asarray(weights)).sum()
        else:
            loss = loss + xp.real(y * xp.asarray(weights + 1j * np.sin(3 * weights))).sum()
    loss.backward()
    plain = (lambda t: t.detach().resolve_conj().numpy()) if xp is torch else (lambda t: np.asarray(t.detach()))
    gradients = [np.zeros(a.shape) if x.grad is None else plain(x.grad) for a, x in zip(arrays, inputs, strict=True)]
    return [plain(y) for y in outs], gradients


def compare(function: Callable[..., Any], arrays: Sequence[np.ndarray]) -> None:
    ours, theirs = run(nd, function, arrays), run(torch, function, arrays)
    for found, expected in zip(ours, theirs, strict=True):
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients_equal_pytorchs(name: str, dtype: str) -> None:
    function, shapes = CASES[name]
    arrays = [draw(shape, dtype, seed) for seed, shape in enumerate(shapes)]
    compare(function, arrays)


def test_the_gradient_of_cholesky_is_symmetric_as_pytorchs() -> None:
    compare(lambda xp, a: xp.linalg.cholesky(a), [definite(draw((3, 3), "float64", 0))])


@pytest.mark.parametrize("name", REAL)
def test_values_and_gradients_of_real_transforms_equal_pytorchs(name: str) -> None:
    function, shapes = REAL[name]
    compare(function, [draw(shape, "float64", seed) for seed, shape in enumerate(shapes)])


@pytest.mark.parametrize("order", [0, 0.5, 1, 1.5, 2, 3, float("inf"), -float("inf")])
@pytest.mark.parametrize("values", [[0.0, 0.0, 0.0], [0.0, 3.0, -4.0], [2.0, -2.0, 1.0]])
def test_subgradients_of_norms_equal_pytorchs(order: float, values: list[float]) -> None:
    compare(lambda xp, a: xp.linalg.vector_norm(a, ord=order), [np.array(values)])


@pytest.mark.parametrize("function", [
    lambda xp, a: abs(xp.linalg.svd(a, full_matrices=False)[0]),
    lambda xp, a: xp.linalg.svdvals(a),
    lambda xp, a: xp.linalg.eigvalsh(a),
])  # fmt: skip
def test_repeated_singular_values_behave_as_in_pytorch(function: Callable[..., Any]) -> None:
    with np.errstate(all="ignore"):
        _, (ours,) = run(nd, function, [np.eye(3)])
    _, (theirs,) = run(torch, function, [np.eye(3)])
    np.testing.assert_array_equal(np.isfinite(ours), np.isfinite(theirs))
    np.testing.assert_allclose(ours[np.isfinite(ours)], theirs[np.isfinite(theirs)], atol=1e-12)
