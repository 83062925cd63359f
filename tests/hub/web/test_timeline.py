import re
from dataclasses import replace
from typing import Any

import pytest
from past_events import EVENING, outcome, stage
from scripted_unit import START

from noisetamer.hub.store.queries import PastEvent
from noisetamer.hub.web.timeline import tell
from noisetamer.hub.words.i18n import read_texts
from tamer.record import fields, orders
from tamer.record.events import KINDS
from tamer.record.reading import MISSING

pytestmark = pytest.mark.zones

TEXTS = read_texts()


def story(language: str, *events: tuple[int, str, dict[str, Any]]) -> list[str]:
    """Oldest first, as 'time text'."""
    past = [
        PastEvent(START + after, 1, seq, kind, fields)
        for seq, (after, kind, fields) in enumerate(events, 1)
    ]
    return [f"{line.at} {line.text}" for line in tell(past, TEXTS[language], 8, 20)][::-1]


def test_what_an_incident_was_dealt_is_told_where_it_begins():
    dealt = {"trial": "which words", "arm": "light", "probability": 500}
    told = [EVENING[1], EVENING[2], (70, "dealt", dealt), EVENING[3]]
    assert story("en", *told)[1:] == [
        "19:01:10 too loud (67.1 dB(A), limit 65): red, spotlight on",
        "19:01:10 by lot, this time: light (trial which words)",
    ]
    assert story("zh", *told)[-1] == "19:01:10 本次抽签：light（试验“which words”）"


def test_an_evening_reads_as_a_story():
    assert story("en", *EVENING) == [
        "19:00:00 the box started",
        "19:01:00 getting loud (63.4 dB(A), limit 65): amber",
        "19:01:10 too loud (67.1 dB(A), limit 65): red, spotlight on",
        "19:01:12 still too loud (67.2 dB(A), limit 65): the box asks politely, warning 1 spoken",
        "19:01:20 still too loud (67.0 dB(A), limit 65): the box asks firmly, warning 2 spoken",
        "19:01:40 quiet again after 2 warnings, 40 s, spotlight off",
    ]


def test_the_same_story_in_chinese():
    assert story("zh", *EVENING)[-1] == "19:01:40 喊话 2 次后恢复安静\uff0c历时 40 秒\uff0c射灯灭"


def test_warnings_count_anew_in_the_next_incident():
    again = [(after + 600, kind, fields) for after, kind, fields in EVENING[1:6]]
    last = (800, "stage", stage("polite", "green", 600))
    assert story("en", *EVENING, *again, last)[-1] == (
        "19:13:20 quiet again after 1 warning, 2 min 20 s"
    )


def test_quiet_by_itself_needed_no_warning():
    told = story("en", EVENING[1], (75, "stage", stage("amber", "green", 590)))
    assert told[-1] == "19:01:15 quiet again after 15 s, no warning needed"


def test_a_stage_given_up_unheard_is_not_called_quiet():
    for level in (MISSING, 700):
        told = story("en", EVENING[2], (100, "stage", stage("red", "green", level)))
        assert told[-1] == "19:01:40 nothing could be judged for a while: back to green"


def test_an_incident_over_which_the_clock_was_put_back_or_found_has_no_duration():
    red, green = stage("green", "red", 671), stage("red", "green", 600)
    for began in (3600, -START + 40):  # the box's clock was ahead; it had none yet
        told = story("en", (began, "stage", red), (30, "stage", green))
        assert told[-1] == "19:00:30 quiet again, no warning needed"
    told = story("en", EVENING[2], EVENING[5], (-30, "stage", green))
    assert told[-1] == "18:59:30 quiet again after 1 warning"
    told = story("zh", EVENING[2], EVENING[5], EVENING[9], (-30, "stage", green))
    assert told[-1] == "18:59:30 喊话 2 次后恢复安静"


def test_a_warning_that_could_not_be_played_is_told():
    failed = {"message": "warning_zh", "number": 1, "failed": "no such file"}
    assert story("en", (5, "spoken", failed)) == ["19:00:05 warning 1 could not be played"]


@pytest.mark.parametrize(
    ("to", "sentence"),
    [
        ("leader", "5 warnings in vain: time to tell the group's leader"),
        ("property", "5 warnings in vain: time to tell the property manager"),
        ("police", "5 warnings in vain: time to tell the police"),
    ],
)
def test_whoever_is_to_be_called_is_told_and_why(to: str, sentence: str):
    call = {"to": to, "ineffective": 5, "limit": 650, "level": 702}
    assert story("en", (5, "hand-over", call)) == [f"19:00:05 {sentence}"]
    assert story("zh", (5, "hand-over", call))[0].startswith("19:00:05 5 次喊话无效：该通知")


