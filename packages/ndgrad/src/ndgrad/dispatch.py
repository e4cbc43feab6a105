"""The one path from a call to a kernel.

``nd.exp(x)`` -> look up (kernel, result spec) under ``x._spec`` -> call the kernel on the raw array -> wrap -> record a
node if a gradient flows. :func:`unary` and :func:`binary` are that path written out for elementwise ops, where every
tenth of a microsecond counts; :func:`apply` is the same path for any op, and :func:`inplace` for writes.

jvp, vmap and capture need no branch here: each is a backend of its own (:mod:`ndgrad.autograd.levels`), whose raw arrays
are tensors of the level below.
"""

from __future__ import annotations

import functools
import inspect
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

from ndgrad.dtypes import DType, promote, promote_scalar
from ndgrad.errors import AutogradError, DeviceError
from ndgrad.graph import LEAF, Node, Output, Version, View, edge_of, grad_mode, no_grad
from ndgrad.plugins import Spec, manager
from ndgrad.rows import Op, Table
from ndgrad.tensor import Tensor, wrap

__all__ = ["apply", "astype", "binary", "composite", "elementwise", "inplace", "public", "record_unary", "unary"]

F = TypeVar("F", bound=Callable[..., Any])
_new = object.__new__
_SCALARS = (bool, int, float, complex)


# -- elementwise: the hot path -----------------------------------------------------------------------------------------


def unary(op: Op) -> Callable[[Tensor], Tensor]:
    """The function of one tensor that runs an elementwise op."""
    table, differentiable, derived = op.table, op.differentiable, op.derived
    (save_x,), save_y, _ = op.saving(1)

    def call(x: Tensor, /) -> Tensor:
        try:
            kernel, spec = table[x._spec]
        except AttributeError:
            raise not_a_tensor(op, x) from None
        if derived and x._node is not None and grad_mode.enabled and x.requires_grad:
            return op.decompose(x)  # type: ignore[misc, no-any-return]
        data = kernel(x._data)
        if data.__class__ is not spec.array_type:
            data = spec.backend.normalize(data, spec)
        out: Tensor = _new(Tensor)
        out._data = data
        out._spec = spec
        out._node = None
        out._counter = None
        edge = x._node
        if edge is not None and differentiable and grad_mode.enabled:
            if edge.__class__ is not Node:
                edge = edge_of(x)
                if edge is None:
                    return out
            node = _new(Node)
            node.op = op
            node.edges = (edge,)
            node.params = _NO_PARAMS
            node.versions = None
            node.hooks = None
            node.shapes = None
            if save_x:
                node.saved = (x,)
                if x._counter is not None:
                    node.versions = (x._counter.n,)
            else:
                node.saved = _NOTHING
            if save_y:
                out._counter = counter = Version()
                node.result = data
                node.spec = spec
                node.result_version = (counter, 0)
            else:
                node.result = None
            if grad_mode.anomaly:
                _remember_line(node)
            out._node = node
        return out

    return call


def binary(op: Op, refuse: Callable[[Op, Any], Any] | None = None) -> Callable[[Any, Any], Tensor]:
    """The function of two operands, of which one may be a Python scalar, that runs an elementwise op.

    ``refuse`` answers for operands of other types: it raises, or returns ``NotImplemented`` for an operator.
    """
    table, differentiable = op.table, op.differentiable
    with_float, with_int = Table(_scalar_entry(op, float)), Table(_scalar_entry(op, int))
    op.scalar_tables = with_float, with_int  # type: ignore[attr-defined]
    refuse = refuse or _refuse

    def call(x1: Any, x2: Any, /) -> Tensor:
        try:
            cls = x2.__class__
            if cls is float:
                kernel, spec = with_float[x1._spec]
                data = kernel(x1._data, x2)
                node1, node2 = x1._node, None
            elif cls is int:
                kernel, spec = with_int[x1._spec]
                data = kernel(x1._data, x2)
                node1, node2 = x1._node, None
            elif x1.__class__ is float:
                kernel, spec = with_float[x2._spec]
                data = kernel(x1, x2._data)
                node1, node2 = None, x2._node
            elif x1.__class__ is int:
                kernel, spec = with_int[x2._spec]
                data = kernel(x1, x2._data)
                node1, node2 = None, x2._node
            else:
                spec = x1._spec
                if spec is not x2._spec:
                    return _promoted(op, call, refuse, x1, x2)
                kernel, spec = table[spec]
                data = kernel(x1._data, x2._data)
                node1, node2 = x1._node, x2._node
        except AttributeError:
            if hasattr(x1, "_spec") and hasattr(x2, "_spec"):
                raise
            return _promoted(op, call, refuse, x1, x2)
        except ValueError as error:
            raise _shape_error(op, x1, x2, error) from error
        if data.__class__ is not spec.array_type:
            if data is NotImplemented:
                return _promoted(op, call, refuse, x1, x2)
            data = spec.backend.normalize(data, spec)
        out: Tensor = _new(Tensor)
        out._data = data
        out._spec = spec
        out._node = None
        out._counter = None
        if (node1 is not None or node2 is not None) and grad_mode.enabled:
            if differentiable:
                _record_binary(op, x1, x2, node1, node2, out)
            elif op.derived and any(getattr(x, "requires_grad", False) for x in (x1, x2)):
                return op.decompose(x1, x2)  # type: ignore[misc, no-any-return]
        return out

    return call


