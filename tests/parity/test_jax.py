"""Values, derivatives of every mode and order, and nested transforms, beside JAX's: same programs, same numbers.

JAX pulls cotangents back by the transpose, ndgrad and PyTorch by its conjugate: ``ours(g) == conj(theirs(conj(g)))``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest

import ndgrad as nd

os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")  # compiling takes longer than running
jax = pytest.importorskip("jax", reason="JAX is not installed")
jax.config.update("jax_enable_x64", True)
jnp = jax.numpy

pytestmark = [pytest.mark.requires_jax, pytest.mark.filterwarnings("ignore")]

TOLERANCES = {"float32": (2e-4, 2e-5), "complex64": (2e-4, 2e-5), "float64": (1e-8, 1e-10), "complex128": (1e-8, 1e-10)}


# -- two libraries under one spelling ----------------------------------------------------------------------------------


class Jax:
    """JAX's functions under the names that ndgrad has for them."""

    hardtanh = staticmethod(jax.nn.hard_tanh)
    logsigmoid = staticmethod(jax.nn.log_sigmoid)
    softsign = staticmethod(jax.nn.soft_sign)
    gelu = staticmethod(lambda x: jax.nn.gelu(x, approximate=False))

    def __init__(self, *places: Any) -> None:
        self.places = places

    def __getattr__(self, name: str) -> Any:
        if name == "special":
            return Jax(jax.scipy.special, jnp, jax.nn)
        return next(getattr(place, name) for place in self.places if hasattr(place, name))


def written(x: Any, key: Any, value: Any) -> Any:
    """``x`` with ``value`` at ``key``: a write for ndgrad, a new array for JAX."""
    if isinstance(x, nd.Tensor):
        y = nd.asarray(x, copy=True)
        y[key] = value
        return y
    return x.at[key].set(value)


def added(x: Any, axis: int, index: Any, source: Any) -> Any:
    """``x`` with ``source`` added at the places ``index`` along ``axis``."""
    if isinstance(x, nd.Tensor):
        return nd.index_add(x, axis, nd.asarray(index), source)
    return x.at[(slice(None),) * axis + (index,)].add(source)


def indices(xp: Any, values: Any) -> Any:
    return nd.asarray(values) if xp is nd else np.asarray(values)


def definite(x: Any) -> Any:
    n = x.shape[-1]
    return x @ x.mT.conj() + n * _eye(x)


def _eye(x: Any) -> Any:
    return nd.eye(x.shape[-1], dtype=x.dtype) if isinstance(x, nd.Tensor) else jnp.eye(x.shape[-1], dtype=x.dtype)


def regular(x: Any) -> Any:
    return x + 3 * _eye(x)


# -- the table ---------------------------------------------------------------------------------------------------------


class Operand(NamedTuple):
    shape: tuple[int, ...] = (3, 4)
    low: float = -2.0
    high: float = 2.0


class Case(NamedTuple):
    function: Callable[..., Any]  # of the library and the operands
    operands: tuple[Operand, ...] = (Operand(),)
    is_complex: bool = True  # also for complex operands
    order: int = 2  # how often it is differentiated


def by_name(name: str) -> Callable[..., Any]:
    """The library's function at a dotted path."""

    def call(xp: Any, *arrays: Any, **options: Any) -> Any:
        for part in name.split("."):
            xp = getattr(xp, part)
        return xp(*arrays, **options)

    return call


def each(
    names: str, operands: tuple[Operand, ...] = (Operand(),), is_complex: bool = True, *, place: str = ""
) -> dict[str, Case]:
    """A case for each of some functions, which stand in the same place."""
    return {name: Case(by_name(place + name), operands, is_complex) for name in names.split()}


def reducing(names: str, *, is_complex: bool = True, **options: Any) -> dict[str, Case]:
    """A case for each of some reductions with the same options."""

    def case(name: str) -> Case:
        return Case(lambda xp, x: getattr(xp, name)(x, **options), shaped((2, 3, 4)), is_complex)

    said = ", ".join(f"{key}={value}" for key, value in options.items())
    return {f"{name}, {said}": case(name) for name in names.split()}


def within(low: float, high: float, shape: tuple[int, ...] = (3, 4)) -> tuple[Operand, ...]:
    return (Operand(shape, low, high),)


def shaped(*shapes: tuple[int, ...]) -> tuple[Operand, ...]:
    return tuple(Operand(shape) for shape in shapes)


