"""Recurrent cells: one step at a time, for loops that a program writes itself."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

import math
from typing import Any, ClassVar

import ndgrad as nd
from ndgrad import Tensor

from . import functional as F
from . import init
from .functional.recurrent import gru_step, lstm_step, rnn_step
from .module import Module
from .parameter import Parameter

__all__ = ["GRUCell", "LSTMCell", "RNNCell", "RNNCellBase"]


class RNNCellBase(Module):
    """What the cells share.

    Args:
        input_size, hidden_size: the lengths of input and state.
        bias: whether to add biases.
        device, dtype: of the parameters.

    Attributes:
        weight_ih, weight_hh, bias_ih, bias_hh: uniform in +-1 / sqrt(hidden_size) at first.

    Raises:
        ValueError: an input or a state of another shape.
    """

    gates: ClassVar[int] = 1
    bias_ih: Parameter | None
    bias_hh: Parameter | None

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        rows = self.gates * hidden_size
        self.weight_ih = Parameter(nd.empty((rows, input_size), device=device, dtype=dtype))
        self.weight_hh = Parameter(nd.empty((rows, hidden_size), device=device, dtype=dtype))
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, Parameter(nd.empty(rows, device=device, dtype=dtype)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size else 0.0
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def _products(self, input: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        return F.linear(input, self.weight_ih, self.bias_ih), F.linear(state, self.weight_hh, self.bias_hh)

    def _state(self, input: Tensor, state: Tensor | None) -> Tensor:
        if input.ndim not in (1, 2) or input.shape[-1] != self.input_size:
            raise ValueError(
                f"{type(self).__name__} takes (N, {self.input_size}) or ({self.input_size},), got shape {input.shape}"
            )
        shape = (*input.shape[:-1], self.hidden_size)
        if state is None:
            return nd.zeros(shape, dtype=input.dtype, device=input.device)
        if state.shape != shape:
            raise ValueError(f"{type(self).__name__}: the state must have shape {shape}, got {state.shape}")
        return state

    def extra_repr(self) -> str:
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else f", bias={self.bias}")


class RNNCell(RNNCellBase):
    """One step of Elman's network: tanh, or relu, of the input and the last state.

    Source: PyTorch, ``torch.nn.RNNCell``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.RNNCell(10, 20)(nd.ones((3, 10))).shape
    (3, 20)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"nonlinearity is 'tanh' or 'relu', got {nonlinearity!r}")
        super().__init__(input_size, hidden_size, bias, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        return rnn_step(*self._products(input, self._state(input, hx)), self.nonlinearity)

    def extra_repr(self) -> str:
        return super().extra_repr() + ("" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}")


class GRUCell(RNNCellBase):
    """One step of a gated recurrent unit; called as :class:`RNNCell`. Source: PyTorch, ``torch.nn.GRUCell``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.GRUCell(10, 20)(nd.ones((3, 10)), nd.zeros((3, 20))).shape
    (3, 20)
    """

    gates = 3

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        state = self._state(input, hx)
        return gru_step(*self._products(input, state), state)


class LSTMCell(RNNCellBase):
    """One step of a long short-term memory: takes and returns a pair of hidden state and cell.

    Source: PyTorch, ``torch.nn.LSTMCell``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> state, cell = nn.LSTMCell(10, 20)(nd.ones((3, 10)))
    >>> state.shape, cell.shape
    ((3, 20), (3, 20))
    """

    gates = 4

    def forward(self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, Tensor]:
        state, cell = (self._state(input, part) for part in (hx or (None, None)))
        return lstm_step(*self._products(input, state), cell)
