"""Times as the clerks of a desk write them, as Unix time."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

import numpy as np

from noisetamer.hub.complaints.desk_tables import plain
from noisetamer.sound.level_tables import date_order, stamps, zones
from noisetamer.sound.level_tables.stamps import DateOrder

DAY = 86_400
_EXCEL_1970 = 25_569
# Days of Excel between 2000 and 2100, with their time of day.
_SERIAL = re.compile(r"(?:3[6-9]|[4-6]\d|7[0-2])\d{3}(?:\.\d+)?")
_WITHOUT_A_YEAR = re.compile(r"(\d{1,2})(?:月(\d{1,2})日?\s*|[-/](\d{1,2})\s+)(\D{0,2}\d.*)")
_SPOKEN = re.compile(
    r"(凌晨|早上|早晨|清晨|上午|中午|下午|傍晚|晚上|晚间|夜间|夜里|深夜|晚)?\s*"
    r"(\d{1,2})\s*[点时:]\s*(半|[一三]刻|(\d{1,2})\s*分?)?(?:\s*[:秒]?\s*(\d{1,2})\s*秒?)?"
    r"(?:左右|许|多)?"
)
_PARTS = {"半": 30, "一刻": 15, "三刻": 45}
_MORNING = {"凌晨", "早上", "早晨", "清晨", "上午"}
_NIGHT = {"晚上", "晚间", "夜间", "夜里", "深夜", "晚"}
# {word: the hour from which on it means p.m.}; 深夜 1 点 is 1 h of the day that is named
_AFTERNOON_FROM = {"下午": 1, "傍晚": 1, "中午": 1, **dict.fromkeys(_NIGHT, 5)}


class Moments:
    """t: Unix s of each, None where it cannot be read; why: the reason then, else ""."""

    def __init__(self, t: list[int | None], why: list[str]) -> None:
        self.t, self.why = t, why


def read(
    place: str,
    texts: Sequence[str],
    zone: tzinfo,
    now: float,
    order: DateOrder | None = None,
) -> Moments:
    """Of a column's cells. place: of the file, for sentences; now: Unix s: what has no year is
    of the last twelve months. Raises UserError where nothing in it tells day from month.
    """
    today = datetime.fromtimestamp(now, UTC).astimezone(zone)
    cells = [_stamp(plain(text), today) for text in texts]
    found = stamps.read(cells)
    chosen = date_order.of_file(place, None, found, cells, order, "date_order=")
    local = found.local(chosen)
    there = np.flatnonzero(np.isfinite(local) & found.dated & np.isfinite(found.clock))
    unix = np.array(found.unix)
    own = np.isfinite(found.offset)
    rising = there[np.argsort(local[there], kind="stable")]
    unix[rising] = zones.to_unix(local[rising], zone)
    unix = np.where(own & np.isfinite(local) & found.dated, local - found.offset, unix)
    times: list[int | None] = []
    why: list[str] = []
    for n, t in enumerate(unix.tolist()):
        reason = ""
        if not cells[n]:
            reason = "is empty"
        elif t != t:
            dated = bool(found.dated[n]) and bool(np.isnan(found.clock[n]))
            reason = "has a date and no time of day" if dated else "is no time"
        elif t > now + DAY:
            reason = "is in the future"
        times.append(None if reason else round(t))
        why.append(reason)
    return Moments(times, why)


def _stamp(text: str, today: datetime) -> str:
    """What a clerk writes, as `stamps` reads it."""
    if _SERIAL.fullmatch(text):
        at = round((float(text) - _EXCEL_1970) * DAY)
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
    if match := _WITHOUT_A_YEAR.fullmatch(text):
        month, day = int(match[1]), int(match[2] or match[3])
        year = today.year - ((month, day) > (today.month, today.day))
        text = f"{year}-{month:02}-{day:02} {match[4]}"
    return _clock_spoken(text)


def _clock_spoken(text: str) -> str:
    """下午7点半 as 19:30."""
    head, sign, tail = _date_and_rest(text)
    match = _SPOKEN.fullmatch(tail.strip())
    if not sign or not match:
        return text
    part, hour = match[1] or "", int(match[2])
    minute = _PARTS.get(match[3] or "", int(match[4] or 0))
    first = _AFTERNOON_FROM.get(part)
    if part in _NIGHT and hour == 12:
        hour = 24
    elif first is not None and first <= hour < 12:
        hour += 12
    elif part in _MORNING and hour == 12:
        hour = 0
    return f"{head} {hour:02}:{minute:02}:{int(match[5] or 0):02}"


def _date_and_rest(text: str) -> tuple[str, bool, str]:
    match = re.match(r"(\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{8})\s*[T,]?\s*", text)
    if not match:
        return text, False, ""
    head = re.sub(r"[年月]", "-", match[1]).rstrip("日")
    return head, True, text[match.end() :]
