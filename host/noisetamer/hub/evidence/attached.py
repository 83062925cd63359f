"""What is attached to the record: policies, calibration, pictures, custody, findings of chains."""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from noisetamer.base import database
from noisetamer.hub.cameras.album import Album, Kept
from noisetamer.hub.evidence.records import Heard
from noisetamer.hub.evidence.scope import Scope
from noisetamer.hub.evidence.tables import Times, table
from noisetamer.hub.orders import policies
from noisetamer.hub.people.audit import Audit, Entry
from noisetamer.hub.squares.squares import Squares
from noisetamer.hub.store import chain_findings
from noisetamer.proof.canonical import json_bytes
from noisetamer.unit.policy import file as policy_file
from tamer.judge.policy import hashed
from tamer.judge.schema import complete
from tamer.record.reading import is_dated

_NAMELESS = Path("policy.toml")
_MOST_ROWS = 5000
# Of pages of the audit log that are read at once.
_A_PAGE = 500


@dataclass(frozen=True)
class InForce:
    """A policy. name: as people call it; body: completed, in canonical JSON; None: only its hash
    is known here."""

    hash: str
    name: str | None
    body: bytes | None


def policies_in_force(heard: Iterable[Heard], square: str, squares: Squares) -> list[InForce]:
    """Every one that an event of the span names, by its first digits."""
    wanted = {
        str(event.fields["policy"])
        for one in heard
        for event in one.events
        if isinstance(event.fields.get("policy"), str)
    }
    return policies_named(wanted, square, squares)


def policies_named(wanted: Collection[str], square: str, squares: Squares) -> list[InForce]:
    """Those with these first digits of their hashes."""
    texts = [each.body.get("text", "") for each in squares.history(square, "policy")]
    known: dict[str, InForce] = {}
    for text in (*texts, "", *policies.shipped().values()):
        if (found := _completed(text)) and found.hash in wanted:
            known.setdefault(found.hash, found)
    return [known.get(hash, InForce(hash, None, None)) for hash in sorted(wanted)]


def _completed(text: str) -> InForce | None:
    """Of a text in TOML; one without a word is the box's default."""
    done, faults = complete(policy_file.of_toml(_NAMELESS, text).table)
    if faults:
        return None
    body = hashed(done).encode()
    return InForce(hashlib.sha256(body).hexdigest()[: policies.HASH_DIGITS], done["name"], body)


def calibration(
    heard: Heard,
    check: tuple[int, dict[str, Any]] | None,
    leaves: Sequence[Mapping[str, Any]],
    why: Mapping[str, str],
) -> bytes:
    """`calibration/<unit>.json`. check: (t, fields) of the last self-check before the span's end;
    leaves: what the log has of calibrations; why: in each language, where there is none."""
    told: dict[str, Any] = {"unit": heard.unit, "certificates": list(leaves)}
    if not leaves:
        told["not_known"] = dict(why)
    if check:
        told["self_check"] = {"t": check[0], **check[1]}
    return json_bytes(told)


@dataclass(frozen=True)
class Picture:
    """A row of the album; member: its place in the bundle, "" where there is none; why: then."""

    kept: Kept
    member: str
    jpeg: bytes | None
    why: str


def pictures(scope: Scope, album: Album, allowed: bool) -> list[Picture]:
    """As they are kept: blurred where the square's camera is set so."""
    found = []
    for incident in scope.incidents:
        for kept in album.of_incident(incident.id):
            jpeg = album.read(kept) if allowed and kept.there else None
            if jpeg is not None:
                member = f"pictures/{kept.id}-{kept.sha256[:12] if kept.sha256 else ''}.jpg"
                found.append(Picture(kept, member, jpeg, ""))
            else:
                found.append(Picture(kept, "", None, _why_not(kept, allowed)))
    return found


def _why_not(kept: Kept, allowed: bool) -> str:
    if not allowed:
        return "withheld: who made this may not see pictures"
    if kept.sha256 is None:
        return "none was taken: " + ", ".join(one.reason for one in kept.why)
    if kept.deleted is not None:
        return f"deleted: {kept.deleted_why}"
    return "the file is not what was taken"


def pictures_table(found: Sequence[Picture], times: Times) -> Iterator[bytes]:
    """`pictures/pictures.csv`: by the hub's clock, each picture that was wanted."""
    return table(
        ("at", "UTC", "local", "incident", "moment", "way", "blur", "sha256", "file", "why"),
        (
            (
                *(int(one.kept.at), *times.both(one.kept.at), one.kept.incident),
                *(one.kept.moment, one.kept.way, one.kept.blur, one.kept.sha256 or ""),
                *(one.member, one.why),
            )
            for one in found
        ),
    )


def custody(audit: Audit, scope: Scope, until: float) -> list[Entry]:
    """Rows of the audit log that touch the span, oldest first: of its incidents, its pictures, its
    square and units from an hour before on, and of this bundle. until: now, Unix s."""
    begin = scope.concerned
    numbers = {str(one.id) for one in scope.incidents}
    targets = {f"{scope.square} #{number}" for number in numbers}
    targets |= {scope.square, *scope.units}
    found: list[Entry] = []
    before = 0
    while rows := audit.entries(before=before, most=_A_PAGE):
        found += [
            row
            for row in rows
            if begin <= row.at <= until and (row.target in targets or _of_incident(row, numbers))
        ]
        before = rows[-1].n
        if rows[-1].at < begin or len(found) >= _MOST_ROWS or before <= 1:
            break
    return found[::-1]


def _of_incident(row: Entry, numbers: set[str]) -> bool:
    return row.what.startswith("incident_") and row.target in numbers


def custody_table(rows: Sequence[Entry], times: Times) -> Iterator[bytes]:
    """`custody.csv`. hash: of the row in the hub's audit log, which also covers the address it
    came from; that is left out here."""
    return table(
        ("row", "at", "UTC", "local", "by", "what", "target", "reason", "detail", "hash"),
        (
            (
                *(row.n, int(row.at), *times.both(row.at), row.by, row.what, row.target),
                *(row.reason, json.dumps(dict(row.detail), ensure_ascii=False, sort_keys=True)),
                row.hash.hex(),
            )
            for row in rows
        ),
    )


def findings(
    connection: database.Connection, scope: Scope
) -> list[tuple[int, str, int, int, str, str]]:
    """Of the units' chains in the span, as `tables.chain` wants them."""
    return [
        (
            *(one.t if is_dated(one.t) else int(one.received), one.unit, one.boot, one.seq),
            *(one.kind, json_bytes({**one.detail, "last": one.last, "told": one.told}).decode()),
        )
        for one in chain_findings.findings(connection, scope.units, scope.since, scope.until - 1)
    ]
