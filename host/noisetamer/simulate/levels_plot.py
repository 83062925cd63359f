"""levels.png: a run in one picture a property manager can read."""

import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import dates
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path as Shape
from matplotlib.ticker import MultipleLocator

from noisetamer.base.paper import plots
from noisetamer.base.paper.style import (
    BAD,
    BAD_PALE,
    BLUE,
    FAINT,
    HATCH,
    INK,
    SHADE,
    STAGE_COLOURS,
)
from noisetamer.simulate.levels_series import Series, Stretches, bunches, envelope, visible
from tamer.record.events import STAGES
from tamer.record.reading import REASONS

COLUMNS = 2400  # about the picture's width: more seconds than this become an envelope

_LEVEL, _LIMIT, _VOICE, _BROKEN = BLUE, INK, SHADE, BAD
_DASHES = (0, (5, 2))
# Colour and hatch both tell the stage, for those who cannot tell red from green.
_STAGE = {
    name: (colour, hatch)
    for (name, colour), hatch in zip(
        STAGE_COLOURS.items(), ("", "..", "//", "\\\\", "xx"), strict=True
    )
}
_HATCHES = ("", "////", "\\\\\\\\", "||||", "xxxx", "----", "", "oo", "++", "..")
_OWN_VOICE = REASONS.index("own voice")
_BUBBLE = Shape(
    [
        *((-1, 0.15), (-1, 0.75), (-0.85, 0.9), (0.85, 0.9), (1, 0.75), (1, -0.25), (0.85, -0.4)),
        *((0, -0.4), (-0.4, -0.95), (-0.4, -0.4), (-0.85, -0.4), (-1, -0.25), (-1, 0.15)),
    ],
    closed=True,
)
_SPOKEN = {"ls": "", "marker": _BUBBLE, "ms": 18, "color": _STAGE["firm"][0], "mec": "none"}
_DOWN = {"ls": "", "marker": "v", "ms": 8, "color": _STAGE["green"][0], "mec": INK, "mew": 0.5}
_CALLED = {"ls": ":", "lw": 1.4, "color": INK}
_UP = {"ls": "", "marker": "^", "ms": 8, "color": _STAGE["red"][0], "mec": INK, "mew": 0.5}


def draw(series: list[Series], left_out: int, path: Path, title: str) -> None:
    """Draw units as a PNG, a panel for each. left_out: how many more there are."""
    with plots.style(10.0):
        plots.write_png(_figure(series, left_out, title), path)


def _figure(series: list[Series], left_out: int, title: str) -> Figure:
    panels = max(1, len(series))
    legend = _legend(series)
    columns = 7 if len(legend) <= 14 else 5
    lines = max(2, math.ceil(len(legend) / columns))
    head, foot, each = 0.75, 0.67 + 0.24 * lines, 3.9 if panels < 3 else 2.9
    high = head + foot + panels * each
    figure = Figure(figsize=(14, high), dpi=120, facecolor="white")
    figure.text(0.06, 1 - 0.35 / high, title, size=17, weight="bold", color=INK, va="center")
    if left_out:
        note = f"{left_out} more unit{'s' * (left_out > 1)} not shown"
        figure.text(0.975, 1 - 0.35 / high, note, size=11, color=FAINT, ha="right", va="center")
    outer = figure.add_gridspec(
        panels,
        1,
        left=0.06,
        right=0.975,
        top=1 - head / high,
        bottom=foot / high,
        hspace=0.26,
    )
    for row, one in enumerate(series):
        inner = outer[row].subgridspec(3, 1, height_ratios=(1.6, 10, 1), hspace=0)
        strip = figure.add_subplot(inner[2])
        story, main = (figure.add_subplot(inner[place], sharex=strip) for place in (0, 1))
        _panel(one, story, main, strip)
        if one is series[-1]:
            when = f"local time, from {one.at0:%Y-%m-%d}"
            strip.set_xlabel(when, size=10, color=FAINT, labelpad=2)
    if not series:
        figure.text(0.5, 0.5, "no unit measured anything", size=14, color=FAINT, ha="center")
    figure.legend(
        handles=legend,
        loc="lower center",
        ncols=columns,
        handleheight=1.1,
        columnspacing=1.6,
    )
    return figure


