"""Local time of an export: a zone by its name, or a fixed offset."""

import re
from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from noisetamer.base.errors import UserError

_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})")


def zone(text: str) -> tzinfo:
    """Of "+08:00" or "Europe/Berlin". Raises UserError."""
    if found := _OFFSET.fullmatch(text):
        sign, hours, minutes = found.groups()
        east = timedelta(hours=int(hours), minutes=int(minutes))
        if east < timedelta(hours=15) and int(minutes) < 60:
            return timezone(-east if sign == "-" else east)
    try:
        return ZoneInfo(text)
    except (OSError, ValueError, KeyError):
        raise UserError(
            f'--zone "{text}": is no time zone known here; write it like +08:00, or Europe/Berlin'
        ) from None


class LocalTime:
    """Local time of Unix times."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def offset(self, t: int) -> int:
        """By how many s local time leads UTC then."""
        east = datetime.fromtimestamp(t, self._zone).utcoffset()
        assert east is not None
        return round(east.total_seconds())

    def unix_time(self, moment: datetime) -> int:
        """Of a local time; of one that comes twice, the first."""
        return round(moment.replace(tzinfo=self._zone).timestamp())


def offset_text(offset: int) -> str:
    """ "+08:00" of 28800 s."""
    hours, minutes = divmod(abs(offset) // 60, 60)
    return f"{'-' if offset < 0 else '+'}{hours:02}:{minutes:02}"
