"""Hours summed up, kept beside their seconds: what was touched since is summed up again.

Whoever writes a minute notes its hour in `hour_touched`, in the same transaction. Such an hour is
summed up anew beside the writer, and put in place only where nothing has come to it meanwhile: so
it may be tried at any time, by any number, and be cut off anywhere. Until then readers do it for
themselves. Hours begin with those of the clock in UTC.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from noisetamer.base import database
from noisetamer.hub.store import hour_sums, past_days, past_hours
from noisetamer.hub.store.hour_sums import HOUR, MINUTE, HourSum
from noisetamer.hub.store.hours import Hour
from noisetamer.hub.store.packed_day import DAY

# an hour that nothing comes to any more is over, or its box is silent
SETTLED_SECONDS = 60.0
# so many hours a reader sums up for itself; the others it takes as they are, and says so
AT_ONCE = 30

_SUMS = (
    "SELECT hour, received, LAeq, LAFmax, L10, L50, L90, valid, period, minutes FROM hour_sum"
    " WHERE unit=? AND hour>=? AND hour<? ORDER BY hour"
)


@dataclass(frozen=True)
class Summed:
    """One hour to be put in place. times: how often it had been touched; hour: None where nothing
    is there.
    """

    unit: str
    t: int
    times: int
    hour: HourSum | None


def touch(connection: database.Connection, touched: Iterable[tuple[str, int]], at: float) -> None:
    """Seconds of these (unit, minute) have changed. at: now, Unix s. In a transaction."""
    hours = {(unit, number // 60 * HOUR) for unit, number in touched}
    database.put(
        connection,
        "hour_touched",
        ("unit", "hour", "times", "at"),
        [(*hour, 1, at) for hour in hours],
        ("unit", "hour"),
        "times=hour_touched.times+1, at=excluded.at",
    )


def to_sum_up(
    connection: database.Connection, before: float, owns: Callable[[str], bool] = lambda unit: True
) -> Iterator[list[Summed]]:
    """Hours that nothing came to since `before`, Unix s, the newest first, some at a time; only
    read. Give them to `put` in the writer's transaction. owns: units whose hours are summed up.
    """
    rows = connection.execute(
        "SELECT unit, hour, times FROM hour_touched WHERE at<? ORDER BY hour DESC", (before,)
    ).fetchall()
    days: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for unit, hour, times in rows:
        if owns(unit):
            days.setdefault((unit, hour // DAY), []).append((hour, times))
    for (unit, _), hours in days.items():
        yield list(_summed(connection, unit, hours))


def _summed(
    connection: database.Connection, unit: str, hours: Sequence[tuple[int, int]]
) -> Iterator[Summed]:
    """hours: (begin, how often touched), of a day or so: read at once."""
    first = min(hour for hour, _ in hours)
    length = max(hour for hour, _ in hours) - first + HOUR
    columns = past_days.columns(connection, unit, first, length)
    for hour, times in hours:
        of_it = columns[:, hour - first : hour - first + HOUR]
        yield Summed(unit, hour, times, hour_sums.summed(hour, of_it))


def put(connection: database.Connection, summed: Iterable[Summed]) -> int:
    """Put hours in place; how many. In a transaction."""
    count = 0
    for one in summed:
        done = connection.execute(
            "DELETE FROM hour_touched WHERE unit=? AND hour=? AND times=?",
            (one.unit, one.t, one.times),
        )
        if done.rowcount and one.hour:
            # Seconds are only ever added, until their day is deleted.
            put = connection.execute(
                "INSERT INTO hour_sum VALUES(?,?,?,?,?,?,?,?,?,?,?)"
                " ON CONFLICT(unit, hour) DO UPDATE SET received=excluded.received,"
                " LAeq=excluded.LAeq, LAFmax=excluded.LAFmax,"
                " L10=excluded.L10, L50=excluded.L50, L90=excluded.L90, valid=excluded.valid,"
                " period=excluded.period, minutes=excluded.minutes"
                " WHERE excluded.received >= hour_sum.received",
                _row(one.unit, one.hour),
            )
            count += put.rowcount
    return count


def settle(connection: database.Connection, unit: str, since: int, until: int) -> None:
    """Sum up what was touched of since <= t < until, before its seconds go. In a transaction."""
    touched = connection.execute(
        "SELECT hour, times FROM hour_touched WHERE unit=? AND hour>=? AND hour<?",
        (unit, since, until),
    ).fetchall()
    if touched:
        put(connection, list(_summed(connection, unit, touched)))


def spoilt(
    connection: database.Connection, after: tuple[str, int], most: int
) -> tuple[tuple[str, int] | None, list[tuple[str, int]]]:
    """((unit, begin) of the last of so many sums after one, None at the end; those of them that
    cannot be read).
    """
    last, found = None, []
    for unit, hour, period, of_minutes in connection.execute(
        "SELECT unit, hour, period, minutes FROM hour_sum WHERE (unit, hour) > (?, ?)"
        " ORDER BY unit, hour LIMIT ?",
        (*after, most),
    ):
        last = unit, hour
        whole = len(of_minutes) == hour_sums.MINUTES * MINUTE.itemsize
        try:
            hour_sums.unpacked(period)
        except ValueError:
            whole = False
        if not whole:
            found.append(last)
    return last, found


def mend(connection: database.Connection) -> None:
    """Let go of what is spoilt, and have hours summed up of which there is no sum. In a
    transaction.
    """
    _, wrong = spoilt(connection, ("", 0), 1 << 40)
    connection.executemany("DELETE FROM hour_sum WHERE unit=? AND hour=?", wrong)
    known = set(connection.execute("SELECT unit, hour FROM hour_sum"))
    there = set(connection.execute("SELECT DISTINCT unit, minute / 60 * 3600 FROM minute"))
    days = connection.execute("SELECT unit, day FROM past_minutes").fetchall()
    for unit, day in {*days, *past_hours.days(connection)}:
        there |= {(unit, day * DAY + n * HOUR) for n in range(24)}
    connection.executemany(
        "INSERT INTO hour_touched VALUES(?,?,1,0) ON CONFLICT(unit, hour) DO NOTHING",
        sorted(there - known),
    )


def hours(
    connection: database.Connection, units: Sequence[str], since: int, until: int
) -> tuple[list[HourSum], int]:
    """(hours that begin within since <= t < until, oldest first; of how many of them there is
    more than is summed up). Of the first of the units that has any of it; of an hour that several
    have, what one has not received is the next one's.
    """
    found: dict[int, HourSum] = {}
    of: dict[int, int] = {}
    pending = 0
    for unit in units:
        own = {row[0]: _hour_sum(row) for row in connection.execute(_SUMS, (unit, since, until))}
        touched = connection.execute(
            "SELECT hour, times FROM hour_touched WHERE unit=? AND hour>=? AND hour<?"
            " ORDER BY hour DESC",
            (unit, since, until),
        ).fetchall()
        now = _by_days(touched[: max(0, AT_ONCE - pending)])
        pending += len(touched) - sum(map(len, now))
        for day in now:
            for one in _summed(connection, unit, day):
                if one.hour and one.hour.received >= (own[one.t].received if one.t in own else 0):
                    own[one.t] = one.hour
        for t, hour in own.items():
            found.setdefault(t, hour)
            of[t] = of.get(t, 0) + 1
    for t in (t for t, count in of.items() if count > 1):
        if both := hour_sums.summed(t, past_days.columns_of(connection, units, t, HOUR)):
            found[t] = both
    return [found[t] for t in sorted(found)], pending


def _by_days(touched: Sequence[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    days: dict[int, list[tuple[int, int]]] = {}
    for hour, times in touched:
        days.setdefault(hour // DAY, []).append((hour, times))
    return list(days.values())


def _row(unit: str, one: HourSum) -> tuple[object, ...]:
    levels = one.hour.LAeq, one.hour.LAFmax, one.hour.L10, one.hour.L50, one.hour.L90
    return unit, one.t, one.received, *levels, one.hour.valid, one.period, one.minutes.tobytes()


def _hour_sum(row: tuple[Any, ...]) -> HourSum:
    t, received, *levels, valid, period, of_minutes = row
    hour = Hour(t, *levels, valid=valid)
    return HourSum(t, received, hour, period, np.frombuffer(of_minutes, MINUTE))
