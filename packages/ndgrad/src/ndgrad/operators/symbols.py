"""The symbols of Python: arithmetic, comparison, bits, their in-place forms, indexing. The standard defines them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ndgrad.dispatch import binary, decline, overwriting
from ndgrad.ops import elementwise, indexing, products, reductions
from ndgrad.rows import Op
from ndgrad.tensor import Tensor

__all__ = ["Symbols", "in_place"]

_Binary = Callable[[Any, Any], Any]


def _operator(function: Any) -> _Binary:
    return binary(function.op, decline)


def _reflected(operator: _Binary) -> _Binary:
    def reflected(self: Any, other: Any) -> Any:
        return operator(other, self)

    return reflected


def in_place(function: Any, declines: bool = False) -> Callable[..., Any]:
    """The form of an elementwise function that writes into its first operand: ``x.add_(y)``, ``x += y``."""
    op: Op = function.op
    write = overwriting(op, declines)
    write.__name__ = op.name + "_"
    write.__doc__ = f"Write :func:`ndgrad.{op.name}` of this tensor (and ``others``) into its memory; returns it."
    return write


class Symbols:
    """What a tensor answers to Python's symbols."""

    # -- arithmetic ----------------------------------------------------------------------------------------------------

    __add__: _Binary = _operator(elementwise.add)
    __sub__: _Binary = _operator(elementwise.subtract)
    __mul__: _Binary = _operator(elementwise.multiply)
    __truediv__: _Binary = _operator(elementwise.divide)
    __floordiv__: _Binary = _operator(elementwise.floor_divide)
    __mod__: _Binary = _operator(elementwise.remainder)
    __pow__: _Binary = _operator(elementwise.pow)
    __radd__: _Binary = _reflected(__add__)
    __rsub__: _Binary = _reflected(__sub__)
    __rmul__: _Binary = _reflected(__mul__)
    __rtruediv__: _Binary = _reflected(__truediv__)
    __rfloordiv__: _Binary = _reflected(__floordiv__)
    __rmod__: _Binary = _reflected(__mod__)
    __rpow__: _Binary = _reflected(__pow__)
    __neg__ = elementwise.negative
    __pos__ = elementwise.positive
    __abs__ = elementwise.abs

    def __matmul__(self: Any, other: Any) -> Any:
        return products.matmul(self, other) if isinstance(other, Tensor) else NotImplemented

    def __rmatmul__(self: Any, other: Any) -> Any:
        return products.matmul(other, self) if isinstance(other, Tensor) else NotImplemented

    # -- comparison and bits -------------------------------------------------------------------------------------------

    __lt__: _Binary = _operator(elementwise.less)
    __le__: _Binary = _operator(elementwise.less_equal)
    __gt__: _Binary = _operator(elementwise.greater)
    __ge__: _Binary = _operator(elementwise.greater_equal)
    __eq__: _Binary = _operator(elementwise.equal)
    __ne__: _Binary = _operator(elementwise.not_equal)
    __hash__ = object.__hash__
    __and__: _Binary = _operator(elementwise.bitwise_and)
    __or__: _Binary = _operator(elementwise.bitwise_or)
    __xor__: _Binary = _operator(elementwise.bitwise_xor)
    __lshift__: _Binary = _operator(elementwise.bitwise_left_shift)
    __rshift__: _Binary = _operator(elementwise.bitwise_right_shift)
    __rand__: _Binary = _reflected(__and__)
    __ror__: _Binary = _reflected(__or__)
    __rxor__: _Binary = _reflected(__xor__)
    __rlshift__: _Binary = _reflected(__lshift__)
    __rrshift__: _Binary = _reflected(__rshift__)
    __invert__ = elementwise.bitwise_invert

    # -- in place ------------------------------------------------------------------------------------------------------

    __iadd__ = in_place(elementwise.add, declines=True)
    __isub__ = in_place(elementwise.subtract, declines=True)
    __imul__ = in_place(elementwise.multiply, declines=True)
    __itruediv__ = in_place(elementwise.divide, declines=True)
    __ifloordiv__ = in_place(elementwise.floor_divide, declines=True)
    __imod__ = in_place(elementwise.remainder, declines=True)
    __ipow__ = in_place(elementwise.pow, declines=True)
    __iand__ = in_place(elementwise.bitwise_and, declines=True)
    __ior__ = in_place(elementwise.bitwise_or, declines=True)
    __ixor__ = in_place(elementwise.bitwise_xor, declines=True)
    __ilshift__ = in_place(elementwise.bitwise_left_shift, declines=True)
    __irshift__ = in_place(elementwise.bitwise_right_shift, declines=True)

    def __imatmul__(self: Any, other: Any) -> Any:
        return self.copy_(products.matmul(self, other))

    # -- parts ---------------------------------------------------------------------------------------------------------

    __getitem__ = indexing.getitem
    __setitem__ = indexing.setitem

    def __iter__(self: Any) -> Iterator[Any]:
        if not self.shape:
            raise TypeError("iteration over a 0-d tensor")
        return iter([indexing.getitem(self, i) for i in range(self.shape[0])])

    def __contains__(self: Any, value: Any) -> bool:
        return bool(reductions.any(elementwise.equal(self, value)))
