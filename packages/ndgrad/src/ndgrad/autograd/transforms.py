"""Functions of functions: grad, vjp and jvp; with ``vmap`` and the Jacobians they nest in any order.

Arguments and results may be nested containers of tensors. ``grad`` and its kin are reverse mode on a graph of their
own, whose sources are fresh aliases of the arguments; ``jvp`` and ``vmap`` run the function at a level of their own
(:mod:`ndgrad.autograd.levels`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from ndgrad.autograd import engine
from ndgrad.autograd.forward import Forward
from ndgrad.autograd.levels import Level, has_history, innermost, lift_to
from ndgrad.autograd.trees import flatten, map_leaves, unflatten
from ndgrad.dispatch import apply, astype
from ndgrad.errors import AutogradError
from ndgrad.graph import Node, Output, edge_of, enable_grad, grad_mode
from ndgrad.ops import conversion, creation
from ndgrad.rows import Op
from ndgrad.tensor import Tensor

__all__ = ["grad", "jvp", "linearize", "source", "value_and_grad", "vjp"]

Function = Callable[..., Any]
Argnums = int | tuple[int, ...]

# A tensor itself, with a node of its own: what a transform differentiates with respect to.
IDENTITY = Op("identity", view=True, linear=True, elementwise=True, namespace=None, kernel=lambda x: x, vjp=lambda g: g)


# -- reverse mode ------------------------------------------------------------------------------------------------------


class _Source(Tensor):
    """A leaf that a transform made; once its function has run, nobody asks anew for a derivative with respect to it."""

    __slots__ = ("running",)
    running: bool


class _Trace:
    """A function's run with respect to some of its arguments, recorded, and the pullback through it."""

    def __init__(self, name: str, fn: Function, args: Sequence[Any], argnums: Argnums, kwargs: dict[str, Any]) -> None:
        self.enabled = grad_mode.enabled
        self.argnums = normalized_argnums(name, argnums, len(args))
        self.tree = tuple(args[i] for i in self.argnums)
        self.given = [differentiable(name, leaf) for leaf in flatten(self.tree)]
        with enable_grad():
            self.inputs = [source(x) for x in self.given]
            self.edges = [edge_of(x) for x in self.inputs]
            self.versions = [x._version for x in self.inputs]
            changed = list(args)
            for i, value in zip(self.argnums, unflatten(self.tree, self.inputs), strict=True):
                changed[i] = value
            self.result = fn(*changed, **kwargs)
        self.own = {id(edge) for edge in self.edges}

    def finish(self) -> None:
        """From here on, what still depends on the inputs has no gradient to expect from them."""
        for x in self.inputs:
            if isinstance(x, _Source):
                x.running = False

    def pull(self, outputs: Sequence[Tensor], cotangents: Sequence[Any], retain_graph: bool) -> list[Tensor]:
        """The cotangents of the inputs, zeros where the outputs do not depend on one."""
        roots = [
            (edge, lift_to(innermost(), engine.initial_cotangent(y, g)))
            for y, g in zip(outputs, cotangents, strict=True)
            if (edge := edge_of(y)) is not None
        ]
        create_graph = (
            grad_mode.enabled
            and self.enabled
            and (any(has_history(g) for _, g in roots) or _has_other_history([edge for edge, _ in roots], self.own))
        )
        found = engine.run(roots, self.edges, retain_graph=retain_graph or create_graph, create_graph=create_graph)
        self._check_unwritten(found)
        return [
            self._release(found[e]) if e in found else creation.zeros_like(x)
            for e, x in zip(self.edges, self.given, strict=True)
        ]

    def _check_unwritten(self, found: dict[Any, Tensor]) -> None:
        for x, edge, version in zip(self.inputs, self.edges, self.versions, strict=True):
            if edge not in found and x._version != version:
                raise AutogradError(
                    "an argument was changed in place through another tensor while the function ran, so its gradient "
                    "is lost; write the out-of-place form"
                )

    def grads(self, leaves: Sequence[Any], argnums: Argnums) -> Any:
        """Leaves, one for each input, in the structure of the arguments."""
        trees = unflatten(self.tree, leaves)
        return trees[0] if isinstance(argnums, int) else trees

    def released(self, tree: Any) -> Any:
        """Results without the trace's own history; what depends on tensors from outside keeps its history."""
        return map_leaves(self._release, tree)

    def _release(self, x: Any) -> Any:
        if not isinstance(x, Tensor) or not has_history(x):
            return x
        if not self.enabled:
            return x.detach()
        edge = edge_of(x)
        return x._alias() if edge is not None and not _has_other_history([edge], self.own) else x


