"""Discrete Fourier transforms: array API 2025.12, extension "fft"; PyTorch's two-dimensional ones.

Each transform is linear, and its transpose is another of them: the one with the other sign and, since a transpose keeps
the scale, with "backward" and "forward" exchanged. A real transform keeps one half of a Hermitian spectrum, so its
transpose counts an element of that half fully where it has no conjugate twin, and half or twice where it has one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Literal

from ndgrad.dispatch import apply, astype, public
from ndgrad.dtypes import DType, as_dtype, default_dtype_of
from ndgrad.ops.creation import arange, ones, zeros
from ndgrad.ops.elementwise import conj, divide, multiply
from ndgrad.ops.manipulation import concat, reshape, roll
from ndgrad.ops.reductions import normalize_axes
from ndgrad.rows import Op
from ndgrad.tensor import Tensor

__all__ = [
    "fft", "fft2", "fftfreq", "fftn", "fftshift", "hfft", "ifft", "ifft2", "ifftn", "ifftshift", "ihfft", "irfft",
    "irfft2", "irfftn", "rfft", "rfft2", "rfftfreq", "rfftn",
]  # fmt: skip

Norm = Literal["backward", "ortho", "forward"]
Sizes = Sequence[int] | None
Axes = int | Sequence[int] | None

_DUAL: Final[dict[str, Norm]] = {"backward": "forward", "forward": "backward", "ortho": "ortho"}


# -- what all of them check --------------------------------------------------------------------------------------------


def _checked(name: str, x: Tensor, norm: str, *, real: bool = False) -> Tensor:
    """``x`` in the dtype that is transformed: complex, or real floating for the real transforms."""
    if not isinstance(x, Tensor):
        raise TypeError(f"fft.{name} takes a tensor, got {type(x).__name__}; write nd.asarray(...) around it")
    if norm not in _DUAL:
        raise ValueError(f"fft.{name}: norm is 'backward', 'ortho' or 'forward', got {norm!r}")
    dtype = x.dtype if x.dtype.is_inexact else default_dtype_of(float)
    if dtype.itemsize < 4 or (real and dtype.is_complex):
        wanted = "float32 or float64" if real else "float32, float64 or complex"
        raise TypeError(f"fft.{name} takes {wanted}, got {x.dtype.name}")
    return astype(x, dtype if real else dtype.to_complex)


def _length(name: str, x: Tensor, axis: int, n: int | None, default: int | None = None) -> tuple[int, int]:
    """The axis counted from the front, and the length of the transform."""
    (axis,) = normalize_axes(f"fft.{name}", axis, x.ndim)
    if n is None:
        n = x.shape[axis] if default is None else default
    if n < 1:
        raise ValueError(f"fft.{name}: the length along axis {axis} must be positive, got {n}; shape {x.shape}")
    return axis, n


def _lengths(name: str, x: Tensor, s: Sizes, axes: Axes) -> tuple[tuple[int, ...], list[int]]:
    """The axes counted from the front, and the length along each; -1 stands for the axis's own."""
    if axes is None:
        axes = range(x.ndim) if s is None else range(x.ndim - len(s), x.ndim)
    found = normalize_axes(f"fft.{name}", axes if isinstance(axes, int) else tuple(axes), x.ndim)
    if s is None:
        s = [-1] * len(found)
    if len(s) != len(found):
        raise ValueError(f"fft.{name}: s has {len(s)} lengths for {len(found)} axes")
    return found, [x.shape[a] if n == -1 else n for a, n in zip(found, s, strict=True)]


def _resized(x: Tensor, axis: int, n: int) -> Tensor:
    """``x`` cut off, or filled up with zeros, to length ``n``: the transpose of doing so to its transform's input."""
    length, shape = x.shape[axis], x.shape
    if n == length:
        return x
    if n < length:
        return x[(slice(None),) * axis + (slice(n),)]
    blank = zeros((*shape[:axis], n - length, *shape[axis + 1 :]), dtype=x.dtype, device=x.device)
    return concat([x, blank], axis=axis)


# -- rows --------------------------------------------------------------------------------------------------------------


def _one_axis(make: Any) -> list[Any]:
    return [((make(*shape),), kwargs) for shape, kwargs in (
        ((4,), {}), ((5,), {"norm": "ortho"}), ((2, 5), {"n": 4}), ((3, 2), {"n": 5, "axis": 0, "norm": "forward"}),
    )]  # fmt: skip


def _axes(make: Any) -> list[Any]:
    return [((make(*shape),), kwargs) for shape, kwargs in (
        ((3, 4), {}), ((3, 4), {"s": (2, 5), "axes": (0, 1), "norm": "ortho"}), ((2, 3, 4), {"axes": (2, 0)}),
    )]  # fmt: skip


