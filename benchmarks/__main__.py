"""`python -m benchmarks`: measure, print, and write the tables of docs/performance.md and its picture."""

import argparse
import importlib.util
import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks import picture, report
from benchmarks.environment import describe
from benchmarks.harness import Worker, limit_threads, measure, usable_cores
from benchmarks.libraries import TITLES
from benchmarks.results import Result
from benchmarks.row import Row
from benchmarks.rows import ROWS

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
PICTURE = PAGE.with_suffix(".svg")


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Time the same work in ndgrad, PyTorch, JAX and NumPy, in turn, and compare.",
    )
    parser.add_argument("--only", metavar="NAME", action="append", help="only rows with NAME in their name or group")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write every sample there")
    parser.add_argument("--list", action="store_true", help="name the rows and stop")
    parser.add_argument("--repeats", metavar="N", type=int, default=9, help="samples per cell (default: 9)")
    parser.add_argument("--threads", metavar="N", type=int, help="for every library alike (default: all cores)")
    parser.add_argument("--no-write", action="store_true", help=f"leave docs/{PAGE.name} as it is, as --only does too")
    arguments = parser.parse_args(argv)
    arguments.threads = arguments.threads or len(usable_cores())
    if arguments.repeats < 1:
        parser.error(f"--repeats must be at least 1, got {arguments.repeats}")
    if not 1 <= arguments.threads <= len(usable_cores()):
        parser.error(f"--threads must be between 1 and the {len(usable_cores())} cores here, got {arguments.threads}")
    arguments.no_write = arguments.no_write or bool(arguments.only)
    if not (arguments.no_write or arguments.list) and importlib.util.find_spec("matplotlib") is None:
        parser.error(f"docs/{PICTURE.name} is drawn by matplotlib; pip install it, or leave docs/ alone by --no-write")
    arguments.rows = select(arguments.only)
    if not arguments.rows:
        parser.error(f"no row has {' or '.join(arguments.only)} in its name or group; --list shows them all")
    return arguments


def select(names: Sequence[str] | None) -> list[Row]:
    """The rows whose group or name holds any of the names, in either case; all rows without names."""
    if not names:
        return ROWS
    return [row for row in ROWS if any(name.lower() in row.key.lower() for name in names)]


def measure_all(rows: Sequence[Row], repeats: int) -> list[Result]:
    """Measure every row, telling on stderr how far it is."""
    results = []
    with ExitStack() as stack:
        used = [library for library in TITLES if any(library in row.work for row in rows)]
        workers = {library: stack.enter_context(Worker(library)) for library in used}
        for number, row in enumerate(rows, start=1):
            results.append(measure(row, workers, repeats))
            medians = results[-1].medians.items()
            shown = "  ".join(f"{TITLES[library]} {report.amount(value, row.unit)}" for library, value in medians)
            busy = f"  (others took {results[-1].others:.0%} of the cores)" if results[-1].disturbed else ""
            print(f"[{number}/{len(rows)}] {row.key}: {shown}{busy}", file=sys.stderr, flush=True)
    return results


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status is 1 if a library failed at a row, whatever the times."""
    arguments = parse_arguments(argv)
    if arguments.list:
        for row in arguments.rows:
            print(f"{row.key}  ({', '.join(row.work)})")
        return 0

    limit_threads(arguments.threads)
    environment = describe("python -m benchmarks", arguments.threads)
    results = measure_all(arguments.rows, arguments.repeats)
    text = report.markdown(results, environment)
    print(text)
    if arguments.json:
        records = report.records(results, environment, arguments.threads)
        arguments.json.write_text(json.dumps(records, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if not arguments.no_write:
        report.insert(PAGE, text)
        picture.draw(results, PICTURE)
    return int(any(not refusal.expected for result in results for refusal in result.refusals.values()))


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except KeyboardInterrupt:
        raise SystemExit("\nstopped; nothing was written") from None
