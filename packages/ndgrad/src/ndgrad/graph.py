"""What the forward pass leaves behind for the backward pass: nodes, and the modes that say whether to leave any.

A tensor's ``_node`` is one of four things, so that the common case is a single test against None:

- None: no gradient flows here;
- :data:`LEAF`: the user asked for its gradient; edges to it hold the tensor itself;
- :class:`Node`: an op recorded it;
- :class:`View`: it shares memory with another tensor, whose in-place changes may have changed its history.

Edges point from a node to nodes, never to intermediate tensors, and a node holds its own result as a raw array: a graph
has no reference cycles, so its memory is returned when the last tensor lets go of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar, cast, overload

from ndgrad.errors import AutogradError

if TYPE_CHECKING:
    from ndgrad.plugins.backend import Spec
    from ndgrad.rows import Op
    from ndgrad.tensor import Tensor

__all__ = [
    "LEAF", "Node", "Output", "Version", "View", "counter_of", "edge_of", "enable_grad", "grad_mode", "inference_mode",
    "is_grad_enabled", "is_inference_mode_enabled", "new_node", "new_view", "no_grad", "set_anomaly",
    "set_enabled", "set_grad_enabled", "threads",
]  # fmt: skip


class Version:
    """How often the memory that some tensors share has been written in place."""

    __slots__ = ("n",)

    def __init__(self) -> None:
        self.n = 0


class _Leaf:
    def __repr__(self) -> str:
        return "LEAF"


LEAF: Final = _Leaf()


class Node:
    """One recorded op: what its derivative rule needs, and where the cotangents go.

    Attributes:
        op: the row, whose ``pullback`` computes the operands' cotangents.
        edges: per operand the node (or leaf tensor) behind it, or None where no gradient is wanted.
        saved: per operand the operand, where an active rule names it.
        versions: the saved operands' version numbers; None when all were zero.
        result: the raw result where an active rule names ``y``.
        result_version: the version counter of the result's memory with its number at that time; None until someone
            needs a counter, see :func:`counter_of`.
        shapes: the operands' shapes; for elementwise ops only when broadcasting took place.
        params: the keyword parameters of the call.
        hooks: functions of the cotangent, run before the rule.
    """

    __slots__ = (
        "__weakref__", "edges", "hooks", "op", "params", "result", "result_version", "saved", "shapes", "spec", "stack",
        "versions",
    )  # fmt: skip
    op: Op
    edges: tuple[Any, ...]
    saved: tuple[Any, ...] | None
    versions: tuple[int, ...] | None
    result: Any
    result_version: tuple[Version, int] | None
    shapes: Any
    spec: Any
    params: dict[str, Any]
    hooks: list[Callable[[Tensor], Tensor | None]] | None
    stack: str  # where the forward call was made, under detect_anomaly

    def __repr__(self) -> str:
        return f"<{self.op.name}>"

    @property
    def next_functions(self) -> tuple[Any, ...]:
        """For each operand the node or leaf behind it, or None, and which of that node's results it is."""
        return tuple([(e.node, e.index) if e.__class__ is Output else (e, 0) for e in self.edges])

    def check_saved(self) -> None:
        """Raise if a saved tensor was overwritten, or released by an earlier backward pass."""
        saved = self.saved
        if saved is None:
            raise AutogradError(
                f"backward through {self.op.name} a second time: its saved tensors were freed by the first; "
                "write retain_graph=True in the first backward() or grad() call"
            )
        versions = self.versions
        for i, tensor in enumerate(saved):
            if tensor is not None:
                counter = getattr(tensor, "_counter", None)
                if counter is not None and counter.n != (versions[i] if versions is not None else 0):
                    self._refuse(f"its operand {self.op.operands[min(i, len(self.op.operands) - 1)]!r}")
        if self.result is not None and self.result_version is not None:
            counter, n = self.result_version
            if counter.n != n:
                self._refuse("its result")

    def _refuse(self, what: str) -> None:
        raise AutogradError(
            f"the gradient of {self.op.name} needs {what}, which was changed in place after the forward pass; "
            "write the out-of-place form (x = x + 1 in place of x += 1), or change a clone(); "
            "nd.autograd.detect_anomaly() shows the forward line"
        )


def new_node(op: Op, edges: tuple[Any, ...], params: dict[str, Any]) -> Node:
    """A node that has saved nothing yet. The fastest paths of :mod:`ndgrad.dispatch` set the same fields themselves."""
    node = Node()
    node.op = op
    node.edges = edges
    node.params = params
    node.saved = (None,) * len(edges)
    node.hooks = node.versions = node.result = node.result_version = node.shapes = None
    return node


