import re

import pytest
from hand_built import incident, outcome, relapse, second, spoken, stage, warning, world
from summed_up import summed_up

from noisetamer.base.errors import UserError
from noisetamer.simulate.expect import KINDS, Expectations, Run, check


def verdicts(table, lines):
    expectations = Expectations.from_table(table, "square.toml")
    return check(expectations, summed_up(lines, simulated_s=60, wall_s=1), iter(lines))


def verdict(key, value, lines=None):
    (only,) = verdicts({key: value}, incident() if lines is None else lines)
    return only


MET = {
    "stages_seen": ["green", "amber", "red", "polite"],
    "warnings": [1, 3],
    "first_warning_between": ["19:00", "19:01"],
    "stage_changes": [4, 4],
    "LAeq_between": ["60 dB", "70 dB"],
    "LAFmax_at_most": "75 dB",
    "coverage_at_least": 0.75,
    "invalid_seconds": {"wind": [0, 0]},
    "ends_in": "green",
    "quiet_heard_within": "3 s",
    "complies": [1, 1],
    "relapses": [0, 0],
    "effective_warnings": [1, 1],
    "ineffective_warnings": [0, 0],
    "relapses_noticed": [0, 0],
    "hand_overs": [0, 0],
    "figures_of": ["east"],
}


@pytest.mark.parametrize(("key", "value"), MET.items())
def test_a_met_expectation_passes(key, value):
    found = verdict(key, value)
    assert found.passed, found.sentence


UNMET = [
    ("stages_seen", ["red"], "expected the stages red, saw no red, only green"),
    ("never_stages", ["green"], "expected never the stage green, saw 2 s of green"),
    ("warnings", [1, 3], "expected 1 to 3 warnings, saw 0"),
    (
        "first_warning_between",
        ["19:12", "19:20"],
        "expected the first warning between 19:12 and 19:20, saw no warning",
    ),
    ("stage_changes", [2, 2], "expected 2 stage changes, saw 0"),
    ("LAeq_between", ["65 dB", "75.5 dB"], "expected LAeq between 65 and 75.5 dB, saw 60.0 dB"),
    ("LAFmax_at_most", "62 dB", "expected LAFmax of at most 62 dB, saw 63.0 dB"),
    (
        "invalid_seconds",
        {"gap": [2, 9], "wind": [0, 0]},
        "expected 2 to 9 s gap and 0 s wind, saw 1 s gap and 0 s wind",
    ),
    (
        "coverage_at_least",
        0.95,
        "expected a coverage of at least 0.95 besides its own voice, saw 0.5 (invalid: 1 s gap)",
    ),
    ("ends_in", "firm", "expected the end in firm, saw green"),
    (
        "quiet_heard_within",
        "3 s",
        "expected quiet heard within 3 s of the box's own silence, saw no release after a warning",
    ),
    ("complies", [1, 2], "expected 1 to 2 complies, saw 0"),
    ("relapses", [1, 1], "expected 1 relapses, saw 0"),
    ("effective_warnings", [1, 9], "expected 1 to 9 effective warnings, saw 0"),
    ("ineffective_warnings", [2, 2], "expected 2 ineffective warnings, saw 0"),
    ("relapses_noticed", [1, 1], "expected 1 relapses noticed, saw 0"),
    ("hand_overs", [3, 3], "expected 3 hand-overs, saw 0"),
]


@pytest.mark.parametrize(("key", "value", "sentence"), UNMET)
def test_an_unmet_expectation_says_what_was_expected_and_what_was_seen(key, value, sentence):
    found = verdict(key, value, [second(0), second(1, reason="gap")])
    assert not found.passed
    assert found.sentence == sentence


def test_every_known_expectation_is_shown_met_and_unmet():
    assert {*MET, "never_stages"} == set(KINDS) == {key for key, _, _ in UNMET} | {"figures_of"}
    assert verdict("never_stages", ["firm"], [second(0)]).passed


def test_a_stage_too_short_for_a_second_was_seen_all_the_same():
    lines = [second(0), stage(1, "green", "red"), stage(1, "red", "green"), second(1)]
    found = verdict("never_stages", ["red"], lines)
    assert found.sentence.endswith("saw 0 s of red (first at 2026-11-24T19:00:01)")
    assert verdict("stages_seen", ["red"], lines).passed


