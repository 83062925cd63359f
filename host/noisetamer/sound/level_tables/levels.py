"""Levels as text, a column at once."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from noisetamer.sound.level_tables.cells import DIGITS, Column, Group

LOWEST, HIGHEST = 10.0, 150.0
"""dB: what lies beyond is no sound pressure level but a code, such as 0, -99 or 999."""

_NUMBER = re.compile(r"([+-]?\d{1,4}(?:[.,]\d{1,20})?)(?:\s?dB\S{0,6})?", re.IGNORECASE)
_PICTURE = re.compile(r" *(?P<whole>0{1,4})(?:[.,](?P<tail>0{1,12}))? *")
_LONGEST, _MOST_PICTURES = 20, 8


def read(cells: Sequence[str]) -> NDArray[np.float64]:
    """dB, NaN where the cell holds no number: --.-, OL, <30, nothing."""
    column = cells if isinstance(cells, Column) else Column(cells)
    found = np.full(len(column), np.nan)
    done = np.zeros(len(column), np.bool_)
    for group in column.numbers():
        _enter(found, done, group)
    if not done.all():
        for group in column.groups(_LONGEST):
            _enter(found, done, group.only(~done[group.rows]))
    for row in np.flatnonzero(~done):
        found[row] = _level(column[row])
    return found


def _enter(found: NDArray[np.float64], done: NDArray[np.bool_], group: Group) -> None:
    for _ in range(_MOST_PICTURES):
        if not len(group.rows):
            return
        picture = group.text(0).translate(DIGITS)
        alike = group.alike(picture)
        if match := _PICTURE.fullmatch(picture):
            these = group.only(alike)
            found[these.rows] = _values(these, match)
            done[these.rows] = True
        group = group.only(~alike)


def _values(group: Group, match: re.Match[str]) -> NDArray[np.float64]:
    """As float() would read them: whole tenths, hundredths, ..., divided once."""
    value = group.digits(*match.span("whole"))
    if match["tail"]:
        shift = 10 ** len(match["tail"])
        return (value * shift + group.digits(*match.span("tail"))) / shift
    return value.astype(np.float64)


def _level(cell: str) -> float:
    match = _NUMBER.fullmatch(cell.strip())
    return float(match.group(1).replace(",", ".")) if match else np.nan


def is_level(cell: str) -> bool:
    """A number such as a meter shows."""
    level = _level(cell)
    return bool(np.isfinite(level)) and LOWEST <= level <= HIGHEST
