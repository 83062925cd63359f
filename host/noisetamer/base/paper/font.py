"""The font of all paper: Noto Sans SC, regular and bold, as much of it as is needed here.

It has GB 2312, the rest of the Table of General Standard Chinese Characters (通用规范汉字表, State
Council 2013; names are full of them: 喆, 堃, 镕), Latin-1 and a few signs. Its name is its own, so
that a computer with another Noto Sans SC draws the same pages.
"""

from functools import cache
from pathlib import Path

FAMILY = "Noise Tamer Sans"
FOLDER = Path(__file__).parent / "fonts"
FILES = (FOLDER / "NoiseTamerSans-Regular.ttf", FOLDER / "NoiseTamerSans-Bold.ttf")

# What the table has beyond GB 2312: property kTGH of Unicode's Unihan, version 14.
_TABLE = Path(__file__).with_name("characters.txt")

# Drawn for a character the font does not have.
_UNKNOWN = "\N{WHITE SQUARE}"
_SIGNS = "–—‘’“”…‰•−≤≥≈≠∞√∑∅←↑→↓↔⇒▲△▼▽▶◀●○■□◆★☆✓"


@cache
def characters() -> frozenset[str]:
    """Every character the font draws."""
    plain = {chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0x100))}
    table = _TABLE.read_text(encoding="utf-8").replace("\n", "")
    return frozenset(plain | _gb_2312() | set(table) | set(_SIGNS))


def drawable(text: str) -> str:
    """`text` with a □ for each character the font does not have."""
    known = characters()
    return "".join(c if c in known or c == "\n" else _UNKNOWN for c in text)


def _gb_2312() -> set[str]:
    codes = (bytes((row, cell)) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    return set("".join(code.decode("gb2312", "ignore") for code in codes))
