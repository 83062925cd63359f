"""What a box told without the time is dated once, openly, when its boot has found the time."""

import random
from pathlib import Path
from typing import Any

import pytest
from scripted_unit import START, event, seconds

from noisetamer.hub.backtest import stored
from noisetamer.hub.store import dating
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.writer import Store
from noisetamer.hub.wire import Event, Seconds, read_report
from tamer.record.events import KINDS
from tamer.record.reading import CLOCK, MISSING, VALID

UNIT = "SIM-0001"
T = START - 600  # second 0 of the boot


def read(message: bytes) -> Seconds | Event:
    found = read_report(f"dev.{UNIT}.record", message)
    assert isinstance(found, Seconds | Event)
    return found


def undated(seq: int, t: int, level: int = 500, **fields: Any) -> Seconds | Event:
    return read(seconds(seq, t, [level] * 10, flags=CLOCK, **fields))


def clock(seq: int, t: int, boot_at: int = T, **fields: Any) -> Seconds | Event:
    return read(event(seq, t, "clock", boot_at=boot_at, source="ntp", **fields))


# A boot: it starts, is heard for 20 s, warns, and learns the time in second 30.
BOOT = [
    read(event(1, 0, "boot", reset="power on")),
    undated(2, 0),
    undated(3, 10, 600),
    read(event(4, 15, "warning", message="polite_zh", number=1)),
    undated(5, 20, 700),
    clock(6, T + 30),
    read(seconds(7, T + 30, [550] * 10)),
]


