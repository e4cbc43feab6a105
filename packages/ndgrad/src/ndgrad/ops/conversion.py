"""Tensors from other objects: Python scalars and nested sequences, arrays of other libraries, other tensors."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator
from typing import Any

from ndgrad.devices import Device
from ndgrad.dtypes import SCALAR_TYPES, SCALARS, DType, as_dtype, default_dtype_of, promote, promote_scalar
from ndgrad.errors import DeviceError
from ndgrad.ops.manipulation import stack
from ndgrad.ops.transfer import carry, clone, to
from ndgrad.plugins import manager
from ndgrad.tensor import Tensor, wrap

__all__ = ["as_tensor", "asarray", "from_dlpack", "from_numpy", "tensor"]


def asarray(
    obj: Any,
    /,
    *,
    dtype: Any = None,
    device: Any = None,
    copy: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor of anything array-like. Tensors, also inside sequences, keep their history: gradients flow through.

    Args:
        obj: a tensor; a Python scalar; nested sequences of scalars, arrays or tensors; an array of another library.
        dtype: by default that of an array, else the default for Python's scalars: bool, int64, float32 or complex64.
        device: by default that of a tensor or array, else the default device.
        copy: True always copies, False never does (and refuses if it must), None shares memory where it can.
        requires_grad: ask for the gradient of the result.

    Raises:
        TypeError: ``obj`` is not array-like, or its dtype has no counterpart here.
        ValueError: nested sequences of unequal lengths; ``copy=False`` where a copy is needed.
        OverflowError: an integer that the dtype cannot hold.

    Source: array API 2025.12, ``asarray``.

    >>> import ndgrad as nd
    >>> nd.asarray([[1, 2], [3, 4]]), nd.asarray([True, 0.5])
    (tensor([[1, 2],
            [3, 4]]), tensor([1.0000, 0.5000]))
    """
    wanted = None if dtype is None else as_dtype(dtype)
    if isinstance(obj, Tensor):
        out = _of_tensor(obj, wanted, device, copy)
        out = out._alias() if requires_grad and out is obj and not obj.requires_grad else out
    elif type(obj) in SCALARS:
        out = _make(obj, wanted or default_dtype_of(type(obj)), device, _copies(copy, "a Python scalar"))
    elif isinstance(obj, (list, tuple, range)):
        out = _of_sequence(obj, wanted, device, _copies(copy, "a sequence"))
    else:
        out = _of_array(obj, wanted, device, copy)
    if requires_grad:
        out.requires_grad = True
    return out


