"""Element-wise functions: array API 2025.12, chapter "Element-wise Functions", each with its derivative.

The body of a function marked ``@elementwise`` is its docstring alone: the decorator is the op's row, and puts the
dispatch path in its place. ``@composite`` functions say in other ops what they compute.

Unless a docstring says otherwise, a function takes every numeric dtype, computes in the promoted one and returns it;
where the result cannot be integer, integers become the default floating dtype. One of two operands may be a Python
scalar. Shapes that do not broadcast raise ValueError, dtypes without a meaning TypeError.
"""

from ndgrad.ops.elementwise.arithmetic import (
    abs,
    add,
    ceil,
    clip,
    conj,
    copysign,
    divide,
    floor,
    floor_divide,
    imag,
    maximum,
    minimum,
    multiply,
    negative,
    nextafter,
    positive,
    real,
    reciprocal,
    remainder,
    round,
    sign,
    signbit,
    square,
    subtract,
    times_conj,
    trunc,
)  # fmt: skip
from ndgrad.ops.elementwise.comparisons import (
    bitwise_and,
    bitwise_invert,
    bitwise_left_shift,
    bitwise_or,
    bitwise_right_shift,
    bitwise_xor,
    equal,
    greater,
    greater_equal,
    isfinite,
    isinf,
    isnan,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    not_equal,
)  # fmt: skip
from ndgrad.ops.elementwise.transcendental import (
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    cos,
    cosh,
    exp,
    expm1,
    hypot,
    log,
    log1p,
    log2,
    log10,
    logaddexp,
    pow,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)  # fmt: skip

__all__ = [
    "abs", "acos", "acosh", "add", "asin", "asinh", "atan", "atan2", "atanh", "bitwise_and", "bitwise_invert",
    "bitwise_left_shift", "bitwise_or", "bitwise_right_shift", "bitwise_xor", "ceil", "clip", "conj", "copysign", "cos",
    "cosh", "divide", "equal", "exp", "expm1", "floor", "floor_divide", "greater", "greater_equal", "hypot", "imag",
    "isfinite", "isinf", "isnan", "less", "less_equal", "log", "log10", "log1p", "log2", "logaddexp", "logical_and",
    "logical_not", "logical_or", "logical_xor", "maximum", "minimum", "multiply", "negative", "nextafter", "not_equal",
    "positive", "pow", "real", "reciprocal", "remainder", "round", "sign", "signbit", "sin", "sinh", "sqrt", "square",
    "subtract", "tan", "tanh", "times_conj", "trunc",
]  # fmt: skip
