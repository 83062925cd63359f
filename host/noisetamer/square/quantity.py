"""Quantities as people write them in a scenario: "75 dB", "8 m", "0.6 s", "20m", "19:00".

Every function raises ValueError with the end of a sentence ("... is not a level: write ...");
the caller prefixes file and key.
"""

import math
import re

_NUMBER = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*([^\d\s].*?)?\s*")
_DURATION_PART = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")

_SECONDS = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}


def level(text: object) -> float:
    """Level or level difference in dB, from "75 dB", "75 dB(A)" or "-3 dB"."""
    return _measured(text, {"dB": 1.0, "dB(A)": 1.0, "dBA": 1.0}, "a level", "75 dB")


def full_scale_level(text: object) -> float:
    """Level re a full-scale sine in dB, from "-26 dBFS"."""
    return _measured(text, {"dBFS": 1.0}, "a digital level", "-26 dBFS")


def length(text: object) -> float:
    """Length in metres, from "8 m", "60 mm", "80 cm" or "1.2 km"."""
    return _measured(text, {"m": 1.0, "mm": 0.001, "cm": 0.01, "km": 1000.0}, "a length", "8 m")


def speed(text: object) -> float:
    """Speed in m/s, from "8 m/s" or "30 km/h"."""
    return _measured(text, {"m/s": 1.0, "km/h": 1 / 3.6}, "a speed", "8 m/s")


def frequency(text: object) -> float:
    """Frequency in Hz, from "440 Hz" or "1 kHz"."""
    return _measured(text, {"Hz": 1.0, "kHz": 1000.0}, "a frequency", "440 Hz")


def duration(text: object) -> float:
    """Time span in seconds, from "5s", "0.6 s", "20m", "1h30m" or "7d" ("m" is minutes)."""
    if not isinstance(text, str) or not text.strip():
        raise ValueError(_not_text(text, "20m"))
    seconds, position = 0.0, 0
    while position < len(text.rstrip()):
        part = _DURATION_PART.match(text, position)
        if part is None or part[2] not in _SECONDS:
            raise ValueError(f'"{text}" is not a time span: write it like "20m", "45s" or "1h30m"')
        seconds += float(part[1]) * _SECONDS[part[2]]
        position = part.end()
    return seconds


def clock(text: object) -> int:
    """Seconds since local midnight, from "19:00" or "19:00:30"."""
    match = _CLOCK.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f'"{text}" is not a time of day: write it like "19:00"')
    return int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3] or 0)


def looks_like_clock(text: object) -> bool:
    """Whether the text is meant as a time of day rather than as a time span."""
    return isinstance(text, str) and ":" in text


def _measured(text: object, units: dict[str, float], what: str, example: str) -> float:
    if not isinstance(text, str) or not text.strip():
        raise ValueError(_not_text(text, example))
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" is not {what}: write it like "{example}"')
    if match[2] is None:
        raise ValueError(f'"{text}" has no unit: write it like "{example}"')
    if match[2] not in units:
        known = " or ".join(units)
        raise ValueError(
            f'"{text}" has the unit "{match[2]}" where {known} is needed: '
            f'write it like "{example}"'
        )
    return float(match[1]) * units[match[2]]


def _not_text(value: object, example: str) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return f'is the bare number {value}: add the unit in quotes, like "{example}"'
    return f'is not a quantity: write it in quotes, like "{example}"'
