"""Tensors that a module owns: parameters, which are trained, and buffers, which are only kept."""

from __future__ import annotations

from typing import Self, TypeVar

import ndgrad as nd
from ndgrad import Tensor

__all__ = ["Buffer", "Parameter"]

T = TypeVar("T", bound=Tensor)


class Parameter(Tensor):
    """A tensor that a :class:`Module` registers for training when it is assigned as an attribute.

    Args:
        data: values of any shape, whose memory is shared but not their history; without them, an empty tensor.
        requires_grad: whether gradients are collected; true by default, under ``nd.no_grad()`` too.

    Raises:
        TypeError: ``data`` is not a tensor.

    Source: PyTorch, ``torch.nn.parameter.Parameter``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.Parameter(nd.zeros(2))
    Parameter containing:
    tensor([0., 0.], requires_grad=True)
    """

    def __new__(cls, data: Tensor | None = None, requires_grad: bool = True) -> Self:
        """A parameter over the memory of ``data``."""
        parameter = _owned(cls, data)
        parameter.requires_grad = requires_grad
        return parameter

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()

    __str__ = __repr__


class Buffer(Tensor):
    """A tensor that a :class:`Module` keeps, moves and saves beside its parameters, but does not train.

    Assigning one as an attribute is the same as :meth:`Module.register_buffer`.

    Args:
        data: values of any shape, whose memory is shared.
        persistent: whether the ``state_dict`` holds it.

    Raises:
        TypeError: ``data`` is not a tensor.

    Source: PyTorch, ``torch.nn.Buffer``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> m = nn.Module()
    >>> m.count = nn.Buffer(nd.zeros(2))
    >>> m.state_dict()
    {'count': tensor([0., 0.])}
    """

    persistent: bool = True

    def __new__(cls, data: Tensor | None = None, *, persistent: bool = True) -> Self:
        """A buffer over the memory of ``data``."""
        buffer = _owned(cls, data)
        buffer.persistent = persistent
        return buffer


def _owned(cls: type[T], data: Tensor | None) -> T:
    data = nd.empty(0) if data is None else data
    if not isinstance(data, Tensor):
        raise TypeError(
            f"nn.{cls.__name__} takes a Tensor, got {type(data).__name__}; write nn.{cls.__name__}(nd.asarray(values))"
        )
    return data._alias(cls)  # type: ignore[return-value]
