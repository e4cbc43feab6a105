"""Every op of the table on the CPU: values, dtypes, derivatives to second order, forward mode and batching."""

from ndgrad.report import sources
from ndgrad_testing.certification import UNTESTED
from ndgrad_testing.suite import *  # noqa: F403

certification = Certification("cpu")  # noqa: F405


def test_every_op_is_offered():
    assert [op for op, source in sources("cpu").items() if source == "nothing" and op not in UNTESTED] == []
