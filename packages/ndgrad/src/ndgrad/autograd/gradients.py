"""Reverse mode as PyTorch spells it: ``backward`` accumulates into leaves, ``grad`` returns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ndgrad.autograd import engine
from ndgrad.errors import AutogradError
from ndgrad.graph import edge_of
from ndgrad.tensor import Tensor

__all__ = ["backward", "grad"]

Tensors = Tensor | Sequence[Tensor]


def _as_tuple(x: Any) -> tuple[Any, ...]:
    return tuple(x) if isinstance(x, (tuple, list)) else (x,)


def _roots(name: str, outputs: Any, given: Any) -> list[tuple[Any, Tensor]]:
    """The edges of the outputs with the cotangents to start from."""
    tensors = _as_tuple(outputs)
    for y in tensors:
        if not isinstance(y, Tensor):
            raise TypeError(f"{name} starts from tensors, got {type(y).__name__}")
    cotangents = (None,) * len(tensors) if given is None else _as_tuple(given)
    if len(cotangents) != len(tensors):
        raise ValueError(
            f"{name} got {len(tensors)} outputs and {len(cotangents)} cotangents; pass one, or None, for each"
        )
    return [(edge_of(y), engine.initial_cotangent(y, g)) for y, g in zip(tensors, cotangents, strict=True)]


def _wanted(name: str, inputs: Any) -> tuple[Any, ...]:
    """The tensors whose gradients are wanted."""
    tensors = _as_tuple(inputs)
    if not tensors:
        raise AutogradError(f"{name} got inputs that are empty; name the tensors whose gradients are wanted")
    return tensors


def backward(
    tensors: Tensors,
    grad_tensors: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Tensors | None = None,
) -> None:
    """Add the gradient of ``tensors`` to the ``grad`` of every leaf they depend on.

    Args:
        tensors: one or several; a real scalar needs no cotangent.
        grad_tensors: a cotangent of the shape of each.
        retain_graph: keep the graph for another pass; by default only with ``create_graph``.
        create_graph: record the pass, so that its results can be differentiated.
        inputs: accumulate into these tensors only.

    Raises:
        AutogradError: nothing to differentiate, a graph freed by an earlier pass, or a saved tensor changed in place.

    Source: PyTorch, ``torch.autograd.backward``.

    >>> import ndgrad as nd
    >>> x = nd.asarray([1.0, 2.0], requires_grad=True)
    >>> nd.autograd.backward(x * x, nd.asarray([1.0, 1.0]))
    >>> x.grad
    tensor([2., 4.])
    """
    retain = create_graph if retain_graph is None else retain_graph
    roots = _roots("backward", tensors, grad_tensors)
    if inputs is None:
        engine.run(roots, None, retain_graph=retain, create_graph=create_graph)
        return
    targets = _wanted("backward", inputs)
    edges = [engine.edge_or_refuse(x) for x in targets]
    found = engine.run(roots, edges, retain_graph=retain, create_graph=create_graph)
    for x, edge in zip(targets, edges, strict=True):
        if edge in found:
            engine.accumulate(x, found[edge], False, create_graph)


def grad(
    outputs: Tensors,
    inputs: Tensors,
    grad_outputs: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Any, ...]:
    """The gradients of ``outputs`` with respect to ``inputs``, a tuple with one for each; nothing is accumulated.

    Args:
        outputs: one or several tensors; a real scalar needs no cotangent.
        inputs: tensors that require grad, leaves or not.
        grad_outputs: a cotangent of the shape of each output.
        retain_graph: keep the graph for another pass; by default only with ``create_graph``.
        create_graph: record the pass, so that the gradients can be differentiated.
        allow_unused: None in place of the gradient of an input that the outputs do not depend on.
        is_grads_batched: the cotangents have one more axis in front, over which the pass is mapped.
        materialize_grads: zeros in place of these None.

    Raises:
        AutogradError: an input does not require grad, or is unused and ``allow_unused`` is not set.

    Source: PyTorch, ``torch.autograd.grad``.

    >>> import ndgrad as nd
    >>> x = nd.asarray(3.0, requires_grad=True)
    >>> (g,) = nd.autograd.grad(x * x, x, create_graph=True)
    >>> nd.autograd.grad(g, x)
    (tensor(2.),)
    """
    if is_grads_batched:
        from ndgrad.autograd.mapping import vmap

        given = _as_tuple(grad_outputs)
        retain = create_graph if retain_graph is None else retain_graph

        def one(*cotangents: Tensor) -> Any:
            return grad(outputs, inputs, cotangents, True, create_graph, True, False, True)

        found = vmap(one)(*given)
        if not retain:
            grad(outputs, inputs, [g[0] for g in given], False, False, True)  # frees the graph
        return tuple(found)
    tensors = _wanted("grad", inputs)
    edges = [engine.edge_or_refuse(x) for x in tensors]
    found = engine.run(
        _roots("grad", outputs, grad_outputs), edges,
        retain_graph=create_graph if retain_graph is None else retain_graph, create_graph=create_graph,
    )  # fmt: skip
    if materialize_grads:
        from ndgrad.ops.creation import zeros_like

        return tuple(found[e] if e in found else zeros_like(x) for x, e in zip(tensors, edges, strict=True))
    if not allow_unused:
        for i, edge in enumerate(edges):
            if edge not in found:
                raise AutogradError(
                    f"input {i} of shape {tensors[i].shape} was not used to compute the outputs; "
                    "write allow_unused=True to get None for it, or materialize_grads=True to get zeros"
                )
    return tuple(found.get(e) for e in edges)
