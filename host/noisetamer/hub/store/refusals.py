"""What the hub cannot take, kept as it came until a hub can: nothing acknowledged is lost.

A record has a name even where the rest of it cannot be read: it is kept once, acknowledged, and
read again whenever the hub starts. What has no name nobody waits for: of that the newest remain.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from noisetamer.base import database
from noisetamer.hub.wire import Name, Record
from tamer.record import encoding

CONFLICT = "another record has this name already"

# Of one unit. Where all that a newer firmware says is unknown here, months of it; then its records
# are refused without being kept, hence not acknowledged: the unit holds them.
MOST_BYTES = 64 * 1024 * 1024
# Of one unit.
UNNAMED_KEPT = 1000


@dataclass(frozen=True)
class Refusal:
    """A message that is set aside with its reason.

    name: of the record in it; None where it is none, or has none. conflict: it can be read, but
    its name is that of another record.
    """

    subject: str
    reason: str
    body: bytes
    name: Name | None = None
    conflict: bool = False

    @property
    def unit(self) -> str:
        """Whose it is, by its subject; '' of a subject that is no unit's."""
        return unit_of(self.subject)


def unit_of(subject: str) -> str:
    """'' of a subject that is no unit's."""
    _, _, rest = subject.partition("dev.")
    return rest.partition(".")[0]


def conflicting(record: Record) -> Refusal:
    """A record whose name another one has."""
    links = record.link or b"", record.follows or b""
    body = encoding.enveloped(record.gone[0], record.body, *links)
    name = Name(record.boot, record.seq, record.gone)
    return Refusal(f"dev.{record.unit}.record", CONFLICT, body, name, conflict=True)


def conflicts(
    connection: database.Connection, packed: Callable[[str, int, int], bytes | None]
) -> set[tuple[str, int]]:
    """(unit, boot) in which two records have one name. packed: the body of a record that is
    packed, by its name.
    """
    found = set(
        connection.execute(
            "SELECT DISTINCT unit, boot FROM refused WHERE seq>0 AND EXISTS (SELECT 1 FROM record"
            " WHERE record.unit=refused.unit AND record.boot=refused.boot"
            " AND record.seq=refused.seq)"
        )
    )
    of_the_past = connection.execute(
        "SELECT unit, boot, seq FROM refused JOIN past_records USING(unit, boot)"
        " WHERE seq BETWEEN first AND last"
        " UNION SELECT unit, boot, seq FROM refused JOIN past_hours USING(unit, boot)"
        " WHERE seq BETWEEN first AND last ORDER BY 1, 2, 3"
    ).fetchall()
    for unit, boot, seq in of_the_past:
        if (unit, boot) not in found and packed(unit, boot, seq) is not None:
            found.add((unit, boot))
    return found


class Kept(Enum):
    """NEW, KNOWN: it is in the store, since now or before. FULL: it is not, there is no room."""

    NEW = "new"
    KNOWN = "known"
    FULL = "full"


class Refusals:
    """The table `refused`, within the writer's transactions."""

    def __init__(self, connection: database.Connection) -> None:
        self._connection = connection
        self._bytes: dict[str, int] = {}
        # units that have more of what has no name than before
        self._grown: set[str] = set()

    def forget(self) -> None:
        """A transaction was rolled back: count the room anew."""
        self._bytes.clear()

    def keep(self, received: float, refusal: Refusal) -> Kept:
        """received: the hub's own time, Unix s."""
        if refusal.name is None:
            self._insert(received, refusal, 0, 0, secrets.token_bytes(8))
            self._grown.add(refusal.unit)
            return Kept.NEW
        key = refusal.unit, refusal.name.boot, refusal.name.seq
        digest = hashlib.blake2b(_record_of(refusal.body), digest_size=16).digest()
        known = self._connection.execute(
            "SELECT 1 FROM refused WHERE unit=? AND boot=? AND seq=? AND digest=?",
            (*key, digest),
        ).fetchone()
        if known:
            return Kept.KNOWN
        held = self._held(refusal.unit)
        if held + len(refusal.body) > MOST_BYTES:
            return Kept.FULL
        self._insert(received, refusal, *key[1:], digest)
        self._bytes[refusal.unit] = held + len(refusal.body)
        return Kept.NEW

    def trim(self) -> None:
        """Let go of what has no name and is too much, once a batch."""
        for unit in self._grown:
            self._connection.execute(
                "DELETE FROM refused WHERE unit=?1 AND boot=0 AND seq=0 AND id <= (SELECT id"
                " FROM refused WHERE unit=?1 AND boot=0 AND seq=0"
                " ORDER BY id DESC LIMIT 1 OFFSET ?2)",
                (unit, UNNAMED_KEPT),
            )
        self._grown.clear()

    def to_read_again(self, after: int, count: int) -> Iterator[tuple[int, float, str, bytes]]:
        """(id, received, subject, body) of the records that could not be read, by id."""
        yield from self._connection.execute(
            "SELECT id, received, subject, body FROM refused"
            " WHERE id>? AND seq>0 AND conflict=0 ORDER BY id LIMIT ?",
            (after, count),
        ).fetchall()

    def drop(self, id: int) -> None:
        """It has been read, and is stored elsewhere."""
        self._connection.execute("DELETE FROM refused WHERE id=?", (id,))
        self._bytes.clear()

    def mark_conflict(self, id: int) -> None:
        """It can be read, but its name is that of another record."""
        self._connection.execute(
            "UPDATE refused SET conflict=1, reason=? WHERE id=?", (CONFLICT, id)
        )

    def _insert(
        self, received: float, refusal: Refusal, boot: int, seq: int, digest: bytes
    ) -> None:
        self._connection.execute(
            "INSERT INTO refused(received, subject, reason, body, unit, boot, seq, digest,"
            " conflict) VALUES(?,?,?,?,?,?,?,?,?)",
            (
                *(received, refusal.subject, refusal.reason, refusal.body),
                *(refusal.unit, boot, seq, digest, int(refusal.conflict)),
            ),
        )

    def _held(self, unit: str) -> int:
        """Bytes of the named ones of a unit."""
        if unit not in self._bytes:
            (self._bytes[unit],) = self._connection.execute(
                "SELECT coalesce(sum(length(body)), 0) FROM refused WHERE unit=? AND seq>0",
                (unit,),
            ).fetchone()
        return self._bytes[unit]


def _record_of(message: bytes) -> bytes:
    """The same however often it is sent."""
    return message[encoding.ENVELOPE_BYTES :]
