#!/usr/bin/env bash
# One guesses: str(-5) is "-5", as in every language, and equals the "-5" that came in as text.
# What happens: typst's str() writes the typographic minus U+2212: str(-5) == "-5" is false, while
# repr(-5) and json.encode(-5) have the ASCII sign. typst reads its own sign back; float() of
# Python does not.
# Why it matters: a correction of "-0.3 dB" that is compared, put into a QR code, a link or a file
# name, or read back from the PDF, works for all positive values and fails for the first negative
# one.
# Mend: repr() or json.encode() for what machines read; when reading pages, take U+2212 for a
# minus.
#
# Output seen:
#   typst 0.15.2
#   str(-5) == "-5" -> false
#   str(-5) == "\u{2212}5" -> true
#   int(str(-5)) == -5 -> true
#   repr(-5) == "-5" and json.encode(-5) == "-5" -> true
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check typst==0.15.2

venv/bin/python - <<'PYTHON'
import sys
from importlib.metadata import version
from pathlib import Path

import typst

print("typst", version("typst"))


def value(expression):
    """Value of a typst expression, as text."""
    Path("page.typ").write_text(f"#metadata({expression}) <v>", encoding="utf-8")
    found = typst.query("page.typ", "<v>", field="value", one=True)
    print(expression, "->", found)
    return found


equal = value('str(-5) == "-5"')
typographic = value('str(-5) == "\\u{2212}5"')
back = value("int(str(-5)) == -5")
plain = value('repr(-5) == "-5" and json.encode(-5) == "-5"')
sys.exit(
    0
    if (equal, typographic, back, plain) == ("false", "true", "true", "true")
    else "No longer so: str() of a negative number has the ASCII sign."
)
PYTHON