ANY, POSITIVE, UNIT, ABOVE_ONE = within(-2, 2), within(0.2, 3), within(-0.9, 0.9), within(1.2, 3)
POSITIVES = (Operand((3, 4), 0.3, 3), Operand((4,), 0.3, 3))

ELEMENTWISE: dict[str, Case] = {
    **each("sin cos tan sinh cosh tanh asinh atan exp expm1 negative positive square abs conj real imag"),
    **each("log log1p log2 log10 sqrt reciprocal", POSITIVE),
    **each("asin acos atanh", UNIT),
    **each("acosh", ABOVE_ONE),
    **each("sign ceil floor trunc round", ANY, False),
    **each("add subtract multiply", shaped((3, 4), (4,))),
    **each("atan2 hypot logaddexp maximum minimum copysign", shaped((3, 4), (3, 1)), False),
    **each("remainder floor_divide", POSITIVES, False),
    "divide": Case(by_name("divide"), (Operand(), Operand((3, 1), 0.5, 2))),
    "pow": Case(by_name("pow"), POSITIVES),
    "pow of a scalar": Case(lambda xp, x: 2.0**x + x**3 + x**-2, POSITIVE),
    "pow 0.5": Case(lambda xp, x: x**0.5, POSITIVE),
    "clip": Case(lambda xp, x: xp.clip(x, -0.5, 1.0), is_complex=False),
    "where": Case(lambda xp, x, y: xp.where(xp.real(x) > 0.3, x * y, y), shaped((3, 4), (4,))),
    "complex from parts": Case(lambda xp, x, y: x + 1j * y, shaped((3, 4), (4,))),
    "comparisons": Case(lambda xp, x, y: (x < y) + 2 * (x >= y) + 4 * (x == y), shaped((3, 4), (4,)), False, 0),
    "polynomial": Case(lambda xp, x: 1 + x * (2 - x * (3 + x * x)) / 2),
}

SPECIAL: dict[str, Case] = {
    **each("erf erfc expit ndtr log_ndtr i0 i0e i1 i1e sinc logsumexp", ANY, False, place="special."),
    **each("gammaln digamma gamma entr expi", POSITIVE, False, place="special."),
    **each("erfinv", UNIT, False, place="special."),
    **each("logit ndtri", within(0.1, 0.9), False, place="special."),
    **each("xlogy xlog1py rel_entr kl_div beta betaln poch", POSITIVES, False, place="special."),
    **each("relu relu6 sigmoid silu gelu softplus leaky_relu elu mish hardtanh logsigmoid softsign", ANY, False),
    "spence": Case(by_name("special.spence"), POSITIVE, False, 0),  # JAX's derivative is NaN in places
    "exp1": Case(by_name("special.exp1"), POSITIVE, False, 1),  # JAX fails in the second one
    "betainc": Case(lambda xp, x: xp.special.betainc(2.5, 1.5, x), within(0.1, 0.9), False),
    "gammainc": Case(lambda xp, x: xp.special.gammainc(2.5, x), POSITIVE, False),
    "gammaincc": Case(lambda xp, x: xp.special.gammaincc(2.5, x), POSITIVE, False),
    "polygamma": Case(lambda xp, x: xp.special.polygamma(1, x), POSITIVE, False),
    "zeta": Case(lambda xp, x: xp.special.zeta(2.5, x), POSITIVE, False),
    "expn": Case(lambda xp, x: xp.special.expn(3, x), POSITIVE, False, 1),
    "multigammaln": Case(lambda xp, x: xp.special.multigammaln(x, 3), within(2, 4), False),
    "logsumexp along an axis": Case(lambda xp, x: xp.special.logsumexp(x, axis=0), is_complex=False),
    "softmax": Case(lambda xp, x: xp.special.softmax(x, axis=0), is_complex=False),
    "log_softmax": Case(lambda xp, x: xp.special.log_softmax(x, axis=1), is_complex=False),
}

