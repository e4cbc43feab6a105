"""Functions with a derivative of their own: PyTorch's ``torch.autograd.Function``."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from ndgrad.autograd.batching import Batch
from ndgrad.autograd.forward import Forward
from ndgrad.autograd.gradients import grad
from ndgrad.autograd.levels import Level, lift_to
from ndgrad.autograd.transforms import source
from ndgrad.dispatch import astype
from ndgrad.dispatch.writing import check_writable, rebase
from ndgrad.dtypes import DType
from ndgrad.errors import AutogradError
from ndgrad.graph import (
    LEAF,
    Node,
    Output,
    Version,
    View,
    edge_of,
    enable_grad,
    grad_mode,
    new_node,
    new_view,
    no_grad,
)  # fmt: skip
from ndgrad.ops.creation import zeros, zeros_like
from ndgrad.ops.manipulation import stack
from ndgrad.tensor import Tensor, wrap

__all__ = ["Context", "Function", "once_differentiable"]


class Context:
    """What ``forward`` leaves for ``backward``: saved tensors, and any attribute.

    Attributes:
        needs_input_grad: for each argument of ``forward`` whether its gradient is wanted.
    """

    needs_input_grad: tuple[bool, ...]

    def __init__(self) -> None:
        self._to_save: tuple[Tensor | None, ...] = ()
        self._saved: tuple[Tensor | None, ...] | None = None
        self._non_differentiable: tuple[Tensor, ...] = ()
        self._dirty: tuple[Tensor, ...] = ()
        self._materialize = True

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep tensors for ``backward``: arguments, results, or others; a later change in place is noticed."""
        for x in tensors:
            if x is not None and not isinstance(x, Tensor):
                raise TypeError(
                    f"save_for_backward takes tensors and None, got {type(x).__name__}; write ctx.name = value"
                )
        self._to_save = tensors

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What :meth:`save_for_backward` kept; to be read in ``backward``."""
        if self._saved is None:
            raise AutogradError(
                "ctx.saved_tensors can be read while backward runs; they are released after a backward pass"
            )
        return self._saved

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Say that these results have no gradient."""
        self._non_differentiable = tensors

    def mark_dirty(self, *tensors: Tensor) -> None:
        """Say that ``forward`` changed these arguments in place; they must be among its results."""
        self._dirty = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """With False, ``backward`` gets None in place of zeros for a result that nothing depends on."""
        self._materialize = value


class _FunctionOp:
    """What the engine needs to know of a :class:`Function`: the part of a row that its nodes refer to."""

    operands = ("a saved tensor",)
    joint = True  # one rule for all operands

    def __init__(self, cls: type[Function]) -> None:
        self.name = cls.__name__
        self.cls = cls

    def pullback(self, node: Node, g: Any) -> Sequence[Any]:
        ctx: Context = node.params["ctx"]
        specs, shapes = node.spec, node.params["shapes"]
        cotangents = list(g) if isinstance(specs, tuple) else [g]
        if ctx._materialize:
            cotangents = [
                _zeros(shape, spec) if part is None and spec is not None else part
                for part, shape, spec in zip(
                    cotangents, shapes, specs if isinstance(specs, tuple) else (specs,), strict=True
                )
            ]
        ctx._saved = _saved_tensors(node)
        try:
            found = self.cls.backward(ctx, *cotangents)
        finally:
            ctx._saved = None
        return _checked(self.name, node, found)


def _zeros(shape: tuple[int, ...], spec: Any) -> Tensor:
    return zeros(shape, dtype=spec.dtype, device=spec.device)


def _saved_tensors(node: Node) -> tuple[Tensor | None, ...]:
    """The saved tensors in the order of save_for_backward; a result is tied to its node again."""
    found: list[Tensor | None] = list(node.saved or ())
    for place, index in node.params["saved_results"]:
        raw, spec = node.result[index]
        tensor = wrap(raw, spec)
        if grad_mode.enabled and spec.dtype.is_inexact:
            tensor._node = Output(node, index) if isinstance(node.spec, tuple) else node
        found[place] = tensor
    return tuple(found)


