"""The tables of hub.sqlite, step by step from the first version."""

from noisetamer.base.database import Schema

SCHEMA = Schema(
    name="store of the hub",
    application=0x4E544842,  # NTHB
    option="--data",
    # Before version 1 a store carried no number: its tables may be there already.
    from_before=frozenset({"record", "acked", "minute"}),
    steps=(
        (
            # Each report as it came; t: of its last second.
            """CREATE TABLE IF NOT EXISTS record(
              unit TEXT, boot INTEGER, seq INTEGER, t INTEGER NOT NULL, received REAL NOT NULL,
              body BLOB NOT NULL, PRIMARY KEY(unit, boot, seq)) WITHOUT ROWID""",
            # Every record up to and including seq is here, or gone for ever.
            """CREATE TABLE IF NOT EXISTS acked(
              unit TEXT, boot INTEGER, seq INTEGER NOT NULL, PRIMARY KEY(unit, boot)
              ) WITHOUT ROWID""",
            # minute: since 1970; 60 little-endian int16 a level in 0.1 dB, uint16 of flags.
            """CREATE TABLE IF NOT EXISTS minute(
              unit TEXT, minute INTEGER, LAeq BLOB NOT NULL, LAFmax BLOB NOT NULL,
              LCeq BLOB NOT NULL, LCpeak BLOB NOT NULL, flags BLOB NOT NULL,
              PRIMARY KEY(unit, minute)) WITHOUT ROWID""",
            """CREATE TABLE IF NOT EXISTS hour(
              unit TEXT, hour INTEGER, LAeq REAL, LAFmax REAL, L10 REAL, L50 REAL, L90 REAL,
              valid INTEGER NOT NULL, received INTEGER NOT NULL, PRIMARY KEY(unit, hour)
              ) WITHOUT ROWID""",
            """CREATE TABLE IF NOT EXISTS event(
              unit TEXT, boot INTEGER, seq INTEGER, t INTEGER NOT NULL, kind TEXT NOT NULL,
              fields TEXT NOT NULL, PRIMARY KEY(unit, boot, seq)) WITHOUT ROWID""",
            "CREATE INDEX IF NOT EXISTS event_time ON event(unit, t)",
            """CREATE TABLE IF NOT EXISTS status(
              unit TEXT PRIMARY KEY, received REAL NOT NULL, online INTEGER NOT NULL,
              fields TEXT NOT NULL) WITHOUT ROWID""",
            # What could not be read, and why; bounded by the writer.
            """CREATE TABLE IF NOT EXISTS refused(
              id INTEGER PRIMARY KEY, received REAL NOT NULL, subject TEXT NOT NULL,
              reason TEXT NOT NULL, body BLOB NOT NULL)""",
        ),
        # Its hours were of another arithmetic than the box's.
        ("DROP TABLE hour",),
    ),
)
