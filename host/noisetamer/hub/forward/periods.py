"""Facts of a unit's seconds, minutes, hours and days, as the store has them. By the box's own
arithmetic (tamer.record.statistics); where the box knows more of an hour or a day than the hub has
seconds of, its own sum.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from noisetamer.hub.forward import facts
from noisetamer.hub.forward.facts import PERIODS, Fact
from noisetamer.hub.forward.format import Unit
from noisetamer.hub.store import figures, minutes, past_days, roll_ups
from noisetamer.hub.store.minutes import NOT_RECEIVED, Columns
from noisetamer.hub.store.packed_day import DAY
from noisetamer.hub.store.periods import summed_up
from noisetamer.hub.store.queries import Queries
from tamer.record.reading import MISSING
from tamer.record.statistics import Statistics

_OF_A_SECOND = ("LAeq", "LAFmax", "LCeq", "LCpeak")
_TOLD_WITHIN = 6 * 3600
"""s after its end in which a box tells its day, by its own clock."""


def seconds(store: Any, unit: Unit, since: int, until: int, late: bool) -> Iterator[Fact]:
    """Of since <= t < until, Unix s, each that was received. store: a connection that reads."""
    columns = past_days.columns(store, unit.id, since, until - since)
    for t, (*levels, flags) in enumerate(columns.T.tolist(), since):
        if flags == NOT_RECEIVED:
            continue
        why = minutes.reason(flags)
        told = zip(_OF_A_SECOND, levels, strict=True)
        yield Fact(
            *(facts.SECOND, f"{unit.id}/second/{t}", unit.id, unit.name, unit.square, t, t + 1),
            late=late,
            levels={} if why else {name: level for name, level in told if level != MISSING},
            valid=0 if why else 1,
            reasons={why: 1} if why else {},
        )


def told(
    store: Any, queries: Queries, kind: str, unit: Unit, begin: int, late: bool, utc_offset: float
) -> Iterator[Fact]:
    """The minute, hour or day from Unix time `begin` on; none where nothing of it is there.

    utc_offset: of the clock that says what is night, h.
    """
    length = PERIODS[kind]
    columns = past_days.columns(store, unit.id, begin, length)
    if kind == facts.DAY:
        found, levels = _day(store, queries, unit.id, begin, utc_offset)
    else:
        found = summed_up(begin, columns)
        levels = _levels(found._asdict()) if found else {}
        if kind == facts.HOUR:
            own = queries.told_hours(unit.id, begin, begin + length).get(begin, [])
            best = max(own, key=lambda one: one["valid_seconds"], default=None)
            if best and best["valid_seconds"] > (found.valid if found else 0):
                found, levels = _as_told(begin, length, best), _levels(best)
    if found is None:
        return
    yield Fact(
        *(kind, f"{unit.id}/{kind}/{begin}", unit.id, unit.name, unit.square),
        *(begin, begin + length),
        late=late,
        levels=levels,
        valid=found.valid,
        reasons=_reasons(columns, found.valid),
        overload=bool(found.overload),
        under_range=bool(found.under_range),
    )


def known_minutes(store: Any, unit: str, begin: int) -> list[int]:
    """When the minutes of 24 hours begin of which anything was received, Unix s."""
    columns = past_days.columns(store, unit, begin, DAY)
    known = (columns[-1] != NOT_RECEIVED).reshape(-1, 60).any(axis=1)
    return [begin + 60 * int(minute) for minute in np.flatnonzero(known)]


def _day(
    store: Any, queries: Queries, unit: str, begin: int, utc_offset: float
) -> tuple[Statistics | None, dict[str, int]]:
    hours, _ = roll_ups.hours(store, [unit], begin, begin + DAY)
    own = {
        one.fields["start"]: one.fields
        for one in queries.told(unit, begin + DAY, begin + DAY + _TOLD_WITHIN, ("day",))
        if one.fields.get("start") == begin
    }
    days, _ = figures.days(hours, utc_offset, own)
    if not days:
        return None, {}
    day = days[0]
    parts = {"Ld": day.day.LAeq, "Ln": day.night.LAeq, "Ldn": day.Ldn}
    levels = _levels(day.whole._asdict())
    return day.whole, levels | {name: level for name, level in parts.items() if level != MISSING}


def _levels(named: Mapping[str, Any]) -> dict[str, int]:
    """Of Statistics, or of a box's own event."""
    found = {name: named.get(name, MISSING) for name in facts.LEVELS}
    found["SD"] = named.get("deviation", named.get("SD", MISSING))
    return {
        name: int(level) for name, level in found.items() if level is not None and level != MISSING
    }


def _as_told(begin: int, length: int, own: Mapping[str, Any]) -> Statistics:
    """As far as a fact wants it."""
    valid = own["valid_seconds"]
    known = {"t": begin, "seconds": length, "valid": valid, "rate": valid / length}
    known |= {"overload": own.get("overload"), "under_range": own.get("under_range")}
    return Statistics(**{name: known.get(name, MISSING) for name in Statistics._fields})


def _reasons(columns: Columns, valid: int) -> dict[str, int]:
    """{why: seconds that do not count}; of a period that the box knows more of, less of those not
    received."""
    flags, counts = np.unique(columns[-1], return_counts=True)
    found: dict[str, int] = {}
    for flag, count in zip(flags.tolist(), counts.tolist(), strict=True):
        if why := minutes.reason(flag):
            found[why] = found.get(why, 0) + count
    beyond = valid + sum(found.values()) - columns.shape[1]
    if beyond > 0 and "not received" in found:
        found["not received"] = max(0, found["not received"] - beyond)
    return {why: count for why, count in found.items() if count}
