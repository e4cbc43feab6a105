"""Entry points are found as importlib.metadata finds them, without the time it takes to import."""

import os
import subprocess
import sys
import zipfile
from importlib import metadata
from types import SimpleNamespace

import pytest

from ndgrad.plugins.discovery import entry_points


def announce(folder, distribution, text):
    """A distribution in ``folder`` with this ``entry_points.txt``."""
    described = folder / f"{distribution}.dist-info"
    described.mkdir(parents=True)
    name, _, version = distribution.partition("-")
    (described / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (described / "entry_points.txt").write_text(text)


@pytest.mark.parametrize("group", ["ndgrad", "console_scripts", "pytest11", "no.such.group"])
def test_what_is_found_is_what_importlib_finds(group):
    theirs = {(ep.name, ep.value.partition(" [")[0]) for ep in metadata.entry_points(group=group)}
    assert {(ep.name, ep.value) for ep in entry_points(group)} == theirs


def test_the_cpu_backend_is_found_with_its_distribution_and_version():
    (cpu,) = [ep for ep in entry_points("ndgrad") if ep.name == "cpu"]
    assert cpu.distribution == f"ndgrad-cpu {metadata.version('ndgrad-cpu')}"
    assert cpu.load().__name__ == cpu.value


def test_an_entry_point_may_name_an_object_of_a_module_and_extras(tmp_path, monkeypatch):
    text = "[other]\nx = math\n\n[ndgrad]\n# a comment\ngpu = os:path.join [fast]\nops.y=math\n"
    announce(tmp_path, "some_lib-1.2", text)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    first, second = entry_points("ndgrad")
    assert (first.name, first.value, first.distribution) == ("gpu", "os:path.join", "some-lib 1.2")
    assert first.load() is os.path.join
    assert second.name == "ops.y"


def test_of_two_installations_of_one_distribution_the_first_on_the_path_counts(tmp_path, monkeypatch):
    announce(tmp_path / "a", "some_lib-2.0", "[ndgrad]\nnew = math\n")
    announce(tmp_path / "b", "Some.Lib-1.0", "[ndgrad]\nold = math\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "a"), str(tmp_path / "b"), str(tmp_path / "absent")])
    assert [ep.name for ep in entry_points("ndgrad")] == ["new"]


def test_a_zip_file_on_the_path_is_left_to_importlib(tmp_path, monkeypatch):
    archive = tmp_path / "lib.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("some_lib-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: some-lib\nVersion: 1.0\n")
        file.writestr("some_lib-1.0.dist-info/entry_points.txt", "[ndgrad]\nzipped = math\n")
    monkeypatch.setattr(sys, "path", [str(archive)])
    assert [(ep.name, ep.distribution) for ep in entry_points("ndgrad")] == [("zipped", "some-lib 1.0")]


def test_a_finder_of_distributions_of_another_tool_is_asked(monkeypatch):
    brought = SimpleNamespace(find_spec=lambda *a, **k: None, find_distributions=lambda context=None: iter(()))
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, brought])
    assert "cpu" in {ep.name for ep in entry_points("ndgrad")}


def test_importing_ndgrad_and_making_an_array_spares_the_slow_modules():
    slow = "importlib.metadata json pathlib email zipfile socket traceback safetensors opt_einsum scipy"
    code = (
        "import sys, numpy; before = set(sys.modules); import ndgrad; ndgrad.zeros(3); "
        f"print(*(set({slow!r}.split()) & set(sys.modules)) - before)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""
