"""The backend of device ``cpu``: NumPy's arrays, its namespace, and kernels where that is not enough."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ndgrad.devices import Device
from ndgrad.dtypes import DType, bfloat16
from ndgrad.plugins import ITSELF, Backend, Spec
from ndgrad_cpu.compiled.table import layered, state
from ndgrad_cpu.kernels import KERNELS
from ndgrad_cpu.memory import keep_freed_memory
from ndgrad_cpu.numbers import Numbers
from ndgrad_cpu.random import CpuGenerator
from ndgrad_cpu.raw_dtypes import RAW_DTYPES

__all__ = ["CpuBackend"]

Array = np.ndarray[Any, Any]


def _full(shape: Any, value: Any, raw_dtype: Any) -> Array:
    out = np.empty(shape, raw_dtype)
    try:
        out.fill(value)  # a third of the time of NumPy's function
    except (OverflowError, TypeError, ValueError):  # NaN as an integer: the function knows more conversions
        return np.full(shape, value, raw_dtype)
    return out


def _linspace(start: Any, stop: Any, num: int, raw_dtype: Any, endpoint: bool) -> Array:
    steps = num - 1 if endpoint else num
    if steps < 1 or start.__class__ is complex or stop.__class__ is complex:
        return np.linspace(start, stop, num, endpoint, dtype=raw_dtype)
    # What NumPy's function does, in a quarter of its time: it asks for axes and several ends too.
    width = float(stop) - float(start)
    step = width / steps
    out = np.arange(num, dtype=np.float64)
    out = out * step if step else out / steps * width  # subnormal numbers
    out += start
    if endpoint:
        out[-1] = stop
    return out.astype(raw_dtype, copy=False)


# What NumPy takes longest to begin with.
_MAKERS: Mapping[str, Callable[..., Array]] = {
    "empty": np.empty,
    "full": _full,
    "linspace": _linspace,
    "ones": lambda shape, raw_dtype: _full(shape, 1, raw_dtype),
    "zeros": np.zeros,
}

# log(0) is -inf here as it is on every other device; the program's own NumPy code keeps its warnings.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"ndgrad(\.|_cpu\.)")


class CpuBackend(Backend):
    """NumPy behind ndgrad's contract."""

    device_type = "cpu"
    xp = np  # its namespace conforms; array_api_compat's wrapper of it would double the time to import
    kernels: Mapping[Any, Callable[..., Any]] = layered(KERNELS)
    array_type = np.ndarray
    dlpack_kinds = (1, 3)  # main memory, also if it is pinned for a GPU

    def __init__(self) -> None:
        super().__init__()
        keep_freed_memory()
        self._numbers: dict[DType, Numbers] = {}

    # -- what there is -------------------------------------------------------------------------------------------------

    def raw_devices(self) -> Sequence[Any]:
        """One: NumPy knows no others."""
        return ("cpu",)

    def versions(self) -> dict[str, str]:
        """NumPy and what this backend uses beside it."""
        from importlib.metadata import PackageNotFoundError, version

        found = {}
        for name in ("numpy", "ml_dtypes", "threadpoolctl", "scipy"):
            try:
                found[name] = version(name)
            except PackageNotFoundError:
                found[name] = "not installed"
        return found | {"compiled kernels:": state()}

    def threads(self) -> dict[str, int]:
        """Cores this process may use, and threads of each BLAS and OpenMP library it has loaded."""
        from threadpoolctl import threadpool_info

        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return {"cores": cores} | {
            f"{pool['internal_api']} ({os.path.basename(pool['filepath'])})": pool["num_threads"]
            for pool in threadpool_info()
        }

    def _find_raw_dtype(self, dtype: DType) -> Any:
        return RAW_DTYPES[dtype.name]

    def keeps_dtype(self, dtype: DType) -> bool:
        """NumPy computes ``bfloat16 * 2.0`` in float32; every other dtype is kept."""
        return dtype is not bfloat16

    def numbers(self, name: str, spec: Spec) -> Mapping[Any, Any]:
        """0-d arrays of the numbers seen: NumPy takes as long to convert a number as to add sixteen."""
        if name == "pow" or not spec.dtype.is_inexact:  # small powers are products; integers out of range still compare
            return ITSELF
        return self._numbers.setdefault(spec.dtype, Numbers(RAW_DTYPES[spec.dtype.name]))

    # -- making arrays, and getting values out -------------------------------------------------------------------------

    def create(self, name: str, *args: Any, dtype: DType | None, device: Device, **kwargs: Any) -> Array:
        """NumPy's own creation function: there is one device, so none is named."""
        raw_dtype = None if dtype is None else RAW_DTYPES[dtype.name]
        make = _MAKERS.get(name)
        if make is not None and raw_dtype is not None:
            return make(*args, raw_dtype, **kwargs)
        return getattr(np, name)(*args, dtype=raw_dtype, **kwargs)

    def asarray(self, obj: Any, dtype: DType | None, device: Device, copy: bool | None = None) -> Array:
        """An array of scalars, sequences, buffers or arrays; memory is shared where it can be unless ``copy``."""
        return np.asarray(obj, None if dtype is None else RAW_DTYPES[dtype.name], copy=copy)

    def normalize(self, result: Any, spec: Spec) -> Array:
        """NumPy's reductions and element-wise functions return scalars in place of 0-d arrays."""
        return np.asarray(result, RAW_DTYPES[spec.dtype.name])

    def cast(self, raw: Array, dtype: DType) -> Array:
        """A copy in another dtype; complex to real keeps the real part."""
        if raw.dtype.kind == "c" and not dtype.is_complex and dtype.kind != "bool":
            raw = raw.real
        if raw.dtype.kind in "biu" or (dtype.is_inexact and dtype.itemsize >= raw.dtype.itemsize):
            return raw.astype(RAW_DTYPES[dtype.name])
        with np.errstate(invalid="ignore", over="ignore"):  # NaN to int, 1e30 to float16: as on every other device
            return raw.astype(RAW_DTYPES[dtype.name])

    def to_host(self, raw: Array) -> Array:
        """The array itself."""
        return raw

    def to_device(self, raw: Array, device: Device) -> Array:
        """A copy: there is one device."""
        return raw.copy()

    def shares_memory(self, a: Array, b: Array) -> bool:
        """Whether the ranges of memory overlap."""
        return np.may_share_memory(a, b)

    # -- DLPack --------------------------------------------------------------------------------------------------------

    def to_dlpack(self, raw: Array, **kwargs: Any) -> Any:
        """NumPy's capsule; of a contiguous copy where consumers could not read the array as it lies."""
        backwards = any(stride < 0 for stride in raw.strides)
        unmarked = not raw.flags.writeable and not (kwargs.get("max_version") or (0,))[0]
        if backwards or unmarked:
            if kwargs.get("copy") is False:
                what = "has negative strides" if backwards else "is read-only, which DLPack before 1.0 cannot say"
                raise BufferError(f"this tensor {what}: it can only be exported as a copy; leave copy=False out")
            raw = raw.copy()
            kwargs["copy"] = None
        return raw.__dlpack__(**kwargs)

    def dlpack_device(self, raw: Array) -> tuple[Any, int]:
        """DLPack's name of the CPU."""
        return raw.__dlpack_device__()

    def from_dlpack(self, obj: Any, device: Device, copy: bool | None = None) -> Array:
        """An array over the memory of ``obj``, or a copy of it from another device."""
        try:
            return np.from_dlpack(obj, device="cpu", copy=copy)
        except RuntimeError as error:
            raise BufferError(f"NumPy cannot take this array through DLPack: {error}") from error

    # -- randomness ----------------------------------------------------------------------------------------------------

    def generator(self, device: Device, seed: int) -> CpuGenerator:
        """NumPy's generator."""
        return CpuGenerator(seed)
