"""backtest.png: what was heard, what each policy would have done with it, and what the box did."""

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

from noisetamer.base.language import say
from noisetamer.base.paper import plots
from noisetamer.base.paper.style import BLUE, FAINT, INK, ORANGE, SHADE, STAGE_COLOURS
from noisetamer.hub.backtest import doings, lanes, report
from noisetamer.hub.backtest.backtest import ReplayedUnit
from noisetamer.hub.backtest.lanes import Lane
from tamer.judge.policy import Policy
from tamer.record.reading import MISSING

MOST_UNITS = 4
_COLUMNS = 2000  # about the picture's width
_LIMITS = ({"color": INK, "lw": 1.6}, {"color": ORANGE, "lw": 1.3, "ls": (0, (4, 2))})
_HOLE = 60  # s without a second
_LEVEL_HIGH, _NOTHING_HIGH = 2.6, 0.3  # inches


def draw(units: list[ReplayedUnit], names: list[str], policies: list[Policy], path: Path) -> None:
    """A panel for each of the first MOST_UNITS units. Raises UserError.

    Of up to a day every lane is one strip beneath the level; of more it has a strip a day.
    """
    shown = [(unit, lanes_of(unit, names)) for unit in units[:MOST_UNITS]]
    clock = policies[0].clock
    heights = [_high(unit, of, policies[0]) for unit, of in shown]
    with plots.style(10.0):
        high = 1.15 + sum(map(sum, heights)) + 0.5 * sum(map(len, heights))
        figure = Figure(figsize=(14, high), dpi=110, facecolor="white")
        top = high - 0.45
        for (unit, of), each in zip(shown, heights, strict=True):
            boxes = []
            for one in each:
                boxes.append(figure.add_axes((0.06, (top - one) / high, 0.902, one / high)))
                top -= one + 0.5
            if not unit.heard.judged:
                _nothing(boxes[0], unit)
                continue
            _level(boxes[0], unit, names, policies)
            by_day = lanes.days_of(clock, unit.heard.t) > 0
            for axes, lane in zip(boxes[1:], of, strict=True):
                if by_day:
                    lanes.by_day(axes, lane, clock)
                else:
                    lanes.strip(axes, lane, clock, boxes[0].get_xlim())
            _name_times(boxes[0], by_day or not of)
            if of and not by_day:
                _name_times(boxes[-1])
        left_out = len(units) - len(shown)
        if left_out:
            figure.text(
                0.975, 0.01, say("{n} more units not shown", n=left_out), ha="right", color=FAINT
            )
        handles = _legend(names)
        figure.legend(
            handles=handles, loc="lower center", ncols=7, fontsize=9.5, columnspacing=1.3
        )
        plots.write_png(figure, path)


def lanes_of(unit: ReplayedUnit, names: list[str]) -> list[Lane]:
    """Those that can be judged, and the box's."""
    if not unit.heard.judged:
        return []
    order = _in_time(unit)
    heard = np.asarray(unit.heard.t)[order]
    judged = np.asarray(unit.heard.level)[order] != MISSING
    found = []
    for name, did in zip(names, unit.did, strict=True):
        stage = np.asarray(did.stage)[order]
        if did.judged:
            found.append(Lane(name, heard, np.where(judged | (stage > 0), stage, -1), did))
    if unit.told and unit.told.events:
        stage = lanes.told_stage(unit.told, heard)
        lane = np.where(judged | (stage > 0), stage, -1)
        found.append(Lane(report.THE_BOX, heard, lane, unit.told))
    return found


def _in_time(unit: ReplayedUnit) -> NDArray[Any]:
    """The order of its seconds: a clock may have been set back."""
    return np.argsort(np.asarray(unit.heard.t), kind="stable")


def _high(unit: ReplayedUnit, of: list[Lane], policy: Policy) -> list[float]:
    """Inches of the level and of each lane."""
    if not unit.heard.judged:
        return [_NOTHING_HIGH]
    return [_LEVEL_HIGH, *(lanes.high(lanes.days_of(policy.clock, unit.heard.t)) for _ in of)]


