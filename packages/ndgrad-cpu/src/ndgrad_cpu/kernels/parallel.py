"""Splitting a kernel's work over threads: NumPy's loops and products release the interpreter lock."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import TypeVar

from threadpoolctl import ThreadpoolController

__all__ = ["in_parts"]

T = TypeVar("T")


def in_parts(work: Callable[[slice], T], length: int, operations: float) -> list[T]:
    """``work`` on consecutive slices of ``range(length)``, one per core if there are operations enough to pay for it.

    Then each part multiplies matrices on its own core, in place of all cores sharing one product: what a core has
    gathered lies in its own cache.
    """
    parts = min(_cores(), length) if operations > 1e8 else 1
    if parts == 1:
        return [work(slice(0, length))]
    edges = [length * i // parts for i in range(parts + 1)]
    slices = [slice(start, stop) for start, stop in pairwise(edges)]
    with _controller().limit(limits=1):
        waiting = [_pool().submit(work, part) for part in slices[1:]]
        return [work(slices[0]), *(part.result() for part in waiting)]


def _cores() -> int:
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(available, int(os.environ.get("OMP_NUM_THREADS") or available))


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_cores(), thread_name_prefix="ndgrad-cpu")


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()
