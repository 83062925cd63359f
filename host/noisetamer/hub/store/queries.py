"""Reading the store: the last hour of a unit as arrays, its events, what it last said."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from noisetamer.base import database
from noisetamer.base.errors import UserError
from noisetamer.hub.store import chain_findings, condition, minutes, past_days, past_hours
from noisetamer.hub.store.chain_findings import Finding
from noisetamer.hub.store.condition import Condition
from noisetamer.hub.store.dating import is_dated_afterwards
from noisetamer.hub.store.hours import Hour, hour
from noisetamer.hub.store.minutes import Columns
from noisetamer.hub.store.schema import PAST_DAYS, PAST_HOURS, SCHEMA
from tamer.record import encoding
from tamer.record.reading import DATED_FROM, MISSING, OWN_VOICE, REASONS

HOUR = 3600


@dataclass(frozen=True)
class PastEvent:
    """One event as stored. t: Unix s, or undated; fields: as on the wire; dated_afterwards: its
    unit did not know the time yet.
    """

    t: int
    boot: int
    seq: int
    kind: str
    fields: dict[str, Any]
    dated_afterwards: bool = False

    @property
    def key(self) -> tuple[int, int]:
        """Events of a unit in the order they happened, whatever its clock did."""
        return self.boot, self.seq


@dataclass(frozen=True)
class News:
    """An event or a status, in the order in which the hub committed them.

    id: rising, never used twice; received: by the hub's clock, Unix s; kind: of the event,
    "status", or "deleted" of an event that is in the store no more; boot, seq: the event's name,
    None of a status; t: by the unit's own clock, Unix s or undated, with a date that was found
    afterwards where there is one; of a status, when it was said, None where it does not say (a
    last will); fields: as on the wire.
    """

    id: int
    received: float
    unit: str
    kind: str
    boot: int | None
    seq: int | None
    t: int | None
    fields: dict[str, Any]


@dataclass(frozen=True)
class Curve:
    """LAeq,1s of the seconds t0 .. t0+len-1, 0.1 dB, None where not valid.

    invalid: (first, last + 1, reason) of each stretch that is not valid, 'not received' too;
    own_voice: (first, levels, 0.1 dB) of each stretch in which the box itself is heard.
    """

    t0: int
    LAeq: list[int | None]
    invalid: list[tuple[int, int, str]]
    own_voice: list[tuple[int, list[int | None]]]


@dataclass(frozen=True)
class SetAside:
    """Reports that were set aside. received: when the newest came, Unix s by the hub's clock;
    reason: why.
    """

    count: int
    received: float
    reason: str


class Queries:
    """Reads beside the writer; each call opens the file for itself and sees whole commits."""

    def __init__(self, file: Path) -> None:
        """file: an existing store. Raises UserError when it is none, or of a newer hub."""
        self.file = file
        self._kept = threading.local()
        with database.told(file, SCHEMA), self._open() as connection:
            database.version_of(connection, file, SCHEMA)

    def policy(self, unit: str) -> tuple[str, int] | None:
        """(first digits of the hash, t) of the policy a unit last said it decides by."""
        with self._open() as connection:
            row = connection.execute(
                # as text: it is asked of years
                "SELECT fields, t FROM event WHERE unit=? AND kind IN ('boot', 'stage')"
                """ AND fields LIKE '%"policy": "%' ORDER BY boot DESC, seq DESC LIMIT 1""",
                (unit,),
            ).fetchone()
        return (json.loads(row[0])["policy"], row[1]) if row else None

    def present_boot(self, unit: str) -> int | None:
        """The boot that the unit said last it is in."""
        with self._open() as connection:
            return _present_boot(connection, unit)

    def latest(self, unit: str) -> tuple[tuple[int, int], int] | None:
        """((boot, seq), the unit's own time) of its newest record (not of the last to arrive)."""
        with self._open() as connection:
            row = _newest(connection, unit, "SELECT boot, seq, t FROM record WHERE unit=?")
        return ((row[0], row[1]), row[2]) if row else None

    def set_aside(self, unit: str, since: float, conflict: bool) -> SetAside | None:
        """What of a unit's reports was set aside since then (Unix s); None when nothing was.

        conflict: because another record has its name; else because it could not be read.
        """
        with self._open() as connection:
            row = connection.execute(
                "SELECT count(*) OVER (), received, reason FROM refused"
                " WHERE unit=? AND received>=? AND conflict=? ORDER BY id DESC LIMIT 1",
                (unit, since, int(conflict)),
            ).fetchone()
        return SetAside(*row) if row else None

    def undated(self, unit: str) -> dict[int, int]:
        """{boot: seconds of it that have no date}."""
        found: dict[int, int] = {}
        with self._open() as connection:
            for boot, body in connection.execute(
                # Named: else all records of the unit are read for the few without a date.
                "SELECT boot, body FROM record INDEXED BY record_undated"
                f" WHERE unit=? AND t<{DATED_FROM}",
                (unit,),
            ):
                if seconds := encoding.how_many(body):
                    found[boot] = found.get(boot, 0) + seconds
        return found

    def online(self) -> dict[str, bool]:
        """{unit: whether it is connected}, of every unit that ever was."""
        with self._open() as connection:
            return {
                unit: bool(online)
                for unit, online in connection.execute("SELECT unit, online FROM status")
            }

    def events(self, unit: str, count: int) -> list[PastEvent]:
        """The newest `count` events, oldest first."""
        with self._open() as connection:
            present = _present_boot(connection, unit)
            rows = []
            for condition in ("boot=?", "boot<>?"):
                rows += connection.execute(
                    "SELECT event.t, boot, seq, kind, fields, body FROM event JOIN record"
                    f" USING(unit, boot, seq) WHERE unit=? AND {condition}"
                    " ORDER BY boot DESC, seq DESC LIMIT ?",
                    (unit, -1 if present is None else present, count - len(rows)),
                )
        return [
            PastEvent(t, boot, seq, kind, json.loads(fields), is_dated_afterwards(t, body))
            for t, boot, seq, kind, fields, body in reversed(rows)
        ]

    def feed(self, after: int, most: int) -> list[News]:
        """What came after the one with this id, oldest first; after 0, from the first on.

        Whoever wants each exactly once keeps the id of the last beside what it did, in the same
        transaction. What an earlier hub stored before there was a feed is not in it.
        """
        with self._open() as connection:
            rows = connection.execute(
                "SELECT id, received, unit, feed.boot, feed.seq, status, kind, event.t, fields"
                " FROM feed LEFT JOIN event USING(unit, boot, seq) WHERE id>? ORDER BY id LIMIT ?",
                (after, most),
            ).fetchall()
        found = []
        for id, received, unit, boot, seq, status, kind, t, text in rows:
            if status is None:
                fields = json.loads(text or "{}")
                found.append(News(id, received, unit, kind or "deleted", boot, seq, t, fields))
            else:
                said = json.loads(status)
                found.append(News(id, received, unit, "status", None, None, said.get("t"), said))
        return found

    def feed_end(self) -> int:
        """The id of the newest in the feed; 0 where it is empty."""
        with self._open() as connection:
            return connection.execute("SELECT coalesce(max(id), 0) FROM feed").fetchone()[0]

    def last_hour(self, unit: str, replaced: Sequence[str] = ()) -> Curve | None:
        """The hour up to the unit's newest record, by its own clock; None before the first.

        replaced: units that stood in its place, whose seconds are shown where it has none.
        """
        found = self.last_seconds(unit, replaced)
        return curve_of(*found) if found else None

    def last_seconds(self, unit: str, replaced: Sequence[str] = ()) -> tuple[int, Columns] | None:
        """(the first second of it, LAeq and flags) of that hour: shape (2, n)."""
        with self._open() as connection:
            end = _last_second_of(connection, [unit, *replaced])
            if end is None:
                return None
            start = end - HOUR + 1
            return _from_the_first(start, _shown(connection, [unit, *replaced], start, HOUR))

    def hour_from(
        self, unit: str, start: int, replaced: Sequence[str] = (), length: int = HOUR
    ) -> Curve:
        """The hour from a Unix time on, or `length` s; replaced: as of `last_hour`."""
        with self._open() as connection:
            found = _shown(connection, [unit, *replaced], start, length)
            return curve_of(*_from_the_first(start, found))

    def hours(
        self,
        unit: str,
        count: int,
        utc_offset: float,
        replaced: Sequence[str] = (),
        until: int | None = None,
    ) -> list[Hour]:
        """The last `count` hours up to a Unix time, else to the unit's newest record, newest
        first, the one that runs too; an hour of which nothing is known is left out.

        utc_offset: of the clock that says where an hour begins, h; replaced: as of `last_hour`.
        """
        units = [unit, *replaced]
        with self._open() as connection:
            end = _last_second_of(connection, units) if until is None else until - 1
            if end is None:
                return []
            east = round(utc_offset * HOUR)
            newest = (end + east) // HOUR * HOUR - east
            oldest = newest - (count - 1) * HOUR
            columns = _columns_of(connection, units, oldest, count * HOUR)
            told: dict[int, list[dict[str, Any]]] = {}
            for one in units:
                for t, fields in _told_hours(connection, one, oldest, end + 1).items():
                    told.setdefault(t, []).extend(fields)
        found = [
            hour(t, columns[:, t - oldest : t - oldest + HOUR], told.get(t, []))
            for t in range(newest, oldest - 1, -HOUR)
        ]
        return [one for one in found if one]

    def conditions(self, units: Mapping[str, float]) -> dict[str, Condition]:
        """What units have told of their own condition. units: {unit: now, there, Unix s}."""
        with self._open() as connection:
            return {unit: condition.read(connection, unit, now) for unit, now in units.items()}

    def chain_alarms(self, now: float) -> dict[str, list[Finding]]:
        """What was found lately of units' chains: chain_findings.alarms."""
        with self._open() as connection:
            return chain_findings.alarms(connection, now)

    def units(self) -> list[str]:
        """Those of which there are seconds with a date. Raises UserError, as those below do."""
        found: set[str] = set()
        with self._read() as connection:
            for table in _tables(connection):
                rows = connection.execute(_units_of(connection, table))
                found.update(unit for (unit,) in rows)
        return sorted(found)

    def span(self, unit: str) -> tuple[int, int] | None:
        """(first, last + 1) of a unit's seconds with a date, Unix time; None when it has none."""
        with self._read() as connection:
            spans = [_span(connection, unit)]
            version = _version(connection)
            if version >= PAST_DAYS:
                spans.append(past_days.span(connection, unit))
            if version >= PAST_HOURS:
                spans.append(past_hours.span(connection, unit))
        found = [span for span in spans if span]
        return (min(a for a, _ in found), max(b for _, b in found)) if found else None

    def columns(self, unit: str, start: int, length: int) -> Columns:
        """Of `length` seconds from Unix time `start` on, those not received included."""
        with self._read() as connection:
            return _columns_of(connection, [unit], start, length)

    def told_hours(self, unit: str, since: int, until: int) -> dict[int, list[dict[str, Any]]]:
        """{begin of an hour: fields of the box's own `hour` events of it}, since <= begin < until.

        Unix time; of an hour there are several, when the box started anew in it.
        """
        with self._read() as connection:
            return _told_hours(connection, unit, since, until)

    def told(
        self, unit: str, since: int, until: int, kinds: Sequence[str] = ()
    ) -> list[PastEvent]:
        """All events of since <= t < until, Unix time, in the order of their times; only those of
        some kinds where any are named.
        """
        of_kinds = f" AND kind IN ({','.join('?' * len(kinds))})" if kinds else ""
        with self._read() as connection:
            rows = connection.execute(
                "SELECT t, boot, seq, kind, fields FROM event WHERE unit=? AND t>=? AND t<?"
                f"{of_kinds} ORDER BY t, boot, seq",
                (unit, since, until, *kinds),
            )
            return [
                PastEvent(t, boot, seq, kind, json.loads(fields))
                for t, boot, seq, kind, fields in rows
            ]

    def last_told(self, unit: str, kind: str, until: int) -> PastEvent | None:
        """The newest event of a kind with t < until, Unix time. kind: of condition.CARED."""
        with self._read() as connection:
            row = connection.execute(
                "SELECT t, boot, seq, kind, fields FROM event WHERE unit=? AND kind=? AND t>=?"
                f" AND t<? AND {condition.OF_CARE} ORDER BY t DESC LIMIT 1",
                (unit, kind, DATED_FROM, until),
            ).fetchone()
        if row is None:
            return None
        t, boot, seq, kind, fields = row
        return PastEvent(t, boot, seq, kind, json.loads(fields))

    def stage_before(self, unit: str, t: int) -> str:
        """The stage to which a unit went last before t, Unix time, within a day; "": none."""
        with self._read() as connection:
            row = connection.execute(
                "SELECT fields FROM event WHERE unit=? AND kind='stage'"
                " AND t>=? AND t<? ORDER BY t DESC, boot DESC, seq DESC LIMIT 1",
                (unit, t - 86_400, t),
            ).fetchone()
        return json.loads(row[0]).get("to", "") if row else ""

    @contextmanager
    def _read(self) -> Iterator[database.Connection]:
        """For whoever reads a store in which no hub need be at work. Raises UserError."""
        try:
            with database.told(self.file, SCHEMA), self._open() as connection:
                yield connection
        except ValueError as error:
            raise UserError(
                f"The {SCHEMA.name} {self.file} is damaged ({error}): take a copy that is not, "
                f"or name another with {SCHEMA.option}."
            ) from None

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """What this thread asks meanwhile goes by one connection: many questions, each of which
        would open the file, are answered in a tenth of the time."""
        with closing(database.reader(self.file)) as connection:
            self._kept.connection = connection
            try:
                yield
            finally:
                del self._kept.connection

    def _open(self) -> AbstractContextManager[database.Connection]:
        kept = getattr(self._kept, "connection", None)
        return closing(database.reader(self.file)) if kept is None else nullcontext(kept)


def _units_of(connection: database.Connection, table: str) -> str:
    """From one to the next: all their minutes need not be read."""
    if table == "past_minutes" and not isinstance(connection, sqlite3.Connection):
        # a row a day, and an index each: to read all is less
        return "SELECT DISTINCT unit FROM past_minutes"
    return (
        f"WITH RECURSIVE found(unit) AS (SELECT min(unit) FROM {table} UNION ALL"
        f" SELECT (SELECT min(unit) FROM {table} WHERE {table}.unit > found.unit)"
        " FROM found WHERE found.unit IS NOT NULL) SELECT unit FROM found WHERE unit IS NOT NULL"
    )


def _present_boot(connection: database.Connection, unit: str) -> int | None:
    row = connection.execute("SELECT fields FROM status WHERE unit=?", (unit,)).fetchone()
    return json.loads(row[0]).get("b") if row else None


def _newest(connection: database.Connection, unit: str, query: str) -> tuple[Any, ...] | None:
    """The newest row of a query for a unit's records: of the boot it is in, else of the highest.

    A board whose memory was lost, or that was flashed since, may count on from a lower number.
    """
    present = _present_boot(connection, unit)
    return (
        connection.execute(
            f"{query} AND boot=? ORDER BY seq DESC LIMIT 1", (unit, present)
        ).fetchone()
        or connection.execute(f"{query} ORDER BY boot DESC, seq DESC LIMIT 1", (unit,)).fetchone()
    )


def _last_second(connection: database.Connection, unit: str) -> int | None:
    """Of the newest record with a date that is no event: what follows it is still on the way, not
    missing.
    """
    row = _newest(
        connection,
        unit,
        f"SELECT t FROM record WHERE unit=? AND t>={DATED_FROM}"
        " AND NOT EXISTS (SELECT 1 FROM event WHERE"
        " event.unit=record.unit AND event.boot=record.boot AND event.seq=record.seq)",
    )
    return row[0] if row else None


def _last_second_of(connection: database.Connection, units: Sequence[str]) -> int | None:
    """Of the first of them that has any."""
    found = (_last_second(connection, unit) for unit in units)
    return next((t for t in found if t is not None), None)


def _told_hours(
    connection: database.Connection, unit: str, since: int, until: int
) -> dict[int, list[dict[str, Any]]]:
    # It is told when it is over, and may be told late.
    rows = connection.execute(
        "SELECT fields FROM event WHERE unit=? AND t>=? AND kind='hour'", (unit, since)
    )
    told: dict[int, list[dict[str, Any]]] = {}
    for (text,) in rows:
        fields = json.loads(text)
        if since <= fields["start"] < until:
            told.setdefault(fields["start"], []).append(fields)
    return told


def _span(connection: database.Connection, unit: str) -> tuple[int, int] | None:
    ends = []
    for order, place in (("ASC", 0), ("DESC", -1)):
        row = connection.execute(
            f"SELECT minute, flags FROM minute WHERE unit=? ORDER BY minute {order} LIMIT 1",
            (unit,),
        ).fetchone()
        if row is None:
            return None
        flags = np.frombuffer(row[1], "<u2")
        ends.append(60 * row[0] + int(np.flatnonzero(flags != minutes.NOT_RECEIVED)[place]))
    return ends[0], ends[1] + 1


def _version(connection: database.Connection) -> int:
    """A store that an older hub left may be read beside it."""
    return connection.execute("PRAGMA user_version").fetchone()[0]


def _tables(connection: database.Connection) -> tuple[str, ...]:
    tables = (("minute", 0), ("past_minutes", PAST_DAYS), ("past_hours", PAST_HOURS))
    version = _version(connection)
    return tuple(table for table, since in tables if version >= since)


def _columns_of(
    connection: database.Connection, units: Sequence[str], start: int, length: int
) -> Columns:
    """Those not received included: what is not received of one is the next one's."""
    return past_days.columns_of(connection, units, start, length, _version(connection))


def _shown(
    connection: database.Connection, units: Sequence[str], start: int, length: int
) -> Columns:
    """LAeq and flags, as `_columns_of`."""
    return _columns_of(connection, units, start, length)[[0, -1]]


def _from_the_first(start: int, found: Columns) -> tuple[int, Columns]:
    """Before its very first second a unit has nothing to be missing."""
    known = np.flatnonzero(found[-1] != minutes.NOT_RECEIVED)
    first = int(known[0]) if known.size else found.shape[1]
    return start + first, found[:, first:]


def curve_of(start: int, found: Columns) -> Curve:
    """Of seconds from Unix time `start` on. found: LAeq first, flags last."""
    levels, flags = found[0].tolist(), found[-1]
    borders = [0, *(np.flatnonzero(np.diff(flags)) + 1).tolist(), len(flags)]
    invalid, own_voice = [], []
    LAeq: list[int | None] = [*levels]
    for a, b in pairwise(borders):
        if a == b or flags[a] & 0x0F == 0:
            continue
        reason = minutes.reason(int(flags[a]))
        LAeq[a:b] = [None] * (b - a)
        invalid.append((start + a, start + b, reason))
        if reason == REASONS[OWN_VOICE]:
            heard = [None if level == MISSING else level for level in levels[a:b]]
            own_voice.append((start + a, heard))
    return Curve(start, LAeq, invalid, own_voice)