def _checked(name: str, node: Node, found: Any) -> list[Any]:
    """The gradients that ``backward`` returned, one for each argument.

    Raises:
        AutogradError: a wrong number of them, or one of another shape than its argument.
    """
    given = list(found) if isinstance(found, (tuple, list)) else [found]
    inputs = node.params["inputs"]
    if len(given) > len(inputs) and all(g is None for g in given[len(inputs) :]):
        del given[len(inputs) :]
    if len(given) != len(inputs):
        raise AutogradError(
            f"{name}.backward returned {len(given)} gradients; forward has {len(inputs)} arguments: "
            "return one, or None, for each"
        )
    return [
        None if edge is None or g is None else _checked_one(name, i, g, *inputs[i])
        for i, (edge, g) in enumerate(zip(node.edges, given, strict=True))
    ]


def _checked_one(name: str, i: int, g: Any, shape: tuple[int, ...], dtype: DType) -> Tensor:
    if not isinstance(g, Tensor):
        raise TypeError(f"{name}.backward returns tensors and None, got {type(g).__name__} for argument {i}")
    if g.shape != shape:
        raise AutogradError(
            f"{name}.backward returned a gradient of shape {g.shape} for argument {i}, whose shape is {shape}"
        )
    return astype(g, dtype)


class Function:
    """A function with a derivative of its own: subclass it, write ``forward`` and ``backward``, call ``apply``.

    ``forward(ctx, *args)`` computes without being recorded; ``backward(ctx, *grads)`` returns a gradient, or None, for
    each argument of ``forward``. Arguments that are not tensors are passed on. A ``backward`` made of ndgrad functions
    can be differentiated again. Inside jvp the tangent follows from ``backward``; inside vmap ``forward`` runs once per
    element.

    Source: PyTorch, ``torch.autograd.Function``.

    >>> import ndgrad as nd
    >>> class Clipped(nd.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x, bound):
    ...         ctx.bound = bound
    ...         return x * 1
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         return nd.clip(g, -ctx.bound, ctx.bound), None
    >>> x = nd.asarray([1.0, 2.0], requires_grad=True)
    >>> nd.sum(5 * Clipped.apply(x, 1.0)).backward()
    >>> x.grad
    tensor([1., 1.])
    """

    _op: _FunctionOp
    setup_context: Callable[..., None] | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._op = _FunctionOp(cls)

    def __init__(self) -> None:
        raise TypeError(f"{type(self).__name__} is used through its class: write {type(self).__name__}.apply(...)")

    @staticmethod
    def forward(ctx: Any, *args: Any, **kwargs: Any) -> Any:
        """Compute the result; or, where the class has ``setup_context(ctx, inputs, output)``, ``forward(*args)``."""
        raise NotImplementedError("a Function needs a static method forward(ctx, *args)")

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        """From the gradients of the results, those of the arguments."""
        raise NotImplementedError("this Function has no static method backward(ctx, *grads), so it has no gradient")

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Run ``forward`` on the arguments, and record ``backward``.

        Raises:
            AutogradError: ``backward``, later, returns gradients of a wrong number or shape.
        """
        tensors = [x for x in args if isinstance(x, Tensor)]
        top = max((x._spec.backend for x in tensors), key=lambda backend: backend.level, default=None)
        if isinstance(top, Level):
            lifted = tuple([top.lift(x) if isinstance(x, Tensor) else x for x in args])
            results = (
                _dual_results(cls, lifted, top) if isinstance(top, Forward) else _batched_results(cls, lifted, top)
            )
            if not (grad_mode.enabled and any(x.requires_grad for x in tensors)):
                return results
            return _apply(cls, lifted, results)
        return _apply(cls, args, None)


def _apply(cls: type[Function], args: tuple[Any, ...], known: Any) -> Any:
    """Run ``forward`` and record ``backward``; ``known`` are the results, if they were computed in another way."""
    ctx = Context()
    edges = tuple([edge_of(x) if isinstance(x, Tensor) else None for x in args])
    recorded = grad_mode.enabled and any(e is not None for e in edges)
    ctx.needs_input_grad = tuple([recorded and e is not None for e in edges])
    with no_grad():
        if cls.setup_context is None:
            result = cls.forward(ctx, *args)
        else:
            result = cls.forward(*args)
            cls.setup_context(ctx, _with_defaults(cls.forward, args), result)
    multiple = isinstance(result, (tuple, list))
    results = result if multiple else (result,)
    if known is None:
        outs = [_own(y, args, ctx) for y in results]
    else:
        outs = list(known) if multiple else [known]
    if recorded and any(isinstance(y, Tensor) for y in outs):
        _record(cls, ctx, args, edges, results, outs, multiple)
    ctx._to_save = ctx._non_differentiable = ctx._dirty = ()
    return tuple(outs) if multiple else outs[0]


def _with_defaults(forward: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments that ``forward`` ran with, those left to their defaults among them."""
    bound = inspect.signature(forward).bind(*args)
    bound.apply_defaults()
    return bound.args


