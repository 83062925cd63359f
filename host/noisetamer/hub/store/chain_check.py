"""Whether what is stored still is what units told: their chains made anew over all records.

Says where a record was edited or deleted. What is in a packed day has two bytes of each link: they
tell which record it was; then nothing can be said up to the next whole link, which each event has.
"""

import heapq
from collections.abc import Iterator
from operator import attrgetter
from typing import NamedTuple

from noisetamer.base import database
from noisetamer.base.database import one_moment
from noisetamer.hub.store import packed_day
from noisetamer.hub.store.chain import leads_over_spoilt
from noisetamer.hub.store.chain_unit import Keys
from noisetamer.hub.store.past_days import MARK
from noisetamer.hub.store.past_hours import packed_of
from tamer.record import encoding
from tamer.record.seal import LINK, Seal

_AT_ONCE = 500


class _Stored(NamedTuple):
    """A record in any form. link: whole; mark: its first bytes, where that is all there is."""

    seq: int
    body: bytes
    link: bytes | None
    mark: bytes | None = None


_SEQ = attrgetter("seq")


def problems(connection: database.Connection, keys: Keys) -> Iterator[str]:
    """A sentence for each thing that is wrong, "" after each step in which nothing was.

    connection: a store of today's version, only read; keys: of a unit, none where not known.
    """
    units = [
        unit for (unit,) in connection.execute("SELECT DISTINCT unit FROM chain_start").fetchall()
    ]
    for unit in units:
        seals = {key.fingerprint: Seal(key.key) for key in keys(unit)}
        if not seals:
            continue
        ends: set[bytes] = {seal.first_link(unit) for seal in seals.values()}
        whole = True
        for (boot,) in connection.execute(
            "SELECT DISTINCT boot FROM chain_start WHERE unit=? ORDER BY boot", (unit,)
        ).fetchall():
            with one_moment(connection):
                look = _Boot(connection, unit, boot, seals, ends, whole)
                yield from look.problems()
            whole = look.known


def _numbers(first: int, last: int) -> str:
    return f"record {first}" if first == last else f"records {first} to {last}"


