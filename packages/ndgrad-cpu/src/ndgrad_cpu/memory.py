"""Keeping freed memory for the next array.

The C library of Linux gives a large block back to the system when it is freed, and the next array of that size is paid
for page by page: 0.25 us to 2.5 us for each 4 KiB, more than to add two arrays of them. A training step frees and makes
the same arrays over and over, so what it frees is kept, up to :data:`KEPT` bytes.

Source: GNU C Library, ``mallopt``.
"""

from __future__ import annotations

import ctypes
import os
from typing import Final

__all__ = ["KEPT", "keep_freed_memory"]

KEPT: Final = 1 << 28
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # in malloc.h
# By these the user has decided: https://www.gnu.org/software/libc/manual/html_node/Malloc-Tunable-Parameters.html
_DECIDED = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES")


def keep_freed_memory() -> bool:
    """Have the C library keep up to :data:`KEPT` freed bytes, and tell whether it will.

    Not if it is another than GNU's, nor if the environment variables ``MALLOC_TRIM_THRESHOLD_``,
    ``MALLOC_MMAP_THRESHOLD_`` or ``GLIBC_TUNABLES`` say what it shall do.
    """
    if os.name != "posix" or any(name in os.environ for name in _DECIDED):
        return False
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is None:
        return False
    return bool(set_option(_M_MMAP_THRESHOLD, KEPT) and set_option(_M_TRIM_THRESHOLD, KEPT))
