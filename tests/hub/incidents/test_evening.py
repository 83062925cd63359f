"""What an evening in a square becomes: incidents, calls and all-clears, through the real files."""

from pathlib import Path
from typing import Any

import pytest
from evening import CHEN, EAST, LI, SOUTH, WANG, WEST, ZHOU, Evening
from scripted_unit import START

from noisetamer.base.errors import UserError


@pytest.fixture
def evening(tmp_path: Path) -> Evening:
    return Evening(tmp_path)


def test_red_opens_and_the_boxs_own_call_calls_the_leader(evening: Evening):
    evening.stage("red")
    assert (evening.only.state, evening.only.kind, evening.only.square) == (
        "open",
        "noise",
        "东门广场",
    )
    assert evening.called() == []
    evening.wait(90)
    evening.hand_over("leader")
    assert evening.called() == [("call", LI.person)]
    assert evening.only.step == "leader"
    assert (evening.only.level, evening.only.limit) == (690, 650)


def test_unanswered_it_goes_from_step_to_step_and_follows_up(evening: Evening):
    evening.stage("red")
    evening.hand_over("leader")
    heard = []
    for second in range(601):
        heard += [(second, *call) for call in evening.called()]
        evening.wait(1)
    assert heard == [
        (0, "call", LI.person),
        (60, "call", WANG.person),
        (120, "follow-up", WANG.person),
        (180, "call", CHEN.person),
        (300, "follow-up", CHEN.person),
        (420, "follow-up", CHEN.person),
    ]


def test_all_clear_comes_to_whoever_was_called_and_to_nobody_else(evening: Evening):
    evening.stage("red")
    evening.hand_over("leader")
    evening.wait(61)
    assert evening.called() == [("call", LI.person), ("call", WANG.person)]
    evening.stage("green")
    assert evening.called() == []
    evening.wait(5)
    assert evening.only.state == "resolved"
    assert evening.called() == [("all-clear", LI.person), ("all-clear", WANG.person)]
    evening.wait(3600)
    assert evening.called() == []


def test_an_acknowledgement_ends_it_until_nothing_has_changed_for_too_long(evening: Evening):
    evening.stage("red")
    evening.hand_over("leader")
    evening.wait(61)
    evening.called()
    evening.incidents.acknowledge(evening.only.id, "wang", evening.now, "link")
    assert (evening.only.state, evening.only.acknowledged_by) == ("acknowledged", "wang")
    assert evening.only.acknowledged_until == evening.now + 900
    evening.wait(899)
    assert evening.called() == []
    evening.wait(2)
    assert evening.only.state == "open"
    assert evening.called() == [("call", WANG.person)]
    evening.wait(121)
    assert evening.called() == [("follow-up", WANG.person), ("call", CHEN.person)]


def test_several_boxes_of_a_square_are_one_incident_until_the_last_is_below(evening: Evening):
    evening.stage("red", EAST)
    evening.stage("red", WEST, level=700)
    evening.stage("red", SOUTH)
    here, there = sorted(evening.incidents.open(), key=lambda one: one.id)
    assert here.units == (EAST, WEST)
    assert here.level == 700
    assert there.units == (SOUTH,)
    evening.stage("green", EAST)
    evening.wait(60)
    found = evening.incidents.one(here.id)
    assert found and found.state == "open"
    evening.stage("green", WEST)
    evening.wait(5)
    found = evening.incidents.one(here.id)
    assert found and found.state == "resolved"


def test_a_relapse_within_the_cool_down_joins_and_calls_again(evening: Evening):
    evening.stage("red")
    evening.hand_over("leader")
    evening.called()
    evening.stage("green")
    evening.wait(5)
    assert evening.called() == [("all-clear", LI.person)]
    evening.wait(600)
    evening.stage("red")
    evening.hand_over("leader")
    assert (evening.only.state, evening.only.reopened) == ("open", 1)
    assert evening.called() == [("call", LI.person)]
    evening.stage("green")
    evening.wait(10)
    assert evening.only.state == "open"  # it has come again: calm has to last longer
    evening.wait(25)
    assert evening.called() == [("all-clear", LI.person)]
    evening.wait(1801)
    evening.stage("red")
    assert len(evening.incidents.list()) == 2


def test_a_restart_at_any_point_repeats_no_call_and_skips_none(evening: Evening):
    evening.stage("red")
    evening.hand_over("leader")
    heard = []
    for second in range(200):
        heard += [(second, *call) for call in evening.called()]
        evening.restart()
        evening.wait(1)
    assert heard == [
        (0, "call", LI.person),
        (60, "call", WANG.person),
        (120, "follow-up", WANG.person),
        (180, "call", CHEN.person),
    ]


def test_what_was_stored_while_the_hub_was_ending_calls_after_the_restart(evening: Evening):
    change: dict[str, Any] = {"from": "green", "to": "red", "limit": 650, "level": 671}
    evening.store_only("stage", **change)
    evening.store_only("hand-over", to="leader", ineffective=5, limit=650, level=690)
    evening.restart()
    evening.look()
    assert evening.called() == [("call", LI.person)]


