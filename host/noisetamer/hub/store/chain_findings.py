"""What was found of the chains of units' records (tamer.record.seal), read beside the writer.

Kinds:

break     a record that does not follow what it claims to follow: it, or its link, was changed, or
          made with another key
gap       a good link, but what it follows is not here
fork      two records with one name, or two that follow the same one
reset     a chain that begins anew
unlinked  records without a link, of a unit that made links before
rekeyed   the unit has another key from here on
revoked   records that came after the unit's key was revoked
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from noisetamer.base import database

KINDS = ("break", "fork", "reset", "gap", "unlinked", "revoked", "rekeyed")
"""The gravest first."""

# Records may overtake each other, and a box tells last why others are not there.
PATIENCE_SECONDS = 600

# How long an alarm stands.
ALARM_SECONDS = 7 * 86_400

WHOLE, NONE = "whole", "none"


@dataclass(frozen=True)
class Finding:
    """Of records of a boot from seq to last, with times from t to until, Unix s.

    received: when it was found, by the hub's clock, Unix s; told: of a gap, who told why: "box"
    (an event `lost` or `thinned` in the chain), "hub" (it lost them itself: a backup was restored,
    a page spoilt), "begin" (nothing is here of before) or ""; of a new key "box", "gap" (what
    would have told of it is missing) or ""; detail: {"records": how many are missing, or
    concerned; "key": fingerprint; "second": it is a second record of that name}.
    """

    unit: str
    boot: int
    seq: int
    last: int
    t: int
    until: int
    received: float
    kind: str
    told: str
    detail: dict[str, Any]

    @property
    def alarming(self) -> bool:
        """Whether somebody should look: nothing explains it."""
        return not (self.told and self.kind in ("gap", "rekeyed"))

    def ripe(self, now: float) -> bool:
        """Whether it is to be shown: what is not here may still be on its way. now: Unix s."""
        waits = self.kind in ("gap", "rekeyed") and not self.told
        return not waits or now - self.received >= PATIENCE_SECONDS


@dataclass(frozen=True)
class Standing:
    """Of records of one boot. word: "whole" (each was proved to follow the one before), "none"
    (they have no links) or the gravest kind of finding; link: of the last one, None where it has
    none here.
    """

    word: str
    link: bytes | None


_COLUMNS = "unit, boot, seq, last, t, until, received, kind, told, detail"


def findings(
    connection: database.Connection, units: Sequence[str], since: float, until: float
) -> list[Finding]:
    """What stands, of records with times from `since` to `until`, Unix s; the oldest first."""
    return _read(connection, "t<=? AND until>=?", units, (until, since))


def alarms(connection: database.Connection, now: float) -> dict[str, list[Finding]]:
    """{unit: what was found of it lately that somebody should look at, the newest first}. now:
    Unix s by the hub's clock.
    """
    found: dict[str, list[Finding]] = {}
    for row in connection.execute(
        f"SELECT {_COLUMNS} FROM chain_finding WHERE settled IS NULL AND received>=?"
        " ORDER BY received DESC, id DESC",
        (now - ALARM_SECONDS,),
    ):
        one = _finding(*row)
        if one.alarming and one.ripe(now):
            found.setdefault(one.unit, []).append(one)
    return found


def standing(
    connection: database.Connection, unit: str, boot: int, first: int, last: int
) -> Standing:
    """Of the records of a boot from first to last, as they are here."""
    key = {"unit": unit, "boot": boot, "first": first, "last": last}
    row = connection.execute(
        "SELECT link FROM record WHERE unit=:unit AND boot=:boot AND seq=:last", key
    ).fetchone()
    link = row[0] if row else None
    kinds = {
        kind
        for (kind,) in connection.execute(
            "SELECT kind FROM chain_finding WHERE unit=:unit AND boot=:boot AND seq<=:last"
            " AND last>=:first AND settled IS NULL AND NOT (kind='rekeyed' AND told<>'')",
            key,
        )
    }
    word = next((kind for kind in KINDS if kind in kinds), None)
    if word is None:
        word = WHOLE if _is_linked(connection, key) and _is_proved(connection, key) else NONE
    return Standing(word, link)


def _is_linked(connection: database.Connection, key: dict[str, object]) -> bool:
    """Whether every record from first to last that is here has a link."""
    (bare,) = connection.execute(
        "SELECT EXISTS(SELECT 1 FROM record WHERE unit=:unit AND boot=:boot"
        " AND seq BETWEEN :first AND :last AND link IS NULL) OR EXISTS(SELECT 1 FROM past_records"
        " WHERE unit=:unit AND boot=:boot AND first<=:last AND last>=:first AND marks IS NULL)"
        " OR EXISTS(SELECT 1 FROM past_hours"
        " WHERE unit=:unit AND boot=:boot AND first<=:last AND last>=:first AND marks IS NULL)",
        key,
    ).fetchone()
    return not bare


def _is_proved(connection: database.Connection, key: dict[str, object]) -> bool:
    """Whether the key is known of every stretch that has some of them."""
    proved = connection.execute(
        "SELECT key<>'' FROM chain_start WHERE unit=:unit AND boot=:boot AND seq>:first"
        " AND seq<=:last UNION ALL SELECT * FROM (SELECT key<>'' FROM chain_start WHERE unit=:unit"
        " AND boot=:boot AND seq<=:first ORDER BY seq DESC LIMIT 1) AS begun",
        key,
    ).fetchall()
    return bool(proved) and all(is_so for (is_so,) in proved)


def _read(
    connection: database.Connection, where: str, units: Sequence[str], values: Iterable[object]
) -> list[Finding]:
    if not units:
        return []
    marks = ",".join("?" * len(units))
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM chain_finding WHERE unit IN ({marks}) AND settled IS NULL"
        f" AND {where} ORDER BY t, id",
        (*units, *values),
    )
    return [_finding(*row) for row in rows]


def _finding(
    unit: str,
    boot: int,
    seq: int,
    last: int,
    t: int,
    until: int,
    received: float,
    kind: str,
    told: str,
    detail: str,
) -> Finding:
    span = seq, last, t, until
    return Finding(unit, boot, *span, received, kind, told, json.loads(detail))
