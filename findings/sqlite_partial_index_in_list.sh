#!/usr/bin/env bash
# One guesses: an index with WHERE kind IN ('boot', 'hour') serves a query with kind='hour': whoever
# is 'hour' is one of them.
# What happens: SQLite does not see it. INDEXED BY is refused ("no query solution"), and without it
# another index is taken without a word, which reads every event of the unit. Only where the index's
# own condition stands in the query as well, as it is written there, the index is used.
# Why it matters: the answer is right and quick on a new file, and slows down with the years.
# Mend: repeat the index's condition in the query; let a test look at EXPLAIN QUERY PLAN.
#
# Output seen:
#   SQLite 3.54.1
#   kind='hour': SEARCH event USING INDEX event_time (unit=? AND t>?)
#   kind IN (...) AND kind='hour': SEARCH event USING INDEX event_of_care (unit=? AND kind=? AND t>?)
#   INDEXED BY, kind='hour': no query solution
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check apsw==3.54.1.0

venv/bin/python - <<'PYTHON'
import sys

import apsw

LIST = "kind IN ('boot', 'hour')"
connection = apsw.Connection(":memory:")
connection.execute("CREATE TABLE event(unit TEXT, t INTEGER, kind TEXT, fields TEXT)")
connection.execute("CREATE INDEX event_time ON event(unit, t)")
connection.execute(f"CREATE INDEX event_of_care ON event(unit, kind, t) WHERE {LIST}")


def plan(table, where):
    query = f"SELECT fields FROM {table} WHERE unit=? AND t>? AND {where} ORDER BY t LIMIT 1"
    try:
        ((*_, told),) = connection.execute(f"EXPLAIN QUERY PLAN {query}", ("SIM-0001", 0))
    except apsw.SQLError as error:
        told = str(error)
    return told


print("SQLite", apsw.sqlite_lib_version())
found = {
    "kind='hour'": plan("event", "kind='hour'"),
    "kind IN (...) AND kind='hour'": plan("event", f"{LIST} AND kind='hour'"),
    "INDEXED BY, kind='hour'": plan("event INDEXED BY event_of_care", "kind='hour'"),
}
for what, told in found.items():
    print(f"{what}: {told}")
alone, repeated, forced = found.values()
sys.exit(
    0
    if "event_time" in alone and "event_of_care" in repeated and "no query solution" in forced
    else "No longer so: an index with IN is used for one of its values."
)
PYTHON