def normalized_argnums(name: str, argnums: Argnums, n: int) -> tuple[int, ...]:
    numbers = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    for i in numbers:
        if not -n <= i < n:
            raise ValueError(f"{name}: argnums={argnums!r}, but the function got {n} positional arguments")
    found = tuple(i % n for i in numbers)
    if len(set(found)) != len(found):
        raise ValueError(f"{name}: argnums={argnums!r} names an argument twice")
    return found


def differentiable(name: str, leaf: Any) -> Tensor:
    """A leaf of an argument as an inexact tensor at the level at which the function is called."""
    x = conversion.asarray(leaf) if leaf.__class__ in (float, complex) else leaf
    if not isinstance(x, Tensor):
        raise TypeError(
            f"{name} differentiates with respect to tensors, got {type(leaf).__name__}; leave it out of argnums"
        )
    if not x.dtype.is_inexact:
        raise TypeError(f"{name} differentiates with respect to floating or complex tensors, got {x.dtype.name}")
    return lift_to(innermost(), x)


def source(x: Tensor) -> Tensor:
    """``x`` with a node of its own, or as a leaf of its own: what to differentiate with respect to."""
    alias: Tensor = apply(IDENTITY, x)
    if alias.requires_grad:
        return alias
    leaf = alias._alias(_Source)
    leaf.running = True  # type: ignore[attr-defined]
    leaf.requires_grad = True
    return leaf


def _has_other_history(edges: Sequence[Any], own: set[int]) -> bool:
    """Whether a leaf is reached, neither one's own nor a finished transform's, or something saved has history below."""
    seen = set(map(id, edges))
    stack = list(edges)
    while stack:
        edge = stack.pop()
        if edge.__class__ is not Node and (id(edge) in own or (edge.__class__ is _Source and not edge.running)):
            continue
        if edge.__class__ is Output:
            below: Sequence[Any] = (edge.node,)
        elif edge.__class__ is Node:
            if _saves_history_below(edge):
                return True
            below = edge.edges
        else:
            return True
        for e in below:
            if e is not None and id(e) not in seen:
                seen.add(id(e))
                stack.append(e)
    return False


def _saves_history_below(node: Node) -> bool:
    for x in node.saved or ():
        if isinstance(x, Tensor) and x._spec.backend.level and any(map(has_history, x._data.inner())):
            return True
    if "ctx" in node.params:  # a Function may keep tensors where nobody can see them
        return True
    raws = () if node.result is None else node.result if isinstance(node.spec, tuple) else (node.result,)
    return any(has_history(t) for raw in raws if hasattr(raw, "inner") for t in raw.inner())


def _scalar_result(name: str, result: Any, has_aux: bool) -> tuple[Tensor, Any]:
    aux = None
    if has_aux:
        if not isinstance(result, tuple) or len(result) != 2:
            raise TypeError(
                f"{name} with has_aux=True takes a function that returns (output, aux), got {type(result).__name__}"
            )
        result, aux = result
    if not isinstance(result, Tensor):
        raise TypeError(f"{name} takes a function that returns a tensor, got {type(result).__name__}")
    if result.size != 1 or not result.dtype.is_floating:
        raise AutogradError(
            f"{name} takes a function whose result is a real scalar, got {result.dtype.name} of shape {result.shape}; "
            "reduce it, for example with sum(), or use nd.jacrev"
        )
    return result, aux