def test_each_expectation_is_asked_of_every_unit():
    quiet = [second(i, unit="SIM-0002") for i in range(60)]
    found = verdicts({"warnings": [1, 1]}, incident("SIM-0001") + quiet)
    assert [(v.unit, v.passed) for v in found] == [("SIM-0001", True), ("SIM-0002", False)]


def test_a_run_without_units_meets_nothing():
    assert [v.passed for v in verdicts({"never_stages": ["red"]}, [])] == [False]


WINDOWS = [
    (["19:00:20", "19:00:20"], True),
    (["18:00", "19:00:19"], False),
    (["20s", "20s"], True),
    (["21s", "1m"], False),
    (["18:55", "19:05"], True),
    (["23:00", "19:30"], True),
]


@pytest.mark.parametrize(("window", "passed"), WINDOWS)
def test_the_first_warning_is_held_against_local_time_or_time_since_the_start(window, passed):
    assert verdict("first_warning_between", window).passed is passed


def test_a_window_after_midnight_belongs_to_the_next_day():
    lines = [second(0), warning(5 * 3600 + 90), second(6 * 3600)]
    assert verdict("first_warning_between", ["00:00", "00:05"], lines).passed
    assert not verdict("first_warning_between", ["23:00", "23:59"], lines).passed


def test_a_unit_whose_story_begins_later_is_expected_to_warn_later():
    lines = [second(0), warning(50), second(60)]
    wanted = Expectations.from_table({"first_warning_between": ["20s", "30s"]}, "square.toml")
    summary = summed_up(lines, simulated_s=60, wall_s=1)
    on_time = check(wanted, summary, lines)
    late = check(wanted, summary, lines, Run(late_s={"SIM-0001": 30}))
    assert [verdict.passed for verdict in (*on_time, *late)] == [False, True]
    before = "expected the first warning between 20s and 30s"
    assert on_time[0].sentence == f"{before}, saw it after 50s"
    assert late[0].sentence == f"{before}, 30s later for this unit, saw it after 50s"


def test_a_sentence_keeps_to_one_notation_of_time():
    lines = [second(0), warning(50), second(60)]
    found = verdict("first_warning_between", ["19:12", "19:20"], lines)
    assert found.sentence.endswith("between 19:12 and 19:20, saw it at 19:00:50")


CUT = [
    # what the rest of the story may still bring
    ("stages_seen", ["red"], True),
    ("warnings", [2, 3], True),
    ("ends_in", "red", True),
    ("first_warning_between", ["19:12", "19:20"], False),
    ("LAeq_between", ["65 dB", "75.5 dB"], True),
    ("coverage_at_least", 0.95, True),
    ("invalid_seconds", {"gap": [2, 9]}, True),
    # and what is spoilt for good
    ("never_stages", ["green"], False),
    ("warnings", [0, 0], False),
    ("LAFmax_at_most", "62 dB", False),
    ("invalid_seconds", {"gap": [0, 0]}, False),
]


@pytest.mark.parametrize(("key", "value", "undecided"), CUT)
def test_of_a_cut_run_only_what_cannot_be_mended_has_failed(key, value, undecided):
    lines = [second(0), warning(1), second(1, reason="gap")]
    wanted = Expectations.from_table({key: value}, "square.toml")
    (found,) = check(wanted, summed_up(lines, simulated_s=60, wall_s=1), lines, Run(cut=True))
    assert not found.passed
    assert (found.undecided, found.failed) == (undecided, not undecided)


@pytest.mark.parametrize(("until_s", "undecided"), [(60, True), (1300, False)])
def test_no_warning_is_a_failure_once_its_time_is_over(until_s, undecided):
    lines = [second(i) for i in range(until_s)]
    wanted = Expectations.from_table({"first_warning_between": ["19:12", "19:20"]}, "a.toml")
    (found,) = check(wanted, summed_up(lines, until_s, wall_s=1), lines, Run(cut=True))
    assert found.undecided is undecided


def voice(*events):
    return [second(0), stage(0, "red", "firm"), *events, second(99)]


def test_hearing_quiet_counts_from_the_end_of_the_last_speech():
    lines = voice(
        *(warning(1), spoken(11), warning(20, 2), spoken(30, 2)),
        stage(33, "firm", "green"),
    )
    assert verdict("quiet_heard_within", "3 s", lines).passed
    assert not verdict("quiet_heard_within", "2 s", lines).passed


