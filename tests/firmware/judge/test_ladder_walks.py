"""What is true of the ladder whatever the square does. Runs in both Pythons."""

import pytest
from an_hour import SHIPPED, ruling_at, seconds, steps
from judged_square import EFFECTS

from tamer.judge import ladder
from tamer.judge.ladder import (
    AMBER,
    FIRM,
    GREEN,
    LIGHT,
    POLITE,
    RED,
    STAGES,
    TOO_LOUD,
    Dealt,
    Escalation,
    Say,
    SetSpotlight,
    Stage,
    Sudden,
    WarningOutcome,
)
from tamer.record.reading import OWN_VOICE, VALID, Second, is_valid, reason

pytestmark = pytest.mark.pure

SEEDS = range(2)


_walked = []


def walks():
    """Walked once: they are the same for every test."""
    if not _walked:
        for seed in SEEDS:
            _walked.append(list(steps(seconds(seed))))
    for walk in _walked:
        yield from walk


def of_kind(effects, kind):
    return [effect for effect in effects if isinstance(effect, kind)]


def test_the_walks_reach_every_stage_and_every_effect():
    stages, done = set(), set()
    for _, _, after, effects in walks():
        stages.add(after.stage)
        done.update([type(effect) for effect in effects])
    assert stages == set(STAGES)
    # The shipped policy deals nothing by lot.
    assert done == set(EFFECTS) - {Dealt}


def test_every_change_of_stage_is_told_once_and_truly():
    for before, second, after, effects in walks():
        told = of_kind(effects, Stage)
        if before.stage == after.stage:
            assert told == [], second
        else:
            limit = ruling_at(second.t).limit
            assert told == [Stage(before.stage, after.stage, limit, second.LAeq)], second


def test_no_stage_is_left_out_on_the_way_up():
    above = {GREEN: (AMBER, RED), AMBER: (RED,), RED: (POLITE,), POLITE: (FIRM,), FIRM: ()}
    for before, second, after, _ in walks():
        if STAGES.index(after.stage) > STAGES.index(before.stage):
            assert after.stage in above[before.stage], second


def test_the_spotlight_is_on_while_it_is_too_loud_and_at_no_other_time():
    for seed in SEEDS:
        lit = False
        for _, second, after, effects in steps(seconds(seed)):
            for effect in of_kind(effects, SetSpotlight):
                assert effect.on != lit, second
                lit = effect.on
            assert lit == after.lit == (after.stage in TOO_LOUD), second


def test_the_box_speaks_in_the_stage_of_its_voice_and_counts_its_messages():
    number = 0
    for before, second, after, effects in walks():
        if before.stage not in TOO_LOUD:
            number = 0
        for said in of_kind(effects, Say):
            assert said.stage == after.stage, second
            assert said.stage in (POLITE, FIRM), second
            assert said.number == number + 1, second
            number = said.number


def test_the_box_never_speaks_to_a_square_that_is_quiet():
    for seed in SEEDS:
        over = []
        for _, second, _, effects in steps(seconds(seed)):
            if is_valid(second):
                limit = ruling_at(second.t).limit
                over = over[-2:]
                over.append(second.LAeq > limit + SHIPPED.guard_band)
            if of_kind(effects, Say):
                # The first message follows a loud second, each further one at least two of three.
                assert over[-1] or sum(over) >= 2, second


def test_every_message_has_at_most_one_outcome_and_only_an_obeyed_one_ends_the_incident():
    open_number = None
    for _, second, after, effects in walks():
        for effect in effects:
            if isinstance(effect, WarningOutcome) and effect.message != LIGHT:
                assert effect.number == open_number, second
                assert effect.after >= 0, second
                open_number = None
                assert effect.effective == (after.stage not in TOO_LOUD), second
            elif isinstance(effect, Say):
                assert open_number is None, second
                open_number = effect.number
        if after.stage not in TOO_LOUD:
            open_number = None


def test_nobody_is_called_before_the_fifth_ineffective_warning_nor_twice_in_an_incident():
    in_vain, called = [], []
    for _, second, after, effects in walks():
        in_vain += [after.seen for o in of_kind(effects, WarningOutcome) if not o.effective]
        for effect in of_kind(effects, Escalation):
            assert len(in_vain) >= 5, second
            assert in_vain[-1] - in_vain[-5] <= 600, second
            assert effect.to not in called, second
            called.append(effect.to)
        if after.stage not in TOO_LOUD:
            if called:
                in_vain = []
            called = []


def test_only_a_valid_second_or_blindness_has_an_effect():
    for before, second, after, effects in walks():
        if not is_valid(second) and effects:
            assert reason(second) != OWN_VOICE, second
            assert before.lately.blind >= 29, second
            assert after.stage == GREEN, second


def test_how_loud_the_own_voice_was_changes_no_decision():
    def louder(heard, by):
        for second in heard:
            change = by if reason(second) == OWN_VOICE else 0
            t, LAeq, LAFmax, LCeq, LCpeak, flags = second
            yield Second(t, LAeq + change, LAFmax + change, LCeq + change, LCpeak, flags)

    for seed in SEEDS:
        for by in (-500, 600):
            as_heard, changed = steps(seconds(seed)), steps(louder(seconds(seed), by))
            for one, other in zip(as_heard, changed):  # noqa: B905 (not in MicroPython)
                assert one[2:] == other[2:], one[1]


def test_the_ladder_depends_on_nothing_but_what_it_is_given():
    state = ladder.START
    for second in seconds(5, length=600):
        given = state, second, ruling_at(second.t), SHIPPED
        first = ladder.step(*given)
        assert ladder.step(*given) == first
        state = first[0]


def test_a_sudden_noise_changes_nothing_else():
    """The same night with and without its bangs."""
    for seed in SEEDS:
        night = list(seconds(seed, t=1795540000))
        still = [Second(s.t, s.LAeq, 0, s.LCeq, s.LCpeak, s.flags) for s in night]
        for one, other in zip(steps(night), steps(still)):  # noqa: B905
            rest = tuple([effect for effect in one[3] if not isinstance(effect, Sudden)])
            assert rest == other[3], one[1]
            assert one[2].stage == other[2].stage, one[1]


def test_from_wherever_it_is_two_minutes_of_quiet_end_in_green():
    for seed in SEEDS:
        for _, second, after, _ in steps(seconds(seed, length=600)):
            if second.t % 20:
                continue
            state = after
            for i in range(120):
                silence = Second(second.t + 1 + i, 400, 420, 470, 550, VALID)
                state, _ = ladder.step(state, silence, ruling_at(silence.t), SHIPPED)
            assert state.stage == GREEN, second
