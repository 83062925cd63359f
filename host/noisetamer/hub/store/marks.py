"""The mark of each boot: every record up to it is here, or gone for ever. What is acknowledged."""

from collections.abc import Iterable

from noisetamer.base import database

Gone = tuple[int, int]
"""(after, before): two sequences of a boot; what lies between them cannot come again."""

# Boots that are kept in mind; of others the file is asked again.
MOST_BOOTS = 100_000

# A record that was refused is kept as well: the mark passes over it.
_FOLLOWING = """
    SELECT seq FROM record WHERE unit=:unit AND boot=:boot AND seq>:mark
    UNION ALL
    SELECT seq FROM refused WHERE unit=:unit AND boot=:boot AND seq>:mark
    ORDER BY seq"""
_HIGHEST = """
    SELECT max(seq) FROM (SELECT max(seq) AS seq FROM record WHERE unit=:unit AND boot=:boot
    UNION ALL SELECT max(seq) FROM refused WHERE unit=:unit AND boot=:boot
    UNION ALL SELECT max(last) FROM past_records WHERE unit=:unit AND boot=:boot
    UNION ALL SELECT max(last) FROM past_hours WHERE unit=:unit AND boot=:boot) AS highest"""


class Marks:
    """Of all boots, as the file has them; within the writer's transactions."""

    def __init__(self, connection: database.Connection) -> None:
        self._connection = connection
        # (unit, boot, first, last): gone since this transaction began, for the writer to note
        self.passed: list[tuple[str, int, int, int]] = []
        self._boots: dict[tuple[str, int], _Boot] = {}
        # as the file is to have them
        self._moved: dict[tuple[str, int], int] = {}

    def forget(self) -> None:
        """A transaction was rolled back: ask the file anew."""
        self._boots.clear()
        self._moved.clear()
        self.passed.clear()

    def told(self, unit: str, boot: int, seq: int, gone: Gone, kept: bool) -> None:
        """A record has come, with what it says to be gone; kept: it is stored now, or was."""
        self._boot(unit, boot).told(seq, gone, kept)

    def mark(self, unit: str, boot: int) -> int:
        return self._boot(unit, boot).mark

    def highest(self, unit: str, boot: int) -> int:
        """No record of this boot has a higher sequence, packed and refused ones included."""
        return self._boot(unit, boot).highest

    def write(self) -> None:
        """What has moved, once a batch."""
        rows = [(*of_boot, mark) for of_boot, mark in self._moved.items()]
        database.put(self._connection, "acked", ("unit", "boot", "seq"), rows, ("unit", "boot"))
        self._moved.clear()

    def advance(self, unit: str, boot: int) -> int:
        """Move the mark over every record that follows it without a gap; where it is then.

        Holes that it has not come to yet are remembered: reports may overtake each other.
        """
        state, of_boot = self._boot(unit, boot), (unit, boot)
        state.mark = mark = self._furthest(state, unit, boot)
        if mark > state.mark_in_file:
            self._moved[of_boot] = mark
            state.mark_in_file = mark
        state.holes = {hole for hole in state.holes if hole[0] > mark}
        if state.holes != state.holes_in_file:
            self._connection.execute("DELETE FROM gone WHERE unit=? AND boot=?", of_boot)
            rows = [(*of_boot, *hole) for hole in state.holes]
            self._connection.executemany("INSERT INTO gone VALUES(?,?,?,?)", rows)
            state.holes_in_file = set(state.holes)
        return mark

    def chain(self, unit: str, boot: int) -> int:
        """Up to there the unit has told all that it holds of this boot, and it is stored.

        Where two lives of a unit share a boot's number, its mark says nothing of either of them.
        But a unit tells what it holds from the oldest on, in order, and each record says which
        came before it. 0 after a gap, and after a restart of the hub: the unit tells it again.
        """
        return self._boot(unit, boot).chain

    def _furthest(self, state: "_Boot", unit: str, boot: int) -> int:
        holes = sorted(state.holes)
        mark, further = -1, _over_holes(state.mark, holes)
        if further > state.mark:
            self.passed.append((unit, boot, state.mark + 1, further))
        while further > mark:
            mark = further
            if mark < state.highest:
                mark = _over_records(self._connection, unit, boot, mark)
            further = _over_holes(mark, holes)
            if further > mark:
                self.passed.append((unit, boot, mark + 1, further))
        return mark

    def _boot(self, unit: str, boot: int) -> "_Boot":
        key = unit, boot
        if key not in self._boots:
            if len(self._boots) == MOST_BOOTS:
                self.write()
                self._boots.clear()
            self._boots[key] = _Boot(self._connection, unit, boot)
        return self._boots[key]


class _Boot:
    """mark, holes: as they are, and as the file has them; highest: sequence that is stored."""

    def __init__(self, connection: database.Connection, unit: str, boot: int) -> None:
        key = {"unit": unit, "boot": boot}
        row = connection.execute(
            "SELECT seq FROM acked WHERE unit=:unit AND boot=:boot", key
        ).fetchone()
        self.mark = self.mark_in_file = row[0] if row else 0
        self.highest = connection.execute(_HIGHEST, key).fetchone()[0] or 0
        self.holes_in_file: set[Gone] = set(
            connection.execute(
                "SELECT after, before FROM gone WHERE unit=:unit AND boot=:boot", key
            )
        )
        self.holes = set(self.holes_in_file)
        self.chain = 0

    def told(self, seq: int, gone: Gone, kept: bool) -> None:
        after, before = gone
        if before - after > 1:
            self.holes.add(gone)
        if not kept:
            self.chain = 0
            return
        self.highest = max(self.highest, seq)
        if seq == self.mark + 1:
            self.mark = seq
        if after == 0 and before == seq:
            self.chain = seq
        elif (after if before == seq else seq - 1) <= self.chain:
            self.chain = max(self.chain, seq)
        else:
            self.chain = 0


def _over_holes(mark: int, holes: Iterable[Gone]) -> int:
    for after, before in holes:
        if after <= mark:
            mark = max(mark, before - 1)
    return mark


def _over_records(connection: database.Connection, unit: str, boot: int, mark: int) -> int:
    key = {"unit": unit, "boot": boot, "mark": mark}
    for (seq,) in connection.execute(_FOLLOWING, key):
        if seq > mark + 1:
            break
        mark = seq
    return mark