def _nothing(axes: Axes, unit: ReplayedUnit) -> None:
    axes.set_axis_off()
    axes.set_title(unit.name, loc="left", size=12, weight="bold", color=INK)
    said = say(report.nothing_to_judge([unit]))
    axes.text(0, 0.3, said, transform=axes.transAxes, color=FAINT, va="center")


def _level(axes: Axes, unit: ReplayedUnit, names: list[str], policies: list[Policy]) -> None:
    order = _in_time(unit)
    t = np.asarray(unit.heard.t)[order]
    level = np.asarray(unit.heard.level)[order]
    level = np.where(level == MISSING, np.nan, level) / 10
    x, low, mean, high = _columns(t, level)
    at = _x(policies[0], x)
    axes.fill_between(at, low, high, color=BLUE, alpha=0.25, lw=0)
    axes.plot(at, mean, color=BLUE, lw=0.9)
    there = np.pad(~np.isnan(mean), 1)
    alone = there[1:-1] & ~there[:-2] & ~there[2:]
    axes.plot(at[alone], mean[alone], ls="", marker=".", ms=4, color=BLUE)
    for did, look in zip(unit.did, _LIMITS, strict=False):
        limit = np.asarray(did.limit)[order] / 10
        cuts = np.flatnonzero((np.diff(limit) != 0) | (np.diff(t) > _HOLE)) + 1
        edges = [0, *cuts.tolist(), len(limit)]
        steps = [(t[a], t[b - 1] + 1, limit[a]) for a, b in pairwise(edges)]
        xs, ys = [], []
        for begin, end, value in steps:
            # No line over what nobody heard.
            hole = bool(xs) and begin - xs[-1] > _HOLE
            xs += [begin, begin, end] if hole else [begin, end]
            ys += [np.nan, value, value] if hole else [value, value]
        axes.plot(_x(policies[0], np.array(xs)), ys, **look)
    axes.set_xlim(at[0], max(at[-1], at[0] + 1 / 86400))
    quantity = "LAeq" if unit.heard.having["LAeq"] else policies[0].trigger.quantity
    axes.set_ylabel(say("{quantity},1s in dB", quantity=quantity))
    axes.yaxis.set_major_locator(MultipleLocator(10))
    axes.grid(True)
    axes.spines["bottom"].set_visible(False)
    axes.set_title(unit.name, loc="left", size=12, weight="bold", color=INK)
    span = (int(t[-1]) + 1 - int(t[0])) / 3600
    said = say(
        "{heard} of {all} hours heard",
        heard=f"{unit.heard.judged / 3600:.1f}",
        all=f"{span:.1f}",
    )
    axes.set_title(said, loc="right", size=10, color=FAINT)
    axes.tick_params(axis="x", length=0, labelbottom=False)


def _name_times(axes: Axes, named: bool = True) -> None:
    axes.tick_params(axis="x", labelsize=9.5, length=0, labelbottom=named)
    locator = dates.AutoDateLocator(minticks=5, maxticks=13)
    axes.xaxis.set_major_locator(locator)
    form = dates.ConciseDateFormatter(locator, show_offset=False)
    form.formats[2:] = ["%a %d %b", "%H:%M", "%H:%M", "%H:%M:%S"]
    form.zero_formats[2:] = ["%a %d %b", "%a %d %b", "%H:%M", "%H:%M:%S"]
    axes.xaxis.set_major_formatter(form)


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
    return doings.local(policy.clock, t) / 86400


def _legend(names: list[str]) -> list[Patch | Line2D]:
    handles: list[Patch | Line2D] = [Line2D([], [], color=BLUE, lw=1.6, label=say("level"))]
    for name, look in zip(names, _LIMITS, strict=False):
        handles.append(Line2D([], [], **look, label=say("limit of {name}", name=name)))
    for stage, colour in STAGE_COLOURS.items():
        handles.append(Patch(fc=colour, lw=0, label=say(stage)))
    handles.append(Patch(fc=SHADE, lw=0, label=say("not heard")))
    return handles + lanes.legend()
