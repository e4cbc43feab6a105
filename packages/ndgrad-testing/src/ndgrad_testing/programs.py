"""Random programs of views, writes and elementwise ops, with the gradients they ought to have.

A :class:`Program` is Python text, so that the same lines run on ndgrad, on PyTorch and on :class:`Dual`, the reference:
a NumPy array whose memory has a second layer, the derivative of every element in every element of the inputs. A view
shares both layers; ``detach`` shares the first only; ``no_grad`` writes the first only. Each op's derivative is its
complex step.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

__all__ = ["INPUTS", "Program", "Refused", "names_for", "write_program"]

Raw = np.ndarray[Any, Any]

# The inputs of every program: one that each line may broadcast against the other.
INPUTS: Final[dict[str, Raw]] = {
    "x": np.array([[0.7, -1.1, 0.4], [1.3, 0.2, -0.6]]),
    "w": np.array([0.5, -0.9, 1.2]),
}
WIDTH: Final = sum(raw.size for raw in INPUTS.values())
STEP: Final = 1e-30  # of the complex step, which has no rounding error

KEYS: Final = ("0", "-1", "1:", ":1", "::2", "...", "None", "..., 0", "..., 1:", "..., None, :2", "0:0")
REVERSED_KEYS: Final = ("::-1", "..., ::-2")
RESULTS: Final = (
    "{a} + {b}", "{a} - {b}", "{a} * {b}", "{a} / ({b} * {b} + 1.5)", "-{a}", "{s} * {a}", "{s} - {a}", "{a} ** 2",
    "exp(0.3 * {a})", "sin({a})", "tanh({a})", "where(mask({a}), {a}, {b})", "maximum({a}, {b})",
    "sum({a})", "sum({a}, {axis})", "mean({a}, {axis})", "cumsum({a}, {axis})", "prod({a}, {axis})",
    "{a} @ {b}", "stack([{a}, {b}])", "concat([{a}, {b}])", "{a}.clone()", "{a}.detach()",
    "{a}[{key}]", "{a}[{key}]", "{a}[{key}]", "reshape({a}, (-1,))", "reshape({a}, (1, -1))", "transpose({a})",
    "broadcast({a})", "diagonal({a})", "{a}[[1, 0, 1]]", "{a}[..., [0]]", "{a}[mask({a})]",
)  # fmt: skip
WRITES: Final = (
    "{a} += {b}", "{a} -= {b}", "{a} *= {b}", "{a} *= {s}", "{a} += {s}", "{a} /= 2.0", "{a} *= {a}",
    "{a}[{key}] = {b}", "{a}[{key}] = {s}", "{a}[{key}] *= {b}", "{a}[{key}] += {s}", "{a}[{key}] = {a}[{key}] * {b}",
    "{a}[mask({a})] = {s}", "{a}[mask({a})] *= {s}", "{a}[[1, 0]] = {b}", "{a}[[0]] += {b}",
    "{a}.sin_()", "{a}.exp_()", "{a}.tanh_()", "{a}.mul_({b})", "{a}.copy_({b})", "{a}.zero_()", "{a}.fill_({s})",
)  # fmt: skip
SCALARS: Final = ("0.5", "-1.5", "2")


class Refused(Exception):
    """What no library allows: a recorded write into a leaf, or any into a broadcast array."""


# -- the reference -----------------------------------------------------------------------------------------------------


class _Slopes:
    """The second layer of one piece of memory: a row of derivatives for each element."""

    def __init__(self, rows: Raw, tracked: bool, leaf: bool = False) -> None:
        self.rows = rows
        self.tracked = tracked
        self.leaf = leaf


class _Mode:
    recording = True


class Dual:
    """An array with a layer of derivatives; ``places`` says which row of the layer belongs to each element."""

    __array_ufunc__ = None

    def __init__(self, values: Raw, places: Raw, slopes: _Slopes, frozen: bool = False) -> None:
        self.values = values
        self.places = places
        self.slopes = slopes
        self.frozen = frozen  # a view made under no_grad of what requires grad

    @classmethod
    def new(cls, values: Raw, rows: Raw | None = None) -> Dual:
        """An array in memory of its own."""
        values = np.asarray(values)
        slopes = _Slopes(np.zeros((values.size, WIDTH)) if rows is None else rows, rows is not None)
        return cls(values, np.arange(values.size).reshape(values.shape), slopes)

    def rows(self) -> Raw:
        """The derivatives, of shape ``(*shape, WIDTH)``."""
        return self.slopes.rows[self.places]

    # views and copies

    def viewed(self, take: Callable[[Raw], Raw]) -> Dual:
        """What ``take`` makes of the array: a view if it makes one of the values."""
        values = take(self.values)
        if values.size and not np.may_share_memory(values, self.values):
            return compute(take, self)
        if not _Mode.recording and self.slopes.tracked:
            hidden = Dual.new(values)
            hidden.values, hidden.frozen = values, True
            return hidden
        return Dual(values, take(self.places), self.slopes, self.frozen)

    def __getitem__(self, key: Any) -> Any:
        return compute(lambda a: a[key], self) if _is_advanced(key) else self.viewed(lambda a: a[_with_rest(key)])

    def clone(self) -> Dual:
        return compute(lambda a: a.copy(), self)

    def detach(self) -> Dual:
        cut = Dual.new(self.values)
        cut.values = self.values
        return cut

    # writes

    def write(self, function: Callable[..., Raw], *operands: Any) -> Dual:
        """Put ``function`` of the array and the operands in its place."""
        if not self.values.flags.writeable:
            raise Refused
        tracked = self.slopes.tracked or any(isinstance(o, Dual) and o.slopes.tracked for o in operands)
        if _Mode.recording and tracked and (self.slopes.leaf or self.frozen):
            raise Refused
        new = compute(function, self, *operands)
        values, rows = new.values, new.rows()
        if np.broadcast_shapes(values.shape, self.values.shape) != self.values.shape:
            raise ValueError
        self.values[...] = values
        if _Mode.recording and tracked:
            self.slopes.rows[self.places] = np.broadcast_to(rows, (*self.values.shape, WIDTH))
            self.slopes.tracked = True
        return self

    def __setitem__(self, key: Any, value: Any) -> None:
        def put(a: Raw, v: Any) -> Raw:
            out = a.astype(np.result_type(a, v))
            out[key] = v
            return out

        if _is_advanced(key):
            self.write(put, value)
            return
        part = Dual(self.values[_with_rest(key)], self.places[_with_rest(key)], self.slopes, self.frozen)
        part.write(lambda a, v: v + np.zeros((), a.dtype), value)

    def zero_(self) -> Dual:
        return self.write(np.zeros_like)

    def fill_(self, value: float) -> Dual:
        return self.write(lambda a: np.full_like(a, value))

    def copy_(self, other: Dual) -> Dual:
        return self.write(lambda a, b: b + np.zeros((), a.dtype), other)


def _is_advanced(key: Any) -> bool:
    return any(isinstance(k, list | np.ndarray) for k in (key if isinstance(key, tuple) else (key,)))


def _with_rest(key: Any) -> Any:
    """A basic key with an Ellipsis, so that NumPy makes a view of single elements too."""
    key = key if isinstance(key, tuple) else (key,)
    return key if ... in key else (*key, ...)


def compute(function: Callable[..., Raw], *operands: Any) -> Dual:
    """``function`` of the values, and by the complex step of the derivatives."""
    values = function(*[o.values if isinstance(o, Dual) else o for o in operands])
    if not (_Mode.recording and any(isinstance(o, Dual) and o.slopes.tracked for o in operands)):
        return Dual.new(values)
    layers = [o.rows() if isinstance(o, Dual) else None for o in operands]
    columns = []
    for k in range(WIDTH):
        stepped = [
            o if rows is None else o.values + 1j * STEP * rows[..., k] for o, rows in zip(operands, layers, strict=True)
        ]
        columns.append(np.imag(function(*stepped)).ravel() / STEP)
    return Dual.new(values, np.stack(columns, axis=-1))


def _maximum(a: Any, b: Any) -> Any:
    """Of complex steps: by real parts, and half of each at ties."""
    p, q = np.real(a), np.real(b)
    return np.where(p > q, a, np.where(p < q, b, 0.5 * (a + b)))


def _operators() -> None:
    for name in ("add", "sub", "mul", "truediv", "pow", "matmul"):
        function = getattr(operator, name)
        setattr(Dual, f"__{name}__", lambda a, b, f=function: compute(f, a, b))
        setattr(Dual, f"__r{name}__", lambda a, b, f=function: compute(f, b, a))
        setattr(Dual, f"__i{name}__", lambda a, b, f=function: a.write(f, b))
    setattr(Dual, "__neg__", lambda a: compute(operator.neg, a))  # noqa: B010
    for name in ("sin", "exp", "tanh"):
        function = getattr(np, name)
        setattr(Dual, name + "_", lambda a, f=function: a.write(f))
    setattr(Dual, "mul_", lambda a, b: a.write(operator.mul, b))  # noqa: B010


_operators()


def _along(function: Callable[..., Any]) -> Callable[..., Dual]:
    def reduce(a: Dual, axis: int | None = None) -> Dual:
        # NumPy only warns of an empty mean, and ignores the axis of a scalar.
        if not a.values.size or (axis is not None and not a.values.ndim):
            raise IndexError
        return compute(lambda v: function(v, axis=axis), a)

    return reduce


@contextmanager
def _no_grad() -> Iterator[None]:
    before, _Mode.recording = _Mode.recording, False
    try:
        yield
    finally:
        _Mode.recording = before


def mask_of(shape: tuple[int, ...]) -> Raw:
    """The mask that programs use for an array of this shape."""
    return np.asarray(np.cos(1.0 + 2.0 * np.arange(int(np.prod(shape)))).reshape(shape) > 0.0)


def weights_of(shape: tuple[int, ...]) -> Raw:
    """What a result of this shape is weighted by, so that each element has a gradient of its own."""
    return np.sin(1.0 + np.arange(int(np.prod(shape)))).reshape(shape)


def _dual_names() -> dict[str, Any]:
    def over(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *operands: compute(function, *operands)

    names: dict[str, Any] = {name: over(getattr(np, name)) for name in ("exp", "sin", "tanh", "where")}
    names |= {name: _along(getattr(np, name)) for name in ("sum", "mean", "cumsum", "prod")}
    names["maximum"] = over(_maximum)
    names["stack"] = lambda arrays: compute(lambda *a: np.stack(a), *arrays)
    names["concat"] = lambda arrays: compute(lambda *a: np.concatenate(a), *arrays)
    names["reshape"] = lambda a, shape: a.viewed(lambda v: v.reshape(shape))
    names["transpose"] = lambda a: a.viewed(lambda v: np.transpose(v))
    names["broadcast"] = lambda a: a.viewed(lambda v: np.broadcast_to(v, (2, *v.shape)))
    names["diagonal"] = lambda a: a.viewed(lambda v: np.diagonal(v))
    names["mask"] = lambda a: mask_of(a.values.shape)
    names["no_grad"] = _no_grad
    return names


DUAL_NAMES: Final = _dual_names()


# -- programs ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Program:
    """Lines of Python; the values of the names alive at the end, and the gradient of their weighted sum."""

    lines: tuple[str, ...]
    values: dict[str, Raw]
    gradients: dict[str, Raw]
    plain: bool  # without detach and no_grad, so that the gradient is that of a function

    def __str__(self) -> str:
        return "\n".join(self.lines)

    def run(self, names: dict[str, Any], inputs: dict[str, Any]) -> dict[str, Any]:
        """The results of the lines in a library whose functions are ``names``."""
        space = {**names, **inputs}
        for line in self.lines:
            exec(line, space)
        return {name: space[name] for name in self.values}


def write_program(choose: Callable[[int], int], steps: int, *, reversed_keys: bool = True) -> Program | None:
    """A program of up to ``steps`` lines; ``choose(n)`` draws an integer below n. None if its values grew too large."""
    space: dict[str, Any] = dict(DUAL_NAMES)
    offset = 0
    for name, raw in INPUTS.items():
        rows = np.zeros((raw.size, WIDTH))
        rows[np.arange(raw.size), offset + np.arange(raw.size)] = 1.0
        space[name] = Dual.new(raw.copy(), rows)
        space[name].slopes.leaf = True
        offset += raw.size
    keys = KEYS + REVERSED_KEYS if reversed_keys else KEYS
    lines = ["a = x * 1.5", "b = zeros_like(w)"]
    space["a"], space["b"] = space["x"] * 1.5, Dual.new(np.zeros(3))
    alive = ["x", "w", "a", "b"]
    for step in range(steps):
        line = _line(choose, keys, alive, f"t{step}")
        try:
            with np.errstate(all="ignore"):
                exec(line, space)
        except (Refused, ValueError, IndexError, TypeError):
            continue
        lines.append(line)
        if line.startswith("del"):
            alive.remove(line.split()[-1])
        elif (name := f"t{step}") in space:
            if not isinstance(space[name], Dual):
                space[name] = Dual.new(space[name])
            alive.append(name)
    values = {name: space[name].values for name in alive}
    if not all((np.abs(v) < 1e4).all() for v in values.values()):
        return None
    slopes = sum(np.tensordot(weights_of(space[n].values.shape), space[n].rows(), space[n].values.ndim) for n in alive)
    gradients, offset = {}, 0
    for name, raw in INPUTS.items():
        gradients[name] = np.asarray(slopes)[offset : offset + raw.size].reshape(raw.shape)
        offset += raw.size
    plain = not any("detach" in line or "no_grad" in line for line in lines)
    return Program(tuple(lines), values, gradients, plain)


def _line(choose: Callable[[int], int], keys: tuple[str, ...], alive: list[str], target: str) -> str:
    def pick(table: Any) -> Any:
        return table[choose(len(table))]

    kind = choose(16)
    words = {
        "a": alive[-1 - choose(len(alive))], "b": pick(alive), "s": pick(SCALARS), "key": pick(keys),
        "axis": pick(("0", "-1")),
    }  # fmt: skip
    if kind == 0 and len(alive) > 4:
        return f"del {alive[4 + choose(len(alive) - 4)]}"
    line = pick(WRITES).format(**words) if kind > 7 else f"{target} = " + pick(RESULTS).format(**words)
    return f"with no_grad(): {line}" if choose(8) == 1 else line


def names_for(lib: Any, **special: Any) -> dict[str, Any]:
    """The functions that programs call, from a namespace that spells them as the array API or as PyTorch does."""
    names = {n: getattr(lib, n) for n in ("exp", "sin", "tanh", "where", "maximum", "no_grad", "stack", "concat")}
    names |= {n: getattr(lib, n) for n in ("zeros_like", "cumsum", "mean", "sum", "reshape", "diagonal")}
    names["prod"] = lib.prod
    names["transpose"] = lambda a: lib.permute_dims(a, tuple(range(a.ndim))[::-1])
    names["broadcast"] = lambda a: lib.broadcast_to(a, (2, *a.shape))
    names["mask"] = lambda a: lib.asarray(mask_of(tuple(a.shape)))
    return names | special
