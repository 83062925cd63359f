"""Where each second of a box has gone: what its hub holds of it against what it lived."""

import bisect
import heapq
import itertools
import sqlite3
import struct
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from days_of_faults import Boot, Lived

from noisetamer.hub.store import minutes
from noisetamer.hub.wire import Event, Record, Seconds
from noisetamer.hub.wire_v1 import read_stored
from tamer.record.reading import CLOCK, MISSING, REASONS, Second, is_dated, reason

# A boot has no second before it listens, nor those that were not on its flash yet when it ended.
MOST_BEFORE = 5
MOST_UNWRITTEN = 10
# By how much a clock may be wrong, s: the hub's word may be four on its way, names are whole.
MOST_WRONG = 5

OFF, CUT = "no power", "at a start or not written at its end"
UNDATED, LOST = "undated for ever", "lost, as told"
THINNED = "thinned, its minute is told"

_BATCH = 10  # Seconds in a record: of one that is lost only its first is told


@dataclass
class Account:
    """seconds: of the wall's, by what became of them. broken: the promises that did not hold."""

    seconds: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


class _Claim(NamedTuple):
    """To a second's name; the greatest is shown: the valid one, of two alike the louder."""

    is_valid: bool
    levels: tuple[int, ...]
    code: int  # of its reason, negative
    what: str
    boot: int
    is_dated: bool  # by its box

    def is_marked(self) -> bool:
        """Whether its record shows that the clock was unknown, or was put."""
        return self.what == REASONS[CLOCK]

    def may_follow(self, before: "_Claim") -> bool:
        """Whether both may have the name: by a clock put back it may have been given already.

        Then the box tells the second by its number, and "clock" is its last reason: where it was
        its own voice besides, the number alone shows it.
        """
        by_number = self.boot == before.boot and not (self.is_dated and before.is_dated)
        return self.is_marked() or before.is_marked() or by_number


def account(store: Path, unit: str, boots: Sequence[Boot], start: int, end: int) -> Account:
    """Of the seconds from `start` to `end`, Unix time."""
    made = Account()
    records: dict[int, list[Record]] = defaultdict(list)
    with closing(sqlite3.connect(store)) as connection:
        for t, body in connection.execute(_RECORDS, (unit,)):
            record = read_stored(unit, body)
            # What came without a date has one in the store, once its boot has found the time.
            dated = record.t + t - record.last
            records[record.boot].append(replace(record, t=dated))
        shown = _minutes(connection, unit)
        for boot, seq, why in connection.execute(_REFUSED, (unit,)):
            made.broken.append(f"{unit}: record {seq} of boot {boot} was refused: {why}")
    losses = _Losses([record for boot in records.values() for record in boot])
    by_number = {boot.number: boot for boot in boots if boot.number is not None}
    for number in records.keys() - by_number.keys():
        made.broken.append(f"{unit}: the hub has a boot {number}, the box has not")
    for number, missing in losses.untold_records(by_number, records).items():
        made.broken.append(f"{unit}: {missing} records of boot {number} are missing, and not told")
    claims: dict[int, _Claim] = {}
    gone: list[tuple[int, Second]] = []
    became: dict[int, str] = {}
    for number, boot in by_number.items():
        unwritten = _may_be_unwritten(boot)
        for t, what, second in _became(unit, boot, records[number], losses, made.broken):
            if what in (UNDATED, LOST, THINNED):
                became.setdefault(t, what)
                if what != UNDATED and second not in unwritten:
                    gone.append((number, second))
                continue
            code, is_by_box = -reason(second), is_dated(second.t)
            claim = _Claim(what == REASONS[0], second[1:5], code, what, number, is_by_box)
            before = claims.get(t)
            if before and not claim.may_follow(before):
                made.broken.append(f"{unit}: second {t - start} twice, in boot {number} again")
            claims[t] = max(claim, before) if before else claim
    for number, missing in losses.untold_seconds(gone).items():
        what = f"{missing} seconds are missing that are told for others"
        made.broken.append(f"{unit}: {what}, of boot {number or 'any'}")
    dated = {t: claim.what for t, claim in claims.items()}
    wrong = {t for t in {*dated, *shown} if dated.get(t) != shown.get(t)}
    for t in sorted(t for t in wrong if start <= t < end)[:3]:
        made.broken.append(
            f"{unit}: second {t - start} is {dated.get(t)}, the hub shows {shown.get(t)}"
        )
    became |= dated
    powered = [(boot.power_on, boot.end) for boot in boots]
    made.seconds = Counter(
        became.get(t) or (CUT if _within(powered, t) else OFF) for t in range(start, end)
    )
    return made


