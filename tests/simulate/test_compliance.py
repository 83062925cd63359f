import pytest
from hand_built import (
    hand_over,
    incident,
    outcome,
    relapse,
    second,
    spoken,
    stage,
    warning,
    world,
)
from summed_up import summed_up

from noisetamer.simulate.compliance import Figures, as_counted, as_meant


def whole(lines):
    return summed_up(lines, simulated_s=60, wall_s=0.5)["whole"]


# An incident as the box tells it: polite in vain, firm obeyed after 4 s, and again after a while.
EVENING = [
    second(0),
    stage(10, "amber", "red"),
    stage(12, "red", "polite"),
    *(warning(12) | {"message": "polite_zh"}, spoken(20)),
    outcome(23, 1, False, message="polite_zh", after=3),
    stage(23, "polite", "firm"),
    *(warning(23, 2), spoken(33)),
    outcome(39, 2, True, at="firm", after=4),
    stage(39, "firm", "green"),
    *(stage(339, "green", "red"), relapse(339, 300)),
    stage(350, "red", "green"),
    *(stage(600, "green", "red"), relapse(600, 250)),
]


def test_warnings_are_summed_up_by_stage_and_by_message():
    found = whole(EVENING)
    assert (found["effective_warnings"], found["ineffective_warnings"]) == (1, 1)
    polite = {"effective": 0, "ineffective": 1, "median_s": None, "longest_s": None, "relapses": 0}
    firm = {"effective": 1, "ineffective": 0, "median_s": 4, "longest_s": 4, "relapses": 1}
    assert found["warnings_per_stage"]["polite"] == polite
    assert found["warnings_per_stage"]["firm"] == firm
    assert found["warnings_per_message"] == {"polite_zh": polite, "warning_zh": firm}


def test_a_relapse_is_held_against_what_had_ended_the_incident():
    found = whole(EVENING)
    assert (found["incidents"], found["relapses_noticed"]) == (3, 2)
    # The second incident needed no word: red and spotlight were enough, for a while.
    assert found["warnings_per_stage"]["red"]["relapses"] == 1
    assert sum(one["relapses"] for one in found["warnings_per_message"].values()) == 1


def test_times_to_compliance_have_a_median_and_a_longest():
    lines = [outcome(i, 1, True, after=after) for i, after in enumerate((2, 9, 4))]
    found = whole([second(0), *lines])["warnings_per_message"]["warning_zh"]
    assert (found["effective"], found["median_s"], found["longest_s"]) == (3, 4, 9)


def test_each_unit_has_its_own_relapses():
    lines = [
        *(outcome(30, 1, True, "SIM-0001"), stage(30, "polite", "green", "SIM-0001")),
        *(stage(31, "red", "green", "SIM-0002"), relapse(90, 59, "SIM-0002")),
    ]
    per_stage = whole([second(0), *lines])["warnings_per_stage"]
    assert per_stage["polite"]["relapses"] == 0
    assert per_stage["red"]["relapses"] == 1


def test_who_was_called_stands_with_the_time():
    calls = whole([second(0), hand_over(74, "leader"), hand_over(134, "property")])["hand_overs"]
    assert [(call["at"][-8:], call["to"]) for call in calls] == [
        ("19:01:14", "leader"),
        ("19:02:14", "property"),
    ]


def test_a_run_in_which_nobody_was_warned_has_the_same_keys():
    nothing, something = whole([second(0)]), whole(incident())
    assert list(nothing) == list(something)
    assert nothing["warnings_per_message"] == {}


def test_the_box_counts_as_it_tells():
    assert as_counted(EVENING) == Figures([4], 2)


@pytest.mark.parametrize(("complied", "took"), [(13, 0), (20, 0), (26, 6)])
def test_who_turns_down_while_the_box_speaks_has_needed_no_time(complied: int, took: int):
    lines = [warning(12), world(complied, "comply", -9.0), spoken(20), spoken(99)]
    lines = sorted(lines, key=lambda line: line["t"])
    assert as_meant(lines, ["east"]) == Figures([took], 0)


def test_what_other_groups_do_does_not_count():
    lines = [warning(1), world(5, "comply", -9.0), world(60, "relapse", 9.0)]
    assert as_meant(lines, ["west"]) == Figures([], 0)


def test_another_group_that_begins_soon_after_is_a_relapse_of_the_square():
    for i, relapses in ((1000, 1), (1900, 0)):
        lines = [world(0, "on"), warning(1), world(5, "comply", -9.0), world(i, "on")]
        assert as_meant(lines, ["east"]).relapses == relapses


def test_figures_agree_within_so_many_seconds():
    assert Figures([3, 0], 1).agree(Figures([4, 1], 1), within_s=1)
    assert not Figures([3, 0], 1).agree(Figures([5, 0], 1), within_s=1)
    assert not Figures([3], 1).agree(Figures([3], 0), within_s=1)
    assert not Figures([3], 1).agree(Figures([3, 3], 1), within_s=1)
