#!/usr/bin/env bash
# One guesses: noisemonitor.load() gives every level of the file, NaN where the file has a hole.
# What happens: it lays a grid through the third row, as wide as the step from the second to the
# third, and keeps only rows whose time lies on it to the nanosecond. A meter that went on half a
# minute later after a pause loses everything from there on; one whose log gains a millisecond a
# second keeps one row in a thousand. The rest is NaN, without a word, and averages leave it out.
# Why it matters: an hour of 80 dB after a change of battery is not there, and LAeq of the two hours
# is 17 dB too low; real logs have clocks that drift and measurements begun at any second.
# Mend: round times to the interval before, or read with pandas and leave the grid out; count what
# is not NaN against the lines of the file.
#
# Output seen:
#   noisemonitor 1.0.4, pandas 2.3.3
#   on the grid: 120 of 120 levels, LAeq 77.0 dB
#   paused, then at half minutes: 60 of 120 levels, LAeq 60.0 dB
#   1.001 s apart: 4 of 3600 levels, LAeq 60.0 dB
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check \
    noisemonitor==1.0.4 pandas==2.3.3 numpy==2.4.6

venv/bin/python - <<'PYTHON'
import sys
from importlib.metadata import version

import noisemonitor
import numpy as np
import pandas as pd

print(f"noisemonitor {version('noisemonitor')}, pandas {pd.__version__}")


def kept(what, stamps, levels):
    pd.DataFrame({"time": stamps, "LAeq": levels}).to_csv("levels.csv", index=False)
    found = noisemonitor.load("levels.csv", datetimeindex=0, valueindexes=1, use_chunks=False)
    there = found.iloc[:, 0].dropna()
    mean = 10 * np.log10(np.mean(10 ** (there / 10)))
    print(f"{what}: {len(there)} of {len(levels)} levels, LAeq {mean:.1f} dB")
    return len(there)


def minutes(begin):
    return list(pd.date_range(begin, periods=60, freq="60s"))


quiet, loud = [60.0] * 60, [80.0] * 60
first = minutes("2026-11-23 19:00:00")
begin = pd.Timestamp("2026-11-23 19:00:00")
drifting = [begin + pd.Timedelta(milliseconds=1001 * n) for n in range(3600)]
found = [
    kept("on the grid", first + minutes("2026-11-23 20:00:00"), quiet + loud),
    kept("paused, then at half minutes", first + minutes("2026-11-23 20:00:30"), quiet + loud),
    kept("1.001 s apart", drifting, [60.0] * 3600),
]
sys.exit(
    0
    if found == [120, 60, 4]
    else "No longer so: noisemonitor keeps rows whose times lie off the grid."
)
PYTHON
