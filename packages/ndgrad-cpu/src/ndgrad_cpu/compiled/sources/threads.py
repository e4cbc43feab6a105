"""How threads share the parts of a work: see :mod:`ndgrad_cpu.compiled.team`."""

from __future__ import annotations

from typing import Any

from ndgrad_cpu.compiled.sources.language import add, call, current_core, inlined, load, native, relax, store
from ndgrad_cpu.compiled.team import (
    ACTIVE,
    BACK,
    CORE,
    FUNCTION,
    GRAIN,
    LEAVE,
    LENGTH,
    NEXT,
    NUMBERS,
    OPEN,
    OPERANDS,
    TICKET,
)

__all__ = ["alone", "launch", "serve"]


# ``NEXT`` counts the parts that are taken, whichever they are: so those from the front never meet those from the back.


@inlined
def take_from_front(block: Any) -> None:
    """Do parts until none is left, the first one first."""
    length, grain = block[LENGTH], block[GRAIN]
    parts, start = (length + grain - 1) // grain, 0
    while add(block, NEXT, 1) < parts:
        call(block[FUNCTION], block[OPERANDS], block[NUMBERS], start, min(start + grain, length))
        start += grain


@inlined
def take_from_back(block: Any) -> None:
    """Do parts until none is left, the last one first."""
    length, grain = block[LENGTH], block[GRAIN]
    parts = (length + grain - 1) // grain
    while add(block, NEXT, 1) < parts:
        start = (parts - 1 - add(block, BACK, 1)) * grain
        call(block[FUNCTION], block[OPERANDS], block[NUMBERS], start, min(start + grain, length))


@native(6)
def launch(block: Any, function: int, operands: int, numbers: int, length: int, grain: int) -> int:
    """Open a work, take part in it, and return when all have finished: the core of the caller, if that is known."""
    block[FUNCTION], block[OPERANDS], block[NUMBERS] = function, operands, numbers
    block[LENGTH], block[GRAIN] = length, grain
    block[TICKET] += 1
    store(block, NEXT, 0)
    store(block, BACK, 0)
    store(block, OPEN, block[TICKET])
    take_from_front(block)
    store(block, OPEN, 0)
    while load(block, ACTIVE) != 0:
        relax()
    return current_core(block[CORE]) if block[CORE] != 0 else -1


@native(2)
def serve(block: Any, spins: int) -> int:
    """Take part in what others open, until nobody has for a while."""
    seen, idle = 0, 0
    while idle < spins and load(block, LEAVE) == 0:
        ticket = load(block, OPEN)
        if ticket == 0 or ticket == seen:
            idle += 1
            relax()
            continue
        add(block, ACTIVE, 1)
        if load(block, OPEN) == ticket:
            take_from_back(block)
            idle = 0
        add(block, ACTIVE, -1)
        seen = ticket
    return 0


@native(5)
def alone(block: Any, function: int, operands: int, numbers: int, length: int) -> int:
    """The whole of a work here."""
    call(function, operands, numbers, 0, length)
    return 0
