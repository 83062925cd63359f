"""Hours, days and incidents, as the unit tells them. Runs in both Pythons."""

import pytest

from tamer.judge.calendar import Clock, place
from tamer.record.aggregates import Aggregates
from tamer.record.events import named
from tamer.record.reading import CLOCK, MISSING, VALID, Second

pytestmark = pytest.mark.pure

HOUR = 1795431600  # 2026-11-23 19:00 in China
USUAL = (6 * 60, 22 * 60)


def aggregates_of(hours=USUAL):
    """In China."""
    return Aggregates(lambda t: place(Clock(28800, ()), hours, t), hours)


def second(t, level):
    return Second(t, level, level + 20, level + 60, level + 140, VALID)


def heard(aggregates, since, until, level):
    over = []
    for t in range(since, until):
        over += aggregates.add(second(t, level))
    return over


def test_an_hour_is_told_with_the_second_that_begins_the_next():
    aggregates = aggregates_of()
    assert heard(aggregates, HOUR, HOUR + 3600, 600) == []
    ((kind, values),) = aggregates.add(second(HOUR + 3600, 500))
    told = named(kind, *values)
    assert (kind, told["start"], told["seconds"], told["valid_seconds"]) == (
        "hour",
        HOUR,
        3600,
        3600,
    )
    assert (told["LAeq"], told["L50"], told["LCeq"], told["SD"]) == (600, 600, 660, 0)


def test_day_and_night_are_what_the_policy_calls_so():
    for hours, Ld, Ln in ((USUAL, 600, MISSING), ((22 * 60, 6 * 60), MISSING, 600)):
        aggregates = aggregates_of(hours)
        aggregates.add(second(HOUR, 600))
        over = aggregates.add(second(HOUR + 5 * 3600, 600))
        assert [kind for kind, _ in over] == ["hour", "day"]
        told = named("day", *over[1][1])
        assert (told["Ld"], told["Ln"], told["seconds"]) == (Ld, Ln, 86400)


def test_an_incident_is_told_at_its_end_and_only_then():
    aggregates = aggregates_of()
    assert aggregates.turn(HOUR, False) is None
    assert aggregates.turn(HOUR + 10, True) is None
    heard(aggregates, HOUR + 10, HOUR + 30, 700)
    assert aggregates.turn(HOUR + 20, True) is None
    told = named("incident", *(aggregates.turn(HOUR + 30, False) or ()))
    assert (told["start"], told["seconds"], told["valid_seconds"]) == (HOUR + 10, 20, 20)
    assert (told["LAeq"], told["LAE"]) == (700, 830)
    assert aggregates.turn(HOUR + 40, False) is None


def test_an_incident_of_no_time_is_none_and_the_next_begins_anew():
    aggregates = aggregates_of()
    aggregates.turn(HOUR, True)
    assert aggregates.turn(HOUR, False) is None
    aggregates.turn(HOUR + 60, True)
    told = named("incident", *(aggregates.turn(HOUR + 70, False) or ()))
    assert (told["start"], told["seconds"]) == (HOUR + 60, 10)


def test_seconds_without_a_date_are_in_no_hour():
    aggregates = aggregates_of()
    for t in range(0, 9000, 100):
        assert aggregates.add(Second(t, 600, 620, 660, 740, CLOCK)) == []
    assert heard(aggregates, HOUR, HOUR + 3600, 600) == []


def test_an_incident_that_runs_while_the_time_comes_to_be_known_goes_on():
    aggregates = aggregates_of()
    aggregates.turn(100, True)
    for t in range(100, 130):
        aggregates.add(Second(t, 700, 720, 760, 840, CLOCK))
    aggregates.move(HOUR)
    heard(aggregates, HOUR + 130, HOUR + 150, 700)
    told = named("incident", *(aggregates.turn(HOUR + 150, False) or ()))
    assert (told["start"], told["seconds"], told["valid_seconds"]) == (HOUR + 100, 50, 20)
