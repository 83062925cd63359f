"""Records as they came, in either form, by their names: for whoever proves what was said."""

from noisetamer.base import database
from noisetamer.hub.store import packed_day
from noisetamer.hub.store.packed_day import DAY, LONGEST
from noisetamer.hub.store.past_hours import PACKED


def touching(
    connection: database.Connection, unit: str, since: int, until: int
) -> dict[int, tuple[int, int]]:
    """{boot: (first, last sequence)} of what has to do with since <= t < until, Unix s.

    Raises ValueError where the file is spoilt.
    """
    found: dict[int, tuple[int, int]] = {}

    def add(boot: int, first: int, last: int) -> None:
        before = found.get(boot, (first, last))
        found[boot] = min(first, before[0]), max(last, before[1])

    for row in connection.execute(
        "SELECT boot, min(seq), max(seq) FROM record WHERE unit=? AND t>=? AND t<? GROUP BY boot",
        (unit, since, until + LONGEST),
    ):
        add(*row)
    for boot, blob in connection.execute(
        f"SELECT boot, records FROM {PACKED} WHERE unit=? AND day BETWEEN ? AND ?",
        (unit, since // DAY, (until + LONGEST) // DAY),
    ):
        names = [
            one.seq for one in packed_day.unpack_records(blob) if since <= one.t < until + LONGEST
        ]
        if names:
            add(boot, names[0], names[-1])
    return found


def clocks(connection: database.Connection, unit: str, boot: int) -> list[int]:
    """Sequences of a boot's events `clock`, in order."""
    return [
        seq
        for (seq,) in connection.execute(
            "SELECT seq FROM event WHERE unit=? AND boot=? AND kind='clock' ORDER BY seq",
            (unit, boot),
        )
    ]
