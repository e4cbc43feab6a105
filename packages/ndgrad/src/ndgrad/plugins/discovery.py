"""Entry points of installed packages, read from the metadata beside them.

``importlib.metadata`` finds the same in 30 ms, nearly all of which go into importing parsers of mail and of zip files:
half of what ``import ndgrad`` takes. It is still asked where packages lie in anything but plain directories.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import PathFinder
from typing import Any

__all__ = ["EntryPoint", "entry_points"]

_METADATA = (".dist-info", ".egg-info")


class EntryPoint:
    """A plugin that a distribution announces.

    Attributes:
        name: the name before the equals sign.
        value: where it is, ``"package.module"`` or ``"package.module:object"``.
        distribution: the distribution and its version, for messages.
    """

    __slots__ = ("distribution", "name", "value")

    def __init__(self, name: str, value: str, distribution: str) -> None:
        self.name = name
        self.value = value
        self.distribution = distribution

    def load(self) -> Any:
        """Import the module, and return it or the object in it."""
        module, _, path = self.value.partition(":")
        found: Any = __import__(module, fromlist=["_"])
        for part in filter(None, path.split(".")):
            found = getattr(found, part)
        return found


def entry_points(group: str) -> Sequence[EntryPoint]:
    """The entry points of ``group`` that packages on ``sys.path`` announce; of one distribution the first counts."""
    directories = [path or "." for path in dict.fromkeys(sys.path)]
    if any(os.path.isfile(path) for path in directories) or any(
        hasattr(finder, "find_distributions") and finder is not PathFinder for finder in sys.meta_path
    ):
        return _by_importlib(group)
    found: dict[str, list[EntryPoint]] = {}
    for directory in directories:
        for name, text in _announcements(directory):
            if f"[{group}]" in text:
                found.setdefault(re.sub(r"[-_.]+", "-", name.partition("-")[0]).lower(), _parsed(text, group, name))
    return [entry for entries in found.values() for entry in entries]


def _announcements(directory: str) -> Iterator[tuple[str, str]]:
    """Name and version, and ``entry_points.txt``, of each distribution in a directory."""
    try:
        names = [name for name in os.listdir(directory) if name.endswith(_METADATA)]
    except OSError:  # no such directory, or not to be read
        return
    for name in names:
        try:
            with open(os.path.join(directory, name, "entry_points.txt"), encoding="utf-8") as file:
                yield name.rpartition(".")[0], file.read()
        except OSError:  # most distributions announce nothing
            continue


def _parsed(text: str, group: str, distribution: str) -> list[EntryPoint]:
    """The lines ``name = value [extras]`` below the line ``[group]``."""
    name, _, version = distribution.partition("-")
    found, inside = [], False
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            inside = line == f"[{group}]"
        elif inside and "=" in line and not line.startswith(("#", ";")):
            key, _, value = line.partition("=")
            value = value.partition("[")[0].strip()
            found.append(EntryPoint(key.strip(), value, f"{name.replace('_', '-')} {version}".strip()))
    return found


def _by_importlib(group: str) -> list[EntryPoint]:
    from importlib import metadata

    return [
        EntryPoint(ep.name, ep.value.partition("[")[0].strip(), f"{ep.dist.name} {ep.dist.version}" if ep.dist else "")
        for ep in metadata.entry_points(group=group)
    ]
