"""The ``ndgrad`` entry point of this package."""

from __future__ import annotations

from ndgrad.plugins import Backend, hookimpl


@hookimpl
def ndgrad_backends() -> list[Backend]:
    """The CuPy backend; whether there is a GPU for it is its own to say."""
    from ndgrad_cuda.backend import CudaBackend

    return [CudaBackend()]
