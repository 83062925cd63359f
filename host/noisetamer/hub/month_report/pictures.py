"""The report's pictures: the month as a calendar, an evening, the hours of the week, what came of
a hundred warnings, how much of each day was heard."""

import calendar
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from noisetamer.base.paper.plots import of_mm
from noisetamer.base.paper.style import (
    BAD,
    BLUE,
    GOOD,
    INK,
    PALE,
    QUIET_TO_LOUD,
    SERIES,
    SHADE,
)
from noisetamer.hub.month_report.facts import Cell, Day, Slot
from noisetamer.hub.month_report.month import Month

WIDTH_MM = 178.0
_LOUDNESS = LinearSegmentedColormap.from_list("loudness", QUIET_TO_LOUD)
# A scale of less than this would make much of little, dB.
_LEAST_SPAN = 12.0
_UNKNOWN = "////"

Say = Callable[..., str]


def month_calendar(month: Month, days: Sequence[Day], say: Say) -> Figure:
    """Each day by its evening's level, with how often it was too loud."""
    weeks = calendar.Calendar().monthdatescalendar(month.year, month.number)
    figure = Figure(figsize=of_mm(WIDTH_MM, 21.0 * len(weeks) + 18.0), layout="constrained")
    axes = figure.subplots()
    scale = _scale([one.evening for one in days])
    known = {one.date: one for one in days}
    for row, week in enumerate(weeks):
        for column, day in enumerate(week):
            if day.month == month.number:
                _day(axes, column, row, day, known.get(day), scale, say)
    axes.set_xlim(-0.02, 7.02)
    axes.set_ylim(len(weeks) + 0.02, -0.02)
    axes.set_xticks([n + 0.5 for n in range(7)], [say(f"weekday_{n}") for n in range(7)])
    axes.xaxis.tick_top()
    axes.set_yticks([])
    _bare(axes)
    _colours(figure, axes, scale, say("scale_evening"))
    return figure


def _day(
    axes: Axes, x: int, y: int, day: date, one: Day | None, scale: Normalize, say: Say
) -> None:
    level = one.evening if one else None
    box = Rectangle((x + 0.02, y + 0.02), 0.96, 0.96, lw=0)
    box.set_facecolor(PALE if level is None else _LOUDNESS(scale(level / 10)))
    if level is None and one:
        box.set(hatch=_UNKNOWN, edgecolor=SHADE)
    axes.add_patch(box)
    ink = INK if level is None else _ink(scale(level / 10))
    axes.text(x + 0.07, y + 0.09, str(day.day), va="top", fontsize=9, color=ink)
    if one is None:
        return
    shown = "?" if level is None else f"{level / 10:.0f}"
    axes.text(
        x + 0.5, y + 0.53, shown, ha="center", va="center", fontsize=19, weight="bold", color=ink
    )
    if one.incidents:
        times = say("calendar_times", count=one.incidents)
        axes.text(x + 0.93, y + 0.92, times, ha="right", va="bottom", fontsize=8, color=ink)


def evening(slots: Sequence[Slot], say: Say) -> Figure:
    """The middle of all evenings, the half of them around it, and the limit."""
    figure = Figure(figsize=of_mm(WIDTH_MM, 84.0), layout="constrained")
    axes = figure.subplots()
    # each value holds until the next, the last one too
    slots = [*slots, replace(slots[-1], minute=slots[-1].minute + 10)]
    x = [slot.minute / 60 for slot in slots]
    low, middle, high = (
        [np.nan if value is None else value / 10 for value in of]
        for of in (
            [slot.low for slot in slots],
            [slot.middle for slot in slots],
            [slot.high for slot in slots],
        )
    )
    axes.fill_between(
        x, low, high, step="post", color=BLUE, alpha=0.18, lw=0, label=say("evening_half")
    )
    axes.step(x, middle, where="post", color=BLUE, lw=2.2, label=say("evening_middle"))
    limits = [np.nan if slot.limit is None else slot.limit / 10 for slot in slots]
    if not all(math.isnan(limit) for limit in limits):
        axes.step(x, limits, where="post", color=BAD, lw=1.4, ls="--", label=say("limit"))
    axes.set_xlim(x[0], x[-1])
    hours = range(int(x[0]), int(x[-1]) + 1)
    axes.set_xticks(list(hours), [f"{hour}:00" for hour in hours])
    axes.set_ylabel("LAeq, dB(A)")
    levels = [*low, *high, *limits]
    if all(math.isnan(level) for level in levels):
        axes.set_ylim(30, 90)
    axes.grid(True)
    figure.legend(loc="outside upper right", frameon=False, ncols=3)
    return figure


