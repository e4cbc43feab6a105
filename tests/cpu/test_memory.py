"""What the CPU backend asks of the C library: to keep freed memory, unless the user has decided otherwise."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

PROGRAM = """
import resource, numpy as np, ndgrad as nd
x = nd.ones(4_000_000)
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(3):
    x + x; x + 1.0; y = x * x; z = y + x; del y, z
before = faults()
for _ in range(10):
    x + x; x + 1.0; y = x * x; z = y + x; del y, z
print(faults() - before)
"""

needs_glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not GNU's")


def page_faults(**environment: str) -> int:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, env=os.environ | environment
    )
    return int(run.stdout)


@needs_glibc
def test_arrays_made_over_and_over_touch_no_new_memory() -> None:
    assert page_faults() < 1000  # 16 MB are 3906 pages, and there are 40 arrays


@needs_glibc
def test_the_users_own_setting_of_the_c_library_stands() -> None:
    assert page_faults(MALLOC_MMAP_THRESHOLD_="65536") > 2 * page_faults()