REDUCTIONS: dict[str, Case] = {
    **each("sum mean prod cov"),
    **each("max min std var median nansum nanmean nanmax nanmin nanprod corrcoef", ANY, False),
    **reducing("sum mean prod", axis=1),
    **reducing("sum mean max min std var", axis=(0, -1), keepdims=True, is_complex=False),
    "prod with a zero": Case(lambda xp, x: xp.prod(x * (x > 0), axis=0), is_complex=False),
    "nan-reductions": Case(lambda xp, x: xp.nanmean(xp.where(x > 1, xp.nan, x), axis=1), is_complex=False),
    "quantile": Case(lambda xp, x: xp.quantile(x, 0.3, axis=1), is_complex=False),
    "cumulative_sum": Case(lambda xp, x: xp.cumulative_sum(x, axis=1)),
    "cumulative_sum, with initial": Case(lambda xp, x: xp.cumulative_sum(x, axis=0, include_initial=True)),
    "cumulative_prod": Case(lambda xp, x: xp.cumulative_prod(x, axis=1)),
    "diff": Case(lambda xp, x: xp.diff(x, n=2, axis=1)),
    "argmax": Case(lambda xp, x: xp.argmax(x, axis=1), is_complex=False, order=0),
    "count_nonzero": Case(lambda xp, x: xp.count_nonzero(x > 0, axis=1), is_complex=False, order=0),
    "any, all": Case(lambda xp, x: (xp.any(x > 1.5, axis=1), xp.all(x > -1.5)), is_complex=False, order=0),
    "trapezoid by slices": Case(lambda xp, x: xp.sum((x[:, 1:] + x[:, :-1]) / 2, axis=1)),
}

MANIPULATION: dict[str, Case] = {
    "reshape": Case(lambda xp, x: xp.reshape(x, (2, -1))),
    "permute_dims": Case(lambda xp, x: xp.permute_dims(x, (2, 0, 1)), shaped((2, 3, 4))),
    "moveaxis": Case(lambda xp, x: xp.moveaxis(x, 0, -1), shaped((2, 3, 4))),
    "swapaxes": Case(lambda xp, x: xp.swapaxes(x, 0, 2), shaped((2, 3, 4))),
    "flip": Case(lambda xp, x: xp.flip(x, axis=1)),
    "roll": Case(lambda xp, x: xp.roll(x, (1, -2), axis=(0, 1))),
    "rot90": Case(lambda xp, x: xp.rot90(x)),
    "tile": Case(lambda xp, x: xp.tile(x, (2, 1, 3))),
    "repeat": Case(lambda xp, x: xp.repeat(x, 3, axis=0)),
    "concat": Case(lambda xp, x, y: xp.concat([x, y, x], axis=1), shaped((3, 4), (3, 2))),
    "stack": Case(lambda xp, x, y: xp.stack([x, y], axis=1), shaped((3, 4), (3, 4))),
    "expand_dims, squeeze": Case(lambda xp, x: xp.squeeze(xp.expand_dims(x, axis=(0, 2)), axis=0)),
    "broadcast_to": Case(lambda xp, x: xp.broadcast_to(x, (2, 3, 4)), shaped((3, 1))),
    "unstack": Case(lambda xp, x: xp.unstack(x, axis=1)[1]),
    "pad": Case(lambda xp, x: xp.pad(x, ((1, 0), (2, 1)))),
    "pad, reflected": Case(lambda xp, x: xp.pad(x, ((1, 1), (2, 1)), mode="reflect")),
    "tril": Case(lambda xp, x: xp.tril(x, k=-1)),
    "triu": Case(lambda xp, x: xp.triu(x, k=1)),
    "diagonal": Case(lambda xp, x: xp.diagonal(x, 1)),
    "diag": Case(lambda xp, x: xp.diag(x), shaped((4,))),
    "trace": Case(lambda xp, x: xp.trace(x)),
    "meshgrid": Case(lambda xp, x, y: xp.meshgrid(x, y, indexing="ij")[0] * y, shaped((3,), (4,))),
    "vstack, hstack": Case(lambda xp, x, y: xp.hstack([xp.vstack([x, y]), xp.vstack([y, x])]), shaped((3, 4), (3, 4))),
    "astype": Case(lambda xp, x: xp.astype(x, xp.float32), is_complex=False),
}

