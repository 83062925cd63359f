#!/usr/bin/env bash
# One guesses: PRAGMA integrity_check finds nothing in a file that only SQLite itself has written.
# What happens: SQLite 3.40 (Debian 12, Python 3.11 there) says "NULL value in t.first" of a table
# WITHOUT ROWID that has a NOT NULL column before the last column of its primary key. The value is
# there; the check looks for it at another place of the row. A later SQLite does not say it.
# Why it matters: a check that takes its word calls a sound file damaged, and has it repaired.
# Mend: columns of the primary key first, in its order, then the others.
#
# Output seen:
#   SQLite 3.40.1, NOT NULL within the key: NULL value in t.first
#   SQLite 3.40.1, NOT NULL behind the key: ok
#   SQLite 3.54.1, NOT NULL within the key: ok
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for version in 3.40.1.0 3.54.1.0; do
    python3 -m venv "venv-$version"
    venv-$version/bin/pip install -qq --disable-pip-version-check "apsw==$version"
done

cat >look.py <<'PYTHON'
import sys

import apsw

connection = apsw.Connection(":memory:")
where = sys.argv[1]
columns = "unit TEXT, last INTEGER, {} n INTEGER".format(
    "first INTEGER NOT NULL," if where == "within" else ""
) + ("" if where == "within" else ", first INTEGER NOT NULL")
connection.execute(f"CREATE TABLE t({columns}, PRIMARY KEY(unit, last, n)) WITHOUT ROWID")
connection.execute("INSERT INTO t(unit, last, n, first) VALUES('SIM-0001', 60, 0, 1)")
((found,),) = connection.execute("PRAGMA integrity_check")
version = getattr(apsw, "sqlite_lib_version", None) or apsw.sqlitelibversion
print(f"SQLite {version()}, NOT NULL {where} the key: {found}")
PYTHON

said=$(
    venv-3.40.1.0/bin/python look.py within
    venv-3.40.1.0/bin/python look.py behind
    venv-3.54.1.0/bin/python look.py within
)
echo "$said"
[[ $(grep -c "NULL value in t.first" <<<"$said") == 1 && $(grep -c ": ok" <<<"$said") == 2 ]] || {
    echo "No longer so: a NOT NULL column within the key is looked for in another way."
    exit 1
}
