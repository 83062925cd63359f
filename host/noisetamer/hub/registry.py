"""The registry: which units may report to this hub, and each one's secret."""

import re
import secrets
import time
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from noisetamer.base import database
from noisetamer.base.database import Schema
from noisetamer.base.errors import UserError
from tamer.record.seal import fingerprint

UNIT_ID = re.compile(r"[A-Z0-9-]{1,24}")
SIMULATED = "SIM-"
# From this version on a registry has the keys of chains.
CHAIN_KEYS = 3
_GONE = 4

SCHEMA = Schema(
    name="registry of the hub",
    application=0x4E54554E,  # NTUN
    option="--data",
    # Before version 1 a registry carried no number: its tables may be there already.
    from_before=frozenset({"unit"}),
    steps=(
        (
            """CREATE TABLE IF NOT EXISTS unit(
              id TEXT PRIMARY KEY, name TEXT NOT NULL, square TEXT NOT NULL, secret TEXT NOT NULL
              ) WITHOUT ROWID""",
            # What a unit has besides its secret.
            """CREATE TABLE IF NOT EXISTS unit_keys(
              id TEXT PRIMARY KEY, chain TEXT NOT NULL, command TEXT NOT NULL, claim TEXT NOT NULL
              ) WITHOUT ROWID""",
        ),
        # Its successor has its place on the page, and shows its history.
        ("CREATE TABLE replaced(id TEXT PRIMARY KEY, successor TEXT NOT NULL) WITHOUT ROWID",),
        (
            # Keys of a unit's chain, in the order in which it has had them. They stay when the
            # unit is revoked (revoked: when, Unix s): what it told is checked again later.
            """CREATE TABLE chain_key(
              id TEXT, number INTEGER, key TEXT NOT NULL, revoked REAL, PRIMARY KEY(id, number)
              ) WITHOUT ROWID""",
            "INSERT INTO chain_key SELECT id, 0, chain, NULL FROM unit_keys WHERE chain<>''",
            "ALTER TABLE unit_keys DROP COLUMN chain",
        ),
        # Where units stood that were revoked: what they told is evidence of that square still.
        (
            """CREATE TABLE gone(
              id TEXT PRIMARY KEY, name TEXT NOT NULL, square TEXT NOT NULL) WITHOUT ROWID""",
        ),
    ),
)


