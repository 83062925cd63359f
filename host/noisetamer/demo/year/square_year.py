"""A year of one square and its box: days packed as the store keeps them, hours, events."""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from noisetamer.demo.year import sounds, sums
from noisetamer.demo.year.pole import Dealt, Evening, Pole, Told
from noisetamer.demo.year.sounds import Fault
from noisetamer.demo.year.town import DAY, EAST, HOUR, Session, Site, Year, month_of, sessions
from noisetamer.demo.year.weather import Weather
from noisetamer.hub.store import figures, packed_day
from noisetamer.hub.store.hour_sums import HourSum
from noisetamer.hub.store.minutes import NOT_RECEIVED, Columns
from tamer import VERSION
from tamer.record import encoding, events
from tamer.record.reading import MICROPHONE, MISSING, POWER, REASONS, Second
from tamer.record.statistics import Statistics

# The unit of a story counts its own starts from 1.
_FIRST_BOOT = 1_000_001
_CHECKED_AT = 3 * HOUR + 1200
AS_RECORDS = 2 * HOUR
"""So much of the end is told second by second, as a hub hears it."""
_TOGETHER = 10
_TONES = [500, 1000, 2000, 4000]
_TONE_LEVELS = [780, 800, 795, 770]


class Kept(NamedTuple):
    """A record. t: of its event or last second, Unix s; body: its bytes."""

    t: int
    sequence: int
    body: bytes


@dataclass
class SquareYear:
    """days: (day since 1970 by UTC, its seconds packed); told: all events of the box, and
    its last seconds, which are not in `days`.

    seconds: {reason: how many}, those that count under "valid"; heard: {Unix s: LAeq in 0.1 dB} of
    the seconds that were asked for, those that count; over: {month: seconds that count above the
    limit that held}.
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
    over: dict[str, int] = field(default_factory=dict)


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
    batches: list[list[Second]] = []
    for number in range(begin // DAY, (end - 1) // DAY + 1):
        heard = sounds.day(year, site, number * DAY, weather, found.troubles)
        of_day = [Evening(year, site, one) for one in evenings.get(number, [])]
        day = pole.day(heard, of_day)
        told += day.told
        at = max(0, end - AS_RECORDS - day.t)
        batches += _batches(day.t + at, day.columns[:, at:])
        kept = day.columns.copy()
        kept[:4, at:], kept[4, at:] = MISSING, NOT_RECEIVED
        if at:
            found.days.append((number, packed_day.pack_columns(kept)))
        for hour in range(24):
            columns = day.columns[:, hour * HOUR : (hour + 1) * HOUR]
            if (summed := sums.hour(day.t + hour * HOUR, columns)) is not None:
                found.hours.append(summed[0])
                told.append(_hour(summed[1].statistics()))
        for flags, count in zip(*sums.counted(day.columns[4]), strict=True):
            why = REASONS[flags] if flags < len(REASONS) else ""
            if why:
                found.seconds[why] = found.seconds.get(why, 0) + count
        loud = (day.columns[4] == 0) & (day.columns[0] > day.limit)
        for at in np.unique(np.flatnonzero(loud) // HOUR).tolist():
            month = month_of(day.t + at * HOUR)
            many = int(np.count_nonzero(loud[at * HOUR : (at + 1) * HOUR]))
            found.over[month] = found.over.get(month, 0) + many
        for t in wanted.get(number, ()):
            if not day.columns[4, t % DAY]:
                found.heard[t] = int(day.columns[0, t % DAY])
    told += _days(found.hours)
    told.sort(key=lambda one: one[0])
    found.told = list(_records(told, batches))
    found.incidents = pole.incidents
    return found


def _batches(t: int, columns: Columns) -> list[list[Second]]:
    """Seconds as a box sends them, from Unix time t on, as far as there are any."""
    there = columns[:, columns[4] != NOT_RECEIVED].T.tolist()
    seconds = [Second(t + i, *row) for i, row in enumerate(there)]
    return [seconds[i : i + _TOGETHER] for i in range(0, len(seconds), _TOGETHER)]


def _records(told: list[Told], batches: list[list[Second]]) -> Iterator[Kept]:
    """With the names that they would have had. Both in the order of time."""
    boot, sequence = _FIRST_BOOT - 1, 0
    # What was heard before an event goes first.
    for one in heapq.merge(told, batches, key=_told_at):
        sequence += 1
        if isinstance(one, list):
            code, payload = encoding.shortest(one)
            body = encoding.record(code, boot, sequence, one[0].t, payload)
            yield Kept(one[-1].t, sequence, body)
            continue
        t, kind, fields = one
        if kind == "boot":
            boot, sequence = boot + 1, 1
        payload = encoding.of_event(kind, fields)
        yield Kept(t, sequence, encoding.record(encoding.EVENT, boot, sequence, t, payload))


def _told_at(one: Told | list[Second]) -> float:
    return one[-1].t + 0.5 if isinstance(one, list) else one[0]


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
