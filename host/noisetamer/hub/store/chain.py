"""Each record that comes is held against its unit's chain (tamer.record.seal, WIRE.md).

What is found is a row, and never a reason not to store or not to acknowledge. One HMAC a record,
and nothing is asked of the file, as long as each follows the one before.
"""

import sqlite3
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from noisetamer.hub.registry import ChainKey
from noisetamer.hub.store.chain_book import Before, Book, Gap, Name
from noisetamer.hub.store.chain_findings import Finding
from tamer.record.reading import is_dated
from tamer.record.seal import LINK, Seal

Keys = Callable[[str], Sequence[ChainKey]]
"""A unit's, in the order in which it has had them; none of one that is not known."""

MOST_UNITS = 100_000
# So often all records of a unit are looked through, in one transaction.
_MOST_SEARCHES = 10
# Bytes of a start that names the record which it follows.
_NAME = 4
# Records in a row that a box's flash may have spoilt.
_MOST_SPOILT = 8


class How(Enum):
    """How a record was taken. SECOND: another record has its name."""

    FRESH = "fresh"
    AGAIN = "again"
    SECOND = "second"


class Told(NamedTuple):
    """A record as it came. t: Unix s, or undated; previous: sequence of its boot that was sent
    before it, 0: none; event: (kind, fields) where it is one that can be read.
    """

    unit: str
    boot: int
    seq: int
    t: int
    previous: int
    follows: bytes | None
    link: bytes | None
    body: bytes
    how: How
    event: tuple[str, dict[str, Any]] | None = None

    @property
    def name(self) -> Name:
        return self.boot, self.seq


_IN_ORDER = attrgetter("unit", "boot", "seq")
# Events that tell something of the chain.
_OF_CHAINS = ("rekeyed", "lost", "thinned")


class _Unit:
    """What is known of one. newest: the record that was held against it last, and its link;
    besides: the link it should have had.
    """

    def __init__(self, book: Book, unit: str) -> None:
        self.id = unit
        # (boot, sequence, what it follows, fingerprint), in order
        self.starts = book.starts(unit)
        # (boot, sequence, fingerprint): from behind there on it has that key
        self.keys_told = book.keys_told(unit)
        self.newest: Name | None = None
        self.link: bytes | None = None
        self.besides: bytes | None = None
        # of what is proved with the keys it has, one after the other; None: look closer
        self.seal: Seal | None = None
        self.keys: Sequence[ChainKey] = ()
        # the finding that the record before us has another key, of which nobody told
        self.rekeyed: int | None = None
        # {what is not here, a link or a name: (finding, the record that follows it)}
        self.awaited: dict[bytes | Name, tuple[int, Name]] = {}
        # whether there is a gap of which nobody told why
        self.untold = False
        gaps = book.open_gaps(unit)
        for gap in gaps:
            self.untold |= not gap.told
            for boot, seq, follows, _ in self.starts:
                if boot == gap.boot and gap.seq <= seq <= gap.last and follows:
                    before = book.before(unit, (boot, seq))
                    if not (before and before.is_followed_by(follows)):
                        self.awaited[_awaited(boot, follows)] = gap.id, (boot, seq)
        # what they waited for has come with what brings us here
        self.settled = {gap.id for gap in gaps} - {id for id, _ in self.awaited.values()}

    def goes_on(self, one: Told, keys: Sequence[ChainKey]) -> bool:
        """Whether it follows the record before it, as nearly all do, and tells no news of the
        chain.
        """
        if (
            self.seal is None
            or keys is not self.keys
            or one.how is not How.FRESH
            or one.follows is not None
            or self.newest != (one.boot, one.previous)
            or self.awaited
            or _is_news(one)
        ):
            return False
        assert self.link is not None
        if self.seal.next_link(self.link, one.body) != one.link:
            return False
        self.newest, self.link = (one.boot, one.seq), one.link
        return True

    def key_at(self, name: Name) -> str | None:
        """The fingerprint of its key for this record, as far as it told; None: any will do."""
        place = bisect_left(self.keys_told, name, key=lambda one: one[:2])
        if place:
            return self.keys_told[place - 1][2]
        first = self.keys_told[0][:2] if self.keys_told else (1 << 40, 0)
        begun = next((start for start in self.starts if start[3]), None)
        return begun[3] if begun and begun[:2] <= min(first, name) else None

    def proved_by(self, name: Name) -> str:
        """The fingerprint of the stretch that goes on with this record; "" where there is none."""
        start = self._start_before(name)
        return start[3] if start else ""

    def is_behind_gap(self, name: Name) -> bool:
        """Whether what this stretch follows is not here."""
        start = self._start_before(name)
        return start is not None and any(start[:2] == one for _, one in self.awaited.values())

    def _start_before(self, name: Name) -> tuple[int, int, bytes | None, str] | None:
        place = bisect_left(self.starts, name, key=lambda one: one[:2])
        start = self.starts[place - 1] if place else None
        return start if start and start[0] == name[0] else None


