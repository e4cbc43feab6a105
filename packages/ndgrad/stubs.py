"""Write what type checkers and editors read of ndgrad: ``python packages/ndgrad/stubs.py``.

Names reach the namespaces and the class Tensor by tables (aliases, PyTorch's spellings, functions that are methods
too), which no type checker follows. So they are looked at where they arrived, and their signatures written down.
"""

from __future__ import annotations

import ast
import builtins
import inspect
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import ndgrad
from ndgrad import aliases
from ndgrad.deferred import LateMethod
from ndgrad.dtypes import DType
from ndgrad.tensor import Tensor

SOURCE = Path(__file__).parent / "src" / "ndgrad"
NAMESPACES = {"ndgrad": "__init__", "ndgrad.linalg": "linalg", "ndgrad.fft": "fft"}  # by module: file
_PARTS = ("nn", "optim", "data")  # of ndgrad-nn
_KNOWN = {
    "Any": "typing", "Callable": "collections.abc", "Iterable": "collections.abc", "Iterator": "collections.abc",
    "Literal": "typing", "Mapping": "collections.abc", "ModuleType": "types", "Sequence": "collections.abc",
    "Tensor": "ndgrad.tensor",
}  # fmt: skip
# What methods return whose source says Any, if it is no tensor.
_UNKNOWN = """
numpy register_hook register_post_accumulate_grad_hook stride type __array__ __array_ufunc__ __dlpack__
"""
_RESULTS = {
    **dict.fromkeys(_UNKNOWN.split(), "Any"),
    **dict.fromkeys("is_complex is_floating_point".split(), "bool"),
    "__iter__": "Iterator[Tensor]",
}
_PLAIN, _ONLY_NAMED = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
_MANY = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_NOTHING = inspect.Parameter.empty


class _Text(str):
    """A piece of source, which signatures show as it is."""

    __slots__ = ()
    __repr__ = str.__str__


_OPTIONAL = _Text("...")


def _home(name: str, module: str) -> str:
    """The module in which what ``module`` calls ``name`` is written."""
    tree = ast.parse(inspect.getsource(import_module(module)))
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and name in (alias.name for alias in node.names):
            return _home(name, str(node.module))
    return module


class Stub:
    """One file: its declarations, and the imports that their annotations need."""

    def __init__(self, about: str) -> None:
        self.about = about
        self.imports: dict[str, str] = {}
        self._meant: dict[str, Any] = {}
        self.lines: list[str] = []

    def text(self) -> str:
        """The file."""
        head = f'"""{self.about}. Written by stubs.py, for type checkers and editors."""'
        return "\n".join([head, "", *sorted(self.imports.values()), "", *self.lines, ""])

    def annotation(self, source: Any, function: Any = None) -> _Text:
        """An annotation, its names behind underscores: functions and methods are called ``float`` and ``bool`` too."""
        if source is _NOTHING:
            source = "Any"
        tree = ast.parse(source if isinstance(source, str) else getattr(source, "__name__", "None"), mode="eval")
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                node.id = self._name(node.id, function)
        return _Text(ast.unparse(tree))

    def _name(self, name: str, function: Any) -> str:
        if name == "builtins" or hasattr(builtins, name):
            module = self._imported("_builtins", "import builtins as _builtins")
            return module if name == "builtins" else f"{module}.{name}"
        source = _KNOWN.get(name) or _home(name, function.__module__)
        meant = name if name in _KNOWN else function.__globals__.get(name, name)
        own = f"_{name.lstrip('_')}"
        while self._meant.setdefault(own, meant) != meant:
            own += "_"  # another module's alias of this name
        return self._imported(own, f"from {source} import {name} as {own}")

    def _imported(self, own: str, line: str) -> str:
        self.imports.setdefault(own, line)
        return own

    def signature(self, function: Callable[..., Any], spelling: str = "") -> inspect.Signature:
        """A function's signature, PyTorch's spellings among its parameters."""
        plain = inspect.unwrap(function)
        found = inspect.signature(plain)
        parameters = [
            p.replace(
                annotation=self.annotation(p.annotation, plain),
                default=_NOTHING if p.default is _NOTHING else _OPTIONAL,
            )
            for p in found.parameters.values()
        ]
        if spelling in aliases.SPELLINGS:
            parameters = self._spelled(parameters, spelling)
        return inspect.Signature(parameters, return_annotation=self.annotation(found.return_annotation, plain))

    def _spelled(self, parameters: list[inspect.Parameter], spelling: str) -> list[inspect.Parameter]:
        operands, positional = aliases.SPELLINGS[spelling]
        ours = {p.name: p for p in parameters}
        theirs = {
            name: ours[own] for name, own in aliases.keywords(spelling).items() if own in ours and name not in ours
        }
        replaceable = {p.name for p in theirs.values() if p.kind not in _MANY}
        parameters = [p.replace(default=_OPTIONAL) if p.name in replaceable else p for p in parameters]
        ours = {p.name: p for p in parameters}
        first = [p for p in parameters[:operands] if p.kind is not _ONLY_NAMED]
        by_position = [ours[name] for name in positional if name in ours and ours[name] not in first]
        rest = [p for p in parameters if p not in first and p not in by_position]
        by_position = [p.replace(kind=_PLAIN) for p in by_position]
        rest = [p if p.kind in _MANY else p.replace(kind=_ONLY_NAMED) for p in rest]
        rest += [
            inspect.Parameter(
                name,
                _ONLY_NAMED,
                default=_OPTIONAL,
                annotation=self.annotation("Any") if p.kind in _MANY else p.annotation,
            )
            for name, p in theirs.items()
        ]
        rest.sort(key=lambda p: (p.kind, p.default is _OPTIONAL))
        return [*_optional_at_last([*first, *by_position]), *rest]


