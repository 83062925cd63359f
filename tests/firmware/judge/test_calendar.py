"""Days and local clocks, without a time library. Runs in both Pythons."""

import pytest

from tamer.judge.calendar import DAY, Clock, day_number, place, stretch, weekday

pytestmark = pytest.mark.pure

SHANGHAI = Clock(8 * 3600, ())
# Central Europe in 2027: summer time from 28 March to 31 October, both at 01:00 UTC.
SPRING, AUTUMN = 1806195600, 1824944400
BERLIN = Clock(3600, ((SPRING, 7200), (AUTUMN, 3600)))


def refused(*date):
    try:
        day_number(*date)
    except ValueError:
        return True
    return False


def test_days_are_counted_from_1970():
    assert day_number(1970, 1, 1) == 0
    assert day_number(1970, 12, 31) == 364
    assert day_number(2000, 3, 1) == 11017
    assert day_number(2026, 11, 24) == 20781
    assert day_number(2100, 3, 1) - day_number(2100, 2, 28) == 1


def test_weekdays_begin_with_monday():
    assert weekday(day_number(1970, 1, 1)) == 3
    assert weekday(day_number(2026, 11, 23)) == 0
    assert weekday(day_number(2027, 2, 28)) == 6


def test_a_day_that_does_not_exist_is_refused():
    for date in ((2027, 2, 29), (2100, 2, 29), (2027, 4, 31), (2027, 0, 1), (2027, 13, 1)):
        assert refused(*date), date
    assert refused(1969, 12, 31)
    assert not refused(2028, 2, 29)


def test_a_clock_that_never_changes_holds_for_ever():
    assert stretch(SHANGHAI, 0) == (8 * 3600, None, None)


def test_a_clock_changes_to_the_second():
    assert day_number(2027, 3, 28) * DAY + 3600 == SPRING
    assert stretch(BERLIN, SPRING - 1) == (3600, None, SPRING)
    assert stretch(BERLIN, SPRING) == (7200, SPRING, AUTUMN)
    assert stretch(BERLIN, AUTUMN - 1) == (7200, SPRING, AUTUMN)
    assert stretch(BERLIN, AUTUMN) == (3600, AUTUMN, None)


def test_a_place_holds_from_its_beginning_to_its_end_and_no_second_is_without_one():
    half_an_hour = Clock(8 * 3600, ((AUTUMN - 900, 27000), (AUTUMN + 4 * DAY, 28800)))
    for clock in (SHANGHAI, BERLIN, half_an_hour):
        for begins in (SPRING - DAY, AUTUMN - DAY):
            t = place(clock, (390, 1350), begins).since
            while t < begins + 3 * DAY:
                found = place(clock, (390, 1350), t)
                assert found.since == t < found.until
                for inside in (found.since + 1, found.until - 1):
                    assert place(clock, (390, 1350), inside) == found
                assert found.hour <= found.since and found.until <= found.hour_ends
                assert found.day <= found.hour and found.hour_ends <= found.day_ends
                t = found.until


def test_a_clock_that_is_put_back_over_midnight_begins_no_day_twice():
    midnight = day_number(2027, 11, 7) * DAY + 3600
    # One minute after midnight it is a minute after eleven again, as it was in St John's.
    clock = Clock(-3600, ((midnight + 60, -7200),))
    found = [place(clock, (360, 1320), t) for t in range(midnight - 60, midnight + DAY + 3660, 60)]
    assert [each.day for each in found[:3]] == [midnight - DAY, midnight, midnight]
    assert {each.day for each in found[1:-1]} == {midnight}
    assert (found[1].day_ends, found[-1].day) == (midnight + DAY + 3600,) * 2
