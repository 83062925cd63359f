"""Validity at the end of the box's own ear: wind is not taken for the square, nor music for wind,
and a microphone that fails does not go unnoticed."""

import re
import runpy

import numpy as np
import pytest
from unix_port import run
from validity_ear import Judged, judged, judged_words
from wind_confusion import RECORDINGS, SOUNDS, at, made, row

from noisetamer.base.paths import BOARDS, FIRMWARE
from noisetamer.sound.design.equaliser import total_response
from noisetamer.square.fault import FaultKind, ScenarioFault
from noisetamer.square.levels import REFERENCE_PA
from noisetamer.square.microphone import Microphone
from noisetamer.square.microphone_faults import MicrophoneFaults, low_end
from noisetamer.square.rumble import level_and_span
from noisetamer.square.scenario_parts import MicrophoneSettings
from noisetamer.square.sounds import street
from noisetamer.square.sounds.catalogue import loop_of
from noisetamer.square.sounds.wind import wind_level
from tamer.record.reading import MICROPHONE, REASONS, UNDER_RANGE, VALID
from tamer.record.reading import OVERLOAD as OVERLOADED

pytestmark = pytest.mark.device

README = FIRMWARE / "tamer" / "hear" / "README.md"

# Every sound of the README's table has been tried; these few tell whether it still holds.
TRIED = (
    "wind 3 m/s, far road",
    "wind 10 m/s, screen of 20 mm",
    "wind 8 m/s and dance 65 dB",
    "dance, bass 20 dB up",
    "dance and 35 Hz at 95 dB",
    "truck, 20 km/h at 10 m",
    "recorded: inside a car",
)


def stated() -> dict[str, tuple[int, int]]:
    """(taken for wind, seconds) of each sound in the README's table."""
    text = README.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| .* \| (\d+) of (\d+) \|", text, re.MULTILINE)
    return {name: (int(taken), int(seconds)) for name, taken, seconds in rows}


def test_the_table_in_the_readme_holds_every_sound():
    assert list(stated()) == list(SOUNDS)


def test_no_sound_of_a_square_in_the_table_is_taken_for_wind():
    squares = [name for name in SOUNDS if not name.startswith(("wind", "recorded: inside"))]
    assert {name: stated()[name][0] for name in squares} == dict.fromkeys(squares, 0)


@pytest.mark.parametrize("name", TRIED)
def test_the_guard_takes_for_wind_what_the_table_says(name: str):
    if name.startswith("recorded") and not RECORDINGS.exists():
        pytest.skip("the recordings are not in the repository")
    found = row(name)
    assert (found.taken, found.seconds) == stated()[name]


def test_the_levels_tier_knows_the_rumble_that_the_ear_finds():
    loop = loop_of("wind", (8.0, 0.06), 1, "test")
    usual = MicrophoneSettings()
    gain = REFERENCE_PA * 10 ** (wind_level(8.0, 0.06) / 20)
    found = judged((gain * loop.samples).astype(np.float32), usual)
    apart = []
    for second, eighths in zip(found, loop.rumble[2:], strict=True):
        level, span = level_and_span(eighths * (gain / REFERENCE_PA) ** 2)
        apart.append(second.rumble / 10 - level - low_end(usual))
        assert second.span / 10 == pytest.approx(span, abs=8)
    assert np.mean(apart) == pytest.approx(0, abs=0.5)
    assert np.std(apart) < 1.5


def test_what_the_microphone_takes_from_the_rumble_its_equaliser_gives_back():
    folder = BOARDS / "microphones"
    names = sorted(path.stem for path in folder.glob("*.py"))
    lifts = run("rumble_with_equaliser.py", FIRMWARE, folder, *names).split()
    for name, lift in zip(names, lifts, strict=True):
        gain, shelves = runpy.run_path(str(folder / f"{name}.py"))["PROFILE"].equaliser
        assert int(lift) / 10 == pytest.approx(total_response(gain, shelves, 6.4), abs=0.15), name


def heard_with(kind: FaultKind, level: float = 65) -> list[Judged]:
    """24 s of traffic; from second 6 to 18 something is wrong with the microphone."""
    road = at(level, made(street.traffic))
    usual = MicrophoneSettings()
    words = Microphone(usual, 1).capture(road.astype(np.float32))
    faults = MicrophoneFaults((ScenarioFault(kind, ((6, 18),)),), 0, usual, 1)
    return judged_words(faults.words(words, 0))


def reasons(heard: list[Judged]) -> list[str]:
    return [REASONS[second.reason] for second in heard]


@pytest.mark.parametrize(
    ("kind", "why"), [(FaultKind.STUCK, MICROPHONE), (FaultKind.OVERLOAD, OVERLOADED)]
)
def test_a_fault_that_shows_at_once_is_told_in_the_same_second(kind: FaultKind, why: int):
    told = reasons(heard_with(kind))
    assert told[1:6] == ["valid"] * 5
    assert told[6:18] == [REASONS[why]] * 12
    # An overload is shown a second longer.
    assert told[19:] == ["valid"] * 5


def test_a_dead_capsule_is_told_as_soon_as_the_filters_have_let_go_of_the_square():
    told = [second.reason for second in heard_with(FaultKind.DEAD)]
    assert told[6] in (VALID, UNDER_RANGE, MICROPHONE)
    assert told[7:18] == [MICROPHONE] * 11


def test_a_film_of_water_shows_in_the_hiss_and_asks_for_a_diagnosis():
    heard = heard_with(FaultKind.DULL)
    assert {second.reason for second in heard[1:]} == {VALID}
    assert max(second.hiss for second in heard[7:18]) < 250
    assert min(second.hiss for second in heard[:6]) > 280
    # He rests for the first 20 s, in which the box itself has asked him.
    assert [number for number, second in enumerate(heard) if second.diagnosis] == [19]


def test_a_sound_microphone_does_not_ask_for_a_diagnosis():
    silence = Microphone(MicrophoneSettings(noise_floor_dBA=33.5), 1).capture(
        np.zeros(30 * 48_000, dtype=np.float32)
    )
    assert not any(second.diagnosis for second in judged_words(silence))
