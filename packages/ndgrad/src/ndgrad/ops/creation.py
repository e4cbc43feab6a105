"""Creation functions: array API 2025.12, chapter "Creation Functions", and PyTorch's beside them.

Everything takes ``dtype=``, ``device=`` (by default :func:`ndgrad.set_default_device`'s) and ``requires_grad=``. What
makes a tensor from other objects stands in :mod:`ndgrad.ops.conversion`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Literal

from ndgrad.dispatch import apply, public
from ndgrad.dtypes import SCALARS, DType, as_dtype, default_dtype_of, get_default_dtype, int64
from ndgrad.ops.conversion import asarray, tensor
from ndgrad.ops.manipulation import as_shape, broadcast_arrays, broadcast_to, reshape, stack
from ndgrad.ops.rearrangement import diagonal, embed_diagonal
from ndgrad.ops.transfer import to
from ndgrad.plugins import manager
from ndgrad.rows import Op
from ndgrad.tensor import Tensor, wrap

__all__ = [
    "arange", "diag", "empty", "empty_like", "eye", "full", "full_like", "linspace", "logspace", "meshgrid", "ones",
    "ones_like", "tril", "tril_indices", "triu", "triu_indices", "zeros", "zeros_like",
]  # fmt: skip

_Number = float | complex


def _create(name: str, args: tuple[Any, ...], dtype: DType, device: Any, requires_grad: bool, **kwargs: Any) -> Tensor:
    spec = manager.spec(dtype, device)
    try:
        raw = spec.backend.create(name, *args, dtype=dtype, device=spec.device, **kwargs)
    except (OverflowError, TypeError, ValueError) as error:
        listed = ", ".join(map(str, args))
        raise type(error)(f"{name}: {listed} make no tensor of dtype {dtype.name}: {error}") from None
    out = wrap(raw, spec)
    if requires_grad:
        out.requires_grad = True
    return out


def _scalar(name: str, value: Any) -> Any:
    """A Python number; those of NumPy and 0-d tensors are accepted."""
    if value.__class__ not in SCALARS:
        if isinstance(value, type) or not hasattr(value, "item"):
            raise TypeError(f"{name} takes numbers, got {value if isinstance(value, type) else type(value).__name__}")
        value = value.item()
    return value


def _dtype_for(dtype: Any, *values: Any) -> DType:
    if dtype is not None:
        return as_dtype(dtype)
    if len(values) == 1:
        return default_dtype_of(type(values[0]))
    kinds = set(map(type, values))
    if len(kinds) == 1:
        return default_dtype_of(kinds.pop())
    return default_dtype_of(next(kind for kind in (complex, float, int, bool) if kind in kinds))


def _size(name: str, shape: Any, more: tuple[int, ...] = ()) -> tuple[int, ...]:
    """The shape in ``zeros((2, 3))``, ``zeros(2)`` and PyTorch's ``zeros(2, 3)``.

    Raises:
        ValueError: a negative length.
    """
    if shape.__class__ is int and shape >= 0 and not more:
        return (shape,)
    found = as_shape(name, (shape, *more) if more else shape)
    if found and min(found) < 0:
        raise ValueError(f"{name}: a length cannot be negative, got shape {found}")
    return found


# -- filled with one value ---------------------------------------------------------------------------------------------


def empty(
    shape: int | tuple[int, ...], *more: int, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A tensor of uninitialized memory. Source: array API 2025.12, ``empty``."""
    found = get_default_dtype() if dtype is None else as_dtype(dtype)
    return _create("empty", (_size("empty", shape, more),), found, device, requires_grad)


