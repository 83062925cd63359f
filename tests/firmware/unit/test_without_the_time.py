"""The whole box while nobody has told it the time: it measures, judges, warns, and dates later."""

from pathlib import Path
from typing import Any

import pytest

from noisetamer.simulate import trace
from noisetamer.simulate.unit_run import Hub, UnitRun, play
from noisetamer.square import scenario
from noisetamer.virtual.firmware_process import Tier

pytestmark = pytest.mark.device

# 64 dB at the box, where 65 are allowed by day and 55 by night; 80 for the second minute.
SQUARE = """
title = "a square at noon"
start = 2026-11-24T12:00:00
duration = "30m"

[[source]]
name = "street"
sound = "noise"
colour = "pink"
level = "64 dB"
distance = "10 m"

[[source]]
name = "music"
sound = "noise"
colour = "pink"
level = "100 dB"
distance = "10 m"
on = [["1m", "2m"]]
"""


def lived(
    folder: Path, seconds: int, *faults: tuple[str, str, str], hub: Hub | None = None
) -> list[dict[str, Any]]:
    """Its lines of that square, `t` since the power came."""
    (folder / "square.toml").write_text(SQUARE, encoding="utf-8")
    story = scenario.with_faults(scenario.load(str(folder / "square.toml")), faults)
    run = UnitRun(story, 1, 0, seconds, Tier.LEVELS, 0, hub)
    play(run, folder, lambda second: None)
    return [{**line, "t": line["t"] - story.start} for line in trace.read(folder / "trace.jsonl")]


def seconds_of(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in lines if trace.is_second(line)]


def events(lines: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [line for line in lines if line.get("event") == kind]


def right_from(lines: list[dict[str, Any]]) -> int:
    """The first second that is valid; from then on all are that but those of its own voice."""
    valid = next(line["t"] for line in seconds_of(lines) if line["valid"])
    later = [line.get("reason") for line in seconds_of(lines) if line["t"] >= valid]
    assert set(later) <= {None, "own voice"}
    return valid


def must_be_whole(lines: list[dict[str, Any]], seconds: int) -> None:
    """Every second is there once."""
    assert [line["t"] for line in seconds_of(lines)] == list(range(seconds))


def test_80_dB_for_a_minute_is_red_and_spoken_to(tmp_path: Path):
    lines = lived(tmp_path, 180, ("clock-2000", "0s", "30m"))
    told = seconds_of(lines)
    assert {line.get("reason") for line in told} == {"power", "clock", "own voice"}
    assert {line["limit"] for line in told} == {55.0}
    loud = [line for line in told if 70 <= line["t"] < 120]
    assert {line["stage"] for line in loud} <= {"red", "polite", "firm"}
    assert len(events(lines, "warning")) >= 3
    assert {line["volume"] for line in events(lines, "warning")} == {-12}
    must_be_whole(lines, len(told))


@pytest.mark.parametrize("clock", ["clock-2000", "clock-2036"])
def test_the_time_is_asked_for_until_it_is_known(clock: str, tmp_path: Path):
    lines = lived(tmp_path, 700, (clock, "0s", "30m"), ("ntp-lost", "0s", "8m"))
    right = right_from(lines)
    assert 480 <= right < 600
    (known,) = events(lines, "clock")
    assert (known["source"], known["t"]) == ("ntp", right)
    assert "step" not in known
    must_be_whole(lines, len(seconds_of(lines)))
    # From now on by day's limit, which 64 dB do not exceed.
    assert {line["limit"] for line in seconds_of(lines) if line["t"] >= right} == {65.0}


@pytest.mark.parametrize("joined", [30, 200, 400])
def test_the_access_point_may_come_at_any_time(joined: int, tmp_path: Path):
    fault = ("no-access-point", "0s", f"{joined}s")
    lines = lived(tmp_path, joined + 150, ("clock-2000", "0s", "30m"), fault)
    assert joined <= right_from(lines) < joined + 120


@pytest.mark.parametrize("answer", ["ntp-zero", "ntp-wrong"])
def test_an_absurd_answer_is_not_taken(answer: str, tmp_path: Path):
    lines = lived(tmp_path, 200, ("clock-2000", "0s", "30m"), (answer, "0s", "1m"))
    assert 60 <= right_from(lines) < 180


def test_an_incident_goes_on_while_the_time_comes_to_be_known(tmp_path: Path):
    lines = lived(tmp_path, 180, ("clock-2000", "0s", "30m"), ("ntp-lost", "0s", "70s"))
    (known,) = events(lines, "clock")
    assert 70 < known["t"] < 110
    stages = [(event["t"], event["to"]) for event in events(lines, "stage")]
    (began,) = [t for t, to in stages if to == "red"]
    (ended,) = [t for t, to in stages if t > began and to in ("green", "amber")]
    assert began < known["t"] < 118 <= ended
    (whole,) = events(lines, "incident")
    assert whole["start"] - known["boot_at"] == began
    assert whole["seconds"] == ended - began


def test_a_reset_in_mid_incident_costs_nothing_without_the_time_either(tmp_path: Path):
    lines = lived(tmp_path, 130, ("clock-2000", "0s", "30m"), ("hang", "85s", "95s"))
    boots = events(lines, "boot")
    assert [boot["reset"] for boot in boots] == ["power on", "watchdog"]
    (resumed,) = events(lines, "resumed")
    assert (resumed["stage"], resumed["away"]) == ("firm", 0)
    numbers = [event["number"] for event in events(lines, "warning")]
    assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) >= 3


def test_what_the_chip_is_lent_for_tls_is_not_taken_for_the_time_after_a_reset(tmp_path: Path):
    (tmp_path / "ca.der").write_bytes(b"no certificate")
    nowhere = Hub("127.0.0.1", 1, "127.0.0.1", tmp_path / "ca.der", "secret")
    faults = (("clock-2000", "0s", "30m"), ("ntp-lost", "0s", "30m"), ("hang", "40s", "50s"))
    lines = lived(tmp_path, 80, *faults, hub=nowhere)
    assert len(events(lines, "boot")) == 2
    assert {line.get("reason") for line in seconds_of(lines)} == {"power", "clock", "own voice"}


def test_the_time_outlasts_a_reset(tmp_path: Path):
    lines = lived(
        tmp_path,
        80,
        ("clock-2000", "0s", "30m"),
        ("ntp-lost", "30s", "30m"),
        ("hang", "40s", "50s"),
    )
    before, after = (
        [line.get("reason") for line in seconds_of(lines) if line["t"] in range(*span)]
        for span in ((25, 40), (52, 80))
    )
    assert set(before + after) <= {None, "own voice"}
    assert len(events(lines, "boot")) == 2
