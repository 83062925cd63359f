#!/usr/bin/env bash
# One guesses: cn2an.transform() turns the figures of a sentence into Chinese ones and knows dates,
# or else leaves the signs between figures alone.
# What happens: a hyphen before a figure is a minus: 2026-11-28 is "... minus eleven minus
# twenty-eight", and 6:00-22:00 is "six: zero minus twenty-two: zero". With a unit behind it,
# 65-70分贝, the same hyphen is "to". 010-1234 loses its leading zero besides.
# Why it matters: it is made for text that goes to a voice; hours of quiet and dates come out as
# arithmetic, while a trial with decibels is right.
# Mend: write dates and times with their Chinese units (2026年11月28日, 6点到22点) before calling it.
#
# Output seen:
#   cn2an 0.5.24
#   2026-11-28 -> 二千零二十六负十一负二十八
#   6:00-22:00 -> 六:零负二十二:零
#   010-1234 -> 十负一千二百三十四
#   65-70分贝 -> 六十五到七十分贝
#   2026年11月28日 -> 二零二六年十一月二十八日
#   6点到22点 -> 六点到二十二点
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check cn2an==0.5.24 proces==0.1.7

venv/bin/python - <<'PYTHON'
import sys
from importlib.metadata import version

import cn2an

print("cn2an", version("cn2an"))
found = []
for text in ("2026-11-28", "6:00-22:00", "010-1234", "65-70分贝", "2026年11月28日", "6点到22点"):
    found.append(cn2an.transform(text, "an2cn"))
    print(text, "->", found[-1])
sys.exit(
    0
    if ["负" in text for text in found] == [True, True, True, False, False, False]
    else "No longer so: a hyphen between figures is no minus."
)
PYTHON