def hours_of_the_week(week: Sequence[Sequence[Cell]], say: Say) -> Figure:
    """Weekdays down, hours across."""
    figure = Figure(figsize=of_mm(WIDTH_MM, 88.0), layout="constrained")
    axes = figure.subplots()
    scale = _scale([cell.LAeq for row in week for cell in row])
    for y, row in enumerate(week):
        for x, cell in enumerate(row):
            box = Rectangle((x + 0.03, y + 0.04), 0.94, 0.92, lw=0)
            if cell.LAeq is None:
                box.set(facecolor=PALE, hatch=_UNKNOWN, edgecolor=SHADE)
            else:
                value = scale(cell.LAeq / 10)
                box.set_facecolor(_LOUDNESS(value))
                axes.text(
                    *(x + 0.5, y + 0.52, f"{cell.LAeq / 10:.0f}"),
                    ha="center",
                    va="center",
                    fontsize=7.5,
                    color=_ink(value),
                )
            axes.add_patch(box)
    axes.set_xlim(0, 24)
    axes.set_ylim(7, 0)
    axes.set_xticks(list(range(0, 25, 3)))
    axes.set_yticks([n + 0.5 for n in range(7)], [say(f"weekday_{n}") for n in range(7)])
    axes.set_xlabel(say("hour_of_day"))
    _bare(axes)
    _colours(figure, axes, scale, "LAeq, dB(A)")
    return figure


def of_a_hundred(quiet: int) -> Figure:
    """A hundred dots, of which `quiet` are those that were followed by quiet."""
    figure = Figure(figsize=of_mm(64.0, 64.0))
    axes = figure.add_axes((0, 0, 1, 1))
    for n in range(100):
        y, x = divmod(n, 10)
        good = n < quiet
        axes.plot(
            *(x, y, "o"),
            ms=10,
            mfc=GOOD if good else "white",
            mec=GOOD if good else SHADE,
            mew=1.4,
        )
    axes.set_xlim(-0.7, 9.7)
    axes.set_ylim(9.7, -0.7)
    axes.set_axis_off()
    return figure


def coverage(month: Month, days: Sequence[Day], say: Say) -> Figure:
    """How much of each day was heard."""
    figure = Figure(figsize=of_mm(WIDTH_MM, 38.0), layout="constrained")
    axes = figure.subplots()
    x = [day.date.day for day in days]
    heard = [100 * day.levels.valid / max(1, day.levels.seconds) for day in days]
    axes.bar(x, [100] * len(x), width=0.85, color=PALE, hatch=_UNKNOWN, edgecolor=SHADE, lw=0)
    axes.bar(x, heard, width=0.85, color=SERIES[0], lw=0)
    axes.set_xlim(0.4, len(month.days) + 0.6)
    axes.set_ylim(0, 100)
    axes.set_xticks([day.day for day in month.days])
    axes.tick_params(axis="x", labelsize=6.5)
    axes.set_ylabel("%")
    figure.legend(
        handles=[
            Patch(color=SERIES[0], label=say("coverage_heard")),
            Patch(facecolor=PALE, hatch=_UNKNOWN, edgecolor=SHADE, label=say("coverage_not")),
        ],
        loc="outside upper right",
        frameon=False,
        ncols=2,
    )
    return figure


def _scale(levels: Sequence[int | None]) -> Normalize:
    known = [level / 10 for level in levels if level is not None] or [40.0, 70.0]
    low, high = min(known), max(known)
    if (missing := _LEAST_SPAN - (high - low)) > 0:
        low, high = low - missing / 2, high + missing / 2
    return Normalize(math.floor(low), math.ceil(high))


def _ink(value: float) -> str:
    red, green, blue, _ = _LOUDNESS(value)
    return "white" if 0.3 * red + 0.59 * green + 0.11 * blue < 0.5 else INK


def _bare(axes: Axes) -> None:
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)


def _colours(figure: Figure, axes: Axes, scale: Normalize, label: str) -> None:
    from matplotlib.cm import ScalarMappable

    bar = figure.colorbar(ScalarMappable(scale, _LOUDNESS), ax=axes, shrink=0.85, aspect=24)
    bar.set_label(label)
    bar.outline.set_visible(False)  # pyright: ignore[reportCallIssue]
