"""Arithmetic: sums, products, extrema, rounding, signs, and the parts of complex numbers."""

from __future__ import annotations

from typing import Any, TypeAlias

from ndgrad.dispatch import apply, astype, composite, elementwise, not_a_tensor, public
from ndgrad.dtypes import promote, promote_scalar
from ndgrad.rows import Op
from ndgrad.tensor import Tensor

__all__ = [
    "abs", "add", "ceil", "clip", "conj", "copysign", "divide", "floor", "floor_divide", "imag", "maximum", "minimum",
    "multiply", "negative", "nextafter", "positive", "real", "reciprocal", "remainder", "round", "sign", "signbit",
    "square", "subtract", "trunc",
]  # fmt: skip

# One of two operands may be a Python scalar (int and float count as complex to a type checker).
Operand: TypeAlias = Tensor | complex


def choose(condition: Tensor, x1: Any, x2: Any) -> Tensor:
    """``where``, for rules: the chapter of searching builds on this one."""
    from ndgrad.ops.searching import where

    return where(condition, x1, x2)


def as_tensor(x: Operand, like: Tensor) -> Tensor:
    """A Python scalar as a tensor of the dtype and on the device of ``like``."""
    if isinstance(x, Tensor):
        return x
    from ndgrad.ops.searching import constant

    return constant(x, like)


def scaled(x: Any, factor: Any) -> Any:
    """``x * factor``, and ``x`` itself if that is the number 1, not a tensor that may need a gradient."""
    return x if not isinstance(factor, Tensor) and factor == 1 else x * factor


def flat(g: Tensor) -> Tensor:
    """The cotangent below a step function: zero, as PyTorch has it."""
    from ndgrad.ops.creation import zeros_like

    return zeros_like(g)


# -- sums and products -------------------------------------------------------------------------------------------------


@elementwise(vjp=(lambda g: g, lambda g: g))
def add(x1: Operand, x2: Operand, /) -> Tensor:
    """Sum of each pair of elements; the logical or for bool. Source: array API 2025.12, ``add``.

    >>> import ndgrad as nd
    >>> nd.add(nd.asarray([1.0, 2.0]), 1.0)
    tensor([2., 3.])
    """


@elementwise(accepts="numeric", vjp=(lambda g: g, lambda g: negative(g)))
def subtract(x1: Operand, x2: Operand, /) -> Tensor:
    """Difference of each pair of elements. Source: array API 2025.12, ``subtract``.

    >>> import ndgrad as nd
    >>> nd.subtract(1.0, nd.asarray([1.0, 2.0]))
    tensor([ 0., -1.])
    """


# The backward pass of products: one op in place of conj(x2) and a product, since most cotangents are real.
@composite(namespace=None, vjp=(lambda g, x2: multiply(g, x2), lambda g, x1: times_conj(x1, g)))
def times_conj(x1: Operand, x2: Any, /) -> Tensor:
    """``x1 * conj(x2)``."""
    return multiply(x1, conj(x2))


@elementwise(vjp=(lambda g, x2: times_conj(g, x2), lambda g, x1: times_conj(g, x1)))
def multiply(x1: Operand, x2: Operand, /) -> Tensor:
    """Product of each pair of elements; the logical and for bool. Source: array API 2025.12, ``multiply``.

    >>> import ndgrad as nd
    >>> nd.multiply(nd.asarray([1.0, 2.0]), 3.0)
    tensor([3., 6.])
    """


@elementwise(
    accepts="floating", samples=((-2.0, 2.0), (0.3, 2.0)),
    # Not by way of the result: programs write into quotients (z = (x - mean) / std; z[std == 0] = 0).
    vjp=(lambda g, x2: g / conj(x2), lambda g, x1, x2: -times_conj(g, x1 / x2 / x2)),
)  # fmt: skip
def divide(x1: Operand, x2: Operand, /) -> Tensor:
    """Quotient of each pair of elements; floating for integers too. Source: array API 2025.12, ``divide``.

    >>> import ndgrad as nd
    >>> nd.divide(nd.asarray([1, 3]), 2)
    tensor([0.5000, 1.5000])
    """


