"""Windows for spectra: PyTorch's ``hann_window`` and others, periodic unless they are told otherwise."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from ndgrad.dtypes import as_dtype, default_dtype_of, float64
from ndgrad.ops.creation import arange, ones, zeros
from ndgrad.ops.elementwise import abs, clip, cos, sqrt
from ndgrad.ops.special.bessel import i0
from ndgrad.ops.transfer import astype
from ndgrad.tensor import Tensor

__all__ = [
    "bartlett", "bartlett_window", "blackman", "blackman_window", "hamming", "hamming_window", "hann_window", "hanning",
    "kaiser", "kaiser_window",
]  # fmt: skip


def _window(
    name: str, length: int, periodic: bool, dtype: Any, device: Any, shape: Callable[[Tensor, int], Tensor]
) -> Tensor:
    """``shape(n, last)`` for n = 0, 1, ...; computed in double precision, for the zeros at the ends are differences."""
    found = default_dtype_of(float) if dtype is None else as_dtype(dtype)
    if not found.is_floating:
        raise TypeError(f"{name}: dtype is a real floating one, got {found.name}; write dtype=nd.float32")
    if length < 0:
        raise ValueError(f"{name}: window_length must not be negative, got {length}")
    if length < 2:
        return (ones if length else zeros)(length, dtype=found, device=device)
    n = arange(length, dtype=float64, device=device)
    return astype(shape(n, length if periodic else length - 1), found)


def cosines(n: Tensor, last: int, weights: Sequence[float]) -> Tensor:
    """``a0 - a1 cos(2 pi n / last) + a2 cos(4 pi n / last) - ...``."""
    total: Any = weights[0]
    for k, weight in enumerate(weights[1:], 1):
        total = total + (-1) ** k * weight * cos(2 * math.pi * k / last * n)
    return total


def hann_window(
    window_length: int, periodic: bool = True, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """``sin(pi n / N)**2``, where N is the length, one less if not ``periodic``. Source: PyTorch, ``hann_window``.

    >>> import ndgrad as nd
    >>> nd.hann_window(4)
    tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    found = _window("hann_window", window_length, periodic, dtype, device, lambda n, last: cosines(n, last, (0.5, 0.5)))
    return _leaf(found, requires_grad)


def hamming_window(
    window_length: int, periodic: bool = True, alpha: float = 0.54, beta: float = 0.46, *, dtype: Any = None,
    device: Any = None, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """``alpha - beta cos(2 pi n / N)``; N as in :func:`hann_window`. Source: PyTorch, ``hamming_window``."""
    found = _window(
        "hamming_window", window_length, periodic, dtype, device, lambda n, last: cosines(n, last, (alpha, beta))
    )
    return _leaf(found, requires_grad)


def blackman_window(
    window_length: int, periodic: bool = True, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """``0.42 - 0.5 cos(2 pi n / N) + 0.08 cos(4 pi n / N)``; N as in :func:`hann_window`. Source: PyTorch."""
    found = _window(
        "blackman_window", window_length, periodic, dtype, device,
        lambda n, last: cosines(n, last, (0.42, 0.5, 0.08)),
    )  # fmt: skip
    return _leaf(found, requires_grad)


def bartlett_window(
    window_length: int, periodic: bool = True, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A triangle, ``1 - abs(2 n / N - 1)``; N as in :func:`hann_window`. Source: PyTorch, ``bartlett_window``.

    >>> import ndgrad as nd
    >>> nd.bartlett_window(5, periodic=False)
    tensor([0.0000, 0.5000, 1.0000, 0.5000, 0.0000])
    """
    found = _window(
        "bartlett_window", window_length, periodic, dtype, device, lambda n, last: 1 - abs(2 / last * n - 1)
    )
    return _leaf(found, requires_grad)


def kaiser_window(
    window_length: int, periodic: bool = True, beta: float = 12.0, *, dtype: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """``i0(beta sqrt(1 - (2 n / N - 1)**2)) / i0(beta)``; N as in :func:`hann_window`. Source: PyTorch."""

    def shape(n: Tensor, last: int) -> Tensor:
        x = 2 / last * n - 1
        inside: Any = i0(beta * sqrt(clip(1 - x * x, 0)))
        return inside / i0(0 * n + beta)

    return _leaf(_window("kaiser_window", window_length, periodic, dtype, device, shape), requires_grad)


def _leaf(x: Tensor, requires_grad: bool) -> Tensor:
    if requires_grad:
        x.requires_grad = True
    return x


# -- NumPy's names, of the symmetric forms -----------------------------------------------------------------------------


def _symmetric(window: Callable[..., Tensor], name: str) -> Callable[..., Tensor]:
    @wraps(window)
    def call(M: int, *args: Any) -> Tensor:
        return window(M, False, *args)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = f":func:`{window.__name__}` in its symmetric form, ``periodic=False``. Source: NumPy, ``{name}``."
    del call.__wrapped__
    return call


bartlett = _symmetric(bartlett_window, "bartlett")
blackman = _symmetric(blackman_window, "blackman")
hamming = _symmetric(hamming_window, "hamming")
hanning = _symmetric(hann_window, "hanning")


def kaiser(M: int, beta: float) -> Tensor:
    """:func:`kaiser_window` in its symmetric form. Source: NumPy, ``kaiser``."""
    return kaiser_window(M, False, beta)
