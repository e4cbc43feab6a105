"""Batching: a level whose arrays carry one more axis, in front, and how an op is mapped over it.

A row says in ``batch=`` how:

- nothing, for an elementwise op: operands are aligned, so that the batch axis meets the batch axis;
- ``"axis"``, ``"axes"``: the parameter of that name counts axes, which all shift by one; ``"axes"`` names them all;
- ``"shape"``: the parameter ``shape`` gets the batch length in front;
- ``"leading"``: the op works on trailing axes and broadcasts over the leading ones;
- a function ``f(size, mapped, *values, **params)``: ``values`` are the operands, ``mapped[i]`` says whether the i-th
  has the batch axis in front; it returns the result, or a tuple of results, with the batch axis in front.

An op without any of these runs as its decomposition, or once per element.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

from ndgrad.autograd.levels import Level, own_for, run, write
from ndgrad.devices import Device
from ndgrad.dispatch import apply, astype
from ndgrad.dtypes import DType
from ndgrad.errors import AutogradError
from ndgrad.ops import creation, manipulation
from ndgrad.ops.transfer import clone
from ndgrad.rows import Op
from ndgrad.tensor import Tensor, wrap

__all__ = ["Batch", "Batched", "rule_of"]


class Batched:
    """A value of the level below; if ``mapped``, its first axis is the batch."""

    __slots__ = ("dtype", "mapped", "shape", "value")

    def __init__(self, value: Tensor, mapped: bool) -> None:
        self.value = value
        self.mapped = mapped
        self.shape = value.shape[1:] if mapped else value.shape
        self.dtype = value.dtype

    def inner(self) -> tuple[Tensor, ...]:
        """See :class:`Raw`."""
        return (self.value,)


class Batch(Level):
    """A running vmap over ``size`` elements."""

    array_type = Batched

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def constant(self, x: Tensor) -> Batched:
        """Unmapped."""
        return Batched(x, False)

    def owned(self, x: Tensor) -> Batched:
        """Mapped, repeated in memory of its own."""
        return Batched(clone(manipulation.broadcast_to(x, (self.size, *x.shape))), True)

    def op_kernel(self, op: Op) -> Callable[..., Any] | None:
        """See :class:`Level`."""
        rule = rule_of(op)
        if rule is None:
            return None
        size = self.size

        def kernel(*raws: Any, **params: Any) -> Any:
            values = [r.value if r.__class__ is Batched else r for r in raws]
            mapped = [r.__class__ is Batched and r.mapped for r in raws]
            some = any(mapped)
            result = rule(op, size, mapped, values, params) if some else run(op, values, params)
            return tuple(Batched(y, some) for y in result) if op.multiple else Batched(result, some)

        return kernel if op.name != "getitem" else lambda raw, key: kernel(raw, key=key)

    def wrap(self, value: Tensor, mapped: bool) -> Tensor:
        """A tensor of this level."""
        return wrap(Batched(value, mapped), self.spec(value.dtype, value.device))

    def cast(self, raw: Batched, dtype: DType) -> Batched:
        """See :class:`Backend`."""
        return Batched(astype(raw.value, dtype), raw.mapped)

    def assign(self, target: Batched, value: Batched) -> None:
        """See :class:`Backend`."""
        if value.mapped and not target.mapped:
            raise AutogradError(
                "a tensor that is the same for all elements of vmap cannot take values in place that differ; "
                "write the out-of-place form, or make it from a mapped one, for example by x * 0"
            )
        write(target.value, _align(value.value, value.mapped, len(target.shape)))

    def detached(self, raw: Batched) -> Batched:
        """See :class:`Backend`."""
        return Batched(raw.value.detach(), raw.mapped)

    def to_host(self, raw: Batched) -> Any:
        """See :class:`Backend`; refused where elements differ."""
        if raw.mapped:
            raise AutogradError(
                "inside vmap a tensor has no single value, so if, bool(), float(), item(), tolist() cannot ask for it; "
                "write nd.where(condition, a, b), or map with a Python loop"
            )
        return raw.value._spec.backend.to_host(raw.value._data)

    def to_device(self, raw: Batched, device: Device) -> Batched:
        """See :class:`Backend`."""
        return Batched(raw.value.to(device), raw.mapped)


# -- rules: f(op, size, mapped, values, params) ------------------------------------------------------------------------

Rule = Callable[[Op, int, Sequence[bool], Sequence[Any], dict[str, Any]], Any]


def rule_of(op: Op) -> Rule | None:
    """How ``op`` is mapped; None if by its decomposition."""
    found = _RULES.get(op.name)
    if found is not None:
        return found
    if callable(op.batch):
        rule = op.batch
        return lambda op, size, mapped, values, params: rule(size, tuple(mapped), *values, **params)
    if op.batch is not None:
        return _BY_NAME[op.batch]
    if op.elementwise:
        return _elementwise
    return None if op.decompose is not None else _one_by_one


def _align(value: Tensor, mapped: bool, ndim: int) -> Tensor:
    """``value`` with axes of length 1 after the batch axis, so that the rest has ``ndim`` axes."""
    missing = ndim + 1 - value.ndim
    if not mapped or missing <= 0:
        return value
    return manipulation.reshape(value, (value.shape[0],) + (1,) * missing + value.shape[1:])


def _logical_ndim(value: Any, mapped: bool) -> int:
    return value.ndim - mapped if isinstance(value, Tensor) else 0


def _elementwise(op: Op, size: int, mapped: Sequence[bool], values: Sequence[Any], params: dict[str, Any]) -> Any:
    ndim = max(map(_logical_ndim, values, mapped))
    return run(op, [_align(v, m, ndim) if m else v for v, m in zip(values, mapped, strict=True)], params)


def _all_mapped(size: int, mapped: Sequence[bool], values: Sequence[Any]) -> list[Any]:
    """All tensors with the batch axis, repeated without a copy where it was absent, and equally many other axes."""
    ndim = max(map(_logical_ndim, values, mapped))
    grown = [
        v if m or v is None else manipulation.broadcast_to(v, (size, *v.shape))
        for v, m in zip(values, mapped, strict=True)
    ]
    return [v if v is None else _align(v, True, ndim) for v in grown]


def _shifted(axis: Any) -> Any:
    return axis + 1 if isinstance(axis, int) else tuple(a + 1 for a in axis)


def _axis(op: Op, size: int, mapped: Sequence[bool], values: Sequence[Any], params: dict[str, Any]) -> Any:
    axis = params.get("axis")
    if axis is None:
        return _one_by_one(op, size, mapped, values, params)
    return run(op, _all_mapped(size, mapped, values), params | {"axis": _shifted(axis)})


def _shape(op: Op, size: int, mapped: Sequence[bool], values: Sequence[Any], params: dict[str, Any]) -> Any:
    return run(op, _all_mapped(size, mapped, values), params | {"shape": (size, *params["shape"])})


def _leading(op: Op, size: int, mapped: Sequence[bool], values: Sequence[Any], params: dict[str, Any]) -> Any:
    ndim = max(map(_logical_ndim, values, mapped))
    return run(op, [_align(v, m, ndim) if m else v for v, m in zip(values, mapped, strict=True)], params)


def _one_by_one(op: Op, size: int, mapped: Sequence[bool], values: Sequence[Any], params: dict[str, Any]) -> Any:
    """Run the op for each element and stack the results: right for any op whose results have one shape."""

    def element(i: int) -> Any:
        return run(op, [v[i] if m else v for v, m in zip(values, mapped, strict=True)], params)

    if size == 0:
        blank = [
            creation.zeros(v.shape[1:], dtype=v.dtype, device=v.device) if m else v
            for v, m in zip(values, mapped, strict=True)
        ]
        one = run(op, blank, params)
        empty = [
            creation.zeros((0, *y.shape), dtype=y.dtype, device=y.device) for y in (one if op.multiple else (one,))
        ]
        return tuple(empty) if op.multiple else empty[0]
    found = [element(i) for i in range(size)]
    columns = list(zip(*found, strict=True)) if op.multiple else [found]
    for column in columns:
        if len({y.shape for y in column}) > 1:
            raise AutogradError(
                f"the shape of the result of {op.name} depends on the values, so vmap cannot stack the results; "
                "write the function with nd.where(), or map with a Python loop"
            )
    stacked = [manipulation.stack(column, axis=0) for column in columns]
    return tuple(stacked) if op.multiple else stacked[0]


def _broadcast(op: Op, size: int, mapped: Sequence[bool], values: Sequence[Any], params: dict[str, Any]) -> Any:
    shape = params["shape"]
    return apply(op, _align(values[0], True, len(shape)), shape=(size, *shape))


def _permute(op: Op, size: int, mapped: Sequence[bool], values: Sequence[Any], params: dict[str, Any]) -> Any:
    return apply(op, values[0], axes=(0, *[a + 1 for a in params["axes"]]))


def _getitem(op: Op, size: int, mapped: Sequence[bool], values: Sequence[Any], params: dict[str, Any]) -> Any:
    key = params["key"]
    return values[0][(slice(None), *(key if isinstance(key, tuple) else (key,)))]


def _positions(size: int, ndim: int, like: Tensor) -> Tensor:
    """The number of each element of the batch, to index the batch axis beside indices of ``ndim`` axes."""
    return manipulation.reshape(creation.arange(size, dtype=like.dtype, device=like.device), (size,) + (1,) * ndim)


def _index(op: Op, size: int, mapped: Sequence[bool], values: Sequence[Any], params: dict[str, Any]) -> Any:
    x, *indices = values
    dims, at = params["dims"], params["at"]
    if not any(mapped[1:]):
        return apply(op, x, *indices, dims=_shifted(dims), at=at + 1)
    ndim = max(map(_logical_ndim, indices, mapped[1:]))
    indices = [_align(i, m, ndim) for i, m in zip(indices, mapped[1:], strict=True)]
    if not mapped[0]:  # one x, many indices: the batch is one more axis of the indices
        return manipulation.moveaxis(apply(op, x, *indices, dims=dims, at=at), at, 0)
    found = apply(op, x, _positions(size, ndim, indices[0]), *indices, dims=(0, *_shifted(dims)), at=0)
    return manipulation.moveaxis(found, tuple(range(1, ndim + 1)), tuple(range(at + 1, at + 1 + ndim)))


def _index_write(op: Op, size: int, mapped: Sequence[bool], values: Sequence[Any], params: dict[str, Any]) -> Any:
    """index_put (into x) and index_add_zeros (into zeros of ``shape``), with the batch as one more indexed axis."""
    operands = 2 if op.name == "index_put" else 1
    indices, index_mapped = values[operands:], mapped[operands:]
    dims, at, shape = params["dims"], params["at"], params.get("shape")
    grown = {} if shape is None else {"shape": (size, *shape)}
    block = max(map(_logical_ndim, indices, index_mapped))
    firsts = _all_mapped(size, mapped[:1], values[:1])
    if operands == 2:
        value = values[1]
        rest = len(firsts[0].shape) - 1 - len(dims) + block
        firsts.append(_align(value, mapped[1], rest))
    if not any(index_mapped):
        return apply(op, *firsts, *indices, dims=_shifted(dims), at=at + 1, **grown)
    indices = [_align(i, m, block) for i, m in zip(indices, index_mapped, strict=True)]
    # the indices' axes, which stand at ``at`` in what is written, go behind the batch axis
    last = firsts[-1]
    if operands == 2:
        x = firsts[0]
        lengths = [n for i, n in enumerate(x.shape[1:]) if i not in dims]
        shapes = manipulation.broadcast_shapes(*[i.shape for i in indices])[-block:] if block else ()
        last = manipulation.broadcast_to(last, (size, *lengths[:at], *shapes, *lengths[at:]))
    last = manipulation.moveaxis(last, tuple(range(at + 1, at + 1 + block)), tuple(range(1, block + 1)))
    everything = (*firsts[:-1], last, _positions(size, block, indices[0]), *indices)
    return apply(op, *everything, dims=(0, *_shifted(dims)), at=0, **grown)


def _write(op: Op, size: int, mapped: Sequence[bool], values: Sequence[Any], params: dict[str, Any]) -> Any:
    base, value = values
    out = own_for(value, clone(_all_mapped(size, mapped[:1], [base])[0]))
    at_batch = Batch(size)
    with at_batch:
        part = at_batch.wrap(out, True)
        for step, step_params in params["steps"]:
            part = apply(step, part, **step_params)
        at_batch.assign(part._data, Batched(value, mapped[1]))
    return out


def _pinv(op: Op, size: int, mapped: Sequence[bool], values: Sequence[Any], params: dict[str, Any]) -> Any:
    x, rtol = values
    (x,) = _all_mapped(size, mapped[:1], [x])
    return apply(op, x, _align(rtol, mapped[1], x.ndim - 3), **params)


def _copied(op: Op, size: int, mapped: Sequence[bool], values: Sequence[Any], params: dict[str, Any]) -> Any:
    return _all_mapped(size, mapped, values)[1]


def _matmul(op: Op, size: int, mapped: Sequence[bool], values: Sequence[Any], params: dict[str, Any]) -> Any:
    a, b = values
    na, nb = a.ndim - mapped[0], b.ndim - mapped[1]
    reshape = manipulation.reshape
    if not mapped[1] and nb == 2:  # one matrix for all: a single product of matrices
        flat = reshape(a, (math.prod(a.shape[:-1]), a.shape[-1])) if na > 1 else a
        out = apply(op, flat, b)
        return out if na == 1 else reshape(out, (*a.shape[:-1], b.shape[-1]))
    if mapped[0] and na == 1:
        a = reshape(a, (size, 1, a.shape[-1]))
    if mapped[1] and nb == 1:
        b = reshape(b, (size, b.shape[-1], 1))
    ndim = max(na, nb, 2)
    out = apply(op, _align(a, mapped[0], ndim), _align(b, mapped[1], ndim))
    if mapped[0] and na == 1:
        out = manipulation.squeeze(out, axis=-2) if b.ndim > 1 else manipulation.squeeze(out, axis=-1)
    if mapped[1] and nb == 1:
        out = manipulation.squeeze(out, axis=-1)
    return out


_BY_NAME: Final[dict[str, Rule]] = {"axis": _axis, "axes": _permute, "shape": _shape, "leading": _leading}
_RULES: Final[dict[str, Rule]] = {
    "broadcast_to": _broadcast, "getitem": _getitem, "index": _index, "index_put": _index_write,
    "index_add_zeros": _index_write, "write_view": _write, "matmul": _matmul, "linalg.pinv": _pinv, "copy": _copied,
}  # fmt: skip
