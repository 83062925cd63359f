"""The curve of a bundle: the level of each second with limit, stages, own voice and what was not
heard, in both languages, readable alone."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import ConciseDateFormatter
from matplotlib.figure import Figure

from noisetamer.base.paper.plots import of_mm
from noisetamer.base.paper.style import BLUE, INK, ORANGE, SHADE, STAGE_COLOURS
from noisetamer.hub.evidence.curve import Series

_WIDTH_MM, _HEIGHT_MM, _OUTSIDE_MM = 178.0, 27.0, 14.0
# what stands once at the end of the axis, by how fine its ticks are
_OFFSETS = ["", "%Y", "%Y-%m", "%Y-%m-%d", "%Y-%m-%d", "%Y-%m-%d %H:%M"]
_SHORTEST = 1 / 400  # of the width: a stretch that is shorter would not be seen


def figure(series: Sequence[Series], utc_offset: int, words: Sequence[dict[str, str]]) -> Figure:
    """utc_offset: of the local clock, s; words: of each language, what the keys mean."""
    height = _HEIGHT_MM * len(series) + _OUTSIDE_MM
    drawn = Figure(figsize=of_mm(_WIDTH_MM, height), layout="constrained")
    rows = drawn.subplots(len(series), 1, sharex=True, squeeze=False)[:, 0]
    for axes, one in zip(rows, series, strict=True):
        _draw(axes, one, utc_offset, words)
    handles = {
        label: handle
        for axes in rows
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    drawn.legend(
        handles.values(), handles.keys(), loc="outside lower center", ncols=5, frameon=False
    )
    return drawn


def _draw(axes: Axes, one: Series, utc_offset: int, words: Sequence[dict[str, str]]) -> None:
    def at(t: float) -> float:
        # local, as if it were UTC: the axis knows no other zone
        return (t + utc_offset) / 86400

    def name(key: str) -> str:
        return " ".join(dict.fromkeys(each[key] for each in words))

    least = (one.until - one.since) * _SHORTEST
    for spans, colour, key in (
        (one.unknown, SHADE, "unknown"),
        (one.own_voice, ORANGE, "own_voice"),
    ):
        for number, (first, last) in enumerate(spans):
            label = name(key) if number == 0 else None
            axes.axvspan(
                *(at(first), at(max(last, first + least))),
                color=colour,
                alpha=0.45,
                lw=0,
                label=label,
            )
    if one.levels:
        x = [at(t) for t, _ in one.levels]
        y = [np.nan if level is None else level for _, level in one.levels]
        axes.plot(x, y, color=BLUE, lw=0.7, label="LAeq,1s")
    else:
        axes.set_ylim(30, 90)
    for number, (t, limit) in enumerate(one.limits):
        begin = one.since if number == 0 else t
        end = one.limits[number + 1][0] if number + 1 < len(one.limits) else one.until
        label = name("limit") if number == 0 else None
        axes.plot([at(begin), at(end)], [limit, limit], color=INK, lw=0.9, ls="--", label=label)
    low, high = axes.get_ylim()
    strip = low - 0.07 * (high - low)
    for number, (t, stage) in enumerate(one.stages):
        end = one.stages[number + 1][0] if number + 1 < len(one.stages) else one.until
        axes.plot(
            *([at(t), at(end)], [strip, strip]),
            color=STAGE_COLOURS.get(stage, SHADE),
            lw=5,
            solid_capstyle="butt",
            label=name(f"mark_{stage}"),
        )
    axes.set_ylim(strip - 0.05 * (high - low), high)
    axes.set_xlim(at(one.since), at(one.until))
    axes.set_title(one.name, loc="left", fontsize="medium")
    axes.set_ylabel("LAeq,1s, dB(A)")
    axes.xaxis_date()
    axes.xaxis.set_major_formatter(
        ConciseDateFormatter(axes.xaxis.get_major_locator(), offset_formats=_OFFSETS)
    )
    axes.grid(True)
