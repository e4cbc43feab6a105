"""Fourier transforms where a generated test does not reach: lengths, dtypes, identities, errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import ndgrad as nd

NORMS = ("backward", "ortho", "forward")


def draw(*shape: int, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    return random.standard_normal(shape) + 1j * random.standard_normal(shape)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("n", [None, 1, 2, 4, 7, 8])
@pytest.mark.parametrize("name", ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"])
def test_lengths_cut_and_fill_as_numpys_do(name: str, n: int | None, norm: str) -> None:
    x = draw(2, 5)
    x = x.real if name in ("rfft", "ihfft") else x
    ours = getattr(nd.fft, name)(nd.asarray(x), n=n, axis=-1, norm=norm)
    np.testing.assert_allclose(ours, getattr(np.fft, name)(x, n=n, axis=-1, norm=norm), atol=1e-12)


@pytest.mark.parametrize("name", ["fftn", "ifftn", "rfftn", "irfftn"])
@pytest.mark.parametrize(
    ("s", "axes"), [(None, None), ((4, 2), (0, 2)), ((2, 3), None), ((-1, 4), (2, 1)), (None, (1,))]
)
def test_several_axes(name: str, s: Any, axes: Any) -> None:
    x = draw(3, 4, 5)
    x = x.real if name == "rfftn" else x
    numpys = {"s": s, "axes": (1, 2) if s == (2, 3) else axes}
    ours = getattr(nd.fft, name)(nd.asarray(x), s=s, axes=axes)
    if name == "irfftn" and s == (-1, 4):
        numpys["s"] = (5, 4)
    np.testing.assert_allclose(ours, getattr(np.fft, name)(x, **numpys), atol=1e-12)


@pytest.mark.parametrize(("given", "found"), [
    ("float32", "complex64"), ("float64", "complex128"), ("complex64", "complex64"), ("int32", "complex64"),
])  # fmt: skip
def test_dtypes(given: str, found: str) -> None:
    x = nd.ones(4, dtype=given)
    assert nd.fft.fft(x).dtype.name == found
    real = {"complex64": "float32", "complex128": "float64"}[found]
    assert nd.fft.irfft(x).dtype.name == real
    if not x.dtype.is_complex:
        assert nd.fft.rfft(x).dtype.name == found


@pytest.mark.parametrize("n", [1, 2, 5, 6])
@pytest.mark.parametrize("norm", NORMS)
def test_the_half_spectrum_goes_there_and_back_with_its_gradient(n: int, norm: str) -> None:
    x = nd.asarray(draw(3, n).real, requires_grad=True)
    y = nd.fft.irfft(nd.fft.rfft(x, norm=norm), n=n, norm=norm)
    np.testing.assert_allclose(y.detach(), x.detach(), atol=1e-12)
    weights = draw(3, n, seed=1).real
    nd.sum(y * nd.asarray(weights)).backward()
    np.testing.assert_allclose(x.grad, weights, atol=1e-12)


def test_the_gradient_of_a_real_signal_is_real() -> None:
    x = nd.ones(4, requires_grad=True)
    nd.sum(nd.abs(nd.fft.fft(x))).backward()
    assert x.grad.dtype is nd.float32


@pytest.mark.parametrize("n", [1, 4, 5])
def test_frequencies(n: int) -> None:
    np.testing.assert_allclose(nd.fft.fftfreq(n, d=0.5, dtype=nd.float64), np.fft.fftfreq(n, d=0.5))
    np.testing.assert_allclose(nd.fft.rfftfreq(n, d=0.5, dtype=nd.float64), np.fft.rfftfreq(n, d=0.5))
    assert nd.fft.fftfreq(n).dtype is nd.float32


@pytest.mark.parametrize("axes", [None, 0, (0, 1), -1])
def test_shifts_undo_each_other(axes: Any) -> None:
    x = draw(3, 4)
    shifted = nd.fft.fftshift(nd.asarray(x), axes=axes)
    np.testing.assert_array_equal(shifted, np.fft.fftshift(x, axes=axes))
    np.testing.assert_array_equal(nd.fft.ifftshift(shifted, axes=axes), x)


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: nd.fft.fft(nd.ones(3), norm="both"), ValueError, "'backward', 'ortho' or 'forward', got 'both'"),
    (lambda: nd.fft.fft(nd.ones(3), n=0), ValueError, "must be positive, got 0"),
    (lambda: nd.fft.fft(nd.ones((2, 0))), ValueError, r"got 0; shape \(2, 0\)"),
    (lambda: nd.fft.irfft(nd.ones(1)), ValueError, "must be positive, got 0"),
    (lambda: nd.fft.fft(nd.ones(3), axis=1), IndexError, "axis 1 is out of range"),
    (lambda: nd.fft.rfft(nd.ones(3, dtype=nd.complex64)), TypeError, "takes float32 or float64, got complex64"),
    (lambda: nd.fft.fft(nd.ones(3, dtype=nd.float16)), TypeError, "got float16"),
    (lambda: nd.fft.fft([1.0]), TypeError, r"list; write nd\.asarray"),
    (lambda: nd.fft.fftn(nd.ones((2, 2)), s=(2,), axes=(0, 1)), ValueError, "s has 1 lengths for 2 axes"),
    (lambda: nd.fft.fftfreq(0), ValueError, "n must be positive"),
    (lambda: nd.fft.fftfreq(3, dtype=nd.complex64), TypeError, "must be real floating, got complex64"),
])  # fmt: skip
def test_bad_arguments_are_named(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
