"""The benchmarks' own arithmetic and report, on made-up samples: nothing here depends on a clock."""

import gc
import itertools
import json
from pathlib import Path

import pytest
from benchmarks import report
from benchmarks.__main__ import main, select
from benchmarks.libraries import COMPILED, JAX, NDGRAD, NUMPY, TITLES, TORCH
from benchmarks.picture import draw
from benchmarks.results import Refusal, Result, Verdict, geometric_mean, mean_ratio, summarise
from benchmarks.row import Row, above, at_most, no_slower_than
from benchmarks.rows import BY_KEY, ROWS
from benchmarks.sampling import clock, collector_off, loops_for, reading, wait_until_idle, warm_sample


def result(name="add", group="overhead", limit=None, unit="s", **samples):
    return Result(Row(name, group, {}, limit, unit=unit), samples=samples, loops=dict.fromkeys(samples, 10))


# statistics


def test_a_summary_has_median_quartiles_and_best():
    summary = summarise([5.0, 1.0, 2.0, 4.0, 3.0])
    assert (summary.median, summary.quartiles, summary.best, summary.count) == (3.0, (2.0, 4.0), 1.0, 5)


def test_a_single_sample_is_its_own_summary():
    assert summarise([2.0]).quartiles == (2.0, 2.0)


def test_no_samples_cannot_be_summarised():
    with pytest.raises(ValueError, match="no samples"):
        summarise([])


def test_twice_and_half_average_to_one():
    assert geometric_mean([2.0, 0.5]) == pytest.approx(1.0)
    assert geometric_mean([]) is None


def test_the_ratio_is_ndgrads_median_over_pytorchs():
    assert result(ndgrad=[1.0, 9.0, 2.0], torch=[4.0, 4.0, 5.0]).ratio == 0.5
    assert result(ndgrad=[1.0]).ratio is None


def test_the_mean_ratio_leaves_out_rows_without_pytorch():
    rows = [result(ndgrad=[4.0], torch=[1.0]), result(ndgrad=[1.0], torch=[1.0]), result(ndgrad=[7.0])]
    assert mean_ratio(rows) == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("limit", "amount", "kept"),
    [
        (above(NUMPY, 0.5), 2.0, False),
        (above(NUMPY, 2.0), 2.0, True),
        (at_most(3.0), 3.0, True),
        (no_slower_than(TORCH), 1.5, False),
    ],
)
def test_a_limit_holds_up_to_its_budget(limit, amount, kept):
    verdict = result(limit=limit, ndgrad=[3.0], numpy=[1.0], torch=[2.0]).verdict
    assert (verdict.amount, verdict.kept) == (amount, kept)


def test_a_limit_in_seconds_is_held_against_the_quickest_samples_and_a_ratio_against_medians():
    samples = {"ndgrad": [9.0, 3.0, 9.0], "numpy": [1.0, 8.0, 8.0], "torch": [6.0, 6.0, 1.0]}
    assert result(limit=above(NUMPY, 2.0), **samples).verdict.amount == 2.0
    assert result(limit=at_most(2.0), **samples).verdict.amount == 3.0
    assert result(limit=no_slower_than(TORCH), **samples).verdict.amount == 1.5


def test_a_limit_without_its_measurements_has_no_verdict():
    assert result(limit=above(NUMPY, 1.0), ndgrad=[3.0]).verdict is None
    assert result(ndgrad=[3.0]).verdict is None


def test_rows_measured_beside_a_busy_process_are_not_counted():
    quiet, disturbed = result(ndgrad=[1.0], torch=[2.0]), result("conv", ndgrad=[1.0], torch=[50.0])
    quiet.others, disturbed.others = 0.01, 0.4
    assert (quiet.disturbed, disturbed.disturbed) == (False, True)
    assert mean_ratio([quiet, disturbed]) == pytest.approx(0.5)
    assert report.overview([quiet, disturbed]).splitlines()[4] == "| overhead | 0.50 | 0 of 1 |  | 1 |"
    assert "| conv ~ |" in report.group_table("layers", [quiet, disturbed])
    assert report.DISTURBANCE in report.overview([disturbed])
    assert report.DISTURBANCE not in report.overview([quiet])


def test_sizes_do_not_mind_a_busy_machine():
    size = result(unit="B", ndgrad=[1.0], torch=[2.0])
    size.others = 0.9
    assert not size.disturbed


# sampling


