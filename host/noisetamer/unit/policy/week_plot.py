"""A policy's week in one picture: a row a day, the limit in figures and colour."""

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from noisetamer.base.language import WEEKDAYS, say
from noisetamer.base.paper import plots
from noisetamer.base.paper.style import FAINT, INK, QUIET_TO_LOUD
from noisetamer.unit.policy.show import dB, rulings
from noisetamer.unit.policy.times import local
from tamer.judge.policy import Policy
from tamer.judge.rules import Ruling

_LIMITS = LinearSegmentedColormap.from_list("limit", QUIET_TO_LOUD)
_QUIETEST, _LOUDEST = 400, 750  # 0.1 dB
_SCALE = Normalize(_QUIETEST, _LOUDEST)


def draw(policy: Policy, days: list[int], path: Path) -> None:
    """days: Unix times of local midnights, the last one the end. Raises UserError."""
    with plots.style(10.0):
        figure = Figure(figsize=(14, 1.5 + 0.85 * (len(days) - 1)), dpi=110, facecolor="white")
        axes = figure.add_axes((0.075, 0.15, 0.9, 0.74))
        title = policy.name or say("a policy")
        figure.text(0.015, 0.95, title, size=16, weight="bold", color=INK, va="center")
        note = say(
            "limits for LAeq, guard band {band}, hash {hash}",
            band=dB(policy.guard_band),
            hash=policy.hash[:12],
        )
        figure.text(0.985, 0.95, note, size=10, color=FAINT, ha="right", va="center")
        labels = []
        for row, (begin, end) in enumerate(pairwise(days)):
            day = local(policy.clock, begin)
            labels.append(f"{say(WEEKDAYS[day.weekday()])} {day:%m-%d}")
            for now in _merged(rulings(policy, begin, end)):
                _bar(axes, policy, row, now, end)
        _frame(axes, labels)
        figure.legend(
            handles=[
                Patch(fc="white", ec=FAINT, hatch="///", lw=0.6, label=say("no voice")),
                Patch(fc=INK, ec="none", label=say("line below: no spotlight")),
            ],
            loc="lower right",
            ncols=2,
        )
        figure.text(
            0.075,
            0.035,
            say("figures: limit in dB; below it the voice, in dB below its full volume"),
            color=FAINT,
        )
        plots.write_png(figure, path)


def _merged(days_rulings: Iterable[Ruling]) -> list[Ruling]:
    """Neighbours that differ in nothing the picture shows, such as the panel's brightness, as
    one."""
    found: list[Ruling] = []
    for now in days_rulings:
        if found and _shown(found[-1]) == _shown(now):
            found[-1] = found[-1]._replace(until=now.until)
        else:
            found.append(now)
    return found


def _shown(now: Ruling) -> tuple[object, ...]:
    return now.limit, now.speak, now.volume, now.lamp, _name(now.why)


def _bar(axes: Axes, policy: Policy, row: int, now: Ruling, day_ends: int) -> None:
    at = local(policy.clock, now.since)
    begin = at.hour + at.minute / 60
    last = local(policy.clock, now.until - 1)
    end = 24.0 if now.until == day_ends else last.hour + (last.minute + 1) / 60
    colour = _LIMITS(_SCALE(now.limit))
    look: dict[str, Any] = {"hatch": "" if now.speak else "///", "ec": FAINT, "lw": 0.6}
    axes.broken_barh([(begin, end - begin)], (row - 0.4, 0.74), fc=colour, **look)
    if not now.lamp:
        axes.broken_barh([(begin, end - begin)], (row + 0.36, 0.06), fc=INK, lw=0)
    dark = now.limit < (_QUIETEST + _LOUDEST) / 2 - 60
    text: dict[str, Any] = {
        "color": "white" if dark else INK,
        "ha": "center",
        "va": "center",
        "clip_on": True,
    }
    if not now.speak:  # legible on the hatch
        text["bbox"] = {"boxstyle": "round,pad=0.15", "fc": colour, "ec": "none"}
    wide, middle = end - begin, (begin + end) / 2
    names = _in_two(_name(now.why), wide)
    two = len(names) == 2
    lines = [(-0.26 if two else -0.22, f"{now.limit / 10:g}", 11 if wide >= 0.75 else 8.5)]
    lines += zip((-0.06, 0.08) if two else (0.06,), names, (7, 7), strict=False)
    lines += [(0.24, _voice(now), 7)]
    for down, words, size in lines[: None if wide >= 1 else 1]:
        if wide >= 0.4 and words:
            axes.text(middle, row + down, words, size=size, **text)


def _voice(now: Ruling) -> str:
    """Such as "voice -6": beside a limit, a level in dB would be read as one more limit."""
    if not now.speak:
        return say("no voice")
    return say("voice {volume}", volume=now.volume) if now.volume else say("full voice")


def _name(why: str) -> str:
    """The rule, without the words that go without saying in a picture."""
    rule = why.removeprefix("venue rule ").removeprefix("outside the allowed hours: ")
    return say(rule.removeprefix("day, ").removeprefix("night, "))


def _in_two(words: str, wide: float) -> list[str]:
    """In one line where it has room, else in two, the second cut where it must be."""
    room = 10 * wide
    if _width(words) <= room:
        return [words]
    places = [at for at, letter in enumerate(words) if letter == " " or _width(letter) == 2]
    breaks = [at for at in places if at and _width(words[:at]) <= room]
    if not breaks:
        return [_cut(words, wide)]
    at = breaks[-1]
    # No line begins with what closes the one before.
    if words[at] in "，。、；：）":
        at = max((one for one in breaks if one < at), default=at)
    return [words[:at].rstrip(), _cut(words[at:].lstrip(), wide)]


def _cut(words: str, wide: float) -> str:
    """As much as there is room for in so many hours: ten letters each, or five Chinese ones."""
    room = 10 * wide
    if _width(words) <= room:
        return words
    while words and _width(words) + 2 > room:
        words = words[:-1]
    return words.rstrip(" ,:") + "…"


def _width(words: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in words)


def _frame(axes: Axes, labels: list[str]) -> None:
    axes.set_xlim(0, 24.02)  # with the last edge
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_yticks(range(len(labels)), labels, size=10.5, color=INK)
    axes.set_xticks(range(0, 25, 2), [f"{hour:02}:00" for hour in range(0, 25, 2)], color=INK)
    axes.tick_params(axis="both", length=0)
    axes.spines[:].set_visible(False)
