"""What is true of the ladder whatever the square does. Runs in both Pythons."""

from an_hour import seconds, steps

from tamer.judge import ladder, rules
from tamer.judge.ladder import GREEN, RED, VOICE, Say, Spotlight, Stage
from tamer.record.reading import OWN_VOICE, VALID, Second, is_valid, reason

SEEDS = range(4)
LIT = (RED, VOICE)


def walks():
    for seed in SEEDS:
        yield from steps(seconds(seed))


def of_kind(effects, kind):
    return [effect for effect in effects if isinstance(effect, kind)]


def test_the_walks_reach_every_stage():
    stages = {after.stage for _, _, after, _ in walks()}
    assert stages == {"green", "amber", "red", "voice"}


def test_every_change_of_stage_is_told_once_and_truly():
    for before, second, after, effects in walks():
        told = of_kind(effects, Stage)
        if before.stage == after.stage:
            assert told == [], second
        else:
            limit = rules.limit_at(rules.DEFAULT, second.t)
            assert told == [Stage(before.stage, after.stage, limit, second.LAeq)], second


def test_nobody_is_spoken_to_before_the_spotlight():
    for before, second, after, _ in walks():
        assert after.stage != VOICE or before.stage in LIT, second


def test_the_spotlight_is_on_in_red_and_voice_and_at_no_other_time():
    for seed in SEEDS:
        lit = False
        for _, second, after, effects in steps(seconds(seed)):
            for effect in of_kind(effects, Spotlight):
                assert effect.on != lit, second
                lit = effect.on
            assert lit == (after.stage in LIT), second


def test_the_box_speaks_only_in_the_voice_stage_and_counts_its_messages():
    number = 0
    for before, second, after, effects in walks():
        if before.stage != VOICE:
            number = 0
        for said in of_kind(effects, Say):
            assert after.stage == VOICE, second
            assert said.number == number + 1, second
            number = said.number


def test_the_box_never_speaks_to_a_square_that_is_quiet():
    for seed in SEEDS:
        over = []
        for _, second, _, effects in steps(seconds(seed)):
            if is_valid(second):
                limit = rules.limit_at(rules.DEFAULT, second.t)
                over = over[-2:]
                over.append(second.LAeq > limit + rules.DEFAULT.guard)
            if of_kind(effects, Say):
                # The first message follows a loud second, each further one at least two of three.
                assert over[-1] or sum(over) >= 2, second


def test_only_a_valid_second_or_blindness_has_an_effect():
    for before, second, after, effects in walks():
        if not is_valid(second) and effects:
            assert reason(second) != OWN_VOICE, second
            assert before.blind >= 29, second
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
        first = ladder.step(state, second, rules.DEFAULT)
        assert ladder.step(state, second, rules.DEFAULT) == first
        state = first[0]


def test_from_wherever_it_is_two_minutes_of_quiet_end_in_green():
    for seed in SEEDS:
        for _, second, after, _ in steps(seconds(seed, length=600)):
            if second.t % 20:
                continue
            state = after
            for i in range(120):
                silence = Second(second.t + 1 + i, 400, 420, 470, 550, VALID)
                state, _ = ladder.step(state, silence, rules.DEFAULT)
            assert state.stage == GREEN, second
