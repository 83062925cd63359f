"""The tables of chains, for the writer: where stretches begin, and what was found."""

import json
from dataclasses import dataclass
from typing import Any

from noisetamer.base import database
from noisetamer.hub.store import packed_day, past_days
from noisetamer.hub.store.chain_findings import Finding
from tamer.record import encoding
from tamer.record.reading import is_dated

Name = tuple[int, int]
"""Boot and sequence."""

# Of a unit with so many findings the newest goes on, however far apart they are.
MOST_FINDINGS = 1000
# As far as gaps are one: an hour of records.
_GAPS_ARE_ONE = 360


@dataclass(frozen=True)
class Before:
    """The record that is here before another one. t: Unix s, or undated; link: its own, or, of one
    in a packed day, what there is of it.
    """

    boot: int
    seq: int
    t: int
    received: float
    link: bytes | None

    def is_followed_by(self, follows: bytes) -> bool:
        """Whether a record follows it that was proved to follow this link."""
        return self.link is not None and follows.startswith(self.link)


@dataclass(frozen=True)
class Gap:
    """Those of one boot that stand, between records from seq to last. until: the time of the last,
    Unix s; received, told: as of a Finding.
    """

    id: int
    boot: int
    seq: int
    last: int
    until: int
    received: float
    told: str
    detail: dict[str, Any]

    @property
    def after_boot(self) -> int:
        return self.detail["after"][0]

    @property
    def since(self) -> int:
        """When the last record before it ended, Unix s; 0 where that has no date."""
        t = self.detail["after"][2]
        return t if is_dated(t) else 0

    @property
    def span(self) -> tuple[int, int]:
        """Between which times they are, Unix s."""
        return self.since, self.until


@dataclass
class _Newest:
    """The finding of a unit that may go on."""

    id: int
    kind: str
    told: str
    boot: int
    last: int
    records: int


