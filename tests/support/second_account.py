"""Where each second of a box has gone: what its hub holds of it against what it lived."""

import itertools
import sqlite3
import struct
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

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


@dataclass
class Account:
    """seconds: of the wall's, by what became of them. nameless: Unix times of which a clock put
    back, or a loss, has left another second. broken: the promises that did not hold."""

    seconds: Counter[str] = field(default_factory=Counter)
    nameless: set[int] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)


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
    told = sum(
        record.fields["records"]
        for boot in records.values()
        for record in boot
        if isinstance(record, Event) and record.kind == "lost"
    )
    missing = sum(boot[-1].seq - len(boot) for boot in records.values())
    if missing > told:
        made.broken.append(f"{unit}: {missing} records are missing, {told} were told as lost")
    by_number = {boot.number: boot for boot in boots if boot.number is not None}
    for number in records.keys() - by_number.keys():
        made.broken.append(f"{unit}: the hub has a boot {number}, the box has not")
    became: dict[int, str] = {}
    for number, boot in by_number.items():
        for t, what in _became(unit, boot, records[number], made.broken):
            if t in became and what in (REASONS[CLOCK], LOST):
                # By a clock put back: its name was given already, and its record says so.
                made.nameless.add(t)
                continue
            if t in became:
                made.broken.append(f"{unit}: second {t - start} twice, in boot {number} again")
            became[t] = what
    dated = {t: what for t, what in became.items() if what not in (UNDATED, LOST)}
    wrong = {t for t in {*dated, *shown} if dated.get(t) != shown.get(t)}
    # Of two the hub shows the one that tells more.
    for t in sorted(t for t in wrong - made.nameless if start <= t < end)[:3]:
        made.broken.append(
            f"{unit}: second {t - start} is {dated.get(t)}, the hub shows {shown.get(t)}"
        )
    powered = [(boot.power_on, boot.end) for boot in boots]
    made.seconds = Counter(
        became.get(t) or (CUT if _within(powered, t) else OFF) for t in range(start, end)
    )
    return made


def _became(
    unit: str, boot: Boot, records: Sequence[Record], broken: list[str]
) -> Iterable[tuple[int, str]]:
    """(Unix time, what became of it) of each second of one boot that the hub holds."""
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
    skipped = sum(name is None for _, name in found)
    if skipped and records[-1].seq == len(records):
        broken.append(
            f"{unit}: {skipped} seconds of boot {boot.number} are in none of its records"
        )
    unwritten = len(lived) - last
    # The last one goes on.
    if unwritten > MOST_UNWRITTEN and boot.end < float("inf"):
        broken.append(f"{unit}: {unwritten} seconds at the end of boot {boot.number} not stored")
    late = lived[0].at - boot.power_on - boot.held_s if lived else 0
    if late > MOST_BEFORE:
        broken.append(f"{unit}: boot {boot.number} began {late} s late")
    for before, after in itertools.pairwise(lived):
        if after.at != before.at + 1 and after.second.t != before.second.t + 1:
            broken.append(f"{unit}: nothing between {before.second} and {after.second}")
    yield from _named(unit, boot.number, found, broken)


def _began(seconds: Sequence[Lived]) -> list[Lived]:
    """Those that passed unheard are told together, when the next has ended: each at its time."""
    found = []
    latest = float("inf")
    for lived in reversed(seconds):
        # A name that a clock has left out, put forward, took no time.
        left_out = lived.second.LAeq == MISSING and reason(lived.second) == CLOCK
        latest = min(lived.at, latest - (0 if left_out else 1))
        found.append(Lived(int(latest), lived.second))
    return found[::-1]


def _named(
    unit: str,
    number: int | None,
    found: Iterable[tuple[Lived, int | None]],
    broken: list[str],
) -> Iterable[tuple[int, str]]:
    """`found`: each Second with the name it has in the store; None: it is not there."""
    is_wrong = False
    for (at, second), t in found:
        if t is None:
            yield second.t if is_dated(second.t) else at, LOST
            continue
        if not is_dated(t):
            yield at, UNDATED
            continue
        if abs(t - at) > MOST_WRONG and not is_wrong:
            is_wrong = True
            broken.append(f"{unit}: {second} of boot {number} is {t}, was at {at}")
        yield t, REASONS[reason(second)]


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
_REFUSED = "SELECT boot, seq, reason FROM refused WHERE unit=?"
