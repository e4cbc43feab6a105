"""Leaving nodes behind: what the backward pass will need of an op, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Final

from ndgrad.graph import LEAF, Node, Output, Version, View, counter_of, edge_of, grad_mode, new_node, new_view, threads
from ndgrad.rows import Op
from ndgrad.tensor import Tensor, wrap

__all__ = [
    "NOTHING", "NOTHING_OF_TWO", "NO_PARAMS", "record", "record_multiple", "record_one", "record_with_number",
    "remember_line", "saving", "track_view",
]  # fmt: skip

_HERE = os.path.dirname(__file__)
NO_PARAMS: Final[dict[str, Any]] = {}
NOTHING: Final[tuple[None]] = (None,)
NOTHING_OF_TWO: Final[tuple[None, None]] = (None, None)


def record(
    op: Op,
    operands: Sequence[Any],
    edges: tuple[Any, ...],
    params: dict[str, Any],
    out: Tensor,
) -> Node:
    """Leave a node for ``out``."""
    save, save_y, save_shapes = saving(op, edges)
    node = new_node(op, edges, params)
    node.saved = tuple([x if s else None for x, s in zip(operands, save, strict=True)])
    _note_versions(node)
    if save_shapes or (op.elementwise and len(operands) > 1):
        node.shapes = tuple([getattr(x, "shape", None) for x in operands])
    if save_y:
        node.result, node.spec = out._data, out._spec
    if threads.watched and grad_mode.anomaly:
        remember_line(node)
    out._node = node
    return node


def _note_versions(node: Node) -> None:
    """Keep the version numbers of what was saved, if anything of it was ever written or shared."""
    saved: tuple[Any, ...] = node.saved  # type: ignore[assignment]
    for x in saved:
        if getattr(x, "_counter", None) is not None:
            node.versions = tuple([getattr(x, "_version", 0) for x in saved])
            return


def saving(op: Op, edges: tuple[Any, ...]) -> tuple[tuple[bool, ...], bool, bool]:
    """:meth:`Op.saving` for operands with these edges."""
    wanted = 0
    for i, edge in enumerate(edges):
        if edge is not None:
            wanted |= 1 << i
    save, save_y, save_shapes = op.saved_by[wanted & (1 << len(op.operands)) - 1]
    if op.variadic:
        save = save[:-1] + save[-1:] * (len(edges) - len(save) + 1)
    return save, save_y, save_shapes


def record_multiple(
    op: Op, operands: Sequence[Any], edges: tuple[Any, ...], params: dict[str, Any], outs: tuple[Tensor, ...]
) -> None:
    """:func:`record` for an op with several results: one node, and an :class:`Output` of it for each."""
    node = record(op, operands, edges, params, wrap(None, outs[0]._spec))
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


def record_one(op: Op, x: Tensor, edge: Any, params: dict[str, Any], out: Tensor) -> None:
    """:func:`record` for one operand."""
    (save_x,), save_y, save_shapes = op.saved_by[1]
    node = Node()
    node.op = op
    node.edges = (edge,)
    node.params = params
    node.hooks = node.versions = node.result = node.result_version = node.shapes = None
    if save_x:
        node.saved = (x,)
        if x._counter is not None:
            node.versions = (x._counter.n,)
    else:
        node.saved = NOTHING
    if save_shapes:
        node.shapes = (x._data.shape,)
    if save_y:
        node.result = out._data
        node.spec = out._spec
    if threads.watched and grad_mode.anomaly:
        remember_line(node)
    out._node = node


def record_with_number(op: Op, x1: Any, x2: Any, out: Tensor, first: bool) -> None:
    """:func:`record` for a tensor and a Python scalar; the tensor is ``x1`` if it comes ``first``, else ``x2``."""
    x = x1 if first else x2
    edge = x._node
    if edge.__class__ is not Node:
        edge = x if edge is LEAF else edge_of(x)
        if edge is None:
            return
    node = Node()
    node.op = op
    node.edges = (edge, None) if first else (None, edge)
    node.params = NO_PARAMS
    node.hooks = node.versions = node.result = node.result_version = node.shapes = None
    (save1, save2), save_y, _ = op.saved_by[1 if first else 2]
    if save1 or save2:
        node.saved = (x1 if save1 else None, x2 if save2 else None)
        if x._counter is not None:
            _note_versions(node)
    else:
        node.saved = NOTHING_OF_TWO
    if save_y:
        node.result = out._data
        node.spec = out._spec
    if threads.watched and grad_mode.anomaly:
        remember_line(node)
    out._node = node


def track_view(op: Op, x: Tensor, out: Tensor, params: dict[str, Any]) -> None:
    """Tie a view to the tensor whose memory it shares."""
    out._counter = counter_of(x)
    if grad_mode.inference:
        return
    node = x._node
    untracked: bool | str = node is not None and not grad_mode.enabled and x.requires_grad
    if node.__class__ is View:
        base, steps = node.base, (*node.steps, (op, params))
        untracked = untracked or node.untracked
    else:
        base, steps = x, ((op, params),)
    out._node = new_view(base, steps, out._node, untracked)


def remember_line(node: Node) -> None:
    """Keep the program's stack at the forward call, for the errors of detect_anomaly."""
    import traceback

    node.stack = "".join(line for line in traceback.format_stack() if _HERE not in line)
