"""Where the panel's glyphs come from: drawn by us in text files, or GNU Unifont."""

from collections.abc import Iterable
from pathlib import Path

from noisetamer.base.errors import UserError

DRAWN = Path(__file__).resolve().parent / "drawn"
UNIFONT = Path("/usr/share/unifont/unifont.hex")

# What a drawn glyph is called that is no visible character, and its code on the box.
NAMED = {
    "space": 0x20,
    "green": 0xE000,
    "amber": 0xE001,
    "red": 0xE002,
    "polite": 0xE003,
    "firm": 0xE004,
    "unknown": 0xE005,
}

Glyphs = dict[int, list[str]]
"""{code: rows of '#' (lit) and '.', from the top}"""


def drawn(path: Path) -> Glyphs:
    """Glyphs of a text file: under a line of '=' and their names, their rows side by side."""
    glyphs: Glyphs = {}
    names: list[str] = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith("= "):
            names = line[2:].split(" ")
        elif line:
            parts = line.split(" ")
            if len(parts) != len(names) or set(line) - set(" #."):
                raise UserError(f"{path}:{number}: {len(names)} glyphs of # and . are expected.")
            for name, row in zip(names, parts, strict=True):
                glyphs.setdefault(NAMED[name] if len(name) > 1 else ord(name), []).append(row)
    return glyphs


def of_unifont(characters: Iterable[str], path: Path = UNIFONT) -> Glyphs:
    """Glyphs, 16 rows each, of a font in Unifont's .hex format.

    Characters it lacks are left out. Raises UserError where the font is missing or another.
    """
    wanted = {ord(character) for character in characters}
    try:
        lines = path.read_text(encoding="ascii").split()
        found = {int(code, 16): bits for code, bits in (line.split(":") for line in lines)}
        return {code: _rows(found[code]) for code in sorted(wanted & found.keys())}
    except OSError:
        raise UserError(
            f"{path} is not here: install Debian's package unifont, or name a .hex file of "
            "GNU Unifont with --font."
        ) from None
    except ValueError:
        raise UserError(f"{path} is no font in GNU Unifont's .hex format.") from None


def _rows(bits: str) -> list[str]:
    width = len(bits) // 4  # 16 rows, 4 pixels a digit
    pixels = f"{int(bits, 16):0{16 * width}b}".replace("0", ".").replace("1", "#")
    return [pixels[at : at + width] for at in range(0, len(pixels), width)]
