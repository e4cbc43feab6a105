"""Parameters that are computed from others: a module put before a parameter, so that it has a form of its own."""

# ruff: noqa: D102  (the base class says what these methods are)
from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import ndgrad as nd
from ndgrad import Tensor

from ..containers import ModuleDict, ModuleList
from ..module import Module
from ..parameter import Parameter

__all__ = [
    "ParametrizationList", "cached", "is_parametrized", "register_parametrization", "remove_parametrizations",
    "transfer_parametrizations_and_params", "type_before_parametrizations",
]  # fmt: skip


class _Cache(threading.local):
    depth = 0

    def __init__(self) -> None:
        self.values: dict[tuple[int, str], Any] = {}


_cache = _Cache()


@contextmanager
def cached() -> Iterator[None]:
    """Within its block, a parametrized parameter is computed once, when it is first used.

    Source: PyTorch, ``torch.nn.utils.parametrize.cached``.

    >>> from ndgrad import nn
    >>> layer = nn.utils.parametrizations.weight_norm(nn.Linear(2, 2))
    >>> with cached():
    ...     layer.weight is layer.weight
    True
    """
    _cache.depth += 1
    try:
        yield
    finally:
        _cache.depth -= 1
        if not _cache.depth:
            _cache.values.clear()


class ParametrizationList(ModuleList):
    """The parametrizations of one parameter, and the tensors that it is computed from.

    Attributes:
        original: what the first parametrization is given; or where its ``right_inverse`` returns several tensors,
            ``original0``, ``original1``, ...

    :func:`register_parametrization` makes it, and it stands at ``module.parametrizations[name]``.
    """

    def __init__(self, modules: Sequence[Module], original: Tensor, unsafe: bool = False) -> None:
        super().__init__(modules)
        self.unsafe = unsafe
        shape, dtype, device = original.shape, original.dtype, original.device
        new = self._inverted(original, required=False)
        self.is_tensor = isinstance(new, Tensor)
        self.ntensors = 1 if self.is_tensor else len(new)
        if self.is_tensor:
            if (new.dtype, new.device) != (dtype, device):
                raise ValueError(
                    f"right_inverse may not change dtype or device of one tensor: {dtype.name} on {device} became "
                    f"{new.dtype.name} on {new.device}"
                )
            original.data = new
            _own(self, "original", original)
        else:
            for i, part in enumerate(new):
                if isinstance(original, Parameter):
                    part = Parameter(part, original.requires_grad)
                _own(self, f"original{i}", part)
        if not unsafe:
            _check_result("parametrization", self(), shape, dtype)

    def _inverted(self, value: Any, *, required: bool) -> Any:
        """What the parametrizations compute ``value`` from, the last one first."""
        with nd.no_grad():
            for module in reversed(list(self)):
                if hasattr(module, "right_inverse"):
                    try:
                        value = module.right_inverse(value)
                    except NotImplementedError:
                        if required:
                            raise
                elif required:
                    raise RuntimeError(
                        f"{type(module).__name__} cannot be assigned to: write def right_inverse(self, value) in it"
                    )
        parts = [value] if isinstance(value, Tensor) else value
        if not isinstance(parts, Sequence) or not all(isinstance(part, Tensor) for part in parts):
            raise ValueError(f"right_inverse returns a tensor or a sequence of tensors, got {type(value).__name__}")
        return value

    def right_inverse(self, value: Tensor) -> None:
        """Set the originals so that the parameter becomes ``value``."""
        new = self._inverted(value, required=True)
        values = [new] if isinstance(new, Tensor) else list(new)
        originals = self._originals()
        if [v.dtype for v in values] != [o.dtype for o in originals]:
            raise ValueError(
                f"right_inverse returned tensors of {', '.join(v.dtype.name for v in values)}, the originals are of "
                f"{', '.join(o.dtype.name for o in originals)}"
            )
        for original, part in zip(originals, values, strict=True):
            original.data = part.detach()

    def _originals(self) -> list[Tensor]:
        names = ["original"] if self.is_tensor else [f"original{i}" for i in range(self.ntensors)]
        return [getattr(self, name) for name in names]

    def forward(self) -> Tensor:
        first, *rest = self
        x = first(*self._originals())
        for module in rest:
            x = module(x)
        return x


