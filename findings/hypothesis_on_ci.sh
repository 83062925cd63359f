#!/usr/bin/env bash
# One guesses: on CI, property tests try other examples with each run, and so find in a month what
# a developer's ten runs do not; a failing example is kept in the database as at home.
# What happens: where the variable CI is set, Hypothesis loads its profile "ci": derandomize=True,
# database=None, deadline=None. Every run tries the same examples.
# Why it matters: a thousand green nights are one run; what CI did not find the first time it never
# finds, and a slow example is no failure there. Setting max_examples does not change it.
# Mend: say it: settings.register_profile(..., derandomize=False) and load_profile() in
# conftest.py, or have a nightly run with a seed of its own and print_blob.
#
# Output seen:
#   hypothesis 6.170.15
#   CI=None: derandomize False, deadline 0:00:00.200000, database yes; sum 3980887482
#   CI=None: derandomize False, deadline 0:00:00.200000, database yes; sum 4618164741
#   CI=true: derandomize True, deadline None, database None; sum 4152598213
#   CI=true: derandomize True, deadline None, database None; sum 4152598213
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check hypothesis==6.170.15

venv/bin/python - <<'PYTHON'
import os
import subprocess
import sys
from importlib.metadata import version

PROPERTY = """
import os
from hypothesis import given, settings, strategies as st

seen = []


@given(st.integers(0, 10**9))
def examples(number):
    seen.append(number)


examples()
now = settings()
print(f"CI={os.environ.get('CI')}: derandomize {now.derandomize}, deadline {now.deadline},",
      f"database {now.database and 'yes'}; sum {sum(seen)}")
"""
print("hypothesis", version("hypothesis"))
home = {key: value for key, value in os.environ.items() if key == "PATH"}


def run(variables):
    answer = subprocess.run(
        [sys.executable, "-c", PROPERTY],
        env=home | variables,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    print(answer, end="")
    return answer


at_home = [run({}) for _ in range(2)]
on_ci = [run({"CI": "true"}) for _ in range(2)]
sys.exit(
    0
    if len(set(at_home)) == 2 and len(set(on_ci)) == 1
    else "No longer so: runs on CI try other examples each time."
)
PYTHON