def _shape_error(op: Op, x1: Any, x2: Any, error: ValueError) -> ValueError:
    if op.misfit is not None:
        return op.misfit(x1, x2, error)  # type: ignore[no-any-return]
    shape1, shape2 = getattr(x1, "shape", ()), getattr(x2, "shape", ())
    if all(m == n or 1 in (m, n) for m, n in zip(reversed(shape1), reversed(shape2), strict=False)):
        return error
    return ValueError(
        f"{op.name}: shapes {shape1} and {shape2} do not broadcast: aligned at the right, lengths must be equal or 1"
    )


def _record_binary(op: Op, x1: Any, x2: Any, edge1: Any, edge2: Any, out: Tensor) -> None:
    """:func:`_record` for two operands; ``edge1`` and ``edge2`` are their ``_node``."""
    if edge1.__class__ is not Node and edge1 is not None:
        edge1 = edge_of(x1)
    if edge2.__class__ is not Node and edge2 is not None:
        edge2 = edge_of(x2)
    if edge1 is None and edge2 is None:
        return
    (save1, save2), save_y, _ = op.saved_by[(edge1 is not None) + 2 * (edge2 is not None)]
    node = _new(Node)
    node.op = op
    node.edges = (edge1, edge2)
    node.saved = (x1 if save1 else None, x2 if save2 else None)
    node.versions = node.hooks = node.result = node.shapes = None
    node.params = _NO_PARAMS
    if x2.__class__ in _SCALARS:
        if x1._counter is not None:
            node.versions = (x1._counter.n, 0)
    elif x1.__class__ in _SCALARS:
        if x2._counter is not None:
            node.versions = (0, x2._counter.n)
    else:
        shape1, shape2 = x1._data.shape, x2._data.shape
        if shape1 != shape2:
            node.shapes = (shape1, shape2)
        if x1._counter is not None or x2._counter is not None:
            node.versions = (x1._version, x2._version)
    if save_y:
        _save_result(node, out)
    if grad_mode.anomaly:
        _remember_line(node)
    out._node = node


_NO_PARAMS: dict[str, Any] = {}
_NOTHING: tuple[None] = (None,)


def _remember_line(node: Node) -> None:
    """Keep the program's stack at the forward call, for the errors of detect_anomaly."""
    node.stack = "".join(line for line in traceback.format_stack() if __file__ not in line)


def _scalar_entry(op: Op, scalar_type: type) -> Callable[[Spec], Any]:
    """How :func:`binary` finds the kernel for a tensor and a Python scalar."""

    def find(spec: Spec) -> Any:
        dtype = promote_scalar(spec.dtype, scalar_type)
        if dtype is spec.dtype and spec.weak_scalars and op.compute_dtype(dtype) is dtype and op.decompose is None:
            return op.table[spec]
        return lambda *raws: NotImplemented, spec  # not the short way: a cast, or the scalar as an array

    return find


def _promoted(op: Op, call: Callable[..., Tensor], refuse: Callable[[Op, Any], Any], x1: Any, x2: Any) -> Any:
    """Bring two operands to one spec, and call again."""
    tensors = [x for x in (x1, x2) if isinstance(x, Tensor)]
    if not tensors:
        return refuse(op, x1)
    operands = [scalar_of(x) for x in (x1, x2)]
    for x in operands:
        if not isinstance(x, Tensor) and x.__class__ not in _SCALARS:
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
    data = kernel(*[x._data if x is tensor else x for x in (x1, x2)])
    if data.__class__ is not out_spec.array_type:
        data = out_spec.backend.normalize(data, out_spec)
    out = wrap(data, out_spec)
    if tensor._node is not None and grad_mode.enabled:
        if op.differentiable:
            _record_binary(op, x1, x2, getattr(x1, "_node", None), getattr(x2, "_node", None), out)
        elif op.derived and tensor.requires_grad:
            return op.decompose(x1, x2)  # type: ignore[misc]
    return out


