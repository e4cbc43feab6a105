"""Wheels of every package, and clean environments into which some of them are installed."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DIST = ROOT / "dist"
PACKAGES = ["ndgrad", "ndgrad-cpu", "ndgrad-cuda", "ndgrad-nn", "ndgrad-testing"]


class Environment:
    """A virtual environment that holds nothing but what was installed into it."""

    def __init__(self, path: Path, *requirements: str) -> None:
        self.path = path
        venv.create(path, with_pip=True)
        self._run("-m", "pip", "install", "--quiet", *requirements)

    def python(self, code: str) -> subprocess.CompletedProcess[str]:
        """Run ``code``, whatever comes of it."""
        return self._run("-c", code, check=False)

    def output(self, code: str) -> str:
        """What ``code``, which must succeed, prints."""
        done = self.python(code)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def last_error(self, code: str) -> str:
        """The last line of the traceback of ``code``, which must fail."""
        done = self.python(code)
        assert done.returncode != 0, f"{code} succeeded and printed {done.stdout}"
        return done.stderr.strip().splitlines()[-1]

    def module(self, *arguments: str) -> str:
        """What ``python -m``, which must succeed, prints."""
        return self._run("-m", *arguments).stdout

    def _run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        python = self.path / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "NDGRAD_"))}
        done = subprocess.run(
            [python, *arguments], cwd=self.path, env=clean, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0 or not check, done.stdout + done.stderr
        return done


@pytest.fixture(scope="session")
def wheels() -> dict[str, Path]:
    """The wheel of every package, built through its sdist as a release would be, and left in dist/."""
    return {name: build(name) for name in PACKAGES}


def build(name: str) -> Path:
    for old in DIST.glob(f"{name.replace('-', '_')}-*"):
        old.unlink()
    command = [sys.executable, "-m", "build", "--outdir", str(DIST), str(ROOT / "packages" / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(DIST.glob(f"{name.replace('-', '_')}-*.whl"))


@pytest.fixture(scope="session")
def environment(
    wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Environment]:
    """Install some of the packages, and what they depend on, into a new environment."""

    def install(*names: str) -> Environment:
        return Environment(tmp_path_factory.mktemp("environment"), *(str(wheels[name]) for name in names))

    return install
