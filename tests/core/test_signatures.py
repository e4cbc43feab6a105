"""What type checkers know of a tensor's methods is what the methods are."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import ndgrad as nd

SCRIPT = Path(__file__).parents[2] / "docs" / "generate_signatures.py"
TENSOR = nd.ones(2, 3)


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_signatures", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def declarations() -> dict[str, ast.FunctionDef]:
    module = ast.parse(generator().TARGET.read_text("utf-8"))
    (methods,) = [node for node in module.body if isinstance(node, ast.ClassDef)]
    return {node.name: node for node in methods.body}


def test_the_signatures_are_those_of_the_functions() -> None:
    made = generator()
    assert made.TARGET.read_text("utf-8") == made.stub(), f"run {made.COMMAND}"


def test_only_methods_that_exist_are_declared() -> None:
    missing = [name for name in declarations() if not hasattr(TENSOR, name)]
    assert missing == []


@pytest.mark.parametrize(
    ("name", "args", "kwargs"),
    [
        ("sum", (1, True), {}),
        ("sum", (), {"dim": 1, "keepdim": True}),
        ("mean", (), {"axis": 0, "dtype": nd.float64}),
        ("argmax", (), {"dim": -1}),
        ("chunk", (3, 1), {}),
        ("unsqueeze", (), {"dim": 0}),
        ("topk", (2,), {"dim": 1, "largest": False}),
        ("gather", (1, nd.zeros((2, 1), dtype=nd.int64)), {}),
        ("tril", (1,), {}),
        ("clamp", (0.0,), {"max": 0.5}),
        ("add", (TENSOR,), {"alpha": 2}),
    ],
)
def test_calls_in_either_spelling_fit_the_declaration(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    getattr(TENSOR, name)(*args, **kwargs)
    declared = declarations()[name].args
    by_position = [*declared.posonlyargs, *declared.args][1:]
    assert len(args) <= len(by_position) or declared.vararg
    names = {argument.arg for argument in [*declared.args, *declared.kwonlyargs]}
    assert kwargs.keys() <= names
