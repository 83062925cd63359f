"""Wind and faults in a square of two and a half minutes, played to the whole box in both tiers."""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from noisetamer.simulate.unit_run import UnitRun, play
from noisetamer.square import scenario
from noisetamer.virtual.firmware_process import Tier

pytestmark = pytest.mark.device

SECONDS = 150
STORY = """
title = "Bad luck"
start = 2026-11-24T19:00:00
duration = "150s"

[[source]]
name = "road"
sound = "traffic"
level = "90 dB"
distance = "60 m"

[[source]]
name = "gale"
sound = "wind"
speed = "11 m/s"
on = [["20s", "50s"]]

[[fault]]
kind = "clock"
on = [["0s", "10s"]]

[[fault]]
kind = "stuck"
on = [["60s", "75s"]]

[[fault]]
kind = "dull"
on = [["90s", "110s"]]

[[fault]]
kind = "overload"
on = [["125s", "127s"]]

[[fault]]
kind = "gap"
on = [["140s", "142s"]]
"""

# What the square has in store, as [begin, end) of the seconds and the reason for them; a rumble
# takes a moment to die away, an overload is shown a second longer.
CAUSES = {"clock": (0, 10), "wind": (20, 51), "overload": (125, 128), "gap": (139, 143)}


class Told:
    """What one box told of it."""

    def __init__(self, trace: Path):
        lines = [json.loads(line) for line in trace.read_text().splitlines()]
        seconds = [line for line in lines if "valid" in line]
        self.start = scenario.load(str(trace.parent / "story.toml")).start
        self.times = [line["t"] - self.start for line in seconds]
        self.reasons = [line.get("reason", "valid") for line in seconds]
        events = [line for line in lines if "event" in line]
        self.findings = [line["findings"] for line in events if line["event"] == "doctor"]
        self.stages = {
            line["t"] - self.start: line["to"] for line in events if line["event"] == "stage"
        }

    def stretches(self) -> Iterator[tuple[str, int, int]]:
        """(reason, first, last) of each stretch."""
        for reason, group in groupby(zip(self.times, self.reasons, strict=True), lambda x: x[1]):
            times = [t for t, _ in group]
            yield reason, times[0], times[-1]


def played(folder: Path, tier: Tier) -> Told:
    (folder / "story.toml").write_text(STORY)
    story = scenario.load(str(folder / "story.toml"))
    return Told(play(UnitRun(story, 1, 0, SECONDS, tier, 0.0), folder, lambda second: None))


@pytest.fixture(scope="module")
def tiers(tmp_path_factory: pytest.TempPathFactory) -> dict[Tier, Told]:
    return {tier: played(tmp_path_factory.mktemp(tier), tier) for tier in Tier}


@pytest.fixture(params=Tier)
def told(request: pytest.FixtureRequest, tiers: dict[Tier, Told]) -> Told:
    return tiers[request.param]


def test_every_second_is_told_once_also_of_a_box_that_does_not_know_the_time(told: Told):
    assert told.times == list(range(len(told.times)))
    assert len(told.times) >= SECONDS - 2


def test_each_cause_is_told_as_the_reason_of_its_own_seconds(told: Told):
    for reason, (begin, end) in CAUSES.items():
        seconds = [t for t, why in zip(told.times, told.reasons, strict=True) if why == reason]
        assert begin <= min(seconds), reason
        assert max(seconds) < end, reason
        assert len(seconds) >= 0.6 * (end - begin), reason


def test_a_gale_of_70_dB_moves_no_stage(told: Told):
    assert Counter(told.reasons)["wind"] >= 28
    # Before it the road alone was near the limit: without the time that is the night's.
    begin, _ = CAUSES["wind"]
    assert [stage for t, stage in told.stages.items() if t >= begin] == []


def test_a_stuck_line_is_told_at_once_and_healed_within_seconds(told: Told):
    stuck = next(s for s in told.stretches() if s[0] == "microphone")
    assert stuck[1] == 60
    assert 75 <= stuck[2] <= 80


def test_a_film_of_water_is_found_by_the_doctor_within_ten_seconds_and_forgotten_again(
    told: Told,
):
    dull = [s for s in told.stretches() if s[0] == "microphone"][-1]
    assert 95 <= dull[1] <= 100 + 5
    assert 110 <= dull[2] <= 116


def test_the_doctor_tells_what_is_new_and_nothing_twice(told: Told):
    assert told.findings == [[], ["stuck data"], [], ["dull microphone"], []]


def test_fireworks_a_shout_of_5_s_a_truck_and_horns_bring_no_word_in_sound_either(tmp_path: Path):
    story = scenario.load("short_and_loud")
    trace = play(UnitRun(story, 1, 0, 110, Tier.AUDIO, 0.0), tmp_path, lambda second: None)
    lines = [json.loads(line) for line in trace.read_text().splitlines()]
    heard = [line for line in lines if line.get("valid")]
    assert sum(line["LAeq"] > line["limit"] + 1 for line in heard) >= 15
    assert len(heard) >= 108
    assert {line["event"] for line in lines if "event" in line} <= {"boot", "doctor", "stage"}


def test_both_tiers_tell_the_same_reasons(tiers: dict[Tier, Told]):
    pairs = zip(tiers[Tier.AUDIO].reasons, tiers[Tier.LEVELS].reasons, strict=True)
    different = [(t, *pair) for t, pair in enumerate(pairs) if pair[0] != pair[1]]
    assert len(different) <= 5, different
