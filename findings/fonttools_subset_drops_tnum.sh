#!/usr/bin/env bash
# One guesses: a subset for the digits keeps what the font can do with the digits.
# What happens: the subsetter keeps the layout features that are on by default in browsers, and
# drops those that a page must ask for: tnum (figures of equal width), lnum, zero, ss01. The digits
# are there, their tabular forms are not; the style sheet's font-variant-numeric: tabular-nums has
# no effect, in silence.
# Why it matters: columns of levels no longer stand under each other, and a number that changes
# every second jitters, in the subset only, not with the whole font on the developer's machine.
# Mend: --layout-features+=tnum (or ='*'), and a test of the features of the file that is shipped.
#
# Output seen:
#   fonttools 4.68.0
#   --text=1 -> features [] glyphs 2
#   --text=1 --layout-features+=tnum -> features ['tnum'] glyphs 3
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check fonttools==4.68.0

venv/bin/python - <<'PYTHON'
import sys
from importlib.metadata import version

from fontTools import subset
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

WIDTHS = {".notdef": 500, "one": 300, "one.tf": 560}
font = FontBuilder(1000)
font.setupGlyphOrder(list(WIDTHS))
font.setupCharacterMap({ord("1"): "one"})
font.setupGlyf({name: TTGlyphPen(None).glyph() for name in WIDTHS})
font.setupHorizontalMetrics({name: (width, 0) for name, width in WIDTHS.items()})
font.setupHorizontalHeader(ascent=800, descent=-200)
font.setupNameTable({"familyName": "Example", "styleName": "Regular"})
font.setupOS2()
font.setupPost()
font.addOpenTypeFeatures("feature tnum { sub one by one.tf; } tnum;")
font.save("whole.ttf")

print("fonttools", version("fonttools"))


def features(*options):
    subset.main(["whole.ttf", "--text=1", "--output-file=part.ttf", *options])
    part = TTFont("part.ttf")
    records = part["GSUB"].table.FeatureList.FeatureRecord if "GSUB" in part else []
    tags = [record.FeatureTag for record in records]
    print("--text=1", *options, "-> features", tags, "glyphs", len(part.getGlyphOrder()))
    return tags


sys.exit(
    0
    if features() == [] and features("--layout-features+=tnum") == ["tnum"]
    else "No longer so: a subset keeps tnum."
)
PYTHON
