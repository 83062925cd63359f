"""What a camera answered, before anybody looked at it."""

import email.utils
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """body: what should be a picture; clock_error: the camera's clock less ours, s, known to a
    second or so; None where it does not tell.
    """

    body: bytes
    clock_error: float | None


def clock_error(date: str, at: float) -> float | None:
    """date: an HTTP or RTSP `Date` (RFC 9110, 6.6.1; RFC 2326, 12.18); at: our Unix time, s."""
    try:
        return round(email.utils.parsedate_to_datetime(date).timestamp() - at, 1)
    except (ValueError, OverflowError, TypeError, OSError):
        return None
