"""Local time of an export: a zone by its name, or a fixed offset."""

from datetime import datetime, tzinfo

from noisetamer.base import zones
from noisetamer.base.errors import UserError


def zone(text: str) -> tzinfo:
    """Of "+08:00" or "Europe/Berlin". Raises UserError."""
    found = zones.zone(text)
    if found is None:
        raise UserError(
            f'--zone "{text}": is no time zone known here; write it like +08:00, or Europe/Berlin'
        )
    return found


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
