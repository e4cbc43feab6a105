"""Rows read and added to at indices, which are within range but may count from the end."""

from __future__ import annotations

from ndgrad_cpu.compiled.sources.language import array, constant, indices, kernel, least

__all__ = ["add_rows", "take_rows"]


@kernel
def take_rows(operands, numbers, start, stop):
    places, rows, n = indices(operands, 1, 0), operands[3], operands[4]
    for i in range(start, stop):
        place = places[i] if places[i] >= 0 else places[i] + rows
        x, out = array(operands, 0, numbers, place * n), array(operands, 2, numbers, i * n)
        for j in range(n):
            out[j] = x[j]


@kernel
def add_rows(operands, numbers, start, stop):
    # some rows of the result after the other, while they are in cache: threads never meet, and what falls on one place
    # is added in order
    places, count, rows, n, together = indices(operands, 1, 0), operands[3], operands[4], operands[5], operands[6]
    for part in range(start, stop):
        first, end = part * together, least((part + 1) * together, rows)
        out = array(operands, 2, numbers, first * n)
        for j in range((end - first) * n):
            out[j] = constant(numbers, 0.0)
        for i in range(count):
            place = places[i] if places[i] >= 0 else places[i] + rows
            if place >= first and place < end:
                g, out = array(operands, 0, numbers, i * n), array(operands, 2, numbers, place * n)
                for j in range(n):
                    out[j] += g[j]
