"""Views that lay memory out anew: by strides, as windows, as parts of complex numbers. PyTorch's names.

They need arrays with strides. A backend has them if it has a kernel for the op; on one that has none, a view that could
not be written through is refused, or is a copy where the docstring says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ndgrad.dispatch import apply, public
from ndgrad.dispatch.writing import REPEATED
from ndgrad.dtypes import float32, float64, int64
from ndgrad.ops.creation import arange, full
from ndgrad.ops.elementwise import imag, real
from ndgrad.ops.gathering import scatter_add_flat, take
from ndgrad.ops.indexing import getitem
from ndgrad.ops.manipulation import as_shape, at, expand_dims, lies_along, moveaxis, one_axis, reshape, stack
from ndgrad.ops.pointwise import complex_
from ndgrad.plugins import manager
from ndgrad.rows import Op
from ndgrad.tensor import Tensor

__all__ = ["as_strided", "as_strided_copy", "as_strided_scatter", "unfold", "view_as_complex", "view_as_real"]

Shape = tuple[int, ...]


def _has_strides(op: Op, x: Tensor) -> bool:
    """Whether the backend of the device can take this view, also inside a transform."""
    return manager.backend(x.device.type).find_kernel(op.name, op.namespace, x.dtype)[0] is not None


# -- any strides -------------------------------------------------------------------------------------------------------


def _places(shape: Shape, strides: Shape, offset: int, device: Any) -> Tensor:
    """The places, in row-major order, of the elements of a view."""
    index = full(shape, offset, dtype=int64, device=device)
    for axis, (n, step) in enumerate(zip(shape, strides, strict=True)):
        index = index + reshape(arange(n, device=device) * step, (n,) + (1,) * (len(shape) - 1 - axis))
    return reshape(index, (-1,)) if index.size else full((0,), 0, dtype=int64, device=device)


def _gathered(x: Tensor, shape: Shape, strides: Shape, offset: int) -> Tensor:
    return reshape(take(reshape(x, (-1,)), _places(shape, strides, offset, x.device), axis=0), shape)


def _added_back(g: Tensor, x_shape: Shape, shape: Shape, strides: Shape, offset: int) -> Tensor:
    index = _places(shape, strides, offset, g.device)
    return reshape(scatter_add_flat(math.prod(x_shape), index, reshape(g, (-1,))), x_shape)


def _of_each(size: int, mapped: Sequence[bool], x: Tensor, shape: Shape, strides: Shape, offset: int) -> Tensor:
    step = math.prod(x.shape[1:])
    x = x.contiguous()
    return apply(AS_STRIDED, x, shape=(size, *shape), strides=(step, *strides), offset=offset)


def _strided_samples(make: Any) -> list[Any]:
    def call(x: Tensor, *args: Any) -> Tensor:
        return as_strided(x.contiguous(), *args)

    calls = (((2, 3), (3, 1), 1), ((4, 3), (1, 2)), ((2, 2), (0, 1), 3), ((), (), 5), ((0, 3), (1, 1)))
    return [(call, (make(3, 4), *args), {}) for args in calls]


AS_STRIDED = Op(
    "as_strided", namespace=None, view=True, linear=True, decompose=_gathered, vjp=_added_back, batch=_of_each,
    samples=_strided_samples,
)  # fmt: skip


def overlaps(shape: Shape, strides: Shape) -> bool:
    """Whether several elements of a view may lie in one place."""
    reach = 0
    for step, n in sorted((abs(step), n) for step, n in zip(strides, shape, strict=True) if n > 1):
        if step <= reach:
            return True
        reach += (n - 1) * step
    return False


REPEATED["as_strided"] = lambda params: overlaps(params["shape"], params["strides"])


def _checked(name: str, x: Tensor, size: Any, stride: Any, storage_offset: int | None) -> tuple[Shape, Shape, int]:
    shape, strides, offset = as_shape(name, size), as_shape(name, stride), storage_offset or 0
    if len(shape) != len(strides) or any(n < 0 for n in (*shape, *strides, offset)):
        raise ValueError(
            f"{name}: size {shape}, stride {strides} and storage_offset {offset} do not fit: as many strides as sizes, "
            "and nothing negative"
        )
    last = offset + sum((n - 1) * step for n, step in zip(shape, strides, strict=True))
    if 0 not in shape and last >= x.size:
        raise ValueError(
            f"{name}: size {shape}, stride {strides} and storage_offset {offset} reach place {last} of a tensor of "
            f"{x.size} elements"
        )
    if not x.is_contiguous():
        raise ValueError(
            f"{name} counts places in row-major order, but the tensor of shape {x.shape} does not lie so in memory; "
            "write x.contiguous(), which copies it"
        )
    return shape, strides, offset


@public(AS_STRIDED)
def as_strided(x: Tensor, /, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """A view of the elements at ``storage_offset + i * stride[0] + j * stride[1] + ...``, of shape ``size``.

    Places are counted in row-major order from the first element of ``x``, which must lie so in memory.

    Raises:
        ValueError: places that ``x`` does not have, or ``x`` is not contiguous.
        TypeError: a device whose arrays have no strides; :func:`as_strided_copy` works there.

    Source: PyTorch, ``torch.as_strided``.

    >>> import ndgrad as nd
    >>> nd.as_strided(nd.arange(6), (3, 2), (1, 2))
    tensor([[0, 2],
            [1, 3],
            [2, 4]])
    """
    shape, strides, offset = _checked("as_strided", x, size, stride, storage_offset)
    if not _has_strides(AS_STRIDED, x):
        raise TypeError(
            f"device {str(x.device)!r} has no kernel for as_strided, as its arrays have no strides that can be chosen; "
            "write nd.as_strided_copy, which makes no view"
        )
    return apply(AS_STRIDED, x, shape=shape, strides=strides, offset=offset)


def as_strided_copy(x: Tensor, /, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """:func:`as_strided` as a copy, on any device. Source: PyTorch, ``torch.as_strided_copy``."""
    x = x.contiguous()
    return _gathered(x, *_checked("as_strided_copy", x, size, stride, storage_offset))


def as_strided_scatter(x: Tensor, src: Tensor, /, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """A copy of ``x`` with ``src`` written at these places. Source: PyTorch, ``torch.as_strided_scatter``."""
    from ndgrad.ops.gathering import index_copy

    out = x.contiguous()
    shape, strides, offset = _checked("as_strided_scatter", out, size, stride, storage_offset)
    if src.shape != shape:
        raise ValueError(f"as_strided_scatter: src of shape {src.shape} does not have the shape {shape}")
    if overlaps(shape, strides):
        raise ValueError(f"as_strided_scatter: places of size {shape} with stride {strides} overlap")
    index = _places(shape, strides, offset, x.device)
    return reshape(index_copy(reshape(out, (-1,)), 0, index, reshape(src, (-1,))), x.shape)


# -- windows -----------------------------------------------------------------------------------------------------------


def _windows(n: int, size: int, step: int, device: Any) -> Tensor:
    return expand_dims(arange(0, n - size + 1, step, device=device), 1) + arange(size, device=device)


def _windowed(x: Tensor, axis: int, size: int, step: int) -> Tensor:
    index = _windows(x.shape[axis], size, step, x.device)
    return moveaxis(getitem(x, at(axis, index)), axis + 1, -1)


def _windows_back(g: Tensor, x_shape: Shape, axis: int, size: int, step: int) -> Tensor:
    index = reshape(_windows(x_shape[axis], size, step, g.device), (-1,))
    parts = moveaxis(g, (axis, -1), (0, 1))
    rows = reshape(parts, (index.shape[0], *parts.shape[2:]))
    return moveaxis(scatter_add_flat(x_shape[axis], index, rows), 0, axis)


UNFOLD = Op(
    "unfold", namespace=None, view=True, linear=True, batch="axis", decompose=_windowed, vjp=_windows_back,
    samples=lambda make: [((make(2, 5), 1, 3, 1), {}), ((make(5, 2), 0, 2, 2), {}), ((make(4), 0, 0, 1), {})],
)  # fmt: skip
REPEATED["unfold"] = lambda params: params["step"] < params["size"]


@public(UNFOLD)
def unfold(x: Tensor, /, axis: int, size: int, step: int) -> Tensor:
    """All windows of ``size`` entries along an axis, ``step`` apart; the windows' entries are a new last axis.

    A view; a copy on devices whose arrays have no strides that can be chosen.

    Raises:
        ValueError: ``size`` exceeds the axis, or ``step`` is not positive.

    Source: PyTorch, ``torch.Tensor.unfold``.

    >>> import ndgrad as nd
    >>> nd.unfold(nd.arange(4), 0, 2, 1)
    tensor([[0, 1],
            [1, 2],
            [2, 3]])
    """
    if lies_along(axis, x):
        return unfold(reshape(x, (1,)), 0, size, step)[0]
    axis = one_axis("unfold", axis, x.ndim)
    n = x.shape[axis]
    if not 0 <= size <= n or step <= 0:
        raise ValueError(f"unfold: windows of {size} entries, {step} apart, along axis {axis} of length {n}")
    if not _has_strides(UNFOLD, x):
        return _windowed(x, axis, size, step)
    return apply(UNFOLD, x, axis=axis, size=size, step=step)


# -- complex numbers as pairs ------------------------------------------------------------------------------------------


def _pairs(x: Tensor) -> Tensor:
    return stack([real(x), imag(x)], axis=-1)


def _joined(x: Tensor) -> Tensor:
    return complex_(x[..., 0], x[..., 1])


VIEW_AS_REAL = Op(
    "view_as_real", namespace=None, accepts="complex", result="real", view=True, linear=True, batch="leading",
    decompose=_pairs, vjp=lambda g: _joined(g),
    samples=lambda make: [((make(*s),), {}) for s in ((3,), (2, 3), (), (0, 2)) if make(1).dtype.is_complex],
)  # fmt: skip
VIEW_AS_COMPLEX = Op(
    "view_as_complex", namespace=None, accepts="single or double real", result="complex", view=True, linear=True,
    batch="leading", decompose=_joined, vjp=lambda g: _pairs(g),
    samples=lambda make: [
        (lambda x: view_as_complex(x.contiguous()), (make(*shape, 2),), {})
        for shape in ((3,), (2, 3), ()) if make(1).dtype in (float32, float64)
    ],
)  # fmt: skip


@public(VIEW_AS_REAL)
def view_as_real(x: Tensor, /) -> Tensor:
    """A view of complex numbers as real and imaginary parts, along a new last axis of length 2.

    A copy on devices whose arrays have no strides that can be chosen.

    Raises:
        TypeError: the numbers are not complex.

    Source: PyTorch, ``view_as_real``.

    >>> import ndgrad as nd
    >>> nd.view_as_real(nd.asarray([1 + 2j]))
    tensor([[1., 2.]])
    """
    if not x.dtype.is_complex:
        raise TypeError(f"view_as_real takes complex numbers, got {x.dtype.name}; write x.to(nd.complex64)")
    return apply(VIEW_AS_REAL, x) if _has_strides(VIEW_AS_REAL, x) else _pairs(x)


@public(VIEW_AS_COMPLEX)
def view_as_complex(x: Tensor, /) -> Tensor:
    """A view of the pairs in the last axis, real and imaginary parts, as complex numbers.

    A copy on devices whose arrays have no strides that can be chosen.

    Raises:
        ValueError: the last axis is not of length 2, or its pairs do not lie side by side in memory.
        TypeError: not of dtype float32 or float64.

    Source: PyTorch, ``view_as_complex``.

    >>> import ndgrad as nd
    >>> nd.view_as_complex(nd.asarray([[1.0, 2.0]]))
    tensor([1.+2.j])
    """
    if x.shape[-1:] != (2,):
        raise ValueError(f"view_as_complex takes a last axis of length 2, got shape {x.shape}")
    if x.dtype not in (float32, float64):
        raise TypeError(f"view_as_complex takes float32 or float64, got {x.dtype.name}; write x.to(nd.float32)")
    return apply(VIEW_AS_COMPLEX, x) if _has_strides(VIEW_AS_COMPLEX, x) else _joined(x)
