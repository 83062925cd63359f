"""What a trial has shown, and that it says no more than it may."""

from itertools import cycle

import pytest

from noisetamer.hub.trials.analysis import LOOKS, PER_ARM, compare, quiet_within, trial, trials
from noisetamer.hub.trials.dealt import Dealt, Outcome

START = 1_795_521_600


def incident(n: int, arm: str, took: float | None, **more) -> Dealt:
    told = {"probability": 0.5, "watched": took or 600.0, "relapse": None, "people": False}
    told |= {"followed": 1800.0, "trial": "spring"} | more
    return Dealt("U1", "plaza", arm=arm, start=START + 3600 * n, complied=took, **told)


def square(n: int, light: float, voice: float, **more) -> list[Dealt]:
    """n incidents, in turn of one and of the other; so many of ten are quiet within a minute."""
    found, count = [], {"light": 0, "voice": 0}
    for k, arm in zip(range(n), cycle(count), strict=False):
        share = light if arm == "light" else voice
        count[arm] += 1
        obeyed = (count[arm] * share) % 1 + share >= 1
        found.append(incident(k, arm, 40.0 if obeyed else 400.0, **more))
    return found


def test_nothing_is_told_before_as_many_incidents_as_were_agreed_on():
    early = trial(square(2 * PER_ARM - 1, 0.1, 0.9))
    assert (early.next_look, early.compared, early.found) == (2 * PER_ARM, (), ())
    now = trial(square(2 * PER_ARM, 0.1, 0.9))
    assert [(each.one, each.other) for each in now.found] == [("light", "voice")]
    assert now.looked_at == 2 * PER_ARM


def test_what_a_look_has_found_stands():
    found = square(2 * PER_ARM, 0.1, 0.9)
    later = [incident(1000 + k, ("light", "voice")[k % 2], 40.0) for k in range(900)]
    assert trial(found + later).compared == trial(found).compared


def test_looks_together_cost_5_percent_and_later_ones_are_told():
    assert sum(wrong for _, wrong in LOOKS) == pytest.approx(0.05)
    middle = trial(square(3 * PER_ARM, 0.5, 0.5))
    assert (middle.looked_at, middle.found, middle.next_look) == (120, (), 240)
    assert trial(square(500, 0.5, 0.5)).next_look is None


def test_more_arms_ask_for_more_of_each_comparison():
    two = compare(square(200, 0.3, 0.5), ("light", "voice"))
    three = compare(square(200, 0.3, 0.5), ("light", "none", "voice"))
    sure = next(each for each in three if (each.one, each.other) == ("light", "voice"))
    assert sure.difference.value == two[0].difference.value
    assert two[0].difference.low is not None and sure.difference.low is not None
    assert sure.difference.low < two[0].difference.low


def test_an_arm_that_comes_later_is_described_and_not_compared():
    told = square(2 * PER_ARM, 0.5, 0.5)
    late = trial([*told, incident(999, "song", 40.0)])
    assert [arm.name for arm in late.arms] == ["light", "song", "voice"]
    assert {each.one for each in late.compared} | {each.other for each in late.compared} == {
        "light",
        "voice",
    }


def test_a_trial_of_one_arm_compares_nothing():
    alone = trial([incident(k, "light", 40.0) for k in range(200)])
    assert (alone.next_look, alone.compared) == (None, ())


def test_unequal_lots_are_weighted_by_their_inverse():
    rare = [incident(k, "light", 40.0, probability=0.1) for k in range(10)]
    often = [incident(k, "light", 400.0, probability=0.9) for k in range(90)]
    share = quiet_within(rare + often, 120)
    assert share.value == pytest.approx(0.5)


def test_an_incident_that_was_not_watched_to_its_end_counts_as_long_as_it_was():
    cut = incident(0, "light", None, watched=30.0)
    others = [incident(1, "light", 20.0), incident(2, "light", 400.0), incident(3, "light", 90.0)]
    share = quiet_within([cut, *others], 120)
    assert share.value == pytest.approx(1 - 3 / 4 * 1 / 2)


def test_an_arm_tells_who_was_called_who_began_again_and_what_lasted():
    told = [
        incident(k, "light", 40.0, people=k < 5, relapse=60.0 if k < 2 else None)
        for k in range(20)
    ]
    arm = trial(told).arms[0]
    assert (arm.alone.value, arm.lasting.value) == (0.75, 0.9)
    assert arm.relapsed.value == pytest.approx(0.1)
    assert arm.took.value == 40


def test_warnings_are_told_in_the_order_in_which_they_come():
    outcomes = (
        Outcome("polite", "please", 1, False, 3),
        Outcome("firm", "now", 2, False, 3),
        Outcome("firm", "now", 3, True, 5),
    )
    kinds = trial([incident(k, "voice", 40.0, outcomes=outcomes) for k in range(3)]).warned
    assert [(kind.message, kind.obeyed.value, kind.took) for kind in kinds] == [
        ("please", 0, None),
        ("now", 0.5, 5),
    ]


def test_the_newest_trial_comes_first():
    told = [incident(0, "light", 1.0), incident(9, "voice", 1.0, trial="summer")]
    assert [each.name for each in trials(told)] == ["summer", "spring"]
