"""Adamax."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

from typing import Any

import ndgrad as nd
from ndgrad import Tensor

from .moments import MomentOptimizer, moment_samples
from .optimizer import Params, implementation
from .update import decayed, update_rule

__all__ = ["Adamax"]


@update_rule(moment_samples(step_size=0.1, eps=1e-3))
def adamax_update(
    param: Tensor,
    grad: Tensor,
    exp_avg: Tensor,
    exp_inf: Tensor,
    *,
    step_size: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
) -> tuple[Tensor, Tensor, Tensor]:
    """The paper's algorithm 2: the step is the mean gradient over the largest one, which decays."""
    g = decayed(grad, param, weight_decay)
    m = beta1 * exp_avg + (1 - beta1) * g
    u = nd.maximum(beta2 * exp_inf, nd.abs(g) + eps)
    return param - step_size * m / u, m, u


class Adamax(MomentOptimizer):
    """Adam with the largest gradient of late in the place of the root mean square.

    Args:
        params: tensors, or dicts that make groups with settings of their own.
        lr: the step size.
        betas: how slowly mean and maximum forget.
        eps: keeps the division finite.
        weight_decay: adds this multiple of the parameter to its gradient.
        maximize: climb instead of descending.
        foreach, capturable, differentiable: PyTorch's choices of an implementation; kept, and without effect.

    Raises:
        ValueError: a negative setting, or betas outside [0, 1).

    Source: Kingma and Ba 2014, "Adam", section 7.1; PyTorch, ``torch.optim.Adamax``.

    >>> import ndgrad as nd
    >>> from ndgrad import optim
    >>> w = nd.asarray([1.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> optim.Adamax([w], lr=0.5).step()
    >>> w.detach()
    tensor([0.5000])
    """

    def __init__(
        self,
        params: Params,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        choice = implementation(foreach=foreach, capturable=capturable, differentiable=differentiable)
        super().__init__(params, lr, betas, eps, weight_decay, maximize=maximize, **choice)

    def update(self, param: Tensor, grad: Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
        if not state:
            state.update(step=0, exp_avg=nd.zeros_like(param), exp_inf=nd.zeros_like(param))
        state["step"] += 1
        beta1, beta2 = group["betas"]
        adamax_update(
            param,
            grad,
            state["exp_avg"],
            state["exp_inf"],
            step_size=group["lr"] / (1 - beta1 ** state["step"]),
            beta1=beta1,
            beta2=beta2,
            eps=group["eps"],
            weight_decay=group["weight_decay"],
        )
