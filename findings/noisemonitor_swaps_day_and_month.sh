#!/usr/bin/env bash
# One guesses: a file whose dates are 11/11/2026, 12/11/2026, 13/11/2026 is read as three days that
# follow each other: the third tells that the day stands first, and an order is the file's.
# What happens: noisemonitor.load() gives each cell by itself to dateutil, which takes the month
# first wherever that is possible. 12/11 becomes the 11th of December, 13/11 the 13th of November;
# the rows are then sorted, and the gap filled with NaN. No warning.
# Why it matters: meters of CESVA, B&K, Svantek and 01dB write the day first. Of a month's log the
# first twelve days land in twelve months, the rest is right: a day's levels look plausible, the
# weekdays are others, and evenings of a square are compared that never were.
# Mend: dates as YYYY-MM-DD before it reads them, or pandas with dayfirst=True and format= given.
#
# Output seen:
#   noisemonitor 1.0.4, dateutil 2.9.0.post0
#   11/11/2026 60 dB -> 2026-11-11
#   12/11/2026 61 dB -> 2026-12-11
#   13/11/2026 62 dB -> 2026-11-13
#   14/11/2026 63 dB -> 2026-11-14
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check \
    noisemonitor==1.0.4 pandas==2.3.3 numpy==2.4.6 python-dateutil==2.9.0.post0

venv/bin/python - <<'PYTHON'
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

import noisemonitor

warnings.simplefilter("error")
print(f"noisemonitor {version('noisemonitor')}, dateutil {version('python-dateutil')}")
days = ["11/11/2026", "12/11/2026", "13/11/2026", "14/11/2026"]
rows = [f"{day} 12:00:00,{60 + n}" for n, day in enumerate(days)]
Path("levels.csv").write_text("\n".join(["time,LAeq", *rows]))
found = noisemonitor.load("levels.csv", datetimeindex=0, valueindexes=1, use_chunks=False)
dates = {level: f"{time:%Y-%m-%d}" for time, level in found.iloc[:, 0].dropna().items()}
for n, day in enumerate(days):
    print(f"{day} {60 + n} dB -> {dates.get(60 + n)}")
expected = {60: "2026-11-11", 61: "2026-12-11", 62: "2026-11-13", 63: "2026-11-14"}
sys.exit(0 if dates == expected else "No longer so: one order of day and month holds for the file.")
PYTHON