class Output:
    """One result of an op that has several: passes its cotangent on to its place in the op's node."""

    __slots__ = ("__weakref__", "hooks", "index", "node")

    def __init__(self, node: Node, index: int) -> None:
        self.node = node
        self.index = index
        self.hooks: list[Callable[[Tensor], Tensor | None]] | None = None

    def __repr__(self) -> str:
        return f"<{self.node.op.name}[{self.index}]>"


class View:
    """The history of a tensor that shares memory with ``base``.

    Writing into the base, or into another of its views, changes what the view holds, and so its history: it is derived
    again, by replaying the steps from the base's present history, when the base has been written since.
    """

    __slots__ = ("base", "node", "op", "params", "path", "seen", "untracked")

    base: Tensor
    # The views on the way from the base, each with its parameters. Most often it is one and nobody asks: then the path
    # is None, and ``op`` and ``params`` say which; for ``base[key]``, which is the most frequent, None and the key.
    path: tuple[tuple[Op, dict[str, Any]], ...] | None
    op: Op | None
    params: Any
    node: Any
    seen: int  # the base's version number when ``node`` was derived
    # True: made under no_grad, so that its history stops here on purpose. A name: the Function that returned it, whose
    # derivative nobody can replay, so that nothing may be written into the memory any more.
    untracked: bool | str

    @property
    def steps(self) -> tuple[tuple[Op, dict[str, Any]], ...]:
        """The views on the way from the base to this one, each an op with its parameters."""
        if self.path is None:
            if self.op is None:
                from ndgrad.ops.indexing import GETITEM

                self.path = ((GETITEM, {"key": self.params}),)
            else:
                self.path = ((self.op, self.params),)
        return self.path

    def resolve(self) -> Any:
        """The node behind the view as its memory stands now."""
        counter = self.base._counter
        if counter.n != self.seen:  # type: ignore[union-attr]
            if isinstance(self.untracked, str):
                raise AutogradError(
                    f"{self.untracked}.forward returned a view of its argument, and that memory was changed in place "
                    f"since; let {self.untracked}.forward return a clone()"
                )
            if not self.untracked:
                before, self.node = self.node, self._derive()
                _keep_on(before, self.node)
            self.seen = counter.n  # type: ignore[union-attr]
        return self.node

    def _derive(self) -> Any:
        if self.base._node is None:
            return None
        with enable_grad():
            tensor = self.replay(self.base)
        node = tensor._node
        return node.node if node.__class__ is View else node

    def replay(self, tensor: Tensor) -> Tensor:
        """Take the same view of another tensor."""
        from ndgrad.dispatch import apply

        for op, params in self.steps:
            tensor = apply(op, tensor, **params)
        return tensor


def _keep_on(before: Any, after: Any) -> None:
    """Let ``retain_grad`` of a view hold when its history is derived again; other hooks stay with what was there."""
    kept = [hook for hook in getattr(before, "hooks", None) or () if hasattr(hook, "tensor")]
    if kept and after.__class__ is Node:
        before.hooks = [hook for hook in before.hooks if hook not in kept]
        after.hooks = [*(after.hooks or ()), *kept]


def new_view(base: Tensor, steps: tuple[tuple[Op, dict[str, Any]], ...], node: Any, untracked: bool | str) -> View:
    """The history of a view of ``base``, which has a version counter; ``node`` is what it comes from now."""
    view = View()
    view.base = base
    view.path = steps
    view.node = node
    view.seen = base._counter.n  # type: ignore[union-attr]
    view.untracked = untracked
    return view


def edge_of(tensor: Tensor) -> Any:
    """What an edge to ``tensor`` holds: its node, the tensor itself if it is a leaf, or None."""
    node = tensor._node
    if node.__class__ is View:
        node = node.resolve()
    return tensor if node is LEAF else node


def counter_of(tensor: Tensor) -> Version:
    """The version counter of a tensor's memory, made when someone is about to write into it or to share it.

    Nearly all results are never written in place, so the forward pass makes none; the node that saved the result
    learns of the counter here.
    """
    counter = tensor._counter
    if counter is None:
        node = tensor._node
        if node.__class__ is not Node:
            counter = Version()
        elif node.result_version is not None:
            counter = node.result_version[0]
        else:
            counter = Version()
            node.result_version = (counter, 0)
        tensor._counter = counter
    return counter


def saved_result(node: Node, make: Callable[[Any, Spec], Tensor]) -> Any:
    """The result of ``node`` (a tuple for several), tied to the graph again if the backward pass is recorded."""
    if isinstance(node.spec, tuple):
        results = tuple(make(raw, spec) for raw, spec in zip(node.result, node.spec, strict=True))
        if grad_mode.enabled:
            for i, result in enumerate(results):
                if result.dtype.is_inexact:
                    result._node = Output(node, i)
        return results
    result = make(node.result, node.spec)
    if grad_mode.enabled:
        result._node = node
        counter_of(result)
    return result


