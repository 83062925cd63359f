"""The store: one SQLite file, one writer. What `append` returned as stored is on the disk."""

import json
import logging
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from noisetamer.base import database
from noisetamer.hub.store import (
    dating,
    day_files,
    day_packing,
    hour_packing,
    losses,
    minutes,
    refusals,
    roll_ups,
)
from noisetamer.hub.store.arrivals import Arrivals
from noisetamer.hub.store.chain import Chains
from noisetamer.hub.store.chain_findings import Finding
from noisetamer.hub.store.chain_unit import How, Keys, Told
from noisetamer.hub.store.days import Days
from noisetamer.hub.store.feed import Feed
from noisetamer.hub.store.marks import Marks
from noisetamer.hub.store.packed_day import DAY
from noisetamer.hub.store.past_days import PastRecords
from noisetamer.hub.store.recent import Recent
from noisetamer.hub.store.refusals import Kept, Refusal, Refusals, conflicting, unit_of
from noisetamer.hub.store.schema import SCHEMA
from noisetamer.hub.store.wal import spoilt_commits
from noisetamer.hub.wire import Event, Name, Record, RefusedError, Seconds, Status, read_report
from tamer.record import encoding
from tamer.record.reading import is_dated

READ_AGAIN_AT_ONCE = 256

Fence = Callable[[database.Connection], None]
"""Called in each transaction; raises where this hub may not write any more."""

_log = logging.getLogger("noisetamer.hub")


class StoreError(Exception):
    """Nothing of the batch is stored. The message is one sentence: what and why."""


@dataclass(frozen=True)
class Ack:
    """Everything the unit can still have of that boot, up to and including seq, is stored, if only
    as refused.
    """

    unit: str
    boot: int
    seq: int


@dataclass(frozen=True)
class Stored:
    """What one batch did, in the order it came.

    fresh: records not known before; acks: also for duplicates; statuses: the newest of each unit
    is in the store; refused: set aside, not known before; told: records that are set aside, those
    known before too: their units are to hear of it; turned_away: refused, and no room to keep it;
    dated: records that came without the time, now with it; chain: what was found wrong with units'
    chains; received: the hub's own time, Unix s.
    """

    fresh: list[Record] = field(default_factory=list)
    acks: list[Ack] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    told: list[Refusal] = field(default_factory=list)
    turned_away: list[Refusal] = field(default_factory=list)
    dated: list[Record] = field(default_factory=list)
    chain: list[Finding] = field(default_factory=list)
    received: float = 0.0


class _Added(Enum):
    """CONFLICT: it was not, another record has its name."""

    FRESH = "fresh"
    KNOWN = "known"
    CONFLICT = "conflict"


_HOW = {_Added.FRESH: How.FRESH, _Added.KNOWN: How.AGAIN, _Added.CONFLICT: How.SECOND}


class _Boot:
    """What one batch brings of one boot of a unit."""

    def __init__(self) -> None:
        self.highest = 0
        self.resent = False


