"""What this namespace can do, for code that asks: array API 2025.12, chapter "Inspection"; and the default device."""

from __future__ import annotations

from typing import Any, Final

from ndgrad.devices import Device, request_default_device
from ndgrad.dtypes import DTYPES, DType, bfloat16, default_dtype_of, float16, int64
from ndgrad.ops.data_types import isdtype
from ndgrad.plugins import manager
from ndgrad.settings import Restore

__all__ = ["API_VERSION", "NamespaceInfo", "get_default_device", "namespace_info", "set_default_device"]

API_VERSION: Final = "2025.12"


def get_default_device() -> Device:
    """The device that tensors are made on unless told otherwise: ``$NDGRAD_DEVICE``, else the CPU."""
    return manager.device()


def set_default_device(device: Any) -> Restore:
    """Set the device that tensors are made on, in this thread; as a context manager, until its end.

    Raises:
        DeviceError: no such device; the message lists the ones there are.

    Source: PyTorch, ``torch.set_default_device``.

    >>> import ndgrad as nd
    >>> with nd.set_default_device("cpu"):
    ...     nd.zeros(1).device
    device(type='cpu')
    """
    return request_default_device(manager.device(device))


class NamespaceInfo:
    """The answers of ``__array_namespace_info__()``."""

    def capabilities(self) -> dict[str, Any]:
        """What the default device allows: boolean indexing, data-dependent shapes, and how many axes at most."""
        found = manager.backend(manager.device().type).capabilities(manager.device())
        return {
            "boolean indexing": found.boolean_indexing,
            "data-dependent shapes": found.data_dependent_shapes,
            "max dimensions": found.max_dimensions,
        }

    def default_device(self) -> Device:
        """The device that tensors are made on unless told otherwise."""
        return get_default_device()

    def default_dtypes(self, *, device: Any = None) -> dict[str, DType]:
        """The dtypes of results whose dtype nothing else decides."""
        return {
            "real floating": default_dtype_of(float),
            "complex floating": default_dtype_of(complex),
            "integral": int64,
            "indexing": int64,
        }

    def devices(self) -> tuple[Device, ...]:
        """All devices of all backends that are available."""
        manager.load_all()
        return tuple(device for backend in manager.backends.values() for device in backend.devices())

    def dtypes(self, *, device: Any = None, kind: Any = None) -> dict[str, DType]:
        """The standard's dtypes that a device holds, of these kinds (see :func:`ndgrad.isdtype`), by name."""
        where = manager.device(device)
        held = manager.backend(where.type).capabilities(where).dtypes
        standard = [d for d in DTYPES if d in held and d not in (float16, bfloat16)]
        return {d.name: d for d in standard if kind is None or isdtype(d, kind)}


_INFO: Final = NamespaceInfo()


def namespace_info() -> NamespaceInfo:
    """What this namespace can do. Source: array API 2025.12, ``__array_namespace_info__``."""
    return _INFO