def test_what_is_long_over_rings_no_phone(evening: Evening):
    evening.status()
    evening.wait(1800)
    evening.status()  # it comes back, and tells what its journal holds
    evening.stage("red", t=START + 60)
    evening.hand_over("leader", t=START + 110)
    evening.stage("green", t=START + 120)
    evening.wait(60)
    assert evening.called() == []
    assert evening.noise.late
    assert evening.noise.state == "resolved"
    assert (evening.noise.begin, evening.noise.end) == (START + 60, START + 120)


def test_what_was_told_late_and_still_goes_on_calls_once_all_is_told(evening: Evening):
    evening.status()
    evening.wait(1800)
    evening.status()
    evening.stage("red", t=START + 60)
    evening.hand_over("leader", t=START + 200)
    evening.wait(30)
    assert evening.called() == []
    evening.tell("seconds", t=START + 1795, LAeq=[680] * 5)
    evening.wait(1)
    assert evening.called() == [("call", LI.person)]
    assert not evening.noise.late


def out_of_order(evening: Evening, *seqs: int) -> None:
    """Of what a box tells from 19:00:10 on, a second each: red, a call, polite, green."""
    told = {
        1: ("stage", {"from": "green", "to": "red", "limit": 650, "level": 671}),
        2: ("hand-over", {"to": "leader", "ineffective": 5, "limit": 650, "level": 690}),
        3: ("stage", {"from": "red", "to": "polite", "limit": 650, "level": 690}),
        4: ("stage", {"from": "polite", "to": "green", "limit": 650, "level": 600}),
    }
    for seq in seqs:
        kind, fields = told[seq]
        evening.seqs[EAST] = seq - 1
        evening.tell(kind, t=START + 10 + seq, **fields)


def test_a_boxs_call_that_comes_before_its_red_calls(evening: Evening):
    out_of_order(evening, 2, 1, 3)
    assert evening.called() == [("call", LI.person)]
    assert evening.only.stage == "polite"
    out_of_order(evening, 4)
    evening.wait(5)
    assert evening.only.state == "resolved"


def test_what_is_over_before_the_hub_hears_of_it_stands_in_the_list_and_rings_no_phone(
    evening: Evening,
):
    out_of_order(evening, 4, 1, 2, 3)
    evening.wait(5)
    assert evening.called() == []
    assert (evening.only.state, evening.only.late) == ("resolved", True)
    assert (evening.only.begin, evening.only.units) == (START + 11, (EAST,))
    entries = evening.incidents.timeline(evening.only.id)
    assert [entry.what for entry in entries if entry.by] == ["stage", "hand-over", "stage"]


def test_a_unit_that_lives_at_another_time_is_not_late(evening: Evening):
    there = START - 400 * 86400
    evening.status(t=there)
    evening.wait(500)
    evening.stage("red", t=there + 5)
    evening.hand_over("leader", t=there + 95)
    assert evening.called() == [("call", LI.person)]


def test_maintenance_calls_nobody_and_ends_by_itself(evening: Evening):
    until = evening.now + 600
    evening.incidents.silence("东门广场", until, "换喇叭", "chen", evening.now)
    evening.stage("red")
    evening.hand_over("leader")
    evening.wait(599)
    assert evening.called() == []
    evening.wait(2)
    assert evening.called() == [("call", LI.person)]
    with pytest.raises(UserError, match="reason"):
        evening.incidents.silence("东门广场", until, " ", "chen", evening.now)


def test_quiet_hours_are_peoples_own_but_never_the_officers(evening: Evening):
    evening.wait(3600 * 4.5)  # 23:30
    evening.stage("red")
    evening.hand_over("leader")
    assert evening.called() == [("call", LI.person)]
    evening.wait(61)
    assert evening.called() == [("call", CHEN.person)]  # the property sleeps: the next at once


def test_a_silent_box_is_an_incident_and_named(evening: Evening):
    for unit in (EAST, WEST):
        evening.status(unit=unit)
    evening.status(online=False, unit=WEST)
    for _ in range(40):
        evening.wait(10)
        evening.tell("seconds", EAST, LAeq=[500])
    assert (evening.only.kind, evening.only.units) == ("silent", (WEST,))
    assert evening.called() == [("call", ZHOU.person)]
    evening.status(unit=WEST)
    evening.wait(6)
    assert evening.only.state == "resolved"
    assert evening.called() == [("all-clear", ZHOU.person)]


def test_a_box_unplugged_while_it_was_red_does_not_call_for_ever(evening: Evening):
    evening.status()
    evening.stage("red")
    evening.hand_over("leader")
    evening.status(online=False)
    evening.wait(400)
    assert evening.noise.state == "resolved"
    silent = next(one for one in evening.incidents.open() if one.kind == "silent")
    assert silent.units == (EAST,)
    evening.called()
    evening.wait(7200)
    assert evening.called() == []


