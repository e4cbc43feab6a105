"""What is in the wheels."""

from __future__ import annotations

import configparser
import zipfile
from pathlib import Path

ENTRY_POINTS = {
    "ndgrad": {},
    "ndgrad-cpu": {"cpu": "ndgrad_cpu.plugin"},
    "ndgrad-cuda": {"cuda": "ndgrad_cuda.plugin"},
    "ndgrad-nn": {"ops.nn": "ndgrad.nn.plugin"},
    "ndgrad-testing": {},
}


def files(wheel: Path) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


def metadata(wheel: Path, name: str) -> str:
    with zipfile.ZipFile(wheel) as archive:
        found = [entry for entry in archive.namelist() if entry.endswith(f".dist-info/{name}")]
        return archive.read(found[0]).decode() if found else ""


def test_each_holds_its_sources_its_license_and_the_mark_of_types(wheels: dict[str, Path]) -> None:
    for name, wheel in wheels.items():
        source = Path(__file__).parents[2] / "packages" / name / "src"
        expected = {path.relative_to(source).as_posix() for path in source.rglob("*.py")}
        held = {file for file in files(wheel) if ".dist-info/" not in file}
        assert {file for file in held if file.endswith(".py")} == expected, name
        assert {Path(file).name for file in held if not file.endswith(".py")} >= {"py.typed"}, name
        assert metadata(wheel, "licenses/LICENSE").startswith("BSD 3-Clause License"), name


def test_no_file_belongs_to_two_wheels(wheels: dict[str, Path]) -> None:
    owners: dict[str, str] = {}
    for name, wheel in wheels.items():
        for file in files(wheel):
            assert owners.setdefault(file, name) == name, f"{file} is in {owners[file]} and in {name}"


def test_nn_brings_subpackages_but_not_the_package_they_are_in(wheels: dict[str, Path]) -> None:
    held = files(wheels["ndgrad-nn"])
    assert "ndgrad/__init__.py" not in held
    assert {"ndgrad/nn/__init__.py", "ndgrad/optim/__init__.py", "ndgrad/data/__init__.py"} <= held


def test_plugins_are_announced_by_entry_points(wheels: dict[str, Path]) -> None:
    for name, wheel in wheels.items():
        parser = configparser.ConfigParser(delimiters=("=",))
        parser.read_string(metadata(wheel, "entry_points.txt"))
        announced = dict(parser["ndgrad"]) if parser.has_section("ndgrad") else {}
        assert announced == ENTRY_POINTS[name]


def test_the_core_depends_on_no_array_library(wheels: dict[str, Path]) -> None:
    lines = metadata(wheels["ndgrad"], "METADATA").splitlines()
    assert not [line for line in lines if line.startswith("Requires-Dist") and ("numpy" in line or "cupy" in line)]