@dataclass(frozen=True)
class Unit:
    """One box. secret: its broker password, 256 random bits (stored: the broker needs it);
    replaced: those that stood in its place before it, the newest first.
    """

    id: str
    name: str
    square: str
    secret: str
    replaced: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Square and name, as people know them; "" where neither is known."""
        return " ".join(filter(None, (self.square, self.name)))

    @property
    def simulated(self) -> bool:
        """Whether it is computed: then the page says so."""
        return self.id.startswith(SIMULATED)


@dataclass(frozen=True)
class UnitKeys:
    """chain: signs its record; command: proves that an order is the hub's; claim: on its label;
    newer: keys of its chain that it was given since, in their order.
    """

    chain: str = field(repr=False)
    command: str = field(repr=False)
    claim: str
    newer: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class ChainKey:
    """revoked: since when nothing by this key counts any more, Unix s; None: it counts."""

    key: str = field(repr=False)
    revoked: float | None

    @cached_property
    def fingerprint(self) -> str:
        return fingerprint(self.key)


def chain_keys(file: Path) -> dict[str, tuple[ChainKey, ...]]:
    """As `Units.chain_keys`, of a registry that is only read; none where there is no file, or one
    of an older hub. Raises UserError where the file is no registry.
    """
    if not database.exists(file):
        return {}
    with database.told(file, SCHEMA), database.untouched(file) as connection:
        if database.version_of(connection, file, SCHEMA) < CHAIN_KEYS:
            return {}
        return _chain_keys(connection)


def registered(file: Path) -> list[Unit]:
    """Every unit in a registry, by id, which is only read; none where there is no file.

    Raises UserError where the file is no registry.
    """
    if not database.exists(file):
        return []
    with database.told(file, SCHEMA), database.untouched(file) as connection:
        version = database.version_of(connection, file, SCHEMA)
        return _all(connection, version)


def gone(file: Path) -> list[Unit]:
    """Every unit that was revoked and is not here again, as `registered`; without a secret."""
    if not database.exists(file):
        return []
    with database.told(file, SCHEMA), database.untouched(file) as connection:
        if database.version_of(connection, file, SCHEMA) < _GONE:
            return []
        rows = connection.execute(
            "SELECT id, name, square FROM gone WHERE id NOT IN (SELECT id FROM unit) ORDER BY id"
        )
        return [Unit(*row, secret="") for row in rows]


class Units:
    """The units of one hub, in a file of its own that only its owner can read.

    Every method raises UserError where the file cannot be used.
    """

    def __init__(self, file: Path) -> None:
        """Open or create; an older file is brought to today's version."""
        self._file = file
        with database.told(file, SCHEMA):
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        database.prepared(file, SCHEMA)
        with self._open() as connection:
            for (id,) in connection.execute(
                "SELECT id FROM unit WHERE id NOT IN (SELECT id FROM chain_key)"
            ).fetchall():
                _give_chain_key(connection, id)

    def enrol(self, id: str, name: str = "", square: str = "") -> str:
        """The unit's secret; made on the first call, the same ever after. name, square: where it
        is; kept where they are not given.

        A running hub notices a new unit within a second or two.
        Raises UserError for an id that cannot be part of a topic.
        """
        _checked(id)
        with self._open() as connection:
            connection.execute(
                "INSERT INTO unit VALUES(?,?,?,?) ON CONFLICT(id) DO NOTHING",
                (id, name, square, secrets.token_urlsafe(32)),
            )
            # What was never in a workshop has no label.
            connection.execute(
                "INSERT INTO unit_keys VALUES(?,?,'') ON CONFLICT(id) DO NOTHING",
                (id, secrets.token_urlsafe(32)),
            )
            _give_chain_key(connection, id)
            connection.execute("DELETE FROM replaced WHERE id=?", (id,))
            for column, place in (("name", name), ("square", square)):
                if place:
                    connection.execute(f"UPDATE unit SET {column}=? WHERE id=?", (place, id))
            row = connection.execute("SELECT secret FROM unit WHERE id=?", (id,)).fetchone()
        return row[0]

    def enrol_all(self, ids: Iterable[str]) -> None:
        """Many at once, in one transaction; those that are in already stay as they are.

        Raises UserError for an id that cannot be part of a topic.
        """
        ids = list(ids)
        for id in ids:
            _checked(id)
        with self._open() as connection, database.transaction(connection):
            known = {id for (id,) in connection.execute("SELECT id FROM unit")}
            for id in ids:
                if id not in known:
                    key = secrets.token_urlsafe(32)
                    connection.execute("INSERT INTO unit VALUES(?,'','',?)", (id, key))
                    connection.execute(
                        "INSERT INTO unit_keys VALUES(?,?,'') ON CONFLICT(id) DO NOTHING",
                        (id, secrets.token_urlsafe(32)),
                    )
                    _give_chain_key(connection, id)

    def all(self) -> list[Unit]:
        """Every unit, in the order of their ids."""
        with self._open() as connection:
            return _all(connection, SCHEMA.version)

    def admit(self, unit: Unit, keys: UnitKeys) -> bool:
        """Let in a unit that brings its secret along; False when it is in already.

        Raises UserError when the id is taken by a unit with another secret.
        """
        with self._open() as connection, database.transaction(connection):
            row = connection.execute("SELECT secret FROM unit WHERE id=?", (unit.id,)).fetchone()
            if row is None:
                connection.execute(
                    "INSERT INTO unit VALUES(?,?,?,?)",
                    (unit.id, unit.name, unit.square, unit.secret),
                )
                connection.execute(
                    "INSERT INTO unit_keys VALUES(?,?,?) ON CONFLICT(id) DO UPDATE SET"
                    " command=excluded.command, claim=excluded.claim",
                    (unit.id, keys.command, keys.claim),
                )
                _take_chain_keys(connection, unit.id, (keys.chain, *keys.newer))
                connection.execute("DELETE FROM replaced WHERE id=?", (unit.id,))
        if row and row[0] != unit.secret:
            raise UserError(
                f"{unit.id} is at this hub already, with another secret: revoke that one first."
            )
        return row is None

    def learn_chain_keys(self, id: str, keys: UnitKeys) -> int:
        """Of a unit that is in: those that it was given since; how many were not known."""
        with self._open() as connection, database.transaction(connection):
            return _take_chain_keys(connection, id, (keys.chain, *keys.newer))

    def chain_keys(self) -> dict[str, tuple[ChainKey, ...]]:
        """{unit: the keys of its chain, in the order in which it has had them}, those of units
        that were revoked too.
        """
        with self._open() as connection:
            return _chain_keys(connection)

    def chain_key(self, id: str) -> str:
        """By which a unit is to make its chain; "" for one that has none."""
        valid = [one.key for one in self.chain_keys().get(id, ()) if one.revoked is None]
        return valid[-1] if valid else ""

    def command_key(self, id: str) -> str | None:
        """By which orders to this unit are signed; None for one without, which obeys none."""
        with self._open() as connection:
            row = connection.execute("SELECT command FROM unit_keys WHERE id=?", (id,)).fetchone()
        return row[0] if row else None

    def command_keys(self) -> dict[str, str]:
        """Of every unit, "" of one that has none."""
        with self._open() as connection:
            return dict(connection.execute("SELECT id, command FROM unit_keys").fetchall())

    def revoke(self, id: str, successor: str | None = None) -> bool:
        """End a unit's secrets; False when it is not here. What it reported stays, and is shown
        as the successor's history where there is one.

        A running hub's broker lets go of it within a second or two.
        """
        with self._open() as connection:
            connection.execute(
                "INSERT INTO gone SELECT id, name, square FROM unit WHERE id=?"
                " ON CONFLICT(id) DO UPDATE SET name=excluded.name, square=excluded.square",
                (id,),
            )
            there = connection.execute("DELETE FROM unit WHERE id=?", (id,)).rowcount
            connection.execute("DELETE FROM unit_keys WHERE id=?", (id,))
            connection.execute(
                "UPDATE chain_key SET revoked=? WHERE id=? AND revoked IS NULL", (time.time(), id)
            )
            if successor:
                connection.execute(
                    "INSERT INTO replaced VALUES(?,?)"
                    " ON CONFLICT(id) DO UPDATE SET successor=excluded.successor",
                    (id, successor),
                )
        return there > 0

    def _open(self) -> AbstractContextManager[database.Connection]:
        return database.connected(self._file, SCHEMA)