def tensor(data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A new tensor holding a copy of ``data``, without history; ``data`` is what :func:`asarray` takes.

    Source: PyTorch, ``torch.tensor``.

    >>> import ndgrad as nd
    >>> nd.tensor([1.0, 2.0], requires_grad=True)
    tensor([1., 2.], requires_grad=True)
    """
    out = asarray(data, dtype=dtype, device=device, copy=True).detach()
    out._counter = None  # nobody else has this memory
    if requires_grad:
        out.requires_grad = True
    return out


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """:func:`asarray` under PyTorch's name: shares memory where it can. Source: PyTorch, ``torch.as_tensor``."""
    return asarray(data, dtype=dtype, device=device)


def from_numpy(array: Any, /) -> Tensor:
    """A tensor on the CPU that shares memory with a NumPy array. Source: PyTorch, ``torch.from_numpy``."""
    return asarray(array, device="cpu", copy=False)


def from_dlpack(x: Any, /, *, device: Any = None, copy: bool | None = None) -> Tensor:
    """A tensor of the data of another library's array, in the same memory where possible.

    Args:
        x: an object with ``__dlpack__`` and ``__dlpack_device__``.
        device: by default the device that ``x`` lies on.
        copy: True always copies, False never does, None where it must.

    Raises:
        AttributeError: ``x`` does not speak DLPack.
        BufferError: the data cannot be exchanged, or not without a copy if ``copy=False``.

    Source: array API 2025.12, ``from_dlpack``.
    """
    if isinstance(x, Tensor):
        if x.requires_grad:
            raise BufferError("a tensor that requires grad is not exported through DLPack; write x.detach()")
        return _of_tensor(x.detach(), None, device, copy)
    if not hasattr(x, "__dlpack_device__"):
        raise AttributeError(f"from_dlpack takes objects with __dlpack__ and __dlpack_device__, got {type(x).__name__}")
    kind, index = x.__dlpack_device__()
    there = _device_of(int(kind), int(index))
    target = manager.device(device) if device is not None else there or manager.device("cpu")
    backend = manager.backend(target.type)
    if there is None or there is target:
        raw = backend.from_dlpack(x, target, copy)
        return wrap(raw, backend.spec(backend.dtype_of(raw), target))
    if copy is False:
        raise BufferError(f"from_dlpack: from {there} to {target} the data must be copied; leave copy=False out")
    source = manager.backend(there.type)
    raw = source.from_dlpack(x, there)
    dtype = source.dtype_of(raw)
    moved = source.to_device(raw, target) if source is backend else carry(raw, dtype, source, backend, target)
    return wrap(moved, backend.spec(dtype, target))


def _device_of(kind: int, index: int) -> Device | None:
    """The device that DLPack calls (kind, index), or None; the default device's backend is asked first."""
    default = manager.backend(manager.device().type)
    for all_plugins in (False, True):
        if all_plugins:
            manager.load_all()
        for backend in [default, *manager.backends.values()]:
            if kind in backend.dlpack_kinds:
                devices = backend.devices()
                return devices[index if index < len(devices) else 0]
    return None


# -- the cases of asarray ----------------------------------------------------------------------------------------------


def _copies(copy: bool | None, what: str) -> bool | None:
    if copy is False:
        raise ValueError(f"asarray: {what} becomes a tensor only by copying; leave copy=False out")
    return None


def _make(obj: Any, dtype: DType | None, device: Any, copy: bool | None) -> Tensor:
    where = manager.device(device)
    backend = manager.backend(where.type)
    try:
        raw = backend.asarray(obj, dtype, where, copy)
    except OverflowError as error:
        raise OverflowError(f"asarray: {error}; {dtype.name if dtype else 'the dtype'} does not hold it") from error
    if dtype is None:
        dtype = backend.dtype_of(raw)
        if raw.dtype != backend.raw_dtype(dtype):  # the same numbers in another order of bytes
            raw = backend.asarray(raw, dtype, where, copy)
    return wrap(raw, backend.spec(dtype, where))


def _of_tensor(x: Tensor, dtype: DType | None, device: Any, copy: bool | None) -> Tensor:
    out = to(x, device, dtype)
    if out is not x:
        if copy is False:
            raise ValueError(
                f"asarray: from {x.dtype.name} on {x.device} to {out.dtype.name} on {out.device} takes a copy; "
                "leave copy=False out"
            )
        return out
    return clone(x) if copy else x


def _of_array(obj: Any, dtype: DType | None, device: Any, copy: bool | None) -> Tensor:
    """From an array of another library: host memory first, then DLPack, then whatever makes a NumPy array of itself."""
    if hasattr(type(obj), "__array_interface__") or _is_buffer(obj):
        return _make(obj, dtype, device, copy)
    if hasattr(obj, "__dlpack__"):
        return _of_tensor(from_dlpack(obj, device=device, copy=copy), dtype, None, copy if copy is False else None)
    if hasattr(obj, "__array__"):
        return _of_array(obj.__array__(), dtype, device, copy)
    if hasattr(obj, "__index__"):
        return asarray(operator.index(obj), dtype=dtype, device=device, copy=copy)
    if isinstance(obj, Iterable) and hasattr(obj, "__len__") and not isinstance(obj, (str, dict, set)):
        return asarray(list(obj), dtype=dtype, device=device, copy=copy)
    raise TypeError(
        f"asarray takes scalars, nested sequences and arrays, got {type(obj).__module__}.{type(obj).__qualname__}"
    )


def _is_buffer(obj: Any) -> bool:
    try:
        memoryview(obj)
    except TypeError:
        return False
    return True


def _of_sequence(obj: Any, dtype: DType | None, device: Any, copy: bool | None) -> Tensor:
    try:
        types = _leaf_types(obj)
    except RecursionError:
        raise ValueError("asarray: the sequences are nested too deeply, or contain themselves") from None
    if any(issubclass(t, Tensor) for t in types):
        return _stacked(obj, dtype, device)
    if dtype is None:
        dtype = _dtype_of_leaves(obj, types)
    try:
        return _make(obj, dtype, device, copy)
    except DeviceError:
        raise
    except ValueError as error:
        raise ValueError(f"asarray: nested sequences that make no array of {dtype.name}: {error}") from error


def _leaf_types(sequence: Any) -> set[type]:
    """The types of what nested lists, tuples and ranges hold."""
    if isinstance(sequence, range):
        return {int}
    types = set(map(type, sequence))
    nested = {t for t in types if issubclass(t, (list, tuple, range))}
    if nested:
        types -= nested
        for part in sequence:
            if type(part) in nested:
                types |= _leaf_types(part)
    return types


def _dtype_of_leaves(obj: Any, types: set[type]) -> DType:
    """The dtype of a nested sequence: arrays and their scalars promote as tensors, Python scalars are weak."""
    scalars = [t for t in SCALAR_TYPES if t in types]
    if types <= SCALARS:
        return default_dtype_of(scalars[-1] if scalars else float)
    found: DType | None = None
    for leaf in _leaves(obj):
        if type(leaf) not in SCALARS:
            held = getattr(leaf, "dtype", None)
            if held is None:
                raise TypeError(f"asarray: a sequence holds {type(leaf).__name__}, neither number nor array")
            found = as_dtype(held) if found is None else promote(found, as_dtype(held))
    assert found is not None
    for scalar in scalars:
        found = promote_scalar(found, scalar)
    return found


def _leaves(obj: Any) -> Iterator[Any]:
    for part in obj:
        if isinstance(part, (list, tuple, range)):
            yield from _leaves(part)
        else:
            yield part


def _stacked(obj: Any, dtype: DType | None, device: Any) -> Tensor:
    """Nested sequences with tensors among their leaves, as a tensor through which gradients flow to each."""
    leaves = list(_leaves(obj))
    if device is None:
        places = [x.device for x in leaves if isinstance(x, Tensor)]
        device = next((d for d in places if d.type != "cpu"), places[0])  # 0-d CPU tensors move by themselves
    if dtype is None:
        dtype = _dtype_of_leaves(obj, {type(x) for x in leaves})

    def assemble(part: Any) -> Tensor:
        if isinstance(part, (list, tuple, range)):
            return stack([assemble(p) for p in part])
        return asarray(part, dtype=dtype, device=device)

    return assemble(obj)