def test_the_collector_is_off_inside_and_as_before_outside():
    assert gc.isenabled()
    with collector_off():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_loops_grow_until_a_sample_lasts_long_enough():
    calls = []

    def a_millisecond_each(thunk, loops):
        calls.append(loops)
        return 1e-3

    loops = loops_for(lambda: None, a_millisecond_each, target=0.02)
    assert loops * 1e-3 >= 0.02
    assert calls[0] == 1
    assert all(later <= 10 * earlier for earlier, later in itertools.pairwise(calls))


def test_a_reading_is_taken_once_and_as_it_is():
    assert loops_for(lambda: 7, reading) == 1
    assert warm_sample(lambda: 7, reading, 1) == 7.0


def test_a_timed_sample_makes_its_calls_after_warming_up():
    calls = []
    assert warm_sample(lambda: calls.append(None), clock, 10) > 0
    assert len(calls) == 2 + 10


def test_a_turn_ends_only_when_the_threads_have_stopped_spinning():
    spins = iter([0.00, 0.01, 0.01, 0.02, 0.02, 0.02])  # CPU seconds before and after each pause
    pauses = []
    wait_until_idle(lambda: next(spins), pauses.append)
    assert len(pauses) == 3


def test_threads_that_never_stop_are_an_error_rather_than_a_neighbours_bad_time():
    clock_ticks = itertools.count()
    with pytest.raises(RuntimeError, match="still busy"):
        wait_until_idle(lambda: float(next(clock_ticks)), lambda seconds: None)


# rows


def test_every_row_can_be_told_from_the_others():
    assert len(BY_KEY) == len(ROWS)


def test_every_row_measures_ndgrad_against_something_known():
    for row in ROWS:
        assert NDGRAD in row.work, row.key
        assert len(row.work) >= 2, row.key
        assert row.work.keys() <= TITLES.keys(), row.key


def test_rows_are_selected_by_a_part_of_their_name_or_group():
    assert {row.group for row in select(["IMPORT"])} == {"import, in a new process"}
    assert [row.name for row in select(["mlp 784"])] == ["MLP 784-512-512-10"]
    assert select(None) == ROWS


def test_list_names_rows_and_libraries(capsys):
    assert main(["--list", "--only", "mlp"]) == 0
    assert (
        capsys.readouterr().out
        == "training step, batch 64, Adam / MLP 784-512-512-10  (ndgrad, ndgrad-jit, torch, jax, numpy)\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "nonesuch"], "no row has nonesuch in its name or group"),
        (["--repeats", "0"], "--repeats must be at least 1, got 0"),
        (["--threads", "100000"], "--threads must be between 1 and the"),
    ],
)
def test_a_wrong_option_is_refused_by_name(arguments, message, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    assert message in capsys.readouterr().err


# report


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1.2345, "s", "1.23 s"),
        (0.0123, "s", "12.3 ms"),
        (123.4e-6, "s", "123 µs"),
        (0.99996e-3, "s", "1.00 ms"),
        (-4.5e-7, "s", "-450 ns"),
        (0.0, "s", "0.00 ns"),
        (512, "B", "512 B"),
        (57_400_000, "B", "57.4 MB"),
        (0.5, "x", "0.50 x"),
    ],
)
def test_amounts_have_three_digits_and_a_fitting_prefix(value, unit, text):
    assert report.amount(value, unit) == text


def test_a_missed_limit_is_in_bold_with_both_numbers():
    limit = above(NUMPY, 0.6e-6)
    assert report.limit(Verdict(limit, 0.4e-6)) == "at best 400 ns above NumPy, at most 600 ns"
    assert report.limit(Verdict(limit, 0.7e-6)) == "**at best 700 ns above NumPy, at most 600 ns: missed**"


def test_a_group_is_a_table_with_its_geometric_mean():
    rows = [
        result("add", limit=above(NUMPY, 1e-6), ndgrad=[2e-6], torch=[1e-6], numpy=[1e-6]),
        result("mul", ndgrad=[1e-6], torch=[2e-6]),
    ]
    assert report.group_table("op overhead", rows).splitlines() == [
        "## Op overhead",
        "",
        "|  | ndgrad | PyTorch | NumPy | ndgrad / PyTorch | limit |",
        "| :-- | --: | --: | --: | --: | :-- |",
        "| add | 2.00 µs | 1.00 µs | 1.00 µs | 2.00 | at best 1.00 µs above NumPy, at most 1.00 µs |",
        "| mul | 1.00 µs | 2.00 µs |  | 0.50 |  |",
        "| geometric mean |  |  |  | **1.00** |  |",
    ]


