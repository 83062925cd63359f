"""What a square measured before and after it followed an advice."""

from dataclasses import dataclass
from datetime import date, timedelta

from noisetamer.hub.around import Around
from noisetamer.hub.complaints.public import Public
from noisetamer.hub.intervals.interval import Interval
from noisetamer.hub.live import UnitState
from noisetamer.hub.store import figures
from noisetamer.hub.store.packed_day import DAY
from noisetamer.hub.web.context import Context
from noisetamer.hub.web.timeline import clock, midnight
from tamer.record.reading import MISSING

REACH = 56
"""Days before and after."""


@dataclass(frozen=True)
class OwnCure:
    """level: after less before, dB, of the LAeq by day of days of which enough is known;
    complaints: after by before, a ratio, for as many days on both sides; before, after: their
    counts; days: on each side."""

    key: str
    since: date
    level: Interval
    complaints: Interval
    before: int
    after: int
    days: int


def own_cure(
    hub: Context,
    around: Around,
    square: str,
    public: Public,
    states: list[UnitState],
    now: float,
) -> OwnCure | None:
    """None where nothing was done, or its day is not over yet; blocks, for a second or two."""
    today = clock(int(now), hub.utc_offset).date()
    if not public.cure or public.since is None or public.since >= today:
        return None
    # only for whoever looks: they take a second to load
    from noisetamer.hub.intervals.before_after import before_after
    from noisetamer.hub.intervals.levels import level_difference

    since = public.since
    reach = min(REACH, (today - since).days)
    middle = midnight(since, hub.utc_offset)
    begins, ends = middle - reach * DAY, middle + reach * DAY
    state = states[0]
    series = hub.levels.series([state.unit.id, *state.unit.replaced], begins, ends)
    days, _ = figures.days(series.hours, hub.utc_offset, series.days)
    levels = [
        (clock(one.t, hub.utc_offset).date(), one.day.LAeq / 10)
        for one in days
        if one.day.LAeq != MISSING and one.day.rate >= figures.ENOUGH
    ]
    told = around.complaints.between(begins, ends, square)
    counts = {since + timedelta(n): 0 for n in range(-reach, reach)}
    for one in told:
        counts[clock(one.at, hub.utc_offset).date()] += 1
    before = [count for day, count in counts.items() if day < since]
    after = [count for day, count in counts.items() if day >= since]
    return OwnCure(
        public.cure,
        since,
        level_difference(
            [one for one in levels if one[0] < since], [one for one in levels if one[0] >= since]
        ),
        before_after(before, after, since).ratio,
        sum(before),
        sum(after),
        reach,
    )
