"""Cut the font of all paper out of Noto Sans SC:  python -m noisetamer.base.paper.make_font

Takes the package of npm (57 MB, so npm is needed) and writes `fonts/`. The same package and
fonttools give the same bytes; the result is committed, so nobody needs either to print a page.
"""

import io
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from noisetamer.base.paper.font import FAMILY, FILES, FOLDER, characters

PACKAGE = "@expo-google-fonts/noto-sans-sc@0.4.3"
_INSIDE = ("400Regular/NotoSansSC_400Regular.ttf", "700Bold/NotoSansSC_700Bold.ttf")
_LICENCE = "LICENSE_FONT"

# A Chinese font draws them as wide as a character, which tears "±0.3 dB" apart.
_SIGNS_AMONG_FIGURES = "±×÷·§≤≥≈≠"
_BEARING = 50  # thousandths of an em to the left and right

# Of a font's names, those that say what it is and whose.
_FAMILY, _STYLE, _UNIQUE, _FULL, _POSTSCRIPT = 1, 2, 3, 4, 6
_KEPT_NAMES = [0, _FAMILY, _STYLE, _UNIQUE, _FULL, 5, _POSTSCRIPT, 7, 13, 14]


def main() -> None:
    """Write both weights and the licence."""
    with tempfile.TemporaryDirectory() as folder:
        sources = _fetched(Path(folder))
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "OFL.txt").write_bytes(sources[_LICENCE])
    for inside, file in zip(_INSIDE, FILES, strict=True):
        file.write_bytes(cut(sources[inside]))
        print(f"{file.name}: {file.stat().st_size / 1e6:.1f} MB", file=sys.stderr)


def cut(source: bytes) -> bytes:
    """The part of a TrueType font that paper needs, under our name."""
    font = TTFont(io.BytesIO(source), recalcTimestamp=False)
    options = Options(
        layout_features=["ccmp", "kern", "mark"],
        drop_tables=["BASE", "DSIG", "STAT", "vhea", "vmtx"],  # writing from top to bottom
        name_IDs=_KEPT_NAMES,
        notdef_outline=True,
        recalc_timestamp=False,
    )
    subsetter = Subsetter(options)
    subsetter.populate(text="".join(characters()))
    subsetter.subset(font)
    _narrow(font)
    _rename(font)
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def _fetched(folder: Path) -> dict[str, bytes]:
    told = subprocess.run(
        ["npm", "pack", "--silent", "--pack-destination", str(folder), PACKAGE],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found = {}
    with tarfile.open(folder / told.stdout.strip().splitlines()[-1]) as archive:
        for inside in (*_INSIDE, _LICENCE):
            member = archive.extractfile(f"package/{inside}")
            assert member is not None
            found[inside] = member.read()
    return found


def _narrow(font: TTFont) -> None:
    """Give signs that stand between figures no more room than they need."""
    names, widths, glyphs = font.getBestCmap(), font["hmtx"], font["glyf"]
    assert names is not None
    for sign in _SIGNS_AMONG_FIGURES:
        name = names[ord(sign)]
        glyph = glyphs[name]
        coordinates, _, _ = glyph.getCoordinates(glyphs)
        coordinates.translate((_BEARING - glyph.xMin, 0))
        glyph.coordinates = coordinates
        glyph.recalcBounds(glyphs)
        widths[name] = (glyph.xMax + _BEARING, glyph.xMin)


def _rename(font: TTFont) -> None:
    """The licence asks for no other name; a computer that has the whole font does."""
    style = font["name"].getDebugName(_STYLE)
    plain = FAMILY.replace(" ", "")
    for number, text in (
        (_FAMILY, FAMILY),
        (_UNIQUE, f"{plain}-{style} of {font['name'].getDebugName(_UNIQUE)}"),
        (_FULL, f"{FAMILY} {style}"),
        (_POSTSCRIPT, f"{plain}-{style}"),
    ):
        font["name"].setName(text, number, 3, 1, 0x409)


if __name__ == "__main__":
    main()
