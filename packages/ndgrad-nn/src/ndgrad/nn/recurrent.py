"""Recurrent layers: over whole sequences, in one direction or both, several on top of each other."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

import math
import warnings
from typing import Any, ClassVar

import ndgrad as nd
from ndgrad import Tensor

from . import functional as F
from . import init
from .functional.recurrent import gru_step, lstm_step, rnn_step
from .module import Module
from .parameter import Parameter

__all__ = ["GRU", "LSTM", "RNN", "RNNBase"]

State = tuple[Tensor, ...]  # the hidden state, and of an LSTM its cell


class RNNBase(Module):
    """What the recurrent layers share; a subclass writes :meth:`step`.

    Args:
        input_size: the length of each element of a sequence.
        hidden_size: the length of the state.
        num_layers: how many layers lie on top of each other, each reading the one below.
        bias: whether to add biases.
        batch_first: whether sequences are (N, L, input_size) in place of (L, N, input_size).
        dropout: the probability of a zero between two layers, in training.
        bidirectional: whether a second state runs from the end to the beginning; the results stand side by side.
        proj_size: of an LSTM, the length to which its state is projected; 0 for none.
        device, dtype: of the parameters.

    Attributes:
        weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, ...: of each layer, and with the suffix ``_reverse`` of the
            other direction; uniform in +-1 / sqrt(hidden_size) at first. ``weight_hr_l0``, ... are the projections.

    In place of sequences of one length they take a :class:`ndgrad.nn.utils.rnn.PackedSequence`, and return one.

    Raises:
        ValueError: settings that do not fit together, or an input or a state of another shape.
    """

    gates: ClassVar[int] = 1
    states: ClassVar[int] = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        _check_settings(hidden_size, num_layers, dropout, proj_size)
        if proj_size and self.states == 1:
            raise ValueError(f"proj_size is a setting of the LSTM only, got {proj_size} for {type(self).__name__}")
        self.input_size, self.hidden_size, self.num_layers, self.bias = input_size, hidden_size, num_layers, bias
        self.batch_first, self.dropout, self.bidirectional = batch_first, float(dropout), bidirectional
        self.proj_size = proj_size
        self.directions = ("", "_reverse") if bidirectional else ("",)
        for layer in range(num_layers):
            length = input_size if layer == 0 else self._out_size * len(self.directions)
            for direction in self.directions:
                for name, shape in self._shapes(length):
                    parameter = Parameter(nd.empty(shape, device=device, dtype=dtype))
                    self.register_parameter(f"{name}_l{layer}{direction}", parameter)
        self.reset_parameters()

    @property
    def mode(self) -> str:
        """PyTorch's name of the kind: "LSTM", "GRU", "RNN_TANH" or "RNN_RELU"."""
        return type(self).__name__

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The parameters of each layer and direction."""
        suffixes = [f"_l{layer}{direction}" for layer in range(self.num_layers) for direction in self.directions]
        names = [name for name, _ in self._shapes(self.input_size)]
        return [[getattr(self, name + suffix) for name in names] for suffix in suffixes]

    @property
    def _out_size(self) -> int:
        return self.proj_size or self.hidden_size

    def _shapes(self, input_size: int) -> list[tuple[str, tuple[int, ...]]]:
        rows = self.gates * self.hidden_size
        shapes: list[tuple[str, tuple[int, ...]]] = [
            ("weight_ih", (rows, input_size)), ("weight_hh", (rows, self._out_size)),
        ]  # fmt: skip
        shapes += [("bias_ih", (rows,)), ("bias_hh", (rows,))] if self.bias else []
        return shapes + ([("weight_hr", (self.proj_size, self.hidden_size))] if self.proj_size else [])

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        bound = 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def flatten_parameters(self) -> None:
        """Do nothing: it is here for programs that were written for PyTorch, where it rearranges GPU memory."""

    def step(self, from_input: Tensor, from_state: Tensor, states: State) -> State:
        """The next states, given the products of input and state with the weights."""
        raise NotImplementedError(f"{type(self).__name__} has no step: write def step(self, from_input, ...)")

    def _run(self, input: Any, states: State | None) -> tuple[Any, State]:
        """Output and last states, in this layer's own arrangement of axes."""
        if isinstance(input, tuple):
            return self._run_packed(input, states)
        if input.ndim not in (2, 3) or input.shape[-1] != self.input_size:
            axes = "(N, L, input_size)" if self.batch_first else "(L, N, input_size)"
            raise ValueError(
                f"{type(self).__name__} takes sequences {axes}, or (L, input_size) for one, with input_size "
                f"{self.input_size}, got shape {input.shape}"
            )
        batched, batch_axis = input.ndim == 3, 0 if self.batch_first else 1
        if not batched:
            input = nd.expand_dims(input, axis=1)
        elif self.batch_first:
            input = nd.swapaxes(input, 0, 1)
        x, found = self._layers(input, self._initial(input, input.shape[1], states, batched))
        if not batched:
            return nd.squeeze(x, axis=1), tuple(nd.squeeze(state, axis=1) for state in found)
        return nd.swapaxes(x, 0, 1) if batch_axis == 0 else x, found

    def _run_packed(self, packed: Any, states: State | None) -> tuple[Any, State]:
        data, batch_sizes, order, back = packed
        if data.ndim != 2 or data.shape[1] != self.input_size:
            raise ValueError(
                f"{type(self).__name__} takes packed data (total length, input_size) with input_size "
                f"{self.input_size}, got shape {data.shape}"
            )
        sizes = batch_sizes.tolist()
        if states is not None and order is not None:
            states = tuple(nd.take(state, order, axis=1) for state in states)
        x, found = self._layers(data, self._initial(data, sizes[0], states, batched=True), sizes)
        if back is not None:
            found = tuple(nd.take(state, back, axis=1) for state in found)
        return type(packed)(x, batch_sizes, order, back), found

    def _initial(self, input: Tensor, n: int, states: State | None, batched: bool) -> State:
        count = self.num_layers * len(self.directions)
        shapes = [(count, n, self._out_size), (count, n, self.hidden_size)][: self.states]
        if states is None:
            return tuple(nd.zeros(shape, dtype=input.dtype, device=input.device) for shape in shapes)
        given = tuple(state if batched else nd.expand_dims(state, axis=1) for state in states)
        if [state.shape for state in given] != shapes:
            raise ValueError(
                f"{type(self).__name__}: the state must have shape {', '.join(map(str, shapes))} (with a batch axis), "
                f"got {', '.join(str(state.shape) for state in given)}"
            )
        return given

    def _layers(self, x: Tensor, initial: State, sizes: list[int] | None = None) -> tuple[Tensor, State]:
        last: list[State] = []
        for layer in range(self.num_layers):
            outputs = []
            for direction in self.directions:
                states = tuple(state[len(last)] for state in initial)
                y, states = self._direction(x, states, f"_l{layer}{direction}", sizes, backwards=direction != "")
                outputs.append(y)
                last.append(states)
            x = outputs[0] if len(outputs) == 1 else nd.concat(outputs, axis=-1)
            if layer < self.num_layers - 1:
                x = F.dropout(x, self.dropout, self.training)
        return x, tuple(nd.stack(states) for states in zip(*last, strict=True))

    def _direction(
        self, x: Tensor, first: State, suffix: str, sizes: list[int] | None, *, backwards: bool
    ) -> tuple[Tensor, State]:
        """One layer in one direction: the inputs' products are taken at once, the states' one after the other.

        Of packed sequences, a step has as many rows as ``sizes`` says; those of sequences that have ended wait.
        """
        from_input = F.linear(x, getattr(self, "weight_ih" + suffix), getattr(self, "bias_ih" + suffix, None))
        weight, bias = getattr(self, "weight_hh" + suffix), getattr(self, "bias_hh" + suffix, None)
        projection = getattr(self, "weight_hr" + suffix, None)
        outputs: list[Tensor] = []
        ended: list[State] = []
        states = first if sizes is None or not backwards else _rows(first, 0, sizes[-1])
        steps = nd.unstack(from_input) if sizes is None else nd.split(from_input, sizes)
        for step in reversed(steps) if backwards else steps:
            rows, before = step.shape[0], states[0].shape[0]
            if rows < before:
                ended.append(_rows(states, rows, before))
                states = _rows(states, 0, rows)
            elif rows > before:
                states = _stacked([states, _rows(first, before, rows)])
            states = self.step(step, F.linear(states[0], weight, bias), states)
            if projection is not None:
                states = (F.linear(states[0], projection), *states[1:])
            outputs.append(states[0])
        if backwards:
            outputs.reverse()
        y = nd.stack(outputs) if sizes is None else nd.concat(outputs)
        return y, _stacked([states, *reversed(ended)]) if ended else states

    def extra_repr(self) -> str:
        shown = {
            "proj_size": (self.proj_size, 0), "num_layers": (self.num_layers, 1), "bias": (self.bias, True),
            "batch_first": (self.batch_first, False), "dropout": (self.dropout, 0),
            "bidirectional": (self.bidirectional, False),
        }  # fmt: skip
        settings = [f", {name}={value}" for name, (value, default) in shown.items() if value != default]
        return f"{self.input_size}, {self.hidden_size}" + "".join(settings)


