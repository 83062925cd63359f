"""Complaints of a whole year: what fell with the boxes is found again, whatever the season did."""

from datetime import date

import numpy as np
import pytest

from noisetamer.demo.year import desk, town
from noisetamer.demo.year.town import AFTER_BOX, DAY
from noisetamer.demo.year.weather import weather
from noisetamer.hub.intervals.before_after import CONTROL, before_after

pytestmark = pytest.mark.host
YEAR = town.year(seed=1, until=date(2026, 11, 28), days=365, squares=20)
LATE = round(0.9 * YEAR.days)
"""Up to then some squares have no box: they are compared with."""


def test_complaints_with_and_without_a_box_are_as_many_as_was_put_in():
    wet = weather(YEAR).wet
    begins = YEAR.sites[0].box_from
    daily = {when: np.zeros(YEAR.days + 1, np.int64) for when in (begins, LATE)}
    for site in YEAR.sites:
        if site.box_from not in daily:
            continue
        made, _ = desk.complaints(YEAR, site, town.sessions(YEAR, site, wet))
        for one in made:
            daily[site.box_from][(one.at - YEAR.start) // DAY] += 1
    boxed, control = daily[begins], daily[LATE]
    before, after = slice(0, begins), slice(begins, LATE)
    # By the year's course alone there are more than before.
    assert boxed[after].mean() > 0.9 * boxed[before].mean()
    found = before_after(
        *(boxed[before].tolist(), boxed[after].tolist(), YEAR.day(begins)),
        *(control[before].tolist(), control[after].tolist()),
    )
    assert found.season == CONTROL
    assert found.ratio.low is not None
    assert found.ratio.high is not None
    assert found.ratio.low <= AFTER_BOX <= found.ratio.high < 1


def test_one_side_complains_of_a_group_that_its_box_does_not_hear():
    site = YEAR.sites[2]
    (hidden,) = (one for one in site.dancers if one.hidden)
    assert hidden.level == town.BLIND_LEVEL
    made, _ = desk.complaints(YEAR, site, town.sessions(YEAR, site, weather(YEAR).wet))
    north = [YEAR.day((one.at - YEAR.start) // DAY).weekday() for one in made if one.side == "北"]
    assert len(north) > 40
    while_it_plays = sum(town.DAYS[weekday] in hidden.days for weekday in north)
    assert while_it_plays > 0.6 * len(north)
