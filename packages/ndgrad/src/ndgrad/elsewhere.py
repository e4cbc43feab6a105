"""The subpackages that distributions of their own bring, and what is said where these are not installed."""

from __future__ import annotations

import sys
from typing import Final

__all__ = ["BROUGHT_BY", "MissingSubpackage"]

BROUGHT_BY: Final = dict.fromkeys(("ndgrad.nn", "ndgrad.optim", "ndgrad.data"), "ndgrad-nn")


class MissingSubpackage:
    """The last place that ``import`` asks: it finds nothing, but knows what to install."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        """Refuse a subpackage that no finder before this one has found.

        Raises:
            ModuleNotFoundError: names the distribution; its ``name`` is that too, because ``from ndgrad import nn``
                replaces an error about ``ndgrad.nn`` by one that does not help.
        """
        if name in BROUGHT_BY and path is sys.modules["ndgrad"].__path__:  # not for tools that look in other places
            owner = BROUGHT_BY[name]
            raise ModuleNotFoundError(f"{name} is in a package of its own: pip install {owner}", name=owner)


sys.meta_path.append(MissingSubpackage)
