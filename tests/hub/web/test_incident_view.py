from dataclasses import replace
from typing import Any

import pytest
from past_events import EVENING
from scripted_unit import START

from noisetamer.hub.incidents.incident import KINDS, STATES, Effect, Entry, Incident
from noisetamer.hub.people.roles import Account
from noisetamer.hub.store.queries import Curve
from noisetamer.hub.web.incident_view import Words, limits, look, marks, people_named
from noisetamer.hub.words.i18n import read_texts

EN = read_texts()["en"]
NOW = START + 3600.0
INCIDENT = Incident(
    *(7, "东门广场", "noise", "open", ("SIM-0001",), START),
    begin=START + 70,
    level=712,
    limit=650,
)
EVENTS = [
    Entry(START + t, START + t + 0.2, kind, "SIM-0001", fields) for t, kind, fields in EVENING
]


def words(**places: str) -> Words:
    return Words(EN, 8.0, NOW, {"wang": "Mr Wang"}, places)


def test_a_line_says_what_where_since_when_and_who_sees_to_it():
    line = words().line(INCIDENT)
    assert (line.square, line.look, line.title) == (
        "东门广场",
        "red",
        "Too loud: up to 71.2 dB(A), limit 65",
    )
    assert (line.state, line.when) == ("Nobody sees to it yet", "since 19:00:00, for 1 h 0 min")
    seen = replace(INCIDENT, state="acknowledged", acknowledged_by="wang")
    assert (look(seen), words().state(seen)) == ("amber", "Mr Wang sees to it")
    over = replace(seen, state="resolved", resolved=START + 900, end=START + 670.0)
    assert words().line(over).when == "19:00:00, lasted 10 min 0 s"  # by the box's own clock
    ill = Incident(8, "东门广场", "microphone", "open", (), START, what="dull microphone")
    assert words().title(ill) == "Microphone faulty: dull microphone"


def test_a_simulated_evening_is_told_by_one_clock():
    """Its boxes live at another time than the hub: 19:00 there is 13:00 here."""
    away = 6 * 3600.0
    told = replace(INCIDENT, opened=INCIDENT.opened - away, begin=INCIDENT.opened)
    ours = Words(EN, 8.0, NOW - away, {"wang": "Mr Wang"}, {}, {"SIM-0001"})
    assert ours.line(told).when == words().line(INCIDENT).when
    assert ours.day(told) == words().day(INCIDENT)
    events = [replace(one, at=one.at - away) for one in EVENTS]
    seen = START + 90.5
    here = Entry(seen, seen, "acknowledged", "wang", {"how": "link"})
    there = Entry(seen - away, seen - away, "acknowledged", "wang", {"how": "link"})
    assert [(line.at, line.text) for line in ours.story([*events, there], [])] == [
        (line.at, line.text) for line in words().story([*EVENTS, here], [])
    ]


def test_a_drill_says_whom_it_rings_and_who_had_it_rung():
    drill = Incident(9, "东门广场", "drill", "open", (), START, what="wang")
    assert words().title(drill).endswith(": Mr Wang")
    timeline = [
        Entry(START, START, "note", "wang", {}),
        Entry(START, START, "step", "", {"name": "drill", "people": ["wang"]}),
    ]
    told = [line.text for line in words().story(timeline, [])]
    assert told[0] == "Mr Wang had it rung as a test"
    assert not any("?" in text for text in told)


def test_every_kind_and_state_has_words():
    for kind in KINDS:
        for state in STATES:
            line = words().line(replace(INCIDENT, kind=kind, state=state, resolved=START + 9.0))
            assert line.title and line.state


def test_the_story_tells_boxes_people_and_hub_in_the_order_in_which_the_hub_knew():
    people = [
        Entry(START + 82, START + 82, "called", "", _called("a")),
        Entry(START + 90, START + 90, "acknowledged", "wang", {"how": "link"}),
        Entry(START + 95, START + 95, "note", "wang", {"text": "<b>on my way</b>"}),
    ]
    timeline = sorted(EVENTS + people, key=lambda one: one.at)
    effects = [Effect("a", 7, "call", 3, 4, START, "delivered", 1, "taken")]
    told = words().story(timeline, effects, [(START + 99, "mute (Mr Wang): done")])
    text = [(line.who, line.text) for line in told]
    assert text[0][0] == "box" and "started" in text[0][1]
    assert ("hub", "Mr Wang called (ntfy app): delivered") in text
    assert ("people", "Mr Wang, on the phone: I see to it") in text
    assert ("people", "Mr Wang: <b>on my way</b>") in text  # the template escapes
    assert text[-2] == ("people", "mute (Mr Wang): done")
    assert text[-1][1].startswith("quiet")
    kinds = [line.kind for line in told if line.who == "box"]
    assert [kind for kind in kinds if kind in ("amber", "red", "polite", "firm", "green")] == [
        *("amber", "red", "polite", "firm", "green"),
    ]


