"""Random tensors, and the generators they come from.

A generator belongs to a device. A backend may bring its own (:class:`NativeGenerator`); on any other backend the
portable :class:`Threefry` is used, which gives the same numbers everywhere, being made of ndgrad's own functions.

Source: PyTorch, "Random sampling" and ``torch.Generator``; J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw,
"Parallel Random Numbers: As Easy as 1, 2, 3", SC11 (2011).
"""

from __future__ import annotations

import contextlib
import math
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Protocol

from ndgrad.devices import Device
from ndgrad.dtypes import DType, as_dtype, bfloat16, default_dtype_of, float16, float32, float64, int64, uint64
from ndgrad.errors import AutogradError
from ndgrad.interop import from_bytes
from ndgrad.ops.creation import arange
from ndgrad.ops.cumulative import cumulative_sum
from ndgrad.ops.elementwise import (
    bitwise_and,
    bitwise_left_shift,
    bitwise_or,
    bitwise_right_shift,
    bitwise_xor,
    cos,
    divide,
    greater_equal,
    less,
    log1p,
    minimum,
    sin,
    sqrt,
)  # fmt: skip
from ndgrad.ops.indexing import getitem
from ndgrad.ops.manipulation import as_shape, broadcast_shapes, concat, expand_dims, reshape, stack
from ndgrad.ops.reductions import sum  # noqa: A004
from ndgrad.ops.sorting import argsort
from ndgrad.ops.transfer import astype
from ndgrad.plugins import Spec, manager
from ndgrad.tensor import Tensor, wrap

