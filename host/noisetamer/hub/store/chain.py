"""Each record that comes is held against its unit's chain (tamer.record.seal, WIRE.md).

What is found is a row, and never a reason not to store or not to acknowledge. One HMAC a record,
and nothing is asked of the file, as long as each follows the one before.
"""

from bisect import bisect_left
from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from noisetamer.base import database
from noisetamer.hub.registry import ChainKey
from noisetamer.hub.store.chain_book import Before, Book, Gap, Name
from noisetamer.hub.store.chain_findings import Finding
from noisetamer.hub.store.chain_unit import (
    How,
    Keys,
    Told,
    UnitChain,
    awaited_by,
    is_news,
    seal_of,
)
from tamer.record.reading import is_dated
from tamer.record.seal import Seal

_IN_ORDER = attrgetter("unit", "boot", "seq")

MOST_UNITS = 100_000
# So often all records of a unit are looked through, in one transaction.
_MOST_SEARCHES = 10
# Bytes of a start that names the record which it follows.
_NAME = 4
# Records in a row that a box's flash may have spoilt.
_MOST_SPOILT = 8


class Chains:
    """Of all units, within the writer's transactions."""

    def __init__(self, connection: database.Connection, keys: Keys) -> None:
        self._book = Book(connection)
        self._keys = keys
        self._units: dict[str, UnitChain] = {}
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

    def _unit(self, unit: str, received: float) -> UnitChain:
        if unit not in self._units:
            if len(self._units) == MOST_UNITS:
                self._units.clear()
            self._units[unit] = UnitChain(self._book, unit)
            for id in self._units[unit].settled:
                self._book.settle(id, received)
            if self._units[unit].untold:
                # the hub may have lost something itself since
                self._to_explain.add(unit)
        return self._units[unit]

    def _can_prove(self, unit: UnitChain, one: Told) -> bool:
        """Whether its key is known here."""
        keys = self._keys(one.unit)
        known = unit.key_at(one.name)
        return bool(keys) and (known is None or any(key.fingerprint == known for key in keys))

    def _bare(self, received: float, unit: UnitChain, one: Told) -> None:
        """It came without a link: of older firmware, unless the unit made some before."""
        if one.how is not How.FRESH or not unit.starts or one.name < unit.starts[0][:2]:
            return
        self._find(received, one, "unlinked")
        unit.besides = None
        if unit.newest == (one.boot, one.seq - 1) and unit.link:
            unit.besides = self._should_be(unit, one, unit.link)
        unit.newest, unit.link = one.name, None

    def _unproved(self, unit: UnitChain, one: Told, link: bytes) -> None:
        """Nobody here has its key, or not yet."""
        if one.how is not How.FRESH:
            return
        if one.follows or unit.newest != (one.boot, one.previous) or unit.proved_by(one.name):
            self._begin(unit, one.name, one.follows, "")
        unit.newest, unit.link, unit.besides = one.name, link, None

    def _on(self, received: float, unit: UnitChain, one: Told, link: bytes) -> None:
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
                if unit.newest == one.name and key.revoked is None and not is_news(one):
                    unit.seal, unit.keys = seal_of(key.key), self._keys(one.unit)
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

    def _anew(
        self, received: float, unit: UnitChain, one: Told, follows: bytes, link: bytes
    ) -> None:
        """It says which link it follows."""
        key = self._proved(received, unit, one, follows, link)
        if key is None:
            self._broken(received, unit, one, follows, link)
            return
        start = self._book.start(one.unit, one.name)
        if start and start[0] == follows:
            pass  # it could not be read before, and now it can
        elif follows == seal_of(key.key).first_link(one.unit):
            self._first(received, unit, one, follows, key)
        else:
            self._place(received, unit, one, follows, key)
        self._accept(received, unit, one, link)

    def _first(
        self, received: float, unit: UnitChain, one: Told, follows: bytes, key: ChainKey
    ) -> None:
        """Its chain begins."""
        others = [start for start in unit.starts if start[:2] != one.name and start[3]]
        self._begin(unit, one.name, follows, key.fingerprint)
        if any(start[:2] < one.name or start[2] == follows for start in others):
            self._find(received, one, "reset", key=key.fingerprint)
            unit.keys_told = self._book.keys_told(one.unit)

    def _place(
        self, received: float, unit: UnitChain, one: Told, follows: bytes, key: ChainKey
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

    def _again(self, received: float, unit: UnitChain, one: Told, link: bytes) -> None:
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

    def _second(self, received: float, unit: UnitChain, one: Told, link: bytes) -> None:
        """Another record has its name already: it is set aside."""
        follows = one.follows or self._book.link(one.unit, (one.boot, one.previous))
        good = follows and self._proved(received, unit, one, follows, link)
        self._find(received, one, "fork" if good else "break", second=True)

    def _proved(
        self, received: float, unit: UnitChain, one: Told, follows: bytes, link: bytes
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
                if follows != seal_of(key.key).first_link(one.unit):
                    self._book.settle_key(one.unit, key.fingerprint, received)
                    # what would have told of it may be missing
                    told = "gap" if unit.is_behind_gap(one.name) else ""
                    unit.rekeyed = self._find(received, one, "rekeyed", told, key=key.fingerprint)
                    unit.keys_told = self._book.keys_told(one.unit)
                return key
        return None

    def _accept(self, received: float, unit: UnitChain, one: Told, link: bytes) -> None:
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
        unit: UnitChain,
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

    def _settle(self, received: float, unit: UnitChain, what: bytes | Name) -> Name | None:
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
        unit: UnitChain,
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
        seal = seal_of(key.key)
        fits = [link for link in links if link and seal.next_link(link, row[0]) == row[1]]
        if fits:
            self._begin(unit, name, fits[0], key.fingerprint)
        else:
            self._book.find(one.unit, name, self._t(received, one), received, "break")

    def _broken(
        self, received: float, unit: UnitChain, one: Told, follows: bytes, link: bytes
    ) -> None:
        others = [key for key in self._keys(one.unit) if _fits(key, one, follows, link)]
        detail = {"key": others[0].fingerprint} if others else {}
        self._find(received, one, "break", **detail)
        key, besides = self._expected(unit, one), self._should_be(unit, one, follows)
        self._begin(unit, one.name, None, key.fingerprint)
        self._settle_all(received, unit, one, link, besides)
        unit.newest, unit.link, unit.besides = one.name, link, besides

    def _gap(
        self, received: float, unit: UnitChain, one: Told, awaited: bytes, before: Before | None
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
        unit.awaited[awaited_by(one.boot, awaited)] = id, one.name
        if unit.rekeyed:
            self._book.explain(unit.rekeyed, "gap")

    def _explain(self, unit: UnitChain) -> None:
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

    def _missing(self, unit: UnitChain, gap: Gap) -> int:
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
        seal = seal_of(key.key)
        name = before.boot, before.seq
        earlier = self._book.before(one.unit, name)
        links = [found.link for found in (before, earlier) if found and found.link]
        return any(leads_over_spoilt(seal, link, follows) for link in links)

    def _expected(self, unit: UnitChain, one: Told) -> ChainKey:
        """The key that it should have."""
        keys = self._keys(one.unit)
        known = unit.key_at(one.name)
        return next((key for key in keys if key.fingerprint == known), keys[0])

    def _should_be(self, unit: UnitChain, one: Told, follows: bytes) -> bytes | None:
        """The link of this record, if it follows that one."""
        if not self._can_prove(unit, one):
            return None
        return seal_of(self._expected(unit, one).key).next_link(follows, one.body)

    def _begin(self, unit: UnitChain, name: Name, follows: bytes | None, key: str) -> None:
        self._book.begin(unit.id, name, follows, key)
        place = bisect_left(unit.starts, name, key=lambda start: start[:2])
        there = place < len(unit.starts) and unit.starts[place][:2] == name
        unit.starts[place : place + there] = [(*name, follows, key)]

    def _find(self, received: float, one: Told, kind: str, told: str = "", **detail: Any) -> int:
        t = self._t(received, one)
        return self._book.find(one.unit, one.name, t, received, kind, told, **detail)

    def _t(self, received: float, one: Told) -> int:
        return one.t if is_dated(one.t) else int(received)


def leads_over_spoilt(seal: Seal, link: bytes, follows: bytes) -> bool:
    """Whether a record that follows `follows` stands behind the one with this link and some that
    the box's flash has spoilt (WIRE.md, Chain)."""
    for _ in range(_MOST_SPOILT):
        link = seal.next_link(link, b"")
        if link == follows:
            return True
    return False


def _fits(key: ChainKey, one: Told, follows: bytes, link: bytes) -> bool:
    return seal_of(key.key).next_link(follows, one.body) == link


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
