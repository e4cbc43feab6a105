"""Modules that hold modules or parameters as a list or a dict does.

Python's own abstract collections supply ``pop``, ``extend``, ``update`` and the like from the few methods written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping, MutableSequence
from itertools import chain, groupby
from operator import index as as_index
from typing import Any, ClassVar, Self, overload

from ndgrad import Tensor

from .module import Module
from .parameter import Parameter
from .tree import CHILD, PARAMETER

__all__ = ["ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential"]


class _Holder(Module):
    """A module whose items are its attributes of one kind."""

    _holds: ClassVar[str] = CHILD

    def _names(self) -> list[str]:
        return [name for name, kind in self._kinds.items() if kind == self._holds]

    def _hold(self, name: str, item: Any) -> None:
        self.add_module(name, item)

    def __len__(self) -> int:
        return len(self._names())


class _List(_Holder, MutableSequence[Any]):
    """A holder whose items are named "0", "1", ... unless they were named otherwise."""

    def __iter__(self) -> Iterator[Any]:
        values = vars(self)
        return iter([values[name] for name in self._names()])

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(list(self)[index])  # type: ignore[call-arg]
        return vars(self)[self._name_at(index)]

    def __setitem__(self, index: Any, item: Any) -> None:
        setattr(self, self._name_at(index), item)

    def __delitem__(self, index: int | slice) -> None:
        items = list(self)
        if not isinstance(index, slice):
            self._name_at(index)
        del items[index]
        self._renumber(items)

    def insert(self, index: int, item: Any) -> None:
        """Put ``item`` before position ``index``; those behind it are renumbered."""
        items = list(self)
        items.insert(index, item)
        self._renumber(items)

    def append(self, item: Any) -> Self:  # type: ignore[override]
        """Put ``item`` at the end."""
        self._hold(str(len(self)), item)
        return self

    def extend(self, items: Iterable[Any]) -> Self:  # type: ignore[override]
        """Put all ``items`` at the end.

        Raises:
            TypeError: ``items`` is not an iterable of modules, or of tensors for a :class:`ParameterList`.
        """
        if not isinstance(items, Iterable) or isinstance(items, Tensor):
            raise TypeError(
                f"{type(self).__name__} is filled from an iterable such as a list, got {type(items).__name__}"
            )
        for item in list(items):
            self.append(item)
        return self

    def _name_at(self, index: int) -> str:
        names, position = self._names(), as_index(index)
        if not -len(names) <= position < len(names):
            raise IndexError(f"index {position} is out of range for a {type(self).__name__} of {len(names)} items")
        return names[position]

    def _renumber(self, items: list[Any]) -> None:
        before = [(name, vars(self)[name]) for name in self._names()]
        self._empty()
        try:
            for item in items:
                self.append(item)
        except Exception:  # an item that cannot be held: all are where they were
            self._empty()
            for name, item in before:
                self._hold(name, item)
            raise

    def _empty(self) -> None:
        for name in self._names():
            delattr(self, name)


class Sequential(_List):
    """Modules that are called one after the other, each on what the one before returned.

    Args:
        args: the modules in order, or one dict that names them.

    Source: PyTorch, ``torch.nn.Sequential``.

    >>> from ndgrad import nn
    >>> nn.Sequential(nn.Linear(4, 3), nn.ReLU())
    Sequential(
      (0): Linear(in_features=4, out_features=3, bias=True)
      (1): ReLU()
    )
    """

    def __init__(self, *args: Any) -> None:
        super().__init__()
        named = args[0] if len(args) == 1 and isinstance(args[0], dict) else {str(i): m for i, m in enumerate(args)}
        for name, module in named.items():
            self.add_module(name, module)

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)({name: vars(self)[name] for name in self._names()[index]})
        return super().__getitem__(index)

    def insert(self, index: int, item: Any) -> Self:  # type: ignore[override]
        """Put ``item`` before position ``index``; those behind it are renumbered."""
        super().insert(index, item)
        return self

    def __add__(self, other: Iterable[Module]) -> Sequential:
        return Sequential(*self, *other)

    def __mul__(self, times: int) -> Sequential:
        return Sequential(*(module for _ in range(times) for module in self))

    __rmul__ = __mul__

    def forward(self, input: Any) -> Any:
        """What the last module returns."""
        for module in self:
            input = module(input)
        return input


class ModuleList(_List):
    """A list of modules, which are registered; it has no ``forward`` of its own.

    Source: PyTorch, ``torch.nn.ModuleList``.

    >>> from ndgrad import nn
    >>> layers = nn.ModuleList(nn.Linear(3, 3) for _ in range(2))
    >>> layers.append(nn.ReLU())
    ModuleList(
      (0-1): 2 x Linear(in_features=3, out_features=3, bias=True)
      (2): ReLU()
    )
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        self.extend(modules or ())

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList(chain(self, other))

    def _listed(self) -> list[tuple[str, str]]:
        runs = [[*run] for _, run in groupby(super()._listed(), key=lambda pair: pair[1])]
        return [_run(run) for run in runs]


