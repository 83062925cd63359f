"""Dates what a box has told while it did not know the time, once its event `clock` has come.

What a boot tells before it knows the time counts its own seconds. The event says when second 0
was. A record is dated once; its body stays as it came, which shows for ever that its date is of
afterwards. Of a boot that never learned the time everything stays undated, in its place by number.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from noisetamer.base import database
from noisetamer.hub.wire import Event, Record, read_record
from tamer.record import encoding
from tamer.record.reading import DATED_FROM, is_dated

# Longer would keep every unit waiting for its acknowledgement.
AT_ONCE = 5000

Boot = tuple[str, int]
"""(unit, boot)"""


# They may tell of seconds of an earlier boot than their own.
_OF_LOSSES = ("lost", "thinned")


def date(connection: database.Connection, boot: Boot) -> list[Record]:
    """The records of a boot that are dated now, with their dates; as many as AT_ONCE of them."""
    undated = connection.execute(
        # The literal is that of the index.
        f"SELECT seq, body FROM record WHERE unit=? AND boot=? AND t<{DATED_FROM}"
        " ORDER BY seq LIMIT ?",
        (*boot, AT_ONCE),
    ).fetchall()
    clocks = _clocks(connection, boot) if undated else []
    if not clocks:
        return []
    dated = [_dated(boot[0], body, _boot_at(seq, clocks)) for seq, body in undated]
    connection.executemany(
        "UPDATE record SET t=? WHERE unit=? AND boot=? AND seq=?",
        [(record.last, *boot, record.seq) for record in dated],
    )
    connection.executemany(
        "UPDATE event SET t=?, fields=? WHERE unit=? AND boot=? AND seq=?",
        [
            (record.t, json.dumps(record.fields), *boot, record.seq)
            for record in dated
            if isinstance(record, Event)
        ],
    )
    return dated


def date_losses(connection: database.Connection, boot: Boot) -> list[Record]:
    """The events, of any boot, that tell of undated seconds of this one: now with their dates."""
    told = connection.execute(
        "SELECT boot, seq, event.t, kind, fields, body FROM event"
        " JOIN record USING(unit, boot, seq) WHERE unit=? AND kind IN (?, ?)"
        # as text: it is asked of years
        " AND fields LIKE ?",
        (boot[0], *_OF_LOSSES, f'%"of_boot": {boot[1]}%'),
    ).fetchall()
    rows = [
        (*row[:4], fields, row[5]) for row in told if _waits(fields := json.loads(row[4]), boot)
    ]
    clocks = _clocks(connection, boot) if rows else []
    if not clocks:
        return []
    # All of them before the first word: what came after it has a date.
    boot_at = clocks[0][1]
    found: list[Record] = []
    for number, seq, t, kind, fields, body in rows:
        for name in ("start", "end"):
            if name in fields and not is_dated(fields[name]):
                fields[name] += boot_at
        found.append(Event(boot[0], number, seq, (0, 1), t, kind, fields, body))
        connection.execute(
            "UPDATE event SET fields=? WHERE unit=? AND boot=? AND seq=?",
            (json.dumps(fields), boot[0], number, seq),
        )
    return found


def _waits(fields: dict[str, Any], boot: Boot) -> bool:
    """Whether a loss is of undated seconds of this boot."""
    return fields.get("of_boot") == boot[1] and not is_dated(fields.get("start", DATED_FROM))


def told_of(event: Event) -> Boot | None:
    """The boot whose undated seconds are lost or thinned by this event."""
    if event.kind in _OF_LOSSES and "of_boot" in event.fields:
        return event.unit, event.fields["of_boot"]
    return None


def undone(connection: database.Connection) -> set[Boot]:
    """The boots of which something can still be dated."""
    return set(
        connection.execute(
            f"SELECT DISTINCT unit, boot FROM record WHERE t<{DATED_FROM} AND EXISTS"
            " (SELECT 1 FROM event WHERE event.unit=record.unit AND event.boot=record.boot"
            " AND kind='clock')"
        )
    )


def is_dated_afterwards(t: int, body: bytes) -> bool:
    """Whether a record that has this time in the store came without one."""
    if not is_dated(t) or body[:1] == b"{":
        return False
    return not is_dated(encoding.head(body).t)


def _clocks(connection: database.Connection, boot: Boot) -> list[tuple[int, int]]:
    """(seq, boot_at) of each event `clock`, by seq."""
    told = connection.execute(
        "SELECT seq, fields FROM event WHERE unit=? AND boot=? AND kind='clock' ORDER BY seq", boot
    )
    found = [(seq, json.loads(fields)["boot_at"]) for seq, fields in told]
    return [(seq, boot_at) for seq, boot_at in found if is_dated(boot_at)]


def _boot_at(seq: int, clocks: Iterable[tuple[int, int]]) -> int:
    """By the last word before the record; before the first, by that."""
    found = None
    for told, boot_at in clocks:
        if found is None or told < seq:
            found = boot_at
    assert found is not None
    return found


def _dated(unit: str, body: bytes, boot_at: int) -> Record:
    record = read_record(unit, (0, 1), body)
    dated = replace(record, t=record.t + boot_at)
    # When it began is of the same boot. What a loss tells of may be of an earlier one.
    if isinstance(dated, Event) and dated.kind == "incident":
        start = dated.fields["start"]
        if not is_dated(start):
            return replace(dated, fields={**dated.fields, "start": start + boot_at})
    return dated
