"""Complaints before and after: weekday, season and what other squares know are no effect."""

import math
from datetime import date, timedelta

import numpy as np
import pytest
from complaint_years import Street, counts

from noisetamer.hub.intervals.before_after import ADMITTED, CONTROL, UNKNOWN, before_after

_BEGINS = date(2026, 6, 1)


def _counts(seed, before, after, effect, each=0.5, season=0.6):
    """Complaints of a street: more of them in summer and at weekends, and more varied than by
    chance alone.
    """
    rng = np.random.default_rng(seed)
    days = [_BEGINS + timedelta(k) for k in range(-before, after)]
    wave = [season * math.cos((d.timetuple().tm_yday - 200) * 2 * math.pi / 365.25) for d in days]
    mean = each * np.exp(wave) * [1.6 if d.weekday() >= 5 else 0.8 for d in days]
    mean[before:] *= effect
    counts = [int(one) for one in rng.poisson(mean * rng.gamma(2, 0.5, len(days)))]
    return counts[:before], counts[before:]


def test_summer_is_not_the_dates_doing_where_a_year_before_is_known():
    before, after = _counts(1, 730, 90, 1.0)
    found = before_after(before, after, _BEGINS)
    assert found.season == ADMITTED
    assert found.before is not None and found.after is not None
    assert found.after > 1.3 * found.before
    assert not found.ratio.excludes(1)


def test_an_effect_is_found_through_the_season():
    before, after = _counts(2, 730, 120, 0.5, each=2)
    ratio = before_after(before, after, _BEGINS).ratio
    assert ratio.low is not None and ratio.high is not None
    assert ratio.low < 0.5 < ratio.high < 1


def test_with_less_than_a_year_before_the_season_is_said_to_be_unknown():
    before, after = _counts(3, 100, 60, 1.0, each=5)
    found = before_after(before, after, _BEGINS)
    assert found.season == UNKNOWN
    assert found.ratio.value is not None and found.ratio.value > 1.3  # summer


def test_other_squares_take_the_season_out():
    before, after = _counts(4, 100, 60, 0.6, each=3)
    others = _counts(5, 100, 60, 1.0, each=8)
    found = before_after(before, after, _BEGINS, *others)
    assert found.season == CONTROL
    assert found.ratio.low is not None and found.ratio.high is not None
    assert found.ratio.low < 0.6 < found.ratio.high < 1


@pytest.mark.parametrize(
    ("before", "after"), [([1] * 27, [1] * 90), ([0] * 400, [1] * 90), ([0] * 199 + [5], [0] * 60)]
)
def test_of_few_weeks_or_few_complaints_nothing_is_told(before, after):
    assert before_after(before, after, _BEGINS).ratio.value is None


def test_none_at_all_afterwards_is_told_with_how_few_it_could_be():
    before, after = _counts(6, 200, 60, 0.0)
    ratio = before_after(before, after, _BEGINS).ratio
    assert (ratio.value, ratio.low) == (0, 0)
    assert ratio.high is not None and 0 < ratio.high < 1


def test_counts_of_no_street_are_told_all_the_same():
    # a desk's list without dates: all of it on one day
    found = before_after([0] * 399 + [10**6], [3] * 60, _BEGINS)
    assert found.ratio.value is None and found.ratio.n > 10**6
    # always the same: as sure as their number, not as little as rounding is
    ratio = before_after([5] * 28, [5] * 28, _BEGINS).ratio
    assert ratio.low is not None and ratio.high is not None
    assert 0.7 < ratio.low < 1 < ratio.high < 1.4


def test_a_control_of_other_days_is_refused():
    with pytest.raises(ValueError, match="same days"):
        before_after([1] * 50, [1] * 50, _BEGINS, [1] * 49, [1] * 50)


def test_the_interval_holds_as_often_as_it_says():
    """Seeded and small: of 24 years with weather that lasts, 1 may miss, 4 would be too many."""
    street = Street(each=0.5)
    missed = 0
    for seed in range(24):
        (before, after), others = counts(street, _BEGINS, 120, 90, 0.7, seed, (1.0, 3.0))
        ratio = before_after(before, after, _BEGINS, *others).ratio
        assert ratio.low is not None and ratio.high is not None
        missed += not ratio.low <= 0.7 <= ratio.high
    assert missed < 4
