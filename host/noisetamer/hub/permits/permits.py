"""The groups of a hub, what they ask for, and what was decided: permits.sqlite."""

import hashlib
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from noisetamer.base.database import SharedFile
from noisetamer.hub.permits.hours import plays
from noisetamer.hub.permits.permit import (
    Group,
    Permit,
    PermitError,
    check_group,
    check_terms,
)
from noisetamer.hub.permits.schema import SCHEMA
from noisetamer.unit.policy.days import Calendar

FILE = "permits.sqlite"
MOST_WAITING = 40
"""Applications of a square that nobody has decided: more come from no group."""

_MAY = {
    "applied": ("approved", "refused"),
    "approved": ("approved", "revoked"),
    "refused": (),
    "revoked": (),
}
_TERMS = "place, days, since, until, first, last, level"
_PERMITS = """
  SELECT application.id, square_group, square, {},
    coalesce(decision.state, 'applied'), coalesce(decision.reason, ''),
    coalesce(decision.at, application.at), coalesce(decision.by, '')
  FROM application
  JOIN square_group ON square_group.id=application.square_group
  LEFT JOIN decision ON decision.id=(SELECT max(id) FROM decision WHERE permit=application.id)
""".format(
    ", ".join(f"coalesce(decision.{term}, application.{term})" for term in _TERMS.split(", "))
)


@dataclass(frozen=True)
class Document:
    """One row of the documents. what: "issued", "replaced" or "revoked"; number: of the document,
    "3.1"; sha256: of its JWS; jws: '' once the person it names asked for that; at: Unix s."""

    id: int
    permit: int
    what: str
    number: str
    sha256: bytes
    jws: str
    reason: str
    at: int


@dataclass(frozen=True)
class News:
    """One thing to be told. what, way: as in the schema; at: Unix s; attempts: before this."""

    id: int
    permit: int
    what: str
    way: str
    at: float
    attempts: int


