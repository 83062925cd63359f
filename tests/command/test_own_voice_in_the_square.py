"""The box never answers itself, however loud it is, and hears soon after that it is quiet."""

from pathlib import Path
from typing import Any

import pytest
from program import run
from shared_runs import Runs

from noisetamer.simulate import trace
from noisetamer.simulate.expect import releases

# 30 dB over the limit at its own microphone; who is too loud obeys at once and for good.
OBEDIENT = """
start = 2026-11-24T19:00:00
duration = "5m"

[box]
limit = "65 dB"
voice_at_microphone = "95 dB"
reverberation = "0.6 s"

[[source]]
name = "road"
sound = "traffic"
level = "88 dB"
distance = "80 m"

[[source]]
name = "music"
sound = "music"
level = "92 dB"
distance = "10 m"
on = [["20s", "5m"]]

[[group]]
name = "dancers"
sources = ["music"]
listens = 1.0
delay = ["2 s", "2 s"]
turns_down = "20 dB"
relapses = 0.0
"""


@pytest.fixture(params=["in sound", "in levels"])
def obeyed(request: pytest.FixtureRequest, tmp_path: Path) -> list[dict[str, Any]]:
    square = tmp_path / "square.toml"
    square.write_text(OBEDIENT)
    words = ["--until", "2m"] if request.param == "in sound" else ["--levels"]
    assert run("simulate", square, *words, "--out", tmp_path / "out").code == 0
    return trace.read(tmp_path / "out" / "trace.jsonl")


def events(lines: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [line for line in lines if line.get("event") == kind]


def seconds(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in lines if trace.is_second(line)]


def spoken(lines: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """When each speech began and ended."""
    return [
        (begin["t"], end["t"])
        for begin, end in zip(events(lines, "warning"), events(lines, "spoken"), strict=True)
    ]


def test_one_warning_is_enough_and_nothing_follows_its_release(obeyed):
    assert [line["number"] for line in events(obeyed, "warning")] == [1]
    changes = [(line["from"], line["to"]) for line in events(obeyed, "stage")]
    assert changes[-1] == ("voice", "green")
    assert [after for _, after in changes].count("voice") == 1


def test_quiet_is_heard_within_3_s_of_the_boxes_own_silence(obeyed):
    ((_, silent),) = spoken(obeyed)
    assert 0 < events(obeyed, "stage")[-1]["t"] - silent <= 3


def test_its_own_speech_is_loud_enough_to_trigger_it_and_is_marked(obeyed):
    ((begin, end),) = spoken(obeyed)
    heard = [line for line in seconds(obeyed) if begin <= line["t"] < end]
    assert {line.get("reason") for line in heard} == {"own voice"}
    assert max(line["LAeq"] for line in heard) > 65 + 30
    assert sum(line["LAeq"] > 65 + 20 for line in heard) >= 8


@pytest.mark.parametrize("name", ["evening_square in sound", "evening_square"])
def test_own_voice_is_all_that_was_spoken_and_nothing_else(runs: Runs, name: str):
    """A speech, the second it ends in, and none besides."""
    lines = trace.read(runs[name].folder / "trace.jsonl")
    marked = {line["t"] for line in seconds(lines) if line.get("reason") == "own voice"}
    speeches = spoken(lines)
    surely = {t for begin, end in speeches for t in range(begin, end)}
    at_most = surely | {end for _, end in speeches}
    assert surely <= marked <= at_most


@pytest.mark.parametrize("name", ["evening_square in sound", "evening_square"])
def test_no_second_beside_a_speech_is_louder_for_it(runs: Runs, name: str):
    """What is judged right after a speech is the square, not the echo of the box."""
    lines = trace.read(runs[name].folder / "trace.jsonl")
    heard = {line["t"]: line for line in seconds(lines)}
    for _, end in spoken(lines):
        after = [heard[t] for t in range(end, end + 8) if t in heard and heard[t]["valid"]]
        loudest_later = max(line["LAeq"] for line in after[1:])
        assert after[0]["LAeq"] <= loudest_later + 2


@pytest.mark.parametrize("name", ["evening_square in sound", "evening_square"])
def test_whoever_has_turned_down_is_not_warned_again_until_they_forget(runs: Runs, name: str):
    lines = trace.read(runs[name].folder / "trace.jsonl")
    turned_down_at = None
    for line in lines:
        if line.get("world") == "comply" and line["group"] == "east":
            turned_down_at = line["t"]
        elif line.get("world") in ("relapse", "volume"):
            turned_down_at = None
        elif line.get("event") == "warning" and turned_down_at is not None:
            # It takes two seconds to hear that it is quiet.
            assert line["t"] - turned_down_at <= 2


@pytest.mark.parametrize("name", ["evening_square in sound", "evening_square"])
def test_in_the_evening_too_quiet_is_heard_within_3_s(runs: Runs, name: str):
    lines = trace.read(runs[name].folder / "trace.jsonl")
    found = list(releases(line for line in lines if not trace.is_second(line)))
    assert found
    assert max(after for after, _ in found) <= 3