INDEXING: dict[str, Case] = {
    "slices": Case(lambda xp, x: x[1:, ::-2]),
    "an integer and an ellipsis": Case(lambda xp, x: x[..., 1, None], shaped((2, 3, 4))),
    "integer arrays": Case(lambda xp, x: x[indices(xp, [0, 2, 0]), indices(xp, [1, 1, 3])]),
    "an integer array and a slice": Case(lambda xp, x: x[:, indices(xp, [[0, 3], [3, 0]])]),
    "a split integer index": Case(lambda xp, x: x[indices(xp, [1, 0]), :, indices(xp, [2, 2])], shaped((2, 3, 4))),
    "a mask": Case(lambda xp, x: x[indices(xp, [True, False, True])]),
    "written slice": Case(lambda xp, x, y: written(x * 2, (slice(1, None), 2), y) * x, shaped((3, 4), (2,))),
    "written integer arrays": Case(
        lambda xp, x, y: written(x, (indices(xp, [2, 0]), indices(xp, [1, 3])), y * y), shaped((3, 4), (2,))
    ),
    "written scalar": Case(lambda xp, x: written(x, (0, 0), 3.0) ** 2),
    "written broadcast": Case(lambda xp, x, y: written(x, slice(None, None, 2), y) ** 2, shaped((3, 4), (4,))),
    "index_add": Case(lambda xp, x, y: added(x, 1, np.asarray([1, 1, 3]), y) ** 2, shaped((3, 4), (3, 3))),
    "take": Case(lambda xp, x: xp.take(x, indices(xp, [3, 0, 0]), axis=1)),
    "take_along_axis": Case(lambda xp, x: xp.take_along_axis(x, indices(xp, [[0], [3], [1]]), axis=1)),
    "sort": Case(lambda xp, x: xp.sort(x, axis=1), is_complex=False),
    "sort, descending": Case(lambda xp, x: xp.sort(x, axis=0, descending=True), is_complex=False),
    "argsort": Case(lambda xp, x: xp.argsort(x, axis=1), is_complex=False, order=0),
    "values at argmax": Case(
        lambda xp, x: xp.take_along_axis(x, xp.expand_dims(xp.argmax(x, axis=1), axis=1), axis=1), is_complex=False
    ),
    "top 2": Case(lambda xp, x: nd.topk(x, 2)[0] if xp is nd else jax.lax.top_k(x, 2)[0], is_complex=False),
    "searchsorted": Case(lambda xp, x, y: xp.searchsorted(xp.sort(x), y), shaped((5,), (3, 4)), False, 0),
}

EINSUM = {
    "i,i->": ((4,), (4,)),
    "ij,jk->ik": ((3, 4), (4, 2)),
    "ij->ji": ((3, 4),),
    "ii->i": ((3, 3),),
    "bij,bjk->bik": ((2, 3, 4), (2, 4, 2)),
    "...ij,jk,...ki->...k": ((2, 3, 4), (4, 5), (5, 3)),
    "ijk,lj->kil": ((2, 3, 4), (2, 3)),
    "i,j,k->ijk": ((2,), (3,), (4,)),
}

NORMS: dict[str, Case] = {
    **{
        f"vector_norm, ord={order}": Case(
            lambda xp, x, p=order: xp.linalg.vector_norm(x, axis=1, ord=p), is_complex=order in (1, 2), order=2
        )
        for order in (1, 2, 3, 0.5, float("inf"), -float("inf"))
    },
    **{
        f"matrix_norm, ord={order}": Case(
            lambda xp, x, p=order: xp.linalg.matrix_norm(x, ord=p),
            shaped((2, 3, 3)),
            is_complex=order in ("fro", "nuc"),
        )
        for order in (1, 2, -2, float("inf"), "fro", "nuc")
    },
}

