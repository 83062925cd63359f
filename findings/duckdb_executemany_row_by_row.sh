#!/usr/bin/env bash
# One guesses: executemany() in one transaction is how many rows come into a table, as in sqlite3.
# What happens: each row is planned and run as a statement of its own: hundreds of microseconds of
# CPU a row, hundreds of times what SQLite takes, and what the same rows take as columns.
# Why it matters: a hundred thousand hours of a year take a minute instead of a moment.
# Mend: give the rows as columns: register() a dict of numpy arrays (masked where a value is
# missing), then INSERT INTO ... SELECT * FROM it. Neither pandas nor pyarrow is needed.
#
# Output seen:
#   duckdb 2.0.1, us of CPU a row: executemany 390.1, columns 1.4, SQLite 0.7
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check duckdb==2.0.1 numpy==2.4.6

venv/bin/python - <<'PYTHON'
import sqlite3
import sys
import time

import duckdb
import numpy as np

N = 2000
rows = [(f"s{n % 20}", n, n % 800) for n in range(N)]


def took(work):
    began = time.process_time()
    work()
    return 1e6 * (time.process_time() - began) / N


def one_by_one(connection):
    connection.execute("CREATE TABLE t(a VARCHAR, b BIGINT, c BIGINT)")
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO t VALUES(?, ?, ?)", rows)
    connection.execute("COMMIT")


def as_columns(connection):
    connection.execute("CREATE TABLE u(a VARCHAR, b BIGINT, c BIGINT)")
    a, b, c = zip(*rows)
    connection.register("batch", {"a": np.array(a, object), "b": np.array(b), "c": np.array(c)})
    connection.execute("INSERT INTO u SELECT * FROM batch")


duck, lite = duckdb.connect(), sqlite3.connect(":memory:", isolation_level=None)
slow, fast = took(lambda: one_by_one(duck)), took(lambda: as_columns(duck))
beside = took(lambda: one_by_one(lite))
same = duck.execute("SELECT count(*) FROM (FROM t INTERSECT ALL FROM u)").fetchone() == (N,)
print(
    f"duckdb {duckdb.__version__}, us of CPU a row: executemany {slow:.1f}, columns {fast:.1f}, "
    f"SQLite {beside:.1f}"
)
sys.exit(0 if same and slow > 20 * fast else "No longer so: executemany is no slower than columns.")
PYTHON
