"""Brings the facts up to what the files hold now: only what is new since, and all at first.

What the feed of the store names is read again by whole days of a unit, so it does not matter in
which order anything came, nor whether a date was found afterwards. A day of which hours are not
summed up yet is looked at again the next time.
"""

import json
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from noisetamer.base import database
from noisetamer.hub import registry
from noisetamer.hub.facts import beside, incidents, levels, warnings
from noisetamer.hub.facts.columns import insert
from noisetamer.hub.facts.derived import EARLIEST, derive
from noisetamer.hub.facts.sources import FILES, Sources
from noisetamer.hub.facts.weather import FILE as WEATHER
from noisetamer.hub.facts.weather import Weather
from noisetamer.hub.registry import Unit
from noisetamer.hub.squares.squares import square_of
from noisetamer.hub.store.hour_sums import HOUR
from noisetamer.hub.store.packed_day import DAY
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.series import Levels

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Tell = Callable[[str, float], None]
"""What is being read, and how far that is, 0 to 1."""

# a ladder's warning and its outcome are this far apart at most
_AROUND_SECONDS = 2 * HOUR
_FEED_AT_ONCE = 5000


class Refresh:
    """One run. now: Unix s; utc_offset: of the local clock, h; tell: called now and then, in the
    caller's thread."""

    def __init__(
        self,
        data: Path,
        connection: "DuckDBPyConnection",
        sources: Sources,
        now: float,
        utc_offset: float,
        tell: Tell,
    ) -> None:
        self._data = data
        self._facts = connection
        self._sources = sources
        self._now = now
        self._utc_offset = utc_offset
        self._tell = tell
        self._marks = dict(connection.execute("SELECT name, mark FROM marks").fetchall())

    def run(self) -> None:
        """Raises duckdb.Error, database.Error, UserError."""
        changed = self._units()
        if database.exists(self._data / "hub.sqlite"):
            changed = self._store() or changed
        if database.exists(self._data / "incidents.sqlite"):
            changed = self._incidents() or changed
        changed = self._beside() or changed
        # permits come of age by the clock alone
        hour = str(int(self._now) // HOUR)
        if changed or self._marks.get("derived") != hour:
            self._tell("together", 0.0)
            with self._transaction():
                derive(self._facts, self._now, self._utc_offset)
                self._mark("derived", hour)
        self._mark("at", repr(self._now))

    def _units(self) -> bool:
        file = self._data / "units.sqlite"
        here = registry.registered(file)
        places = {old: unit.id for unit in here for old in unit.replaced}
        squares = {unit.id: square_of(unit) for unit in here}
        all_units: dict[str, Unit] = {one.id: one for one in [*registry.gone(file), *here]}
        known = self._places()
        rows = [
            (id, squares.get(places.get(id, id), square_of(one)), one.name, places.get(id, id))
            for id, one in all_units.items()
        ]
        # told, and never enrolled here: a square for itself
        told: Iterable[str] = ()
        if database.exists(self._data / "hub.sqlite"):
            told = Queries(self._data / "hub.sqlite").units()
        rows += [(id, id, "", id) for id in told if id not in all_units]
        new = {id: (square, place) for id, square, _, place in rows}
        if new == known:
            return False
        with self._transaction():
            self._facts.execute("DELETE FROM units")
            insert(self._facts, "units", rows)
            for id, (square, place) in new.items():
                if known.get(id, (square, place)) != (square, place):
                    # stands elsewhere now: all of it is read again
                    for table in ("levels", "warnings", "stretches"):
                        self._facts.execute(f"DELETE FROM {table} WHERE unit=?", [id])
                    self._facts.execute("DELETE FROM marks WHERE name=?", [f"unit {id}"])
                    self._marks.pop(f"unit {id}", None)
        return True

    def _places(self) -> dict[str, tuple[str, str]]:
        rows = self._facts.execute("SELECT unit, square, place FROM units").fetchall()
        return {unit: (square, place) for unit, square, place in rows}

    def _store(self) -> bool:
        queries = Queries(self._data / "hub.sqlite")
        places = self._places()
        with closing(database.reader(queries.file)) as store:
            end = queries.feed_end()
            after = int(self._marks.get("feed", -1))
            if after > end:
                # a backup was restored: another feed than the one that was read
                for id in places:
                    self._marks.pop(f"unit {id}", None)
                after = -1
            new = [id for id in sorted(places) if f"unit {id}" not in self._marks]
            days = self._news(store, after, end) if after >= 0 else set()
            days |= {
                (unit, day)
                for unit, day in store.execute(
                    "SELECT DISTINCT unit, hour / 86400 FROM hour_touched"
                )
            }
            days |= set(self._facts.execute("SELECT unit, day FROM to_read").fetchall())
            let_go = store.execute(
                "SELECT unit, day, at FROM deleted_day WHERE at>?",
                (float(self._marks.get("deleted", 0)),),
            ).fetchall()
            days |= {(unit, day) for unit, day, _ in let_go}
            days = {(unit, day) for unit, day in days if unit in places and unit not in new}
            work: list[tuple[str, int, int]] = []
            for id in new:
                span = _span(store, queries, id)
                if span:
                    work.append((id, span[0] // DAY, (span[1] - 1) // DAY + 1))
            work += [(unit, first, last) for unit, first, last in _stretches(days)]
            for n, (unit, first, last) in enumerate(work):
                self._tell("levels", n / len(work))
                self._read(queries, unit, places, first * DAY, last * DAY)
            pending = [
                (unit, day)
                for unit, day in store.execute(
                    "SELECT DISTINCT unit, hour / 86400 FROM hour_touched"
                )
            ]
        with self._transaction():
            self._facts.execute("DELETE FROM to_read")
            for unit, day in pending:
                self._facts.execute("INSERT INTO to_read VALUES(?, ?)", [unit, day])
            for id in new:
                self._mark(f"unit {id}", "read")
            self._mark("feed", str(end))
            if let_go:
                self._mark("deleted", repr(max(at for _, _, at in let_go)))
        return bool(work)

    def _news(self, store: database.Connection, after: int, end: int) -> set[tuple[str, int]]:
        """(unit, day) of events that came. Of one that dates its boot, of all of that boot."""
        found: set[tuple[str, int]] = set()
        boots: set[tuple[str, int]] = set()
        for unit, boot, t, kind in store.execute(
            "SELECT unit, feed.boot, event.t, kind FROM feed JOIN event USING(unit, boot, seq)"
            " WHERE id>? AND id<=?",
            (after, end),
        ):
            if t >= EARLIEST:
                found.add((unit, t // DAY))
                if kind in ("hour", "day"):
                    # told when it is over
                    found.add((unit, (t - HOUR) // DAY))
            if kind == "clock":
                boots.add((unit, boot))
        for unit, boot in boots:
            rows = store.execute(
                "SELECT DISTINCT t / 86400 FROM event WHERE unit=? AND boot=? AND t>=?",
                (unit, boot, EARLIEST),
            )
            found |= {(unit, day) for (day,) in rows}
        return found

    def _read(
        self,
        queries: Queries,
        unit: str,
        places: dict[str, tuple[str, str]],
        since: int,
        until: int,
    ) -> None:
        """Whole days of a unit, since <= t < until, in the place of what was."""
        square, place = places[unit]
        events = queries.told(
            unit, since - _AROUND_SECONDS, until + _AROUND_SECONDS, warnings.KINDS
        )
        told = warnings.told(events)
        with self._transaction():
            self._forget("warnings", unit, since, until)
            self._forget("stretches", unit, since, until)
            insert(
                self._facts,
                "warnings",
                (
                    (
                        *(unit, square, one.t, one.t // HOUR * HOUR),
                        *(one.stage, one.message, one.number),
                        *(None if one.effective is None else int(one.effective), one.after),
                        *(one.trial, one.arm, None),
                    )
                    for one in told.warnings
                    if since <= one.t < until
                ),
            )
            insert(
                self._facts,
                "stretches",
                ((unit, square, *one) for one in told.bass if since <= one[0] < until),
            )
            # of a place: what one box has not heard, that before it has
            self._forget("levels", place, since, until)
            those = [place, *(id for id, (_, at) in places.items() if at == place and id != place)]
            insert(
                self._facts,
                "levels",
                levels.rows(
                    Levels(queries.file), those, square, since, until, self._limits(place)
                ),
            )

    def _limits(self, place: str) -> levels.Limits:
        """As the hours of the last month before have it."""
        found = levels.Limits()
        for t, limit in self._facts.execute(
            "SELECT t, limit_level FROM levels WHERE unit=? AND limit_level IS NOT NULL"
            " ORDER BY t DESC LIMIT 720",
            [place],
        ).fetchall()[::-1]:
            found.of(t, [limit])
        return found

    def _forget(self, table: str, unit: str, since: int, until: int) -> None:
        self._facts.execute(
            f"DELETE FROM {table} WHERE unit=? AND t>=? AND t<?", [unit, since, until]
        )

    def _incidents(self) -> bool:
        self._tell("incidents", 0.0)
        incident, entry = (int(self._marks.get(name, 0)) for name in ("incident", "entry"))
        with (
            closing(database.reader(self._data / "incidents.sqlite")) as file,
            database.one_moment(file),
        ):
            now = incidents.marks(file)
            if now[0] < incident or now[1] < entry:
                # a backup was restored
                incident = entry = 0
                self._facts.execute("DELETE FROM incidents")
            ids = incidents.changed(file, incident, entry)
            with self._transaction():
                for begin in range(0, len(ids), incidents.AT_ONCE):
                    some = ids[begin : begin + incidents.AT_ONCE]
                    marks = ",".join("?" * len(some))
                    self._facts.execute(f"DELETE FROM incidents WHERE id IN ({marks})", some)
                    insert(self._facts, "incidents", incidents.rows(file, some))
                    self._tell("incidents", begin / len(ids))
                self._mark("incident", str(now[0]))
                self._mark("entry", str(now[1]))
        return bool(ids)

    def _beside(self) -> bool:
        stamp = json.dumps(
            [self._utc_offset, *(database.changes(self._data / name) for name in FILES)]
        )
        # a round that is over since is missed: what is due is asked anew each hour
        stamp += f" {int(self._now) // HOUR}"
        if self._marks.get("beside") == stamp:
            return False
        self._tell("beside", 0.0)
        file = self._data / WEATHER
        weather = Weather(file) if database.exists(file) else None
        try:
            with self._transaction():
                found = beside.rows(self._sources, weather, self._now, self._utc_offset)
                for table, rows in found.items():
                    self._facts.execute(f"DELETE FROM {table}")
                    insert(self._facts, table, rows)
                self._mark("beside", stamp)
        finally:
            if weather:
                weather.close()
        return True

    def _mark(self, name: str, mark: str) -> None:
        self._facts.execute("DELETE FROM marks WHERE name=?", [name])
        self._facts.execute("INSERT INTO marks VALUES(?, ?)", [name, mark])
        self._marks[name] = mark

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._facts)


class _Transaction:
    """All of it or nothing, of a connection to DuckDB."""

    def __init__(self, connection: "DuckDBPyConnection") -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN")

    def __exit__(self, kind: object, *_: Any) -> None:
        self._connection.execute("ROLLBACK" if kind else "COMMIT")


def _span(store: database.Connection, queries: Queries, unit: str) -> tuple[int, int] | None:
    """(first, last + 1) of all that is known of a unit: seconds, sums and events."""
    spans = [queries.span(unit)]
    for ask, more in (
        ("SELECT min(hour), max(hour) FROM hour_sum WHERE unit=?", HOUR),
        (f"SELECT min(t), max(t) FROM event WHERE unit=? AND t>={EARLIEST}", 1),
    ):
        first, last = store.execute(ask, (unit,)).fetchone()
        spans.append((first, last + more) if first is not None else None)
    found = [span for span in spans if span]
    return (min(a for a, _ in found), max(b for _, b in found)) if found else None


def _stretches(days: set[tuple[str, int]]) -> list[tuple[str, int, int]]:
    """(unit, first day, last + 1) of days that follow each other."""
    found: list[tuple[str, int, int]] = []
    for unit, day in sorted(days):
        if found and found[-1][0] == unit and found[-1][2] == day:
            found[-1] = (unit, found[-1][1], day + 1)
        else:
            found.append((unit, day, day + 1))
    return found