class Told:
    """A store and what it shows."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder / "hub.sqlite")
        self.queries = Queries(self.store.file)

    def seconds(self) -> list[tuple[int, int, int]]:
        """(second of the boot, LAeq, reason), as a backtest has them."""
        return [(s.t - T, s.LAeq, s.flags) for _, s in stored.seconds(self.store.file)]

    def events(self) -> list[tuple[str, int, bool]]:
        found = self.queries.events(UNIT, 100)
        return [(event.kind, event.t, event.dated_afterwards) for event in found]


@pytest.fixture
def told(tmp_path: Path) -> Told:
    return Told(tmp_path)


DATED = [
    *((t, 500, CLOCK) for t in range(10)),
    *((t, 600, CLOCK) for t in range(10, 20)),
    *((t, 700, CLOCK) for t in range(20, 30)),
    *((t, 550, VALID) for t in range(30, 40)),
]


def test_before_the_time_is_known_nothing_is_in_any_year(told: Told):
    told.store.append(0, BOOT[:5])
    assert told.seconds() == []
    assert told.queries.last_hour(UNIT) is None
    assert told.events() == [("boot", 0, False), ("warning", 15, False)]


def test_then_all_of_the_boot_is_dated_and_what_was_dated_afterwards_shows(told: Told):
    told.store.append(0, BOOT[:5])
    done = told.store.append(0, BOOT[5:])
    assert [(record.seq, record.t) for record in done.dated] == [
        (1, T),
        (2, T),
        (3, T + 10),
        (4, T + 15),
        (5, T + 20),
    ]
    assert told.seconds() == DATED
    assert told.events() == [
        ("boot", T, True),
        ("warning", T + 15, True),
        ("clock", T + 30, False),
    ]
    curve = told.queries.last_hour(UNIT)
    assert curve is not None and curve.t0 == T
    assert curve.invalid == [(T, T + 30, "clock")]


def test_what_has_no_date_is_counted_by_its_boot(told: Told):
    told.store.append(0, [*BOOT[:5], undated(1, 0, boot=2)])
    assert told.queries.undated(UNIT) == {1: 30, 2: 10}
    told.store.append(0, BOOT[5:])
    assert told.queries.undated(UNIT) == {2: 10}


def lost(seq: int, t: int, of_boot: int, boot: int) -> Seconds | Event:
    fields = {"records": 12, "start": 100, "end": 700, "why": "full", "of_boot": of_boot}
    return read(event(seq, t, "lost", **fields, boot=boot))


def test_what_an_earlier_boot_lost_is_dated_by_that_boot_s_word(told: Told):
    """Whichever comes first, and also where the event itself had no time yet."""

    def spans() -> list[tuple[int, int]]:
        found = told.queries.events(UNIT, 100)
        losses = [event.fields for event in found if event.kind == "lost"]
        return [(fields["start"] - T, fields["end"] - T) for fields in losses]

    unknown = (100 - T, 700 - T)
    told.store.append(0, [lost(1, 5, of_boot=1, boot=2), lost(1, T + 9000, of_boot=1, boot=3)])
    assert spans() == [unknown, unknown]
    done = told.store.append(0, [clock(6, T + 30)])
    assert [(one.boot, one.fields["start"]) for one in done.dated if isinstance(one, Event)] == [
        (2, T + 100),
        (3, T + 100),
    ]
    assert spans() == [(100, 700), (100, 700)]
    # Its own date does not undo that.
    told.store.append(0, [clock(2, T + 5000, boot_at=T + 4000, boot=2)])
    assert spans() == [(100, 700), (100, 700)]
    told.store.append(0, [lost(2, T + 9100, of_boot=1, boot=3)])
    told.store.append(0, [lost(3, T + 9100, of_boot=4, boot=3)])
    assert spans()[2:] == [(100, 700), unknown]


def test_in_whatever_order_and_batches_records_come_and_however_often(tmp_path: Path):
    for seed in range(20):
        chance = random.Random(seed)
        told = Told(tmp_path / str(seed)) if (tmp_path / str(seed)).mkdir() is None else None
        assert told is not None
        come = [*BOOT, *chance.sample(BOOT, 3)]
        chance.shuffle(come)
        while come:
            batch = [come.pop() for _ in range(min(len(come), chance.randint(1, 4)))]
            told.store.append(0, batch)
        assert told.seconds() == DATED
        assert [(t, then) for _, t, then in told.events()] == [
            (T, True),
            (T + 15, True),
            (T + 30, False),
        ]
        assert told.store.append(0, BOOT).dated == []


def test_each_boot_has_its_own_zero_and_one_that_never_learned_the_time_stays_undated(told: Told):
    never = [read(event(1, 0, "boot", boot=1, reset="power on")), undated(2, 0, boot=1)]
    known = [undated(1, 0, boot=2), clock(2, T + 10, boot=2)]
    told.store.append(0, [*never, *known])
    told.store.append(0, [undated(3, 10, boot=1)])
    assert told.seconds() == [(t, 500, CLOCK) for t in range(10)]
    assert told.events() == [("boot", 0, False), ("clock", T + 10, False)]


def test_after_a_correction_what_has_no_name_of_its_own_is_dated_by_that(told: Told):
    """The clock was put back by 5 s: so many seconds go by their numbers."""
    told.store.append(0, [clock(1, T), read(seconds(2, T, [550] * 10))])
    told.store.append(0, [clock(3, T + 5, T - 5, step=-5000), undated(4, 10)])
    # Those places are taken by valid seconds; of what is beyond them the first five are its own.
    assert told.seconds()[:10] == [(t, 550, VALID) for t in range(10)]
    assert told.seconds()[10:] == [(t, 500, CLOCK) for t in range(10, 15)]


def test_an_incidents_own_beginning_is_dated_with_it_what_was_lost_of_another_boot_is_not(
    told: Told,
):
    sums = {"seconds": 30, "valid_seconds": 0, "overload": False, "under_range": False}
    levels = dict.fromkeys(KINDS["incident"][6:], MISSING)
    incident = read(event(1, 70, "incident", start=40, **sums, SD=MISSING, **levels))
    lost = {"seconds": 10, "start": 5, "end": 14, "records": 1, "why": "full"}
    told.store.append(0, [incident, read(event(2, 71, "lost", **lost)), clock(3, T + 80)])
    found = {past.kind: past for past in told.queries.events(UNIT, 9)}
    assert (found["incident"].t, found["incident"].fields["start"]) == (T + 70, T + 40)
    assert (found["lost"].t, found["lost"].fields["start"]) == (T + 71, 5)


def test_many_are_dated_in_pieces_and_a_hub_that_was_ended_in_between_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(dating, "AT_ONCE", 7)
    told = Told(tmp_path)
    told.store.append(0, [undated(n + 1, 10 * n) for n in range(20)])
    other = read_report("dev.SIM-0002.record", seconds(1, T, [500]))
    assert isinstance(other, Seconds)
    done = [len(told.store.append(0, [clock(21, T + 200)]).dated)]
    told.store.close()
    again = Told(tmp_path)
    done += [len(again.store.append(0, [other]).dated) for _ in range(3)]
    assert done == [7, 7, 6, 0]
