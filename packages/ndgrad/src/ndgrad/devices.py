"""Where tensors live: a device is a type that names a backend (``cpu``, ``cuda``, ``mylib``) and an index."""

from __future__ import annotations

import os
import threading
from typing import Any, Final

from ndgrad.settings import Restore

__all__ = ["Device", "parse_device", "requested_default_device", "request_default_device"]


class Device:
    """A device: interned, hashable, and equal to the string that names it.

    Args:
        type: the device type, or the whole name such as ``"cuda:1"``.
        index: which of the type's devices; None where the type has a single one.

    >>> import ndgrad as nd
    >>> nd.device("cpu")
    device(type='cpu')
    >>> nd.zeros(2).device == "cpu"
    True
    """

    __slots__ = ("__weakref__", "_hash", "index", "type")
    type: str
    index: int | None
    _hash: int
    _known: Final[dict[tuple[str, int | None], Device]] = {}

    def __new__(cls, type: str | Device, index: int | None = None) -> Device:
        """The one object of that name."""
        if isinstance(type, Device):
            return type
        if index is None:
            type, index = _split(type)
        found = cls._known.get((type, index))
        if found is None:
            found = object.__new__(cls)
            found.type, found.index = type, index
            found._hash = hash(str(found))
            found = cls._known.setdefault((type, index), found)  # one object, also if two threads ask at once
        return found

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        index = "" if self.index is None else f", index={self.index}"
        return f"device(type={self.type!r}{index})"

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, str) and str(self) == other)

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[Any, ...]:
        return Device, (self.type, self.index)


def _split(name: Any) -> tuple[str, int | None]:
    if not isinstance(name, str) or not name:
        raise TypeError(f'a device is named by a string such as "cpu" or "cuda:0", got {name!r}')
    type, colon, index = name.partition(":")
    if not colon:
        return type, None
    if not index.isdecimal():
        raise ValueError(f'{name!r} is no device: after the colon comes an index, as in "{type}:0"')
    return type, int(index)


def parse_device(device: Any) -> Device:
    """The :class:`Device` that a string or a Device names; whether it exists is the plugin manager's to say."""
    return device if device.__class__ is Device else Device(device)


class _Default(threading.local):
    def __init__(self) -> None:
        self.device = Device(os.environ.get("NDGRAD_DEVICE", "cpu"))


_default = _Default()


def requested_default_device() -> Device:
    """The device that was asked to be this thread's default: ``$NDGRAD_DEVICE``, else the CPU."""
    return _default.device


def request_default_device(device: Device) -> Restore:
    """Make ``device`` this thread's default; the way back is returned."""
    previous, _default.device = _default.device, device
    return Restore(lambda: setattr(_default, "device", previous))