@elementwise(accepts="real numeric", samples=((-2.0, 2.0), (0.3, 2.0)))
def floor_divide(x1: Operand, x2: Operand, /) -> Tensor:
    """Quotient of each pair of elements, rounded towards minus infinity; without gradient, as PyTorch's.

    Source: array API 2025.12, ``floor_divide``.

    >>> import ndgrad as nd
    >>> nd.floor_divide(nd.asarray([-7, 7]), 2)
    tensor([-4,  3])
    """


@elementwise(
    accepts="real numeric", samples=((-2.0, 2.0), (0.3, 2.0)),
    vjp=(lambda g: g, lambda g, x1, x2: -g * floor_divide(x1, x2)),
)  # fmt: skip
def remainder(x1: Operand, x2: Operand, /) -> Tensor:
    """Remainder of the floored division, with the sign of ``x2``. Source: array API 2025.12, ``remainder``.

    >>> import ndgrad as nd
    >>> nd.remainder(nd.asarray([-7, 7]), 3)
    tensor([2, 1])
    """


@elementwise(accepts="numeric", vjp=lambda g: negative(g))
def negative(x: Tensor, /) -> Tensor:
    """Each element with the opposite sign. Source: array API 2025.12, ``negative``."""


@elementwise(accepts="numeric", vjp=lambda g: g)
def positive(x: Tensor, /) -> Tensor:
    """A copy of each element. Source: array API 2025.12, ``positive``."""


@elementwise(accepts="floating", samples=(0.3, 2.0), vjp=lambda g, y: -times_conj(g, y * y))
def reciprocal(x: Tensor, /) -> Tensor:
    """One divided by each element. Source: array API 2025.12, ``reciprocal``."""


@elementwise(accepts="numeric", vjp=lambda g, x: times_conj(g * 2, x))
def square(x: Tensor, /) -> Tensor:
    """Product of each element with itself. Source: array API 2025.12, ``square``.

    >>> import ndgrad as nd
    >>> nd.square(nd.asarray([-3, 2]))
    tensor([9, 4])
    """


# -- extrema -----------------------------------------------------------------------------------------------------------


def _larger(g: Tensor, x1: Operand, x2: Operand) -> Tensor:
    """The cotangent where x1 > x2, half of it at a tie; a NaN takes it too."""
    return choose(x1 == x2, g / 2, choose(x1 < x2, 0.0, g))  # type: ignore[arg-type,operator]


@elementwise(accepts="real", vjp=(_larger, lambda g, x1, x2: _larger(g, x2, x1)))
def maximum(x1: Operand, x2: Operand, /) -> Tensor:
    """The larger of each pair of elements, NaN if either is; the gradient of a tie is split in half.

    Source: array API 2025.12, ``maximum``; PyTorch, ``torch.maximum``, for ties.

    >>> import ndgrad as nd
    >>> nd.maximum(nd.asarray([1, 5]), nd.asarray([4, 2]))
    tensor([4, 5])
    """


@elementwise(accepts="real", vjp=(lambda g, x1, x2: _larger(g, x2, x1), _larger))
def minimum(x1: Operand, x2: Operand, /) -> Tensor:
    """The smaller of each pair of elements, NaN if either is; the gradient of a tie is split in half.

    Source: array API 2025.12, ``minimum``; PyTorch, ``torch.minimum``, for ties.
    """


def _inside(g: Tensor, x: Tensor, min: Any, max: Any) -> Tensor:
    low = None if min is None else x >= min
    high = None if max is None else x <= max
    inside = low & high if low is not None and high is not None else low if high is None else high
    return g if inside is None else choose(inside, g, 0.0)


def _at_min(g: Tensor, x: Tensor, min: Tensor, max: Any) -> Tensor:
    return choose(x < min if max is None else (x < min) & (min < max), g, 0.0)