def scalar_tensor(scalar: Any, spec: Spec) -> Tensor:
    """A 0-d tensor of ``spec`` holding a Python scalar."""
    return wrap(spec.backend.asarray(scalar, spec.dtype, spec.device), spec)


def scalar_of(x: Any) -> Any:
    """NumPy's scalars act as Python's: weakly typed."""
    if x.__class__ in _SCALARS or isinstance(x, Tensor) or hasattr(x, "__len__") or not hasattr(x, "dtype"):
        return x
    return x.item() if getattr(x, "shape", None) == () and hasattr(x, "item") else x


def several(op: Op) -> Callable[..., Tensor]:
    """The function of three operands or more, tensors or Python scalars, that runs an elementwise op."""

    def call(*operands: Any) -> Tensor:
        operands = tuple([scalar_of(x) for x in operands])
        tensors = [x for x in operands if isinstance(x, Tensor)]
        for x in operands:
            if not tensors or not (isinstance(x, Tensor) or x.__class__ in _SCALARS):
                raise not_a_tensor(op, x)
        dtype = functools.reduce(promote, [x.dtype for x in tensors])
        for x in operands:
            dtype = dtype if isinstance(x, Tensor) else promote_scalar(dtype, type(x))
        dtype, device = op.compute_dtype(dtype), tensors[0].device
        spec = manager.backend(device.type).spec(dtype, device)
        return apply(op, *[astype(x, dtype) if isinstance(x, Tensor) else scalar_tensor(x, spec) for x in operands])  # type: ignore[no-any-return]

    return call


def _refuse(op: Op, x: Any) -> Any:
    raise not_a_tensor(op, x)


def decline(op: Op, x: Any) -> Any:
    """What an operator answers for a type it does not know."""
    return NotImplemented


def not_a_tensor(op: Op, x: Any) -> TypeError:
    kind = f"{type(x).__module__}.{type(x).__qualname__}".removeprefix("builtins.")
    hint = "write nd.asarray(...) around it" if x is not None else "is a return statement missing?"
    return TypeError(f"{op.name} takes ndgrad tensors (and at most one Python scalar), got {kind}; {hint}")


# -- any op ------------------------------------------------------------------------------------------------------------


def apply(op: Op, *operands: Any, **params: Any) -> Any:
    """Run an op on tensors: its result as a tensor, or a tuple of tensors for an op with several results.

    An operand may be None where the op allows it. The operands' dtypes are the caller's affair.
    """
    if len(operands) == 1:
        return _apply_to_one(op, operands[0], params)
    spec = operands[op.main]._spec
    for x in operands:
        if x is not None and x._spec is not spec and (
            x._spec.backend is not spec.backend or x._spec.device is not spec.device
        ):
            operands = meet(op, operands)
            spec = operands[op.main]._spec
            break
    edges: Any = None
    if grad_mode.enabled and (op.differentiable or op.derived):
        for x in operands:
            if x is not None and x._node is not None:
                edges = tuple([None if x is None else edge_of(x) for x in operands])
                if not any(e is not None for e in edges):
                    edges = None
                elif op.derived:
                    return op.decompose(*operands, **params)  # type: ignore[misc]
                break
    kernel, out_spec = op.table[spec]
    data = kernel(*[None if x is None else x._data for x in operands], **params)
    if op.multiple:
        outs = tuple([wrap(_normal(d, s), s) for d, s in zip(data, out_spec, strict=False)])
        if edges is not None:
            _record_multiple(op, operands, edges, params, outs)
        return outs
    out = wrap(data if data.__class__ is out_spec.array_type else _normal(data, out_spec), out_spec)
    if edges is not None:
        _record(op, operands, edges, params, out, None)
    return out


def _apply_to_one(op: Op, x: Tensor, params: dict[str, Any]) -> Any:
    edge = x._node
    if edge is not None:
        if grad_mode.enabled and (op.differentiable or op.derived):
            if edge.__class__ is not Node:
                edge = edge_of(x)
            if edge is not None and op.derived:
                return op.decompose(x, **params)  # type: ignore[misc]
        else:
            edge = None
    kernel, spec = op.table[x._spec]
    data = kernel(x._data, **params)
    if op.multiple:
        outs = tuple([wrap(_normal(d, s), s) for d, s in zip(data, spec, strict=False)])
        if edge is not None:
            _record_multiple(op, (x,), (edge,), params, outs)
        return outs
    if data.__class__ is not spec.array_type:
        data = spec.backend.normalize(data, spec)
    out: Tensor = _new(Tensor)
    out._data = data
    out._spec = spec
    out._node = None
    out._counter = None
    if edge is not None:
        _record(op, (x,), (edge,), params, out, None)
    if op.view:
        _track_view(op, x, out, params)
    return out


