"""Work shared among threads without the interpreter: a thread that is free takes the next part of it.

Other threads wait in machine code for the next work, for a fraction of a millisecond, and then go to sleep: one that
waits joins in within a microsecond, one that sleeps is woken while the caller works, and takes 50 to 200 us.

The threads meet in a block of integers. Whoever takes parts of a work has first added itself to ``ACTIVE`` and then
found the work still open, and the caller closes it before it waits for ``ACTIVE`` to be zero: so nobody is left in a
work that has ended.

The caller takes parts from the front and the others take them from the back, so that a core meets in the next work what
it had in its cache in the last: lines that another core has written cost more than those of the shared cache.
"""

from __future__ import annotations

import os
import threading
from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np

from ndgrad_cpu.compiled.code import Code
from ndgrad_cpu.kernels import parallel

__all__ = ["check", "run"]

# Places in the block: on a cache line of its own each what threads write while others work.
OPEN, NEXT, ACTIVE, LEAVE = 0, 16, 32, 48
FUNCTION, OPERANDS, NUMBERS, LENGTH, GRAIN, TICKET, CORE = range(64, 71)
BACK = 80

SPINS = 4000  # of about 50 ns each: how long a thread waits for the next work
PARTS = 8  # for each thread, so that one that comes late, or is slow, takes fewer

_LAUNCH, _SERVE, _ALONE = Code("threads", "launch", 6), Code("threads", "serve", 2), Code("threads", "alone", 5)


class _Meeting:
    """The block, and who has been called to it."""

    def __init__(self) -> None:
        self.block = np.zeros(128, np.int64)
        self.address = self.block.ctypes.data
        self.block[CORE] = parallel.address_of_current_core()
        self.lock = threading.Lock()
        self.others = parallel.cores() - 1
        self.called: list[None] = []  # one entry for each thread that serves, or is about to

    def call_others(self) -> None:
        missing = self.others - len(self.called)
        if missing > 0:
            self.block[LEAVE] = 0
            self.called.extend([None] * missing)
            parallel.summon(self.serve, missing)

    def serve(self) -> None:
        try:
            _SERVE(self.address, SPINS)
        finally:
            self.called.pop()

    def dismiss(self) -> None:
        self.block[LEAVE] = 1


_meeting = _Meeting()


def _anew() -> None:
    global _meeting
    _meeting = _Meeting()


parallel.before_sharing.append(lambda: _meeting.dismiss())
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_anew)


def run(kernel: Code, char: str, operands: Sequence[Any], numbers: Sequence[float], length: int, grain: int) -> None:
    """A kernel on all of ``range(length)``, at least ``grain`` at a time.

    Args:
        kernel: what to run.
        char: the dtype in which it computes, ``"f"`` or ``"d"``.
        operands: contiguous arrays, and integers.
        numbers: its floats.
        length: of the work.
        grain: the least part that is worth handing to a thread.
    """
    function = kernel.address(char)
    addresses = array("q", [x if x.__class__ is int else id(x) for x in operands])
    floats = array(char, numbers or (0.0,))
    at = addresses.buffer_info()[0], floats.buffer_info()[0]
    meeting = _meeting
    if length > grain and meeting.others and meeting.lock.acquire(blocking=False):
        try:
            meeting.call_others()
            grain = max(grain, -(-length // (PARTS * (meeting.others + 1))))
            core = _LAUNCH(meeting.address, function, *at, length, grain)
            if core in parallel.cores_of_others():  # it has moved to theirs
                parallel.move_apart()
        finally:
            meeting.lock.release()
    else:
        _ALONE(meeting.address, function, *at, length)


def check() -> None:
    """Raise what keeps work from being run here, such as the error of a compiler."""
    for code in (_LAUNCH, _SERVE, _ALONE):
        code.address("f")
