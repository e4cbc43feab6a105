"""Stochastic gradient descent."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

from typing import Any

import ndgrad as nd
from ndgrad import Tensor

from .optimizer import Optimizer, Params, check_at_least_zero, implementation
from .update import decayed, update_rule

__all__ = ["SGD"]


def _samples(make: Any) -> list[Any]:
    numbers = {"lr": 0.1, "momentum": 0.9, "dampening": 0.2, "weight_decay": 0.1}
    return [((make(3), make(3), make(3)), {**numbers, "nesterov": nesterov}) for nesterov in (False, True)]


@update_rule(_samples)
def sgd_update(
    param: Tensor,
    grad: Tensor,
    momentum_buffer: Tensor | None,
    *,
    lr: float,
    momentum: float,
    dampening: float,
    weight_decay: float,
    nesterov: bool,
) -> tuple[Tensor, Tensor | None]:
    """Momentum b <- momentum b + (1 - dampening) g, then a step of lr b, or with Nesterov's of lr (g + momentum b)."""
    g = decayed(grad, param, weight_decay)
    if momentum_buffer is None:
        return param - lr * g, None
    b = momentum * momentum_buffer + (1 - dampening) * g
    return param - lr * (g + momentum * b if nesterov else b), b


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum if asked for.

    Args:
        params: tensors, or dicts that make groups with settings of their own.
        lr: the step size.
        momentum: the share of the last step that goes on in this one; 0 for none.
        dampening: how much less of the gradient enters the momentum.
        weight_decay: adds this multiple of the parameter to its gradient.
        nesterov: Nesterov's momentum, which looks one step ahead.
        maximize: climb instead of descending.
        foreach, differentiable, fused: PyTorch's choices of an implementation; kept, and without effect.

    Raises:
        ValueError: a negative setting, or Nesterov's momentum without momentum or with dampening.

    Source: PyTorch, ``torch.optim.SGD``; Sutskever et al. 2013, "On the importance of initialization and momentum".

    >>> import ndgrad as nd
    >>> from ndgrad import optim
    >>> w = nd.asarray([1.0, 2.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> optim.SGD([w], lr=0.25).step()
    >>> w.detach()
    tensor([0.5000, 1.0000])
    """

    takes_complex = True

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_at_least_zero(learning_rate=lr, momentum_value=momentum, weight_decay_value=weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            given = f"momentum={momentum}, dampening={dampening}"
            raise ValueError(f"Nesterov momentum requires a momentum and zero dampening, got {given}")
        defaults = {
            "lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay,
            "nesterov": nesterov, "maximize": maximize,
            **implementation(foreach=foreach, differentiable=differentiable, fused=fused),
        }  # fmt: skip
        super().__init__(params, defaults)

    def update(self, param: Tensor, grad: Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
        dampening = group["dampening"]
        if group["momentum"] and "momentum_buffer" not in state:
            state["momentum_buffer"] = nd.zeros_like(param)
            dampening = 0  # the first gradient enters whole
        sgd_update(
            param,
            grad,
            state.get("momentum_buffer") if group["momentum"] else None,
            lr=group["lr"],
            momentum=group["momentum"],
            dampening=dampening,
            weight_decay=group["weight_decay"],
            nesterov=group["nesterov"],
        )
