"""Statistics of periods. Runs in both Pythons."""

import pytest

from tamer.judge.calendar import Clock, place
from tamer.record.reading import (
    CLOCK,
    GAP,
    MISSING,
    OVERLOAD,
    OWN_VOICE,
    UNDER_RANGE,
    VALID,
    Second,
    missing,
)
from tamer.record.statistics import Days, Energy, Period, day_night_level

pytestmark = pytest.mark.pure

HOUR = 1795428000  # 2026-11-23 18:00 in China, 10:00 UTC
MIDNIGHT = HOUR - 18 * 3600
FIELDS = ("LAeq", "LCeq", "LAE", "LAFmax", "LAmin", "LCpeak", "L5", "L50", "L95", "deviation")


CHINA = Clock(28800, ())


def days_of(clock=CHINA, day_from="06:00", night_from="22:00"):
    """Days of a local clock; the night ends and begins then."""
    hours = [60 * int(time[:2]) + int(time[3:]) for time in (day_from, night_from)]
    return Days(lambda t: place(clock, hours, t), not any([edge % 60 for edge in hours]))


def second(t, level, flags=VALID):
    return Second(t, level, level + 20, level + 50, level + 120, flags)


def period(levels, seconds=60, t=HOUR):
    result = Period(t, seconds)
    for i, level in enumerate(levels):
        result.add(second(t + i, level))
    return result.statistics()


def test_a_steady_level_is_every_level_of_its_period():
    s = period([650] * 60)
    assert (s.LAeq, s.LAmin, s.L5, s.L50, s.L95, s.deviation) == (650, 650, 650, 650, 650, 0)
    assert (s.LAFmax, s.LCeq, s.LCpeak) == (670, 700, 770)


def test_leq_is_the_mean_of_energies_not_of_levels():
    assert period([600] * 30 + [700] * 30).LAeq == 674
    assert period([700] + [300] * 59).LAeq == 522


def test_lae_adds_up_the_energy_of_an_event():
    assert period([800] * 10, seconds=10).LAE == 900
    assert period([800] * 60).LAE == 978


def test_an_event_ends_when_it_ends():
    event = Period(HOUR, 3600)
    for i in range(100):
        event.add(second(HOUR + i, 700))
    s = event.statistics(until=HOUR + 125)
    assert (s.seconds, s.valid, s.LAE, s.LAeq) == (125, 100, 900, 700)
    assert abs(s.rate - 0.8) < 1e-6


def test_l10_of_a_hundred_seconds_is_the_tenth_in_falling_order():
    s = period(list(range(601, 701)), seconds=100)
    assert (s.L5, s.L10, s.L50, s.L90, s.L95) == (696, 691, 651, 611, 606)


def test_one_second_has_all_percentile_levels():
    s = period([555])
    assert (s.L5, s.L10, s.L50, s.L90, s.L95, s.deviation) == (555, 555, 555, 555, 555, 0)


def test_deviation_is_that_of_the_levels():
    assert period([600, 700] * 30).deviation == 50


def test_the_rate_is_valid_seconds_over_those_that_should_be():
    s = period([600] * 45)
    assert (s.seconds, s.valid, s.rate) == (60, 45, 0.75)


def test_invalid_seconds_count_in_no_level():
    p = Period(HOUR, 60)
    p.add(second(HOUR, 600))
    for i, why in enumerate((GAP, OWN_VOICE, CLOCK, OVERLOAD, UNDER_RANGE)):
        p.add(second(HOUR + 1 + i, 990, why))
    s = p.statistics()
    assert (s.valid, s.LAeq, s.LAFmax, s.LCpeak, s.L5) == (1, 600, 620, 720, 600)


def test_overload_is_latched_until_the_period_ends_and_no_longer():
    p = Period(HOUR, 60)
    p.add(second(HOUR, 600))
    p.add(missing(HOUR + 1, OVERLOAD))
    for i in range(2, 60):
        p.add(second(HOUR + i, 600))
    assert p.statistics().overload
    p.begin(HOUR + 60)
    p.add(second(HOUR + 60, 600))
    assert not p.statistics().overload


