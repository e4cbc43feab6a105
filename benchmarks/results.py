"""From samples to medians, ratios and kept or missed limits."""

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.contention import DISTURBED
from benchmarks.libraries import NDGRAD, TORCH
from benchmarks.row import Limit, Row


@dataclass(frozen=True)
class Summary:
    """Middle and spread of the samples of one cell."""

    median: float
    quartiles: tuple[float, float]
    best: float
    count: int


def summarise(samples: Sequence[float]) -> Summary:
    """Median, first and third quartile, minimum and number of at least one sample."""
    if not samples:
        raise ValueError("no samples to summarise")
    if len(samples) == 1:
        return Summary(samples[0], (samples[0], samples[0]), samples[0], 1)
    low, _, high = statistics.quantiles(samples, n=4, method="inclusive")
    return Summary(statistics.median(samples), (low, high), min(samples), len(samples))


def geometric_mean(ratios: Iterable[float]) -> float | None:
    """The mean that gives a factor of two the same weight either way; None of nothing."""
    logarithms = [math.log(ratio) for ratio in ratios]
    return math.exp(statistics.fmean(logarithms)) if logarithms else None


@dataclass(frozen=True)
class Verdict:
    """A limit, what was measured for it, and whether it was kept."""

    limit: Limit
    amount: float

    @property
    def kept(self) -> bool:
        return self.amount <= self.limit.budget


@dataclass(frozen=True)
class Refusal:
    """Why a library has no samples: expected where it isn't installed or lacks the function, else an error."""

    reason: str
    expected: bool


@dataclass
class Result:
    """What a row came to: per library its samples, or the reason why there are none."""

    row: Row
    samples: dict[str, list[float]] = field(default_factory=dict)
    loops: dict[str, int] = field(default_factory=dict)
    refusals: dict[str, Refusal] = field(default_factory=dict)
    others: float | None = None
    """Share of the cores that other processes took meanwhile; None where the system doesn't tell."""

    def refuse(self, library: str, refusal: Refusal) -> None:
        """Leave the library's cell empty, for this reason."""
        self.samples.pop(library, None)
        self.refusals[library] = refusal

    @property
    def disturbed(self) -> bool:
        """Whether others took so much of the machine that the times say little. Sizes don't mind."""
        return self.row.unit == "s" and self.others is not None and self.others > DISTURBED

    @property
    def medians(self) -> Mapping[str, float]:
        return {library: statistics.median(samples) for library, samples in self.samples.items() if samples}

    @property
    def quickest(self) -> Mapping[str, float]:
        return {library: min(samples) for library, samples in self.samples.items() if samples}

    @property
    def ratio(self) -> float | None:
        """ndgrad's median over PyTorch's, below 1 where ndgrad needs less; None unless both were measured."""
        return self.ratio_of(NDGRAD)

    def ratio_of(self, library: str) -> float | None:
        """A library's median over PyTorch's; None unless both were measured."""
        medians = self.medians
        return medians[library] / medians[TORCH] if {library, TORCH} <= medians.keys() else None

    @property
    def verdict(self) -> Verdict | None:
        """How ndgrad stands to the row's limit; None without a limit, or without what it is measured by."""
        limit = self.row.limit
        if limit is None:
            return None
        try:
            return Verdict(limit, limit.amount(self.quickest if limit.by_quickest else self.medians))
        except KeyError:
            return None


def by_group(results: Iterable[Result]) -> dict[str, list[Result]]:
    """The results of each group, groups and rows in the order given."""
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(result.row.group, []).append(result)
    return groups


def ratios(results: Iterable[Result], library: str = NDGRAD) -> list[float]:
    """A library's ratios to PyTorch that were measured undisturbed."""
    found = [result.ratio_of(library) for result in results if not result.disturbed]
    return [ratio for ratio in found if ratio is not None]


def mean_ratio(results: Iterable[Result], library: str = NDGRAD) -> float | None:
    """The geometric mean of :func:`ratios`."""
    return geometric_mean(ratios(results, library))
