"""Where the public suite comes from: a local clone, else git at a pinned commit. It is no part of this repository."""

from __future__ import annotations

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

__all__ = ["COMMIT", "VERSION", "Suite", "SuiteUnavailable", "find_suite"]

VERSION = "2025.12"  # of the standard
URL = "https://github.com/data-apis/array-api-tests"
COMMIT = "55fcc60179efa2680ddd6cd926ddf17b83530e2b"  # 2026-04-03, the first months after tag 2026.02.26
NEEDED = [
    "array_api_tests/__init__.py",
    "conftest.py",
    "reporting.py",
    f"array-api/src/array_api_stubs/_{VERSION.replace('.', '_')}",
    f"array-api/spec/{VERSION}/API_specification",
]


class SuiteUnavailable(Exception):
    """The suite cannot be had; the message says what was tried and what to do."""


@dataclass(frozen=True)
class Suite:
    """A checkout of the suite, complete with the standard's stubs."""

    path: Path
    commit: str


def find_suite() -> Suite:
    """The clone that ``$ARRAY_API_TESTS_DIR`` names, else one in the user's cache, made if need be.

    Raises:
        SuiteUnavailable: the clone is incomplete, or none can be made.
    """
    local = os.environ.get("ARRAY_API_TESTS_DIR")
    path = Path(local).expanduser().resolve() if local else _cached_clone()
    missing = [name for name in NEEDED if not (path / name).exists()]
    if missing:
        raise SuiteUnavailable(
            f"{path} is no complete checkout of array-api-tests, it lacks {', '.join(missing)}; "
            f"complete it with: git -C {path} submodule update --init"
        )
    return Suite(path, _commit(path))


def _cached_clone() -> Path:
    target = _cache() / f"array-api-tests-{COMMIT[:7]}"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        clone = Path(scratch) / "clone"
        try:
            _git("init", "--quiet", str(clone))
            _git("-C", str(clone), "fetch", "--quiet", "--depth", "1", URL, COMMIT)
            _git("-C", str(clone), "checkout", "--quiet", "FETCH_HEAD")
            _git("-C", str(clone), "submodule", "--quiet", "update", "--init", "--depth", "1")
        except (OSError, subprocess.CalledProcessError) as error:
            reason = (getattr(error, "stderr", "") or str(error)).strip()
            raise SuiteUnavailable(
                f"cannot clone {URL} at {COMMIT[:7]}: {reason}\n"
                "Without a network, set ARRAY_API_TESTS_DIR to a clone of it, its submodule array-api included."
            ) from error
        clone.rename(target)
    return target


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ndgrad"


def _git(*args: str) -> str:
    return subprocess.run(["git", *args], check=True, capture_output=True, text=True).stdout.strip()


def _commit(path: Path) -> str:
    try:
        return _git("-C", str(path), "rev-parse", "HEAD") if (path / ".git").exists() else "unknown"
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
