"""What news and time do to the incidents, each turn in one transaction with all that follows.

Whatever is decided lies in the file before anybody hears of it, and the mark of the feed beside
it: a restart at any point goes on where it was.
"""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from noisetamer.base import database
from noisetamer.base.database import Connection
from noisetamer.base.errors import UserError
from noisetamer.hub.incidents import escalation, rules
from noisetamer.hub.incidents.book import Book, Case
from noisetamer.hub.incidents.cases import Cases
from noisetamer.hub.incidents.incident import Entry, Incident
from noisetamer.hub.incidents.plan import LEAST_SILENCE
from noisetamer.hub.store.queries import News, Queries
from tamer.judge.stages import TOO_LOUD
from tamer.record.reading import is_dated

AT_ONCE = 200
"""News in one transaction."""
JUMP_SECONDS = 2.0
SURVEY_SECONDS = 5.0
AFTERWARDS_SECONDS = 120.0
"""What a box tells so soon after an incident belongs to it."""
_PEAK_STEP = 30  # 0.1 dB

_log = logging.getLogger("noisetamer.hub")


@dataclass
class Sensed:
    """What the hub senses beside the feed. steady, heard: the hub's monotonic clock, s, and when
    each unit was last heard by it; reported: the units that have told a record since this hub
    started; loudest: {unit: (highest LAeq in 0.1 dB, its time)} since the
    last turn."""

    steady: float = 0.0
    heard: Mapping[str, float] = field(default_factory=dict)
    reported: Collection[str] = ()
    loudest: Mapping[str, tuple[int, int]] = field(default_factory=dict)


