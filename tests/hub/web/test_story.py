"""What belongs together is one row of the story."""

from typing import Any

import pytest
from past_events import EVENING, stage
from scripted_unit import START

from noisetamer.hub.store.queries import PastEvent
from noisetamer.hub.web.story import rows
from noisetamer.hub.web.timeline import Line
from noisetamer.hub.words.i18n import read_texts
from tamer.record.events import KINDS

TEXTS = read_texts()

Happened = tuple[int, str, dict[str, Any]]


def past(*events: Happened, boot: int = 1, start: int = START) -> list[PastEvent]:
    return [
        PastEvent(start + after, boot, seq, kind, fields)
        for seq, (after, kind, fields) in enumerate(events, 1)
    ]


def told(
    events: list[PastEvent], language: str = "en", before: list[PastEvent] | None = None
) -> list[Line]:
    return rows(events, before or [], "SIM-0009", TEXTS[language], 8, 8)


def test_an_incident_is_one_row_with_its_steps():
    incident, start = told(past(*EVENING))
    assert (incident.at, incident.kind) == ("19:01:00", "firm")
    assert incident.text == ("too loud (67.2 dB(A), limit 65): quiet again after 2 warnings, 40 s")
    assert [step.at for step in incident.steps] == [
        "19:01:00", "19:01:10", "19:01:12", "19:01:20", "19:01:40",
    ]  # fmt: skip
    assert (start.text, start.steps) == ("the box started", [])
    chinese, _ = told(past(*EVENING), "zh")
    assert chinese.text == "超限（67.2 dB(A)，限值 65）：喊话 2 次后恢复安静，历时 40 秒"


def test_an_incident_that_goes_on_says_what_it_has_come_to_and_who_is_called():
    call = (90, "hand-over", {"to": "police", "ineffective": 2, "limit": 650, "level": 670})
    hour = (85, "hour", dict.fromkeys(KINDS["hour"], 600))
    going_on, *others = told(past(*EVENING[:9], hour, call))
    assert going_on.text == "2 warnings in vain: time to tell the police"
    assert [line.kind for line in others] == ["hour", "boot"]
    over, *_ = told(past(*EVENING[:9], call, *EVENING[-2:]))
    assert over.text.endswith("40 s, 2 warnings in vain: time to tell the police")


def test_a_box_that_came_close_to_its_limit_was_not_too_loud():
    (row,) = told(past(EVENING[1], (75, "stage", stage("amber", "green", 590))))
    assert (row.kind, row.text) == (
        "amber",
        "close to the limit (63.4 dB(A), limit 65): quiet again after 15 s, no warning needed",
    )


def test_an_incident_goes_on_over_a_restart_that_resumes_it_and_no_other():
    boot, resumed = (82, "boot", {}), (83, "resumed", {"stage": "firm", "away": 2})
    incident, start, *_ = told(past(*EVENING[1:9], boot, resumed, *EVENING[-3:]))
    assert len(incident.steps) == 6 and start.kind == "boot"
    sudden = (90, "sudden", {"LAFmax": 741, "limit": 700})
    alone, start, cut_short = told(past(*EVENING[1:9], boot, sudden))
    assert (alone.kind, alone.steps, start.kind) == ("sudden", [], "boot")
    assert cut_short.text.startswith("still too loud")


def test_two_incidents_are_two_rows():
    again = [(after + 300, kind, fields) for after, kind, fields in EVENING[1:]]
    assert [row.at for row in told(past(*EVENING[1:], *again))] == ["19:06:00", "19:01:00"]


def test_starts_one_after_the_other_are_one_row():
    clock = {"boot_at": START, "source": "hub"}
    starts = [(t, kind, clock if kind == "clock" else {}) for t in range(0, 40, 10)
              for kind in ("boot", "clock")]  # fmt: skip
    ill = (50, "boot", {"policy_fault": "not JSON"})
    fault, row = told(past(*starts, ill))
    assert row.text == "the box started 4 times since 19:00:00"
    assert (row.at, len(row.steps)) == ("19:00:30", 8)
    assert fault.text == "the box started; its policy is not used: not JSON"


def test_starts_in_a_workshop_that_never_had_the_time_are_left_out_but_not_what_was_heard():
    link = (5, "link", {"up": False, "reason": "no time"})
    workshop = past((2, "boot", {}), link, boot=1, start=0)
    dark = past((2, "boot", {}), *EVENING[1:6], boot=2, start=0)
    present = past((2, "boot", {}), boot=3, start=0)
    assert [(row.at, row.kind) for row in told([*workshop, *dark, *present])] == [
        ("clock not set", "boot"),
        ("clock not set", "polite"),
    ]


def test_whoever_stood_there_before_is_named_and_its_story_goes_on():
    start, named, incident = told(past((600, "boot", {})), before=past(*EVENING[1:]))
    assert start.text == "the box started"
    assert named.text == "this box took the place of SIM-0009"
    assert incident.text.startswith("too loud")
    assert told([], before=past(*EVENING[1:]))[1].text.startswith("too loud")
    assert told([]) == []


@pytest.mark.parametrize("language", TEXTS)
def test_all_words_are_in_both_languages(language: str):
    told(past(*EVENING, *EVENING), language, past(*EVENING))
