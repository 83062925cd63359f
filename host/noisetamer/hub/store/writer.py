"""The store: one SQLite file, one writer. What `append` returned as stored is on the disk."""

import json
import logging
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from noisetamer.base import database
from noisetamer.hub.store import minutes
from noisetamer.hub.store.schema import SCHEMA
from noisetamer.hub.wire import Event, Record, Seconds, Status

REFUSED_KEPT = 1000

_log = logging.getLogger("noisetamer.hub")


class StoreError(Exception):
    """Nothing of the batch is stored. The message is one sentence: what and why."""


@dataclass(frozen=True)
class Refusal:
    """A message that could not be read, set aside with its reason."""

    subject: str
    reason: str
    body: bytes

    @property
    def unit(self) -> str:
        """Whose it is, by its subject; '' of a subject that is no unit's."""
        _, _, rest = self.subject.partition("dev.")
        return rest.partition(".")[0]


@dataclass(frozen=True)
class Ack:
    """Everything the unit can still have of that boot, up to and including seq, is stored."""

    unit: str
    boot: int
    seq: int


@dataclass(frozen=True)
class Stored:
    """What one batch did, in the order it came.

    fresh: records not known before; acks: also for duplicates; statuses: the newest of each unit
    is in the store; refused: set aside; received: the hub's own time, Unix s.
    """

    fresh: list[Record] = field(default_factory=list)
    acks: list[Ack] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    received: float = 0.0


class Store:
    """The one writer. Not thread-safe; readers open the file on their own (`queries`)."""

    def __init__(self, file: Path) -> None:
        """Open or create; an older file is brought to today's version.

        Raises StoreError when the file cannot be used, UserError when it is no store or newer.
        """
        self.file = file
        try:
            self._connection = sqlite3.connect(
                file, timeout=5, isolation_level=None, check_same_thread=False
            )
            # FULL: a commit is on the disk before the unit hears of it
            self._connection.execute("PRAGMA synchronous=FULL")
            database.migrate(self._connection, file, SCHEMA)
            self._connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.Error as error:
            raise StoreError(_sentence(file, error)) from None

    def append(self, received: float, reports: Iterable[Record | Status | Refusal]) -> Stored:
        """Store a batch in one transaction: all of it or nothing.

        received: the hub's own time, Unix s. Raises StoreError; then nothing may be acked.
        """
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            stored = self._write(received, reports)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise StoreError(_sentence(self.file, error)) from None
        return stored

    def close(self) -> None:
        """Close the file; every commit is on the disk already."""
        self._connection.close()

    def _write(self, received: float, reports: Iterable[Record | Status | Refusal]) -> Stored:
        stored = Stored(received=received)
        oldest: dict[tuple[str, int], int] = {}
        for report in reports:
            match report:
                case Seconds() | Event():
                    boot = report.unit, report.boot
                    oldest[boot] = max(oldest.get(boot, 1), report.oldest)
                    if self._add_record(received, report):
                        stored.fresh.append(report)
                case Status():
                    self._set_status(received, report)
                    stored.statuses.append(report)
                case Refusal():
                    self._set_aside(received, report)
                    stored.refused.append(report)
        self._fold([record for record in stored.fresh if isinstance(record, Seconds)])
        acks = [self._advance(*boot, held) for boot, held in oldest.items()]
        stored.acks.extend(ack for ack in acks if ack.seq)
        return stored

    def _add_record(self, received: float, record: Record) -> bool:
        """False when it is known already."""
        key = (record.unit, record.boot, record.seq)
        added = self._connection.execute(
            "INSERT INTO record VALUES(?,?,?,?,?,?) ON CONFLICT(unit, boot, seq) DO NOTHING",
            (*key, record.last, received, record.body),
        )
        if added.rowcount == 0:
            return False
        if isinstance(record, Event):
            self._connection.execute(
                "INSERT INTO event VALUES(?,?,?,?,?,?)",
                (*key, record.t, record.kind, json.dumps(record.fields)),
            )
        return True

    def _set_status(self, received: float, status: Status) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO status VALUES(?,?,?,?)",
            (status.unit, received, status.online, json.dumps(status.fields)),
        )

    def _set_aside(self, received: float, refusal: Refusal) -> None:
        added = self._connection.execute(
            "INSERT INTO refused(received, subject, reason, body) VALUES(?,?,?,?)",
            (received, refusal.subject, refusal.reason, refusal.body),
        )
        # bounded: a broken unit must not fill the disk with what nobody can read
        self._connection.execute(
            "DELETE FROM refused WHERE id <= ?", ((added.lastrowid or 0) - REFUSED_KEPT,)
        )

    def _fold(self, batches: list[Seconds]) -> None:
        """Write each minute touched once, however many records have seconds in it."""
        touched: dict[tuple[str, int], minutes.Minute] = {}
        for batch in batches:
            for number, first, columns in minutes.by_minute(batch):
                key = batch.unit, number
                if key not in touched:
                    touched[key] = self._minute(*key)
                minutes.put(touched[key], first, columns)
        self._connection.executemany(
            "INSERT OR REPLACE INTO minute VALUES(?,?,?,?,?,?,?)",
            [(*key, *minutes.blobs(minute)) for key, minute in touched.items()],
        )

    def _minute(self, unit: str, number: int) -> minutes.Minute:
        row = self._connection.execute(
            "SELECT LAeq, LAFmax, LCeq, LCpeak, flags FROM minute WHERE unit=? AND minute=?",
            (unit, number),
        ).fetchone()
        return minutes.from_blobs(row) if row else minutes.empty()

    def _advance(self, unit: str, boot: int, oldest: int) -> Ack:
        """Move the mark over every record that follows it without a gap.

        What the unit holds no more is not waited for: that gap shows as seconds not received.
        """
        row = self._connection.execute(
            "SELECT seq FROM acked WHERE unit=? AND boot=?", (unit, boot)
        ).fetchone()
        before = row[0] if row else 0
        after = max(before, oldest - 1)
        for (seq,) in self._connection.execute(
            "SELECT seq FROM record WHERE unit=? AND boot=? AND seq>? ORDER BY seq",
            (unit, boot, after),
        ):
            if seq != after + 1:
                break
            after = seq
        if after > before:
            self._connection.execute(
                "INSERT OR REPLACE INTO acked VALUES(?,?,?)", (unit, boot, after)
            )
        return Ack(unit, boot, after)


def _sentence(file: Path, error: sqlite3.Error) -> str:
    return (
        f"The store {file} cannot be written ({error}): free space or mend the folder; "
        "nothing is acknowledged until then, so the boxes keep their records."
    )
