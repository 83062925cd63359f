from dataclasses import replace

import pytest
from scripted_unit import START

from noisetamer.hub.live import UnitState
from noisetamer.hub.registry import Unit
from noisetamer.hub.store.hours import Hour
from noisetamer.hub.store.queries import PastEvent, SetAside
from noisetamer.hub.web.view_model import (
    CALM,
    LOUD,
    NEAR,
    NOT_KNOWN,
    SPEAKING,
    Card,
    card,
    hour_row,
    summary,
)
from noisetamer.hub.wire import Now
from noisetamer.hub.words.i18n import Texts, read_texts
from tamer.record.reading import CLOCK, MICROPHONE, MISSING, OVERLOAD, OWN_VOICE, WIND

pytestmark = pytest.mark.zones

EN, ZH = (read_texts()[language] for language in ("en", "zh"))
UNIT = Unit("SIM-0001", "", "", "")


def live(LAeq: int, stage: str, flags: int = 0, speaking: bool = False) -> UnitState:
    now = Now("SIM-0001", START, LAeq, flags, stage, 650, speaking)
    state = UnitState(UNIT, online=True, last=START, now=now, stage=stage, stale=False)
    state.limits.append((START, 650))
    return state


def test_a_judged_second_shows_number_colour_shape_and_difference():
    shown = card(live(683, "red"), EN, 8)
    assert (shown.number, shown.look, shown.shape) == ("68.3", "red", "red")
    assert (shown.limit, shown.difference) == ("limit now 65 dB(A)", "3.3 dB over")
    assert (shown.note, shown.time) == ("", "19:00:00")
    assert card(live(612, "green"), EN, 8).difference == "3.8 dB below"


def test_the_stages_of_the_voice_are_red_each_with_a_sign_of_its_own():
    for stage in ("polite", "firm"):
        shown = card(live(683, stage), EN, 8)
        assert (shown.look, shown.shape) == ("red", stage)


def test_what_is_left_of_a_limit_over_minutes_is_said_while_it_will_be_reached():
    state = live(683, "amber")
    heard = state.now
    assert heard
    for budget, en, zh in (
        ((650, 10, 40), "", ""),
        (
            (650, 10, 40, 200),
            "at this level the limit of 65 dB(A) over 10 min is reached in 4 min",
            "照这样下去，4 分钟后达到 10 分钟平均 65 dB(A) 的限值",
        ),
        (
            (650, 10, 104, 0),
            "the limit of 65 dB(A) over 10 min is reached",
            "已达到 10 分钟平均 65 dB(A) 的限值",
        ),
    ):
        state.now = replace(heard, budget=budget)
        assert (card(state, EN, 8).budget, card(state, ZH, 8).budget) == (en, zh)
    state.stale = True
    assert card(state, EN, 8).budget == ""


def test_its_own_voice_is_shown_grey_and_never_compared_with_the_limit():
    for flags, speaking in ((OWN_VOICE, True), (OWN_VOICE, False), (0, True)):
        shown = card(live(900, "firm", flags, speaking), EN, 8)
        assert (shown.number, shown.look, shown.difference) == ("90.0", "speaking", "")
        assert shown.note == "speaking, not judged"


def test_a_unit_that_does_not_know_the_time_shows_what_it_judges_by_and_no_date():
    state = live(683, "red", CLOCK)
    state.last = 312
    shown = card(state, EN, 8)
    assert (shown.number, shown.look, shown.difference) == ("68.3", "red", "3.3 dB over")
    assert shown.note == "clock not set: judged by its strictest limit"
    assert (shown.time, card(state, ZH, 8).time) == ("clock not set", "时钟未设")
    assert card(live(MISSING, "green", CLOCK), EN, 8).number == "--"
    state.stale = True
    assert card(state, EN, 8).stage == "No data any more; the clock of the box was not set"


def test_an_invalid_second_has_no_number_but_a_reason():
    shown = card(live(1200, "green", OVERLOAD), EN, 8)
    assert (shown.number, shown.look, shown.difference) == ("--", "unknown", "")
    # in large letters, and never "Within the limit"
    assert shown.stage == "This second is not judged: too loud for the microphone"
    assert (shown.shape, shown.note) == ("unknown", "")
    assert card(live(MISSING, "green", OWN_VOICE), EN, 8).number == "--"


def test_a_box_that_is_red_stays_red_over_a_second_that_is_not_judged():
    shown = card(live(1200, "red", OVERLOAD), EN, 8)
    assert (shown.number, shown.look, shown.shape, shown.rank) == ("--", "red", "red", LOUD)
    assert shown.note == "This second is not judged: too loud for the microphone"


def test_a_silent_unit_shows_no_number_and_since_when():
    state = live(683, "red")
    state.stale = True
    shown = card(state, EN, 8)
    assert (shown.number, shown.look, shown.shape) == ("--", "unknown", "unknown")
    assert (shown.stage, shown.note, shown.limit) == ("No data since 19:00:00", "", "")
    assert (shown.spotlight, shown.spotlight_words) == (False, "")
    state.online = False
    assert card(state, EN, 8).stage == "Offline, no data since 19:00:00"
    assert state.last is not None
    evening = card(state, EN, 8, state.last + 4 * 3600)
    assert evening.stage == "Offline, no data since 19:00:00"
    next_day = card(state, EN, 8, state.last + 6 * 3600)
    assert next_day.stage == "Offline, no data since 11-23 19:00:00"


