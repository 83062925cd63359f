"""Makes facts of what the hub stores and decides, each once, whatever was cut off in between.

Every source is read behind a mark that moves with the facts, in one transaction of forward.sqlite:
the feed of events and statuses, the entries of incidents, and of each boot of each unit the
records up to what is acknowledged. A record touches its minute, hour and day; what was touched is
told when it is over or has had its time, and later words of it are a correction, told as late.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from noisetamer.base import database
from noisetamer.hub.forward import facts, moments, periods
from noisetamer.hub.forward.audience import Audience
from noisetamer.hub.forward.facts import PERIODS, SECOND, Fact
from noisetamer.hub.forward.format import Asked, Unit
from noisetamer.hub.forward.moments import Read, newest
from noisetamer.hub.forward.queue import Queue
from noisetamer.hub.store import packed_day
from noisetamer.hub.store.packed_day import DAY
from noisetamer.hub.store.queries import Queries
from tamer.record import encoding
from tamer.record.reading import is_dated

PATIENCE = {facts.MINUTE: 90.0, facts.HOUR: 300.0, facts.DAY: 900.0}
"""s after the end of a period of a unit that has fallen silent; what comes later is late."""
SETTLED = {facts.MINUTE: 20.0, facts.HOUR: 120.0, facts.DAY: 300.0}
"""s that late seconds of a period may take to come together, in one correction."""
RECORDS_AT_ONCE = 5000
TOLD_AT_ONCE = 2000
UNDATED_SECONDS = 60.0
MOST_SECONDS = 10
"""Of a record."""
_TOLD_KEPT = 4

_RECORDS = """
    SELECT record.seq, record.t, record.received, event.kind, record.body FROM record
    LEFT JOIN event ON event.unit=record.unit AND event.boot=record.boot AND event.seq=record.seq
    WHERE record.unit=? AND record.boot=? AND record.seq>? AND record.seq<=?
    ORDER BY record.seq LIMIT ?"""
_PACKED = """
    SELECT DISTINCT day AS number, CAST(NULL AS BLOB) AS records FROM past_records
    WHERE unit=?1 AND boot=?2 AND last>?3 AND first<=?4
    UNION ALL SELECT hour, records FROM past_hours
    WHERE unit=?1 AND boot=?2 AND last>?3 AND first<=?4"""
Boot = tuple[str, int]
Source = tuple[str, str, int]
"""What is read behind a mark: its name, and of records unit and boot."""

FEED: Source = ("feed", "", 0)
ENTRIES: Source = ("entries", "", 0)
LATE_RECORDS: Source = ("late records", "", 0)
TURNS: Source = ("turns", "", 0)
"""Counts what was committed: who finds another number than its own last is not alone."""

Period = tuple[str, str, int]
"""(kind, unit, begin)."""


@dataclass
class _Turn:
    """What one turn found: nothing of it counts before it is committed."""

    now: float
    facts: list[Fact] = field(default_factory=list)
    marks: dict[Source, int] = field(default_factory=dict)
    touched: dict[Period, tuple[float, bool]] = field(default_factory=dict)
    told: list[Period] = field(default_factory=list)
    undated: dict[Boot, tuple[int, int] | None] = field(default_factory=dict)
    newest: dict[str, int] = field(default_factory=dict)
    more: bool = False

    def read(self, source: Source, read: Read) -> None:
        self.facts += read.facts
        if read.mark is not None:
            self.marks[source] = read.mark
        self.more |= read.more


class Gatherer:
    """Of the hub in `data`. Blocks; for one thread."""

    def __init__(
        self,
        data: Path,
        queue: Queue,
        units: Callable[[], Mapping[str, Unit]],
        utc_offset: float,
        by_their_clocks: bool = False,
    ) -> None:
        """units: all there are, by id; utc_offset: of the clock whose days are told, h;
        by_their_clocks: units may live at times of their own, so nothing is late by ours."""
        self._data = data
        self._queue = queue
        self._units = units
        self._east = round(utc_offset * 3600)
        self._utc_offset = utc_offset
        self._by_their_clocks = by_their_clocks
        self._queries = Queries(data / "hub.sqlite")
        self._known = False
        self._marks: dict[Source, int] = {}
        self._pending: dict[Period, tuple[float, bool]] = {}
        self._undated: dict[Boot, tuple[int, int]] = {}
        self._newest: dict[str, int] = {}
        self._told: dict[tuple[str, str], deque[int]] = {}
        self._looked_at_undated = float("-inf")

    def forget(self) -> None:
        """There is nobody to tell: what comes from now on is not looked at later."""
        with self._queue.gathering() as connection:
            for table in ("read_up_to", "pending", "undated"):
                connection.execute(f"DELETE FROM {table}")
        self._known = False

    def turn(self, wanted: Sequence[Asked], now: float) -> bool:
        """Gather what there is for these destinations; whether there may be more at once.

        now: Unix s. Raises database.Error; then nothing has moved.
        """
        try:
            self._load()
            turn = _Turn(now)
            audience = Audience(wanted, self._units())
            with (
                closing(database.reader(self._data / "hub.sqlite")) as store,
                database.one_moment(store),
            ):
                self._records(store, turn, audience)
                self._late_records(store, turn, audience)
                self._look_at_undated(store, turn, audience)
                self._over(store, turn, audience)
            feed = moments.of_units(
                self._queries, self._marks.get(FEED, 0), audience, self._by_their_clocks
            )
            turn.read(FEED, feed)
            file = self._data / "incidents.sqlite"
            turn.read(ENTRIES, moments.of_incidents(file, self._marks.get(ENTRIES, 0), audience))
            self._commit(turn)
        except BaseException:
            self._known = False
            raise
        return turn.more

    # -- marks

    def _load(self) -> None:
        if self._known:
            return
        rows = self._queue.looking("SELECT source, unit, boot, at FROM read_up_to")
        self._marks = {(source, unit, boot): at for source, unit, boot, at in rows}
        if not rows:
            self._begin()
        self._pending = {
            (kind, unit, t): (touched, bool(late))
            for kind, unit, t, touched, late in self._queue.looking(
                "SELECT kind, unit, t, touched, late FROM pending"
            )
        }
        self._undated = {
            (unit, boot): (first, last)
            for unit, boot, first, last in self._queue.looking(
                "SELECT unit, boot, first, last FROM undated"
            )
        }
        self._known = True

    def _begin(self) -> None:
        """What is there already is told to nobody."""
        found = {FEED: self._queries.feed_end()}
        with closing(database.reader(self._data / "hub.sqlite")) as store:
            for unit, boot, seq in store.execute("SELECT unit, boot, seq FROM acked"):
                found["records", unit, boot] = seq
            found[LATE_RECORDS] = newest(store, "log_news")
        with closing(database.reader(self._data / "incidents.sqlite")) as incidents:
            found[ENTRIES] = newest(incidents, "entry")
        with self._queue.gathering() as connection:
            _set_marks(connection, found)
        self._marks = found

    def _commit(self, turn: _Turn) -> None:
        for period in turn.told:
            turn.touched.pop(period, None)
        fresh = {
            period: how for period, how in turn.touched.items() if period not in self._pending
        }
        if not (turn.facts or turn.marks or fresh or turn.told or turn.undated):
            return
        turns = self._marks.get(TURNS, 0)
        turn.marks[TURNS] = turns + 1
        with self._queue.gathering() as connection:
            there = connection.execute(
                "SELECT at FROM read_up_to WHERE source=? AND unit=? AND boot=?", TURNS
            ).fetchone()
            if (there[0] if there else 0) != turns:
                # another hub has gathered meanwhile: read anew how far that is
                self._known = False
                return
            self._queue.add(turn.facts, turn.now)
            _set_marks(connection, turn.marks)
            connection.executemany(
                "INSERT INTO pending VALUES(?,?,?,?,?) ON CONFLICT(kind, unit, t) DO NOTHING",
                [(*period, touched, int(late)) for period, (touched, late) in fresh.items()],
            )
            connection.executemany(
                "DELETE FROM pending WHERE kind=? AND unit=? AND t=?", turn.told
            )
            for boot, stretch in turn.undated.items():
                connection.execute("DELETE FROM undated WHERE unit=? AND boot=?", boot)
                if stretch:
                    connection.execute("INSERT INTO undated VALUES(?,?,?,?)", (*boot, *stretch))
        self._marks.update(turn.marks)
        self._pending.update(fresh)
        self._newest.update(turn.newest)
        for kind, unit, t in turn.told:
            self._pending.pop((kind, unit, t), None)
            self._told.setdefault((kind, unit), deque(maxlen=_TOLD_KEPT)).append(t)
        for boot, stretch in turn.undated.items():
            if stretch:
                self._undated[boot] = stretch
            else:
                self._undated.pop(boot, None)

    # -- seconds

    def _records(self, store: Any, turn: _Turn, audience: Audience) -> None:
        """What boots have told since, up to what is acknowledged."""
        acked = store.execute("SELECT unit, boot, seq FROM acked ORDER BY unit, boot").fetchall()
        for unit, boot, mark in acked:
            source = ("records", unit, boot)
            before = self._marks.get(source, 0)
            if mark <= before:
                continue
            if turn.more:
                return
            rows = store.execute(_RECORDS, (unit, boot, before, mark, RECORDS_AT_ONCE)).fetchall()
            of_days, of_hours = _packed(store, unit, boot, before, mark)
            rows = sorted([*rows, *of_hours])[:RECORDS_AT_ONCE]
            whole = len(rows) < RECORDS_AT_ONCE
            turn.more |= not whole
            for day in of_days:
                self._touch_day(store, turn, unit, day)
            for seq, t, received, kind, body in rows:
                self._take(store, turn, audience, (unit, boot, seq), t, received, kind, body)
            turn.marks[source] = mark if whole else rows[-1][0]

    def _take(
        self,
        store: Any,
        turn: _Turn,
        audience: Audience,
        name: tuple[str, int, int],
        t: int,
        received: float,
        kind: str | None,
        body: bytes,
    ) -> None:
        """One record that is read for the first time. t: of its last second."""
        unit, boot, seq = name
        if not is_dated(t):
            known = turn.undated.get((unit, boot)) or self._undated.get((unit, boot))
            first, last = known or (seq, seq)
            turn.undated[unit, boot] = min(first, seq), max(last, seq)
            return
        if kind is not None:
            return
        before = turn.newest.get(unit, self._newest.get(unit, t - 10))
        turn.newest[unit] = t
        begin = t - _seconds_in(body) + 1
        self._touch(turn, unit, begin, received)
        self._touch(turn, unit, t, received)
        if audience.wants(SECOND, unit):
            first = before + 1 if begin <= before < t else begin
            late = not self._by_their_clocks and received - t > PATIENCE[facts.MINUTE]
            turn.facts += periods.seconds(store, audience.unit(unit), first, t + 1, late)

    def _late_records(self, store: Any, turn: _Turn, audience: Audience) -> None:
        """Those that came when their boot's mark had passed them."""
        mark = self._marks.get(LATE_RECORDS, 0)
        first = min(mark, newest(store, "log_news"))
        rows = store.execute(
            "SELECT log_news.id, log_news.unit, record.t, record.received, record.body"
            " FROM log_news LEFT JOIN record"
            " ON record.unit=log_news.unit AND record.boot=log_news.boot"
            " AND record.seq=log_news.seq WHERE log_news.id>? ORDER BY log_news.id LIMIT ?",
            (first, moments.AT_ONCE),
        ).fetchall()
        for _, unit, t, received, body in rows:
            if t is not None and is_dated(t):
                self._touch(turn, unit, t - _seconds_in(body) + 1, received, late=True)
                self._touch(turn, unit, t, received, late=True)
        to = moments.moved(mark, first, [row[0] for row in rows])
        if to is not None:
            turn.marks[LATE_RECORDS] = to
        turn.more |= len(rows) == moments.AT_ONCE

    def _look_at_undated(self, store: Any, turn: _Turn, audience: Audience) -> None:
        """What had no date yet may have one now."""
        if _since(self._looked_at_undated, turn.now) < UNDATED_SECONDS:
            return
        self._looked_at_undated = turn.now
        for (unit, boot), (first, last) in {**self._undated}.items():
            rows = store.execute(
                _RECORDS, (unit, boot, first - 1, last, RECORDS_AT_ONCE)
            ).fetchall()
            for seq, t, received, kind, body in rows:
                if is_dated(t) and kind is None:
                    self._touch(turn, unit, t - _seconds_in(body) + 1, received, late=True)
                    self._touch(turn, unit, t, received, late=True)
                elif is_dated(t):
                    turn.facts += moments.dated_afterwards(store, (unit, boot, seq), audience)
            left = [seq for seq, t, *_ in rows if not is_dated(t)]
            if len(rows) == RECORDS_AT_ONCE:
                left.append(last)
            stretch = (min(left), last) if left else None
            if stretch != (first, last):
                added = turn.undated.get((unit, boot))
                beyond = added and added[1] > last
                turn.undated[unit, boot] = (
                    (min(left) if left else last + 1, added[1]) if added and beyond else stretch
                )

    def _touch_day(self, store: Any, turn: _Turn, unit: str, day: int) -> None:
        """Records of it are packed already: all that is known of it is told."""
        for minute in periods.known_minutes(store, unit, day * DAY):
            self._touch(turn, unit, minute, turn.now, late=True)

    def _touch(self, turn: _Turn, unit: str, t: int, received: float, late: bool = False) -> None:
        """Seconds about t have come."""
        for kind, patience in PATIENCE.items():
            begin = self._begin_of(kind, t)
            period = kind, unit, begin
            if period in self._pending or period in turn.touched:
                continue
            end = begin + PERIODS[kind]
            is_late = begin in self._told.get((kind, unit), ())
            if not self._by_their_clocks:
                is_late |= (received if not late else turn.now) - end > patience
            is_late |= late and self._newest_of(turn, unit) >= end
            turn.touched[period] = turn.now if is_late else min(received, turn.now), is_late

    def _newest_of(self, turn: _Turn, unit: str) -> int:
        return turn.newest.get(unit, self._newest.get(unit, 0))

    def _begin_of(self, kind: str, t: int) -> int:
        if kind == facts.DAY:
            return (t + self._east) // DAY * DAY - self._east
        return t // PERIODS[kind] * PERIODS[kind]

    def _over(self, store: Any, turn: _Turn, audience: Audience) -> None:
        """Periods that are to be told now."""
        for period, (touched, late) in {**turn.touched, **self._pending}.items():
            kind, unit, begin = period
            length = PERIODS[kind]
            if late:
                over = _since(touched, turn.now) >= SETTLED[kind]
            else:
                over = self._newest_of(turn, unit) >= begin + length - 1
                over |= _since(touched, turn.now) >= length + PATIENCE[kind]
            if not over:
                continue
            if len(turn.told) == TOLD_AT_ONCE:
                turn.more = True
                return
            turn.told.append(period)
            if audience.wants(kind, unit):
                turn.facts += periods.told(
                    *(store, self._queries, kind, audience.unit(unit), begin),
                    *(late, self._utc_offset),
                )


