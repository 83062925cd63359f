"""A file as sheets, whatever its kind."""

from collections.abc import Sequence
from pathlib import Path
from typing import AnyStr

from noisetamer.base.errors import UserError
from noisetamer.sound.level_tables import encodings
from noisetamer.sound.level_tables.sheets import JOINT, Sheet

_ZIP, _OLD_EXCEL, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF"
_SOUND = (b"RIFF", b"RIFX", b"RF64", b"fLaC", b"OggS", b"ID3")

_HEAD = 1000
_MARKUP = (b"{", b"[", b"<")


def sheets_of(path: Path) -> list[Sheet]:
    """At least one. Raises UserError where the file is none of a table."""
    return sheets_in(path, encodings.read_bytes(path))


def sheets_in(path: Path, data: bytes) -> list[Sheet]:
    """The same of what was read already; path: its name, for sentences."""
    if data.startswith(_ZIP):
        from noisetamer.sound.level_tables import workbooks

        return workbooks.sheets(path, data)
    if data.startswith(_OLD_EXCEL):
        raise UserError(f"{path}: is an Excel file of before 2007; save it as .xlsx or CSV")
    if data.startswith(_PDF):
        raise UserError(f"{path}: is a PDF; export the table as CSV or XLSX")
    if data.startswith(_SOUND):
        raise UserError(f"{path}: is a sound file; give the meter's table of levels")
    if data.startswith((b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"SQLite format 3")):
        raise UserError(f"{path}: is an archive or database, no table; unpack or export it as CSV")
    plain = data.isascii() and b"\0" not in data  # else UTF-16, most of it
    if plain and not data[:_HEAD].lstrip().startswith(_MARKUP):
        return [Sheet("", _plain(data, (b"\r\n", b"\r", b"\n", JOINT.encode(), b" ")))]
    text = encodings.decoded(data)
    start = text[:_HEAD].lstrip("\ufeff \r\n\t").lower()
    if start.startswith(("{", "[")):
        from noisetamer.sound.level_tables import json_tables

        if sheets := json_tables.sheets(path, text):
            return sheets
    if start.startswith(("<!doctype", "<html", "<?xml")):
        raise UserError(f"{path}: is a web page or XML, no table; export it as CSV or XLSX")
    return [Sheet("", _plain(text, ("\r\n", "\r", "\n", JOINT, " ")))]


def _plain(text: AnyStr, signs: Sequence[AnyStr]) -> AnyStr:
    """Lines end in one sign, and none holds what joins the cells of other sheets."""
    both, back, line, joint, blank = signs
    if joint in text:
        text = text.replace(joint, blank)
    if back in text:
        text = text.replace(both, line).replace(back, line)
    return text
