from scripted_unit import START

from noisetamer.hub.live import UnitState
from noisetamer.hub.registry import Unit
from noisetamer.hub.store.hours import Hour
from noisetamer.hub.store.queries import SetAside
from noisetamer.hub.web.i18n import read_texts
from noisetamer.hub.web.view_model import card, hour_row
from noisetamer.hub.wire import Now
from tamer.record.reading import MISSING, OVERLOAD, OWN_VOICE

EN = read_texts()["en"]
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


def test_its_own_voice_is_shown_grey_and_never_compared_with_the_limit():
    for flags, speaking in ((OWN_VOICE, True), (OWN_VOICE, False), (0, True)):
        shown = card(live(900, "firm", flags, speaking), EN, 8)
        assert (shown.number, shown.look, shown.difference) == ("90.0", "speaking", "")
        assert shown.note == "speaking, not judged"


def test_an_invalid_second_has_no_number_but_a_reason():
    shown = card(live(1200, "green", OVERLOAD), EN, 8)
    assert (shown.number, shown.look, shown.difference) == ("--", "unknown", "")
    assert shown.note == "this second is not judged: too loud for the microphone"
    assert card(live(MISSING, "green", OWN_VOICE), EN, 8).number == "--"


def test_a_silent_unit_shows_no_number_and_since_when():
    state = live(683, "red")
    state.stale = True
    shown = card(state, EN, 8)
    assert (shown.number, shown.look, shown.shape) == ("--", "unknown", "unknown")
    assert shown.note == "no data since 19:00:00"
    assert (shown.spotlight, shown.spotlight_words) == (False, "")
    state.online = False
    assert card(state, EN, 8).note == "offline, no data since 19:00:00"


def test_a_unit_that_never_reported_says_so():
    shown = card(UnitState(UNIT), EN, 8)
    assert (shown.number, shown.note, shown.time) == ("--", "has not reported yet", "")
    assert shown.limit == "limit not known yet"


def test_reports_set_aside_are_told_with_their_number_and_the_newest_reason():
    state = live(683, "red")
    assert card(state, EN, 8).set_aside == ""
    state.set_aside = SetAside(3, START + 65.4, "t is missing or no integer")
    assert card(state, EN, 8).set_aside == (
        "Reports that could not be read and were set aside: 3, the last at 19:01 "
        "(t is missing or no integer)"
    )
    assert "搁置" in card(state, read_texts()["zh"], 8).set_aside


def test_an_hour_is_a_row_in_local_time_and_decibels():
    row = hour_row(Hour(START, 655, 801, 690, 640, 520, 3590), 8)
    assert list(row.values()) == ["19:00", "65.5", "69.0", "64.0", "52.0", "80.1", "59"]
    silent = hour_row(Hour(START, *[MISSING] * 5, valid=0), 5.5)
    assert list(silent.values()) == ["16:30", "--", "--", "--", "--", "--", "0"]
