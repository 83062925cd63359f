"""The box never answers itself, however loud it is, and hears soon after that it is quiet."""

from dataclasses import dataclass
from typing import Any

import pytest
from program import run
from shared_runs import Runs

from noisetamer.simulate import trace
from noisetamer.simulate.expectation_kinds import releases

pytestmark = pytest.mark.e2e

# Who is too loud lets the first message pass and obeys the second, at once and for good.
RELUCTANT = """
start = 2026-11-24T19:00:00
duration = "50s"

[box]
limit = "50 dB"
voice_at_microphone = "{voice} dB"
reverberation = "{reverberation} s"

[[source]]
name = "road"
sound = "traffic"
level = "70 dB"
distance = "80 m"

[[source]]
name = "music"
sound = "music"
level = "78 dB"
distance = "10 m"
on = [["2s", "50s"]]

[[group]]
name = "dancers"
sources = ["music"]
listens = [0.0, 1.0]
delay = ["2 s", "2 s"]
turns_down = "24 dB"
relapses = 0.0
"""
LIMIT = 50

# The tier, how far the own voice is above the limit at the own microphone in dB, the echo in s.
CELLS = [
    *(("sound", above, echo) for above, echo in ((0, 0.2), (30, 0.6), (50, 3.0))),
    *(("levels", above, echo) for above, echo in ((0, 3.0), (50, 3.0))),
]


@dataclass(frozen=True)
class Told:
    """A square that was told twice: how loud the box's voice was there, and the trace."""

    above: int
    lines: list[dict[str, Any]]


@pytest.fixture(scope="module", params=CELLS, ids=lambda cell: "-".join(map(str, cell)))
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Told:
    tier, above, reverberation = request.param
    folder = tmp_path_factory.mktemp("square")
    square = folder / "square.toml"
    square.write_text(RELUCTANT.format(voice=LIMIT + above, reverberation=reverberation))
    words = ["--levels"] if tier == "levels" else []
    words += ["--no-pictures", "--out", str(folder / "out")]
    assert run("simulate", square, *words).code == 0
    return Told(above, trace.read(folder / "out" / "trace.jsonl"))


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


def listened(lines: list[dict[str, Any]], since: int, until: int) -> int:
    """Valid seconds between two times."""
    return sum(since <= line["t"] < until and line["valid"] for line in seconds(lines))


def test_it_speaks_as_often_as_it_must_and_never_answers_itself(told: Told):
    assert [line["number"] for line in events(told.lines, "warning")] == [1, 2]
    assert events(told.lines, "stage")[-1]["to"] == "green"


def test_it_is_not_deaf_to_a_square_that_stays_loud(told: Told):
    (_, silent), (again, _) = spoken(told.lines)
    assert listened(told.lines, silent, again) == 3


def test_quiet_is_heard_within_3_s_of_listening(told: Told):
    _, (_, silent) = spoken(told.lines)
    released = events(told.lines, "stage")[-1]["t"]
    assert 0 < listened(told.lines, silent, released) <= 3


def test_its_own_speech_is_loud_enough_to_trigger_it_and_is_marked(told: Told):
    begin, end = spoken(told.lines)[0]
    heard = [line for line in seconds(told.lines) if begin <= line["t"] < end]
    assert {line.get("reason") for line in heard} == {"own voice"}
    assert max(line["LAeq"] for line in heard) > LIMIT + told.above


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
    """What is judged right after a speech is the square, not the echo of the box.

    It is as loud as later; where the music is turned down in that very second, as before.
    """
    lines = trace.read(runs[name].folder / "trace.jsonl")
    heard = {line["t"]: line for line in seconds(lines)}
    turned_down = {line["t"] for line in lines if line.get("world") == "comply"}
    for begin, end in spoken(lines):
        after = [heard[t] for t in range(end, end + 8) if t in heard and heard[t]["valid"]]
        square = max(line["LAeq"] for line in after[1:])
        if after[0]["t"] in turned_down:
            square = max(square, heard[begin - 1]["LAeq"])
        assert after[0]["LAeq"] <= square + 2


@pytest.mark.parametrize("name", ["evening_square in sound", "evening_square"])
def test_whoever_has_turned_down_is_not_warned_again_until_they_forget(runs: Runs, name: str):
    lines = trace.read(runs[name].folder / "trace.jsonl")
    turned_down_at = None
    for line in lines:
        if line.get("world") == "comply" and line["group"] == "east":
            turned_down_at = line["t"]
        elif line.get("world") in ("relapse", "volume", "on"):
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
