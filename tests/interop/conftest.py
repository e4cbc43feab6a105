"""Unmodified array-API consumers, run on ndgrad tensors beside NumPy arrays: ``nox -s interop``."""

import os

os.environ["SCIPY_ARRAY_API"] = "1"  # read when SciPy is imported

import numpy as np
import pytest

import ndgrad as nd


@pytest.fixture(autouse=True)
def _double_precision():
    """SciPy's own tests run other libraries with a float64 default, and so do users who compare with NumPy."""
    with nd.set_default_dtype(nd.float64):
        yield


def as_tensors(tree, **options):
    """``tree`` with an ndgrad tensor for each NumPy array in it."""
    if isinstance(tree, np.ndarray):
        return nd.asarray(tree, **options)
    if isinstance(tree, tuple | list):
        return type(tree)(as_tensors(part, **options) for part in tree)
    return tree


def assert_agree(actual, expected, device="cpu", rtol=1e-7):
    """Where NumPy's input gave an ndarray, ndgrad's gave a tensor of that value on the device of the input."""
    if isinstance(expected, tuple | list):
        assert len(actual) == len(expected)
        for a, e in zip(actual, expected, strict=True):
            assert_agree(a, e, device, rtol)
    elif isinstance(expected, dict):
        for key, e in expected.items():
            assert_agree(actual[key], e, device, rtol)
    elif isinstance(expected, np.ndarray | np.generic):
        if isinstance(expected, np.ndarray) or isinstance(actual, nd.Tensor):
            assert isinstance(actual, nd.Tensor), f"returned {type(actual).__name__}, not an ndgrad tensor"
            assert actual.device == device
            assert actual.shape == np.shape(expected)
        np.testing.assert_allclose(np.asarray(actual), expected, rtol=rtol, atol=1e-10)
    else:
        assert actual == pytest.approx(expected, rel=rtol) if isinstance(expected, float) else actual == expected


@pytest.fixture(name="tensors", scope="session")
def _tensors():
    return as_tensors


@pytest.fixture(name="agree", scope="session")
def _agree():
    return assert_agree


def pytest_terminal_summary(terminalreporter):
    """Print what the tests counted."""
    for report in terminalreporter.stats.get("passed", []) + terminalreporter.stats.get("failed", []):
        for key, value in report.user_properties:
            if key == "interop":
                terminalreporter.section("interop")
                terminalreporter.line(value)
