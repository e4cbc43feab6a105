"""Taking the values of a network out as a flat dict, and putting them back: all of them or none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import ndgrad as nd
from ndgrad import Tensor

from .parameter import Parameter
from .tree import BUFFER, PARAMETER, ModuleTree, join, walk

__all__ = ["IncompatibleKeys", "Stateful"]


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict(strict=False)` did not find, and what it did not use."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


class Stateful(ModuleTree):
    """The part of `Module` that is saved and loaded."""

    def state_dict(
        self, *, destination: dict[str, Any] | None = None, prefix: str = "", keep_vars: bool = False
    ) -> dict[str, Tensor]:
        """All parameters and persistent buffers by dotted path, sharing memory with the module.

        ``prefix`` is put before each key as it is, ``destination`` receives the entries, and ``keep_vars`` gives the
        parameters themselves instead of detached tensors. What comes out goes into :func:`ndgrad.save`.

        >>> from ndgrad import nn
        >>> {key: value.shape for key, value in nn.Sequential(nn.Linear(2, 3)).state_dict().items()}
        {'0.weight': (3, 2), '0.bias': (3,)}
        """
        state: dict[str, Tensor] = {} if destination is None else destination
        for key, tensor in _entries(self):
            state[prefix + key] = tensor if keep_vars else tensor.detach()
        return state

    def load_state_dict(
        self, state_dict: Mapping[str, Tensor], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys:
        """Copy the values of `state_dict` into this module, after all of them have been checked.

        Args:
            state_dict: tensors by dotted path, as :meth:`state_dict` gives them; they are cast to the dtypes that the
                module has and moved to its devices.
            strict: whether missing and unexpected keys are errors; without it they are returned.
            assign: put the given tensors in the place of the module's own, instead of copying their values.

        Raises:
            RuntimeError: lists every missing, unexpected and misshapen key at once; nothing has been loaded then.
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
        own = dict(_entries(self))
        missing = [key for key in own if key not in state_dict]
        unexpected = [key for key in state_dict if key not in own]
        problems = [line for key in own if key in state_dict for line in _mismatch(key, state_dict[key], own[key])]
        if strict:
            problems = _listed("Missing", missing) + _listed("Unexpected", unexpected) + problems
        if problems:
            raise RuntimeError(
                f"Error(s) in loading state_dict for {type(self).__name__}, nothing was loaded:\n\t"
                + "\n\t".join(problems)
            )
        with nd.no_grad():
            for key in own:
                if key in state_dict:
                    (_replace if assign else _overwrite)(self, key, own[key], state_dict[key])
        return IncompatibleKeys(missing, unexpected)


def _entries(root: ModuleTree) -> list[tuple[str, Tensor]]:
    """(path, tensor) of everything that is saved: a module's parameters, its buffers, then its children's."""
    return [
        (join(path, name), tensor)
        for path, module in walk(root)
        for kind in (PARAMETER, BUFFER)
        for name, tensor in module._owned(kind)
    ]


def _mismatch(key: str, given: object, own: Tensor) -> list[str]:
    if not isinstance(given, Tensor):
        return [f"{key}: expected a Tensor, got {type(given).__name__}; write nd.asarray(...)."]
    if given.shape != own.shape:
        return [
            f"size mismatch for {key}: copying a param with shape {given.shape} from checkpoint, "
            f"the shape in current model is {own.shape}."
        ]
    return []


def _listed(what: str, keys: list[str]) -> list[str]:
    return [f"{what} key(s) in state_dict: {', '.join(map(repr, keys))}."] if keys else []


def _overwrite(root: ModuleTree, key: str, own: Tensor, given: Tensor) -> None:
    own.copy_(given)


def _replace(root: ModuleTree, key: str, own: Tensor, given: Tensor) -> None:
    path, _, name = key.rpartition(".")
    is_parameter = isinstance(own, Parameter)
    setattr(root.get_submodule(path), name, Parameter(given, own.requires_grad) if is_parameter else given)
