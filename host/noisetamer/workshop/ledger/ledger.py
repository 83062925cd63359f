"""The ledger: every step of every unit, and which board has which serial."""

import datetime
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from noisetamer.base import database, json_text
from noisetamer.base.errors import UserError
from noisetamer.workshop.ledger import schema
from noisetamer.workshop.ledger.serials import Batch, batch_of

# A board that was refused before it got a serial is entered under this.
NO_SERIAL = ""

# More than a board can have had since the last number it was given: half a year of one a second.
_MANY_BOOTS = 1 << 24

BEGUN, PASSED, FAILED = "begun", "passed", "failed"


@dataclass(frozen=True)
class Entry:
    """One line of the log. at: UTC, ISO 8601; outcome: begun, passed, failed, or a step's own."""

    at: str
    serial: str
    step: str
    outcome: str
    facts: dict[str, Any]


@dataclass(frozen=True)
class EnrolledUnit:
    """A board that has a serial. secrets: sealed (vault.py); replaces: the unit it stands for."""

    serial: str
    mac: str
    at: str
    claim: str
    secrets: bytes = field(repr=False)
    replaces: str | None


@dataclass(frozen=True)
class KeptChainKey:
    """A key of a unit's chain. at: since when; first_link: in hex; sealed: empty of the first."""

    at: str
    fingerprint: str
    first_link: str
    sealed: bytes = field(repr=False)


def utc_now() -> datetime.datetime:
    """Aware of its zone."""
    return datetime.datetime.now(datetime.UTC)


