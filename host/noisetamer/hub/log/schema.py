"""The tables of log.sqlite, step by step from the first version."""

from noisetamer.base.database import Schema

FILE = "log.sqlite"

SCHEMA = Schema(
    name="log of the hub",
    application=0x4E544C47,  # NTLG
    option="--data",
    steps=(
        (
            # n: its index in the tree; digest: SHA-256 of the content as it was; content: NULL
            # once it is deleted; subject: what it is looked up by, a unit or an incident.
            """CREATE TABLE leaf(
              n INTEGER PRIMARY KEY, kind TEXT NOT NULL, at INTEGER NOT NULL,
              digest BLOB NOT NULL, subject TEXT NOT NULL, content BLOB)""",
            # Nearly all are batches, which have a table of their own.
            "CREATE INDEX leaf_of ON leaf(kind, subject) WHERE kind!='batch'",
            "CREATE INDEX leaf_kind ON leaf(kind) WHERE kind!='batch'",
            # Which leaf has the records of a boot from first to last.
            """CREATE TABLE batch(
              unit TEXT, boot INTEGER, last INTEGER, n INTEGER, first INTEGER NOT NULL,
              PRIMARY KEY(unit, boot, last, n)) WITHOUT ROWID""",
            # What the log is called, and by which key it signs; the last row holds.
            """CREATE TABLE origin(
              id INTEGER PRIMARY KEY, name TEXT NOT NULL, public BLOB NOT NULL,
              size INTEGER NOT NULL)""",
            # Signed notes with the cosignatures that came since. size: of the tree.
            """CREATE TABLE checkpoint(
              id INTEGER PRIMARY KEY, at REAL NOT NULL, size INTEGER NOT NULL,
              note TEXT NOT NULL)""",
            "CREATE INDEX checkpoint_size ON checkpoint(size)",
            # Up to where each source of leaves is read.
            """CREATE TABLE watermark(
              source TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID""",
            """CREATE TABLE batched(
              unit TEXT, boot INTEGER, seq INTEGER NOT NULL, PRIMARY KEY(unit, boot)
              ) WITHOUT ROWID""",
            # Orders whose effect is in no leaf yet.
            """CREATE TABLE awaited(unit TEXT, n INTEGER, PRIMARY KEY(unit, n)) WITHOUT ROWID""",
            # One row. minimum: entries below are not given out any more; restored: from a
            # backup, when, Unix s, and the log has not gone on under another name yet; repaired:
            # rows may be missing anywhere.
            """CREATE TABLE state(
              id INTEGER PRIMARY KEY, minimum INTEGER NOT NULL, restored INTEGER,
              repaired INTEGER NOT NULL)""",
            "INSERT INTO state VALUES(1, 0, NULL, 0)",
        ),
    ),
)