# -- modes -------------------------------------------------------------------------------------------------------------


class _GradMode(threading.local):
    enabled = True
    inference = False
    anomaly = False

    def __init__(self) -> None:
        self.stack: list[tuple[bool, bool]] = []


grad_mode = _GradMode()


class _Threads:
    """How many threads are in an unusual mode: while it is none, no op need look at its own thread's modes."""

    __slots__ = ("suspended", "watched")

    def __init__(self) -> None:
        self.suspended = 0  # recording is off
        self.watched = 0  # under detect_anomaly


threads = _Threads()
_counting = threading.Lock()


def set_enabled(enabled: bool) -> None:
    """Switch recording on or off in this thread."""
    if grad_mode.enabled != enabled:
        with _counting:
            threads.suspended += -1 if enabled else 1
        grad_mode.enabled = enabled


def set_anomaly(anomaly: bool) -> None:
    """Switch the watch of :func:`ndgrad.autograd.detect_anomaly` on or off in this thread."""
    if grad_mode.anomaly != anomaly:
        with _counting:
            threads.watched += 1 if anomaly else -1
        grad_mode.anomaly = anomaly


F = TypeVar("F", bound=Callable[..., Any])


class _Mode:
    """A context manager and decorator that sets the grad mode; nestable and reusable, as PyTorch's are."""

    _enabled: bool
    _inference: bool | None = None  # as it is

    @overload
    def __new__(cls, function: bool | None = ..., **settings: Any) -> Self: ...
    @overload
    def __new__(cls, function: F, /) -> F: ...  # type: ignore[misc]
    def __new__(cls, function: Any = None, **settings: Any) -> Any:
        """The mode; or, as a decorator without parentheses, ``function`` inside it."""
        return cls()(function) if callable(function) else super().__new__(cls)

    def __enter__(self) -> None:
        # The stack lies with the thread, so that one decorator object serves many threads.
        grad_mode.stack.append((grad_mode.enabled, grad_mode.inference))
        if self._inference is not None:
            grad_mode.inference = self._inference
        set_enabled(self._enabled and not grad_mode.inference)

    def __exit__(self, *exc: object) -> None:
        enabled, grad_mode.inference = grad_mode.stack.pop()
        set_enabled(enabled)

    def __call__(self, function: F) -> F:
        if getattr(getattr(function, "__code__", None), "co_flags", 0) & _GENERATOR:
            return cast(F, _stepping(self, function))

        @wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return cast(F, inside)


_GENERATOR: Final = 0x20  # inspect.CO_GENERATOR


def _stepping(mode: _Mode, function: Callable[..., Any]) -> Callable[..., Any]:
    """A generator function whose steps run in ``mode``, while its caller's mode stays as it is."""

    @wraps(function)
    def steps(*args: Any, **kwargs: Any) -> Any:
        generator = function(*args, **kwargs)
        step, given = generator.send, None
        while True:
            with mode:
                try:
                    value = step(given)
                except StopIteration as end:
                    return end.value
            try:
                step, given = generator.send, (yield value)
            except GeneratorExit:
                with mode:
                    generator.close()
                raise
            except BaseException as error:
                step, given = generator.throw, error

    return steps


class no_grad(_Mode):
    """Record nothing: results require no gradient. A context manager or a decorator.

    >>> import ndgrad as nd
    >>> x = nd.ones(2, requires_grad=True)
    >>> with nd.no_grad():
    ...     print((2 * x).requires_grad)
    False
    """

    _enabled = False


class enable_grad(_Mode):
    """Record again inside :class:`no_grad`. A context manager or a decorator."""

    _enabled = True


class inference_mode(_Mode):
    """:class:`no_grad` for code whose results never meet autograd again; nothing within it records."""

    def __init__(self, mode: bool = True) -> None:
        self._enabled = not mode
        self._inference = mode


class set_grad_enabled(_Mode):
    """Switch recording on or off at once; as a context manager, until its end."""

    def __init__(self, mode: bool) -> None:
        self._enabled = mode
        self._before = grad_mode.enabled
        set_enabled(mode and not grad_mode.inference)

    def __enter__(self) -> None:
        super().__enter__()
        grad_mode.stack[-1] = (self._before, grad_mode.inference)

    def __call__(self, function: F) -> F:
        """``function`` in this mode, which ends here outside of it."""
        set_enabled(self._before)
        return super().__call__(function)


def is_grad_enabled() -> bool:
    """Whether ops are recorded in this thread."""
    return grad_mode.enabled


def is_inference_mode_enabled() -> bool:
    """Whether :class:`inference_mode` is on in this thread."""
    return grad_mode.inference
