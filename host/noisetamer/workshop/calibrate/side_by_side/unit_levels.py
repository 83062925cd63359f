"""A unit's LAeq over time: as heard, or from the lines of its console kept in a file."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from noisetamer.base import json_text
from noisetamer.base.errors import UserError
from noisetamer.workshop.calibrate.side_by_side.series import LevelSeries
from noisetamer.workshop.calibrate.unit.instrument import HeardSecond
from tamer.record.reading import CLOCK, MISSING, VALID, is_dated

# A file of more is no calibration run.
_LONGEST_S = 86_400


def of_seconds(seconds: Sequence[HeardSecond]) -> LevelSeries:
    """LAeq of each part of consecutive seconds; at least one."""
    parts = [second.LA for second in seconds]
    return LevelSeries(seconds[0].at, 1.0 / len(parts[0]), np.concatenate(parts))


def of_console(path: Path) -> LevelSeries:
    """LAeq,1s of a unit's console lines; other lines are passed over.

    Raises UserError where there are none.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from None
    levels_at = dict(_seconds(text.splitlines()))
    if any(map(is_dated, levels_at)):
        # What was heard before the time was known cannot be laid beside the rest.
        levels_at = {t: level for t, level in levels_at.items() if is_dated(t)}
    if not levels_at:
        raise UserError(
            f"{path}: holds no seconds; give what a unit prints with console on, a line a second"
        )
    first, last = min(levels_at), max(levels_at)
    if last - first > _LONGEST_S:
        raise UserError(f"{path}: spans more than a day; give the lines of one run")
    levels = [levels_at.get(t, np.nan) for t in range(first, last + 1)]
    return LevelSeries(float(first), 1.0, np.array(levels))


def _seconds(lines: Iterable[str]) -> Iterable[tuple[int, float]]:
    for line in lines:
        try:
            record = json_text.loads(line)
            t, level, flags = record["t"], record["LAeq"], record["flags"]
        except (ValueError, KeyError, TypeError):
            continue
        # An unset clock only shifts the run, which is aligned anyway.
        if level != MISSING and flags & 0x0F in (VALID, CLOCK):
            yield t, level / 10.0