def test_under_range_is_flagged_apart_from_overload():
    p = Period(HOUR, 60)
    p.add(second(HOUR, 250, UNDER_RANGE))
    s = p.statistics()
    assert (s.under_range, s.overload) == (True, False)


def test_without_a_valid_second_every_level_is_missing():
    p = Period(HOUR, 60)
    p.add(missing(HOUR, GAP))
    s = p.statistics()
    assert (s.valid, s.rate) == (0, 0)
    for name in FIELDS:
        assert getattr(s, name) == MISSING


def test_a_second_that_comes_twice_counts_once():
    p = Period(HOUR, 60)
    for _ in range(3):
        p.add(second(HOUR + 5, 600))
    p.add(second(HOUR + 4, 900))
    s = p.statistics()
    assert (s.valid, s.LAFmax) == (1, 620)


def test_a_period_begun_anew_remembers_nothing():
    p = Period(HOUR, 60)
    for i in range(60):
        p.add(second(HOUR + i, 300 + 10 * i))
    p.begin(HOUR + 60)
    for i in range(60):
        p.add(second(HOUR + 60 + i, 600))
    assert p.statistics() == period([600] * 60, t=HOUR + 60)


def test_levels_beyond_the_histogram_count_at_its_ends():
    s = period([-50, 1600])
    assert (s.L5, s.L95, s.LAmin, s.LAeq) == (1500, 100, -50, 1570)


