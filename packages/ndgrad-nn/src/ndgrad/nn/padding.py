"""Padding as layers: (before, after) of the last axis, then of the one before it."""


from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from ndgrad import Tensor

from . import functional as F
from .module import Module

__all__ = [
    "CircularPad1d", "CircularPad2d", "CircularPad3d", "ConstantPad1d", "ConstantPad2d", "ConstantPad3d",
    "ReflectionPad1d", "ReflectionPad2d", "ReflectionPad3d", "ReplicationPad1d", "ReplicationPad2d",
    "ReplicationPad3d", "ZeroPad1d", "ZeroPad2d", "ZeroPad3d",
]  # fmt: skip


class _Pad(Module):
    """Pads the last ``ndim`` axes; subclasses say how many, and with what."""

    ndim: ClassVar[int]
    mode: ClassVar[str]

    def __init__(self, padding: int | Sequence[int]) -> None:
        super().__init__()
        self.padding = (padding,) * (2 * self.ndim) if isinstance(padding, int) else tuple(padding)
        if len(self.padding) != 2 * self.ndim:
            raise ValueError(
                f"{type(self).__name__} takes one width or {2 * self.ndim}, (before, after) of each axis with the last "
                f"axis first, got {padding}"
            )

    def forward(self, input: Tensor) -> Tensor:
        return F.pad(input, self.padding, self.mode)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class _ConstantPad(_Pad):
    def __init__(self, padding: int | Sequence[int], value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPad):
    """A number around signals. Source: PyTorch, ``torch.nn.ConstantPad1d``."""

    ndim = 1


class ConstantPad2d(_ConstantPad):
    """A number around images. Source: PyTorch, ``torch.nn.ConstantPad2d``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.ConstantPad2d((0, 1, 0, 0), 7.0)(nd.zeros((1, 1)))
    tensor([[0., 7.]])
    """

    ndim = 2


class ConstantPad3d(_ConstantPad):
    """A number around volumes. Source: PyTorch, ``torch.nn.ConstantPad3d``."""

    ndim = 3


class ZeroPad1d(_Pad):
    """Zeros around signals. Source: PyTorch, ``torch.nn.ZeroPad1d``."""

    ndim, mode = 1, "constant"


class ZeroPad2d(_Pad):
    """Zeros around images. Source: PyTorch, ``torch.nn.ZeroPad2d``."""

    ndim, mode = 2, "constant"


class ZeroPad3d(_Pad):
    """Zeros around volumes. Source: PyTorch, ``torch.nn.ZeroPad3d``."""

    ndim, mode = 3, "constant"


class ReflectionPad1d(_Pad):
    """Signals reflected at their ends. Source: PyTorch, ``torch.nn.ReflectionPad1d``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.ReflectionPad1d(1)(nd.asarray([[1.0, 2.0, 3.0]]))
    tensor([[2., 1., 2., 3., 2.]])
    """

    ndim, mode = 1, "reflect"


class ReflectionPad2d(_Pad):
    """Images reflected at their edges. Source: PyTorch, ``torch.nn.ReflectionPad2d``."""

    ndim, mode = 2, "reflect"


class ReflectionPad3d(_Pad):
    """Volumes reflected at their faces. Source: PyTorch, ``torch.nn.ReflectionPad3d``."""

    ndim, mode = 3, "reflect"


class ReplicationPad1d(_Pad):
    """Signals whose ends are repeated. Source: PyTorch, ``torch.nn.ReplicationPad1d``."""

    ndim, mode = 1, "replicate"


class ReplicationPad2d(_Pad):
    """Images whose edges are repeated. Source: PyTorch, ``torch.nn.ReplicationPad2d``."""

    ndim, mode = 2, "replicate"


class ReplicationPad3d(_Pad):
    """Volumes whose faces are repeated. Source: PyTorch, ``torch.nn.ReplicationPad3d``."""

    ndim, mode = 3, "replicate"


class CircularPad1d(_Pad):
    """Signals that go round. Source: PyTorch, ``torch.nn.CircularPad1d``."""

    ndim, mode = 1, "circular"


class CircularPad2d(_Pad):
    """Images that go round. Source: PyTorch, ``torch.nn.CircularPad2d``."""

    ndim, mode = 2, "circular"


class CircularPad3d(_Pad):
    """Volumes that go round. Source: PyTorch, ``torch.nn.CircularPad3d``."""

    ndim, mode = 3, "circular"
