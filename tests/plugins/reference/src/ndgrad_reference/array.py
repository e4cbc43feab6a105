"""The array library of the made-up accelerator: what a real plugin imports from elsewhere."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
from array_api_compat import numpy as host_library

__all__ = ["DEVICES", "RefArray", "namespace"]

DEVICES = ("ref:0", "ref:1")


class RefArray:
    """Memory on one of the devices. Only :meth:`copy_to_host` brings its values to the host."""

    __slots__ = ("_memory", "device")

    def __init__(self, memory: np.ndarray[Any, Any], device: str) -> None:
        self._memory = memory
        self.device = device

    shape = property(lambda self: self._memory.shape)
    ndim = property(lambda self: self._memory.ndim)
    size = property(lambda self: self._memory.size)
    dtype = property(lambda self: self._memory.dtype)

    def copy_to_host(self) -> np.ndarray[Any, Any]:
        """The values, explicitly."""
        return self._memory.copy()

    def to_device(self, device: str) -> RefArray:
        """A copy on another device, or the array itself if it is there."""
        return self if device == self.device else RefArray(self._memory.copy(), device)

    def __getitem__(self, key: Any) -> RefArray:
        return _on_device(lambda memory, key: memory[key])(self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        _on_device(lambda memory, key, value: memory.__setitem__(key, value))(self, key, value)

    def __repr__(self) -> str:
        return f"<RefArray {self.dtype}{list(self.shape)} on {self.device}>"

    def _refuse(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("implicit access of the host to device memory")

    __array__ = __iter__ = __len__ = __bool__ = __int__ = __float__ = __complex__ = __index__ = _refuse
    __eq__ = __ne__ = _refuse
    __hash__ = object.__hash__


def _map(function: Callable[[Any], Any], tree: Any) -> Any:
    if isinstance(tree, tuple | list):
        parts = [_map(function, part) for part in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    return function(tree)


def _on_device(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` of NumPy arrays as a function of arrays on one device."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        found = set()

        def lower(x: Any) -> Any:
            if isinstance(x, RefArray):
                found.add(x.device)
                return x._memory
            return x

        args = _map(lower, args)
        target = kwargs.pop("device", None)
        kwargs = {name: _map(lower, value) for name, value in kwargs.items()}
        if len(found) > 1:
            raise RuntimeError(f"arrays on {' and '.join(sorted(found))} do not mix")
        device = target or next(iter(found), DEVICES[0])
        result = function(*args, **kwargs)
        return _map(lambda y: RefArray(np.asarray(y), device) if isinstance(y, np.ndarray | np.generic) else y, result)

    return call


class _Namespace(ModuleType):
    """NumPy's array-API namespace, on the device."""

    def __init__(self, name: str, library: ModuleType) -> None:
        super().__init__(name)
        self._library = library

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._library, name)
        if isinstance(found, ModuleType):
            found = _Namespace(f"{self.__name__}.{name}", found)
        elif callable(found) and not isinstance(found, type):
            found = _on_device(found)
        setattr(self, name, found)
        return found


namespace = _Namespace("ndgrad_reference.namespace", host_library)
