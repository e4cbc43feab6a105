"""Rprop."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

from typing import Any

import ndgrad as nd
from ndgrad import Tensor

from .optimizer import Optimizer, Params, check_at_least_zero, implementation
from .update import update_rule

__all__ = ["Rprop"]


def _samples(make: Any) -> list[Any]:
    numbers = {"shrink": 0.5, "grow": 1.2, "smallest": 0.01, "largest": 0.3}
    return [((make(3), make(3), make(3), make(3, low=0.05, high=0.2)), numbers)]


@update_rule(_samples)
def rprop_update(
    param: Tensor,
    grad: Tensor,
    prev: Tensor,
    step_size: Tensor,
    *,
    shrink: float,
    grow: float,
    smallest: float,
    largest: float,
) -> tuple[Tensor, Tensor, Tensor]:
    """A step against the gradient's sign, longer where that is the last one's, shorter and left out where it turned."""
    agreement = grad * prev
    turned = agreement < 0
    changed = nd.where(turned, shrink * step_size, nd.where(agreement > 0, grow * step_size, step_size))
    size = nd.clip(changed, smallest, largest)
    g = nd.where(turned, 0.0, grad)
    return param - size * nd.sign(g), g, size


class Rprop(Optimizer):
    """Steps whose length grows while the gradient keeps its sign and shrinks when it turns; for whole batches.

    Args:
        params: tensors, or dicts that make groups with settings of their own.
        lr: the length of the first step, of every element.
        etas: by what a step is multiplied when its gradient has turned, and when it has not.
        step_sizes: the shortest and the longest step.
        maximize: climb instead of descending.
        capturable, foreach, differentiable: PyTorch's choices of an implementation; kept, and without effect.

    Raises:
        ValueError: a negative rate, or factors that are not on both sides of 1.

    Source: Riedmiller and Braun 1993, "A direct adaptive method for faster backpropagation learning"; PyTorch,
    ``torch.optim.Rprop``.

    >>> import ndgrad as nd
    >>> from ndgrad import optim
    >>> w = nd.asarray([1.0, -3.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> optim.Rprop([w], lr=0.25).step()
    >>> w.detach()
    tensor([ 0.7500, -2.7500])
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_at_least_zero(learning_rate=lr)
        if not 0 < etas[0] < 1 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}; the first lies below 1, the second above")
        defaults = {
            "lr": lr, "etas": etas, "step_sizes": step_sizes, "maximize": maximize,
            **implementation(foreach=foreach, differentiable=differentiable, capturable=capturable),
        }  # fmt: skip
        super().__init__(params, defaults)

    def update(self, param: Tensor, grad: Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
        if not state:
            state.update(step=0, prev=nd.zeros_like(param), step_size=nd.full_like(param, group["lr"]))
        state["step"] += 1
        (shrink, grow), (smallest, largest) = group["etas"], group["step_sizes"]
        sizes = {"smallest": smallest, "largest": largest}
        rprop_update(param, grad, state["prev"], state["step_size"], shrink=shrink, grow=grow, **sizes)
