"""What the optimisers of Adam's family share: running means of the gradient and of its square, and their settings."""

from __future__ import annotations

from typing import Any

from ndgrad import Tensor

from .optimizer import Optimizer, Params, check_at_least_zero, check_betas

__all__ = ["MomentOptimizer", "decays", "moment_samples", "moments"]


def moments(g: Tensor, exp_avg: Tensor, exp_avg_sq: Tensor, beta1: float, beta2: float) -> tuple[Tensor, Tensor]:
    """The mean of the gradient and that of its square, with ``g`` mixed in."""
    return beta1 * exp_avg + (1 - beta1) * g, beta2 * exp_avg_sq + (1 - beta2) * g * g


def moment_samples(**numbers: float) -> Any:
    """Arguments for the tests of a rule that keeps two averages; ``numbers`` are those that only this rule takes."""
    shared = {"beta1": 0.9, "beta2": 0.99, "weight_decay": 0.1}
    return lambda make: [((make(3), make(3), make(3), make(3, low=0.5, high=1.0)), {**shared, **numbers})]


class MomentOptimizer(Optimizer):
    """An optimiser with two running averages; ``more`` are the settings that only the subclass has."""

    def __init__(
        self, params: Params, lr: float, betas: tuple[float, float], eps: float, weight_decay: float, **more: Any
    ) -> None:
        check_at_least_zero(learning_rate=lr, epsilon_value=eps, weight_decay_value=weight_decay)
        check_betas(betas)
        super().__init__(params, {"lr": lr, "betas": tuple(betas), "eps": eps, "weight_decay": weight_decay, **more})


def decays(group: dict[str, Any]) -> dict[str, float]:
    """How weight decay enters: through the gradient, or by shrinking the parameter."""
    if group["decoupled_weight_decay"]:
        return {"weight_decay": 0.0, "shrink": group["lr"] * group["weight_decay"]}
    return {"weight_decay": group["weight_decay"], "shrink": 0.0}
