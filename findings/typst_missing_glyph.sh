#!/usr/bin/env bash
# One guesses: a document with signs that no font has fails, or at least gives a warning; and a
# test that extracts the text of the PDF would see that they are missing.
# What happens: typst draws a crossed box for each sign, says nothing, and writes the PDF; the text
# behind the boxes can be extracted, so it is "there" for search, copy and tests (PDFium leaves out
# the first of the signs). A name of a font that does not exist is a warning, a sign without a font
# is none.
# Why it matters: on a server without Chinese fonts every name on a certificate prints as boxes
# while the text tests pass.
# Mend: ask for a standard that forbids it: with pdf_standards="a-2b" the same source is refused,
# and the error names the sign and the font. Bring the fonts along.
#
# Output seen:
#   typst 0.15.2 PDF of 5257 bytes, warnings: []
#   text extracted: 民广场 65 dB
#   PDF/A-2b error: the text `"人"` could not be displayed with font `"Libertinus Serif"`
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check typst==0.15.2 pypdfium2==5.15.2

venv/bin/python - <<'PYTHON'
import sys
from importlib.metadata import version
from pathlib import Path

import pypdfium2
import typst

Path("page.typ").write_text("人民广场 65 dB", encoding="utf-8")

pdf, warnings = typst.compile_with_warnings("page.typ", format="pdf", ignore_system_fonts=True)
text = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_bounded()
print("typst", version("typst"), "PDF of", len(pdf), "bytes, warnings:", warnings)
print("text extracted:", text)
try:
    typst.compile("page.typ", format="pdf", ignore_system_fonts=True, pdf_standards="a-2b")
    refused = False
except typst.TypstError as error:
    print(error)
    refused = True
sys.exit(
    0
    if not warnings and "民广场 65 dB" in text and refused
    else "No longer so: a sign without a font is reported."
)
PYTHON
