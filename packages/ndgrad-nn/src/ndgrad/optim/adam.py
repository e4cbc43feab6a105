"""Adam, and AdamW, whose weight decay is no part of the gradient."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

from typing import Any

import ndgrad as nd
from ndgrad import Tensor

from .moments import MomentOptimizer, moments
from .optimizer import Params, implementation
from .update import decayed, update_rule

__all__ = ["Adam", "AdamW"]


def _samples(make: Any) -> list[Any]:
    numbers = {"step": 3, "lr": 0.1, "beta1": 0.9, "beta2": 0.99, "eps": 1e-3, "l2": 0.1, "shrink": 0.01}
    second, largest = make(3, low=0.5, high=1.0), make(3, low=0.5, high=1.0)
    return [((make(3), make(3), make(3), second, largest), numbers)]


@update_rule(_samples)
def adam_update(
    param: Tensor,
    grad: Tensor,
    exp_avg: Tensor,
    exp_avg_sq: Tensor,
    max_exp_avg_sq: Tensor | None,
    *,
    step: int,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    l2: float,
    shrink: float,
) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
    """The paper's algorithm 1; ``l2`` enters the gradient, ``shrink`` multiplies the parameter by 1 - shrink."""
    m, v = moments(decayed(grad, param, l2), exp_avg, exp_avg_sq, beta1, beta2)
    largest = v if max_exp_avg_sq is None else nd.maximum(max_exp_avg_sq, v)
    m_hat = m / (1 - beta1**step)
    v_hat = largest / (1 - beta2**step)
    return (1 - shrink) * param - lr * m_hat / (nd.sqrt(v_hat) + eps), m, v, None if max_exp_avg_sq is None else largest


class Adam(MomentOptimizer):
    """Adam: each element's step is its mean gradient over the root of its mean squared gradient.

    Args:
        params: tensors, or dicts that make groups with settings of their own.
        lr: the step size.
        betas: how slowly the two means forget.
        eps: keeps the division finite.
        weight_decay: adds this multiple of the parameter to its gradient; see :class:`AdamW`.
        amsgrad: divide by the largest mean squared gradient so far.
        maximize: climb instead of descending.
        foreach, capturable, differentiable, fused: PyTorch's choices of an implementation; kept, and without effect.
        decoupled_weight_decay: shrink the parameter itself instead, as :class:`AdamW` does.

    Raises:
        ValueError: a negative setting, or betas outside [0, 1).

    Source: Kingma and Ba 2014, "Adam"; Reddi et al. 2018, "On the convergence of Adam and beyond"; PyTorch,
    ``torch.optim.Adam``.

    >>> import ndgrad as nd
    >>> from ndgrad import optim
    >>> w = nd.asarray([1.0, 2.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> optim.Adam([w], lr=0.5).step()
    >>> w.detach()
    tensor([0.5000, 1.5000])
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        more = {"amsgrad": amsgrad, "maximize": maximize, "decoupled_weight_decay": decoupled_weight_decay}
        choice = implementation(foreach=foreach, capturable=capturable, differentiable=differentiable, fused=fused)
        super().__init__(params, lr, betas, eps, weight_decay, **more, **choice)

    def update(self, param: Tensor, grad: Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
        if not state:
            state.update(step=0, exp_avg=nd.zeros_like(param), exp_avg_sq=nd.zeros_like(param))
        if group["amsgrad"] and "max_exp_avg_sq" not in state:
            state["max_exp_avg_sq"] = nd.zeros_like(param)
        state["step"] += 1
        lr, decay, decoupled = group["lr"], group["weight_decay"], group["decoupled_weight_decay"]
        adam_update(
            param,
            grad,
            state["exp_avg"],
            state["exp_avg_sq"],
            state["max_exp_avg_sq"] if group["amsgrad"] else None,
            step=state["step"],
            lr=lr,
            beta1=group["betas"][0],
            beta2=group["betas"][1],
            eps=group["eps"],
            l2=0.0 if decoupled else decay,
            shrink=lr * decay if decoupled else 0.0,
        )


class AdamW(Adam):
    """Adam whose weight decay shrinks the parameters instead of entering the means.

    Takes what :class:`Adam` takes, with ``weight_decay=0.01``.

    Source: Loshchilov and Hutter 2017, "Decoupled weight decay regularization"; PyTorch, ``torch.optim.AdamW``.

    >>> import ndgrad as nd
    >>> from ndgrad import optim
    >>> w = nd.asarray([1.0], requires_grad=True)
    >>> w.grad = nd.zeros(1)
    >>> optim.AdamW([w], lr=0.5, weight_decay=0.5).step()
    >>> w.detach()
    tensor([0.7500])
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        choice: Any = {
            "foreach": foreach, "capturable": capturable, "differentiable": differentiable, "fused": fused,
        }  # fmt: skip
        super().__init__(
            params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize, decoupled_weight_decay=True, **choice
        )