class _Boot:
    """One boot of a unit. seals: by fingerprint; ends: links that another boot may follow, added
    to; known: whether the last link of what is before is known, and of this one, afterwards.
    """

    def __init__(
        self,
        connection: database.Connection,
        unit: str,
        boot: int,
        seals: dict[str, Seal],
        ends: set[bytes],
        known: bool,
    ) -> None:
        self._connection = connection
        self._of_boot = unit, boot
        self._name = f"of boot {boot} of {unit}"
        self._seals = seals
        self._ends = ends
        self.known = known
        self._starts: dict[int, tuple[bytes | None, str]] = {
            seq: (follows, key)
            for seq, follows, key in connection.execute(
                "SELECT seq, follows, key FROM chain_start WHERE unit=? AND boot=?", self._of_boot
            )
        }
        self._found = [
            (first, last) for first, last in self._rows("SELECT seq, last FROM chain_finding")
        ]
        # kept elsewhere when their time was over, or gone without that
        self._deleted = [
            (first, last, bool(elsewhere))
            for first, last, elsewhere in self._rows(
                "SELECT first, last, EXISTS(SELECT 1 FROM deleted_day AS d"
                " WHERE d.unit=past_records.unit AND d.day=past_records.day) FROM past_records",
                "AND length(records)=0",
            )
        ]
        self._holes = self._rows("SELECT first, last FROM hole")

    def problems(self) -> Iterator[str]:
        seal: Seal | None = None
        link: bytes | None = None
        last = sure = 0
        for number, one in enumerate(self._records()):
            if number % _AT_ONCE == _AT_ONCE - 1:
                yield ""
            if one.seq in self._starts:
                follows, key = self._starts[one.seq]
                seal = self._seals.get(key)
                if last == 0 and follows and not self._is_here(one.seq, follows):
                    yield f"what record {one.seq} {self._name} follows is gone"
                link = follows if follows and len(follows) == LINK else None
                if link is None:
                    link, last, sure = one.link, one.seq, one.seq
                    continue
            if seal is None or link is None:
                link, last, sure = one.link, one.seq, one.seq
                continue
            made = seal.next_link(link, one.body)
            told = one.link if one.link is not None else one.mark
            if told is None or made.startswith(told):
                link = made
            else:
                if said := self._wrong(last, sure, one.seq):
                    yield said
                link = one.link
            last = one.seq
            sure = sure if told is None else last
        if missing := self._missing_at_end(last):
            yield missing
        self.known = link is not None
        if link is not None:
            self._ends.add(link)
        yield ""

    def _wrong(self, last: int, sure: int, seq: int) -> str:
        """Why a record does not follow the last one that is here; "": it is known. sure: up to
        where they were held against what was told.
        """
        if last != sure:
            some = _numbers(sure + 1, seq)
            return f"{some} {self._name}: changed or deleted after being stored"
        if last == seq - 1:
            return f"record {seq} {self._name}: changed after being stored"
        for first, until, elsewhere in self._deleted:
            if first < seq and until > last and elsewhere:
                return ""
        return f"{_numbers(last + 1, seq - 1)} {self._name}: deleted after being stored"

    def _missing_at_end(self, last: int) -> str:
        """The newest were here once: they were acknowledged."""
        row = self._connection.execute(
            "SELECT seq FROM acked WHERE unit=? AND boot=?", self._of_boot
        ).fetchone()
        mark = row[0] if row else 0
        known = [until for _, until, elsewhere in self._deleted if elsewhere]
        last = max([last, *known, *(until for first, until in self._holes if first <= last + 1)])
        if mark <= last:
            return ""
        return f"{_numbers(last + 1, mark)} {self._name}: deleted after being stored"

    def _is_here(self, seq: int, follows: bytes) -> bool:
        """Whether what the first record follows is known to be here, or not to be."""
        noted = any(first <= seq <= last for first, last in self._found)
        return noted or not self.known or len(follows) != LINK or self._leads_to(follows)

    def _leads_to(self, follows: bytes) -> bool:
        """Over what a box's flash has spoilt too (WIRE.md, Chain)."""
        return follows in self._ends or any(
            leads_over_spoilt(seal, link, follows)
            for seal in self._seals.values()
            for link in self._ends
        )

    def _records(self) -> Iterator[_Stored]:
        forms = self._rows_of_records(), self._packed(), self._refused()
        yield from heapq.merge(*forms, key=_SEQ)

    def _rows_of_records(self) -> Iterator[_Stored]:
        for row in self._connection.execute(
            "SELECT seq, body, link FROM record WHERE unit=? AND boot=? ORDER BY seq",
            self._of_boot,
        ):
            yield _Stored(*row)

    def _packed(self) -> Iterator[_Stored]:
        """Those of days and hours that overlap together."""
        group: list[_Stored] = []
        end = 0
        of_days = self._rows("SELECT first, last, id FROM past_records", "AND length(records)>0")
        of_hours = self._rows("SELECT first, last, unit, hour, boot, first FROM past_hours")
        for first, last, *key in sorted([*of_days, *of_hours], key=lambda row: row[0]):
            if first > end:
                yield from sorted(group, key=_SEQ)
                group = []
            end = max(end, last)
            records, marks = self._connection.execute(
                f"SELECT records, marks FROM {packed_of(key)}", key
            ).fetchone()
            try:
                found = packed_day.unpack_records(records)
            except ValueError:
                continue  # that is said elsewhere
            usable = marks and len(marks) == MARK * len(found)
            for place, one in enumerate(found):
                mark = marks[MARK * place : MARK * place + MARK] if usable else None
                group.append(_Stored(one.seq, one.body, None, mark))
        yield from sorted(group, key=_SEQ)

    def _refused(self) -> Iterator[_Stored]:
        """They are in the chain, too."""
        for seq, body in self._connection.execute(
            "SELECT seq, body FROM refused WHERE unit=? AND boot=? AND seq>0 AND conflict=0"
            " ORDER BY seq",
            self._of_boot,
        ):
            try:
                opened = encoding.opened(body)
            except ValueError:
                continue
            if opened.link:
                yield _Stored(seq, opened.record, opened.link)

    def _rows(self, select: str, more: str = "") -> list[tuple[int, ...]]:
        return self._connection.execute(
            f"{select} WHERE unit=? AND boot=? {more}", self._of_boot
        ).fetchall()