class ChainKeys:
    """The keys of all chains, for whoever asks with each record; read again when told to."""

    def __init__(self, units: Units) -> None:
        self._units = units
        self._of = units.chain_keys()

    def __call__(self, unit: str) -> tuple[ChainKey, ...]:
        """A unit's, in the order in which it has had them; none of one that is not known."""
        return self._of.get(unit, ())

    def load(self) -> None:
        """Units were admitted, re-keyed or revoked, perhaps. What has not changed stays the same
        object, by which `store.chain_unit` knows that it need not look again."""
        before = self._of
        self._of = {
            unit: before[unit] if before.get(unit) == keys else keys
            for unit, keys in self._units.chain_keys().items()
        }


def _checked(id: str) -> None:
    if not UNIT_ID.fullmatch(id):
        raise UserError(
            f"{id!r} is no unit id: use 1 to 24 of A-Z, 0-9 and '-', for example SIM-0001."
        )


def _all(connection: database.Connection, version: int) -> list[Unit]:
    rows = connection.execute("SELECT id, name, square, secret FROM unit ORDER BY id").fetchall()
    before: dict[str, list[str]] = {}
    if version >= 2:
        for id, successor in connection.execute("SELECT id, successor FROM replaced ORDER BY id"):
            before.setdefault(successor, []).append(id)
    return [
        Unit(id, name, square, secret, _replaced(id, before)) for id, name, square, secret in rows
    ]


def _replaced(id: str, before: dict[str, list[str]]) -> tuple[str, ...]:
    """The units before this one, and those before them."""
    found = [id]
    for one in found:
        found += [other for other in before.get(one, []) if other not in found]
    return tuple(found[1:])


def _chain_keys(connection: database.Connection) -> dict[str, tuple[ChainKey, ...]]:
    found: dict[str, tuple[ChainKey, ...]] = {}
    for id, key, revoked in connection.execute(
        "SELECT id, key, revoked FROM chain_key ORDER BY id, number"
    ):
        found[id] = (*found.get(id, ()), ChainKey(key, revoked))
    return found


def _give_chain_key(connection: database.Connection, id: str) -> None:
    """Make one for a unit that has none that counts."""
    (valid,) = connection.execute(
        "SELECT count(*) FROM chain_key WHERE id=? AND revoked IS NULL", (id,)
    ).fetchone()
    if not valid:
        _take_chain_keys(connection, id, [secrets.token_urlsafe(32)])


def _take_chain_keys(connection: database.Connection, id: str, keys: Iterable[str]) -> int:
    """Those not known are added behind those that are; how many."""
    added = 0
    for key in keys:
        known = connection.execute(
            "UPDATE chain_key SET revoked=NULL WHERE id=? AND key=?", (id, key)
        )
        if key and not known.rowcount:
            connection.execute(
                "INSERT INTO chain_key SELECT ?1, coalesce(max(number), -1) + 1, ?2, NULL"
                " FROM chain_key WHERE id=?1",
                (id, key),
            )
            added += 1
    return added