def _normal(data: Any, spec: Spec) -> Any:
    return data if data.__class__ is spec.array_type else spec.backend.normalize(data, spec)


def _record(
    op: Op, operands: Sequence[Any], edges: tuple[Any, ...], params: dict[str, Any], out: Tensor, counter: Version | None
) -> Node:
    """Leave a node for ``out``; ``counter`` is given when the result was written into existing memory."""
    save, save_y, save_shapes = _saving(op, edges)
    node = _new(Node)
    node.op = op
    node.edges = edges
    node.hooks = None
    node.params = params
    node.result = None
    node.saved = tuple([x if s else None for x, s in zip(operands, save, strict=True)])
    node.versions = None
    for x in node.saved:
        if getattr(x, "_counter", None) is not None:
            node.versions = tuple([getattr(x, "_version", 0) for x in node.saved])
            break
    node.shapes = None
    if save_shapes or (op.elementwise and len(operands) > 1):
        node.shapes = tuple([getattr(x, "shape", None) for x in operands])
    if save_y:
        _save_result(node, out, counter)
    if grad_mode.anomaly:
        _remember_line(node)
    out._node = node
    return node


def _saving(op: Op, edges: tuple[Any, ...]) -> tuple[tuple[bool, ...], bool, bool]:
    """:meth:`Op.saving` for operands with these edges."""
    if len(edges) == 1:
        return op.saved_by[1]
    wanted = 0
    for i, edge in enumerate(edges):
        if edge is not None:
            wanted |= 1 << i
    save, save_y, save_shapes = op.saved_by[wanted & len(op.saved_by) - 1]
    if op.variadic:
        save = save[:-1] + save[-1:] * (len(edges) - len(save) + 1)
    return save, save_y, save_shapes


def _save_result(node: Node, out: Tensor, counter: Version | None = None) -> None:
    if counter is None:
        counter = out._counter = Version()
    node.result = out._data
    node.spec = out._spec
    node.result_version = (counter, counter.n)


def _record_multiple(
    op: Op, operands: Sequence[Any], edges: tuple[Any, ...], params: dict[str, Any], outs: tuple[Tensor, ...]
) -> None:
    node = _record(op, operands, edges, params, wrap(None, outs[0]._spec), Version())
    if op.saving((1 << len(edges)) - 1)[1]:
        node.result = tuple(out._data for out in outs)
        counter = Version()
        node.result_version = (counter, 0)
        for out in outs:
            out._counter = counter
    node.spec = tuple(out._spec for out in outs)
    for i, out in enumerate(outs):
        if out._spec.dtype.is_inexact:
            out._node = Output(node, i)


def _track_view(op: Op, x: Tensor, out: Tensor, params: dict[str, Any]) -> None:
    """Tie a view to the tensor whose memory it shares."""
    counter = x._counter
    if counter is None:
        counter = x._counter = Version()
    out._counter = counter
    if grad_mode.inference:
        return
    node = x._node
    if node.__class__ is View:
        base, steps = node.base, (*node.steps, (op, params))
    else:
        base, steps = x, ((op, params),)
    out._node = View(base, steps, out._node, node is not None and not grad_mode.enabled and x.requires_grad)


def meet(op: Op, operands: Sequence[Any]) -> tuple[Any, ...]:
    """Bring operands of different levels or devices together.

    Raises:
        DeviceError: two devices; only a 0-d CPU tensor moves by itself.
    """
    tensors = [x for x in operands if x is not None]
    if len({x.device for x in tensors}) > 1:
        operands = _on_one_device(op, operands, tensors)
    top = max((x._spec.backend for x in tensors), key=lambda backend: backend.level)
    return tuple([x if x is None else top.lift(x) for x in operands]) if top.level else tuple(operands)  # type: ignore[attr-defined]


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
            _record(op, (x,), (edge,), params, out, None)


# -- in place ----------------------------------------------------------------------------------------------------------


