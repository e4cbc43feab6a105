"""What ``python -m ndgrad`` prints."""

from __future__ import annotations

import subprocess
import sys

import pytest

import ndgrad as nd
from ndgrad import report
from ndgrad.plugins import manager
from ndgrad.plugins.manager import PluginRecord


def test_the_report_names_versions_plugins_devices_dtypes_and_threads() -> None:
    found = subprocess.run([sys.executable, "-m", "ndgrad"], capture_output=True, text=True, check=True).stdout
    python, ours = f"Python {sys.version.split()[0]}", f"ndgrad {nd.__version__}"
    for words in (python, ours, "cpu (ndgrad-cpu", "dtypes on cpu: bool,", "numpy", "cores"):
        assert words in found


def test_the_report_shows_a_broken_plugins_traceback() -> None:
    try:
        raise ImportError("libmissing.so: cannot open")
    except ImportError as error:
        broken = PluginRecord("x", "ndgrad-x 1.0", state="broken", reason=f"ImportError: {error}", error=error)
    manager.records["x"] = broken
    try:
        found = report.text()
    finally:
        del manager.records["x"]
    assert "x (ndgrad-x 1.0): broken: ImportError: libmissing.so" in found
    assert "Traceback" in found


def test_the_table_of_ops_says_who_serves_each() -> None:
    sources = report.sources("cpu")
    assert sources["reshape"] == "backend"
    assert sources["tril"] == "namespace"
    assert set(sources.values()) <= set(report.SOURCES)
    assert "tril" in report.text(ops=True)
    assert nd.backends()["cpu"]["ops"]["backend"] > 0


def test_the_report_names_the_variables_that_change_what_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NDGRAD_PLUGINS", "cpu")
    assert "\nNDGRAD_PLUGINS=cpu\n" in report.text()


@pytest.mark.parametrize(("argument", "status", "stream"), [("--help", 0, "out"), ("--opps", 2, "err")])
def test_help_and_an_unknown_argument_print_the_usage(
    capsys: pytest.CaptureFixture[str], argument: str, status: int, stream: str
) -> None:
    with pytest.raises(SystemExit) as stopped:
        report.main([argument])
    assert stopped.value.code == status
    assert "usage: python -m ndgrad [-h] [--ops]" in getattr(capsys.readouterr(), stream)
