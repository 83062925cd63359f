"""Sheets of an Excel workbook (XLSX), its cells as text."""

import warnings
import zipfile
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.sound.level_tables.sheets import JOINT, Sheet

# Real ones have a dozen columns, or a hundred with bands.
_WIDEST = 400
_EXCEL_DAY_0 = datetime(1899, 12, 30)


def sheets(path: Path, data: bytes) -> list[Sheet]:
    """Those that hold anything. Raises UserError where it is no workbook."""
    import openpyxl

    try:
        with warnings.catch_warnings():
            # Of styles that a meter's software left out.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True)
            found = [_sheet(sheet) for sheet in book.worksheets]
    # openpyxl raises what its parsers raise: KeyError, ValueError, ParseError, ...
    except Exception as error:
        if not zipfile.is_zipfile(BytesIO(data)):
            raise UserError(f"{path}: is cut off or no Excel workbook; export it again") from None
        if holds := _other_files(data):
            raise UserError(f"{path}: is an archive of {holds}; unpack it") from None
        reason = str(error).partition("\n")[0][:100]
        raise UserError(
            f"{path}: is no Excel workbook that can be read ({reason}); save it as CSV"
        ) from None
    if not (found := [sheet for sheet in found if any(line.strip(JOINT) for line in sheet.lines)]):
        raise UserError(f"{path}: the workbook's sheets are empty; export the table again")
    return found


def _other_files(data: bytes) -> str:
    """Names, where it is an archive and no workbook."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return ""
    if not names or "[Content_Types].xml" in names:
        return ""
    return ", ".join(names[:3])[:100] + (", ..." if len(names) > 3 else "")


def _sheet(sheet) -> Sheet:
    # Some writers state a size of one cell; then only that one is read.
    sheet.reset_dimensions()
    lines = [
        JOINT.join(_text(value) for value in row[:_WIDEST])
        for row in sheet.iter_rows(values_only=True)
    ]
    return Sheet(str(sheet.title), "\n".join(lines), JOINT, "row")


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        # Excel counts days in floats: 18:59:59.9999 is 19:00:00.
        near = value + timedelta(microseconds=500)
        whole = near.replace(microsecond=near.microsecond // 1000 * 1000)
        return whole.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return (_EXCEL_DAY_0 + value).time().isoformat()
    return str(value).replace(JOINT, " ").replace("\n", " ").strip()
