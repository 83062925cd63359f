#!/usr/bin/env bash
# One guesses: local dates never go back. Clocks that are set back repeat an hour, in the small hours,
# within one date.
# What happens: Newfoundland's changed at a minute past midnight until 2011. For that minute it was
# the 7th of November, then for most of an hour the 6th again, and then the 7th once more.
# Why it matters: a day's table, file or counter that is closed when the date changes is closed, opened
# anew and overwritten, and hours of the day are two days'; grouping by date in time's order
# (itertools.groupby) gives three groups of two dates. Old records are read for years.
# Mend: a day is what lies between two instants, both worked out from the zone; a date is only ever
# compared with the day that it belongs to, and no group is begun because a date is another.
#
# Output seen:
#   tzdata 2026.6
#   America/St_Johns, 2010-11-07 from 02:25 UTC, every 5 minutes: 23:55 00:00 23:05
#     23:10 23:15 23:20 23:25 23:30 23:35 23:40 23:45 23:50 23:55 00:00 00:05
#   dates in the order in which they come: 2010-11-06 2010-11-07 2010-11-06 2010-11-07
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check tzdata==2026.6

# the pinned package's data, not the system's
PYTHONTZPATH= venv/bin/python - <<'PYTHON'
import sys
from datetime import datetime, timedelta, timezone
from importlib.metadata import version
from itertools import groupby
from zoneinfo import ZoneInfo

zone = ZoneInfo("America/St_Johns")
begin = datetime(2010, 11, 7, 2, 25, tzinfo=timezone.utc)
local = [(begin + timedelta(minutes=5 * n)).astimezone(zone) for n in range(15)]
print("tzdata", version("tzdata"))
times = [f"{at:%H:%M}" for at in local]
print("America/St_Johns, 2010-11-07 from 02:25 UTC, every 5 minutes:", *times)
dates = [str(date) for date, _ in groupby(local, datetime.date)]
print("dates in the order in which they come:", *dates)
two = ["2010-11-06", "2010-11-07"]
sys.exit(0 if dates == two + two else "No longer so: a date that is over does not come back.")
PYTHON
