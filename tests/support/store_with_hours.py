"""How the hub stored seconds while it had hours of its own: frozen, to measure against.

From the last version that had the table `hour`: its schema and its way of writing, with nothing
left out but events, statuses and refusals.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from waiting import DEADLINE

MISSING = -32768
NOT_RECEIVED = 0xFFFF
LEVELS = ("LAeq", "LAFmax", "LCeq", "LCpeak")

_FLAGS = len(LEVELS)
_STORED = ("<i2",) * len(LEVELS) + ("<u2",)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS record(
  unit TEXT, boot INTEGER, seq INTEGER, t INTEGER NOT NULL, received REAL NOT NULL,
  body BLOB NOT NULL, PRIMARY KEY(unit, boot, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS acked(
  unit TEXT, boot INTEGER, seq INTEGER NOT NULL, PRIMARY KEY(unit, boot)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS minute(
  unit TEXT, minute INTEGER, LAeq BLOB NOT NULL, LAFmax BLOB NOT NULL, LCeq BLOB NOT NULL,
  LCpeak BLOB NOT NULL, flags BLOB NOT NULL, PRIMARY KEY(unit, minute)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hour(
  unit TEXT, hour INTEGER, LAeq REAL, LAFmax REAL, L10 REAL, L50 REAL, L90 REAL,
  valid INTEGER NOT NULL, received INTEGER NOT NULL, PRIMARY KEY(unit, hour)) WITHOUT ROWID;
"""

Minute = npt.NDArray[np.int32]


class Batch(NamedTuple):
    """Consecutive seconds, as the wire had them then. levels: {metric: [0.1 dB]}."""

    unit: str
    boot: int
    seq: int
    oldest: int
    t: int
    levels: dict[str, list[int]]
    flags: list[int]
    body: bytes


class StoreWithHours:
    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, timeout=DEADLINE, isolation_level=None)
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.executescript(_SCHEMA)

    def append(self, received: float, batches: Sequence[Batch]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        oldest: dict[tuple[str, int], int] = {}
        for batch in batches:
            boot = batch.unit, batch.boot
            oldest[boot] = max(oldest.get(boot, 1), batch.oldest)
            self._connection.execute(
                "INSERT INTO record VALUES(?,?,?,?,?,?) ON CONFLICT(unit, boot, seq) DO NOTHING",
                (*boot, batch.seq, batch.t + len(batch.flags) - 1, received, batch.body),
            )
        self._fold(batches)
        for boot, held in oldest.items():
            self._advance(*boot, held)
        self._connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()

    def _fold(self, batches: Sequence[Batch]) -> None:
        touched: dict[tuple[str, int], Minute] = {}
        for batch in batches:
            for number, second, column in _by_minute(batch):
                key = batch.unit, number
                if key not in touched:
                    touched[key] = self._minute(*key)
                _put(touched[key], second, column)
        for (unit, number), minute in touched.items():
            self._connection.execute(
                "INSERT OR REPLACE INTO minute VALUES(?,?,?,?,?,?,?)",
                (unit, number, *_blobs(minute)),
            )
        for unit, hour in {(unit, number // 60): None for unit, number in touched}:
            self._connection.execute(
                "INSERT OR REPLACE INTO hour VALUES(?,?,?,?,?,?,?,?,?)",
                (unit, hour, *astuple(_roll_up(self._hour(unit, hour)))),
            )

    def _minute(self, unit: str, number: int) -> Minute:
        row = self._connection.execute(
            "SELECT LAeq, LAFmax, LCeq, LCpeak, flags FROM minute WHERE unit=? AND minute=?",
            (unit, number),
        ).fetchone()
        return _from_blobs(row) if row else _empty()

    def _hour(self, unit: str, hour: int) -> list[Minute]:
        rows = self._connection.execute(
            "SELECT LAeq, LAFmax, LCeq, LCpeak, flags FROM minute"
            " WHERE unit=? AND minute BETWEEN ? AND ?",
            (unit, hour * 60, hour * 60 + 59),
        )
        return [_from_blobs(row) for row in rows]

    def _advance(self, unit: str, boot: int, oldest: int) -> None:
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


def _empty() -> Minute:
    minute = np.full((len(_STORED), 60), MISSING, np.int32)
    minute[_FLAGS] = NOT_RECEIVED
    return minute


def _blobs(minute: Minute) -> list[bytes]:
    return [row.astype(kind).tobytes() for row, kind in zip(minute, _STORED, strict=True)]


def _from_blobs(stored: tuple[bytes, ...]) -> Minute:
    return np.stack(
        [
            np.frombuffer(blob, kind).astype(np.int32)
            for blob, kind in zip(stored, _STORED, strict=True)
        ]
    )


def _by_minute(batch: Batch) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    columns = zip(*(batch.levels[metric] for metric in LEVELS), batch.flags, strict=True)
    for t, column in enumerate(columns, batch.t):
        yield t // 60, t % 60, column


def _put(minute: Minute, second: int, column: tuple[int, ...]) -> None:
    if _rank(column) > _rank(tuple(int(value) for value in minute[:, second])):
        minute[:, second] = column


def _rank(column: tuple[int, ...]) -> tuple[int, ...]:
    flags = column[_FLAGS]
    return (flags != NOT_RECEIVED, flags & 0x0F == 0, *column[:_FLAGS], -flags)


@dataclass(frozen=True)
class _Hour:
    LAeq: float | None
    LAFmax: float | None
    L10: float | None
    L50: float | None
    L90: float | None
    valid: int
    received: int


def _roll_up(minutes: list[Minute]) -> _Hour:
    everything = np.concatenate(minutes, axis=1)
    received = int(np.count_nonzero(everything[_FLAGS] != NOT_RECEIVED))
    valid = everything[:, (everything[_FLAGS] & 0x0F) == 0]
    if valid.shape[1] == 0:
        return _Hour(None, None, None, None, None, 0, received)
    LAeq = valid[0] / 10.0
    LAFmax = valid[1][valid[1] != MISSING]
    L10, L50, L90 = (float(level) for level in np.percentile(LAeq, (90, 50, 10)))
    return _Hour(
        LAeq=float(10.0 * np.log10(np.mean(10.0 ** (LAeq / 10.0)))),
        LAFmax=float(LAFmax.max()) / 10.0 if LAFmax.size else None,
        L10=L10,
        L50=L50,
        L90=L90,
        valid=valid.shape[1],
        received=received,
    )
