"""From the ``samples=`` of a row to arguments of its public function, in a dtype, on a device, in a memory layout."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

import ndgrad as nd
from ndgrad.dispatch import apply
from ndgrad.dtypes import DType
from ndgrad.rows import Op

__all__ = ["LAYOUTS", "Maker", "NoSample", "Sample", "flatten", "host", "samples_of", "transform"]


class NoSample(Exception):
    """The domain holds no value of the dtype (no integer lies in (0.1, 0.9)), or the library no array of the layout."""


# Where the elements of a sample lie in memory. Each takes the doubled array that :class:`Maker` made for it.
LAYOUTS: Final[dict[str, Callable[[Any], Any]]] = {
    "contiguous": lambda x: x,
    "strided": lambda x: x[(slice(None, None, 2),) * x.ndim],
    "reversed": lambda x: x[(slice(None, None, -1),) * x.ndim],
    "transposed": lambda x: x.T if x.ndim == 2 else x,
}

# The shapes at which an elementwise op is tested, by its number of operands.
SHAPES: Final[dict[int, tuple[tuple[tuple[int, ...], ...], ...]]] = {
    1: (((3, 4),), ((),), ((0, 3),), ((2, 1, 3),)),
    2: (((3, 4), (3, 4)), ((3, 1), (4,)), ((), (2, 3)), ((0, 3), (3,)), ((2, 3), ())),
    3: (((2, 3), (2, 3), (2, 3)), ((2, 3), (3,), ()), ((0, 3), (1,), (3,))),
}

# Where integers need another domain than the row's: a negative power of an integer is none.
INTEGER_DOMAINS: Final = {"pow": ((-2, 2), (0, 3))}


@dataclass(frozen=True)
class Maker:
    """The ``make`` that a row's ``samples`` function is given."""

    device: Any
    dtype: DType
    random: np.random.Generator
    layout: str = "contiguous"

    def __call__(self, *shape: int, low: float = -2.0, high: float = 2.0, dtype: Any = None) -> Any:
        """A tensor of ``shape`` with values between ``low`` and ``high``; real and imaginary parts alike.

        Raises:
            NoSample: no value of the dtype lies there.
        """
        chosen = self.dtype if dtype is None else nd.dtypes.as_dtype(dtype)
        full, cut = shape, LAYOUTS[self.layout]
        if self.layout == "strided":
            full = tuple(2 * n for n in shape)
        elif self.layout == "transposed" and len(shape) == 2:
            full = shape[::-1]
        made = nd.asarray(self.values(full, low, high, chosen), dtype=chosen, device=self.device)
        try:
            return cut(made)
        except ValueError:
            if self.layout != "reversed":
                raise
            raise NoSample from None  # the library, as PyTorch, has no arrays that run backwards

    def values(self, shape: tuple[int, ...], low: float, high: float, dtype: DType) -> Any:
        """The NumPy array behind a sample."""
        if not dtype.is_inexact:
            first, last = math.ceil(low), math.floor(high)
            if not dtype.is_signed:
                first = max(first, 0)
            if dtype.kind == "bool":
                last = min(last, 1)
            if first > last:
                raise NoSample
            return self.random.integers(first, last + 1, shape).astype(dtype.name)
        real = self.random.uniform(low, high, shape)
        return real + 1j * self.random.uniform(low, high, shape) if dtype.is_complex else real


@dataclass(frozen=True)
class Sample:
    """One call of an op's public function, or of another through which the row says it is reached."""

    op: Op
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    function: Callable[..., Any]
    frozen: frozenset[int] = frozenset()  # which inputs have no derivative, in the order of the arguments

    def call(self, *tensors: Any) -> Any:
        """The result; with ``tensors``, these stand in for the differentiable arguments in turn."""
        args = self.args
        if tensors:
            replaced = dict(zip(map(id, self.inputs), tensors, strict=True))
            args = transform(lambda x: replaced.get(id(x), x), args)
        return self.function(*args, **self.kwargs)

    @property
    def inputs(self) -> list[Any]:
        """The tensors among the arguments that a gradient can be taken with respect to."""
        found = [x for x in flatten(self.args) if is_differentiable(x)]
        return [x for i, x in enumerate(found) if i not in self.frozen]

    def __str__(self) -> str:
        args = [repr(a) for a in transform(_Brief, self.args)]
        args += [f"{k}={v!r}" for k, v in transform(_Brief, self.kwargs).items()]
        return f"{self.op.name}({', '.join(args)})"


class _Brief:
    def __init__(self, tensor: Any) -> None:
        self.text = f"{tensor.dtype.name}{list(tensor.shape)}"

    def __repr__(self) -> str:
        return self.text


def samples_of(op: Op, make: Maker) -> Iterator[Sample]:
    """The calls with which a row is tested; none where its domain holds no value of the dtype.

    Raises:
        LookupError: the row has no samples, and is not elementwise.
    """
    public = op.public or functools.partial(apply, op)
    if callable(op.samples):
        try:
            for *function, args, kwargs in op.samples(make):
                yield Sample(op, tuple(args), dict(kwargs), *(function or [public]))
        except NoSample:
            return
    elif op.elementwise and len(op.operands) in SHAPES:
        yield from _elementwise(op, make, public)
    else:
        raise LookupError(f"the row of {op.name} has no samples=")


def _elementwise(op: Op, make: Maker, public: Callable[..., Any]) -> Iterator[Sample]:
    domains: Any = op.samples or (-2.0, 2.0)
    if not make.dtype.is_inexact:
        domains = INTEGER_DOMAINS.get(op.name, domains)
    if not isinstance(domains[0], tuple):
        domains = (domains,) * len(op.operands)
    try:
        for shapes in SHAPES[len(op.operands)]:
            operands = [make(*shape, low=low, high=high) for shape, (low, high) in zip(shapes, domains, strict=True)]
            yield Sample(op, tuple(operands), {}, public)
        if op.with_number is not None:  # takes a Python scalar in place of either operand
            x1, x2 = (make(3, low=low, high=high) for low, high in domains)
            s1, s2 = (make(low=low, high=high).item() for low, high in domains)
            yield Sample(op, (x1, s2), {}, public)
            yield Sample(op, (s1, x2), {}, public)
    except NoSample:
        return


def is_differentiable(x: Any) -> bool:
    """Whether ``x`` is a tensor of a floating or complex dtype."""
    return isinstance(x, nd.Tensor) and x.dtype.is_inexact


def transform(function: Callable[[Any], Any], tree: Any) -> Any:
    """``tree`` with ``function`` applied to each tensor in it."""
    if isinstance(tree, nd.Tensor):
        return function(tree)
    if isinstance(tree, dict):
        return {key: transform(function, part) for key, part in tree.items()}
    if isinstance(tree, tuple | list):
        parts = [transform(function, part) for part in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    return tree


def flatten(tree: Any) -> list[Any]:
    """The leaves of nested tuples, lists and dicts."""
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, tuple | list):
        return [leaf for part in tree for leaf in flatten(part)]
    return [tree]


def host(tensor: Any) -> Any:
    """The values of a tensor as a NumPy array; narrow floating dtypes widened, exactly, to double precision."""
    array = np.array(tensor.backend.to_host(tensor._data))  # a copy: to_host may return a view
    if tensor.dtype.is_complex:
        return array.astype(np.complex128)
    return array.astype(np.float64) if tensor.dtype.is_floating else array
