"""When a relay's spotlight is lit and when it is not. Runs in MicroPython."""

from tamer.act.spotlight import Spotlight

LEAST_ON = 5

# Wanted by the ladder, allowed by the policy, speaking.
WANTED = (True, True, False)
NOT_WANTED = (False, True, False)
FORBIDDEN = (True, False, False)
WANTED_AND_SPEAKING = (True, True, True)


def switched(*plan):
    """[(in which second, on)] of a plan that has an entry for each second after power-on."""
    levels = []
    spotlight = Spotlight(levels.append, LEAST_ON)
    assert levels == [0]
    found = []
    for at, (wanted, allowed, speaking) in enumerate(plan):
        spotlight.set(wanted)
        on = spotlight.second(allowed, speaking)
        if on is not None:
            found.append((at + 1, on))
    assert levels[1:] == [int(on) for _, on in found]
    return found


def test_it_is_lit_in_the_second_it_is_wanted_and_dark_when_it_is_not():
    plan = [NOT_WANTED] * 3 + [WANTED] * 8 + [NOT_WANTED] * 3
    assert switched(*plan) == [(4, True), (12, False)]


def test_once_lit_it_stays_lit_for_the_least_time():
    plan = [NOT_WANTED] * 3 + [WANTED] + [NOT_WANTED] * 8
    assert switched(*plan) == [(4, True), (4 + LEAST_ON, False)]


def test_it_rests_before_it_is_lit_again():
    plan = [NOT_WANTED] * 3 + [WANTED] * LEAST_ON + [NOT_WANTED] + [WANTED] * 4
    assert switched(*plan) == [(4, True), (9, False), (11, True)]


def test_after_power_on_it_rests_too():
    assert switched(*[WANTED] * 4) == [(2, True)]


def test_at_hours_the_policy_forbids_it_is_dark():
    plan = [FORBIDDEN] * 4 + [WANTED] * 6 + [FORBIDDEN] * 4
    assert switched(*plan) == [(5, True), (11, False)]


def test_it_is_not_lit_in_the_second_in_which_the_voice_begins():
    plan = [NOT_WANTED] * 3 + [WANTED_AND_SPEAKING] * 4
    assert switched(*plan) == [(5, True)]


def test_a_relay_is_never_switched_twice_within_two_seconds():
    plan = [WANTED, NOT_WANTED, FORBIDDEN, WANTED, WANTED_AND_SPEAKING] * 20
    times = [at for at, _ in switched(*plan)]
    assert len(times) > 10
    assert min([times[i] - times[i - 1] for i in range(1, len(times))]) >= 2