class _Telling(NamedTuple):
    """What a box has told of records that it gave up: of how many, and Seconds at most."""

    what: str
    of_boot: int | None  # None: of any, by the time
    first: int
    last: int
    records: int
    seconds: int

    def has(self, boot: int | None, name: int) -> bool:
        return self.first <= name <= self.last and self.of_boot in (None, boot)


class _Losses:
    """All that a box has told of it."""

    def __init__(self, told: Iterable[Record]) -> None:
        events = [one for one in told if isinstance(one, Event) and one.kind in _OF_LOSSES]
        found = [_telling(event) for event in events]
        # A power cut before the thinned ones are erased has all of them thinned, and told, again.
        again = {(one.of_boot, one.first): one for one in found if one.what == THINNED}
        self._tellings = [*again.values(), *(one for one in found if one.what == LOST)]

    def of(self, boot: int | None, name: int) -> str | None:
        """What has become of the second to which the box gave this name in this boot."""
        found = {one.what for one in self._tellings if one.has(boot, name)}
        return THINNED if THINNED in found else next(iter(found), None)

    def untold_records(
        self, boots: Mapping[int, Boot], records: Mapping[int, Sequence[Record]]
    ) -> Counter[int]:
        """{boot: how many of its records are gone beyond those that are told}."""
        missing = Counter({n: records[n][-1].seq - len(records[n]) for n in boots if records[n]})
        times = {n: sorted(t for at, s in boots[n].seconds for t in (at, s.t)) for n in boots}
        tellings = []
        for one in self._tellings:
            of = [one.of_boot] if one.of_boot else [n for n in boots if _may_be(one, times[n])]
            if of:
                tellings.append((min(of), max(of), one.records))
        return _uncovered(missing.elements(), tellings)

    def untold_seconds(self, gone: Iterable[tuple[int, Second]]) -> Counter[int | None]:
        """Of Seconds of these boots, where their time is told: {boot, None for those with a date:
        how many are beyond those that are told of it}."""
        names: dict[int | None, list[int]] = defaultdict(list)
        for boot, second in gone:
            if self.of(boot, second.t):
                names[None if is_dated(second.t) else boot].append(second.t)
        found: Counter[int | None] = Counter()
        for boot, of_boot in names.items():
            tellings = [
                (one.first, one.last, one.seconds) for one in self._tellings if one.of_boot == boot
            ]
            found[boot] = _uncovered(of_boot, tellings).total()
        return +found


def _telling(event: Event) -> _Telling:
    what, fields = _OF_LOSSES[event.kind], event.fields
    records, last = fields["records"], fields["end"]
    if what == LOST:
        last += _BATCH - 1
    seconds = fields.get("seconds", _BATCH * records)
    return _Telling(what, fields.get("of_boot"), fields["start"], last, records, seconds)


def _may_be(told: _Telling, times: Sequence[int]) -> bool:
    """Whether records with a date, told to be gone, may be of a boot that has these times, the
    earliest first."""
    at = bisect.bisect_left(times, told.first - _BATCH)
    return at < len(times) and times[at] <= told.last + _BATCH


def _may_be_unwritten(boot: Boot) -> set[Second]:
    """The last of a boot that has ended: at their time others may be told."""
    ended = boot.end < float("inf")
    return {one.second for one in boot.seconds[-MOST_UNWRITTEN:]} if ended else set()


def _uncovered(points: Iterable[int], spans: Iterable[tuple[int, int, int]]) -> Counter[int]:
    """How many points are left of each, where a span (first, last, n) covers n of those in it."""
    left: Counter[int] = Counter()
    coming = sorted(spans, reverse=True)
    begun: list[list[int]] = []  # [last, n]: that which ends first covers first
    for point in sorted(points):
        while coming and coming[-1][0] <= point:
            _, last, n = coming.pop()
            heapq.heappush(begun, [last, n])
        while begun and (begun[0][0] < point or not begun[0][1]):
            heapq.heappop(begun)
        if begun:
            begun[0][1] -= 1
        else:
            left[point] += 1
    return left