def _run(run: list[tuple[str, str]]) -> tuple[str, str]:
    """Neighbours that print alike, as one line."""
    (first, text), (last, _) = run[0], run[-1]
    return (first, text) if len(run) == 1 else (f"{first}-{last}", f"{len(run)} x {text}")


class _Dict(_Holder, MutableMapping[str, Any]):
    """A holder whose items are named by the user."""

    __eq__ = object.__eq__  # a module is itself, whatever it holds
    __hash__ = object.__hash__

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._names())

    def __getitem__(self, key: str) -> Any:
        self._check(key)
        return vars(self)[key]

    def __setitem__(self, key: str, item: Any) -> None:
        self._hold(key, item)

    def __delitem__(self, key: str) -> None:
        self._check(key)
        delattr(self, key)

    def popitem(self) -> tuple[str, Any]:
        """Take out the last item, as (key, item).

        Raises:
            KeyError: it is empty.
        """
        if not self:
            raise KeyError(f"this {type(self).__name__} is empty")
        key = self._names()[-1]
        return key, self.pop(key)

    def _check(self, key: str) -> None:
        if self._kinds.get(key) != self._holds:
            raise KeyError(
                f"{key!r} is not in this {type(self).__name__}; it holds {', '.join(self._names()) or 'nothing'}"
            )


class ModuleDict(_Dict):
    """A dict of modules, which are registered under their keys, in the order in which they came.

    Source: PyTorch, ``torch.nn.ModuleDict``.

    >>> from ndgrad import nn
    >>> nn.ModuleDict({"act": nn.ReLU()})["act"]
    ReLU()
    """

    def __init__(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] | None = None) -> None:
        super().__init__()
        self.update(modules or {})


class _Parameters(_Holder):
    """A holder of parameters: tensors become parameters when they enter."""

    _holds = PARAMETER

    def _hold(self, name: str, item: Any) -> None:
        is_tensor = isinstance(item, Tensor) and not isinstance(item, Parameter)
        self.register_parameter(name, Parameter(item) if is_tensor else item)

    def extra_repr(self) -> str:
        return "\n".join(f"  ({name}): {_summary(parameter)}" for name, parameter in self._owned(PARAMETER))


def _summary(parameter: Tensor) -> str:
    size = "x".join(map(str, parameter.shape))
    device = "" if parameter.device.type == "cpu" else f" ({parameter.device})"
    return f"Parameter containing: [{parameter.dtype} of size {size}{device}]"


class ParameterList(_Parameters, _List):
    """A list of parameters, which are registered; tensors become parameters when they enter.

    Source: PyTorch, ``torch.nn.ParameterList``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> nn.ParameterList([nd.zeros(2, 3)])
    ParameterList(  (0): Parameter containing: [ndgrad.float32 of size 2x3])
    """

    def __init__(self, values: Iterable[Tensor] | None = None) -> None:
        super().__init__()
        self.extend(() if values is None else values)


class ParameterDict(_Parameters, _Dict):
    """A dict of parameters, which are registered under their keys; tensors become parameters when they enter.

    Source: PyTorch, ``torch.nn.ParameterDict``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> list(nn.ParameterDict({"left": nd.zeros(2)}).state_dict())
    ['left']
    """

    def __init__(self, parameters: Mapping[str, Tensor] | Iterable[tuple[str, Tensor]] | None = None) -> None:
        super().__init__()
        self.update(parameters or {})