def test_a_unit_that_never_reported_says_so():
    shown = card(UnitState(UNIT), EN, 8)
    assert (shown.number, shown.stage, shown.time) == ("--", "Has not reported yet", "")
    assert shown.limit == ""


def test_a_card_is_named_by_its_place_and_by_its_serial_where_there_is_none():
    state = UnitState(Unit("NT1-2611-0001", "东门", "人民广场", ""))
    shown = card(state, ZH, 8)
    assert (shown.title, shown.serial) == ("人民广场 东门", "NT1-2611-0001")
    shown = card(UnitState(UNIT), ZH, 8)
    assert (shown.title, shown.serial) == ("SIM-0001", "")


def town(*states: UnitState) -> list[Card]:
    """A card each, of places 1, 2, ..."""
    for number, state in enumerate(states, 1):
        state.unit = Unit(f"NT-{number}", "", f"广场{number}", "")
    return [card(state, EN, 8) for state in states]


def test_the_worst_comes_first():
    silent = live(683, "red")
    silent.stale = True
    dead = live(MISSING, "green", MICROPHONE)
    ranks = [card.rank for card in town(
        live(690, "firm", OWN_VOICE, speaking=True), live(683, "red"), live(640, "amber"), silent,
        dead, live(500, "green"), live(MISSING, "green", WIND),
    )]  # fmt: skip
    assert ranks == [SPEAKING, LOUD, NEAR, NOT_KNOWN, NOT_KNOWN, CALM, CALM]


def test_a_line_says_how_the_town_stands():
    silent = UnitState(UNIT)
    loud, near, calm = live(683, "red"), live(640, "amber"), live(500, "green")
    said = summary(town(calm, loud, near), EN)
    assert (said.look, said.over, said.text) == ("red", 1, "1 of 3 over the limit: 广场2")
    assert summary(town(calm, loud), ZH).text == "2 处中 1 处超限：广场2"
    assert summary(town(calm, near), EN).text == "1 of 2 close to the limit: 广场2"
    assert summary(town(calm), EN).text == "All 1 within the limit"
    said = summary(town(calm, silent), EN)
    assert (said.text, said.unknown) == ("1 of 2 within the limit", "1 not known")
    assert summary(town(silent), EN).text == "None of 1 known at the moment"
    many = [live(683, "red") for _ in range(5)]
    assert summary(town(*many), EN).text == (
        "5 of 5 over the limit: 广场1, 广场2, 广场3 and 2 more"
    )
    twice = [replace(card, title="广场") for card in town(loud, calm)]
    assert summary(twice, EN).text == "1 of 2 over the limit: 广场 (NT-1)"


def test_reports_set_aside_are_told_with_their_number_and_the_newest_reason():
    state = live(683, "red")
    assert card(state, EN, 8).notices == []
    state.set_aside = SetAside(3, START + 65.4, "t is missing or no integer")
    (notice,) = card(state, EN, 8).notices
    assert notice.startswith(
        "Reports that this hub cannot read: 3, the last at 19:01 (t is missing or no integer). "
        "They are kept"
    )
    (notice,) = card(state, ZH, 8).notices
    assert "3 条" in notice and "升级" in notice


@pytest.mark.parametrize("texts", [EN, ZH])
def test_each_thing_that_is_wrong_with_a_units_reports_has_its_notice(texts: Texts):
    state = live(683, "red")
    what = SetAside(3, START, "another record has this name already")
    state.conflicts = state.turned_away = what
    why = {"records": 12, "why": "full"}
    state.lost = PastEvent(START - 60, 1, 7, "lost", why)
    conflicts, turned_away, lost = card(state, texts, 8).notices
    assert "3" in conflicts and "19:00" in conflicts
    assert "19:00" in turned_away
    assert "12" in lost


@pytest.mark.parametrize(("texts", "said"), [(EN, "1 h 5 min of earlier starts"), (ZH, "1")])
def test_seconds_without_a_date_for_ever_are_told(texts: Texts, said: str):
    state = live(683, "red")
    state.boot, state.undated = 3, {2: 3900, 3: 50}
    (notice,) = card(state, texts, 8).notices
    assert said in notice


def test_what_was_lost_is_told_for_a_week_by_the_units_own_clock():
    state = live(683, "red")
    state.lost = PastEvent(START - 8 * 86400, 1, 7, "lost", {"records": 12, "why": "full"})
    assert card(state, EN, 8).notices == []


def test_what_was_lost_in_a_boot_without_the_time_is_told_while_its_events_are_kept():
    state = live(683, "red")
    state.lost = PastEvent(195, 1, 7, "lost", {"records": 12, "why": "full"})
    assert card(state, EN, 8).notices == []
    state.events.append(state.lost)
    (notice,) = card(state, EN, 8).notices
    assert "12" in notice


def test_an_hour_is_a_row_in_local_time_and_decibels():
    row = hour_row(Hour(START, 655, 801, 690, 640, 520, 3590), 8)
    assert row.pop("since") == str(START)
    assert list(row.values()) == ["19:00", "65.5", "69.0", "64.0", "52.0", "80.1", "59"]
    silent = hour_row(Hour(START, *[MISSING] * 5, valid=0), 5.5)
    assert list(silent.values())[1:] == ["16:30", "--", "--", "--", "--", "--", "0"]