LINALG: dict[str, Case] = {
    **{f"einsum {key}": Case(lambda xp, *x, key=key: xp.einsum(key, *x), shaped(*s)) for key, s in EINSUM.items()},
    "matmul": Case(by_name("matmul"), shaped((2, 1, 3, 4), (5, 4, 2))),
    "matmul of vectors": Case(by_name("matmul"), shaped((4,), (4,))),
    "matmul, a batch and a vector": Case(by_name("matmul"), shaped((2, 3, 4), (4,))),
    "tensordot": Case(lambda xp, x, y: xp.tensordot(x, y, axes=((1, 2), (1, 0))), shaped((2, 3, 4), (4, 3, 2))),
    "vecdot": Case(lambda xp, x, y: xp.vecdot(x, y, axis=-1), shaped((2, 3, 4), (3, 4))),
    "outer": Case(by_name("outer"), shaped((3,), (4,))),
    "kron": Case(by_name("kron"), shaped((2, 3), (2, 2))),
    "cross": Case(lambda xp, x, y: xp.linalg.cross(x, y), shaped((2, 3), (2, 3))),
    "inv": Case(lambda xp, x: xp.linalg.inv(regular(x)), shaped((2, 3, 3))),
    "det": Case(by_name("linalg.det"), shaped((2, 3, 3))),
    "slogdet": Case(lambda xp, x: xp.linalg.slogdet(x)[1], shaped((2, 3, 3))),
    "solve": Case(lambda xp, x, y: xp.linalg.solve(regular(x), y), shaped((2, 3, 3), (3, 2))),
    "solve for a vector": Case(lambda xp, x, y: xp.linalg.solve(regular(x), y), shaped((3, 3), (3,))),
    "pinv, tall": Case(by_name("linalg.pinv"), shaped((4, 2))),
    "pinv, wide": Case(by_name("linalg.pinv"), shaped((2, 4))),
    "matrix_power": Case(lambda xp, x: xp.linalg.matrix_power(x, 3), shaped((2, 3, 3))),
    "matrix_power, negative": Case(lambda xp, x: xp.linalg.matrix_power(regular(x), -2), shaped((3, 3))),
    "cholesky": Case(lambda xp, x: xp.linalg.cholesky(definite(x)), shaped((2, 3, 3))),
    "eigvalsh": Case(lambda xp, x: xp.linalg.eigvalsh(definite(x)), shaped((3, 3))),
    "eigh": Case(lambda xp, x: xp.abs(xp.linalg.eigh(definite(x))[1]), shaped((3, 3))),
    "eigh, a function of the matrix": Case(
        lambda xp, x: (lambda w, v: (v * xp.exp(-w)) @ v.mT.conj())(*xp.linalg.eigh(definite(x))), shaped((3, 3))
    ),
    "svdvals": Case(by_name("linalg.svdvals"), shaped((2, 3, 4))),
    "svd": Case(lambda xp, x: (lambda u, s, v: (u * s**2) @ v)(*xp.linalg.svd(x, full_matrices=False)), shaped((4, 3))),
    "svd, moduli": Case(lambda xp, x: xp.abs(xp.linalg.svd(x, full_matrices=False)[2]), shaped((3, 4))),
    "qr": Case(lambda xp, x: (lambda q, r: q @ (r * r))(*xp.linalg.qr(x)), shaped((4, 3)), is_complex=False),
    "qr, R": Case(lambda xp, x: xp.abs(xp.linalg.qr(x)[1]), shaped((3, 3))),
    "eigvals": Case(lambda xp, x: xp.sum(xp.linalg.eigvals(x) ** 3), shaped((3, 3)), order=1),
    "lstsq": Case(lambda xp, x, y: xp.linalg.lstsq(x, y)[0], shaped((5, 3), (5, 2)), is_complex=False, order=1),
    **NORMS,
}

FFT: dict[str, Case] = {
    **each("fft ifft fftn ifftn fft2 ifft2 irfft irfftn hfft fftshift ifftshift", place="fft."),
    **each("rfft rfftn ihfft", ANY, False, place="fft."),
    "fft, padded": Case(lambda xp, x: xp.fft.fft(x, n=6, norm="ortho")),
    "ifft, cut": Case(lambda xp, x: xp.fft.ifft(x, n=3, axis=1, norm="forward")),
    "rfft, odd": Case(lambda xp, x: xp.fft.rfft(x, n=5), is_complex=False),
    "irfft, odd": Case(lambda xp, x: xp.fft.irfft(x, n=5)),
    "convolution by fft": Case(
        lambda xp, x, y: xp.fft.irfft(xp.fft.rfft(x, n=8) * xp.fft.rfft(y, n=8), n=8), shaped((4,), (4,)), False
    ),
}

PROGRAMS: dict[str, Case] = {
    "a layer": Case(lambda xp, w, x, b: xp.tanh(x @ w + b), shaped((4, 2), (3, 4), (2,))),
    "attention": Case(
        lambda xp, q, k, v: xp.special.softmax(q @ k.mT / 2, axis=-1) @ v,
        shaped((2, 3, 4), (2, 5, 4), (2, 5, 3)),
        is_complex=False,
    ),
    "normalization": Case(lambda xp, x: (x.T - xp.mean(x, axis=1)) / xp.std(x, axis=1), is_complex=False),
    "cross entropy": Case(
        lambda xp, x: -xp.take_along_axis(xp.special.log_softmax(x, axis=1), indices(xp, [[0], [3], [1]]), axis=1),
        is_complex=False,
    ),
    "distances": Case(
        lambda xp, x, y: xp.sqrt(xp.sum((x[:, None] - y[None]) ** 2, axis=-1)), shaped((3, 2), (4, 2)), is_complex=False
    ),
    "a Gaussian's density": Case(
        lambda xp, a, x: -xp.vecdot(x, xp.linalg.solve(definite(a), x)) / 2 - xp.linalg.slogdet(definite(a))[1] / 2,
        shaped((3, 3), (3,)),
        is_complex=False,
    ),
    "a recurrence": Case(lambda xp, w, h: recurrence(xp, w, h), shaped((3, 3), (3,))),
    "Rosenbrock": Case(lambda xp, x: xp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2), shaped((5,))),
    "Newton's step": Case(lambda xp, x: x - (x**3 - 2 * x - 5) / (3 * x**2 - 2), within(2, 3), False),
}


