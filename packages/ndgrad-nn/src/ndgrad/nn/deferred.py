"""Names that few programs use: their modules are imported when one of the names is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["deferring"]


def deferring(
    namespace: dict[str, Any], chapters: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The ``__getattr__`` and ``__dir__`` of a package, given its modules and the names that each brings.

    A module without names is itself the name.
    """
    package = namespace["__name__"]
    homes = {name: module for module, names in chapters.items() for name in (names.split() or [module])}

    def find(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}", name=name)
        module = import_module(f"{package}.{homes[name]}")
        found = namespace[name] = module if homes[name] == name else getattr(module, name)
        return found

    return find, lambda: sorted({*namespace, *homes})