def _real_only(samples: Callable[[Any], list[Any]]) -> Callable[[Any], list[Any]]:
    return lambda make: [] if make(1).dtype.is_complex else samples(make)


def _complex_transform(name: str, transpose: Callable[..., Tensor]) -> Op:
    return Op(
        f"fft.{name}", accepts="single or double floating", result="complex", linear=True, batch="axis",
        vjp=lambda g, x_shape, axis, norm: _resized(transpose(g, axis=axis, norm=_DUAL[norm]), axis, x_shape[axis]),
        samples=_one_axis,
    )  # fmt: skip


FFT = _complex_transform("fft", lambda g, **how: ifft(g, **how))
IFFT = _complex_transform("ifft", lambda g, **how: fft(g, **how))


def _twins(n: int, weight: float, like: Tensor, axis: int) -> Tensor:
    """``weight`` for the elements of half a spectrum of length ``n`` that have a conjugate twin, 1 for the others."""
    half = n // 2 + 1
    single = 1 if n % 2 else 2  # the constant term, and the highest frequency of an even length
    one = ones((1,), dtype=like.dtype.to_real, device=like.device)
    parts = [one, weight * ones((half - single,), dtype=one.dtype, device=like.device), one]
    weights = concat(parts[: 1 + single] if n > 1 else [one], axis=0)
    return reshape(weights, (half,) + (1,) * (like.ndim - axis - 1))


def _rfft_vjp(g: Tensor, x_shape: Any, n: int, axis: int, norm: str) -> Tensor:
    g = multiply(g, _twins(n, 0.5, g, axis))
    return _resized(irfft(g, n=n, axis=axis, norm=_DUAL[norm]), axis, x_shape[axis])


def _irfft_vjp(g: Tensor, x_shape: Any, n: int, axis: int, norm: str) -> Tensor:
    spectrum = rfft(g, n=n, axis=axis, norm=_DUAL[norm])
    return _resized(multiply(spectrum, _twins(n, 2.0, spectrum, axis)), axis, x_shape[axis])


RFFT = Op(
    "fft.rfft", accepts="single or double real", result="complex", linear=True, batch="axis", vjp=_rfft_vjp,
    samples=_real_only(_one_axis),
)  # fmt: skip
IRFFT = Op(
    "fft.irfft", accepts="single or double floating", result="real", linear=True, batch="axis", vjp=_irfft_vjp,
    samples=_one_axis,
)  # fmt: skip


