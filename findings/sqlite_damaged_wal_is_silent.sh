#!/usr/bin/env bash
# One guesses: a bad block in the write-ahead log of a database that lost its power costs one
# commit, and SQLite says so: "database disk image is malformed".
# What happens: that commit and all after it are gone, sound and synced as they are. Opening works,
# PRAGMA integrity_check says ok, and SQLite's own log has the notice that it has after every crash
# ("recovered 2 frames"), not a warning. At the last close the log is deleted, and with it what was
# left of the rest.
# Why it matters: synchronous=FULL is taken for "what is committed stays, or the check tells". Who
# looks after the crash finds a sound database, and nothing that says that it is an older one.
# Mend: before the first open after a crash, count the commits in the log (frames with the salt of
# its header and a size of the database) and compare with SQLite's notice, or keep a copy of it;
# checkpoint often; let the sender keep its copy, and number what it sends without gaps.
#
# Output seen:
#   SQLite 3.54.1
#   power cut: 10 commits in the log, 10 rows, ok; logged: recovered 10 frames from WAL file
#   and one bad block: 10 commits in the log, 2 rows, ok; logged: recovered 2 frames from WAL file
#   afterwards there is: hub.sqlite
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check apsw==3.54.1.0

venv/bin/python - <<'PYTHON'
import struct
import subprocess
import sys
from pathlib import Path

import apsw

HEADER, FRAME_HEADER, PAGE = 32, 24, 4096
FRAME = FRAME_HEADER + PAGE

# A program with ten commits, each synced; its end without a word stands for the power cut.
PROGRAM = """
import apsw, os, sys
connection = apsw.Connection(sys.argv[1])
connection.execute("PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL")
connection.execute("CREATE TABLE record(seq INTEGER PRIMARY KEY, level REAL)")
connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
for seq in range(10):
    connection.execute("INSERT INTO record VALUES(?, 65.0)", (seq,))
os._exit(0)
"""


def commits(log):
    """How many frames of this generation of the log end a commit."""
    salt, found = log[16:24], 0
    for start in range(HEADER, len(log), FRAME):
        _, size_after_commit = struct.unpack(">II", log[start : start + 8])
        found += size_after_commit > 0 and log[start + 8 : start + 16] == salt
    return found


def case(what, folder, bad_frame=None):
    folder.mkdir()
    file = folder / "hub.sqlite"
    subprocess.run([sys.executable, "-c", PROGRAM, file], check=True)
    wal = folder / "hub.sqlite-wal"
    log = bytearray(wal.read_bytes())
    if bad_frame is not None:
        start = HEADER + bad_frame * FRAME + FRAME_HEADER
        log[start : start + 512] = bytes(512)
        wal.write_bytes(log)
    logged.clear()
    connection = apsw.Connection(str(file))
    rows = connection.execute("SELECT count(*) FROM record").fetchone()[0]
    check = connection.execute("PRAGMA integrity_check").fetchone()[0]
    connection.close()
    told = "; ".join(text.replace(str(wal.resolve()), "").strip() for _, text in logged)
    print(f"{what}: {commits(log)} commits in the log, {rows} rows, {check}; logged: {told}")
    return commits(log), rows, check, [code for code, _ in logged]


logged = []
apsw.config(apsw.SQLITE_CONFIG_LOG, lambda code, text: logged.append((code, text)))
print("SQLite", apsw.sqlite_lib_version())
sound = case("power cut", Path("sound"))
bad = case("and one bad block", Path("bad"), bad_frame=2)
left = sorted(path.name for path in Path("bad").iterdir())
print("afterwards there is:", *left)
notice = [apsw.SQLITE_NOTICE_RECOVER_WAL]
sys.exit(
    0
    if (sound, bad) == ((10, 10, "ok", notice), (10, 2, "ok", notice)) and left == ["hub.sqlite"]
    else "No longer so: a damaged log takes later commits along without a word."
)
PYTHON