def recurrence(xp: Any, w: Any, h: Any) -> Any:
    for _ in range(4):
        h = xp.tanh(w @ h) + h / 2
    return h


TABLES = (ELEMENTWISE, SPECIAL, REDUCTIONS, MANIPULATION, INDEXING, LINALG, FFT, PROGRAMS)
CASES: dict[str, Case] = {name: case for table in TABLES for name, case in table.items()}
assert len(CASES) == sum(map(len, TABLES))  # no name twice

# -- running one program in both ---------------------------------------------------------------------------------------

XP = {"ndgrad": nd, "jax": Jax(jnp, jax.nn, jax.scipy.special)}


def draw(random: np.random.Generator, operand: Operand, dtype: str, *batch: int) -> np.ndarray:
    shape = (*batch, *operand.shape)
    x = random.uniform(operand.low, operand.high, shape)
    if dtype.startswith("complex"):
        x = x + 1j * random.uniform(-0.4, 0.4, shape)
    return x.astype(dtype)


def arrays(name: str, dtype: str, *batch: int) -> list[np.ndarray]:
    random = np.random.default_rng([ord(c) for c in name])
    return [draw(random, operand, dtype, *batch) for operand in CASES[name].operands]


def given(library: str, values: Any) -> list[Any]:
    return [XP[library].asarray(v) for v in values]