def _at_max(g: Tensor, x: Tensor, min: Any, max: Tensor) -> Tensor:
    return choose(x > max if min is None else (x > max) | (max < min), g, 0.0)


CLIP = Op(
    "clip", elementwise=True, accepts="real numeric", vjp=_inside, samples=lambda make: [((make(3, 4), 0, 1), {})]
)  # fmt: skip
# The bounds as operands with gradients of their own; a missing one is None.
CLIP_BETWEEN = Op(
    "clip_between", ("x", "min", "max"), namespace="clip", elementwise=True, accepts="real numeric",
    vjp=(_inside, _at_min, _at_max),
    samples=lambda make: [((make(3, 4), make(4, low=-1.0, high=-0.5), make(3, 1, low=0.5, high=1.0)), {})],
)  # fmt: skip


@public(CLIP_BETWEEN)
def _clip_between(x: Tensor, min: Operand | None, max: Operand | None, /) -> Tensor:
    dtype = x.dtype
    for bound in (min, max):
        if isinstance(bound, Tensor):
            dtype = promote(dtype, bound.dtype)
        elif bound is not None:
            dtype = promote_scalar(dtype, type(bound))
    x = astype(x, dtype)
    bounds = [b if b is None else astype(b, dtype) if isinstance(b, Tensor) else as_tensor(b, x) for b in (min, max)]
    return apply(CLIP_BETWEEN, x, *bounds)


@public(CLIP)
def clip(x: Tensor, /, min: Operand | None = None, max: Operand | None = None) -> Tensor:
    """Each element, moved into the interval from ``min`` to ``max``; the gradient passes at the bounds.

    Bounds are real scalars, tensors that broadcast with ``x``, or None. Where ``min > max``, the result is ``max``.

    Source: array API 2025.12, ``clip``; PyTorch, ``torch.clamp``, for the gradient.

    >>> import ndgrad as nd
    >>> nd.clip(nd.asarray([-2.0, 0.5, 3.0]), 0, 1)
    tensor([0.0000, 0.5000, 1.0000])
    """
    CLIP.compute_dtype(x.dtype)
    kinds = {min.__class__, max.__class__}
    if kinds <= {int, float, type(None)} and (float not in kinds or x.dtype.is_floating):
        return apply(CLIP, x, min=min, max=max)
    return _clip_between(x, min, max)


# -- rounding ----------------------------------------------------------------------------------------------------------


@elementwise(accepts="real numeric", vjp=flat)
def ceil(x: Tensor, /) -> Tensor:
    """The smallest integer not below each element, in its dtype; its gradient is zero.

    Source: array API 2025.12, ``ceil``.
    """


@elementwise(accepts="real numeric", vjp=flat)
def floor(x: Tensor, /) -> Tensor:
    """The largest integer not above each element, in its dtype; its gradient is zero.

    Source: array API 2025.12, ``floor``.
    """


@elementwise(accepts="real numeric", vjp=flat)
def trunc(x: Tensor, /) -> Tensor:
    """The integer next to each element towards zero, in its dtype; its gradient is zero.

    Source: array API 2025.12, ``trunc``.
    """


@elementwise(accepts="numeric", vjp=flat)
def round(x: Tensor, /) -> Tensor:
    """The integer nearest to each element, halves to even, in its dtype; its gradient is zero.

    Source: array API 2025.12, ``round``.

    >>> import ndgrad as nd
    >>> nd.round(nd.asarray([0.5, 1.5, -2.7]))
    tensor([ 0.,  2., -3.])
    """


@elementwise(
    accepts="real floating",
    vjp=(lambda g, x1, x2: choose(x1 == x2, 0.0, g), flat),
)
def nextafter(x1: Operand, x2: Operand, /) -> Tensor:
    """The floating-point number next to each ``x1`` towards ``x2``. Source: array API 2025.12, ``nextafter``."""


# -- signs and magnitudes ----------------------------------------------------------------------------------------------


