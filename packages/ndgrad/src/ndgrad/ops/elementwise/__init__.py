"""Element-wise functions: array API 2025.12, chapter "Element-wise Functions", each with its derivative.

The body of a function marked ``@elementwise`` is its docstring alone: the decorator is the op's row, and puts the
dispatch path in its place. ``@composite`` functions say in other ops what they compute.

Unless a docstring says otherwise, a function takes every numeric dtype, computes in the promoted one and returns it;
where the result cannot be integer, integers become the default floating dtype. One of two operands may be a Python
scalar. Shapes that do not broadcast raise ValueError, dtypes without a meaning TypeError.
"""

from ndgrad.ops.elementwise import arithmetic, comparisons, transcendental
from ndgrad.ops.elementwise.arithmetic import *
from ndgrad.ops.elementwise.arithmetic import times_conj as times_conj
from ndgrad.ops.elementwise.comparisons import *
from ndgrad.ops.elementwise.transcendental import *

__all__ = [*arithmetic.__all__, *transcendental.__all__, *comparisons.__all__]
