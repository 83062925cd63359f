"""What news, time and people do to the incidents: each in one transaction with all that follows.

Whatever is decided lies in the file before anybody hears of it, and the mark of the feed beside
it: a restart at any point goes on where it was.
"""

import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from noisetamer.base.errors import UserError
from noisetamer.hub.incidents import escalation, rules
from noisetamer.hub.incidents import plan as plans
from noisetamer.hub.incidents.book import UNFINISHED, Book, Case, Silence
from noisetamer.hub.incidents.escalation import Around, State
from noisetamer.hub.incidents.incident import Effect, Entry, Incident
from noisetamer.hub.incidents.plan import Plan, Step
from noisetamer.hub.incidents.roster import Reachable, Reached, reached
from noisetamer.hub.people.accounts import key_of
from noisetamer.hub.store.queries import News, Queries
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
class Sources:
    """Where the desk looks things up; read when they are needed.

    setting: the body of a square's setting "escalation", None for the shipped one; directory: the
    ways to all people; pictures: whether a square wants any; audit: as People.audit.
    """

    setting: Callable[[str], Mapping[str, Any] | None] = lambda square: None
    directory: Callable[[], Sequence[Reachable]] = lambda: ()
    pictures: Callable[[str], bool] = lambda square: False
    audit: Callable[..., None] = lambda *_, **__: None


@dataclass
class Sensed:
    """What the hub senses beside the feed. steady, heard: the hub's monotonic clock, s, and when
    each unit was last heard by it; loudest: {unit: (highest LAeq in 0.1 dB, its time)} since the
    last turn."""

    steady: float = 0.0
    heard: Mapping[str, float] = field(default_factory=dict)
    loudest: Mapping[str, tuple[int, int]] = field(default_factory=dict)


