"""A meter's readings from a CSV file, or typed in as they are read."""

import csv
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

import numpy as np

from noisetamer.base.errors import UserError
from noisetamer.workshop.calibrate.side_by_side.series import Readings

_DAY_S = 86_400.0
_LOWEST, _HIGHEST = 10.0, 150.0


def read(path: Path, near: float) -> Readings:
    """time,level in dB(A), a line each; a first line of words is passed over.

    A time is ISO 8601 (without a zone: this computer's), a number of s, or HH:MM:SS of the
    day that is nearest to `near`, s. Raises UserError with the line that cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read ({error}): give a CSV of time,level") from None
    rows = [row for row in csv.reader(text.splitlines()) if row]
    if rows and not any(character.isdigit() for character in rows[0][0]):
        if "C" in rows[0][-1].partition("(")[2]:
            raise UserError(f"{path}: holds {rows[0][-1]}: set the meter to dB(A)")
        rows = rows[1:]
    pairs = [_row(path, number, row, near) for number, row in enumerate(rows, 1)]
    times = np.array([at for at, _ in pairs])
    if np.any(np.diff(times) <= 0):
        first = int(np.argmax(np.diff(times) <= 0)) + 2
        raise UserError(f"{path}: reading {first} is not later than the one before it")
    return Readings(times, np.array([level for _, level in pairs]))


def typed(
    lines: Iterable[str],
    complain: Callable[[str], None],
    clock: Callable[[], float] = time.time,
) -> Iterator[tuple[float, float]]:
    """(time of Enter, level) of each line; what is no level is complained about and skipped."""
    for line in lines:
        at = clock()
        try:
            yield at, _level(line.strip().replace(",", "."))
        except ValueError:
            complain(f"{line.strip()!r} is no level in dB(A), such as 63.4")


def _row(path: Path, number: int, row: list[str], near: float) -> tuple[float, float]:
    try:
        at, level = row
        return _time(at.strip(), near), _level(level)
    except ValueError:
        raise UserError(
            f"{path}: reading {number} is {','.join(row)!r}; write time,level such as "
            "2026-11-23T19:00:05,63.4"
        ) from None


def _time(text: str, near: float) -> float:
    if _is_number(text):
        return float(text)
    if "-" in text:
        return datetime.fromisoformat(text).timestamp()
    clock = datetime.strptime(text, "%H:%M:%S").time()
    at = datetime.combine(datetime.fromtimestamp(near).date(), clock).timestamp()
    return at + _DAY_S * round((near - at) / _DAY_S)


def _level(text: str) -> float:
    level = float(text)
    if not _LOWEST <= level <= _HIGHEST:
        raise ValueError
    return level


def _is_number(text: str) -> bool:
    try:
        return np.isfinite(float(text))
    except ValueError:
        return False
