"""The tables of forward.sqlite, step by step from the first version."""

from noisetamer.base.database import Schema

FILE = "forward.sqlite"

SCHEMA = Schema(
    name="queue of what is forwarded",
    application=0x4E544657,  # NTFW
    option="--data",
    steps=(
        (
            # Facts in the order in which they came to be, each once for all destinations. t: its
            # end, Unix s; count: facts in the body, of one unit and kind; body: JSON.
            """CREATE TABLE fact(
              id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, unit TEXT NOT NULL,
              square TEXT NOT NULL, what TEXT NOT NULL, t INTEGER NOT NULL,
              count INTEGER NOT NULL, made REAL NOT NULL, body TEXT NOT NULL)""",
            # after: the id of the last row that is done with; part: so many facts of the next one
            # are; sent, refused, lost: facts, ever; times Unix s, NULL: not yet.
            """CREATE TABLE destination(
              name TEXT PRIMARY KEY, after INTEGER NOT NULL, part INTEGER NOT NULL,
              sent INTEGER NOT NULL, refused INTEGER NOT NULL, lost INTEGER NOT NULL,
              last_sent REAL, last_lost REAL)""",
            # What a destination will never take; the newest of each.
            """CREATE TABLE refused(
              id INTEGER PRIMARY KEY AUTOINCREMENT, destination TEXT NOT NULL, at REAL NOT NULL,
              why TEXT NOT NULL, body TEXT NOT NULL)""",
            "CREATE INDEX refused_by ON refused(destination, id)",
            # How far each source is read: `feed`, `entries`, `late records` (unit '', boot 0), and
            # the records of each boot of a unit.
            """CREATE TABLE read_up_to(
              source TEXT, unit TEXT, boot INTEGER, at INTEGER NOT NULL,
              PRIMARY KEY(source, unit, boot))""",
            # Periods of which seconds have come and that are not told yet. touched: when first,
            # Unix s by the hub's clock; late: as of a fact.
            """CREATE TABLE pending(
              kind TEXT, unit TEXT, t INTEGER, touched REAL NOT NULL, late INTEGER NOT NULL,
              PRIMARY KEY(kind, unit, t))""",
            # Records that had no date yet when they were read.
            """CREATE TABLE undated(
              unit TEXT, boot INTEGER, first INTEGER, last INTEGER NOT NULL,
              PRIMARY KEY(unit, boot, first))""",
        ),
    ),
)
