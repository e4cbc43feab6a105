"""Memory for time: a part of a graph that is computed again in the backward pass instead of being kept until then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ndgrad import random
from ndgrad.autograd.function import Function
from ndgrad.autograd.gradients import grad
from ndgrad.autograd.levels import innermost
from ndgrad.autograd.trees import flatten, unflatten
from ndgrad.graph import Node, edge_of, enable_grad, grad_mode
from ndgrad.tensor import Tensor

__all__ = ["checkpoint"]


def checkpoint(
    fn: Callable[..., Any], *args: Any, preserve_rng_state: bool = True, use_reentrant: bool = False, **kwargs: Any
) -> Any:
    """``fn(*args, **kwargs)``, keeping nothing but its arguments for the backward pass, which calls ``fn`` once more.

    Gradients reach the arguments (tensors, or containers of tensors), and the tensors that ``fn`` uses without taking
    them as arguments, such as the parameters of a module. Both calls must compute the same: they draw the same random
    numbers with ``preserve_rng_state``.

    Args:
        fn: a function that returns a tensor, or a container of tensors.
        *args: what it is called with.
        preserve_rng_state: let the default generators of the arguments' devices repeat themselves in the second call.
        use_reentrant: taken as PyTorch's and without effect; there is one way to do it here.
        **kwargs: what it is called with by name; gradients do not reach these.

    Raises:
        AutogradError: in the backward pass, where an argument was changed in place after the first call.

    Source: PyTorch, ``torch.utils.checkpoint.checkpoint(..., use_reentrant=False)``; T. Chen, B. Xu, C. Zhang,
    C. Guestrin, "Training Deep Nets with Sublinear Memory Cost" (2016).

    >>> import ndgrad as nd
    >>> x = nd.asarray([1.0, 2.0], requires_grad=True)
    >>> nd.autograd.checkpoint(lambda x: nd.sum(nd.exp(x) * x), x).backward()
    >>> x.grad
    tensor([ 5.4366, 22.1672])
    """
    if not grad_mode.enabled or innermost() is not None:  # transforms keep what they need in a way of their own
        return fn(*args, **kwargs)
    leaves = flatten(args)
    devices = {x.device for x in leaves if isinstance(x, Tensor)} if preserve_rng_state else set()
    segment = _Segment(fn, args, kwargs, [random.default_generator(device) for device in devices])
    result, inside = segment.run([x.detach().requires_grad_(x.requires_grad) if _tracked(x) else x for x in leaves])
    results = flatten(result)
    captured = _leaves_of(results, inside)
    recorded = [y for y in results if _tracked(y)]
    if not recorded:
        return result
    outs = _Recomputed.apply(segment, len(leaves), tuple([y.detach() for y in recorded]), *leaves, *captured)
    found = iter(outs)
    return unflatten(result, [next(found) if _tracked(y) else y for y in results])


def _tracked(x: Any) -> bool:
    return isinstance(x, Tensor) and bool(x.requires_grad)


def _leaves_of(results: Sequence[Any], known: Sequence[Any]) -> list[Tensor]:
    """The leaves that ``results`` were computed from, beside those that are known."""
    seen = {id(edge_of(x)) for x in known if isinstance(x, Tensor)}
    found: list[Tensor] = []
    todo = [edge_of(y) for y in results if isinstance(y, Tensor)]
    while todo:
        edge = todo.pop()
        edge = getattr(edge, "node", edge)  # one of several results of a node
        if edge is None or id(edge) in seen:
            continue
        seen.add(id(edge))
        if isinstance(edge, Tensor):
            found.append(edge)
        elif isinstance(edge, Node):
            todo.extend(edge.edges)
    return found


class _Segment:
    """A call that can be repeated."""

    def __init__(self, fn: Any, args: Any, kwargs: Any, generators: list[random.Generator]) -> None:
        self.fn, self.kwargs, self.generators = fn, kwargs, generators
        self.structure = unflatten(args, [None if isinstance(x, Tensor) else x for x in flatten(args)])
        self.states = [g.get_state() for g in generators]

    def run(self, leaves: Sequence[Any]) -> tuple[Any, Sequence[Any]]:
        """The result with ``leaves`` as arguments, and the leaves."""
        with enable_grad():
            return self.fn(*unflatten(self.structure, leaves), **self.kwargs), leaves

    def rerun(self, leaves: Sequence[Any]) -> Any:
        """The result of another call, with the random numbers of the first; the generators go on where they were."""
        before = [g.get_state() for g in self.generators]
        for generator, state in zip(self.generators, self.states, strict=True):
            generator.set_state(state)
        result = self.run(leaves)[0]
        for generator, state in zip(self.generators, before, strict=True):
            generator.set_state(state)
        return result


class _Recomputed(Function):
    """The results of a segment as functions of its arguments and of what it captured."""

    @staticmethod
    def forward(ctx: Any, segment: _Segment, count: int, results: tuple[Tensor, ...], *inputs: Any) -> Any:
        ctx.segment, ctx.count = segment, count
        ctx.others = [None if isinstance(x, Tensor) else x for x in inputs]
        ctx.save_for_backward(*[x if isinstance(x, Tensor) else None for x in inputs])
        return results

    @staticmethod
    def backward(ctx: Any, *gs: Any) -> Any:
        again = grad_mode.enabled  # the gradient is to be differentiated: stay joined to the arguments
        inputs = [other if x is None else x for x, other in zip(ctx.saved_tensors, ctx.others, strict=True)]
        leaves = [
            (x.view(x.shape) if again else x.detach().requires_grad_()) if _tracked(x) else x
            for x in inputs[: ctx.count]
        ]
        recomputed = [y for y in flatten(ctx.segment.rerun(leaves)) if _tracked(y)]
        wanted = [x for x in (*leaves, *inputs[ctx.count :]) if _tracked(x)]
        found = iter(grad(recomputed, wanted, gs, create_graph=again, allow_unused=True))
        return (None, None, None, *[next(found) if _tracked(x) else None for x in inputs])
