"""The line that sums up a certification."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

__all__ = ["line"]


def line(device: str, outcomes: Mapping[str, set[str]], served: Mapping[str, str]) -> str:
    """One line from the outcomes of each op's checks (``passed``, ``failed``, ``skipped``) and from who served it."""
    count = Counter(served.values())
    failed = sum("failed" in results for results in outcomes.values())
    offered = [op for op, source in served.items() if source != "nothing"]
    passed = sum("passed" in outcomes[op] and "failed" not in outcomes[op] for op in offered)
    return (
        f"{device}: {passed} ops passed, {failed} failed, of {len(offered)} offered ({count['decomposition']} by "
        f"decomposition), of {len(served)} in the table"
    )