class Watch:
    """Turns are one after the other, in any thread."""

    def __init__(
        self, book: Book, queries: Queries, cases: Cases, all_before: bool = False
    ) -> None:
        """all_before: what the store has now tells of a time that may be long over."""
        self._book = book
        self._queries = queries
        self._cases = cases
        self._sensed = Sensed()
        self._units: dict[str, rules.Unit] = {}
        self._square: dict[str, str] = {}
        self._members: dict[str, list[str]] = {}
        self._last: tuple[float, float] | None = None
        self._surveyed = float("-inf")
        self._complained: set[str] = set()
        self._stale = True
        self._hold: Callable[[Connection], None] = lambda connection: None
        self._before = queries.feed_end() if all_before else 0
        self._load()

    def know(self, squares: Mapping[str, str]) -> None:
        """{unit: its square} of all units that there are."""
        members: dict[str, list[str]] = {}
        for unit, square in squares.items():
            members.setdefault(square, []).append(unit)
        self._square, self._members = dict(squares), members

    def resume(self, hold: Callable[[Connection], None]) -> None:
        """What is known of units is read from the file again: others have written it. hold: as of
        `Incidents.resume`."""
        self._stale = True
        self._last = None
        self._hold = hold

    def turn(self, at: float, sensed: Sensed) -> tuple[set[int], bool]:
        """Do what the feed brings and what time has made due. at: Unix s.

        Returns the incidents that changed, and whether there is more in the feed.
        """
        if self._stale:
            self._load()
        # What is known of the units is that of the file again, should this one fail.
        self._stale = True
        self._sensed = sensed
        with self._book.transaction(), self._cases.at_once():
            self._book.held(self._hold)
            self._cases.changed.clear()
            self._put_on(at, sensed.steady)
            mark, _ = self._book.mark() or (0, at)
            news = self._queries.feed(mark, AT_ONCE)
            for one in news:
                known = self._units.get(one.unit)
                if not self._safely(f"news {one.id}", partial(self._take, one, at)):
                    self._units[one.unit] = known or rules.Unit()
            mark = news[-1].id if news else mark
            unreached = self._book.unreached()
            for square in self._to_survey(news, sensed.steady):
                self._survey(square, unreached.get(square, {}), at)
            for case in self._book.unfinished():
                review = partial(self._review, case, at)
                self._safely(f"incident {case.incident.id}", review)
            if news or self._cases.changed or not self._last:
                self._book.set_mark(mark, at)
            changed = set(self._cases.changed)
        self._stale = False
        self._last = at, sensed.steady
        return changed, len(news) == AT_ONCE

    def _load(self) -> None:
        mark, end = self._book.mark(), self._queries.feed_end()
        if mark is None or mark[0] > end:
            # What was stored before there were incidents calls nobody; and a store may have been
            # restored from before them.
            with self._book.transaction():
                self._book.set_mark(end, mark[1] if mark else 0.0)
        self._units = self._book.units()
        self._stale = False

    def _put_on(self, at: float, steady: float) -> None:
        """Put all times on by what the hub's clock was put on since the last turn."""
        if self._last:
            by = (at - self._last[0]) - (steady - self._last[1])
        else:
            mark = self._book.mark()
            # Whether it was put on while the hub was down cannot be known; put back, it shows.
            by = min(0.0, at - mark[1]) if mark else 0.0
        if abs(by) < JUMP_SECONDS:
            return
        _log.warning("The clock of this computer was put on by %.0f s.", by)
        for case in self._book.unfinished():
            self._cases.apply(case, escalation.Jumped(by), at)

    def _take(self, news: News, at: float) -> None:
        square = self._square.get(news.unit)
        if square is None or news.kind == "deleted":
            return
        before = self._units.get(news.unit, rules.Unit())
        unit, heard = rules.take(before, news)
        if news.id <= self._before:
            heard = replace(heard, late=True)
        self._units[news.unit] = unit
        self._book.set_unit(news.unit, unit)
        if news.kind == "status":
            return
        now = self._now(square)
        begins = unit.above and (not before.above or heard.moment == "hand-over")
        case = self._book.newest(square, "noise")
        if begins and not (case and case.incident.living):
            case = self._cases.again_or_new(case, square, "noise", at)
        if heard.moment == "sudden":
            self._sudden(square, news, heard, at)
        near = case is not None and self._is_near(case, at)
        if heard.superseded and not near:
            self._was_above(square, news, at)
            return
        if case is None:
            return
        living = case.incident.living or begins
        if news.kind in rules.TOLD and (living or near):
            self._enter(case, news, at)
        if not living:
            return
        case = self._noted(case, news, unit, heard, now)
        # the incident is open from the start; its chain begins with the first word of a box
        new = not case.chain.living
        if unit.above:
            case = self._cases.apply(case, escalation.Above(heard.late), at)
        if heard.moment == "hand-over":
            case = self._cases.apply(case, escalation.HandOver(heard.to), at)
        if not now.above:
            end = news.t if is_dated(news.t or 0) else None
            case = Case(replace(case.incident, end=end), case.chain)
            case = self._cases.apply(case, escalation.Below(), at)
        if not heard.late and unit.above:
            self._picture(case, news, new, at)

    def _is_near(self, case: Case, at: float) -> bool:
        """Whether what is told now belongs to it still."""
        return case.incident.living or (at - (case.incident.resolved or at) < AFTERWARDS_SECONDS)

    def _was_above(self, square: str, news: News, at: float) -> None:
        """What is learned of only when it is over: it stands in the list, and calls nobody."""
        case = self._cases.new(square, "noise", at)
        self._enter(case, news, at)
        facts = replace(
            case.incident,
            units=(news.unit,),
            level=news.fields["level"],
            limit=news.fields["limit"],
            begin=float(news.t) if is_dated(news.t or 0) and news.t else None,
        )
        case = self._cases.apply(Case(facts, case.chain), escalation.Above(late=True), at)
        self._cases.apply(case, escalation.Below(), at)

    def _sudden(self, square: str, news: News, heard: rules.Heard, at: float) -> None:
        case = self._book.newest(square, "sudden")
        if not (case and case.incident.living):
            case = self._cases.again_or_new(case, square, "sudden", at)
        self._enter(case, news, at)
        now = rules.Square((), heard.level, heard.limit, "")
        case = self._noted(case, news, self._units[news.unit], heard, now)
        case = self._cases.apply(case, escalation.Above(heard.late), at)
        self._cases.apply(case, escalation.Below(), at)

    def _noted(
        self, case: Case, news: News, unit: rules.Unit, heard: rules.Heard, now: rules.Square
    ) -> Case:
        """The incident with what its square is like now."""
        incident = case.incident
        if news.unit not in incident.units and (unit.above or heard.moment):
            incident = replace(incident, units=(*incident.units, news.unit))
        level = incident.level
        for told in (heard.level, now.level):
            if told is not None and (level is None or told > level):
                level = told
        limit = next((one for one in (heard.limit, now.limit) if one is not None), incident.limit)
        begin = incident.begin
        if begin is None and news.t is not None and is_dated(news.t):
            begin = float(news.t)
        return Case(
            replace(incident, level=level, limit=limit, stage=now.stage, begin=begin), case.chain
        )

    def _enter(self, case: Case, news: News, at: float) -> None:
        t = float(news.t) if news.t is not None else at
        entry = Entry(t, at, news.kind, news.unit, news.fields)
        self._book.enter(case.incident.id, entry)
        self._cases.changed.add(case.incident.id)

    def _picture(self, case: Case, news: News, new: bool, at: float) -> None:
        if new:
            moment = "start"
        elif news.kind == "stage" and news.fields["to"] in TOO_LOUD:
            moment = "stage"
        else:
            return
        stage = self._units[news.unit].stage
        self._cases.want_picture(case, news.unit, moment, stage, news.t, str(news.id), at)

    def _to_survey(self, news: Sequence[News], steady: float) -> list[str]:
        """The squares of the news, and now and then all."""
        if steady - self._surveyed >= SURVEY_SECONDS:
            self._surveyed = steady
            return sorted(self._members)
        squares = {self._square[one.unit] for one in news if one.unit in self._square}
        return sorted(squares)

    def _survey(self, square: str, unreached: Mapping[int, str], at: float) -> None:
        """Open what can be seen without an event: silent, ill, unreached."""
        units = self._of(square)
        ill = rules.ill(units)
        silent = self._silent(square, units)
        for kind, found, what in (
            ("microphone", tuple(ill), _listed(ill)),
            ("silent", silent, ""),
            ("undelivered", (), "; ".join(unreached.values())[:200]),
        ):
            if found or what:
                hold = partial(self._holds, square, kind, found, what, at)
                self._safely(f"{square} {kind}", hold)
        self._safely(f"{square} noise", partial(self._still_above, square, at))

    def _still_above(self, square: str, at: float) -> None:
        """A box that was silent and is heard again tells no change of its stage, where there was
        none: whether it is above still, all that it has to tell will show."""
        now = self._now(square)
        if not now.above:
            return
        case = self._book.newest(square, "noise")
        if case is None or not (case.incident.living or case.chain.above):
            case = self._cases.again_or_new(case, square, "noise", at)
            units = tuple(dict.fromkeys((*case.incident.units, *now.above)))
            facts = replace(case.incident, units=units, stage=now.stage, limit=now.limit)
            self._cases.apply(Case(facts, case.chain), escalation.Above(late=True), at)

    def _holds(self, square: str, kind: str, units: tuple[str, ...], what: str, at: float) -> None:
        case = self._book.newest(square, kind)
        if case and (case.incident.living or case.chain.above):
            incident = case.incident
            if case.incident.living and (incident.units, incident.what) != (units, what):
                for unit in units:
                    if unit not in incident.units:
                        self._book.enter(incident.id, _cause(kind, unit, what, at))
                units = tuple(dict.fromkeys((*incident.units, *units)))
                if (incident.units, incident.what) != (units, what):
                    self._cases.put(
                        Case(replace(incident, units=units, what=what), case.chain), at
                    )
            return
        case = self._cases.again_or_new(case, square, kind, at)
        for unit in units or ("",):
            self._book.enter(case.incident.id, _cause(kind, unit, what, at))
        case = Case(replace(case.incident, units=units, what=what), case.chain)
        self._cases.apply(case, escalation.Above(), at)

    def _review(self, case: Case, at: float) -> None:
        """Whether the cause of an incident still holds, and what time has made due."""
        incident = case.incident
        units = self._of(incident.square)
        match incident.kind:
            case "noise":
                holds = bool(self._now(incident.square).above)
                case = self._louder(case, units, at)
            case "silent":
                holds = bool(self._silent(incident.square, units))
            case "microphone":
                holds = bool(rules.ill(units))
            case "undelivered":
                holds = incident.square in self._book.unreached()
            case _:
                holds = case.chain.above
        if case.chain.above and not holds:
            self._enter_heard(case, units, at)
            case = self._cases.apply(case, escalation.Below(), at)
        elif case.chain.held and holds and self._told_all(incident, units):
            case = self._cases.apply(case, escalation.Above(), at)
        if escalation.wake(case.chain, self._cases.around(case.incident)) <= at:
            self._cases.apply(case, escalation.Tick(), at)

    def _enter_heard(self, case: Case, units: Mapping[str, rules.Unit], at: float) -> None:
        """Why something is over, where no event says so."""
        incident = case.incident
        if incident.kind == "silent":
            for unit in incident.units:
                self._book.enter(incident.id, Entry(at, at, "heard", unit))
        elif incident.kind == "noise":
            for unit in rules.square(units).above:
                self._book.enter(incident.id, Entry(at, at, "silent", unit))

    def _louder(self, case: Case, units: Mapping[str, rules.Unit], at: float) -> Case:
        """With the highest level that the seconds have told since."""
        incident = case.incident
        for id, unit in units.items():
            found = self._sensed.loudest.get(id)
            if not incident.living or found is None or not unit.above or case.chain.held:
                continue
            level, t = found
            if t < unit.since or level <= (incident.level or 0):
                continue
            peak = level >= (incident.level or 0) + _PEAK_STEP
            incident = replace(incident, level=level)
            case = self._cases.put(Case(incident, case.chain), at)
            if peak:
                self._cases.want_picture(case, id, "peak", unit.stage, t, f"peak/{t}", at)
        return case

    def _told_all(self, incident: Incident, units: Mapping[str, rules.Unit]) -> bool:
        """Whether one of those above, or of those that may be ill, has told everything up to when
        it connected, and something since this hub started."""
        for id, unit in units.items():
            if id in self._sensed.reported and (unit.above or incident.kind != "noise"):
                latest = self._queries.latest(id)
                if latest and rules.caught_up(unit, latest[1]):
                    return True
        return False

    def _silent(self, square: str, units: Mapping[str, rules.Unit]) -> tuple[str, ...]:
        heard, steady = self._sensed.heard, self._sensed.steady
        if not rules.silent(units, heard, steady, LEAST_SILENCE):
            return ()
        return rules.silent(units, heard, steady, self._cases.plan_of(square).silent_after)

    def _of(self, square: str) -> dict[str, rules.Unit]:
        known = self._members.get(square, ())
        return {id: self._units[id] for id in known if id in self._units}

    def _now(self, square: str) -> rules.Square:
        """What is told of it. Of a box that is silent nobody knows: it is not above."""
        units = self._of(square)
        silent = self._silent(square, units) if rules.square(units).above else ()
        return rules.square({id: unit for id, unit in units.items() if id not in silent})

    def _safely(self, what: str, work: Callable[[], object]) -> bool:
        """Whether it was done. What cannot be understood is said once, and passed over; what the
        disk or people's file refuses is tried again, with all of the turn."""
        try:
            with self._book.part():
                work()
        except (database.Error, OSError, UserError):
            raise
        except Exception:
            if what not in self._complained:
                self._complained.add(what)
                _log.exception("A fault of the incidents at %s; it is passed over.", what)
            return False
        return True


def _cause(kind: str, unit: str, what: str, at: float) -> Entry:
    name = {"silent": "silent", "microphone": "ill"}.get(kind, "unreached")
    return Entry(at, at, name, unit, {"what": what} if what else {})


def _listed(ill: Mapping[str, str]) -> str:
    return "; ".join(dict.fromkeys(ill.values()))[:200]
