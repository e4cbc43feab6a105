"""What griffe, which collects the docstrings, is told: where they are, and how they become Markdown."""

from __future__ import annotations

import re
from typing import Any

from griffe import Extension, ModuleFinder, NamespacePackage, Package

_ROLE = re.compile(r":(?:class|data|exc|func|meth|mod):`~?([^`]+)`")
_EXAMPLE = re.compile(r"((?:^[ ]*(?:>>>|\.\.\.).*\n(?:(?!^[ ]*(?:>>>|\.\.\.))^.*\S.*\n?)*)+)", re.MULTILINE)


_find_package = ModuleFinder.find_package


def _find_both_distributions(self: ModuleFinder, module_name: str) -> Package | NamespacePackage:
    """``ndgrad`` in all search paths: for its stub, griffe takes the first for the whole and misses ``ndgrad.nn``."""
    if module_name != "ndgrad":
        return _find_package(self, module_name)
    found = [(path / "ndgrad").resolve() for path in self.search_paths if (path / "ndgrad").is_dir()]
    return NamespacePackage(module_name, list(dict.fromkeys(found)))


ModuleFinder.find_package = _find_both_distributions  # type: ignore[method-assign]


def as_markdown(text: str) -> str:
    """Doctests in fences, roles as code, ``::`` as a colon."""
    text = _ROLE.sub(r"`\1`", text)
    text = re.sub(r"::$", ":", text, flags=re.MULTILINE)
    return _EXAMPLE.sub(lambda found: f"```pycon\n{found[1].rstrip()}\n```\n", text + "\n").rstrip()


class Docstrings(Extension):
    """Rewrites each docstring before it is parsed."""

    def on_object(self, *, obj: Any, **kwargs: Any) -> None:
        if obj.docstring is not None:
            obj.docstring.value = as_markdown(obj.docstring.value)
