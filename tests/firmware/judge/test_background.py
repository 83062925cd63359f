"""The background follows L90 of what it hears. Runs in both Pythons."""

import pytest

from tamer.judge.background import UNKNOWN, learn

pytestmark = pytest.mark.pure


class _Random:
    """The same numbers in every Python."""

    def __init__(self, seed):
        self._state = seed

    def below(self, n):
        self._state = (self._state * 1664525 + 1013904223) & 0xFFFFFFFF
        return (self._state >> 16) % n


def traffic(seed, length, base=450):
    """A quiet street in 0.1 dB: a floor with a ripple, and cars that come and go."""
    random = _Random(seed)
    car = 0
    for _ in range(length):
        if random.below(40) == 0:
            car = 100 + random.below(150)
        car = car * 9 // 10
        ripple = sum([random.below(20) for _ in range(4)])
        yield base + max(ripple, car)


def learned(levels, estimate=UNKNOWN):
    for level in levels:
        estimate = learn(estimate, level)
    return estimate


def L90(levels):
    """The level that nine seconds in ten exceed, 0.1 dB."""
    return sorted(levels)[len(levels) // 10]


def test_the_first_second_is_the_first_estimate():
    assert learn(UNKNOWN, 523) == 5230


def test_it_comes_within_one_decibel_of_the_true_L90():
    for seed in range(4):
        heard = list(traffic(seed, 3600))
        assert abs(learned(heard) - 10 * L90(heard)) <= 100, seed


def test_a_loud_start_is_forgotten_within_ten_minutes():
    heard = list(traffic(5, 600))
    assert abs(learned(heard, estimate=7500) - 10 * L90(heard)) <= 100


def test_it_follows_a_street_that_becomes_louder_within_half_an_hour():
    heard = list(traffic(6, 1800, base=550))
    estimate = learned(traffic(6, 1800, base=450))
    assert abs(learned(heard, estimate) - 10 * L90(heard)) <= 100


def test_a_minute_of_shouting_lifts_it_by_less_than_one_decibel():
    estimate = learned(traffic(7, 1800))
    assert 0 < learned([800] * 60, estimate) - estimate < 100


def test_a_level_that_never_changes_is_met_exactly():
    assert learned([480] * 3600, estimate=5000) == 4800
    assert learned([480] * 3600, estimate=4600) == 4800
