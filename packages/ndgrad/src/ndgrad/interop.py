"""How tensors meet other libraries and Python's own protocols: DLPack, NumPy, pickle, copy.

The functions here become methods of :class:`ndgrad.Tensor`.
"""

from __future__ import annotations

import sys
from typing import Any, Final

from ndgrad.dtypes import as_dtype
from ndgrad.errors import AutogradError
from ndgrad.graph import no_grad
from ndgrad.ops.conversion import asarray
from ndgrad.ops.transfer import clone
from ndgrad.plugins import manager
from ndgrad.tensor import Tensor, wrap

__all__ = ["array", "array_ufunc", "copy", "deepcopy", "dlpack", "dlpack_device", "numpy", "reduce"]

_HOST_KINDS: Final = (1, 3)  # DLPack's numbers of main memory: kDLCPU, kDLCUDAHost


# -- DLPack ------------------------------------------------------------------------------------------------------------


def dlpack_device(x: Tensor, /) -> tuple[Any, int]:
    """DLPack's (kind, index) of the device. Source: array API 2025.12, ``array.__dlpack_device__``."""
    return x._spec.backend.dlpack_device(x._data)


def dlpack(
    x: Tensor,
    /,
    *,
    stream: Any = None,
    max_version: tuple[int, int] | None = None,
    dl_device: tuple[Any, int] | None = None,
    copy: bool | None = None,
) -> Any:
    """A DLPack capsule of the tensor's memory, or of a copy in main memory if ``dl_device`` asks for that.

    Raises:
        BufferError: the tensor requires grad, lies where ``dl_device`` is not, or needs a copy although ``copy=False``.

    Source: array API 2025.12, ``array.__dlpack__``.
    """
    if x.requires_grad:
        raise BufferError("a tensor that requires grad is not exported through DLPack; write x.detach()")
    backend = x._spec.backend
    wishes = {"stream": stream, "max_version": max_version, "copy": copy}
    here = dlpack_device(x)
    if dl_device is None or (int(dl_device[0]), int(dl_device[1])) == (int(here[0]), int(here[1])):
        return backend.to_dlpack(x._data, **{k: v for k, v in wishes.items() if v is not None})
    if int(dl_device[0]) not in _HOST_KINDS:
        raise BufferError(f"a tensor on {x.device} is exported there or to main memory, not to {dl_device}")
    if copy is False:
        raise BufferError(f"from {x.device} to main memory the data must be copied; leave copy=False out")
    return backend.to_host(x._data).__dlpack__(max_version=max_version)


# -- NumPy -------------------------------------------------------------------------------------------------------------


def array(x: Tensor, /, dtype: Any = None, copy: bool | None = None) -> Any:
    """The tensor as a NumPy array, over the same memory where possible: what ``numpy.asarray(x)`` calls.

    Raises:
        RuntimeError: the tensor requires grad, so that its history would be lost silently.
        TypeError: the tensor lies on a device whose memory NumPy cannot read.
        ValueError: ``copy=False``, and another dtype is asked for.
    """
    if x.requires_grad:
        raise RuntimeError("a NumPy array has no gradient, and this tensor requires one; write x.detach() first")
    backend = x._spec.backend
    if backend.level:
        raise TypeError("a tensor inside nd.vmap or nd.jvp has no values that NumPy could read")
    if not _in_main_memory(x):
        raise TypeError(f"NumPy cannot read the memory of {x.device}; write x.to('cpu') first")
    host = backend.to_host(x._data)
    wanted = host.dtype if dtype is None else dtype
    if host.dtype != wanted and copy is False:
        raise ValueError(f"from {x.dtype.name} to {wanted} takes a copy; leave copy=False out")
    return host.astype(wanted, copy=bool(copy))


def _in_main_memory(x: Tensor) -> bool:
    try:
        return int(dlpack_device(x)[0]) in _HOST_KINDS
    except (AttributeError, BufferError, NotImplementedError, TypeError):
        return False


def numpy(x: Tensor, /, *, force: bool = False) -> Any:
    """The tensor as a NumPy array over the same memory; ``force=True`` detaches and copies from a device if need be.

    Raises:
        RuntimeError: the tensor requires grad.
        TypeError: it lies on a device.

    Source: PyTorch, ``torch.Tensor.numpy``.
    """
    return x._spec.backend.to_host(x._data) if force else array(x)


