"""Activation functions and their backward passes, each in one pass over memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ndgrad_cpu.compiled.code import Code
from ndgrad_cpu.compiled.elementwise import elementwise

__all__ = ["KERNELS"]

_PLAIN = (
    "gelu gelu_backward gelu_tanh gelu_tanh_backward logsigmoid relu relu_backward sigmoid sigmoid_backward silu "
    "silu_backward softplus special.erf tanh_backward"
)
KERNELS: dict[str, Callable[..., Any]] = {
    **{name: elementwise(Code("activations", name.replace(".", "_"))) for name in _PLAIN.split()},
    "leaky_relu": elementwise(Code("activations", "leaky_relu"), numbers=lambda negative_slope: (negative_slope,)),
}
