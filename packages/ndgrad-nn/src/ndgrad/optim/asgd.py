"""ASGD."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

from typing import Any

import ndgrad as nd
from ndgrad import Tensor

from .optimizer import Optimizer, Params, check_at_least_zero, implementation
from .update import decayed, update_rule

__all__ = ["ASGD"]


def _samples(make: Any) -> list[Any]:
    numbers = {"eta": 0.1, "lambd": 0.1, "weight_decay": 0.1}
    return [((make(3), make(3), make(3)), {**numbers, "mu": mu}) for mu in (1.0, 0.5)]


@update_rule(_samples)
def asgd_update(
    param: Tensor, grad: Tensor, ax: Tensor, *, eta: float, lambd: float, mu: float, weight_decay: float
) -> tuple[Tensor, Tensor]:
    """A step of eta g from the decayed parameter, whose share in the average is mu."""
    g = decayed(grad, param, weight_decay)
    param = (1 - lambd * eta) * param - eta * g
    return param, param if mu == 1 else ax + mu * (param - ax)


class ASGD(Optimizer):
    """Gradient descent with a falling rate, beside an average of the parameters from step ``t0`` on.

    Args:
        params: tensors, or dicts that make groups with settings of their own.
        lr: the step size at the beginning.
        lambd: how fast the parameters and the rate decay.
        alpha: step t uses lr / (1 + lambd lr t) ** alpha.
        t0: the step from which on parameters are averaged.
        weight_decay: adds this multiple of the parameter to its gradient.
        maximize: climb instead of descending.
        foreach, differentiable, capturable: PyTorch's choices of an implementation; kept, and without effect.

    Attributes:
        state: holds the average of each parameter as ``optimizer.state[param]["ax"]``.

    Raises:
        ValueError: a negative rate or weight decay.

    Source: Polyak and Juditsky 1992, "Acceleration of stochastic approximation by averaging"; PyTorch,
    ``torch.optim.ASGD``.

    >>> import ndgrad as nd
    >>> from ndgrad import optim
    >>> w = nd.asarray([1.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> optim.ASGD([w], lr=0.25, lambd=0.0).step()
    >>> w.detach()
    tensor([0.5000])
    """

    takes_complex = True
    numbers = ("step", "eta", "mu")

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_at_least_zero(learning_rate=lr, weight_decay_value=weight_decay)
        defaults = {
            "lr": lr, "lambd": lambd, "alpha": alpha, "t0": t0, "weight_decay": weight_decay, "maximize": maximize,
            **implementation(foreach=foreach, differentiable=differentiable, capturable=capturable),
        }  # fmt: skip
        super().__init__(params, defaults)

    def update(self, param: Tensor, grad: Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
        if not state:
            state.update(step=0, eta=float(group["lr"]), mu=1.0, ax=nd.zeros_like(param))
        state["step"] += 1
        lr, lambd, t = group["lr"], group["lambd"], state["step"]
        numbers = {"eta": state["eta"], "mu": state["mu"], "lambd": lambd, "weight_decay": group["weight_decay"]}
        asgd_update(param, grad, state["ax"], **numbers)
        state["eta"] = lr / (1 + lambd * lr * t) ** group["alpha"]
        state["mu"] = 1 / max(1, t - group["t0"])
