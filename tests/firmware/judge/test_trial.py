"""Incidents dealt by lot, within what the policy allows. Runs in both Pythons."""

import pytest
from an_hour import EVENING, Random
from judged_square import LOUD, NOT_NEAR, QUIET, Square

from tamer.judge import ladder, policy, rules, schema
from tamer.judge.ladder import POLITE, RED, Dealt, Relapse, Say, Stage, WarningOutcome
from tamer.ladder_runner import rehearse
from tamer.record.reading import CLOCK, VALID, Second

pytestmark = pytest.mark.pure

TRIAL = {
    "name": "light before voice",
    "arm": [
        {"name": "voice", "weight": 3},
        {"name": "light", "after": 20, "polite": "polite_en", "firm": "warning_en", "gap": 9},
    ],
}


def faults(trial, **others):
    return schema.complete(dict(others, trial=trial))[1]


def dealt(table, levels=None, t=EVENING, why=VALID):
    """The Dealt of the incident that begins in the last of ten loud seconds, or None."""
    by = policy.read(table)
    ruling = rules.ruling(by, t)
    state, effects = ladder.START, ()
    for i in range(10):
        LAeq, LAFmax, LCeq, LCpeak = levels or (LOUD, LOUD + 20, LOUD + 70, LOUD + 150)
        second = Second(t + i, LAeq, LAFmax, LCeq, LCpeak, why)
        state, done = ladder.step(state, second, ruling, by)
        effects += done
    found = [effect for effect in effects if isinstance(effect, Dealt)]
    assert len(found) <= 1
    return found[0] if found else None


def arm(*told, **others):
    """The name of the arm that `dealt` finds."""
    found = dealt(*told, **others)
    assert found
    return found.arm


def of_arm(name):
    """A square whose incident is dealt that arm."""
    for i in range(100):
        square = Square({"trial": TRIAL}, EVENING + i)
        square.hears(*[LOUD] * 8)
        if square.did(Dealt)[0].arm == name:
            return square
    raise AssertionError(name)


def test_a_policy_without_a_trial_deals_nothing_and_keeps_its_hash():
    assert policy.hash_of({})[:16] == "f18466c866ce8072"
    assert policy.hash_of({"trial": {}}) == policy.hash_of({"trial": {"arm": []}})
    assert policy.hash_of({"trial": {}}) == policy.hash_of({})
    assert policy.hash_of({"trial": TRIAL}) != policy.hash_of({})
    assert policy.read({}).trial is None
    assert dealt({}) is None


def test_it_is_dealt_before_anything_is_done_that_it_decides():
    square = Square({"trial": TRIAL})
    square.hears(*[LOUD] * 40)
    kinds = [type(effect) for effect in square.effects]
    assert kinds[:3] == [Stage, Stage, Dealt]
    assert kinds.count(Dealt) == 1


def test_the_same_second_is_dealt_the_same_and_any_other_its_own():
    table = {"trial": TRIAL}
    assert dealt(table) == dealt(table)
    assert len({arm(table, t=EVENING + i) for i in range(40)}) == 2
    # Nobody knows to 0.1 dB how loud he is.
    peaks = [(LOUD, LOUD + 20, LOUD + 70, LOUD + i) for i in range(100, 140)]
    assert len({arm(table, levels) for levels in peaks}) == 2
    assert len({arm({"name": str(i), "trial": TRIAL}) for i in range(40)}) == 2


def test_a_second_that_was_dated_later_is_dealt_as_the_box_did():
    assert dealt({"trial": TRIAL}, why=CLOCK, t=5) == dealt({"trial": TRIAL}, why=CLOCK)


def test_arms_come_as_often_as_their_weights_say():
    random = Random(3)
    found = {"voice": 0, "light": 0}
    shares = set()
    for _ in range(400):
        level = LOUD + random.below(100)
        told = dealt({"trial": TRIAL}, (level, level + random.below(90), 800, 900))
        assert told
        found[told.arm] += 1
        shares.add((told.arm, told.probability))
    assert shares == {("voice", 750), ("light", 250)}
    # 300 of 400, give or take 8.7.
    assert 265 < found["voice"] < 335


def test_an_arm_changes_when_and_what_is_said_and_the_rest_stays():
    spoken = {}
    for name in ("voice", "light"):
        square = of_arm(name)
        began = square.t
        while not square.did(Say):
            square.hears(LOUD)
        spoken[name] = square.did(Say)[0].message, square.t - began
        square.stays_loud(60)
        spoken[name] += tuple([say.message for say in square.did(Say)[1:2]])
    assert spoken == {
        "voice": ("polite_zh", 2, "warning_zh"),
        "light": ("polite_en", 20, "warning_en"),
    }


