"""How long a month of one unit takes to read where a city's units are stored, on PostgreSQL.

    python tests/bench/month_of_a_city.py --url postgresql://.../NAME [--units 30000]

NAME: an empty database, which it fills: packed days of every unit (its records, and its minutes
in a partition a day), the last two of the month in packed hours as of days that still run, and
every hour's sum of `--with-hours` of them. A packed day is as long as
it really is of `--whole` units; of all others it is the first 100 bytes, so that rows, indexes and
partitions are those of a city and the disk is not. Says what it filled, what a packed level-second
takes there and in a file, and, of units that are whole, in ms: the statement alone, and with every
second unpacked.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import numpy as np

# pytest knows where it is; a program has to be told.
sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

import street

from noisetamer.base import database
from noisetamer.base.database import days, place
from noisetamer.hub.store import hour_sums, packed_day, past_days
from noisetamer.hub.store.minutes import NOT_RECEIVED
from noisetamer.hub.store.packed_day import DAY
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.schema import SCHEMA
from noisetamer.hub.store.series import Levels
from tamer.record.encoding import opened

FIRST, DAYS = 20_758, 31
# so many of them at the end are not packed yet
RUNNING = 2
LIMIT_MS = 300


class Day(NamedTuple):
    """Of a unit, packed: records and minutes, as they stand in their tables. hours: its records by
    the hour.
    """

    digest: bytes
    records: bytes
    marks: bytes
    columns: bytes
    hours: list[bytes]


def a_day(seed: int) -> tuple[np.ndarray, Day]:
    """(its seconds, what is stored of them): a street's."""
    messages = list(street.messages(FIRST * DAY, DAY, seed))
    kept = []
    for seq, message in enumerate(messages, 1):
        t = FIRST * DAY + 10 * seq - 1
        kept.append(packed_day.Kept(seq, t, t + 1.25 + seq % 7 / 1e4, opened(message).record))
    heard = street.seconds(FIRST * DAY, DAY, seed)
    columns = np.array([second[1:] for second in heard], np.int32).T
    digest, records = past_days.digest_of(kept), packed_day.pack_records(kept, columns)
    marks = np.random.default_rng(seed).bytes(past_days.MARK * len(kept))
    each = len(kept) // 24
    hours = [
        packed_day.pack_records(kept[n : n + each], columns) for n in range(0, 24 * each, each)
    ]
    minutes = packed_day.pack_columns(columns, {digest: records})
    return columns, Day(digest, records, marks, minutes, hours)


def fill(folder: Path, units: int, whole: int, with_hours: int) -> None:
    columns, day = a_day(0)
    of_days = [day, *(a_day(seed)[1] for seed in range(1, 4))]
    print(
        f"a packed day: {len(day.records) / 1000:.0f} kB of records, {len(day.columns)} B beside"
    )
    hour = hour_sums.summed(FIRST * DAY, columns[:, :3600])
    assert hour is not None
    with closing(database.opened(folder / "hub.sqlite", SCHEMA)) as connection:
        by_day = SCHEMA.by_day["past_minutes"]
        days.make(connection, "past_minutes", by_day, range(FIRST, FIRST + DAYS))
        on_server = _bytes_a_second(connection, of_days, whole, _of_tables)
        (folder / "file").mkdir()
        with closing(database.opened(folder / "file" / "hub.sqlite", SCHEMA)) as file:
            in_file = _bytes_a_second(file, of_days, whole, _of_file)
        print(f"bytes a level-second, packed: {on_server:.2f} PostgreSQL, {in_file:.2f} SQLite")
        for day in range(FIRST, FIRST + DAYS):
            running = day >= FIRST + DAYS - RUNNING

            def some_hours(raw, day: int = day) -> None:
                for hour in range(24):
                    raw.execute(
                        "INSERT INTO hub.past_hours(unit, hour, boot, first, last, digest,"
                        " records, marks) SELECT 'NT-' || lpad(n::text, 6, '0'), $1, 1, $2,"
                        " $2 + 359, ($3::bytea[])[n % 4 + 1], CASE WHEN n < $4 THEN"
                        " ($5::bytea[])[n % 4 + 1] ELSE substr(($5::bytea[])[1], 1, 100) END,"
                        " substr(($6::bytea[])[n % 4 + 1], 1, 720)"
                        " FROM generate_series(0, $7 - 1) AS n",
                        (
                            *(24 * day + hour, 1 + 8640 * (day - FIRST) + 360 * hour),
                            *([one.digest for one in of_days], whole),
                            *(
                                [one.hours[hour] for one in of_days],
                                [one.marks for one in of_days],
                            ),
                            units,
                        ),
                    )

            def sums(raw, day: int = day) -> None:
                raw.execute(
                    "INSERT INTO hub.hour_sum SELECT 'NT-' || lpad(n::text, 6, '0'),"
                    " ($1 * 24 + hour) * 3600, 3600, 520, 700, 600, 520, 400, 3600, $2, $3"
                    " FROM generate_series(0, $4 - 1) AS n, generate_series(0, 23) AS hour",
                    (day, hour.period, hour.minutes.tobytes(), with_hours),
                )

            def a_partition(raw, day: int = day) -> None:
                raw.execute(
                    f"INSERT INTO hub.past_minutes_{day}"
                    " SELECT 'NT-' || lpad(n::text, 6, '0'), $1, CASE WHEN n < $2 THEN"
                    " ($3::bytea[])[n % 4 + 1] ELSE substr(($3::bytea[])[1], 1, 100) END"
                    " FROM generate_series(0, $4 - 1) AS n",
                    (day, whole, [one.columns for one in of_days], units),
                )
                raw.execute(
                    "INSERT INTO hub.past_records(unit, boot, first, last, day, digest, records,"
                    " marks) SELECT 'NT-' || lpad(n::text, 6, '0'), 1, 1 + 8640 * $7,"
                    " 8640 * (1 + $7), $1, ($3::bytea[])[n % 4 + 1],"
                    " CASE WHEN n < $2 THEN ($4::bytea[])[n % 4 + 1]"
                    " ELSE substr(($4::bytea[])[1], 1, 100) END, CASE WHEN n < $2 THEN"
                    " ($5::bytea[])[n % 4 + 1] ELSE substr(($5::bytea[])[1], 1, 100) END"
                    " FROM generate_series(0, $6 - 1) AS n",
                    (
                        *(day, whole, [one.digest for one in of_days]),
                        *([one.records for one in of_days], [one.marks for one in of_days]),
                        *(units, day - FIRST),
                    ),
                )

            with database.transaction(connection):
                for what in (some_hours if running else a_partition, sums):
                    connection.within(what)  # pyright: ignore[reportAttributeAccessIssue]
            print(f"\rday {day - FIRST + 1} of {DAYS}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)


def _bytes_a_second(
    connection: database.Connection,
    of_days: Sequence[Day],
    units: int,
    taken: Callable[[database.Connection], int],
) -> float:
    """What a day of some units takes with its indexes; it is deleted again."""
    before = taken(connection)
    with database.transaction(connection):
        for n in range(units):
            unit, day = f"NT-{n:06}", of_days[n % len(of_days)]
            connection.execute(
                "INSERT INTO past_minutes VALUES(?,?,?)", (unit, FIRST, day.columns)
            )
            connection.execute(
                "INSERT INTO past_records(unit, boot, first, last, day, digest, records, marks)"
                " VALUES(?,1,1,8640,?,?,?,?)",
                (unit, FIRST, day.digest, day.records, day.marks),
            )
    found = (taken(connection) - before) / units / DAY
    with database.transaction(connection):
        for table in ("past_minutes", "past_records"):
            connection.execute(f"DELETE FROM {table}")
    return found


def _of_tables(connection: database.Connection) -> int:
    """With TOAST and indexes."""

    def ask(raw):
        return raw.execute(
            "SELECT sum(pg_total_relation_size(pg_class.oid)) FROM pg_class"
            " WHERE relnamespace='hub'::regnamespace AND relkind='r'"
        ).fetchone()

    with database.one_moment(connection):
        return int(connection.within(ask)[0])  # pyright: ignore[reportAttributeAccessIssue]


def _of_file(connection: database.Connection) -> int:
    pages, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size")
    )
    return pages * size


