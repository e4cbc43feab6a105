"""How one sample is taken, with the collector off and the caches warm."""

import gc
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter_ns, process_time, sleep

TARGET = 0.02
"""Seconds that one timed sample takes at least: long beside the clock's resolution, short beside a repeat."""

BRIEF = 0.004
"""The same for rows of microseconds: many short samples find the moments that no neighbour disturbs."""

Sampler = Callable[[Callable[[], object], int], float]
"""Takes the work and a loop count; returns the amount for one call."""


@contextmanager
def collector_off() -> Iterator[None]:
    """No garbage collection inside, and none owed from before."""
    gc.collect()
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def clock(thunk: Callable[[], object], loops: int) -> float:
    """Seconds for one call, from `loops` calls timed together."""
    with collector_off():
        start = perf_counter_ns()
        for _ in itertools.repeat(None, loops):
            thunk()
        return (perf_counter_ns() - start) / loops * 1e-9


def reading(thunk: Callable[[], object], loops: int) -> float:
    """What the call itself returns: for amounts other than time, which one call settles."""
    return float(thunk())  # type: ignore[arg-type]


def loops_for(thunk: Callable[[], object], sampler: Sampler = clock, target: float = TARGET) -> int:
    """How many calls make a sample of `target` seconds. The first call, which may compile, isn't counted."""
    thunk()
    if sampler is reading:
        return 1
    loops = 1
    while (total := sampler(thunk, loops) * loops) < target:
        # Aim a little past the target, but never trust one short reading for more than a factor of ten.
        loops = min(10 * loops, max(loops + 1, int(1.2 * loops * target / max(total, 1e-9))))
    return loops


def wait_until_idle(used: Callable[[], float] = process_time, pause: Callable[[float], None] = sleep) -> None:
    """Return once the threads of this process sleep, so that the next process has the cores to itself.

    A pool's threads spin for a while after a call in case another comes: 0.1 s in the OpenBLAS of NumPy 2.4, measured,
    which slows whatever runs meanwhile by half. Raises RuntimeError if they never stop.
    """
    for _ in range(200):
        before = used()
        pause(0.01)
        if used() - before < 0.001:
            return
    raise RuntimeError("its threads were still busy two seconds after the last call")


def warm_sample(thunk: Callable[[], object], sampler: Sampler, loops: int) -> float:
    """A sample after a fifth of its calls untimed, since other processes had the caches meanwhile."""
    if sampler is clock:
        for _ in range(max(1, loops // 5)):
            thunk()
    return sampler(thunk, loops)
