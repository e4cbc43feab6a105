"""What the docstrings of this repository need to be read as Markdown: an extension of griffe, which collects them."""

from __future__ import annotations

import re
from typing import Any

from griffe import Extension

_ROLE = re.compile(r":(?:class|data|exc|func|meth|mod):`~?([^`]+)`")
_EXAMPLE = re.compile(r"((?:^[ ]*(?:>>>|\.\.\.).*\n(?:(?!^[ ]*(?:>>>|\.\.\.))^.*\S.*\n?)*)+)", re.MULTILINE)


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
