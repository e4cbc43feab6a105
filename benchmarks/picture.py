"""The ratios to PyTorch at a glance: a point for each row, a line of points for each group."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.libraries import COMPILED, NDGRAD, TITLES, TORCH
from benchmarks.results import Result, by_group, mean_ratio, ratios

COLOURS = {NDGRAD: "#3b6fb6", COMPILED: "#d9822b"}


def draw(results: Sequence[Result], path: Path) -> None:
    """Write an SVG of all ratios that were measured undisturbed; a bar marks the geometric mean of a group.

    Raises ModuleNotFoundError without matplotlib.
    """
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot as plt
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    groups = {group: members for group, members in by_group(results).items() if ratios(members)}
    with plt.rc_context({"svg.hashsalt": "ndgrad", "svg.fonttype": "none", "font.size": 9}):
        figure, axes = plt.subplots(figsize=(9, 0.9 + 0.34 * len(groups)), layout="constrained")
        for y, members in enumerate(groups.values()):
            axes.axhline(y, color="#e4e4e4", linewidth=0.8, zorder=0)
            forms = [form for form in (NDGRAD, COMPILED) if ratios(members, form)]
            for form, offset in zip(forms, (-0.14, 0.14) if len(forms) == 2 else (0,), strict=True):
                found = ratios(members, form)
                axes.scatter(found, [y + offset] * len(found), s=16, color=COLOURS[form], alpha=0.55, linewidth=0)
                axes.scatter(mean_ratio(members, form), y + offset, s=130, marker="|", color=COLOURS[form], linewidth=2)
        for form in (NDGRAD, COMPILED):
            if any(ratios(members, form) for members in groups.values()):
                axes.scatter([], [], s=16, color=COLOURS[form], label=TITLES[form])
        axes.axvline(1, color="black", linewidth=0.8)
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(FixedLocator([2.0**k for k in (-8, -6, -4, -2, -1, 0, 1, 2, 4)]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"1/{1 / x:.0f}" if x < 1 else f"{x:.0f}"))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_yticks(range(len(groups)), list(groups))
        axes.set_ylim(len(groups) - 0.5, -0.5)
        axes.tick_params(length=0)
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.set_xlabel(f"time or size relative to {TITLES[TORCH]}'s; a point is a row, a bar the geometric mean")
        figure.legend(loc="outside upper right", ncols=2, frameon=False, handletextpad=0.2)
        figure.savefig(path, metadata={"Date": None, "Creator": None})
        plt.close(figure)
