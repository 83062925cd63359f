"""A reading, what it may be, and how near it is to that."""

import math

import pytest

from noisetamer.sound.verify.check import Bound, Check, about


def test_margin_is_what_is_left_to_the_nearer_limit():
    bound = Bound(-10.0, -2.0, 1.0)
    assert bound.margin(-9.5) == pytest.approx(0.5)
    assert bound.margin(-11.5) == pytest.approx(0.5)
    assert bound.margin(-8.0) == pytest.approx(-1.0)


def test_a_limit_itself_is_met():
    assert about(0.0, 0.25).met(0.25)
    assert not about(0.0, 0.25).met(0.2501)


def test_without_a_lower_limit_only_the_upper_counts():
    bound = Bound(-70.4, -math.inf, 3.0)
    assert bound.met(-200.0)
    assert bound.share(-200.0) == 0.0
    assert not bound.met(-67.0)


def test_share_is_the_part_of_the_allowed_deviation_that_is_used():
    bound = Bound(0.0, -2.0, 1.0)
    assert bound.share(-1.0) == 0.5
    assert bound.share(0.5) == 0.5


def test_where_nothing_is_allowed_only_the_very_value_is_met():
    bound = about(5.0, 0.0)
    assert (bound.met(5.0), bound.share(5.0)) == (True, 0.0)
    assert (bound.met(4.0), bound.share(4.0)) == (False, math.inf)


@pytest.mark.parametrize("reading", [math.nan, math.inf, -math.inf])
def test_no_value_never_passes(reading):
    assert not Check("a level", reading, about(0.0, 0.1), about(0.0, 1.0)).passed


def test_a_check_passes_only_within_both_limits():
    within_class1_only = Check("a level", 0.5, about(0.0, 0.1), about(0.0, 1.0))
    assert not within_class1_only.passed
    assert within_class1_only.strictest.high == 0.1
