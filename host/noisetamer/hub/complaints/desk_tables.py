"""A desk's export as a heading and rows of cells, whatever programme wrote it."""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.sound.level_tables import files, stamps
from noisetamer.sound.level_tables.sheets import JOINT, Sheet, text

MOST_ROWS = 200_000
"""More than a city's desk writes in a year; a longer file is cut by whoever exports it."""

_UNPACKED = 200_000_000
_DELIMITERS = ("\t", ";", "|", ",")
_HEADING_WITHIN = 50
# A cell of more lines is a quotation mark that nobody closed.
_MOST_LINES = 60

_TIME = re.compile(r"时间|日期|时刻|\b(?:date|time|when|timestamp|at)\b|received", re.IGNORECASE)


@dataclass(frozen=True)
class Row:
    """number: of the file's line, or the sheet's row, from 1; cells: as many as headings."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class DeskTable:
    """name: of the file, for sentences; sheet: of a workbook, else ""; noun: "line" or "row";
    title: what stands above the heading; headings: each once."""

    name: str
    sheet: str
    noun: str
    title: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def signature(self) -> str:
        """The same for every export of one desk: its headings."""
        return JOINT.join(" ".join(name.split()).casefold() for name in self.headings)


def table_of(name: str, data: bytes) -> DeskTable:
    """The sheet with most rows under a heading that names a time. Raises UserError."""
    if not data.strip(b"\0 \r\n\t"):
        raise UserError(f"{name}: is empty; export the table again")
    _fits(name, data)
    found = [
        table
        for sheet in files.sheets_in(Path(name), data)
        if (table := _table(name, sheet)) is not None
    ]
    if not found:
        raise UserError(
            f"{name}: no line names its columns, one of them the time (受理时间, time); "
            "put such a line above the rows"
        )
    best = max(found, key=lambda one: len(one.rows))
    if not best.rows:
        raise UserError(f"{name}: nothing stands below its heading; export it again")
    return best


def _fits(name: str, data: bytes) -> None:
    """A small archive may hold more than there is memory. Raises UserError."""
    with suppress(zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        if sum(one.file_size for one in zipfile.ZipFile(io.BytesIO(data)).infolist()) > _UNPACKED:
            raise UserError(
                f"{name}: unpacks to more than {_UNPACKED // 1_000_000} MB; export a shorter "
                "time at once"
            )


def plain(cell: str) -> str:
    """With the digits and signs of half width, without blanks around it."""
    return unicodedata.normalize("NFKC", cell).replace("\u200b", "").strip()


def _table(name: str, sheet: Sheet) -> DeskTable | None:
    best: tuple[int, int, list[Row]] | None = None
    for delimiter in [sheet.delimiter] if sheet.delimiter else _DELIMITERS:
        head = _rows(name, sheet, delimiter, _HEADING_WITHIN)
        named, at = max(((_named(row.cells), -n) for n, row in enumerate(head)), default=(0, 0))
        at = -at
        if not named:
            continue
        if best is None or named > best[0]:
            best = named, at, _rows(name, sheet, delimiter, MOST_ROWS + _HEADING_WITHIN)
    if best is None:
        return None
    _, at, rows = best
    width = max((n + 1 for n, cell in enumerate(rows[at].cells) if cell), default=0)
    # columns without a name are of the rows' own making
    headings = _each_once(rows[at].cells[:width])
    below = [
        Row(row.number, (*row.cells[:width], *[""] * (width - len(row.cells))))
        for row in rows[at + 1 :]
        if any(row.cells[:width]) and row.cells[:width] != rows[at].cells[:width]
    ]
    if len(below) > MOST_ROWS:
        raise UserError(f"{name}: has more than {MOST_ROWS:,} rows; export a shorter time at once")
    title = " ".join(cell for row in rows[:at] for cell in row.cells if cell)
    return DeskTable(name, sheet.name, sheet.noun, title[:200], headings, tuple(below))


def _rows(name: str, sheet: Sheet, delimiter: str, most: int) -> list[Row]:
    found = []
    for row in _lines(name, sheet, delimiter):
        if any(row.cells):
            found.append(row)
        if len(found) >= most:
            break
    return found


def _lines(name: str, sheet: Sheet, delimiter: str) -> Iterator[Row]:
    body = text(sheet.body)
    if delimiter == JOINT:
        for number, line in enumerate(body.split("\n"), 1):
            yield Row(number, tuple(cell.strip() for cell in line.split(JOINT)))
        return
    reader = csv.reader(io.StringIO(body), delimiter=delimiter)
    begins = 1
    try:
        for cells in reader:
            if reader.line_num - begins > _MOST_LINES:
                raise UserError(
                    f"{name}, line {begins}: a quotation mark is opened there and not closed; "
                    "export the table again, or save it as XLSX"
                )
            yield Row(begins, tuple(cell.strip().strip("\0\ufeff") for cell in cells))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise UserError(
            f"{name}, line {begins}: cannot be cut into cells ({error}); save it as XLSX"
        ) from None


def _named(cells: tuple[str, ...]) -> int:
    """How many columns a line names, where it may be a heading; else 0."""
    names = [plain(cell) for cell in cells if cell]
    may_be = (
        len(names) >= 2
        and all(len(one) <= 40 for one in names)
        and not any(stamps.is_stamp(one) for one in names)
        and any(_TIME.search(one) for one in names)
    )
    return len(names) if may_be else 0


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    found: list[str] = []
    for place, name in enumerate(names, 1):
        name = " ".join(plain(name).split()) or f"({place})"
        found.append(name if name not in found else f"{name} ({place})")
    return tuple(found)
