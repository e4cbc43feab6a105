"""Copies: of memory, to another dtype, and to another device or backend. The one place where data crosses backends."""

from __future__ import annotations

from typing import Any

from ndgrad.devices import Device
from ndgrad.dispatch import apply_to_one, public, record_unary
from ndgrad.dispatch import astype as cast
from ndgrad.dtypes import DType, as_dtype
from ndgrad.errors import AutogradError
from ndgrad.plugins import Backend, Spec, manager
from ndgrad.rows import Op
from ndgrad.tensor import Tensor, wrap

__all__ = ["astype", "bitcast", "clone", "to", "to_device"]

CLONE = Op(
    "clone", namespace="asarray", elementwise=True, linear=True, vjp=lambda g: g,
    samples=lambda make: [((make(2, 3),), {})],
)  # fmt: skip
TO_DEVICE = Op("to_device", namespace=None, linear=True, vjp=lambda g, source: to_device(g, source))


@public(CLONE)
def clone(x: Tensor, /) -> Tensor:
    """A copy of ``x`` in memory of its own, through which gradients flow.

    Source: PyTorch, ``torch.clone``.

    >>> import ndgrad as nd
    >>> nd.clone(nd.asarray([1.0, 2.0]))
    tensor([1., 2.])
    """
    return apply_to_one(CLONE, x, {"copy": True})


def astype(x: Tensor, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Tensor:
    """``x`` in another dtype, and on another device if one is given; gradients come back in the dtype of ``x``.

    Args:
        x: any tensor.
        dtype: a dtype of ndgrad or NumPy, or its name.
        copy: False lets ``x`` itself be returned if nothing changes.
        device: where the result lies; by default the device of ``x``.

    Raises:
        TypeError: a complex tensor to a real dtype: which part is meant must be said.

    Source: array API 2025.12, ``astype``.

    >>> import ndgrad as nd
    >>> nd.astype(nd.asarray([1.7, -1.7]), nd.int32)
    tensor([ 1, -1], dtype=ndgrad.int32)
    """
    return to(x, device, as_dtype(dtype), copy=copy)


def to(x: Tensor, /, *args: Any, device: Any = None, dtype: Any = None, copy: bool = False, **kwargs: Any) -> Tensor:
    """``x`` with another dtype or on another device; ``x`` itself if it has both already and ``copy`` is False.

    Called as ``to(x, dtype)``, ``to(x, device)``, ``to(x, device, dtype)`` or ``to(x, other)`` for those of a tensor.

    Raises:
        TypeError: a complex tensor to a real dtype.
        DeviceError: no such device.

    Source: PyTorch, ``torch.Tensor.to``.

    >>> import ndgrad as nd
    >>> nd.ones(2).to(nd.float64).dtype
    ndgrad.float64
    """
    unknown = kwargs.keys() - {"non_blocking", "memory_format"}  # PyTorch's, without a meaning here
    if unknown:
        raise TypeError(f"to() takes a dtype, a device or a tensor, and copy=; got {', '.join(sorted(unknown))}=")
    for arg in args:
        if isinstance(arg, Tensor):
            device, dtype = arg.device, arg.dtype
        elif isinstance(arg, Device) or (isinstance(arg, str) and _names_no_dtype(arg)):
            device = arg
        elif arg is not None and not isinstance(arg, bool):
            dtype = arg
    out = x
    if dtype is not None:
        wanted = as_dtype(dtype)
        if x.dtype.is_complex and not wanted.is_complex and wanted.kind != "bool":
            raise TypeError(f"{x.dtype.name} does not convert to {wanted.name}: write nd.real(x) or nd.abs(x)")
        out = cast(out, wanted)
    if device is not None:
        out = to_device(out, device)
    return clone(out) if copy and out is x else out


def _names_no_dtype(name: str) -> bool:
    try:
        as_dtype(name)
    except TypeError:
        return True
    return False


def to_device(x: Tensor, device: Any, /, *, stream: Any = None) -> Tensor:
    """``x`` on ``device``: a copy, or ``x`` itself if it lies there; the gradient comes back on the device of ``x``.

    Args:
        x: any tensor.
        device: a device or its name.
        stream: accepted for the standard's sake; work is ordered by the backend's current stream.

    Raises:
        DeviceError: no such device; the message lists the ones there are.

    Source: array API 2025.12, ``array.to_device``.
    """
    target = manager.device(device)
    spec = x._spec
    if spec.device is target:
        return x
    raw, backend = _moved(x._data, spec, target)
    out = wrap(raw, backend.spec(spec.dtype, target))
    record_unary(TO_DEVICE, x, out, {"source": spec.device})
    return out


def _moved(raw: Any, spec: Spec, device: Device) -> tuple[Any, Backend]:
    """A copy of a raw array on another device, and the backend it belongs to there."""
    source = spec.backend
    if source.level or device.type == spec.device.type:
        return source.to_device(raw, device), source
    target = manager.backend(device.type)
    return carry(raw, spec.dtype, source, target, device), target


def carry(raw: Any, dtype: DType, source: Backend, target: Backend, device: Device) -> Any:
    """A copy of one backend's raw array as another's: by DLPack within one kind of memory, else through the host."""
    if set(source.dlpack_kinds) & set(target.dlpack_kinds):
        try:
            return target.from_dlpack(raw, device, copy=True)
        except (AttributeError, BufferError, NotImplementedError, RuntimeError, TypeError, ValueError):
            pass  # a dtype or a layout that one of the two cannot exchange
    return target.from_host(source.to_host(raw), dtype, device)


def bitcast(x: Tensor, dtype: Any, /) -> Tensor:
    """The bits of ``x`` read as another dtype, over the same memory where the backend allows it; the last axis adapts.

    Raises:
        ValueError: the bits of the last axis are no whole number of items.
        AutogradError: ``x`` requires grad, and bits have no derivative.

    Source: PyTorch, ``torch.Tensor.view(dtype)``.
    """
    spec, wanted = x._spec, as_dtype(dtype)
    if x.requires_grad:
        raise AutogradError(f"the bits of a {x.dtype.name} tensor have no gradient; write x.detach() first")
    backend, target = spec.backend, spec.backend.spec(wanted, spec.device)
    *rest, last = x.shape or (1,)
    bits = last * spec.dtype.itemsize
    if bits % wanted.itemsize or (not x.ndim and wanted.itemsize != spec.dtype.itemsize):
        raise ValueError(f"view: shape {x.shape} of {x.dtype.name} does not divide into items of {wanted.name}")
    kernel = backend.find_kernel("bitcast", None, spec.dtype)[0]
    if kernel is not None:
        alias = x._alias()
        alias._data, alias._spec = kernel(x._data, backend.raw_dtype(wanted)), target
        return alias
    shape = (*rest, bits // wanted.itemsize) if x.ndim else ()
    return wrap(backend.from_bytes(backend.to_bytes(x._data), wanted, shape, spec.device), target)
