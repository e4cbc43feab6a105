"""Results as JSON, and as the tables between two marks in docs/performance.md."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.contention import DISTURBED
from benchmarks.libraries import COMPILED, NDGRAD, TITLES, TORCH
from benchmarks.results import Result, Verdict, by_group, mean_ratio, ratios, summarise

BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"

DISTURBANCE = (
    f"~ marks rows during which other processes took more than {DISTURBED:.0%} of the cores. Their times say little, "
    "for or against any library, and are neither counted above nor in the means; measure them again on a quiet machine."
)

SCALES: Mapping[str, Sequence[tuple[float, str]]] = {
    "s": [(1, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")],
    "B": [(1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1, "B")],
    "x": [(1, "x")],
}
"""Unit of a row to the prefixes in which its amounts are written, the largest first."""


def amount(value: float, unit: str = "s") -> str:
    """Three significant digits with the prefix that leaves them before or around the point: 1.25 ms, 430 ns."""
    scales = SCALES[unit]
    # 0.9995 would be written as 1.00 of a prefix, or as 1000 of the next: take the larger prefix from there.
    factor, name = next((scale for scale in scales if abs(value) >= 0.9995 * scale[0]), scales[-1])
    scaled = value / factor
    digits = 0 if abs(scaled) >= 99.95 else 1 if abs(scaled) >= 9.995 else 2
    return f"{scaled:.{digits}f} {name}"


def ratio(value: float | None) -> str:
    """Two decimals, or nothing for what wasn't measured."""
    return "" if value is None else f"{value:.2f}"


def limit(verdict: Verdict | None) -> str:
    """What is asked, what was measured, and in bold if it's too much."""
    if verdict is None:
        return ""
    asked, unit = verdict.limit, verdict.limit.unit
    best = "at best " if asked.by_quickest and unit == "s" else ""
    text = f"{best}{amount(verdict.amount, unit)} {asked.text}, at most {amount(asked.budget, unit)}"
    return text if verdict.kept else f"**{text}: missed**"


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, its cell for a result, and what stands below them all."""

    title: str
    cell: Callable[[Result], str]
    foot: str = ""
    align: str = "--:"


def columns(results: Sequence[Result]) -> Iterator[Column]:
    """The columns that a group has something to say in."""
    yield Column("", lambda result: result.row.name + (" ~" if result.disturbed else ""), "geometric mean", ":--")
    for library, title in TITLES.items():
        if any(library in result.medians for result in results):
            yield Column(title, partial(median, library))
    for library in compared(results):
        mean = mean_ratio(results, library)
        title, foot = f"{TITLES[library]} / {TITLES[TORCH]}", f"**{ratio(mean)}**" if mean else ""
        yield Column(title, partial(ratio_to_torch, library), foot)
    if any(result.verdict for result in results):
        yield Column("limit", lambda result: limit(result.verdict), align=":--")


def compared(results: Iterable[Result]) -> list[str]:
    """The forms of ndgrad that were measured beside PyTorch."""
    return [name for name in (NDGRAD, COMPILED) if any(result.ratio_of(name) is not None for result in results)]


def ratio_to_torch(library: str, result: Result) -> str:
    """One cell: the library's median over PyTorch's, or nothing."""
    return ratio(result.ratio_of(library))


def median(library: str, result: Result) -> str:
    """One cell: the library's median, or nothing."""
    return amount(result.medians[library], result.row.unit) if library in result.medians else ""


def table(lines: Sequence[Sequence[str]], align: Sequence[str]) -> str:
    """A markdown table, its first line the heading."""
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [lines[0], align, *lines[1:]])


def group_table(group: str, results: Sequence[Result]) -> str:
    """A group's heading and table, with the geometric mean of its ratios where there are several."""
    shown = list(columns(results))
    lines = [[column.title for column in shown], *([column.cell(result) for column in shown] for result in results)]
    if sum(result.ratio is not None for result in results) > 1:
        lines.append([column.foot for column in shown])
    return f"## {group[0].upper()}{group[1:]}\n\n{table(lines, [column.align for column in shown])}"


