"""Names that come with their first use: that their table is whole, and that nobody can tell them from others."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import ndgrad as nd
from ndgrad.aliases import FUNCTION_ALIASES
from ndgrad.deferred import CHAPTERS, names_of

NAMESPACES = [prefix for prefix, chapters in CHAPTERS.items() if chapters]
STUBBED = {"", "linalg."}  # what editors see of these is written in stubs, see test_stubs.py
# Modules whose functions are made in loops: no editor can see these.
MADE_IN_LOOPS = {"ndgrad.ops.other_names", "ndgrad.ops.windows"}


def namespace(prefix: str) -> ModuleType:
    return import_module(f"ndgrad.{prefix}".rstrip("."))


def tree(module: ModuleType) -> ast.Module:
    return ast.parse(Path(module.__file__ or "").read_text("utf-8"))


def seen_by_editors(module: ModuleType) -> dict[str, tuple[str, str]]:
    """Name: (module, name there), of the imports under TYPE_CHECKING; (module, "") of a module."""
    (checked,) = [node for node in tree(module).body if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node)]
    found = {}
    for node in checked.body:
        assert isinstance(node, ast.ImportFrom)
        for alias in node.names:
            own = (f"{node.module}.{alias.name}", "") if node.module == module.__name__ else (node.module, alias.name)
            found[alias.asname or alias.name] = own
    return found


def fresh(program: str) -> str:
    """What a program prints, run by an interpreter of its own."""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


@pytest.mark.parametrize("prefix", NAMESPACES)
def test_every_name_is_one_that_its_module_announces(prefix: str) -> None:
    for name, (module, own) in names_of(prefix).items():
        if own:
            found = import_module(module)
            announced = vars(found) if module in MADE_IN_LOOPS else found.__all__
            assert own in announced, f"{prefix}{name}: {own} is not in __all__ of {module}"


@pytest.mark.parametrize("prefix", [prefix for prefix in NAMESPACES if prefix not in STUBBED])
def test_editors_see_the_names_of_the_table(prefix: str) -> None:
    table, seen = names_of(prefix), seen_by_editors(namespace(prefix))
    assert seen.items() <= table.items()
    for name in table.keys() - seen.keys():
        module, own = table[name]
        lies_inside = not own and name not in namespace(prefix).__all__
        assert lies_inside or (
            module in MADE_IN_LOOPS
            and own not in {node.name for node in tree(import_module(module)).body if isinstance(node, ast.FunctionDef)}
        ), f"import {name} under TYPE_CHECKING"


def test_a_small_program_imports_no_chapter_that_it_does_not_need() -> None:
    program = """
import sys
import ndgrad as nd
x = nd.ones((2, 3))
nd.exp(x[0] * 2 + 1).sum() / nd.asarray(3.0)
print(*sys.modules)
"""
    late = {module for chapters in CHAPTERS.values() for module in chapters}
    # These two have few names that come late, and many that do not.
    assert late & set(fresh(program).split()) == {"ndgrad.ops.activations", "ndgrad.ops.conversion"}


def test_all_names_are_there_for_a_star_import() -> None:
    names = fresh("from ndgrad import *; print(*dir())").split()
    assert {name for name in nd.__all__ if not name.startswith("_")} <= set(names)


@pytest.mark.parametrize("alias", FUNCTION_ALIASES)
def test_an_alias_is_the_function_itself(alias: str) -> None:
    assert getattr(nd, alias) is getattr(nd, FUNCTION_ALIASES[alias])
    assert alias in dir(nd)


def test_a_function_is_one_object_although_threads_race_for_its_first_use() -> None:
    program = """
import threading
import ndgrad as nd
names = ["quantile", "lgamma", "linalg", "Generator", "__array_namespace_info__"]
start, found = threading.Barrier(8), []
def look():
    start.wait()
    found.append([*(getattr(nd, name) for name in names), nd.Tensor.quantile, nd.Tensor.lgamma_])
threads = [threading.Thread(target=look) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert len(found) == 8
print([len({id(row[i]) for row in found}) for i in range(7)])
"""
    assert fresh(program) == "[1, 1, 1, 1, 1, 1, 1]"


def test_a_first_import_that_failed_is_tried_again() -> None:
    program = """
import sys
import ndgrad as nd
sys.modules["ndgrad.ops.sorting"] = None
for look in (lambda: nd.sort, lambda: nd.zeros(3).sort):
    try:
        look()
    except ImportError:
        pass
    else:
        raise AssertionError("found")
del sys.modules["ndgrad.ops.sorting"]
print(nd.sort(nd.asarray([2, 1])).tolist(), nd.asarray([2, 1]).sort().tolist())
"""
    assert fresh(program) == "[1, 2] [1, 2]"


def test_a_method_takes_its_place_in_the_class_at_its_first_use() -> None:
    program = """
import inspect
import ndgrad as nd
before = set(dir(nd.Tensor))
assert hasattr(nd.Tensor, "sort") and callable(nd.Tensor.sort)
assert inspect.isfunction(vars(nd.Tensor)["sort"])
assert set(dir(nd.Tensor)) == before
assert nd.Tensor.erf_ is vars(nd.Tensor)["erf_"]
print(inspect.signature(nd.Tensor.sort) == inspect.signature(nd.sort), nd.Tensor.lgamma is nd.Tensor.gammaln)
"""
    assert fresh(program) == "True True"


def test_a_method_that_a_program_replaced_stays_replaced() -> None:
    program = """
import ndgrad as nd
nd.Tensor.sort = lambda self: "mine"
class Own(nd.Tensor):
    def median(self): return "its own"
print(nd.zeros(3).sort(), Own.median(None), hasattr(Own, "quantile"), "quantile" in vars(Own))
"""
    assert fresh(program) == "mine its own True False"


def test_a_late_method_says_which_argument_was_wrong() -> None:
    with pytest.raises(TypeError, match="cumsum: axis must be an integer"):
        nd.ones(3).cumsum(axis="a")
    assert list(inspect.signature(nd.Tensor.unfold).parameters) == ["x", "axis", "size", "step"]


def test_what_is_no_name_is_an_attribute_error() -> None:
    for module in (nd, nd.linalg, nd.autograd):
        with pytest.raises(AttributeError, match=f"module '{module.__name__}' has no attribute 'nothing'"):
            _ = module.nothing
