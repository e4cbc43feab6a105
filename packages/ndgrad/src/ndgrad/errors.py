"""The exceptions that are ndgrad's own; each is also the built-in kind that a caller would expect."""

from __future__ import annotations

__all__ = ["AutogradError", "DeviceError", "LinAlgError", "PluginError"]


class DeviceError(RuntimeError, ValueError):
    """A device is unknown or unavailable, or tensors of two devices meet."""


class PluginError(RuntimeError):
    """A plugin does not keep the contract: another major version, a hook or kernel by an unknown name."""


class AutogradError(RuntimeError):
    """A derivative cannot be computed: the message says which step of the program forbids it."""


class LinAlgError(ValueError):
    """A matrix is singular, not positive definite or not square, or an iteration did not converge."""
