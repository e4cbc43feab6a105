"""The backward pass: cotangents flow from the roots along the edges, each node once, without recursion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ndgrad.dispatch import scalar_tensor
from ndgrad.dtypes import SCALARS
from ndgrad.errors import AutogradError
from ndgrad.graph import Node, Output, edge_of, grad_mode, set_enabled
from ndgrad.rows import OPS
from ndgrad.tensor import Tensor

__all__ = ["accumulate", "edge_or_refuse", "initial_cotangent", "run"]


def run(
    roots: Sequence[tuple[Any, Tensor]],
    targets: Sequence[Any] | None,
    *,
    retain_graph: bool,
    create_graph: bool,
) -> dict[Any, Tensor]:
    """Back-propagate.

    Args:
        roots: pairs of an edge (see :func:`ndgrad.graph.edge_of`) and its cotangent.
        targets: the edges whose cotangents are wanted; None accumulates into the ``grad`` of every leaf reached.
        retain_graph: keep what the nodes saved, for another pass.
        create_graph: record the pass itself, so that its results can be differentiated again.

    Returns:
        The cotangents of the targets that were reached; empty when ``targets`` is None.
    """
    waiting = _count_uses([edge for edge, _ in roots])
    useful = None if targets is None else _leading_to(set(targets), waiting)
    enabled = grad_mode.enabled
    set_enabled(create_graph)
    try:
        return _flow(roots, waiting, useful, targets, retain_graph, create_graph)
    finally:
        set_enabled(enabled)


def _below(edge: Any) -> Sequence[Any]:
    cls = edge.__class__
    return edge.edges if cls is Node else (edge.node,) if cls is Output else ()


def _count_uses(roots: Sequence[Any]) -> dict[Any, int]:
    """How many edges lead to each node reachable from the roots."""
    waiting: dict[Any, int] = dict.fromkeys(roots, 0)
    stack = list(waiting)
    while stack:
        node = stack.pop()
        for edge in node.edges if node.__class__ is Node else _below(node):
            if edge is not None:
                if edge in waiting:
                    waiting[edge] += 1
                else:
                    waiting[edge] = 1
                    stack.append(edge)
    return waiting


def _leading_to(targets: set[Any], waiting: dict[Any, int]) -> set[Any]:
    """The reachable nodes from which a target can be reached: only their rules need to run."""
    above: dict[Any, list[Any]] = {}
    for node in waiting:
        for edge in _below(node):
            if edge is not None:
                above.setdefault(edge, []).append(node)
    useful = {t for t in targets if t in waiting}
    stack = list(useful)
    while stack:
        for node in above.get(stack.pop(), ()):
            if node not in useful:
                useful.add(node)
                stack.append(node)
    return useful


def _flow(
    roots: Sequence[tuple[Any, Tensor]],
    waiting: dict[Any, int],
    useful: set[Any] | None,
    targets: Sequence[Any] | None,
    retain_graph: bool,
    create_graph: bool,
) -> dict[Any, Tensor]:
    pull_back = _pull_back if not grad_mode.anomaly else _watched_pull_back
    cotangents: dict[Any, Any] = {}  # of nodes to which other edges still lead
    for edge, g in roots:
        held = cotangents.get(edge)
        cotangents[edge] = g if held is None else held + g
    wanted = set(targets or ())
    found: dict[Any, Tensor] = {}
    # Cotangents that nobody else holds: a leaf may keep them, a sum may be written into them.
    fresh: dict[Any, bool] = {}
    add_into = OPS["add"].writers
    ready = [(edge, cotangents.pop(edge)) for edge in list(cotangents) if waiting[edge] == 0]
    while ready:
        node, g = ready.pop()
        cls = node.__class__
        if cls is not Node and cls is not Output:
            if g is not None:
                hooks = getattr(node, "_hooks", None)
                if hooks:
                    g = _run_hooks(hooks, g)
                if node in wanted:
                    found[node] = g
                elif targets is None:  # a hook may have kept what it was given
                    accumulate(node, g, not hooks and fresh.get(node, False), create_graph)
            continue
        if g is not None:
            if node.hooks:
                g = _run_hooks(node.hooks, g)
            if wanted and node in wanted:
                found[node] = g
        if cls is Output:
            edges, parts, sole = (node.node,), _NO_PART, False
            if g is not None:
                _deposit(cotangents, node, g)
        else:
            edges = node.edges
            sole = node.op.joint is None
            if g is None or (useful is not None and node not in useful):
                parts = (None,) * len(edges)
            else:
                parts = pull_back(node, g, retain_graph)
                # A joint rule may return one array for two operands, and a Function whatever its author holds.
                if not sole and node.op.joint is not True:
                    arrays = [id(part._data) for part in parts if part is not None]
                    sole = len(arrays) == len(set(arrays))
        for edge, part in zip(edges, parts):  # noqa: B905  (a rule may leave out trailing operands)
            if edge is None:
                continue
            uses = waiting[edge] - 1
            held = cotangents.get(edge) if cotangents else None
            if part is None or (useful is not None and edge not in useful):
                part = held
            elif held is None:
                if edge.__class__ is not Node:
                    fresh[edge] = sole and part is not g and part._node is None and part._counter is None
            elif fresh.get(edge) and held._spec is part._spec and not create_graph and not part.backend.level:
                add_into[held._spec](held._data, part._data)
                part = held
            else:
                part = held + part
                fresh[edge] = True
            if uses:
                waiting[edge] = uses
                if part is not None:
                    cotangents[edge] = part
            else:
                if held is not None:
                    del cotangents[edge]
                ready.append((edge, part))
    return found


_NO_PART: Sequence[Any] = (None,)


def _pull_back(node: Node, g: Any, retain_graph: bool) -> Sequence[Any]:
    """Run a node's rule, after making sure that what it saved is still what it was; free it afterwards."""
    saved = node.saved
    if saved is None:
        node.check_saved()
    kept = False
    for x in saved:  # type: ignore[union-attr]
        if x is not None:
            kept = True
            if x.__class__ not in SCALARS and x._counter is not None:
                node.check_saved()
    if node.result is not None:
        kept = True
        if node.result_version is not None:
            node.check_saved()
    parts = node.op.pullback(node, g)
    if kept and not retain_graph:  # a node that saved nothing may run again
        node.saved = node.result = None
    return parts


