"""The tables of incidents.sqlite, step by step from the first version."""

from noisetamer.base.database import Schema

SCHEMA = Schema(
    name="incidents of the hub",
    application=0x4E544943,  # NTIC
    option="--data",
    steps=(
        (
            # facts: what of incident.Incident has no column; chain: the state of `escalation`;
            # wake: when it wants to be asked again, Unix s; NULL: its cause is gone for good.
            """CREATE TABLE incident(
              id INTEGER PRIMARY KEY AUTOINCREMENT, square TEXT NOT NULL, kind TEXT NOT NULL,
              state TEXT NOT NULL, opened REAL NOT NULL, resolved REAL, wake REAL,
              facts TEXT NOT NULL, chain TEXT NOT NULL)""",
            "CREATE INDEX incident_square ON incident(square, kind, id)",
            "CREATE INDEX incident_opened ON incident(opened)",
            "CREATE INDEX incident_wake ON incident(wake) WHERE wake IS NOT NULL",
            # One of a kind at a time goes on in a square.
            """CREATE UNIQUE INDEX incident_living ON incident(square, kind)
              WHERE state IN ('open', 'acknowledged') AND kind!='drill'""",
            """CREATE TABLE entry(
              id INTEGER PRIMARY KEY AUTOINCREMENT, incident INTEGER NOT NULL, t REAL NOT NULL,
              at REAL NOT NULL, what TEXT NOT NULL, who TEXT NOT NULL, fields TEXT NOT NULL)""",
            "CREATE INDEX entry_incident ON entry(incident, at, id)",
            # The outbox.
            """CREATE TABLE effect(
              key TEXT PRIMARY KEY, incident INTEGER NOT NULL, kind TEXT NOT NULL,
              person INTEGER, contact INTEGER, due REAL NOT NULL, state TEXT NOT NULL,
              attempts INTEGER NOT NULL, detail TEXT NOT NULL, fields TEXT NOT NULL
              ) WITHOUT ROWID""",
            "CREATE INDEX effect_due ON effect(due) WHERE state='due'",
            "CREATE INDEX effect_incident ON effect(incident)",
            # What `rules` knows of each unit.
            "CREATE TABLE unit(unit TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID",
            # Maintenance: nobody is called for the square before `until`. The last one holds.
            """CREATE TABLE silence(
              id INTEGER PRIMARY KEY AUTOINCREMENT, square TEXT NOT NULL, until REAL NOT NULL,
              reason TEXT NOT NULL, who TEXT NOT NULL, at REAL NOT NULL)""",
            # Who could not be reached, until a call to them is delivered.
            """CREATE TABLE unreached(
              person INTEGER PRIMARY KEY, square TEXT NOT NULL, what TEXT NOT NULL)""",
            # One row: up to where the feed is done, and when that was by the hub's clock, Unix s.
            "CREATE TABLE mark(id INTEGER PRIMARY KEY, feed INTEGER NOT NULL, at REAL NOT NULL)",
        ),
    ),
)
