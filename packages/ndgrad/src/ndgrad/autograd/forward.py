"""Forward mode: a level whose arrays carry a tangent, and how an op's tangent follows from its row.

In order: the row's ``jvp``; a linear op is its own; an elementwise op's ``vjp`` rule multiplies by the derivative,
whichever way it is used; and for the rest the pullback, which is linear in its cotangent, is transposed once more: the
transpose of the transpose of J is J. That last way holds for complex numbers too, whose inner product is Re(conj(a) b).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ndgrad.autograd import engine
from ndgrad.autograd.levels import Level, lift_to, own_below, run, write
from ndgrad.devices import Device
from ndgrad.dispatch import apply, astype
from ndgrad.dtypes import DType
from ndgrad.graph import LEAF, edge_of, enable_grad, grad_mode
from ndgrad.ops import creation, manipulation, reductions
from ndgrad.ops.transfer import clone
from ndgrad.rows import Op
from ndgrad.tensor import Tensor, wrap

__all__ = ["Dual", "Forward", "pushforward"]


class Dual:
    """A primal and its tangent, None for zero.

    A view of a tangent that is zero derives its own from ``origin`` once that has been written to.
    """

    __slots__ = ("_tangent", "dtype", "origin", "primal", "shape")

    def __init__(
        self, primal: Tensor, tangent: Tensor | None, origin: tuple[Dual, Op, dict[str, Any]] | None = None
    ) -> None:
        self.primal = primal
        self._tangent = tangent
        self.origin = origin if tangent is None else None
        self.shape = primal.shape
        self.dtype = primal.dtype

    @property
    def tangent(self) -> Tensor | None:
        """The tangent, None if it is zero."""
        if self._tangent is None and self.origin is not None:
            base, op, params = self.origin
            if base.tangent is not None:
                self._tangent, self.origin = apply(op, base.tangent, **params), None
        return self._tangent

    def materialized(self, level: Level) -> Tensor:
        """The tangent as memory that can be written to, shared with all views."""
        if self.tangent is None:
            if self.origin is not None:
                self.origin[0].materialized(level)
                return self.materialized(level)
            zero = clone(self.primal.detach())
            write(zero, creation.zeros((), dtype=self.dtype, device=self.primal.device))
            self._tangent = own_below(level, zero)
        return self._tangent  # type: ignore[return-value]

    def inner(self) -> tuple[Tensor, ...]:
        """See :class:`Raw`."""
        tangent = self.tangent
        return (self.primal,) if tangent is None else (self.primal, tangent)


class Forward(Level):
    """A running jvp."""

    array_type = Dual

    def constant(self, x: Tensor) -> Dual:
        """Without a tangent."""
        return Dual(x, None)

    def owned(self, x: Tensor) -> Dual:
        """Without a tangent, which a write brings."""
        return Dual(x, None)

    def op_kernel(self, op: Op) -> Callable[..., Any] | None:
        """See :class:`Level`."""
        if op.derived:
            return None
        differentiable = op.differentiable or op.jvp is not None

        def kernel(*raws: Any, **params: Any) -> Any:
            primals = [r.primal if r.__class__ is Dual else r for r in raws]
            result = run(op, primals, params)
            tangents = [r.tangent if r.__class__ is Dual else None for r in raws]
            if not differentiable or all(t is None for t in tangents):
                if op.multiple:
                    return tuple(Dual(y, None) for y in result)
                return Dual(result, None, (raws[0], op, params) if op.view else None)
            moved = pushforward(op, primals, tangents, result, params)
            if op.multiple:
                return tuple([Dual(y, _own(t, tangents)) for y, t in zip(result, moved, strict=True)])
            return Dual(result, moved if op.view else _own(moved, tangents))

        return kernel if op.name != "getitem" else lambda raw, key: kernel(raw, key=key)

    def wrap(self, primal: Tensor, tangent: Tensor | None) -> Tensor:
        """A tensor of this level."""
        return wrap(Dual(primal, tangent), self.spec(primal.dtype, primal.device))

    def cast(self, raw: Dual, dtype: DType) -> Dual:
        """See :class:`Backend`."""
        tangent = raw.tangent if dtype.is_inexact else None
        return Dual(astype(raw.primal, dtype), None if tangent is None else astype(tangent, dtype))

    def assign(self, target: Dual, value: Dual) -> None:
        """See :class:`Backend`."""
        if target.tangent is not None or value.tangent is not None:
            moved = value.tangent
            write(target.materialized(self), creation.zeros_like(value.primal) if moved is None else moved)
        write(target.primal, value.primal)

    def detached(self, raw: Dual) -> Dual:
        """See :class:`Backend`."""
        return Dual(raw.primal.detach(), None)

    def to_host(self, raw: Dual) -> Any:
        """See :class:`Backend`; the primal's values."""
        return raw.primal._spec.backend.to_host(raw.primal._data)

    def to_device(self, raw: Dual, device: Device) -> Dual:
        """See :class:`Backend`."""
        tangent = raw.tangent
        return Dual(raw.primal.to(device), None if tangent is None else tangent.to(device))


