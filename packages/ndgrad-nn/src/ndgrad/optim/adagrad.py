"""Adagrad."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

from typing import Any

import ndgrad as nd
from ndgrad import Tensor

from .optimizer import Optimizer, Params, check_at_least_zero, implementation
from .update import decayed, update_rule

__all__ = ["Adagrad"]


def _samples(make: Any) -> list[Any]:
    return [((make(3), make(3), make(3, low=0.5, high=2.0)), {"lr": 0.1, "weight_decay": 0.1, "eps": 1e-3})]


@update_rule(_samples)
def adagrad_update(
    param: Tensor, grad: Tensor, sum: Tensor, *, lr: float, weight_decay: float, eps: float
) -> tuple[Tensor, Tensor]:
    """The sum s <- s + g^2;  param <- param - lr g / (sqrt(s) + eps)."""
    g = decayed(grad, param, weight_decay)
    s = sum + g * g
    return param - lr * g / (nd.sqrt(s) + eps), s


class Adagrad(Optimizer):
    """Gradient descent in which each element's gradient is divided by the root of the sum of its squares so far.

    Args:
        params: tensors, or dicts that make groups with settings of their own.
        lr: the step size at the beginning.
        lr_decay: step t uses lr / (1 + (t - 1) lr_decay).
        weight_decay: adds this multiple of the parameter to its gradient.
        initial_accumulator_value: what the sums of squares start from.
        eps: keeps the division finite.
        maximize: climb instead of descending.
        foreach, differentiable, fused: PyTorch's choices of an implementation; kept, and without effect.

    Raises:
        ValueError: a negative setting.

    Source: Duchi et al. 2011, "Adaptive subgradient methods"; PyTorch, ``torch.optim.Adagrad``.

    >>> import ndgrad as nd
    >>> from ndgrad import optim
    >>> w = nd.asarray([1.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> optim.Adagrad([w], lr=0.5).step()
    >>> w.detach()
    tensor([0.5000])
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_at_least_zero(
            learning_rate=lr,
            lr_decay_value=lr_decay,
            weight_decay_value=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            epsilon_value=eps,
        )
        defaults = {
            "lr": lr, "lr_decay": lr_decay, "eps": eps, "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value, "maximize": maximize,
            **implementation(foreach=foreach, differentiable=differentiable, fused=fused),
        }  # fmt: skip
        super().__init__(params, defaults)

    def update(self, param: Tensor, grad: Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
        if not state:
            state.update(step=0, sum=nd.full_like(param, group["initial_accumulator_value"]))
        lr = group["lr"] / (1 + state["step"] * group["lr_decay"])
        state["step"] += 1
        adagrad_update(param, grad, state["sum"], lr=lr, weight_decay=group["weight_decay"], eps=group["eps"])
