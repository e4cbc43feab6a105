"""How backends, kernels and ops come in from other packages."""

from ndgrad.plugins.backend import API_VERSION, ITSELF, Backend, BySize, Capabilities, Spec
from ndgrad.plugins.hookspecs import hookimpl
from ndgrad.plugins.manager import Manager, PluginRecord, manager

__all__ = [
    "API_VERSION", "ITSELF", "Backend", "BySize", "Capabilities", "Manager", "PluginRecord", "Spec", "hookimpl",
    "manager",
]  # fmt: skip

register = manager.register
register_backend = manager.register_backend