def inplace(op: Op, x: Tensor, *others: Any, **params: Any) -> Tensor:
    """Write the result of ``op`` on ``x`` and ``others`` into the memory of ``x``, and its history into the graph.

    Raises:
        AutogradError: ``x`` is a leaf that requires grad, or a view whose history cannot follow.
        TypeError: the result's dtype does not fit into that of ``x``.
        ValueError: the result's shape is not that of ``x``.
    """
    admit(op, x, others)
    spec = x._spec
    if op.elementwise:
        others = tuple([_fit(op, x, scalar_of(o)) for o in others])
    elif any(o is not None and o._spec.backend is not spec.backend for o in others):
        others = meet(op, (x, *others))[1:]
    recorded = False
    if grad_mode.enabled and op.differentiable:
        recorded = x.requires_grad or any(o.__class__ not in _SCALARS and o is not None and o.requires_grad for o in others)
        if recorded:
            _check_writable(x)
    elif grad_mode.enabled and x._node is LEAF and not op.differentiable:
        _check_writable(x)
    counter = x._counter
    if counter is None:
        counter = x._counter = Version()
    if recorded:  # before the write, so that what is saved carries the version it had
        old, shadow = _before(x), wrap(x._data, spec)
        edges = tuple([None if o.__class__ in _SCALARS or o is None else edge_of(o) for o in (old, *others)])
        operands = [
            _copy(o) if saved and getattr(o, "_counter", None) is counter else o
            for o, saved in zip((old, *others), _saving(op, edges)[0], strict=True)
        ]
        node = _record(op, operands, edges, params, shadow, counter)
    raws = [o if o is None or o.__class__ in _SCALARS else o._data for o in others]
    write = spec.backend.find_kernel(op.name + "_", None, spec.dtype)[0]
    if write is not None and all(r is None or r.__class__ in _SCALARS or r.__class__ is spec.array_type for r in raws):
        write(x._data, *raws, **params)
    else:
        kernel, out_spec = op.table[spec]
        if out_spec is not spec:
            raise TypeError(f"{op.name} in place: its result of dtype {out_spec.dtype.name} does not fit {spec.dtype.name}")
        spec.backend.assign(x._data, kernel(x._data, *raws, **params))
    counter.n += 1
    if recorded:
        if node.result is not None:
            node.result_version = (counter, counter.n)
        _rebase(x, node)
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
            f"{op.name} in place: a tensor from outside a transform, with other views or a history, cannot take the values "
            "inside it; write the out-of-place form"
        )
    backend.adopt(base)  # type: ignore[attr-defined]
    if base is not x:
        again = view.replay(base)
        x._data, x._spec, x._counter, x._node = again._data, again._spec, again._counter, again._node


def _fit(op: Op, x: Tensor, other: Any) -> Any:
    """``other`` in the dtype of ``x``, on its device and of a shape that broadcasts to it."""
    scalar = other.__class__ in _SCALARS
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


def _check_writable(x: Tensor) -> None:
    node = x._node
    base = node.base if node.__class__ is View else x
    if base._node is LEAF:
        what = "a leaf that requires grad" if base is x else "a view of a leaf that requires grad"
        raise AutogradError(
            f"{what} cannot be changed in place: its gradient would be that of the old value; "
            "write x = x + 1, or change it under nd.no_grad()"
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


def _rebase(x: Tensor, node: Node) -> None:
    """Give ``x``, and the tensor it is a view of, the history of what was just written."""
    view = x._node
    if view.__class__ is not View:
        x._node = node
        return
    from ndgrad.ops.indexing import record_write

    record_write(view, node, x)


# -- declaring elementwise ops -----------------------------------------------------------------------------------------


def elementwise(**row: Any) -> Callable[[F], F]:
    """Declare an elementwise op: the decorated function's name, signature and docstring are the op's; its body is empty.

    The rules are written for one element; broadcasting is undone around them. ``name=`` sets another op name.
    """
    return _declare(row, with_body=False)


def composite(**row: Any) -> Callable[[F], F]:
    """Declare an elementwise op whose body says, in other ops, what it computes: it runs where no kernel does."""
    return _declare(row, with_body=True)


def public(op: Op) -> Callable[[F], F]:
    """Mark the function through which users reach an op: tests and the op reference are generated from the pair."""

    def mark(function: F) -> F:
        op.public = function
        function.op = op  # type: ignore[attr-defined]
        return function

    return mark


def _declare(row: dict[str, Any], with_body: bool) -> Callable[[F], F]:
    def declare(function: F) -> F:
        operands = tuple(inspect.signature(function).parameters)
        name = row.pop("name", function.__name__.rstrip("_"))
        op = Op(name, operands, elementwise=True, decompose=function if with_body else None, **row)
        call = {1: unary, 2: binary}.get(len(operands), several)(op)
        op.public = functools.update_wrapper(call, function)
        call.op = op  # type: ignore[attr-defined]
        return cast(F, call)

    return declare
