"""Nonlinearities with PyTorch's arguments; what they compute stands in :mod:`ndgrad.ops.activations`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import ndgrad as nd
from ndgrad import Tensor

__all__ = [
    "elu", "gelu", "hardtanh", "leaky_relu", "log_softmax", "logsigmoid", "mish", "relu", "relu6", "sigmoid", "silu",
    "softmax", "softplus", "softsign", "tanh",
]  # fmt: skip

tanh, sigmoid, logsigmoid, softplus = nd.tanh, nd.sigmoid, nd.logsigmoid, nd.softplus
gelu, softsign = nd.gelu, nd.softsign


def _run(function: Callable[..., Tensor], x: Tensor, *settings: float, inplace: bool) -> Tensor:
    """The function's result, written over ``x`` if that is wanted: from a copy, which its derivative may keep."""
    return x.copy_(function(x.clone(), *settings)) if inplace else function(x, *settings)


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """:func:`ndgrad.relu`, written over ``input`` if ``inplace``.

    >>> import ndgrad as nd
    >>> relu(nd.asarray([-1.0, 2.0]))
    tensor([0., 2.])
    """
    result = nd.relu(input)
    return input.copy_(result) if inplace else result  # its derivative keeps the result, so no copy is needed


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """:func:`ndgrad.leaky_relu`, written over ``input`` if ``inplace``."""
    return _run(nd.leaky_relu, input, negative_slope, inplace=inplace)


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """:func:`ndgrad.hardtanh`, written over ``input`` if ``inplace``.

    Raises:
        ValueError: ``min_val`` is greater than ``max_val``.

    >>> import ndgrad as nd
    >>> hardtanh(nd.asarray([-2.0, 0.5, 2.0]))
    tensor([-1.0000,  0.5000,  1.0000])
    """
    if min_val > max_val:
        raise ValueError(f"min_val cannot be greater than max_val, got {min_val} and {max_val}")
    return _run(nd.hardtanh, input, min_val, max_val, inplace=inplace)


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """:func:`ndgrad.relu6`, written over ``input`` if ``inplace``."""
    return _run(nd.relu6, input, inplace=inplace)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """:func:`ndgrad.elu`, written over ``input`` if ``inplace``."""
    return _run(nd.elu, input, alpha, inplace=inplace)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """:func:`ndgrad.silu`, written over ``input`` if ``inplace``."""
    return _run(nd.silu, input, inplace=inplace)


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """:func:`ndgrad.mish`, written over ``input`` if ``inplace``."""
    return _run(nd.mish, input, inplace=inplace)


def softmax(input: Tensor, dim: int | None = None, dtype: Any = None) -> Tensor:
    """:func:`ndgrad.softmax` along ``dim``, computed in ``dtype`` if one is given.

    Raises:
        ValueError: ``dim`` is missing.

    >>> import ndgrad as nd
    >>> softmax(nd.zeros(2, 4), dim=1)[0]
    tensor([0.2500, 0.2500, 0.2500, 0.2500])
    """
    return nd.softmax(input, axis=_given("softmax", dim), dtype=dtype)


def log_softmax(input: Tensor, dim: int | None = None, dtype: Any = None) -> Tensor:
    """:func:`ndgrad.log_softmax` along ``dim``, computed in ``dtype`` if one is given.

    Raises:
        ValueError: ``dim`` is missing.
    """
    return nd.log_softmax(input, axis=_given("log_softmax", dim), dtype=dtype)


def _given(name: Literal["softmax", "log_softmax"], dim: int | None) -> int:
    if dim is None:
        raise ValueError(f"{name} needs the axis whose values sum to 1: write dim=-1 for the last, dim=1 for channels")
    return dim
