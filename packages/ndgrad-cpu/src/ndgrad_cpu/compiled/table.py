"""Which ops have a compiled kernel, and the choice between it and NumPy's in each call."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any, Final

from ndgrad.plugins import BySize
from ndgrad_cpu.compiled.failures import FAILURES, NotCompiled

__all__ = ["FAMILIES", "layered", "state"]

MODE: Final = os.environ.get("NDGRAD_CPU_JIT", "")
OFF: Final = MODE == "0"

# Module of this package to the ops it has, and the bytes of an operand from which it is used.
FAMILIES: Final[Mapping[str, tuple[str, int]]] = {
    "activations": (
        "gelu gelu_backward gelu_tanh gelu_tanh_backward leaky_relu logsigmoid relu relu_backward sigmoid "
        "sigmoid_backward silu silu_backward softplus special.erf tanh_backward",
        1 << 15,
    ),
    "affine": ("affine affine_backward", 1 << 15),
    "binary": ("add divide multiply subtract times_conj", 1 << 17),
    "convolution": ("conv2d conv2d_backward_bias conv2d_backward_input conv2d_backward_weight", 1 << 14),
    "indexing": ("index index_add_zeros", 1 << 17),
    "layer_norm": ("layer_norm layer_norm_backward", 1 << 15),
    "optimizers": ("adam_update_ rmsprop_update_ sgd_update_", 1 << 15),
    "pooling": ("max_pool2d max_pool2d_backward", 1 << 14),
    "reductions": ("cumulative_sum max mean min sum", 1 << 16),
    "rowwise": (
        "log_softmax log_softmax_backward softmax softmax_backward standardize standardize_backward",
        1 << 15,
    ),
}


ELEMENTWISE: Final = {"relu"}


def layered(kernels: Mapping[Any, Callable[..., Any]]) -> Mapping[Any, Callable[..., Any]]:
    """NumPy's kernels, by op or by op and dtype, with the compiled ones over them."""
    return kernels if OFF else _Layered(kernels)


class _Layered(Mapping[Any, Callable[..., Any]]):
    """Each kernel is looked up when it is first asked for: its file may have to be imported."""

    def __init__(self, kernels: Mapping[Any, Callable[..., Any]]) -> None:
        self.kernels = kernels
        self.homes = {name: (family, limit) for family, (names, limit) in FAMILIES.items() for name in names.split()}
        self.found: dict[Any, Callable[..., Any]] = {}

    def __getitem__(self, key: Any) -> Callable[..., Any]:
        if key not in self.found:
            kernel, name = self.kernels[key], key if isinstance(key, str) else key[0]
            self.found.setdefault(key, _over(kernel, name, *self.homes[name]) if name in self.homes else kernel)
        return self.found[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.kernels)

    def __len__(self) -> int:
        return len(self.kernels)


def _over(kernel: Callable[..., Any], name: str, family: str, limit: int) -> Callable[..., Any]:
    if MODE == "always":
        limit = 0

    def large(*operands: Any, **params: Any) -> Any:
        found = _kernels(family).get(name)
        if found is not None:
            try:
                result = found(*operands, **params)
            except NotCompiled:
                return kernel(*operands, **params)
            if result is not NotImplemented:
                return result
        return kernel(*operands, **params)

    if kernel.__class__ is BySize:
        return BySize(kernel.small, large, limit)
    if name in ELEMENTWISE:  # of which the dispatcher itself asks for the size
        return BySize(kernel, large, limit)

    def choose(x: Any, *operands: Any, **params: Any) -> Any:
        return kernel(x, *operands, **params) if x.nbytes < limit else large(x, *operands, **params)

    return choose


@cache
def _kernels(family: str) -> Mapping[str, Callable[..., Any]]:
    """The compiled kernels of a family, loaded at the first call; none where that is not possible."""
    return {} if _reason() else import_module(f"ndgrad_cpu.compiled.{family}").KERNELS


@cache
def _reason() -> str:
    """Why there are no compiled kernels; empty if there are."""
    if OFF:
        return "off: NDGRAD_CPU_JIT=0"
    try:
        from ndgrad_cpu.compiled import code, team

        code.check()
        team.check()
    except ImportError:
        return 'not installed: pip install "ndgrad-cpu[jit]"'
    except Exception as error:  # whatever a compiler for this machine may raise; NumPy's kernels do the same work
        return f"unusable: {type(error).__name__}: {error}"
    return ""


def state() -> str:
    """Whether compiled kernels are in use, for a bug report."""
    from importlib.metadata import version

    reason = _reason()
    return reason or "; ".join([f"numba {version('numba')}", *FAILURES])
