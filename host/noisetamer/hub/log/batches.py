"""Batches of records as leaves: what a unit told, in the order it told it, each record once."""

from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from noisetamer.base import database
from noisetamer.hub.log.log import Log
from noisetamer.hub.log.source import AT_ONCE, MovedError, moved, reading
from noisetamer.hub.store import chain_findings, past_days
from noisetamer.hub.store.packed_day import Kept
from noisetamer.proof.leaf import records_digest

MOST_RECORDS = 4096
"""In one leaf: eleven hours, of a unit that was away."""

# Of these no more in one step: whoever ends the hub waits for it, and a hub that has stored for
# months without a log has much to tell it.
_LEAVES = 200
_RECORDS = 1 << 16
_NEWS = "store"

Boot = tuple[str, int]


@dataclass(frozen=True)
class Taken:
    """Records of one boot that are to become a leaf, or none. before, after: how far its records
    are in leaves."""

    boot: Boot
    before: int
    after: int
    content: dict[str, Any] | None


def open_boots(log: Log, store: Path, units: Iterable[str] | None = None) -> list[Boot]:
    """Those with records that are in no leaf yet; units: of these only."""
    where, wanted = "TRUE", [()]
    if units is not None:
        where, wanted = "unit=?", [(unit,) for unit in sorted(set(units))]
    found: list[Boot] = []
    with reading(store) as connection:
        for values in wanted:
            rows = log.rows(f"SELECT unit, boot, seq FROM batched WHERE {where}", *values)
            done = {(unit, boot): seq for unit, boot, seq in rows}
            found += [
                (unit, boot)
                for unit, boot, seq in connection.execute(
                    f"SELECT unit, boot, seq FROM acked WHERE {where} ORDER BY unit, boot", values
                )
                if seq > done.get((unit, boot), 0)
            ]
    return found


def flush(log: Log, store: Path, units: Iterable[str]) -> None:
    """Put all that these units told, as far as it is acknowledged, into leaves now. From any
    process: what another has put there is not put there again."""
    boots = open_boots(log, store, units)
    while boots:
        boots = sorted(take(log, store, boots))


def take(log: Log, store: Path, boots: Iterable[Boot]) -> set[Boot]:
    """Put what is acknowledged of these boots into leaves, as much as one step may; those of which
    there is more."""
    while True:
        try:
            with reading(store) as connection:
                take_news(log, connection)
                return _take(log, connection, list(boots))
        except MovedError:
            continue


def take_news(log: Log, connection: database.Connection) -> None:
    """What the store has to tell besides: records that came when they were given up, each in a
    batch with `late`, of its own, and so not in the one around it; days that were deleted.

    Before the batches, from the same moment: so a late record is in one of both, and once.
    """
    while True:
        mark = log.watermark(_NEWS)
        rows = connection.execute(
            "SELECT id, unit, boot, seq, day FROM log_news WHERE id>? ORDER BY id LIMIT ?",
            (mark, AT_ONCE),
        ).fetchall()
        if not rows:
            return
        contents = []
        for _, unit, boot, seq, day in rows:
            if day is not None:
                contents.append(_deleted(connection, unit, day))
            elif seq <= _batched(log, unit, boot):
                late = _content(connection, (unit, boot), seq, seq)
                contents.append(late and {**late, "late": True})
        log.append([one for one in contents if one], moved(_NEWS, mark, rows[-1][0]))


def recomputed(
    connection: database.Connection, content: Mapping[str, Any], late: Container[int]
) -> tuple[str, int]:
    """(digest, how many) of the records that the store has where a batch says to have some.

    late: sequences of this boot that have a batch of their own. Raises ValueError where a packed
    day is spoilt.
    """
    first, last = content["first"], content["last"]
    found = past_days.between(connection, content["unit"], content["boot"], first, last)
    if not content.get("late"):
        found = [one for one in found if one.seq not in late]
    return records_digest(one.body for one in found), len(found)


def _take(log: Log, connection: database.Connection, boots: list[Boot]) -> set[Boot]:
    taken: list[Taken] = []
    records = 0
    for place, boot in enumerate(boots):
        # what a disk has spoilt is for the check to say; it keeps no other boot from the log
        with suppress(ValueError):
            for one in _of(log, connection, boot):
                taken.append(one)
                records += one.content["count"] if one.content else 0
                if len(taken) == _LEAVES or records >= _RECORDS:
                    _append(log, taken)
                    return set(boots[place:])
    _append(log, taken)
    return set()


def _of(log: Log, connection: database.Connection, boot: Boot) -> Iterator[Taken]:
    row = connection.execute("SELECT seq FROM acked WHERE unit=? AND boot=?", boot).fetchone()
    mark, before = row[0] if row else 0, _batched(log, *boot)
    while before < mark:
        first = past_days.next_seq(connection, *boot, before)
        if first is None or first > mark:
            yield Taken(boot, before, mark, None)
            return
        last = min(mark, first + MOST_RECORDS - 1)
        yield Taken(boot, before, last, _content(connection, boot, first, last))
        before = last


def _content(
    connection: database.Connection, boot: Boot, first: int, last: int
) -> dict[str, Any] | None:
    records = past_days.between(connection, *boot, first, last)
    return _said(connection, boot, records) if records else None


def _said(connection: database.Connection, boot: Boot, records: list[Kept]) -> dict[str, Any]:
    first, last = records[0].seq, records[-1].seq
    standing = chain_findings.standing(connection, *boot, first, last)
    received = [one.received for one in records]
    return {
        "kind": "batch",
        "unit": boot[0],
        "boot": boot[1],
        "first": first,
        "last": last,
        "count": len(records),
        "records": records_digest(one.body for one in records),
        "link": standing.link.hex() if standing.link else None,
        "chain": standing.word,
        "received": [int(min(received)), int(max(received))],
    }


def _deleted(connection: database.Connection, unit: str, day: int) -> dict[str, Any]:
    row = connection.execute(
        "SELECT at, file, sha256, records FROM deleted_day WHERE unit=? AND day=?", (unit, day)
    ).fetchone()
    at, file, digest, records = row or (0, "", "", 0)
    return {
        "kind": "deletion",
        "what": "day",
        "unit": unit,
        "day": day,
        "deleted": int(at),
        "why": "time",
        "kept": {"file": Path(file).name, "sha256": digest, "blocks": records},
    }


def _append(log: Log, taken: list[Taken]) -> None:
    if not taken:
        return

    def write(connection: database.Connection) -> None:
        for one in taken:
            connection.execute(
                "INSERT INTO batched VALUES(?,?,0) ON CONFLICT(unit, boot) DO NOTHING", one.boot
            )
            done = connection.execute(
                "UPDATE batched SET seq=? WHERE unit=? AND boot=? AND seq=?",
                (one.after, *one.boot, one.before),
            )
            if not done.rowcount:
                raise MovedError(one.boot)

    log.append([one.content for one in taken if one.content], write)


def _batched(log: Log, unit: str, boot: int) -> int:
    rows = log.rows("SELECT seq FROM batched WHERE unit=? AND boot=?", unit, boot)
    return rows[0][0] if rows else 0