def zeros(
    shape: int | tuple[int, ...], *more: int, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A tensor of zeros, of the default floating dtype unless told otherwise.

    Source: array API 2025.12, ``zeros``.

    >>> import ndgrad as nd
    >>> nd.zeros((2, 2), dtype=nd.int64), nd.zeros(2, 0).shape
    (tensor([[0, 0],
            [0, 0]]), (2, 0))
    """
    found = get_default_dtype() if dtype is None else as_dtype(dtype)
    return _create("zeros", (_size("zeros", shape, more),), found, device, requires_grad)


def ones(
    shape: int | tuple[int, ...], *more: int, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A tensor of ones, of the default floating dtype unless told otherwise. Source: array API 2025.12, ``ones``."""
    found = get_default_dtype() if dtype is None else as_dtype(dtype)
    return _create("ones", (_size("ones", shape, more),), found, device, requires_grad)


def full(
    shape: int | tuple[int, ...],
    fill_value: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor filled with one value: a number, which decides the dtype, or a 0-d tensor, through which gradients flow.

    Raises:
        ValueError: the value is a tensor of several elements.
        OverflowError: the dtype cannot hold the number.

    Source: array API 2025.12, ``full``.

    >>> import ndgrad as nd
    >>> nd.full((2,), 7), nd.full(2, True)
    (tensor([7, 7]), tensor([True, True]))
    """
    size = _size("full", shape)
    if hasattr(fill_value, "dtype"):
        held = to(asarray(fill_value), device, dtype)
        if held.size != 1:
            raise ValueError(f"full: fill_value is one value, got shape {held.shape}; write nd.broadcast_to(x, shape)")
        out = reshape(broadcast_to(reshape(held, ()), size), size, copy=True)
        if requires_grad:
            out.requires_grad = True
        return out
    value = _scalar("full", fill_value)
    return _create("full", (size, value), _dtype_for(dtype, value), device, requires_grad)


def _like(x: Tensor, dtype: Any, device: Any) -> tuple[DType, Any]:
    return x.dtype if dtype is None else as_dtype(dtype), x.device if device is None else device


def empty_like(x: Tensor, /, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Uninitialized memory with the shape, dtype and device of ``x``. Source: array API 2025.12, ``empty_like``."""
    return _create("empty", (x.shape,), *_like(x, dtype, device), requires_grad)


def zeros_like(x: Tensor, /, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Zeros with the shape, dtype and device of ``x``. Source: array API 2025.12, ``zeros_like``."""
    return _create("zeros", (x.shape,), *_like(x, dtype, device), requires_grad)


def ones_like(x: Tensor, /, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones with the shape, dtype and device of ``x``. Source: array API 2025.12, ``ones_like``."""
    return _create("ones", (x.shape,), *_like(x, dtype, device), requires_grad)


def full_like(
    x: Tensor, /, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """One value in the shape, dtype and device of ``x``. Source: array API 2025.12, ``full_like``."""
    dtype, device = _like(x, dtype, device)
    return full(x.shape, fill_value, dtype=dtype, device=device, requires_grad=requires_grad)


# -- ranges ------------------------------------------------------------------------------------------------------------


def arange(
    start: _Number,
    /,
    stop: _Number | None = None,
    step: _Number = 1,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Numbers from ``start`` (0 if only one is given) up to, not including, ``stop``; integers if all arguments are.

    Raises:
        ValueError: ``step`` is zero.

    Source: array API 2025.12, ``arange``.

    >>> import ndgrad as nd
    >>> nd.arange(3), nd.arange(0, 1, 0.5)
    (tensor([0, 1, 2]), tensor([0.0000, 0.5000]))
    """
    start, step = _scalar("arange", start), _scalar("arange", step)
    start, stop = (0, start) if stop is None else (start, _scalar("arange", stop))
    if step == 0:
        raise ValueError("arange: step must not be zero")
    found = _dtype_for(dtype, start, stop, step)
    if found.is_integral and not _countable(start, stop, step, found):
        raise ValueError(f"arange: {start}, {stop}, {step} does not fit into {found.name}")
    return _create("arange", (start, stop, step), found, device, requires_grad)


def _countable(start: Any, stop: Any, step: Any, dtype: DType) -> bool:
    """Whether a range lies within the dtype, and is no longer than NumPy counts: of more it makes nothing, silently."""
    if max(abs(start), abs(stop)) < 2**63:
        return True
    limit = 2 ** (8 * dtype.itemsize - (dtype.kind == "signed integer"))
    return limit > max(start, stop - step) >= min(start, stop - step) >= -limit and (stop - start) / step < 2**62


def linspace(
    start: _Number | Tensor,
    stop: _Number | Tensor,
    /,
    num: int,
    *,
    dtype: Any = None,
    device: Any = None,
    endpoint: bool = True,
    requires_grad: bool = False,
) -> Tensor:
    """``num`` evenly spaced numbers from ``start`` to ``stop``, which is left out without ``endpoint``.

    Gradients flow through ends that are 0-d tensors.

    Raises:
        ValueError: ``num`` is negative, or an end is a tensor of several elements.

    Source: array API 2025.12, ``linspace``.

    >>> import ndgrad as nd
    >>> nd.linspace(0, 1, 3)
    tensor([0.0000, 0.5000, 1.0000])
    """
    num = operator.index(num)
    if num < 0:
        raise ValueError(f"linspace: num must not be negative, got {num}")
    wanted = None if dtype is None else as_dtype(dtype)
    if wanted is not None and not wanted.is_inexact:  # the standard has no such; PyTorch cuts towards zero
        start, stop = (int(_scalar("linspace", x)) for x in (start, stop))
        return to(linspace(start, stop, num, dtype="float64", device=device, endpoint=endpoint), None, wanted)
    ends: list[Tensor] = []
    if start.__class__ not in SCALARS or stop.__class__ not in SCALARS:
        ends = [x for x in (start, stop) if isinstance(x, Tensor) and x.dtype.is_inexact]
    if ends and any(x.ndim for x in ends):
        raise ValueError(f"linspace: the ends are numbers or 0-d tensors, got shapes {[x.shape for x in ends]}")
    if ends:
        real = (wanted or ends[0].dtype).to_real
        weight = linspace(0.0, 1.0, num, dtype=real, device=ends[0].device, endpoint=endpoint)
        out = to(start * (1 - weight) + stop * weight, device, dtype)
        if requires_grad:
            out.requires_grad = True
        return out
    start, stop = _scalar("linspace", start), _scalar("linspace", stop)
    found = _dtype_for(wanted, start, stop, 0.0)
    return _create("linspace", (start, stop, num), found, device, requires_grad, endpoint=endpoint)


def logspace(
    start: float | Tensor,
    stop: float | Tensor,
    /,
    num: int = 100,
    *,
    base: float = 10.0,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """``base`` to the power of ``num`` evenly spaced exponents from ``start`` to ``stop``.

    Source: PyTorch, ``torch.logspace``.
    """
    wanted = None if dtype is None else as_dtype(dtype)
    if wanted is not None and not wanted.is_inexact:  # as linspace
        start, stop = int(start), int(stop)
    if isinstance(start, Tensor) or isinstance(stop, Tensor):
        out = to(base ** linspace(start, stop, num, dtype=wanted), device, dtype)
        if requires_grad:
            out.requires_grad = True
        return out
    step = (stop - start) / max(num - 1, 1)
    found = [float(base) ** (start + i * step) for i in range(num)]
    return tensor(found, dtype=_dtype_for(wanted, 0.0), device=device, requires_grad=requires_grad)


def eye(
    n_rows: int,
    n_cols: int | None = None,
    /,
    *,
    k: int = 0,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """A matrix with ones on its ``k``-th diagonal and zeros elsewhere.

    Source: array API 2025.12, ``eye``.

    >>> import ndgrad as nd
    >>> nd.eye(2, 3, k=1)
    tensor([[0., 1., 0.],
            [0., 0., 1.]])
    """
    rows, columns = _size("eye", (n_rows, n_rows if n_cols is None else n_cols))
    return _create("eye", (rows, columns), _dtype_for(dtype, 0.0), device, requires_grad, k=k)


def meshgrid(*arrays: Tensor, indexing: Literal["xy", "ij"] = "xy") -> tuple[Tensor, ...]:
    """Views of coordinate vectors as grids: each varies along one axis of the grid and is constant along the others.

    Args:
        arrays: vectors, or 0-d tensors as vectors of one coordinate; or one sequence of these.
        indexing: ``"ij"``: the i-th vector varies along axis i; ``"xy"``: the first two change places.

    Raises:
        ValueError: a tensor of several axes, or another ``indexing``.

    Source: array API 2025.12, ``meshgrid``.

    >>> import ndgrad as nd
    >>> nd.meshgrid(nd.arange(2), nd.arange(3))[0]
    tensor([[0, 1],
            [0, 1],
            [0, 1]])
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid: indexing is 'xy' or 'ij', got {indexing!r}")
    given: tuple[Any, ...] = arrays
    if len(given) == 1 and isinstance(given[0], (list, tuple)):
        arrays = tuple(given[0])
    if any(x.ndim > 1 for x in arrays):
        raise ValueError(f"meshgrid takes vectors, got shapes {', '.join(str(x.shape) for x in arrays)}")
    axes = list(range(len(arrays)))
    if indexing == "xy" and len(arrays) > 1:
        axes[:2] = 1, 0
    n = len(arrays)
    lines = [reshape(x, (1,) * axis + (-1,) + (1,) * (n - 1 - axis)) for axis, x in zip(axes, arrays, strict=True)]
    return broadcast_arrays(*lines)


# -- triangles and diagonals -------------------------------------------------------------------------------------------

TRIL: Op = Op(
    "tril", linear=True, batch="leading", vjp=lambda g, k: apply(TRIL, g, k=k),
    samples=lambda make: [((make(3, 4),), {"k": k}) for k in (0, 1, -1)] + [((make(2, 3, 3),), {})],
)  # fmt: skip
TRIU: Op = Op(
    "triu", linear=True, batch="leading", vjp=lambda g, k: apply(TRIU, g, k=k),
    samples=lambda make: [((make(3, 4),), {"k": k}) for k in (0, 1, -1)] + [((make(2, 3, 3),), {})],
)  # fmt: skip


def _check_matrix(name: str, x: Tensor) -> None:
    if x.ndim < 2:
        raise ValueError(f"{name} takes a matrix or a stack of matrices, got shape {x.shape}")


@public(TRIL)
def tril(x: Tensor, /, *, k: int = 0) -> Tensor:
    """Matrices with zeros above the ``k``-th diagonal. Source: array API 2025.12, ``tril``."""
    _check_matrix("tril", x)
    return apply(TRIL, x, k=operator.index(k))


@public(TRIU)
def triu(x: Tensor, /, *, k: int = 0) -> Tensor:
    """Matrices with zeros below the ``k``-th diagonal. Source: array API 2025.12, ``triu``."""
    _check_matrix("triu", x)
    return apply(TRIU, x, k=operator.index(k))


def diag(x: Tensor, /, k: int = 0) -> Tensor:
    """The matrix with a vector on its ``k``-th diagonal; of a matrix, a view of that diagonal.

    Raises:
        ValueError: ``x`` is neither.

    Source: PyTorch, ``torch.diag``; NumPy, ``numpy.diag``.

    >>> import ndgrad as nd
    >>> nd.diag(nd.asarray([1, 2]))
    tensor([[1, 0],
            [0, 2]])
    """
    if x.ndim == 1:
        return embed_diagonal(x, (x.size + abs(k),) * 2, k)
    if x.ndim == 2:
        return diagonal(x, k)
    raise ValueError(f"diag takes a vector or a matrix, got shape {x.shape}; nd.diagonal takes any axes")


def tril_indices(
    row: int, col: int | None = None, offset: int = 0, *, dtype: Any = int64, device: Any = None
) -> Tensor:
    """The row and column numbers of a lower triangle, as the two rows of a tensor.

    Source: PyTorch, ``torch.tril_indices``.

    >>> import ndgrad as nd
    >>> nd.tril_indices(2, 2)
    tensor([[0, 1, 1],
            [0, 0, 1]])
    """
    return to(_places(tril, row, col, offset, device), dtype)


def triu_indices(
    row: int, col: int | None = None, offset: int = 0, *, dtype: Any = int64, device: Any = None
) -> Tensor:
    """The row and column numbers of an upper triangle, as the two rows of a tensor.

    Source: PyTorch, ``torch.triu_indices``.
    """
    return to(_places(triu, row, col, offset, device), dtype)


def _places(triangle: Callable[..., Tensor], row: int, col: int | None, offset: int, device: Any) -> Tensor:
    from ndgrad.ops.searching import nonzero

    filled = ones((row, row if col is None else col), dtype="uint8", device=device)
    return stack(nonzero(triangle(filled, k=offset)), axis=0)
