"""Which source serves each op on a device, and the line that sums up a certification."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ndgrad.dtypes import DTYPES, DType
from ndgrad.plugins import manager
from ndgrad.rows import Op, registered

__all__ = ["line", "source", "sources", "table"]


def source(op: Op, device: Any) -> str:
    """Who computes an op: ``plugin``, ``backend``, ``namespace``, ``core``, ``decomposition`` or ``nothing``.

    The answer is for the first dtype that the op takes, floating ones first.
    """
    found = manager.device(device)
    backend = manager.backend(found.type)
    held = sorted(backend.capabilities(found).dtypes, key=lambda d: (not d.is_floating, DTYPES.index(d)))
    dtype = next((d for d in held if _takes(op, d)), None)
    if dtype is None:
        return "nothing"
    served = backend.find_kernel(op.name, op.namespace, op.compute_dtype(dtype))[1]
    if served == "decomposition" and op.kernel is not None:
        return "core"
    return "nothing" if served == "decomposition" and op.decompose is None else served


def _takes(op: Op, dtype: DType) -> bool:
    try:
        op.compute_dtype(dtype)
    except TypeError:
        return False
    return True


def sources(device: Any) -> dict[str, str]:
    """:func:`source` of every op."""
    return {name: source(op, device) for name, op in sorted(registered().items())}


def line(device: str, outcomes: Mapping[str, set[str]], served: Mapping[str, str]) -> str:
    """One line from the outcomes of each op's checks (``passed``, ``failed``, ``skipped``) and from :func:`sources`."""
    count = Counter(served.values())
    failed = sum("failed" in results for results in outcomes.values())
    offered = [op for op, source in served.items() if source != "nothing"]
    passed = sum("passed" in outcomes[op] and "failed" not in outcomes[op] for op in offered)
    return (
        f"{device}: {passed} ops passed, {failed} failed, of {len(offered)} offered ({count['decomposition']} by "
        f"decomposition), of {len(served)} in the table"
    )


def table(device: Any) -> str:
    """A Markdown table of :func:`sources`."""
    rows = [f"| {name} | {served} |" for name, served in sources(device).items()]
    return "\n".join(["| op | served by |", "|---|---|", *rows])
