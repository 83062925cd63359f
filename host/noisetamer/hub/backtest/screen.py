"""A backtest on the screen: counts, the days, and what would have been done when. Pure."""

from datetime import date
from itertools import groupby
from typing import Any

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
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def lines(found: dict[str, Any]) -> list[str]:
    """Of what `report.report` gives."""
    said = _table(found)
    for one in found["policies"]:
        cannot = one["whole"]["cannot"]["sudden"]
        if cannot.startswith("the data"):
            said.append(f"{one['policy']}: sudden noises cannot be judged: {cannot}.")
        said += one["remarks"]
    several = len(found["policies"][0]["units"]) > 1
    for one in found["policies"]:
        if one["done"]:
            said += ["", f"{one['policy']} would have:", *_days(one, several)]
    if found["box"] and found["box"]["done"]:
        said += ["", f"{THE_BOX} did:", *_days(found["box"], several)]
    return said


def _table(found: dict[str, Any]) -> list[str]:
    """A column a policy, and one for the box."""
    whole = [policy["whole"] for policy in found["policies"]]
    heads = [policy["policy"] for policy in found["policies"]]
    told = [found["box"]["whole"]] if found["box"] else []
    both = whole + told
    rows = [("", heads + [THE_BOX] * len(told))]
    rows += [(name, [_count(one[key]) for one in both]) for key, name in _ROWS]
    rows += [(f"{to} called", [_count(one["called"][to]) for one in both]) for to in CALLED]
    for stage in STAGES:
        rows.append((f"minutes {stage}", [_minutes(one["stages"][stage]) for one in whole]))
    asked = 24 * found["days"] * len(found["policies"][0]["units"])
    rows.append(
        ("hours not heard", [f"{max(0.0, asked - one['judged'] / 3600):.1f}" for one in whole])
    )
    wide = max(len(str(cell)) for _, cells in rows for cell in cells) + 2
    return ["".join([f"  {name:<22}", *(f"{cell:>{wide}}" for cell in row)]) for name, row in rows]


def _days(one: dict[str, Any], several: bool) -> list[str]:
    """A line for each day with anything in it, then one for each incident."""
    happened = [(row["day"], _incident(row, several)) for row in one["incidents"]]
    happened += [
        (row["time"][:10], f"{_named(row, several)}{_clock(row['time'])} sudden noise")
        for row in one["done"]
        if row["what"] == "sudden noise"
    ]
    said: list[str] = []
    happened.sort(key=lambda each: each[0])
    for day, of_day in groupby(happened[:MOST_INCIDENTS], lambda each: each[0]):
        heard = [row["heard"] for row in one.get("hours", ()) if row["hour"].startswith(day)]
        of = f", {sum(heard) / 3600:.1f} h heard" if heard else ""
        said.append(f"  {_weekday(day)} {day}{of}")
        said += [f"    {text}" for _, text in of_day]
    left = len(happened) - MOST_INCIDENTS
    if left > 0:
        said.append(f"    ... and {left} more: --out DIR writes all of them (done.csv)")
    return said


def _incident(row: dict[str, Any], several: bool) -> str:
    """ "19:05:08 red until 19:05:42, spoken 2 times, leader 19:05:40" """
    begin = f"{_clock(row['begin'])} red" if row["begin"] else "red before"
    parts = [f"{begin} until {_clock(row['end'])}" if row["end"] else begin]
    if spoken := row["spoken"]:
        parts.append(f"spoken {spoken} time{'s' * (spoken > 1)}")
    parts += [f"{who} {_clock(when)}" for who, when in row["called"].items()]
    return _named(row, several) + ", ".join(parts)


def _named(row: dict[str, Any], several: bool) -> str:
    return f"{row['unit']}: " if several else ""


def _clock(time: str) -> str:
    """The time of day of an ISO time."""
    return time[11:19]


def _weekday(day: str) -> str:
    return _WEEKDAYS[date.fromisoformat(day).weekday()]


def _count(count: int | None) -> str:
    return _NONE if count is None else str(count)


def _minutes(seconds: int | None) -> str:
    return _NONE if seconds is None else f"{seconds / 60:.1f}"
