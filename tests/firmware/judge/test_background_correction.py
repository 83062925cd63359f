"""What of a level is not the background's. Runs in both Pythons."""

import pytest

from tamer.judge.background import UNKNOWN, corrected

pytestmark = pytest.mark.pure

LEVEL = 700


def over(difference, least=30):
    """The correction in 0.1 dB of a level so many dB over the background; None: not judged."""
    found = corrected(LEVEL, LEVEL * 10 - round(difference * 100), least)
    return None if found is None else found - LEVEL


def test_the_table_of_gb_22337():
    for difference in (11, 12, 40):
        assert over(difference) == 0
    for difference in (6, 7, 8, 9, 10):
        assert over(difference) == -10
    for difference in (4, 5):
        assert over(difference) == -20
    assert over(3) == -30
    for difference in (2, 1, 0, -5):
        assert over(difference) is None


def test_the_difference_is_rounded_to_whole_decibels_and_a_half_to_the_even_one():
    assert over(2.49) is None
    assert over(2.5) is None
    assert over(2.51) == -30
    assert over(3.5) == -20
    assert over(5.5) == -10
    assert over(10.5) == -10
    assert over(10.51) == 0


def test_a_policy_may_ask_for_more_than_three_decibels():
    assert over(5, least=60) is None
    assert over(6, least=60) == -10


def test_or_for_less_with_the_largest_correction_of_the_table():
    assert over(1, least=0) == -30


def test_a_background_nobody_knows_changes_nothing():
    assert corrected(LEVEL, UNKNOWN) == LEVEL
