"""What a module owns, by name, and the one walk over the tree from which everything else derives.

A parameter, buffer or child is an ordinary instance attribute, so ``self.weight`` costs one dict look-up. Beside it
stands its *kind* in ``self._kinds``, in the order of registration: together they are all that the walk needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Self, TypeVar

from ndgrad import Tensor

from .parameter import Buffer, Parameter

__all__ = ["BUFFER", "CHILD", "PARAMETER", "SCRATCH", "ModuleTree", "join", "walk"]

T = TypeVar("T")

PARAMETER, BUFFER, SCRATCH, CHILD = "parameter", "buffer", "non-persistent buffer", "child"
BUFFERS = (BUFFER, SCRATCH)


def join(prefix: str, name: str) -> str:
    """The dotted path of ``name`` below ``prefix``."""
    return f"{prefix}.{name}" if prefix else name


def walk(root: ModuleTree, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every module with its path, parents first; a module that is reached on two paths comes twice."""
    yield prefix, root
    for name, child in root._owned(CHILD):
        yield from walk(child, join(prefix, name))


def _unique(pairs: Iterator[tuple[str, T]]) -> Iterator[tuple[str, T]]:
    """``pairs`` without further mentions of an object: shared modules and tied weights count once."""
    seen: set[int] = set()
    for name, value in pairs:
        if id(value) not in seen:
            seen.add(id(value))
            yield name, value


def _kind_of(value: object) -> str | None:
    match value:
        case Parameter():
            return PARAMETER
        case ModuleTree():
            return CHILD
        case Buffer():
            return BUFFER if value.persistent else SCRATCH
    return None


def _accepts(kind: str, value: object) -> bool:
    """Whether an attribute of this kind may be given this value."""
    required = {PARAMETER: Parameter, CHILD: ModuleTree}.get(kind, Tensor)
    return value is None or isinstance(value, required)


