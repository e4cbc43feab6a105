"""Measuring rows: one process per library, their samples taken in turn.

Two libraries in one process disturb each other: each brings a thread pool whose idle threads spin, and each slows the
other's garbage collection and import. Here every library has a process of its own, and its turn is over only when all
its threads sleep.
"""

import itertools
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import cached_property
from multiprocessing.connection import Connection
from typing import Any, cast

from benchmarks import libraries
from benchmarks.contention import Watch
from benchmarks.libraries import Library
from benchmarks.results import Refusal, Result
from benchmarks.row import NotOffered, Row
from benchmarks.sampling import BRIEF, TARGET, loops_for, wait_until_idle, warm_sample

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def usable_cores() -> list[int]:
    """The cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Keep this thread on one core inside, where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def limit_threads(threads: int) -> None:
    """Give every process started from here on `threads` threads and, where the system can, as many cores."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, usable_cores()[:threads])
    for variable in THREAD_VARIABLES:
        os.environ[variable] = str(threads)
    os.environ["JAX_PLATFORMS"] = "cpu"


class Worker:
    """The process in which one library is measured. A context manager: leaving it ends the process."""

    def __init__(self, library: str) -> None:
        context = multiprocessing.get_context("spawn")
        self.library = library
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, library), daemon=True)
        self._process.start()
        theirs.close()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None  # it was started
        return self._process.pid

    def prepare(self, row: Row) -> int | Refusal:
        """Set a row up there; return the number of calls in one of its samples, or why there will be none."""
        return cast("int | Refusal", self._ask(row.key))

    def sample(self) -> float | Refusal:
        """Take one sample of the row that is set up, in its unit."""
        return cast("float | Refusal", self._ask(None))

    def _ask(self, key: str | None) -> Any:
        try:
            self._connection.send(key)
            return self._connection.recv()
        except (EOFError, OSError):
            self._process.join(timeout=5)
            return Refusal(f"its process ended with exit code {self._process.exitcode}", expected=False)

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *exception: object) -> None:
        self._connection.close()  # the process sees its input end, and ends
        self._process.join(timeout=5)
        if self._process.is_alive():
            self._process.kill()


def serve(connection: Connection, name: str) -> None:
    """Answer the parent until it hangs up: a row's key sets that row up, None takes a sample of it."""
    bench = Bench(name)
    while True:
        try:
            key = connection.recv()
        except (EOFError, KeyboardInterrupt):
            return
        try:
            connection.send(bench.answer(key))
        except (ImportError, NotOffered) as reason:
            connection.send(Refusal(str(reason), expected=True))
        except Exception as error:  # whatever a library raises is its answer, and the next row goes on
            connection.send(Refusal(f"{type(error).__name__}: {error}", expected=False))


class Bench:
    """One library, imported at its first row, and the row that is set up in it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sample: Callable[[], float]

    @cached_property
    def library(self) -> Library:
        return libraries.load(self.name)

    def prepare(self, key: str) -> int:
        """Set the row up, so that `sample` measures one unit of it; return the number of calls in a sample."""
        from benchmarks.rows import BY_KEY  # here, for the parent needs no library's arrays

        self.__dict__.pop("sample", None)  # lets go of the row before
        row, wait = BY_KEY[key], self.library.wait
        call = row.work[self.name](self.library)
        thunk = call if wait is libraries.same else lambda: wait(call())
        loops = loops_for(thunk, row.sampler, BRIEF if row.brief else TARGET)
        cores = itertools.cycle(usable_cores())

        def sample() -> float:
            # One core may be shared with a neighbour and the next not: each library meets both.
            with on_core(next(cores)) if row.brief else nullcontext():
                return warm_sample(thunk, row.sampler, loops) / row.per

        self.sample = sample
        return loops

    def answer(self, key: str | None) -> float:
        """Set up the row of that key, or take a sample of the one there is; the turn is over when all is idle."""
        answer = self.sample() if key is None else self.prepare(key)
        wait_until_idle()
        return answer


def measure(row: Row, workers: Mapping[str, Worker], repeats: int) -> Result:
    """Set the row up in each library, then take samples of each in turn: A B C, A B C, ...

    They are `repeats`, and of a brief row more in the same time.
    """
    result = Result(row)
    for library in row.work:
        loops = workers[library].prepare(row)
        if isinstance(loops, Refusal):
            result.refuse(library, loops)
        else:
            result.loops[library], result.samples[library] = loops, []
    watch = Watch(worker.pid for worker in workers.values())
    for _ in range(round(repeats * TARGET / BRIEF) if row.brief else repeats):
        for library in list(result.samples):
            sample = workers[library].sample()
            if isinstance(sample, Refusal):
                result.refuse(library, sample)
            else:
                result.samples[library].append(sample)
    result.others = watch.share()
    return result
