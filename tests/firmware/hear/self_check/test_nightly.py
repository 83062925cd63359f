"""The self-check over several nights, its memory on the flash."""

from pathlib import Path

import pytest

from tamer.hear.self_check.nightly import NightlyCheck
from tamer.hear.self_check.self_check import QUIET_FOR, SHIPPED, TONE_WITHIN
from tamer.record.reading import OWN_VOICE, VALID, Second

MIDNIGHT = 86_400 * 20_780
SINCE = 60 * SHIPPED.since


class Nights:
    """A box that is started anew every evening, as after a power cut."""

    def __init__(self, memory: Path):
        self.memory = memory
        self.day = 0

    def pass_by(self, tone: int, quiet: int = 400) -> tuple[list, dict | None]:
        """One night: (what was played, what was told)."""
        box = NightlyCheck(SHIPPED, str(self.memory))
        played, told = [], None
        self.day += 1
        local = MIDNIGHT + 86_400 * self.day + SINCE
        for t in range(QUIET_FOR + TONE_WITHIN * len(SHIPPED.tones)):
            level, flags = (tone, OWN_VOICE) if played else (quiet, VALID)
            second = Second(local + t, level, level, level, level, flags)
            play, fields = box.take(second, local + t, True)
            played += [play] if play else []
            told = told or fields
        return played, told


def test_the_first_night_takes_the_reference_the_next_compares(tmp_path: Path):
    nights = Nights(tmp_path / "self_check.json")
    played, told = nights.pass_by(700)
    assert played == [(f"tone_{hertz}", SHIPPED.volume) for hertz in SHIPPED.tones]
    assert told == {
        "tones": list(SHIPPED.tones),
        "levels": [700] * 4,
        "background": 400,
        "verdict": "reference",
    }
    _, told = nights.pass_by(696)
    assert told is not None
    assert (told["verdict"], told["deviations"]) == ("good", [-4] * 4)
    _, told = nights.pass_by(694)
    assert told is not None
    assert (told["verdict"], told["nights"]) == ("unknown", 1)


def test_a_calibration_makes_the_next_night_the_reference(tmp_path: Path):
    nights = Nights(tmp_path / "self_check.json")
    nights.pass_by(700)
    nights.memory.unlink()
    _, told = nights.pass_by(650)
    assert told is not None
    assert told["verdict"] == "reference"


@pytest.mark.parametrize(
    "spoilt",
    ["[[700, 700, 700, 700], [[40", '[["loud", "louder"], [], []]', "[[7], [[4, 4]], []]", "{}"],
    ids=["cut off", "of texts", "of another length", "no list"],
)
def test_a_spoilt_memory_is_a_new_one(tmp_path: Path, spoilt: str):
    nights = Nights(tmp_path / "self_check.json")
    nights.pass_by(700)
    nights.memory.write_text(spoilt)
    _, told = nights.pass_by(700)
    assert told is not None
    assert told["verdict"] == "reference"


def test_a_loud_night_is_told_when_its_hour_is_over(tmp_path: Path):
    box = NightlyCheck(SHIPPED, str(tmp_path / "self_check.json"))
    told = []
    for minute in range(SHIPPED.since, SHIPPED.until + 2):
        local = MIDNIGHT + 60 * minute
        play, fields = box.take(Second(local, 620, 650, 620, 620, VALID), local, True)
        assert play is None
        told += [fields] if fields else []
    assert told == [{"verdict": "too loud", "loudest": 650}]
