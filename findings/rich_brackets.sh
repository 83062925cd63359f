#!/usr/bin/env bash
# One guesses: square brackets that are no known style are printed as they stand, or raise an error
# as an unmatched closing tag does.
# What happens: whatever begins with a small letter is taken for a style, and an unknown style
# vanishes without a word: a heading "Level [dB]" becomes "Level". "[LAeq]" stays, for its capital.
# Why it matters: a unit in brackets is the usual heading of a table of measurements; some columns
# lose theirs, others keep it. A log line "[hub] started" loses its source.
# Mend: rich.markup.escape() around text that is not ours to style, or markup=False.
#
# Output seen:
#   rich 15.0.0
#   'Level [dB]' -> 'Level'
#   'Level [LAeq]' -> 'Level [LAeq]'
#   'Level \\[dB]' -> 'Level [dB]'
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check rich==15.0.0

venv/bin/python - <<'PYTHON'
import sys
from importlib.metadata import version

from rich.console import Console
from rich.markup import escape

console = Console(width=60, force_terminal=False)
print("rich", version("rich"))


def shown(text):
    with console.capture() as capture:
        console.print(text)
    answer = capture.get().rstrip()
    print(repr(text), "->", repr(answer))
    return answer


found = [shown(text) for text in ("Level [dB]", "Level [LAeq]", escape("Level [dB]"))]
sys.exit(
    0
    if found == ["Level", "Level [LAeq]", "Level [dB]"]
    else "No longer so: unknown styles stay on the screen."
)
PYTHON