def _own(moved: Tensor | None, tangents: Sequence[Any]) -> Tensor | None:
    """A result's tangent in memory of its own: a rule may hand on an operand's, and the result may be written to."""
    if moved is None or (moved._counter is None and all(moved is not t for t in tangents)):
        return moved
    return clone(moved)


# -- the tangent of an op ----------------------------------------------------------------------------------------------


def pushforward(op: Op, primals: Sequence[Any], tangents: Sequence[Any], result: Any, params: dict[str, Any]) -> Any:
    """The tangent of an op's result (a tuple for several), None where it is zero."""
    if op.jvp is not None:
        return op.jvp(primals, tangents, result, **params)
    if op.linear and tangents[0] is not None and all(t is None for t in tangents[1:]):
        return run(op, (tangents[0], *primals[1:]), params)
    if op.linear and op.variadic and len(op.operands) == 1:  # concat, stack: linear in all operands together
        return run(
            op, [creation.zeros_like(x) if t is None else t for x, t in zip(primals, tangents, strict=True)], params
        )
    if op.elementwise and op.joint is None and not op.multiple and _is_real(result, primals):
        return _elementwise(op, primals, tangents, result, params)
    return _transpose_of_pullback(op, primals, tangents, result, params)


def _is_real(result: Tensor, primals: Sequence[Any]) -> bool:
    return result.dtype.is_floating and all(
        x.dtype is result.dtype for x in primals if isinstance(x, Tensor) and x.dtype.is_inexact
    )


def _elementwise(op: Op, primals: Sequence[Any], tangents: Sequence[Any], y: Tensor, params: dict[str, Any]) -> Any:
    total = None
    for rule, t in zip(op.rules, tangents, strict=False):
        if rule is None or t is None:
            continue
        t = t if t.shape == y.shape else manipulation.broadcast_to(t, y.shape)
        part = _call(rule, t, y, primals, params, ())
        if part is not None:
            total = part if total is None else total + part
    return total if total is None or total.shape == y.shape else manipulation.broadcast_to(total, y.shape)


def _transpose_of_pullback(
    op: Op, primals: Sequence[Any], tangents: Sequence[Any], result: Any, params: dict[str, Any]
) -> Any:
    results = result if op.multiple else (result,)
    top = max(
        (x._spec.backend for x in (*primals, *tangents) if isinstance(x, Tensor)), key=lambda backend: backend.level
    )
    cotangents = [_zero_leaf(y, top) if y.dtype.is_inexact else None for y in results]
    create_graph = grad_mode.enabled
    with enable_grad():
        needs = tuple(t is not None for t in tangents)
        pulled = _pull_back(op, tuple(cotangents) if op.multiple else cotangents[0], result, primals, params, needs)
        roots = [
            (edge, lift_to(top, t))
            for w, t in zip(pulled, tangents, strict=False)
            if w is not None and t is not None and (edge := edge_of(w)) is not None
        ]
    found = engine.run(roots, [u for u in cotangents if u is not None], retain_graph=False, create_graph=create_graph)
    moved = tuple(None if u is None else found.get(u) for u in cotangents)
    return moved if op.multiple else moved[0]


def _zero_leaf(y: Tensor, top: Any) -> Tensor:
    """A zero like ``y``, at the highest level that takes part, that asks for its gradient."""
    zero = lift_to(top, creation.zeros_like(y))
    zero._node = LEAF
    return zero


def _pull_back(
    op: Op, g: Any, y: Any, operands: Sequence[Any], params: dict[str, Any], needs: Sequence[bool]
) -> list[Any]:
    """The cotangents of the operands, as the op's pullback computes them from a node."""
    if op.joint is not None:
        found = list(_call(op.joint, g, y, operands, params, needs))
    else:
        found = [
            _call(rule, g, y, operands, params, needs) if rule is not None and need else None
            for rule, need in zip(op.rules, needs, strict=False)
        ]
    if op.elementwise:
        found = [w if w is None else reductions.sum_to_shape(w, x.shape) for w, x in zip(found, operands, strict=False)]
    return found


def _call(rule: Any, g: Any, y: Any, operands: Sequence[Any], params: dict[str, Any], needs: Sequence[bool]) -> Any:
    """Call a derivative rule with what its parameter names ask for."""

    def value_of(name: str) -> Any:
        if name == "g":
            return g
        if name == "y":
            return y
        if name == "needs":
            return needs
        if name == "shapes":
            return tuple(getattr(x, "shape", None) for x in operands)
        owner = name.removesuffix("_shape")
        if owner not in rule.operands:
            return params[name]
        i = rule.operands.index(owner)
        if owner != name:
            return getattr(operands[i], "shape", ())
        return tuple(operands[i:]) if rule.variadic and i == len(rule.operands) - 1 else operands[i]

    return rule.function(*[value_of(name) for name in rule.names])
