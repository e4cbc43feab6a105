"""Moving a network to another device or dtype: in place, so that an optimiser keeps hold of its parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import ndgrad as nd
from ndgrad import Tensor
from ndgrad.devices import Device, parse_device
from ndgrad.dtypes import DType, as_dtype

from .tree import ModuleTree

__all__ = ["Convertible"]


class Convertible(ModuleTree):
    """The part of ``Module`` that changes where its tensors live and what they are made of."""

    def to(self, *args: Any, device: Any = None, dtype: Any = None, non_blocking: bool = False) -> Self:
        """Move all parameters and buffers to a device, a dtype or both, and return this module.

        Written ``to(device)``, ``to(dtype)``, ``to(device, dtype)`` or ``to(tensor)``, which names that tensor's.
        Integer and boolean buffers keep their dtype.

        Raises:
            TypeError: ``dtype`` is not a floating or complex dtype.

        >>> import ndgrad as nd
        >>> from ndgrad import nn
        >>> nn.Linear(2, 3).to("cpu", nd.float64).weight.dtype
        ndgrad.float64
        """
        device, dtype = _destination(args, device, dtype)
        if dtype is not None and not dtype.is_inexact:
            raise TypeError(
                f"Module.to takes floating or complex dtypes, got {dtype.name}: parameters are trained, "
                "and integers have no gradient"
            )
        return self._apply(lambda tensor: _moved(tensor, device, dtype))

    def _apply(self, change: Callable[[Tensor], Tensor]) -> Self:
        with nd.no_grad():
            for tensor in (*self.parameters(), *self.buffers()):
                grad, tensor.data = tensor.grad, change(tensor.detach())
                if grad is not None:
                    tensor.grad = change(grad)
        return self

    def to_empty(self, *, device: Any, recurse: bool = True) -> Self:
        """Move parameters and buffers to a device without their values, which are undefined afterwards."""
        owned = (*self.parameters(recurse), *self.buffers(recurse))
        with nd.no_grad():
            for tensor in owned:
                tensor.data = nd.empty_like(tensor.detach(), device=device)
        return self

    def share_memory(self) -> Self:
        """The same module: threads share all memory, and there is none that processes share."""
        return self

    def cpu(self) -> Self:
        """Move everything to the CPU."""
        return self.to("cpu")

    def cuda(self, device: int | None = None) -> Self:
        """Move everything to the CUDA device of this index, or to the first."""
        return self.to("cuda" if device is None else f"cuda:{device}")

    def type(self, dst_type: Any) -> Self:
        """Cast everything to ``dst_type``, integer buffers too."""
        return self._apply(lambda tensor: tensor.to(as_dtype(dst_type)))

    def float(self) -> Self:
        """Cast floating parameters and buffers to float32."""
        return self.to(nd.float32)

    def double(self) -> Self:
        """Cast floating parameters and buffers to float64."""
        return self.to(nd.float64)

    def half(self) -> Self:
        """Cast floating parameters and buffers to float16."""
        return self.to(nd.float16)

    def bfloat16(self) -> Self:
        """Cast floating parameters and buffers to bfloat16."""
        return self.to(nd.bfloat16)


def _destination(args: tuple[Any, ...], device: Any, dtype: Any) -> tuple[Device | None, DType | None]:
    for arg in args:
        if isinstance(arg, Tensor):
            device, dtype = arg.device, arg.dtype
        elif isinstance(arg, DType | type):
            dtype = arg
        elif arg is not None:
            device = arg
    return None if device is None else parse_device(device), None if dtype is None else as_dtype(dtype)


def _moved(tensor: Tensor, device: Device | None, dtype: DType | None) -> Tensor:
    if dtype is not None and tensor.dtype.is_inexact:
        tensor = tensor.to(dtype)
    return tensor if device is None else tensor.to(device)