def test_ndgrad_with_compiled_kernels_has_columns_of_its_own_where_it_was_measured():
    rows = [result(ndgrad=[2.0], torch=[1.0], **{COMPILED: [0.5]}), result("mul", ndgrad=[2.0], torch=[1.0])]
    assert report.group_table("op overhead", rows).splitlines()[2:6:2] == [
        "|  | ndgrad | ndgrad[jit] | PyTorch | ndgrad / PyTorch | ndgrad[jit] / PyTorch |",
        "| add | 2.00 s | 500 ms | 1.00 s | 2.00 | 0.50 |",
    ]
    assert report.overview(rows).splitlines()[2:5:2] == [
        "| group | ndgrad / PyTorch | more than PyTorch | ndgrad[jit] / PyTorch | more than PyTorch | limits missed "
        "| disturbed |",
        "| overhead | 2.00 | 2 of 2 | 0.50 | 0 of 1 |  |  |",
    ]


def test_what_was_not_measured_is_said_once_with_its_reason():
    rows = [result("add"), result("mul"), result("exp")]
    for row in rows:
        row.refuse(JAX, Refusal("No module named 'jax'", expected=True))
    rows[2].refuse(NDGRAD, Refusal("TypeError: no", expected=False))
    assert report.gaps(rows).splitlines()[2:] == [
        "- JAX: No module named 'jax' (3 rows)",
        "- ndgrad: error: TypeError: no (overhead / exp)",
    ]
    assert report.gaps([result(ndgrad=[1.0])]) == ""


def test_the_overview_counts_what_is_slower_and_what_is_missed():
    rows = [result(limit=at_most(1.0), ndgrad=[2.0], torch=[1.0]), result("mul", ndgrad=[0.5], torch=[1.0])]
    assert report.overview(rows).splitlines()[-1] == "| overhead | 1.00 | 1 of 2 | 1 of 1 |  |"


def test_records_keep_every_sample_and_survive_json():
    rows = [result(limit=no_slower_than(TORCH), ndgrad=[1.0, 3.0], torch=[4.0])]
    rows[0].refuse(JAX, Refusal("not here", expected=True))
    written = json.loads(json.dumps(report.records(rows, {"date": "today"}, threads=2)))
    (row,) = written["results"]
    assert row["libraries"][NDGRAD]["samples"] == [1.0, 3.0]
    assert row["libraries"][JAX] == {"reason": "not here", "expected": True}
    assert row["limit"] == {
        "text": "of PyTorch", "amount": 0.5, "budget": 1.0, "unit": "x", "by_quickest": False, "kept": True,
    }  # fmt: skip
    assert written["geometric_means"] == {"overhead": 0.5}


def test_the_tables_replace_only_what_stands_between_the_marks(tmp_path: Path):
    page = tmp_path / "performance.md"
    page.write_text(f"# Before\n\n{report.BEGIN}\n\nold\n\n{report.END}\n\nafter\n", encoding="utf-8")
    report.insert(page, "new")
    report.insert(page, "newer")
    assert page.read_text(encoding="utf-8") == f"# Before\n\n{report.BEGIN}\n\nnewer\n\n{report.END}\n\nafter\n"


def test_the_picture_shows_every_group_that_was_compared(tmp_path: Path):
    pytest.importorskip("matplotlib")
    rows = [
        result(ndgrad=[2.0], torch=[1.0], **{COMPILED: [0.5]}),
        result("conv", "layers", ndgrad=[1.0], torch=[4.0]),
        result("fft", "alone", ndgrad=[1.0]),
    ]
    draw(rows, tmp_path / "first.svg")
    draw(rows, tmp_path / "again.svg")
    picture = (tmp_path / "first.svg").read_text("utf-8")
    assert all(f">{text}</text>" in picture for text in ("overhead", "layers", "ndgrad", "ndgrad[jit]"))
    assert ">alone<" not in picture
    assert picture == (tmp_path / "again.svg").read_text("utf-8")


def test_a_page_without_marks_is_refused_and_left_alone(tmp_path: Path):
    page = tmp_path / "performance.md"
    page.write_text("# Performance\n", encoding="utf-8")
    with pytest.raises(ValueError, match="has no line"):
        report.insert(page, "new")
    assert page.read_text(encoding="utf-8") == "# Performance\n"
