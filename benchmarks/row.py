"""What a benchmark is: a name, the same work in several libraries, and the limit that ndgrad keeps to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.libraries import NDGRAD, TITLES, Library
from benchmarks.sampling import Sampler, clock

Thunk = Callable[[], object]
"""A call without arguments: the work that is timed, everything else made ready."""

Work = Callable[[Library], Thunk]
"""Makes the work ready in one library. Raises `NotOffered` where the library has no such function."""


class NotOffered(Exception):
    """A library lacks what the row measures; the table leaves its cell empty and says so below."""


@dataclass(frozen=True)
class Limit:
    """What is asked of ndgrad: `amount` of the times per library stays within `budget`, both in `unit`.

    A limit in seconds is kept or missed by the quickest samples: neighbours on the same physical cores, whom no counter
    here shows, only ever add to a time, and double it for minutes on end. A ratio takes the medians of both sides,
    which neighbours raise alike.
    """

    text: str
    amount: Callable[[Mapping[str, float]], float]
    budget: float
    unit: str = "s"
    by_quickest: bool = True


def above(library: str, budget: float) -> Limit:
    """At most `budget` seconds more than another library needs for the same."""
    return Limit(f"above {TITLES[library]}", lambda times: times[NDGRAD] - times[library], budget)


def at_most(budget: float, unit: str = "s") -> Limit:
    """At most `budget` in all."""
    return Limit("in all", lambda times: times[NDGRAD], budget, unit)


def no_slower_than(library: str) -> Limit:
    """At most the time of another library."""
    return Limit(f"of {TITLES[library]}", lambda times: times[NDGRAD] / times[library], 1.0, "x", by_quickest=False)


@dataclass(frozen=True)
class Row:
    """One line of the report.

    `work` maps a library's name to its work; a library that is not named has an empty cell. `per` is how many units of
    work one call does, such as 200 for a chain of 200 nodes, and `unit` what a sample counts: "s" or "B". A row that is
    `brief` takes microseconds of one thread: its samples are many and short, on each core in turn.
    """

    name: str
    group: str
    work: Mapping[str, Work]
    limit: Limit | None = None
    per: int = 1
    unit: str = "s"
    sampler: Sampler = clock
    brief: bool = False

    @property
    def key(self) -> str:
        """The name under which `--only` and the processes that measure find this row."""
        return f"{self.group} / {self.name}"
