"""Finding the forward line to blame for a failing or NaN-producing backward pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ndgrad.errors import AutogradError
from ndgrad.graph import Node, grad_mode, set_anomaly
from ndgrad.settings import Restore

__all__ = ["detect_anomaly", "watched"]


def detect_anomaly() -> Restore:
    """Remember the forward line of each op from here on, and check each gradient for NaN; for debugging, as it is slow.

    A backward pass that fails inside this context names the forward line.

    >>> import ndgrad as nd
    >>> with nd.autograd.detect_anomaly():
    ...     x = nd.asarray([-1.0], requires_grad=True)
    ...     nd.sqrt(x).sum().backward()
    Traceback (most recent call last):
        ...
    ndgrad.errors.AutogradError: the backward pass of sqrt returned NaN...
    """
    previous = grad_mode.anomaly
    set_anomaly(True)
    return Restore(lambda: set_anomaly(previous))


def watched(node: Node, pull_back: Callable[[], Sequence[Any]]) -> Sequence[Any]:
    """Run the node's derivative rule; what goes wrong is told with the forward line."""
    try:
        parts = pull_back()
    except Exception as error:
        raise AutogradError(f"the backward pass of {node.op.name} failed: {error}\n{_forward(node)}") from error
    from ndgrad.ops.elementwise import isnan
    from ndgrad.ops.reductions import any as any_

    for part in parts:
        if part is not None and part.dtype.is_inexact and bool(any_(isnan(part))):
            raise AutogradError(f"the backward pass of {node.op.name} returned NaN\n{_forward(node)}")
    return parts


def _forward(node: Node) -> str:
    stack = getattr(node, "stack", None)
    return f"it was recorded here:\n{stack}" if stack else "it was recorded outside detect_anomaly()"
