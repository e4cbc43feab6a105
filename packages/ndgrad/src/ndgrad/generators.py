"""Generators of random numbers: streams on a device, each device's default one, and their states.

Source: PyTorch, ``torch.Generator`` and ``torch.random``.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from ndgrad.devices import Device
from ndgrad.dtypes import DType
from ndgrad.interop import from_bytes
from ndgrad.plugins import manager
from ndgrad.tensor import Tensor

__all__ = [
    "Generator", "NativeGenerator", "default_generator", "fork_rng", "get_rng_state", "initial_seed", "manual_seed",
    "seed", "set_rng_state",
]  # fmt: skip

Shape = tuple[int, ...]


class NativeGenerator(Protocol):
    """What :meth:`ndgrad.plugins.Backend.generator` returns: draws raw arrays of its backend."""

    def standard_normal(self, shape: Shape, dtype: DType) -> Any:
        """Normal deviates of mean 0 and variance 1; of a complex dtype, with variance 1/2 in each part."""

    def uniform(self, shape: Shape, dtype: DType) -> Any:
        """Uniform deviates in [0, 1), in each part of a complex dtype."""

    def integers(self, low: int, high: int, shape: Shape, dtype: DType) -> Any:
        """Integers in [low, high)."""

    def permutation(self, n: int) -> Any:
        """The int64 numbers below ``n`` in random order."""

    def get_state(self) -> bytes:
        """All that determines the numbers to come."""

    def set_state(self, state: bytes) -> None:
        """Continue where another generator stood when it gave this state."""


# -- generators --------------------------------------------------------------------------------------------------------


class Generator:
    """A stream of random numbers on a device, whose state can be saved and restored.

    Args:
        device: the device; by default the default one.
        seed: where the stream begins; by default somewhere unpredictable.

    Source: PyTorch, ``torch.Generator``.

    >>> import ndgrad as nd
    >>> generator = nd.random.Generator(seed=7)
    >>> state = generator.get_state()
    >>> first = nd.randn(3, generator=generator)
    >>> _ = generator.set_state(state)
    >>> nd.all(first == nd.randn(3, generator=generator))
    tensor(True)
    """

    def __init__(self, device: Any = None, seed: int | None = None) -> None:
        self.device = manager.device(device)
        self.manual_seed(_entropy() if seed is None else seed)

    def manual_seed(self, seed: int) -> Generator:
        """Begin the stream of ``seed``; returns the generator."""
        self._seed = int(seed) % (1 << 64)
        backend = manager.backend(self.device.type)
        self.native: NativeGenerator = backend.generator(self.device, self._seed) or self._portable()
        return self

    def _portable(self) -> NativeGenerator:
        from ndgrad.threefry import Threefry  # made of many ops, and most backends have a generator of their own

        return Threefry(self.device, self._seed)

    def seed(self) -> int:
        """Begin an unpredictable stream; returns its seed."""
        return self.manual_seed(_entropy()).initial_seed()

    def initial_seed(self) -> int:
        """The seed with which the present stream began."""
        return self._seed

    def get_state(self) -> Tensor:
        """The state as a uint8 tensor, which :func:`ndgrad.save` can store."""
        state = self._seed.to_bytes(8, "little") + self.native.get_state()
        return from_bytes(state, "uint8", (len(state),), self.device)

    def set_state(self, state: Tensor) -> Generator:
        """Continue where a generator on the same type of device stood when it gave ``state``; returns the generator.

        Raises:
            ValueError: ``state`` does not come from such a generator.
        """
        if not isinstance(state, Tensor):
            raise TypeError(f"a state is the uint8 tensor that get_state() gave, got {type(state).__name__}")
        data = state._spec.backend.to_bytes(state._data)
        try:
            self.native.set_state(data[8:])
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"this is not the state of a generator on {self.device.type!r}: {error}") from error
        self._seed = int.from_bytes(data[:8], "little")
        return self

    def __repr__(self) -> str:
        return f"<ndgrad.random.Generator device={str(self.device)!r}>"


def _entropy() -> int:
    return int.from_bytes(os.urandom(6), "little")


_defaults: dict[Device, Generator] = {}
_common_seed: int | None = None  # of manual_seed, for devices that are first used after it


def default_generator(device: Any = None) -> Generator:
    """The generator that functions use on ``device`` when none is given."""
    where = manager.device(device)
    found = _defaults.get(where)
    if found is None:
        found = _defaults.setdefault(where, Generator(where, _common_seed))
    return found


def manual_seed(seed: int) -> Generator:
    """Begin the stream of ``seed`` on every device; returns the default device's generator.

    Source: PyTorch, ``torch.manual_seed``.

    >>> import ndgrad as nd
    >>> _ = nd.manual_seed(0); a = nd.randn(2)
    >>> _ = nd.manual_seed(0); nd.all(a == nd.randn(2))
    tensor(True)
    """
    global _common_seed
    _common_seed = int(seed)
    for generator in _defaults.values():
        generator.manual_seed(seed)
    return default_generator()


def seed() -> int:
    """Begin unpredictable streams on every device; returns the seed. Source: PyTorch, ``torch.seed``."""
    return manual_seed(_entropy()).initial_seed()


def initial_seed() -> int:
    """The seed with which the default device's stream began. Source: PyTorch, ``torch.initial_seed``."""
    return default_generator().initial_seed()


def get_rng_state(device: Any = None) -> Tensor:
    """The state of a device's default generator, which :func:`ndgrad.save` can store.

    Source: PyTorch, ``torch.get_rng_state``.

    >>> import ndgrad as nd
    >>> state = nd.random.get_rng_state()
    >>> first = nd.rand(2)
    >>> nd.random.set_rng_state(state)
    >>> nd.all(nd.rand(2) == first)
    tensor(True)
    """
    return default_generator(device).get_state()


def set_rng_state(new_state: Tensor, device: Any = None) -> None:
    """Continue where a device's default generator stood when :func:`get_rng_state` gave ``new_state``.

    Raises:
        ValueError: it does not come from a generator on such a device.

    Source: PyTorch, ``torch.set_rng_state``.
    """
    default_generator(device).set_state(new_state)


@contextlib.contextmanager
def fork_rng(devices: Sequence[Any] | None = None, enabled: bool = True) -> Iterator[None]:
    """A context whose random numbers change nothing outside: default generators go on afterwards as if it had not been.

    Args:
        devices: those whose generators are kept; by default all that were used so far, and the default one.
        enabled: False to do nothing.

    Source: PyTorch, ``torch.random.fork_rng``.

    >>> import ndgrad as nd
    >>> _ = nd.manual_seed(0); first = nd.rand(2)
    >>> _ = nd.manual_seed(0)
    >>> with nd.random.fork_rng():
    ...     _ = nd.manual_seed(5); _ = nd.rand(100)
    >>> nd.all(nd.rand(2) == first)
    tensor(True)
    """
    global _common_seed
    if not enabled:
        yield
        return
    common = _common_seed
    where = {manager.device(None), *_defaults} if devices is None else map(manager.device, devices)
    kept = [(generator, generator.get_state()) for generator in map(default_generator, where)]
    try:
        yield
    finally:
        _common_seed = common
        for generator, state in kept:
            generator.set_state(state)
