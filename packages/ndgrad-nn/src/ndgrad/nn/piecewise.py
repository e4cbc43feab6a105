"""Nonlinearities made of pieces, as layers."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

from typing import Any

import ndgrad as nd
from ndgrad import Tensor

from . import functional as F
from .activation import InPlace
from .module import Module
from .parameter import Parameter

__all__ = [
    "CELU", "Hardshrink", "Hardsigmoid", "Hardswish", "PReLU", "SELU", "Softshrink", "Tanhshrink", "Threshold",
]  # fmt: skip


class PReLU(Module):
    """x where it is positive, a learned multiple elsewhere: :func:`ndgrad.nn.functional.prelu`.

    Args:
        num_parameters: 1, or the number of channels (axis 1).
        init: the multiple at first.
        device, dtype: of the parameter.

    Source: PyTorch, ``torch.nn.PReLU``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.PReLU()(nd.asarray([-2.0, 2.0])).detach()
    tensor([-0.5000,  2.0000])
    """

    weight: Parameter

    def __init__(self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None) -> None:
        super().__init__()
        self.num_parameters, self.init = num_parameters, init
        self.weight = Parameter(nd.full(num_parameters, float(init), device=device, dtype=dtype))

    def forward(self, input: Tensor) -> Tensor:
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


class SELU(InPlace):
    """A scaled :class:`ELU`: :func:`ndgrad.nn.functional.selu`."""

    def forward(self, input: Tensor) -> Tensor:
        return F.selu(input, self.inplace)


class CELU(InPlace):
    """x where it is positive, ``alpha`` (exp(x / alpha) - 1) elsewhere: :func:`ndgrad.nn.functional.celu`."""

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.alpha = alpha

    def forward(self, input: Tensor) -> Tensor:
        return F.celu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        return f"alpha={self.alpha}" + (", inplace=True" if self.inplace else "")


class Hardsigmoid(InPlace):
    """A line from 0 at -3 to 1 at 3: :func:`ndgrad.nn.functional.hardsigmoid`."""

    def forward(self, input: Tensor) -> Tensor:
        return F.hardsigmoid(input, self.inplace)

    def extra_repr(self) -> str:
        return ""


class Hardswish(Hardsigmoid):
    """x times its hard sigmoid: :func:`ndgrad.nn.functional.hardswish`."""

    def forward(self, input: Tensor) -> Tensor:
        return F.hardswish(input, self.inplace)


class Threshold(InPlace):
    """x where it is greater than ``threshold``, else ``value``: :func:`ndgrad.nn.functional.threshold`."""

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.threshold, self.value = threshold, value

    def forward(self, input: Tensor) -> Tensor:
        return F.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self) -> str:
        return f"threshold={self.threshold}, value={self.value}" + (", inplace=True" if self.inplace else "")


class Hardshrink(Module):
    """x, and 0 near 0: :func:`ndgrad.nn.functional.hardshrink`."""

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Tensor) -> Tensor:
        return F.hardshrink(input, self.lambd)

    def extra_repr(self) -> str:
        return f"{self.lambd}"


class Softshrink(Hardshrink):
    """x moved towards 0: :func:`ndgrad.nn.functional.softshrink`."""

    def forward(self, input: Tensor) -> Tensor:
        return F.softshrink(input, self.lambd)


class Tanhshrink(Module):
    """x - tanh(x): :func:`ndgrad.nn.functional.tanhshrink`."""

    def forward(self, input: Tensor) -> Tensor:
        return F.tanhshrink(input)
