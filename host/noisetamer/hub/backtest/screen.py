"""A backtest on the screen: counts, the days, and what would have been done when. Pure."""

from datetime import date
from itertools import groupby
from typing import Any

from rich.cells import cell_len

from noisetamer.base.columns import padded
from noisetamer.base.counted import counted
from noisetamer.base.language import WEEKDAYS, say
from noisetamer.hub.backtest.report import THE_BOX
from tamer.judge.ladder import STAGES
from tamer.record.events import CALLED

MOST_INCIDENTS = 40
"""Of one policy; the files have all."""

_ROWS = (
    ("incidents", "incidents (red)"),
    ("spoken", "spoken"),
    ("sudden", "sudden noises at night"),
)
_NONE = "-"


def lines(found: dict[str, Any]) -> list[str]:
    """Of what `report.report` gives, in the reader's language."""
    said = _table(found)
    for one in found["policies"]:
        cannot = one["whole"]["cannot"]["sudden"]
        if cannot.startswith("the data"):
            lacks = {"name": one["policy"], "why": cannot}
            said.append(say("{name}: sudden noises cannot be judged: {why}.", **lacks))
        said += map(say, one["remarks"])
    several = len(found["policies"][0]["units"]) > 1
    for one in found["policies"]:
        if one["done"]:
            would = say("{name} would have:", name=one["policy"])
            said += ["", would, *_days(one, several)]
    if found["box"] and found["box"]["done"]:
        said += ["", say("the box itself did:"), *_days(found["box"], several)]
    return said


def _table(found: dict[str, Any]) -> list[str]:
    """A column a policy, and one for the box."""
    whole = [policy["whole"] for policy in found["policies"]]
    heads = [policy["policy"] for policy in found["policies"]]
    told = [found["box"]["whole"]] if found["box"] else []
    both = whole + told
    rows = [("", heads + [say(THE_BOX)] * len(told))]
    rows += [(say(name), [_count(one[key]) for one in both]) for key, name in _ROWS]
    rows += [
        (say("{to} called", to=to), [_count(one["called"][to]) for one in both]) for to in CALLED
    ]
    for stage in STAGES:
        minutes = [_minutes(one["stages"][stage]) for one in whole]
        rows.append((say("minutes {stage}", stage=stage), minutes))
    asked = 24 * found["days"] * len(found["policies"][0]["units"])
    unheard = [f"{max(0.0, asked - one['judged'] / 3600):.1f}" for one in whole]
    rows.append((say("hours not heard"), unheard))
    wide = max(cell_len(cell) for _, row in rows for cell in row) + 2
    return [
        "".join([f"  {padded(name, 22)}", *(padded(cell, wide, right=True) for cell in row)])
        for name, row in rows
    ]


def _days(one: dict[str, Any], several: bool) -> list[str]:
    """A line for each day with anything in it, then one for each incident."""
    happened = [(row["day"], _incident(row, several)) for row in one["incidents"]]
    happened += [
        (row["time"][:10], _named(row, several) + say("{at} sudden noise", at=_clock(row["time"])))
        for row in one["done"]
        if row["what"] == "sudden noise"
    ]
    said: list[str] = []
    happened.sort(key=lambda each: each[0])
    for day, of_day in groupby(happened[:MOST_INCIDENTS], lambda each: each[0]):
        heard = [row["heard"] for row in one.get("hours", ()) if row["hour"].startswith(day)]
        of = say(", ") + say("{n} h heard", n=f"{sum(heard) / 3600:.1f}") if heard else ""
        said.append(f"  {_weekday(day)} {day}{of}")
        said += [f"    {text}" for _, text in of_day]
    left = len(happened) - MOST_INCIDENTS
    if left > 0:
        more = say("... and {n} more: --out DIR writes all of them (done.csv)", n=left)
        said.append(f"    {more}")
    return said


def _incident(row: dict[str, Any], several: bool) -> str:
    """ "19:05:08 red until 19:05:42, spoken 2 times, leader 19:05:40" """
    began = row["begin"]
    begin = say("{at} red", at=_clock(began)) if began else say("red before")
    end = row["end"] and say("{begin} until {end}", begin=begin, end=_clock(row["end"]))
    parts = [end or begin]
    if spoken := row["spoken"]:
        parts.append(say(counted(spoken, "spoken 1 time", "spoken {} times")))
    parts += [f"{say(who)} {_clock(when)}" for who, when in row["called"].items()]
    return _named(row, several) + say(", ").join(parts)


def _named(row: dict[str, Any], several: bool) -> str:
    return row["unit"] + say(": ") if several else ""


def _clock(time: str) -> str:
    """The time of day of an ISO time."""
    return time[11:19]


def _weekday(day: str) -> str:
    return say(WEEKDAYS[date.fromisoformat(day).weekday()])


def _count(count: int | None) -> str:
    return _NONE if count is None else str(count)


def _minutes(seconds: int | None) -> str:
    return _NONE if seconds is None else f"{seconds / 60:.1f}"
