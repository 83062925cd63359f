"""What people and the hub did, as leaves: from the audit log, the incidents, the orders, the
permits.

Each source is read behind a watermark that moves with its leaves.
"""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from noisetamer.base import database
from noisetamer.hub.log.log import Log
from noisetamer.hub.log.source import AT_ONCE, MovedError, moved, reading, storable
from noisetamer.hub.orders.ledger import CLOSED
from tamer.record.events import KINDS as EVENTS

# {what the audit log calls it: kind of leaf}. What is not here stands in no leaf of its own: its
# row is among those below the hash that the next leaf carries.
AUDITED = {
    "login": "look",
    "login_locked": "look",
    "picture_seen": "look",
    "evidence_made": "look",
    "report_made": "look",
    "evidence_seen": "look",
    "picture_deleted": "deletion",
    "person_forgotten": "deletion",
    "escalation": "policy",
    "square_silenced": "policy",
    "camera": "policy",
    "update_push": "policy",
    "update_stop": "policy",
    "update_resume": "policy",
    "unit_admitted": "key",
    "unit_revoked": "key",
    "unit_rekeyed": "key",
    "keys_installed": "key",
    "witness_added": "key",
    "witness_removed": "key",
    "stamps_by": "key",
    "account_added": "key",
    "account_changed": "key",
    "account_disabled": "key",
    "account_forgotten": "key",
    "account_enabled": "key",
    "password": "key",
    "second_factor_on": "key",
    "second_factor_off": "key",
    "recovery_code_used": "key",
    "restored": "key",
}
# Most of the feed is nothing for the log.
_FEED_AT_ONCE = 20_000

POLICIES = ("policy",)
"""Orders that change what a box decides by."""


def follow(log: Log, data: Path, to_the_end: bool = False) -> bool:
    """Put what was done since into leaves, of each source a part or all; whether there may be
    more."""
    more = False
    for source in (audit, incidents, told, permits):
        again = source(log, data)
        while again and to_the_end:
            again = source(log, data)
        more |= again
    effects(log, data)
    return more


def audit(log: Log, data: Path) -> bool:
    """Whether there may be more."""
    return _follow(
        log,
        data / "people.sqlite",
        "audit",
        "SELECT n, at, by, what, target, reason, detail, hash FROM audit WHERE n>? ORDER BY n",
        _audited,
    )


def incidents(log: Log, data: Path) -> bool:
    """Whether there may be more."""
    return _follow(
        log,
        data / "incidents.sqlite",
        "incidents",
        "SELECT entry.id, incident, square, incident.kind, t, at, what, who, fields"
        " FROM entry JOIN incident ON incident.id=incident WHERE entry.id>? ORDER BY entry.id",
        _happened,
    )


def told(log: Log, data: Path) -> bool:
    """What boxes told that concerns keys and calibration. Whether there may be more."""
    return _follow(
        log,
        data / "hub.sqlite",
        "feed",
        "SELECT feed.id, feed.received, event.unit, event.boot, event.seq, event.t, kind, fields"
        " FROM feed LEFT JOIN event ON event.unit=feed.unit AND event.boot=feed.boot"
        " AND event.seq=feed.seq AND kind IN ('rekeyed', 'self-check') WHERE feed.id>?"
        " ORDER BY feed.id",
        _told,
        _FEED_AT_ONCE,
    )


def permits(log: Log, data: Path) -> bool:
    """Documents of permits, by their hashes: whoever keeps one can show that it was given, and
    nobody is named. Whether there may be more."""
    return _follow(
        log,
        data / "permits.sqlite",
        "permits",
        "SELECT document.id, permit, square, what, number, sha256, document.at FROM document"
        " JOIN application ON application.id=permit"
        " JOIN square_group ON square_group.id=square_group"
        " WHERE document.id>? ORDER BY document.id",
        _permitted,
    )


