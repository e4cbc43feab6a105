"""One run of the suite in a process of its own, and what came of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from conformance.expected import xfails_file
from conformance.suite import VERSION, Suite

__all__ = ["Result", "run_suite"]

OUTCOMES = ["passed", "failed", "error", "skipped", "xfailed", "xpassed"]


@dataclass
class Result:
    """Outcomes of one run: how many of each, which tests failed with what, which were skipped and why."""

    exit_code: int
    counts: Counter[str] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    stale: list[str] = field(default_factory=list)  # complaints about expected failures that match no test
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether every test passed, but for the skipped and the expected failures."""
        return self.exit_code == 0 and not self.failures and not self.stale and self.counts["passed"] > 0


def run_suite(
    suite: Suite, module: str, backend: str, max_examples: int, workers: int, select: str | None = None
) -> Result:
    """Run the suite once; its output goes to the terminal."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.json"
        command = [sys.executable, "-m", "pytest", "array_api_tests", "-q", "--tb=short", "-p", "no:cacheprovider"]
        command += ["-n", str(workers), "--max-examples", str(max_examples), "--hypothesis-disable-deadline"]
        command += ["-o", "xfail_strict=true", "--json-report", f"--json-report-file={report}"]
        if xfails_file(backend).exists():
            command += ["--xfails-file", str(xfails_file(backend))]
        if select:
            command += ["-k", select]
        env = _environment(module, backend, scratch)
        code = subprocess.run(command, cwd=suite.path, env=env, check=False).returncode
        # Without a report pytest did not get as far as running a test, and has said why.
        return _read(json.loads(report.read_text("utf-8")), code) if report.exists() else Result(code or 1)


def _environment(module: str, backend: str, scratch: str) -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if k != "PYTEST_ADDOPTS" and not k.startswith("ARRAY_API_TESTS_")}
    return {
        **inherited,
        "ARRAY_API_TESTS_MODULE": module,
        "ARRAY_API_TESTS_VERSION": VERSION,
        "NDGRAD_DEVICE": backend,
        "NDGRAD_STRICT": "1",
        # Leave no trace in somebody's clone, which may be read-only.
        "HYPOTHESIS_STORAGE_DIRECTORY": str(Path(scratch) / "hypothesis"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _read(report: dict, exit_code: int) -> Result:
    result = Result(exit_code, seconds=report["duration"])
    result.counts.update({name: report["summary"].get(name, 0) for name in OUTCOMES})
    for test in report.get("tests", []):
        if test["outcome"] in ("failed", "error", "xpassed"):
            result.failures[test["nodeid"]] = _message(test)
        elif test["outcome"] == "skipped":
            result.skipped[test["nodeid"]] = _skip_reason(test)
    for collector in report.get("collectors", []):
        if collector["outcome"] == "failed":
            result.failures[collector["nodeid"]] = collector.get("longrepr", "").strip().splitlines()[-1]
    result.stale = [w["message"] for w in report.get("warnings", []) if "match any collected tests" in w["message"]]
    return result


def _message(test: dict) -> str:
    for stage in ("setup", "call", "teardown"):
        crash = test.get(stage, {}).get("crash")
        if crash:
            return crash["message"].strip().splitlines()[0]
        if test.get(stage, {}).get("outcome") == "failed":
            # Without a traceback, it is a test that passed.
            return "passes, though it is listed as an expected failure"
    return test["outcome"]


def _skip_reason(test: dict) -> str:
    for stage in ("setup", "call"):
        found = test.get(stage, {}).get("longrepr")
        if found:
            # pytest writes a skip as the tuple (path, line, reason).
            return found.rstrip(")'\"").rpartition("Skipped: ")[2]
    return "no reason given"
