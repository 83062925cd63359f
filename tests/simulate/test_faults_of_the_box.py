"""Power that comes and goes, a box that hangs, a flash that fills up: as the scenario has it."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from noisetamer.simulate import trace
from noisetamer.simulate.unit_run import UnitRun, play
from noisetamer.square import scenario
from noisetamer.virtual.firmware_process import Tier

pytestmark = pytest.mark.e2e

SECONDS = 240
FAULTS = [
    ("power", "0s", "20s"),
    ("power", "60s", "90s"),
    ("hang", "120s", "130s"),
    ("flash-full", "140s", "160s"),
    ("bad-block", "170s", "200s"),
]


def lived(
    folder: Path, *faults: tuple[str, str, str], seconds: int = SECONDS
) -> list[dict[str, Any]]:
    """Seconds and events of a quiet night with these faults, from its first second on."""
    night = dataclasses.replace(scenario.load("quiet_night"), duration_s=seconds)
    run = UnitRun(scenario.with_faults(night, faults), 1, 0, seconds, Tier.LEVELS, 0)
    play(run, folder, lambda second: None)
    lines = trace.read(folder / "trace.jsonl")
    return [{**line, "t": line["t"] - night.start} for line in lines]


def test_the_same_seed_gives_the_same_bytes_and_every_fault_shows(tmp_path: Path):
    lines = lived(tmp_path / "first", *FAULTS)
    lived(tmp_path / "again", *FAULTS)
    first, again = ((tmp_path / name / "trace.jsonl").read_bytes() for name in ("first", "again"))
    assert first == again
    assert [(line["t"], line["reset"]) for line in lines if line.get("event") == "boot"] == [
        (20, "power on"),
        (90, "power on"),
        (128, "watchdog"),
    ]
    heard = {line["t"] for line in lines if trace.is_second(line)}
    missing = [t for t in range(20, SECONDS) if t not in heard]
    # What was told within a second of the cut, or while it hung, is not told.
    assert set(missing) - {59, 119} == {*range(60, 90), *range(120, 130)}


def test_a_clock_that_begins_at_2000_goes_on_through_a_reset(tmp_path: Path):
    lines = lived(tmp_path, ("clock-2000", "0s", "30s"), ("hang", "60s", "70s"))
    boots = [line for line in lines if line.get("event") == "boot"]
    assert [line["reset"] for line in boots] == ["power on", "watchdog"]
    assert not any(line["valid"] for line in lines if trace.is_second(line))


def test_an_hour_in_which_no_name_server_answers_costs_no_second(tmp_path: Path):
    lines = lived(tmp_path, ("clock-2000", "0s", "1h"), ("dns-silent", "0s", "1h"), seconds=3600)
    assert len([line for line in lines if line.get("event") == "boot"]) == 1
    seconds = [line for line in lines if trace.is_second(line)]
    assert [line["t"] for line in seconds] == list(range(3600))
    assert not [line for line in seconds if line.get("reason") == "gap"]


def test_the_same_seed_gives_the_same_bytes_where_a_network_fails(tmp_path: Path):
    faults = [
        ("no-access-point", "0s", "40s"),
        ("ntp-lost", "50s", "2m"),
        ("clock-2000", "0s", "1m"),
    ]
    lines = lived(tmp_path / "first", *faults)
    lived(tmp_path / "again", *faults)
    first, again = ((tmp_path / name / "trace.jsonl").read_bytes() for name in ("first", "again"))
    assert first == again
    told = [line.get("reason") for line in lines if line.get("event") == "link"]
    assert "no access point" in told
    # Every second is there once, though the time is known only after two minutes.
    assert [line["t"] for line in lines if trace.is_second(line)] == list(range(SECONDS))


def test_a_start_that_takes_seconds_shifts_neither_the_square_nor_the_own_voice(tmp_path: Path):
    # The watchdog bites after 8 s; the box is as busy for three more.
    story = scenario.with_faults(scenario.load("demo_square"), [("hang", "20s", "31s")])
    play(UnitRun(story, 1, 0, 80, Tier.LEVELS, 0), tmp_path, lambda second: None)
    lines = trace.read(tmp_path / "trace.jsonl")
    assert [line for line in lines if line.get("event") == "spoken"]
    valid = [line["LAeq"] for line in lines if trace.is_second(line) and line["valid"]]
    assert max(valid) < 80


def test_what_is_so_from_the_beginning_is_so_for_a_unit_whose_story_begins_later(tmp_path: Path):
    # Its second unit's is 25 s late.
    story = scenario.with_faults(scenario.load("demo_square"), [("clock-2000", "0s", "1m")])
    play(UnitRun(story, 1, 1, 20, Tier.LEVELS, 0), tmp_path, lambda second: None)
    told = [line for line in trace.read(tmp_path / "trace.jsonl") if trace.is_second(line)]
    assert {line.get("reason") for line in told} == {"power", "clock"}
