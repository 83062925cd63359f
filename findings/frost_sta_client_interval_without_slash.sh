#!/usr/bin/env bash
# One guesses: frost-sta-client, the client of FROST's own makers, takes a list of two datetimes for
# an interval (it says so: "time entities should consist of one or two datetimes") and writes it as
# SensorThings and ISO 8601 do, BEGIN/END.
# What happens: parse_datetime() joins the two without the slash. A text with a slash goes through.
# Why it matters: every level is of an interval. The server gets
# "2026-11-01T10:27:00+08:002026-11-01T10:28:00+08:00" and refuses the Observation; with one datetime
# for its end, as in most examples, it works, so the fault is looked for in the server.
# Mend: hand over the text f"{begin.isoformat()}/{end.isoformat()}".
#
# Output seen:
#   frost-sta-client 1.1.53
#   two datetimes  2026-11-01T10:27:00+08:002026-11-01T10:28:00+08:00
#   a text         2026-11-01T10:27:00+08:00/2026-11-01T10:28:00+08:00
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check frost-sta-client==1.1.53

venv/bin/python - <<'PYTHON'
import sys
from datetime import datetime, timedelta, timezone
from importlib.metadata import version

from frost_sta_client import Observation
from frost_sta_client.utils import transform_entity_to_json_dict

print("frost-sta-client", version("frost-sta-client"))
begin = datetime(2026, 11, 1, 10, 27, tzinfo=timezone(timedelta(hours=8)))
end = begin + timedelta(minutes=1)
right = f"{begin.isoformat()}/{end.isoformat()}"
told = [
    transform_entity_to_json_dict(Observation(phenomenon_time=time, result=65.4))["phenomenonTime"]
    for time in ([begin, end], right)
]
print("two datetimes ", told[0])
print("a text        ", told[1])
assert told[1] == right
sys.exit(0 if told[0] == right.replace("/", "") else "No longer so: two datetimes are BEGIN/END.")
PYTHON