class Chains:
    """Of all units, within the writer's transactions."""

    def __init__(self, connection: sqlite3.Connection, keys: Keys) -> None:
        self._book = Book(connection)
        self._keys = keys
        self._units: dict[str, _Unit] = {}
        self._searches = 0
        # units with gaps of which nobody told why, and news of either
        self._to_explain: set[str] = set()

    def forget(self) -> None:
        """A transaction was rolled back: ask the file anew."""
        self._units.clear()
        self._to_explain.clear()
        self._book.forget()

    def take(self, received: float, told: Iterable[Told]) -> list[Finding]:
        """Hold what a batch has brought against the chains; what was found. received: Unix s."""
        self._searches = 0
        for one in sorted(told, key=_IN_ORDER):
            unit = self._units.get(one.unit) or self._unit(one.unit, received)
            if unit.goes_on(one, self._keys(one.unit)):
                continue
            unit.seal = None
            if one.link is None:
                self._bare(received, unit, one)
            elif not self._can_prove(unit, one):
                self._unproved(unit, one, one.link)
            elif one.how is How.AGAIN:
                self._again(received, unit, one, one.link)
            elif one.how is How.SECOND:
                self._second(received, unit, one, one.link)
            elif one.follows is None:
                self._on(received, unit, one, one.link)
            else:
                self._anew(received, unit, one, one.follows, one.link)
        for id in sorted(self._to_explain):
            self._explain(self._unit(id, received))
        self._to_explain.clear()
        return self._book.take_found()

    def _unit(self, unit: str, received: float) -> _Unit:
        if unit not in self._units:
            if len(self._units) == MOST_UNITS:
                self._units.clear()
            self._units[unit] = _Unit(self._book, unit)
            for id in self._units[unit].settled:
                self._book.settle(id, received)
            if self._units[unit].untold:
                # the hub may have lost something itself since
                self._to_explain.add(unit)
        return self._units[unit]

    def _can_prove(self, unit: _Unit, one: Told) -> bool:
        """Whether its key is known here."""
        keys = self._keys(one.unit)
        known = unit.key_at(one.name)
        return bool(keys) and (known is None or any(key.fingerprint == known for key in keys))

    def _bare(self, received: float, unit: _Unit, one: Told) -> None:
        """It came without a link: of older firmware, unless the unit made some before."""
        if one.how is not How.FRESH or not unit.starts or one.name < unit.starts[0][:2]:
            return
        self._find(received, one, "unlinked")
        unit.besides = None
        if unit.newest == (one.boot, one.seq - 1) and unit.link:
            unit.besides = self._should_be(unit, one, unit.link)
        unit.newest, unit.link = one.name, None

    def _unproved(self, unit: _Unit, one: Told, link: bytes) -> None:
        """Nobody here has its key, or not yet."""
        if one.how is not How.FRESH:
            return
        if one.follows or unit.newest != (one.boot, one.previous) or unit.proved_by(one.name):
            self._begin(unit, one.name, one.follows, "")
        unit.newest, unit.link, unit.besides = one.name, link, None

    def _on(self, received: float, unit: _Unit, one: Told, link: bytes) -> None:
        """It follows the record that was sent before it."""
        before = one.boot, one.previous
        if unit.newest == before:
            links = unit.link, unit.besides
        else:
            links = self._book.link(one.unit, before), None
        for follows in filter(None, links):
            if key := self._proved(received, unit, one, follows, link):
                if follows is not links[0] or unit.proved_by(one.name) != key.fingerprint:
                    self._begin(unit, one.name, follows, key.fingerprint)
                self._accept(received, unit, one, link)
                if unit.newest == one.name and key.revoked is None and not _is_news(one):
                    unit.seal, unit.keys = _seal(key.key), self._keys(one.unit)
                return
        if links[0] is not None:
            self._broken(received, unit, one, links[0], link)
            return
        awaited = None
        if self._book.record(one.unit, before):
            # it had no link
            self._find(received, one, "unlinked")
        else:
            awaited = one.previous.to_bytes(_NAME, "little")
            self._gap(received, unit, one, awaited, self._book.before(one.unit, one.name))
        self._begin(unit, one.name, awaited, unit.key_at(one.name) or "")
        self._accept(received, unit, one, link)

    def _anew(self, received: float, unit: _Unit, one: Told, follows: bytes, link: bytes) -> None:
        """It says which link it follows."""
        key = self._proved(received, unit, one, follows, link)
        if key is None:
            self._broken(received, unit, one, follows, link)
            return
        start = self._book.start(one.unit, one.name)
        if start and start[0] == follows:
            pass  # it could not be read before, and now it can
        elif follows == _seal(key.key).first_link(one.unit):
            self._first(received, unit, one, follows, key)
        else:
            self._place(received, unit, one, follows, key)
        self._accept(received, unit, one, link)

    def _first(
        self, received: float, unit: _Unit, one: Told, follows: bytes, key: ChainKey
    ) -> None:
        """Its chain begins."""
        others = [start for start in unit.starts if start[:2] != one.name and start[3]]
        self._begin(unit, one.name, follows, key.fingerprint)
        if any(start[:2] < one.name or start[2] == follows for start in others):
            self._find(received, one, "reset", key=key.fingerprint)
            unit.keys_told = self._book.keys_told(one.unit)

    def _place(
        self, received: float, unit: _Unit, one: Told, follows: bytes, key: ChainKey
    ) -> None:
        """What it follows is here, or not."""
        before = self._book.before(one.unit, one.name)
        if before and before.is_followed_by(follows):
            place = before.boot, before.seq
            is_whole = before.link == follows
            if is_whole and place[0] == one.boot and unit.proved_by(one.name) == key.fingerprint:
                return
        else:
            place = self._search(one, follows)
        if place:
            if self._book.has_follower(one.unit, place, follows, one.name):
                self._find(received, one, "fork", other=list(place))
        elif not (before and self._is_over_spoilt(one, key, before, follows)):
            self._gap(received, unit, one, follows, before)
        self._begin(unit, one.name, follows, key.fingerprint)

    def _again(self, received: float, unit: _Unit, one: Told, link: bytes) -> None:
        """It is here already. It has the same links, unless the box's flash was spoilt since."""
        row = self._book.record(one.unit, one.name)
        if row is None:
            # in a packed day, or refused
            known = self._book.packed(one.unit, one.name)
            if known and link.startswith(known):
                unit.newest, unit.link, unit.besides = one.name, link, None
            return
        awaited = [what for what, (_, name) in unit.awaited.items() if name == one.name]
        if row[1] == link and not (one.follows and awaited):
            return
        follows = one.follows or self._book.link(one.unit, (one.boot, one.previous))
        if follows is None:
            return
        key = self._proved(received, unit, one, follows, link)
        if key is None:
            self._find(received, one, "break", second=True)
            return
        for what in awaited:
            self._settle(received, unit, what)
        self._book.relink(one.unit, one.name, link)
        if one.follows:
            self._place(received, unit, one, follows, key)
        self._accept(received, unit, one, link)

    def _second(self, received: float, unit: _Unit, one: Told, link: bytes) -> None:
        """Another record has its name already: it is set aside."""
        follows = one.follows or self._book.link(one.unit, (one.boot, one.previous))
        good = follows and self._proved(received, unit, one, follows, link)
        self._find(received, one, "fork" if good else "break", second=True)

    def _proved(
        self, received: float, unit: _Unit, one: Told, follows: bytes, link: bytes
    ) -> ChainKey | None:
        """The key by which this record follows that link."""
        unit.rekeyed = None
        keys = self._keys(one.unit)
        known = unit.key_at(one.name)
        for key in keys:
            if known in (None, key.fingerprint) and _fits(key, one, follows, link):
                if key.revoked is not None and received > key.revoked:
                    self._find(received, one, "revoked", key=key.fingerprint)
                return key
        if known is None:
            return None
        # one that it was given since, and has not told of
        for key in keys[[key.fingerprint for key in keys].index(known) + 1 :]:
            if _fits(key, one, follows, link):
                if follows != _seal(key.key).first_link(one.unit):
                    self._book.settle_key(one.unit, key.fingerprint, received)
                    # what would have told of it may be missing
                    told = "gap" if unit.is_behind_gap(one.name) else ""
                    unit.rekeyed = self._find(received, one, "rekeyed", told, key=key.fingerprint)
                    unit.keys_told = self._book.keys_told(one.unit)
                return key
        return None

    def _accept(self, received: float, unit: _Unit, one: Told, link: bytes) -> None:
        """It is in the chain; what waited for it is settled, and what it tells of the chain is
        taken.
        """
        if one.name == unit.newest or unit.newest is None or one.name > unit.newest:
            unit.newest, unit.link, unit.besides = one.name, link, None
        kind, fields = one.event or ("", {})
        if kind == "rekeyed" and one.how is How.FRESH:
            new = fields.get("fingerprint", "")
            known = any(key.fingerprint == new for key in self._keys(one.unit))
            self._book.settle_key(one.unit, new, received)
            self._find(received, one, "rekeyed", told="box", key=new, known=known)
            unit.keys_told = self._book.keys_told(one.unit)
        elif kind in ("lost", "thinned") and unit.untold:
            self._to_explain.add(one.unit)
        self._settle_all(received, unit, one, link)

    def _settle_all(
        self,
        received: float,
        unit: _Unit,
        one: Told,
        link: bytes,
        besides: bytes | None = None,
    ) -> None:
        """Of all that waited for this record, which has this link or should have the other."""
        if not unit.awaited:
            return
        for found in filter(None, (link, besides)):
            self._settle(received, unit, found)
        if name := self._settle(received, unit, one.name):
            self._follows_now(received, unit, one, name, (link, besides))

    def _settle(self, received: float, unit: _Unit, what: bytes | Name) -> Name | None:
        """It is here now; the record that follows it. Its gap is none any more, unless more is."""
        if what not in unit.awaited:
            return None
        id, name = unit.awaited.pop(what)
        if all(other != id for other, _ in unit.awaited.values()):
            self._book.settle(id, received)
        elif unit.untold:
            # less is missing than was
            self._to_explain.add(unit.id)
        return name

    def _follows_now(
        self,
        received: float,
        unit: _Unit,
        one: Told,
        name: Name,
        links: tuple[bytes | None, ...],
    ) -> None:
        """The record of this name was told to follow this one, which has come only now."""
        row = self._book.record(one.unit, name)
        if row is None or row[1] is None:
            return
        known = unit.key_at(name)
        key = next((key for key in self._keys(unit.id) if key.fingerprint == known), None)
        if key is None:
            return
        seal = _seal(key.key)
        fits = [link for link in links if link and seal.next_link(link, row[0]) == row[1]]
        if fits:
            self._begin(unit, name, fits[0], key.fingerprint)
        else:
            self._book.find(one.unit, name, self._t(received, one), received, "break")

    def _broken(
        self, received: float, unit: _Unit, one: Told, follows: bytes, link: bytes
    ) -> None:
        others = [key for key in self._keys(one.unit) if _fits(key, one, follows, link)]
        detail = {"key": others[0].fingerprint} if others else {}
        self._find(received, one, "break", **detail)
        key, besides = self._expected(unit, one), self._should_be(unit, one, follows)
        self._begin(unit, one.name, None, key.fingerprint)
        self._settle_all(received, unit, one, link, besides)
        unit.newest, unit.link, unit.besides = one.name, link, besides

    def _gap(
        self, received: float, unit: _Unit, one: Told, awaited: bytes, before: Before | None
    ) -> None:
        """What it follows is not here. awaited: as of a start."""
        detail: dict[str, Any] = {"records": None}
        if before:
            detail["after"] = [before.boot, before.seq, before.t]
            if before.boot == one.boot:
                detail["records"] = one.seq - 1 - before.seq
        if before is None or (before.link is None and not unit.starts):
            told = "begin"
        elif self._book.hurt_since(before.received):
            told = "hub"
        else:
            told = ""
            unit.untold = True
            self._to_explain.add(one.unit)
        id = self._find(received, one, "gap", told, **detail)
        unit.awaited[_awaited(one.boot, awaited)] = id, one.name
        if unit.rekeyed:
            self._book.explain(unit.rekeyed, "gap")

    def _explain(self, unit: _Unit) -> None:
        """Gaps of which the box has told why."""
        gaps = [gap for gap in self._book.open_gaps(unit.id) if not gap.told]
        losses = self._book.losses(unit.id, min((gap.since for gap in gaps), default=0))
        unit.untold = False
        for gap in gaps:
            if self._book.hurt_since(gap.received):
                self._book.explain(gap.id, "hub")
            elif _is_explained(gap, self._missing(unit, gap), losses):
                self._book.explain(gap.id, "box")
            else:
                unit.untold = True

    def _missing(self, unit: _Unit, gap: Gap) -> int:
        """How many records there are not, of boots of which that is known; at least 1."""
        missing = 0
        for finding, name in unit.awaited.values():
            before = self._book.before(unit.id, name) if finding == gap.id else None
            if before and before.boot == name[0]:
                missing += name[1] - 1 - before.seq
        return max(missing, 1)

    def _search(self, one: Told, link: bytes) -> Name | None:
        """The record that has this link, wherever it is."""
        self._searches += 1
        if self._searches > _MOST_SEARCHES:
            return None
        return self._book.named(one.unit, link)

    def _is_over_spoilt(self, one: Told, key: ChainKey, before: Before, follows: bytes) -> bool:
        """Whether it follows records that are here, and some that the box cannot read any more."""
        if before.boot == one.boot and before.seq != one.seq - 1:
            return False
        seal = _seal(key.key)
        name = before.boot, before.seq
        earlier = self._book.before(one.unit, name)
        links = [found.link for found in (before, earlier) if found and found.link]
        return any(leads_over_spoilt(seal, link, follows) for link in links)

    def _expected(self, unit: _Unit, one: Told) -> ChainKey:
        """The key that it should have."""
        keys = self._keys(one.unit)
        known = unit.key_at(one.name)
        return next((key for key in keys if key.fingerprint == known), keys[0])

    def _should_be(self, unit: _Unit, one: Told, follows: bytes) -> bytes | None:
        """The link of this record, if it follows that one."""
        if not self._can_prove(unit, one):
            return None
        return _seal(self._expected(unit, one).key).next_link(follows, one.body)

    def _begin(self, unit: _Unit, name: Name, follows: bytes | None, key: str) -> None:
        self._book.begin(unit.id, name, follows, key)
        place = bisect_left(unit.starts, name, key=lambda start: start[:2])
        there = place < len(unit.starts) and unit.starts[place][:2] == name
        unit.starts[place : place + there] = [(*name, follows, key)]

    def _find(self, received: float, one: Told, kind: str, told: str = "", **detail: Any) -> int:
        t = self._t(received, one)
        return self._book.find(one.unit, one.name, t, received, kind, told, **detail)

    def _t(self, received: float, one: Told) -> int:
        return one.t if is_dated(one.t) else int(received)


