"""How long a month of one unit takes to read where a city's units are stored, on PostgreSQL.

    python tests/bench/month_of_a_city.py --url postgresql://.../NAME [--units 30000]

NAME: an empty database, which it fills: a partition a day with a packed day of every unit, and
every hour's sum of `--with-hours` of them. A packed day is as long as it really is of `--whole`
units; of all others it is the first 100 bytes, so that rows, index and partitions are those of a
city and the disk is not. Says what it filled and, of units that are whole, in ms: the
statement alone, and with every second unpacked.
"""

import argparse
import math
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import numpy as np

from noisetamer.base import database
from noisetamer.base.database import days, place
from noisetamer.hub.store import hour_sums, packed_day
from noisetamer.hub.store.packed_day import DAY
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.schema import SCHEMA
from noisetamer.hub.store.series import Levels

FIRST, DAYS = 20_758, 31
LIMIT_MS = 300


def a_day(seed: int) -> np.ndarray:
    """Levels that wander as a street's do."""
    chance = np.random.default_rng(seed)
    wander = np.cumsum(chance.normal(0, 0.4, DAY))
    A = 520 + 80 * np.sin(np.arange(DAY) / DAY * 2 * math.pi) + wander - wander.mean()
    A = np.clip(A + chance.normal(0, 12, DAY), 300, 950).astype(np.int32)
    F = A + 15 + chance.integers(0, 30, DAY, np.int32)
    C = A + 50 + chance.integers(0, 40, DAY, np.int32)
    return np.stack([A, F, C, C + 80 + chance.integers(0, 60, DAY, np.int32), A * 0])


def fill(folder: Path, units: int, whole: int, with_hours: int) -> None:
    blobs = [packed_day.pack_columns(a_day(seed)) for seed in range(4)]
    print(f"a packed day: {len(blobs[0]) / 1000:.0f} kB, {len(blobs[0]) / DAY:.1f} B a second")
    hour = hour_sums.summed(FIRST * DAY, a_day(0)[:, :3600])
    assert hour is not None
    with closing(database.opened(folder / "hub.sqlite", SCHEMA)) as connection:
        by_day = SCHEMA.by_day["past_minutes"]
        days.make(connection, "past_minutes", by_day, range(FIRST, FIRST + DAYS))
        for day in range(FIRST, FIRST + DAYS):

            def a_partition(raw, day: int = day) -> None:
                raw.execute(
                    f"INSERT INTO hub.past_minutes_{day}"
                    " SELECT 'NT-' || lpad(n::text, 6, '0'), $1, CASE WHEN n < $2 THEN"
                    " ($3::bytea[])[n % 4 + 1] ELSE substr(($3::bytea[])[1], 1, 100) END"
                    " FROM generate_series(0, $4 - 1) AS n",
                    (day, whole, blobs, units),
                )
                raw.execute(
                    "INSERT INTO hub.hour_sum SELECT 'NT-' || lpad(n::text, 6, '0'),"
                    " ($1 * 24 + hour) * 3600, 3600, 520, 700, 600, 520, 400, 3600, $2, $3"
                    " FROM generate_series(0, $4 - 1) AS n, generate_series(0, 23) AS hour",
                    (day, hour.period, hour.minutes.tobytes(), with_hours),
                )

            with database.transaction(connection):
                connection.within(a_partition)  # pyright: ignore[reportAttributeAccessIssue]
            print(f"\rday {day - FIRST + 1} of {DAYS}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)


def size(connection: database.Connection) -> str:
    def ask(raw):
        return raw.execute(
            "SELECT pg_size_pretty(pg_database_size(current_database()))"
        ).fetchone()

    with database.one_moment(connection):
        return connection.within(ask)[0]  # pyright: ignore[reportAttributeAccessIssue]


def ms(what) -> list[float]:
    found = []
    for unit in range(30):
        began = time.perf_counter()
        what(f"NT-{unit:06}")
        found.append(1000 * (time.perf_counter() - began))
    return sorted(found)


def measured(folder: Path) -> bool:
    queries, levels = Queries(folder / "hub.sqlite"), Levels(folder / "hub.sqlite")
    since, until = FIRST * DAY, (FIRST + DAYS) * DAY

    def rows(unit: str) -> None:
        with closing(database.reader(folder / "hub.sqlite")) as connection:
            found = connection.execute(
                "SELECT day, columns FROM past_minutes WHERE unit=? AND day BETWEEN ? AND ?",
                (unit, FIRST, FIRST + DAYS - 1),
            ).fetchall()
        assert len(found) == DAYS

    with closing(database.reader(folder / "hub.sqlite")) as connection:
        (count,) = connection.execute("SELECT count(*) FROM past_minutes").fetchone()
        (hours,) = connection.execute("SELECT count(*) FROM hour_sum").fetchone()
        print(f"{count} packed days, {hours} hours, {size(connection)}")

    def unpacked(unit: str) -> None:
        queries.columns(unit, since, until - since)

    good = True
    for name, what in (
        ("its packed days, the statement alone", rows),
        ("every second of it, unpacked (2.7 million)", unpacked),
        ("its hours, as a page of a month asks", lambda u: levels.series([u], since, until)),
    ):
        found = ms(what)
        print(f"{name}: median {found[15]:.0f} ms, worst of 30 {found[-1]:.0f} ms")
        good &= found[15] < LIMIT_MS or what is unpacked
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
