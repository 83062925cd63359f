"""Seconds as they were stored, and what the box told besides: by the simulation (trace.jsonl), by
the hub (hub.sqlite), or on a unit's own console.
"""

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

from noisetamer.base import database, json_text
from noisetamer.base.errors import UserError
from noisetamer.hub.store import minutes
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.schema import SCHEMA
from tamer.record.reading import DATED_FROM, MISSING, REASONS, Second, is_dated

Stored = tuple[str, Second]
"""(unit, Second)"""

Event = tuple[str, int, str, dict[str, Any]]
"""(unit, Unix time, kind, fields)"""

_FOREVER = 1 << 40
_DAY = 86400
_LEVELS = Second._fields[1:-1]
_SQLITE = b"SQLite format 3\0"


class Kind(Enum):
    """What a file holds. TABLE: levels of a meter or an office, or nothing that is known."""

    HUB = "hub"
    TRACE = "trace"
    CONSOLE = "console"
    TABLE = "table"


def seconds(
    data: Path, unit: str | None = None, since: int = 0, until: int | None = None
) -> Iterator[Stored]:
    """Every stored Second of since <= t < until, of one unit or of all.

    Those of a unit come in the order in which it told them. data: a trace.jsonl, a hub.sqlite,
    the lines of a console, or a folder that has one of the first two. Raises UserError where there
    is none, or it is broken.
    """
    file, kind = find(data)
    until = _FOREVER if until is None else until
    if kind is Kind.HUB:
        yield from _of_hub(file, unit, since, until)
        return
    if kind is Kind.TABLE:
        raise UserError(
            f"{file}: is no store of the hub, no trace of a simulation, no console's lines; give "
            "one of these or a table of levels"
        )
    for number, line in _lines(file):
        found = _second(file, kind, number, line)
        if found and since <= found[1].t < until and unit in (None, found[0]):
            yield found


def events(
    data: Path, unit: str | None = None, since: int = 0, until: int | None = None
) -> Iterator[Event]:
    """What the boxes told of themselves in that time, if it has a date. Raises UserError as
    `seconds` does.
    """
    file, kind = find(data)
    since = max(since, DATED_FROM)
    until = _FOREVER if until is None else until
    if kind is Kind.HUB:
        queries = Queries(file)
        for name in queries.units():
            if unit in (None, name):
                for event in queries.told(name, since, until):
                    yield name, event.t, event.kind, event.fields
        return
    name, key = (None, "event") if kind is Kind.TRACE else (_console(file), "kind")
    for _, line in _lines(file, f'"{key}"'):
        t, event, of = line.get("t"), line.get(key), name or line.get("unit")
        if not isinstance(t, int) or not isinstance(event, str):
            continue
        if since <= t < until and unit in (None, of):
            yield str(of), t, event, line


def find(data: Path) -> tuple[Path, Kind]:
    """The file that is meant, and what it holds. Raises UserError where there is none."""
    if data.is_dir():
        if (data / "trace.jsonl").is_file():
            return data / "trace.jsonl", _kind(data / "trace.jsonl")
        if _is_hub(data / "hub.sqlite"):
            return data / "hub.sqlite", Kind.HUB
        raise UserError(
            f"{data}: has neither trace.jsonl nor hub.sqlite; give the folder of "
            "`noisetamer simulate --out` or of the hub"
        )
    if data.is_file():
        return data, _kind(data)
    if _is_hub(data):
        return data, Kind.HUB
    raise UserError(f"{data}: there is no such file or folder; check its name")


def _is_hub(file: Path) -> bool:
    """Whether there is such a store, a file or on the server of its folder. Raises UserError."""
    with database.told(file, SCHEMA):
        return file.suffix == ".sqlite" and database.exists(file)


def _kind(file: Path) -> Kind:
    try:
        with file.open("rb") as opened:
            head = opened.read(1 << 16)
    except OSError as error:
        raise UserError(f"{file}: cannot be read: {error.strerror or error}") from None
    if head.startswith(_SQLITE) or file.suffix == ".sqlite":
        return Kind.HUB
    for row in head.splitlines():
        try:
            line = json_text.loads(row)
        except ValueError:
            continue
        if isinstance(line, dict) and "t" in line:
            if "unit" in line:
                return Kind.TRACE
            if "flags" in line or "kind" in line:
                return Kind.CONSOLE
    return Kind.TRACE if file.suffix == ".jsonl" else Kind.TABLE


def _lines(file: Path, having: str = "") -> Iterator[tuple[int, dict[str, Any]]]:
    """(number, line) of each that is an object; {} of what is none."""
    try:
        with file.open(encoding="utf-8") as rows:
            for number, row in enumerate(rows, 1):
                if having in row:
                    try:
                        line = json_text.loads(row)
                    except ValueError:
                        line = None
                    yield number, line if isinstance(line, dict) else {}
    except OSError as error:
        raise UserError(f"{file}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UserError(f"{file}: is not a trace (not UTF-8 text)") from None


def _second(file: Path, kind: Kind, number: int, line: dict[str, Any]) -> Stored | None:
    """None where a line is something else; a console says other things between."""
    try:
        if kind is Kind.CONSOLE:
            if "LAeq" not in line or "kind" in line or not is_dated(line["t"]):
                return None
            levels = [MISSING if line.get(name) is None else int(line[name]) for name in _LEVELS]
            return _console(file), _checked(int(line["t"]), levels, int(line["flags"]))
        if line and ("LAeq" not in line or "t" not in line or "event" in line):
            return None
        tenths = [MISSING if line[name] is None else round(line[name] * 10) for name in _LEVELS]
        flags = 0 if line["valid"] else REASONS.index(line["reason"])
        return str(line["unit"]), _checked(int(line["t"]), tenths, flags)
    except (ValueError, KeyError, TypeError, OverflowError):
        what = "a console" if kind is Kind.CONSOLE else "a trace"
        raise UserError(f"{file}:{number}: is no line of {what}") from None


def _checked(t: int, levels: list[int], flags: int) -> Second:
    """Raises ValueError for what no box can say."""
    if not 0 <= t < _FOREVER or max(map(abs, levels)) > -MISSING or not 0 <= flags <= 0xFFFF:
        raise ValueError
    return Second._make((t, *levels, flags))


def _console(file: Path) -> str:
    """The name of a unit that does not say its own."""
    return file.stem


def _of_hub(file: Path, unit: str | None, since: int, until: int) -> Iterator[Stored]:
    # Read-only, and a day at a time: the hub may be writing.
    queries = Queries(file)
    for name in queries.units():
        span = queries.span(name) if unit in (None, name) else None
        if span is None:
            continue
        begin, end = max(since, span[0]), min(until, span[1])
        for start in range(begin, end, _DAY):
            columns = queries.columns(name, start, min(_DAY, end - start))
            for t, column in enumerate(columns.T.tolist(), start):
                if column[-1] != minutes.NOT_RECEIVED:
                    yield name, Second(t, *column)
