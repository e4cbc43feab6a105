"""What can be run: ``nox -l`` lists it, ``nox -s NAME`` runs it, ``nox -s NAME -- ARGS`` passes arguments on."""

from __future__ import annotations

import os
from pathlib import Path

import nox
from nox.command import CommandFailed

nox.needs_version = ">=2024.10.9"
nox.options.sessions = ["tests", "lint", "typecheck"]
nox.options.default_venv_backend = "virtualenv"
nox.options.reuse_venv = "yes"

ROOT = Path(__file__).parent
PACKAGES = ["ndgrad", "ndgrad-cpu", "ndgrad-cuda", "ndgrad-nn", "ndgrad-testing"]
SOURCES = [f"packages/{name}/src" for name in PACKAGES]

TEST = ["pytest>=8.3", "pytest-xdist", "hypothesis", "array-api-strict", "scipy", "scikit-learn"]
DEMO = ["scikit-learn", "matplotlib", "tqdm"]
CONFORMANCE = ["pytest>=8.3", "pytest-xdist", "pytest-json-report", "hypothesis>=6.151", "ndindex>=1.8"]
LINT = ["ruff"]
TYPECHECK = ["mypy", "numpy>=2.1", "types-tqdm"]
DOCS = ["mkdocs-material", "mkdocstrings[python]", "ruff"]  # ruff lays out signatures
TORCH = "torch==2.13.0"
JIT = "numba>=0.61"  # as in the extra ndgrad-cpu[jit]


def install(session: nox.Session, *requirements: str) -> None:
    """Install every package from its source tree, and what the session needs beside it, in one resolution."""
    editable = [part for name in PACKAGES for part in ("-e", f"packages/{name}")]
    session.install(*editable, *requirements)


def install_jax(session: nox.Session) -> None:
    """JAX, where it has a wheel."""
    session.run("python", "-m", "pip", "install", "--quiet", "jax", success_codes=[0, 1])


def run_all(session: nox.Session, *commands: list[str]) -> None:
    """Run every command even if an earlier one fails; the session fails if any did."""
    failed = []
    for command in commands:
        try:
            session.run(*command)
        except CommandFailed:
            failed.append(" ".join(command))
    if failed:
        session.error("failed: " + "; ".join(failed))


@nox.session
def demo(session: nox.Session) -> None:
    """Train a small network on scanned digits and draw what it learnt."""
    install(session, *DEMO)
    session.run("python", "docs/examples/digits.py", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the examples of all docstrings and docs, then the tests; with arguments, pytest with these."""
    install(session, *TEST, *DEMO)
    if session.posargs:
        session.run("pytest", "-n", "2", *session.posargs)
        return
    # Scripts of the docs run by themselves; sources of compiled kernels need Numba, and have no examples.
    left_out = ["--ignore-glob=docs/*.py", "--ignore-glob=*/compiled/sources/*"]
    run_all(
        session,
        ["pytest", "-n", "2", "--doctest-modules", "--doctest-glob=*.md", *left_out, *SOURCES, "docs"],
        ["pytest", "-n", "2"],
    )


@nox.session
def conformance(session: nox.Session) -> None:
    """Run the public array API suite and write docs/conformance.md."""
    install(session, *CONFORMANCE)
    session.run("python", "-m", "conformance", *session.posargs)


@nox.session
def interop(session: nox.Session) -> None:
    """Run unmodified SciPy, scikit-learn, array-api-extra, array-api-compat and einops on ndgrad tensors."""
    newest = ["scipy", "scikit-learn", "array-api-extra", "array-api-compat", "einops"]
    install(session, *TEST)
    session.install("--upgrade", *newest)
    session.run("pytest", "-n", "2", *(session.posargs or ["tests/interop"]), env={"SCIPY_ARRAY_API": "1"})


@nox.session
def parity(session: nox.Session) -> None:
    """Compare values and gradients with PyTorch and JAX."""
    install(session, *TEST, TORCH, "expecttest")  # expecttest: for PyTorch's own sample inputs
    install_jax(session)
    one_thread = {"OMP_NUM_THREADS": "1"}  # in each process: samples are small
    session.run("pytest", "-n", "2", *(session.posargs or ["tests/parity"]), env=one_thread)


@nox.session
def jit(session: nox.Session) -> None:
    """Run the tests with compiled kernels, for arrays of every size; with arguments, pytest with these."""
    install(session, *TEST, *DEMO, JIT)
    posargs = session.posargs or ["tests/core", "tests/cpu", "tests/nn"]
    session.run("pytest", "-n", "2", *posargs, env={"NDGRAD_CPU_JIT": "always"})


@nox.session
def bench(session: nox.Session) -> None:
    """Time ndgrad beside PyTorch and JAX, and write docs/performance.md and its picture."""
    install(session, TORCH, JIT, "matplotlib")
    install_jax(session)
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session
def build(session: nox.Session) -> None:
    """Build all wheels into dist/, install subsets into clean environments, and prove what works there."""
    session.install("build", "pytest>=8.3")
    session.run("pytest", *(session.posargs or ["tests/packaging"]))


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site into site/; every warning is an error."""
    install(session, *DOCS)
    advertisement_off = {"NO_MKDOCS_2_WARNING": "1"}  # the theme's, of another program; no page of ours is meant
    session.run("mkdocs", "build", "--strict", *session.posargs, env=advertisement_off)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and likely bugs; ``-- --fix`` repairs what can be repaired."""
    session.install(*LINT)
    session.run("ruff", "check", *session.posargs)


@nox.session
def typecheck(session: nox.Session) -> None:
    """Check the types of all packages, strictly."""
    install(session, *TYPECHECK)
    session.run("mypy", *session.posargs)


@nox.session(venv_backend="none")
def dev(session: nox.Session) -> None:
    """Create .venv with every package editable and all the tools, for development."""
    venv = ROOT / ".venv"
    python = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    session.run("python", "-m", "venv", str(venv), external=True)
    editable = [part for name in PACKAGES for part in ("-e", f"packages/{name}")]
    tools = {*TEST, *DEMO, *CONFORMANCE, *LINT, *TYPECHECK, "nox"}
    session.run(str(python), "-m", "pip", "install", "--quiet", *editable, *sorted(tools), external=True)
    session.log(f"ready: . {python.parent.relative_to(ROOT)}/activate")
