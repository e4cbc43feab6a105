"""How much of the machine other processes took meanwhile: a time taken beside them says little.

A pool of threads waits at the end of every call for its slowest member, so one core lost to another process can make a
call forty times slower in one library and leave the next untouched. Neither a median nor taking turns evens that out.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter

DISTURBED = 0.05
"""Share of the cores taken by others, above which a row's times aren't counted."""

_STAT = Path("/proc/stat")


def busy_seconds() -> float:
    """CPU seconds that all processes, interrupts and the hypervisor's other guests used since the system started."""
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, _STAT.read_text().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def seconds_of(pid: int) -> float:
    """CPU seconds that a process and the children it waited for used; 0 for one that has ended."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return sum(map(int, after_name[11:15])) / os.sysconf("SC_CLK_TCK")


class Watch:
    """Started when made; `share` is what fraction of the cores processes other than these have used since."""

    def __init__(self, pids: Iterable[int]) -> None:
        self._pids = [os.getpid(), *pids]
        self._started, self._before = perf_counter(), self._used_by_others()

    def _used_by_others(self) -> float:
        return busy_seconds() - sum(map(seconds_of, self._pids)) if _STAT.exists() else 0.0

    def share(self) -> float | None:
        """Between 0 and 1; None where the system doesn't tell."""
        if not _STAT.exists():
            return None
        used, elapsed = self._used_by_others() - self._before, perf_counter() - self._started
        return min(1.0, max(0.0, used / (elapsed * (os.cpu_count() or 1))))
