"""Random tensors, drawn from the generators of :mod:`ndgrad.generators`, whose names stand here too.

A generator belongs to a device. A backend may bring its own (:class:`NativeGenerator`); on any other backend the
portable :class:`ndgrad.threefry.Threefry` is used, which gives the same numbers everywhere.

Source: PyTorch, "Random sampling".
"""

from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Callable, Iterator
from typing import Any

from ndgrad.dtypes import DType, as_dtype, default_dtype_of, int64
from ndgrad.errors import AutogradError
from ndgrad.generators import (
    Generator,
    NativeGenerator,
    default_generator,
    fork_rng,
    get_rng_state,
    initial_seed,
    manual_seed,
    seed,
    set_rng_state,
)  # fmt: skip
from ndgrad.ops import reductions
from ndgrad.ops.creation import arange
from ndgrad.ops.elementwise import divide, greater_equal, isfinite, less, log1p, logical_and, minimum
from ndgrad.ops.indexing import getitem
from ndgrad.ops.manipulation import as_shape, broadcast_shapes, expand_dims, reshape, stack
from ndgrad.ops.reductions import sum  # noqa: A004
from ndgrad.ops.transfer import astype
from ndgrad.plugins import Spec, manager
from ndgrad.tensor import Tensor, wrap

__all__ = [
    "Generator", "NativeGenerator", "bernoulli", "default_generator", "exponential", "fork_rng", "get_rng_state",
    "initial_seed", "manual_seed", "multinomial", "normal", "rand", "rand_like", "randint", "randint_like", "randn",
    "randn_like", "randperm", "seed", "set_rng_state", "uniform",
]  # fmt: skip

Shape = tuple[int, ...]


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
    draw, spec = getattr(generator.native, kind), manager.spec(dtype, generator.device)
    out = _drawn_for_each(kind, draw, args, spec) if _running.maps else wrap(draw(*args), spec)
    if requires_grad:
        out.requires_grad = True
    return out


def _sizes(name: str, sizes: tuple[Any, ...]) -> Shape:
    return as_shape(name, sizes[0] if len(sizes) == 1 and sizes[0].__class__ is not int else sizes)


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


def _are_weights(p: Tensor) -> bool:
    usable = reductions.all(logical_and(greater_equal(p, 0), isfinite(p)))
    return bool(logical_and(usable, reductions.all(reductions.any(p, axis=-1))))


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
        ValueError: a weight that is negative, infinite or NaN, or none that is positive; more samples than categories,
            without replacement.

    Source: PyTorch, ``torch.multinomial``; without replacement: P. S. Efraimidis, P. G. Spirakis, "Weighted random
    sampling with a reservoir", Information Processing Letters 97 (2006).
    """
    from ndgrad.ops.cumulative import cumulative_sum  # chapters that nothing else here needs
    from ndgrad.ops.sorting import argsort

    p = p.detach()
    if not p.ndim:
        raise ValueError("multinomial: the last axis of p holds the categories, got a 0-d tensor")
    if not (p.backend.level or _are_weights(p)):  # within a transform, values are not known
        raise ValueError(
            "multinomial: weights are finite and not negative, and at least one of each row is positive; "
            "of logits, take nd.softmax(logits, axis=-1)"
        )
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
