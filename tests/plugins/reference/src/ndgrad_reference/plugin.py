"""The entry point: imported when a ``ref`` device is first asked for."""

from __future__ import annotations

from ndgrad.plugins import Backend, hookimpl

__all__ = ["ndgrad_backends"]


@hookimpl
def ndgrad_backends() -> list[Backend]:
    """The one backend of this plugin."""
    from ndgrad_reference.backend import ReferenceBackend

    return [ReferenceBackend()]
