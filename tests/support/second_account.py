"""Where each second of a box has gone: what its hub holds of it against what it lived."""

import itertools
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from days_of_faults import Boot, Lived

from noisetamer.hub.wire import Event, Record, Seconds
from noisetamer.hub.wire_v1 import read_stored
from tamer.record.reading import REASONS, is_dated, reason

# A boot has no second before it listens, nor those that were not on its flash yet when it ended.
MOST_BEFORE = 5
MOST_UNWRITTEN = 10
# By how much a clock may be wrong, s: names of seconds are whole.
MOST_WRONG = 2

OFF, CUT, UNDATED = "no power", "at a start or not written at its end", "undated for ever"


@dataclass
class Account:
    """seconds: of the wall's, by what became of them. broken: the promises that did not hold."""

    seconds: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


def account(store: Path, unit: str, boots: Sequence[Boot], start: int, end: int) -> Account:
    """Of the seconds from `start` to `end`, Unix time."""
    made = Account()
    records: dict[int, list[Record]] = defaultdict(list)
    with closing(sqlite3.connect(store)) as connection:
        for (body,) in connection.execute(_RECORDS, (unit,)):
            record = read_stored(unit, body)
            records[record.boot].append(record)
        for boot, seq, why in connection.execute(_REFUSED, (unit,)):
            made.broken.append(f"{unit}: record {seq} of boot {boot} was refused: {why}")
    by_number = {boot.number: boot for boot in boots if boot.number is not None}
    for number in records.keys() - by_number.keys():
        made.broken.append(f"{unit}: the hub has a boot {number}, the box has not")
    became: dict[int, str] = {}
    for number, boot in by_number.items():
        for t, what in _became(unit, boot, records[number], made.broken):
            if t in became:
                made.broken.append(f"{unit}: second {t - start} twice, in boot {number} again")
            became[t] = what
    powered = [(boot.power_on, boot.end) for boot in boots]
    made.seconds = Counter(
        became.get(t) or (CUT if _within(powered, t) else OFF) for t in range(start, end)
    )
    return made


def _became(
    unit: str, boot: Boot, records: Sequence[Record], broken: list[str]
) -> Iterable[tuple[int, str]]:
    """(Unix time, what became of it) of each second of one boot that the hub holds."""
    numbers = [record.seq for record in records]
    if numbers != list(range(1, len(numbers) + 1)):
        missing = sorted(set(range(1, numbers[-1])) - set(numbers))
        broken.append(f"{unit}: of boot {boot.number} the records {missing[:5]} ... are missing")
        return
    stored = [
        second for record in records if isinstance(record, Seconds) for second in record.seconds
    ]
    lived = _began(boot.seconds)
    for number, (there, here) in enumerate(zip(stored, lived, strict=False)):
        if there != here.second:
            broken.append(
                f"{unit}: second {number} of boot {boot.number} is {there}, was {here.second}"
            )
            return
    unwritten = len(lived) - len(stored)
    # The last one goes on.
    if not 0 <= unwritten <= MOST_UNWRITTEN and boot.end < float("inf"):
        broken.append(f"{unit}: {unwritten} seconds at the end of boot {boot.number} not stored")
    late = lived[0].at - boot.power_on - boot.held_s if lived else 0
    if late > MOST_BEFORE:
        broken.append(f"{unit}: boot {boot.number} began {late} s late")
    for before, after in itertools.pairwise(lived):
        if after.at != before.at + 1 and after.second.t != before.second.t + 1:
            broken.append(f"{unit}: nothing between {before.second} and {after.second}")
    boot_at = next(
        (
            record.fields["boot_at"]
            for record in records
            if isinstance(record, Event) and record.kind == "clock"
        ),
        None,
    )
    yield from _named(unit, boot.number, lived[: len(stored)], boot_at, broken)


def _began(seconds: Sequence[Lived]) -> list[Lived]:
    """Those that passed unheard are told together, when the next has ended: each at its time."""
    found = []
    latest = float("inf")
    for lived in reversed(seconds):
        latest = min(lived.at, latest - 1)
        found.append(Lived(int(latest), lived.second))
    return found[::-1]


def _named(
    unit: str,
    number: int | None,
    stored: Sequence[Lived],
    boot_at: int | None,
    broken: list[str],
) -> Iterable[tuple[int, str]]:
    is_wrong = False
    for lived in stored:
        second = lived.second
        t, what = second.t, REASONS[reason(second)]
        if not is_dated(t):
            if boot_at is None:
                yield lived.at, UNDATED
                continue
            t += boot_at
        if abs(t - lived.at) > MOST_WRONG and not is_wrong:
            is_wrong = True
            broken.append(f"{unit}: {second} of boot {number} is {t}, was at {lived.at}")
        yield t, what


def _within(spans: Sequence[tuple[float, float]], t: int) -> bool:
    return any(begin <= t and t + 1 <= end for begin, end in spans)


_RECORDS = "SELECT body FROM record WHERE unit=? ORDER BY boot, seq"
_REFUSED = "SELECT boot, seq, reason FROM refused WHERE unit=?"