@elementwise(
    accepts="numeric", result="real", vjp=lambda g, x: g * sign(x),
    jvp=lambda primals, tangents, y: real(times_conj(tangents[0], sign(primals[0]))),
)  # fmt: skip
def abs(x: Tensor, /) -> Tensor:
    """Magnitude of each element, real for complex ones; the gradient at 0 is 0. Source: array API 2025.12, ``abs``.

    >>> import ndgrad as nd
    >>> nd.abs(nd.asarray([3 + 4j, -1j]))
    tensor([5., 1.])
    """


def _turn(g: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Through x / |x|: what of the cotangent is perpendicular to y, over |x|. Zero on the real line and at 0."""
    if not x.dtype.is_complex:
        return flat(g)
    radius = abs(x)
    return (g - y * real(times_conj(g, y))) / choose(radius == 0, 1.0, radius) * abs(y)


@elementwise(accepts="numeric", vjp=_turn, jvp=lambda primals, tangents, y: _turn(tangents[0], primals[0], y))
def sign(x: Tensor, /) -> Tensor:
    """-1, 0 or 1 by the sign of each element; ``x / abs(x)`` and 0 at 0 for complex ones. A real gradient is zero.

    Source: array API 2025.12, ``sign``.

    >>> import ndgrad as nd
    >>> nd.sign(nd.asarray([-2.0, 0.0, 5.0]))
    tensor([-1.,  0.,  1.])
    """


@elementwise(accepts="real floating", result="bool")
def signbit(x: Tensor, /) -> Tensor:
    """Whether the sign bit of each element is set, as it is for -0.0. Source: array API 2025.12, ``signbit``."""


@elementwise(accepts="real floating", vjp=(lambda g, y, x1: g * (sign(x1) * sign(y)), flat))
def copysign(x1: Operand, x2: Operand, /) -> Tensor:
    """The magnitude of each ``x1`` with the sign bit of ``x2``. Source: array API 2025.12, ``copysign``.

    >>> import ndgrad as nd
    >>> nd.copysign(nd.asarray([1.0, -2.0]), -0.0)
    tensor([-1., -2.])
    """


# -- complex numbers ---------------------------------------------------------------------------------------------------

CONJ = Op("conj", elementwise=True, linear=True, vjp=lambda g: conj(g))
REAL = Op(
    "real", elementwise=True, linear=True, view=True, result="real",
    vjp=lambda g: astype(g, g.dtype.to_complex),
)  # fmt: skip
IMAG = Op(
    "imag", elementwise=True, linear=True, view=True, result="real",
    vjp=lambda g: astype(g, g.dtype.to_complex) * 1j,
)  # fmt: skip


@public(CONJ)
def conj(x: Tensor, /) -> Tensor:
    """Complex conjugate of each element; ``x`` itself if it is real. Source: array API 2025.12, ``conj``.

    >>> import ndgrad as nd
    >>> nd.conj(nd.asarray([1 + 2j]))
    tensor([1.-2.j])
    """
    try:
        return apply(CONJ, x) if x._spec.dtype.is_complex else x
    except AttributeError:
        return _conj_of_scalar(x)


def _conj_of_scalar(x: Any) -> Any:
    """What a rule needs where one of the operands was a Python scalar."""
    if not isinstance(x, complex | float | int):
        raise not_a_tensor(CONJ, x) from None
    return x.conjugate()


@public(REAL)
def real(x: Tensor, /) -> Tensor:
    """Real part of each element, a view of ``x``; ``x`` itself if it is real. Source: array API 2025.12, ``real``.

    >>> import ndgrad as nd
    >>> nd.real(nd.asarray([1 + 2j]))
    tensor([1.])
    """
    return apply(REAL, x) if x.dtype.is_complex else x


@public(IMAG)
def imag(x: Tensor, /) -> Tensor:
    """Imaginary part of each element, a view of ``x``; zeros if it is real. Source: array API 2025.12, ``imag``.

    >>> import ndgrad as nd
    >>> nd.imag(nd.asarray([1 + 2j]))
    tensor([2.])
    """
    return apply(IMAG, x) if x.dtype.is_complex else flat(x)
