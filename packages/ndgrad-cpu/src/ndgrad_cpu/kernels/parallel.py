"""Threads for a kernel's work: NumPy's loops and products release the interpreter lock.

A part of the work goes to a thread that waits for one, which takes 20 to 60 us; the caller starts at once, and takes
over what no thread has begun.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from queue import SimpleQueue

__all__ = [
    "address_of_current_core", "before_sharing", "cores", "cores_of_others", "in_parts", "move_apart", "share",
    "summon",
]  # fmt: skip

T = TypeVar("T")

SMALL = 1e6  # floating-point operations that BLAS does on one core by itself
SHARED = 6e7  # those that pay for another thread, also where it has to wait for those of BLAS, which spin for a while


def in_parts(work: Callable[[slice], T], length: int, operations: float) -> list[T]:
    """``work`` on consecutive slices of ``range(length)``, one per core if there are operations enough to pay for it.

    Each part multiplies matrices on its own core, in place of all cores sharing one product, and so does a single part
    of a small work: what a core has gathered lies in its own cache, and BLAS loses more by sharing small products than
    it gains.
    """
    if operations < SMALL:
        return [work(slice(0, length))]
    parts = max(1, min(cores(), length)) if operations > SHARED else 1
    slices = [slice(*edges) for edges in pairwise(length * i // parts for i in range(parts + 1))]
    found: dict[int, T] = {}

    def run(part: slice) -> None:
        found[part.start] = work(part)

    with _products_on_one_core(), _small_buffers():
        share(run, [(part,) for part in slices])
    return [found[part.start] for part in slices]


@cache
def cores() -> int:
    """How many cores this process may use: those it is bound to, at most $OMP_NUM_THREADS."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(available, int(os.environ.get("OMP_NUM_THREADS") or available))


# -- the threads -------------------------------------------------------------------------------------------------------


class _Job:
    """Calls of one function, taken from a list by every thread that is free."""

    def __init__(self, work: Callable[..., None], calls: Sequence[tuple[Any, ...]]) -> None:
        self.work = work
        self.left = list(reversed(calls))
        self.unfinished = list(range(len(calls)))
        self.done = threading.Lock()
        self.done.acquire()
        self.error: BaseException | None = None

    def run(self) -> None:
        """Make calls until none is left. Taking one from a list is a single step, whatever other threads do."""
        while self.left:
            try:
                call = self.left.pop()
            except IndexError:  # another thread was faster
                return
            try:
                self.work(*call)
            except BaseException as error:
                self.error = error
            if self.unfinished.pop() == 0:
                self.done.release()


def share(work: Callable[..., None], calls: Sequence[tuple[Any, ...]]) -> None:
    """``work(*call)`` for each call, here and on other threads, with this one's context: NumPy's error state is there.

    Raises:
        BaseException: what a call raised, once all have ended.
    """
    if len(calls) == 1:
        work(*calls[0])
        return
    job, team = _Job(work, calls), _team()
    for prepare in before_sharing:
        prepare()
    cores_before = team.keep_off_this_core()
    try:
        for _ in calls[1:]:
            team.waiting.put((job, copy_context()))
        job.run()
        job.done.acquire()
    finally:
        if cores_before:
            os.sched_setaffinity(0, cores_before)
    del job.work  # which a thread that is late would keep, and its arrays
    if job.error is not None:
        try:
            raise job.error
        finally:
            del job  # its error's traceback leads here


before_sharing: list[Callable[[], None]] = []
"""Called before work is shared, to free threads that have been summoned."""


def summon(work: Callable[[], None], threads: int) -> None:
    """``work()`` on so many other threads, as soon as they are free; nobody waits for it to end."""
    job = _Job(work, [()] * threads)
    move_apart()
    for _ in range(threads):
        _team().waiting.put((job, copy_context()))


def move_apart() -> None:
    """Let the other threads run on other cores than the one that the caller runs on now."""
    cores_before = _team().keep_off_this_core()
    if cores_before:
        os.sched_setaffinity(0, cores_before)


def cores_of_others() -> set[int]:
    """The cores that the other threads are bound to; none before they have worked."""
    return _team().kept_to


def address_of_current_core() -> int:
    """Where the C library's function lies that tells which core the caller runs on, 0 if there is none."""
    function: Any = _current_core()
    if function is None:
        return 0
    import ctypes

    return ctypes.cast(function, ctypes.c_void_p).value or 0


class _Team:
    """The threads of this process, asleep until a job comes."""

    def __init__(self) -> None:
        from queue import SimpleQueue  # here, as every import of ndgrad would wait for it

        self.waiting: SimpleQueue[tuple[_Job, Any]] = SimpleQueue()
        self.current_core = _current_core()
        self.kept_to: set[int] = set()
        self.ids: list[int] = []
        for i in range(cores() - 1):
            thread = threading.Thread(target=self._serve, name=f"ndgrad-cpu-{i}", daemon=True)
            thread.start()
            assert thread.native_id is not None  # it was started
            self.ids.append(thread.native_id)

    def _serve(self) -> None:
        while True:
            job, context = self.waiting.get()
            if job.left:
                context.run(job.run)
            del job, context  # the arrays they hold are not to live until the next job

    def keep_off_this_core(self) -> set[int] | None:
        """Bind the caller to its core and the threads to the others; returns what the caller was bound to, if it was.

        Linux wakes a thread on the core of the one that wakes it if it takes the others for busy, as it does those that
        a virtual machine's host has put to sleep. Both then take turns on one core, for many milliseconds.
        """
        if self.current_core is None:
            return None
        here, mine = self.current_core(), os.sched_getaffinity(0)
        others = mine - {here}
        if not others or here not in mine:
            return None
        try:
            if others != self.kept_to:
                for thread in self.ids:
                    os.sched_setaffinity(thread, others)
                self.kept_to = others
            os.sched_setaffinity(0, {here})
        except OSError:  # not allowed here
            self.current_core = None
            return None
        return mine


def _current_core() -> Callable[[], int] | None:
    """The C library's function that tells which core the caller runs on, on Linux."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    import ctypes

    return getattr(ctypes.CDLL(None), "sched_getcpu", None)


@cache
def _team() -> _Team:
    """Started at the first use, and anew in a forked process."""
    return _Team()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_team.cache_clear)

# -- the threads of BLAS -----------------------------------------------------------------------------------------------

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


@contextmanager
def _small_buffers() -> Iterator[None]:
    """Ufuncs work on strided runs where they lie; NumPy would copy runs below its buffer's size to a buffer first."""
    before = np.setbufsize(1024)
    try:
        yield
    finally:
        np.setbufsize(before)


@cache
def _blas() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