def _optional_at_last(parameters: list[inspect.Parameter]) -> Iterator[inspect.Parameter]:
    """What follows an optional parameter is optional."""
    optional = False
    for p in parameters:
        optional = optional or p.default is _OPTIONAL
        yield p.replace(default=_OPTIONAL) if optional and p.kind not in _MANY else p


def namespace(module: ModuleType) -> str:
    """The stub of a namespace."""
    stub = Stub(f"The names of {module.__name__}")
    prefix = module.__name__.removeprefix("ndgrad").lstrip(".")
    prefix = f"{prefix}." if prefix else ""
    names = [name for name in sorted(set(dir(module)) | {*module.__all__}) if _is_public(module, name)]
    stub.lines += [_line(stub, name, getattr(module, name), prefix) for name in names]
    if module is ndgrad:
        stub.lines += [f"from ndgrad import {part} as {part}" for part in _PARTS]
    stub.lines.append(f"__all__ = {names}")
    return stub.text()


def _is_public(module: ModuleType, name: str) -> bool:
    """Submodules are attributes once somebody has imported them."""
    return name in module.__all__ or not (name.startswith("_") or isinstance(getattr(module, name), ModuleType))


def _line(stub: Stub, name: str, value: Any, prefix: str) -> str:
    if isinstance(value, ModuleType):
        return f"from ndgrad import {value.__name__.rpartition('.')[2]} as {name}"
    if isinstance(value, FunctionType):
        origin = inspect.unwrap(value)
        spelling = prefix + (name if prefix else aliases.FUNCTION_ALIASES.get(name, name))
        if spelling not in aliases.SPELLINGS and origin.__code__.co_qualname == origin.__name__:
            return f"from {origin.__module__} import {origin.__name__} as {name}"
        return f"def {name}{stub.signature(value, spelling)}: ..."
    if isinstance(value, type):
        return f"from {value.__module__} import {value.__name__} as {name}"
    if isinstance(value, DType):
        own = value.name + "_" * (value.name == "bool")
        return f"from ndgrad.dtypes import {own} as {name}"
    return f"{name}: {stub.annotation(type(value).__name__ if value is not None else 'None')}"


def methods() -> str:
    """The stub of ``ndgrad.methods``: the base class of Tensor, for who reads types."""
    stub = Stub("What a tensor can do")
    stub.lines.append("class Methods:")
    for name, value in list(vars(Tensor).items()):
        if isinstance(value, LateMethod):
            getattr(Tensor, name)  # which makes it
    own = {
        name for name, value in vars(Tensor).items() if getattr(_plain(value), "__module__", "") == Tensor.__module__
    }
    for name, value in sorted(vars(Tensor).items()):
        if callable(_plain(value)) and name not in own and name not in ("__hash__", "__class__"):
            stub.lines += [f"    {line}" for line in _method(stub, name, value)]
    return stub.text()


def _plain(value: Any) -> Any:
    return value.fget if isinstance(value, property) else value


def _method(stub: Stub, name: str, value: Any) -> Iterator[str]:
    found = stub.signature(_plain(value), aliases.METHOD_ALIASES.get(name, name))
    result = found.return_annotation
    if name in _RESULTS or result == stub.annotation("Any"):
        result = stub.annotation(_RESULTS.get(name, "Tensor"))
    first, *rest = found.parameters.values()
    if first.kind not in _MANY:  # else it is all that is known
        first = inspect.Parameter("self", first.kind)
    else:
        first, rest = inspect.Parameter("self", _PLAIN), [first, *rest]
    if not any(p.kind is p.POSITIONAL_ONLY for p in rest):
        first = first.replace(kind=_PLAIN)
    line = f"def {name}{inspect.Signature([first, *rest], return_annotation=result)}: ..."
    if isinstance(value, property):
        yield "@property"
    yield line + ("  # type: ignore[override]" if name in ("__eq__", "__ne__") else "")
    if isinstance(value, property) and value.fset:
        yield f"@{name}.setter"
        yield f"def {name}(self, value: {stub.annotation('Any')}) -> None: ..."


def stubs() -> Mapping[Path, str]:
    """The text of every stub, by its path."""
    written = {SOURCE / f"{file}.pyi": namespace(import_module(name)) for name, file in NAMESPACES.items()}
    return {**written, SOURCE / "methods.pyi": methods()}


if __name__ == "__main__":
    for path, text in stubs().items():
        path.write_text(text, encoding="utf-8")