class Ledger:
    """Rows are added, never changed. Safe for threads; one writing process at a time."""

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        lock: sqlite3.Connection | None,
        now: Callable[[], datetime.datetime],
    ) -> None:
        self.path = path
        self._connection = connection
        self._lock = lock
        self._now = now
        self._turn = threading.Lock()

    @classmethod
    def open(cls, path: Path, now: Callable[[], datetime.datetime] = utc_now) -> Self:
        """For writing; made when it is not there. Raises UserError while another run writes."""
        lock = schema.lock(path)
        try:
            return cls(path, schema.opened(path, writing=True), lock, now)
        except BaseException:
            lock.close()
            raise

    @classmethod
    def open_existing(cls, path: Path) -> Self:
        """For writing, but never made: a new one would know nothing of any unit. Raises
        UserError.
        """
        cls.read(path).close()
        return cls.open(path)

    @classmethod
    def read(cls, path: Path) -> Self:
        """For looking only, also while another run writes. Raises UserError."""
        return cls(path, schema.opened(path, writing=False), None, utc_now)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Another run may write from then on."""
        self._connection.close()
        if self._lock:
            self._lock.close()

    def record(self, serial: str, step: str, outcome: str, facts: dict[str, Any]) -> None:
        """Add a line; on the disk when this returns. facts: JSON, never a secret."""
        body = json.dumps(facts, ensure_ascii=False, sort_keys=True)
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO entry(at, serial, step, outcome, facts) VALUES(?,?,?,?,?)",
                (self._at(), serial, step, outcome, body),
            )

    def history(self, serial: str, step: str | None = None) -> list[Entry]:
        """A unit's lines, or those of one step, oldest first."""
        rows = self._rows(
            "SELECT at, serial, step, outcome, facts FROM entry "
            "WHERE serial = ? AND (?2 IS NULL OR step = ?2) ORDER BY id",
            (serial, step),
        )
        return self._entries(rows)

    def step(self, step: str) -> list[Entry]:
        """The lines of one step of all units, oldest first."""
        rows = self._rows(
            "SELECT at, serial, step, outcome, facts FROM entry WHERE step = ? ORDER BY id",
            (step,),
        )
        return self._entries(rows)

    def serials(self, batch: Batch | None = None) -> list[str]:
        """Every serial ever given, or those of one batch, in their order."""
        return [unit.serial for unit in self.units(batch)]

    def units(self, batch: Batch | None = None) -> list[EnrolledUnit]:
        """Every unit, or those of one batch, in the order of their serials."""
        wanted = None if batch is None else str(batch)
        rows = self._rows(
            "SELECT serial, mac, at, claim, secrets, replaces FROM unit "
            "WHERE ?1 IS NULL OR batch = ?1 ORDER BY batch, counter",
            (wanted,),
        )
        return [EnrolledUnit(*row) for row in rows]

    def unit(self, serial: str) -> EnrolledUnit:
        """Raises UserError for a serial that was never given."""
        unit = self._unit("serial = ?", serial)
        if unit is None:
            batch_of(serial)
            raise UserError(
                f"No unit {serial} is in the ledger {self.path}: see 'noisetamer ledger units'."
            )
        return unit

    def unit_with(self, mac: str) -> EnrolledUnit | None:
        """The unit of this board ("24:0a:c4:00:00:01"); None where it has no serial."""
        return self._unit("mac = ?", mac)

    def successor(self, serial: str) -> EnrolledUnit | None:
        """The unit that stands in this one's place; its secrets are then revoked."""
        return self._unit("replaces = ?", serial)

    def enrol(
        self,
        mac: str,
        batch: Batch,
        claim: str,
        seal: Callable[[str], bytes],
        replaces: str | None = None,
    ) -> EnrolledUnit:
        """The unit of this board; given the batch's next serial when it has none yet.

        mac: "24:0a:c4:00:00:01"; seal: makes the sealed secrets for a serial; replaces: the
        serial whose place it takes. Raises UserError.
        """
        with self._writing() as connection:
            unit = self._select(connection, "mac = ?", mac)
            if unit is None:
                (last,) = connection.execute(
                    "SELECT coalesce(max(counter), 0) FROM unit WHERE batch = ?", (str(batch),)
                ).fetchone()
                taken = self._select(connection, "replaces = ?", replaces) if replaces else None
                if taken:
                    raise UserError(
                        f"{replaces} has been replaced already: replace {taken.serial}, which did."
                    )
                serial = batch.serial(last + 1)
                connection.execute(
                    "INSERT INTO unit VALUES(?,?,?,?,?,?,?,?)",
                    (serial, str(batch), last + 1, mac, self._at(), claim, seal(serial), replaces),
                )
                unit = self._select(connection, "mac = ?", mac)
                assert unit
        if replaces and unit.replaces != replaces:
            raise UserError(
                f"This board is {unit.serial} already: take a new one to replace {replaces}."
            )
        return unit

    def first_boot(self, serial: str) -> int:
        """What the boots of a unit's new or erased board are to be counted from: Unix time.

        A boot takes more than a second, so that no count from an earlier time comes this far. A
        clock that is behind what was given before (facts "boot") gives a number far above that.
        """
        given = [entry.facts.get("boot", 0) for entry in self.history(serial)]
        now, last = int(self._now().timestamp()), max(given, default=0)
        return now if now > last else last + _MANY_BOOTS

    def keep_setup(self, serial: str, sealed: bytes) -> None:
        """What a unit was set up with: square, Wi-Fi, hub and policy, sealed."""
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO setup(at, serial, sealed) VALUES(?,?,?)", (self._at(), serial, sealed)
            )

    def setup(self, serial: str) -> bytes | None:
        """The newest one of a unit."""
        rows = self._rows(
            "SELECT sealed FROM setup WHERE serial = ? ORDER BY id DESC LIMIT 1", (serial,)
        )
        return rows[0][0] if rows else None

    def keep_chain_key(self, serial: str, mark: str, first_link: str, sealed: bytes) -> None:
        """A key of a unit's chain, by its fingerprint."""
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO chain_key(at, serial, fingerprint, first_link, sealed)"
                " VALUES(?,?,?,?,?)",
                (self._at(), serial, mark, first_link, sealed),
            )

    def chain_keys(self, serial: str) -> list[KeptChainKey]:
        """Those of a unit, oldest first; none of one from before they were written down."""
        rows = self._rows(
            "SELECT at, fingerprint, first_link, sealed FROM chain_key WHERE serial = ?"
            " ORDER BY id",
            (serial,),
        )
        return [KeptChainKey(*row) for row in rows]

    def hold_image(self, name: str, sha256: str) -> None:
        """Remember the hash of an image at its first use; raise UserError if it is another."""
        held = self._held("image", "sha256", "name = ?", name)
        if held is None:
            with self._writing() as connection:
                connection.execute("INSERT INTO image VALUES(?,?,?)", (name, self._at(), sha256))
        elif held != sha256:
            raise UserError(
                f"This is not the {name} that was used first (SHA-256 {sha256[:16]}..., then "
                f"{held[:16]}...): download it again from micropython.org."
            )

    def hold_key(self, fingerprint: str, file: Path) -> None:
        """Remember which key seals the secrets; raise UserError if it is another."""
        held = self.key
        if held is None:
            with self._writing() as connection:
                connection.execute("INSERT INTO key VALUES(1, ?)", (fingerprint,))
        elif held != fingerprint:
            raise UserError(
                f"{file} is not the key of the ledger {self.path}: name the right one with --key."
            )

    @property
    def key(self) -> str | None:
        """The fingerprint of the key that seals the secrets; None before the first was sealed."""
        return self._held("key", "fingerprint", "id = ?", 1)

    def want(self, batch: Batch, units: int) -> None:
        """How many units a batch is to have; the newest word counts."""
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO wanted(at, batch, units) VALUES(?,?,?)",
                (self._at(), str(batch), units),
            )

    def wanted(self, batch: Batch) -> int | None:
        """How many units a batch is to have; None where nobody said."""
        return self._held("wanted", "units", "batch = ? ORDER BY id DESC LIMIT 1", str(batch))

    def _held(self, table: str, column: str, where: str, value: object) -> Any:
        rows = self._rows(f"SELECT {column} FROM {table} WHERE {where}", (value,))
        return rows[0][0] if rows else None

    def _unit(self, where: str, value: str) -> EnrolledUnit | None:
        with self._turn, schema.ledger_errors(self.path):
            return self._select(self._connection, where, value)

    @staticmethod
    def _select(connection: sqlite3.Connection, where: str, value: str) -> EnrolledUnit | None:
        row = connection.execute(
            f"SELECT serial, mac, at, claim, secrets, replaces FROM unit WHERE {where}", (value,)
        ).fetchone()
        return EnrolledUnit(*row) if row else None

    def _rows(self, question: str, values: tuple[object, ...]) -> list[Any]:
        with self._turn, schema.ledger_errors(self.path):
            return self._connection.execute(question, values).fetchall()

    def _entries(self, rows: list[Any]) -> list[Entry]:
        try:
            return [_entry(*row) for row in rows]
        except ValueError:
            raise schema.LedgerError(
                database.damaged(self.path, schema.SCHEMA, "an entry is no JSON")
            ) from None

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or nothing."""
        with (
            self._turn,
            schema.ledger_errors(self.path),
            database.transaction(self._connection),
        ):
            yield self._connection

    def _at(self) -> str:
        return self._now().strftime("%Y-%m-%dT%H:%M:%SZ")


def _entry(at: str, serial: str, step: str, outcome: str, facts: str) -> Entry:
    return Entry(at, serial, step, outcome, json_text.loads(facts))