def value_and_grad(fn: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """The function that returns the value of ``fn`` and its gradient.

    Args:
        fn: returns a real scalar, or with ``has_aux`` a pair of it and anything else.
        argnums: which positional arguments to differentiate, containers of tensors; several for a tuple of gradients.
        has_aux: the value returned is then the pair ``(value, aux)``.

    Raises:
        AutogradError: the result is no real scalar.
        TypeError: an argument holds anything but inexact tensors and Python floats.

    Source: JAX, ``jax.value_and_grad``.

    >>> import ndgrad as nd
    >>> nd.value_and_grad(lambda p: nd.sum(p["w"] * p["w"]))({"w": nd.asarray([1.0, 2.0])})
    (tensor(5.), {'w': tensor([2., 4.])})
    """

    @wraps(fn)
    def call(*args: Any, **kwargs: Any) -> Any:
        trace = _Trace("grad", fn, args, argnums, kwargs)
        y, aux = _scalar_result("grad", trace.result, has_aux)
        found = trace.pull([y], [None], False) if y.requires_grad else [creation.zeros_like(x) for x in trace.given]
        trace.finish()
        value = trace.released((y, aux) if has_aux else y)
        return value, trace.grads(found, argnums)

    return call


def grad(fn: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """The function that returns the gradient of ``fn``, in the structure of its arguments.

    Args:
        fn: as for :func:`value_and_grad`.
        argnums: as for :func:`value_and_grad`.
        has_aux: ``fn`` returns ``(value, aux)``, and the result is ``(gradient, aux)``.

    Raises:
        AutogradError: the result is no real scalar.
        TypeError: an argument holds anything but inexact tensors and Python floats.

    Source: PyTorch, ``torch.func.grad``; JAX, ``jax.grad``.

    >>> import ndgrad as nd
    >>> nd.grad(nd.grad(lambda x: x * x * x))(2.0)
    tensor(12.)
    """
    both = value_and_grad(fn, argnums, has_aux)

    @wraps(fn)
    def call(*args: Any, **kwargs: Any) -> Any:
        value, found = both(*args, **kwargs)
        return (found, value[1]) if has_aux else found

    return call


def vjp(fn: Function, *primals: Any, has_aux: bool = False) -> Any:
    """The value of ``fn`` and the function that pulls a cotangent of it back to the arguments.

    Args:
        fn: a function of tensors.
        primals: its arguments, containers of inexact tensors.
        has_aux: ``fn`` returns ``(output, aux)``, and ``(output, vjp_fn, aux)`` is returned.

    Returns:
        ``(output, vjp_fn)``; ``vjp_fn`` takes cotangents in the structure of the output and returns a tuple, one for
        each primal. It may be called any number of times.

    Source: PyTorch, ``torch.func.vjp``.

    >>> import ndgrad as nd
    >>> y, pull = nd.vjp(lambda a, b: a * b, nd.asarray(2.0), nd.asarray(3.0))
    >>> pull(nd.asarray(1.0))
    (tensor(3.), tensor(2.))
    """
    trace = _Trace("vjp", fn, primals, tuple(range(len(primals))), {})
    trace.finish()
    result, aux = trace.result if has_aux else (trace.result, None)
    outputs = flatten(result)
    for y in outputs:
        if not isinstance(y, Tensor):
            raise TypeError(f"vjp takes a function that returns tensors, got {type(y).__name__}")

    def vjp_fn(*cotangents: Any) -> tuple[Any, ...]:
        tree = cotangents[0] if len(cotangents) == 1 else cotangents
        given = [tree] if len(outputs) == 1 and isinstance(tree, Tensor) else flatten(tree)
        if len(given) != len(outputs):
            raise ValueError(
                f"vjp: the function has {len(outputs)} results, got {len(given)} cotangents; pass one for each"
            )
        pairs = [(y, g) for y, g in zip(outputs, given, strict=True) if g is not None and y.requires_grad]
        if not pairs:
            return unflatten(trace.tree, [creation.zeros_like(x) for x in trace.given])
        for y, g in pairs:
            if not isinstance(g, Tensor) or g.shape != y.shape:
                raise ValueError(
                    f"vjp: a cotangent has the shape of its result, {y.shape}; got {getattr(g, 'shape', g)!r}"
                )
        return trace.grads(trace.pull([y for y, _ in pairs], [g for _, g in pairs], True), ())

    value = trace.released(result)
    return (value, vjp_fn, trace.released(aux)) if has_aux else (value, vjp_fn)


# -- forward mode ------------------------------------------------------------------------------------------------------


def jvp(fn: Function, primals: Any, tangents: Any, *, has_aux: bool = False) -> Any:
    """The value of ``fn`` at ``primals`` and its derivative in the direction ``tangents``.

    Args:
        fn: a function of tensors.
        primals: a tuple of its arguments, containers of tensors.
        tangents: the same structure, each of its primal's shape; None for zero.
        has_aux: ``fn`` returns ``(output, aux)``, and ``(output, tangent, aux)`` is returned.

    Raises:
        ValueError: structure or shapes differ.

    Source: PyTorch, ``torch.func.jvp``.

    >>> import ndgrad as nd
    >>> nd.jvp(nd.sin, (nd.asarray(0.0),), (nd.asarray(2.0),))
    (tensor(0.), tensor(2.))
    """
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise TypeError("jvp takes a tuple of primals and a tuple of tangents; write nd.jvp(f, (x,), (t,))")
    with Forward() as level:
        result = fn(*_duals(level, tuple(primals), tuple(tangents)))
        result, aux = result if has_aux else (result, None)
        pairs = [_undual(level, y) for y in flatten(result)]
        moved, result = unflatten(result, [t for _, t in pairs]), unflatten(result, [p for p, _ in pairs])
        aux = map_leaves(lambda y: _undual(level, y)[0], aux)
        level.give_back()  # a tensor from outside keeps the primal that was written into its memory
        return (result, moved, aux) if has_aux else (result, moved)


def _duals(level: Level, primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, ...]:
    assert isinstance(level, Forward)
    leaves = flatten(primals)
    moves = [None] * len(leaves) if tangents is None else flatten(tangents)
    if len(moves) != len(leaves):
        raise ValueError(f"jvp: {len(leaves)} primals and {len(moves)} tangents; pass one, or None, for each")
    duals = []
    for x, t in zip(leaves, moves, strict=True):
        x = conversion.asarray(x) if x.__class__ in (float, complex) else x
        if not isinstance(x, Tensor):
            raise TypeError(f"jvp takes tensors, got {type(x).__name__}; bind other arguments with a lambda")
        if t is not None:
            t = (
                conversion.asarray(t, dtype=x.dtype, device=x.device)
                if not isinstance(t, Tensor)
                else astype(t, x.dtype)
            )
            if t.shape != x.shape:
                raise ValueError(f"jvp: a tangent has the shape of its primal, {x.shape}; got {t.shape}")
        duals.append(level.wrap(x, t if x.dtype.is_inexact else None))
    return unflatten(primals, duals)


def _undual(level: Level, y: Any) -> tuple[Any, Any]:
    """A result's primal and tangent, both of the level below."""
    if not isinstance(y, Tensor):
        return y, None
    if not level.holds(y):
        return y, creation.zeros_like(y)
    primal, tangent = y._data.primal, y._data.tangent
    return primal, creation.zeros_like(primal) if tangent is None else tangent


def linearize(fn: Function, *primals: Any) -> tuple[Any, Function]:
    """The value of ``fn`` at ``primals``, and its derivative there as a linear function of tangents.

    The function runs once; each call of the result costs a transposed pullback, whatever the number of calls.

    Source: JAX, ``jax.linearize``.

    >>> import ndgrad as nd
    >>> y, push = nd.linearize(lambda x: x * x, nd.asarray(3.0))
    >>> push(nd.asarray(1.0))
    tensor(6.)
    """
    value, pull = vjp(fn, *primals)
    zeros = map_leaves(creation.zeros_like, value)

    def pull_all(*cotangents: Any) -> Any:
        return pull(unflatten(value, cotangents))

    def push(*tangents: Any) -> Any:
        _, transposed = vjp(pull_all, *flatten(zeros))
        return unflatten(value, transposed(tuple(tangents)))

    return value, push
