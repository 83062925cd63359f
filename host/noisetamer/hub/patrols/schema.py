"""The tables of patrols.sqlite."""

from noisetamer.base.database import Schema

FILE = "patrols.sqlite"

SCHEMA = Schema(
    name="file of patrols",
    application=0x4E545052,  # NTPR
    option="--data",
    steps=(
        (
            # key: of a rotating code, "" of other kinds. gone: since when nobody comes by, Unix
            # s; what was done there before stays.
            """CREATE TABLE point(
              id INTEGER PRIMARY KEY AUTOINCREMENT, square TEXT NOT NULL, name TEXT NOT NULL,
              kind TEXT NOT NULL, unit TEXT NOT NULL, x REAL, y REAL, key TEXT NOT NULL,
              gone REAL)""",
            # Held from began to ended, Unix s: what is past is judged by the round as it was.
            # points, days: JSON lists.
            """CREATE TABLE round(
              id INTEGER PRIMARY KEY AUTOINCREMENT, square TEXT NOT NULL, name TEXT NOT NULL,
              points TEXT NOT NULL, days TEXT NOT NULL, since INTEGER NOT NULL,
              until INTEGER NOT NULL, began REAL NOT NULL, ended REAL)""",
            # by: "" once the person is forgotten; sealed: then, of the row as it was. fast: how
            # far the phone's clock was ahead of the digits, s. nonce: the phone's own name of it,
            # so that one that is sent again is the same one.
            """CREATE TABLE check_in(
              id INTEGER PRIMARY KEY AUTOINCREMENT, point INTEGER NOT NULL, square TEXT NOT NULL,
              at INTEGER NOT NULL, told INTEGER NOT NULL, by TEXT NOT NULL, proof TEXT NOT NULL,
              fast INTEGER NOT NULL, nonce TEXT NOT NULL, sealed TEXT NOT NULL DEFAULT '')""",
            "CREATE INDEX check_in_at ON check_in(at)",
            "CREATE UNIQUE INDEX check_in_once ON check_in(nonce) WHERE nonce<>''",
            "CREATE UNIQUE INDEX check_in_minute ON check_in(point, by, at) WHERE by<>''",
            # Digits that fitted no minute. late: told after the minute, from a phone's memory.
            """CREATE TABLE wrong(
              id INTEGER PRIMARY KEY AUTOINCREMENT, point INTEGER NOT NULL, by TEXT NOT NULL,
              at REAL NOT NULL, late INTEGER NOT NULL, nonce TEXT NOT NULL)""",
            "CREATE INDEX wrong_by ON wrong(by, at)",
            "CREATE UNIQUE INDEX wrong_once ON wrong(nonce) WHERE nonce<>''",
        ),
    ),
)
