"""Digits prove the minute in which they were shown, and guessing them is in vain."""

import random

import pytest

from noisetamer.hub.patrols import proof
from noisetamer.hub.patrols.proof import Wrong, minutes, proven, wait
from tamer.record.seal import digits_of

T = 1_795_900_000 // 60 * 60


def of(minute: int) -> str:
    return digits_of("key", minute)


@pytest.mark.parametrize(
    ("shown_s", "typed_s", "late", "taken"),
    [
        (0, 30, False, True),
        (0, 90, False, True),  # he walked
        (0, 121, False, False),
        (60, 52, False, True),  # the box's clock is a little ahead
        (60, 30, False, False),
        (0, 330, True, True),  # the phone's clock was put right meanwhile
        (0, -299, True, True),
        (0, 361, True, False),
        (0, -301, True, False),
    ],
)
def test_digits_are_taken_of_the_minute_and_the_one_before(
    shown_s: int, typed_s: int, late: bool, taken: bool
) -> None:
    minute = (T + shown_s) // 60
    found = proven(of(minute), T + typed_s, late, of)
    assert (found == minute) is taken


def test_of_two_minutes_with_the_same_digits_the_likelier_one_is_taken() -> None:
    assert proven("0000", T, True, lambda minute: "0000") == T // 60


def test_after_three_wrong_ones_each_waits_twice_as_long() -> None:
    tried: list[Wrong] = []
    now, waited = float(T), []
    for _ in range(8):
        pause = wait(tried, 1, False, now)
        waited.append(pause)
        now += pause
        tried.append(Wrong(1, now, False))
    assert waited == [0, 0, 0, 60, 120, 240, 480, 960]
    assert wait(tried, 2, False, now) == 0  # another point is asked as before


def test_a_guard_who_goes_from_point_to_point_may_not_guess_more() -> None:
    tried = [Wrong(point, T, True) for point in range(proof.MOST_WRONG_LATE_OF_GUARD)]
    assert wait(tried, 99, True, T + 3600) == 86_400 - 3600
    assert wait(tried, 99, False, T + 3600) == 0
    at_once, late = proof.chance(proof.MOST_WRONG_OF_GUARD, proof.MOST_WRONG_LATE_OF_GUARD)
    assert at_once < 0.0053 and late < 0.0088


def test_a_day_of_guessing_has_the_chance_that_is_stated() -> None:
    """Somebody who guesses as often as he may, a thousand days long, told at once and late."""
    at_once, late = proof.chance()
    assert at_once < 0.003 and late < 0.0034
    most = {False: proof.MOST_WRONG, True: proof.MOST_WRONG_LATE}
    dice = random.Random(15)
    for told_late, stated in ((False, at_once), (True, late)):
        had = 0
        for day in range(1000):
            begin, tried = T + day * 86_400.0, list[Wrong]()
            now = begin
            while (now := now + wait(tried, 1, told_late, now)) < begin + 86_400:
                assert len(tried) < most[told_late]
                if dice.randrange(10_000) < len(minutes(now, told_late)):
                    had += 1
                    break
                tried.append(Wrong(1, now, told_late))
        assert had <= 1000 * stated + 3 * (1000 * stated) ** 0.5
