"""Prints the coverage line of a certification at the end of a pytest run; an entry point makes pytest load it."""

from __future__ import annotations

from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Sum up the outcomes of the suite's tests, those of pytest-xdist's workers included."""
    outcomes: dict[str, dict[str, set[str]]] = {}
    served: dict[str, dict[str, str]] = {}
    for outcome in ("passed", "failed", "skipped"):
        for report in terminalreporter.stats.get(outcome, ()):
            for key, value in getattr(report, "user_properties", ()):
                if key == "ndgrad":
                    device, op, source = value
                    outcomes.setdefault(device, {}).setdefault(op, set()).add(outcome)
                    served.setdefault(device, {})[op] = source
    if outcomes:
        from ndgrad_testing.coverage import line

        terminalreporter.section("ndgrad backends")
        for device, ops in outcomes.items():
            terminalreporter.line(line(device, ops, served[device]))
