"""Relatives of Adam: Adamax, NAdam and RAdam."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

import math
from typing import Any

import ndgrad as nd
from ndgrad import Tensor

from .optimizer import Optimizer, Params, check_at_least_zero, check_betas
from .update import update_rule

__all__ = ["Adamax", "NAdam", "RAdam"]

_MOMENTS = {"beta1": 0.9, "beta2": 0.99, "weight_decay": 0.1}


def _samples(**numbers: float) -> Any:
    return lambda make: [((make(3), make(3), make(3), make(3, low=0.5, high=1.0)), {**_MOMENTS, **numbers})]


@update_rule(_samples(step_size=0.1, eps=1e-3))
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
    g = grad + weight_decay * param if weight_decay else grad
    m = beta1 * exp_avg + (1 - beta1) * g
    u = nd.maximum(beta2 * exp_inf, nd.abs(g) + eps)
    return param - step_size * m / u, m, u


@update_rule(_samples(share=0.3, mean_share=0.6, correction=0.5, eps=1e-3, shrink=0.0))
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
    g = grad + weight_decay * param if weight_decay else grad
    m = beta1 * exp_avg + (1 - beta1) * g
    v = beta2 * exp_avg_sq + (1 - beta2) * g * g
    root = nd.sqrt(v / correction) + eps
    return param - (share * g + mean_share * m) / root, m, v


@update_rule(_samples(step_size=0.1, correction=0.5, rectified=0.7, eps=1e-3, shrink=0.0))
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
    g = grad + weight_decay * param if weight_decay else grad
    m = beta1 * exp_avg + (1 - beta1) * g
    v = beta2 * exp_avg_sq + (1 - beta2) * g * g
    scale = rectified * math.sqrt(correction) / (nd.sqrt(v) + eps) if rectified else 1.0
    return param - step_size * m * scale, m, v


class _Adaptive(Optimizer):
    """What the three share: two running averages, and their settings."""

    def __init__(
        self, params: Params, lr: float, betas: tuple[float, float], eps: float, decay: float, **more: Any
    ) -> None:
        check_at_least_zero(learning_rate=lr, epsilon_value=eps, weight_decay_value=decay)
        check_betas(betas)
        super().__init__(params, {"lr": lr, "betas": tuple(betas), "eps": eps, "weight_decay": decay, **more})

    @staticmethod
    def _decays(group: dict[str, Any]) -> dict[str, float]:
        """How weight decay enters: through the gradient, or by shrinking the parameter."""
        if group["decoupled_weight_decay"]:
            return {"weight_decay": 0.0, "shrink": group["lr"] * group["weight_decay"]}
        return {"weight_decay": group["weight_decay"], "shrink": 0.0}


class Adamax(_Adaptive):
    """Adam with the largest gradient of late in the place of the root mean square.

    Args:
        params: tensors, or dicts that make groups with settings of their own.
        lr: the step size.
        betas: how slowly mean and maximum forget.
        eps: keeps the division finite.
        weight_decay: adds this multiple of the parameter to its gradient.
        maximize: climb instead of descending.

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
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, maximize=maximize)

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


class NAdam(_Adaptive):
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
        maximize: bool = False,
    ) -> None:
        check_at_least_zero(momentum_decay_value=momentum_decay)
        more = {"momentum_decay": momentum_decay, "decoupled_weight_decay": decoupled_weight_decay}
        super().__init__(params, lr, betas, eps, weight_decay, **more, maximize=maximize)

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
            **self._decays(group),
        )


class RAdam(_Adaptive):
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
        maximize: bool = False,
    ) -> None:
        more = {"decoupled_weight_decay": decoupled_weight_decay, "maximize": maximize}
        super().__init__(params, lr, betas, eps, weight_decay, **more)

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
            **self._decays(group),
        )


def _rectification(beta2: float, t: int) -> float:
    """The paper's r_t, 0 while the variance of the adaptive rate is not finite."""
    longest = 2 / (1 - beta2) - 1
    length = longest - 2 * t * beta2**t / (1 - beta2**t)
    if length <= 5:
        return 0.0
    return math.sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