def _over_axes(one: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A transform over several axes as one axis after another."""

    def over(x: Tensor, s: Sequence[int], axes: Sequence[int], norm: Norm) -> Tensor:
        for n, axis in zip(s, axes, strict=True):
            x = one(x, n=n, axis=axis, norm=norm)
        return x

    return over


def _rfftn(x: Tensor, s: Sequence[int], axes: Sequence[int], norm: Norm) -> Tensor:
    return _over_axes(fft)(rfft(x, n=s[-1], axis=axes[-1], norm=norm), s[:-1], axes[:-1], norm)


def _irfftn(x: Tensor, s: Sequence[int], axes: Sequence[int], norm: Norm) -> Tensor:
    return irfft(_over_axes(ifft)(x, s[:-1], axes[:-1], norm), n=s[-1], axis=axes[-1], norm=norm)


FFTN = Op(
    "fft.fftn", accepts="single or double floating", result="complex", linear=True,
    decompose=_over_axes(lambda x, **p: fft(x, **p)), samples=_axes,
)  # fmt: skip
IFFTN = Op(
    "fft.ifftn", accepts="single or double floating", result="complex", linear=True,
    decompose=_over_axes(lambda x, **p: ifft(x, **p)), samples=_axes,
)  # fmt: skip
RFFTN = Op(
    "fft.rfftn", accepts="single or double real", result="complex", linear=True, decompose=_rfftn,
    samples=_real_only(_axes),
)  # fmt: skip
IRFFTN = Op(
    "fft.irfftn", accepts="single or double floating", result="real", linear=True, decompose=_irfftn, samples=_axes
)  # fmt: skip


# -- along one axis ----------------------------------------------------------------------------------------------------


@public(FFT)
def fft(x: Tensor, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Tensor:
    """Discrete Fourier transform along ``axis``, which is first cut or zero-padded to length ``n``; complex.

    ``norm`` says which direction is scaled: "backward" the inverse by 1/n, "forward" this one, "ortho" both by
    1/sqrt(n). float32 gives complex64, float64 complex128; integers are taken as the default floating dtype.

    Raises:
        IndexError: ``axis`` out of range.
        TypeError: float16 or bfloat16.
        ValueError: a length below 1, or an unknown ``norm``.

    Source: array API 2025.12, ``fft.fft``.

    >>> import ndgrad as nd
    >>> nd.fft.fft(nd.asarray([1.0, 0.0, 0.0, 0.0]))
    tensor([1.+0.j, 1.+0.j, 1.+0.j, 1.+0.j])
    """
    x = _checked("fft", x, norm)
    axis, n = _length("fft", x, axis, n)
    return apply(FFT, x, n=n, axis=axis, norm=norm)


@public(IFFT)
def ifft(x: Tensor, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Tensor:
    """The inverse of :func:`fft`; arguments and errors are the same.

    Source: array API 2025.12, ``fft.ifft``.
    """
    x = _checked("ifft", x, norm)
    axis, n = _length("ifft", x, axis, n)
    return apply(IFFT, x, n=n, axis=axis, norm=norm)


@public(RFFT)
def rfft(x: Tensor, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Tensor:
    """The first n//2 + 1 elements of the :func:`fft` of real input, which determine the others.

    Raises:
        TypeError: complex input; otherwise as :func:`fft`.

    Source: array API 2025.12, ``fft.rfft``.

    >>> import ndgrad as nd
    >>> nd.fft.rfft(nd.asarray([1.0, 2.0, 3.0, 4.0])).shape
    (3,)
    """
    x = _checked("rfft", x, norm, real=True)
    axis, n = _length("rfft", x, axis, n)
    return apply(RFFT, x, n=n, axis=axis, norm=norm)


@public(IRFFT)
def irfft(x: Tensor, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Tensor:
    """The inverse of :func:`rfft`: real output of length ``n``, by default 2*(length - 1), from half a spectrum.

    Raises as :func:`fft`. Source: array API 2025.12, ``fft.irfft``.

    >>> import ndgrad as nd
    >>> nd.fft.irfft(nd.asarray([4.0, 0.0, 0.0]))
    tensor([1., 1., 1., 1.])
    """
    x = _checked("irfft", x, norm)
    axis, n = _length("irfft", x, axis, n, 2 * (x.shape[axis] - 1) if n is None and x.ndim else None)
    return apply(IRFFT, x, n=n, axis=axis, norm=norm)


def hfft(x: Tensor, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Tensor:
    """Real :func:`fft`, of length ``n``, of a Hermitian signal of which ``x`` is the first half.

    ``n`` is by default 2*(length - 1). Raises as :func:`fft`. Source: array API 2025.12, ``fft.hfft``.
    """
    return irfft(conj(_checked("hfft", x, norm)), n=n, axis=axis, norm=_DUAL[norm])


def ihfft(x: Tensor, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Tensor:
    """The inverse of :func:`hfft`: n//2 + 1 complex elements of real input.

    Raises as :func:`rfft`. Source: array API 2025.12, ``fft.ihfft``.
    """
    return conj(rfft(_checked("ihfft", x, norm, real=True), n=n, axis=axis, norm=_DUAL[norm]))


# -- over several axes -------------------------------------------------------------------------------------------------


def _several(op: Op, name: str, x: Tensor, s: Sizes, axes: Axes, norm: Norm, half: bool = False) -> Tensor:
    found, lengths = _lengths(name, x, s, axes)
    if not found:
        if op in (RFFTN, IRFFTN):
            raise ValueError(f"fft.{name}: at least one axis must be transformed, got axes={axes}")
        return x * 1
    if half and (s is None or s[-1] == -1):
        lengths[-1] = 2 * (x.shape[found[-1]] - 1)
    for axis, n in zip(found, lengths, strict=True):
        _length(name, x, axis, n)
    return apply(op, x, s=tuple(lengths), axes=found, norm=norm)


@public(FFTN)
def fftn(x: Tensor, /, *, s: Sizes = None, axes: Axes = None, norm: Norm = "backward") -> Tensor:
    """:func:`fft` over several axes, by default all, or the last ``len(s)``; ``s`` holds the length along each.

    Raises:
        ValueError: ``s`` and ``axes`` differ in length; otherwise as :func:`fft`.

    Source: array API 2025.12, ``fft.fftn``.

    >>> import ndgrad as nd
    >>> nd.fft.fftn(nd.ones((2, 2)))
    tensor([[4.+0.j, 0.+0.j],
            [0.+0.j, 0.+0.j]])
    """
    return _several(FFTN, "fftn", _checked("fftn", x, norm), s, axes, norm)


@public(IFFTN)
def ifftn(x: Tensor, /, *, s: Sizes = None, axes: Axes = None, norm: Norm = "backward") -> Tensor:
    """The inverse of :func:`fftn`. Source: array API 2025.12, ``fft.ifftn``."""
    return _several(IFFTN, "ifftn", _checked("ifftn", x, norm), s, axes, norm)


@public(RFFTN)
def rfftn(x: Tensor, /, *, s: Sizes = None, axes: Axes = None, norm: Norm = "backward") -> Tensor:
    """:func:`rfft` along the last axis, :func:`fft` along the others. Source: array API 2025.12, ``fft.rfftn``."""
    return _several(RFFTN, "rfftn", _checked("rfftn", x, norm, real=True), s, axes, norm)


@public(IRFFTN)
def irfftn(x: Tensor, /, *, s: Sizes = None, axes: Axes = None, norm: Norm = "backward") -> Tensor:
    """The inverse of :func:`rfftn`, as long as :func:`irfft`'s. Source: array API 2025.12, ``fft.irfftn``."""
    return _several(IRFFTN, "irfftn", _checked("irfftn", x, norm), s, axes, norm, half=True)


def fft2(x: Tensor, /, *, s: Sizes = None, axes: Axes = (-2, -1), norm: Norm = "backward") -> Tensor:
    """:func:`fftn` over the last two axes. Source: PyTorch, ``torch.fft.fft2``."""
    return fftn(x, s=s, axes=axes, norm=norm)


def ifft2(x: Tensor, /, *, s: Sizes = None, axes: Axes = (-2, -1), norm: Norm = "backward") -> Tensor:
    """:func:`ifftn` over the last two axes. Source: PyTorch, ``torch.fft.ifft2``."""
    return ifftn(x, s=s, axes=axes, norm=norm)


def rfft2(x: Tensor, /, *, s: Sizes = None, axes: Axes = (-2, -1), norm: Norm = "backward") -> Tensor:
    """:func:`rfftn` over the last two axes. Source: PyTorch, ``torch.fft.rfft2``."""
    return rfftn(x, s=s, axes=axes, norm=norm)


def irfft2(x: Tensor, /, *, s: Sizes = None, axes: Axes = (-2, -1), norm: Norm = "backward") -> Tensor:
    """:func:`irfftn` over the last two axes. Source: PyTorch, ``torch.fft.irfft2``."""
    return irfftn(x, s=s, axes=axes, norm=norm)


# -- frequencies -------------------------------------------------------------------------------------------------------


def _frequency_dtype(name: str, n: int, dtype: Any) -> DType:
    if n < 1:
        raise ValueError(f"fft.{name}: n must be positive, got {n}")
    found = default_dtype_of(float) if dtype is None else as_dtype(dtype)
    if not found.is_floating:
        raise TypeError(f"fft.{name}: dtype must be real floating, got {found.name}")
    return found


def fftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> Tensor:
    """The frequencies of :func:`fft`'s ``n`` elements, in cycles per unit of the sample spacing ``d``.

    [0, 1, ..., (n-1)//2, -(n//2), ..., -1] / (n*d), of the default floating dtype unless ``dtype`` is given.

    Raises:
        TypeError: ``dtype`` is not real floating.
        ValueError: ``n`` below 1.

    Source: array API 2025.12, ``fft.fftfreq``.

    >>> import ndgrad as nd
    >>> nd.fft.fftfreq(4)
    tensor([ 0.0000,  0.2500, -0.5000, -0.2500])
    """
    found = _frequency_dtype("fftfreq", n, dtype)
    positive = arange(0, (n + 1) // 2, dtype=found, device=device)
    negative = arange(-(n // 2), 0, dtype=found, device=device)
    return divide(concat([positive, negative], axis=0), n * d)


def rfftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> Tensor:
    """The frequencies of :func:`rfft`'s n//2 + 1 elements: [0, 1, ..., n//2] / (n*d).

    Raises as :func:`fftfreq`. Source: array API 2025.12, ``fft.rfftfreq``.

    >>> import ndgrad as nd
    >>> nd.fft.rfftfreq(4)
    tensor([0.0000, 0.2500, 0.5000])
    """
    return divide(arange(0, n // 2 + 1, dtype=_frequency_dtype("rfftfreq", n, dtype), device=device), n * d)


def fftshift(x: Tensor, /, *, axes: int | Sequence[int] | None = None) -> Tensor:
    """The zero frequency moved to the middle, along ``axes``, by default all.

    Raises:
        IndexError: an axis out of range.

    Source: array API 2025.12, ``fft.fftshift``.

    >>> import ndgrad as nd
    >>> nd.fft.fftshift(nd.asarray([0, 1, -2, -1]))
    tensor([-2, -1,  0,  1])
    """
    found = normalize_axes("fft.fftshift", axes, x.ndim)  # type: ignore[arg-type]
    return roll(x, tuple(x.shape[a] // 2 for a in found), axis=found) if found else x * 1


def ifftshift(x: Tensor, /, *, axes: int | Sequence[int] | None = None) -> Tensor:
    """The inverse of :func:`fftshift`. Source: array API 2025.12, ``fft.ifftshift``."""
    found = normalize_axes("fft.ifftshift", axes, x.ndim)  # type: ignore[arg-type]
    return roll(x, tuple(-(x.shape[a] // 2) for a in found), axis=found) if found else x * 1
