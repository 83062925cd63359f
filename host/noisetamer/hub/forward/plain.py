"""A fact as JSON for whoever knows nothing of the box: levels in dB, times in words. Pure."""

import time
from typing import Any

from noisetamer.hub.forward.facts import EVENT, INCIDENT, PERIODS, Fact
from tamer.record.fields import DECIBELS, field
from tamer.record.reading import MISSING


def moment(t: float) -> str:
    """A Unix time by RFC 3339, UTC, to the second: 2026-11-29T12:00:00Z."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(t))


def told(fact: Fact) -> dict[str, Any]:
    """What an event, a status or an incident has besides; levels in dB, None where not known."""
    if fact.kind == INCIDENT:
        of_levels = ("level", "limit")
    elif fact.kind == EVENT:
        of_levels = [name for name in fact.fields if _is_level(fact.what, name)]
    else:
        of_levels = ()
    return {
        name: _in_decibels(value) if name in of_levels else value
        for name, value in fact.fields.items()
    }


def plain(fact: Fact) -> dict[str, Any]:
    """All of it. A period has its levels in dB, and how much of it is known beside them."""
    found: dict[str, Any] = {
        "kind": fact.kind,
        "key": fact.key,
        "unit": fact.unit,
        "name": fact.name,
        "square": fact.square,
    }
    if fact.kind in PERIODS:
        found |= {
            "from": moment(fact.since),
            "to": moment(fact.until),
            "levels": {name: fact.dB(name) for name in fact.levels},
            "coverage": round(fact.coverage, 4),
            "valid_seconds": fact.valid,
            "seconds": fact.seconds,
            "invalid": dict(fact.reasons),
            "overload": fact.overload,
            "under_range": fact.under_range,
        }
    else:
        found |= {"at": moment(fact.since), "what": fact.what, "fields": told(fact)}
    return {**found, "late": fact.late}


def _is_level(kind: str, name: str) -> bool:
    try:
        return field(kind, name).unit == DECIBELS
    except KeyError:  # of newer firmware
        return False


def _in_decibels(value: Any) -> Any:
    if isinstance(value, list):
        return [_in_decibels(one) for one in value]
    return None if value is None or value == MISSING else value / 10
