"""The shipped evening, from microphone to hand-over: how soon, after how many, to what effect."""

import json
from collections import deque
from typing import Any

import pytest
from shared_runs import Runs

from noisetamer.simulate import trace
from tamer.judge import policy

pytestmark = pytest.mark.e2e

SHIPPED = policy.read({})
BOTH = pytest.mark.parametrize("name", ["evening_square in sound", "evening_square"])


def told(runs: Runs, name: str) -> list[dict[str, Any]]:
    return trace.read(runs[name].folder / "trace.jsonl")


def events(lines: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [line for line in lines if line.get("event") == kind]


@BOTH
def test_red_comes_with_the_second_that_meets_the_condition(runs: Runs, name: str):
    met, lately = set(), deque(maxlen=SHIPPED.trigger.of)
    lines = told(runs, name)
    for line in lines:
        if trace.is_second(line) and line["valid"]:
            lately.append(line["LAeq"] > line["limit"] + SHIPPED.guard_band / 10)
            if sum(lately) >= SHIPPED.trigger.over:
                met.add(line["t"] + 1)
    reds = [line["t"] for line in events(lines, "stage") if line["to"] == "red"]
    assert reds
    assert set(reds) <= met
    # And never later: in the seconds before it the condition was not met.
    assert all(t - 1 not in met for t in reds)


@BOTH
def test_the_first_word_is_heard_within_2_s_of_the_stage(runs: Runs, name: str):
    lines = told(runs, name)
    own = [line["t"] for line in lines if line.get("reason") == "own voice"]
    entered = [
        line["t"] for line in events(lines, "stage") if (line["from"], line["to"])[1] == "polite"
    ]
    assert entered
    for t in entered:
        assert next(heard for heard in own if heard >= t) - t < 2


@BOTH
def test_every_decision_names_the_policy_it_was_made_by(runs: Runs, name: str):
    lines = told(runs, name)
    (boot,) = events(lines, "boot")
    for kind in ("stage", "warning", "hand-over"):
        assert {line["policy"] for line in events(lines, kind)} <= {boot["policy"]}
    assert len(boot["policy"]) == 12


def test_the_leader_is_called_after_exactly_the_fifth_warning_in_vain(runs: Runs):
    lines = told(runs, "evening_square")
    in_vain = [line["t"] for line in events(lines, "outcome") if not line["effective"]]
    calls = events(lines, "hand-over")
    assert [call["to"] for call in calls] == ["leader", "property", "police"]
    leader = calls[0]["t"]
    within = [t for t in in_vain if leader - 600 <= t <= leader]
    assert (len(within), within[-1]) == (5, leader)


def test_the_others_are_called_a_minute_and_two_later_while_it_is_still_too_loud(runs: Runs):
    lines = told(runs, "evening_square")
    leader, *others = events(lines, "hand-over")
    loud = {line["t"] + 1 for line in lines if trace.is_second(line) and line["LAeq"] > 66}
    own = {line["t"] + 1 for line in lines if line.get("reason") == "own voice"}
    for call, wait in zip(others, (60, 120), strict=True):
        assert call["t"] in loud - own
        due = leader["t"] + wait
        # It is not judged while the box speaks itself.
        assert all(t in own for t in range(due, call["t"]))


def test_the_box_counts_compliance_and_relapse_as_the_scenario_put_them_in(runs: Runs):
    found = json.loads((runs["evening_square"].folder / "summary.json").read_text())["whole"]
    lines = told(runs, "evening_square")
    meant = [line for line in lines if line.get("group") in ("east", "karaoke")]
    complied = [line for line in meant if line["world"] == "comply"]
    relapsed = [line for line in meant if line["world"] == "relapse"]
    assert found["effective_warnings"] == len(complied) == found["incidents"]
    # The karaoke begins within half an hour of the dancers' last release.
    assert found["relapses_noticed"] == len(relapsed) + 1
    warnings = sum(
        stage["effective"] + stage["ineffective"] for stage in found["warnings_per_stage"].values()
    )
    assert warnings == len(found["warnings"])