class Book:
    """Within the writer's transactions."""

    def __init__(self, connection: database.Connection) -> None:
        self._connection = connection
        # since it was emptied last
        self._found: list[Finding] = []
        self._newest: dict[str, _Newest] = {}
        self._counts: dict[str, int] = {}

    def forget(self) -> None:
        """A transaction was rolled back."""
        self._found.clear()
        self._newest.clear()
        self._counts.clear()

    def take_found(self) -> list[Finding]:
        """What was found since this was asked last."""
        found, self._found = self._found, []
        return found

    def link(self, unit: str, name: Name) -> bytes | None:
        """As it was told with a record that is here, if only as refused."""
        row = self._connection.execute(
            "SELECT link FROM record WHERE unit=? AND boot=? AND seq=?", (unit, *name)
        ).fetchone()
        return row[0] if row else self._link_of_refused(unit, name)

    def record(self, unit: str, name: Name) -> tuple[bytes, bytes | None] | None:
        """(bytes, link) of a record that is stored."""
        return self._connection.execute(
            "SELECT body, link FROM record WHERE unit=? AND boot=? AND seq=?", (unit, *name)
        ).fetchone()

    def relink(self, unit: str, name: Name, link: bytes) -> None:
        """It was told with another link."""
        self._connection.execute(
            "UPDATE record SET link=? WHERE unit=? AND boot=? AND seq=?", (link, unit, *name)
        )

    def before(self, unit: str, name: Name) -> Before | None:
        """What is here before a record, of its boot or an earlier one; refused ones too."""
        rows = self._connection.execute(
            "SELECT * FROM (SELECT boot, seq, t, received, link FROM record WHERE unit=?1"
            " AND (boot, seq) < (?2, ?3) ORDER BY boot DESC, seq DESC LIMIT 1) AS taken"
            " UNION ALL SELECT * FROM (SELECT boot, seq, 0 AS t, received, CAST(NULL AS BLOB)"
            " AS link FROM refused WHERE unit=?1 AND seq>0 AND conflict=0"
            " AND (boot, seq) < (?2, ?3) ORDER BY boot DESC, seq DESC LIMIT 1) AS aside",
            (unit, *name),
        ).fetchall()
        found = Before(*max(rows, key=lambda row: row[:2])) if rows else None
        packed = self._packed_before(unit, name)
        if packed and (not found or (found.boot, found.seq) < (packed.boot, packed.seq)):
            return packed
        if found is None:
            return None
        if found.link is None:
            link = self._link_of_refused(unit, (found.boot, found.seq))
            found = Before(found.boot, found.seq, found.t, found.received, link)
        return found

    def packed(self, unit: str, name: Name) -> bytes | None:
        """What there is of the link of a record in a packed day."""
        boot, seq = name
        before = self._packed_before(unit, (boot, seq + 1))
        return before.link if before and (before.boot, before.seq) == name else None

    def _packed_before(self, unit: str, name: Name) -> Before | None:
        found = [
            row
            for table in ("past_records", "past_hours")
            for row in self._connection.execute(
                f"SELECT boot, last, records, marks FROM {table} WHERE unit=?"
                " AND (boot, first) < (?, ?) AND length(records)>0"
                " ORDER BY boot DESC, last DESC LIMIT 1",
                (unit, *name),
            )
        ]
        if not found:
            return None
        boot, _, records, marks = max(found, key=lambda row: row[:2])
        try:
            kept = packed_day.unpack_records(records)
        except ValueError:
            return None  # spoilt: that is said elsewhere
        places = [place for place, one in enumerate(kept) if (boot, one.seq) < name]
        if not places:
            return None
        one, at = kept[places[-1]], past_days.MARK * places[-1]
        link = marks[at : at + past_days.MARK] if marks else None
        return Before(boot, one.seq, one.t, one.received, link)

    def named(self, unit: str, link: bytes) -> Name | None:
        """The record that has this link; all of the unit are looked at."""
        return self._connection.execute(
            "SELECT boot, seq FROM record WHERE unit=? AND link=?", (unit, link)
        ).fetchone()

    def has_follower(self, unit: str, name: Name, link: bytes, but: Name) -> bool:
        """Whether a record follows this one already, besides `but`."""
        if self._connection.execute(
            "SELECT 1 FROM chain_start WHERE unit=? AND follows=? AND key<>''"
            " AND (boot, seq)<>(?, ?)",
            (unit, link, *but),
        ).fetchone():
            return True
        row = self._connection.execute(
            "SELECT boot, seq FROM record WHERE unit=? AND boot=? AND seq>? AND link IS NOT NULL"
            " ORDER BY seq LIMIT 1",
            (unit, *name),
        ).fetchone()
        if row == but:
            return False
        return row is not None and self.start(unit, row) is None

    def start(self, unit: str, name: Name) -> tuple[bytes | None, str] | None:
        """(what it follows, fingerprint) of a record that begins a stretch."""
        return self._connection.execute(
            "SELECT follows, key FROM chain_start WHERE unit=? AND boot=? AND seq=?",
            (unit, *name),
        ).fetchone()

    def starts(self, unit: str) -> list[tuple[int, int, bytes | None, str]]:
        """(boot, sequence, what it follows, fingerprint) of all, in order."""
        return self._connection.execute(
            "SELECT boot, seq, follows, key FROM chain_start WHERE unit=? ORDER BY boot, seq",
            (unit,),
        ).fetchall()

    def begin(self, unit: str, name: Name, follows: bytes | None, key: str) -> None:
        self._connection.execute(
            "INSERT INTO chain_start VALUES(?,?,?,?,?) ON CONFLICT(unit, boot, seq)"
            " DO UPDATE SET follows=excluded.follows, key=excluded.key",
            (unit, *name, follows, key),
        )

    def find(
        self,
        unit: str,
        name: Name,
        t: int,
        received: float,
        kind: str,
        told: str = "",
        **detail: Any,
    ) -> int:
        """Note what was found of a record; of one after the other it is one finding, and of gaps
        near each other. Its id.
        """
        boot, seq = name
        known = self._connection.execute(
            "SELECT id FROM chain_finding WHERE unit=? AND boot=? AND seq<=? AND last>=?"
            " AND kind=? AND settled IS NULL",
            (unit, boot, seq, seq, kind),
        ).fetchone()
        if known:
            return known[0]
        newest = self._newest.get(unit)
        many = self._count(unit) >= MOST_FINDINGS
        if newest and _goes_on(newest, kind, told, boot, seq, many):
            newest.records += detail.get("records") or 1
            newest.boot, newest.last = boot, seq
            last, until, text = self._connection.execute(
                "SELECT last, until, detail FROM chain_finding WHERE id=?", (newest.id,)
            ).fetchone()
            now = json.dumps({**json.loads(text), "records": newest.records})
            self._connection.execute(
                "UPDATE chain_finding SET last=?, until=?, detail=? WHERE id=?",
                (max(last, seq), max(until, t), now, newest.id),
            )
            return newest.id
        detail.setdefault("records", 1)
        (id,) = self._connection.execute(
            "INSERT INTO chain_finding(unit, boot, seq, last, t, until, received, kind, told,"
            " detail) VALUES(?,?,?,?,?,?,?,?,?,?) RETURNING id",
            (unit, boot, seq, seq, t, t, received, kind, told, json.dumps(detail)),
        ).fetchone()
        self._counts[unit] += 1
        self._newest[unit] = _Newest(id, kind, told, boot, seq, detail["records"] or 1)
        self._found.append(Finding(unit, boot, seq, seq, t, t, received, kind, told, detail))
        return id

    def open_gaps(self, unit: str) -> list[Gap]:
        return [
            Gap(id, boot, seq, last, until, received, told, json.loads(detail))
            for id, boot, seq, last, until, received, told, detail in self._connection.execute(
                "SELECT id, boot, seq, last, until, received, told, detail FROM chain_finding"
                " WHERE unit=? AND kind='gap' AND settled IS NULL",
                (unit,),
            )
        ]

    def keys_told(self, unit: str) -> list[tuple[int, int, str]]:
        """(boot, sequence, fingerprint): from behind there on the unit has that key."""
        found = [
            # what tells of it is by the old one still, else it is the first by the new one
            (boot, seq if told == "box" else seq - 1, json.loads(detail).get("key", ""))
            for boot, seq, told, detail in self._connection.execute(
                "SELECT boot, seq, told, detail FROM chain_finding"
                " WHERE unit=? AND kind IN ('rekeyed', 'reset') AND settled IS NULL ORDER BY id",
                (unit,),
            )
        ]
        return sorted(found, key=lambda one: one[:2])

    def settle_key(self, unit: str, key: str, at: float) -> None:
        """It turned out from where on the unit has this key."""
        for id, detail in self._connection.execute(
            "SELECT id, detail FROM chain_finding WHERE unit=? AND kind='rekeyed' AND told<>'box'"
            " AND settled IS NULL",
            (unit,),
        ).fetchall():
            if json.loads(detail).get("key") == key:
                self._connection.execute("UPDATE chain_finding SET settled=? WHERE id=?", (at, id))

    def settle(self, id: int, at: float) -> None:
        """It turned out to be nothing."""
        self._connection.execute("UPDATE chain_finding SET settled=? WHERE id=?", (at, id))
        self._newest = {unit: one for unit, one in self._newest.items() if one.id != id}

    def explain(self, id: int, told: str) -> None:
        """Somebody told why."""
        self._connection.execute("UPDATE chain_finding SET told=? WHERE id=?", (told, id))
        for one in self._newest.values():
            if one.id == id:
                one.told = told

    def losses(self, unit: str, since: int) -> list[tuple[int, dict[str, Any]]]:
        """(boot, fields) of the events that tell of losses, from a time on."""
        return [
            (boot, json.loads(fields))
            for boot, fields in self._connection.execute(
                "SELECT boot, fields FROM event WHERE unit=? AND t>=?"
                " AND kind IN ('lost', 'thinned') ORDER BY t DESC LIMIT 2000",
                (unit, since),
            )
        ]

    def hurt_since(self, at: float) -> bool:
        """Whether the store itself was hurt from then on, Unix s."""
        return bool(
            self._connection.execute("SELECT 1 FROM wound WHERE at>=? LIMIT 1", (at,)).fetchone()
        )

    def _count(self, unit: str) -> int:
        if unit not in self._counts:
            (self._counts[unit],) = self._connection.execute(
                "SELECT count(*) FROM chain_finding WHERE unit=?", (unit,)
            ).fetchone()
        return self._counts[unit]

    def _link_of_refused(self, unit: str, name: Name) -> bytes | None:
        row = self._connection.execute(
            "SELECT body FROM refused WHERE unit=? AND boot=? AND seq=? AND conflict=0",
            (unit, *name),
        ).fetchone()
        try:
            return encoding.opened(row[0]).link if row else None
        except ValueError:
            return None


def _goes_on(newest: _Newest, kind: str, told: str, boot: int, seq: int, many: bool) -> bool:
    if (newest.kind, newest.told, newest.boot) != (kind, told, boot) or kind == "rekeyed":
        return False
    further = seq - newest.last
    return further > 0 and (many or further <= (_GAPS_ARE_ONE if kind == "gap" else 1))
