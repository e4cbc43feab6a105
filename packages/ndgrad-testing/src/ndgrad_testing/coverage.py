"""Which source serves each op on a device, and the line that sums up a certification."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ndgrad.dtypes import DTYPES
from ndgrad.plugins import manager
from ndgrad.rows import registered

__all__ = ["line", "sources", "table"]


def sources(device: Any) -> dict[str, str]:
    """For each op who computes it on ``device``: ``plugin``, ``backend``, ``namespace``, ``core``, ``decomposition`` or
    ``nothing``; for the first dtype the op takes, floating ones first.
    """  # fmt: skip
    found = manager.device(device)
    backend = manager.backend(found.type)
    held = sorted(backend.capabilities(found).dtypes, key=lambda d: (not d.is_floating, DTYPES.index(d)))
    served = {}
    for name, op in sorted(registered().items()):
        dtype = next((d for d in held if _takes(op, d)), None)
        source = "nothing" if dtype is None else backend.find_kernel(name, op.namespace, op.compute_dtype(dtype))[1]
        if source == "decomposition" and op.kernel is not None:
            source = "core"
        served[name] = "nothing" if source == "decomposition" and op.decompose is None else source
    return served


def _takes(op: Any, dtype: Any) -> bool:
    try:
        op.compute_dtype(dtype)
    except TypeError:
        return False
    return True


def line(device: str, outcomes: Mapping[str, set[str]]) -> str:
    """One line from the outcomes of each op's checks (``passed``, ``failed``, ``skipped``)."""
    served = sources(device)
    passed = sum("failed" not in results and "passed" in results for results in outcomes.values())
    declared = sum(results != {"skipped"} for results in outcomes.values())
    decomposed = Counter(served.values())["decomposition"]
    return f"{device}: {passed} of {declared} ops pass, {len(served)} in the table, {decomposed} by decomposition"


def table(device: Any) -> str:
    """A Markdown table of :func:`sources`."""
    rows = [f"| {name} | {source} |" for name, source in sources(device).items()]
    return "\n".join(["| op | served by |", "|---|---|", *rows])
