"""How an update rule is written, and how it reaches the parameters.

A rule is a pure function of a parameter, its gradient, its state and some numbers, written in ndgrad's functions so
that it runs on every backend. It returns the new parameter and the new state. Calling the decorated rule writes these
over the old ones; a backend may do so in one pass with a kernel named like the rule with an underscore
(``adam_update_``).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from ndgrad import Tensor
from ndgrad.graph import Version
from ndgrad.rows import Op

__all__ = ["decayed", "update_rule"]

Rule = Callable[..., tuple[Tensor | None, ...]]


def update_rule(samples: Any = None) -> Callable[[Rule], Callable[..., None]]:
    """Make ``rule(param, grad, *state, **numbers)`` write its results in place; state may be None where unused.

    ``samples`` are arguments for the tests that are generated from the rule; see :class:`ndgrad.rows.Op`.
    """
    return lambda rule: _declare(rule, samples)


def decayed(grad: Tensor, param: Tensor, weight_decay: float) -> Tensor:
    """The gradient with that of ``weight_decay / 2 * param ** 2`` in it."""
    return grad + weight_decay * param if weight_decay else grad


def _declare(rule: Rule, samples: Any) -> Callable[..., None]:
    signature = inspect.signature(rule).parameters.values()
    operands = [p.name for p in signature if p.kind is not inspect.Parameter.KEYWORD_ONLY]
    results = ("same",) * (len(operands) - 1)
    op = Op(
        rule.__name__,
        operands,
        accepts="real floating",
        result=results,
        namespace=None,
        decompose=rule,
        samples=samples,
    )
    kernel_name = op.name + "_"
    kernels = op.new_table(lambda spec: spec.backend.find_kernel(kernel_name, None, spec.dtype)[0])

    def write(param: Tensor, grad: Tensor, *state: Tensor | None, **numbers: Any) -> None:
        targets, kernel = (param, *state), kernels[param._spec]
        if kernel is None:
            for target, value in zip(targets, rule(param, grad, *state, **numbers), strict=True):
                if target is not None and value is not None:
                    target.copy_(value)
            return
        kernel(param._data, grad._data, *[None if s is None else s._data for s in state], **numbers)
        for target in targets:
            if target is not None:
                _count_write(target)

    write.op = op  # type: ignore[attr-defined]
    return update_wrapper(write, rule)


def _count_write(tensor: Tensor) -> None:
    """Tell autograd that the memory of ``tensor`` was written."""
    counter = tensor._counter
    if counter is None:
        counter = tensor._counter = Version()
    counter.n += 1
