"""What holds of every evening and every policy."""

from typing import Any

from evenings import LIMIT, Stretch, played, stretches, tables
from hypothesis import given, settings
from hypothesis import strategies as st

from tamer.judge import ladder
from tamer.judge.ladder import (
    GREEN,
    STAGES,
    TOO_LOUD,
    Escalation,
    Relapse,
    Say,
    SetSpotlight,
    Stage,
    WarningOutcome,
)
from tamer.record.reading import OWN_VOICE, is_valid, reason

properties = settings(max_examples=30, derandomize=True, deadline=None, database=None)

Evening = list[Stretch]
Table = dict[str, Any]


def decided(evening: Evening, table: Table, **more: Any) -> list[tuple[int, Any]]:
    """(number of the second, effect) of all that was decided."""
    return [
        (i, effect)
        for i, heard in enumerate(played(evening, table, **more))
        for effect in heard.effects
    ]


@properties
@given(stretches, tables)
def test_it_is_in_one_stage_at_a_time_and_tells_every_change(evening: Evening, table: Table):
    stage, lit = GREEN, False
    for heard in played(evening, table):
        changes = heard.of_kind(Stage)
        assert len(changes) <= 1
        for change in changes:
            assert change.before == stage != change.after
            stage = change.after
        for light in heard.of_kind(SetSpotlight):
            assert light.on != lit
            lit = light.on
        assert stage == heard.after.stage
        assert lit == heard.after.lit
        assert not lit or stage in TOO_LOUD


@properties
@given(stretches, tables)
def test_it_goes_up_in_order_and_comes_down_for_good(evening: Evening, table: Table):
    for heard in played(evening, table):
        for change in heard.of_kind(Stage):
            before, after = STAGES.index(change.before), STAGES.index(change.after)
            if after < before:
                assert change.after not in TOO_LOUD
            elif change.after in TOO_LOUD and change.before in TOO_LOUD:
                # Without a polite voice red is followed by the firm one.
                assert after - before == 1 or table["polite"]["times"] == 0


@properties
@given(stretches, tables)
def test_no_warning_is_given_while_valid_seconds_say_quiet(evening: Evening, table: Table):
    since_message: list[int] = []
    for heard in played(evening, table):
        by = heard.by
        if reason(heard.second) == OWN_VOICE:
            since_message = []
        elif is_valid(heard.second):
            since_message.append(heard.second.LAeq)
        for said in heard.of_kind(Say):
            loud = [level > LIMIT + by.guard_band for level in since_message]
            listened = loud[-min(max(by.firm.gap, by.speaking.least_gap), by.trigger.of) :]
            assert loud[-1] or 2 * sum(listened) > len(listened)
            last = since_message[-by.release.obeyed :]
            assert said.number == 1 or any(level >= LIMIT - by.hysteresis for level in last)


@properties
@given(stretches, tables, st.integers(1, 5))
def test_its_limits_on_speaking_are_never_exceeded(evening: Evening, table: Table, message: int):
    limits = table["speaking"]
    spoken, silent_since = [], None
    for i, heard in enumerate(played(evening, table, message)):
        own = reason(heard.second) == OWN_VOICE
        spoken.append(own)
        if own:
            silent_since = i + 1
        for _ in heard.of_kind(Say):
            assert not limits["pause"] or not paused(heard.second.t, limits["pause"])
            assert silent_since is None or i + 1 - silent_since >= limits["least_gap"]
    # No evening here is longer than an hour.
    assert sum(spoken) <= limits["longest_per_hour"]


def paused(t: int, pause: list[list[str]]) -> bool:
    minute = (t + 8 * 3600) // 60 % 1440
    return any(
        int(begin[:2]) * 60 + int(begin[3:]) <= minute < int(end[:2]) * 60 + int(end[3:])
        for begin, end in pause
    )


@properties
@given(stretches, tables, st.sets(st.integers(0, 2000), max_size=60))
def test_restarts_at_any_second_neither_repeat_nor_skip_an_effect(
    evening: Evening, table: Table, restarts: set[int]
):
    assert decided(evening, table, restarts=tuple(restarts)) == decided(evening, table)


@properties
@given(stretches, tables, st.lists(st.integers(-7200, 7200), min_size=1, max_size=5))
def test_jumps_of_the_clock_change_nothing_where_no_rule_hangs_on_it(
    evening: Evening, table: Table, jumps: list[int]
):
    always: Table = {
        **table,
        "speaking": {**table["speaking"], "pause": []},
        "spotlight": {},
        "limit": {"day": LIMIT / 10, "night": LIMIT / 10},
        "volume": [],
        "sudden": {"on": False},
    }
    assert decided(evening, always, clock=jumps) == decided(evening, always)


@properties
@given(stretches, tables, st.integers(1, 25))
def test_summer_time_changes_nothing_where_no_rule_hangs_on_it(
    evening: Evening, table: Table, minute: int
):
    always: Table = {
        **table,
        "speaking": {**table["speaking"], "pause": []},
        "spotlight": {},
        "limit": {"day": LIMIT / 10, "night": LIMIT / 10},
        "sudden": {"on": False},
        "volume": [],
    }
    change = [[f"2026-11-24T12:{minute:02}Z", "+07:00"]]
    assert decided(evening, {**always, "clock_changes": change}) == decided(evening, always)


@properties
@given(stretches, tables)
def test_every_message_has_one_outcome_at_most_and_counts_up(evening: Evening, table: Table):
    number, is_open = 0, False
    for heard in played(evening, table):
        if heard.of_kind(Stage) and heard.before.stage not in TOO_LOUD:
            number, is_open = 0, False
        for effect in heard.effects:
            if isinstance(effect, WarningOutcome) and effect.message != ladder.LIGHT:
                assert (effect.number, is_open) == (number, True)
                is_open = False
            elif isinstance(effect, WarningOutcome):
                number += not effect.effective
            elif isinstance(effect, Say):
                assert effect.number == number + 1
                number, is_open = effect.number, True


@properties
@given(stretches, tables)
def test_nobody_is_called_twice_in_an_incident_nor_before_his_number(
    evening: Evening, table: Table
):
    called: list[str] = []
    in_vain = 0
    for heard in played(evening, table):
        in_vain += sum(not outcome.effective for outcome in heard.of_kind(WarningOutcome))
        for call in heard.of_kind(Escalation):
            assert call.to not in called
            assert in_vain >= call.ineffective
            called.append(call.to)
        if heard.after.stage not in TOO_LOUD:
            if called:
                in_vain = 0
            called = []


@properties
@given(stretches, tables)
def test_a_relapse_is_told_with_the_time_since_the_release(evening: Evening, table: Table):
    released = None
    for i, heard in enumerate(played(evening, table)):
        for change in heard.of_kind(Stage):
            if change.before not in TOO_LOUD and change.after in TOO_LOUD:
                told = [again.after for again in heard.of_kind(Relapse)]
                assert told == ([] if released is None else [i - released])
            elif change.before in TOO_LOUD and change.after not in TOO_LOUD:
                released = i if is_valid(heard.second) else None
