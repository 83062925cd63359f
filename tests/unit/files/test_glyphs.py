"""The panel's glyphs: what is packed, from where, and what is told of those that are not."""

from array import array
from pathlib import Path

import pytest

from noisetamer.base.errors import UserError
from noisetamer.cli import run
from noisetamer.unit.files import glyphs
from noisetamer.unit.files.glyph_sources import DRAWN, UNIFONT, Glyphs, drawn, of_unifont
from tamer.act.font import WIDEST, Font

needs_unifont = pytest.mark.skipif(
    not UNIFONT.exists(), reason="GNU Unifont is not here: apt-get install unifont"
)


def unpacked(path: Path, codes: list[int]) -> Glyphs:
    """What the box reads."""
    font, columns, found = Font(str(path)), array("H", bytes(2 * WIDEST)), {}
    for code in codes:
        width = font.read(code, columns)
        found[code] = [
            "".join(".#"[columns[x] >> y & 1] for x in range(width)) for y in range(font.rows)
        ]
    font.close()
    return found


@pytest.mark.parametrize("name", ["small", "large"])
def test_the_committed_numbers_and_shapes_are_the_drawn_ones(name: str):
    packed = {"small": glyphs.small, "large": glyphs.large}[name]()
    assert (glyphs.FONTS / f"{name}.glyphs").read_bytes() == packed
    art = drawn(DRAWN / f"{name}.txt")
    rows = max(map(len, art.values()))
    for code, found in unpacked(glyphs.FONTS / f"{name}.glyphs", list(art)).items():
        blank = "." * len(art[code][0])
        assert found == art[code] + [blank] * (rows - len(art[code]))


@needs_unifont
def test_the_committed_letters_are_unifonts_and_only_those_that_are_used():
    packed = glyphs.letters(glyphs.shipped_texts())
    assert (glyphs.FONTS / "unifont.glyphs").read_bytes() == packed
    codes = sorted(map(ord, set("".join(glyphs.shipped_texts()))))
    assert unpacked(glyphs.FONTS / "unifont.glyphs", codes) == of_unifont(map(chr, codes))
    assert packed[10:12] == len(codes).to_bytes(2, "little")


def test_every_shipped_text_can_be_shown():
    assert glyphs.boxes("".join(glyphs.shipped_texts())) == ""
    assert set(drawn(DRAWN / "small.txt")) >= set(map(ord, glyphs.ASCII))


def test_the_letters_say_whose_they_are_and_their_licence_lies_beside_them():
    note = (glyphs.FONTS / "unifont.glyphs").read_bytes()[:500]
    for words in (b"GNU Unifont", b"Copyright (c) 1998-2022 Roman Czyborra", b"OFL.txt"):
        assert words in note
    assert "SIL OPEN FONT LICENSE" in (glyphs.FONTS / "OFL.txt").read_text()


@pytest.fixture
def font_file(tmp_path: Path) -> Path:
    """A font in Unifont's format: every character of the shipped texts, and 龘, is a bar."""
    path = tmp_path / "bars.hex"
    wanted = sorted(set("".join(glyphs.shipped_texts()) + "龘"))
    widths = {char: 8 if char < "\x80" else 16 for char in wanted}
    path.write_text(
        "".join(f"{ord(char):04X}:{'80' * 16 * (width // 8)}\n" for char, width in widths.items())
    )
    return path


def told(*words: str | Path) -> int:
    return run(["glyphs", *map(str, words)])


def test_a_text_of_ones_own_is_packed_on_demand(tmp_path: Path, font_file: Path, capsys):
    out = tmp_path / "fonts"
    assert told("--font", font_file, "--out", out, "--text", "龘!") == 0
    assert "unifont.glyphs" in capsys.readouterr().out
    assert glyphs.boxes("龘! Please", out) == ""
    assert unpacked(out / "unifont.glyphs", [ord("!")])[ord("!")] == ["#......."] * 16


def test_so_is_the_text_of_a_policy(tmp_path: Path, font_file: Path):
    policy = tmp_path / "mine.toml"
    policy.write_text('[panel]\ntext = "龘"\n', encoding="utf-8")
    assert told("--check", "--policy", policy) == 1
    out = tmp_path / "fonts"
    assert told("--font", font_file, "--out", out, "--policy", policy) == 0
    assert glyphs.boxes("龘", out) == ""


def test_the_check_names_each_character_once_and_writes_nothing(tmp_path: Path, capsys):
    before = (glyphs.FONTS / "unifont.glyphs").read_bytes()
    assert told("--check", "--text", "请龘 OK 龘") == 1
    assert capsys.readouterr().err == "龘 (U+9F98) will be a box\n"
    assert told("--check", "--text", "请降低音量, OK") == 0
    assert (glyphs.FONTS / "unifont.glyphs").read_bytes() == before


def test_characters_the_font_lacks_are_named_too(tmp_path: Path, font_file: Path, capsys):
    assert told("--font", font_file, "--out", tmp_path / "fonts", "--text", "龘☃") == 1
    assert capsys.readouterr().err == "☃ (U+2603) will be a box\n"


def test_without_a_font_it_says_how_to_get_one(tmp_path: Path, capsys):
    assert told("--font", tmp_path / "none.hex", "--out", tmp_path) == 2
    said = capsys.readouterr().err
    assert "none.hex is not here: install Debian's package unifont" in said
    not_a_font = tmp_path / "letter.txt"
    not_a_font.write_text("Dear font\n")
    assert told("--font", not_a_font, "--out", tmp_path) == 2
    assert "letter.txt is no font in GNU Unifont's .hex format" in capsys.readouterr().err


def test_a_drawing_that_is_no_grid_is_refused_with_its_line(tmp_path: Path):
    art = tmp_path / "art.txt"
    art.write_text("= A B\n.#. ##.\n.#.\n")
    with pytest.raises(UserError, match=r"art\.txt:3: 2 glyphs of # and \. are expected"):
        drawn(art)
    with pytest.raises(UserError, match=r"U\+0041 is uneven"):
        glyphs.pack({0x41: ["#.#", "#."]}, 1, "")