def _panel(series: Series, story: Axes, main: Axes, strip: Axes) -> None:
    whole = series.latest + 1 - series.t0 if series.seconds else 1
    strip.set_xlim(_x(series, series.t0), _x(series, series.t0 + whole))
    _main(series, main, whole)
    _strip(series, strip, whole)
    _story(series, story, whole)
    story.set_title(series.unit, loc="left", size=12, weight="bold", color=INK, pad=6)
    story.set_title(_caption(series), loc="right", size=10.5, color=FAINT, pad=6)


def _main(series: Series, axes: Axes, whole: float) -> None:
    shown = envelope(series, COLUMNS)
    _limits(series, axes, whole)
    low, high = _dB_range(series, shown.low, shown.high)
    for reason, stretches in _by_value(series.reason):
        if reason == _OWN_VOICE:
            _bars(series, axes, stretches, (low, high), fc=_VOICE, alpha=0.6, lw=0, zorder=1)
        elif reason:
            tick = (low, low + 0.1 * (high - low))
            _bars(series, axes, stretches, (low, high), fc=BAD_PALE, lw=0, zorder=1)
            _bars(series, axes, visible(stretches, whole / 350), tick, **_broken(int(reason)))
    x = _x(series, shown.t)
    if len(shown.t) < series.seconds:
        axes.fill_between(x, shown.low, shown.high, color=_LEVEL, alpha=0.28, lw=0, zorder=2)
    axes.plot(x, shown.mean, color=_LEVEL, lw=1.1, solid_joinstyle="round", zorder=3)
    axes.set_ylim(low, high)
    _hand_overs(series, axes, whole)
    axes.set_ylabel("LAeq,1s in dB", size=10.5)
    axes.yaxis.set_major_locator(MultipleLocator(10))
    axes.grid(True)
    axes.tick_params(axis="x", length=0, labelbottom=False)
    axes.spines["bottom"].set_visible(False)


def _hand_overs(series: Series, axes: Axes, whole: float) -> None:
    """A line where people are called, with their name; names too close stand below each other."""
    calls: list[tuple[float, str]] = []
    for called in dict.fromkeys(to for _, to in series.hand_overs):
        times = [t for t, to in series.hand_overs if to == called]
        for t, count in bunches(times, 0.06 * whole):
            calls.append((t, called if count == 1 else f"{called} {count}×"))
    free_from = [-math.inf] * 4  # of each row
    for t, name in sorted(calls):
        x = _x(series, t)
        axes.plot([x, x], [0, 1], transform=axes.get_xaxis_transform(), zorder=4, **_CALLED)
        row = next((row for row, free in enumerate(free_from) if free <= t), 0)
        free_from[row] = t + 0.075 * whole
        axes.annotate(
            name,
            (x, 0.98 - 0.075 * row),
            (3, 0),
            xycoords=axes.get_xaxis_transform(),
            textcoords="offset points",
            size=9.5,
            weight="bold",
            color=INK,
            va="top",
            zorder=7,
            bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": INK, "lw": 0.7},
        )


def _limits(series: Series, axes: Axes, whole: float) -> None:
    x, y, labelled = [], [], set()
    for limit, begin, end in series.limit:
        x += [_x(series, begin), _x(series, end)]
        y += [limit, limit]
        if end - begin > 0.07 * whole and not math.isnan(limit) and limit not in labelled:
            labelled.add(limit)
            axes.annotate(
                f"limit {limit:g} dB",
                (x[-2], limit),
                (4, 4),
                textcoords="offset points",
                size=9.5,
                color=_LIMIT,
                zorder=6,
                bbox={"boxstyle": "round,pad=0.1", "fc": "white", "ec": "none", "alpha": 0.75},
            )
    axes.plot(x, y, color=_LIMIT, lw=1.6, ls=_DASHES, zorder=4)


def _strip(series: Series, axes: Axes, whole: float) -> None:
    # Worst last: where a picture point holds several stages, it shows the worst.
    for place, stretches in _by_value(series.stage):
        name = STAGES[int(place)]
        colour, hatch = _STAGE[name]
        wide = visible(stretches, whole / 600)
        _bars(series, axes, wide, (0, 1), fc=colour, hatch=hatch, ec=HATCH, lw=0)
        box = {"boxstyle": "round,pad=0.12", "fc": colour, "ec": "none"}
        text: dict[str, Any] = {"size": 9, "weight": "bold", "ha": "center", "va": "center"}
        ink = INK if name == "amber" else "white"
        for begin, end in stretches:
            if end - begin > 0.04 * whole:
                axes.text(_x(series, (begin + end) / 2), 0.47, name, color=ink, **text, bbox=box)
    axes.set_ylim(0, 1)
    axes.set_yticks([0.5], ["stage"])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    locator = dates.AutoDateLocator(minticks=5, maxticks=13)
    form = dates.ConciseDateFormatter(locator, show_offset=False)
    form.formats[1:] = ["%b %Y", "%d %b", "%H:%M", "%H:%M", "%H:%M:%S"]
    form.zero_formats[1:] = ["%b %Y", "%d %b", "%d %b", "%H:%M", "%H:%M:%S"]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(form)


