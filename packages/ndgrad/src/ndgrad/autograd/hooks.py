"""Functions that the backward pass calls with a gradient; methods of the tensor lead to them."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from ndgrad.errors import AutogradError
from ndgrad.graph import edge_of
from ndgrad.tensor import Tensor

__all__ = [
    "LeafHooks",
    "OrderedHandle",
    "RemovableHandle",
    "register_hook",
    "register_post_accumulate_grad_hook",
    "retain_grad",
    "retains_grad",
]

Hook = Callable[[Tensor], Tensor | None]


class RemovableHandle:
    """What registering a hook returns: ``remove()`` takes the hook out again; also as a context manager."""

    def __init__(self, hooks: list[Any], hook: Any) -> None:
        self._hooks = hooks
        self._hook = hook

    def remove(self) -> None:
        """Take the hook out; once removed, nothing happens."""
        for i, hook in enumerate(self._hooks):
            if hook is self._hook:
                del self._hooks[i]
                return

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *exc: object) -> None:
        self.remove()


class OrderedHandle(RemovableHandle):
    """That of hooks which stand in a dictionary, by their handles, in the order in which they are called."""

    def __init__(self, hooks: dict[Any, Any], hook: Any, *, prepend: bool = False) -> None:
        self._ordered = hooks
        later = dict(hooks) if prepend else {}
        if prepend:
            hooks.clear()
        hooks[self] = hook
        hooks.update(later)

    def remove(self) -> None:
        """Take the hook out; a second call does nothing."""
        self._ordered.pop(self, None)


class LeafHooks(list[Hook]):
    """The hooks of a leaf: the list's own run before its gradient is accumulated, those in ``after`` afterwards."""

    def __init__(self) -> None:
        super().__init__()
        self.after: list[Callable[[Tensor], None]] = []


class _Once:
    """A hook of its own identity, so that a function registered twice is removed once."""

    __slots__ = ("call",)

    def __init__(self, call: Any) -> None:
        self.call = call

    def __call__(self, x: Tensor) -> Any:
        return self.call(x)


class _Keep:
    """The hook of :func:`retain_grad`; it holds its tensor weakly, as the graph must not hold its results."""

    __slots__ = ("tensor",)

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = weakref.ref(tensor)

    def __call__(self, g: Tensor) -> None:
        tensor = self.tensor()
        if tensor is not None:
            held = tensor.grad
            tensor._grad = g if held is None else held + g


def _hooks_of(x: Tensor, what: str) -> list[Any]:
    edge = edge_of(x)
    if edge is None:
        raise AutogradError(f"{what} needs a tensor that requires grad; no gradient will ever reach this one")
    if edge is x:
        return _leaf_hooks(x)
    if edge.hooks is None:
        edge.hooks = []
    return edge.hooks


def _leaf_hooks(leaf: Tensor) -> LeafHooks:
    hooks: LeafHooks | None = getattr(leaf, "_hooks", None)
    if hooks is None:
        hooks = leaf._hooks = LeafHooks()  # type: ignore[attr-defined]
    return hooks


def register_hook(x: Tensor, hook: Hook) -> RemovableHandle:
    """Call ``hook`` with the gradient of ``x`` each time it is computed; a tensor it returns replaces the gradient.

    Raises:
        AutogradError: ``x`` does not require grad.

    Source: PyTorch, ``torch.Tensor.register_hook``.

    >>> import ndgrad as nd
    >>> x = nd.asarray([1.0, 2.0], requires_grad=True)
    >>> handle = x.register_hook(lambda g: 10 * g)
    >>> x.sum().backward()
    >>> x.grad
    tensor([10., 10.])
    """
    hooks, entry = _hooks_of(x, "a hook"), _Once(hook)
    last = len(hooks)
    while last and hooks[last - 1].__class__ is _Keep:  # what is retained is the gradient after all hooks
        last -= 1
    hooks.insert(last, entry)
    return RemovableHandle(hooks, entry)


def register_post_accumulate_grad_hook(x: Tensor, hook: Callable[[Tensor], None]) -> RemovableHandle:
    """Call ``hook`` with the leaf ``x`` after a backward pass has added to its ``grad``.

    Raises:
        AutogradError: ``x`` is not a leaf that requires grad.

    Source: PyTorch, ``torch.Tensor.register_post_accumulate_grad_hook``.
    """
    if edge_of(x) is not x:
        raise AutogradError("gradients are accumulated in leaves only; this tensor is none that requires grad")
    after, entry = _leaf_hooks(x).after, _Once(hook)
    after.append(entry)
    return RemovableHandle(after, entry)


def retain_grad(x: Tensor) -> None:
    """Keep the gradient of ``x``, which is not a leaf, in ``x.grad``; a leaf's is kept anyway.

    Raises:
        AutogradError: ``x`` does not require grad.

    Source: PyTorch, ``torch.Tensor.retain_grad``.
    """
    hooks = _hooks_of(x, "retain_grad()")
    if edge_of(x) is not x and not _keeps(hooks, x):
        hooks.append(_Keep(x))


def retains_grad(x: Tensor) -> bool:
    """Whether :func:`retain_grad` was called on ``x``, which is not a leaf."""
    edge = edge_of(x)
    return edge is not None and edge is not x and _keeps(edge.hooks or [], x)


def _keeps(hooks: list[Any], x: Tensor) -> bool:
    return any(hook.__class__ is _Keep and hook.tensor() is x for hook in hooks)