# NumPy's names for what is called otherwise here.
_COUNTERPARTS: Final = {
    "conjugate": "conj", "degrees": "rad2deg", "fabs": "abs", "invert": "bitwise_invert",
    "left_shift": "bitwise_left_shift", "radians": "deg2rad", "right_shift": "bitwise_right_shift", "rint": "round",
}  # fmt: skip


def array_ufunc(x: Tensor, ufunc: Any, method: str, /, *inputs: Any, **options: Any) -> Any:
    """What ``numpy.exp(x)`` and ``numpy.float64(2) * x`` call: ndgrad's function, by which gradients flow.

    A ufunc without a counterpart here, or one with options, computes with the values; its result is a tensor again.

    Raises:
        RuntimeError: there is no counterpart, and the tensor requires grad.
        TypeError: NumPy's arrays are mixed with tensors, or NumPy is to write into a tensor.
    """
    function = _counterpart(ufunc) if method == "__call__" and not options else None
    if function is not None:
        return function(*map(_operand, inputs))
    if any(isinstance(out, Tensor) for out in options.get("out", ())):
        raise TypeError(f"numpy.{ufunc.__name__} cannot write into a tensor; write x[...] = nd.{ufunc.__name__}(...)")
    found = getattr(ufunc, method)(*[array(i) if isinstance(i, Tensor) else i for i in inputs], **options)
    if "out" in options:
        return found
    return tuple(_tensor(part, x) for part in found) if isinstance(found, tuple) else _tensor(found, x)


def _counterpart(ufunc: Any) -> Any:
    ours, name = sys.modules["ndgrad"], ufunc.__name__
    known = any(getattr(sys.modules.get(theirs), name, None) is ufunc for theirs in ("numpy", "scipy.special"))
    name = _COUNTERPARTS.get(name, name)
    return (getattr(ours, name, None) or getattr(ours.special, name, None)) if known else None


def _operand(x: Any) -> Any:
    """NumPy makes 0-d arrays of its scalars to compare them; here they are the scalars they were."""
    return x.item() if not isinstance(x, Tensor) and getattr(x, "shape", None) == () else x


def _tensor(found: Any, like: Tensor) -> Any:
    return asarray(found, device=like.device)


# -- pickle and copy ---------------------------------------------------------------------------------------------------


def reduce(x: Tensor, /) -> tuple[Any, ...]:
    """How pickle stores a tensor: its bytes, dtype, shape, device, and whether it requires grad.

    Raises:
        AutogradError: the tensor is not a leaf.
    """
    _check_leaf(x, "pickled")
    data = x._spec.backend.to_bytes(x._data)
    return _rebuild, (type(x), data, x.dtype.name, x.shape, str(x.device), x.requires_grad)


def _rebuild(cls: type, data: bytes, dtype: str, shape: tuple[int, ...], device: str, requires_grad: bool) -> Tensor:
    x = from_bytes(data, dtype, shape, device)
    out = x if cls is Tensor else x._alias(cls)
    out.requires_grad = requires_grad
    return out


def from_bytes(data: Any, dtype: Any, shape: tuple[int, ...], device: Any = None) -> Tensor:
    """A tensor of values given as bytes: little-endian, in row-major order."""
    found, where = as_dtype(dtype), manager.device(device)
    backend = manager.backend(where.type)
    return wrap(backend.from_bytes(data, found, shape, where), backend.spec(found, where))


def copy(x: Tensor, /) -> Tensor:
    """What ``copy.copy(x)`` returns: another tensor over the same memory, with the same history."""
    alias = x._alias(type(x))
    alias._node = x._node
    return alias


def deepcopy(x: Tensor, memo: dict[int, Any], /) -> Tensor:
    """What ``copy.deepcopy(x)`` returns: a leaf with memory of its own, with a copy of the gradient.

    Raises:
        AutogradError: the tensor is not a leaf.
    """
    if id(x) in memo:
        return memo[id(x)]
    _check_leaf(x, "deep-copied")
    with no_grad():
        out = clone(x.detach())._alias(type(x))
        out.requires_grad = x.requires_grad
        memo[id(x)] = out
        if x.grad is not None:
            out.grad = clone(x.grad)
    return out


def _check_leaf(x: Tensor, what: str) -> None:
    if not x.is_leaf:
        raise AutogradError(f"only leaves can be {what}: this tensor's history would be lost; write x.detach()")
