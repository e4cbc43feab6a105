"""The path of any op, and what brings its operands together: casts, transforms' levels, devices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ndgrad.dispatch.operands import kernel_error, not_a_tensor
from ndgrad.dispatch.recording import record, record_multiple, record_one, track_view
from ndgrad.dtypes import DType
from ndgrad.errors import DeviceError
from ndgrad.graph import Node, View, counter_of, edge_of, grad_mode, threads
from ndgrad.plugins import Spec
from ndgrad.rows import Op
from ndgrad.tensor import Tensor, blank, wrap

__all__ = ["ASTYPE", "apply", "apply_to_one", "astype", "meet", "record_unary"]


def apply(op: Op, *operands: Any, **params: Any) -> Any:
    """Run an op on tensors: its result as a tensor, or a tuple of tensors for an op with several results.

    An operand may be None where the op allows it. The operands' dtypes are the caller's affair.
    """
    if len(operands) == 1:
        return apply_to_one(op, operands[0], params)
    tracked = apart = False
    try:
        spec = operands[op.main]._spec
        for x in operands:
            if x is not None:
                if x._node is not None:
                    tracked = True
                if x._spec is not spec and (
                    x._spec.backend is not spec.backend or x._spec.device is not spec.device
                ):
                    apart = True
    except AttributeError:
        raise _stranger(op, operands) from None
    if apart:
        operands = meet(op, operands)
        spec = operands[op.main]._spec
        tracked = any(x is not None and x._node is not None for x in operands)
    edges: Any = None
    if tracked and (op.differentiable or op.derived) and grad_mode.enabled:
        edges = tuple([None if x is None else edge_of(x) for x in operands])
        if not any(e is not None for e in edges):
            edges = None
        elif op.derived:
            return op.decompose(*operands, **params)  # type: ignore[misc]
    kernel, out_spec = op.table[spec]
    try:
        data = kernel(*[None if x is None else x._data for x in operands], **params)
    except (IndexError, OverflowError, TypeError, ValueError) as error:
        raise kernel_error(op, operands, error) from None
    if op.multiple:
        outs = tuple([wrap(_normal(d, s), s) for d, s in zip(data, out_spec, strict=False)])
        if edges is not None:
            record_multiple(op, operands, edges, params, outs)
        return outs
    out = wrap(data if data.__class__ is out_spec.array_type else _normal(data, out_spec), out_spec)
    if edges is not None:
        record(op, operands, edges, params, out)
    return out


def apply_to_one(op: Op, x: Tensor, params: dict[str, Any]) -> Any:
    """:func:`apply` for one operand, whose parameters are not copied."""
    try:
        edge = x._node
    except AttributeError:
        raise not_a_tensor(op, x) from None
    if edge is not None:
        if (not threads.suspended or grad_mode.enabled) and (op.differentiable or op.derived):
            if edge.__class__ is not Node:
                edge = edge_of(x)
            if edge is not None and op.derived:
                return op.decompose(x, **params)  # type: ignore[misc]
        else:
            edge = None
    kernel, spec = op.table[x._spec]
    try:
        data = kernel(x._data, **params)
    except (IndexError, OverflowError, TypeError, ValueError) as error:
        raise kernel_error(op, (x,), error) from None
    if op.multiple:
        outs = tuple([wrap(_normal(d, s), s) for d, s in zip(data, spec, strict=False)])
        if edge is not None:
            record_multiple(op, (x,), (edge,), params, outs)
        return outs
    if data.__class__ is not spec.array_type:
        data = spec.backend.normalize(data, spec)
    out = blank()
    out._data = data
    out._spec = spec
    out._node = None
    out._counter = None
    if edge is not None:
        record_one(op, x, edge, params, out)
    if op.view:
        if x._node is None and not threads.suspended:  # what track_view does for a tensor without history
            out._counter = counter = x._counter or counter_of(x)
            view = View()
            view.base = x
            view.op = op
            view.params = params
            view.path = view.node = None
            view.seen = counter.n
            view.untracked = False
            out._node = view
        else:
            track_view(op, x, out, params)
    return out


def _stranger(op: Op, operands: Sequence[Any]) -> Exception:
    """The error for the first operand that is no tensor."""
    wrong = next((x for x in operands if x is not None and not isinstance(x, Tensor)), None)
    return not_a_tensor(op, wrong)


def _normal(data: Any, spec: Spec) -> Any:
    return data if data.__class__ is spec.array_type else spec.backend.normalize(data, spec)


def meet(op: Op, operands: Sequence[Any]) -> tuple[Any, ...]:
    """Bring operands of different levels or devices together.

    Raises:
        DeviceError: two devices; only a 0-d CPU tensor moves by itself.
    """
    tensors = [x for x in operands if x is not None]
    if len({x.device for x in tensors}) > 1:
        operands = _on_one_device(op, operands, tensors)
    top = max((x._spec.backend for x in tensors), key=lambda backend: backend.level)
    return tuple([x if x is None else top.lift(x) for x in operands]) if top.level else tuple(operands)


def _on_one_device(op: Op, operands: Sequence[Any], tensors: Sequence[Tensor]) -> Sequence[Any]:
    target = next((x.device for x in tensors if x.ndim or x.device.type != "cpu"), tensors[0].device)
    movable = all(x.device is target or (x.ndim == 0 and x.device.type == "cpu") for x in tensors)
    if not movable:
        names = " and ".join(sorted({str(x.device) for x in tensors}))
        raise DeviceError(
            f"{op.name} got tensors on {names}; move one of them, for example x.to({str(target)!r}): "
            "ndgrad never copies between devices on its own"
        )
    return [x if x is None or x.device is target else x.to(target) for x in operands]


# -- casts -------------------------------------------------------------------------------------------------------------


ASTYPE = Op("astype", ("x",), vjp=lambda g, x_dtype: astype(g, x_dtype), namespace=None, linear=True)


def astype(x: Tensor, dtype: DType) -> Tensor:
    """``x`` in another dtype, differentiably; ``x`` itself if it has that dtype."""
    spec = x._spec
    if spec.dtype is dtype:
        return x
    backend = spec.backend
    out = wrap(backend.cast(x._data, dtype), backend.spec(dtype, spec.device))
    if dtype.is_inexact:
        record_unary(ASTYPE, x, out, {"dtype": dtype, "x_dtype": spec.dtype})
    return out


def record_unary(op: Op, x: Tensor, out: Tensor, params: dict[str, Any]) -> None:
    """Leave a node for ``out``, made from ``x`` by other means than a kernel, if a gradient flows."""
    if x._node is not None and grad_mode.enabled:
        edge = edge_of(x)
        if edge is not None:
            record_one(op, x, edge, params, out)
