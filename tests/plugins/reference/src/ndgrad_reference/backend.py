"""What ndgrad is told about the library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ndgrad.plugins import Backend
from ndgrad_reference.array import DEVICES, RefArray, namespace

__all__ = ["ReferenceBackend"]


class ReferenceBackend(Backend):
    """The backend for devices ``ref:0`` and ``ref:1``."""

    device_type = "ref"
    xp = namespace
    array_type = RefArray

    def raw_devices(self) -> Sequence[str]:
        return DEVICES

    def to_host(self, raw: RefArray) -> Any:
        """A copy of the values: this memory cannot be shared."""
        return raw.copy_to_host()
