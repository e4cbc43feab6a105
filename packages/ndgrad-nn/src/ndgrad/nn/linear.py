"""Layers that multiply by a matrix, and the one that does nothing."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

import math
from typing import Any

import ndgrad as nd
from ndgrad import Tensor

from . import functional as F
from . import init
from .module import Module
from .parameter import Parameter

__all__ = ["Bilinear", "Identity", "Linear"]


class Identity(Module):
    """Returns its input; takes any arguments, so that it can stand in for another layer.

    >>> from ndgrad import nn
    >>> nn.Identity(54, unused=0.1)("x")
    'x'
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Any) -> Any:
        return input


class Linear(Module):
    """``x @ weight.T + bias``, for x of shape (..., in_features).

    Args:
        in_features: the length of the input's last axis.
        out_features: the length of the output's last axis.
        bias: whether to add a bias.
        device, dtype: of the parameters.

    Attributes:
        weight: (out_features, in_features), uniform in +-1 / sqrt(in_features) at the beginning.
        bias: (out_features,), the same, or None.

    Source: PyTorch, ``torch.nn.Linear``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.Linear(20, 30)(nd.ones((128, 20))).shape
    (128, 30)
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(nd.empty((out_features, in_features), device=device, dtype=dtype))
        self.register_parameter("bias", Parameter(nd.empty(out_features, device=device, dtype=dtype)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features) if self.in_features else 0.0
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input: Tensor) -> Tensor:
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Bilinear(Module):
    """``x1 @ weight[o] @ x2 + bias[o]`` for each output o, for x1 (..., in1_features) and x2 (..., in2_features).

    Args:
        in1_features, in2_features, out_features: the lengths of the last axes.
        bias: whether to add a bias.
        device, dtype: of the parameters.

    Source: PyTorch, ``torch.nn.Bilinear``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.Bilinear(2, 3, 4)(nd.ones((5, 2)), nd.ones((5, 3))).shape
    (5, 4)
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self, in1_features: int, in2_features: int, out_features: int, bias: bool = True, device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.in1_features, self.in2_features, self.out_features = in1_features, in2_features, out_features
        self.weight = Parameter(nd.empty((out_features, in1_features, in2_features), device=device, dtype=dtype))
        self.register_parameter("bias", Parameter(nd.empty(out_features, device=device, dtype=dtype)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        bound = 1 / math.sqrt(self.in1_features)
        for parameter in self.parameters(recurse=False):
            init.uniform_(parameter, -bound, bound)

    def forward(self, input1: Tensor, input2: Tensor) -> Tensor:
        return F.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )
