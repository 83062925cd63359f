"""The tables of hub.sqlite, step by step from the first version."""

from noisetamer.base.database import ByDay, Schema

# From this version on a store may have days that are packed.
PAST_DAYS = 7
# The same of hours.
PAST_HOURS = 15

SCHEMA = Schema(
    name="store of the hub",
    application=0x4E544842,  # NTHB
    option="--data",
    # Before version 1 a store carried no number: its tables may be there already.
    from_before=frozenset({"record", "acked", "minute"}),
    # Records of a day that is packed, and its minutes; days that are deleted when they are over.
    by_day={
        "record": ByDay("day", added=True),
        "minute": ByDay("minute", 1440),
        "past_minutes": ByDay("day"),
    },
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
        (
            # body: the message as it came, its record unreadable or, in conflict, of a name that
            # another record has. boot, seq: its name; seq 0 where it has none. digest: of the
            # record, so that one that is sent again is kept once; any, where it has no name.
            "ALTER TABLE refused ADD COLUMN unit TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE refused ADD COLUMN boot INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE refused ADD COLUMN seq INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE refused ADD COLUMN digest BLOB NOT NULL DEFAULT x''",
            "ALTER TABLE refused ADD COLUMN conflict INTEGER NOT NULL DEFAULT 0",
            """UPDATE refused SET digest=id,
              unit=substr(subject, 5, max(0, instr(substr(subject, 5), '.') - 1))""",
            "CREATE UNIQUE INDEX refused_name ON refused(unit, boot, seq, digest)",
            "CREATE INDEX refused_time ON refused(unit, received)",
            # Between these two sequences nothing can come any more, but the mark is not there yet.
            """CREATE TABLE gone(
              unit TEXT, boot INTEGER, after INTEGER, before INTEGER,
              PRIMARY KEY(unit, boot, after, before)) WITHOUT ROWID""",
        ),
        # One row: when the hub last proved that the store can be written, Unix s.
        ("CREATE TABLE alive(id INTEGER PRIMARY KEY, at REAL NOT NULL)",),
        (
            # Of boxes without the time; the number is tamer.record.reading.DATED_FROM.
            "CREATE INDEX record_undated ON record(unit, boot, seq) WHERE t<1000000000",
        ),
        (
            # Every event and status once, in the order of their commits. boot, seq: of the event;
            # of a status, fields (as it came) and no name.
            """CREATE TABLE feed(
              id INTEGER PRIMARY KEY AUTOINCREMENT, received REAL NOT NULL, unit TEXT NOT NULL,
              boot INTEGER, seq INTEGER, status TEXT)""",
        ),
        (
            # Days that are over, packed (packed_day.py). day: since 1970, UTC. Of a minute that
            # has a row in `minute` too, that row holds.
            """CREATE TABLE past_minutes(
              unit TEXT, day INTEGER, columns BLOB NOT NULL, PRIMARY KEY(unit, day))""",
            # Of one boot, with sequences from first to last; others may lie between. digest:
            # SHA-256 over the records as they came. records: x'' once their time was over.
            """CREATE TABLE past_records(
              id INTEGER PRIMARY KEY, unit TEXT NOT NULL, boot INTEGER NOT NULL,
              first INTEGER NOT NULL, last INTEGER NOT NULL, day INTEGER NOT NULL,
              digest BLOB NOT NULL, records BLOB NOT NULL)""",
            "CREATE INDEX past_records_name ON past_records(unit, boot, last, first)",
            "CREATE INDEX past_records_day ON past_records(unit, day)",
        ),
        (
            # Records that are gone for ever, since the mark passed over them: from first to last,
            # so many of them are not here. since, until: times of the records around them, where
            # those have any.
            """CREATE TABLE hole(
              id INTEGER PRIMARY KEY, unit TEXT NOT NULL, boot INTEGER NOT NULL,
              first INTEGER NOT NULL, last INTEGER NOT NULL, missing INTEGER NOT NULL,
              since INTEGER, until INTEGER, passed REAL NOT NULL)""",
            # What was acknowledged before may be missing since: a backup was restored, a page
            # spoilt.
            "CREATE TABLE wound(id INTEGER PRIMARY KEY, at REAL NOT NULL, what TEXT NOT NULL)",
            # Days that were deleted when their time was over, and the export that holds them.
            """CREATE TABLE deleted_day(
              unit TEXT, day INTEGER, at REAL NOT NULL, file TEXT NOT NULL, sha256 TEXT NOT NULL,
              records INTEGER NOT NULL, PRIMARY KEY(unit, day)) WITHOUT ROWID""",
        ),
        (
            # The kinds are those of condition.py: the newest of each is asked for.
            """CREATE INDEX event_of_condition ON event(unit, kind, t)
              WHERE kind IN ('boot', 'clock', 'self-check', 'doctor', 'lost', 'hour')""",
        ),
        (
            # Hours whose seconds have changed since they were summed up (roll_ups.py). hour: its
            # begin, Unix s; times: how often; at: when last, by the hub's clock, Unix s.
            """CREATE TABLE hour_touched(
              unit TEXT, hour INTEGER, times INTEGER NOT NULL, at REAL NOT NULL,
              PRIMARY KEY(unit, hour)) WITHOUT ROWID""",
            # Hours summed up (hour_sums.py); they stay when their seconds are deleted.
            """CREATE TABLE hour_sum(
              unit TEXT, hour INTEGER, received INTEGER NOT NULL, LAeq INTEGER NOT NULL,
              LAFmax INTEGER NOT NULL, L10 INTEGER NOT NULL, L50 INTEGER NOT NULL,
              L90 INTEGER NOT NULL, valid INTEGER NOT NULL, period BLOB NOT NULL,
              minutes BLOB NOT NULL, PRIMARY KEY(unit, hour)) WITHOUT ROWID""",
            # All hours there are of before. From one to the next: all minutes need not be read.
            """INSERT INTO hour_touched
              WITH RECURSIVE at(unit, minute) AS (
                SELECT * FROM (SELECT unit, minute FROM minute ORDER BY unit, minute LIMIT 1)
                UNION ALL
                SELECT next.unit, next.minute FROM at JOIN minute AS next
                  ON (next.unit, next.minute) = (
                    SELECT unit, minute FROM minute
                    WHERE (unit, minute) > (at.unit, at.minute / 60 * 60 + 59)
                    ORDER BY unit, minute LIMIT 1))
              SELECT unit, minute / 60 * 3600, 1, 0 FROM at""",
            """INSERT OR IGNORE INTO hour_touched
              WITH RECURSIVE n(hour) AS (SELECT 0 UNION ALL SELECT hour + 1 FROM n WHERE hour < 23)
              SELECT unit, day * 86400 + hour * 3600, 1, 0 FROM past_minutes, n""",
        ),
        (
            # The record's link in its unit's chain (tamer.record.seal), as it was told.
            "ALTER TABLE record ADD COLUMN link BLOB",
            # The first two bytes of each record's link, one after the other.
            "ALTER TABLE past_records ADD COLUMN marks BLOB",
            # Records that do not follow the one before them in their boot, and those of which that
            # is not known. follows: the link that each follows, or, in four bytes, the sequence of
            # a record whose link is not known; key: fingerprint of the one by which those after it
            # are proved, '' where that is not known.
            """CREATE TABLE chain_start(
              unit TEXT, boot INTEGER, seq INTEGER, follows BLOB, key TEXT NOT NULL,
              PRIMARY KEY(unit, boot, seq)) WITHOUT ROWID""",
            # What was found wrong with a chain (chain_findings.py), of records from seq to last
            # and times from t to until; settled: when it turned out to be nothing, Unix s.
            """CREATE TABLE chain_finding(
              id INTEGER PRIMARY KEY, unit TEXT NOT NULL, boot INTEGER NOT NULL,
              seq INTEGER NOT NULL, last INTEGER NOT NULL, t INTEGER NOT NULL,
              until INTEGER NOT NULL, received REAL NOT NULL, kind TEXT NOT NULL,
              told TEXT NOT NULL, detail TEXT NOT NULL, settled REAL)""",
            "CREATE INDEX chain_finding_time ON chain_finding(unit, t)",
            "CREATE INDEX chain_finding_name ON chain_finding(unit, boot, seq)",
        ),
        (
            # What the log (hub/log) is to be told of besides the records that follow each other:
            # a record that came when its boot's mark had passed it, a day that was deleted.
            """CREATE TABLE log_news(
              id INTEGER PRIMARY KEY AUTOINCREMENT, unit TEXT NOT NULL, boot INTEGER,
              seq INTEGER, day INTEGER)""",
            """CREATE TRIGGER day_deleted AFTER INSERT ON deleted_day
              BEGIN INSERT INTO log_news(unit, day) VALUES(NEW.unit, NEW.day); END""",
        ),
        # Whoever deletes a day says so (feed.py), also where it was deleted before.
        ("DROP TRIGGER day_deleted",),
        # Nothing but the number: an older hub cannot read days of form 2 (packed_day.py).
        (),
        (
            # Hours that are over of days that are not packed yet (past_hours.py), until they are:
            # of one boot, otherwise as past_records. hour: since 1970.
            """CREATE TABLE past_hours(
              unit TEXT, hour INTEGER, boot INTEGER, first INTEGER, last INTEGER NOT NULL,
              digest BLOB NOT NULL, records BLOB NOT NULL, marks BLOB,
              PRIMARY KEY(unit, hour, boot, first))""",
        ),
    ),
)