__all__ = [
    "Generator", "NativeGenerator", "bernoulli", "default_generator", "exponential", "fork_rng", "get_rng_state",
    "initial_seed", "manual_seed", "multinomial", "normal", "rand", "rand_like", "randint", "randint_like", "randn",
    "randn_like", "randperm", "seed", "set_rng_state", "uniform",
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
        self.native: NativeGenerator = backend.generator(self.device, self._seed) or Threefry(self.device, self._seed)
        return self

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


# -- the portable generator --------------------------------------------------------------------------------------------

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


# -- drawing under vmap ------------------------------------------------------------------------------------------------


class _Running(threading.local):
    def __init__(self) -> None:
        self.maps: list[tuple[int, str, Callable[[Tensor], Tensor]]] = []


_running = _Running()


@contextlib.contextmanager
def drawing_for(size: int, randomness: str, wrapped: Callable[[Tensor], Tensor]) -> Iterator[None]:
    """Within it the ``size`` elements of a vmap draw ``"same"`` or ``"different"`` numbers, or none (``"error"``).

    ``wrapped`` makes a tensor whose first axis is the batch one of the level of that vmap.
    """
    _running.maps.append((size, randomness, wrapped))
    try:
        yield
    finally:
        _running.maps.pop()


def _drawn_for_each(kind: str, draw: Callable[..., Any], args: tuple[Any, ...], spec: Spec) -> Tensor:
    """A draw within vmaps, outermost first: with an axis for each whose elements draw different numbers."""
    if any(randomness == "error" for _, randomness, _ in _running.maps):
        raise AutogradError(
            "vmap: the function draws random numbers; write vmap(..., randomness='different') for numbers of each "
            "element's own, or randomness='same'"
        )
    maps = [(size, wrapped) for size, randomness, wrapped in _running.maps if randomness == "different"]
    sizes = tuple([size for size, _ in maps])
    if kind == "permutation":
        several = [wrap(draw(*args), spec) for _ in range(math.prod(sizes))]
        out = reshape(stack(several), (*sizes, *args)) if several else arange(0, dtype=int64, device=spec.device)
    else:
        at = 2 if kind == "integers" else 0  # where the shape stands
        out = wrap(draw(*args[:at], (*sizes, *args[at]), *args[at + 1 :]), spec)
    for _, wrapped in maps:
        out = wrapped(out)
    return out


# -- random tensors ----------------------------------------------------------------------------------------------------


def _drawn(
    kind: str,
    args: tuple[Any, ...],
    dtype: DType,
    device: Any,
    generator: Generator | None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor of what the generator's method ``kind`` draws."""
    if generator is None:
        generator = default_generator(device)
    elif device is not None and manager.device(device) is not generator.device:
        raise ValueError(f"a generator on {generator.device} draws tensors there, not on {manager.device(device)}")
    draw, spec = getattr(generator.native, kind), manager.backend(generator.device.type).spec(dtype, generator.device)
    out = _drawn_for_each(kind, draw, args, spec) if _running.maps else wrap(draw(*args), spec)
    if requires_grad:
        out.requires_grad = True
    return out


def _sizes(name: str, sizes: tuple[Any, ...]) -> Shape:
    return as_shape(name, sizes[0] if len(sizes) == 1 else sizes)


def _float_dtype(name: str, dtype: Any) -> DType:
    found = default_dtype_of(float) if dtype is None else as_dtype(dtype)
    if not found.is_inexact:
        raise TypeError(f"{name} draws floating or complex numbers, not {found.name}; nd.randint draws integers")
    return found


def rand(
    *size: Any, generator: Generator | None = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Uniform random numbers in [0, 1), in a shape given as integers or as a tuple. Source: PyTorch, ``torch.rand``.

    >>> import ndgrad as nd
    >>> nd.rand(2, 3).shape
    (2, 3)
    """
    found = _float_dtype("rand", dtype)
    return _drawn("uniform", (_sizes("rand", size), found), found, device, generator, requires_grad)


def randn(
    *size: Any, generator: Generator | None = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Normal random numbers of mean 0 and variance 1, in a shape given as integers or as a tuple.

    Source: PyTorch, ``torch.randn``; of a complex dtype, each part has variance 1/2.
    """
    found = _float_dtype("randn", dtype)
    return _drawn("standard_normal", (_sizes("randn", size), found), found, device, generator, requires_grad)


def rand_like(x: Tensor, /, *, generator: Generator | None = None, dtype: Any = None, device: Any = None) -> Tensor:
    """:func:`rand` in the shape, dtype and device of ``x``. Source: PyTorch, ``torch.rand_like``."""
    return rand(x.shape, generator=generator, dtype=x.dtype if dtype is None else dtype, device=device or x.device)


def randn_like(x: Tensor, /, *, generator: Generator | None = None, dtype: Any = None, device: Any = None) -> Tensor:
    """:func:`randn` in the shape, dtype and device of ``x``. Source: PyTorch, ``torch.randn_like``."""
    return randn(x.shape, generator=generator, dtype=x.dtype if dtype is None else dtype, device=device or x.device)


def uniform(
    size: Any,
    low: float = 0.0,
    high: float = 1.0,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Uniform random numbers in [low, high). Source: NumPy, ``numpy.random.Generator.uniform``."""
    out: Tensor = rand(size, generator=generator, dtype=dtype, device=device) * (high - low) + low
    if requires_grad:
        out.requires_grad = True
    return out


def randint(
    low: int = 0,
    high: Any = None,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
) -> Tensor:
    """Random integers: ``randint(low, high, size)`` in [low, high), ``randint(high, size)`` in [0, high).

    Raises:
        ValueError: the interval is empty.

    Source: PyTorch, ``torch.randint``.

    >>> import ndgrad as nd
    >>> nd.randint(0, 10, (2, 3)).dtype
    ndgrad.int64
    """
    if size is None and high is not None:
        low, high, size = 0, low, high
    elif high is None:
        low, high, size = 0, low, () if size is None else size
    if low >= high:
        raise ValueError(f"randint: there is no integer in [{low}, {high})")
    found = int64 if dtype is None else as_dtype(dtype)
    return _drawn("integers", (int(low), int(high), as_shape("randint", size), found), found, device, generator)


def randint_like(
    x: Tensor, /, low: int, high: int | None = None, *, generator: Generator | None = None, dtype: Any = None,
    device: Any = None,
) -> Tensor:  # fmt: skip
    """:func:`randint` in the shape, dtype and device of ``x``. Source: PyTorch, ``torch.randint_like``."""
    low, high = (0, low) if high is None else (low, high)
    found = x.dtype if dtype is None else as_dtype(dtype)
    whole = int64 if found.is_inexact else found
    out = randint(low, high, x.shape, generator=generator, dtype=whole, device=device or x.device)
    return astype(out, found, copy=False)


def randperm(n: int, *, generator: Generator | None = None, dtype: Any = None, device: Any = None) -> Tensor:
    """The integers below ``n`` in random order. Source: PyTorch, ``torch.randperm``."""
    drawn = _drawn("permutation", (int(n),), int64, device, generator)
    return drawn if dtype is None else astype(drawn, dtype, copy=False)


def normal(
    mean: Any = 0.0,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
) -> Tensor:
    """Normal random numbers; gradients flow to a mean and a standard deviation that are tensors.

    ``mean`` and ``std`` are numbers or tensors, whose common shape is the default of ``size``.

    Source: PyTorch, ``torch.normal``.
    """
    given = [x for x in (mean, std) if isinstance(x, Tensor)]
    if isinstance(std, (int, float)) and std < 0:
        raise ValueError(f"normal: std must not be negative, got {std}")
    if size is None:
        size = broadcast_shapes(*[x.shape for x in given])
    if given:
        dtype, device = dtype or given[0].dtype, device or given[0].device
    return randn(size, generator=generator, dtype=dtype, device=device) * std + mean


def exponential(
    size: Any, rate: float = 1.0, *, generator: Generator | None = None, dtype: Any = None, device: Any = None
) -> Tensor:
    """Exponentially distributed random numbers of mean 1 / ``rate``. Source: PyTorch, ``Tensor.exponential_``."""
    drawn = rand(size, generator=generator, dtype=dtype, device=device)
    return log1p(-drawn) / -rate


def bernoulli(p: Tensor, /, *, generator: Generator | None = None) -> Tensor:
    """1 with probability ``p``, else 0, for each element; has no gradient. Source: PyTorch, ``torch.bernoulli``."""
    return astype(less(rand_like(p, generator=generator), p.detach()), p.dtype)


def multinomial(
    p: Tensor, /, num_samples: int, replacement: bool = False, *, generator: Generator | None = None
) -> Tensor:
    """Random indices of the last axis of ``p``, drawn with these probabilities; weights need not add up to 1.

    Args:
        p: weights, shape (..., categories).
        num_samples: how many to draw.
        replacement: whether a category may be drawn more than once.
        generator: where the numbers come from.

    Returns:
        int64, shape (..., num_samples).

    Raises:
        ValueError: more samples than categories, without replacement.

    Source: PyTorch, ``torch.multinomial``; without replacement: P. S. Efraimidis, P. G. Spirakis, "Weighted random
    sampling with a reservoir", Information Processing Letters 97 (2006).
    """
    p = p.detach()
    if not p.ndim:
        raise ValueError("multinomial: the last axis of p holds the categories, got a 0-d tensor")
    if replacement:
        sums = cumulative_sum(p, axis=-1)
        drawn = rand((*p.shape[:-1], num_samples), generator=generator, dtype=p.dtype, device=p.device)
        drawn = drawn * getitem(sums, (..., slice(-1, None)))
        above = greater_equal(expand_dims(drawn, -1), expand_dims(sums, -2))
        return minimum(sum(astype(above, int64), axis=-1), p.shape[-1] - 1)  # rounding may reach the last sum
    if num_samples > p.shape[-1]:
        raise ValueError(f"multinomial: {num_samples} samples without replacement from {p.shape[-1]} categories")
    waits = exponential(p.shape, generator=generator, dtype=p.dtype, device=p.device)
    order = argsort(divide(waits, p), axis=-1)
    return getitem(order, (..., slice(0, num_samples)))
