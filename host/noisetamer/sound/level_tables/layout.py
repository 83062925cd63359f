"""Where in a sheet the table is: its heading, its separator, its first row."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from noisetamer.sound.level_tables import formats, levels, quantities, stamps
from noisetamer.sound.level_tables.formats import Format
from noisetamer.sound.level_tables.sheets import JOINT, Sheet, cells

_DELIMITERS = ("\t", ";", ",", "|")
_HEADING_WITHIN = 400

_TIME = re.compile(
    r"\b(?:date|time|date ?time|timestamps?|stamp|when|begin|begins|start|started|zeit|datum|tag"
    r"|zeitpunkt|zeitstempel|uhrzeit|beginn|fecha|hora|heure|début|data|czas|godzina|ora|orario"
    r"|dato|tid|tijd|utc|last changed|last updated|created at|period|dates|times|any|año|ano|year"
    r"|jahr|année|anno|rok|mes|month|monat|mois|dia|día|day|jour|giorno|hour|stunde|date/time)\b"
    r"|^t$|时间|日期|时刻|日時|시간|年|月|日|时",
    re.IGNORECASE,
)
_NO_TIME = re.compile(
    r"elapsed|timer|duration|\bend|stop|\bende\b|\bfin\b|dauer|length|exposure|interval|zone"
    r"|offset|durée|duraci|时长|结束",
    re.IGNORECASE,
)
_END = re.compile(r"\bend\b|\bend ?(?:time|date)|\bende\b|\bfin\b|结束", re.IGNORECASE)
_COLUMN_DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class Layout:
    """names: of the columns, empty where the table has no heading. begins: index of the line
    after the heading. head: the lines up to it, with it."""

    delimiter: str
    names: list[str]
    begins: int
    head: list[str]
    format: Format


def find(sheet: Sheet) -> Layout | None:
    """None where nothing in the sheet is a table with times."""
    return _of_one_column(sheet) or _by_heading(sheet) or _by_rows(sheet)


def is_time(name: str) -> bool:
    """Whether a heading names the time of a row."""
    plain = name.replace("_", " ")
    return bool(_TIME.search(plain)) and not _NO_TIME.search(plain)


def is_end(name: str) -> bool:
    """Whether a heading names the end of a row's interval."""
    return bool(_END.search(name.replace("_", " ")))


def _of_one_column(sheet: Sheet) -> Layout | None:
    lines = sheet.lines[:_HEADING_WITHIN]
    for at, line in enumerate(lines):
        if entry := formats.of_one_column(line.strip(), lines[: at + 1]):
            return Layout(JOINT, [line.strip()], at + 1, lines[: at + 1], entry)
    return None


def _by_heading(sheet: Sheet) -> Layout | None:
    """The first heading of a known format, else the first heading."""
    first = None
    for at, line in enumerate(sheet.lines[:_HEADING_WITHIN]):
        if not line.strip():
            continue
        best: tuple[int, str, list[str]] | None = None
        for delimiter in [sheet.delimiter] if sheet.delimiter else _DELIMITERS:
            names = cells(line, delimiter)
            if len(names) < 2 or not _is_heading(names):
                continue
            if best is None or len(names) > best[0]:
                best = len(names), delimiter, names
        if best and _has_rows(sheet, at + 1, best[1]):
            table = _layout(sheet, at, best[1], best[2])
            if table.format is not formats.PLAIN:
                return table
            first = first or table
    return first


def _is_heading(names: list[str]) -> bool:
    if any(stamps.is_stamp(name) for name in names if _COLUMN_DIGIT.search(name)):
        return False
    timed = [name for name in names if is_time(name)]
    return bool(timed) and any(
        (quantity := quantities.of(name)) is not None and quantity.kind != "other"
        for name in names
        if name not in timed
    )


def _has_rows(sheet: Sheet, begins: int, delimiter: str) -> bool:
    """A line of numbers soon below: a heading without is a sentence about the file."""
    near = [line for line in sheet.lines[begins : begins + 12] if line.strip()][:4]
    return any(sum(map(_is_number, cells(line, delimiter))) >= 2 for line in near)


def _is_number(cell: str) -> bool:
    return bool(cell) and (cell[0].isdigit() or cell[0] in "-+") and any(map(str.isdigit, cell))


def _by_rows(sheet: Sheet) -> Layout | None:
    """From the first two lines that begin with a time and hold a level; what stands above the
    first is its heading where it has as many words."""
    for at, delimiter, row in _rows(sheet):
        above = next((n for n in range(at - 1, -1, -1) if sheet.lines[n].strip()), None)
        if above is not None:
            names = cells(sheet.lines[above], delimiter)
            if len(names) == len(row) and _may_be_headings(names):
                return _layout(sheet, above, delimiter, names)
        return Layout(delimiter, [], at, sheet.lines[:at], formats.PLAIN)
    return None


def _may_be_headings(names: list[str]) -> bool:
    numbers = sum(map(levels.is_level, names))
    # How many rows follow, in the first cell of a Norsonic.
    return not numbers or (numbers == 1 and any("LAeq" in name for name in names))


def _rows(sheet: Sheet) -> Iterator[tuple[int, str, list[str]]]:
    for at, line in enumerate(sheet.lines[:_HEADING_WITHIN]):
        for delimiter in [sheet.delimiter] if sheet.delimiter else _DELIMITERS:
            row = cells(line, delimiter)
            if len(row) < 2 or not any(map(levels.is_level, row[1:])):
                continue
            counted = len(row) == 2 and _is_number(row[0])
            if counted or stamps.is_stamp(row[0]) or (len(row) > 2 and stamps.is_stamp(row[1])):
                yield at, delimiter, row


def _layout(sheet: Sheet, at: int, delimiter: str, names: list[str]) -> Layout:
    head = sheet.lines[: at + 1]
    return Layout(delimiter, names, at + 1, head, formats.recognised(names, head))
