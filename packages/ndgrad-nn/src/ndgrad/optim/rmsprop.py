"""RMSprop."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

from typing import Any

import ndgrad as nd
from ndgrad import Tensor

from .optimizer import Optimizer, Params, check_at_least_zero, implementation
from .update import decayed, update_rule

__all__ = ["RMSprop"]


def _samples(make: Any) -> list[Any]:
    numbers = {"lr": 0.1, "alpha": 0.9, "eps": 1e-3, "weight_decay": 0.1, "momentum": 0.5}
    mean, mean_square = make(3, low=-0.1, high=0.1), make(3, low=3.0, high=4.0)
    return [((make(3), make(3), mean_square, mean, make(3)), numbers)]


@update_rule(_samples)
def rmsprop_update(
    param: Tensor,
    grad: Tensor,
    square_avg: Tensor,
    grad_avg: Tensor | None,
    momentum_buffer: Tensor | None,
    *,
    lr: float,
    alpha: float,
    eps: float,
    weight_decay: float,
    momentum: float,
) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None]:
    """The step is the gradient over its running root mean square, or its standard deviation if the mean is kept."""
    g = decayed(grad, param, weight_decay)
    v = alpha * square_avg + (1 - alpha) * g * g
    m = None if grad_avg is None else alpha * grad_avg + (1 - alpha) * g
    step = g / (nd.sqrt(v if m is None else v - m * m) + eps)
    b = None if momentum_buffer is None else momentum * momentum_buffer + step
    return param - lr * (step if b is None else b), v, m, b


class RMSprop(Optimizer):
    """Gradient descent in which each element's gradient is divided by its running root mean square.

    Args:
        params: tensors, or dicts that make groups with settings of their own.
        lr: the step size.
        alpha: how slowly the mean square forgets.
        eps: keeps the division finite.
        weight_decay: adds this multiple of the parameter to its gradient.
        momentum: the share of the last step that goes on in this one.
        centered: divide by the standard deviation instead.
        maximize: climb instead of descending.
        capturable, foreach, differentiable: PyTorch's choices of an implementation; kept, and without effect.

    Raises:
        ValueError: a negative setting.

    Source: Hinton 2012, "Neural networks for machine learning", lecture 6; PyTorch, ``torch.optim.RMSprop``.

    >>> import ndgrad as nd
    >>> from ndgrad import optim
    >>> w = nd.asarray([1.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> optim.RMSprop([w], lr=0.1, alpha=0.75).step()
    >>> w.detach()
    tensor([0.8000])
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_at_least_zero(
            learning_rate=lr,
            epsilon_value=eps,
            momentum_value=momentum,
            weight_decay_value=weight_decay,
            alpha_value=alpha,
        )
        defaults = {
            "lr": lr, "momentum": momentum, "alpha": alpha, "eps": eps, "centered": centered,
            "weight_decay": weight_decay, "maximize": maximize,
            **implementation(capturable=capturable, foreach=foreach, differentiable=differentiable),
        }  # fmt: skip
        super().__init__(params, defaults)

    def update(self, param: Tensor, grad: Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
        if not state:
            state.update(step=0, square_avg=nd.zeros_like(param))
            if group["momentum"] > 0:
                state["momentum_buffer"] = nd.zeros_like(param)
            if group["centered"]:
                state["grad_avg"] = nd.zeros_like(param)
        state["step"] += 1
        rmsprop_update(
            param,
            grad,
            state["square_avg"],
            state.get("grad_avg"),
            state.get("momentum_buffer"),
            lr=group["lr"],
            alpha=group["alpha"],
            eps=group["eps"],
            weight_decay=group["weight_decay"],
            momentum=group["momentum"],
        )
