"""Taking the values of a network out as a flat dict, and putting them back: all of them or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import ndgrad as nd
from ndgrad import Tensor

from .hooks import Hooked, RemovableHandle
from .parameter import Parameter
from .tree import BUFFER, CHILD, PARAMETER, ModuleTree

__all__ = ["IncompatibleKeys", "Stateful"]

EXTRA = "_extra_state"
Write = Callable[[], object]


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict(strict=False)` did not find, and what it did not use."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


class Stateful(Hooked, ModuleTree):
    """The part of `Module` that is saved and loaded."""

    def state_dict(
        self, *, destination: dict[str, Any] | None = None, prefix: str = "", keep_vars: bool = False
    ) -> dict[str, Any]:
        """All parameters and persistent buffers by dotted path, sharing memory with the module.

        ``prefix`` is put before each key as it is, ``destination`` receives the entries, and ``keep_vars`` gives the
        parameters themselves instead of detached tensors. What comes out goes into :func:`ndgrad.save`.

        >>> from ndgrad import nn
        >>> {key: value.shape for key, value in nn.Sequential(nn.Linear(2, 3)).state_dict().items()}
        {'0.weight': (3, 2), '0.bias': (3,)}
        """
        state: dict[str, Any] = {} if destination is None else destination
        for hook in self._called("before_saving"):
            hook(self, prefix, keep_vars)
        self._save_to_state_dict(state, prefix, keep_vars)
        for name, child in self._owned(CHILD):
            child.state_dict(destination=state, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
        for hook in self._called("after_saving"):
            changed = hook(self, state, prefix, {})
            state = state if changed is None else changed
        return state

    def _save_to_state_dict(self, destination: dict[str, Any], prefix: str, keep_vars: bool) -> None:
        """Put what belongs to this module itself, and to none below it, into ``destination``."""
        for name, tensor in _entries(self):
            destination[prefix + name] = tensor if keep_vars else tensor.detach()
        if _has_extra(self):
            destination[prefix + EXTRA] = self.get_extra_state()

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys:
        """Copy the values of `state_dict` into this module, after all of them have been checked.

        Args:
            state_dict: tensors by dotted path, as :meth:`state_dict` gives them; they are cast to the dtypes that the
                module has and moved to its devices.
            strict: whether missing and unexpected keys are errors; without it they are returned.
            assign: put the given tensors in the place of the module's own, instead of copying their values.

        Raises:
            RuntimeError: lists every missing, unexpected and misshapen key, and values of a dtype that does not fit, at
                once; nothing has been loaded then.
            TypeError: ``state_dict`` is not a mapping.

        >>> from ndgrad import nn
        >>> a, b = nn.Linear(2, 3), nn.Linear(2, 3)
        >>> b.load_state_dict(a.state_dict())
        <All keys matched successfully>
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(
                f"load_state_dict takes a mapping from names to tensors, got {type(state_dict).__name__}: "
                "write model.load_state_dict(nd.load(path)) to load a file"
            )
        keys, problems = IncompatibleKeys([], []), list[str]()
        writes: list[Write] = []
        state = dict(state_dict)  # hooks may change it
        own = _plan(self, "", state, {"assign_to_params_buffers": assign, "writes": writes}, keys, problems)
        keys.unexpected_keys.extend(key for key in state if key not in own)
        refused = keys if strict else IncompatibleKeys([], [])
        finishing = [(module, hook) for module in _children_first(self) for hook in module._called("after_loading")]
        if problems or not finishing:  # a hook may allow what is missing
            _refuse(self, refused, problems)
        with nd.no_grad():
            for write in writes:
                write()
        for module, hook in finishing:
            hook(module, keys)
        _refuse(self, refused, [], "the rest was loaded")
        return keys

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Any],
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        """Check what belongs to this module itself, and note the writes; a subclass may change ``state_dict`` first."""
        assign = local_metadata["assign_to_params_buffers"]
        write, refusal = (_replace, _not_assigned) if assign else (_overwrite, _not_copied)
        writes: list[Write] = local_metadata["writes"]
        for name, own in _entries(self):
            if prefix + name not in state_dict:
                missing_keys.append(prefix + name)
                continue
            key, given = prefix + name, state_dict[prefix + name]
            if problem := _mismatch(key, given, own) or refusal(key, given, own):
                error_msgs.append(problem)
            else:
                writes.append(_deferred(write, self, name, own, given))
        if _has_extra(self):
            if prefix + EXTRA in state_dict:
                writes.append(_deferred(self.set_extra_state, state_dict[prefix + EXTRA]))
            else:
                missing_keys.append(prefix + EXTRA)

    def get_extra_state(self) -> Any:
        """What the ``state_dict`` holds beside tensors; a subclass that writes it writes ``set_extra_state`` too."""
        raise NotImplementedError(f"{type(self).__name__} has no get_extra_state(): write def get_extra_state(self)")

    def set_extra_state(self, state: Any) -> None:
        """Take back what ``get_extra_state`` returned."""
        raise NotImplementedError(
            f"{type(self).__name__} has no set_extra_state(): write def set_extra_state(self, state)"
        )

    # -- hooks

    def register_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(module, prefix, keep_vars)`` before the module is saved."""
        return RemovableHandle(self._need_hooks().before_saving, hook)

    def register_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(module, state_dict, prefix, local_metadata)`` after it, with the whole state so far."""
        return RemovableHandle(self._need_hooks().after_saving, hook)

    _register_state_dict_hook = register_state_dict_post_hook

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call a hook before the module is loaded, which may change the state that is.

        It is called as ``hook(module, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys,
        error_msgs)``, with a copy of the mapping that was given.

        >>> import ndgrad as nd
        >>> from ndgrad import nn
        >>> m = nn.Linear(1, 1, bias=False)
        >>> hook = lambda module, state, prefix, *rest: state.update({prefix + "weight": state.pop(prefix + "w")})
        >>> handle = m.register_load_state_dict_pre_hook(hook)
        >>> m.load_state_dict({"w": nd.ones((1, 1))})
        <All keys matched successfully>
        """
        return RemovableHandle(self._need_hooks().before_loading, hook)

    def _register_load_state_dict_pre_hook(
        self, hook: Callable[..., Any], with_module: bool = False
    ) -> RemovableHandle:
        """The same with hooks that are not given the module."""
        return self.register_load_state_dict_pre_hook(hook if with_module else lambda module, *rest: hook(*rest))

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(module, incompatible_keys)`` after the module is loaded; it may take keys out of the lists."""
        return RemovableHandle(self._need_hooks().after_loading, hook)


