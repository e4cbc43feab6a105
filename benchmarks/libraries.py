"""The libraries that are compared, and the little that a row must know of each."""

import importlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

NDGRAD, COMPILED, TORCH, JAX, NUMPY = "ndgrad", "ndgrad-jit", "torch", "jax", "numpy"

TITLES: Mapping[str, str] = {
    NDGRAD: "ndgrad", COMPILED: "ndgrad[jit]", TORCH: "PyTorch", JAX: "JAX", NUMPY: "NumPy",
}  # fmt: skip
"""Library name to the heading of its column, in the order in which they take turns."""


def same(result: Any) -> Any:
    """Nothing to wait for: the library has finished when its call returns."""
    return result


@dataclass(frozen=True)
class Library:
    """A library under test, imported.

    `array` and `variable` make a tensor from a NumPy array, `variable` one that requires grad; both keep the dtype.
    `wait` returns once its argument has been computed. `nn` and `optim` are None where a library has none.
    """

    name: str
    xp: Any
    array: Callable[[Any], Any]
    variable: Callable[[Any], Any]
    wait: Callable[[Any], Any] = same
    nn: Any = None
    optim: Any = None


def _ndgrad(name: str = NDGRAD) -> Library:
    os.environ["NDGRAD_CPU_JIT"] = "0" if name == NDGRAD else ""  # read when its backend is imported
    nd, nn, optim = map(importlib.import_module, ("ndgrad", "ndgrad.nn", "ndgrad.optim"))
    nd.manual_seed(0)
    return Library(name, nd, nd.tensor, partial(nd.tensor, requires_grad=True), nn=nn, optim=optim)


def _ndgrad_compiled() -> Library:
    importlib.import_module("numba")
    return _ndgrad(COMPILED)


def _torch() -> Library:
    torch = importlib.import_module("torch")
    torch.manual_seed(0)
    variable = partial(torch.tensor, requires_grad=True)
    return Library(TORCH, torch, torch.tensor, variable, nn=torch.nn, optim=torch.optim)


def _jax() -> Library:
    jnp = importlib.import_module("jax.numpy")

    def wait(result: Any) -> Any:
        return result.block_until_ready() if hasattr(result, "block_until_ready") else result

    return Library(JAX, jnp, jnp.asarray, jnp.asarray, wait=wait)


def _numpy() -> Library:
    numpy = importlib.import_module("numpy")
    return Library(NUMPY, numpy, numpy.asarray, numpy.asarray)


_IMPORTS: Mapping[str, Callable[[], Library]] = {
    NDGRAD: _ndgrad, COMPILED: _ndgrad_compiled, TORCH: _torch, JAX: _jax, NUMPY: _numpy,
}  # fmt: skip


def load(name: str) -> Library:
    """Import a library by its name in `TITLES`; raises ImportError where it isn't installed."""
    return _IMPORTS[name]()


def versions() -> dict[str, str]:
    """Title to installed version of each library that is installed."""
    found = {}
    for name, title in TITLES.items():
        try:
            found["Numba" if name == COMPILED else title] = version("numba" if name == COMPILED else name)
        except PackageNotFoundError:
            continue
    return found
