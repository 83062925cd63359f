"""Levels out of the hub on the command line: `noisetamer export`."""

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from noisetamer.base import database
from noisetamer.base.errors import UserError
from noisetamer.base.zones import offset_text
from noisetamer.hub import registry
from noisetamer.hub.export import files, local_time
from noisetamer.hub.export.local_time import LocalTime
from noisetamer.hub.export.rows import COLUMNS, Asked, Row, rows, stretch
from noisetamer.hub.store.queries import Queries
from noisetamer.unit.policy import times

_SECONDS = {"1s": 1, "1min": 60, "1h": 3600}
_NEVER = 1 << 40


def add_options(parser: argparse.ArgumentParser) -> None:
    """Of `noisetamer export`."""
    parser.add_argument("file", type=Path, help="ending in .csv, .xlsx or .parquet")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the hub's")
    some = parser.add_mutually_exclusive_group()
    some.add_argument(
        "--unit", action="append", metavar="ID", help="this one only; again for more"
    )
    some.add_argument("--square", metavar="NAME", help="the units of this square only")
    parser.add_argument("--since", metavar="TIME", help="local time of the first row")
    parser.add_argument("--until", metavar="TIME", help="local time after the last row")
    parser.add_argument(
        "--every", choices=COLUMNS, default="1s", help="length of a row (default %(default)s)"
    )
    parser.add_argument(
        "--zone",
        default="+08:00",
        metavar="ZONE",
        help="of local times: +08:00 (default) or a name like Europe/Berlin",
    )


def run_command(arguments: argparse.Namespace) -> None:
    """Raises UserError for what the user can mend."""
    files.kind_of(arguments.file)
    store = arguments.data / "hub.sqlite"
    if not database.exists(store):
        raise UserError(
            f"{arguments.data}: is no data folder of a hub; give the one of its --data"
        )
    queries = Queries(store)
    asked = _asked(arguments)
    units = _units(queries, arguments)
    spans = {unit: span for unit in units if (span := stretch(queries, unit, asked))}
    if not spans:
        raise UserError(_nothing(queries, units, arguments.data, asked.local))
    total = sum(end - begin for begin, end in spans.values())
    most = total // _SECONDS[asked.every]
    if arguments.file.suffix.lower() == ".xlsx" and most >= files.SHEET_ROWS:
        raise UserError(
            f"{arguments.file}: would have {most:,} rows and a sheet of Excel holds "
            f"{files.SHEET_ROWS:,}: take a shorter time (--since, --until), longer rows "
            "(--every 1min), one unit (--unit), or write .csv or .parquet"
        )
    seen = _Seen()
    with _progress() as progress:
        task = progress.add_task(arguments.file.name, total=most)

        def all_rows() -> Iterator[Row]:
            for unit in spans:
                for number, row in enumerate(rows(queries, unit, asked)):
                    seen.add(row)
                    if number % 4096 == 0:
                        progress.update(task, completed=seen.rows)
                    yield row

        files.write(arguments.file, COLUMNS[asked.every], all_rows())
    print(_said(arguments.file, asked, spans, seen))


class _Seen:
    """Counts what goes by."""

    def __init__(self) -> None:
        self.rows = self.with_level = 0

    def add(self, row: Row) -> None:
        self.rows += 1
        self.with_level += row[3] is not None


def _asked(arguments: argparse.Namespace) -> Asked:
    local = LocalTime(local_time.zone(arguments.zone))
    since, until = (
        local.unix_time(times.moment(text)) if text else otherwise
        for text, otherwise in ((arguments.since, 0), (arguments.until, _NEVER))
    )
    if since >= until:
        raise UserError(f"--until {arguments.until}: is not after --since {arguments.since}")
    return Asked(since, until, arguments.every, local)


def _units(queries: Queries, arguments: argparse.Namespace) -> list[str]:
    """Those that are asked for."""
    there = queries.units()
    if arguments.unit:
        for unit in arguments.unit:
            if unit not in there:
                raise UserError(
                    f"--unit {unit}: {arguments.data} holds no seconds of it; "
                    f"of these it does: {', '.join(there) or 'none'}"
                )
        return list(dict.fromkeys(arguments.unit))
    if arguments.square is None:
        return there
    known = registry.registered(arguments.data / "units.sqlite")
    found = [unit.id for unit in known if unit.square == arguments.square]
    if not found:
        squares = sorted({unit.square for unit in known if unit.square})
        raise UserError(
            f'--square "{arguments.square}": this hub knows no unit of it; '
            f"its squares are: {', '.join(squares) or 'none'}"
        )
    return [unit for unit in found if unit in there]


def _nothing(queries: Queries, units: list[str], data: Path, local: LocalTime) -> str:
    spans = [span for unit in units if (span := queries.span(unit))]
    if not spans:
        return f"{data}: holds no second with a date of what was asked for"
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    return (
        f"{data}: holds nothing of the time that was asked for; it has "
        f"{_moment(first, local)} to {_moment(last, local)}"
    )


def _progress() -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} rows"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not sys.stderr.isatty(),
    )


def _said(file: Path, asked: Asked, spans: dict[str, tuple[int, int]], seen: _Seen) -> str:
    first = min(begin for begin, _ in spans.values())
    last = max(end for _, end in spans.values())
    of = ", ".join(spans) if len(spans) <= 4 else f"{len(spans)} units"
    return (
        f"{file}: {seen.rows:,} rows of {asked.every}, {of}, {_moment(first, asked.local)} to "
        f"{_moment(last, asked.local)}; {seen.with_level:,} with levels"
    )


def _moment(t: int, local: LocalTime) -> str:
    offset = local.offset(t)
    at = datetime.fromtimestamp(t, UTC) + timedelta(seconds=offset)
    return f"{at:%Y-%m-%d %H:%M:%S} {offset_text(offset)}"