def _watched_pull_back(node: Node, g: Any, retain_graph: bool) -> Sequence[Any]:
    """:func:`_pull_back` under detect_anomaly."""
    from ndgrad.autograd.anomaly import watched

    return watched(node, lambda: _pull_back(node, g, retain_graph))


def _deposit(cotangents: dict[Any, Any], output: Output, g: Tensor) -> None:
    """Put the cotangent of one result into its place in the cotangent of its op: a list with None for the rest."""
    node = output.node
    parts = cotangents.get(node)
    if parts is None:
        parts = cotangents[node] = [None] * len(node.spec)
    held = parts[output.index]
    parts[output.index] = g if held is None else held + g


def _run_hooks(hooks: Sequence[Any], g: Tensor) -> Tensor:
    for hook in list(hooks):
        changed = hook(g)
        if changed is not None:
            g = _replacement(g, changed)
    return g


def _replacement(g: Any, changed: Any) -> Any:
    """What a hook returned in place of ``g``, which it must fit: else it would be broadcast where it is used."""
    if isinstance(g, Tensor):
        if not isinstance(changed, Tensor):
            raise TypeError(f"a hook returns the new gradient, a Tensor, or None; got {type(changed).__name__}")
        if changed.shape != g.shape or changed.dtype is not g.dtype:
            raise AutogradError(
                f"a hook was given a gradient of {g.dtype.name} and shape {g.shape}, and returned one of "
                f"{changed.dtype.name} and shape {changed.shape}; they must be equal"
            )
    return changed


def accumulate(leaf: Tensor, g: Tensor, fresh: bool, create_graph: bool) -> None:
    """Add ``g`` to ``leaf.grad``: in place unless the pass is recorded."""
    held = leaf.grad
    if held is None:
        leaf._grad = g if fresh else g.clone()
    elif create_graph or held._spec is not g._spec:
        leaf._grad = held + g
    else:
        held += g
    hooks = getattr(leaf, "_hooks", None)
    if hooks is not None:
        for hook in list(hooks.after):
            hook(leaf)


def initial_cotangent(output: Tensor, given: Any) -> Tensor:
    """The cotangent a backward pass starts from: what was given, or 1 for a real scalar.

    Raises:
        AutogradError: none is given and the output is no real scalar, or the given one does not fit.
    """
    if not output.requires_grad:
        raise AutogradError(
            "this tensor requires no grad and was not computed from one that does; make the inputs with "
            "requires_grad=True, and check for detach() and nd.no_grad() on the way"
        )
    if given is None:
        if output.size != 1:
            raise AutogradError(
                f"a gradient starts from a scalar, got shape {output.shape}; reduce it (loss.sum(), loss.mean()) "
                "or pass gradient= of that shape"
            )
        if output.dtype.is_complex:
            raise AutogradError("the gradient of a complex output needs gradient=; or take nd.real(loss) first")
        if not output.shape:
            return scalar_tensor(1, output._spec)
        from ndgrad.ops.creation import ones_like

        return ones_like(output.detach())
    if not isinstance(given, Tensor):
        raise TypeError(f"gradient must be a Tensor, got {type(given).__name__}")
    if given.shape != output.shape:
        raise AutogradError(f"gradient has shape {given.shape}, the output has {output.shape}; they must be equal")
    if given.dtype is not output.dtype:
        from ndgrad.dispatch import astype

        given = astype(given, output.dtype)
    return given


def edge_or_refuse(tensor: Tensor) -> Any:
    """The edge of a tensor whose gradient is asked for."""
    if not isinstance(tensor, Tensor):
        raise TypeError(f"gradients are taken with respect to tensors, got {type(tensor).__name__}")
    edge = edge_of(tensor)
    if edge is None:
        raise AutogradError(
            f"the gradient with respect to a tensor of shape {tensor.shape} is asked for, which does not require grad; "
            "write x.requires_grad_() before the forward pass"
        )
    return edge
