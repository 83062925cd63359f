"""From when to when of a recording: a time of day, or so long after its begin."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from noisetamer.base.errors import UserError

Point = float | time | datetime
"""Seconds after the begin of the file, a time of day, or a moment."""

_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?")
_DAY = 86_400


@dataclass(frozen=True)
class Span:
    """first, end: None is the begin, or the end, of the file."""

    first: Point | None = None
    end: Point | None = None

    def frames(self, begins: datetime | None, rate: int) -> tuple[int, int | None]:
        """(first frame, the one after the last or None). begins: of the file, by its own clock or
        the user's. Raises UserError where a time of day needs a begin that nobody knows, or
        where nothing is left."""
        first = 0.0 if self.first is None else _seconds(self.first, begins, 0.0, "--from")
        if self.end is None:
            return round(first * rate), None
        end = _seconds(self.end, begins, first, "--to")
        if end <= first:
            raise UserError(f"--to {_shown(self.end)}: is not after --from; choose a later one")
        return round(first * rate), round(end * rate)


def point(text: str) -> Point:
    """A time of day (19:00, 19:00:05), a moment (2026-11-23T19:00:05), or how long after the
    begin of the file (90s, 1m30s, 90). Raises ValueError."""
    text = text.strip()
    if (found := _DURATION.fullmatch(text)) and text:
        hours, minutes, seconds = (float(part or 0) for part in found.groups())
        return hours * 3600 + minutes * 60 + seconds
    if re.fullmatch(r"\d{1,2}:\d\d(:\d\d(\.\d{1,6})?)?", text):
        return time.fromisoformat(text.zfill(len(text) + (text[1] == ":")))
    return datetime.fromisoformat(text)


def _seconds(wanted: Point, begins: datetime | None, least: float, option: str) -> float:
    if isinstance(wanted, int | float):
        return float(wanted)
    if begins is None:
        raise UserError(
            f"{option} {_shown(wanted)}: the file does not say when it began; say so with "
            "--begins, or give the time after its begin, such as 90s"
        )
    if isinstance(wanted, datetime):
        if begins.tzinfo is None or wanted.tzinfo is None:
            begins, wanted = begins.replace(tzinfo=None), wanted.replace(tzinfo=None)
        seconds = (wanted - begins).total_seconds()
    else:
        moment = datetime.combine(begins.date(), wanted, begins.tzinfo)
        seconds = (moment - begins) / timedelta(seconds=1)
        # Past midnight.
        if seconds < least:
            seconds += _DAY
    if seconds < 0:
        raise UserError(
            f"{option} {_shown(wanted)}: is before the recording's begin at {begins}; "
            "choose a later one"
        )
    return seconds


def _shown(wanted: Point) -> str:
    return f"{wanted:g}s" if isinstance(wanted, float) else str(wanted)