class RNN(RNNBase):
    """Elman's recurrent network: each state is tanh, or relu, of the input and the last state.

    Takes what :class:`RNNBase` takes, and ``nonlinearity``, "tanh" or "relu". Called with sequences (L, N, input_size)
    and optionally a first state (layers, N, hidden_size), it returns the states (L, N, hidden_size) of the last layer
    and the last state of every layer.

    Source: Elman 1990, "Finding structure in time"; PyTorch, ``torch.nn.RNN``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> output, state = nn.RNN(10, 20, num_layers=2)(nd.ones((5, 3, 10)))
    >>> output.shape, state.shape
    ((5, 3, 20), (2, 3, 20))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"nonlinearity is 'tanh' or 'relu', got {nonlinearity!r}")
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device=device, dtype=dtype
        )
        self.nonlinearity = nonlinearity

    @property
    def mode(self) -> str:
        return f"RNN_{self.nonlinearity.upper()}"

    def step(self, from_input: Tensor, from_state: Tensor, states: State) -> State:
        return (rnn_step(from_input, from_state, self.nonlinearity),)

    def forward(self, input: Any, hx: Tensor | None = None) -> tuple[Any, Tensor]:
        output, (state,) = self._run(input, None if hx is None else (hx,))
        return output, state


class GRU(RNNBase):
    """A gated recurrent unit over sequences; called as :class:`RNN`.

    Source: Cho et al. 2014, "Learning phrase representations"; PyTorch, ``torch.nn.GRU``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> output, state = nn.GRU(10, 20, batch_first=True)(nd.ones((3, 5, 10)))
    >>> output.shape, state.shape
    ((3, 5, 20), (1, 3, 20))
    """

    gates = 3

    def step(self, from_input: Tensor, from_state: Tensor, states: State) -> State:
        return (gru_step(from_input, from_state, states[0]),)

    def forward(self, input: Any, hx: Tensor | None = None) -> tuple[Any, Tensor]:
        output, (state,) = self._run(input, None if hx is None else (hx,))
        return output, state


class LSTM(RNNBase):
    """A long short-term memory over sequences; called as :class:`RNN`, but its state is a pair: hidden state and cell.

    Source: Hochreiter and Schmidhuber 1997, "Long short-term memory"; PyTorch, ``torch.nn.LSTM``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> output, (state, cell) = nn.LSTM(10, 20, bidirectional=True)(nd.ones((5, 3, 10)))
    >>> output.shape, state.shape, cell.shape
    ((5, 3, 40), (2, 3, 20), (2, 3, 20))
    """

    gates, states = 4, 2

    def step(self, from_input: Tensor, from_state: Tensor, states: State) -> State:
        return lstm_step(from_input, from_state, states[1])

    def forward(self, input: Any, hx: tuple[Tensor, Tensor] | None = None) -> tuple[Any, tuple[Tensor, Tensor]]:
        output, (state, cell) = self._run(input, hx)
        return output, (state, cell)


def _rows(states: State, begin: int, end: int) -> State:
    return tuple(state[begin:end] for state in states)


def _stacked(parts: list[State]) -> State:
    return tuple(nd.concat(columns) for columns in zip(*parts, strict=True))


def _check_settings(hidden_size: int, num_layers: int, dropout: float, proj_size: int) -> None:
    if hidden_size < 1 or num_layers < 1:
        raise ValueError(f"hidden_size and num_layers must be positive, got {hidden_size} and {num_layers}")
    if not 0 <= dropout <= 1:
        raise ValueError(f"dropout is a probability between 0 and 1, got {dropout}")
    if not 0 <= proj_size < hidden_size:
        raise ValueError(f"proj_size must be smaller than hidden_size, got {proj_size} and {hidden_size}")
    if dropout > 0 and num_layers == 1:
        warnings.warn(
            f"dropout acts between layers, and with num_layers=1 there is none to follow: dropout={dropout} does "
            "nothing; write nn.Dropout behind the layer",
            stacklevel=5,
        )
