"""A year of one square and its box: days packed as the store keeps them, hours, events."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from noisetamer.demo.year import sounds, sums
from noisetamer.demo.year.pole import Dealt, Evening, Pole, Told
from noisetamer.demo.year.sounds import Fault
from noisetamer.demo.year.town import DAY, EAST, HOUR, Session, Site, Year, sessions
from noisetamer.demo.year.weather import Weather
from noisetamer.hub.store import figures, packed_day
from noisetamer.hub.store.hour_sums import HourSum
from tamer import VERSION
from tamer.record import encoding, events
from tamer.record.reading import MICROPHONE, POWER, REASONS
from tamer.record.statistics import Statistics

# The unit of a story counts its own starts from 1.
_FIRST_BOOT = 1_000_001
_CHECKED_AT = 3 * HOUR + 1200
_TONES = [500, 1000, 2000, 4000]
_TONE_LEVELS = [780, 800, 795, 770]


class Kept(NamedTuple):
    """A record of an event. t: Unix s; body: its bytes."""

    t: int
    sequence: int
    body: bytes


@dataclass
class SquareYear:
    """days: (day since 1970 by UTC, its seconds packed); told: all events of the box.

    seconds: {reason: how many}, those that count under "valid"; heard: {Unix s: LAeq in 0.1 dB} of
    the seconds that were asked for, those that count.
    """

    site: Site
    days: list[tuple[int, bytes]] = field(default_factory=list)
    hours: list[HourSum] = field(default_factory=list)
    told: list[Kept] = field(default_factory=list)
    incidents: list[Dealt] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    troubles: list[Fault] = field(default_factory=list)
    seconds: dict[str, int] = field(default_factory=dict)
    heard: dict[int, int] = field(default_factory=dict)


def simulated(
    year: Year, site: Site, weather: Weather, listened: Iterable[int] = ()
) -> SquareYear:
    """listened: seconds whose level is wanted, Unix s."""
    found = SquareYear(site, sessions=sessions(year, site, weather.wet))
    found.troubles = sounds.faults(year, site)
    begin = year.start + site.box_from * DAY
    end = year.start + year.days * DAY
    evenings: dict[int, list[Session]] = {}
    for one in found.sessions:
        if one.start >= begin:
            evenings.setdefault(one.start // DAY, []).append(one)
    wanted: dict[int, list[int]] = {}
    for t in listened:
        wanted.setdefault(t // DAY, []).append(t)
    pole = Pole(year, site)
    told: list[Told] = _starts(begin, found.troubles, pole.policy_hash)
    told += _checks(year, site, begin, end)
    for number in range(begin // DAY, (end - 1) // DAY + 1):
        heard = sounds.day(year, site, number * DAY, weather, found.troubles)
        of_day = [Evening(year, site, one) for one in evenings.get(number, [])]
        day = pole.day(heard, of_day)
        told += day.told
        found.days.append((number, packed_day.pack_columns(day.columns)))
        for hour in range(24):
            columns = day.columns[:, hour * HOUR : (hour + 1) * HOUR]
            if (summed := sums.hour(day.t + hour * HOUR, columns)) is not None:
                found.hours.append(summed[0])
                told.append(_hour(summed[1].statistics()))
        for flags, count in zip(*sums.counted(day.columns[4]), strict=True):
            why = REASONS[flags] if flags < len(REASONS) else ""
            if why:
                found.seconds[why] = found.seconds.get(why, 0) + count
        for t in wanted.get(number, ()):
            if not day.columns[4, t % DAY]:
                found.heard[t] = int(day.columns[0, t % DAY])
    told += _days(found.hours)
    told.sort(key=lambda one: one[0])
    found.told = list(_records(told))
    found.incidents = pole.incidents
    return found


def _records(told: list[Told]) -> Iterator[Kept]:
    """With the names that they would have had."""
    boot, sequence = _FIRST_BOOT - 1, 0
    for t, kind, fields in told:
        if kind == "boot":
            boot, sequence = boot + 1, 0
        sequence += 1
        payload = encoding.of_event(kind, fields)
        yield Kept(t, sequence, encoding.record(encoding.EVENT, boot, sequence, t, payload))


def _starts(begin: int, troubles: list[Fault], policy_hash: str) -> list[Told]:
    """Its first start, one after each power cut, and what the doctor finds."""
    found: list[Told] = []
    for t in (begin, *(one.end for one in troubles if one.reason == POWER)):
        fields: dict[str, Any] = {
            "reset": "power on",
            "firmware": VERSION,
            "kernel": "fpu",
            "self_test": "passed",
            "panel": [64, 16],
            "board": "esp32_s3",
            "policy": policy_hash,
        }
        found.append((t, "boot", fields))
        found.append((t, "clock", {"boot_at": t - 5, "source": "hub"}))
    for one in troubles:
        if one.reason == MICROPHONE:
            found.append((one.start + 20, "doctor", {"findings": ["dead"]}))
            found.append((one.end + 20, "doctor", {"findings": []}))
    return found


def _checks(year: Year, site: Site, begin: int, end: int) -> list[Told]:
    """The box listens to itself each night; a microphone that drifts shows in all tones."""
    rng = year.random(site.number, 5)
    found: list[Told] = []
    first = (begin + EAST) // DAY * DAY - EAST + _CHECKED_AT
    for number, t in enumerate(range(first if first > begin else first + DAY, end, DAY)):
        drift = site.drift * (t - begin) / (365 * DAY)
        off = [round(10 * drift + stray) for stray in rng.normal(0, 1.0, len(_TONES))]
        levels = [level + one for level, one in zip(_TONE_LEVELS, off, strict=True)]
        fields: dict[str, Any] = {"verdict": "good", "tones": _TONES, "levels": levels}
        fields |= {"background": 420, "deviations": off}
        if not number:
            fields["verdict"] = "reference"
            del fields["deviations"]
        found.append((t, "self-check", fields))
    return found


def _hour(whole: Statistics) -> Told:
    return whole.t + HOUR, "hour", events.named("hour", *_levels(whole), *_period(whole))


def _days(hours: list[HourSum]) -> list[Told]:
    found: list[Told] = []
    for one in figures.days(hours, EAST / HOUR, {})[0]:
        parts = one.day.LAeq, one.night.LAeq, one.Ldn
        values = *_levels(one.whole), *_period(one.whole), *parts
        found.append((one.t + DAY, "day", events.named("day", *values)))
    return found


def _levels(whole: Statistics) -> tuple[int, ...]:
    return (
        *(whole.LAeq, whole.LCeq, whole.LAFmax, whole.LAmin, whole.LCpeak),
        *(whole.L5, whole.L10, whole.L50, whole.L90, whole.L95),
    )


def _period(whole: Statistics) -> tuple[int | bool, ...]:
    return (
        *(whole.t, whole.seconds, whole.valid, whole.deviation),
        *(whole.overload, whole.under_range),
    )
