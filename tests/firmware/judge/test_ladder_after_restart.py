"""The ladder over a restart: kept each second, restored with its age. Runs in both Pythons."""

import json

import pytest
from an_hour import SHIPPED, ruling_at, seconds, steps
from judged_square import LOUD, NOT_NEAR, Square, warned

from tamer.judge import ladder
from tamer.judge.ladder import GREEN, TOO_LOUD, Escalation, Relapse, Say
from tamer.record.reading import POWER, missing

pytestmark = pytest.mark.pure


def restarted(state, away=0):
    """As it comes back from the memory that outlasts a reset."""
    return ladder.restored(json.loads(json.dumps(ladder.to_list(state))), away)


def test_a_restart_between_any_two_seconds_changes_nothing():
    state = ladder.START
    for _, second, after, effects in steps(seconds(0, length=1800)):
        given = second, ruling_at(second.t), SHIPPED
        assert ladder.step(restarted(state), *given) == (after, effects)
        state = after


def test_a_restart_is_like_as_many_seconds_without_power():
    for away in (1, 5, 29, 30, 200):
        for _, second, state, _ in steps(seconds(3, length=1800)):
            if second.t % 73:
                continue
            without = state
            for i in range(away):
                lost = missing(second.t + 1 + i, POWER)
                without, _ = ladder.step(without, lost, ruling_at(lost.t), SHIPPED)
            assert restarted(state, away) == without, second


def test_an_incident_of_less_than_half_a_minute_ago_goes_on():
    for away, goes_on in ((27, True), (28, False)):
        square = warned()
        square.state = restarted(square.state, away)
        # What the microphone needs to settle counts as well.
        square.hears_nothing(2, why=POWER)
        assert (square.state.stage in TOO_LOUD) == goes_on
        assert square.state.lit == goes_on


def test_the_warnings_go_on_counting_where_they_stopped():
    square = warned()
    square.state = restarted(square.state, 5)
    square.stays_loud(40)
    assert square.said() == [2, 3, 4, 5]


def test_the_same_is_called_once_over_any_number_of_restarts():
    square = Square()
    for _ in range(80):
        square.stays_loud(7)
        square.state = restarted(square.state, 1)
        square.t += 1
    assert [effect.to for effect in square.did(Escalation)] == ["leader", "property", "police"]


def test_the_hour_of_speech_is_not_forgotten():
    square = Square({"speaking": {"longest_per_hour": 60}})
    for _ in range(120):
        square.stays_loud(25)
        square.state = restarted(square.state, 5)
        square.t += 5
    # 8 s each; 15 s are kept in reserve for the next.
    assert len(square.did(Say)) == 6


def test_a_message_that_the_power_cut_short_counts_as_far_as_it_may_have_come():
    square = Square({"speaking": {"longest_per_hour": 30, "longest_message": 15}})
    square.hears(*[LOUD] * 10)
    square.state = restarted(square.state, 7)
    assert sum(square.state.speech.booked) == 7
    square.state = restarted(square.state, 20)
    assert sum(square.state.speech.booked) == 15


def test_a_relapse_is_counted_from_before_the_restart():
    square = warned()
    square.hears(NOT_NEAR, NOT_NEAR)
    square.state = restarted(square.state, 600)
    square.hears(*[NOT_NEAR] * 10, *[LOUD] * 8)
    assert square.did(Relapse) == [Relapse(618)]


def test_days_without_power_leave_a_clean_slate():
    square = warned()
    state = restarted(square.state, 86400 * 3)
    assert (state.stage, state.lit) == (GREEN, False)
    assert state.seen == square.state.seen + 86400 * 3


def test_what_this_ladder_did_not_keep_is_refused():
    for kept in ([], [1, 2, 3], ladder.to_list(ladder.START)[:-1]):
        try:
            ladder.restored(kept, 0)
        except ValueError:
            continue
        raise AssertionError(kept)