def test_what_a_warning_achieved_stands_beside_it():
    told = [line.text for line in words().story(EVENTS, [])]
    first, second = (next(text for text in told if f"warning {n}" in text) for n in (1, 2))
    assert first.endswith("warning 1 spoken, in vain")
    assert second.endswith("warning 2 spoken, obeyed after 3 s")


def test_where_there_are_several_boxes_each_line_says_which():
    told = words(**{"SIM-0001": "north pole"}).story(EVENTS, [])
    assert all(line.text.startswith("north pole: ") for line in told)


def test_what_a_later_hub_wrote_into_the_story_is_told_by_its_name():
    (line,) = words().story([Entry(START, START, "teleported", "", {})], [])
    assert line.text == "teleported"


CALLED: dict[str, tuple[str, str, str]] = {
    "delivered": ("delivered", "taken", "delivered (a phone has it)"),
    "refused": ("refused", "key", "refused (its key is wrong or no longer valid"),
    "unknown": ("unknown", "silent", "nobody knows whether it arrived (sent, and no answer"),
    "withdrawn": ("withdrawn", "", "withdrawn"),
    "due": ("due", "", "to be sent"),
}


def _called(key: str) -> dict[str, Any]:
    who = {"person": 3, "name": "wang", "channel": "ntfy", "contact": 4}
    return {"kind": "call", "number": 0, "key": key, **who}


@pytest.mark.parametrize("case", CALLED)
def test_what_became_of_a_call_is_told(case: str):
    state, detail, said = CALLED[case]
    effect = Effect("a", 7, "call", 3, 4, START + 5, state, 2, detail)
    (line,) = words().calls([Entry(START, START, "called", "", _called("a"))], [effect])
    assert (line.name, line.channel, line.what, line.tries) == ("Mr Wang", "ntfy app", "call", 2)
    assert line.result.startswith(said)


WAITS = "no phone has come for it yet; it waits"


@pytest.mark.parametrize("state", ["refused", "unknown"])
def test_what_no_phone_has_fetched_waits_as_long_as_it_is_kept(state: str):
    effect = Effect("a", 7, "all-clear", 3, 4, NOW - 120, state, 1, "not_taken")
    (line,) = words().calls([], [effect])
    assert (line.state, line.result) == ("waiting", WAITS)
    called = Entry(NOW - 120, NOW - 120, "called", "", _called("a"))
    (told,) = words().story([called], [effect])
    assert told.text.endswith(f": {WAITS}")
    (line,) = words().calls([], [replace(effect, due=NOW - 8 * 86400)])
    assert (line.state, line.result) == ("missed", "no phone came for it")


def test_an_all_clear_names_whoever_was_called_and_pictures_are_no_calls():
    timeline = [Entry(START, START, "called", "", _called("a"))]
    clear = Effect("b", 7, "all-clear", 3, 4, START + 60)
    picture = Effect("c", 7, "picture", None, None, START)
    (line,) = words().calls(timeline, [picture, clear])
    assert (line.name, line.what) == ("Mr Wang", "all-clear")


def test_coverage_says_how_much_was_heard_and_why_the_rest_was_not():
    invalid = [(START + 10, START + 40, "own voice"), (START + 90, START + 200, "wind")]
    curve = Curve(START, [600] * 100, invalid, [])
    found = words().covered("SIM-0001", curve, START, START + 100)
    assert found and found.share == "60 %"
    assert found.reasons == ("own voice 30 s", "wind 10 s")


def test_what_was_not_received_is_not_covered():
    late = Curve(START + 60, [600] * 20, [], [])
    found = words().covered("SIM-0001", late, START, START + 100)
    assert found and (found.share, found.reasons) == ("20 %", ("not received 1 min 20 s",))
    nothing = words().covered("SIM-0001", Curve(START, [], [], []), START, START + 100)
    assert nothing and nothing.share == "0 %"
    assert words().covered("SIM-0001", late, START, START) is None


def test_limits_and_stages_are_those_that_this_unit_told():
    other = Entry(START, START, "stage", "SIM-0002", {"to": "red", "limit": 550})
    assert limits([other, *EVENTS], "SIM-0001") == [(START + 60, 650)]
    assert [stage for _, stage in marks([other, *EVENTS], "SIM-0001")] == [
        *("amber", "red", "polite", "firm", "green"),
    ]


def test_nobody_stands_in_a_story_by_a_name_of_their_own_choice_alone():
    chosen = {"li": "", "wang": "王经理", "zhang": "Li", "chen": "chen"}
    accounts = [Account(n, name, chosen[name], "viewer") for n, name in enumerate(chosen)]
    assert people_named(accounts, read_texts()["en"]) == {
        "li": "li (li)",
        "wang": "王经理 (wang)",
        "zhang": "Li (zhang)",
        "chen": "chen",
    }
