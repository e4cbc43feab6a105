"""The hooks a plugin may implement; each is called while a device or a table of ops is set up, never during an op.

A plugin is any object or module with functions of these names, marked with :data:`hookimpl`, and announced by an entry
point in the group ``ndgrad``. The part of the entry point's name before the first dot is the device type whose first
use loads it (``cpu``, ``cuda.mykernels``); ``ops.<anything>`` is loaded when the table of ops is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pluggy

__all__ = ["hookimpl", "hookspec", "ndgrad_backends", "ndgrad_kernels", "ndgrad_ops"]

hookspec = pluggy.HookspecMarker("ndgrad")
hookimpl = pluggy.HookimplMarker("ndgrad")


@hookspec
def ndgrad_backends() -> Iterable[Any]:
    """Backends this plugin brings: instances of :class:`ndgrad.plugins.Backend`. Since contract 1.0."""
    return ()


@hookspec
def ndgrad_kernels(device_type: str) -> Mapping[Any, Callable[..., Any]] | None:
    """Kernels to add to, or put in place of, those of the backend of ``device_type``. Since contract 1.0.

    Keys are op names, or pairs of an op name and a dtype's name or kind; values are functions on that backend's raw
    arrays. The plugin registered last wins.
    """
    return None


@hookspec
def ndgrad_ops() -> Iterable[Any]:
    """New rows of the op table: instances of :class:`ndgrad.rows.Op`. Since contract 1.0."""
    return ()