def test_a_box_that_talks_over_a_quiet_square_did_not_hear_it():
    lines = voice(
        *(warning(1), world(5, "comply", -9.0), spoken(11)),
        *(warning(20, 2), spoken(30, 2), stage(32, "firm", "green")),
    )
    found = verdict("quiet_heard_within", "3 s", lines)
    assert not found.passed
    assert found.sentence.endswith("saw 9 s at 2026-11-24T19:00:32 (of 1 releases)")


def test_nobody_can_hear_a_quiet_that_is_not_there_yet():
    lines = voice(warning(1), spoken(11), world(15, "comply", -9.0), stage(17, "firm", "green"))
    assert verdict("quiet_heard_within", "3 s", lines).passed


def test_the_polite_and_the_firm_voice_are_one_speech():
    lines = [
        *(second(0), stage(0, "red", "polite"), warning(1), spoken(11)),
        *(stage(14, "polite", "firm"), warning(14, 2), spoken(24), stage(27, "firm", "green")),
    ]
    assert verdict("quiet_heard_within", "3 s", lines).passed


def test_the_boxs_figures_are_held_against_what_the_people_did():
    lines = [
        *(second(0), stage(0, "red", "polite"), warning(1), spoken(11)),
        *(world(15, "comply", -9.0), outcome(17, 1, True, after=5), stage(17, "polite", "green")),
        *(world(400, "relapse", 9.0), stage(408, "green", "red"), relapse(408, 391)),
    ]
    assert verdict("figures_of", ["east"], lines).passed
    found = verdict("figures_of", ["east"], lines[:-1])
    assert not found.passed
    assert found.sentence == (
        "expected 1 compliances after 4 s and 1 relapses of east, "
        "saw 1 compliances after 5 s and 0 relapses"
    )
    assert not verdict("figures_of", ["west"], lines).passed


REFUSED = [
    ({"warning": [1, 2]}, "unknown key warning; did you mean warnings?"),
    ({"laeq_between": ["1 dB", "2 dB"]}, "did you mean LAeq_between?"),
    ({"xyzzy": 1}, "known are LAFmax_at_most, LAeq_between, complies"),
    ({"warnings": 3}, "warnings must be [least, most] in whole numbers"),
    ({"warnings": [3, 1]}, "3 is more than 1"),
    ({"warnings": [0.5, 1]}, "has 0.5, but counts are whole numbers"),
    ({"warnings": [-1, 1]}, "has -1"),
    ({"stages_seen": []}, "must be a list of stages"),
    ({"stages_seen": ["yellow"]}, "is 'yellow', but a stage is one of green, amber, red, polite"),
    ({"ends_in": ["green"]}, "is ['green'], but a stage is one of"),
    ({"LAeq_between": ["75 dB", "50 dB"]}, "the lower level first, but 75 dB is above 50 dB"),
    ({"LAeq_between": [50, 75]}, "bare number 50"),
    ({"LAFmax_at_most": "80 m"}, 'the unit "m" where dB'),
    ({"LAFmax_at_most": "800 dB"}, '"800 dB" is impossible here'),
    ({"coverage_at_least": 95}, "is 95, but a share lies between 0 and 1"),
    ({"coverage_at_least": True}, "is True"),
    ({"invalid_seconds": {"winds": [0, 1]}}, "unknown reason winds; did you mean wind?"),
    ({"invalid_seconds": {"wind": 3}}, "must be [least, most]"),
    ({"invalid_seconds": {}}, "must be a table of reasons"),
    ({"figures_of": "east"}, 'must be a list of groups like ["east"]'),
    ({"figures_of": []}, "must be a list of groups"),
    ({"quiet_heard_within": "3 dB"}, "not a time span"),
    ({"first_warning_between": ["25:00", "19:00"]}, "not a time of day"),
    ({"first_warning_between": ["19:00", "5m"]}, "not one of each"),
    ({"first_warning_between": ["9m", "5m"]}, "9m is after 5m"),
]


@pytest.mark.parametrize(("table", "says"), REFUSED)
def test_what_cannot_be_meant_is_refused_in_one_sentence(table, says):
    with pytest.raises(UserError, match=re.escape(says)) as refused:
        Expectations.from_table(table, "square.toml")
    assert str(refused.value).startswith("square.toml: [expect] ")
    assert "\n" not in str(refused.value)


def test_expect_must_be_a_table():
    with pytest.raises(UserError, match=r"square\.toml: expect must be a table"):
        Expectations.from_table(3, "square.toml")  # pyright: ignore[reportArgumentType]


def test_a_scenario_without_expectations_has_no_verdicts():
    assert verdicts({}, incident()) == []
