"""docs/conformance.md: what the suite found on each backend, beside other libraries' published lists."""

from __future__ import annotations

import datetime
import platform
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from conformance.published import PUBLISHED, READ_ON
from conformance.runner import Result
from conformance.suite import VERSION, Suite

__all__ = ["write_report"]

INTRODUCTION = f"""\
# Conformance

The public suite [data-apis/array-api-tests](https://github.com/data-apis/array-api-tests) for version {VERSION} of the
array API standard, extensions `linalg` and `fft` included. This page is written by `nox -s conformance`.

What the suites of HIPS autograd, JAX, MLX and SciPy find on ndgrad, and why a case fails there, stands in
[Interoperability](interoperability.md#other-public-suites).
"""
LIBRARIES = ["ndgrad", "ndgrad-cpu", "ndgrad-cuda", "numpy", "cupy-cuda12x", "cupy-cuda13x", "hypothesis"]


def write_report(
    path: Path, backend: str, suite: Suite, max_examples: int, results: Sequence[Result], expected: Mapping[str, str]
) -> None:
    """Write the section of ``backend``, and leave the sections of other backends as they are."""
    sections = _sections(path.read_text("utf-8")) if path.exists() else {}
    sections[backend] = _section(backend, suite, max_examples, results, expected)
    ordered = [f"<!-- backend: {name} -->\n{sections[name]}<!-- end -->\n" for name in sorted(sections)]
    path.write_text("\n".join([INTRODUCTION, *ordered, _published()]), "utf-8")


def _sections(text: str) -> dict[str, str]:
    return dict(re.findall(r"<!-- backend: (\S+) -->\n(.*?)<!-- end -->", text, re.DOTALL))


def _section(
    backend: str, suite: Suite, max_examples: int, results: Sequence[Result], expected: Mapping[str, str]
) -> str:
    rows = [
        [i, r.counts["passed"], r.counts["failed"] + r.counts["error"], r.counts["skipped"], r.counts["xfailed"],
         f"{r.seconds:.0f} s"]
        for i, r in enumerate(results, 1)
    ]  # fmt: skip
    parts = [
        f"## Backend `{backend}`\n",
        f"{datetime.date.today()}; {_versions()}; suite at commit `{suite.commit[:7]}`; "
        f"at most {max_examples} examples per test.\n",
        _table(["Run", "Passed", "Failed", "Skipped", "Expected failures", "Time"], rows),
    ]
    failures = {test: message for result in results for test, message in result.failures.items()}
    skipped = {test: reason for result in results for test, reason in result.skipped.items()}
    parts.append(_listing("Failures", failures, "No test failed."))
    parts.append(_listing("Expected failures", expected, "No failure is expected: the list is empty."))
    parts.append(_listing("Skipped by the suite", skipped, "No test was skipped."))
    return "\n".join(parts)


def _listing(title: str, entries: Mapping[str, str], none: str) -> str:
    rows = [[f"`{test}`", _cell(why)] for test, why in sorted(entries.items())]
    return f"### {title}: {len(rows)}\n\n" + (_table(["Test", "Reason"], rows) if rows else none + "\n")


def _published() -> str:
    rows = [
        [p.library, p.listed, "" if p.special_cases is None else p.special_cases, f"`{p.source}`", p.note]
        for p in PUBLISHED
    ]
    return (
        "## Other libraries\n\n"
        "Lines in the lists of tests that the projects' own CI skips or expects to fail, as published "
        f"(read {READ_ON}; a line may stand for several tests). They are published counts, not runs made here.\n\n"
        + _table(["Library", "Listed", "of these special cases", "List", "Note"], rows)
    )


def _table(header: Sequence[object], rows: Sequence[Sequence[object]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(str(cell) for cell in line) + " |\n" for line in lines)


def _cell(text: str) -> str:
    shortened = text if len(text) <= 300 else text[:297] + "..."
    return shortened.replace("|", "\\|").replace("<", "&lt;")


def _versions() -> str:
    found = [f"Python {platform.python_version()}"]
    for name in LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)