def _is_news(one: Told) -> bool:
    return one.event is not None and one.event[0] in _OF_CHAINS


def leads_over_spoilt(seal: Seal, link: bytes, follows: bytes) -> bool:
    """Whether a record that follows `follows` stands behind the one with this link and some that
    the box's flash has spoilt (WIRE.md, Chain)."""
    for _ in range(_MOST_SPOILT):
        link = seal.next_link(link, b"")
        if link == follows:
            return True
    return False


@lru_cache(4096)
def _seal(key: str) -> Seal:
    return Seal(key)


def _awaited(boot: int, follows: bytes) -> bytes | Name:
    """What a start follows: a link, or the name of a record of its boot."""
    return follows if len(follows) == LINK else (boot, int.from_bytes(follows, "little"))


def _fits(key: ChainKey, one: Told, follows: bytes, link: bytes) -> bool:
    return _seal(key.key).next_link(follows, one.body) == link


def _is_explained(gap: Gap, missing: int, losses: Iterable[tuple[int, dict[str, Any]]]) -> bool:
    """Whether the box has told of so many losses in that time."""
    since, until = gap.span
    told = 0
    for boot, fields in losses:
        start = fields.get("start", 0)
        if is_dated(start):
            meets = start <= until and fields.get("end", start) >= since
        else:
            meets = gap.after_boot <= fields.get("of_boot", boot) <= gap.boot
        told += fields["records"] if meets else 0
    return told >= missing
