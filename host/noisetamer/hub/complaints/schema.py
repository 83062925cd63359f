"""The tables of complaints.sqlite."""

from noisetamer.base.database import Schema

FILE = "complaints.sqlite"

SCHEMA = Schema(
    name="file of complaints",
    application=0x4E54434F,  # NTCO
    option="--data",
    steps=(
        (
            # told: when it came here; seal: see `complaints.seal_of`, kept when the words are
            # gone, so that whoever still has them can show that it was those, and the same file
            # brings nothing back
            """CREATE TABLE complaint(
              id INTEGER PRIMARY KEY, square TEXT NOT NULL, at INTEGER NOT NULL,
              source TEXT NOT NULL, number TEXT NOT NULL, place TEXT NOT NULL,
              side TEXT NOT NULL, text TEXT NOT NULL, unit TEXT NOT NULL, level INTEGER,
              told REAL NOT NULL, forgotten REAL, seal BLOB NOT NULL,
              same BLOB NOT NULL UNIQUE)""",
            "CREATE INDEX complaint_of_square ON complaint(square, at)",
            "CREATE INDEX complaint_at ON complaint(at)",
            """CREATE TRIGGER complaint_stays BEFORE DELETE ON complaint
              BEGIN SELECT RAISE(ABORT, 'a complaint is never deleted, its words are'); END""",
            """CREATE TRIGGER complaint_as_it_was BEFORE UPDATE OF id, square, at, source, side,
              unit, level, told, seal, same ON complaint
              BEGIN SELECT RAISE(ABORT, 'a complaint is never changed'); END""",
            # How a desk's files are read, by their heading; the newest answer holds.
            """CREATE TABLE desk(
              signature TEXT PRIMARY KEY, reading TEXT NOT NULL, by TEXT NOT NULL,
              at REAL NOT NULL) WITHOUT ROWID""",
            # One row: without it nobody can try out which words a seal is of.
            "CREATE TABLE key(key BLOB NOT NULL)",
            "INSERT INTO key VALUES(randomblob(32))",
        ),
    ),
)
