"""Imports that do not set off garbage collections: what they make stays, so that these find none.

Python looks at the young objects again and again while their number grows, at an import's for nothing: 15 ms of ours.
"""

from __future__ import annotations

import gc

__all__ = ["Uncollected"]


class Uncollected:
    """A context manager without automatic collections; what was made meanwhile counts as old when it ends.

    So does other young garbage; it is found by the next full collection. Objects that the program froze stay so.
    """

    def __enter__(self) -> None:
        self._enabled = gc.isenabled()
        gc.disable()

    def __exit__(self, *exc: object) -> None:
        if not self._enabled:
            return
        if hasattr(gc, "freeze") and not gc.get_freeze_count():
            gc.freeze()  # the way to the oldest generation that looks at none of the objects
            gc.unfreeze()
        gc.enable()
