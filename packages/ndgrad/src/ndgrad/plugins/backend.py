"""The contract between ndgrad and an array library: one class, most of it derived from an array-API namespace."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple

from ndgrad.devices import Device
from ndgrad.dtypes import DTYPES, DType, as_dtype, bfloat16, float32
from ndgrad.plugins.booleans import of_booleans

if TYPE_CHECKING:
    from ndgrad.rows import Op

__all__ = ["API_VERSION", "ITSELF", "Backend", "BySize", "Capabilities", "Spec"]

API_VERSION = (1, 0)


class Spec:
    """What all tensors of one dtype on one device have in common: interned, so that ``is`` compares it.

    The one thing an op looks at to find its kernel (``op.table[x._spec]``).
    """

    __slots__ = ("array_type", "backend", "device", "dtype", "weak_scalars")

    def __init__(self, dtype: DType, device: Device, backend: Backend, array_type: type, weak_scalars: bool) -> None:
        self.dtype = dtype
        self.device = device
        self.backend = backend
        self.array_type = array_type
        self.weak_scalars = weak_scalars

    def __repr__(self) -> str:
        return f"Spec({self.dtype.name}, {self.device})"


class _Itself(dict[Any, Any]):
    """The mapping of each key to itself."""

    def __missing__(self, key: Any) -> Any:
        return key


ITSELF: Final = _Itself()


class BySize:
    """An elementwise kernel in two forms: ``small`` while every operand has fewer than ``limit`` bytes, else ``large``.

    The dispatcher asks for ``raw.nbytes`` itself, so that small arrays pay for no further call.
    """

    __slots__ = ("large", "limit", "small")

    def __init__(self, small: Callable[..., Any], large: Callable[..., Any], limit: int) -> None:
        self.small = small
        self.large = large
        self.limit = limit

    def __call__(self, *raws: Any) -> Any:
        """Choose by the operands' sizes; a Python number has none."""
        for raw in raws:
            if getattr(raw, "nbytes", 0) >= self.limit:
                return self.large(*raws)
        return self.small(*raws)


class Capabilities(NamedTuple):
    """What a device can hold and do, as ``__array_namespace_info__`` reports it."""

    dtypes: frozenset[DType] = frozenset(DTYPES)
    boolean_indexing: bool = True
    data_dependent_shapes: bool = True
    max_dimensions: int = 64


