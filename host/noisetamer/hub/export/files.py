"""Rows into a file: CSV, Excel or Parquet, never half of one under its name."""

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from noisetamer.base.errors import UserError
from noisetamer.base.output import writing
from noisetamer.hub.export.rows import Row

SHEET_ROWS = 1_048_576
"""Of a sheet of Excel, its heading included (Microsoft, "Excel specifications and limits")."""

_AT_ONCE = 16_384


def write(path: Path, columns: Sequence[str], rows: Iterator[Row]) -> int:
    """Write all rows, by the name's ending; how many there were.

    The file comes to its name when it is whole. Raises UserError.
    """
    kind = kind_of(path)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with writing(path):
            count = kind(draft, columns, rows)
            draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return count


def kind_of(path: Path) -> Callable[[Path, Sequence[str], Iterator[Row]], int]:
    """Who writes such a file. Raises UserError for another ending, or what is not installed."""
    ending = path.suffix.lower()
    if ending not in _KINDS:
        raise UserError(f"{path}: give it an ending that is known: .csv, .xlsx or .parquet")
    if ending == ".parquet":
        _arrow()
    return _KINDS[ending]


def csv_text(columns: Sequence[str], rows: Iterator[Row]) -> Iterator[str]:
    """A CSV file in pieces; the mark at its beginning tells Excel that it is UTF-8."""
    lines = _Lines()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(columns)
    yield "\ufeff"
    if "valid" in columns:
        rows = _as_logical(rows, columns.index("valid"))
    while some := list(islice(rows, _AT_ONCE)):
        writer.writerows(some)
        yield lines.taken()
    yield lines.taken()


def _as_logical(rows: Iterator[Row], at: int) -> Iterator[Row]:
    """As R, pandas and Excel all read truth; Python's own word not all of them do."""
    for row in rows:
        yield (*row[:at], "TRUE" if row[at] else "FALSE", *row[at + 1 :])


def _csv(path: Path, columns: Sequence[str], rows: Iterator[Row]) -> int:
    counted = _Counted(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(csv_text(columns, counted))
    return counted.count


def _xlsx(path: Path, columns: Sequence[str], rows: Iterator[Row]) -> int:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("levels")
    sheet.freeze_panes = "A2"
    sheet.column_dimensions["A"].width = 20
    sheet.append(columns)
    count = 0
    try:
        for time, *others in rows:
            cell = WriteOnlyCell(sheet, time)
            cell.number_format = "yyyy-mm-dd hh:mm:ss"
            sheet.append([cell, *(None if value == "" else value for value in others)])
            count += 1
    finally:
        # Its draft is a file of its own.
        sheet.close()
    book.save(path)
    return count


def _parquet(path: Path, columns: Sequence[str], rows: Iterator[Row]) -> int:
    pa, parquet = _arrow()
    few = pa.dictionary(pa.int32(), pa.string())
    types: dict[str, Any] = {"time": pa.timestamp("ms"), "valid": pa.bool_()}
    types |= dict.fromkeys(("utc_offset", "unit", "reason", "summed_up_by"), few)
    types |= dict.fromkeys(("valid_seconds", "seconds"), pa.int32())
    schema = pa.schema([(name, types.get(name, pa.float64())) for name in columns])
    count = 0
    with parquet.ParquetWriter(path, schema, compression="zstd") as file:
        while some := list(islice(rows, 4 * _AT_ONCE)):
            arrays = [
                pa.array(values, kind.value_type).dictionary_encode()
                if kind == few
                else pa.array(values, kind)
                for values, kind in zip(zip(*some, strict=True), schema.types, strict=True)
            ]
            file.write_table(pa.Table.from_arrays(arrays, schema=schema))
            count += len(some)
    return count


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise UserError(
            "Parquet needs pyarrow: pip install 'noisetamer[parquet]', or write a .csv"
        ) from None
    return pyarrow, parquet


_KINDS = {".csv": _csv, ".xlsx": _xlsx, ".parquet": _parquet}


class _Lines:
    """What csv.writer writes to."""

    def __init__(self) -> None:
        self._written: list[str] = []

    def write(self, line: str) -> None:
        self._written.append(line)

    def taken(self) -> str:
        text, self._written = "".join(self._written), []
        return text


class _Counted:
    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> "_Counted":
        return self

    def __next__(self) -> Row:
        row = next(self._rows)
        self.count += 1
        return row
