"""Nonlinearities with PyTorch's arguments; what they compute stands in :mod:`ndgrad.ops.activations`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import ndgrad as nd
from ndgrad import Tensor

__all__ = [
    "elu", "gelu", "glu", "gumbel_softmax", "hardtanh", "leaky_relu", "log_softmax", "logsigmoid", "mish", "relu",
    "relu6", "sigmoid", "silu", "softmax", "softmin", "softplus", "softsign", "tanh",
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


def softmin(input: Tensor, dim: int | None = None, dtype: Any = None) -> Tensor:
    """:func:`softmax` of ``-input``.

    Raises:
        ValueError: ``dim`` is missing.
    """
    return nd.softmax(-input, axis=_given("softmin", dim), dtype=dtype)


def gumbel_softmax(logits: Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1) -> Tensor:
    """A random choice of one of the classes along ``dim`` that is differentiable in the logits.

    Args:
        logits: unnormalised logarithms of probabilities.
        tau: how soft the choice is; near 0 it is one-hot.
        hard: whether the result is one-hot, with the gradient of the soft one.
        eps: without effect, as in PyTorch.
        dim: the axis of the classes.

    Source: Jang et al. 2017, "Categorical reparameterization with Gumbel-softmax"; PyTorch, ``gumbel_softmax``.

    >>> import ndgrad as nd
    >>> nd.sum(gumbel_softmax(nd.zeros((2, 3)), hard=True), axis=1)
    tensor([1., 1.])
    """
    drawn = nd.random.exponential(logits.shape, dtype=logits.dtype, device=logits.device)
    gumbels = -nd.log(nd.clip(drawn, nd.finfo(logits.dtype).smallest_normal, None))
    soft = nd.softmax((logits + gumbels) / tau, axis=dim)
    if not hard:
        return soft
    chosen = nd.argmax(soft, axis=dim, keepdims=True)
    places = nd.moveaxis(nd.arange(soft.shape[dim], device=soft.device).reshape((-1, *(1,) * (soft.ndim - 1))), 0, dim)
    return (places == chosen).to(soft.dtype) - soft.detach() + soft


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """The first half along ``dim`` times the sigmoid of the second.

    Raises:
        ValueError: the length along ``dim`` is odd.

    Source: Dauphin et al. 2017, "Language modeling with gated convolutional networks"; PyTorch, ``glu``.

    >>> import ndgrad as nd
    >>> glu(nd.asarray([2.0, 0.0]))
    tensor([1.])
    """
    if input.shape[dim] % 2:
        raise ValueError(f"glu halves axis {dim}, whose length must be even, got shape {input.shape}")
    first, second = nd.chunk(input, 2, dim)
    return first * nd.sigmoid(second)


def _given(name: Literal["softmax", "log_softmax", "softmin"], dim: int | None) -> int:
    if dim is None:
        raise ValueError(f"{name} needs the axis whose values sum to 1: write dim=-1 for the last, dim=1 for channels")
    return dim
