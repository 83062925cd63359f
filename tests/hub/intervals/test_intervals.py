"""Shares, rates, times and levels come with intervals by the books; too few say nothing."""

import math
from datetime import date, timedelta

import pytest

from noisetamer.hub.intervals import levels, means, rates, shares, times
from noisetamer.hub.intervals.interval import Interval


def test_a_share_has_wilsons_interval():
    # Newcombe 1998, Statistics in Medicine 17:857, table I: 81 of 263
    found = shares.share(81, 263)
    assert (found.value, found.n) == (81 / 263, 263)
    assert (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_a_share_of_none_says_nothing():
    assert shares.share(0, 0) == Interval(None, None, None, 0)


@pytest.mark.parametrize("found", [0, 20])
def test_a_share_never_leaves_0_to_1(found):
    one = shares.share(found, 20)
    assert one.low is not None and one.high is not None
    assert 0 <= one.low < one.high <= 1


def test_unequal_weights_say_less_than_as_many_equal_ones():
    values = [1.0, 0.0] * 20
    equal = shares.weighted_share(values, [1.0] * 40)
    unequal = shares.weighted_share(values, [1.0, 1.0] * 10 + [9.0, 9.0] * 10)
    assert equal.value == unequal.value == 0.5
    assert equal.low is not None and unequal.low is not None
    assert unequal.low < equal.low


def test_things_of_one_day_say_less_than_as_many_of_many_days():
    alike, apart = [(2, 4), (1, 2)] * 20, [(4, 4), (0, 4), (2, 2), (0, 2)] * 10
    plain, days = shares.share(60, 120), shares.share_of_days(apart)
    assert (days.value, days.n) == (plain.value, plain.n)
    assert shares.share_of_days(alike) == plain
    assert days.low is not None and plain.low is not None and plain.high is not None
    # all or none of a day: of 40 days it says little more than of 40 things
    (forty,) = [one for one in [shares.share(20, 40).low] if one is not None]
    assert forty - 0.03 < days.low < forty + 0.03 < plain.low
    # one day is one thing, whatever was found
    assert shares.share_of_days([(9, 9), (0, 0)]).low == shares.share(1, 1).low
    assert shares.share_of_days([]).value is None


def test_two_shares_differ_by_newcombes_interval():
    # Newcombe 1998, Statistics in Medicine 17:873, table II, method 10: 56/70 and 48/80
    found = shares.difference(shares.share(56, 70), shares.share(48, 80))
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
    assert found.excludes(0)


def test_a_difference_to_nothing_is_nothing():
    assert shares.difference(shares.share(3, 9), shares.share(0, 0)).value is None


def test_a_rate_has_garwoods_interval():
    # table of Garwood 1936: none of them: 0 to 3.69; ten: 4.80 to 18.39
    assert rates.rate(0, 1).high == pytest.approx(3.689, abs=1e-3)
    ten = rates.rate(10, 2)
    assert (ten.value, ten.low, ten.high) == pytest.approx((5, 2.398, 9.195), abs=1e-3)
    assert rates.rate(3, 0).value is None


# the 6-MP arm of Freireich et al. 1963 (Cox and Oakes, table 1.1): weeks in remission
_WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
_RELAPSED = [True, True, True, False, True, False, True, False, False, True, True]
_RELAPSED += [False, False, False, True, True] + [False] * 5


def test_a_median_time_counts_whoever_was_not_watched_to_the_end():
    found = times.median(_WEEKS, _RELAPSED)
    assert (found.value, found.low, found.high, found.n) == (23, 13, None, 21)


def test_a_share_within_a_time_counts_them_too():
    found = times.within(_WEEKS, _RELAPSED, 10)
    assert found.value == pytest.approx(1 - 0.7529, abs=1e-4)
    assert found.low is not None and found.high is not None
    assert found.low < 1 - 0.7529 < found.high


def test_where_all_were_watched_a_share_within_a_time_is_a_share():
    assert times.within([5, 50, 500], [True, True, False], 60) == shares.share(2, 3)


def test_whoever_was_watched_too_briefly_says_nothing_of_a_share_within_a_time():
    assert times.within([5.0] * 40, [False] * 40, 60) == Interval(None, None, None, 40)
    assert times.within([5.0, 9.0, 30.0], [True, True, False], 60).value is None
    # of four that were watched for long none; the others might have
    few = times.within([5.0] * 40 + [90.0] * 4, [False] * 44, 60)
    four = shares.share(0, 4)
    assert (few.value, few.low, few.high, few.n) == (0, four.low, four.high, 44)


def test_of_few_times_no_median_is_told():
    assert times.median([3, 4, 5, 6], [True] * 4) == Interval(None, None, None, 4)


def _days(n, level):
    begin = date(2026, 3, 2)
    return [(begin + timedelta(k), level(k)) for k in range(n)]


def test_a_louder_weekend_is_no_difference():
    weekly = _days(28, lambda k: 70.0 + 6 * (k % 7 >= 5) + 0.2 * math.sin(37 * k))
    # from a Monday, and from a Wednesday: more weekends in one of them
    found = levels.level_difference(weekly[:14], weekly[14:26])
    whole = levels.level_difference(weekly[:14], weekly[14:])
    assert not found.excludes(0) and not whole.excludes(0)
    assert whole.high is not None and whole.high < 1


def test_of_a_few_days_no_difference_of_levels_is_told():
    few = _days(6, lambda k: 70.0)
    assert levels.level_difference(few, few * 3).value is None


def test_a_mean_has_students_interval():
    found = means.mean([4.0, 6.0, 8.0, 10.0, 12.0], [1.0] * 5)
    # t of 4 degrees 2.776, standard deviation 3.1623
    assert (found.value, found.low, found.high) == pytest.approx((8, 4.0735, 11.9265), abs=1e-3)
    assert means.mean([1.0] * 4, [1.0] * 4).value is None
