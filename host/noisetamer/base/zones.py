"""Time zones as people write them: a fixed offset, or a name."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2})(?::?([0-5]\d))?", re.IGNORECASE)
_FARTHEST = timedelta(hours=14)  # Kiribati


def zone(text: str) -> tzinfo | None:
    """Of +08:00, UTC+8, UTC or Asia/Shanghai; None where it is none that is known here."""
    text = text.strip()
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    if match := _OFFSET.fullmatch(text):
        sign, hours, minutes = match.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
        if offset <= _FARTHEST:
            return timezone(-offset if sign == "-" else offset)
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        return None


def offset_text(offset: float) -> str:
    """An offset in s as +08:00."""
    minutes = round(abs(offset) / 60)
    return f"{'-' if offset < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"


def in_utc(t: float) -> str:
    """Unix s as 2026-11-28 20:00:00 UTC."""
    return f"{datetime.fromtimestamp(t, UTC):%Y-%m-%d %H:%M:%S} UTC"
