"""L-BFGS: Newton's method with a matrix that is known by its last products only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ndgrad as nd
from ndgrad import Tensor

from .line_search import strong_wolfe
from .optimizer import Optimizer, Params, fitted

__all__ = ["LBFGS"]


class LBFGS(Optimizer):
    """Quasi-Newton steps from the last gradients and steps; each :meth:`step` evaluates ``closure`` several times.

    Args:
        params: tensors; one group only.
        lr: the length of a step, as a share of the quasi-Newton step.
        max_iter: how many iterations a call of :meth:`step` makes at most.
        max_eval: how many evaluations of the closure; 1.25 ``max_iter`` by default.
        tolerance_grad: stop when no element of the gradient is larger.
        tolerance_change: stop when steps or losses change by less.
        history_size: how many steps and gradients are kept.
        line_search_fn: None, or "strong_wolfe" to choose the length of each step.

    Raises:
        ValueError: more than one group, another line search, or a step without a closure.

    Source: Liu and Nocedal 1989, "On the limited memory BFGS method"; PyTorch, ``torch.optim.LBFGS``.

    >>> import ndgrad as nd
    >>> from ndgrad import optim
    >>> w = nd.asarray([3.0, -2.0], requires_grad=True)
    >>> optimizer = optim.LBFGS([w], line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = ((w - 1) ** 4).sum()
    ...     loss.backward()
    ...     return loss
    >>> for _ in range(3):
    ...     loss = optimizer.step(closure)
    >>> bool(nd.all(nd.abs(w - 1) < 0.05))
    True
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        if not lr >= 0:
            raise ValueError(f"Invalid learning rate: {lr}; it must be at least 0")
        if line_search_fn not in (None, "strong_wolfe"):
            raise ValueError(f"line_search_fn is None or 'strong_wolfe', got {line_search_fn!r}")
        defaults = {
            "lr": lr, "max_iter": max_iter, "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad, "tolerance_change": tolerance_change, "history_size": history_size,
            "line_search_fn": line_search_fn,
        }  # fmt: skip
        super().__init__(params, defaults)
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups): write one list")
        self._params: list[Tensor] = self.param_groups[0]["params"]

    def _fitted(self, key: str, value: Any, param: Tensor) -> Any:
        """State as it is kept: vectors over all parameters, lists of them, and numbers."""
        match value:
            case list():
                return [self._fitted(key, part, param) for part in value]
            case Tensor() if value.ndim == 0:
                return float(value.item())
            case Tensor():
                return fitted(value, param)
        return value

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Run up to ``max_iter`` iterations; returns the loss of the first evaluation."""
        if closure is None:
            raise ValueError("LBFGS evaluates the loss several times: write optimizer.step(closure)")
        group, state = self.param_groups[0], self.state[self._params[0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        with nd.enable_grad():
            first = closure()
        with nd.no_grad():
            self._iterate(_Evaluations(self, closure, float(first)), group, state)
        return first

    def _iterate(self, known: _Evaluations, group: dict[str, Any], state: dict[str, Any]) -> None:
        """PyTorch's loop, step by step: what ends it, and what is kept for the next call."""
        loss, g = known.loss, self._gradient()
        d: Any = state.get("d")
        t: float = state.get("t", 0.0)
        done = 0
        while float(nd.max(nd.abs(g))) > group["tolerance_grad"] and done < group["max_iter"]:
            done += 1
            state["n_iter"] += 1
            if state["n_iter"] == 1:
                d, state["old_dirs"], state["old_stps"], state["ro"], state["H_diag"] = -g, [], [], [], 1.0
            else:
                self._remember(state, g - state["prev_flat_grad"], d * t, group["history_size"])
                d = self._direction(state, g)
            state["prev_flat_grad"], previous = g, loss
            first = state["n_iter"] == 1
            t = min(1.0, 1.0 / float(nd.sum(nd.abs(g)))) * group["lr"] if first else group["lr"]
            slope = float(nd.sum(g * d))
            if slope > -group["tolerance_change"]:
                break
            if group["line_search_fn"] is None:
                self._move(d, t)
                if done < group["max_iter"]:  # the last one need not be evaluated
                    loss, g = known.here()
            else:
                loss, g, t = strong_wolfe(known.along(d), t, d, loss, g, slope)
                self._move(d, t)
            if known.count >= group["max_eval"] or float(nd.max(nd.abs(d * t))) <= group["tolerance_change"]:
                break
            if abs(loss - previous) < group["tolerance_change"]:
                break
        state.update(d=d, t=t, prev_loss=loss)
        state["func_evals"] += known.count

    @staticmethod
    def _remember(state: dict[str, Any], y: Tensor, s: Tensor, size: int) -> None:
        """Keep a pair of changes of gradient and place, if they say something of the curvature."""
        curvature = float(nd.sum(y * s))
        if curvature > 1e-10:
            if len(state["old_dirs"]) == size:
                del state["old_dirs"][0], state["old_stps"][0], state["ro"][0]
            state["old_dirs"].append(y)
            state["old_stps"].append(s)
            state["ro"].append(1.0 / curvature)
            state["H_diag"] = curvature / float(nd.sum(y * y))

    @staticmethod
    def _direction(state: dict[str, Any], g: Tensor) -> Tensor:
        """The two-loop recursion: the inverse of the approximated Hessian times the gradient, downwards."""
        pairs = list(zip(state["old_dirs"], state["old_stps"], strict=True))
        inverse = [float(rho) for rho in state["ro"]]
        q, shares = -g, []
        for (y, s), rho in zip(reversed(pairs), reversed(inverse), strict=True):
            shares.append(float(nd.sum(s * q)) * rho)
            q = q - shares[-1] * y
        d = q * state["H_diag"]
        for (y, s), rho, share in zip(pairs, inverse, reversed(shares), strict=True):
            d = d + (share - float(nd.sum(y * d)) * rho) * s
        return d

    # -- the parameters as one vector

    def _gradient(self) -> Tensor:
        grads = [nd.zeros_like(p) if p.grad is None else p.grad for p in self._params]
        return nd.concat([nd.reshape(grad, (-1,)) for grad in grads])

    def _move(self, direction: Tensor, length: float) -> None:
        begin = 0
        for p in self._params:
            part = direction[begin : begin + p.size]
            p += length * nd.reshape(part, p.shape)
            begin += p.size


class _Evaluations:
    """Losses and gradients at the places that are tried, and how many there were."""

    def __init__(self, optimizer: LBFGS, closure: Callable[[], Any], loss: float) -> None:
        self.optimizer, self.closure, self.loss, self.count = optimizer, closure, loss, 1

    def here(self) -> tuple[float, Tensor]:
        with nd.enable_grad():
            loss = float(self.closure())
        self.count += 1
        return loss, self.optimizer._gradient()

    def along(self, d: Tensor) -> Callable[[float], tuple[float, Tensor]]:
        """The loss and its gradient as a function of the length of a step, which leaves the parameters as they are."""
        start = [p.clone() for p in self.optimizer._params]

        def at(length: float) -> tuple[float, Tensor]:
            self.optimizer._move(d, length)
            found = self.here()
            for p, values in zip(self.optimizer._params, start, strict=True):
                p.copy_(values)
            return found

        return at
