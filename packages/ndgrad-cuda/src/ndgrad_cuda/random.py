"""Random numbers on a GPU: the portable generator's numbers, each pair of words by one thread of one kernel.

CuPy's generators cannot tell their state, so that a run could not be resumed; a counter-based one needs two numbers.

Source: J. K. Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC11 (2011), section 3.3.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from ndgrad.devices import Device
from ndgrad.dtypes import uint32
from ndgrad.plugins import manager
from ndgrad.tensor import Tensor, wrap
from ndgrad.threefry import PARITY, ROTATIONS, Threefry

__all__ = ["FusedThreefry", "body"]


def body() -> str:
    """The kernel's code for element ``i``: 20 rounds, a key injected after every fourth."""
    lines = [
        f"const unsigned int k[3] = {{k0, k1, k0 ^ k1 ^ {PARITY}u}};",
        "const unsigned long long counter = start + i;",
        "unsigned int x0 = (unsigned int)counter + k[0], x1 = (unsigned int)(counter >> 32) + k[1];",
    ]
    for n in range(20):
        r = ROTATIONS[n % 8]
        lines.append(f"x0 += x1; x1 = ((x1 << {r}) | (x1 >> {32 - r})) ^ x0;")
        if n % 4 == 3:
            j = n // 4 + 1
            lines.append(f"x0 += k[{j % 3}]; x1 += k[{(j + 1) % 3}] + {j}u;")
    return "\n".join([*lines, "first = x0; second = x1;"])


@cache
def _kernel(cupy: Any) -> Any:
    inputs, outputs = "uint64 start, uint32 k0, uint32 k1", "uint32 first, uint32 second"
    return cupy.ElementwiseKernel(inputs, outputs, body(), "ndgrad_threefry")


class FusedThreefry(Threefry):
    """The native generator of a GPU; see :class:`ndgrad.generators.NativeGenerator`."""

    def __init__(self, cupy: Any, device: Device, seed: int) -> None:
        super().__init__(device, seed)
        self._cupy = cupy

    def words(self, n: int) -> tuple[Tensor, Tensor]:
        """``n`` pairs of random uint32 words."""
        spec = manager.backend(self.device.type).spec(uint32, self.device)
        with self._cupy.cuda.Device(self.device.index or 0):
            k0, k1 = self.keys
            first, second = _kernel(self._cupy)(self.counter, k0, k1, size=n)
        self.counter += n
        return wrap(first, spec), wrap(second, spec)