def test_a_relapse_tells_for_how_long_it_was_quiet():
    assert story("en", (5, "relapse", {"after": 312})) == [
        "19:00:05 too loud again, 5 min 12 s after the last time"
    ]
    assert story("zh", (5, "relapse", {"after": 312})) == ["19:00:05 安静 5 分 12 秒后再次超限"]


def test_a_sudden_noise_and_a_restart_in_mid_incident_are_told():
    sudden = (5, "sudden", {"LAFmax": 741, "limit": 700})
    resumed = (9, "resumed", {"stage": "firm", "away": 4})
    assert story("en", sudden, resumed) == [
        "19:00:05 a sudden noise in the night (74.1 dB(A), limit 70)",
        "19:00:09 the box goes on where it was before the restart",
    ]


def test_yesterdays_lines_carry_their_date():
    told = story("en", EVENING[0], (86400, "boot", {}))
    assert told == ["11-23 19:00:00 the box started", "19:00:00 the box started"]


def test_a_fault_of_the_microphone_is_named_and_so_is_its_health():
    assert story("en", (0, "doctor", {"findings": ["dead microphone", "loose wire"]})) == [
        "19:00:00 the signal doctor finds a fault: dead microphone, loose wire"
    ]
    assert story("zh", (0, "doctor", {"findings": ["loose wire"]})) == [
        "19:00:00 信号诊断发现故障\uff1a接线松动"
    ]
    assert story("en", (0, "doctor", {"findings": []})) == [
        "19:00:00 the signal doctor finds the microphone in order"
    ]


def test_a_finding_of_newer_firmware_is_told_in_its_own_words():
    assert story("en", (0, "doctor", {"findings": ["spider"]}))[0].endswith("a fault: spider")


def test_why_a_unit_was_away_is_told_when_it_is_back():
    down = (0, "link", {"up": False, "reason": "wrong key", "detail": "status 202"})
    up = (60, "link", {"up": True})
    assert story("en", down, up) == [
        "19:00:00 no connection to the hub: wrong Wi-Fi key",
        "19:01:00 connected to the hub again",
    ]
    fault = (0, "link", {"up": False, "reason": "fault", "detail": "NameError: name 'x'"})
    assert story("en", fault)[0].endswith("a fault of its program (NameError: name 'x')")


@pytest.mark.parametrize(
    ("what", "told"),
    [
        (
            {
                "files": {
                    "settings.json": "missing; the last good copy is used",
                    "main.py": "spoilt",
                }
            },
            "the box started; files not as they should be: "
            "settings.json: missing; the last good copy is used; main.py: spoilt",
        ),
        ({"policy_fault": "not JSON"}, "the box started; its policy is not used: not JSON"),
        (
            {"unspoken": {"warning_zh": "no such message"}},
            "the box started; messages it cannot say: warning_zh: no such message",
        ),
        (
            {"policy_fault": "not JSON", "unspoken": {"a": "missing; b is said instead"}},
            "the box started; its policy is not used: not JSON; "
            "messages it cannot say: a: missing; b is said instead",
        ),
        ({}, "the box started"),
    ],
)
def test_what_is_wrong_with_a_units_files_is_told_when_it_starts(what: dict, told: str):
    assert story("en", (0, "boot", {"reset": "power on", **what})) == [f"19:00:00 {told}"]
    assert story("zh", (0, "boot", {"reset": "power on", **what}))[0].startswith(
        "19:00:00 设备启动"
    )


def test_a_warning_that_another_message_was_said_for_counts_once():
    said = {"message": "polite_zh", "number": 1}
    failed = {**said, "failed": "EIO; warning_zh is said instead"}
    told = story(
        "en",
        EVENING[2],
        (65, "warning", said),
        (66, "spoken", failed),
        (66, "warning", {"message": "warning_zh", "number": 1}),
        (72, "spoken", said),
        (80, "stage", stage("polite", "green", 590)),
    )
    assert "quiet again after 1 warning" in told[-1]


def test_what_is_lost_for_ever_is_told_with_its_span_and_its_reason():
    span = {"seconds": 3600, "start": START - 7200, "end": START - 3601, "why": "full"}
    assert story("en", (0, "lost", {**span, "records": 360})) == [
        "19:00:00 lost before the hub had them (its flash was full): 1 h 0 min, "
        "from 11-23 17:00:00 to 11-23 17:59:59"
    ]
    assert "only sums are left" in story("en", (0, "thinned", {**span, "records": 360}))[0]
    # As a box tells it: it does not look into what goes.
    del span["seconds"]
    assert story("en", (0, "lost", {**span, "records": 360})) == [
        "19:00:00 lost before the hub had them (its flash was full): 360 records, "
        "from 11-23 17:00:00 to 11-23 17:59:59"
    ]
    assert "360" in story("zh", (0, "lost", {**span, "records": 360}))[0]
    assert story("en", (0, "lost", {"records": 12, "why": "unreadable"}))[0].endswith(
        "(they cannot be read any more): 12 records"
    )


