"""The check of the clock: set from this computer's, and held against it until the end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from noisetamer.workshop.burn_in.check import NOT_CONFIRMED, Check, Fault, judged
from noisetamer.workshop.burn_in.context import MADE, Context
from noisetamer.workshop.burn_in.limits import limit
from noisetamer.workshop.port.errors import REPLUG

# Of so many looks the quickest counts: its answer was the least time on its way.
_LOOKS = 8
_SHORTEST_S = 60
_WRAP = 1 << 30  # of the chip's ticks, us

_CRYSTAL = (
    "look at the solder joints of its crystal, and whether this computer was set meanwhile; "
    "where it stays so, put the board aside"
)


@dataclass(frozen=True)
class Look:
    """host: this computer's clock, s; ticks: the unit's, us; unsure: half the way there and
    back, s; of_day: the unit's time of day, s since 1970."""

    host: float
    ticks: int
    unsure: float
    of_day: int


def set_by_host(context: Context, now: Callable[[], float]) -> tuple[int, Look]:
    """(by how much the unit's time of day is off afterwards, s; the first look).

    now: this computer's time of day, s since 1970.
    """
    at = datetime.fromtimestamp(now(), UTC)
    fields = (
        at.year,
        at.month,
        at.day,
        at.weekday(),
        at.hour,
        at.minute,
        at.second,
        at.microsecond,
    )
    set_to = context.unit.call(MADE, "set_clock", *[list(fields)])
    return round(set_to - now()), look(context)


def look(context: Context) -> Look:
    """The quickest of several: the way there and back blurs it the least."""
    looks = []
    for _ in range(_LOOKS):
        before = context.clock()
        of_day, ticks = context.unit.call(MADE, "clocks")
        after = context.clock()
        looks.append(Look((before + after) / 2, ticks, (after - before) / 2, of_day))
    return min(looks, key=lambda one: one.unsure)


def drift(context: Context, off: int, first: Look) -> Check:
    """Held against the first look."""
    rest = _SHORTEST_S * min(1.0, context.minutes) - (context.clock() - first.host)
    if rest > 0:
        context.unit.call(MADE, "rest", round(rest) + 1)
    return judge_clock(off, first, look(context))


def judge_clock(off: int, first: Look, last: Look) -> Check:
    """off: of the time of day right after it was set, s."""
    set_most, drift_most = limit("clock_set"), limit("clock_drift")
    bounds = f"set within {set_most.most:g} s; drift {drift_most}"
    host = last.host - first.host
    # The ticks wrap every 18 minutes; how often they did, the time of day tells.
    apart = (last.ticks - first.ticks) % _WRAP
    wraps = round(((last.of_day - first.of_day) * 1e6 - apart) / _WRAP)
    own = (apart + wraps * _WRAP) / 1e6
    ppm = 1e6 * (own / host - 1) if host > 0 else 0.0
    unsure = 1e6 * (first.unsure + last.unsure) / host if host > 0 else float("inf")
    measured = {
        "off_s": off,
        "drift_ppm": round(ppm, 1),
        "unsure_ppm": round(min(unsure, 1e6), 1),
        "seconds": round(host, 1),
    }
    faults = []
    if not set_most.keeps(abs(off)):
        faults.append(Fault(f"set, it is {off} s off at once", REPLUG))
    if not drift_most.keeps(max(0.0, abs(ppm) - unsure)):
        faults.append(Fault(f"it drifts by {ppm:+.0f} ppm against this computer", _CRYSTAL))
    well = f"set; {ppm:+.0f} ± {unsure:.0f} ppm against this computer over {host:.0f} s"
    if not faults and not drift_most.keeps(unsure):
        verdict = f"{well}: too short, or the line too slow, to tell; two minutes do"
        return Check("clock", NOT_CONFIRMED, bounds, verdict, measured)
    return judged("clock", bounds, faults, well, measured)
