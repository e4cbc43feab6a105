"""Where a measurement was made: what a reader needs to judge it, and to repeat it."""

import datetime
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.libraries import versions


def processor() -> str:
    """The processor's own name, where the system tells."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        match = re.search(r"^model name\s*:\s*(.+)$", cpuinfo.read_text(encoding="utf-8"), re.MULTILINE)
        if match:
            return match[1]
    return platform.processor() or platform.machine()


def blas() -> str:
    """The BLAS that NumPy loads in a new process, with its threads; "" where threadpoolctl isn't installed."""
    command = [sys.executable, "-m", "threadpoolctl", "-i", "numpy"]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    pools = [pool for pool in json.loads(asked.stdout or "[]") if pool["user_api"] == "blas"]
    return ", ".join(f"{pool['internal_api']} {pool['version']}, {pool['num_threads']} threads" for pool in pools)


def load_average() -> str:
    """How busy the machine was with other things."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""


def describe(command: str, threads: int) -> Mapping[str, str]:
    """Fact to value, in the order in which the report lists them."""
    facts = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "processor": f"{processor()}, {os.cpu_count()} cores",
        "threads": f"{threads} for every library",
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "versions": ", ".join(f"{title} {version}" for title, version in versions().items()),
        "BLAS of NumPy": blas(),
        "load average before": load_average(),
        "to repeat": f"`{command}`",
    }
    return {fact: value for fact, value in facts.items() if value}
