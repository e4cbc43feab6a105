"""Functions that an optimiser calls around a step, and around the saving and loading of its state."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from ndgrad.autograd.hooks import OrderedHandle as RemovableHandle

__all__ = ["Hooked", "RemovableHandle", "hooked"]

Hook = Callable[..., Any]


class Hooked:
    """The part of ``Optimizer`` that keeps hooks; one without any has none of this."""

    _hooks: dict[str, dict[RemovableHandle, Hook]] | None = None

    def _register(self, when: str, hook: Hook, prepend: bool = False) -> RemovableHandle:
        if self._hooks is None:
            self._hooks = {}
        return RemovableHandle(self._hooks.setdefault(when, {}), hook, prepend=prepend)

    def _called(self, when: str) -> list[Hook]:
        return list(self._hooks.get(when, {}).values()) if self._hooks else []

    def register_step_pre_hook(self, hook: Hook) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` before each step; a pair that it returns replaces the arguments.

        >>> import ndgrad as nd
        >>> from ndgrad import optim
        >>> sgd = optim.SGD([nd.zeros(1, requires_grad=True)])
        >>> with sgd.register_step_pre_hook(lambda optimizer, args, kwargs: print("step")):
        ...     sgd.step()
        step
        """
        return self._register("before step", hook)

    def register_step_post_hook(self, hook: Hook) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` after each step."""
        return self._register("after step", hook)

    def register_state_dict_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer)`` before :meth:`Optimizer.state_dict`."""
        return self._register("before saving", hook, prepend)

    def register_state_dict_post_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer, state_dict)`` after it; a dict that it returns is returned instead."""
        return self._register("after saving", hook, prepend)

    def register_load_state_dict_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer, state_dict)`` before :meth:`Optimizer.load_state_dict`, with a shallow copy.

        A dict that it returns is loaded instead.
        """
        return self._register("before loading", hook, prepend)

    def register_load_state_dict_post_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer)`` after it."""
        return self._register("after loading", hook, prepend)


def hooked(step: Callable[..., Any]) -> Callable[..., Any]:
    """``step`` with the hooks around it."""

    @wraps(step)
    def call(self: Hooked, *args: Any, **kwargs: Any) -> Any:
        if self._hooks is None:
            return step(self, *args, **kwargs)
        for hook in self._called("before step"):
            changed = hook(self, args, kwargs)
            if changed is not None:
                if not isinstance(changed, tuple) or len(changed) != 2:
                    raise RuntimeError(
                        f"a step's pre-hook returns None or a pair of args and kwargs, got {type(changed).__name__}"
                    )
                args, kwargs = changed
        result = step(self, *args, **kwargs)
        for hook in self._called("after step"):
            hook(self, args, kwargs)
        return result

    return call
