"""Whatever becomes of messages, acknowledgements, boxes and hub on the way: what a box is told is
stored is stored, and in the end it is told so of everything."""

import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from scripted_unit import START

from noisetamer.hub.store.refusals import Refusal
from noisetamer.hub.store.writer import Store
from noisetamer.hub.wire import Event, RefusedError, Seconds, name_of, read_report
from tamer.record import encoding
from tamer.record.reading import Second

SUBJECT = "dev.SIM-0001.record"
UNREADABLE = 15
IN_FLIGHT = 16


@dataclass
class Box:
    """One life of a unit: its journal, and its link as the firmware has it."""

    boot: int
    chance: random.Random
    records: dict[int, bytes] = field(default_factory=dict)
    held: list[int] = field(default_factory=list)
    given_up: set[int] = field(default_factory=set)
    acknowledged: int = 0
    sent: int = 0
    previous: int = 0
    read: int = 0

    def hear(self) -> None:
        """One more record."""
        seq = len(self.records) + 1
        flags = UNREADABLE if self.chance.random() < 0.1 else 0
        second = Second(START + seq, self.chance.randrange(900), 520, 580, 680, flags)
        payload = bytes(encoding.of_seconds([second]))
        self.records[seq] = encoding.record(encoding.SECONDS, self.boot, seq, second.t, payload)
        self.held.append(seq)

    def give_up(self) -> None:
        """Some that nobody has acknowledged, in the midst or at the beginning."""
        first = self.chance.randrange(len(self.held) or 1)
        gone = self.held[first : first + self.chance.randrange(1, 6)]
        self.held = [seq for seq in self.held if seq not in gone]
        self.given_up.update(gone)

    def rewind(self) -> None:
        self.previous = self.read = 0

    def send(self) -> list[bytes]:
        """The next messages, as many as may be under way."""
        found = []
        under_way = sum(seq <= self.read for seq in self.held)
        for seq in [seq for seq in self.held if seq > self.read][: IN_FLIGHT - under_way]:
            found.append(encoding.enveloped(self.previous, self.records[seq]))
            self.previous = self.read = seq
            self.sent = max(self.sent, seq)
        return found

    def obey(self, seq: int) -> None:
        """An acknowledgement; one of more than was sent says nothing."""
        if self.acknowledged < seq <= self.sent:
            self.acknowledged = seq
            self.held = [held for held in self.held if held > seq]


def report(message: bytes) -> Seconds | Event | Refusal:
    """As the hub takes it in."""
    try:
        found = read_report(SUBJECT, message)
    except RefusedError as error:
        return Refusal(SUBJECT, str(error), message, name_of(SUBJECT, message))
    assert isinstance(found, Seconds | Event)
    return found


def opened(file: Path) -> Store:
    store = Store(file)
    store._connection.execute("PRAGMA synchronous=OFF")  # no power is cut here
    return store


def kept(file: Path) -> set[bytes]:
    """Every record in the store, in whatever table."""
    with closing(sqlite3.connect(file)) as connection:
        stored = {body for (body,) in connection.execute("SELECT body FROM record")}
        refused = connection.execute("SELECT body FROM refused").fetchall()
    return stored | {body[encoding.ENVELOPE_BYTES :] for (body,) in refused}


def must_be_kept(box: Box, file: Path) -> None:
    """All of this life that it need not hold any more."""
    stored = kept(file)
    for seq in range(1, box.acknowledged + 1):
        assert seq in box.given_up or box.records[seq] in stored, seq


@pytest.mark.parametrize("seed", range(6))
def test_what_is_acknowledged_is_kept_and_everything_is_acknowledged_in_the_end(
    seed: int, tmp_path: Path
):
    chance = random.Random(seed)
    file = tmp_path / "hub.sqlite"
    store = opened(file)
    # The same number twice: as after a board was erased, and counts from where it counted before.
    for boot in (7, 8, 7, 7):
        box, messages, before = Box(boot, chance), [], []
        for _ in range(60):
            for _ in range(chance.randrange(8)):
                box.hear()
            if chance.random() < 0.2:
                box.give_up()
            if chance.random() < 0.2:
                box.rewind()
            messages = box.send()
            before += messages
            if chance.random() < 0.2:  # the connection breaks: what was under way is lost
                messages = messages[: chance.randrange(len(messages) + 1)]
                box.rewind()
            if chance.random() < 0.2:  # the broker delivers once more
                messages += chance.sample(before, min(len(before), 5))
            if chance.random() < 0.1:
                chance.shuffle(messages)
            acks = store.append(0.0, map(report, messages)).acks
            for ack in acks:
                if ack.boot == boot and chance.random() < 0.7:
                    box.obey(ack.seq)
            if chance.random() < 0.1:  # the hub is killed and started again
                store.close()
                store = opened(file)
                if chance.random() < 0.5:
                    store.read_again(0)
            must_be_kept(box, file)
        for _ in range(2 + len(box.held) // IN_FLIGHT):  # at last nothing is lost any more
            box.rewind()
            for ack in store.append(0.0, map(report, box.send())).acks:
                box.obey(ack.seq)
        assert box.held == []
        must_be_kept(box, file)
    store.close()
