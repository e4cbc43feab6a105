"""The kit finds what it is there to find: each defect, planted in a row or a backend, fails the check named for it."""

import numpy as np
import pytest

import ndgrad as nd
from ndgrad.dispatch import public
from ndgrad.report import source
from ndgrad.rows import OPS, Op
from ndgrad_testing import references
from ndgrad_testing.certification import Certification
from ndgrad_testing.checks import CHECKS, Subject
from ndgrad_testing.coverage import line


@pytest.fixture
def row():
    """Make a row for a test, forgotten afterwards."""
    made = []

    def make(**fields):
        op = Op("planted", namespace=None, **({"samples": lambda make: [((make(2, 3),), {})]} | fields))
        made.append(op)
        return op

    yield make
    for op in made:
        del OPS[op.name]


@pytest.fixture(autouse=True)
def _reference(monkeypatch):
    monkeypatch.setitem(references.REFERENCES, "planted", lambda x: x * x)


def square(raw):
    return raw * raw


def twice(raw):
    raw *= 1.5
    return raw * raw


DEFECTS = [
    ("values", "a wrong value", {"kernel": lambda raw: raw + raw}),
    ("values", "a wrong shape", {"kernel": lambda raw: (raw * raw)[:1]}),
    ("values", "an argument that is changed", {"kernel": twice}),
    ("values", "a dtype that is not the row's", {"kernel": lambda raw: (raw * raw) > 0}),
    ("vjp", "a wrong gradient", {"kernel": square, "vjp": lambda g, x: g * x}),
    ("vjp", "a gradient that is lost in silence", {"kernel": square}),
    ("second_order", "a gradient without history", {"kernel": square, "vjp": lambda g, x: g * x.detach() * 2}),
    ("gradient_types", "a gradient of another dtype", {"kernel": square, "vjp": lambda g, x: nd.abs(g * x * 2)}),
    ("gradient_types", "a gradient of another shape", {"kernel": square, "vjp": lambda g, x: (g * x * 2)[0]}),
    ("jvp", "a forward mode at odds with reverse mode", {
        "kernel": square, "vjp": lambda g, x: g * x * 2, "jvp": lambda primals, tangents, y: tangents[0] * primals[0],
    }),
    ("vmap", "a batching rule that mixes examples", {
        "kernel": lambda raw: raw - raw.mean(), "batch": "leading", "vjp": lambda g, x: g,
    }),
]  # fmt: skip


@pytest.mark.parametrize(("check", "defect", "fields"), DEFECTS, ids=[defect for _, defect, _ in DEFECTS])
def test_a_defect_is_found(check, defect, fields, row):
    op = row(**{"accepts": "inexact"} | fields)
    with pytest.raises((AssertionError, ValueError)):
        CHECKS[check](Subject.of(op, "cpu"))


@pytest.mark.parametrize("check", CHECKS)
def test_a_row_without_defects_passes(check, row):
    CHECKS[check](Subject.of(row(kernel=square, accepts="inexact", vjp=lambda g, x: nd.conj(x) * g * 2), "cpu"))


def test_a_dtype_that_should_be_refused_and_is_computed_wrong_is_found(row):
    op = row(kernel=square, accepts="inexact")

    @public(op)
    def planted(x):
        return x + x

    with pytest.raises(AssertionError, match="planted"):
        CHECKS["refusals"](Subject.of(op, "cpu"))


def test_a_row_without_samples_is_found(row):
    with pytest.raises(LookupError, match=r"planted has no samples="):
        CHECKS["values"](Subject.of(row(kernel=square, samples=None), "cpu"))


def test_a_certification_names_the_checks_there_are():
    with pytest.raises(ValueError, match="no check vpj; the checks are values"):
        Certification("cpu", skips={"exp/vpj": "a slip"})


def test_a_skip_needs_a_reason():
    with pytest.raises(ValueError, match=r"a skip needs a reason: exp"):
        Certification("cpu", skips={"exp": ""})


def test_a_skip_may_be_for_one_dtype():
    certification = Certification("cpu", skips={"exp/values/float16": "half precision is slow there"})
    assert "float16" not in [d.name for d in certification.subject(OPS["exp"], "values").dtypes]
    assert "float16" in [d.name for d in certification.subject(OPS["exp"], "vjp").dtypes]


def test_the_source_of_an_op_is_known(row):
    assert source(row(kernel=square), "cpu") == "row"
    assert source(OPS["exp"], "cpu") in ("backend", "namespace")


def test_the_coverage_line_counts():
    outcomes = {"exp": {"passed"}, "log": {"passed", "failed"}, "eig": {"skipped"}}
    served = {"exp": "namespace", "log": "decomposition", "eig": "nothing"}
    assert line("mylib", outcomes, served) == (
        "mylib: 1 ops passed, 1 failed, of 2 offered (1 by decomposition), of 3 in the table"
    )


def test_samples_are_the_same_in_every_run():
    first, second = (
        [np.asarray(s.args[0]) for s in Subject.of(OPS["exp"], "cpu").samples(nd.float64)] for _ in range(2)
    )
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)
