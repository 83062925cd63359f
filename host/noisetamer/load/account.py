"""What became of all that was acknowledged: each record looked for in the hub's store."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from noisetamer.base import database
from noisetamer.hub.store import packed_day
from noisetamer.hub.store.past_hours import PACKED
from noisetamer.load.box import BOOT, Told


@dataclass
class Account:
    """Of the records of one stretch. stored: found as they were made; lost: not there, or with
    other bytes; doubled: there more than once."""

    acknowledged: int = 0
    stored: int = 0
    lost: int = 0
    doubled: int = 0


def accounts(
    store: Path, boxes: Sequence[Told], marks: Sequence[Sequence[int]]
) -> tuple[list[Account], int]:
    """(of each stretch, how many records of these boxes are stored in all).

    marks: of each stretch, up to which record each box was acknowledged at its end.
    """
    found = [Account() for _ in marks]
    total = 0
    with closing(database.reader(store)) as connection:
        for number, told in enumerate(boxes):
            times = _of(connection, told)
            total += len(times)
            begin = 0
            for account, of_stretch in zip(found, marks, strict=True):
                end = of_stretch[number]
                for seq in range(begin + 1, end + 1):
                    account.acknowledged += 1
                    here = times.get(seq, 0)
                    account.stored += here > 0
                    account.lost += here == 0
                    account.doubled += here > 1
                begin = max(begin, end)
    return found, total


def _of(connection: database.Connection, told: Told) -> dict[int, int]:
    """{sequence: how often it is stored with the bytes that the box made}."""
    times: dict[int, int] = {}

    def add(seq: int, body: bytes) -> None:
        if bytes(body) == told.record(seq):
            times[seq] = times.get(seq, 0) + 1

    name = told.unit, BOOT
    for seq, body in connection.execute(
        "SELECT seq, body FROM record WHERE unit=? AND boot=?", name
    ):
        add(seq, body)
    for (blob,) in connection.execute(
        f"SELECT records FROM {PACKED} WHERE unit=? AND boot=?", name
    ):
        for one in packed_day.unpack_records(blob):
            add(one.seq, one.body)
    for (seq,) in connection.execute(
        "SELECT seq FROM refused WHERE unit=? AND boot=? AND conflict=1", name
    ):
        times[seq] = times.get(seq, 0) + 1
    return times