def in_both(program: Callable[..., Any]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The results of a program of (library's name, its functions, its transforms), leaf by leaf."""
    ours = flat(program("ndgrad", nd, nd))
    theirs = flat(jax.jit(lambda: program("jax", XP["jax"], jax))())  # one compilation, not one for each operation
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        yield np.asarray(a), np.asarray(b)


def flat(tree: Any) -> list[Any]:
    return [leaf for part in tree for leaf in flat(part)] if isinstance(tree, (tuple, list)) else [tree]


def agree(program: Callable[..., Any], dtype: str) -> None:
    rtol, atol = TOLERANCES[dtype]
    for ours, theirs in in_both(program):
        scale = max(1.0, float(np.max(np.abs(theirs), initial=0.0)))
        assert ours.shape == theirs.shape
        if theirs.dtype.kind in "fc":
            assert ours.dtype == theirs.dtype
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=atol * scale)


def dtype_of(x: Any) -> str:
    return x.dtype.name


def weights(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    return np.cos(np.arange(float(np.prod(shape, dtype=int)))).reshape(shape).astype(dtype)


def loss(xp: Any, f: Callable[..., Any]) -> Callable[..., Any]:
    """A real scalar that depends on all of what ``f`` returns."""

    def scalar(*x: Any) -> Any:
        y = f(*x)
        w = xp.asarray(weights(y.shape, dtype_of(y)))
        return xp.sum(w * y * (1 + y))

    return scalar


def dtypes_of(order: int, *names: str) -> list[tuple[str, str]]:
    return [
        (name, dtype)
        for name, case in CASES.items()
        if case.order >= order
        for dtype in names
        if case.is_complex or not dtype.startswith("complex")
    ]


ALL = ("float32", "float64", "complex64", "complex128")


@pytest.mark.parametrize(("name", "dtype"), dtypes_of(0, *ALL))
def test_values(name: str, dtype: str) -> None:
    agree(lambda library, xp, t: CASES[name].function(xp, *given(library, arrays(name, dtype))), dtype)


@pytest.mark.parametrize(("name", "dtype"), dtypes_of(1, *ALL))
def test_cotangents(name: str, dtype: str) -> None:
    def program(library: str, xp: Any, t: Any) -> Any:
        y, pull = t.vjp(lambda *x: CASES[name].function(xp, *x), *given(library, arrays(name, dtype)))
        phase = 1 + 0.5j if dtype_of(y).startswith("complex") else 1
        g = (weights(y.shape, dtype_of(y)) * phase).astype(dtype_of(y))
        if library == "ndgrad":
            return pull(xp.asarray(g))
        return [jnp.conj(x) for x in pull(jnp.conj(g))]

    agree(program, dtype)


@pytest.mark.parametrize(("name", "dtype"), dtypes_of(1, *ALL))
def test_tangents(name: str, dtype: str) -> None:
    moves = [np.asarray(np.sin(1 + x), dtype=x.dtype) for x in arrays(name, dtype)]

    def program(library: str, xp: Any, t: Any) -> Any:
        f = lambda *x: CASES[name].function(xp, *x)  # noqa: E731
        return t.jvp(f, tuple(given(library, arrays(name, dtype))), tuple(given(library, moves)))

    agree(program, dtype)


@pytest.mark.parametrize(("name", "dtype"), dtypes_of(0, "float64"))
def test_batches(name: str, dtype: str) -> None:
    """All operands mapped; then the first alone, along its last axis."""
    case = CASES[name]
    batch, single = arrays(name, dtype, 2), arrays(name, dtype)

    def program(library: str, xp: Any, t: Any) -> Any:
        f = lambda *x: case.function(xp, *x)  # noqa: E731
        moved = [np.moveaxis(batch[0], 0, -1), *single[1:]]
        axes = (-1, *[None] * (len(single) - 1))
        return t.vmap(f)(*given(library, batch)), t.vmap(f, in_axes=axes)(*given(library, moved))

    agree(program, dtype)


NESTED: dict[str, Callable[[Any, Any, Callable[..., Any], int], Callable[..., Any]]] = {
    "jacrev": lambda t, xp, f, n: t.jacrev(f, tuple(range(n))),
    "jacfwd": lambda t, xp, f, n: t.jacfwd(f, tuple(range(n))),
    "hessian": lambda t, xp, f, n: t.hessian(loss(xp, f)),
    "grad of grad": lambda t, xp, f, n: t.grad(squared(xp, t.grad(loss(xp, f)))),
    "jacrev of jacfwd": lambda t, xp, f, n: t.jacrev(t.jacfwd(loss(xp, f))),
    "jvp of jvp": lambda t, xp, f, n: (
        lambda x, *rest: t.jvp(lambda x: t.jvp(lambda x: f(x, *rest), (x,), (x,))[1], (x,), (x,))
    ),
}
BATCHED: dict[str, Callable[[Any, Any, Callable[..., Any], int], Callable[..., Any]]] = {
    "vmap of grad": lambda t, xp, f, n: t.vmap(t.grad(loss(xp, f), tuple(range(n)))),
    "grad of vmap": lambda t, xp, f, n: t.grad(lambda *x: xp.sum(t.vmap(loss(xp, f))(*x)), tuple(range(n))),
    "vmap of jacfwd": lambda t, xp, f, n: t.vmap(t.jacfwd(f)),
    "jvp of vmap of grad": lambda t, xp, f, n: lambda *x: t.jvp(t.vmap(t.grad(loss(xp, f))), x, x)[1],
    "vmap of grad of jvp": lambda t, xp, f, n: t.vmap(
        t.grad(loss(xp, lambda x, *rest: t.jvp(lambda x: f(x, *rest), (x,), (x,))[1]))
    ),
}


def squared(xp: Any, gradient: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *x: xp.sum(gradient(*x) ** 2)


@pytest.mark.parametrize("transform", NESTED)
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.order >= 2])
def test_nested_transforms(name: str, transform: str) -> None:
    run_transform(name, transform, NESTED[transform], arrays(name, "float64"))


@pytest.mark.parametrize("transform", BATCHED)
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.order >= 2])
def test_transforms_of_batches(name: str, transform: str) -> None:
    run_transform(name, transform, BATCHED[transform], arrays(name, "float64", 2))


def run_transform(name: str, transform: str, make: Callable[..., Any], operands: list[np.ndarray]) -> None:
    def program(library: str, xp: Any, t: Any) -> Any:
        def f(*x: Any) -> Any:  # the transforms here are of real functions
            y = CASES[name].function(xp, *x)
            return xp.real(y) + xp.imag(y) if dtype_of(y).startswith("complex") else y

        return make(t, xp, f, len(operands))(*given(library, operands))

    agree(program, "float64")
