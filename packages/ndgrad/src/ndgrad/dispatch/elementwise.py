"""The path of elementwise ops, written out for speed: no step is taken that the common case does not need."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ndgrad.dispatch.general import apply, astype, meet
from ndgrad.dispatch.operands import kernel_error, not_a_tensor, scalar_of, scalar_tensor
from ndgrad.dispatch.recording import (
    NO_PARAMS,
    NOTHING_OF_TWO,
    record_one,
    record_with_number,
    remember_line,
)
from ndgrad.dtypes import SCALARS, promote, promote_scalar
from ndgrad.graph import LEAF, Node, edge_of, grad_mode, threads
from ndgrad.plugins import ITSELF, BySize, Spec, manager
from ndgrad.rows import Op, Table
from ndgrad.tensor import Tensor, blank, wrap

__all__ = ["binary", "decline", "several", "unary"]


def unary(op: Op) -> Callable[[Tensor], Tensor]:
    """The function of one tensor that runs an elementwise op."""
    table, differentiable, derived = _sized(op), op.differentiable, op.derived

    def call(x: Tensor, /) -> Tensor:
        try:
            kernel, spec, limit, large = table[x._spec]
        except AttributeError:
            raise not_a_tensor(op, x) from None
        if derived and x._node is not None and grad_mode.enabled and x.requires_grad:
            return op.decompose(x)  # type: ignore[misc]
        data = x._data
        data = kernel(data) if limit is None or data.nbytes < limit else large(data)
        if data.__class__ is not spec.array_type:
            data = spec.backend.normalize(data, spec)
        out = blank()
        out._data = data
        out._spec = spec
        out._node = None
        out._counter = None
        edge = x._node
        if edge is not None and differentiable and (not threads.suspended or grad_mode.enabled):
            if edge.__class__ is not Node:
                edge = x if edge is LEAF else edge_of(x)
                if edge is None:
                    return out
            record_one(op, x, edge, NO_PARAMS, out)
        return out

    return call


def binary(op: Op, refuse: Callable[[Op, Any], Any] | None = None) -> Callable[[Any, Any], Tensor]:
    """The function of two operands, of which one may be a Python scalar, that runs an elementwise op.

    ``refuse`` answers for operands of other types: it raises, or returns ``NotImplemented`` for an operator.
    """
    table, differentiable, pair_saves = _sized(op), op.differentiable, op.pair_saves
    if op.with_number is None:  # an operator shares the tables of the function
        op.with_number = {kind: op.new_table(_number_entry(op, kind)) for kind in (float, int)}
    with_number = op.with_number
    refuse = refuse or _refuse

    def call(x1: Any, x2: Any, /) -> Tensor:
        try:
            if x2.__class__ is not Tensor and x2.__class__ in with_number:
                kernel, spec, limit, large, numbers = with_number[x2.__class__][x1._spec]
                data = x1._data
                data = (kernel if limit is None or data.nbytes < limit else large)(data, numbers[x2])
                tracked = x1._node is not None
            elif x1.__class__ is not Tensor and x1.__class__ in with_number:
                kernel, spec, limit, large, numbers = with_number[x1.__class__][x2._spec]
                data = x2._data
                data = (kernel if limit is None or data.nbytes < limit else large)(numbers[x1], data)
                tracked = x2._node is not None
            else:
                spec = x1._spec
                if spec is not x2._spec:
                    return _promoted(op, call, refuse, x1, x2)
                kernel, spec, limit, large = table[spec]
                data1, data2 = x1._data, x2._data
                if limit is None or (data1.nbytes < limit and data2.nbytes < limit):
                    data = kernel(data1, data2)
                else:
                    data = large(data1, data2)
                numbers, tracked = None, x1._node is not None or x2._node is not None
        except AttributeError:
            if hasattr(x1, "_spec") and hasattr(x2, "_spec"):
                raise
            return _promoted(op, call, refuse, x1, x2)
        except (ValueError, TypeError, OverflowError) as error:
            raise _binary_error(op, x1, x2, error) from None
        if data.__class__ is not spec.array_type:
            if data is NotImplemented:
                return _promoted(op, call, refuse, x1, x2)
            data = spec.backend.normalize(data, spec)
        out = blank()
        out._data = data
        out._spec = spec
        out._node = None
        out._counter = None
        if tracked and (not threads.suspended or grad_mode.enabled):
            if not differentiable:
                if op.derived and any(getattr(x, "requires_grad", False) for x in (x1, x2)):
                    return op.decompose(x1, x2)  # type: ignore[misc]
            elif numbers is None:  # what recording.record does, written out for two tensors
                edge1, edge2 = x1._node, x2._node
                if edge1.__class__ is not Node and edge1 is not None:
                    edge1 = x1 if edge1 is LEAF else edge_of(x1)
                if edge2.__class__ is not Node and edge2 is not None:
                    edge2 = x2 if edge2 is LEAF else edge_of(x2)
                if edge1 is not None:
                    saves = pair_saves[1 if edge2 is None else 3]
                elif edge2 is not None:
                    saves = pair_saves[2]
                else:
                    return out
                node = Node()
                node.op = op
                node.edges = (edge1, edge2)
                node.params = NO_PARAMS
                node.hooks = node.versions = node.result = node.result_version = node.shapes = None
                shape1, shape2 = data1.shape, data2.shape
                if shape1 != shape2:
                    node.shapes = (shape1, shape2)
                if saves is None:
                    node.saved = NOTHING_OF_TWO
                else:
                    save1, save2, save_y = saves
                    node.saved = (x1 if save1 else None, x2 if save2 else None)
                    if x1._counter is not None or x2._counter is not None:
                        node.versions = (x1._version, x2._version)
                    if save_y:
                        node.result = data
                        node.spec = spec
                if threads.watched and grad_mode.anomaly:
                    remember_line(node)
                out._node = node
            else:
                record_with_number(op, x1, x2, out, x2.__class__ in with_number)
        return out

    return call


def several(op: Op) -> Callable[..., Tensor]:
    """The function of three operands or more, tensors or Python scalars, that runs an elementwise op."""

    def call(*operands: Any) -> Tensor:
        operands = tuple([scalar_of(x) for x in operands])
        tensors = [x for x in operands if isinstance(x, Tensor)]
        for x in operands:
            if not tensors or not (isinstance(x, Tensor) or x.__class__ in SCALARS):
                raise not_a_tensor(op, x)
        dtype = functools.reduce(promote, [x.dtype for x in tensors])
        for x in operands:
            dtype = dtype if isinstance(x, Tensor) else promote_scalar(dtype, type(x))
        dtype, device = op.compute_dtype(dtype), tensors[0].device
        spec = manager.backend(device.type).spec(dtype, device)
        return apply(op, *[astype(x, dtype) if isinstance(x, Tensor) else scalar_tensor(x, spec) for x in operands])

    return call


def _refuse(op: Op, x: Any) -> Any:
    raise not_a_tensor(op, x)


def decline(op: Op, x: Any) -> Any:
    """What an operator answers for a type it does not know; NumPy's own answer to its arrays would not help."""
    if hasattr(x, "__array_interface__"):
        raise not_a_tensor(op, x)
    return NotImplemented


