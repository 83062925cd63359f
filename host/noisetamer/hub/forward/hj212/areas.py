"""What stands between CP=&& and && of each message on noise. Pure.

HJ 212-2017 annex C.25 to C.28; 2052 is HJ 212-2025's, in the shape of 2051. Levels are N3.1, dB.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from noisetamer.hub.forward.hj212 import frame
from noisetamer.hub.forward.hj212.frame import Group

MARKS = ("needed", "always", "never")
"""When a mark stands beside a level: where it is not N (the standard's examples on noise have
none), always, or never; then what would not be N is not sent."""

_PERCENTILES = ("L5", "L10", "L50", "L90", "L95")
_OF_PERIODS = (*_PERCENTILES, "Leq", "LMx", "LMn")
_OURS = {"Leq": "LAeq", "LMx": "LAFmax", "LMn": "LAmin"}
"""{code: which level of ours it is}, where the names differ."""

Levels = Mapping[str, int]
"""{name of ours: 0.1 dB}, without those that are not known."""


def stamp(t: float, utc_offset: float) -> str:
    """A Unix time as YYYYMMDDhhmmss of the site's clock. utc_offset: of that, h."""
    return f"{datetime.fromtimestamp(t, UTC) + timedelta(hours=utc_offset):%Y%m%d%H%M%S}"


def moment(text: str, utc_offset: float) -> int:
    """The reverse. Raises ValueError."""
    if len(text) != 14 or not text.isdigit():
        raise ValueError(f"{text!r} is no YYYYMMDDhhmmss")
    local = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return round((local - timedelta(hours=utc_offset)).timestamp())


def real_time(time: str, level: int | None, mark: str, marks: str) -> str:
    """Of 2011: the newest second. time: of it; level: LAeq,1s, 0.1 dB; "": it is not sent."""
    if level is None or (marks == "never" and mark != "N"):
        return ""
    return frame.area([_time(time), _value("LA", "Rtd", level, mark, marks)])


def period(time: str, levels: Levels, mark: str, marks: str) -> str:
    """Of 2051, 2061 and 2052. time: when it began; "": it is not sent, as nothing is known of it,
    or not enough."""
    groups = _groups(_OF_PERIODS, "Data", levels, mark, marks)
    if not groups or (marks == "never" and mark != "N"):
        return ""
    return frame.area([_time(time), *groups])


def day(time: str, levels: Levels, by_day: Levels, by_night: Levels, mark: str, marks: str) -> str:
    """Of 2031: the whole day, its day and its night. Levels as of `period`; levels has Ldn, by_day
    and by_night have LAeq, which is Ld and Ln."""
    if not levels or (marks == "never" and mark != "N"):
        return ""
    groups = [_time(time)]
    for suffix, equivalent, of_part in (
        ("Data", "Ldn", dict(levels)),
        ("DayData", "Ld", {**by_day, "Ld": by_day.get("LAeq")}),
        ("NightData", "Ln", {**by_night, "Ln": by_night.get("LAeq")}),
    ):
        codes = (*_PERCENTILES, equivalent, "LMx", "LMn")
        known = {name: level for name, level in of_part.items() if level is not None}
        groups += _groups(codes, suffix, known, mark, marks)
    return frame.area(groups)


def _groups(
    codes: tuple[str, ...], suffix: str, levels: Levels, mark: str, marks: str
) -> list[Group]:
    return [
        _value(code, suffix, levels[name], mark, marks)
        for code in codes
        if (name := _OURS.get(code, code)) in levels
    ]


def _value(code: str, suffix: str, level: int, mark: str, marks: str) -> Group:
    found = [(f"{code}-{suffix}", f"{level / 10:.1f}")]
    if marks == "always" or (marks == "needed" and mark != "N"):
        found.append((f"{code}-Flag", mark))
    return found


def _time(time: str) -> Group:
    return [("DataTime", time)]
