"""Complaints on the command line: `noisetamer complaints`."""

import argparse
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, tzinfo
from pathlib import Path

from noisetamer.base import database, zones
from noisetamer.base.counted import counted
from noisetamer.base.errors import UserError
from noisetamer.base.language import say
from noisetamer.hub.complaints import desk_import, desk_reading
from noisetamer.hub.complaints.complaint import SOURCES
from noisetamer.hub.complaints.complaints import FILE, Complaints
from noisetamer.hub.complaints.desk_import import Imported
from noisetamer.hub.complaints.desk_reading import COLUMNS, Reading
from noisetamer.hub.complaints.desk_tables import DeskTable, table_of
from noisetamer.hub.people.audit import COMMAND_LINE
from noisetamer.hub.people.people import note_command
from noisetamer.hub.registry import registered
from noisetamer.sound.level_tables.encodings import read_bytes

_PREVIEWED = 5


def add_options(parser: argparse.ArgumentParser) -> None:
    """Of the verb."""
    tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")
    importing = tasks.add_parser("import", help="a desk's export, CSV or XLSX, into the hub")
    importing.add_argument("file", type=Path, metavar="FILE")
    importing.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="WHAT=...",
        help="once a desk: time=COLUMN, clock, number, place, text likewise; SQUARE=WORD,WORD; "
        "SQUARE/SIDE=WORD; source=12345; otherwise=SQUARE; about=WORD,WORD; date_order=dmy",
    )
    importing.add_argument(
        "--zone", default="+08:00", metavar="ZONE", help="of the file's times (default +08:00)"
    )
    importing.add_argument("--preview", action="store_true", help="show it and keep nothing")
    forgetting = tasks.add_parser("forget", help="delete the words and the place of complaints")
    forgetting.add_argument("number", nargs="+", metavar="NUMBER", help="the desk's, the button's")
    forgetting.add_argument("--source", choices=SOURCES, required=True)
    for task in (importing, forgetting):
        task.add_argument("--data", type=Path, required=True, metavar="DIR", help="of the hub")


def run_command(arguments: argparse.Namespace) -> int:
    """0; 1 where something of a file cannot be read, or nothing has such a number. Raises
    UserError."""
    if not database.exists(arguments.data / "units.sqlite"):
        raise UserError(
            f"{arguments.data}: is no data folder of a hub; give the one of its --data"
        )
    with closing(Complaints(arguments.data / FILE)) as complaints:
        if arguments.task == "forget":
            return _forget(arguments, complaints)
        return _import(arguments, complaints)


def _import(arguments: argparse.Namespace, complaints: Complaints) -> int:
    zone = zones.zone(arguments.zone)
    if zone is None:
        raise UserError(
            f'--zone "{arguments.zone}": is no time zone known here; write it like +08:00, or '
            "Europe/Berlin"
        )
    units = registered(arguments.data / "units.sqlite")
    squares = list(dict.fromkeys(unit.square or unit.id for unit in units))
    table = table_of(str(arguments.file), read_bytes(arguments.file))
    kept = complaints.reading(table)
    if kept is None and not arguments.map:
        raise UserError(_asked(table, desk_reading.guessed(table, squares)))
    reading = _mapped(kept or desk_reading.guessed(table, squares), arguments.map, squares)
    reading = desk_reading.checked(reading, table, squares)
    found = desk_import.imported(table, reading, zone, time.time())
    clashing = []
    if arguments.preview:
        _show(table, found, zone)
    else:
        detail = {"rows": len(found.complaints), "source": reading.source}
        note_command(arguments.data, "complaints_imported", arguments.file.name, detail)
        clashing = complaints.clashing(found.complaints)
        new = complaints.add(found.complaints)
        complaints.keep_reading(table, reading, COMMAND_LINE.name)
        for one in clashing:
            print(say(f"number {one.number} is there with another time; left out"))
        already = len(found.complaints) - new
        print(say("{n} new, {of} were there", n=new, of=already))
    for became, faults in (("left out", found.faults), ("cut", found.cut)):
        for one in faults:
            what = say(f"{one.cell!r} {one.why}; {became}")
            place = f"{table.noun} {{n}}, {{column}}: {{what}}"
            print(say(place, n=one.row, column=one.column, what=what))
    if found.elsewhere:
        rows = counted(found.elsewhere, "1 row names", "{} rows name")
        print(say(f"{rows} none of the squares"))
    if found.other:
        rows = counted(found.other, "1 row is", "{} rows are")
        print(say(f"{rows} about something else"))
    return int(bool(found.faults or clashing))


def _asked(table: DeskTable, guess: Reading) -> str:
    columns = " ".join(f'--map "{what}={name}"' for what, name in guess.columns.items())
    words = " ".join(f'--map "{name}={name}"' for name in list(guess.squares)[:3])
    return (
        f"{table.name}: is of a desk that is new here; its columns are "
        f"{', '.join(table.headings)}. Say once what they mean, such as {columns} {words}"
    )


def _mapped(reading: Reading, asked: Sequence[str], squares: list[str]) -> Reading:
    """With what --map says. Raises UserError."""
    lines = []
    for one in asked:
        what, sign, value = one.partition("=")
        what, value = what.strip(), value.strip()
        if not sign:
            raise UserError(f"--map {one}: write WHAT=..., such as time=受理时间")
        if what in COLUMNS:
            columns = {**reading.columns, what: value}
            if not value:
                del columns[what]
            reading = replace(reading, columns=columns)
        elif what == "about":
            reading = replace(reading, about=desk_reading.listed(value))
        elif what == "source":
            reading = replace(reading, source=value)
        elif what == "otherwise":
            reading = replace(reading, otherwise=value)
        elif what == "date_order":
            reading = replace(reading, date_order=value)
        else:
            lines.append(one)
    if lines:
        before = desk_reading.words_of(reading)
        reading = desk_reading.with_words(reading, "\n".join([before, *lines]), squares)
    return reading


def _show(table: DeskTable, found: Imported, zone: tzinfo) -> None:
    for one in found.complaints[:_PREVIEWED]:
        at = datetime.fromtimestamp(one.at, zone)
        where = "/".join(filter(None, [one.square, one.side]))
        print(f"{at:%Y-%m-%d %H:%M} | {where} | {one.number} | {one.place} | {one.text[:60]}")
    rows = counted(len(found.complaints), "1 complaint", "{} complaints")
    print(say(f"{rows} in {table.name}; nothing was kept"))


def _forget(arguments: argparse.Namespace, complaints: Complaints) -> int:
    missing = 0
    for number in arguments.number:
        ids = complaints.numbered(arguments.source, number)
        if not ids:
            print(say(f"{number}: no complaint of {arguments.source} has this number"))
            missing += 1
            continue
        note_command(arguments.data, "complaint_forgotten", str(ids[0]), {})
        complaints.forget(ids)
        print(say(f"{number}: its words and its place are deleted"))
    return int(bool(missing))