class ModuleTree:
    """The part of ``Module`` that knows what belongs to it."""

    _kinds: dict[str, str]

    # -- registration

    def __setattr__(self, name: str, value: Any) -> None:
        kind, kinds = _kind_of(value), vars(self).get("_kinds")
        if kind and kinds is None:
            raise AttributeError(_not_initialised(self, f"cannot assign {name!r}"))
        current = kinds.get(name) if kinds else None
        if current and not _accepts(current, value):
            raise TypeError(_not_accepted(self, name, current, value))
        self._put(name, kind or current, value)

    def __delattr__(self, name: str) -> None:
        object.__delattr__(self, name)
        vars(self).get("_kinds", {}).pop(name, None)

    def __getattr__(self, name: str) -> Any:
        """Reached only for what is missing, so present attributes cost nothing extra."""
        if name == "_kinds":
            raise AttributeError(_not_initialised(self, "this module owns nothing yet"))
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Own ``param`` as attribute ``name``; ``None`` keeps the place, so that a layer can say it has no bias.

        Raises:
            TypeError: ``param`` is not a :class:`Parameter`.
            KeyError: the name is taken, empty or dotted.
            ValueError: ``param`` was computed from other tensors.

        >>> from ndgrad import nn
        >>> m = nn.Module()
        >>> m.register_parameter("bias", None)
        >>> list(m.parameters())
        []
        """
        if not _accepts(PARAMETER, param):
            raise TypeError(_not_accepted(self, name, PARAMETER, param))
        if param is not None and not param.is_leaf:
            raise ValueError(
                f"parameter {name!r} was computed from other tensors, so an optimiser could not update it: "
                "write nn.Parameter(value.detach()), or compute it in forward()"
            )
        self._claim(name, (PARAMETER,))
        self._put(name, PARAMETER, param)

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Own ``tensor`` as attribute ``name`` without training it; ``persistent`` puts it into the ``state_dict``.

        Raises:
            TypeError: ``tensor`` is not a tensor.
            KeyError: the name is taken, empty or dotted.

        >>> import ndgrad as nd
        >>> from ndgrad import nn
        >>> m = nn.Module()
        >>> m.register_buffer("running_mean", nd.zeros(2))
        >>> m.running_mean
        tensor([0., 0.])
        """
        if not _accepts(BUFFER, tensor):
            raise TypeError(_not_accepted(self, name, BUFFER, tensor))
        self._claim(name, BUFFERS)
        self._put(name, BUFFER if persistent else SCRATCH, tensor)

    def add_module(self, name: str, module: Any) -> None:
        """Own ``module`` as child ``name``; ``register_module`` is the same.

        Raises:
            TypeError: ``module`` is not a :class:`Module`.
            KeyError: the name is taken, empty or dotted.

        >>> from ndgrad import nn
        >>> m = nn.Module()
        >>> m.add_module("act", nn.ReLU())
        >>> m.act
        ReLU()
        """
        if not _accepts(CHILD, module):
            raise TypeError(_not_accepted(self, name, CHILD, module))
        self._claim(name, (CHILD,))
        self._put(name, CHILD, module)

    register_module = add_module

    def _claim(self, name: str, kinds: tuple[str, ...]) -> None:
        if not isinstance(name, str):
            raise TypeError(f"the name of a {kinds[0]} must be a string, got {type(name).__name__}")
        if not name or "." in name:
            raise KeyError(
                f"{name!r} cannot name a {kinds[0]}: names are not empty and hold no '.', which separates paths"
            )
        if self._kinds.get(name) not in kinds and hasattr(self, name):
            raise KeyError(
                f"{type(self).__name__} already has an attribute {name!r}: choose another name for this {kinds[0]}"
            )

    def _put(self, name: str, kind: str | None, value: Any) -> None:
        if kind is not None:
            if self._kinds.get(name, kind) != kind:
                del self._kinds[name]  # it takes its place among its new kind, at the end
            self._kinds[name] = kind
        object.__setattr__(self, name, value)

    # -- the walk, and what is read off it

    def _view(self, *kinds: str) -> Mapping[str, Any]:
        """What this module itself has of these kinds, None included, to read."""
        values = vars(self)
        return MappingProxyType({name: values[name] for name, kind in self._kinds.items() if kind in kinds})

    _parameters = property(lambda self: self._view(PARAMETER))
    _buffers = property(lambda self: self._view(*BUFFERS))
    _modules = property(lambda self: self._view(CHILD))

    def _owned(self, *kinds: str) -> list[tuple[str, Any]]:
        """This module's own (name, value) pairs of the given kinds, without those set to ``None``."""
        values = vars(self)
        return [
            (name, values[name]) for name, kind in self._kinds.items() if kind in kinds and values[name] is not None
        ]

    def _members(self, kinds: tuple[str, ...], prefix: str, recurse: bool, unique: bool) -> Iterator[tuple[str, Any]]:
        modules = self.named_modules(prefix=prefix, remove_duplicate=unique) if recurse else [(prefix, self)]
        members = ((join(path, name), value) for path, module in modules for name, value in module._owned(*kinds))
        return _unique(members) if unique else members

    def named_modules(
        self, memo: set[Any] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Any]]:
        """This module and all below it with their dotted paths, parents first; modules in ``memo`` are left out.

        >>> from ndgrad import nn
        >>> [path for path, _ in nn.Sequential(nn.ReLU(), nn.Tanh()).named_modules()]
        ['', '0', '1']
        """
        found = walk(self, prefix)
        return ((p, m) for p, m in (_unique(found) if remove_duplicate else found) if memo is None or m not in memo)

    def modules(self, remove_duplicate: bool = True) -> Iterator[Any]:
        """This module and all below it, each once."""
        return (module for _, module in self.named_modules(remove_duplicate=remove_duplicate))

    def named_children(self) -> Iterator[tuple[str, Any]]:
        """The modules directly below this one with their names, each once."""
        return _unique(iter(self._owned(CHILD)))

    def children(self) -> Iterator[Any]:
        """The modules directly below this one, each once."""
        return (child for _, child in self.named_children())

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """All parameters with their dotted paths; with ``recurse=False`` only this module's own.

        >>> from ndgrad import nn
        >>> [path for path, _ in nn.Sequential(nn.Linear(2, 3)).named_parameters()]
        ['0.weight', '0.bias']
        """
        return self._members((PARAMETER,), prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """All parameters, each once, as an optimiser takes them."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """All buffers, persistent or not, with their dotted paths."""
        return self._members(BUFFERS, prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """All buffers, persistent or not, each once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def apply(self, fn: Callable[[Any], object]) -> Self:
        """Call ``fn`` on every module below this one, then on this one: the usual way to initialise a network.

        >>> from ndgrad import nn
        >>> net = nn.Sequential(nn.ReLU()).apply(lambda module: print(type(module).__name__))
        ReLU
        Sequential
        """
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    # -- by path

    def get_submodule(self, target: str) -> Any:
        """The module at the dotted path ``target``, this one for "".

        Raises:
            AttributeError: there is no such attribute, or it is not a module.

        >>> from ndgrad import nn
        >>> nn.Sequential(nn.Sequential(nn.Tanh())).get_submodule("0.0")
        Tanh()
        """
        module: Any = self
        for name in filter(None, target.split(".")):
            module = module._get(name, (CHILD,))
        return module

    def get_parameter(self, target: str) -> Parameter:
        """The parameter at the dotted path ``target``; raises as ``get_submodule`` does."""
        path, _, name = target.rpartition(".")
        return self.get_submodule(path)._get(name, (PARAMETER,))

    def get_buffer(self, target: str) -> Tensor:
        """The buffer at the dotted path ``target``; raises as ``get_submodule`` does."""
        path, _, name = target.rpartition(".")
        return self.get_submodule(path)._get(name, BUFFERS)

    def set_submodule(self, target: str, module: Any, strict: bool = False) -> None:
        """Put ``module`` at the dotted path ``target``; with ``strict``, only in the place of another.

        Raises:
            ValueError: ``target`` is empty, or ``module`` no module.
            AttributeError: as ``get_submodule``, of the path above, or with ``strict`` of the whole.

        >>> from ndgrad import nn
        >>> net = nn.Sequential(nn.Sequential(nn.Tanh()))
        >>> net.set_submodule("0.0", nn.ReLU())
        >>> net[0]
        Sequential(
          (0): ReLU()
        )
        """
        path, _, name = target.rpartition(".")
        if not name or not isinstance(module, ModuleTree):
            raise ValueError(f"set_submodule takes a path and a module, got {target!r} and {type(module).__name__}")
        parent = self.get_submodule(path)
        if strict or hasattr(parent, name):
            parent._get(name, (CHILD,))
        setattr(parent, name, module)

    def _get(self, name: str, kinds: tuple[str, ...]) -> Any:
        value = getattr(self, name)
        if self._kinds.get(name) not in kinds:
            raise AttributeError(f"attribute {name!r} of {type(self).__name__} is not a {kinds[0]}")
        return value


# -- what is said when it goes wrong


def _not_initialised(module: ModuleTree, consequence: str) -> str:
    name = type(module).__name__
    return f"{consequence}: {name}.__init__() must call super().__init__() before it assigns parameters or layers"


def _advice_on_child(value: object) -> str:
    if isinstance(value, type) and issubclass(value, ModuleTree):
        return f"write nn.{value.__name__}(...), an object of the class"
    if isinstance(value, (list, tuple)):
        return "write nn.Sequential(*layers), or nn.ModuleList(layers)"
    return "to keep another kind of value there, delete the attribute first"


def _not_accepted(module: ModuleTree, name: str, kind: str, value: object) -> str:
    needed, advice = {
        PARAMETER: (
            "nn.Parameter",
            "wrap it in nn.Parameter(...), or change the values in place with copy_() under nd.no_grad()",
        ),
        CHILD: ("nn.Module", _advice_on_child(value)),
    }.get(kind, ("Tensor", "write nd.asarray(...)"))
    owner, given = type(module).__name__, type(value).__name__
    return f"{name!r} is a {kind} of {owner} and takes a {needed} or None, got {given}: {advice}"
