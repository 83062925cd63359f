"""The chart of drift across units."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import matplotlib.dates as mdates
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from noisetamer.base.counted import counted
from noisetamer.base.language import say
from noisetamer.base.paper import plots
from noisetamer.base.paper.style import ALLOWED, BAD, FAINT, SHADE
from noisetamer.workshop.calibrate.drift.course import Course
from noisetamer.workshop.calibrate.drift.verdict import LARGEST_DRIFT

# More names at the right edge would cover each other.
_MOST_NAMES = 10
_APART = 0.045
_LEAST_DAYS = 90


def draw(courses: Sequence[Course], today: date, path: Path) -> None:
    """Save a PNG. courses: at least one with a point. Raises UserError."""
    with plots.style(10.0):
        plots.write_png(_figure(courses, today), path)


def _figure(courses: Sequence[Course], today: date) -> Figure:
    figure = Figure(figsize=(11.0, 5.6), layout="constrained")
    axes = figure.subplots()
    seen = [one for one in courses if one.points]
    axes.axhspan(-LARGEST_DRIFT, LARGEST_DRIFT, color=ALLOWED, lw=0, zorder=0)
    for one in sorted(seen, key=lambda one: one.drifted):
        colour = BAD if one.drifted else SHADE
        at = [mdates.date2num(point.at) for point in one.points]
        drift = [point.drift for point in one.points]
        axes.plot(at, drift, color=colour, lw=1.6 if one.drifted else 1.0, marker="o", ms=5)
    for at, drift in ((p.at, p.drift) for one in seen for p in one.points if p.beyond):
        axes.plot(mdates.date2num(at), drift, marker="o", ms=8, mfc="none", mec=BAD, ls="")
    _name(axes, seen)
    axes.set_title(_headline(courses, today), loc="left", fontsize=11)
    axes.set_ylabel(say("drift since the first calibration, dB"))
    locator = mdates.AutoDateLocator()
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator))
    axes.grid(True)
    _axis_of_time(axes, seen)
    axes.text(
        0.0,
        -0.11,
        say(
            "Shaded: ±{allowed} dB. Ring: off by more than that since it was looked at before. "
            "Bars: U (k = 2) of the last look.",
            allowed=f"{LARGEST_DRIFT:g}",
        ),
        transform=axes.transAxes,
        fontsize=8.5,
        color=FAINT,
    )
    return figure


def _axis_of_time(axes: Axes, seen: Sequence[Course]) -> None:
    """At least some months: of a single day matplotlib makes years."""
    days = [float(mdates.date2num(point.at)) for one in seen for point in one.points]
    more = max(0.03 * (max(days) - min(days)), (_LEAST_DAYS - (max(days) - min(days))) / 2)
    axes.set_xlim(min(days) - more, max(days) + more)


def _headline(courses: Sequence[Course], today: date) -> str:
    drifted = [one.serial for one in courses if one.drifted]
    overdue = [one.serial for one in courses if one.overdue(today)]
    never = [one.serial for one in courses if one.due is None]
    count = counted(len(courses), "1 unit", "{} units")
    parts = [say("Drift of calibration"), say("{count} on {today}", count=count, today=today)]
    for what, which in (
        ("{n} drifted", drifted),
        ("{n} overdue", overdue),
        ("{n} never calibrated", never),
    ):
        named = f": {', '.join(which)}" if 0 < len(which) <= 3 else ""
        parts.append(say(what, n=len(which)) + named)
    return "   ·   ".join(parts)


def _name(axes, seen: Sequence[Course]) -> None:
    """At the right edge the serials of the units that are furthest off."""
    furthest = sorted(seen, key=lambda one: -abs(one.points[-1].drift))[:_MOST_NAMES]
    named = sorted(furthest, key=lambda one: one.points[-1].drift)
    reach = [
        (last.drift - last.U, last.drift + last.U) for last in (one.points[-1] for one in named)
    ]
    low = min([axes.get_ylim()[0], *(least for least, _ in reach)])
    high = max([axes.get_ylim()[1], *(most for _, most in reach)])
    axes.set_ylim(low, high)
    place = -np.inf
    for one in named:
        colour = BAD if one.drifted else FAINT
        last = one.points[-1]
        axes.errorbar(
            mdates.date2num(last.at), last.drift, last.U, color=colour, elinewidth=0.6, capsize=2
        )
        at = (one.points[-1].drift - low) / (high - low)
        place = max(at, place + _APART)
        axes.annotate(
            one.serial,
            (1.0, at),
            (1.01, place),
            xycoords="axes fraction",
            fontsize=8,
            va="center",
            color=colour,
            annotation_clip=False,
        )
