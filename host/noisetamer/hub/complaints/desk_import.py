"""The complaints in a desk's table, and what of it cannot be read, row by row. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo

from noisetamer.base.errors import UserError
from noisetamer.hub.complaints import moments
from noisetamer.hub.complaints.complaint import Complaint
from noisetamer.hub.complaints.desk_reading import Reading
from noisetamer.hub.complaints.desk_tables import DeskTable, Row, plain
from noisetamer.sound.level_tables.stamps import DateOrder

_ROUNDED = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)

LONGEST = {"number": 100, "place": 300, "text": 4000}
"""Characters that are kept; what is longer is cut and told."""


@dataclass(frozen=True)
class Fault:
    """row: of the file; column: its heading; why: what is wrong with the cell, of WHYS of the
    words for people; cell: its first characters."""

    row: int
    column: str
    why: str
    cell: str


@dataclass(frozen=True)
class Imported:
    """complaints: not kept yet, in the file's order; faults: rows that cannot be read;
    cut: rows of which a cell was too long, with the rest kept; elsewhere: how many rows name
    none of the squares; other: how many are about something else."""

    complaints: list[Complaint]
    faults: list[Fault]
    cut: list[Fault]
    elsewhere: int
    other: int


def imported(table: DeskTable, reading: Reading, zone: tzinfo, now: float) -> Imported:
    """zone: of the squares' clock; now: Unix s. Raises UserError where nothing in the file tells
    day from month, and where no row of it can be read."""
    place = {what: table.headings.index(name) for what, name in reading.columns.items()}
    order: DateOrder | None = reading.date_order or None  # type: ignore[assignment]
    times = moments.read(table.name, [_time(row, place) for row in table.rows], zone, now, order)
    found = Imported([], [], [], 0, 0)
    elsewhere = other = 0
    for row, at, why in zip(table.rows, times.t, times.why, strict=True):
        told = {
            what: row.cells[place[what]] if what in place else ""
            for what in ("number", "place", "text")
        }
        where = plain(f"{told['place']} {told['text']}").casefold()
        if reading.about and not _has(plain(told["text"]).casefold(), reading.about):
            other += 1
            continue
        square = _best(where, reading.squares) or reading.otherwise
        if not square:
            elsewhere += 1
            continue
        if at is None:
            column = reading.columns["time"]
            found.faults.append(Fault(row.number, column, why, _time(row, place)[:40]))
            continue
        for what, most in LONGEST.items():
            if len(told[what]) > most:
                told[what] = told[what][:most]
                column = reading.columns[what]
                found.cut.append(Fault(row.number, column, "is too long", told[what][:40]))
        side = _best(where, reading.sides.get(square, {}))
        found.complaints.append(
            Complaint(
                0,
                square,
                at,
                reading.source,
                number=_number(told["number"]),
                place=told["place"],
                side=side,
                text=told["text"],
            )
        )
    if found.faults and not found.complaints:
        one = found.faults[0]
        raise UserError(
            f"{table.name}, {table.noun} {one.row}, column {one.column}: {one.cell!r} {one.why}, "
            "and so is every other; name the column that is the time, such as 2026-11-28 19:30"
        )
    return Imported(found.complaints, found.faults, found.cut, elsewhere, other)


def _time(row: Row, place: Mapping[str, int]) -> str:
    cell = row.cells[place["time"]]
    if "clock" not in place or not (clock := row.cells[place["clock"]]):
        return cell
    # Excel gives a date midnight, and a time of day a date
    return f"{cell.removesuffix(' 00:00:00')} {clock.rpartition(' ')[2]}"


def _number(cell: str) -> str:
    """ "" where Excel has left of it 2.02511E+13: many would share it."""
    number = plain(cell)
    return "" if _ROUNDED.fullmatch(number) else number


def _best(where: str, words: Mapping[str, tuple[str, ...]]) -> str:
    """Whose word it is: the longest of those in the text, so that 东门外 is not 东门."""
    found = [
        (len(word), name)
        for name, of in words.items()
        for word in of
        if plain(word).casefold() in where
    ]
    return max(found, key=lambda one: one[0])[1] if found else ""


def _has(text: str, words: tuple[str, ...]) -> bool:
    return any(plain(word).casefold() in text for word in words)
