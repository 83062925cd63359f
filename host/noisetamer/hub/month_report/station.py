"""A box in the terms of automatic stations, held against limits that stand elsewhere.

What a limit is and who says so stands in `station_limits.json`. "met" is said of a figure, never
of a station: none of this makes a box one.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from noisetamer.hub.month_report.facts import Night, Station
from noisetamer.hub.month_report.month import Month
from noisetamer.hub.store.hour_sums import HOUR
from noisetamer.hub.store.packed_day import DAY
from noisetamer.hub.store.queries import PastEvent

LIMITS = Path(__file__).with_name("station_limits.json")

MET, NOT_MET, NOT_KNOWN, NO_LIMIT = "met", "not met", "not known", "no limit"


@dataclass(frozen=True)
class Limit:
    """of: of which figure; most, least: None where there is none; source: who says so, and how
    well it is known here."""

    of: str
    unit: str
    least: float | None
    most: float | None
    source: str
    known: str


@dataclass(frozen=True)
class Verdict:
    """value: in the limit's unit, None where it is not known; count: what it is of."""

    limit: Limit
    value: float | None
    count: int
    verdict: str


@cache
def limits() -> dict[str, Limit]:
    """By what they are of."""
    told = json.loads(LIMITS.read_text(encoding="utf-8"))["limits"]
    return {one["of"]: Limit(**one) for one in told}


@cache
def hour_counts_from() -> float:
    """An hour of which so much is valid is captured."""
    return json.loads(LIMITS.read_text(encoding="utf-8"))["hour_counts_from"]["share"]


def figures(
    month: Month,
    span: tuple[int, int],
    valid: np.ndarray,
    events: Sequence[PastEvent],
    reference: int | None,
) -> Station:
    """span: of the box's first second ever, and up to when; valid: seconds of each hour from the
    month's first on; reference: since when self-checks compare."""
    until = span[1]
    begin = int(np.clip(span[0], month.since, until))
    # whole hours since the box was there
    first = -(-(begin - month.since) // HOUR)
    whole = valid[first : (until - month.since) // HOUR]
    in_time = [e for e in events if begin <= e.t < until]
    checks = tuple(
        Night(
            e.t,
            str(e.fields.get("verdict", "?")),
            max((abs(d) for d in e.fields.get("deviations") or ()), default=None),
        )
        for e in in_time
        if e.kind == "self-check"
    )
    played = {
        month.local(e.t - DAY // 2).date()
        for e in in_time
        if e.kind == "self-check" and e.fields.get("levels")
    }
    return Station(
        due=until - begin,
        valid=int(valid.sum()),
        hours=len(whole),
        captured=int(np.count_nonzero(whole >= hour_counts_from() * HOUR)),
        steps=tuple(int(e.fields["step"]) for e in in_time if _is_step(e.kind, e.fields)),
        nights=(until - begin) // DAY,
        checked=len(played),
        checks=checks,
        reference=reference,
    )


def _is_step(kind: str, fields: dict) -> bool:
    return kind == "clock" and isinstance(fields.get("step"), int)


def verdicts(of: Station) -> list[Verdict]:
    """One of each limit, in their order."""
    deviations = [n.deviation for n in of.checks if n.deviation is not None]
    values: dict[str, tuple[float | None, int]] = {
        "valid data rate": (_per_cent(of.valid, of.due), of.due),
        "hourly capture": (_per_cent(of.captured, of.hours), of.hours),
        "clock error": (
            max((abs(step) / 1000 for step in of.steps), default=None),
            len(of.steps),
        ),
        "nights checked": (_per_cent(of.checked, of.nights), of.nights),
        "self-check deviation": (
            max(deviations) / 10 if deviations else None,
            len(deviations),
        ),
    }
    return [_verdict(limit, *values[name]) for name, limit in limits().items()]


def _verdict(limit: Limit, value: float | None, count: int) -> Verdict:
    if limit.least is None and limit.most is None:
        said = NO_LIMIT
    elif value is None:
        said = NOT_KNOWN
    else:
        low = limit.least is not None and value < limit.least
        high = limit.most is not None and value > limit.most
        said = NOT_MET if low or high else MET
    return Verdict(limit, value, count, said)


def _per_cent(part: int, of: int) -> float | None:
    return 100 * part / of if of > 0 else None
