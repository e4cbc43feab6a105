"""RAdam."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

import math
from typing import Any

import ndgrad as nd
from ndgrad import Tensor

from .moments import MomentOptimizer, decays, moment_samples, moments
from .optimizer import Params, implementation
from .update import decayed, update_rule

__all__ = ["RAdam"]


@update_rule(moment_samples(step_size=0.1, correction=0.5, rectified=0.7, eps=1e-3, shrink=0.0))
def radam_update(
    param: Tensor,
    grad: Tensor,
    exp_avg: Tensor,
    exp_avg_sq: Tensor,
    *,
    step_size: float,
    beta1: float,
    beta2: float,
    correction: float,
    rectified: float,
    eps: float,
    weight_decay: float,
    shrink: float,
) -> tuple[Tensor, Tensor, Tensor]:
    """Adam's step times ``rectified``, or where that is 0, the mean gradient alone."""
    param = (1 - shrink) * param if shrink else param
    g = decayed(grad, param, weight_decay)
    m, v = moments(g, exp_avg, exp_avg_sq, beta1, beta2)
    scale = rectified * math.sqrt(correction) / (nd.sqrt(v) + eps) if rectified else 1.0
    return param - step_size * m * scale, m, v


class RAdam(MomentOptimizer):
    """Adam whose step is left out of account of the mean square while that is not known well.

    Takes what :class:`Adam` takes but ``amsgrad``.

    Source: Liu et al. 2019, "On the variance of the adaptive learning rate and beyond"; PyTorch, ``torch.optim.RAdam``.

    >>> import ndgrad as nd
    >>> from ndgrad import optim
    >>> w = nd.asarray([1.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> optim.RAdam([w], lr=0.25).step()
    >>> w.detach()
    tensor([0.5000])
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        more = {"decoupled_weight_decay": decoupled_weight_decay, "maximize": maximize}
        choice = implementation(foreach=foreach, capturable=capturable, differentiable=differentiable)
        super().__init__(params, lr, betas, eps, weight_decay, **more, **choice)

    def update(self, param: Tensor, grad: Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
        if not state:
            state.update(step=0, exp_avg=nd.zeros_like(param), exp_avg_sq=nd.zeros_like(param))
        state["step"] += 1
        (beta1, beta2), t = group["betas"], state["step"]
        radam_update(
            param,
            grad,
            state["exp_avg"],
            state["exp_avg_sq"],
            step_size=group["lr"] / (1 - beta1**t),
            beta1=beta1,
            beta2=beta2,
            correction=1 - beta2**t,
            rectified=_rectification(beta2, t),
            eps=group["eps"],
            **decays(group),
        )


def _rectification(beta2: float, t: int) -> float:
    """The paper's r_t, 0 while the variance of the adaptive rate is not finite."""
    longest = 2 / (1 - beta2) - 1
    length = longest - 2 * t * beta2**t / (1 - beta2**t)
    if length <= 5:
        return 0.0
    return math.sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
