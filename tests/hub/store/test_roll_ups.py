"""Hours summed up and kept: the same figures as from every second, whatever comes when."""

import asyncio
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from scripted_unit import event, seconds

from noisetamer.base import database
from noisetamer.hub.maintenance.summing import Summing
from noisetamer.hub.store import figures, hour_sums, roll_ups, soundness
from noisetamer.hub.store.hour_sums import HOUR, HourSum
from noisetamer.hub.store.minutes import NOT_RECEIVED, Columns
from noisetamer.hub.store.periods import summed_up
from noisetamer.hub.store.schema import SCHEMA
from noisetamer.hub.store.series import Levels, minutes
from noisetamer.hub.store.writer import Store
from noisetamer.hub.wire import Event, Seconds, read_report
from tamer.record.reading import MISSING, OWN_VOICE, Second
from tamer.record.statistics import Period, day_night_level

MIDNIGHT = 20780 * 86_400 - 8 * HOUR
"""Of a day of the local clock, UTC+8."""
UNIT = "SIM-0001"


def some_seconds(hours: int, seed: int = 1) -> Columns:
    """As stored: own voice, wind and what was not received among them."""
    chance = np.random.default_rng(seed)
    n = hours * HOUR
    A = (600 + 60 * np.sin(np.arange(n) / 4000) + chance.normal(0, 25, n)).astype(np.int32)
    columns = np.stack([A, A + 20, A + 80, A + 180, np.zeros(n, np.int32)])
    columns[4, chance.integers(0, n, n // 50)] = OWN_VOICE
    columns[4, n // 3 : n // 3 + 700] = 7
    for start in chance.integers(0, n - 90, hours // 2):
        columns[:4, start : start + 90] = MISSING
        columns[4, start : start + 90] = NOT_RECEIVED
    return columns


def by_the_second(t: int, length: int, columns: Columns) -> Period:
    whole = Period(t, length)
    for second, column in enumerate(columns.T.tolist()):
        if column[4] != NOT_RECEIVED:
            whole.add(Second(t + second, *column))
    return whole


def hours_of(columns: Columns) -> list[HourSum]:
    found = [
        hour_sums.summed(MIDNIGHT + start, columns[:, start : start + HOUR])
        for start in range(0, columns.shape[1], HOUR)
    ]
    return [hour for hour in found if hour]


def test_a_day_of_hours_is_what_its_seconds_are_to_the_last_tenth():
    columns = some_seconds(24)
    ((day,), together) = figures.days(hours_of(columns), 8.0, {})
    assert day.whole == by_the_second(MIDNIGHT, 86_400, columns).statistics()
    clock = np.arange(86_400) // HOUR
    nightly = (clock < 6) | (clock >= 22)
    for found, those, length in ((day.day, ~nightly, 16), (day.night, nightly, 8)):
        only = np.where(those, columns, NOT_RECEIVED)
        assert found == by_the_second(MIDNIGHT, length * HOUR, only).statistics()
    assert day.Ldn == day_night_level(day.day, day.night)
    assert (together.whole.L10, together.night.L10) == (day.whole.L10, day.night.L10)
    assert (figures.DAY_BEGINS, figures.NIGHT_BEGINS) == (6, 22)


def test_an_hour_and_its_minutes_are_what_their_seconds_are():
    columns = some_seconds(1, seed=3)
    (hour,) = hours_of(columns)
    assert hour.received == np.count_nonzero(columns[4] != NOT_RECEIVED)
    for n in range(60):
        of_it = columns[:, 60 * n : 60 * n + 60]
        minute = summed_up(0, of_it)
        told = hour.minutes[n]
        if minute is None:
            assert (told["valid"], told["LAeq"]) == (0, MISSING)
            continue
        assert (told["LAeq"], told["LAFmax"]) == (minute.LAeq, minute.LAFmax)
        assert (told["valid"], told["own_voice"]) == (
            minute.valid,
            np.count_nonzero(of_it[4] == OWN_VOICE),
        )
    assert hour_sums.level([hour.period]) == (hour.hour.LAeq, hour.hour.valid)


def test_an_hour_of_which_nothing_came_is_none_and_a_spoilt_sum_is_said():
    nothing = np.full((5, HOUR), MISSING, np.int32)
    nothing[4] = NOT_RECEIVED
    assert hour_sums.summed(0, nothing) is None
    with pytest.raises(ValueError, match="spoilt"):
        hour_sums.unpacked(b"not a sum")


class Filled:
    """A store, and what Summing does to it."""

    def __init__(self, file: Path) -> None:
        self.store = Store(file)
        self.levels = Levels(file)
        self.reading = database.plain(file)
        self.seq = 0

    def add(self, t: int, unit: str = UNIT, received: float = 0.0, n: int = 10) -> None:
        self.seq += 1
        chance = random.Random(t)
        message = seconds(self.seq, t, [chance.randint(400, 800) for _ in range(n)])
        report = read_report(f"dev.{unit}.record", message)
        assert isinstance(report, Seconds | Event)
        self.store.append(received, [report])

    def sum_up(self, now: float = 1e6) -> int:
        return sum(self.store.sum_up(some) for some in roll_ups.to_sum_up(self.reading, now))

    def touched(self) -> int:
        return self.reading.execute("SELECT count(*) FROM hour_touched").fetchone()[0]

    def hours(self, *replaced: str) -> list[tuple[int, object]]:
        found = self.levels.series([UNIT, *replaced], MIDNIGHT, MIDNIGHT + 86_400)
        assert found.pending == 0
        return [(one.received, one.hour) for one in found.hours]


@pytest.fixture
def filled(folder: Path) -> Iterator[Filled]:
    filled = Filled(folder / "hub.sqlite")
    yield filled
    filled.store.close()
    filled.reading.close()


def test_readers_see_the_same_before_and_after_it_is_summed_up_and_what_comes_late(
    filled: Filled,
):
    for n in range(3):
        filled.add(MIDNIGHT + n * HOUR + 100)
    before = filled.hours()
    assert len(before) == 3
    assert filled.sum_up() == 3
    assert (filled.hours(), filled.touched()) == (before, 0)
    assert filled.sum_up() == 0
    filled.add(MIDNIGHT + HOUR + 200)  # late
    late = filled.hours()
    assert [received for received, _ in late] == [10, 20, 10]
    assert filled.sum_up() == 1
    assert filled.hours() == late


def test_an_hour_that_is_still_being_told_waits(filled: Filled):
    filled.add(MIDNIGHT, received=1000.0)
    assert filled.sum_up(now=1000.0) == 0
    assert filled.sum_up(now=1001.0) == 1


def test_what_comes_while_an_hour_is_summed_up_is_not_lost(filled: Filled):
    filled.add(MIDNIGHT)
    (before,) = roll_ups.to_sum_up(filled.reading, 1e6)
    filled.add(MIDNIGHT + 10)
    assert filled.store.sum_up(before) == 0
    assert filled.hours()[0][0] == 20
    assert filled.sum_up() == 1
    assert filled.hours()[0][0] == 20


def test_sums_stay_when_their_seconds_are_deleted(filled: Filled):
    filled.add(MIDNIGHT)
    filled.sum_up()
    before = filled.hours()
    filled.reading.execute("DELETE FROM minute")
    filled.add(MIDNIGHT + 3000, n=5)  # a straggler, long after
    assert filled.hours() == before
    filled.sum_up()
    assert filled.hours() == before


def test_what_was_not_summed_up_yet_is_before_its_day_is_deleted(filled: Filled):
    filled.add(MIDNIGHT)
    before = filled.hours()
    roll_ups.settle(filled.reading, UNIT, MIDNIGHT, MIDNIGHT + 86_400)
    filled.reading.execute("DELETE FROM minute")
    assert (filled.hours(), filled.touched()) == (before, 0)


def test_it_is_done_beside_the_reports_and_the_writer_only_puts_it_in_place(filled: Filled):
    class Writing:
        store = filled.store

        async def written(self, what: str, write: Callable[[], int]) -> int:
            return write()

    filled.add(MIDNIGHT, received=1000.0)
    filled.add(MIDNIGHT + HOUR, received=1055.0)
    summing = Summing(Writing(), lambda: 1061.0)  # pyright: ignore[reportArgumentType]
    assert asyncio.run(summing.once()) == 1
    assert filled.touched() == 1
    assert len(filled.hours()) == 2


def test_a_spoilt_sum_is_found_and_made_anew_from_its_seconds(filled: Filled):
    for n in range(3):
        filled.add(MIDNIGHT + n * HOUR)
    before = filled.hours()
    filled.sum_up()
    writer = filled.reading
    writer.execute("UPDATE hour_sum SET period=x'00' WHERE hour=?", (MIDNIGHT,))
    writer.execute("UPDATE hour_sum SET minutes=x'00' WHERE hour=?", (MIDNIGHT + HOUR,))
    writer.execute("DELETE FROM hour_sum WHERE hour=?", (MIDNIGHT + 2 * HOUR,))
    said = [one for one in soundness.problems(writer) if one.startswith("sum of the hour")]
    assert len(said) == 2
    roll_ups.mend(writer)
    assert filled.hours() == before
    assert filled.sum_up() == 3
    assert filled.hours() == before
    assert not any(soundness.problems(writer))


def test_a_successor_shows_what_stood_in_its_place(filled: Filled):
    filled.add(MIDNIGHT, "SIM-0009")
    filled.add(MIDNIGHT + HOUR, "SIM-0009")
    filled.add(MIDNIGHT + HOUR + 5, n=10)  # five seconds both have
    filled.sum_up()
    assert [received for received, _ in filled.hours("SIM-0009")] == [10, 15]
    assert [received for received, _ in filled.hours()] == [10]


def test_more_than_a_reader_can_sum_up_is_said(filled: Filled, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(roll_ups, "AT_ONCE", 2)
    for n in range(5):
        filled.add(MIDNIGHT + n * HOUR)
    found = filled.levels.series([UNIT], MIDNIGHT, MIDNIGHT + 86_400)
    assert (len(found.hours), found.pending) == (2, 3)
    assert found.hours[-1].t == MIDNIGHT + 4 * HOUR  # the newest first
    filled.sum_up()
    assert len(filled.hours()) == 5


def test_minutes_stand_at_their_place_and_what_the_box_knows_better_is_its_word(filled: Filled):
    filled.add(MIDNIGHT + 60)
    filled.add(MIDNIGHT + 2 * HOUR)
    fields = dict.fromkeys(("LAeq", "LCeq", "LAFmax", "LAmin", "LCpeak"), 612)
    fields |= dict.fromkeys(("L5", "L10", "L50", "L90", "L95"), 600)
    fields |= {"start": MIDNIGHT, "seconds": HOUR, "valid_seconds": 3600, "SD": 3}
    fields |= {"overload": False, "under_range": False}
    message = event(99, MIDNIGHT + HOUR, "hour", **fields)
    report = read_report(f"dev.{UNIT}.record", message)
    assert isinstance(report, Event)
    filled.store.append(0.0, [report])
    found = filled.levels.series([UNIT], MIDNIGHT, MIDNIGHT + 86_400)
    assert (found.hours[0].hour.LAeq, found.hours[0].hour.valid) == (612, 3600)
    t, of_minutes = minutes(found.hours)
    assert (t, len(of_minutes)) == (MIDNIGHT, 180)
    assert np.flatnonzero(of_minutes["valid"]).tolist() == [1, 120]


def test_a_change_is_only_told_from_days_of_which_enough_is_known():
    def day(LAeq: int, rate: float = 1.0) -> object:
        return Period(0, 1).statistics()._replace(LAeq=LAeq, rate=rate)

    before = [day(level) for level in (600, 620, 610, 610)]
    after = [day(level) for level in (570, 580, 575)] + [day(900, 0.5)]
    found = figures.change(before, after)  # pyright: ignore[reportArgumentType]
    assert (found.before.days, found.after.days) == (4, 3)
    assert found.difference == pytest.approx(-3.5)
    assert found.uncertain == pytest.approx(2 * (0.8165**2 / 4 + 0.5**2 / 3) ** 0.5, abs=1e-3)
    alone = figures.change(before, after[:1])  # pyright: ignore[reportArgumentType]
    assert (alone.difference, alone.uncertain) == (pytest.approx(-4.0), None)
    assert figures.change([], []).difference is None


def test_a_store_of_before_has_all_its_hours_to_sum_up(tmp_path: Path):
    file = tmp_path / "hub.sqlite"
    with closing(sqlite3.connect(file, isolation_level=None)) as old:
        of_before = next(
            n for n, step in enumerate(SCHEMA.steps) if any("hour_touched" in one for one in step)
        )
        for step in SCHEMA.steps[:of_before]:
            for statement in step:
                old.execute(statement)
        old.execute(f"PRAGMA application_id={SCHEMA.application}")
        old.execute(f"PRAGMA user_version={of_before}")
        for unit, minute in (("B", 0), ("B", 59), ("B", 60), ("B", 601), ("A", 7)):
            old.execute("INSERT INTO minute VALUES(?,?,'','','','','')", (unit, minute))
        old.execute("INSERT INTO past_minutes VALUES('A', 2, '')")
    Store(file).close()
    with closing(database.reader(file)) as new:
        found = new.execute("SELECT unit, hour / 3600 FROM hour_touched").fetchall()
    assert found == [("A", 0), *(("A", 48 + n) for n in range(24)), ("B", 0), ("B", 1), ("B", 10)]
