"""Other libraries' published lists of tests that their own CI skips or expects to fail."""

from __future__ import annotations

__all__ = ["PUBLISHED", "READ_ON", "Published"]

from typing import NamedTuple


class Published(NamedTuple):
    """One list: the lines in it that are no comment, and how many of these are of test_special_cases.py."""

    library: str
    listed: int
    special_cases: int | None
    source: str
    note: str = ""


READ_ON = "2026-08"
PUBLISHED = [
    Published("dpnp", 6, None, "dpnp: array-api-skips.txt"),
    Published("NumPy through array-api-compat", 33, 29, "array-api-compat: numpy-xfails.txt"),
    Published("array-api-strict", 35, 32, "array-api-strict: array-api-tests-xfails.txt", "used as skips"),
    Published("dpctl.tensor", 38, None, "dpctl: array-api-skips.txt", "all names of the extensions linalg and fft"),
    Published("NumPy", 53, 28, "numpy: tools/ci/array-api-xfails.txt"),
    Published("JAX", 94, 83, "jax: tests/array_api_skips.txt", "with 64-bit types enabled"),
    Published("Dask through array-api-compat", 110, 28, "array-api-compat: dask-xfails.txt"),
    Published("PyTorch through array-api-compat", 116, 53, "array-api-compat: torch-xfails.txt", "no uint16/32/64"),
    Published("pydata/sparse", 120, None, "sparse: xp-tests/Numba-array-api-xfails.txt"),
    Published("ndonnx", 136, 56, "ndonnx: skips.txt", "standard 2024.12, without linalg, fft and complex"),
    Published("CuPy through array-api-compat", 178, 120, "array-api-compat: cupy-xfails.txt", "not run in its CI"),
]