def test_what_happened_before_the_time_was_known_has_no_date_and_says_why():
    early = [PastEvent(312, 2, 1, "boot", {})]
    known = {"boot_at": START, "source": "ntp"}
    late = [PastEvent(START + 320, 2, 2, "clock", known)]
    late += [PastEvent(START + 86720, 2, 3, "clock", known | {"step": -340, "drift": 39})]
    lines = [f"{line.at} {line.text}" for line in tell(early + late, TEXTS["en"], 8, 20)][::-1]
    assert lines == [
        "clock not set the box started",
        "11-23 19:05:20 the box knows the time now, from ntp",
        "19:05:20 the box's clock was put on by -0.3 s, by ntp",
    ]
    assert tell(early, TEXTS["zh"], 8, 20)[0].at == "时钟未设"
    dated = [replace(early[0], t=START + 312, dated_afterwards=True), *late[:1]]
    assert [line.at for line in tell(dated, TEXTS["en"], 8, 20)] == ["19:05:20", "≈ 19:05:12"]


def test_a_warning_in_vain_is_told_where_no_stage_tells_it():
    vain = (20, "outcome", outcome(3, effective=False))
    assert story("en", (0, "stage", stage("polite", "firm", 670)), vain)[1:] == [
        "19:00:20 warning 3 was in vain"
    ]
    heeded = (20, "outcome", outcome(3, effective=True))
    assert story("en", heeded) == ["19:00:20 warning 3 was obeyed after 3 s"]


def test_what_a_unit_summed_up_is_told_in_decibels():
    sums = dict.fromkeys(KINDS["day"], 612) | {"seconds": 3600, "valid_seconds": 3540}
    assert story("en", (0, "hour", sums | {"L90": MISSING})) == [
        "19:00:00 an hour is over: LAeq 61.2, L10 61.2, L90 -- dB(A), 59 min 0 s judged"
    ]
    assert story("en", (0, "day", sums))[0].endswith("Ld 61.2, Ln 61.2, Ldn 61.2 dB(A)")
    assert story("en", (0, "incident", sums)) == [
        "19:00:00 it was too loud for 1 h 0 min: LAeq 61.2, at most 61.2 dB(A)"
    ]


def samples(kind: str) -> dict[str, Any]:
    """Something for each field of a kind, as its table says."""
    made: dict[str, Any] = {}
    for name in KINDS[kind]:
        field = fields.field(kind, name)
        made[name] = {
            fields.BOOLEAN: True,
            fields.CHOICE: field.range and field.range[-1],
            fields.NAME: "a",
            fields.SENTENCE: "a",
            fields.TEXTS: ["a"],
            fields.FAULTS: {"a": "b"},
        }.get(field.type, [1] if field.type in (fields.INTEGERS, fields.LEVELS) else 1)
    return made | ({"from": "red"} if kind == "stage" else {})


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_event_has_its_sentence_in_both_languages(kind: str, language: str):
    told = story(language, (0, kind, samples(kind)))
    assert len(told) == 1
    assert not re.search(r"[{}?]", told[0])


def test_what_became_of_an_order_is_told_with_its_reason():
    said = {"n": 7, "verb": "say", "result": "refused", "why": "muted"}
    until = {"n": 8, "verb": "mute", "result": "done", "until": START + 3600, "reason": "婚礼"}
    forged = {"result": "refused", "why": "forged", "times": 12}
    events = [(0, "order", said), (1, "order", until), (2, "order", forged)]
    assert story("en", *events) == [
        "19:00:00 order 7 was refused (the box is muted): say a stored message",
        "19:00:01 mute on order 8 until 11-23 20:00:00: 婚礼",
        "19:00:02 an order was refused: not signed by this hub for this box",
    ]


@pytest.mark.parametrize("language", TEXTS)
def test_every_verb_and_refusal_of_an_order_has_its_words(language: str):
    for prefix, names in (("order_verb", orders.VERBS), ("order_why", fields.ORDER_REFUSALS)):
        assert {f"{prefix}_{name}" for name in names} <= TEXTS[language].keys()
    for result in fields.ORDER_RESULTS:
        assert f"story_order_{result}" in TEXTS[language]


def test_an_event_this_hub_does_not_know_is_left_out():
    assert story("en", (0, "tilted", {"degrees": 3})) == []


def test_only_the_newest_lines_are_told_newest_first():
    past = [PastEvent(START + i, i, 1, "boot", {}) for i in range(9)]
    assert [line.at for line in tell(past, TEXTS["en"], 8, 2)] == ["19:00:08", "19:00:07"]
