"""Sums and extremes of one row: what kernels over rows and channels are made of.

Sums are taken in blocks, each in as many partial sums as a vector has room for, and blocks are added up in double
precision: the error of a sum does not grow with its length, and its order depends on nothing but that.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from llvmlite import ir
from numba import njit
from numba.extending import intrinsic

from ndgrad_cpu.compiled.sources.language import FLAGS, bits, constant, from_bits, inlined

__all__ = ["largest", "products", "smallest", "squares", "total", "weighted_products"]

BLOCK: Final = 2048

# The only functions that may reorder sums: those of one block.
_reordered = njit(forceinline=True, fastmath=FLAGS | {"reassoc"}, error_model="numpy")


@_reordered
def _short_total(x, zero):
    found = zero
    for i in range(len(x)):
        found += x[i]
    return found


@_reordered
def _short_squares(x, centre, zero):
    found = zero
    for i in range(len(x)):
        found += (x[i] - centre) * (x[i] - centre)
    return found


@_reordered
def _short_products(x, y, zero):
    found = zero
    for i in range(len(x)):
        found += x[i] * y[i]
    return found


@_reordered
def _short_weighted_products(x, y, centre, weight, zero):
    found = zero
    for i in range(len(x)):
        found += x[i] * weight[i] * (y[i] - centre)
    return found


@inlined
def total(x):
    """The sum of a row, in double precision."""
    zero = constant(x, 0.0)
    found = np.float64(0)
    start = 0
    while start < len(x):  # a range could raise
        found += _short_total(x[start : start + BLOCK], zero)
        start += BLOCK
    return found


@inlined
def squares(x, centre):
    """The sum of squared distances from ``centre``, in double precision."""
    zero = constant(x, 0.0)
    found = np.float64(0)
    start = 0
    while start < len(x):  # a range could raise
        found += _short_squares(x[start : start + BLOCK], centre, zero)
        start += BLOCK
    return found


@inlined
def products(x, y):
    """The sum of products, in double precision."""
    zero = constant(x, 0.0)
    found = np.float64(0)
    start = 0
    while start < len(x):  # a range could raise
        found += _short_products(x[start : start + BLOCK], y[start : start + BLOCK], zero)
        start += BLOCK
    return found


@inlined
def weighted_products(x, y, centre, weight):
    """The sum of products of ``x weight`` and distances from ``centre``, in double precision."""
    zero = constant(x, 0.0)
    found = np.float64(0)
    start = 0
    while start < len(x):  # a range could raise
        end = start + BLOCK
        found += _short_weighted_products(x[start:end], y[start:end], centre, weight[start:end], zero)
        start = end
    return found


# As integers, floats are in order of their size but for the negative ones, whose order is turned: comparisons of
# integers are vectorized, and those of floats are not, for the sake of NaN.


@intrinsic
def _turned(context, whole):
    """``whole``, or if it is negative all its other bits turned; this is its own inverse."""

    def generate(context, builder, signature, values):
        kind = values[0].type
        negative = builder.ashr(values[0], ir.Constant(kind, kind.width - 1))
        return builder.xor(values[0], builder.lshr(negative, ir.Constant(kind, 1)))

    return whole(whole), generate


@inlined
def largest(x):
    """The maximum of a row, NaN where it holds one."""
    nan = bits(constant(x, np.nan))  # greater than every number's
    found = _turned(bits(x[0]))
    for i in range(len(x)):
        key = _turned(bits(x[i]))
        key = key if x[i] == x[i] else nan
        found = key if key > found else found
    return from_bits(_turned(found))


@inlined
def smallest(x):
    """The minimum of a row, NaN where it holds one."""
    found = _turned(bits(x[0]))
    nan = type(found)(~bits(constant(x, np.nan)))  # less than every number's
    for i in range(len(x)):
        key = _turned(bits(x[i]))
        key = key if x[i] == x[i] else nan
        found = key if key < found else found
    return from_bits(_turned(found))
