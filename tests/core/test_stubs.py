"""What type checkers and editors read of the namespaces and of Tensor is what is there."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import ndgrad as nd

SCRIPT = Path(__file__).parents[2] / "packages" / "ndgrad" / "stubs.py"
TENSOR = nd.ones(2, 3)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("stubs", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def declarations(script: ModuleType) -> dict[str, ast.FunctionDef]:
    module = ast.parse((script.SOURCE / "methods.pyi").read_text("utf-8"))
    (methods,) = [node for node in module.body if isinstance(node, ast.ClassDef)]
    return {node.name: node for node in methods.body if isinstance(node, ast.FunctionDef)}


def test_the_stubs_are_up_to_date(script: ModuleType) -> None:
    for path, text in script.stubs().items():
        assert path.read_text("utf-8") == text, f"{path.name} is out of date; run: python packages/ndgrad/stubs.py"


def test_only_methods_that_exist_are_declared(declarations: dict[str, ast.FunctionDef]) -> None:
    assert [name for name in declarations if not hasattr(nd.Tensor, name)] == []


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
def test_calls_in_either_spelling_fit_the_declaration(
    name: str, args: tuple[Any, ...], kwargs: dict[str, Any], declarations: dict[str, ast.FunctionDef]
) -> None:
    getattr(TENSOR, name)(*args, **kwargs)
    declared = declarations[name].args
    by_position = [*declared.posonlyargs, *declared.args][1:]
    assert len(args) <= len(by_position) or declared.vararg
    names = {argument.arg for argument in [*declared.args, *declared.kwonlyargs]}
    assert kwargs.keys() <= names