def register_parametrization(
    module: Module, tensor_name: str, parametrization: Module, *, unsafe: bool = False
) -> Module:
    """Let ``module.<tensor_name>`` be what ``parametrization`` makes of it, each time it is used.

    Args:
        module: what is changed, and returned; its class becomes a subclass.
        tensor_name: a parameter, a buffer, or what is parametrized already.
        parametrization: its ``forward`` takes the original and returns the parameter. With a method ``right_inverse``,
            values can be assigned; what that returns of the present value becomes the original, or if it returns
            several tensors, ``forward`` takes as many.
        unsafe: whether dtype and shape may change, which is not checked then.

    Raises:
        ValueError: there is no such parameter or buffer, or the parametrization changes dtype or shape.

    Source: PyTorch, ``torch.nn.utils.parametrize.register_parametrization``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> class Symmetric(nn.Module):
    ...     def forward(self, x):
    ...         return nd.triu(x) + nd.triu(x, k=1).T
    ...
    ...     def right_inverse(self, a):
    ...         return nd.triu(a)
    >>> layer = register_parametrization(nn.Linear(3, 3), "weight", Symmetric())
    >>> bool(nd.all(layer.weight == layer.weight.T)), list(layer.state_dict())
    (True, ['bias', 'parametrizations.weight.original'])
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        if not unsafe:
            _check_another(module, tensor_name, parametrization)
        parametrizations = module.parametrizations[tensor_name]
        parametrizations.append(parametrization)
        parametrizations.unsafe |= unsafe
    elif module._parameters.get(tensor_name) is not None or module._buffers.get(tensor_name) is not None:
        parametrizations = ParametrizationList([parametrization], getattr(module, tensor_name), unsafe)
        delattr(module, tensor_name)
        if not is_parametrized(module):
            base: Any = type(module)
            module.__class__ = _parametrized(base)
            module.parametrizations = ModuleDict()
        module.parametrizations[tensor_name] = parametrizations
    else:
        raise ValueError(f"{type(module).__name__} has no parameter, buffer or parametrized tensor {tensor_name!r}")
    return module


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether a module has any parametrized tensor, or this one."""
    parametrizations = vars(module).get("parametrizations")
    if not isinstance(parametrizations, ModuleDict):
        return False
    return len(parametrizations) > 0 if tensor_name is None else tensor_name in parametrizations


def remove_parametrizations(module: Module, tensor_name: str, leave_parametrized: bool = True) -> Module:
    """Make a parametrized tensor a plain one again.

    Args:
        module: what is changed, and returned.
        tensor_name: which tensor.
        leave_parametrized: whether it keeps its present value, or becomes the original.

    Raises:
        ValueError: the tensor is not parametrized, or there are several originals and none is to be left.

    Source: PyTorch, ``torch.nn.utils.parametrize.remove_parametrizations``.

    >>> from ndgrad import nn
    >>> layer = nn.utils.parametrizations.weight_norm(nn.Linear(2, 3))
    >>> remove_parametrizations(layer, "weight")
    Linear(in_features=2, out_features=3, bias=True)
    """
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"{type(module).__name__} has no parametrization of {tensor_name!r}")
    parametrizations = module.parametrizations[tensor_name]
    if not parametrizations.is_tensor and not leave_parametrized:
        raise ValueError(
            f"{tensor_name!r} is computed from several tensors, none of which can be left in its place: "
            "write leave_parametrized=True"
        )
    value = getattr(module, tensor_name)
    if not parametrizations.is_tensor:
        original = Parameter(value.detach()) if value.requires_grad else value
    else:
        original = parametrizations.original
        if leave_parametrized:
            original.data = value.detach()
    del module.parametrizations[tensor_name]
    if not is_parametrized(module):
        base = type_before_parametrizations(module)
        del module.parametrizations
        module.__class__ = base
    _own(module, tensor_name, original)
    return module


