"""The ops that docs/architecture.md adds, as it writes them: in the files that it names, tested on every backend."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import ndgrad as nd
from ndgrad.rows import OPS, registered
from ndgrad_testing.checks import CHECKS, Subject

ROOT = Path(__file__).parents[2]
ADDED = ("sech", "damped", "sum_of_squares", "moments")
sys.path.insert(0, str(Path(__file__).parent / "reference" / "src"))


def blocks() -> list[tuple[str, str]]:
    """(module, code) of the page's section, each block in the file named last before it."""
    section = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split("## Adding an op\n")[1]
    found, module = [], ""
    for text, code in re.findall(r"(.*?)```python\n(.*?)```", section, re.DOTALL):
        files = re.findall(r"at the end of `(ops/\S+)\.py`", text, re.IGNORECASE)
        module = files[-1].replace("/", ".") if files else module
        found.append((f"ndgrad.{module}", code))
    return found


@pytest.fixture(scope="module")
def added() -> Iterator[dict[str, Any]]:
    """The rows of the page, which are taken out again afterwards."""
    from ndgrad_reference import plugin

    if "ref" not in nd.plugins.manager.backends:
        nd.plugins.register(plugin, "ref")
    before, files = set(registered()), {}
    for module, code in blocks():
        names = files.setdefault(module, dict(vars(importlib.import_module(module))))
        exec(compile(code, module, "exec"), names)
    new = {name: OPS[name] for name in OPS if name not in before}
    yield new
    for name in new:
        del OPS[name]


def test_the_page_adds_these(added: dict[str, Any]) -> None:
    assert tuple(added) == ADDED


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("device", ["cpu", "ref:1"])
@pytest.mark.parametrize("name", ADDED)
def test_an_added_op_passes_the_tests_of_its_row(added: dict[str, Any], name: str, device: str, check: str) -> None:
    subject = Subject.of(added[name], device)
    assert subject.accepted
    CHECKS[check](subject)
