"""Muon."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

import math
from typing import Any

import ndgrad as nd
from ndgrad import Tensor

from .optimizer import Optimizer, Params, check_at_least_zero

__all__ = ["Muon"]

Coefficients = tuple[float, float, float]


class Muon(Optimizer):
    """Momentum whose matrix is made nearly orthogonal before the step; for matrices, the rest is left to AdamW.

    Args:
        params: matrices, or dicts that make groups of them with settings of their own.
        lr: the step size.
        weight_decay: shrinks the parameter by this share of lr.
        momentum: how slowly the mean gradient forgets.
        nesterov: Nesterov's momentum, which looks one step ahead.
        ns_coefficients: of x, x^3 and x^5 in the iteration that makes singular values alike.
        eps: the least norm by which the momentum is divided.
        ns_steps: how many iterations; below 100.
        adjust_lr_fn: how the rate follows the shape: None or "original", times sqrt(max(1, rows / columns)), or
            "match_rms_adamw", times 0.2 sqrt(max(rows, columns)).

    Raises:
        ValueError: a setting out of its range, or a parameter that is no matrix.

    The iteration runs in the parameter's dtype; PyTorch's runs in bfloat16.

    Source: Jordan 2024, "Muon: an optimizer for hidden layers in neural networks"; PyTorch, ``torch.optim.Muon``.

    >>> import ndgrad as nd
    >>> from ndgrad import optim
    >>> w = nd.eye(2).requires_grad_()
    >>> (w * w).sum().backward()
    >>> optim.Muon([w], lr=0.1).step()
    >>> bool(nd.all(nd.linalg.diagonal(w) < 1))
    True
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: Coefficients = (3.4445, -4.775, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:
        check_at_least_zero(learning_rate=lr, weight_decay=weight_decay, momentum=momentum)
        if adjust_lr_fn not in (None, "original", "match_rms_adamw"):
            raise ValueError(f"adjust_lr_fn is None, 'original' or 'match_rms_adamw', got {adjust_lr_fn!r}")
        if not 0 <= ns_steps < 100 or len(ns_coefficients) != 3:
            raise ValueError(f"ns_steps lies below 100 and ns_coefficients are 3, got {ns_steps} and {ns_coefficients}")
        defaults = {
            "lr": lr, "weight_decay": weight_decay, "momentum": momentum, "nesterov": nesterov,
            "ns_coefficients": ns_coefficients, "eps": eps, "ns_steps": ns_steps, "adjust_lr_fn": adjust_lr_fn,
        }  # fmt: skip
        super().__init__(params, defaults)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        super().add_param_group(param_group)
        for param in self.param_groups[-1]["params"]:
            if param.ndim != 2:
                self.param_groups.pop()
                raise ValueError(
                    f"Muon takes matrices, got a parameter of shape {param.shape}: give biases, embeddings and "
                    "convolutions to AdamW"
                )

    def update(self, param: Tensor, grad: Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
        if not state:
            state["momentum_buffer"] = nd.zeros_like(param)
        momentum, mean = group["momentum"], state["momentum_buffer"]
        mean += (1 - momentum) * (grad - mean)
        step = grad + momentum * (mean - grad) if group["nesterov"] else mean
        step = _orthogonalized(step, group["ns_coefficients"], group["ns_steps"], group["eps"])
        param *= 1 - group["lr"] * group["weight_decay"]
        param -= group["lr"] * _scale(param.shape, group["adjust_lr_fn"]) * step


def _orthogonalized(x: Tensor, coefficients: Coefficients, steps: int, eps: float) -> Tensor:
    """``x`` with singular values near 1, by Newton and Schulz's iteration x <- a x + b (x x^T) x + c (x x^T)^2 x."""
    a, b, c = coefficients
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    x = x / nd.clip(nd.linalg.vector_norm(x), eps, None)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if tall else x


def _scale(shape: tuple[int, ...], kind: str | None) -> float:
    rows, columns = shape
    return 0.2 * math.sqrt(max(rows, columns)) if kind == "match_rms_adamw" else math.sqrt(max(1, rows / columns))
