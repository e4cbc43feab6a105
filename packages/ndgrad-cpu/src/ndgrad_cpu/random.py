"""Random numbers from NumPy's generator: SFC64, the fastest of its bit generators for filling arrays.

Source: NumPy's manual, "Bit Generators"; C. Doty-Humphrey, PractRand ("Small Fast Chaotic").
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ndgrad.dtypes import DType, bfloat16
from ndgrad_cpu.raw_dtypes import RAW_DTYPES

__all__ = ["CpuGenerator"]

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]


class CpuGenerator:
    """The native generator of device ``cpu``; :class:`ndgrad.generators.NativeGenerator` says what is expected."""

    def __init__(self, seed: int) -> None:
        self._generator = np.random.Generator(np.random.SFC64(seed))

    def standard_normal(self, shape: Shape, dtype: DType) -> Array:
        """Normal deviates of mean 0 and variance 1; of a complex dtype, with variance 1/2 in each part."""
        if dtype.is_complex:
            parts = self.standard_normal((*shape, 2), dtype.to_real)
            parts *= 0.5**0.5
            return parts.view(dtype.name).reshape(shape)
        return self._drawn(self._generator.standard_normal, shape, dtype)

    def uniform(self, shape: Shape, dtype: DType) -> Array:
        """Uniform deviates in [0, 1)."""
        if dtype.is_complex:
            return self.uniform((*shape, 2), dtype.to_real).view(dtype.name).reshape(shape)
        if dtype.itemsize > 2:
            return self._drawn(self._generator.random, shape, dtype)
        # Rounding a float32 to few bits could give 1, so the bits are drawn: 11 in float16, 8 in bfloat16.
        bits = 8 if dtype is bfloat16 else 11
        drawn = self._generator.integers(0, 1 << bits, shape, np.uint16).astype(np.float32)
        return np.asarray(drawn * np.float32(0.5**bits)).astype(RAW_DTYPES[dtype.name])

    def integers(self, low: int, high: int, shape: Shape, dtype: DType) -> Array:
        """Integers in [low, high)."""
        drawn = self._generator.integers(low, high, shape, np.uint64 if high > 1 << 63 else np.int64)
        return np.asarray(drawn).astype(RAW_DTYPES[dtype.name])

    def permutation(self, n: int) -> Array:
        """The integers below ``n`` in random order."""
        return self._generator.permutation(n)

    def get_state(self) -> bytes:
        """All that determines the numbers to come."""
        import json

        state: Any = self._generator.bit_generator.state
        words = [int(word) for word in state["state"]["state"]]
        return json.dumps({**state, "state": {"state": words}}).encode()

    def set_state(self, state: bytes) -> None:
        """Continue where another generator stood when it gave this state.

        Raises:
            ValueError: the state is not one of this kind of generator.
        """
        import json

        found = json.loads(state)
        found["state"]["state"] = np.array(found["state"]["state"], np.uint64)
        self._generator.bit_generator.state = found

    def _drawn(self, draw: Any, shape: Shape, dtype: DType) -> Array:
        if dtype.itemsize > 2:
            drawn: Array = draw(shape, RAW_DTYPES[dtype.name])
            return drawn
        return np.asarray(draw(shape, np.float32)).astype(RAW_DTYPES[dtype.name])  # rounded afterwards