class Backend:
    """An array library that serves a device type. Its namespace alone makes it work; kernels make it fast.

    Args:
        device_type: how users name its devices, for example ``"mylib"``.
        xp: the array-API namespace of the raw arrays.

    Class attributes a subclass may set:
        api_version: the version of this contract the plugin was written for.
        kernels: op name, or (op name, dtype name or kind), to a pure function on raw arrays. A name that ends in an
            underscore writes its result into its first operand. An elementwise kernel may be a :class:`BySize`.
        pip: how to install what is missing, for the error of :meth:`is_available`.
    """

    api_version: ClassVar[tuple[int, int]] = API_VERSION
    device_type: str
    xp: ModuleType
    kernels: Mapping[Any, Callable[..., Any]] = {}
    level: int = 0  # 0 for arrays; transforms such as jvp and vmap stack levels above
    # DLPack's numbers (DLDeviceType) of the memory its arrays may lie in; () if no other library can read them there.
    dlpack_kinds: tuple[int, ...] = ()
    # Do the namespace's functions keep an array's dtype when its partner is a Python scalar?
    weak_scalars: bool = True

    def __init__(self, device_type: str | None = None, xp: ModuleType | None = None) -> None:
        if device_type is not None:
            self.device_type = device_type
        if xp is not None:
            self.xp = xp
        self._specs: dict[tuple[str, int], Spec] = {}
        self._dtypes: dict[Any, DType] = {}
        self._raw_dtypes: dict[DType, Any] = {}
        self._devices: tuple[Device, ...] | None = None
        self.overrides: list[Mapping[Any, Callable[..., Any]]] = []

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.device_type!r}>"

    # -- what there is -------------------------------------------------------------------------------------------------

    def is_available(self) -> tuple[bool, str]:
        """Whether arrays can be made here, and if not, the reason a user reads."""
        return True, ""

    def devices(self) -> Sequence[Device]:
        """The devices, the default one first."""
        if self._devices is None:
            n = len(self.raw_devices())
            self._devices = tuple(Device(self.device_type, i if n > 1 else None) for i in range(n))
        return self._devices

    def raw_devices(self) -> Sequence[Any]:
        """What the namespace calls its devices, the default one first; a library with many may offer some of them."""
        info = getattr(self.xp, "__array_namespace_info__", None)
        named = [device for device in info().devices() if device is not None] if info else []
        return tuple(named) or (None,)

    def raw_device(self, device: Device) -> Any:
        """What the namespace's ``device=`` takes for ``device``."""
        return self.raw_devices()[device.index or 0]

    def device_of(self, raw: Any) -> Device:
        """The device a raw array lies on."""
        devices = self.devices()
        return devices[0] if len(devices) == 1 else devices[list(self.raw_devices()).index(raw.device)]

    def capabilities(self, device: Device | None = None) -> Capabilities:
        """What ``device`` holds and does."""
        return Capabilities(dtypes=frozenset(d for d in DTYPES if self._find_raw_dtype(d) is not None))

    def versions(self) -> dict[str, str]:
        """Names and versions of the libraries underneath, for a bug report."""
        library = self.xp.__name__.partition(".")[0]
        found = getattr(self.xp, "__version__", None) or getattr(sys.modules.get(library), "__version__", "unknown")
        return {library: str(found)}

    # -- dtypes and specs ----------------------------------------------------------------------------------------------

    def _find_raw_dtype(self, dtype: DType) -> Any:
        return getattr(self.xp, dtype.name, None)

    def raw_dtype(self, dtype: DType) -> Any:
        """The namespace's dtype object for ``dtype``.

        Raises:
            TypeError: the library has no such dtype.
        """
        found = self._raw_dtypes.get(dtype)
        if found is None:
            found = self._find_raw_dtype(dtype)
            if found is None:
                held = ", ".join(d.name for d in DTYPES if self._find_raw_dtype(d) is not None)
                raise TypeError(f"device {self.device_type!r} holds no {dtype.name}; it holds {held}")
            self._raw_dtypes[dtype] = found
        return found

    def dtype_of(self, raw: Any) -> DType:
        """The dtype of a raw array."""
        found = self._dtypes.get(raw.dtype)
        if found is None:
            for dtype in DTYPES:
                held = self._find_raw_dtype(dtype)
                if held is not None and held == raw.dtype:  # NumPy's float64 == None
                    found = self._dtypes[raw.dtype] = dtype
                    break
            else:
                found = as_dtype(raw.dtype)
        return found

    def spec(self, dtype: DType, device: Device) -> Spec:
        """The interned :class:`Spec` of a dtype on a device."""
        key = dtype.name, id(device)  # there is one object for each device, and its hash is a Python function
        found = self._specs.get(key)
        if found is None:
            self.raw_dtype(dtype)
            made = Spec(dtype, device, self, self.array_type, self.keeps_dtype(dtype))
            found = self._specs.setdefault(key, made)  # one object, also if two threads ask at once
        return found

    def keeps_dtype(self, dtype: DType) -> bool:
        """Whether ``array * 2.0`` keeps ``dtype`` in the namespace, so that kernels may get Python scalars."""
        return self.weak_scalars

    @property
    def array_type(self) -> type:
        """The class of the raw arrays; a kernel's result of another class passes through :meth:`normalize`."""
        found: type = type(self.xp.zeros(()))
        return found

    def normalize(self, result: Any, spec: Spec) -> Any:
        """Turn what a kernel returned in place of an array (NumPy's scalars) into one."""
        return self.asarray(result, spec.dtype, spec.device)

    # -- making arrays, and getting values out -------------------------------------------------------------------------

    def create(self, name: str, *args: Any, dtype: DType | None, device: Device, **kwargs: Any) -> Any:
        """Call the namespace's creation function ``name``."""
        raw_dtype = None if dtype is None else self.raw_dtype(dtype)
        return getattr(self.xp, name)(*args, dtype=raw_dtype, device=self.raw_device(device), **kwargs)

    def asarray(self, obj: Any, dtype: DType | None, device: Device, copy: bool | None = None) -> Any:
        """A raw array of ``obj``: Python scalars, nested sequences, buffers, or a host array."""
        return self.create("asarray", obj, dtype=dtype, device=device, copy=copy)

    def cast(self, raw: Any, dtype: DType) -> Any:
        """``raw`` in another dtype; complex to real keeps the real part, as PyTorch does."""
        if self.dtype_of(raw).is_complex and not dtype.is_complex:
            raw = self.xp.not_equal(raw, 0) if dtype.kind == "bool" else self.xp.real(raw)
        return self.xp.astype(raw, self.raw_dtype(dtype), copy=True)

    def assign(self, target: Any, value: Any) -> None:
        """Write ``value`` over the memory of ``target``."""
        target[...] = value

    def from_host(self, host: Any, dtype: DType, device: Device) -> Any:
        """A raw array holding a copy of ``host``, a NumPy array."""
        if dtype is bfloat16:  # which few libraries but NumPy's companion know as a dtype of NumPy's
            return self.cast(self.asarray(host.astype("float32"), float32, device), dtype)
        return self.asarray(host, dtype, device, copy=True)

    def to_host(self, raw: Any) -> Any:
        """The values as a NumPy array: a view where memory can be shared, else a copy."""
        import numpy as np

        if self.dtype_of(raw) is bfloat16:
            import ml_dtypes

            return self.to_host(self.cast(raw, float32)).astype(ml_dtypes.bfloat16)
        try:
            return np.from_dlpack(raw, device="cpu")
        except (AttributeError, TypeError, BufferError, RuntimeError, ValueError):
            return np.asarray(raw)

    def to_bytes(self, raw: Any) -> bytes:
        """The values in row-major order, little-endian."""
        host = self.to_host(raw)
        data: bytes = host.astype(host.dtype.newbyteorder("<"), copy=False).tobytes()
        return data

    def from_bytes(self, data: Any, dtype: DType, shape: tuple[int, ...], device: Device) -> Any:
        """A raw array of values as :meth:`to_bytes` gives them."""
        import numpy as np

        if dtype is bfloat16:
            import ml_dtypes

            host_dtype = np.dtype(ml_dtypes.bfloat16)
        else:
            host_dtype = np.dtype(dtype.name).newbyteorder("<")
        return self.from_host(np.frombuffer(data, host_dtype).reshape(shape), dtype, device)

    def to_device(self, raw: Any, device: Device) -> Any:
        """A copy of ``raw`` on another device of this backend."""
        return raw.to_device(self.raw_device(device))

    def to_dlpack(self, raw: Any, **kwargs: Any) -> Any:
        """The DLPack capsule of ``raw``; arguments as in the standard's ``__dlpack__``."""
        return raw.__dlpack__(**kwargs)

    def dlpack_device(self, raw: Any) -> tuple[Any, int]:
        """DLPack's name of the device of ``raw``."""
        kind, index = raw.__dlpack_device__()
        return kind, index

    def from_dlpack(self, obj: Any, device: Device, copy: bool | None = None) -> Any:
        """A raw array sharing memory with ``obj`` where it can; arguments as in the standard's ``from_dlpack``."""
        return self.xp.from_dlpack(obj, device=self.raw_device(device), copy=copy)

    def detached(self, raw: Any) -> Any:
        """``raw`` without derivatives: transforms, whose raw arrays carry some, drop them."""
        return raw

    def shares_memory(self, a: Any, b: Any) -> bool:
        """Whether two raw arrays may overlap in memory: decides if a reshape is a view."""
        test = getattr(self.xp, "may_share_memory", None)
        return True if test is None else bool(test(a, b))

    # -- kernels -------------------------------------------------------------------------------------------------------

    def kernel(self, op: Op, spec: Spec) -> Callable[..., Any] | None:
        """The function that computes ``op`` on raw arrays of ``spec``, or None where only a decomposition can."""
        found, source = self.find_kernel(op.name, op.namespace, spec.dtype)
        if found is not None and op.variadic and source == "namespace":
            # The standard's concat and stack take a sequence.
            return lambda *raws, **params: found(list(raws), **params)
        return found

    def find_kernel(
        self, name: str, namespace: str | None, dtype: DType
    ) -> tuple[Callable[..., Any] | None, str]:
        """A kernel and who serves it: a plugin's override, this backend, its namespace, or nobody."""
        for source, table in [("plugin", t) for t in reversed(self.overrides)] + [("backend", self.kernels)]:
            found = table.get((name, dtype.name)) or table.get((name, dtype.kind)) or table.get(name)
            if found is not None:
                return found, source
        found = self._in_namespace(namespace) if namespace else None
        if found is not None and dtype.kind == "bool":
            found = of_booleans(name, self.xp) or found
        return found, "namespace" if found else "decomposition"

    def _in_namespace(self, path: str) -> Callable[..., Any] | None:
        found: Any = self.xp
        for part in path.split("."):
            found = getattr(found, part, None)
        return found if callable(found) else None

    def looked_up(self, table: dict[Spec, Any], spec: Spec) -> None:
        """An op's table now holds an entry for ``spec``; transforms note it, to take it out when they end."""

    def numbers(self, name: str, spec: Spec) -> Mapping[Any, Any]:
        """What a kernel is handed for a Python number beside an array of ``spec``: by default the number itself.

        A backend whose library takes long to convert a number may keep arrays of those it has seen.
        """
        return ITSELF

    # -- the device as a machine ---------------------------------------------------------------------------------------

    def generator(self, device: Device, seed: int) -> Any:
        """A native generator (see :class:`ndgrad.generators.NativeGenerator`), or None for ndgrad's portable one."""
        return None

    def synchronize(self, device: Device) -> None:
        """Wait until all work queued on ``device`` is done."""

    def memory_stats(self, device: Device) -> dict[str, int]:
        """Bytes in use and reserved on ``device``, where the library can say."""
        return {}

    def threads(self) -> dict[str, int]:
        """Thread counts of the libraries underneath, for a bug report."""
        return {}