def test_a_box_that_is_heard_again_and_still_red_calls_again(evening: Evening):
    evening.status()
    evening.stage("red")
    evening.hand_over("leader")
    evening.status(online=False)
    evening.wait(400)
    evening.called()
    evening.status()
    evening.tell("hand-over", to="police", ineffective=5, limit=650, level=690, t=START + 100)
    evening.tell("seconds", LAeq=[680])
    evening.wait(6)
    assert (evening.noise.state, evening.noise.reopened) == ("open", 1)
    assert ("call", LI.person) in evening.called()


def test_a_faulty_microphone_is_an_incident_until_it_is_well(evening: Evening):
    evening.tell("doctor", findings=["loose wire"])
    assert (evening.only.kind, evening.only.units, evening.only.what) == (
        "microphone",
        (EAST,),
        "loose wire",
    )
    evening.tell("doctor", findings=[])
    evening.wait(1)
    assert evening.only.state == "resolved"


def test_who_cannot_be_reached_is_an_incident_and_the_next_ones_turn(evening: Evening):
    evening.stage("red")
    evening.hand_over("leader")
    (call,) = evening.due()
    evening.incidents.sent(call.key, "refused", "no such topic", evening.now)
    assert evening.called() == [("call", WANG.person)]  # at once
    evening.wait(6)
    undelivered = next(one for one in evening.incidents.open() if one.kind == "undelivered")
    assert undelivered.what == "li: no such topic"
    assert evening.called() == [("call", ZHOU.person)]


def test_a_call_that_has_not_gone_out_is_withdrawn_and_owes_no_all_clear(evening: Evening):
    evening.stage("red")
    evening.hand_over("leader")
    (call,) = evening.due()
    evening.stage("green")
    evening.wait(5)
    assert evening.due() == []
    late = evening.incidents.sent(call.key, "delivered", "", evening.now)  # it was under way
    assert late.state == "delivered"
    assert evening.called() == [("all-clear", LI.person)]


def test_closed_with_a_note_it_stays_closed_while_the_music_plays_on(evening: Evening):
    evening.stage("red")
    evening.hand_over("leader")
    evening.called()
    evening.incidents.close(evening.only.id, "wang", "允许到九点", evening.now)
    assert evening.called() == [("all-clear", LI.person)]
    evening.tell("warning", message="polite_zh", number=2)
    evening.wait(30)
    assert (evening.only.state, evening.only.note) == ("closed", "允许到九点")
    evening.stage("green")
    evening.stage("red")
    assert [one.state for one in evening.incidents.list()] == ["open", "closed"]


def test_a_drill_calls_one_person_and_ends_when_acknowledged(evening: Evening):
    drill = evening.incidents.drill("东门广场", "chen", "admin", evening.now, "月度演练")
    (call,) = evening.due()
    assert (call.person, call.fields["drill"]) == (CHEN.person, True)
    evening.called()
    assert evening.incidents.acknowledge(drill.id, "chen", evening.now, "link").state == "resolved"
    assert evening.called() == [("all-clear", CHEN.person)]
    with pytest.raises(UserError, match="cannot be called"):
        evening.incidents.drill("东门广场", "nobody", "admin", evening.now)


def test_pictures_are_wanted_at_the_start_and_at_each_stage_where_there_is_a_camera(
    evening: Evening,
):
    evening.stage("red")
    assert evening.due("picture") == []
    evening.stage("green")
    evening.wait(5)
    evening.pictures = True
    for stage in ("red", "polite", "firm"):
        evening.wait(2)
        evening.stage(stage)
    found = evening.due("picture")
    assert [one.fields["moment"] for one in found] == ["start", "stage", "stage"]
    evening.tell("seconds", LAeq=[720])
    evening.wait(1)
    assert evening.only.level == 720
    assert evening.due("picture")[-1].fields["moment"] == "peak"


def test_the_timeline_tells_it_all(evening: Evening):
    evening.stage("red")
    evening.tell("warning", message="polite_zh", number=1)
    evening.tell("outcome", message="polite_zh", stage="red", number=1, effective=False, after=9)
    evening.hand_over("leader")
    evening.called()
    evening.incidents.note(evening.only.id, "wang", "我去看看", evening.now)
    evening.incidents.acknowledge(evening.only.id, "wang", evening.now)
    evening.stage("green")
    evening.wait(5)
    told = [(entry.what, entry.by) for entry in evening.incidents.timeline(evening.only.id)]
    assert told == [
        ("stage", EAST),
        ("opened", ""),
        ("warning", EAST),
        ("outcome", EAST),
        ("hand-over", EAST),
        ("step", ""),
        ("called", ""),
        ("delivered", ""),
        ("note", "wang"),
        ("acknowledged", "wang"),
        ("stage", EAST),
        ("resolved", ""),
    ]
