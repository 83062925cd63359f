"""The font of all paper: what it draws, and that it is the one that was made."""

import hashlib
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from noisetamer.base.paper import font

# `python -m noisetamer.base.paper.make_font` writes these bytes again.
SHA256 = {
    "Bold": "2ffdc449cb1591113f3ad8ce6e1d40af756216923fd4b6d6d969f8cad65877e5",
    "Regular": "e4b22cb38c74a2a2bcd5804d759193223320caaed1fa6e4d1d2e658e19d5524d",
}


def glyphs(shipped: TTFont) -> dict[int, str]:
    names = shipped.getBestCmap()
    assert names is not None
    return names


@pytest.mark.parametrize("file", font.FILES, ids=lambda file: file.stem)
def test_it_is_the_one_that_was_made(file: Path):
    assert hashlib.sha256(file.read_bytes()).hexdigest() == SHA256[file.stem.partition("-")[2]]


@pytest.mark.parametrize("file", font.FILES, ids=lambda file: file.stem)
def test_it_draws_every_character_it_is_said_to(file: Path):
    shipped = TTFont(file)
    assert font.characters() <= {chr(code) for code in glyphs(shipped)}
    assert shipped["name"].getDebugName(1) == font.FAMILY
    assert file.stat().st_size < 3.5e6


def test_chinese_names_and_places_are_among_them():
    chinese = {c for c in font.characters() if ord(c) >= 0x3400 and c.isalpha()}
    # The Table of General Standard Chinese Characters has 8105.
    assert len(chinese) > 8105
    assert set("巴国城广场人民公园李王伟喆堃镕昇，。（）：“”") <= font.characters()


def test_signs_of_measuring_are_among_them():
    assert set("±×÷·°µμ²³−–…≤≥→▲▼Ωσ") <= font.characters()


def test_a_sign_among_figures_takes_no_chinese_character_s_room():
    shipped = TTFont(font.FILES[0])
    width, _ = shipped["hmtx"][glyphs(shipped)[ord("±")]]
    assert width < 900  # thousandths of an em


def test_its_licence_lies_beside_it():
    text = (font.FOLDER / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in text


def test_what_it_does_not_have_is_a_square():
    assert font.drawable("广场 \U0001f600 ไ\n±") == "广场 □ □\n±"