def test_the_gap_is_the_arms():
    waits = {}
    for name in ("voice", "light"):
        square = of_arm(name)
        while not square.did(Say):
            square.hears(LOUD)
        square.speaks()
        waits[name] = 0
        while len(square.did(Say)) < 2:
            square.hears(LOUD)
            waits[name] += 1
    assert waits == {"voice": 3, "light": 9}


def test_who_obeys_the_light_needs_no_word():
    square = of_arm("light")
    square.hears(*[LOUD] * 10)
    square.hears(*[NOT_NEAR] * 15)
    assert square.state.stage == "green"
    assert not square.did(Say, WarningOutcome)


def test_each_incident_is_dealt_anew_and_a_relapse_too():
    square = Square({"trial": TRIAL})
    for _ in range(30):
        square.hears(*[LOUD] * 12)
        square.hears(*[QUIET] * 40)
    arms = [effect.arm for effect in square.did(Dealt)]
    assert len(arms) == 30
    assert len(set(arms)) == 2
    assert len(square.did(Relapse)) == 29
    assert square.state.warnings.arm == -1


def test_where_the_box_may_not_speak_nothing_is_dealt():
    silent = {"speaking": {"pause": [["00:00", "24:00"]]}, "trial": TRIAL}
    assert dealt(silent) is None


def test_a_restart_keeps_the_arm():
    square = of_arm("light")
    saved = ladder.to_list(square.state)
    square.state = ladder.restored(saved, 5)
    square.hears(*[LOUD] * 30)
    assert [say.message for say in square.did(Say)] == ["polite_en", "warning_en"]
    assert len(square.did(Dealt)) == 1
    assert ladder.restored(saved, ladder.GIVEN_UP).warnings.arm == -1
    # Of earlier firmware, that knew no trials.
    saved[-1] = saved[-1][:-1]
    assert ladder.restored(saved, 5).warnings.arm == -1


def test_a_message_that_cannot_be_said_ends_the_trial_also_in_the_midst_of_an_incident():
    class Voice:
        def length(self, message):
            if message == "polite_en":
                raise ValueError("spoilt")
            return 5

    square = of_arm("light")
    left, can_speak, wrong = rehearse(Voice(), square.policy)
    assert (left.trial, can_speak, wrong) == (None, True, {"polite_en": "spoilt"})
    assert left.polite == square.policy.polite
    square.policy = left
    square.hears(*[LOUD] * 3)
    assert square.state.stage == POLITE
    assert [say.message for say in square.did(Say)] == ["polite_zh"]
    assert RED in [stage.after for stage in square.did(Stage)]


def test_what_is_beyond_the_policy_is_refused_by_its_key():
    one, other = {"name": "a"}, {"name": "b", "after": 9}
    assert faults({"name": "x", "arm": [one, other]}) == []
    refused = (
        ({"name": "x"}, "trial.arm: a trial has 2 arms to 8"),
        ({"name": "x", "arm": [one]}, "trial.arm: a trial has 2 arms to 8"),
        ({"name": "x", "arm": [{"name": str(i), "after": i} for i in range(9)]}, "trial.arm: "),
        ({"arm": [one, other]}, "trial.name: is missing"),
        ({"name": "x", "arm": [one, {"name": "a", "after": 9}]}, "trial.arm[2].name: each arm"),
        ({"name": "x", "arm": [one, {"name": "", "after": 9}]}, "trial.arm[2].name: each arm"),
        ({"name": "x", "arm": [one, {"name": "b"}]}, "trial.arm[2].name: does the same as arm 1"),
        ({"name": "x", "arm": [one, {"name": "b", "gap": 2}]}, "trial.arm[2].gap: is less than"),
        ({"name": "x", "arm": [one, {"name": "b", "weight": 0}]}, "trial.arm[2].weight: 0 is out"),
        ({"name": "x", "arm": [one, {"name": "b", "after": 601}]}, "trial.arm[2].after: 601 is"),
        ({"name": "x", "arm": [one, {"name": "b", "polite": "x y"}]}, "trial.arm[2].polite: "),
        ({"name": "x", "arm": [one, {"name": "b", "limit": 9}]}, "trial.arm[2].limit: is no key"),
        ({"name": "x", "arm": {"name": "b"}}, "trial.arm: write [[trial.arm]]"),
    )
    for trial, why in refused:
        assert faults(trial)[0][: len(why)] == why, faults(trial)
    never = faults({"name": "x", "arm": [one, {"name": "b", "polite": "p"}]}, polite={"times": 0})
    assert never == ["trial.arm[2].polite: is never said, polite.times is 0"]
