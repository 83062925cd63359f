"""The ratios as one picture."""

from collections.abc import Sequence
from pathlib import Path

from noisetamer.base.output import make_folder_of, writing
from noisetamer.bench.found import Ratio


def draw(ratios: Sequence[Ratio], where: str, target: Path) -> None:
    """A bar each, on a logarithmic scale. where: date, machine and versions. Raises UserError."""
    from matplotlib.figure import Figure  # half a second, of which who wants no picture has none

    figure = Figure(figsize=(9, 1.6 + 0.5 * len(ratios)), layout="constrained")
    axes = figure.add_subplot()
    values = [one.ratio for one in ratios]
    colours = ["#0a5fb4" if value <= 1 else "#c4560a" for value in values]
    bars = axes.barh(
        [one.name for one in ratios], [value - 1 for value in values], left=1, color=colours
    )
    axes.bar_label(bars, [f"{value:.2f}" for value in values], padding=4)
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xscale("log")
    axes.set_xlim(min(0.1, *values) / 1.6, max(4, *values) * 1.6)
    axes.invert_yaxis()
    axes.set_xlabel("ours as a multiple of the other's: left of 1, ours takes less")
    axes.spines[["top", "right", "left"]].set_visible(False)
    figure.suptitle(where, fontsize=9)
    make_folder_of(target)
    with writing(target):
        figure.savefig(target, dpi=120)
