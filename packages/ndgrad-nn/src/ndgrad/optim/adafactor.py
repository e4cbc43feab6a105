"""Adafactor."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

import math
from typing import Any

import ndgrad as nd
from ndgrad import Tensor

from .optimizer import Optimizer, Params, check_at_least_zero, fitted

__all__ = ["Adafactor"]


class Adafactor(Optimizer):
    """Adam's scaling from the mean squares of rows and of columns, in the memory of one row and one column.

    Args:
        params: tensors, or dicts that make groups with settings of their own.
        lr: the largest relative step; step t uses min(lr, 1 / sqrt(t)) times the parameter's root mean square.
        beta2_decay: at step t the new square has the share t ** beta2_decay in the mean; at most 0.
        eps: keeps divisions finite, by default the dtype's; and the least root mean square of a parameter.
        d: steps whose root mean square is above it are shortened; at least 1.
        weight_decay: shrinks the parameter by this share of lr.
        foreach: PyTorch's choice of an implementation; kept, and without effect.
        maximize: climb instead of descending.

    Raises:
        ValueError: a setting out of its range.

    Source: Shazeer and Stern 2018, "Adafactor: adaptive learning rates with sublinear memory cost"; PyTorch,
    ``torch.optim.Adafactor``.

    >>> import ndgrad as nd
    >>> from ndgrad import optim
    >>> w = nd.ones((2, 3), requires_grad=True)
    >>> (w * w).sum().backward()
    >>> optimizer = optim.Adafactor([w], lr=0.5)
    >>> optimizer.step()
    >>> w.detach()[0], optimizer.state[w]["row_var"].shape
    (tensor([0.5000, 0.5000, 0.5000]), (2, 1))
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
    ) -> None:
        check_at_least_zero(learning_rate=lr, epsilon1=eps[0] or 0.0, epsilon2=eps[1], weight_decay=weight_decay)
        if not beta2_decay <= 0:
            raise ValueError(f"Invalid beta2_decay: {beta2_decay}; it must be at most 0")
        if not d >= 1:
            raise ValueError(f"Invalid clipping threshold d: {d}; it must be at least 1")
        defaults = {
            "lr": lr, "beta2_decay": beta2_decay, "eps": eps, "d": d, "weight_decay": weight_decay,
            "foreach": foreach, "maximize": maximize,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _fitted(self, key: str, value: Any, param: Tensor) -> Any:
        if key not in _reduced(param):
            return super()._fitted(key, value, param)
        if value.shape != _reduced(param)[key]:
            raise ValueError(
                f"the loaded {key!r} has shape {value.shape}, expected {_reduced(param)[key]}: nothing was loaded"
            )
        return fitted(value, param)

    def update(self, param: Tensor, grad: Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
        if not state:
            shapes = _reduced(param) or {"variance": param.shape}
            dtype, device = param.dtype, param.device
            state.update({name: nd.zeros(shape, dtype=dtype, device=device) for name, shape in shapes.items()}, step=0)
        state["step"] += 1
        t, lr, (eps1, eps2) = state["step"], group["lr"], group["eps"]
        eps1 = nd.finfo(param.dtype).eps if eps1 is None else eps1
        length = max(eps2, _root_mean_square(param)) * min(lr, 1 / math.sqrt(t))
        if group["weight_decay"]:
            param *= 1 - lr * group["weight_decay"]
        variance = _variance(grad, state, t ** group["beta2_decay"], eps1)
        step = grad * nd.rsqrt(nd.clip(variance, eps1 * eps1, None))
        param -= length / max(1.0, _root_mean_square(step) / group["d"]) * step


def _reduced(param: Tensor) -> dict[str, tuple[int, ...]]:
    """The state of a matrix, or of a stack of them; a vector has none of it."""
    if param.ndim < 2:
        return {}
    *batch, rows, columns = param.shape
    return {"row_var": (*batch, rows, 1), "col_var": (*batch, 1, columns)}


def _variance(g: Tensor, state: dict[str, Any], share: float, eps: float) -> Tensor:
    """The mean square of each element: known for a vector, of a matrix the product of those of its row and column."""
    if g.ndim < 2:
        state["variance"] += share * (g * g - state["variance"])
        return state["variance"]
    rows, columns = state["row_var"], state["col_var"]
    rows += share * (nd.mean(g * g, axis=-1, keepdims=True) - rows)
    columns += share * (nd.mean(g * g, axis=-2, keepdims=True) - columns)
    return rows * columns / nd.clip(nd.mean(rows, axis=-2, keepdims=True), eps, None)


def _root_mean_square(x: Tensor) -> float:
    return float(nd.sqrt(nd.mean(x * x))) if x.size else 0.0
