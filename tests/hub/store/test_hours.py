"""An hour is the same at the box and at the hub: one arithmetic, wherever it runs."""

import math
import random
import statistics
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noisetamer.hub.store import hours, minutes
from noisetamer.hub.store.hours import Hour
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.writer import Store
from noisetamer.hub.wire import read_record
from tamer.record import encoding, events
from tamer.record.reading import MISSING, OVERLOAD, OWN_VOICE, UNDER_RANGE, VALID, Second
from tamer.record.statistics import Period

HOUR = 1795431600  # 2026-11-23 19:00 UTC+8
UNIT = "SIM-0001"
LEVELS = ("LAeq", "LAFmax", "L10", "L50", "L90")


class Box:
    """Reports Seconds and events into a store, as a box numbers them."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder / "hub.sqlite")
        self.seq = 0

    def reports(self, seconds: list[Second]) -> None:
        batches: list[list[Second]] = []
        for one in seconds:
            if not batches or len(batches[-1]) == 10 or batches[-1][-1].t + 1 != one.t:
                batches.append([])
            batches[-1].append(one)
        self._append(
            encoding.record(
                encoding.SECONDS, 1, self._next(), batch[0].t, encoding.of_seconds(batch)
            )
            for batch in batches
        )

    def tells_an_hour(self, start: int, valid: int, **levels: int) -> None:
        fields = {
            **dict.fromkeys(events.KINDS["hour"], 0),
            "overload": False,
            "under_range": False,
        }
        fields |= {"start": start, "seconds": 3600, "valid_seconds": valid, **levels}
        payload = encoding.of_event("hour", fields)
        self._append([encoding.record(encoding.EVENT, 1, self._next(), start + 3600, payload)])

    def hours(self, count: int = 24, utc_offset: float = 8) -> list[Hour]:
        return Queries(self.store.file).hours(UNIT, count, utc_offset)

    def _next(self) -> int:
        self.seq += 1
        return self.seq

    def _append(self, records: Iterable[bytes]) -> None:
        self.store.append(0.0, [read_record(UNIT, (0, 1), record) for record in records])


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def second(t: int, LAeq: int, flags: int = VALID) -> Second:
    if LAeq == MISSING:
        return Second(t, MISSING, MISSING, MISSING, MISSING, flags)
    return Second(t, LAeq, LAeq + 50, LAeq + 80, LAeq + 180, flags)


def summed_up(seconds: list[Second], start: int = HOUR) -> dict[str, int]:
    """What the box tells of the hour."""
    period = Period(start, 3600)
    for one in seconds:
        period.add(one)
    found = period.statistics()
    return {name: getattr(found, name) for name in LEVELS} | {"valid": found.valid}


def levels_of(hour: Hour) -> dict[str, int]:
    return {name: getattr(hour, name) for name in (*LEVELS, "valid")}


def test_half_an_hour_of_quiet_and_half_of_music_have_the_same_median_on_both_sides(box: Box):
    chance = random.Random(5)
    heard = [
        second(HOUR + t, round(10 * chance.gauss(52 if t < 1800 else 71, 1.0)))
        for t in range(3600)
    ]
    box.reports(heard)
    (hour,) = box.hours()
    assert levels_of(hour) == summed_up(heard)
    assert hour.L50 > 600  # a level that was there, none between the two


reasons = st.sampled_from([VALID, VALID, OVERLOAD, UNDER_RANGE, OWN_VOICE])


@given(st.lists(st.tuples(st.integers(-500, 1800), reasons, st.integers(1, 60)), max_size=60))
def test_whatever_was_heard_and_received_is_summed_up_alike(found):
    heard, columns = [], np.concatenate([minutes.empty()] * 60, axis=1)
    for LAeq, flags, later in found:
        heard.append(second((heard[-1].t if heard else HOUR - 1) + later, LAeq, flags))
        columns[:, heard[-1].t - HOUR] = heard[-1][1:]
    known = hours.hour(HOUR, columns, [])
    assert (known and levels_of(known)) == (summed_up(heard) if heard else None)


def test_an_hour_is_the_energy_mean_and_the_levels_exceeded_over_valid_seconds(box: Box):
    heard = [second(HOUR + t, 500 + t) for t in range(50)]
    heard += [second(HOUR + t, 1100, OWN_VOICE) for t in range(50, 60)]
    heard += [second(HOUR + t, 800) for t in range(60, 120)]
    box.reports(heard)
    (hour,) = box.hours()
    levels = [80.0] * 60 + [50 + i / 10 for i in range(50)]
    energy = statistics.fmean(10 ** (level / 10) for level in levels)
    assert hour.LAeq == round(100 * math.log10(energy))
    assert hour.valid == 110
    assert hour.LAFmax == 850  # own voice at 110 dB is not the square's
    assert hour.L10 == hour.L50 == 800
    assert hour.L90 == 511


def test_an_hour_without_a_valid_second_has_no_level(box: Box):
    box.reports([second(HOUR + 3, MISSING, OVERLOAD)])
    (hour,) = box.hours()
    assert (hour.LAeq, hour.L90, hour.valid) == (MISSING, MISSING, 0)


def test_the_boxs_own_hour_is_read_where_it_has_one(box: Box):
    box.reports([second(HOUR + 3600 * i, 500) for i in (0, 1)])
    told = {"LAeq": 655, "LAFmax": 801, "L10": 690, "L50": 640, "L90": 520}
    box.tells_an_hour(HOUR, 3590, **told)
    running, over = box.hours()
    assert levels_of(over) == told | {"valid": 3590}
    assert (over.t, running.t) == (HOUR, HOUR + 3600)
    assert (running.LAeq, running.valid) == (500, 1)


def test_what_the_box_summed_up_after_a_restart_is_not_taken_for_the_whole_hour(box: Box):
    heard = [second(HOUR + t, 500 + t % 7) for t in range(200)]
    box.reports(heard)
    box.tells_an_hour(HOUR, 100, **dict.fromkeys(LEVELS, 700))
    assert [levels_of(hour) for hour in box.hours()] == [summed_up(heard)]


def test_of_two_boots_the_longer_heard_hour_counts(box: Box):
    box.reports([second(HOUR, 500)])
    for valid, level in ((900, 600), (2600, 610), (10, 620)):
        box.tells_an_hour(HOUR, valid, **dict.fromkeys(LEVELS, level))
    assert [(hour.LAeq, hour.valid) for hour in box.hours()] == [(610, 2600)]


def test_hours_begin_on_the_squares_clock_and_unknown_ones_are_left_out(box: Box):
    box.reports([second(HOUR + t, 500) for t in (0, 1799, 1800, 3 * 3600)])
    assert [(hour.t, hour.valid) for hour in box.hours()] == [(HOUR + 3 * 3600, 1), (HOUR, 3)]
    assert [(hour.t, hour.valid) for hour in box.hours(utc_offset=5.5)] == [
        (HOUR + 5 * 1800, 1),
        (HOUR + 1800, 1),
        (HOUR - 1800, 2),
    ]
    assert [hour.t for hour in box.hours(count=1)] == [HOUR + 3 * 3600]


def test_a_unit_that_never_reported_has_no_hours(box: Box):
    assert box.hours() == []