class Store:
    """The one writer. Not thread-safe; readers open the file on their own (`queries`).

    last_alive: when an earlier hub proved that it lives, Unix s; restored: whether it was brought
    back from a backup, or mended, since.
    """

    def __init__(
        self,
        file: Path,
        keys: Keys = lambda unit: (),
        fence: Fence | None = None,
        owns: Callable[[str], bool] = lambda unit: True,
    ) -> None:
        """Open or create; an older file is brought to today's version. keys: of units' chains.

        Where several write a store on a server, each writes of its own units only (owns), and no
        longer than it may (fence).

        Raises StoreError when the file cannot be used, UserError when it is no store or newer.
        """
        self.file = file
        spoilt = _set_spoilt_log_aside(file)
        self._fence = fence
        self.owns = owns
        try:
            # a commit is on the disk before the unit hears of it
            self._connection = database.raw_opened(file, SCHEMA)
            self._days = Days(self._connection)
            row = self._connection.execute("SELECT at FROM alive").fetchone()
            self.last_alive: float | None = row and row[0]
            self._undated = {
                boot for boot in dating.undone(self._connection) if self.owns(boot[0])
            }
            # (unit, boot) that two lives of a unit have had
            self._past = PastRecords(self._connection)
            self._shared = refusals.conflicts(self._connection, self._past.body)
            if spoilt:
                losses.note_wound(self._connection, time.time(), spoilt)
            self.restored = any(
                wound.at > (self.last_alive or 0) for wound in losses.wounds(self._connection)
            )
        except database.Error as error:
            raise StoreError(_sentence(file, error)) from None
        self._refusals = Refusals(self._connection)
        self._marks = Marks(self._connection)
        self._chains = Chains(self._connection, keys)
        self._feed = Feed(self._connection)
        self._arrivals = Arrivals(self._connection, self._days)
        self._recent = Recent(self._connection)

    def append(self, received: float, reports: Iterable[Record | Status | Refusal]) -> Stored:
        """Store a batch in one transaction: all of it or nothing.

        received: the hub's own time, Unix s. Raises StoreError; then nothing may be acked.
        """
        reports = list(reports)
        self._make_room(received, reports)
        with self._transaction():
            return self._write(received, reports)

    def prove(self, at: float) -> bool:
        """Commit that the hub lives at this time, Unix s. Raises StoreError."""
        with self._transaction():
            self._connection.execute(
                "INSERT INTO alive VALUES(1, ?) ON CONFLICT(id) DO UPDATE SET at=excluded.at",
                (at,),
            )
        return True

    def hurt(self, at: float, what: str) -> None:
        """Note that from then on, Unix s, what was acknowledged before may be missing.

        Raises StoreError.
        """
        with self._transaction():
            losses.note_wound(self._connection, at, what)

    def pack(self, packed: day_packing.Packed) -> bool:
        """Put a day that is over in the place of its rows; False when something came to it
        meanwhile. Raises StoreError.
        """
        if not isinstance(packed, day_packing.PackedRecords):
            self._days.make_packed(packed.day)
        with self._transaction():
            self._past.forget()
            self._recent.forget()
            return day_packing.put(self._connection, packed)

    def pack_hours(self, packed: Iterable[hour_packing.PackedHour]) -> int:
        """Put hours that are over in the place of their rows; how many, as nothing came to them
        meanwhile. Raises StoreError.
        """
        with self._transaction():
            self._past.forget()
            return sum([hour_packing.put(self._connection, one) for one in packed])

    def let_go(self, before: int) -> int:
        """Of the room of days before one (since 1970) that are packed, or deleted; of how many.
        Raises StoreError. Only a store on a server has such room."""
        try:
            return self._days.let_go(before)
        except database.Error as error:
            raise StoreError(_sentence(self.file, error)) from None

    def sum_up(self, summed: Iterable[roll_ups.Summed]) -> int:
        """Put hours in place of what they were; how many. Raises StoreError."""
        with self._transaction():
            return roll_ups.put(self._connection, summed)

    def delete(self, exported: day_files.Exported, at: float) -> list[str]:
        """Delete a day that is kept elsewhere, of every unit to which nothing has come since;
        these units. at: Unix s. Raises StoreError.
        """
        with self._transaction():
            self._past.forget()
            self._recent.forget()
            deleted = day_files.delete(self._connection, exported, at, self._days.clear)
            for unit in deleted:
                self._feed.deleted(unit, exported.day)
            return deleted

    def reader(self) -> database.Connection:
        """A connection that only reads, for whoever works beside the writer, in any thread."""
        return database.reader(self.file)

    def close(self) -> None:
        """Close the file; every commit is on the disk already."""
        self._connection.close()

    def read_again(self, after: int) -> tuple[int, Stored]:
        """Store what an earlier hub refused and this one can read, some of it at a time.

        after: 0, then what the last call returned first; 0 again when all have been tried.
        Raises StoreError.
        """
        stored = Stored()
        told: list[Told] = []
        last, at = 0, 0.0
        with self._transaction():
            for last, at, subject, body in self._refusals.to_read_again(after, READ_AGAIN_AT_ONCE):
                if not self.owns(unit_of(subject)):
                    continue
                try:
                    report = read_report(subject, body)
                except RefusedError:
                    continue
                if isinstance(report, Seconds | Event):
                    added = self._add_record(at, report)
                    told.append(_told(report, added))
                    match added:
                        case _Added.CONFLICT:
                            self._refusals.mark_conflict(last)
                            continue
                        case _Added.FRESH:
                            stored.fresh.append(report)
                    self._refusals.drop(last)
            self._arrivals.write()
            self._date_and_fold(stored)
            stored.chain.extend(self._held_against_chains(at, told))
        return last, stored

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All of it or nothing. Raises StoreError."""
        try:
            with database.beside(self._connection):
                if self._fence:
                    self._fence(self._connection)
                yield
                self._feed.write()
        except BaseException as error:
            self._refusals.forget()
            self._marks.forget()
            self._past.forget()
            self._chains.forget()
            self._feed.forget()
            self._arrivals.forget()
            self._recent.forget()
            if isinstance(error, database.Error):
                raise StoreError(_sentence(self.file, error)) from None
            raise

    def _make_room(self, received: float, reports: Iterable[Record | Status | Refusal]) -> None:
        if self._days:
            ends = (one.last for one in reports if isinstance(one, Seconds) and is_dated(one.last))
            self._days.make(received or time.time(), {end // DAY for end in ends})

    def _write(self, received: float, reports: Iterable[Record | Status | Refusal]) -> Stored:
        stored = Stored(received=received)
        boots: dict[tuple[str, int], _Boot] = defaultdict(_Boot)
        told: list[Told] = []
        for report in reports:
            match report:
                case Seconds() | Event():
                    added = self._add_record(received, report)
                    told.append(_told(report, added))
                    match added:
                        case _Added.CONFLICT:
                            self._set_aside(received, conflicting(report), boots, stored)
                        case _:
                            if added is _Added.FRESH:
                                stored.fresh.append(report)
                            boot = boots[report.unit, report.boot]
                            boot.resent |= added is _Added.KNOWN
                            self._note(boot, report.unit, report, kept=True)
                case Status():
                    self._set_status(received, report)
                    stored.statuses.append(report)
                case Refusal():
                    if self._set_aside(received, report, boots, stored) is Kept.NEW:
                        told += _told_all_the_same(report)
        self._refusals.trim()
        self._arrivals.write()
        self._date_and_fold(stored)
        # after the events: some tell why records are missing
        stored.chain.extend(self._held_against_chains(received, told))
        for (unit, number), boot in boots.items():
            acknowledged = self._acknowledged(unit, number, boot)
            stored.acks.extend(Ack(unit, number, seq) for seq in acknowledged if seq > 0)
        self._marks.write()
        losses.note_holes(self._connection, received, self._marks.passed)
        self._marks.passed.clear()
        return stored

    def _held_against_chains(self, received: float, told: list[Told]) -> list[Finding]:
        """What is found wrong with them; whatever it is, they are stored and acknowledged."""
        try:
            return self._chains.take(received, told)
        except database.Error:
            raise
        except Exception:
            self._chains.forget()
            _log.exception("Records could not be held against their chains; they are stored.")
            return []

    def _add_record(self, received: float, record: Record) -> _Added:
        key = (record.unit, record.boot, record.seq)
        if (known := self._body(*key)) is not None:
            return _Added.KNOWN if known == record.body else _Added.CONFLICT
        self._arrivals.add(received, record)
        if record.seq <= self._marks.mark(record.unit, record.boot):
            self._feed.late(*key)
        if isinstance(record, Event):
            self._feed.event(received, record)
        return _Added.FRESH

    def _body(self, unit: str, boot: int, seq: int) -> bytes | None:
        """Of the record that has this name."""
        if (body := self._arrivals.body((unit, boot, seq))) is not None:
            return body
        if seq > self._marks.highest(unit, boot):
            return None
        row = self._connection.execute(
            "SELECT body FROM record WHERE unit=? AND boot=? AND seq=?", (unit, boot, seq)
        ).fetchone()
        return row[0] if row else self._past.body(unit, boot, seq)

    def _set_aside(
        self,
        received: float,
        refusal: Refusal,
        boots: dict[tuple[str, int], _Boot],
        stored: Stored,
    ) -> Kept:
        kept = self._refusals.keep(received, refusal)
        if kept is Kept.NEW:
            stored.refused.append(refusal)
        elif kept is Kept.FULL:
            stored.turned_away.append(refusal)
        name = refusal.name
        if name is None:
            return kept
        if self._body(refusal.unit, name.boot, name.seq) is not None:
            self._shared.add((refusal.unit, name.boot))
        boot = boots[refusal.unit, name.boot]
        boot.resent |= kept is Kept.KNOWN
        self._note(boot, refusal.unit, name, kept is not Kept.FULL)
        if kept is not Kept.FULL:
            stored.told.append(refusal)
        return kept

    def _note(self, boot: _Boot, unit: str, named: Record | Name, kept: bool) -> None:
        """A record of this boot has come."""
        boot.highest = max(boot.highest, named.seq)
        self._marks.told(unit, named.boot, named.seq, named.gone, kept)

    def _acknowledged(self, unit: str, number: int, boot: _Boot) -> list[int]:
        """What a unit is told of one boot: never more than is stored of what it told itself."""
        mark = self._marks.advance(unit, number)
        if (unit, number) in self._shared:
            return [min(mark, self._marks.chain(unit, number))]
        if boot.resent and boot.highest < mark:
            # A unit that has begun anew obeys no word beyond what it has sent since.
            return [boot.highest, mark]
        return [mark]

    def _set_status(self, received: float, status: Status) -> None:
        fields = status.fields
        if not status.online:
            # A last will knows nothing but that it is offline: in which boot it was stays known.
            before = self._connection.execute(
                "SELECT fields FROM status WHERE unit=?", (status.unit,)
            ).fetchone()
            fields = {**json.loads(before[0] if before else "{}"), **fields}
        self._connection.execute(
            "INSERT INTO status VALUES(?,?,?,?) ON CONFLICT(unit) DO UPDATE SET"
            " received=excluded.received, online=excluded.online, fields=excluded.fields",
            (status.unit, received, int(status.online), json.dumps(fields)),
        )
        self._feed.status(received, status)

    def _date_and_fold(self, stored: Stored) -> None:
        """Give what has come its date and its minutes, and what came before a date that it can
        have now.
        """
        fresh = {
            (record.unit, record.boot)
            for record in stored.fresh
            if not is_dated(record.t) or (isinstance(record, Event) and record.kind == "clock")
        }
        for boot in fresh | self._undated:
            found = dating.date(self._connection, boot)
            stored.dated.extend(found)
            if len(found) < dating.AT_ONCE:
                self._undated.discard(boot)
            else:
                self._undated.add(boot)
        events = [one for one in (*stored.fresh, *stored.dated) if isinstance(one, Event)]
        of_losses = {told for event in events if (told := dating.told_of(event))}
        of_losses |= {(one.unit, one.boot) for one in events if one.kind == "clock"}
        for boot in of_losses:
            stored.dated.extend(dating.date_losses(self._connection, boot))
        records = [*(record for record in stored.fresh if is_dated(record.t)), *stored.dated]
        seconds = [record for record in records if isinstance(record, Seconds)]
        self._fold(seconds, stored.received)

    def _fold(self, batches: list[Seconds], at: float) -> None:
        """Write each minute touched once, however many records have seconds in it."""
        touched: dict[tuple[str, int], minutes.Minute] = {}
        for batch in batches:
            for number, first, columns in minutes.by_minute(batch):
                key = batch.unit, number
                if key not in touched:
                    touched[key] = self._recent.minute(*key)
                minutes.put(touched[key], first, columns)
        self._recent.put(touched)
        roll_ups.touch(self._connection, touched, at)


def _told(record: Record, added: _Added) -> Told:
    event = (record.kind, record.fields) if isinstance(record, Event) else None
    name = record.unit, record.boot, record.seq
    links = record.gone[0], record.follows, record.link
    return Told(*name, record.last, *links, record.body, _HOW[added], event)


def _told_all_the_same(refusal: Refusal) -> Iterator[Told]:
    """The links of a record that cannot be read can be."""
    name = refusal.name
    if name is None:
        return
    try:
        opened = encoding.opened(refusal.body)
        t = encoding.head(opened.record).t
    except ValueError:
        return
    if opened.link:
        how = How.SECOND if refusal.conflict else How.FRESH
        links = name.gone[0], opened.follows, opened.link
        yield Told(refusal.unit, name.boot, name.seq, t, *links, opened.record, how)


def _set_spoilt_log_aside(file: Path) -> str:
    """What is lost of the write-ahead log, of which SQLite would say nothing; "" when it is whole.

    Raises StoreError.
    """
    log = file.with_name(file.name + "-wal")
    try:
        commits = spoilt_commits(log)
        if commits:
            kept = file.parent / "damaged" / f"{log.name}-{int(time.time())}"
            kept.parent.mkdir(mode=0o700, exist_ok=True)
            shutil.copyfile(log, kept)
            return f"the last {commits} commits cannot be read any more (the log: {kept.name})"
    except OSError as error:
        raise StoreError(f"The store {file} cannot be read ({error}).") from None
    return ""


def _sentence(file: Path, error: database.Error) -> str:
    if isinstance(error, database.ServerError):
        return (
            f"The store cannot be written ({error}): nothing is acknowledged until it can, so the "
            "boxes keep their records."
        )
    return (
        f"The store {file} cannot be written ({error}): free space or mend the folder; "
        "nothing is acknowledged until then, so the boxes keep their records."
    )
