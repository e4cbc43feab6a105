"""Comparisons, tests, logical and bitwise functions: nothing here has a gradient."""

from __future__ import annotations

from ndgrad.dispatch import elementwise
from ndgrad.ops.elementwise.arithmetic import Operand
from ndgrad.tensor import Tensor

__all__ = [
    "bitwise_and", "bitwise_invert", "bitwise_left_shift", "bitwise_or", "bitwise_right_shift", "bitwise_xor", "equal",
    "greater", "greater_equal", "isfinite", "isinf", "isnan", "less", "less_equal", "logical_and", "logical_not",
    "logical_or", "logical_xor", "not_equal",
]  # fmt: skip

# -- comparisons: bool, any dtypes that promote; an order only for real ones -------------------------------------------


@elementwise(result="bool")
def equal(x1: Operand, x2: Operand, /) -> Tensor:
    """Whether the elements of each pair are equal. Source: array API 2025.12, ``equal``.

    >>> import ndgrad as nd
    >>> nd.equal(nd.asarray([1, 2]), 2)
    tensor([False,  True])
    """


@elementwise(result="bool")
def not_equal(x1: Operand, x2: Operand, /) -> Tensor:
    """Whether the elements of each pair differ. Source: array API 2025.12, ``not_equal``."""


@elementwise(accepts="real", result="bool")
def greater(x1: Operand, x2: Operand, /) -> Tensor:
    """Whether each ``x1 > x2``. Source: array API 2025.12, ``greater``."""


@elementwise(accepts="real", result="bool")
def greater_equal(x1: Operand, x2: Operand, /) -> Tensor:
    """Whether each ``x1 >= x2``. Source: array API 2025.12, ``greater_equal``."""


@elementwise(accepts="real", result="bool")
def less(x1: Operand, x2: Operand, /) -> Tensor:
    """Whether each ``x1 < x2``. Source: array API 2025.12, ``less``."""


@elementwise(accepts="real", result="bool")
def less_equal(x1: Operand, x2: Operand, /) -> Tensor:
    """Whether each ``x1 <= x2``. Source: array API 2025.12, ``less_equal``."""


# -- tests: bool, of any dtype -----------------------------------------------------------------------------------------


@elementwise(result="bool")
def isfinite(x: Tensor, /) -> Tensor:
    """Whether each element is neither infinite nor NaN. Source: array API 2025.12, ``isfinite``."""


@elementwise(result="bool")
def isinf(x: Tensor, /) -> Tensor:
    """Whether each element is infinite. Source: array API 2025.12, ``isinf``."""


@elementwise(result="bool")
def isnan(x: Tensor, /) -> Tensor:
    """Whether each element is NaN. Source: array API 2025.12, ``isnan``."""


# -- logical functions: bool, of any dtype; what is not zero is true ---------------------------------------------------


@elementwise(accepts="bool")
def logical_and(x1: Operand, x2: Operand, /) -> Tensor:
    """Whether both elements of each pair are true. Source: array API 2025.12, ``logical_and``.

    >>> import ndgrad as nd
    >>> nd.logical_and(nd.asarray([True, False]), True)
    tensor([ True, False])
    """


@elementwise(accepts="bool")
def logical_or(x1: Operand, x2: Operand, /) -> Tensor:
    """Whether an element of each pair is true. Source: array API 2025.12, ``logical_or``."""


@elementwise(accepts="bool")
def logical_xor(x1: Operand, x2: Operand, /) -> Tensor:
    """Whether just one element of each pair is true. Source: array API 2025.12, ``logical_xor``."""


@elementwise(accepts="bool")
def logical_not(x: Tensor, /) -> Tensor:
    """Whether each element is false. Source: array API 2025.12, ``logical_not``."""


# -- bitwise functions: integers, and bool where bits make sense -------------------------------------------------------


@elementwise(accepts="integer or bool")
def bitwise_and(x1: Operand, x2: Operand, /) -> Tensor:
    """Bits set in both elements of each pair. Source: array API 2025.12, ``bitwise_and``.

    >>> import ndgrad as nd
    >>> nd.bitwise_and(nd.asarray([12, 7]), 10)
    tensor([8, 2])
    """


@elementwise(accepts="integer or bool")
def bitwise_or(x1: Operand, x2: Operand, /) -> Tensor:
    """Bits set in an element of each pair. Source: array API 2025.12, ``bitwise_or``."""


@elementwise(accepts="integer or bool")
def bitwise_xor(x1: Operand, x2: Operand, /) -> Tensor:
    """Bits set in just one element of each pair. Source: array API 2025.12, ``bitwise_xor``."""


@elementwise(accepts="integer or bool")
def bitwise_invert(x: Tensor, /) -> Tensor:
    """Each bit of each element inverted. Source: array API 2025.12, ``bitwise_invert``."""


@elementwise(accepts="integer", samples=(0.0, 5.0))
def bitwise_left_shift(x1: Operand, x2: Operand, /) -> Tensor:
    """The bits of each ``x1`` moved up by ``x2 >= 0`` places. Source: array API 2025.12, ``bitwise_left_shift``."""


@elementwise(accepts="integer", samples=(0.0, 5.0))
def bitwise_right_shift(x1: Operand, x2: Operand, /) -> Tensor:
    """The bits of each ``x1`` moved down by ``x2 >= 0`` places. Source: array API 2025.12, ``bitwise_right_shift``."""
