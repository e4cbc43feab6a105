"""Who may import whom: between the distributions, and between the rooms of the core."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ROOT / "packages"
CORE = PACKAGES / "ndgrad" / "src"

# Each distribution and those of ours that it may import.
ALLOWED = {
    "ndgrad": set(),
    "ndgrad-cpu": {"ndgrad"},
    "ndgrad-cuda": {"ndgrad"},
    "ndgrad-nn": {"ndgrad"},
    "ndgrad-testing": {"ndgrad"},
}

# The rooms of the core from the ground up; each imports only rooms named before it.
ROOMS = [
    "garbage", "elsewhere", "errors", "settings", "aliases", "dtypes", "devices", "plugins", "graph", "tensor",
    "explaining", "deferred", "rows", "dispatch", "ops", "fft", "linalg", "special", "printing", "interop",
    "threefry", "generators", "random", "operators", "autograd", "io", "info", "report", "__init__", "__main__",
]  # fmt: skip

# An import name is the distribution's name with underscores, except for these.
IMPORT_NAMES = {"opt-einsum": "opt_einsum", "scikit-learn": "sklearn"}

ARRAY_LIBRARIES = {"numpy", "cupy", "cupyx"}
MAY_IMPORT_ARRAY_LIBRARIES = {"ndgrad-cpu", "ndgrad-cuda", "ndgrad-testing"}


def sources(dist: str) -> list[Path]:
    return sorted((PACKAGES / dist / "src").rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(next(p for p in path.parents if p.name == "src")).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def import_nodes(tree: ast.AST, lazy: bool) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports that run when the module is imported; with ``lazy``, those inside functions too."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif is_type_checking(node):
            for other in node.orelse:
                yield from import_nodes(ast.Module([other], []), lazy)
        elif lazy or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from import_nodes(node, lazy)


@cache
def imports(path: Path, lazy: bool = False) -> set[str]:
    """Full names imported by a file; ``from a import b`` counts as ``a.b``, a module or a name in ``a``."""
    found = set()
    package = module_name(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in import_nodes(ast.parse(path.read_text("utf-8")), lazy):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        else:
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, node.module] if node.module else base)
            found.update(f"{module}.{alias.name}" for alias in node.names)
    return found


@cache
def modules() -> dict[str, str]:
    """Every module of ours, and the distribution that holds it."""
    return {module_name(path): dist for dist in ALLOWED for path in sources(dist)}


def as_module(name: str) -> str | None:
    """The module of ours that importing ``name`` runs, or None if it is somebody else's."""
    while name:
        if name in modules():
            return name
        name = name.rpartition(".")[0]
    return None


def normalized(requirement: str) -> str:
    name = re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-")
    return IMPORT_NAMES.get(name, name.replace("-", "_"))


@cache
def declared(dist: str, extras: bool) -> set[str]:
    """Import names of a distribution's dependencies."""
    project = tomllib.loads((PACKAGES / dist / "pyproject.toml").read_text("utf-8"))["project"]
    requirements = list(project["dependencies"])
    if extras:
        requirements += [r for extra in project.get("optional-dependencies", {}).values() for r in extra]
    names = {normalized(requirement) for requirement in requirements}
    cupy = {"cupy", "cupyx"} if any(name.startswith("cupy_cuda") for name in names) else set()
    return names | cupy


def foreign(path: Path) -> set[str]:
    names = {name.partition(".")[0] for name in imports(path) if as_module(name) is None}
    return names - sys.stdlib_module_names


@pytest.mark.parametrize("dist", ALLOWED)
def test_a_distribution_imports_only_those_it_may(dist: str) -> None:
    for path in sources(dist):
        used = {modules()[m] for name in imports(path, lazy=True) if (m := as_module(name))}
        assert used <= ALLOWED[dist] | {dist}, f"{path.relative_to(ROOT)} imports {used - ALLOWED[dist] - {dist}}"


@pytest.mark.parametrize("dist", sorted(ALLOWED.keys() - MAY_IMPORT_ARRAY_LIBRARIES))
def test_array_libraries_stay_in_the_backends(dist: str) -> None:
    for path in sources(dist):
        found = {name.partition(".")[0] for name in imports(path)} & ARRAY_LIBRARIES
        assert not found, f"{path.relative_to(ROOT)} imports {found} at module level"


@pytest.mark.parametrize("dist", ALLOWED)
def test_what_a_module_imports_is_a_dependency_or_an_extra(dist: str) -> None:
    for path in sources(dist):
        missing = foreign(path) - declared(dist, extras=True)
        assert not missing, f"{path.relative_to(ROOT)} imports {missing}, which {dist} does not depend on"


@pytest.mark.parametrize("dist", ALLOWED)
def test_every_dependency_is_imported(dist: str) -> None:
    used = {name.partition(".")[0] for path in sources(dist) for name in imports(path, lazy=True)}
    assert declared(dist, extras=False) <= used, f"{dist} never imports {declared(dist, extras=False) - used}"


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


def test_every_room_of_the_core_has_its_place() -> None:
    rooms = {room(module_name(path)) for path in sources("ndgrad")}
    assert rooms <= set(ROOMS), f"say in ROOMS where {rooms - set(ROOMS)} belongs"


def test_a_room_imports_only_rooms_below_it() -> None:
    wrong = []
    for path in sources("ndgrad"):
        here = room(module_name(path))
        for name in imports(path):
            module = as_module(name)
            if module and room(module) in ROOMS and ROOMS.index(room(module)) > ROOMS.index(here):
                wrong.append(f"{path.relative_to(CORE)} ({here}) imports {name} ({room(module)})")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("dist", ALLOWED)
def test_no_module_takes_part_in_an_import_circle(dist: str) -> None:
    graph = {}
    for path in sources(dist):
        module = module_name(path)
        needs = {m for name in imports(path) if (m := as_module(name))}
        graph[module] = {m for m in needs if m != module and modules()[m] == dist}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail("import circle: " + " -> ".join(reversed(error.args[1])))


@pytest.mark.parametrize("dist", ALLOWED)
def test_every_package_carries_the_license_and_is_typed(dist: str) -> None:
    assert (PACKAGES / dist / "LICENSE").read_text("utf-8") == (ROOT / "LICENSE").read_text("utf-8")
    packages = {path.parent for path in sources(dist)}
    roots = {p for p in packages if p.parent not in packages}
    assert roots
    assert all((r / "py.typed").is_file() for r in roots), f"py.typed is missing in one of {roots}"


def test_ndgrad_belongs_to_the_core_alone() -> None:
    assert not (PACKAGES / "ndgrad-nn" / "src" / "ndgrad" / "__init__.py").exists()


def test_all_packages_share_one_version() -> None:
    versions = {
        tomllib.loads((PACKAGES / dist / "pyproject.toml").read_text("utf-8"))["project"]["version"] for dist in ALLOWED
    }
    assert len(versions) == 1
