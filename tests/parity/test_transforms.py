"""Transforms against ``torch.func``: the same functions, the same numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import ndgrad as nd

torch = pytest.importorskip("torch")
pytestmark = [
    pytest.mark.requires_torch,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # torch.func imports a part of itself that is deprecated
]

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(0.2, 1.8, (3, 4))
W = RANDOM.uniform(-1.0, 1.0, (4, 2))
Z = RANDOM.uniform(-1.0, 1.0, 3) + 1j * RANDOM.uniform(-1.0, 1.0, 3)

# Each takes the library and returns a function of one tensor of shape (3, 4).
FUNCTIONS: dict[str, Callable[[Any], Callable[[Any], Any]]] = {
    "elementwise": lambda lib: lambda x: lib.sin(x) * lib.exp(-x) / (1.0 + x * x),
    "matmul": lambda lib: lambda x: lib.tanh(x @ constant(lib, W)),
    "reduction": lambda lib: lambda x: lib.sum(x * x) / x[0, 0],
    "indexing": lambda lib: lambda x: x[1:, ::2] * x[0, 1],
    "where": lambda lib: lambda x: lib.where(x > 1.0, x * x, -x),
    "writes": lambda lib: lambda x: written(lib, x),
    "cumulative": lambda lib: lambda x: lib.cumsum(x * x, 1),
    "linear algebra": lambda lib: lambda x: lib.linalg.inv(x[:, :3] + 3.0 * constant(lib, np.eye(3))),
}  # fmt: skip


def constant(lib: Any, array: Any) -> Any:
    return lib.asarray(array, dtype=lib.float64)


def written(lib: Any, x: Any) -> Any:
    y = x * 1.0
    y[0] *= x[1]
    y[:, 1] = lib.exp(x[:, 2])
    return y


F, T = nd, torch.func
TRANSFORMS: dict[str, Callable[[Any, Any, Any], Callable[[Any], Any]]] = {
    "vjp": lambda lib, func, f: lambda x: func.vjp(f, x)[1](f(x))[0],
    "jvp": lambda lib, func, f: lambda x: func.jvp(f, (x,), (x * 0.5,))[1],
    "jacrev": lambda lib, func, f: func.jacrev(f),
    "jacfwd": lambda lib, func, f: func.jacfwd(f),
    "hessian": lambda lib, func, f: func.hessian(lambda x: lib.sum(f(x) * f(x))),
    "jvp of grad": lambda lib, func, f: lambda x: func.jvp(func.grad(lambda x: lib.sum(f(x) * f(x))), (x,), (x,))[1],
    "vmap of grad": lambda lib, func, f: (
        lambda x: func.vmap(func.grad(lambda s: lib.sum(f(x * s))))(constant(lib, [0.5, 1.0]))
    ),
    "vmap of jacfwd": lambda lib, func, f: (
        lambda x: func.vmap(func.jacfwd(lambda s: f(x * s)), out_dims=-1)(constant(lib, [0.5, 1.0]))
    ),
}


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_transforms_agree(function: str, transform: str) -> None:
    ours = TRANSFORMS[transform](nd, nd, FUNCTIONS[function](nd))(constant(nd, X))
    theirs = TRANSFORMS[transform](torch, torch.func, FUNCTIONS[function](torch))(constant(torch, X))
    np.testing.assert_allclose(np.asarray(ours), theirs.numpy(), rtol=1e-10, atol=1e-12)


COMPLEX: dict[str, Callable[[Any], Callable[[Any], Any]]] = {
    "holomorphic": lambda lib: lambda z: lib.exp(z) * z * z,
    "abs": lambda lib: lambda z: lib.abs(z) * z,
    "conj": lambda lib: lambda z: lib.conj(z) * z * z,
    "parts": lambda lib: lambda z: lib.real(z) * lib.imag(z) + z,
    "sign": lambda lib: lambda z: (lib.sgn if lib is torch else lib.sign)(z) * z * z,
}


@pytest.mark.parametrize("function", COMPLEX)
def test_complex_conventions_agree(function: str) -> None:
    z, t = (lib.asarray(Z) for lib in (nd, torch)), (lib.asarray(Z[::-1].copy()) for lib in (nd, torch))
    (z1, z2), (t1, t2) = z, t
    f1, f2 = COMPLEX[function](nd), COMPLEX[function](torch)
    pairs = [
        (nd.vjp(f1, z1)[1](t1)[0], torch.func.vjp(f2, z2)[1](t2)[0]),
        (nd.jvp(f1, (z1,), (t1,))[1], torch.func.jvp(f2, (z2,), (t2,))[1]),
        (nd.grad(lambda z: nd.sum(nd.abs(f1(z))))(z1), torch.func.grad(lambda z: torch.sum(torch.abs(f2(z))))(z2)),
    ]
    for ours, theirs in pairs:
        np.testing.assert_allclose(np.asarray(ours), theirs.resolve_conj().numpy(), rtol=1e-10, atol=1e-12)
