"""What cannot be compiled on this machine: NumPy's kernels do its work, and the report of the backend says so."""

from __future__ import annotations

from typing import Final

__all__ = ["FAILURES", "NotCompiled"]


class NotCompiled(Exception):
    """There is no machine code for a kernel, and there will be none."""


FAILURES: Final[list[str]] = []
"""Kernels that could not be compiled, and why."""
