"""The backend of devices ``cuda:0``, ``cuda:1``, ...: CuPy's arrays and its namespace as array-api-compat mends it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any

import ml_dtypes
import numpy as np

from ndgrad.devices import Device
from ndgrad.dtypes import DType, bfloat16
from ndgrad.plugins import Backend, Spec

if TYPE_CHECKING:
    from ndgrad.rows import Op

__all__ = ["CudaBackend"]

_HOST_KINDS = (1, 3)  # DLPack's numbers of main memory
_INSTALL = "run: pip install 'ndgrad-cuda[cuda13]' (or [cuda12], as nvidia-smi shows the driver's CUDA version)"


class CudaBackend(Backend):
    """CuPy behind ndgrad's contract.

    Args:
        cupy: the CuPy module; found at first use when left out.
        xp: its array-API namespace.
    """

    device_type = "cuda"
    dlpack_kinds = (2, 13)  # device memory, managed memory

    def __init__(self, cupy: Any = None, xp: Any = None) -> None:
        super().__init__(xp=xp)
        self._cupy = cupy

    # -- what there is -------------------------------------------------------------------------------------------------

    def is_available(self) -> tuple[bool, str]:
        """Whether CuPy imports and finds a GPU."""
        try:
            if self._cupy is None:
                import cupy
                from array_api_compat import cupy as xp

                self._cupy, self.xp = cupy, xp
        except ImportError as error:
            missing = isinstance(error, ModuleNotFoundError) and error.name == "cupy"
            return False, f"CuPy is not installed; {_INSTALL}" if missing else f"CuPy does not import: {error}"
        try:
            count = self._cupy.cuda.runtime.getDeviceCount()
        except Exception as error:  # CuPy's own type, which says what the driver said
            return False, f"CuPy finds no GPU to use: {error}"
        return count > 0, "" if count else "the CUDA driver reports no GPU"

    def devices(self) -> Sequence[Device]:
        """One for each GPU that the driver shows (``$CUDA_VISIBLE_DEVICES``)."""
        if self._devices is None:
            count = self._cupy.cuda.runtime.getDeviceCount()
            self._devices = tuple(Device(self.device_type, i) for i in range(count))
        return self._devices

    def raw_devices(self) -> Sequence[Any]:
        """CuPy's objects for the devices."""
        return tuple(self._cupy.cuda.Device(device.index) for device in self.devices())

    def device_of(self, raw: Any) -> Device:
        """The GPU that holds a raw array."""
        return self.devices()[int(raw.device.id)]

    @property
    def array_type(self) -> type:
        """CuPy's array class."""
        return self._cupy.ndarray

    def _find_raw_dtype(self, dtype: DType) -> Any:
        if dtype is not bfloat16:
            return np.dtype(dtype.name)
        try:
            return self._cupy.empty(0, ml_dtypes.bfloat16).dtype
        except (TypeError, ValueError):  # CuPy before 14
            return None

    def keeps_dtype(self, dtype: DType) -> bool:
        """Scalars are passed as 0-d arrays beside bfloat16, whose promotion follows NumPy's."""
        return dtype is not bfloat16

    def versions(self) -> dict[str, str]:
        """CuPy, and the CUDA versions of its runtime and of the driver."""
        runtime = self._cupy.cuda.runtime
        return {
            "cupy": self._cupy.__version__,
            "CUDA runtime": _version(runtime.runtimeGetVersion()),
            "CUDA driver": _version(runtime.driverGetVersion()),
        }

    # -- the current device --------------------------------------------------------------------------------------------

    def _on(self, device: Device) -> Any:
        """A context in which CuPy allocates and computes on ``device``."""
        return self._cupy.cuda.Device(device.index or 0)

    def kernel(self, op: Op, spec: Spec) -> Callable[..., Any] | None:
        """The kernel of ``op``, with the tensors' GPU as the current device while it runs."""
        found = super().kernel(op, spec)
        if found is None or len(self.devices()) == 1:
            return found

        @wraps(found)
        def there(*args: Any, **kwargs: Any) -> Any:
            with self._on(spec.device):
                return found(*args, **kwargs)

        return there

    # -- making arrays, and getting values out -------------------------------------------------------------------------

    def create(self, name: str, *args: Any, dtype: DType | None, device: Device, **kwargs: Any) -> Any:
        """Call a creation function of the namespace on ``device``."""
        if name == "full":
            # CuPy's fill writes zero bytes for any value equal to zero, and so loses the sign of -0.0.
            out = self.create("empty", args[0], dtype=dtype, device=device)
            self.assign(out, self.asarray(args[1], dtype, device))
            return out
        raw_dtype = None if dtype is None else self.raw_dtype(dtype)
        with self._on(device):
            return getattr(self.xp, name)(*args, dtype=raw_dtype, **kwargs)

    def asarray(self, obj: Any, dtype: DType | None, device: Device, copy: bool | None = None) -> Any:
        """A raw array of scalars, sequences, host arrays or CuPy's own."""
        raw_dtype = None if dtype is None else self.raw_dtype(dtype)
        with self._on(device):
            if isinstance(obj, self.array_type):
                return self.xp.asarray(obj, dtype=raw_dtype, copy=copy)
            if copy is False:
                raise ValueError(f"asarray: from main memory to {device} the data must be copied; leave copy=False out")
            host = np.asarray(obj, raw_dtype)
            # In one dimension, since a 0-d array is made by filling, which loses the sign of -0.0.
            return self._cupy.asarray(host.reshape(-1)).reshape(host.shape)

    def cast(self, raw: Any, dtype: DType) -> Any:
        """A copy in another dtype; complex to real keeps the real part."""
        with self._on(self.device_of(raw)):
            return super().cast(raw, dtype)

    def assign(self, target: Any, value: Any) -> None:
        """Write ``value`` over the memory of ``target``."""
        with self._on(self.device_of(target)):
            target[...] = value

    def to_host(self, raw: Any) -> Any:
        """A copy in main memory."""
        return self._cupy.asnumpy(raw)

    def to_device(self, raw: Any, device: Device) -> Any:
        """A copy on another GPU."""
        with self._on(device):
            return self._cupy.array(raw, copy=True)

    def shares_memory(self, a: Any, b: Any) -> bool:
        """Whether the ranges of memory overlap."""
        return bool(self._cupy.may_share_memory(a, b))

    # -- DLPack --------------------------------------------------------------------------------------------------------

    def to_dlpack(self, raw: Any, **kwargs: Any) -> Any:
        """CuPy's capsule; of a contiguous copy for negative strides, which some consumers cannot read."""
        copy = kwargs.pop("copy", None)
        backwards = any(stride < 0 for stride in raw.strides)
        if backwards and copy is False:
            raise BufferError("a tensor with negative strides can only be exported as a copy; leave copy=False out")
        with self._on(self.device_of(raw)):
            return (raw.copy() if backwards or copy else raw).__dlpack__(**kwargs)

    def from_dlpack(self, obj: Any, device: Device, copy: bool | None = None) -> Any:
        """A raw array over the memory of ``obj``, or a copy of it from main memory."""
        if int(obj.__dlpack_device__()[0]) in _HOST_KINDS:
            if copy is False:
                raise BufferError(f"from main memory to {device} the data must be copied; leave copy=False out")
            return self.asarray(np.from_dlpack(obj), None, device)
        with self._on(device):
            raw = self._cupy.from_dlpack(obj)
            return raw.copy() if copy else raw

    # -- the device as a machine ---------------------------------------------------------------------------------------

    def generator(self, device: Device, seed: int) -> Any:
        """The portable generator, its rounds fused into one kernel."""
        from ndgrad_cuda.random import FusedThreefry

        return FusedThreefry(self._cupy, device, seed)

    def synchronize(self, device: Device) -> None:
        """Wait until all work queued on ``device`` is done."""
        self._on(device).synchronize()

    def memory_stats(self, device: Device) -> dict[str, int]:
        """Bytes in use and held by CuPy's pool, and free and in all on the GPU."""
        with self._on(device) as current:
            pool = self._cupy.get_default_memory_pool()
            free, total = current.mem_info
            return {"used": pool.used_bytes(), "reserved": pool.total_bytes(), "free": free, "total": total}


def _version(number: int) -> str:
    """CUDA numbers its versions 1000 * major + 10 * minor."""
    return f"{number // 1000}.{number % 1000 // 10}"
