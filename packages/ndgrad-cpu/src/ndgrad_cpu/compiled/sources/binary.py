"""Sums, differences, products and quotients: of arrays that lie alike, of an array and a number, a row, or channels."""

from __future__ import annotations

from typing import Any

from ndgrad_cpu.compiled.sources.halves import from_bfloat16, from_float16, to_bfloat16, to_float16
from ndgrad_cpu.compiled.sources.language import Source, array, inlined, kernel, words

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

    @kernel
    def alike_float16(operands, numbers, start, stop):
        x, y, out = words(operands, 0, start), words(operands, 1, start), words(operands, 2, start)
        for i in range(stop - start):
            out[i] = to_float16(apply(from_float16(x[i]), from_float16(y[i])))

    @kernel
    def alike_bfloat16(operands, numbers, start, stop):
        x, y, out = words(operands, 0, start), words(operands, 1, start), words(operands, 2, start)
        for i in range(stop - start):
            out[i] = to_bfloat16(apply(from_bfloat16(x[i]), from_bfloat16(y[i])))

    return {
        "alike": alike, "alike_bfloat16": alike_bfloat16, "alike_float16": alike_float16, "channels": channels,
        "number": number, "row": row,
    }  # fmt: skip


FORMS: dict[str, Source] = {
    f"{name}_{form}": source
    for name, function in (("add", add), ("subtract", subtract), ("multiply", multiply), ("divide", divide))
    for form, source in _forms(function).items()
}
globals().update(FORMS)
