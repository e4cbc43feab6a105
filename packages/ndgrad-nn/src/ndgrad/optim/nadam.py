"""NAdam."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

from typing import Any

import ndgrad as nd
from ndgrad import Tensor

from .moments import MomentOptimizer, decays, moment_samples, moments
from .optimizer import Params, check_at_least_zero, implementation
from .update import decayed, update_rule

__all__ = ["NAdam"]


@update_rule(moment_samples(share=0.3, mean_share=0.6, correction=0.5, eps=1e-3, shrink=0.0))
def nadam_update(
    param: Tensor,
    grad: Tensor,
    exp_avg: Tensor,
    exp_avg_sq: Tensor,
    *,
    share: float,
    mean_share: float,
    beta1: float,
    beta2: float,
    correction: float,
    eps: float,
    weight_decay: float,
    shrink: float,
) -> tuple[Tensor, Tensor, Tensor]:
    """The step is ``share`` of the gradient and ``mean_share`` of its mean over the root of the mean square."""
    param = (1 - shrink) * param if shrink else param
    g = decayed(grad, param, weight_decay)
    m, v = moments(g, exp_avg, exp_avg_sq, beta1, beta2)
    root = nd.sqrt(v / correction) + eps
    return param - (share * g + mean_share * m) / root, m, v


class NAdam(MomentOptimizer):
    """Adam with Nesterov's momentum.

    Takes what :class:`Adam` takes but ``amsgrad``, with ``lr=0.002``, and ``momentum_decay``, by which the momentum
    grows to its value.

    Source: Dozat 2016, "Incorporating Nesterov momentum into Adam"; PyTorch, ``torch.optim.NAdam``.

    >>> import ndgrad as nd
    >>> from ndgrad import optim
    >>> w = nd.asarray([1.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> optim.NAdam([w], lr=0.5).step()
    >>> bool(w < 1)
    True
    """

    numbers = ("step", "mu_product")

    def __init__(
        self,
        params: Params,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_at_least_zero(momentum_decay_value=momentum_decay)
        more = {"momentum_decay": momentum_decay, "decoupled_weight_decay": decoupled_weight_decay}
        choice = implementation(foreach=foreach, capturable=capturable, differentiable=differentiable)
        super().__init__(params, lr, betas, eps, weight_decay, **more, maximize=maximize, **choice)

    def update(self, param: Tensor, grad: Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
        if not state:
            state.update(step=0, mu_product=1.0, exp_avg=nd.zeros_like(param), exp_avg_sq=nd.zeros_like(param))
        state["step"] += 1
        (beta1, beta2), t = group["betas"], state["step"]
        mu, following = (beta1 * (1 - 0.5 * 0.96 ** (s * group["momentum_decay"])) for s in (t, t + 1))
        state["mu_product"] *= mu
        nadam_update(
            param,
            grad,
            state["exp_avg"],
            state["exp_avg_sq"],
            share=group["lr"] * (1 - mu) / (1 - state["mu_product"]),
            mean_share=group["lr"] * following / (1 - state["mu_product"] * following),
            beta1=beta1,
            beta2=beta2,
            correction=1 - beta2**t,
            eps=group["eps"],
            **decays(group),
        )
