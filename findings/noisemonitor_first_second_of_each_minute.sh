#!/usr/bin/env bash
# One guesses: where Excel has saved a log of seconds without its seconds (2026/11/23 19:00, sixty
# times), noisemonitor.load() says that times repeat, or averages what it was given.
# What happens: it keeps the first row of each time and drops the other fifty-nine, without a word.
# What remains looks like a table of minutes and goes through every summary as one.
# Why it matters: LAeq then rests on one second a minute, and which one is no chance: a meter that
# clicks, speaks or is touched at the full minute gives 16 dB too much, a silent one hides an event.
# Mend: count times that repeat before (`frame.index.duplicated().sum()`); show the column in Excel as
# yyyy-mm-dd hh:mm:ss and save again.
#
# Output seen:
#   noisemonitor 1.0.4, pandas 2.3.3
#   600 seconds: 10 of 600 levels, LAeq 80.0 dB; of the file it is 64.2 dB
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check \
    noisemonitor==1.0.4 pandas==2.3.3 numpy==2.4.6

venv/bin/python - <<'PYTHON'
import sys
import warnings
from importlib.metadata import version

import noisemonitor
import numpy as np
import pandas as pd

warnings.simplefilter("error")
print(f"noisemonitor {version('noisemonitor')}, pandas {pd.__version__}")


def laeq(levels):
    return 10 * np.log10(np.mean(10 ** (levels / 10)))


seconds = pd.date_range("2026-11-23 19:00:00", periods=600, freq="1s")
levels = np.where(seconds.second == 0, 80.0, 60.0)
table = pd.DataFrame({"time": seconds.strftime("%Y/%m/%d %H:%M"), "LAeq": levels})
table.to_csv("levels.csv", index=False)
found = noisemonitor.load("levels.csv", datetimeindex=0, valueindexes=1, use_chunks=False)
there = found.iloc[:, 0].dropna()
print(
    f"600 seconds: {len(there)} of {len(levels)} levels, LAeq {laeq(there):.1f} dB; "
    f"of the file it is {laeq(levels):.1f} dB"
)
sys.exit(
    0
    if len(there) == 10 and abs(laeq(there) - 80) < 0.01
    else "No longer so: noisemonitor says that times repeat, or keeps all levels."
)
PYTHON
