"""The ``ndgrad`` entry point of this package."""

from __future__ import annotations

from ndgrad.plugins import Backend, hookimpl


@hookimpl
def ndgrad_backends() -> list[Backend]:
    """The NumPy backend."""
    from ndgrad_cpu.backend import CpuBackend

    return [CpuBackend()]
