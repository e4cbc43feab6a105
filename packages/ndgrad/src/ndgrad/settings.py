"""What a setter of thread-local state returns, so that it serves as a statement and as a context manager."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Restore"]


class Restore:
    """The way back from a setting: unused, the setting stays; as a context manager, it is undone at exit."""

    __slots__ = ("_undo",)

    def __init__(self, undo: Callable[[], None]) -> None:
        self._undo = undo

    def __enter__(self) -> None:
        return None

    def __exit__(self, *exc: object) -> None:
        self._undo()