def type_before_parametrizations(module: Module) -> type:
    """The class that the module had before anything of it was parametrized."""
    cls = type(module)
    return cls.__bases__[0] if "_is_parametrized" in vars(cls) else cls


def transfer_parametrizations_and_params(
    from_module: Module, to_module: Module, tensor_name: str | None = None
) -> Module:
    """Give ``to_module`` the parametrizations of another, and the tensors that they start from.

    Args:
        from_module: what is parametrized.
        to_module: what is changed, and returned.
        tensor_name: one parametrized tensor; all by default.

    Source: PyTorch, ``torch.nn.utils.parametrize.transfer_parametrizations_and_params``.
    """
    if not is_parametrized(from_module):
        return to_module
    for name in list(from_module.parametrizations) if tensor_name is None else [tensor_name]:
        given = from_module.parametrizations[name]
        if not hasattr(to_module, name):
            setattr(to_module, name, Parameter(getattr(from_module, name).detach()))
        for parametrization in given:
            register_parametrization(to_module, name, parametrization)
        names = ["original"] if given.is_tensor else [f"original{i}" for i in range(given.ntensors)]
        for original in names:
            setattr(to_module.parametrizations[name], original, getattr(given, original))
    return to_module


# -- the class of a parametrized module


@cache
def _parametrized(base: Any) -> Any:
    """A subclass that looks parametrized tensors up among the parametrizations."""

    def find(self: Any, name: str) -> Any:
        if not is_parametrized(self, name):
            return base.__getattr__(self, name)
        compute = vars(self)["parametrizations"][name]
        if not _cache.depth:
            return compute()
        key = id(self), name
        if key not in _cache.values:
            _cache.values[key] = compute()
        return _cache.values[key]

    def assign(self: Any, name: str, value: Any) -> None:
        if is_parametrized(self, name):
            vars(self)["parametrizations"][name].right_inverse(value)
        else:
            base.__setattr__(self, name, value)

    members = {"__getattr__": find, "__setattr__": assign, "__reduce_ex__": _reduced, "_is_parametrized": True}
    return type(f"Parametrized{base.__name__}", (base,), {**members, "__module__": base.__module__})


def _reduced(self: Any, protocol: Any) -> Any:
    """How it is copied and pickled: its class is made anew."""
    return _empty, (type_before_parametrizations(self),), vars(self)


def _empty(base: type) -> Any:
    cls = _parametrized(base)
    return cls.__new__(cls)


def _own(module: Module, name: str, tensor: Tensor) -> None:
    if isinstance(tensor, Parameter):
        module.register_parameter(name, tensor)
    else:
        module.register_buffer(name, tensor)


# -- checks


def _check_result(what: str, result: Any, shape: Any, dtype: Any) -> None:
    if not isinstance(result, Tensor):
        raise ValueError(f"a {what} must return a tensor, got {type(result).__name__}")
    if (result.shape, result.dtype) != (shape, dtype):
        raise ValueError(
            f"a {what} may not change shape or dtype, unless unsafe=True: {shape} of {dtype.name} became "
            f"{result.shape} of {result.dtype.name}"
        )


def _check_another(module: Module, name: str, parametrization: Module) -> None:
    before = getattr(module, name)
    after = parametrization(before)
    _check_result("parametrization", after, before.shape, before.dtype)
    if hasattr(parametrization, "right_inverse"):
        try:
            inverse = parametrization.right_inverse(after)
        except NotImplementedError:
            return
        _check_result("right_inverse", inverse, before.shape, before.dtype)