class Permits(SharedFile):
    """May be used by several threads. Raises UserError for what people can mend."""

    def __init__(
        self,
        file: Path,
        calendar: Callable[[str], Calendar] = lambda square: Calendar(),
        sign: Callable[[Group, Permit, str, int], str] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Open or create. calendar: of a square; sign: a group's permit, its number and when, as
        a JWS; without one there are no documents; clock: Unix s."""
        super().__init__(file, SCHEMA)
        # what is taken out of a person is not to be read from the file either
        self._do("PRAGMA secure_delete=ON")
        self._calendar, self._sign, self._clock = calendar, sign, clock

    # -- what there is

    def groups(self, square: str | None = None) -> list[Group]:
        """In the order they came. Of one who was forgotten, leader and contact are ""."""
        return [
            Group(*row)
            for row in self._rows(
                "SELECT id, square, square_group.name, coalesce(leader.name, ''),"
                " coalesce(contact, ''), loudspeaker FROM square_group"
                " LEFT JOIN leader ON square_group=id"
                " WHERE CAST(?1 AS TEXT) IS NULL OR square=?1 ORDER BY id",
                square,
            )
        ]

    def group(self, id: int) -> Group:
        """Raises PermitError where there is none."""
        for group in self.groups():
            if group.id == id:
                return group
        raise PermitError("permit_gone", f"There is no group {id}.")

    def permits(self, square: str | None = None) -> list[Permit]:
        """All that was ever asked for, as it stands now, in the order it came."""
        rows = self._rows(
            f"{_PERMITS} WHERE CAST(?1 AS TEXT) IS NULL OR square=?1 ORDER BY application.id",
            square,
        )
        return [_permit(row) for row in rows]

    def permit(self, id: int) -> Permit:
        """Raises PermitError where there is none."""
        for row in self._rows(f"{_PERMITS} WHERE application.id=?", id):
            return _permit(row)
        raise PermitError("permit_gone", f"There is no permit {id}.")

    def history(self, id: int) -> list[Permit]:
        """A permit as it was asked for, and after each decision."""
        asked = self._rows(
            f"SELECT application.id, square_group, square, {_TERMS}, 'applied', '',"
            " application.at, '' FROM application"
            " JOIN square_group ON square_group.id=square_group WHERE application.id=?",
            id,
        )
        decided = self._rows(
            f"SELECT permit, square_group, square, {_of('decision')}, state, reason, decision.at,"
            " by FROM decision JOIN application ON application.id=permit"
            " JOIN square_group ON square_group.id=square_group WHERE permit=?"
            " ORDER BY decision.id",
            id,
        )
        return [_permit(row) for row in (*asked, *decided)]

    def playing(self, square: str, at: float) -> list[tuple[Group, Permit]]:
        """Who may play at a Unix time, by an approved permit."""
        calendar = self._calendar(square)
        groups = {group.id: group for group in self.groups(square)}
        return [
            (groups[permit.group], permit)
            for permit in self.permits(square)
            if permit.state == "approved" and plays(permit, calendar, at)
        ]

    def calendar(self, square: str) -> Calendar:
        """What its days and hours go by."""
        return self._calendar(square)

    def documents(self, permit: int | None = None) -> list[Document]:
        """Issued, replaced and revoked, in that order."""
        return [
            _document(row)
            for row in self._rows(
                "SELECT id, permit, what, number, sha256, jws, reason, at FROM document"
                " WHERE CAST(?1 AS INTEGER) IS NULL OR permit=?1 ORDER BY id",
                permit,
            )
        ]

    def document(self, number: str) -> Document | None:
        """The one issued under that number, however long ago."""
        found = self._rows(
            "SELECT id, permit, what, number, sha256, jws, reason, at FROM document"
            " WHERE number=? AND what='issued'",
            number,
        )
        return _document(found[0]) if found else None

    def reach(self, group: int) -> tuple[str, str]:
        """(topic, push subscription) of a leader's phone and browser, each "" without one."""
        rows = self._rows("SELECT topic, push FROM leader WHERE square_group=?", group)
        return rows[0] if rows else ("", "")

    def is_topic(self, topic: str) -> bool:
        """Whether some leader's phone listens there."""
        return bool(topic and self._rows("SELECT 1 FROM leader WHERE topic=?", topic))

    def news_due(self, now: float, most: int) -> list[News]:
        """What is to be told by now, Unix s, the oldest first."""
        rows = self._rows(
            "SELECT id, permit, what, way, at, attempts FROM news WHERE due<=? ORDER BY id"
            " LIMIT ?",
            *(now, most),
        )
        return [News(*row) for row in rows]

    # -- what is done

    def add_group(self, group: Group) -> Group:
        """A new one, kept. Raises PermitError."""
        check_group(group)
        with self.transaction():
            return self._add_group(group)

    def apply(self, permit: Permit, group: Group | None = None) -> Permit:
        """Ask for it, kept. group: a new one that asks, in the same step.

        Raises PermitError for terms that cannot be, and where too many wait already.
        """
        check_terms(permit)
        if group is not None:
            check_group(group)
        with self.transaction():
            if group is not None:
                permit = replace(permit, group=self._add_group(group).id)
            known = self.group(permit.group)
            waiting = [one for one in self.permits(known.square) if one.state == "applied"]
            if len(waiting) >= MOST_WAITING:
                raise PermitError(
                    "permit_many",
                    f"{MOST_WAITING} applications wait in this square already: ask again when "
                    "some are decided.",
                )
            at = permit.at or self._clock()
            ((id,),) = self._rows(
                f"INSERT INTO application(square_group, {_TERMS}, at)"
                " VALUES(?,?,?,?,?,?,?,?,?) RETURNING id",
                *(permit.group, *_terms(permit), at),
            )
            self._tell(id, "applied", at)
            return self.permit(id)

    def decide(
        self,
        id: int,
        state: str,
        by: str,
        reason: str = "",
        amended: Permit | None = None,
        at: float | None = None,
    ) -> Permit:
        """Approve it, amend it (approve it with other terms), refuse or revoke it.

        by: an account's name; amended: with the terms that are granted; at: Unix s, now without
        it. With `sign`, the document is issued, replaced or revoked in the same step. Raises
        PermitError where that cannot be, or a reason is missing.
        """
        now = self._clock() if at is None else at
        with self.transaction():
            before = self.may(id, state, reason, amended)
            terms = amended or before
            self._do(
                f"INSERT INTO decision(permit, state, {_TERMS}, reason, at, by)"
                " VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
                *(id, state, *_terms(terms), reason.strip(), now, by),
            )
            permit = self.permit(id)
            self._issue(permit, int(now))
            again = before.state == state
            self._tell(id, "amended" if again else state, now)
            return permit

    def may(self, id: int, state: str, reason: str, amended: Permit | None = None) -> Permit:
        """The permit as it is, where `decide` would do that to it. Raises PermitError."""
        before = self.permit(id)
        if state not in _MAY[before.state]:
            raise PermitError(
                "permit_decided", f"Permit {id} is {before.state} already: look again."
            )
        terms = amended or before
        changed = _terms(terms) != _terms(before)
        if not reason.strip() and (changed or state != "approved"):
            raise PermitError("permit_no_reason", "Say why: the group reads it.")
        if state == "approved" and before.state == "approved" and not changed:
            raise PermitError("permit_decided", f"Permit {id} is approved as it is.")
        check_terms(replace(terms, reason=reason.strip()))
        return before

    def take_account(self, group: int, account: str) -> None:
        """Its leader is reached by this account from now on."""
        self._do("UPDATE leader SET contact=? WHERE square_group=?", account, group)

    def listen(self, group: int, topic: str = "", push: str = "") -> None:
        """Where its leader's phone or browser hears. Empty ones stay as they are."""
        self._do(
            "UPDATE leader SET topic=coalesce(nullif(?1,''), topic),"
            " push=coalesce(nullif(?2,''), push) WHERE square_group=?3",
            *(topic, push, group),
        )

    def spread(self, news: News, ways: Iterable[str]) -> None:
        """It goes these ways, each for itself."""
        with self.transaction():
            self._do("UPDATE news SET due=NULL, result='spread' WHERE id=?", news.id)
            for way in ways:
                self._tell(news.permit, news.what, news.at, way)

    def told(self, news: News, result: str, again_at: float | None = None) -> None:
        """What became of it; again_at: when it is tried again, Unix s."""
        self._do(
            "UPDATE news SET due=?, attempts=attempts+1, result=? WHERE id=?",
            *(again_at, result, news.id),
        )

    def forget(self, group: int) -> Group:
        """Take out who leads it and how she is reached, and what documents say of her: their
        hashes stay, and the group's hours. The group as it was; whoever calls this deals with
        the account. Raises PermitError."""
        with self.transaction():
            was = self.group(group)
            self._do("DELETE FROM leader WHERE square_group=?", group)
            self._do(
                "UPDATE document SET jws='' WHERE jws!='' AND permit IN"
                " (SELECT id FROM application WHERE square_group=?)",
                group,
            )
        self._rows("PRAGMA wal_checkpoint(TRUNCATE)")
        return was

    def _tell(self, permit: int, what: str, at: float, way: str = "") -> None:
        self._do(
            "INSERT INTO news(permit, what, way, at, due) VALUES(?,?,?,?,?)",
            *(permit, what, way, at, at),
        )

    def _add_group(self, group: Group) -> Group:
        ((id,),) = self._rows(
            "INSERT INTO square_group(square, name, loudspeaker, at) VALUES(?,?,?,?) RETURNING id",
            *(group.square, group.name.strip(), group.loudspeaker.strip(), self._clock()),
        )
        self._do(
            "INSERT INTO leader(square_group, name, contact) VALUES(?,?,?)",
            *(id, group.leader.strip(), group.contact),
        )
        return self.group(id)

    def _issue(self, permit: Permit, at: int) -> None:
        """The document that follows from a decision; the one before it counts no more."""
        if self._sign is None:
            return
        issued = [one for one in self.documents(permit.id) if one.what == "issued"]
        if issued and permit.state in ("approved", "revoked"):
            last = issued[-1]
            what = "replaced" if permit.state == "approved" else "revoked"
            self._add_document(permit, what, last.number, last.sha256, "", at)
        if permit.state == "approved":
            number = f"{permit.id}.{len(issued) + 1}"
            jws = self._sign(self.group(permit.group), permit, number, at)
            sha256 = hashlib.sha256(jws.encode()).digest()
            self._add_document(permit, "issued", number, sha256, jws, at)

    def _add_document(
        self, permit: Permit, what: str, number: str, sha256: bytes, jws: str, at: int
    ) -> None:
        self._do(
            "INSERT INTO document(permit, what, number, sha256, jws, reason, at)"
            " VALUES(?,?,?,?,?,?,?)",
            *(permit.id, what, number, sha256, jws, permit.reason, at),
        )


def _of(table: str) -> str:
    return ", ".join(f"{table}.{term}" for term in _TERMS.split(", "))


def _terms(permit: Permit) -> tuple[Any, ...]:
    return (
        permit.place.strip(),
        json.dumps(permit.days),
        *(permit.since, permit.until, str(permit.first), str(permit.last), permit.limit),
    )


def _permit(row: Iterable[Any]) -> Permit:
    id, group, square, place, days, since, until, first, last, limit, state, reason, at, by = row
    return Permit(
        *(id, group, square, place, tuple(json.loads(days)), since, until),
        *(date.fromisoformat(first), date.fromisoformat(last), limit),
        *(state, reason, int(at), by),
    )


def _document(row: tuple[Any, ...]) -> Document:
    id, permit, what, number, sha256, jws, reason, at = row
    return Document(id, permit, what, number, sha256, jws, reason, int(at))