def effects(log: Log, data: Path) -> None:
    """What became of orders."""
    file = data / "orders.sqlite"
    waiting = log.rows("SELECT unit, n FROM awaited ORDER BY unit, n")
    if not waiting or not database.exists(file):
        return
    with reading(file) as connection:
        rows = [
            row
            for unit, n in waiting
            if (
                row := connection.execute(
                    "SELECT unit, n, verb, state, why, detail, closed, boot, seq FROM given"
                    " WHERE unit=? AND n=? AND closed IS NOT NULL",
                    (unit, n),
                ).fetchone()
            )
        ]

    def write(file: database.Connection) -> None:
        for unit, n, *_ in rows:
            if not file.execute("DELETE FROM awaited WHERE unit=? AND n=?", (unit, n)).rowcount:
                raise MovedError(f"{unit} {n}")

    if rows:
        log.append([_effect(*row) for row in rows], write)


def _follow(
    log: Log,
    file: Path,
    source: str,
    query: str,
    contents: Callable[[list[Any]], Iterable[dict[str, Any]]],
    most: int = AT_ONCE,
) -> bool:
    if not database.exists(file):
        return False
    mark = log.watermark(source)
    with reading(file) as connection:
        rows = connection.execute(f"{query} LIMIT {most}", (mark,)).fetchall()
    if not rows:
        return False
    found = list(contents(rows))
    move = moved(source, mark, rows[-1][0])

    def write(file: database.Connection) -> None:
        move(file)
        for one in found:
            if "n" in one:  # an order: what becomes of it is to be told
                file.execute(
                    "INSERT INTO awaited VALUES(?,?) ON CONFLICT(unit, n) DO NOTHING",
                    (one["unit"], one["n"]),
                )

    try:
        log.append(found, write)
    except MovedError:
        return True
    return len(rows) == most


def _audited(rows: list[Any]) -> Iterable[dict[str, Any]]:
    for n, at, by, what, target, reason, text, hash in rows:
        detail = storable(json.loads(text))
        row = {"at": int(at), "by": by, "reason": reason, "audit": [n, hash.hex()]}
        if what == "order":
            fields = {key: value for key, value in detail.items() if key not in ("n", "verb")}
            verb = detail["verb"]
            kind = "policy" if verb in POLICIES else "order"
            yield {
                **row,
                "kind": kind,
                "unit": target,
                "n": detail["n"],
                "verb": verb,
                "fields": fields,
            }
        elif kind := AUDITED.get(what):
            yield {**row, "kind": kind, "what": what, "target": target, "detail": detail}


def _happened(rows: list[Any]) -> Iterable[dict[str, Any]]:
    for id, incident, square, cause, t, at, what, who, fields in rows:
        if what in EVENTS:
            continue  # a box told it: it is among its records
        yield {
            "kind": "incident",
            "at": int(at),
            "incident": incident,
            "square": square,
            "cause": cause,
            "what": what,
            "by": who,
            "t": t,
            "entry": id,
            "fields": storable(json.loads(fields)),
        }


def _permitted(rows: list[Any]) -> Iterable[dict[str, Any]]:
    for _, permit, square, what, number, sha256, at in rows:
        yield {
            "kind": "permit",
            "at": int(at),
            "permit": permit,
            "square": square,
            "what": what,
            "number": number,
            "sha256": sha256.hex(),
        }


def _told(rows: list[Any]) -> Iterable[dict[str, Any]]:
    for _, received, unit, boot, seq, t, kind, text in rows:
        if kind is None:
            continue
        fields = storable(json.loads(text))
        row = {"unit": unit, "boot": boot, "seq": seq, "t": t, "at": int(received)}
        if kind == "rekeyed":
            yield {**row, "kind": "key", "what": kind, "fields": fields}
        elif fields.get("verdict") == "reference":
            # taken anew after each calibration; the certificate itself a hub is not told
            yield {**row, "kind": "calibration", "what": "reference", "fields": fields}


def _effect(
    unit: str,
    n: int,
    verb: str,
    state: str,
    why: str,
    detail: str,
    closed: float,
    boot: int | None,
    seq: int | None,
) -> dict[str, Any]:
    assert state in CLOSED
    return {
        "kind": "effect",
        "unit": unit,
        "order": n,
        "verb": verb,
        "state": state,
        "why": storable(why),
        "detail": storable(detail),
        "at": int(closed),
        "told": None if boot is None else [boot, seq],
    }
