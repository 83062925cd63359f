"""Stages and what was done in them, drawn: as one strip, or with a strip a day."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray

from noisetamer.base.counted import counted
from noisetamer.base.language import WEEKDAYS, say
from noisetamer.base.paper.style import BAD, BLUE, INK, OCHRE, SHADE, STAGE_COLOURS
from noisetamer.hub.backtest import doings
from noisetamer.hub.backtest.replay import Done
from noisetamer.hub.backtest.told import Told
from tamer.judge.calendar import DAY, Clock, weekday
from tamer.judge.ladder import GREEN, STAGES
from tamer.record.events import CALLED

MOST_DAYS = 42

# Colour and height both tell the stage, for those who cannot tell red from green.
_HEIGHT_OF_STAGE = (0.08, 0.28, 0.4, 0.5, 0.6)
_CALLS: dict[str, dict[str, Any]] = {
    "leader": {"marker": "v", "ms": 7, "color": BLUE},
    "property": {"marker": "D", "ms": 5.5, "color": OCHRE},
    "police": {"marker": "*", "ms": 12, "color": BAD},
}
_EDGE = {"mec": "white", "mew": 0.6}
_WORDS = {"color": STAGE_COLOURS["firm"], "lw": 0.9}
_POINTS = 1440  # across the picture; of a day a minute each
_LEAST = 3  # points that an incident has at least: shorter would not be seen
_SPOKEN, _CALLED_AT = (0.64, 0.78), 0.9


@dataclass(frozen=True)
class Lane:
    """One policy, or the box. t: Unix s; stage: places in STAGES, -1 not heard."""

    name: str
    t: NDArray[Any]
    stage: NDArray[Any]
    done: Done


def told_stage(told: Told, t: NDArray[Any]) -> NDArray[Any]:
    """The stage that the box was in at these times."""
    places = [STAGES.index(GREEN), *(STAGES.index(stage) for _, stage in told.stages)]
    return np.array(places)[np.searchsorted([at for at, _ in told.stages], t, side="right")]


def days_of(clock: Clock, t: ArrayLike) -> int:
    """Strips that it takes; 0: less than a day, it stands beneath the level's own axis."""
    t = np.asarray(t)
    if np.ptp(t) < DAY:
        return 0
    return min(len(np.unique(doings.local(clock, t) // DAY)), MOST_DAYS)


def high(days: int) -> float:
    """Inches."""
    return 0.55 if not days else days * (0.4 if days <= 7 else 0.26)


def strip(axes: Axes, lane: Lane, clock: Clock, limits: tuple[float, float]) -> None:
    """Beneath a curve with the same time axis, in local days from `limits` on."""
    begin, end = (limit * DAY for limit in limits)
    _row(axes, lane, doings.local(clock, lane.t), (begin, end), 0, clock, 0.0)
    axes.tick_params(axis="x", length=0, labelbottom=False)
    _frame(axes, lane, 1)
    axes.set_xlim(begin / DAY, end / DAY)


def by_day(axes: Axes, lane: Lane, clock: Clock) -> None:
    """A strip for each of the first MOST_DAYS days that have a record, midnight to midnight."""
    local = doings.local(clock, lane.t)
    days = np.unique(local // DAY)
    for row, day in enumerate(days[:MOST_DAYS].tolist()):
        within = local // DAY == day
        of_day = Lane(lane.name, lane.t[within], lane.stage[within], lane.done)
        _row(axes, of_day, local[within], (day * DAY, (day + 1) * DAY), row, clock, day * DAY)
    rows = min(len(days), MOST_DAYS)
    more = ""
    if len(days) > rows:
        more = say("; ") + say("the first {rows} of {days} days", rows=rows, days=len(days))
    unheard = int(days[-1] - days[0]) + 1 - len(days)
    if unheard:
        left_out = ("1 day without a record left out", "{} days without a record left out")
        more += say("; ") + say(counted(unheard, *left_out))
    _frame(axes, lane, rows, more)
    axes.set_xlim(0, 1)
    axes.set_xticks([hour / 24 for hour in range(0, 25, 3)])
    axes.set_xticklabels([f"{hour:02}:00" for hour in range(0, 25, 3)])
    axes.tick_params(axis="x", labelsize=9, length=0)
    axes.grid(True, axis="x")
    axes.set_yticks([row + 0.35 for row in range(rows)])
    axes.set_yticklabels([_day(int(day)) for day in days[:rows]])
    axes.tick_params(axis="y", labelsize=9, length=0)


def _frame(axes: Axes, lane: Lane, rows: int, more: str = "") -> None:
    done = lane.done
    called = {to: sum(who == to for _, who in done.escalations) for to in CALLED}
    counts = [
        say(counted(len(done.incidents), "1 incident", "{} incidents")),
        say("{n} × spoken", n=len(done.spoken)),
        *(say("{to} {n} ×", to=to, n=count) for to, count in called.items()),
    ]
    said = say(lane.name) + say(": ") + say(", ").join(counts)
    axes.set_title(said + more, loc="left", size=9.5, color=INK, pad=4)
    axes.set_ylim(rows, 0)
    if rows == 1:
        axes.set_yticks([])
    axes.spines[:].set_visible(False)


def _row(
    axes: Axes,
    lane: Lane,
    local: NDArray[Any],
    span: tuple[float, float],
    row: int,
    clock: Clock,
    zero: float,
) -> None:
    """Between two times of the local clock, on an axis in days from `zero` on."""
    begin, end = span
    width = (end - begin) / _POINTS
    foot = row + 0.92
    point = np.clip(((local - begin) / width).astype(int), 0, _POINTS - 1)
    worst = np.full(_POINTS, -1)
    np.maximum.at(worst, point, lane.stage)
    worst = _seen(worst)
    for place, (colour, height) in enumerate(
        zip((SHADE, *STAGE_COLOURS.values()), (0.04, *_HEIGHT_OF_STAGE), strict=True), -1
    ):
        borders = np.flatnonzero(np.diff(worst == place, prepend=False, append=False))
        ends = ((begin + width * borders - zero) / DAY).reshape(-1, 2)
        bars = [(a, b - a) for a, b in ends]
        axes.broken_barh(bars, (foot - height, height), fc=colour, lw=0, snap=False)
    spoken = doings.local(clock, np.array(lane.done.spoken, np.int64))
    spoken = spoken[(spoken >= begin) & (spoken < end)]
    low, top = _SPOKEN
    axes.vlines((spoken - zero) / DAY, foot - top, foot - low, **_WORDS)
    called = doings.local(clock, np.array([t for t, _ in lane.done.escalations], np.int64))
    within = [
        (int(at), CALLED.index(to))
        for at, (_, to) in zip(called, lane.done.escalations, strict=True)
        if begin <= at < end
    ]
    for at, highest in _bunches(within, (end - begin) / 60):
        look = _CALLS[CALLED[highest]]
        axes.plot((at - zero) / DAY, foot - _CALLED_AT, clip_on=False, **look, **_EDGE)


def _seen(worst: NDArray[Any]) -> NDArray[Any]:
    """With what is red or more at least _LEAST points wide."""
    red = STAGES.index("red")
    wide = worst.copy()
    for shift in range(1, _LEAST):
        shifted = np.concatenate((np.full(shift, -1), worst[:-shift]))
        wide = np.where(shifted >= red, np.maximum(wide, shifted), wide)
    return wide


def _bunches(calls: list[tuple[int, int]], reach: float) -> list[tuple[int, int]]:
    """(time of the first, the highest called) of marks that would overlap."""
    found: list[tuple[int, int]] = []
    for t, who in calls:
        if found and t - found[-1][0] < reach:
            found[-1] = found[-1][0], max(found[-1][1], who)
        else:
            found.append((t, who))
    return found


def _day(day: int) -> str:
    date = np.datetime64(day, "D").item()
    return f"{say(WEEKDAYS[weekday(day)])} {date:%m-%d}"


def legend() -> list[Line2D]:
    look = {"ls": "", "marker": "|", "ms": 10, "mew": 1.2, "color": STAGE_COLOURS["firm"]}
    handles = [Line2D([], [], **look, label=say("spoken"))]
    for to, look in _CALLS.items():
        handles.append(Line2D([], [], ls="", **look, **_EDGE, label=say("{to} called", to=to)))
    return handles