def _own(y: Any, args: Sequence[Any], ctx: Context) -> Any:
    """A result as a tensor of its own: an argument that is returned as it is gets another object over its memory."""
    if isinstance(y, Tensor) and any(y is x for x in args) and not any(y is d for d in ctx._dirty):
        return y._alias()
    return y


def _record(
    cls: type[Function], ctx: Context, args: Sequence[Any], edges: tuple[Any, ...], results: Sequence[Any],
    outs: Sequence[Any], multiple: bool,
) -> None:  # fmt: skip
    for x in ctx._dirty:
        if x._node is LEAF:
            raise AutogradError(f"{cls.__name__}.forward changed a leaf that requires grad in place; pass a clone()")
        if not any(x is y for y in results):
            raise AutogradError(f"{cls.__name__}.forward marked an argument as dirty that is not among its results")
        check_writable(x)
    node = new_node(cls._op, edges, {})  # type: ignore[arg-type]
    dead = [y for y in results if any(y is z for z in ctx._non_differentiable)]
    tensors = [y for y in outs if isinstance(y, Tensor)]
    saved: list[Tensor | None] = list(ctx._to_save)
    saved_results = []
    for place, kept in enumerate(saved):
        for index, y in enumerate(results):
            if kept is not None and kept is y and not any(kept is a for a in args):
                saved[place] = None
                saved_results.append((place, index))
    node.saved = tuple(saved)
    node.versions = tuple([0 if x is None else x._version for x in saved])
    if saved_results:
        counter = Version()
        for y in tensors:
            if y._counter is None:
                y._counter = counter
        first = outs[saved_results[0][1]]
        node.result = [(y._data, y._spec) if isinstance(y, Tensor) else None for y in outs]
        node.result_version = (first._counter, first._counter.n)
    node.params = {
        "ctx": ctx,
        "inputs": [(x.shape, x.dtype) if isinstance(x, Tensor) else None for x in args],
        "saved_results": saved_results,
        "shapes": [getattr(y, "shape", ()) for y in outs],
    }
    node.spec = tuple([getattr(y, "_spec", None) for y in outs]) if multiple else outs[0]._spec
    for index, (y, original) in enumerate(zip(outs, results, strict=True)):
        if isinstance(y, Tensor) and y.dtype.is_inexact and not any(original is d for d in dead):
            history = Output(node, index) if multiple else node
            if any(original is d for d in ctx._dirty):
                rebase(y, history)
            else:
                y._node = _history_of_view(cls, y, args, history) or history


def _history_of_view(cls: type[Function], y: Tensor, args: Sequence[Any], node: Any) -> View | None:
    """If ``y`` shares the memory of an argument: a history that refuses writes, which ``backward`` cannot follow."""
    if y._counter is not None:
        for x in args:
            if isinstance(x, Tensor) and x._counter is y._counter:
                base = x._node.base if x._node.__class__ is View else x
                return new_view(base, (), node, cls.__name__)
    return None


