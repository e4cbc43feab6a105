"""A transform is a backend: what jvp and vmap have in common.

While a transform runs, it owns a :class:`Level`, a backend whose raw arrays hold tensors of the levels below, so that
transforms nest in any order. A level's kernel for an op runs the op's rule on the inner tensors with ``apply``; where
the dispatcher meets tensors of two levels, the higher one lifts the other as a constant.
"""

from __future__ import annotations

import itertools
import threading
import weakref
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from ndgrad.devices import Device
from ndgrad.dispatch import apply, binary, inplace
from ndgrad.dtypes import SCALARS, DType
from ndgrad.errors import AutogradError
from ndgrad.ops.indexing import COPY
from ndgrad.plugins import Backend, Spec, manager
from ndgrad.rows import Op, decomposed
from ndgrad.tensor import Tensor, wrap

__all__ = ["Level", "Raw", "has_history", "innermost", "lift_to", "own_below", "own_for", "run", "write"]

_numbers = itertools.count(1)


class _Active(threading.local):
    def __init__(self) -> None:
        self.levels: list[Level] = []


_active = _Active()


class Raw(Protocol):
    """A raw array of a level: tensors of the level below, seen as one array of ``shape`` and ``dtype``."""

    shape: tuple[int, ...]
    dtype: DType

    def inner(self) -> tuple[Tensor, ...]:
        """The tensors it holds."""
        ...


class Level(Backend):
    """One running transform. As a context manager it is active; afterwards its tensors are refused."""

    array_type: type
    device_type = "transform"

    def __init__(self) -> None:
        super().__init__()
        self.level = next(_numbers)
        self._filled: list[dict[Spec, Any]] = []
        self._adopted: list[tuple[weakref.ref[Tensor], Any, Spec]] = []
        self._ended = False

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.level}>"

    def __enter__(self) -> Level:
        _active.levels.append(self)
        return self

    def __exit__(self, *exc: object) -> None:
        _active.levels.remove(self)
        self._ended = True
        if exc[0] is not None:
            self.give_back()
        for table in self._filled:
            for spec in self._specs.values():
                table.pop(spec, None)

    # -- between the levels --------------------------------------------------------------------------------------------

    def constant(self, x: Tensor) -> Any:
        """The raw array for a tensor of a lower level that does not take part in the transform."""
        raise NotImplementedError

    def lift(self, x: Tensor) -> Tensor:
        """``x`` as a tensor of this level."""
        below = x._spec.backend
        if below is self:
            return x
        self._refuse_after_the_end()
        if isinstance(below, Level):
            below._refuse_after_the_end()
        return wrap(self.constant(x), self.spec(x.dtype, x.device))

    def adopt(self, x: Tensor) -> None:
        """Make ``x``, a tensor of a lower level that is about to be written, one of this level."""
        self._refuse_after_the_end()
        self._adopted.append((weakref.ref(x), x._data, x._spec))
        own = self.own(own_below(self, wrap(x._data, x._spec)))
        x._data, x._spec, x._counter = own._data, own._spec, None

    def own(self, x: Tensor) -> Tensor:
        """A tensor of this level with the values of ``x``, which can be written to."""
        return wrap(self.owned(x), self.spec(x.dtype, x.device))

    def owned(self, x: Tensor) -> Any:
        """The raw array for a tensor that will take values of this level."""
        raise NotImplementedError

    def give_back(self) -> bool:
        """Turn the tensors from outside that were written to what they were before; whether there were any.

        Those that the function made for itself are gone when it has returned and its results are taken apart.
        """
        captured = [(x, raw, spec) for ref, raw, spec in self._adopted if (x := ref()) is not None]
        for x, raw, spec in captured:
            x._data, x._spec = raw, spec
        return bool(captured)

    def holds(self, x: Tensor) -> bool:
        """Whether ``x`` is a tensor of this level."""
        return x._spec.backend is self

    def _refuse_after_the_end(self) -> None:
        if self._ended:
            raise AutogradError(
                "a tensor has escaped from the function that vmap or jvp transformed: return it as a result of that "
                "function instead of storing it outside"
            )

    def op_kernel(self, op: Op) -> Callable[..., Any] | None:
        """The function on raw arrays that runs ``op``; None if its decomposition is to run at this level."""
        raise NotImplementedError

    # -- the backend contract ------------------------------------------------------------------------------------------

    def kernel(self, op: Op, spec: Spec) -> Callable[..., Any]:
        """See :class:`Backend`."""
        self._refuse_after_the_end()
        found = self.op_kernel(op)
        if found is not None:
            return found
        assert op.decompose is not None
        return decomposed(op.decompose, spec)

    def find_kernel(self, name: str, namespace: str | None, dtype: DType) -> tuple[Callable[..., Any] | None, str]:
        """None: writes go through :meth:`assign`."""
        self._refuse_after_the_end()
        return None, "transform"

    def looked_up(self, table: dict[Spec, Any], spec: Spec) -> None:
        """See :class:`Backend`."""
        self._filled.append(table)

    def _find_raw_dtype(self, dtype: DType) -> DType:
        return dtype

    def dtype_of(self, raw: Any) -> DType:
        """See :class:`Backend`."""
        return raw.dtype

    def create(self, name: str, *args: Any, dtype: DType | None, device: Device, **kwargs: Any) -> Any:
        """See :class:`Backend`; on the backend of ``device``."""
        backend = manager.backend(device.type)
        raw = backend.create(name, *args, dtype=dtype, device=device, **kwargs)
        return self.constant(wrap(raw, backend.spec(backend.dtype_of(raw), device)))

    def shares_memory(self, a: Any, b: Any) -> bool:
        """See :class:`Backend`."""
        return any(_shares_memory(x, y) for x in a.inner() for y in b.inner())

    def normalize(self, result: Any, spec: Spec) -> Any:
        """See :class:`Backend`; never needed here."""
        raise TypeError(f"a kernel of {self!r} returned {type(result).__name__}")