def _binary_error(op: Op, x1: Any, x2: Any, error: Exception) -> Exception:
    if not isinstance(error, ValueError):
        return kernel_error(op, (x1, x2), error)
    if op.misfit is not None:
        return op.misfit(x1, x2, error)
    shape1, shape2 = getattr(x1, "shape", ()), getattr(x2, "shape", ())
    if all(m == n or 1 in (m, n) for m, n in zip(reversed(shape1), reversed(shape2), strict=False)):
        return kernel_error(op, (x1, x2), error)
    return ValueError(
        f"{op.name}: shapes {shape1} and {shape2} do not broadcast: aligned at the right, lengths must be equal or 1"
    )


# -- operands that differ ----------------------------------------------------------------------------------------------


def _sized(op: Op) -> Table:
    """The table of (kernel, spec of the result, limit, kernel from that size on); see :class:`BySize`."""

    def find(spec: Spec) -> Any:
        kernel, result = op.table[spec]
        if kernel.__class__ is BySize:
            return kernel.small, result, kernel.limit, kernel.large
        return kernel, result, None, None

    if op.sized is None:
        op.sized = op.new_table(find)
    return op.sized


def _number_entry(op: Op, kind: type) -> Callable[[Spec], Any]:
    """How :func:`binary` finds the kernel for a tensor and a Python number, and what stands for the number there."""

    def find(spec: Spec) -> Any:
        dtype = promote_scalar(spec.dtype, kind)
        if dtype is spec.dtype and spec.weak_scalars and op.compute_dtype(dtype) is dtype and op.decompose is None:
            return *_sized(op)[spec], spec.backend.numbers(op.name, spec)
        # Not the short way: a cast is needed, or the number as an array.
        return lambda *raws: NotImplemented, spec, None, None, ITSELF

    return find


def _promoted(op: Op, call: Callable[..., Tensor], refuse: Callable[[Op, Any], Any], x1: Any, x2: Any) -> Any:
    """Bring two operands to one spec, and call again."""
    tensors = [x for x in (x1, x2) if isinstance(x, Tensor)]
    if not tensors:
        return refuse(op, x1)
    operands = [scalar_of(x) for x in (x1, x2)]
    for x in operands:
        if not isinstance(x, Tensor) and x.__class__ not in SCALARS:
            return refuse(op, x)
    if len(tensors) == 2:
        dtype = promote(x1.dtype, x2.dtype)
        x1, x2 = meet(op, (astype(x1, dtype), astype(x2, dtype)))
        if x1._spec is not x2._spec:
            raise AssertionError(f"{op.name}: {x1._spec} and {x2._spec} did not meet")
        return call(x1, x2)
    x1, x2 = operands
    tensor = tensors[0]
    tensor_first = tensor is x1
    scalar = x2 if tensor_first else x1
    dtype = op.compute_dtype(promote_scalar(tensor.dtype, type(scalar)))
    if dtype.kind == "bool":
        scalar = bool(scalar)
    elif scalar.__class__ is bool:
        scalar = int(scalar)
    tensor = astype(tensor, dtype)
    spec = tensor._spec
    if not spec.weak_scalars or op.decompose is not None:  # a decomposition may put the scalar where only tensors go
        filled = scalar_tensor(scalar, spec)
        return call(tensor, filled) if tensor_first else call(filled, tensor)
    kernel, out_spec = op.table[spec]
    x1, x2 = (tensor, scalar) if tensor_first else (scalar, tensor)
    try:
        data = kernel(*[x._data if x is tensor else x for x in (x1, x2)])
    except (ValueError, TypeError, OverflowError) as error:
        raise _binary_error(op, x1, x2, error) from None
    if data.__class__ is not out_spec.array_type:
        data = out_spec.backend.normalize(data, out_spec)
    out = wrap(data, out_spec)
    if tensor._node is not None and grad_mode.enabled:
        if op.differentiable:
            record_with_number(op, x1, x2, out, tensor_first)
        elif op.derived and tensor.requires_grad:
            return op.decompose(x1, x2)  # type: ignore[misc]
    return out