def test_periods_of_all_lengths_have_the_level_and_the_rate_of_their_seconds():
    for length in (60, 300, 600, 1200, 3600):
        s = period([650] * length, seconds=length)
        assert (s.seconds, s.LAeq, s.valid, s.rate) == (length, 650, length, 1)
        s = period([650] * (length // 4), seconds=length)
        assert (s.LAeq, s.valid, s.rate) == (650, length // 4, 0.25)


def test_a_start_in_the_middle_of_an_hour_shows_in_its_rate():
    days = days_of()
    over = [days.add(second(t, 650))[0] for t in range(HOUR + 2700, HOUR + 3601)]
    assert over[:-1] == [None] * 900
    assert over[-1] is not None
    assert (over[-1].t, over[-1].valid, over[-1].rate) == (HOUR, 900, 0.25)


def test_a_jump_of_the_clock_closes_what_was_open():
    for jump in (7200, -7200):
        days = days_of()
        days.add(second(HOUR + 10, 650))
        over, _ = days.add(second(HOUR + 10 + jump, 700))
        assert over is not None
        assert (over.t, over.valid, over.LAeq) == (HOUR, 1, 650)


def whole_day(day, night, **hours):
    """A Second every ten minutes; what is over at the next midnight."""
    days = days_of(**hours)
    for t in range(MIDNIGHT, MIDNIGHT + 86400, 600):
        hour = (t - MIDNIGHT) // 3600
        assert days.add(second(t, day if 6 <= hour < 22 else night))[1] is None
    _, over = days.add(second(MIDNIGHT + 86400, 500))
    assert over is not None
    return over


def test_ld_ln_and_ldn_of_a_calendar_day():
    d = whole_day(600, 500)
    assert (d.t, d.day.LAeq, d.night.LAeq, d.Ldn) == (MIDNIGHT, 600, 500, 600)
    assert (d.day.seconds, d.night.seconds, d.whole.seconds) == (57600, 28800, 86400)
    assert (d.day.valid, d.night.valid, d.whole.valid) == (96, 48, 144)


def test_the_night_weighs_ten_decibels_more():
    assert whole_day(550, 550).Ldn == 610


def test_the_hours_of_day_and_night_can_be_set():
    d = whole_day(600, 500, day_from="07:00", night_from="23:00")
    assert (d.day.valid, d.night.LAFmax, d.day.LAmin) == (96, 620, 500)


def test_a_night_from_half_past_ten_begins_at_half_past_ten():
    days = days_of(day_from="06:30", night_from="22:30")
    over = []
    for t in range(MIDNIGHT, MIDNIGHT + 86460, 60):
        minute = (t - MIDNIGHT) // 60
        over += days.add(second(t, 600 if 390 <= minute < 1350 else 500))
    hours = [hour for hour in over[::2] if hour]
    assert [hour.LAeq for hour in hours[5:8]] == [500, 574, 600]
    assert [hour.valid for hour in hours] == [60] * 24
    (d,) = [day for day in over[1::2] if day]
    assert (d.day.LAeq, d.day.LAmin, d.night.LAeq, d.night.LAFmax) == (600, 600, 500, 520)
    assert (d.day.seconds, d.night.seconds, d.whole.valid) == (57600, 28800, 1440)


def test_days_in_which_the_clock_changes_have_their_real_length():
    # Berlin, 2027-03-28 and 2027-10-31.
    for midnight, offset, length in ((1806188400, 3600, 82800), (1824933600, 7200, 90000)):
        berlin = Clock(offset, ((midnight + 7200 + (offset == 7200) * 3600, 10800 - offset),))
        days = days_of(berlin)
        over = []
        for t in range(midnight, midnight + length + 60, 60):
            over += days.add(second(t, 600))
        (d,) = [day for day in over[1::2] if day]
        night = length - 57600
        assert (d.t, d.whole.seconds, d.whole.valid) == (midnight, length, length // 60)
        assert (d.day.seconds, d.night.seconds) == (57600, night)
        assert (d.day.valid, d.night.valid) == (960, night // 60)
        assert len([hour for hour in over[::2] if hour]) == length // 3600


def test_ldn_is_missing_without_a_night():
    days = days_of()
    days.add(second(HOUR, 600))
    _, d = days.add(second(MIDNIGHT + 86400, 600))
    assert d is not None
    assert (d.day.LAeq, d.night.LAeq, d.Ldn) == (600, MISSING, MISSING)


def test_the_day_begins_at_the_local_midnight():
    days = days_of(Clock(0, ()))
    days.add(second(HOUR, 600))
    _, d = days.add(second(HOUR + 14 * 3600, 600))
    assert d is not None
    assert d.t == HOUR - 10 * 3600


def test_a_day_and_night_of_one_level_is_more_than_a_bin_holds_and_still_that_level():
    for since, until in ((0, 1440), (360, 1320)):
        days = Days(lambda t, ends=(since, until): place(CHINA, ends, t))
        for t in range(MIDNIGHT, MIDNIGHT + 86400):
            days.add(second(t, 450 if t % 20 else 500))
        _, d = days.add(second(MIDNIGHT + 86400, 500))
        assert d is not None
        assert (d.whole.valid, d.whole.L10, d.whole.L95) == (86400, 450, 450)
        assert d.whole.deviation in (11, 12)


def test_a_day_of_hours_is_what_its_seconds_are():
    days, whole = days_of(), Period(MIDNIGHT, 86400)
    for i in range(0, 86400, 60):
        s = second(MIDNIGHT + i, 400 + 7 * (i // 60) % 310, OVERLOAD if i == 7200 else VALID)
        days.add(s)
        whole.add(s)
    _, d = days.add(second(MIDNIGHT + 86400, 500))
    assert d is not None
    assert d.whole == whole.statistics()


def test_each_hour_is_told_when_the_next_begins():
    days = days_of()
    assert days.add(second(HOUR, 600)) == (None, None)
    hour, day = days.add(second(HOUR + 3600, 500))
    assert hour is not None
    assert (hour.t, hour.valid, hour.LAeq, day) == (HOUR, 1, 600, None)


def test_ldn_weighs_both_parts_by_their_hours():
    day = period([600], seconds=16 * 3600)
    night = period([500], seconds=8 * 3600)
    assert day_night_level(day, night) == 600


def test_a_loud_second_after_a_quiet_day_is_not_lost_nor_the_day():
    energy = Energy()
    for _ in range(3600):
        energy.add(300)
    energy.add(1000)
    assert abs(energy.level(1) - 1000.016) < 0.002
    energy = Energy()
    for _ in range(86400):
        energy.add(650)
    assert abs(energy.level(86400) - 650) < 0.01
