"""The benchmarks, one file per theme. A new one is one more `Row` in the list of its file."""

from benchmarks.row import Row
from benchmarks.rows import kernels, overhead, startup, training

ROWS: list[Row] = [*overhead.ROWS, *startup.ROWS, *training.ROWS, *kernels.ROWS]

BY_KEY: dict[str, Row] = {row.key: row for row in ROWS}