def _became(
    unit: str, boot: Boot, records: Sequence[Record], losses: _Losses, broken: list[str]
) -> Iterator[tuple[int, str, Second]]:
    """(Unix time, what became of it, it) of each second of one boot that the hub holds, or was
    told to be gone."""
    stored: list[Second] = []
    names: list[int] = []
    for record in records:
        if isinstance(record, Seconds):
            stored += record.seconds
            names += range(record.t, record.t + len(record.seconds))
    lived = _began(boot.seconds)
    last = 0
    found: list[tuple[Lived, int | None]] = []
    for second, name in zip(stored, names, strict=True):
        place = next((i for i in range(last, len(lived)) if lived[i].second == second), None)
        if place is None:
            # Of the last boot more may be stored than the box has said.
            if last < len(lived):
                broken.append(f"{unit}: {second} of boot {boot.number} was never heard")
                return
            break
        found += [(one, None) for one in lived[last:place]]
        found.append((lived[place], name))
        last = place + 1
    skipped = [
        one for one, name in found if name is None and not losses.of(boot.number, one.second.t)
    ]
    if skipped:
        broken.append(
            f"{unit}: {len(skipped)} seconds of boot {boot.number}, the first {skipped[0].second},"
            " are in none of its records"
        )
    rest = [one for one in lived[last:] if losses.of(boot.number, one.second.t)]
    found += [(one, None) for one in rest]
    unwritten = len(lived) - last - len(rest)
    # The last one goes on.
    if unwritten > MOST_UNWRITTEN and boot.end < float("inf"):
        broken.append(f"{unit}: {unwritten} seconds at the end of boot {boot.number} not stored")
    late = lived[0].at - boot.power_on - boot.held_s if lived else 0
    if late > MOST_BEFORE:
        broken.append(f"{unit}: boot {boot.number} began {late} s late")
    for before, after in itertools.pairwise(lived):
        # By a fast crystal there are more seconds than pass.
        follows = after.at - before.at in (0, 1) or after.second.t == before.second.t + 1
        if not follows:
            broken.append(f"{unit}: nothing between {before.second} and {after.second}")
    yield from _named(unit, boot.number, found, losses, broken)


def _began(seconds: Sequence[Lived]) -> list[Lived]:
    """Those that passed unheard are told together, when the next has ended: each at its time."""
    found = []
    latest = float("inf")
    for lived in reversed(seconds):
        if lived.second.LAeq == MISSING:
            # A name that a clock has left out, put forward, took no time.
            took = 0 if reason(lived.second) == CLOCK else 1
            latest = min(lived.at, latest - took)
        else:
            latest = lived.at
        found.append(Lived(int(latest), lived.second))
    return found[::-1]


def _named(
    unit: str,
    number: int | None,
    found: Iterable[tuple[Lived, int | None]],
    losses: _Losses,
    broken: list[str],
) -> Iterator[tuple[int, str, Second]]:
    """`found`: each Second with the name it has in the store; None: it is not there."""
    is_wrong = False
    for (at, second), t in found:
        if t is None:
            name = second.t if is_dated(second.t) else at
            yield name, losses.of(number, second.t) or LOST, second
            continue
        if not is_dated(t):
            yield at, UNDATED, second
            continue
        if abs(t - at) > MOST_WRONG and not is_wrong:
            is_wrong = True
            broken.append(f"{unit}: {second} of boot {number} is {t}, was at {at}")
        yield t, REASONS[reason(second)], second


def _minutes(connection: sqlite3.Connection, unit: str) -> dict[int, str]:
    """{Unix time: reason} of each second that the hub shows."""
    return {
        60 * minute + second: REASONS[flags & 0x0F]
        for minute, packed in connection.execute(_MINUTES, (unit,))
        for second, (flags,) in enumerate(struct.iter_unpack("<H", packed))
        if flags != minutes.NOT_RECEIVED
    }


def _within(spans: Sequence[tuple[float, float]], t: int) -> bool:
    return any(begin <= t and t + 1 <= end for begin, end in spans)


_RECORDS = "SELECT t, body FROM record WHERE unit=? ORDER BY boot, seq"
_MINUTES = "SELECT minute, flags FROM minute WHERE unit=?"
_OF_LOSSES = {"lost": LOST, "thinned": THINNED}
_REFUSED = "SELECT boot, seq, reason FROM refused WHERE unit=?"
