"""How ndgrad finds the ops that this distribution brings: the entry point ``ops.nn``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ndgrad.plugins import hookimpl

__all__ = ["ndgrad_ops"]


@hookimpl
def ndgrad_ops() -> Iterable[Any]:
    """The rows of layers, losses and update rules."""
    from ndgrad.nn.functional import classification, convolution, linear, losses, normalization, pooling
    from ndgrad.optim import adadelta, adagrad, adam, adamax, asgd, nadam, radam, rmsprop, rprop, sgd
    from ndgrad.rows import Op

    layers = (classification, convolution, linear, losses, normalization, pooling)
    rules = (adadelta, adagrad, adam, adamax, asgd, nadam, radam, rmsprop, rprop, sgd)
    for chapter in (*layers, *rules):
        for value in vars(chapter).values():
            row = getattr(value, "op", value)
            if isinstance(row, Op):
                yield row
