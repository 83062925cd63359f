"""Squares that the box's own ladder judged: no effect is found where there is none, and a large
one is. Small; `tests/bench/trial_power.py` has the figures.
"""

from trial_square import Crowd, TrialSquare, table

from noisetamer.hub.trials.analysis import DECISIVE, Trial, trial


def _lived(seed: int, incidents: int, **obeys: float) -> Trial:
    one = TrialSquare(Crowd(obeys, longest=DECISIVE + 30), table(*obeys), seed)
    one.lives(incidents)
    return trial(one.dealt()[:incidents])


def test_of_squares_without_an_effect_hardly_one_is_said_to_have_one():
    found = [bool(_lived(seed, 122, light=0.3, voice=0.3).found) for seed in range(8)]
    assert sum(found) <= 1


def test_an_arm_that_doubles_compliance_is_found_and_named():
    (found,) = _lived(2, 244, light=0.3, voice=0.6).found
    assert (found.one, found.other) == ("light", "voice")
    assert found.difference.low is not None and found.difference.low > 0


def test_more_than_one_box_and_lots_that_differ_are_taken_as_they_are():
    crowd = Crowd({"light": 0.2, "voice": 0.7}, longest=DECISIVE + 30)
    one = TrialSquare(crowd, table("light", "voice", weights=(3, 1)), 5)
    one.lives(60)
    told = one.dealt()
    assert {round(each.probability, 3) for each in told if each.arm == "light"} == {0.75}
    share = sum(each.arm == "light" for each in told) / len(told)
    assert 0.6 < share < 0.9
