"""The tables of pictures.sqlite: pictures, and the logins of cameras."""

from noisetamer.base.database import Schema

SCHEMA = Schema(
    name="album of the hub",
    application=0x4E545049,  # NTPI
    option="--data",
    steps=(
        (
            # why: [[way, reason, detail], ...] of each way that was tried in vain, JSON
            """CREATE TABLE picture(
              id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, incident INTEGER NOT NULL,
              square TEXT NOT NULL, moment TEXT NOT NULL, due REAL NOT NULL, at REAL NOT NULL,
              way TEXT, sha256 TEXT, bytes INTEGER, width INTEGER, height INTEGER,
              clock_error REAL, blur TEXT, why TEXT NOT NULL, keep_days INTEGER NOT NULL,
              deleted REAL, deleted_why TEXT)""",
            "CREATE INDEX picture_of_incident ON picture(incident)",
            "CREATE INDEX picture_of_square ON picture(square, at)",
            "CREATE INDEX picture_kept ON picture(at) WHERE sha256 IS NOT NULL"
            " AND deleted IS NULL",
            # what was taken, or was not, is said once; only its deletion may follow
            """CREATE TRIGGER picture_stays BEFORE DELETE ON picture
              BEGIN SELECT RAISE(ABORT, 'a picture''s row is never deleted'); END""",
            """CREATE TRIGGER picture_as_it_was BEFORE UPDATE OF id, key, incident, square, moment,
              due, at, way, sha256, bytes, width, height, clock_error, blur, why, keep_days
              ON picture BEGIN SELECT RAISE(ABORT, 'a picture''s row is never changed'); END""",
            """CREATE TRIGGER picture_deleted_once BEFORE UPDATE ON picture
              WHEN OLD.deleted IS NOT NULL
              BEGIN SELECT RAISE(ABORT, 'a picture is deleted once'); END""",
            """CREATE TABLE login(
              square TEXT PRIMARY KEY, user TEXT NOT NULL, password TEXT NOT NULL
              ) WITHOUT ROWID""",
        ),
    ),
)
