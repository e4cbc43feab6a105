"""The tensor's operators and methods: thin names for the functions of the chapters, attached to :class:`Tensor`."""

from ndgrad.operators.methods import Operators
from ndgrad.operators.table import attach
from ndgrad.tensor import Tensor

__all__ = ["Operators"]

attach(Tensor)