def _story(series: Series, axes: Axes, whole: float) -> None:
    axes.set_ylim(0, 1)
    axes.axis("off")
    for t, count in bunches(series.warnings, 0.024 * whole):
        place = _x(series, t)
        axes.plot(place, 0.72, clip_on=False, **_SPOKEN)
        text: dict[str, Any] = {"color": "white", "weight": "bold", "ha": "center", "va": "center"}
        size = (8.5, 7.5, 6.5)[min(len(str(count)), 3) - 1]
        axes.text(place, 0.77, f"{count}×", size=size, **text)
    for times, mark in ((series.complies, _DOWN), (series.relapses, _UP)):
        for t, _ in bunches(times, 0.008 * whole):
            axes.plot(_x(series, t), 0.17, clip_on=False, **mark)


def _by_value(values: Stretches) -> list[tuple[float, list[tuple[int, int]]]]:
    found: dict[float, list[tuple[int, int]]] = {}
    for value, begin, end in values:
        found.setdefault(value, []).append((begin, end))
    return sorted(found.items())


def _bars(series: Series, axes: Axes, stretches, between: tuple[float, float], **look) -> None:
    begins, ends = np.array(stretches, float).reshape(-1, 2).T
    wide = list(zip(_x(series, begins), (ends - begins) / 86400, strict=True))
    # Unsnapped, stretches narrower than a picture point shade it in proportion.
    axes.broken_barh(wide, (between[0], between[1] - between[0]), snap=False, **look)


def _caption(series: Series) -> str:
    columns = series.levels.columns.values()
    valid = sum(column.seconds for column in columns)
    if not valid:
        return "no valid second"
    LAeq = 10 * math.log10(sum(column.energy for column in columns) / valid)
    spoken = len(series.warnings)
    warnings = f"{spoken or 'no'} spoken warning{'s' * (spoken != 1)}"
    return f"LAeq {LAeq:.1f} dB  ·  {warnings}  ·  {valid / series.seconds:.1%} valid"


def _legend(series: list[Series]) -> list[Patch | Line2D]:
    handles: list[Patch | Line2D] = [
        Line2D([], [], color=_LEVEL, lw=1.6, label="level"),
        Line2D([], [], color=_LIMIT, lw=1.6, ls=_DASHES, label="limit"),
    ]
    for name, (colour, hatch) in _STAGE.items():
        handles.append(Patch(fc=colour, hatch=hatch, ec=HATCH, lw=0, label=name))
    spoken = Line2D([], [], **_SPOKEN, label="the box speaks a warning")
    spoken.set_markersize(14)
    handles.append(spoken)
    handles.append(Line2D([], [], **_DOWN, label="a group turns down"))
    handles.append(Line2D([], [], **_UP, label="a group turns up again"))
    if any(one.hand_overs for one in series):
        handles.append(Line2D([], [], **_CALLED, label="the box calls people"))
    handles.append(Patch(fc=_VOICE, alpha=0.6, lw=0, label="own voice, not judged"))
    reasons = Counter()
    for one in series:
        for reason, begin, end in one.reason:
            reasons[int(reason)] += end - begin
    for reason, seconds in sorted(reasons.items()):
        if reason and reason != _OWN_VOICE and seconds:
            label = f"no valid level: {REASONS[reason]} ({seconds} s)"
            handles.append(Patch(**_broken(reason), label=label))
    return handles


def _broken(reason: int) -> dict[str, Any]:
    return {"facecolor": BAD_PALE, "edgecolor": _BROKEN, "hatch": _HATCHES[reason], "lw": 0.6}


def _dB_range(series: Series, low: np.ndarray, high: np.ndarray) -> tuple[float, float]:
    shown = np.concatenate((low, high, np.asarray(series.limit.value)))
    shown = shown[~np.isnan(shown)]
    if not len(shown):
        return 30, 90
    return 5 * math.floor((shown.min() - 4) / 5), 5 * math.ceil((shown.max() + 3) / 5)


def _x(series: Series, t: Any) -> Any:
    return float(dates.date2num(series.at0)) + (t - series.t0) / 86400