def size(connection: database.Connection) -> str:
    def ask(raw):
        return raw.execute(
            "SELECT pg_size_pretty(pg_database_size(current_database()))"
        ).fetchone()

    with database.one_moment(connection):
        return connection.within(ask)[0]  # pyright: ignore[reportAttributeAccessIssue]


def ms(what) -> tuple[list[float], list[float]]:
    """(by the clock, CPU of this process), sorted."""
    walls, used = [], []
    for unit in range(30):
        began, cpu = time.perf_counter(), time.process_time()
        what(f"NT-{unit:06}")
        walls.append(1000 * (time.perf_counter() - began))
        used.append(1000 * (time.process_time() - cpu))
    return sorted(walls), sorted(used)


def measured(folder: Path) -> bool:
    queries, levels = Queries(folder / "hub.sqlite"), Levels(folder / "hub.sqlite")
    since, until = FIRST * DAY, (FIRST + DAYS) * DAY

    def rows(unit: str) -> None:
        with closing(database.reader(folder / "hub.sqlite")) as connection:
            found = past_days.rows(connection, unit, FIRST, FIRST + DAYS - 1)
            assert len(list(found)) == DAYS - RUNNING

    with closing(database.reader(folder / "hub.sqlite")) as connection:
        (count,) = connection.execute("SELECT count(*) FROM past_minutes").fetchone()
        (hours,) = connection.execute("SELECT count(*) FROM hour_sum").fetchone()
        print(f"{count} packed days, {hours} hours, {size(connection)}")

    def unpacked(unit: str) -> None:
        found = queries.columns(unit, since, until - since)
        assert (found[-1] != NOT_RECEIVED).all()

    good = True
    for name, what in (
        ("its packed days, the statement alone", rows),
        ("every second of it, unpacked (2.7 million)", unpacked),
        ("its hours, as a page of a month asks", lambda u: levels.series([u], since, until)),
    ):
        walls, cpu = ms(what)
        told = f"median {walls[15]:.0f} ms, worst of 30 {walls[-1]:.0f} ms; CPU {cpu[15]:.0f} ms"
        print(f"{name}: {told}")
        good &= walls[15] < LIMIT_MS or what is unpacked
    return good


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--url", required=True)
    parser.add_argument("--units", type=int, default=30_000)
    parser.add_argument("--whole", type=int, default=40)
    parser.add_argument("--with-hours", type=int, default=1000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place.put_url(Path(folder), asked.url)
        fill(Path(folder), asked.units, asked.whole, asked.with_hours)
        sys.exit(0 if measured(Path(folder)) else 1)


if __name__ == "__main__":
    main()