def overview(results: Sequence[Result]) -> str:
    """One line per group: the mean ratios, and how many rows are slower than PyTorch or miss their limit."""
    forms = compared(results) or [NDGRAD]
    heads = [head for form in forms for head in (f"{TITLES[form]} / PyTorch", "more than PyTorch")]
    lines = [["group", *heads, "limits missed", "disturbed"]]
    for group, members in by_group(results).items():
        counted = [result for result in members if not result.disturbed]
        cells = [cell for form in forms for cell in (ratio(mean_ratio(members, form)), slower(members, form))]
        kept = [result.verdict.kept for result in counted if result.verdict]
        missed = f"{kept.count(False)} of {len(kept)}" if kept else ""
        disturbed = len(members) - len(counted)
        lines.append([group, *cells, missed, str(disturbed) if disturbed else ""])
    text = f"## Overview\n\n{table(lines, [':--'] + ['--:'] * (len(lines[0]) - 1))}"
    return f"{text}\n\n{DISTURBANCE}" if any(result.disturbed for result in results) else text


def slower(results: Iterable[Result], library: str) -> str:
    """How many rows take longer than PyTorch's."""
    found = ratios(results, library)
    return f"{sum(value > 1 for value in found)} of {len(found)}" if found else ""


def gaps(results: Iterable[Result]) -> str:
    """Why cells are empty: each reason once, with the rows that it holds for."""
    rows_of: dict[str, list[str]] = {}
    for result in results:
        for library, refusal in result.refusals.items():
            kind = "" if refusal.expected else "error: "
            rows_of.setdefault(f"{TITLES[library]}: {kind}{refusal.reason}", []).append(result.row.key)
    if not rows_of:
        return ""
    lines = [f"- {reason} ({keys[0] if len(keys) == 1 else f'{len(keys)} rows'})" for reason, keys in rows_of.items()]
    return "## Not measured\n\n" + "\n".join(lines)


def markdown(results: Sequence[Result], environment: Mapping[str, str]) -> str:
    """The whole report: where and how it was measured, a table per group, and what is missing."""
    facts = "\n".join(f"- {fact}: {value}" for fact, value in environment.items())
    tables = [group_table(group, members) for group, members in by_group(results).items()]
    return "\n\n".join(part for part in [facts, overview(results), *tables, gaps(results)] if part)


def record(result: Result, threads: int) -> dict[str, Any]:
    """One row for the JSON file; times in seconds, sizes in bytes, every sample kept."""
    row, verdict = result.row, result.verdict
    measured = {
        name: {**asdict(summarise(samples)), "loops": result.loops[name], "samples": samples}
        for name, samples in result.samples.items()
        if samples
    }
    return {
        "name": row.name,
        "group": row.group,
        "unit": row.unit,
        "threads": threads,
        "others": result.others,
        "disturbed": result.disturbed,
        "libraries": measured | {name: asdict(refusal) for name, refusal in result.refusals.items()},
        "ratio": result.ratio,
        "limit": verdict
        and {
            "text": verdict.limit.text,
            "amount": verdict.amount,
            "budget": verdict.limit.budget,
            "unit": verdict.limit.unit,
            "by_quickest": verdict.limit.by_quickest,
            "kept": verdict.kept,
        },
    }


def records(results: Sequence[Result], environment: Mapping[str, str], threads: int) -> dict[str, Any]:
    """Everything that was measured, ready for json.dump."""
    return {
        "environment": dict(environment),
        "results": [record(result, threads) for result in results],
        "geometric_means": {group: mean_ratio(members) for group, members in by_group(results).items()},
    }


def insert(page: Path, text: str) -> None:
    """Put the text between the two marks of a page, whose own words stay; raises ValueError if a mark is missing."""
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{page} has no line {BEGIN!r} followed by a line {END!r} to put the tables between")
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")
