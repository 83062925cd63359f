"""Whether minutes are what their records say: made anew from them, day by day."""

from collections.abc import Iterator

import numpy as np

from noisetamer.base import database
from noisetamer.base.database import one_moment
from noisetamer.base.zones import in_utc
from noisetamer.hub.store import losses, minutes, packed_day, past_days, past_hours
from noisetamer.hub.store.minutes import Columns
from noisetamer.hub.store.packed_day import DAY, LONGEST
from noisetamer.hub.store.past_hours import PACKED
from noisetamer.hub.wire import Seconds
from noisetamer.hub.wire_checks import RefusedError
from noisetamer.hub.wire_v1 import read_stored
from tamer.record import encoding
from tamer.record.reading import DATED_FROM

_MOST = 20


def problems(connection: database.Connection, since: int = 0) -> Iterator[str]:
    """A sentence for each stretch that is wrong, "" after each day in which nothing was.

    connection: a store of today's version, only read; since: day since 1970, UTC, from which on.
    """
    hurt = bool(losses.wounds(connection))
    days = connection.execute(
        f"SELECT unit, day FROM past_minutes WHERE day>=?1 UNION"
        f" SELECT unit, minute/{past_days.MINUTES} FROM minute"
        f" WHERE minute>=?1*{past_days.MINUTES} GROUP BY 1, 2",
        (since,),
    ).fetchall()
    for unit, day in sorted({*days, *past_hours.days(connection, since)}):
        try:
            with one_moment(connection):
                stored = past_days.columns(connection, unit, day * DAY, DAY)
                claims = list(_claims(connection, unit, day))
        except ValueError:
            continue  # it is spoilt: that is said elsewhere
        yield from _differences(unit, day, stored, claims, hurt)
        yield ""


def _differences(
    unit: str, day: int, stored: Columns, claims: list[tuple[int, Columns]], hurt: bool
) -> Iterator[str]:
    made = np.tile(minutes.empty(), past_days.MINUTES)
    for at, columns in claims:
        minutes.put(made, at, columns)
    wrong = (made != stored).any(axis=0)
    if not wrong.any():
        return
    # older hubs chose otherwise where two records claim one second
    for at, columns in claims:
        there = slice(at, at + columns.shape[1])
        if wrong[there].any():
            wrong[there] &= (columns != stored[:, there]).any(axis=0)
    lone = wrong & (made[-1] == minutes.NOT_RECEIVED)
    if hurt:
        # records may have been lost whose minutes were not
        wrong &= ~lone
    for number, (first, last) in enumerate(_stretches(wrong)):
        if number == _MOST:
            yield f"and more of that day of {unit}"
            return
        what = "are of no record" if lone[first] else "are not what their records say"
        begin, end = (in_utc(day * DAY + at) for at in (first, last))
        yield f"seconds of {unit} from {begin} to {end} {what}"


def _stretches(wrong: np.ndarray) -> Iterator[tuple[int, int]]:
    """(first, last) of each."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], wrong, [False]))))
    for first, end in edges.reshape(-1, 2).tolist():
        yield first, end - 1


def _claims(connection: database.Connection, unit: str, day: int) -> Iterator[tuple[int, Columns]]:
    """(second of the day, columns) of each record that has some of its seconds."""
    for t, body in _bodies(connection, unit, day):
        columns = _columns(unit, body)
        if columns is None:
            continue
        at = t - columns.shape[1] + 1 - day * DAY
        columns = columns[:, max(0, -at) : max(0, DAY - at)]
        if columns.shape[1]:
            yield max(0, at), columns


def _bodies(connection: database.Connection, unit: str, day: int) -> Iterator[tuple[int, bytes]]:
    """(t, bytes) of each record that may."""
    first = max(DATED_FROM, day * DAY)
    yield from connection.execute(
        "SELECT t, body FROM record WHERE unit=? AND t BETWEEN ? AND ?",
        (unit, first, (day + 1) * DAY + LONGEST),
    )
    for (records,) in connection.execute(
        f"SELECT records FROM {PACKED} WHERE unit=? AND day BETWEEN ? AND ?",
        (unit, day, day + 1),
    ):
        for one in packed_day.unpack_records(records):
            if one.t <= (day + 1) * DAY + LONGEST:
                yield one.t, one.body


def _columns(unit: str, body: bytes) -> Columns | None:
    """Of a record of Seconds; None of any other, and of one that is spoilt."""
    if body[:1] == bytes([encoding.EVENT]):
        return None
    try:
        record = read_stored(unit, body)
    except RefusedError:
        return None
    if not isinstance(record, Seconds):
        return None
    return np.array([second[1:] for second in record.seconds], np.int32).T
