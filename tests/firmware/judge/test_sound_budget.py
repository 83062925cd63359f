"""When a limit on LAeq over some minutes is reached, held against adding it all up. Runs in both
Pythons."""

import pytest
from an_hour import Random

from tamer.judge.sound_budget import SoundBudget
from tamer.record.reading import GAP, OWN_VOICE, VALID, Second, missing

pytestmark = pytest.mark.pure

LIMIT = 650


def heard(level, why=VALID):
    return Second(1795521600, level, level + 30, level + 60, level + 150, why)


def budget_after(levels, minutes=10):
    budget = SoundBudget(LIMIT, minutes)
    for level in levels:
        budget.add(heard(level))
    return budget


def energies(levels):
    return [10 ** ((level - LIMIT) / 100) for level in levels]


def reached_in(levels, lately, minutes):
    """How many s later the mean over the minutes reaches the limit, one by one; None: never."""
    window = [0.0] * (60 * minutes) + energies(levels)
    window = window[-60 * minutes :]
    total = sum(window)
    for second in range(len(window)):
        if total >= len(window):
            return second
        total += lately - window[second]
    return len(window) if total >= len(window) else None


def moods(random, seconds):
    levels, middle = [], 600
    while len(levels) < seconds:
        middle = 560 + random.below(160)
        levels += [middle - 15 + random.below(31) for _ in range(20 + random.below(200))]
    return levels[:seconds]


def test_what_is_used_is_the_mean_energy_of_the_last_minutes():
    random = Random(5)
    for minutes in (1, 10, 60):
        for seconds in (1, 30 * minutes, 60 * minutes, 97 * minutes):
            levels = moods(random, seconds)
            used = budget_after(levels, minutes).used
            exact = sum(energies(levels[-60 * minutes :])) / 60 / minutes
            # The piece that leaves, one of thirty, may have been louder at one end.
            assert abs(used - exact) < 0.004 + 0.03 * exact, (minutes, seconds)


def test_when_it_is_reached_is_what_adding_up_second_by_second_finds():
    random = Random(7)
    found = {"never": 0, "later": 0, "already": 0}
    for _ in range(60):
        minutes = 1 + random.below(15)
        levels = moods(random, 30 * minutes + random.below(60 * minutes))
        budget = budget_after(levels, minutes)
        lately = 0.0
        for energy in energies(levels):
            lately += (energy - lately) / 30
        exact, left = reached_in(levels, lately, minutes), budget.left()
        if exact is None or left is None:
            # Only where it is a near thing may one of them see it and the other not.
            assert exact == left or lately < 1.1, (exact, left, lately)
            found["never"] += left is None
        else:
            assert abs(exact - left) <= 2 + 2 * minutes, (exact, left)
            found["later" if left else "already"] += 1
    assert min(found.values()) > 5, found


def test_ten_minutes_at_twice_the_energy_are_over_after_five():
    budget = budget_after([LIMIT + 30] * 120)
    assert budget.told()[:3] == [LIMIT, 10, 39]
    assert 175 <= budget.told()[3] <= 190
    assert budget_after([LIMIT + 30] * 302).left() == 0


def test_at_or_below_the_limit_it_is_never_reached():
    assert budget_after([LIMIT - 5] * 900).left() is None
    assert budget_after([400] * 900).told() == [LIMIT, 10, 0]


def test_after_a_loud_time_it_comes_back_as_the_minutes_pass():
    budget = budget_after([LIMIT + 60] * 300)
    assert budget.left() == 0
    for _ in range(600):
        budget.add(heard(450))
    assert budget.told() == [LIMIT, 10, 0]


def test_the_box_itself_and_what_nobody_heard_use_nothing_up():
    plain, spoken = budget_after([LIMIT] * 300), budget_after([LIMIT] * 290)
    for _ in range(10):
        spoken.add(heard(LIMIT + 250, OWN_VOICE))
    assert abs(plain.used - spoken.used) < 0.001
    for _ in range(300):
        spoken.add(missing(1795521600, GAP))
    assert abs(plain.used - spoken.used) < 0.001
    for _ in range(300):
        spoken.add(missing(1795521600, GAP))
    assert spoken.used < 0.001
