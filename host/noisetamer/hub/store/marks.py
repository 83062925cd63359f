"""The mark of each boot: every record up to it is here, or gone for ever. What is acknowledged."""

import sqlite3
from collections.abc import Iterable

Gone = tuple[int, int]
"""(after, before): two sequences of a boot; what lies between them cannot come again."""

MOST_CHAINS = 100_000

# A record that was refused is kept as well: the mark passes over it.
_FOLLOWING = """
    SELECT seq FROM record WHERE unit=:unit AND boot=:boot AND seq>:mark
    UNION ALL
    SELECT seq FROM refused WHERE unit=:unit AND boot=:boot AND seq>:mark
    ORDER BY seq"""


def advance(connection: sqlite3.Connection, unit: str, boot: int, gone: Iterable[Gone]) -> int:
    """Move the mark over every record that follows it without a gap; where it is then.

    gone: what the unit says it can never send. Where the mark has not come to yet is remembered:
    reports may overtake each other.
    """
    of_boot = unit, boot
    row = connection.execute("SELECT seq FROM acked WHERE unit=? AND boot=?", of_boot).fetchone()
    before = row[0] if row else 0
    remembered = set(
        connection.execute("SELECT after, before FROM gone WHERE unit=? AND boot=?", of_boot)
    )
    holes = sorted(remembered | {hole for hole in gone if hole[1] - hole[0] > 1})
    further = _over_holes(before, holes)
    mark = -1
    while further > mark:
        mark = _over_records(connection, unit, boot, further)
        further = _over_holes(mark, holes)
    if mark > before:
        connection.execute("INSERT OR REPLACE INTO acked VALUES(?,?,?)", (*of_boot, mark))
    ahead = {hole for hole in holes if hole[0] > mark}
    if ahead != remembered:
        connection.execute("DELETE FROM gone WHERE unit=? AND boot=?", of_boot)
        rows = [(*of_boot, *hole) for hole in ahead]
        connection.executemany("INSERT INTO gone VALUES(?,?,?,?)", rows)
    return mark


class Chains:
    """How far each unit has just told its records without a gap, whatever was there before.

    Where two lives of a unit share a boot's number, its mark says nothing of either of them. But a
    unit tells what it holds from the oldest on, in order, and each record says which came before.
    Nothing of it outlasts a restart of the hub: the unit tells it again.
    """

    def __init__(self) -> None:
        # {(unit, boot): sequence}; none after a gap
        self._told: dict[tuple[str, int], int] = {}

    def told(self, unit: str, boot: int, seq: int, gone: Gone, kept: bool) -> None:
        """A record has come, with what it says to be gone; kept: it is stored now, or was."""
        after, before = gone
        last = self._told.pop((unit, boot), None)
        if not kept:
            return
        if after == 0 and before == seq:
            last = seq
        elif last is None or (after if before == seq else seq - 1) > last:
            return
        if len(self._told) == MOST_CHAINS:
            self._told.clear()
        self._told[unit, boot] = max(last, seq)

    def last(self, unit: str, boot: int) -> int:
        """Everything of this boot up to there that the unit holds is stored; 0: nobody knows."""
        return self._told.get((unit, boot), 0)


def _over_holes(mark: int, holes: Iterable[Gone]) -> int:
    for after, before in holes:
        if after <= mark:
            mark = max(mark, before - 1)
    return mark


def _over_records(connection: sqlite3.Connection, unit: str, boot: int, mark: int) -> int:
    key = {"unit": unit, "boot": boot, "mark": mark}
    for (seq,) in connection.execute(_FOLLOWING, key):
        if seq > mark + 1:
            break
        mark = seq
    return mark