def innermost() -> Level | None:
    """The transform that runs nearest to here, None outside all."""
    return _active.levels[-1] if _active.levels else None


def lift_to(level: Backend | None, x: Tensor) -> Tensor:
    """``x`` at ``level``, a level or the backend of plain tensors, if that is above its own."""
    return level.lift(x) if isinstance(level, Level) and level.level > x._spec.backend.level else x


def own_below(level: Level, x: Tensor) -> Tensor:
    """``x`` as a tensor of the highest level below ``level``, so that it can take values of any."""
    for below in _active.levels:
        if x._spec.backend.level < below.level < level.level:
            x = below.own(x)
    return x


def own_for(value: Tensor, x: Tensor) -> Tensor:
    """``x``, new and written by nobody else, as a tensor that can take ``value``."""
    level = value._spec.backend
    above = isinstance(level, Level) and level.level > x._spec.backend.level
    return level.own(own_below(level, x)) if above else x  # type: ignore[attr-defined, arg-type]


def has_history(x: Tensor) -> bool:
    """Whether a gradient flows to ``x`` at its level or at one below."""
    if x._node is not None and x.requires_grad:
        return True
    return x._spec.backend.level > 0 and any(has_history(t) for t in x._data.inner())


def _shares_memory(a: Tensor, b: Tensor) -> bool:
    backend = a._spec.backend
    return backend is b._spec.backend and backend.shares_memory(a._data, b._data)


_with_scalars: Final[dict[Op, Callable[..., Any]]] = {}


def run(op: Op, operands: Sequence[Any], params: dict[str, Any]) -> Any:
    """Run an op one level below; an operand of an elementwise op may be a Python scalar."""
    if len(operands) == 2 and (operands[1].__class__ in SCALARS or operands[0].__class__ in SCALARS):
        call = _with_scalars.get(op)
        if call is None:
            call = _with_scalars[op] = binary(op)
        return call(*operands)
    return apply(op, *operands, **params)


def write(target: Tensor, value: Tensor) -> None:
    """Write ``value`` over the memory of ``target``, one level below."""
    inplace(COPY, target, value)
