"""A hub's store that hears chained units, and honest histories of one: cuts, restarts of both,
losses that are told, another key, a backup brought back, days that are packed, an erased flash.
"""

import random
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from chained_unit import START, ChainedUnit

from noisetamer.hub.registry import ChainKey
from noisetamer.hub.store import (
    chain_check,
    chain_findings,
    day_packing,
    hour_packing,
    minutes_check,
)
from noisetamer.hub.store.chain_findings import Finding
from noisetamer.hub.store.packed_day import DAY
from noisetamer.hub.store.refusals import Refusal
from noisetamer.hub.store.writer import Store, Stored
from noisetamer.hub.wire import RefusedError, name_of, read_report

UNIT, KEY = "NT1-2611-0001", "k" * 43


class Hub:
    """A store, and what it knows of keys."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "hub.sqlite"
        self.keys: dict[str, tuple[ChainKey, ...]] = {UNIT: (ChainKey(KEY, None),)}
        self.store = Store(self.file, lambda unit: self.keys.get(unit, ()))

    def again(self) -> None:
        """It is started anew."""
        self.store.close()
        self.store = Store(self.file, lambda unit: self.keys.get(unit, ()))

    def hears(
        self, messages: Sequence[bytes], received: float = START, unit: str = UNIT
    ) -> Stored:
        reports = []
        for message in messages:
            subject = f"dev.{unit}.record"
            try:
                reports.append(read_report(subject, message))
            except RefusedError as error:
                name = name_of(subject, message)
                reports.append(Refusal(subject, str(error), message, name))
        return self.store.append(received, reports)

    def findings(self, unit: str = UNIT) -> list[Finding]:
        with closing(sqlite3.connect(self.file)) as connection:
            return chain_findings.findings(connection, [unit], 0, 1 << 40)

    def found(self) -> list[tuple[str, int, int, int]]:
        """(kind, boot, from, to) of each."""
        return [(one.kind, one.boot, one.seq, one.last) for one in self.findings()]

    def standing(self, boot: int, first: int, last: int) -> str:
        with closing(sqlite3.connect(self.file)) as connection:
            return chain_findings.standing(connection, UNIT, boot, first, last).word


def history(seed: int, folder: Path) -> tuple[list[Finding], set[str]]:
    """(what was found, kinds that are true)."""
    chance = random.Random(seed)
    hub, box, true = Hub(folder), ChainedUnit(UNIT, KEY), set[str]()
    received = float(START)
    keys = 0

    def told_at_once(n: int) -> None:
        nonlocal received
        received += 60
        batch = box.messages()[:n]
        if chance.random() < 0.3:  # lost on the way, twice, in another order
            batch = [one for one in batch if chance.random() < 0.8]
            batch += chance.sample(batch, len(batch) // 3)
            if chance.random() < 0.5:
                chance.shuffle(batch)
        half = chance.randint(0, len(batch))
        for part in (batch[:half], batch[half:]):
            stored = hub.hears(part, received)
            if chance.random() < 0.7:
                box.forget({ack.boot: ack.seq for ack in stored.acks})

    for _ in range(chance.randint(3, 10)):
        match chance.randint(0, 9):
            case 0:
                box.restart(chance.randint(1, 3))
                box.event("boot", reset="power")
            case 1 if len(box.held) > 6:
                first = chance.randint(0, len(box.held) - 5)
                box.lose(
                    range(first, first + chance.randint(1, 4)), chance.choice(["lost", "thinned"])
                )
                true.add("gap")
            case 2:
                hub.again()
            case 3 if keys < 3:
                keys += 1
                key = str(keys) * 43
                hub.keys[UNIT] += (ChainKey(key, None),)
                box.rekey(key)
                true.add("rekeyed")
            case 4:
                with closing(sqlite3.connect(hub.file)) as source:
                    source.execute("VACUUM INTO ?", (str(folder / "backup.sqlite"),))
                told_at_once(chance.randint(1, 40))
                hub.store.close()
                for end in ("", "-wal", "-shm"):
                    Path(f"{hub.file}{end}").unlink(missing_ok=True)
                (folder / "backup.sqlite").rename(hub.file)
                hub.again()
                hub.store.hurt(received, "restored")
                true.add("gap")
            case 6:
                with closing(hub.store.reader()) as reader:
                    for one in day_packing.to_pack(reader, (START // DAY + 2) * DAY):
                        assert hub.store.pack(one)
            case 7:
                # packed as soon as they are here, however few
                with closing(hub.store.reader()) as reader:
                    for some in hour_packing.to_pack(
                        reader, START + 5 * DAY, START // DAY, at_least=1
                    ):
                        assert hub.store.pack_hours(some) == len(some)
            case 5 if not box.held and chance.random() < 0.3:
                box.erased()
                box.event("boot", reset="power")
                true.add("reset")
            case _:
                box.seconds(chance.randint(1, 12))
        if chance.random() < 0.7:
            told_at_once(chance.randint(1, 60))
    box.seconds(1)
    hub.hears(box.messages(), received + 60)
    box.event("clock", boot_at=START, source="ntp")
    hub.hears(box.messages(box.held[-1:]), received + 120)
    found = hub.findings()
    hub.store.close()
    with closing(sqlite3.connect(hub.file, isolation_level=None)) as connection:
        of_chains = chain_check.problems(connection, lambda unit: hub.keys.get(unit, ()))
        edited = [*filter(None, of_chains), *filter(None, minutes_check.problems(connection))]
    assert not edited, (seed, edited)
    return found, true


def histories(seeds: Sequence[int], folder: Callable[[int], Path]) -> None:
    for seed in seeds:
        found, true = history(seed, folder(seed))
        assert {one.kind for one in found} <= true, (seed, found)
        alarms = [one for one in found if one.alarming and one.kind != "reset"]
        assert not alarms, (seed, alarms)
