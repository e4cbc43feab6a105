"""Finding plugins, loading each at the first use of its device, and keeping one's failure from everybody else.

pluggy discovers and registers here; no op ever passes through it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any, Literal

import pluggy

from ndgrad.devices import Device, parse_device, requested_default_device
from ndgrad.dtypes import DType
from ndgrad.errors import DeviceError, PluginError
from ndgrad.garbage import Uncollected
from ndgrad.plugins import hookspecs
from ndgrad.plugins.backend import API_VERSION, Backend, Spec
from ndgrad.plugins.discovery import EntryPoint, entry_points

__all__ = ["Manager", "PluginRecord", "manager"]

GROUP = "ndgrad"
# Where a device type of ours comes from, so that its absence can be mended by copying one line.
_PIP = {"cpu": "pip install ndgrad-cpu", "cuda": "pip install 'ndgrad-cuda[cuda13]'"}


class PluginRecord:
    """What became of one plugin."""

    def __init__(
        self,
        name: str,
        distribution: str,
        state: Literal["not loaded", "loaded", "unavailable", "broken"] = "not loaded",
        reason: str = "",
        error: BaseException | None = None,
        entry_point: EntryPoint | None = None,
    ) -> None:
        self.name = name
        self.distribution = distribution
        self.state: Literal["not loaded", "loaded", "unavailable", "broken"] = state
        self.reason = reason
        self.error = error
        self.entry_point = entry_point


class Manager:
    """All plugins of this process, the backends they brought, and what failed."""

    def __init__(self) -> None:
        self._pm = pluggy.PluginManager("ndgrad")
        self._pm.add_hookspecs(hookspecs)
        self._backends: dict[str, Backend] = {}
        self._unavailable: dict[str, str] = {}
        self._found: dict[int, Device] = {}
        self._specs: dict[tuple[str, int], Spec] = {}
        self._records: dict[str, PluginRecord] | None = None
        self._loading = threading.RLock()  # a plugin is loaded once, and other threads wait for it
        self.on_change: list[Callable[[], None]] = []  # called when kernels that were already looked up may differ

    # -- discovery -----------------------------------------------------------------------------------------------------

    @property
    def records(self) -> dict[str, PluginRecord]:
        """Every plugin known, by name; reading the installed entry points loads none of them."""
        if self._records is None:
            named = os.environ.get("NDGRAD_PLUGINS")
            allowed = None if named is None else {"ops", *map(str.strip, named.split(","))}
            found = {
                ep.name: PluginRecord(ep.name, ep.distribution or ep.value, entry_point=ep)
                for ep in entry_points(group=GROUP)
                if allowed is None or _device_type(ep.name) in allowed
            }
            with self._loading:
                if self._records is None:
                    self._records = found
        return self._records

    def register(self, plugin: object, name: str) -> None:
        """Register a plugin object by hand, as an entry point would.

        Raises:
            PluginError: a hook by an unknown name, or a backend of another contract version.
        """
        self.records[name] = PluginRecord(name, "registered by the program")
        self._register(plugin, name)

    def register_backend(self, backend: Backend) -> None:
        """Add one backend by hand: ``Backend("mylib", xp)`` over an array-API namespace is enough.

        Raises:
            PluginError: the backend was written for another major version of the contract.
        """
        self._add_backend(backend, "by the program")

    def load_all(self, prefix: str = "") -> None:
        """Load every plugin whose name begins with ``prefix``; failures are kept in :attr:`records`."""
        for record in list(self.records.values()):
            if record.state == "not loaded" and record.name.startswith(prefix):
                self._load(record)

    def _load(self, record: PluginRecord) -> None:
        assert record.entry_point is not None
        with self._loading:
            if record.state != "not loaded":
                return
            try:
                with Uncollected():
                    self._register(record.entry_point.load(), record.name)
            except Exception as error:
                record.state, record.error, record.reason = "broken", error, f"{type(error).__name__}: {error}"
                if os.environ.get("NDGRAD_STRICT") == "1":
                    raise

    def _register(self, plugin: Any, name: str) -> None:
        self._pm.register(plugin, name)
        try:
            self._pm.check_pending()
        except pluggy.PluginValidationError as error:
            self._pm.unregister(plugin)
            known = ", ".join(n for n in hookspecs.__all__ if n.startswith("ndgrad_"))
            raise PluginError(
                f"plugin {name!r} implements a hook that does not exist; the hooks are {known}"
            ) from error
        record = self.records[name]
        record.state = "loaded"
        for backend in self._call(plugin, "ndgrad_backends"):
            self._add_backend(backend, record.distribution)
            if backend.device_type in self._unavailable:
                record.state, record.reason = "unavailable", self._unavailable[backend.device_type]
        for backend in self._backends.values():
            self._collect_overrides(backend)
        for changed in self.on_change:
            changed()

    def _call(self, plugin: Any, hook: str) -> Iterable[Any]:
        for impl in getattr(self._pm.hook, hook).get_hookimpls():
            if impl.plugin is plugin:
                yield from impl.function() or ()

    def _add_backend(self, backend: Backend, origin: str) -> None:
        theirs = backend.api_version
        if theirs[0] != API_VERSION[0]:
            raise PluginError(
                f"the backend for {backend.device_type!r} ({origin}) was written for plugin contract "
                f"{theirs[0]}.{theirs[1]}, this ndgrad has {API_VERSION[0]}.{API_VERSION[1]}; "
                f"install matching versions: pip install --upgrade ndgrad {origin}"
            )
        available, reason = backend.is_available()
        if not available:
            self._unavailable[backend.device_type] = reason
            return
        self._backends[backend.device_type] = backend
        self._found.clear()
        self._specs.clear()
        self._collect_overrides(backend)

    def _collect_overrides(self, backend: Backend) -> None:
        tables = self._pm.hook.ndgrad_kernels(device_type=backend.device_type)
        backend.overrides = [t for t in reversed(tables) if t]

    # -- what the rest of ndgrad asks ----------------------------------------------------------------------------------

    def backend(self, device_type: str) -> Backend:
        """The backend of a device type, loading its plugins at first use.

        Raises:
            DeviceError: no plugin brings it, its plugin is broken (the cause is attached), or it is unavailable here.
        """
        found = self._backends.get(device_type)
        if found is None:
            with self._loading:
                for record in list(self.records.values()):
                    if record.state == "not loaded" and _device_type(record.name) == device_type:
                        self._load(record)
                found = self._backends.get(device_type)
            if found is None:
                raise self._absent(device_type)
        return found

    def _absent(self, device_type: str) -> DeviceError:
        if device_type in self._unavailable:
            return DeviceError(f"device {device_type!r} is unavailable: {self._unavailable[device_type]}")
        broken = [r for r in self.records.values() if r.error is not None and _device_type(r.name) == device_type]
        if broken:
            error = DeviceError(
                f"device {device_type!r} is unavailable: its plugin {broken[0].name!r} ({broken[0].distribution}) "
                f"failed to load with {broken[0].reason}"
            )
            error.__cause__ = broken[0].error
            return error
        if device_type in _PIP:
            return DeviceError(f"no backend for device {device_type!r} is installed; run: {_PIP[device_type]}")
        known = sorted({_device_type(n) for n in self.records if not n.startswith("ops.")} | set(self._backends))
        names = ", ".join(repr(n) for n in known) or "none: run pip install ndgrad-cpu"
        return DeviceError(f"unknown device {device_type!r}; the installed backends are {names}")

    def device(self, device: Any = None) -> Device:
        """The existing device that ``device`` names, the default one for None.

        Raises:
            DeviceError: no such device; the message lists the ones there are.
        """
        wanted = requested_default_device() if device is None else parse_device(device)
        found = self._found.get(id(wanted))  # there is one object for each device
        if found is None:
            found = self._found[id(wanted)] = self._find(wanted)
        return found

    def _find(self, wanted: Device) -> Device:
        devices = self.backend(wanted.type).devices()
        if wanted in devices:
            return wanted
        if wanted.index is None or (wanted.index == 0 and len(devices) == 1):
            return devices[0]
        raise DeviceError(f"no device {str(wanted)!r}; the {wanted.type} devices are {', '.join(map(str, devices))}")

    def spec(self, dtype: DType, device: Any = None) -> Spec:
        """The spec of tensors of ``dtype`` on the device that ``device`` names, the default one for None.

        Raises:
            DeviceError: no such device.
            TypeError: its backend has no such dtype.
        """
        wanted = requested_default_device() if device is None else parse_device(device)
        key = dtype.name, id(wanted)  # as in _found
        found = self._specs.get(key)
        if found is None:
            where = self.device(wanted)
            found = self._specs[key] = self.backend(where.type).spec(dtype, where)
        return found

    @property
    def backends(self) -> dict[str, Backend]:
        """The backends in use, by device type; loads none."""
        return dict(self._backends)

    def ops(self) -> Iterable[Any]:
        """The op rows that plugins bring, their plugins loaded first."""
        self.load_all("ops.")
        for rows in self._pm.hook.ndgrad_ops():
            yield from rows


def _device_type(plugin_name: str) -> str:
    return plugin_name.partition(".")[0]


manager = Manager()
