"""Hooks: functions that a module calls around its forward and backward pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ndgrad as nd
from ndgrad import Tensor
from ndgrad.autograd.hooks import OrderedHandle as RemovableHandle

__all__ = ["Hooked", "Hooks", "RemovableHandle"]

Hook = Callable[..., Any]


class Hooks:
    """The hooks of one module in calling order; a module without any has none of this."""

    def __init__(self) -> None:
        self.before_forward: dict[RemovableHandle, tuple[Hook, bool]] = {}
        self.after_forward: dict[RemovableHandle, tuple[Hook, bool]] = {}
        self.always: set[RemovableHandle] = set()  # those after forward that are called even if it fails
        self.before_saving: dict[RemovableHandle, Hook] = {}
        self.after_saving: dict[RemovableHandle, Hook] = {}
        self.before_loading: dict[RemovableHandle, Hook] = {}
        self.after_loading: dict[RemovableHandle, Hook] = {}
        self.before_backward: dict[RemovableHandle, Hook] = {}
        self.after_backward: dict[RemovableHandle, Hook] = {}


class Hooked:
    """The part of ``Module`` that calls ``forward``, with hooks around it where there are any."""

    _hooks: Hooks | None = None
    forward: Callable[..., Any]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What ``forward`` returns, with the hooks around it."""
        try:
            if self._hooks is None:
                return self.forward(*args, **kwargs)
            return _call(self, self._hooks, args, kwargs)
        except AttributeError:
            _refuse_arrays(self, (*args, *kwargs.values()))
            raise

    def _need_hooks(self) -> Hooks:
        if self._hooks is None:
            self._hooks = Hooks()
        return self._hooks

    def _called(self, when: str) -> list[Hook]:
        return [] if self._hooks is None else list(getattr(self._hooks, when).values())

    def register_forward_pre_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, args)`` before each forward pass; arguments that it returns replace the given ones.

        With ``with_kwargs`` it is ``hook(module, args, kwargs)``, which may return a pair; ``prepend`` puts it first.

        >>> import ndgrad as nd
        >>> from ndgrad import nn
        >>> m = nn.Identity()
        >>> handle = m.register_forward_pre_hook(lambda module, args: args[0] * 2)
        >>> m(nd.ones(2))
        tensor([2., 2.])
        """
        return RemovableHandle(self._need_hooks().before_forward, (hook, with_kwargs), prepend=prepend)

    def register_forward_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, args, output)`` after each forward pass; an output that it returns replaces the old.

        With ``with_kwargs`` it is ``hook(module, args, kwargs, output)``; ``prepend`` puts it first. With
        ``always_call`` it is called, with None for an output, even if the pass raises an error.

        >>> import ndgrad as nd
        >>> from ndgrad import nn
        >>> m = nn.Identity()
        >>> handle = m.register_forward_hook(lambda module, args, output: output + 1)
        >>> m(nd.ones(2))
        tensor([2., 2.])
        """
        hooks = self._need_hooks()
        handle = RemovableHandle(hooks.after_forward, (hook, with_kwargs), prepend=prepend)
        if always_call:
            hooks.always.add(handle)
        return handle

    def register_full_backward_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(module, grad_output)`` when the outputs' gradients are known; what it returns replaces them."""
        return RemovableHandle(self._need_hooks().before_backward, hook, prepend=prepend)

    def register_full_backward_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(module, grad_input, grad_output)`` when the gradients of the inputs are known.

        Both are tuples over the positional tensors, ``None`` where there is no gradient; what the hook returns replaces
        ``grad_input``. Inputs that need no gradient give a hook that is called with ``None`` for them.

        >>> import ndgrad as nd
        >>> from ndgrad import nn
        >>> m = nn.Identity()
        >>> handle = m.register_full_backward_hook(lambda module, gin, gout: (gin[0] * 10,))
        >>> x = nd.ones(2, requires_grad=True)
        >>> m(x).sum().backward()
        >>> x.grad
        tensor([10., 10.])
        """
        return RemovableHandle(self._need_hooks().after_backward, hook, prepend=prepend)


def _call(module: Hooked, hooks: Hooks, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    called: set[RemovableHandle] = set()
    output: Any = None

    def after(handle: RemovableHandle, hook: Hook, with_kwargs: bool) -> None:
        nonlocal output
        called.add(handle)
        changed = hook(module, args, kwargs, output) if with_kwargs else hook(module, args, output)
        output = output if changed is None else changed

    try:
        for hook, with_kwargs in list(hooks.before_forward.values()):
            changed = hook(module, args, kwargs) if with_kwargs else hook(module, args)
            if changed is not None:
                args, kwargs = changed if with_kwargs else (_as_tuple(changed), kwargs)
        backward = _BackwardPass(module, hooks) if hooks.before_backward or hooks.after_backward else None
        if backward:
            args = backward.watch_inputs(args)
        output = module.forward(*args, **kwargs)
        for handle, entry in list(hooks.after_forward.items()):
            after(handle, *entry)
    except Exception:
        for handle, entry in list(hooks.after_forward.items()):
            if handle in hooks.always and handle not in called:
                after(handle, *entry)
        raise
    return backward.watch_outputs(output) if backward else output


def _refuse_arrays(module: Hooked, values: Sequence[Any]) -> None:
    """Once a call has failed: say so if it was given an array of another library, or a list of numbers."""
    for value in values:
        numbers = isinstance(value, (list, tuple)) and value and isinstance(value[0], (int, float))
        if numbers or (not isinstance(value, Tensor) and hasattr(value, "__array__")):
            kind = f"{type(value).__module__}.{type(value).__qualname__}"
            name = type(module).__name__
            raise TypeError(f"{name} takes ndgrad tensors, got {kind}; write nd.asarray(...) around it")


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


class _BackwardPass:
    """One forward call whose gradients are watched where they enter the module and where they leave it."""

    def __init__(self, module: Hooked, hooks: Hooks) -> None:
        self.module, self.hooks = module, hooks
        self.inputs = 0
        self.leaves_through_inputs = False
        self.grad_output: tuple[Tensor | None, ...] = ()

    def watch_inputs(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        self.inputs = sum(isinstance(arg, Tensor) for arg in args)
        self.leaves_through_inputs = nd.is_grad_enabled() and any(
            isinstance(arg, Tensor) and arg.requires_grad for arg in args
        )
        return _watched(args, self.leave) if self.leaves_through_inputs else args

    def watch_outputs(self, output: Any) -> Any:
        watched = _watched(_as_tuple(output), self.enter)
        return watched if isinstance(output, tuple) else watched[0]

    def enter(self, grads: tuple[Tensor | None, ...]) -> tuple[Tensor | None, ...]:
        for hook in list(self.hooks.before_backward.values()):
            changed = hook(self.module, grads)
            grads = grads if changed is None else _as_tuple(changed)
        self.grad_output = grads
        if not self.leaves_through_inputs:
            self.leave((None,) * self.inputs)
        return grads

    def leave(self, grads: tuple[Tensor | None, ...]) -> tuple[Tensor | None, ...]:
        for hook in list(self.hooks.after_backward.values()):
            changed = hook(self.module, grads, self.grad_output)
            grads = grads if changed is None else _as_tuple(changed)
        return grads


class _Boundary(nd.autograd.Function):
    """The identity, whose backward hands the gradients to a callback and passes on what that returns."""

    @staticmethod
    def forward(ctx: Any, callback: Callable[..., Any], *tensors: Tensor) -> tuple[Tensor, ...]:
        ctx.callback = callback
        return tuple(tensor.view(tensor.shape) for tensor in tensors)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Any, ...]:
        return None, *ctx.callback(grads)


def _watched(values: Sequence[Any], callback: Callable[..., Any]) -> tuple[Any, ...]:
    tensors = iter(_as_tuple(_Boundary.apply(callback, *(v for v in values if isinstance(v, Tensor)))))
    return tuple(next(tensors) if isinstance(value, Tensor) else value for value in values)
