"""What boxes told on an evening that has all that a bundle has to say something about."""

import hashlib
import json
import random
from dataclasses import dataclass, field
from typing import Any

from evidence_signers import BEGIN, canonical

from tamer.record import encoding
from tamer.record.reading import MISSING, Second


class Boot:
    """Records of one life of a unit, in the order they are made."""

    def __init__(self, unit: str, boot: int) -> None:
        self.unit, self.boot = unit, boot
        self.records: list[tuple[int, bytes]] = []
        self.sequence = 0

    def seconds(self, t: int, batch: list[tuple[int, ...]], plainly: bool = False) -> None:
        made = [Second(t + i, *levels) for i, levels in enumerate(batch)]
        code, payload = (
            (1, bytes(encoding.of_seconds(made))) if plainly else encoding.shortest(made)
        )
        self._add(code, t, bytes(payload))

    def event(self, t: int, kind: str, **fields: Any) -> None:
        self._add(2, t, json.dumps([kind, fields], separators=(",", ":")).encode())

    def given_up(self, n: int) -> None:
        """So many records that nobody will see."""
        self.sequence += n

    def _add(self, code: int, t: int, payload: bytes) -> None:
        self.sequence += 1
        record = encoding.record(code, self.boot, self.sequence, t, payload)
        self.records.append((self.sequence, record))


@dataclass
class Evening:
    """What boxes told. policy: the completed one, by its 12 digits."""

    since: int
    until: int
    boots: list[Boot]
    policy: dict[str, bytes] = field(default_factory=dict)

    @property
    def units(self) -> list[str]:
        return sorted({boot.unit for boot in self.boots})


def evening(seconds: int = 600, seed: int = 1, units: tuple[str, ...] = ("NT-0001", "NT-0002")):
    """An evening with all that a bundle has to say something about: levels in both codes, each
    reason, a gap, seconds claimed twice, a boot that learned the time late, stages and words."""
    chance = random.Random(seed)
    policy = canonical({"name": "东门广场", "limit": {"day": 650}, "version": 1})
    name = hashlib.sha256(policy).hexdigest()[:12]
    boots = []
    for unit in units:
        late = Boot(unit, 3)
        late.event(1, "boot", reset="power on", firmware="1.0.0")
        for t in range(2, 42, 10):
            late.seconds(t, _levels(chance, 10, 540))
        late.event(45, "clock", boot_at=BEGIN + 3, source="ntp", step=0)
        late.seconds(BEGIN + 50, _levels(chance, 10, 560), plainly=True)
        box = Boot(unit, 4)
        begin = BEGIN + 70
        box.event(begin - 1, "boot", reset="watchdog", firmware="1.0.0", policy=name)
        for t in range(begin, BEGIN + seconds, 10):
            loud = 120 <= t - BEGIN < 400
            box.seconds(t, _levels(chance, 10, 690 if loud else 540), plainly=t % 7 == 0)
            match t - BEGIN:
                case 120:
                    box.event(
                        t,
                        "stage",
                        **{"from": "green", "to": "red"},
                        limit=650,
                        level=694,
                        policy=name,
                    )
                    box.event(t, "spotlight", on=True)
                case 180:
                    box.event(
                        t,
                        "warning",
                        stage="polite",
                        message="polite_zh",
                        number=1,
                        volume=-6,
                        policy=name,
                    )
                    # fields that no firmware has yet: no integer, and one that no browser reads
                    more = {"after": 2.0, "volume": 2**53 + 1}
                    box.event(t + 4, "spoken", message="polite_zh", number=1, **more)
                case 240:
                    box.event(
                        t, "spoken", message="firm_zh", number=2, failed='读不出 "x", 放弃\n'
                    )
                    box.event(
                        t,
                        "outcome",
                        message="firm_zh",
                        stage="firm",
                        number=2,
                        effective=False,
                        after=60,
                    )
                case 300:
                    box.given_up(3)
                case 410:
                    # claimed a second time, louder
                    box.seconds(t - 20, _levels(chance, 10, 600))
                    box.event(
                        t,
                        "stage",
                        **{"from": "red", "to": "green"},
                        limit=650,
                        level=MISSING,
                        policy=name,
                    )
                case 420:
                    box.event(t, "doctor", findings=["hum 50 Hz", "clipping"])
        boots += [late, box]
    return Evening(BEGIN + 10, BEGIN + seconds - 5, boots, {name: policy})


def _levels(chance: random.Random, n: int, about: int) -> list[tuple[int, ...]]:
    found = []
    for _ in range(n):
        flags = chance.choice((0,) * 12 + (1, 3, 4, 5, 6, 7, 9, 0x10, 0x8000))
        A = about + chance.randrange(-20, 20)
        if flags & 15 in (1, 3):
            found.append((MISSING, MISSING, MISSING, MISSING, flags))
        else:
            more = chance.randrange(0, 40)
            found.append((A, A + 10 + more, A + 70 + chance.randrange(90), A + 200 + more, flags))
    if chance.random() < 0.1:
        found[3] = (-12, 1500, 900, 1400, 0)
    return found
