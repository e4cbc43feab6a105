"""One step of the recurrent layers: what a cell makes of its input and its last state."""

from __future__ import annotations

import ndgrad as nd
from ndgrad import Tensor

__all__ = ["gru_step", "lstm_step", "rnn_step"]


def rnn_step(from_input: Tensor, from_state: Tensor, nonlinearity: str = "tanh") -> Tensor:
    """The next state of Elman's network: tanh or relu of both products.

    Source: Elman 1990, "Finding structure in time"; PyTorch, ``torch.nn.RNNCell``.

    >>> import ndgrad as nd
    >>> rnn_step(nd.asarray([[0.5]]), nd.asarray([[-0.5]]))
    tensor([[0.]])
    """
    total = from_input + from_state
    return nd.tanh(total) if nonlinearity == "tanh" else nd.relu(total)


def lstm_step(from_input: Tensor, from_state: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
    """The next state and cell of a long short-term memory.

    Args:
        from_input: (N, 4 hidden), the products of the input with the weights: input gate, forget gate, new value and
            output gate side by side.
        from_state: the same of the last state.
        cell: (N, hidden).

    Source: Hochreiter and Schmidhuber 1997, "Long short-term memory"; PyTorch, ``torch.nn.LSTMCell``.

    >>> import ndgrad as nd
    >>> lstm_step(nd.zeros((1, 4)), nd.zeros((1, 4)), nd.ones((1, 1)))[1]
    tensor([[0.5000]])
    """
    enter, forget, value, leave = nd.chunk(from_input + from_state, 4, -1)
    cell = nd.sigmoid(forget) * cell + nd.sigmoid(enter) * nd.tanh(value)
    return nd.sigmoid(leave) * nd.tanh(cell), cell


def gru_step(from_input: Tensor, from_state: Tensor, state: Tensor) -> Tensor:
    """The next state of a gated recurrent unit.

    Args:
        from_input: (N, 3 hidden), the products of the input with the weights: reset gate, update gate and new value
            side by side.
        from_state: the same of the last state.
        state: (N, hidden), the last state.

    Source: Cho et al. 2014, "Learning phrase representations"; PyTorch, ``torch.nn.GRUCell``, which applies the reset
    gate after the product.

    >>> import ndgrad as nd
    >>> gru_step(nd.zeros((1, 3)), nd.zeros((1, 3)), nd.ones((1, 1)))
    tensor([[0.5000]])
    """
    reset_x, update_x, value_x = nd.chunk(from_input, 3, -1)
    reset_h, update_h, value_h = nd.chunk(from_state, 3, -1)
    value = nd.tanh(value_x + nd.sigmoid(reset_x + reset_h) * value_h)
    update = nd.sigmoid(update_x + update_h)
    return value + update * (state - value)
