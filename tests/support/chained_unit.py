"""A unit that chains its records (WIRE.md, Chain): what it makes, holds and sends."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tamer.record import encoding, level_code
from tamer.record.reading import Second
from tamer.record.seal import Seal, fingerprint

START = 1795431600  # 2026-11-23 19:00 UTC+8


@dataclass(frozen=True)
class Made:
    """A record, the link that it follows, and its own."""

    boot: int
    seq: int
    t: int
    body: bytes
    follows: bytes
    link: bytes

    @property
    def name(self) -> tuple[int, int]:
        return self.boot, self.seq


class ChainedUnit:
    """held: what its journal has and nobody has acknowledged, in order; made: all of it."""

    def __init__(self, unit: str = "NT1-2611-0001", key: str = "k" * 43, boot: int = 1) -> None:
        self.unit = unit
        self.boot = boot
        self.now = START
        self.made: list[Made] = []
        self.held: list[Made] = []
        self._seal = Seal(key)
        self._link = self._seal.first_link(unit)
        self._sequence = 0

    def restart(self, boots: int = 1) -> None:
        self.boot += boots
        self.now += 20
        self._sequence = 0

    def erased(self, key: str | None = None) -> None:
        """Its flash is empty; its memory has another key, perhaps."""
        self.restart()
        if key:
            self._seal = Seal(key)
        self.held.clear()
        self._link = self._seal.first_link(self.unit)

    def seconds(self, n: int = 1, level: int = 600) -> None:
        """n records of ten."""
        for _ in range(n):
            levels = level, level + 20, level + 80, level + 180
            batch = [Second(self.now + i, *levels, 0) for i in range(10)]
            self.now += 10
            self._add(encoding.CODED_SECONDS, batch[0].t, level_code.encode(batch), batch[-1].t)

    def event(self, kind: str, **fields: Any) -> None:
        payload = encoding.of_event(kind, fields)
        self._add(encoding.EVENT, self.now, payload, self.now)

    def rekey(self, key: str) -> None:
        self.event("rekeyed", fingerprint=fingerprint(key))
        self._seal = Seal(key)

    def lose(self, places: Iterable[int], kind: str = "lost") -> None:
        """Records of `held` go, and an event tells of them, as far as they have one time."""
        gone = [self.held[place] for place in sorted(set(places))]
        self.held = [one for one in self.held if one not in gone]
        if gone:
            start, end = gone[0].t - 9, gone[-1].t
            self.event(kind, start=start, end=end, records=len(gone), why="full")

    def forget(self, acked: dict[int, int]) -> None:
        """What is acknowledged: {boot: up to where}."""
        self.held = [one for one in self.held if one.seq > acked.get(one.boot, 0)]

    def messages(self, records: Sequence[Made] | None = None) -> list[bytes]:
        """Those of one connection: what it holds, from the oldest on."""
        return enveloped(self.held if records is None else records)

    def _add(self, code: int, t: int, payload: bytes, last: int) -> None:
        self._sequence += 1
        body = encoding.record(code, self.boot, self._sequence, t, payload)
        link = self._seal.next_link(self._link, body)
        one = Made(self.boot, self._sequence, last, body, self._link, link)
        self._link = link
        self.made.append(one)
        self.held.append(one)


def enveloped(records: Sequence[Made]) -> list[bytes]:
    """The messages of one connection that carries these, one after the other."""
    told: list[bytes] = []
    before = 0, 0, b""
    for one in records:
        told.append(encoding.following(before, one.body, one.follows, one.link))
        before = one.boot, one.seq, one.link
    return told
