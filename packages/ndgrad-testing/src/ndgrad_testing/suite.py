"""The suite that certifies a backend: one star import, and a declaration of what is certified::

    from ndgrad_testing.suite import *

    certification = Certification("mylib", skips={"linalg.eig": "mylib has no nonsymmetric eigensolver"})

Run by pytest, every check runs for every row of the op table, and the terminal ends with a line of coverage. The
declaration may also be a list, one per device.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ndgrad.report import source
from ndgrad.rows import registered
from ndgrad_testing.certification import UNTESTED, Certification
from ndgrad_testing.checks import CHECKS

__all__ = [
    "Certification",
    "pytest_generate_tests",
    "test_an_op_behaves_as_its_row_says",
    "test_every_row_can_be_tested",
]

NOT_OFFERED = (
    "the backend has no kernel for it, and no decomposition stands in; python -m ndgrad --ops lists these"
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of each check, op and certified device."""
    if metafunc.function is test_an_op_behaves_as_its_row_says:
        metafunc.parametrize(("certification", "op", "check"), list(_cases(metafunc.module)))
    elif metafunc.function is test_every_row_can_be_tested:
        metafunc.parametrize("op", sorted(registered()))


def _cases(module: Any) -> Any:
    declared = module.certification
    several = isinstance(declared, list | tuple)
    for certification in declared if several else [declared]:
        for name, op in sorted(registered().items()):
            if name in UNTESTED or not _testable(op):
                continue
            for check in certification.checks:
                label = f"{certification.device}-{name}-{check}" if several else f"{name}-{check}"
                yield pytest.param(certification, op, check, id=label)


def _testable(op: Any) -> bool:
    return op.samples is not None or op.elementwise


def test_an_op_behaves_as_its_row_says(
    certification: Certification,
    op: Any,
    check: str,
    record_property: Callable[[str, object], None],
) -> None:
    """One check of one row on one device."""
    record_property("ndgrad", (certification.device, op.name, source(op, certification.device)))
    if reason := certification.reason_to_skip(op.name) or certification.reason_to_skip(op.name, check):
        pytest.skip(reason)
    subject = certification.subject(op, check)
    if not subject.accepted:
        pytest.skip(NOT_OFFERED)
    try:
        CHECKS[check](subject)
    except TypeError as error:
        if "no kernel for" not in str(error):
            raise
        pytest.skip(NOT_OFFERED)


def test_every_row_can_be_tested(op: str) -> None:
    """A row says with what arguments to test it, or a reason stands in UNTESTED."""
    assert _testable(registered()[op]) or op in UNTESTED, (
        f"the row of {op} has no samples=, and ndgrad_testing.certification.UNTESTED no reason why"
    )
