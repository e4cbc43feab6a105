"""What this installation consists of, as data and as text: what a bug report needs."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from ndgrad.dtypes import DTYPES, DType
from ndgrad.plugins import Backend, manager
from ndgrad.rows import Op, registered

__all__ = ["backends", "source", "sources", "text"]

# Who may compute an op: a plugin's override, the backend's kernels or namespace, the row's kernel or decomposition.
SOURCES: Final = ("plugin", "backend", "namespace", "row", "decomposition", "nothing")
_OURS: Final = ("ndgrad", "ndgrad-cpu", "ndgrad-cuda", "ndgrad-nn", "ndgrad-testing")


def backends() -> dict[str, dict[str, Any]]:
    """Every backend in use by device type: its devices, dtypes, versions and threads, and who serves how many ops.

    >>> import ndgrad as nd
    >>> nd.backends()["cpu"]["devices"]
    ['cpu']
    """
    manager.load_all()
    return {
        device_type: {
            "devices": [str(device) for device in backend.devices()],
            "dtypes": {str(d): [t.name for t in _held(backend, d)] for d in backend.devices()},
            "versions": backend.versions(),
            "threads": backend.threads(),
            "ops": _tally(sources(device_type).values()),
        }
        for device_type, backend in manager.backends.items()
    }


def _tally(served: Iterable[str]) -> dict[str, int]:
    count = Counter(served)
    return {name: count[name] for name in SOURCES if count[name]}


def _held(backend: Backend, device: Any) -> list[DType]:
    dtypes = backend.capabilities(device).dtypes
    return [dtype for dtype in DTYPES if dtype in dtypes]


def source(op: Op, device: Any) -> str:
    """Who computes an op, one of :data:`SOURCES`.

    The answer is for the first dtype that the op takes, floating ones first.
    """
    found = manager.device(device)
    backend = manager.backend(found.type)
    held = sorted(backend.capabilities(found).dtypes, key=lambda d: (not d.is_floating, DTYPES.index(d)))
    dtype = next((d for d in held if op.takes(d)), None)
    if dtype is None:
        return "nothing"
    kernel, served = backend.find_kernel(op.name, op.namespace, op.compute_dtype(dtype))
    if kernel is not None:
        return served
    return "row" if op.kernel is not None else "decomposition" if op.decompose is not None else "nothing"


def sources(device: Any) -> dict[str, str]:
    """:func:`source` of every op."""
    return {name: source(op, device) for name, op in sorted(registered().items())}


def text(ops: bool = False) -> str:
    """The report that ``python -m ndgrad`` prints; with ``ops``, who serves each op on each backend."""
    return "\n".join([*_versions(), *_plugins(), *_backends(), *(_op_table() if ops else [])])


def _versions() -> Iterator[str]:
    import platform  # here, as every import of ndgrad would wait for these
    from importlib.metadata import PackageNotFoundError, version

    yield f"Python {platform.python_version()} ({platform.platform()}, {platform.machine()})"
    for name in _OURS:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"{name}: not installed"
    yield from (f"{name}={value}" for name, value in sorted(os.environ.items()) if name.startswith("NDGRAD_"))


def _plugins() -> Iterator[str]:
    import traceback

    manager.load_all()
    yield "\nplugins"
    if not manager.records:
        yield "  none: run pip install ndgrad-cpu"
    for record in manager.records.values():
        reason = f": {record.reason}" if record.reason else ""
        yield f"  {record.name} ({record.distribution}): {record.state}{reason}"
        if record.error is not None:
            lines = "".join(traceback.format_exception(record.error)).rstrip().splitlines()
            yield from (f"    {line}" for line in lines)


def _backends() -> Iterator[str]:
    for device_type, found in backends().items():
        yield f"\nbackend {device_type}"
        yield "  devices: " + ", ".join(found["devices"])
        for device, dtypes in found["dtypes"].items():
            yield f"  dtypes on {device}: {', '.join(dtypes)}"
        for title in ("versions", "threads"):
            yield f"  {title}: " + (", ".join(f"{k} {v}" for k, v in found[title].items()) or "unknown")
        yield "  ops, by who computes them: " + ", ".join(f"{who} {n}" for who, n in found["ops"].items())


def _op_table() -> Iterator[str]:
    table = {device_type: sources(device_type) for device_type in manager.backends}
    yield "\nwho serves each op: a plugin, the backend's kernels, its namespace, the row's own kernel, a decomposition"
    yield "into other ops, or nothing; nothing is needed by the rows that only record how a tensor came about"
    width = max(map(len, registered()), default=0) + 2
    yield "  " + "op".ljust(width) + "".join(name.ljust(15) for name in table)
    for op in sorted(registered()):
        yield "  " + op.ljust(width) + "".join(served[op].ljust(15) for served in table.values()).rstrip()


def main(arguments: list[str]) -> int:
    """Print the report; ``--ops`` adds the table of ops."""
    import argparse

    parser = argparse.ArgumentParser(
        "python -m ndgrad", description="Print versions, plugins, devices, dtypes and threads: what a bug report needs."
    )
    parser.add_argument("--ops", action="store_true", help="add the table that says who computes each op")
    print(text(ops=parser.parse_args(arguments).ops))
    return 0
