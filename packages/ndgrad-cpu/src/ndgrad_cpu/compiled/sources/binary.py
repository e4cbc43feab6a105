"""Sums, differences, products and quotients: of arrays that lie alike, of an array and a number, a row, or channels."""

from __future__ import annotations

from typing import Any

from ndgrad_cpu.compiled.sources.language import Source, array, inlined, kernel

__all__ = ["FORMS"]


@inlined
def add(x, y):
    return x + y


@inlined
def subtract(x, y):
    return x - y


@inlined
def multiply(x, y):
    return x * y


@inlined
def divide(x, y):
    return x / y


def _forms(apply: Any) -> dict[str, Source]:
    @kernel
    def alike(operands, numbers, start, stop):
        x, y = array(operands, 0, numbers, start), array(operands, 1, numbers, start)
        out = array(operands, 2, numbers, start)
        for i in range(stop - start):
            out[i] = apply(x[i], y[i])

    @kernel
    def number(operands, numbers, start, stop):
        x, y, out = array(operands, 0, numbers, start), numbers[0], array(operands, 2, numbers, start)
        for i in range(stop - start):
            out[i] = apply(x[i], y)

    @kernel
    def row(operands, numbers, start, stop):
        y, n = array(operands, 1, numbers, 0), operands[3]
        for r in range(start, stop):
            x, out = array(operands, 0, numbers, r * n), array(operands, 2, numbers, r * n)
            for i in range(n):
                out[i] = apply(x[i], y[i])

    @kernel
    def channels(operands, numbers, start, stop):
        y, count, n = array(operands, 1, numbers, 0), operands[3], operands[4]
        for c in range(start, stop):
            x, out, constant = array(operands, 0, numbers, c * n), array(operands, 2, numbers, c * n), y[c % count]
            for i in range(n):
                out[i] = apply(x[i], constant)

    return {"alike": alike, "number": number, "row": row, "channels": channels}


FORMS: dict[str, Source] = {
    f"{name}_{form}": source
    for name, function in (("add", add), ("subtract", subtract), ("multiply", multiply), ("divide", divide))
    for form, source in _forms(function).items()
}
globals().update(FORMS)
