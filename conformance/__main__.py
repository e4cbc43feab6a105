"""``python -m conformance``: run the suite on a backend, print the counts, write docs/conformance.md."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from conformance.expected import read_expected, xfails_file
from conformance.report import write_report
from conformance.runner import Result, run_suite
from conformance.suite import SuiteUnavailable, find_suite

REPORT = Path(__file__).parents[1] / "docs" / "conformance.md"


def main(argv: list[str] | None = None) -> int:
    """Run what the command line says; 0 if every run is clean, 1 if not, 2 if the suite cannot be had."""
    args = _parse(argv)
    try:
        suite = find_suite()
    except SuiteUnavailable as error:
        print(f"conformance: NOT RUN. {error}", file=sys.stderr)
        return 2
    expected = read_expected(xfails_file(args.backend))
    results = []
    for number in range(1, args.repeat + 1):
        result = run_suite(suite, args.module, args.backend, args.max_examples, args.workers, args.select)
        results.append(result)
        _print(result, number, args)
    report = _report_path(args)
    if report and all(sum(r.counts.values()) for r in results):
        write_report(report, args.backend, suite, args.max_examples, results, expected)
        print(f"conformance: wrote {report}")
    return 0 if all(result.ok for result in results) else 1


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m conformance", description=__doc__)
    parser.add_argument("--backend", default="cpu", help="the device type to test (default: cpu)")
    parser.add_argument("--max-examples", type=int, default=20, help="examples tried per test (default: 20)")
    parser.add_argument("-n", dest="workers", type=int, default=2, help="processes (default: 2)")
    parser.add_argument("--repeat", type=int, default=1, help="runs, each with other random examples (default: 1)")
    parser.add_argument("-k", dest="select", help="run only matching tests, as pytest's -k; no report is written")
    parser.add_argument("--output", type=Path, help="where to write the report (default: docs/conformance.md)")
    parser.add_argument("--module", default="ndgrad", help="test another array namespace; no report without --output")
    return parser.parse_args(argv)


def _report_path(args: argparse.Namespace) -> Path | None:
    partial = args.select is not None or args.module != "ndgrad"
    return args.output or (None if partial else REPORT)


def _print(result: Result, number: int, args: argparse.Namespace) -> None:
    counts = ", ".join(f"{n} {outcome}" for outcome, n in result.counts.items() if n) or "no test ran"
    print(f"conformance: {args.module} on {args.backend}, run {number} of {args.repeat}: {counts}")
    for complaint in result.stale:
        print(f"conformance: {complaint}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
