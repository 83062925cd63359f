"""The tables of updates.sqlite, step by step from the first version."""

from noisetamer.base.database import Schema

SCHEMA = Schema(
    name="roll-outs of the hub",
    application=0x4E545550,  # NTUP
    option="--data",
    steps=(
        (
            # What is rolled out, once for all its units: its name is its SHA-256, hex.
            "CREATE TABLE load(sha256 TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID",
            # load: JSON of loads.Load; head: the state of `rollout`, without its units.
            """CREATE TABLE rollout(
              id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, who TEXT NOT NULL,
              role TEXT NOT NULL, reason TEXT NOT NULL, load TEXT NOT NULL, head TEXT NOT NULL)""",
            """CREATE TABLE member(
              rollout INTEGER, unit TEXT, state TEXT NOT NULL,
              PRIMARY KEY(rollout, unit)) WITHOUT ROWID""",
            # The outbox: rollout, kind, unit and attempt are an effect's name for ever.
            """CREATE TABLE effect(
              rollout INTEGER, kind TEXT, unit TEXT, attempt INTEGER, done REAL,
              PRIMARY KEY(rollout, kind, unit, attempt)) WITHOUT ROWID""",
            "CREATE INDEX effect_due ON effect(rollout) WHERE done IS NULL",
            """CREATE TABLE entry(
              id INTEGER PRIMARY KEY AUTOINCREMENT, rollout INTEGER NOT NULL, at REAL NOT NULL,
              what TEXT NOT NULL, fields TEXT NOT NULL)""",
            # What people want, by page or command line; answer: NULL until the hub has taken it,
            # "" where it does so, else why not.
            """CREATE TABLE asked(
              id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, who TEXT NOT NULL,
              role TEXT NOT NULL, what TEXT NOT NULL, fields TEXT NOT NULL, answer TEXT)""",
            # One row: up to where the feed is done.
            "CREATE TABLE mark(id INTEGER PRIMARY KEY, feed INTEGER NOT NULL)",
        ),
    ),
)
