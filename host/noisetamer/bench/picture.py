"""The ratios as one picture."""

from collections.abc import Sequence
from pathlib import Path

from noisetamer.base.output import make_folder_of, writing
from noisetamer.bench.found import Ratio


def draw(ratios: Sequence[Ratio], where: str, target: Path) -> None:
    """A bar each, on a logarithmic scale. where: date, machine and versions. Raises UserError."""
    # half a second, of which who wants no picture has none
    from matplotlib.figure import Figure

    from noisetamer.base.paper import plots
    from noisetamer.base.paper.style import BLUE, INK, ORANGE

    with plots.style():
        figure = Figure(
            figsize=plots.of_mm(220, 40 + 12 * len(ratios) + 5 * where.count("\n")),
            layout="constrained",
        )
        axes = figure.add_subplot()
        values = [one.ratio for one in ratios]
        bars = axes.barh(
            [one.name for one in ratios],
            [value - 1 for value in values],
            left=1,
            color=[BLUE if value <= 1 else ORANGE for value in values],
        )
        axes.bar_label(bars, [f"{value:.3g}" for value in values], padding=4)
        axes.axvline(1, color=INK, linewidth=1)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
        # room for the numbers at the ends
        axes.set_xlim(min(0.1, *values) / 4, max(4, *values) * 1.6)
        axes.invert_yaxis()
        axes.set_xlabel("the first as a multiple of the second: left of 1, it takes less")
        axes.spines["left"].set_visible(False)
        figure.suptitle(where)
        make_folder_of(target)
        if target.suffix == ".svg":
            with writing(target):
                target.write_text(plots.svg(figure, outlines=True))
        else:
            plots.write_png(figure, target, dpi=120)
