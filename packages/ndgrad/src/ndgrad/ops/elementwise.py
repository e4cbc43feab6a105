"""Element-wise functions: array API 2025.12, chapter "Element-wise Functions", each with its derivative.

The body of a function marked ``@elementwise`` is empty: the decorator is the op's row, and puts the dispatch path in its
place. ``@composite`` functions say in other ops what they compute.
"""

from __future__ import annotations

import math

from ndgrad.dispatch import composite, elementwise
from ndgrad.tensor import Tensor

__all__ = ["add", "conj", "cos", "divide", "exp", "isnan", "log", "multiply", "negative", "sin", "sqrt", "subtract", "tanh"]


@elementwise(vjp=(lambda g: g, lambda g: g))
def add(x1: Tensor, x2: Tensor, /) -> Tensor:
    """Sum of each pair of elements.

    Source: array API 2025.12, ``add``.

    >>> import ndgrad as nd
    >>> nd.add(nd.asarray([1.0, 2.0]), 1.0)
    tensor([2., 3.])
    """
    ...


@elementwise(vjp=(lambda g: g, lambda g: -g))
def subtract(x1: Tensor, x2: Tensor, /) -> Tensor:
    ...


@elementwise(vjp=(lambda g, x2: g * conj(x2), lambda g, x1: g * conj(x1)))
def multiply(x1: Tensor, x2: Tensor, /) -> Tensor:
    ...


@elementwise(accepts="floating", vjp=(lambda g, x2: g / conj(x2), lambda g, y, x2: -g * conj(y / x2)))
def divide(x1: Tensor, x2: Tensor, /) -> Tensor:
    ...


@elementwise(vjp=lambda g: -g)
def negative(x: Tensor, /) -> Tensor:
    ...


@elementwise(accepts="floating", vjp=lambda g, y: g * conj(y))
def exp(x: Tensor, /) -> Tensor:
    ...


@elementwise(accepts="floating", vjp=lambda g, x: g / conj(x))
def log(x: Tensor, /) -> Tensor:
    ...


@elementwise(accepts="floating", vjp=lambda g, y: g / (2 * conj(y)))
def sqrt(x: Tensor, /) -> Tensor:
    ...


@elementwise(accepts="floating", vjp=lambda g, x: g * conj(cos(x)))
def sin(x: Tensor, /) -> Tensor:
    ...


@elementwise(accepts="floating", vjp=lambda g, x: -g * conj(sin(x)))
def cos(x: Tensor, /) -> Tensor:
    ...


@elementwise(accepts="floating", vjp=lambda g, y: g - g * conj(y * y))
def tanh(x: Tensor, /) -> Tensor:
    ...


@elementwise(accepts="any", result="bool")
def isnan(x: Tensor, /) -> Tensor:
    ...


def conj(x: Tensor, /) -> Tensor:
    try:
        return _complex_conj(x) if x._spec.dtype.is_complex else x
    except AttributeError:
        return x.conjugate()


@elementwise(name="conj", vjp=lambda g: conj(g))
def _complex_conj(x: Tensor, /) -> Tensor:
    ...
