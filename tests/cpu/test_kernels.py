"""The table of kernels whose files are imported when one of them is first asked for."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from ndgrad_cpu.backend import CpuBackend
from ndgrad_cpu.kernels import CHAPTERS, KERNELS


def names(keys: object) -> set[str]:
    return {key if isinstance(key, str) else key[0] for key in keys}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_table_has_the_ops_of_the_file(chapter: str) -> None:
    assert set(CHAPTERS[chapter].split()) == names(import_module(f"ndgrad_cpu.kernels.{chapter}").KERNELS)


def test_the_kernels_are_those_of_all_files() -> None:
    late = {name for chapter in CHAPTERS.values() for name in chapter.split()}
    assert late < names(KERNELS)
    assert list(CpuBackend.kernels) == list(KERNELS)
    assert len(CpuBackend.kernels) == len(KERNELS)
    assert CpuBackend.kernels.get("no such op") is None is KERNELS.get(("no such op", "float32"))


def test_a_kernel_is_one_object() -> None:
    assert CpuBackend.kernels["conv2d"] is CpuBackend.kernels["conv2d"]
    assert KERNELS["conv2d"] is import_module("ndgrad_cpu.kernels.convolution").conv2d


def test_the_first_array_imports_none_of_these_files() -> None:
    program = "import sys, ndgrad as nd; nd.zeros(3) + 1; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {f"ndgrad_cpu.kernels.{chapter}" for chapter in CHAPTERS} & set(loaded)
    assert not {"queue", "heapq"} & set(loaded)
