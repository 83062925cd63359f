"""backtest.png: what was heard, and what each policy would have done with it."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import dates
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MultipleLocator
from numpy.typing import NDArray

from noisetamer.base.paper import plots
from noisetamer.base.paper.style import BAD, BLUE, FAINT, INK, ORANGE, STAGE_COLOURS
from noisetamer.hub.backtest.backtest import Heard, ReplayedUnit
from noisetamer.hub.backtest.replay import Did
from tamer.judge.policy import Policy
from tamer.record.reading import MISSING

MOST_UNITS = 4
_COLUMNS = 2000  # about the picture's width

# Colour and height both tell the stage, for those who cannot tell red from green.
_HEIGHT_OF_STAGE = (0.05, 0.2, 0.3, 0.4, 0.5)
_LIMITS = ({"color": INK, "lw": 1.6}, {"color": ORANGE, "lw": 1.3, "ls": (0, (4, 2))})
_CALLS: dict[str, Any] = {"marker": "*", "ms": 13, "color": BAD, "mec": "white", "mew": 0.6}
_WORDS = {"color": STAGE_COLOURS["firm"], "lw": 0.8}


def draw(units: list[ReplayedUnit], names: list[str], policies: list[Policy], path: Path) -> None:
    """A panel for each of the first MOST_UNITS units. Raises UserError."""
    shown = units[:MOST_UNITS]
    with plots.style(10.0):
        high = 1.3 + len(shown) * (2.9 + 1.0 * len(policies))
        figure = Figure(figsize=(14, high), dpi=110, facecolor="white")
        outer = figure.add_gridspec(
            len(shown), 1, left=0.06, right=0.962, top=1 - 0.45 / high, bottom=0.95 / high
        )
        for place, unit in enumerate(shown):
            rows = outer[place].subgridspec(
                1 + len(policies), 1, height_ratios=[4.6, *[1] * len(policies)], hspace=0.42
            )
            main = figure.add_subplot(rows[0])
            _level(main, unit, names, policies)
            for row, did in enumerate(unit.did, 1):
                strip = figure.add_subplot(rows[row], sharex=main)
                _strip(strip, unit.heard, did, names[row - 1], policies[0], row == len(policies))
        left_out = len(units) - len(shown)
        if left_out:
            figure.text(0.975, 0.01, f"{left_out} more units not shown", ha="right", color=FAINT)
        figure.legend(
            handles=_legend(names),
            loc="lower center",
            ncols=10,
            fontsize=9.5,
            columnspacing=1.3,
        )
        plots.write_png(figure, path)


def _level(axes: Axes, unit: ReplayedUnit, names: list[str], policies: list[Policy]) -> None:
    t = np.asarray(unit.heard.t)
    level = np.where(np.asarray(unit.heard.LAeq) == MISSING, np.nan, unit.heard.LAeq) / 10
    x, low, mean, high = _columns(t, level)
    at = _x(policies[0], x)
    axes.fill_between(at, low, high, color=BLUE, alpha=0.25, lw=0)
    axes.plot(at, mean, color=BLUE, lw=0.9)
    for did, look in zip(unit.did, _LIMITS, strict=False):
        limit = np.asarray(did.limit) / 10
        cuts = np.flatnonzero(np.diff(limit) != 0) + 1
        edges = [0, *cuts.tolist(), len(limit)]
        steps = [(t[a], t[b - 1] + 1, limit[a]) for a, b in pairwise(edges)]
        xs = [moment for begin, end, _ in steps for moment in (begin, end)]
        ys = [value for _, _, value in steps for _ in range(2)]
        axes.plot(_x(policies[0], np.array(xs)), ys, **look)
    axes.set_xlim(at[0], at[-1])
    axes.set_ylabel("LAeq,1s in dB")
    axes.yaxis.set_major_locator(MultipleLocator(10))
    axes.grid(True)
    axes.tick_params(axis="x", length=0, labelbottom=False)
    axes.spines["bottom"].set_visible(False)
    axes.set_title(unit.name, loc="left", size=12, weight="bold", color=INK)
    valid = unit.heard.valid / len(t)
    axes.set_title(f"{valid:.1%} of the seconds valid", loc="right", size=10, color=FAINT)


def _strip(axes: Axes, heard: Heard, did: Did, name: str, clock: Policy, last: bool) -> None:
    t = np.asarray(heard.t)
    stage = np.asarray(did.stage)
    width = max(1, -(-(int(t[-1]) + 1 - int(t[0])) // _COLUMNS))
    column = (t - t[0]) // width
    worst = np.full(int(column[-1]) + 1, -1)
    # Of the seconds in a picture point, the worst stage.
    np.maximum.at(worst, column, stage)
    for place, (colour, height) in enumerate(
        zip(STAGE_COLOURS.values(), _HEIGHT_OF_STAGE, strict=True)
    ):
        # Where it begins and ends; neighbours are one bar, or their borders would show.
        borders = np.flatnonzero(np.diff(worst == place, prepend=False, append=False))
        ends = _x(clock, t[0] + width * borders).reshape(-1, 2)
        bars = [(begin, end - begin) for begin, end in ends]
        axes.broken_barh(bars, (0, height), fc=colour, lw=0, snap=False)
    spoken = _x(clock, np.array(did.spoken, np.int64))
    axes.vlines(spoken, 0.55, 0.75, **_WORDS)
    called = [at for at, to in did.escalations if to == "police"]
    for at, count in _bunches(called, (int(t[-1]) - int(t[0])) / 60):
        (x,) = _x(clock, np.array([at]))
        axes.plot(x, 0.93, clip_on=False, **_CALLS)
        if count > 1:
            text = {"size": 8, "color": INK, "va": "center"}
            axes.annotate(f"{count}×", (x, 0.93), (7, 0), textcoords="offset points", **text)
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    said = f"{name}: {len(did.incidents)} incidents, {len(did.spoken)} × spoken, "
    said += f"police {len(called)} ×"
    axes.text(0.0, 1.1, said, transform=axes.transAxes, size=9.5, color=INK, va="bottom")
    axes.spines[:].set_visible(False)
    axes.tick_params(axis="x", labelsize=9.5, length=0, labelbottom=last)
    locator = dates.AutoDateLocator(minticks=5, maxticks=13)
    axes.xaxis.set_major_locator(locator)
    form = dates.ConciseDateFormatter(locator, show_offset=False)
    form.formats[2:] = ["%a %d %b", "%H:%M", "%H:%M", "%H:%M:%S"]
    form.zero_formats[2:] = ["%a %d %b", "%a %d %b", "%H:%M", "%H:%M:%S"]
    axes.xaxis.set_major_formatter(form)


def _bunches(times: list[int], reach: float) -> list[tuple[int, int]]:
    """(time of the first, how many) of marks that would overlap, at least `reach` s apart."""
    found: list[tuple[int, int]] = []
    for t in times:
        if found and t - found[-1][0] < reach:
            found[-1] = found[-1][0], found[-1][1] + 1
        else:
            found.append((t, 1))
    return found


def _columns(t: NDArray[Any], level: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """(middle, lowest, energy mean, highest) of columns of equal time, NaN where nothing is."""
    width = max(1, -(-(int(t[-1]) + 1 - int(t[0])) // _COLUMNS))
    count = (int(t[-1]) - int(t[0])) // width + 1
    good = ~np.isnan(level)
    column = (t[good] - t[0]) // width
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(low, column, level[good])
    np.maximum.at(high, column, level[good])
    energy = np.bincount(column, 10 ** (level[good] / 10), minlength=count)
    seconds = np.bincount(column, minlength=count)
    empty = seconds == 0
    low[empty] = high[empty] = np.nan
    mean = np.full(count, np.nan)
    mean[~empty] = 10 * np.log10(energy[~empty] / seconds[~empty])
    return t[0] + width * (np.arange(count) + 0.5), low, mean, high


def _x(policy: Policy, t: NDArray[Any]) -> NDArray[Any]:
    """Local days, as matplotlib counts them."""
    if not len(t):
        return np.empty(0)
    edges = [at for at, _ in policy.clock.changes]
    offsets = [policy.clock.offset, *(offset for _, offset in policy.clock.changes)]
    return (t + np.array(offsets)[np.searchsorted(edges, t, side="right")]) / 86400


def _legend(names: list[str]) -> list[Patch | Line2D]:
    handles: list[Patch | Line2D] = [Line2D([], [], color=BLUE, lw=1.6, label="level")]
    for name, look in zip(names, _LIMITS, strict=False):
        handles.append(Line2D([], [], **look, label=f"limit of {name}"))
    for stage, colour in STAGE_COLOURS.items():
        handles.append(Patch(fc=colour, lw=0, label=stage))
    look = {"ls": "", "marker": "|", "ms": 10, "mew": 1.2, "color": STAGE_COLOURS["firm"]}
    handles.append(Line2D([], [], **look, label="spoken"))
    handles.append(Line2D([], [], ls="", **_CALLS, label="police called"))
    return handles
