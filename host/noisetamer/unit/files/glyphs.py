"""The glyphs of the panel, packed for a box.

Numbers and shapes, and letters for panels less than 16 high, are drawn in `drawn/`. For higher
ones just the characters that are used are taken from GNU Unifont (Debian: apt-get install
unifont). The result is committed, so nobody needs the font to flash or simulate a unit.
"""

import json
import struct
from collections.abc import Iterable
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.base.paths import FIRMWARE
from noisetamer.unit.files.glyph_sources import DRAWN, UNIFONT, Glyphs, drawn, of_unifont
from tamer.act import font

FONTS = FIRMWARE / "fonts"
ASCII = "".join(map(chr, range(0x20, 0x7F)))

_OURS = "Drawn for Noise Tamer, MIT licence.\n"
_UNIFONTS = (
    "Some glyphs of GNU Unifont 15.0.01, https://unifoundry.com/unifont/\n"
    "Copyright (c) 1998-2022 Roman Czyborra, Paul Hardy, Qianqian Fang, Andrew Miller,\n"
    "Johnnie Weaver, David Corbett, Nils Moskopp, Rebecca Bettencourt, et al.\n"
    "SIL Open Font License, version 1.1: OFL.txt beside this file.\n"
)


def pack(glyphs: Glyphs, gap: int, note: str) -> bytes:
    """The file that tamer.act.font reads. `gap`: dark columns between two glyphs of a text."""
    index, columns = b"", b""
    for code, rows in sorted(glyphs.items()):
        width = len(rows[0])
        if not 0 < width <= font.WIDEST or {len(row) for row in rows} != {width}:
            raise UserError(f"the glyph U+{code:04X} is uneven or wider than {font.WIDEST}.")
        index += struct.pack(font.ENTRY, code, len(columns) // 2, width)
        for column in zip(*rows, strict=True):
            columns += struct.pack("<H", sum(1 << y for y, lit in enumerate(column) if lit == "#"))
    rows = max(map(len, glyphs.values()))
    words = note.encode()
    head = struct.pack(font.HEAD, font.MAGIC, rows, gap, len(glyphs), len(words))
    return head + words + index + columns


def small() -> bytes:
    """Numbers, shapes and letters, 8 rows."""
    return pack(drawn(DRAWN / "small.txt"), 1, _OURS)


def large() -> bytes:
    """Numbers and shapes, 14 rows."""
    return pack(drawn(DRAWN / "large.txt"), 2, _OURS)


def letters(texts: Iterable[str], unifont: Path = UNIFONT) -> bytes:
    """The characters of some texts, 16 rows, from GNU Unifont; UserError without the font."""
    return pack(of_unifont(set().union(*texts), unifont), 0, _UNIFONTS)


def shipped_texts() -> list[str]:
    """ASCII, and what the messages in the repository say."""
    messages = json.loads((FIRMWARE / "voices" / "voices.json").read_text(encoding="utf-8"))
    return [ASCII, *(message["text"] for message in messages.values())]


def boxes(text: str, fonts: Path = FONTS) -> str:
    """The characters of a text that a panel 16 high would show as a box, each once."""
    unifont = font.Font(str(fonts / "unifont.glyphs"))
    lacking = [character for character in dict.fromkeys(text) if not unifont.has(ord(character))]
    unifont.close()
    return "".join(lacking)
