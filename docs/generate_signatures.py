"""What a type checker and an editor see of the methods of tensors: ``ndgrad/signatures.pyi``, made from the functions.

``python docs/generate_signatures.py`` writes it; a test says when that is due.
"""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ndgrad as nd
from ndgrad import aliases
from ndgrad.operators import methods, rarer, symbols, table

TARGET = Path(nd.__file__).with_name("signatures.pyi")
COMMAND = "python docs/generate_signatures.py"
HEAD = f'''\
# Made by `{COMMAND}`; do not edit.
"""The methods of tensors that are functions of the namespace under their own names, as a type checker sees them."""

'''
NAMES = """\
from ndgrad.operators.methods import Operators
from ndgrad.operators.symbols import Symbols
from ndgrad.tensor import Tensor
"""
# Every keyword of PyTorch's under which SPELLINGS lets an argument come.
THEIRS = {"axis": ("dim",), "axes": ("dim",), "keepdims": ("keepdim",), "axis1": ("dim1",), "axis2": ("dim2",),
          "start_axis": ("start_dim",), "end_axis": ("end_dim",), "k": ("diagonal",)}  # fmt: skip
BINARY = "add sub mul truediv floordiv mod pow and or xor lshift rshift".split()
COMPARISONS = "lt le gt ge".split()
PLAIN = ("builtins", "collections.abc", "ndgrad.tensor")  # modules whose names stand alone
BROUGHT = {"typing": ("Any", "Literal"), "collections.abc": ("Callable", "Iterable", "Iterator", "Sequence")}
WORDS = {Any: "Any", types.NoneType: "None", ...: "..."}
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def stub() -> str:
    """The text of the file."""
    lines = [line for name in sorted(functions()) for line in declared(name, functions()[name])]
    body = "\n".join([*operators(), *lines])
    modules = sorted(set(re.findall(r"\b(ndgrad(?:\.[a-z_]+)+)\.", body)))
    imports = "".join(f"import {module}\n" for module in modules)
    for module, names in BROUGHT.items():
        used = [name for name in names if re.search(rf"\b{name}\b", body)]
        imports = f"from {module} import {', '.join(used)}\n{imports}"
    return f"{HEAD}{imports}{NAMES}\nclass Methods(Operators, Symbols):\n{body}\n"


def functions() -> dict[str, Callable[..., Any]]:
    """The function behind each method that has one, by the method's name."""
    own = {name for cls in (methods.Operators, rarer.Rarer, symbols.Symbols) for name in vars(cls)}
    found = {name: getattr(nd, name) for name in table._METHODS.split()}
    for names in (table._IN_PLACE, table._WRITTEN_BACK):
        found |= {name + "_": getattr(nd, name) for name in names.split()}
    for alias, name in aliases.METHOD_ALIASES.items():
        for end in ("", "_"):
            if name + end in found:
                found.setdefault(alias + end, found[name + end])
    return {name: function for name, function in found.items() if name not in own and hasattr(nd.Tensor, name)}


def operators() -> Iterator[str]:
    """The symbols of Python; at run time they decline what they do not know, so that any operand may be tried."""
    for name in BINARY:
        for prefix in ("", "r", "i"):
            yield f"    def __{prefix}{name}__(self, other: Any) -> Tensor: ..."
    for name in (*COMPARISONS, "matmul", "rmatmul", "imatmul"):
        yield f"    def __{name}__(self, other: Any) -> Tensor: ..."
    for name in ("eq", "ne"):
        yield f"    def __{name}__(self, other: Any) -> Tensor: ...  # type: ignore[override]"
    for name in ("neg", "pos", "abs", "invert"):
        yield f"    def __{name}__(self) -> Tensor: ..."
    yield "    def __iter__(self) -> Iterator[Tensor]: ..."


def declared(name: str, function: Callable[..., Any]) -> Iterator[str]:
    """The method as a declaration, with PyTorch's spellings of its arguments."""
    plain = inspect.unwrap(function)
    signature, hints = inspect.signature(plain), typing.get_type_hints(plain)
    given = list(signature.parameters.values())[1:]
    spelled = aliases.SPELLINGS.get(plain.__name__) or aliases.SPELLINGS.get(name)
    result = "Tensor" if name.endswith("_") else shown(hints.get("return", Any))
    parts = _parameters(given, hints, spelled)
    yield f"    def {name}({', '.join(['self', *parts])}) -> {result}: ..."


def _parameters(given: list[inspect.Parameter], hints: dict[str, Any], spelled: Any) -> list[str]:
    operands, following = (spelled[0] - 1, spelled[1]) if spelled else (0, ())
    first = [p for p in given if p.name not in following and p.kind in POSITIONAL]
    next_ = sorted((p for p in given if p.name in following), key=lambda p: following.index(p.name))
    rest = [p for p in given if p.kind is inspect.Parameter.KEYWORD_ONLY and p not in next_]
    starred = [p for p in given if p.kind is inspect.Parameter.VAR_POSITIONAL]
    aliased = [(theirs, p) for p in next_ for theirs in THEIRS.get(p.name, ())]
    optional = bool(aliased)  # whoever writes dim= leaves axis out
    parts = [_one(p, hints, optional and i >= operands) for i, p in enumerate(first)]
    slash = sum(p.kind is inspect.Parameter.POSITIONAL_ONLY for p in first)
    parts = ["/", *parts] if not slash else [*parts[:slash], "/", *parts[slash:]]
    parts += [_one(p, hints, optional or any("=" in part for part in parts)) for p in next_]
    parts += [f"*{p.name}: {shown(hints.get(p.name, Any))}" for p in starred] or (["*"] if rest or aliased else [])
    parts += [_one(p, hints, False) for p in rest]
    parts += [f"{theirs}: {shown(hints.get(p.name, Any))} = ..." for theirs, p in aliased]
    return parts


def _one(parameter: inspect.Parameter, hints: dict[str, Any], optional: bool) -> str:
    default = " = ..." if optional or parameter.default is not inspect.Parameter.empty else ""
    return f"{parameter.name}: {shown(hints.get(parameter.name, Any))}{default}"


def shown(hint: Any) -> str:
    """A type as it is written where classes of ours carry their module's name."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if isinstance(hint, list):  # the parameters of a Callable
        return f"[{', '.join(map(shown, hint))}]"
    if origin in (typing.Union, types.UnionType):
        return " | ".join(map(shown, arguments))
    if origin is typing.Literal:
        return f"Literal[{', '.join(map(repr, arguments))}]"
    if arguments:
        return f"{shown(origin)}[{', '.join(map(shown, arguments))}]"
    if hint in WORDS:
        return WORDS[hint]
    return hint.__qualname__ if hint.__module__ in PLAIN else f"{hint.__module__}.{hint.__qualname__}"


if __name__ == "__main__":
    TARGET.write_text(stub(), encoding="utf-8")
