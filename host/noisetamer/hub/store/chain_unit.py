"""What is known of one unit's chain, and a record of it as it came."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

from noisetamer.hub.registry import ChainKey
from noisetamer.hub.store.chain_book import Book, Name
from tamer.record.seal import LINK, Seal

Keys = Callable[[str], Sequence[ChainKey]]
"""A unit's, in the order in which it has had them; none of one that is not known."""


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


# Events that tell something of the chain.
_OF_CHAINS = ("rekeyed", "lost", "thinned")


class UnitChain:
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
                        self.awaited[awaited_by(boot, follows)] = gap.id, (boot, seq)
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
            or is_news(one)
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


def is_news(one: Told) -> bool:
    return one.event is not None and one.event[0] in _OF_CHAINS


@lru_cache(4096)
def seal_of(key: str) -> Seal:
    return Seal(key)


def awaited_by(boot: int, follows: bytes) -> bytes | Name:
    """What a start follows: a link, or the name of a record of its boot."""
    return follows if len(follows) == LINK else (boot, int.from_bytes(follows, "little"))