def _packed(
    store: Any, unit: str, boot: int, after: int, last: int
) -> tuple[list[int], list[tuple[Any, ...]]]:
    """(days of which records are packed, what of packed hours is as `_RECORDS`) of a boot, with
    sequences from behind one up to another."""
    days, found = [], []
    for number, blob in store.execute(_PACKED, (unit, boot, after, last)):
        if blob is None:
            days.append(number)
            continue
        with suppress(ValueError):  # spoilt: the check says so
            found += [
                (one.seq, one.t, one.received, None, one.body)
                for one in packed_day.unpack_records(blob)
                if after < one.seq <= last
            ]
    return days, found


def _since(then: float, now: float) -> float:
    """s. A clock that was set back meanwhile holds nothing up until it is there again."""
    return abs(now - then)


def _seconds_in(body: bytes | None) -> int:
    """How many a record has; the most it can where that is not known any more."""
    return (encoding.how_many(body) if body else 0) or MOST_SECONDS


def _set_marks(connection: Any, marks: Mapping[Source, int]) -> None:
    connection.executemany(
        "INSERT INTO read_up_to VALUES(?,?,?,?)"
        " ON CONFLICT(source, unit, boot) DO UPDATE SET at=excluded.at",
        [(*source, at) for source, at in marks.items()],
    )
