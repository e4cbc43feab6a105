"""The portable generator of random numbers, for any backend that brings none: the same numbers everywhere.

Source: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC11 (2011).
"""

from __future__ import annotations

import math
from typing import Any, Final

from ndgrad.devices import Device
from ndgrad.dtypes import DType, bfloat16, float16, float32, float64, int64, uint64
from ndgrad.ops.creation import arange
from ndgrad.ops.elementwise import (
    bitwise_and,
    bitwise_left_shift,
    bitwise_or,
    bitwise_right_shift,
    bitwise_xor,
    cos,
    log1p,
    sin,
    sqrt,
)  # fmt: skip
from ndgrad.ops.indexing import getitem
from ndgrad.ops.manipulation import concat, reshape
from ndgrad.ops.sorting import argsort
from ndgrad.ops.transfer import astype
from ndgrad.tensor import Tensor

__all__ = ["PARITY", "ROTATIONS", "Threefry"]

Shape = tuple[int, ...]

# Threefry-2x32-20: rotations of eight successive rounds, and Skein's parity constant (Salmon et al., section 3.3).
ROTATIONS: Final = (13, 15, 26, 6, 17, 29, 16, 24)
PARITY: Final = 0x1BD11BDA
_WORD: Final = 0xFFFFFFFF


def _threefry(keys: tuple[int, int], x0: Tensor, x1: Tensor) -> tuple[Tensor, Tensor]:
    """Encrypt pairs of 32-bit words, held in int64: of every counter two words that look independent of all others."""
    k = (*keys, keys[0] ^ keys[1] ^ PARITY)
    x0, x1 = _word(x0 + k[0]), _word(x1 + k[1])
    for i in range(20):
        n = ROTATIONS[i % 8]
        x0 = _word(x0 + x1)
        x1 = bitwise_xor(bitwise_or(_word(bitwise_left_shift(x1, n)), bitwise_right_shift(x1, 32 - n)), x0)
        if i % 4 == 3:
            j = i // 4 + 1
            x0, x1 = _word(x0 + k[j % 3]), _word(x1 + (k[(j + 1) % 3] + j))
    return x0, x1


def _word(x: Tensor) -> Tensor:
    return bitwise_and(x, _WORD)


# Bits of the significand, the implicit one included: so many random bits make a uniform deviate without rounding.
_DIGITS: Final = {float16: 11, bfloat16: 8, float32: 24, float64: 53}


class Threefry:
    """A counter-based generator made of ndgrad's functions on int64, which every library has.

    Its state is two numbers.
    """

    def __init__(self, device: Device, seed: int) -> None:
        self.device = device
        self.keys = (seed & _WORD, seed >> 32)
        self.counter = 0

    def words(self, n: int) -> tuple[Tensor, Tensor]:
        """``n`` pairs of random 32-bit words, of an integer dtype that holds them."""
        low = arange(n, dtype=int64, device=self.device) + (self.counter & _WORD)
        high = bitwise_right_shift(low, 32) + (self.counter >> 32)
        self.counter += n
        return _threefry(self.keys, _word(low), _word(high))

    def _bits(self, n: int, digits: int) -> Tensor:
        """``n`` random numbers of so many bits, of more than 32 and less than 64."""
        high, low = (astype(word, int64) for word in self.words(n))
        return bitwise_or(bitwise_left_shift(high, digits - 32), bitwise_right_shift(low, 64 - digits))

    def _uniform(self, n: int, dtype: DType) -> Tensor:
        digits = _DIGITS[dtype]
        if dtype is float64:
            bits = self._bits(n, digits)
        else:
            bits = bitwise_right_shift(getitem(concat(self.words((n + 1) // 2)), slice(0, n)), 32 - digits)
        uniform: Tensor = astype(bits, dtype) * 2.0**-digits
        return uniform

    def uniform(self, shape: Shape, dtype: DType) -> Any:
        """Uniform deviates in [0, 1)."""
        if dtype.is_complex:
            return self._complex(self._uniform(2 * math.prod(shape), dtype.to_real), shape, dtype)
        return reshape(self._uniform(math.prod(shape), dtype), shape)._data

    def standard_normal(self, shape: Shape, dtype: DType) -> Any:
        """Normal deviates, by the transformation of G. E. P. Box and M. E. Muller (1958)."""
        n = math.prod(shape) * (2 if dtype.is_complex else 1)
        exact = dtype.to_real if dtype.to_real.itemsize >= 4 else float32
        half = (n + 1) // 2
        radius = sqrt(-2.0 * log1p(-self._uniform(half, exact)))
        angle = 2.0 * math.pi * self._uniform(half, exact)
        found = getitem(concat((radius * cos(angle), radius * sin(angle))), slice(0, n))
        if dtype.is_complex:
            return self._complex(found * math.sqrt(0.5), shape, dtype)
        return reshape(astype(found, dtype), shape)._data

    def _complex(self, parts: Tensor, shape: Shape, dtype: DType) -> Any:
        n = math.prod(shape)
        real, imag = (astype(getitem(parts, slice(i * n, (i + 1) * n)), dtype) for i in (0, 1))
        return reshape(real + imag * 1j, shape)._data

    def integers(self, low: int, high: int, shape: Shape, dtype: DType) -> Any:
        """Integers in [low, high), by the remainder of 63 bits, 64 for the widest: a bias below span / 2**63."""
        n, span = math.prod(shape), high - low
        if span <= 1 << 62 and high <= 1 << 63:
            drawn = self._bits(n, 63) % span + low
        else:
            first, last = (astype(word, uint64) for word in self.words(n))
            drawn = bitwise_or(bitwise_left_shift(first, 32), last) % span
            drawn = astype(drawn, int64) + low if low < 0 else drawn + low
        return reshape(astype(drawn, dtype), shape)._data

    def permutation(self, n: int) -> Any:
        """The order of random numbers."""
        return argsort(self._bits(n, 63))._data

    def get_state(self) -> bytes:
        """Keys and counter."""
        return b"".join(number.to_bytes(8, "little") for number in (*self.keys, self.counter))

    def set_state(self, state: bytes) -> None:
        """Continue from keys and counter.

        Raises:
            ValueError: the state has another length.
        """
        if len(state) != 24:
            raise ValueError(f"a Threefry state has 24 bytes, got {len(state)}")
        *keys, self.counter = (int.from_bytes(state[i : i + 8], "little") for i in (0, 8, 16))
        self.keys = (keys[0], keys[1])