# -- inside jvp and vmap -----------------------------------------------------------------------------------------------


def _dual_results(cls: type[Function], args: tuple[Any, ...], level: Forward) -> Any:
    """The results with their tangents: the transpose of what ``backward`` computes."""
    primals = [x._data.primal if isinstance(x, Tensor) else x for x in args]
    tangents = [x._data.tangent if isinstance(x, Tensor) else None for x in args]
    results = cls.apply(*primals)
    ys = results if isinstance(results, tuple) else (results,)
    moving = [i for i, t in enumerate(tangents) if t is not None]
    moved: list[Any] = [None] * len(ys)
    if moving:
        create_graph = grad_mode.enabled
        top = max((x._spec.backend for x in (*primals, *tangents) if isinstance(x, Tensor)), key=lambda b: b.level)
        with enable_grad():
            sources = {i: source(lift_to(top, primals[i])) for i in moving}
            again = cls.apply(*[sources.get(i, x) for i, x in enumerate(primals)])
            outs = again if isinstance(again, tuple) else (again,)
            live = [i for i, y in enumerate(outs) if isinstance(y, Tensor) and y.requires_grad]
            cotangents = [source(lift_to(top, zeros_like(outs[i]))) for i in live]
            ends, starts = [outs[i] for i in live], [sources[i] for i in moving]
            pulled = grad(ends, starts, cotangents, create_graph=True, allow_unused=True)
            pairs = [(w, tangents[i]) for w, i in zip(pulled, moving, strict=True) if w is not None and w.requires_grad]
        if pairs:
            ws, ts = zip(*pairs, strict=True)
            found = grad(ws, cotangents, [lift_to(top, t) for t in ts], create_graph=create_graph, allow_unused=True)
            for i, t in zip(live, found, strict=True):
                moved[i] = t
    duals = tuple([level.wrap(y, t) if isinstance(y, Tensor) else y for y, t in zip(ys, moved, strict=True)])
    return duals if isinstance(results, tuple) else duals[0]


def _batched_results(cls: type[Function], args: tuple[Any, ...], level: Level) -> Any:
    """The results of one call per element, stacked."""
    assert isinstance(level, Batch)
    values = [(x._data.value, x._data.mapped) if isinstance(x, Tensor) else (x, False) for x in args]
    if not any(mapped for _, mapped in values):
        results = cls.apply(*[v for v, _ in values])
        single = not isinstance(results, tuple)
        wrapped = tuple(
            [level.wrap(y, False) if isinstance(y, Tensor) else y for y in ((results,) if single else results)]
        )
        return wrapped[0] if single else wrapped
    if level.size == 0:
        raise AutogradError(f"{cls.__name__} runs once per element inside vmap, which has none here")
    calls = [cls.apply(*[v[i] if mapped else v for v, mapped in values]) for i in range(level.size)]
    if not isinstance(calls[0], tuple):
        return level.wrap(stack(calls, axis=0), True)
    return tuple([level.wrap(stack(column, axis=0), True) for column in zip(*calls, strict=True)])


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Say that a ``backward`` is not made of ndgrad functions, so that differentiating it again raises.

    Source: PyTorch, ``torch.autograd.function.once_differentiable``.
    """

    @functools.wraps(backward)
    def once(ctx: Any, *grads: Any) -> Any:
        recorded = grad_mode.enabled
        with no_grad():
            found = backward(ctx, *grads)
        live = any(isinstance(g, Tensor) and g.requires_grad for g in (*grads, *(ctx._saved or ())))
        if not recorded or not live:
            return found
        return tuple([_refusing(g) for g in found]) if isinstance(found, tuple) else _refusing(found)

    return once


class _Once(Function):
    """The identity, whose derivative is refused."""

    @staticmethod
    def forward(ctx: Any, g: Tensor) -> Tensor:
        return g

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        raise AutogradError("this gradient was marked once_differentiable, so it cannot be differentiated again")


def _refusing(g: Any) -> Any:
    return _Once.apply(source(g.detach())) if isinstance(g, Tensor) else g
