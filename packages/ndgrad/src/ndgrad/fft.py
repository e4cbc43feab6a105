"""Discrete Fourier transforms: the array API's extension "fft", 2025.12, and PyTorch's two-dimensional ones."""

from ndgrad.aliases import respell as _respell
from ndgrad.explaining import explain_errors as _explain_errors
from ndgrad.ops.fft import (
    fft,
    fft2,
    fftfreq,
    fftn,
    fftshift,
    hfft,
    ifft,
    ifft2,
    ifftn,
    ifftshift,
    ihfft,
    irfft,
    irfft2,
    irfftn,
    rfft,
    rfft2,
    rfftfreq,
    rfftn,
)

__all__ = [
    "fft", "fft2", "fftfreq", "fftn", "fftshift", "hfft", "ifft", "ifft2", "ifftn", "ifftshift", "ihfft", "irfft",
    "irfft2", "irfftn", "rfft", "rfft2", "rfftfreq", "rfftn",
]  # fmt: skip

_respell(globals(), "fft.")
_explain_errors(globals(), "fft.")