class Desk:
    """Used by several threads, one after the other (`Book.transaction`)."""

    def __init__(self, book: Book, queries: Queries, sources: Sources, utc_offset: float) -> None:
        self._book = book
        self._queries = queries
        self._sources = sources
        self._utc_offset = utc_offset
        self._plans: dict[str, tuple[Mapping[str, Any] | None, Plan]] = {}
        self._units: dict[str, rules.Unit] = {}
        self._square: dict[str, str] = {}
        self._members: dict[str, list[str]] = {}
        self._changed: set[int] = set()
        self._last: tuple[float, float] | None = None
        self._surveyed = float("-inf")
        self._complained: set[str] = set()
        self._stale = True
        self._load()

    def know(self, squares: Mapping[str, str]) -> None:
        """{unit: its square} of all units that there are."""
        members: dict[str, list[str]] = {}
        for unit, square in squares.items():
            members.setdefault(square, []).append(unit)
        self._square, self._members = dict(squares), members

    def turn(self, at: float, sensed: Sensed) -> tuple[set[int], bool]:
        """Do what the feed brings and what time has made due. at: Unix s.

        Returns the incidents that changed, and whether there is more in the feed.
        """
        if self._stale:
            self._load()
        # What is known of the units is that of the file again, should this one fail.
        self._stale = True
        with self._book.transaction():
            self._changed.clear()
            self._put_on(at, sensed.steady)
            mark, _ = self._book.mark() or (0, at)
            news = self._queries.feed(mark, AT_ONCE)
            for one in news:
                known = self._units.get(one.unit)
                if not self._safely(f"news {one.id}", partial(self._take, one, at)):
                    self._units[one.unit] = known or rules.Unit()
            mark = news[-1].id if news else mark
            for square in self._to_survey(news, sensed.steady):
                self._survey(square, at, sensed)
            for case in self._book.unfinished():
                review = partial(self._review, case, at, sensed)
                self._safely(f"incident {case.incident.id}", review)
            if news or self._changed or not self._last:
                self._book.set_mark(mark, at)
        self._stale = False
        self._last = at, sensed.steady
        return set(self._changed), len(news) == AT_ONCE

    def act(
        self, id: int, event: escalation.Event | None, entry: Entry, **facts: Any
    ) -> tuple[Incident, bool]:
        """Of a person: the incident afterwards, and whether it changed anything. facts: of the
        incident, to be set. Raises UserError where there is none."""
        with self._book.transaction():
            case = self._book.case(id)
            if case is None:
                raise UserError(f"There is no incident {id}; look at the list of incidents.")
            if isinstance(event, escalation.Acknowledged) and not case.incident.living:
                return case.incident, False
            if isinstance(event, escalation.Closed) and case.incident.state == "closed":
                return case.incident, False
            self._book.enter(id, entry)
            if isinstance(event, escalation.Closed) and case.incident.kind == "undelivered":
                self._book.forget_unreached(case.incident.square)
            incident = replace(case.incident, **facts)
            case = Case(incident, case.chain)
            case = self._apply(case, event, entry.at) if event else self._put(case, entry.at)
        return case.incident, True

    def silence(self, silence: Silence) -> list[int]:
        """Of a person; the incidents that go on in the square meanwhile."""
        with self._book.transaction():
            self._book.silence(silence)
            living = [
                case
                for case in self._book.unfinished()
                if case.incident.square == silence.square and case.incident.living
            ]
            for case in living:
                fields = {"until": silence.until, "reason": silence.reason}
                entry = Entry(silence.at, silence.at, "silenced", silence.by, fields)
                self._book.enter(case.incident.id, entry)
                self._put(case, silence.at)
        return [case.incident.id for case in living]

    def postpone(self, key: str, due: float, detail: str) -> None:
        """An attempt has failed, and there will be another. Raises UserError."""
        with self._book.transaction():
            effect = self._book.effect(key)
            if effect is None:
                raise UserError(f"There is no effect {key!r}; nothing is noted.")
            if effect.state in ("due", "withdrawn"):
                attempts = effect.attempts + 1
                self._book.set_effect(replace(effect, due=due, attempts=attempts, detail=detail))

    def drill(self, square: str, name: str, by: str, reason: str, at: float) -> Incident:
        """Call one person as an incident would. Raises UserError where there is no way to them."""
        if not any(key_of(way.name) == key_of(name) for way in self._sources.directory()):
            raise UserError(
                f"{name!r} cannot be called: there is no such account, or it has no contact; give "
                "it one first."
            )
        with self._book.transaction():
            case = self._new(square, "drill", at, what=name)
            self._book.enter(
                case.incident.id, Entry(at, at, "note", by, {"text": reason} if reason else {})
            )
            return self._apply(case, escalation.Above(), at).incident

    def sent(self, key: str, result: str, detail: str, at: float) -> tuple[Effect, bool]:
        """What became of an effect; whether that is news. Raises UserError where it is unknown."""
        with self._book.transaction():
            effect = self._book.effect(key)
            if effect is None:
                raise UserError(f"There is no effect {key!r}; nothing is noted.")
            after = replace(effect, state=result, detail=detail, attempts=effect.attempts + 1)
            if effect.state == result and effect.detail == detail:
                return effect, False
            self._book.set_effect(after)
            what = "picture" if effect.kind == "picture" else result
            fields = {"kind": effect.kind, "key": key, "detail": detail}
            if effect.kind == "picture":
                fields |= {"result": result, "moment": effect.fields.get("moment")}
            else:
                fields |= {"person": effect.person, "contact": effect.contact}
                self._reached_or_not(after, at)
            if what != "sent":
                self._book.enter(effect.incident, Entry(at, at, what, "", fields))
            case = self._book.case(effect.incident)
            assert case
            unwanted = effect.state == "withdrawn" and effect.kind != "picture"
            if unwanted and result != "refused" and not case.incident.living:
                # It was under way when it was over: whoever was called hears so.
                self._owe_all_clear(effect, case, at)
        return after, True

    def plan_of(self, square: str) -> Plan:
        """Its own, or the shipped one; that too where its own cannot be read."""
        body = self._sources.setting(square)
        kept = self._plans.get(square)
        if kept and kept[0] == body:
            return kept[1]
        plan = self._read(square, body)
        self._plans[square] = body, plan
        return plan

    def _read(self, square: str, body: Mapping[str, Any] | None) -> Plan:
        if body is not None:
            try:
                return plans.read(body, self._utc_offset)
            except UserError as why:
                self._complain(f"{square}: {why}; the shipped plan holds.")
        return plans.read(plans.SHIPPED, self._utc_offset)

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
            end = self._queries.feed_end()
            if mark and mark[0] > end:
                _log.warning(
                    "The store is older than the incidents beside it: they go on with it."
                )
                self._book.set_mark(end, at)
        if abs(by) < JUMP_SECONDS:
            return
        _log.warning("The clock of this computer was put on by %.0f s.", by)
        for case in self._book.unfinished():
            self._apply(case, escalation.Jumped(by), at)

    def _take(self, news: News, at: float) -> None:
        square = self._square.get(news.unit)
        if square is None or news.kind == "deleted":
            return
        before = self._units.get(news.unit, rules.Unit())
        unit, heard = rules.take(before, news)
        self._units[news.unit] = unit
        self._book.set_unit(news.unit, unit)
        if news.kind == "status":
            return
        now = self._now(square)
        begins = unit.above and (not before.above or heard.moment == "hand-over")
        case = self._book.newest(square, "noise")
        if begins and not (case and case.incident.living):
            case = self._again_or_new(case, square, "noise", at)
        if heard.moment == "sudden":
            self._sudden(square, news, heard, at)
        if case is None:
            return
        living = case.incident.living or begins
        recent = at - (case.incident.resolved or at) < AFTERWARDS_SECONDS
        if news.kind in rules.TOLD and (living or recent):
            self._enter(case, news, at)
        if not living:
            return
        case = self._noted(case, news, unit, heard, now)
        # the incident is open from the start; its chain begins with the first word of a box
        new = not case.chain.living
        if unit.above:
            case = self._apply(case, escalation.Above(heard.late), at)
        if heard.moment == "hand-over":
            case = self._apply(case, escalation.HandOver(heard.to), at)
        if not now.above:
            end = news.t if is_dated(news.t or 0) else None
            case = Case(replace(case.incident, end=end), case.chain)
            case = self._apply(case, escalation.Below(), at)
        if not heard.late and unit.above:
            self._picture(case, news, new, at)

    def _sudden(self, square: str, news: News, heard: rules.Heard, at: float) -> None:
        case = self._book.newest(square, "sudden")
        if not (case and case.incident.living):
            case = self._again_or_new(case, square, "sudden", at)
        self._enter(case, news, at)
        now = rules.Square((), heard.level, heard.limit, "")
        case = self._noted(case, news, self._units[news.unit], heard, now)
        case = self._apply(case, escalation.Above(heard.late), at)
        self._apply(case, escalation.Below(), at)

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

    def _to_survey(self, news: Sequence[News], steady: float) -> list[str]:
        """The squares of the news, and now and then all."""
        if steady - self._surveyed >= SURVEY_SECONDS:
            self._surveyed = steady
            return sorted(self._members)
        squares = {self._square[one.unit] for one in news if one.unit in self._square}
        return sorted(squares)

    def _survey(self, square: str, at: float, sensed: Sensed) -> None:
        """Open what can be seen without an event: silent, ill, unreached."""
        units = self._of(square)
        ill = rules.ill(units)
        silent = self._silent(square, units, sensed)
        unreached = self._book.unreached().get(square, {})
        for kind, found, what in (
            ("microphone", tuple(ill), _listed(ill)),
            ("silent", silent, ""),
            ("undelivered", (), "; ".join(unreached.values())[:200]),
        ):
            if found or what:
                hold = partial(self._holds, square, kind, found, what, at)
                self._safely(f"{square} {kind}", hold)

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
                    self._put(Case(replace(incident, units=units, what=what), case.chain), at)
            return
        case = self._again_or_new(case, square, kind, at)
        for unit in units or ("",):
            self._book.enter(case.incident.id, _cause(kind, unit, what, at))
        case = Case(replace(case.incident, units=units, what=what), case.chain)
        self._apply(case, escalation.Above(), at)

    def _review(self, case: Case, at: float, sensed: Sensed) -> None:
        """Whether the cause of an incident still holds, and what time has made due."""
        incident = case.incident
        units = self._of(incident.square)
        match incident.kind:
            case "noise":
                holds = bool(rules.square(units).above)
                case = self._louder(case, units, sensed, at)
            case "silent":
                holds = bool(self._silent(incident.square, units, sensed))
            case "microphone":
                holds = bool(rules.ill(units))
            case "undelivered":
                holds = incident.square in self._book.unreached()
            case _:
                holds = case.chain.above
        if case.chain.above and not holds:
            if incident.kind == "silent":
                for unit in incident.units:
                    self._book.enter(incident.id, Entry(at, at, "heard", unit))
            case = self._apply(case, escalation.Below(), at)
        elif case.chain.held and holds and self._told_all(units):
            case = self._apply(case, escalation.Above(), at)
        if escalation.wake(case.chain, self._around(case.incident)) <= at:
            self._apply(case, escalation.Tick(), at)

    def _louder(
        self, case: Case, units: Mapping[str, rules.Unit], sensed: Sensed, at: float
    ) -> Case:
        """With the highest level that the seconds have told since."""
        incident = case.incident
        for id, unit in units.items():
            found = sensed.loudest.get(id)
            if not incident.living or found is None or not unit.above or case.chain.held:
                continue
            level, t = found
            if t < unit.since or level <= (incident.level or 0):
                continue
            peak = level >= (incident.level or 0) + _PEAK_STEP
            incident = replace(incident, level=level)
            case = self._put(Case(incident, case.chain), at)
            if peak:
                self._want_picture(case, id, "peak", unit.stage, t, f"peak/{t}", at)
        return case

    def _told_all(self, units: Mapping[str, rules.Unit]) -> bool:
        """Whether one of those above has told everything up to when it connected."""
        for id, unit in units.items():
            if unit.above:
                latest = self._queries.latest(id)
                if latest and rules.caught_up(unit, latest[1]):
                    return True
        return False

    def _again_or_new(self, case: Case | None, square: str, kind: str, at: float) -> Case:
        """A relapse within the cool-down is the same incident."""
        if case and case.incident.state == "resolved":
            since = at - (case.incident.resolved or 0.0)
            if 0 <= since < self.plan_of(square).cool_down:
                return case
        return self._new(square, kind, at)

    def _new(self, square: str, kind: str, at: float, what: str = "") -> Case:
        return self._book.new(Incident(0, square, kind, "open", (), at, what=what), State())

    def _apply(self, case: Case, event: escalation.Event, at: float) -> Case:
        """The case after an event, in the file with all its effects."""
        around = self._around(case.incident)
        chain, effects = escalation.step(case.chain, event, at, around)
        incident, before = case.incident, case.chain
        gone: set[tuple[int | None, int | None]] = set()
        for effect in effects:
            match effect:
                case escalation.Call():
                    self._call(incident, chain, effect, at)
                case escalation.AllClear() if (effect.person, effect.contact) not in gone:
                    key = f"{incident.id}/{effect.round}/all-clear/{effect.contact}"
                    self._add(
                        incident,
                        Effect(
                            *(key, incident.id, "all-clear", effect.person, effect.contact, at),
                            fields={"why": effect.why},
                        ),
                    )
                case escalation.Withdraw():
                    gone = self._withdraw(incident.id, at)
                case escalation.Note(what, fields):
                    self._book.enter(incident.id, Entry(at, at, what, "", fields))
                case _:
                    pass
        opened = not before.living and chain.living
        resolved = before.living and chain.state == "resolved"
        stopped = chain.chain == "stopped"
        steps = around.chain
        under_way = chain.chain == "running" and 0 <= chain.step < len(steps)
        incident = replace(
            incident,
            state=chain.state or "open",
            reopened=chain.reopened,
            late=before.held if resolved else chain.held if chain.living else incident.late,
            acknowledged_until=chain.until if chain.until < UNFINISHED and stopped else None,
            step=steps[chain.step].name if under_way else "",
        )
        if chain.living:
            incident = replace(incident, resolved=None)
        elif before.living:
            incident = replace(incident, resolved=at, stage="")
        if opened:
            incident = replace(incident, acknowledged_at=None, acknowledged_by="", end=None)
        return self._put(Case(incident, chain), at)

    def _put(self, case: Case, at: float) -> Case:
        wake = escalation.wake(case.chain, self._around(case.incident))
        finished = not case.incident.living and not case.chain.above
        self._book.put(case, None if finished else min(wake, UNFINISHED))
        self._changed.add(case.incident.id)
        return case

    def _call(self, incident: Incident, chain: State, call: escalation.Call, at: float) -> None:
        kind = "follow-up" if call.number else "call"
        key = f"{incident.id}/{call.round}/{call.step}/{call.number}/{call.contact}"
        fields = {
            "step": call.name,
            "place": call.step,
            "round": call.round,
            "number": call.number,
            "reopened": chain.reopened,
        }
        effect = Effect(*(key, incident.id, kind, call.person, call.contact, at), fields=fields)
        if self._add(incident, effect):
            told = {"kind": kind, "person": call.person, "name": call.who, "key": key}
            told |= {"channel": call.channel, "contact": call.contact, "number": call.number}
            self._book.enter(incident.id, Entry(at, at, "called", "", told))

    def _add(self, incident: Incident, effect: Effect) -> bool:
        drill = incident.kind == "drill"
        return self._book.add(replace(effect, fields={**effect.fields, "drill": drill}))

    def _withdraw(self, incident: int, at: float) -> set[tuple[int | None, int | None]]:
        """Calls that have not gone out; (person, contact) of those whom none has reached."""
        effects = self._book.effects(incident)
        cleared = max((one.due for one in effects if one.kind == "all-clear"), default=-1.0)
        told, not_told = set(), set()
        for effect in effects:
            if effect.kind not in ("call", "follow-up"):
                continue
            way = effect.person, effect.contact
            if effect.state == "due":
                self._book.set_effect(replace(effect, state="withdrawn"))
                fields = {"kind": effect.kind, "person": effect.person, "key": effect.key}
                fields |= {"contact": effect.contact, "detail": effect.detail}
                self._book.enter(incident, Entry(at, at, "withdrawn", "", fields))
                not_told.add(way)
            elif effect.state in ("refused", "withdrawn"):
                not_told.add(way)
            elif effect.due >= cleared:
                told.add(way)
        return not_told - told

    def _owe_all_clear(self, effect: Effect, case: Case, at: float) -> None:
        why = "closed" if case.incident.state == "closed" else "resolved"
        self._add(
            case.incident,
            Effect(
                *(f"{effect.key}/all-clear", effect.incident, "all-clear"),
                *(effect.person, effect.contact, at),
                fields={"why": why},
            ),
        )

    def _reached_or_not(self, effect: Effect, at: float) -> None:
        """Whoever cannot be reached at all is somebody's business, and the next step's turn."""
        assert effect.person is not None
        if effect.state == "delivered":
            self._book.set_reached(effect.person)
        if effect.state != "refused" or effect.kind == "all-clear":
            return
        case = self._book.case(effect.incident)
        assert case
        name = ("round", "place", "number")
        together = [
            one
            for one in self._book.effects(effect.incident)
            if one.kind == effect.kind
            and all(one.fields.get(part) == effect.fields.get(part) for part in name)
        ]
        own = [one for one in together if one.person == effect.person]
        if all(one.state == "refused" for one in own) and case.incident.kind != "drill":
            names = {way.person: way.name for way in self._sources.directory()}
            who = names.get(effect.person, str(effect.person))
            self._book.set_unreached(
                effect.person, case.incident.square, f"{who}: {effect.detail}"[:100]
            )
        if all(one.state == "refused" for one in together):
            failed = escalation.Failed(effect.fields["round"], effect.fields["place"])
            self._apply(case, failed, at)

    def _picture(self, case: Case, news: News, new: bool, at: float) -> None:
        if new:
            moment = "start"
        elif news.kind == "stage" and news.fields["to"] in rules.ABOVE:
            moment = "stage"
        else:
            return
        stage = self._units[news.unit].stage
        self._want_picture(case, news.unit, moment, stage, news.t, str(news.id), at)

    def _want_picture(
        self, case: Case, unit: str, moment: str, stage: str, t: int | None, name: str, at: float
    ) -> None:
        incident = case.incident
        if self._sources.pictures(incident.square):
            fields = {"moment": moment, "unit": unit, "stage": stage, "t": t}
            key = f"{incident.id}/picture/{unit}/{name}"
            self._add(incident, Effect(key, incident.id, "picture", None, None, at, fields=fields))

    def _enter(self, case: Case, news: News, at: float) -> None:
        t = float(news.t) if news.t is not None else at
        entry = Entry(t, at, news.kind, news.unit, news.fields)
        self._book.enter(case.incident.id, entry)
        self._changed.add(case.incident.id)

    def _around(self, incident: Incident) -> Around:
        square = incident.square
        drill = incident.kind == "drill"
        plan = plans.DRILL if drill else self.plan_of(square)
        silences = [] if drill else self._book.silences(square)

        def reach(step: Step, at: float) -> Reached:
            if drill:
                name = key_of(incident.what)
                ways = [way for way in self._sources.directory() if key_of(way.name) == name]
                return Reached(tuple(ways), "" if ways else "none")
            return reached(step, plan, square, self._sources.directory(), at)

        return Around(plan, incident.kind, reach, silences[0].until if silences else 0.0)

    def _silent(
        self, square: str, units: Mapping[str, rules.Unit], sensed: Sensed
    ) -> tuple[str, ...]:
        if not rules.silent(units, sensed.heard, sensed.steady, plans.LEAST_SILENCE):
            return ()
        after = self.plan_of(square).silent_after
        return rules.silent(units, sensed.heard, sensed.steady, after)

    def _of(self, square: str) -> dict[str, rules.Unit]:
        known = self._members.get(square, ())
        return {id: self._units[id] for id in known if id in self._units}

    def _now(self, square: str) -> rules.Square:
        return rules.square(self._of(square))

    def _safely(self, what: str, work: Callable[[], object]) -> bool:
        """Whether it was done. What cannot be understood is said once, and passed over; what the
        disk or people's file refuses is tried again, with all of the turn."""
        try:
            with self._book.part():
                work()
        except (sqlite3.Error, OSError, UserError):
            raise
        except Exception:
            if what not in self._complained:
                self._complained.add(what)
                _log.exception("A fault of the incidents at %s; it is passed over.", what)
            return False
        return True

    def _complain(self, what: str) -> None:
        if what not in self._complained:
            self._complained.add(what)
            _log.error("%s", what)


def _cause(kind: str, unit: str, what: str, at: float) -> Entry:
    name = {"silent": "silent", "microphone": "ill"}.get(kind, "unreached")
    return Entry(at, at, name, unit, {"what": what} if what else {})


def _listed(ill: Mapping[str, str]) -> str:
    return "; ".join(dict.fromkeys(ill.values()))[:200]
