"""Transformers: layers of attention and a small network, each beside a way around it, and stacks of these."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import ndgrad as nd
from ndgrad import Tensor

from . import functional as F
from . import init
from .attention import MultiheadAttention
from .containers import ModuleList
from .dropout import Dropout
from .linear import Linear
from .module import Module
from .normalization import LayerNorm

__all__ = [
    "Transformer", "TransformerDecoder", "TransformerDecoderLayer", "TransformerEncoder", "TransformerEncoderLayer",
]  # fmt: skip

_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"relu": F.relu, "gelu": F.gelu}


class _Layer(Module):
    """What the two kinds of layers share: attention, a network of two linear layers, and norms."""

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Tensor], Tensor] = F.relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        made: dict[str, Any] = {"bias": bias, "device": device, "dtype": dtype}
        blocks = self._attentions()
        for name in blocks:
            attention = MultiheadAttention(d_model, nhead, dropout, batch_first=batch_first, **made)
            self.add_module(name, attention)
        self.linear1 = Linear(d_model, dim_feedforward, **made)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, **made)
        self.norm_first = norm_first
        places = range(1, len(blocks) + 2)
        for i in places:
            self.add_module(f"norm{i}", LayerNorm(d_model, layer_norm_eps, **made))
        for i in places:
            self.add_module(f"dropout{i}", Dropout(dropout))
        self.activation = _activation(activation)

    @staticmethod
    def _attentions() -> tuple[str, ...]:
        return ("self_attn",)

    def _beside(self, x: Tensor, i: int, block: Callable[[Tensor], Tensor]) -> Tensor:
        """``x`` plus what block i makes of it; the norm comes before the block, or after the sum."""
        norm, dropout = getattr(self, f"norm{i}"), getattr(self, f"dropout{i}")
        if self.norm_first:
            return x + dropout(block(norm(x)))
        return norm(x + dropout(block(x)))

    def _feed_forward(self, x: Tensor) -> Tensor:
        return self.linear2(self.dropout(self.activation(self.linear1(x))))


class TransformerEncoderLayer(_Layer):
    """Attention of a sequence to itself, then a network on each element, each with a way around it and a norm.

    Args:
        d_model: the length of each element.
        nhead: the number of heads.
        dim_feedforward: the width of the network.
        dropout: the probability of zeros, in training.
        activation: of the network: "relu", "gelu" or a function.
        layer_norm_eps: of the norms.
        batch_first: whether sequences are (N, L, d_model) in place of (L, N, d_model).
        norm_first: whether norms come before attention and network.
        bias: whether projections, linear layers and norms add biases.
        device, dtype: of the parameters.

    Source: Vaswani et al. 2017, "Attention is all you need", section 3.1; PyTorch,
    ``torch.nn.TransformerEncoderLayer``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.TransformerEncoderLayer(d_model=8, nhead=2, dim_feedforward=16)(nd.ones((5, 3, 8))).shape
    (5, 3, 8)
    """

    def forward(
        self,
        src: Tensor,
        src_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        def attend(x: Tensor) -> Tensor:
            return self.self_attn(x, x, x, src_key_padding_mask, False, src_mask, is_causal=is_causal)[0]

        return self._beside(self._beside(src, 1, attend), 2, self._feed_forward)


class TransformerDecoderLayer(_Layer):
    """:class:`TransformerEncoderLayer` with attention to another sequence, ``memory``, in between.

    Source: Vaswani et al. 2017, "Attention is all you need", section 3.1; PyTorch,
    ``torch.nn.TransformerDecoderLayer``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> layer = nn.TransformerDecoderLayer(d_model=8, nhead=2, dim_feedforward=16)
    >>> layer(nd.ones((4, 3, 8)), nd.ones((5, 3, 8))).shape
    (4, 3, 8)
    """

    @staticmethod
    def _attentions() -> tuple[str, ...]:
        return ("self_attn", "multihead_attn")

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:
        def attend(x: Tensor) -> Tensor:
            return self.self_attn(x, x, x, tgt_key_padding_mask, False, tgt_mask, is_causal=tgt_is_causal)[0]

        def look_up(x: Tensor) -> Tensor:
            masks = (memory_key_padding_mask, False, memory_mask)
            return self.multihead_attn(x, memory, memory, *masks, is_causal=memory_is_causal)[0]

        x = self._beside(self._beside(tgt, 1, attend), 2, look_up)
        return self._beside(x, 3, self._feed_forward)


class _Stack(Module):
    """Copies of a layer, one after the other, and a norm at the end."""

    def __init__(self, layer: Module, num_layers: int, norm: Module | None) -> None:
        super().__init__()
        self.layers = ModuleList(copy.deepcopy(layer) for _ in range(num_layers))
        self.num_layers = num_layers
        self.norm = norm

    def _run(self, x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        for layer in self.layers:
            x = layer(x, *args, **kwargs)
        return x if self.norm is None else self.norm(x)


class TransformerEncoder(_Stack):
    """Copies of an encoder layer, one after the other.

    Args:
        encoder_layer: copied, with its values.
        num_layers: how often.
        norm: a last layer, such as :class:`LayerNorm`, or None.
        enable_nested_tensor, mask_check: without effect; PyTorch's switches for its own short cuts.

    Source: PyTorch, ``torch.nn.TransformerEncoder``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> layer = nn.TransformerEncoderLayer(d_model=8, nhead=2, dim_feedforward=16)
    >>> nn.TransformerEncoder(layer, num_layers=2)(nd.ones((5, 3, 8))).shape
    (5, 3, 8)
    """

    def __init__(
        self,
        encoder_layer: Module,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__(encoder_layer, num_layers, norm)

    def forward(
        self,
        src: Tensor,
        mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool | None = None,
    ) -> Tensor:
        return self._run(src, mask, src_key_padding_mask)


class TransformerDecoder(_Stack):
    """Copies of a decoder layer, one after the other; takes what :class:`TransformerEncoder` takes.

    Source: PyTorch, ``torch.nn.TransformerDecoder``.
    """

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__(decoder_layer, num_layers, norm)

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        masks = (tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask)
        return self._run(tgt, memory, *masks)


class Transformer(Module):
    """An encoder that reads one sequence, and a decoder that reads another and the encoder's result.

    Args:
        d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias: of the
            layers; see :class:`TransformerEncoderLayer`.
        num_encoder_layers, num_decoder_layers: how many there are.
        custom_encoder, custom_decoder: modules to use instead.
        device, dtype: of the parameters.

    Source: Vaswani et al. 2017, "Attention is all you need"; PyTorch, ``torch.nn.Transformer``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> model = nn.Transformer(8, 2, num_encoder_layers=1, num_decoder_layers=1, dim_feedforward=16)
    >>> model(nd.ones((5, 3, 8)), nd.ones((4, 3, 8))).shape
    (4, 3, 8)
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Tensor], Tensor] = F.relu,
        custom_encoder: Module | None = None,
        custom_decoder: Module | None = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        made: dict[str, Any] = {"bias": bias, "device": device, "dtype": dtype}
        layer = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first)

        def norm() -> LayerNorm:
            return LayerNorm(d_model, layer_norm_eps, **made)

        self.encoder = custom_encoder or TransformerEncoder(
            TransformerEncoderLayer(*layer, **made), num_encoder_layers, norm()
        )
        self.decoder = custom_decoder or TransformerDecoder(
            TransformerDecoderLayer(*layer, **made), num_decoder_layers, norm()
        )
        for parameter in self.parameters():
            if parameter.ndim > 1:
                init.xavier_uniform_(parameter)
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first

    def forward(
        self,
        src: Tensor,
        tgt: Tensor,
        src_mask: Tensor | None = None,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        memory = self.encoder(src, src_mask, src_key_padding_mask)
        masks = (tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask)
        return self.decoder(tgt, memory, *masks)

    @staticmethod
    def generate_square_subsequent_mask(sz: int, device: Any = None, dtype: Any = None) -> Tensor:
        """The mask (sz, sz) that lets each element see itself and those before it: 0 there, minus infinity elsewhere.

        >>> Transformer.generate_square_subsequent_mask(2)
        tensor([[0., -inf],
                [0., 0.]])
        """
        return nd.triu(nd.full((sz, sz), -math.inf, dtype=dtype, device=device), k=1)


def _activation(activation: str | Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    if not isinstance(activation, str):
        return activation
    if activation not in _ACTIVATIONS:
        raise ValueError(f"activation is 'relu', 'gelu' or a function, got {activation!r}")
    return _ACTIVATIONS[activation]
