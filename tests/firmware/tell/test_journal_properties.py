"""Boxes that live by chance: full journals, lost acknowledgements, power that goes in any write.

Whatever happens, a pass through the journal is as a hub must have it: no record twice, nothing
that is said to be gone comes later, and each second is held, at the hub, or told as given up. And
of its chain a real hub finds nothing but what was given up, and that told.
"""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from chain_checker import Sender
from chip_memory import ChipMemory
from nor_flash import NorFlash

from noisetamer.hub.registry import ChainKey
from noisetamer.hub.store import chain_findings
from noisetamer.hub.store.chain_findings import Finding
from noisetamer.hub.store.writer import Store
from noisetamer.hub.wire import Now, read_report
from tamer import chain_keys
from tamer.record import encoding
from tamer.record.reading import Second
from tamer.tell.journal import Journal, Record

pytestmark = pytest.mark.host

T = 1795431600
CODED = encoding.shortest([Second(0, 560 + i * i % 7, 580, 640, 760, 0) for i in range(10)])
PLAIN = encoding.SECONDS, encoding.of_seconds([Second(0, 500, 520, 580, 680, 0)] * 10)


UNIT = "SIM-0001"
SETTINGS = {"unit": UNIT, "hub": None}
KEY, NEW = "k" * 43, "n" * 43


class PowerCutError(Exception):
    pass


class CutFlash(NorFlash):
    """The power goes `changes` from now on, in the midst of one."""

    changes = 0

    def _change(self, block: int, at: int, old: bytes, new: bytes) -> None:
        self.changes -= 1
        if self.changes == 0:
            new = new[: random.randrange(len(new) + 1)]
        self.data[at : at + len(new)] = new
        if self.changes == 0:
            raise PowerCutError


def covered(body: bytes) -> set[int]:
    """The seconds that a record holds, or tells of as given up."""
    if encoding.how_many(body):
        return {second.t for second in encoding.seconds(body)}
    kind, fields = encoding.event(body)
    if kind not in ("thinned", "lost"):
        return set()
    return set(range(fields["start"], fields["end"] + 1))


class Hub:
    """Its store, which knows both keys of the unit from the beginning."""

    def __init__(self, file: Path) -> None:
        self._file = file
        keys = ChainKey(KEY, None), ChainKey(NEW, None)
        self._store = Store(file, lambda unit: keys)

    def hear(self, messages: list[bytes]) -> None:
        reports = (read_report(f"dev.{UNIT}.record", message) for message in messages)
        self._store.append(T, [one for one in reports if not isinstance(one, Now)])

    def findings(self) -> list[Finding]:
        self._store.close()
        with closing(sqlite3.connect(self._file)) as connection:
            return chain_findings.findings(connection, [UNIT], 0, 1 << 40)


class Life:
    def __init__(self, seed: int, hub: Hub | None = None) -> None:
        self.hub = hub
        self.chance = random.Random(seed)
        random.seed(seed)
        self.flash = CutFlash(self.chance.choice((8, 9, 12, 16)))
        # A number that was counted, and one that was drawn.
        self.boot = self.chance.choice((1, 4000000000))
        self.memory = ChipMemory()
        self.memory.blobs = {"chain": KEY.encode()}
        self.journal = self.started()
        self.t = T
        self.told: set[int] = set()
        self.at_hub: set[int] = set()

    def started(self) -> Journal:
        return Journal(self.flash, self.boot, *chain_keys.chain(SETTINGS, self.memory))

    def step(self) -> None:
        what = self.chance.random()
        try:
            if what < 0.9:
                self.append()
            elif what < 0.95:
                self.report()
            else:
                self.flash.changes = self.chance.randrange(1, 6)
        except PowerCutError:
            self.boot += self.chance.choice((1, -400 if self.boot > 1000 else 1))
            self.journal = self.started()
            # Whoever has lost count has no new key: both are in the chip's memory.
            if self.boot < 1000 and self.chance.random() < 0.2:
                self.memory.blobs["chain_new"] = NEW.encode()
                chain_keys.rekey(self.journal, SETTINGS, self.memory, self.t)

    def append(self) -> None:
        for _ in range(self.chance.randrange(1, 6)):
            if self.chance.random() < 0.2:
                event = encoding.of_event("relapse", {"after": self.t - T})
                self.journal.append(encoding.EVENT, self.t, event)
                continue
            code, payload = self.chance.choice((CODED, PLAIN))
            t, self.t = self.t, self.t + 10
            self.journal.append(code, t, payload)
            # Whole, as it is back.
            self.told |= set(range(t, t + 10))

    def read(self, most: int) -> list[Record]:
        self.journal.rewind()
        records = []
        while len(records) < most and (record := self.journal.read()):
            records.append(record)
        return records

    def report(self) -> None:
        """The link breaks somewhere: of what was sent the hub has, and acknowledges, a part."""
        sender, records, messages = Sender(self.journal), [], []
        self.journal.rewind()
        for _ in range(self.chance.randrange(1, 200)):
            if message := sender.next():
                messages.append(message)
                records.append(sender.last)
        stored = records[: self.chance.randrange(len(records) + 1)]
        if self.hub:
            self.hub.hear(messages[: len(stored)])
        for record in stored:
            self.at_hub |= covered(record.body)
        for boot, sequence in {record.boot: record.sequence for record in stored}.items():
            self.journal.acknowledge(boot, sequence)

    def must_be_right(self) -> None:
        records = self.read(1 << 30)
        names = [(record.boot, record.sequence) for record in records]
        assert len(set(names)) == len(names)
        before = 0, 0
        passed: set[tuple[int, int]] = set()
        for boot, sequence in names:
            previous = before[1] if before[0] == boot and before[1] < sequence else 0
            gone = {(boot, between) for between in range(previous + 1, sequence)}
            assert not gone & set(names) - passed
            passed.add((boot, sequence))
            before = boot, sequence
        found = set().union(*(covered(record.body) for record in records))
        assert self.told <= found | self.at_hub


@pytest.mark.parametrize("seed", range(8))
def test_nothing_is_told_twice_or_falsely_or_not_at_all(seed: int, tmp_path: Path):
    hub = Hub(tmp_path / "hub.sqlite")
    life = Life(seed, hub)
    for n in range(500):
        life.step()
        if n % 50 == 0:
            changes, life.flash.changes = life.flash.changes, 0
            life.must_be_right()
            life.flash.changes = changes
    assert life.journal.lost or len(life.told) > 3000
    life.flash.changes = 0
    for _ in range(2):
        # What was given up is told with the next record.
        life.append()
        sender = Sender(life.journal)
        life.journal.rewind()
        hub.hear([message for message in iter(sender.next, None)])
    # To a hub, boots that do not rise are other lives of a box that has lost its memory.
    kinds = {one.kind for one in hub.findings() if one.alarming}
    assert kinds <= (set() if life.boot < 1000 else {"reset", "gap"})
