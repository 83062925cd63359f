"""Every scenario that comes with Noise Tamer keeps its own promises, played by the real box."""

import json

import pytest
from shared_runs import Runs

from noisetamer.simulate import trace
from noisetamer.square import scenario

pytestmark = pytest.mark.e2e

SQUARE = {"green", "amber", "red", "polite"}


def summary(runs: Runs, name: str):
    return json.loads((runs[name].folder / "summary.json").read_text())["whole"]


@pytest.mark.parametrize("name", scenario.shipped())
def test_its_expectations_are_met_over_its_whole_length(runs: Runs, name: str):
    ran = runs[name].ran
    assert (ran.code, ran.wrong) == (0, [])
    assert summary(runs, name)["seconds"] == scenario.load(name).duration_s


@pytest.mark.parametrize("name", scenario.shipped())
def test_its_trace_is_in_order_of_time_and_the_square_goes_before_the_box(runs: Runs, name: str):
    lines = trace.read(runs[name].folder / "trace.jsonl")
    places = [(line["t"], "world" not in line, trace.is_second(line)) for line in lines]
    assert places == sorted(places)


def test_they_are_met_in_sound_too(runs: Runs):
    ran = runs["demo_square in sound"].ran
    assert (ran.code, ran.wrong) == (0, [])


def test_the_evening_in_sound_warns_the_loud_group_and_it_complies(runs: Runs):
    found = summary(runs, "evening_square in sound")
    assert {change["to"] for change in found["stage_changes"]} == SQUARE
    assert "19:14" <= found["first_warning_at"][11:] <= "19:16"
    assert found["seconds_per_stage"]["polite"] < 30
    assert found["ends_in"] == "green"
    assert found["coverage_without_own_voice"] > 0.999


def test_the_demo_shows_the_whole_story_within_two_minutes(runs: Runs):
    changes = summary(runs, "demo_square in sound")["stage_changes"]
    assert [change["to"] for change in changes] == ["amber", "red", "polite", "firm", "green"]
    assert changes[-1]["at"] < "2026-11-24T19:02:00"


def test_a_quiet_night_has_not_one_stage_change_in_eight_hours(runs: Runs):
    found = summary(runs, "quiet_night")
    assert (found["seconds"], found["stage_changes"], found["warnings"]) == (8 * 3600, [], [])


@pytest.mark.parametrize("name", ["thunder_and_horns", "thunder_and_horns in sound"])
def test_thunder_and_horns_are_over_the_limit_and_still_bring_no_warning(runs: Runs, name: str):
    lines = trace.read(runs[name].folder / "trace.jsonl")
    heard = [line for line in lines if trace.is_second(line) and line["valid"]]
    loud = [line for line in heard if line["LAeq"] > line["limit"] + 1]
    assert len(loud) >= 20
    found = summary(runs, name)
    assert found["warnings"] == []
    assert {change["to"] for change in found["stage_changes"]} <= {"amber", "green"}


def test_sound_and_levels_tell_the_same_story(runs: Runs):
    heard, given = (
        [
            (line["at"], line["to"])
            for line in trace.read(runs[name].folder / "trace.jsonl")
            if line.get("event") == "stage" and line["at"] < "2026-11-24T19:03:00"
        ]
        for name in ("demo_square in sound", "demo_square")
    )
    assert [to for _, to in heard] == [to for _, to in given]
