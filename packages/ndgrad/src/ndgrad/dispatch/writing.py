"""The path of writes: ``x += y``, ``x[key] = y``, and what they do to the history of a tensor and its views."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

from ndgrad.dispatch.general import astype, meet
from ndgrad.dispatch.operands import kernel_error, not_a_tensor, scalar_of, scalar_tensor
from ndgrad.dispatch.recording import record, saving
from ndgrad.dtypes import SCALARS, promote, promote_scalar
from ndgrad.errors import AutogradError
from ndgrad.graph import LEAF, Node, Output, View, counter_of, edge_of, grad_mode, no_grad
from ndgrad.rows import Op
from ndgrad.tensor import Tensor, wrap

__all__ = ["REPEATED", "admit", "check_writable", "inplace", "overwriting", "rebase"]


# Views in which one element may stand in several places, and whether it does, by the parameters of the view.
REPEATED: Final[dict[str, Callable[[dict[str, Any]], bool]]] = {"broadcast_to": lambda params: True}


def overwriting(op: Op, declines: bool = False) -> Callable[..., Any]:
    """The function that runs :func:`inplace` for an elementwise op, and what most writes need by a shorter way.

    If it ``declines``, an operand of a foreign class may answer by its reflected operator.
    """
    writers = op.writers
    if len(op.operands) != 2:
        return lambda x, *others: inplace(op, x, *others)

    def write(x: Tensor, other: Any) -> Any:
        node = x._node
        if node is None or (not grad_mode.enabled and node.__class__ is not View):
            spec = x._spec
            cls = other.__class__
            if cls is float or cls is int:
                plain = spec.weak_scalars and (spec.dtype.is_inexact or (cls is int and spec.dtype.is_integral))
                raw = other
            elif isinstance(other, Tensor):
                plain = other._spec is spec and (
                    other._node is None or not grad_mode.enabled or edge_of(other) is None
                )
                raw = other._data
            else:
                plain = False
            if plain:
                try:
                    writers[spec](x._data, raw)
                except (OverflowError, TypeError, ValueError):
                    pass  # the long way says what is wrong
                else:
                    counter = x._counter or counter_of(x)
                    counter.n += 1
                    return x
        if declines and not isinstance(other, (Tensor, *SCALARS)) and not hasattr(other, "dtype"):
            return NotImplemented
        return inplace(op, x, other)

    return write


def inplace(op: Op, x: Tensor, *others: Any, **params: Any) -> Tensor:
    """Write the result of ``op`` on ``x`` and ``others`` into the memory of ``x``, and its history into the graph.

    Raises:
        AutogradError: ``x`` is a leaf that requires grad, or a view whose history cannot follow.
        TypeError: the result's dtype does not fit into that of ``x``.
        ValueError: the result's shape is not that of ``x``.
    """
    admit(op, x, others)
    spec = x._spec
    if x._node.__class__ is View:
        _refuse_repeated(op, x)
    if op.elementwise:
        others = tuple([_fit(op, x, o) for o in others])
    elif any(o is not None and o._spec.backend is not spec.backend for o in others):
        others = meet(op, (x, *others))[1:]
    recorded = False
    nodes = [getattr(o, "_node", None) for o in (x, *others)]
    if nodes.count(None) < len(nodes) and grad_mode.enabled and (op.differentiable or x._node is LEAF):
        recorded = any(getattr(o, "requires_grad", False) for o in (x, *others))
        if recorded or x._node.__class__ is View:
            check_writable(x)
    counter = counter_of(x)
    if recorded:  # before the write, so that what is saved carries the version it had
        old, shadow = _before(x), wrap(x._data, spec)
        edges = tuple([None if o.__class__ in SCALARS or o is None else edge_of(o) for o in (old, *others)])
        operands = [
            _copy(o) if saved and getattr(o, "_counter", None) is counter else o
            for o, saved in zip((old, *others), saving(op, edges)[0], strict=True)
        ]
        node = record(op, operands, edges, params, shadow)
    try:
        op.writers[spec](x._data, *[getattr(o, "_data", o) for o in others], **params)
    except (OverflowError, TypeError, ValueError) as error:
        if "read-only" in str(error):
            raise ValueError(
                f"{op.name} in place: this tensor lies in read-only memory; write into x.clone()"
            ) from None
        raise kernel_error(op, (x, *others), error) from None
    counter.n += 1
    if recorded:
        if node.result is not None:
            node.result_version = (counter, counter.n)
        rebase(x, node)
    return x


def admit(op: Op, x: Tensor, others: Sequence[Any]) -> None:
    """Before a write into ``x``: if the values come from inside a transform, let ``x`` join it.

    Raises:
        AutogradError: other tensors share the memory of ``x``, or it has a history: these could not follow.
    """
    backend = x._spec.backend
    for other in others:
        if isinstance(other, Tensor) and other._spec.backend.level > backend.level:
            backend = other._spec.backend
    if backend is x._spec.backend:
        return
    view = x._node
    base = view.base if view.__class__ is View else x
    tracked = base._node is not None or (base is not x and view.node is not None)
    # Who shares the memory holds its counter: the base, the view, and the argument of this call.
    if tracked or (base._counter is not None and sys.getrefcount(base._counter) > 2 + (base is not x)):
        raise AutogradError(
            f"{op.name} in place: a tensor from outside a transform, with other views or a history, cannot take the "
            "values inside it; write the out-of-place form"
        )
    backend.adopt(base)  # type: ignore[attr-defined]
    if base is not x:
        again = view.replay(base)
        x._data, x._spec, x._counter, x._node = again._data, again._spec, again._counter, again._node


def _fit(op: Op, x: Tensor, other: Any) -> Any:
    """``other`` in the dtype of ``x``, on its device and of a shape that broadcasts to it."""
    cls = other.__class__
    if cls is float or cls is int:
        if x._spec.weak_scalars and x._spec.dtype.is_inexact:
            return other
    elif cls is Tensor and other._spec is x._spec and other._data.shape == x._data.shape:
        return other
    other = scalar_of(other)
    scalar = other.__class__ in SCALARS
    if not scalar and not isinstance(other, Tensor):
        raise not_a_tensor(op, other)
    dtype = promote_scalar(x.dtype, type(other)) if scalar else promote(x.dtype, other.dtype)
    if dtype.kind != x.dtype.kind and not (dtype.is_integral and x.dtype.is_integral):
        raise TypeError(
            f"{op.name} in place: the result has dtype {dtype.name}, which does not fit a tensor of {x.dtype.name}; "
            "write the out-of-place form"
        )
    if scalar:
        return other if x._spec.weak_scalars else scalar_tensor(other, x._spec)
    other = meet(op, (x, astype(other, x.dtype)))[1]
    shape = other.shape
    if len(shape) > x.ndim or any(m != n and m != 1 for m, n in zip(reversed(shape), reversed(x.shape), strict=False)):
        raise ValueError(f"{op.name} in place: shape {shape} does not broadcast to {x.shape}, the shape of the result")
    return other


def _refuse_repeated(op: Op, x: Tensor) -> None:
    """Refuse a view in which one element stands in several places."""
    if any(step.name in REPEATED and REPEATED[step.name](params) for step, params in x._node.steps):
        raise ValueError(
            f"{op.name} in place: several elements of this view of shape {x.shape} (a broadcast one, or windows that "
            "overlap) share memory; write into x.clone()"
        )


def check_writable(x: Tensor) -> None:
    """Refuse a write that the history of ``x``, or of the tensor it is a view of, could not follow.

    Raises:
        AutogradError: ``x`` is a leaf that requires grad or a view of one, or a view that is not tracked.
    """
    node = x._node
    base = node.base if node.__class__ is View else x
    if base._node is LEAF:
        what = "a leaf that requires grad" if base is x else "a view of a leaf that requires grad"
        raise AutogradError(
            f"{what} cannot be changed in place: its gradient would be that of the old value; "
            "write x = x + 1, or change it under nd.no_grad()"
        )
    if node.__class__ is View and isinstance(node.untracked, str):
        raise AutogradError(
            f"a view that {node.untracked}.forward returned of its argument cannot be changed in place: the argument's "
            f"history could not follow; let {node.untracked}.forward return a clone()"
        )
    if node.__class__ is View and node.untracked:
        raise AutogradError(
            "this view was made under no_grad from a tensor that requires grad, so a change in place could not be "
            "recorded; make the view with gradients enabled, or write the out-of-place form"
        )


def _before(x: Tensor) -> Tensor:
    """``x`` as it was, for the node that records what it becomes."""
    old = x._alias()
    node = x._node
    old._node = node.resolve() if node.__class__ is View else node
    return old


def _copy(x: Tensor) -> Tensor:
    """``x`` in memory of its own with the same history: for a rule that needs what is about to be overwritten."""
    from ndgrad.ops.transfer import clone

    with no_grad():
        copy = clone(x)
    copy._node = x._node.resolve() if x._node.__class__ is View else x._node
    return copy


def _follow(old: Node | Output, node: Any, x: Tensor) -> None:
    """Let ``x.retain_grad()`` keep the gradient of what was written; other hooks stay with what was there before."""
    kept = [hook for hook in old.hooks or () if getattr(hook, "tensor", lambda: None)() is x]
    if kept:
        old.hooks = [hook for hook in old.hooks or () if hook not in kept]
        node.hooks = [*(node.hooks or ()), *kept]


def rebase(x: Tensor, node: Any) -> None:
    """Give ``x``, and the tensor it is a view of, the history of what was just written."""
    view = x._node
    if view.__class__ is not View:
        if isinstance(view, (Node, Output)) and view.hooks:
            _follow(view, node, x)
        x._node = node
        return
    from ndgrad.ops.indexing import record_write

    record_write(view, node, x)
