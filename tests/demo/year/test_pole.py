"""What is passed over in a simulated day changes nothing: the ladder sees all that matters."""

import pytest
from small_year import YEAR

from noisetamer.demo.year import sounds, sums
from noisetamer.demo.year.pole import Dealt, Evening, Pole
from noisetamer.demo.year.sounds import Fault
from noisetamer.demo.year.town import DAY, HOUR, sessions
from noisetamer.demo.year.weather import weather
from noisetamer.hub.store import hour_sums
from tamer.record.reading import GAP, POWER

pytestmark = pytest.mark.host

SKY = weather(YEAR)
SITE = YEAR.sites[0]


def _days(
    number: int, count: int, skip: bool, troubles: list[Fault]
) -> tuple[list[object], list[Dealt]]:
    """All that came of them, and the incidents."""
    pole = Pole(YEAR, SITE, skip)
    evenings = sessions(YEAR, SITE, SKY.wet)
    found: list[object] = []
    for t in range(number * DAY, (number + count) * DAY, DAY):
        of_day = [Evening(YEAR, SITE, one) for one in evenings if one.start // DAY == t // DAY]
        day = pole.day(sounds.day(YEAR, SITE, t, SKY, troubles), of_day)
        found += [day.columns.tobytes(), day.told, pole.state]
    return found, pole.incidents


def test_a_day_with_an_incident_and_outages_is_the_same_second_by_second():
    evenings = [one for one in sessions(YEAR, SITE, SKY.wet) if one.day > SITE.box_from]
    loud = max(evenings, key=lambda one: one.level).start // DAY
    midnight = loud * DAY
    troubles = [
        Fault(midnight + 2 * HOUR, midnight + 2 * HOUR + 20, GAP),
        Fault(midnight + 5 * HOUR, midnight + 8 * HOUR, POWER),
    ]
    passed_over = _days(loud, 1, True, troubles)
    assert passed_over[1], "the box spoke"
    assert passed_over == _days(loud, 1, False, troubles)


def test_hours_are_summed_up_as_the_store_would():
    t = YEAR.start + (SITE.box_from + 2) * DAY
    troubles = [Fault(t + 100, t + 1000, GAP), Fault(t + HOUR, t + 2 * HOUR, POWER)]
    heard = sounds.day(YEAR, SITE, t // DAY * DAY, SKY, troubles)
    columns = sounds.columns(heard.background, heard.flags)
    at = t - heard.t
    for begin in (at, at + HOUR):
        part = columns[:, begin : begin + HOUR]
        there = hour_sums.summed(t, part)
        here = sums.hour(t, part)
        assert there
        assert here
        assert here[0].hour == there.hour
        assert here[0].received == there.received
        assert (here[0].minutes == there.minutes).all()
        together = [hour_sums.together(t, HOUR, [one.period]) for one in (here[0], there)]
        assert together[0].statistics() == together[1].statistics()
        assert here[1].statistics() == together[1].statistics()
