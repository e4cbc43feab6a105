"""Adadelta."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

from typing import Any

import ndgrad as nd
from ndgrad import Tensor

from .optimizer import Optimizer, Params, check_at_least_zero, implementation
from .update import decayed, update_rule

__all__ = ["Adadelta"]


def _samples(make: Any) -> list[Any]:
    numbers = {"lr": 0.5, "rho": 0.9, "eps": 1e-2, "weight_decay": 0.1}
    return [((make(3), make(3), make(3, low=0.5, high=1.0), make(3, low=0.5, high=1.0)), numbers)]


@update_rule(_samples)
def adadelta_update(
    param: Tensor,
    grad: Tensor,
    square_avg: Tensor,
    acc_delta: Tensor,
    *,
    lr: float,
    rho: float,
    eps: float,
    weight_decay: float,
) -> tuple[Tensor, Tensor, Tensor]:
    """The step is the gradient times the root mean square of the steps over that of the gradients."""
    g = decayed(grad, param, weight_decay)
    v = rho * square_avg + (1 - rho) * g * g
    delta = nd.sqrt(acc_delta + eps) / nd.sqrt(v + eps) * g
    return param - lr * delta, v, rho * acc_delta + (1 - rho) * delta * delta


class Adadelta(Optimizer):
    """Gradient descent whose steps have the unit of the parameters: no rate need be chosen.

    Args:
        params: tensors, or dicts that make groups with settings of their own.
        lr: multiplies the steps.
        rho: how slowly the mean squares forget.
        eps: keeps the division finite, and the first steps above 0.
        weight_decay: adds this multiple of the parameter to its gradient.
        maximize: climb instead of descending.
        foreach, capturable, differentiable: PyTorch's choices of an implementation; kept, and without effect.

    Raises:
        ValueError: a negative setting, or ``rho`` above 1.

    Source: Zeiler 2012, "ADADELTA"; PyTorch, ``torch.optim.Adadelta``.

    >>> import ndgrad as nd
    >>> from ndgrad import optim
    >>> w = nd.asarray([1.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> optim.Adadelta([w]).step()
    >>> bool(w < 1)
    True
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_at_least_zero(learning_rate=lr, rho_value=rho, epsilon_value=eps, weight_decay_value=weight_decay)
        if rho > 1:
            raise ValueError(f"Invalid rho value: {rho}; it must lie in [0, 1]")
        defaults = {
            "lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "maximize": maximize,
            **implementation(foreach=foreach, capturable=capturable, differentiable=differentiable),
        }  # fmt: skip
        super().__init__(params, defaults)

    def update(self, param: Tensor, grad: Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
        if not state:
            state.update(step=0, square_avg=nd.zeros_like(param), acc_delta=nd.zeros_like(param))
        state["step"] += 1
        numbers = {name: group[name] for name in ("lr", "rho", "eps", "weight_decay")}
        adadelta_update(param, grad, state["square_avg"], state["acc_delta"], **numbers)