def _entries(module: ModuleTree) -> list[tuple[str, Tensor]]:
    """(name, tensor) of what is saved of a module itself: its parameters, then its buffers."""
    return [entry for kind in (PARAMETER, BUFFER) for entry in module._owned(kind)]


def _has_extra(module: Any) -> bool:
    return type(module).get_extra_state is not Stateful.get_extra_state


def _plan(
    module: Any,
    prefix: str,
    state: dict[str, Any],
    metadata: dict[str, Any],
    keys: IncompatibleKeys,
    problems: list[str],
) -> set[str]:
    """Check a module and all below it, note the writes, and return the keys that belong to them."""
    arguments = (state, prefix, metadata, True, *keys, problems)
    for hook in module._called("before_loading"):
        hook(module, *arguments)
    module._load_from_state_dict(*arguments)
    own = {prefix + name for name, _ in _entries(module)} | ({prefix + EXTRA} if _has_extra(module) else set())
    for name, child in module._owned(CHILD):
        own |= _plan(child, f"{prefix}{name}.", state, metadata, keys, problems)
    return own


def _children_first(module: Any) -> list[Any]:
    return [found for _, child in module._owned(CHILD) for found in _children_first(child)] + [module]


def _refuse(module: Any, keys: IncompatibleKeys, problems: list[str], what: str = "nothing was loaded") -> None:
    problems = _listed("Missing", keys.missing_keys) + _listed("Unexpected", keys.unexpected_keys) + problems
    if problems:
        name = type(module).__name__
        raise RuntimeError(f"Error(s) in loading state_dict for {name}, {what}:\n\t" + "\n\t".join(problems))


def _mismatch(key: str, given: object, own: Tensor) -> str | None:
    if not isinstance(given, Tensor):
        return f"{key}: expected a Tensor, got {type(given).__name__}; write nd.asarray(...)."
    if given.shape != own.shape:
        return (
            f"size mismatch for {key}: copying a param with shape {given.shape} from checkpoint, "
            f"the shape in current model is {own.shape}."
        )
    return None


def _not_copied(key: str, given: Tensor, own: Tensor) -> str | None:
    if given.dtype.is_complex and not own.dtype.is_complex:
        return f"{key}: values of {given.dtype.name} do not fit into {own.dtype.name}; write nd.real(...)."
    return None


def _not_assigned(key: str, given: Tensor, own: Tensor) -> str | None:
    if own.requires_grad and not given.dtype.is_inexact:
        return f"{key}: a tensor of {given.dtype.name} cannot take a trained parameter's place; cast it to a float."
    return None


def _listed(what: str, keys: list[str]) -> list[str]:
    return [f"{what} key(s) in state_dict: {', '.join(map(repr, keys))}."] if keys else []


def _deferred(function: Callable[..., object], *args: Any) -> Write:
    return lambda: function(*args)


def _overwrite(module: ModuleTree, name: str, own: Tensor, given: Tensor) -> None:
    own.copy_(given)


def _replace(module: ModuleTree, name: str, own: Tensor, given: Tensor) -> None:
    setattr(module, name, Parameter(given, own.requires_grad) if isinstance(own, Parameter) else given)
