#!/usr/bin/env bash
# One guesses: connect() opens the file of that name, and makes it where there is none.
# What happens: while any connection to that path is open in the process, a forgotten one too,
# connect() gives the same database again, although its file was deleted, and makes none.
# Why it matters: whoever deletes a spoilt file to make it anew goes on in the spoilt one, and
# what he writes then is gone with the process.
# Mend: close every connection, those of failed attempts too, before the file is deleted.
#
# Output seen:
#   duckdb 2.0.1: deleted, connected again: rows [(1,)], a file is there: False
#   after close: a table is there: False, a file is there: True
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check duckdb==2.0.1

venv/bin/python - <<'PYTHON'
import sys
from pathlib import Path

import duckdb

file = Path("facts.duckdb")
first = duckdb.connect(file)
first.execute("CREATE TABLE t AS SELECT 1")
for path in Path().glob("facts.duckdb*"):
    path.unlink()
second = duckdb.connect(file)
rows, there = second.execute("FROM t").fetchall(), file.exists()
print(f"duckdb {duckdb.__version__}: deleted, connected again: rows {rows}, a file is there: {there}")
first.close()
second.close()
for path in Path().glob("facts.duckdb*"):
    path.unlink()
third = duckdb.connect(file)
tables = third.execute("SHOW TABLES").fetchall()
print(f"after close: a table is there: {bool(tables)}, a file is there: {file.exists()}")
seen = rows == [(1,)] and not there and not tables and file.exists()
sys.exit(0 if seen else "No longer so: a deleted database is not connected to again.")
PYTHON
