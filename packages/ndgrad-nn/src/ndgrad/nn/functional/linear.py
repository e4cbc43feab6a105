"""Products with weights."""

from __future__ import annotations

from typing import Any

import ndgrad as nd
from ndgrad import Tensor
from ndgrad.dispatch import apply, public
from ndgrad.ops.products import adjoint_times
from ndgrad.rows import Op

__all__ = ["linear"]


def _linear(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return nd.matmul(x, nd.matrix_transpose(weight)) + bias


def _weight_cotangent(g: Tensor, x: Tensor) -> Tensor:
    g, x = (nd.reshape(t, (-1, t.shape[-1])) if t.ndim != 2 else t for t in (g, x))
    return nd.conj(adjoint_times(g, x))


def _samples(make: Any) -> list[Any]:
    return [((make(*shape, 3), make(2, 3), make(2)), {}) for shape in [(4,), (), (5, 4), (0,)]]


LINEAR = Op(
    "linear", ("x", "weight", "bias"), accepts="numeric", namespace=None, decompose=_linear, samples=_samples,
    vjp=(
        lambda g, weight: nd.matmul(g, nd.conj(weight)),
        _weight_cotangent,
        lambda g: nd.sum(g, axis=tuple(range(g.ndim - 1))),
    ),
)  # fmt: skip


@public(LINEAR)
def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """``input @ weight.T + bias``.

    Args:
        input: (..., in).
        weight: (out, in).
        bias: (out,) or None.

    Raises:
        ValueError: the shapes do not fit.

    Source: PyTorch, ``torch.nn.functional.linear``.

    >>> import ndgrad as nd
    >>> linear(nd.ones((1, 3)), nd.ones((2, 3)), nd.asarray([0.0, 1.0]))
    tensor([[3., 4.]])
    """
    if (
        weight.ndim != 2
        or input.shape[-1:] != weight.shape[1:]
        or (bias is not None and bias.shape != weight.shape[:1])
    ):
        raise ValueError(
            "linear: input (..., in), weight (out, in) and bias (out,) do not fit: "
            f"got {input.shape}, {weight.shape} and {None if bias is None else bias.shape}"
        )
    if bias is None:
        return nd.matmul(input, nd.matrix_transpose(weight))
    return apply(LINEAR, input, weight, bias)
