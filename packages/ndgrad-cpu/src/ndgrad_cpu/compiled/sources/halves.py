"""float16 and bfloat16 to float32 and back, by their bits: no compiler has to know these types."""

from __future__ import annotations

import numpy as np

from ndgrad_cpu.compiled.sources.language import array, bits, from_bits, inlined, kernel, words

__all__ = ["narrow_bfloat16", "narrow_float16", "widen_bfloat16", "widen_float16"]

i32, f32 = np.int32, np.float32

SIGN, REST = i32(0x8000), i32(0x7FFF)
UP, MANTISSA = i32(13), i32(16)
REBIASED, NORMAL, SPECIAL, FIRST_NORMAL = i32((127 - 15) << 23), i32(0x7F800000), i32(0x7C00), i32(0x0400)
TINY = f32(2.0**-24)


@inlined
def from_float16(word):
    """The float32 of the same value."""
    h = i32(word)
    rest = i32(h & REST)
    normal = i32((rest << UP) + REBIASED)
    special = i32((rest << UP) | NORMAL)
    denormal = bits(f32(rest) * TINY)
    found = special if rest >= SPECIAL else normal
    found = denormal if rest < FIRST_NORMAL else found
    return from_bits(i32(found | i32(i32(h & SIGN) << MANTISSA)))


OVERFLOW, LEAST = i32(0x477FF000), i32(0x38800000)  # what rounds to infinity, and the least normal number
INFINITE, QUIET = i32(0x7F800000), i32(0x7E00)
ALL, ODD, JUST_BELOW_HALF = i32(0x7FFFFFFF), i32(1), i32(0xFFF)
HALF = f32(0.5)
HALF_BITS = i32(HALF.view(i32))


@inlined
def to_float16(x):
    """The nearest float16, ties to even."""
    whole = bits(x)
    rest = i32(whole & ALL)
    normal = i32(i32(rest - REBIASED) + i32(JUST_BELOW_HALF + i32(i32(rest >> UP) & ODD))) >> UP
    # to add 1/2 leaves multiples of 2^-24 in the lowest bits, rounded
    denormal = i32(bits(from_bits(rest) + HALF) - HALF_BITS)
    found = i32(denormal) if rest < LEAST else i32(normal)
    found = SPECIAL if rest >= OVERFLOW else found
    found = QUIET if rest > INFINITE else found
    return i32(found | i32(i32(whole >> MANTISSA) & SIGN))


ROUND, QUIET_BFLOAT, LOW = i32(0x7FFF), i32(0x40), i32(0xFFFF)


@inlined
def to_bfloat16(x):
    """The nearest bfloat16, ties to even."""
    whole = bits(x)
    rounded = i32(whole + i32(ROUND + i32(i32(whole >> MANTISSA) & ODD)))
    found = i32(i32(whole >> MANTISSA) | QUIET_BFLOAT) if i32(whole & ALL) > INFINITE else i32(rounded >> MANTISSA)
    return i32(found & LOW)


@inlined
def from_bfloat16(word):
    """The float32 of the same value."""
    return from_bits(i32(i32(word) << MANTISSA))


@kernel
def widen_float16(operands, numbers, start, stop):
    x, out = words(operands, 0, start), array(operands, 1, numbers, start)
    for i in range(stop - start):
        out[i] = from_float16(x[i])


@kernel
def narrow_float16(operands, numbers, start, stop):
    x, out = array(operands, 0, numbers, start), words(operands, 1, start)
    for i in range(stop - start):
        out[i] = to_float16(x[i])


@kernel
def widen_bfloat16(operands, numbers, start, stop):
    x, out = words(operands, 0, start), array(operands, 1, numbers, start)
    for i in range(stop - start):
        out[i] = from_bfloat16(x[i])


@kernel
def narrow_bfloat16(operands, numbers, start, stop):
    x, out = array(operands, 0, numbers, start), words(operands, 1, start)
    for i in range(stop - start):
        out[i] = to_bfloat16(x[i])
