"""Short noise, wind, a failing microphone: the box does not speak of them, nor forget the rest."""

from typing import Any

import pytest
from shared_runs import Runs

from noisetamer.simulate import trace

pytestmark = pytest.mark.e2e


def lines(runs: Runs, name: str) -> list[dict[str, Any]]:
    return trace.read(runs[name].folder / "trace.jsonl")


def between(told: list[dict[str, Any]], begin: str, end: str) -> list[dict[str, Any]]:
    """The lines of a span of local time."""
    return [line for line in told if begin <= line["at"][11:] < end]


def seconds(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in told if trace.is_second(line)]


def stages(told: list[dict[str, Any]]) -> list[str]:
    return [line["to"] for line in told if line.get("event") == "stage"]


def warnings(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in told if line.get("event") == "warning"]


def test_fireworks_a_shout_of_5_s_a_truck_and_horns_bring_no_word(runs: Runs):
    told = lines(runs, "short_and_loud")
    loud = [line for line in seconds(told) if line["valid"] and line["LAeq"] > line["limit"] + 1]
    assert len(loud) >= 15
    assert warnings(told) == []
    assert set(stages(told)) <= {"amber", "red", "green"}


def test_a_gale_over_the_limit_moves_no_stage_by_day_or_night(runs: Runs):
    told = lines(runs, "windy_night")
    for begin, end in (("21:47:05", "21:50"), ("22:01:05", "22:06")):
        gale = seconds(between(told, begin, end))
        over = [line for line in gale if line["LAeq"] > line["limit"] + 1]
        assert len(over) > len(gale) / 2
        assert {line.get("reason") for line in over} == {"wind"}
        assert stages(between(told, begin, end)) == []


def test_loud_music_is_heard_through_a_breeze(runs: Runs):
    told = between(lines(runs, "windy_night"), "21:51", "21:53")
    assert stages(told) == ["amber", "red", "polite", "firm", "green"]
    assert len(warnings(told)) == 2


def test_in_a_storm_nobody_can_tell_and_nothing_is_said(runs: Runs):
    told = between(lines(runs, "windy_night"), "21:55:30", "21:57:30")
    unknown = [line for line in seconds(told) if not line["valid"]]
    assert len(unknown) > 110
    assert stages(told) == warnings(told) == []


def test_a_box_that_cannot_hear_gives_up_its_incident_and_takes_it_up_again(runs: Runs):
    told = lines(runs, "failing_microphone")
    deaf = between(told, "19:10:42", "19:12")
    assert {line["reason"] for line in seconds(deaf)} == {"microphone"}
    assert stages(deaf) == ["green"]
    assert warnings(deaf) == []
    assert stages(between(told, "19:12", "19:13")) == ["amber", "red", "polite", "firm"]


def test_what_the_doctor_found_is_told_once_and_so_is_the_healing(runs: Runs):
    told = lines(runs, "failing_microphone")
    findings = [line["findings"] for line in told if line.get("event") == "doctor"]
    ill = [["stuck data"], ["dead microphone"], ["dull microphone"], ["stuck data"]]
    assert findings == [[], *(said for one in ill for said in (one, []))]
