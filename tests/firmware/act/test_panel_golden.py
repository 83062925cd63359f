"""The panel in all its states, as somebody approved them."""

from pathlib import Path

import pytest
from folders import ON_BOX
from golden_image import assert_as_approved
from panel_states import SIZES, STAGES, Shown, Size, frames, plan
from PIL import Image
from stand import Stand

from noisetamer.simulate import panel_picture

pytestmark = pytest.mark.device

# Number, heartbeat, brightness in 1/256.
SHOWN = {
    "by day": ("68.7", True, 256),
    "by night": ("59.4", False, 64),
    "as dim as can be": ("32.0", False, 1),
    "from 100 dB": ("115", True, 256),
    "unknown by day": ("--", True, 256),
    "unknown by night": ("--", False, 64),
    "unknown, as dim as can be": ("--", True, 1),
}

ENGLISH = "Please turn it down a little: 9 pm!"
CHINESE = "您好，请把音量调低一些"
PICTURES_OF_A_TEXT = 16


def flat(frame: bytes, size: Size) -> Image.Image:
    points_an_LED = 6 if size.height == 8 else 4
    return panel_picture.flat(frame, size.width, size.height, size.order, points_an_LED)


@pytest.mark.parametrize("size", SIZES)
def test_every_stage_known_and_unknown_by_day_and_by_night(tmp_path: Path, size: str):
    states = {
        f"{stage} {name}": (text, stage, beat, dim)
        for stage in STAGES
        for name, (text, beat, dim) in SHOWN.items()
    }
    shown = frames(tmp_path, SIZES[size], list(states.values()))
    pictures = {name: flat(frame, SIZES[size]) for name, frame in zip(states, shown, strict=True)}
    assert_as_approved(f"panel_{size}", pictures, len(SHOWN))


@pytest.mark.parametrize("size", SIZES)
def test_the_digits_of_a_minute_and_what_is_left_of_a_limit(tmp_path: Path, size: str):
    states: dict[str, Shown] = {
        "digits by day": ("42 17", "digits", True, 256),
        "digits by night": ("00 81", "digits", False, 64),
        "a third used": ("62.4", "green", True, 256, 0.33),
        "a little used": ("62.4", "green", False, 256, 0.001),
        "nearly all": ("64.9", "amber", True, 64, 0.95),
        "all of it": ("64.9", "amber", True, 256, 1.4),
        "no more of it": ("64.9", "amber", False, 256),
    }
    shown = frames(tmp_path, SIZES[size], list(states.values()), more=True)
    pictures = {name: flat(frame, SIZES[size]) for name, frame in zip(states, shown, strict=True)}
    assert_as_approved(f"more_{size}", pictures, 2)


@pytest.mark.parametrize(
    ("size", "language", "text"),
    [("8x32", "english", ENGLISH), ("16x64", "english", ENGLISH), ("16x64", "chinese", CHINESE)],
    ids=["8x32-english", "16x64-english", "16x64-chinese"],
)
def test_a_text_on_its_way(tmp_path: Path, size: str, language: str, text: str):
    numbers, texts = [("71.2", "polite")], [(0, text)]
    script = ON_BOX / "main_scrolling.py"
    stand = Stand(tmp_path, script, numbers=numbers, texts=texts, busy=0, **plan(SIZES[size]))
    shown = stand.run(16).frames
    every = len(shown) // PICTURES_OF_A_TEXT
    pictures = {
        f"frame {i}": flat(shown[i], SIZES[size])
        for i in range(0, PICTURES_OF_A_TEXT * every, every)
    }
    assert_as_approved(f"text_{size}_{language}", pictures, 4)
