"""Threads for a kernel's work: NumPy's loops and products release the interpreter lock.

The libraries that this needs are imported at the first use, since most programs begin with small arrays.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from typing import Any, TypeVar

__all__ = ["cores", "in_parts", "pool"]

T = TypeVar("T")


def in_parts(work: Callable[[slice], T], length: int, operations: float) -> list[T]:
    """``work`` on consecutive slices of ``range(length)``, one per core if there are operations enough to pay for it.

    Then each part multiplies matrices on its own core, in place of all cores sharing one product: what a core has
    gathered lies in its own cache.
    """
    parts = min(cores(), length) if operations > 1e8 else 1
    if parts == 1:
        return [work(slice(0, length))]
    first, *others = (slice(*edges) for edges in pairwise(length * i // parts for i in range(parts + 1)))
    with _products_on_one_core():
        waiting = [pool().submit(work, part) for part in others]
        return [work(first), *(part.result() for part in waiting)]


@cache
def cores() -> int:
    """How many cores this process may use: those it is bound to, at most $OMP_NUM_THREADS."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(available, int(os.environ.get("OMP_NUM_THREADS") or available))


@cache
def pool() -> Any:
    """The threads, a :class:`concurrent.futures.ThreadPoolExecutor`; a forked process makes its own."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(cores(), thread_name_prefix="ndgrad-cpu")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=pool.cache_clear)

# Limits are global: the first kernel sets one and the last takes it away, whatever threads they are called from.
_limits: list[Any] = []
_guard = threading.Lock()


@contextmanager
def _products_on_one_core() -> Iterator[None]:
    with _guard:
        _limits.append(_limits[0] if _limits else _blas().limit(limits=1))
    try:
        yield
    finally:
        with _guard:
            limit = _limits.pop()
            if not _limits:
                limit.restore_original_limits()


@cache
def _blas() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
