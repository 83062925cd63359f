"""Seconds as they were stored: by the simulation (trace.jsonl) or by the hub (hub.sqlite)."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from noisetamer.base import database
from noisetamer.base.errors import UserError
from noisetamer.hub.store import minutes
from noisetamer.hub.store.schema import SCHEMA
from tamer.record.reading import MISSING, REASONS, Second

Stored = tuple[str, Second]
"""(unit, Second)"""

_FOREVER = 1 << 60


def seconds(
    data: Path, unit: str | None = None, since: int = 0, until: int | None = None
) -> Iterator[Stored]:
    """Every stored Second of since <= t < until, of one unit or of all.

    Those of a unit come in the order in which it told them. data: a trace.jsonl, a hub.sqlite,
    or a folder that has one of them. Raises UserError where there is none, or it is broken.
    """
    file = _file(data)
    read = _of_trace if file.suffix == ".jsonl" else _of_hub
    yield from read(file, unit, since, _FOREVER if until is None else until)


def _file(data: Path) -> Path:
    if data.is_dir():
        for name in ("trace.jsonl", "hub.sqlite"):
            if (data / name).is_file():
                return data / name
        raise UserError(
            f"{data}: has neither trace.jsonl nor hub.sqlite; give the folder of "
            "`noisetamer simulate --out` or of the hub"
        )
    if not data.is_file():
        raise UserError(f"{data}: there is no such file or folder; check its name")
    return data


def _of_trace(file: Path, unit: str | None, since: int, until: int) -> Iterator[Stored]:
    try:
        with file.open(encoding="utf-8") as rows:
            for number, row in enumerate(rows, 1):
                try:
                    line = json.loads(row)
                    if "LAeq" not in line or "t" not in line or "event" in line:
                        continue
                    second = _second(line)
                except (ValueError, KeyError, TypeError):
                    raise UserError(f"{file}:{number}: is no line of a trace") from None
                if since <= second.t < until and unit in (None, line["unit"]):
                    yield line["unit"], second
    except OSError as error:
        raise UserError(f"{file}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UserError(f"{file}: is not a trace (not UTF-8 text)") from None


def _second(line: dict[str, Any]) -> Second:
    def tenths(name: str) -> int:
        return MISSING if line[name] is None else round(line[name] * 10)

    return Second(
        t=int(line["t"]),
        LAeq=tenths("LAeq"),
        LAFmax=tenths("LAFmax"),
        LCeq=tenths("LCeq"),
        LCpeak=tenths("LCpeak"),
        flags=0 if line["valid"] else REASONS.index(line["reason"]),
    )


def _of_hub(file: Path, unit: str | None, since: int, until: int) -> Iterator[Stored]:
    try:
        # Read-only: the hub may be writing at the same time.
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as store:
            database.version_of(store, file, SCHEMA)
            rows = store.execute(
                "SELECT unit, minute, LAeq, LAFmax, LCeq, LCpeak, flags FROM minute"
                " WHERE (? IS NULL OR unit=?) AND minute BETWEEN ? AND ? ORDER BY unit, minute",
                (unit, unit, since // 60, min(until // 60, 1 << 40)),
            )
            for name, number, *stored in rows:
                columns = minutes.from_blobs(tuple(stored)).T.tolist()
                for t, column in enumerate(columns, number * 60):
                    if column[-1] != minutes.NOT_RECEIVED and since <= t < until:
                        yield name, Second(t, *column)
    except (sqlite3.Error, ValueError) as error:
        raise UserError(f"{file}: is no store of the hub ({error})") from None
