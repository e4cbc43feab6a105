"""The NumPy backend: dtypes, casts, warnings, and what it says of itself."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import ndgrad as nd
from ndgrad.plugins import manager


def test_every_dtype_is_held_and_survives_a_round_trip() -> None:
    backend, cpu = manager.backend("cpu"), nd.device("cpu")
    for dtype in backend.capabilities(cpu).dtypes:
        raw = backend.asarray([0, 1], dtype, cpu)
        assert backend.dtype_of(raw) is dtype
        assert backend.to_host(raw) is raw


def test_values_beyond_a_dtype_warn_neither_in_casts_nor_in_functions() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nd.asarray([float("nan"), 1e30]).to(nd.int32)
        assert nd.asarray([1e30]).to(nd.float16).item() == float("inf")
    assert nd.log(nd.zeros(1)).item() == -float("inf")


def test_complex_to_real_casts_copy() -> None:
    backend = manager.backend("cpu")
    raw = np.array([1 + 2j], np.complex64)
    real = backend.cast(raw, nd.float32)
    real[0] = 5
    assert raw[0] == 1 + 2j


def test_versions_and_threads() -> None:
    backend = manager.backend("cpu")
    assert backend.versions()["numpy"] == np.__version__
    assert backend.threads()["cores"] >= 1


@pytest.mark.parametrize("dtype", [nd.float32, nd.bfloat16], ids=str)
def test_python_scalars_do_not_widen(dtype: object) -> None:
    assert (nd.ones(2, dtype=dtype) * 2.5 + 1).dtype == dtype


@pytest.mark.parametrize("bounds", [(0.25, None), (None, 0.75), (0.25, 0.75), (0, 1)])
def test_numbers_that_bound_halves_leave_their_dtype(bounds: tuple[float | None, float | None]) -> None:
    for dtype in (nd.float16, nd.bfloat16):
        clipped = nd.clip(nd.asarray([-1.0, 0.5, 2.0], dtype=dtype), *bounds)
        assert np.asarray(clipped).dtype.name == dtype.name
        assert clipped.tolist() == np.clip([-1.0, 0.5, 2.0], *bounds).tolist()
