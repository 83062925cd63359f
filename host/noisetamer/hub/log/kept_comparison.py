"""The log against what the hub keeps: the records of its batches, the rows of the audit log.

Reads only, and beside a hub that runs.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from noisetamer.base import database
from noisetamer.base.zones import in_utc
from noisetamer.hub.log import batches
from noisetamer.hub.store import past_days
from noisetamer.hub.store.packed_day import DAY

# Kinds of leaves that are made of rows of the audit log.
_AUDITED = ("look", "deletion", "policy", "key", "order")


@dataclass(frozen=True)
class Said:
    """ill: something was changed or is missing, and nothing explains it."""

    text: str
    ill: bool


def records(data: Path, log: database.Connection) -> Iterator[Said]:
    """The records of each batch are those that the store has."""
    file = data / "hub.sqlite"
    if not database.exists(file):
        return
    yield from _index(log)
    rows = log.execute(
        "SELECT batch.unit, batch.boot, content FROM batch JOIN leaf ON leaf.n=batch.n"
        " WHERE kind='batch' AND content IS NOT NULL"
        " ORDER BY batch.unit, batch.boot, batch.first, batch.n"
    )
    let_go = {
        (content["unit"], content["day"])
        for content in _said(log, "deletion")
        if content.get("what") == "day"
    }
    done = {(unit, boot): seq for unit, boot, seq in log.execute("SELECT * FROM batched")}
    (read,) = log.execute(
        "SELECT coalesce(max(at), 0) FROM watermark WHERE source='store'"
    ).fetchone()
    with database.untouched(file) as store:
        store.execute("BEGIN")
        waiting: dict[batches.Boot, set[int]] = {}
        for unit, boot, seq in store.execute(
            "SELECT unit, boot, seq FROM log_news WHERE id>? AND seq IS NOT NULL", (read,)
        ):
            waiting.setdefault((unit, boot), set()).add(seq)
        for boot, of_boot in groupby(rows, lambda row: (row[0], row[1])):
            contents = [one for *_, content in of_boot if (one := _batch(content))]
            late = {one["first"] for one in contents if one.get("late")}
            late |= waiting.get(boot, set())
            yield from _boot(store, boot, contents, late, done.get(boot, 0), let_go)


def _batch(content: bytes | str) -> dict[str, Any] | None:
    """None of what is none; whoever wrote that was told of with the contents, or with the tree."""
    try:
        found = json.loads(content)
        numbers = [found[name] for name in ("boot", "first", "last", "count")]
        numbers += list(found["received"])
        texts = [found[name] for name in ("unit", "records")]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    fits = all(type(n) is int and 0 <= n < 2**32 for n in numbers) and len(numbers) == 6
    return found if fits and all(isinstance(text, str) for text in texts) else None


def _index(log: database.Connection) -> Iterator[Said]:
    """By the table `batch`, which nobody signed, the leaves of records are found: each is in it,
    and no other."""
    rows = log.execute(
        "SELECT leaf.n, content, batch.unit, batch.boot, batch.first, batch.last FROM leaf"
        " LEFT JOIN batch ON batch.n=leaf.n WHERE kind='batch' AND content IS NOT NULL"
        " ORDER BY leaf.n"
    )
    for _, of_leaf in groupby(rows, lambda row: row[0]):
        (_, content, *first_index), *more = of_leaf
        try:
            found = json.loads(content)
        except (ValueError, RecursionError):
            continue  # told where contents are looked at
        names = ("unit", "boot", "first", "last")
        told = [found.get(name) if isinstance(found, dict) else None for name in names]
        if told in (first_index, *(list(row[2:]) for row in more)) and None not in told:
            continue
        unit, boot, first, last = told
        what = f"{unit}, boot {boot}, records {first} to {last}"
        yield Said(f"{what}: taken out of the index of the log, and not compared", ill=True)
    indexed, there = log.execute(
        "SELECT (SELECT count(*) FROM batch), (SELECT count(*) FROM leaf WHERE kind='batch')"
    ).fetchone()
    if indexed > there:
        yield Said(f"{indexed - there} rows of the index of the log are of no leaf", ill=True)


def _boot(
    store: database.Connection,
    of: batches.Boot,
    contents: list[dict[str, Any]],
    late: set[int],
    done: int,
    let_go: set[tuple[str, int]],
) -> Iterator[Said]:
    """late: sequences that have a batch of their own, or will have; done: how far its records are
    in leaves."""
    unit, boot = of
    end = 0
    for one in contents:
        first, last = one["first"], one["last"]
        if first > end + 1 and not one.get("late"):
            yield from _foreign(store, unit, boot, end + 1, first - 1, late)
        end = max(end, last)
        what = f"{unit}, boot {boot}, records {first} to {last}"
        try:
            digest, count = batches.recomputed(store, one, late)
        except ValueError as error:
            yield Said(f"{what}: {error}", ill=True)
            continue
        if (digest, count) == (one["records"], one["count"]):
            continue
        days = _deleted_days(store, unit, boot, first, last)
        if days:
            unknown = [day for day in days if (unit, day) not in let_go]
            if unknown:
                yield Said(f"{what}: deleted ({_day(unknown[0])}), and no leaf says so", ill=True)
            continue
        when = _when(store, one)
        missing = one["count"] - count
        if missing > 0 and _known_lost(store, unit, boot, first, last):
            yield Said(
                f"{what}, {when}: {missing} are gone, as is known since the store was mended or "
                "brought back",
                ill=False,
            )
        elif missing > 0:
            yield Said(f"{what}, {when}: {missing} were deleted", ill=True)
        elif missing < 0:
            yield Said(f"{what}, {when}: {-missing} more than were told", ill=True)
        else:
            yield Said(f"{what}, {when}: at least one was changed", ill=True)
    yield from _foreign(store, unit, boot, end + 1, done, late)


def _foreign(
    store: database.Connection, unit: str, boot: int, first: int, last: int, late: set[int]
) -> Iterator[Said]:
    """Records where the log has none."""
    try:
        records = past_days.between(store, unit, boot, first, last) if first <= last else []
    except ValueError:
        return  # told of the packed day
    found = [one.seq for one in records if one.seq not in late]
    if found:
        yield Said(
            f"{unit}, boot {boot}, records {found[0]} to {found[-1]}: in no leaf, though later "
            "ones may be: put there afterwards",
            ill=True,
        )


def audit(data: Path, log: database.Connection) -> Iterator[Said]:
    """The rows of the audit log that leaves were made of are still the same."""
    file = data / "people.sqlite"
    if not database.exists(file):
        return
    with database.untouched(file) as people:
        for content in _said(log, *_AUDITED):
            match content.get("audit"):
                case [int(n), str(hash)]:
                    pass
                case _:
                    continue
            row = people.execute("SELECT hash FROM audit WHERE n=?", (n,)).fetchone()
            if row is None:
                yield Said(f"audit log: row {n} was deleted", ill=True)
            elif row[0].hex() != hash:
                yield Said(
                    f"audit log: row {n} is not the one that was committed to: it, or one before "
                    "it, was made anew",
                    ill=True,
                )
                return


def _said(log: database.Connection, *kinds: str) -> Iterator[dict[str, Any]]:
    for (content,) in log.execute(
        f"SELECT content FROM leaf WHERE kind IN ({','.join('?' * len(kinds))})"
        " AND content IS NOT NULL ORDER BY n",
        kinds,
    ):
        try:
            found = json.loads(content)
        except (ValueError, RecursionError):
            continue  # told where contents are looked at
        if isinstance(found, dict):
            yield found


def _deleted_days(
    store: database.Connection, unit: str, boot: int, first: int, last: int
) -> list[int]:
    """Of records that were let go when their time was over."""
    return [
        day
        for (day,) in store.execute(
            "SELECT DISTINCT day FROM past_records WHERE unit=? AND boot=? AND last>=?"
            " AND first<=? AND length(records)=0",
            (unit, boot, first, last),
        )
    ]


def _known_lost(store: database.Connection, unit: str, boot: int, first: int, last: int) -> bool:
    return bool(
        store.execute(
            "SELECT EXISTS(SELECT 1 FROM hole WHERE unit=? AND boot=? AND last>=? AND first<=?)"
            " AND EXISTS(SELECT 1 FROM wound)",
            (unit, boot, first, last),
        ).fetchone()[0]
    )


def _when(store: database.Connection, content: dict[str, Any]) -> str:
    """Between which times of the unit, where its records are still there; else when they came."""
    row = store.execute(
        "SELECT min(t), max(t) FROM record WHERE unit=? AND boot=? AND seq BETWEEN ? AND ?",
        (content["unit"], content["boot"], content["first"], content["last"]),
    ).fetchone()
    if row[0] is None:
        since, until = content["received"]
        return f"received {in_utc(since)} to {in_utc(until)}"
    return f"{in_utc(row[0])} to {in_utc(row[1])}"


def _day(day: int) -> str:
    return f"{datetime.fromtimestamp(day * DAY, UTC):%Y-%m-%d}"
