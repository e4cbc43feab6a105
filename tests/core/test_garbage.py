"""Imports without garbage collections leave the collector as they found it."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator

import pytest

from ndgrad.garbage import Uncollected


@pytest.fixture(autouse=True)
def collecting() -> Iterator[None]:
    enabled = gc.isenabled()
    gc.enable()
    yield
    gc.unfreeze()
    (gc.enable if enabled else gc.disable)()


def test_nothing_is_collected_inside_and_the_collector_goes_on_afterwards() -> None:
    with Uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_what_was_made_inside_is_old_when_it_ends() -> None:
    with Uncollected():
        made = [[] for _ in range(5000)]
    young = {id(x) for generation in (0, 1) for x in gc.get_objects(generation)}
    assert not young.intersection(map(id, made))


def test_garbage_of_the_time_before_is_found_by_a_full_collection() -> None:
    cycle: list[object] = []
    cycle.append(cycle)
    with Uncollected():
        del cycle
    assert gc.collect() >= 1


def test_a_program_that_collects_by_hand_is_left_alone() -> None:
    gc.disable()
    with Uncollected():
        pass
    assert not gc.isenabled()


def test_what_the_program_froze_stays_frozen() -> None:
    gc.freeze()
    count = gc.get_freeze_count()
    with Uncollected():
        pass
    assert gc.get_freeze_count() == count
    assert gc.isenabled()


def test_the_collector_goes_on_after_an_error() -> None:
    with pytest.raises(ImportError, match="broken"), Uncollected():
        raise ImportError("broken")
    assert gc.isenabled()


def test_an_import_that_fails_leaves_the_collector_on() -> None:
    program = """
import gc, sys
sys.modules["pluggy"] = None
try:
    import ndgrad
except ImportError:
    assert gc.isenabled()
else:
    raise AssertionError("pluggy is not needed")
"""
    subprocess.run([sys.executable, "-c", program], check=True)
