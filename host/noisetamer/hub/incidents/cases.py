"""One case: an event of its state machine, with all that follows from it, in the file.

Every method but `plan_of` belongs into a transaction of the book.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from noisetamer.base.errors import UserError
from noisetamer.hub.incidents import escalation
from noisetamer.hub.incidents import plan as plans
from noisetamer.hub.incidents.book import UNFINISHED, Book, Case
from noisetamer.hub.incidents.escalation import Around, State
from noisetamer.hub.incidents.incident import CALLS, HEARD, Effect, Entry, Incident
from noisetamer.hub.incidents.plan import Plan, Step
from noisetamer.hub.incidents.roster import LEADER, Playing, Reachable, Reached, reached
from noisetamer.hub.people.accounts import key_of

_log = logging.getLogger("noisetamer.hub")


@dataclass
class Sources:
    """Where things are looked up, each when it is needed.

    setting: the body of a square's setting "escalation", None for the shipped one; directory: the
    ways to all people; pictures: whether a square wants any; playing: the groups that may play in
    a square at a Unix time; audit: as People.audit.
    """

    setting: Callable[[str], Mapping[str, Any] | None] = lambda square: None
    directory: Callable[[], Sequence[Reachable]] = lambda: ()
    pictures: Callable[[str], bool] = lambda square: False
    playing: Callable[[str, float], Sequence[Playing]] = lambda square, at: ()
    audit: Callable[..., None] = lambda *_, **__: None


class Cases:
    """changed: the ids of the incidents that have changed; whoever tells of them empties it."""

    def __init__(self, book: Book, sources: Sources, utc_offset: float) -> None:
        """utc_offset: of the squares' clock, h."""
        self._book = book
        self._sources = sources
        self._utc_offset = utc_offset
        self._plans: dict[str, tuple[Mapping[str, Any] | None, Plan]] = {}
        self._settings: dict[str, Mapping[str, Any] | None] | None = None
        self._complained: set[str] = set()
        self.changed: set[int] = set()

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Whatever is decided inside, in a transaction, is by the same plans: each is looked up
        once."""
        self._settings = {}
        try:
            yield
        finally:
            self._settings = None

    def plan_of(self, square: str) -> Plan:
        """Its own, or the shipped one; that too where its own cannot be read."""
        settings = self._settings
        if settings is None:
            body = self._sources.setting(square)
        elif square in settings:
            body = settings[square]
        else:
            body = settings[square] = self._sources.setting(square)
        kept = self._plans.get(square)
        if kept and kept[0] == body:
            return kept[1]
        plan = self._read(square, body)
        self._plans[square] = body, plan
        return plan

    def reach(self, square: str, at: float) -> list[tuple[Step, Reached]]:
        """Each step of the plan that holds, and whom it would reach at a Unix time."""
        plan, directory = self.plan_of(square), self._sources.directory()
        playing = self._sources.playing(square, at)
        return [(step, reached(step, plan, square, directory, at, playing)) for step in plan.steps]

    def new(self, square: str, kind: str, at: float, what: str = "") -> Case:
        return self._book.new(Incident(0, square, kind, "open", (), at, what=what), State())

    def again_or_new(self, case: Case | None, square: str, kind: str, at: float) -> Case:
        """A relapse within the cool-down is the same incident."""
        if case and case.incident.state == "resolved":
            since = at - (case.incident.resolved or 0.0)
            if 0 <= since < self.plan_of(square).cool_down:
                return case
        return self.new(square, kind, at)

    def apply(self, case: Case, event: escalation.Event, at: float) -> Case:
        """The case after an event, in the file with all its effects."""
        around = self.around(case.incident)
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
        if opened and incident.kind in HEARD:
            self._note_who_plays(incident, at, again=chain.reopened > 0)
        resolved = before.living and chain.state == "resolved"
        stopped = chain.chain == "stopped"
        steps = around.chain
        under_way = chain.chain == "running" and 0 <= chain.step < len(steps)
        incident = replace(
            incident,
            state=chain.state or "open",
            reopened=chain.reopened,
            late=_late(before) if resolved else _late(chain) if chain.living else incident.late,
            acknowledged_until=chain.until if chain.until < UNFINISHED and stopped else None,
            step=steps[chain.step].name if under_way else "",
        )
        if chain.living:
            incident = replace(incident, resolved=None)
        elif before.living:
            incident = replace(incident, resolved=at, stage="")
        if opened:
            incident = replace(incident, acknowledged_at=None, acknowledged_by="", end=None)
        return self.put(Case(incident, chain), at)

    def _note_who_plays(self, incident: Incident, at: float, again: bool) -> None:
        """Once, and again where a relapse finds others there."""
        entries = self._book.timeline(incident.id) if again else ()
        noted = [entry.fields["groups"] for entry in entries if entry.what == "playing"]
        groups = [one.group for one in self._sources.playing(incident.square, at)]
        if groups != (noted[-1] if noted else []):
            self._book.enter(incident.id, Entry(at, at, "playing", "", {"groups": groups}))

    def put(self, case: Case, at: float) -> Case:
        wake = escalation.wake(case.chain, self.around(case.incident))
        finished = not case.incident.living and not case.chain.above
        self._book.put(case, None if finished else min(wake, UNFINISHED))
        self.changed.add(case.incident.id)
        return case

    def around(self, incident: Incident) -> Around:
        square = incident.square
        drill = incident.kind == "drill"
        plan = plans.DRILL if drill else self.plan_of(square)
        silences = [] if drill else self._book.silences(square)

        def reach(step: Step, at: float) -> Reached:
            if drill:
                name = key_of(incident.what)
                ways = [way for way in self._sources.directory() if key_of(way.name) == name]
                return Reached(tuple(ways), "" if ways else "none")
            # of no other step it matters, and it is read from two files
            playing = self._sources.playing(square, at) if LEADER in step.who else ()
            return reached(step, plan, square, self._sources.directory(), at, playing)

        return Around(plan, incident.kind, reach, silences[0].until if silences else 0.0)

    def want_picture(
        self, case: Case, unit: str, moment: str, stage: str, t: int | None, name: str, at: float
    ) -> None:
        incident = case.incident
        if self._sources.pictures(incident.square):
            fields = {"moment": moment, "unit": unit, "stage": stage, "t": t}
            key = f"{incident.id}/picture/{unit}/{name}"
            self._add(incident, Effect(key, incident.id, "picture", None, None, at, fields=fields))

    def owe_all_clear(self, effect: Effect, case: Case, at: float) -> None:
        why = "closed" if case.incident.state == "closed" else "resolved"
        self._add(
            case.incident,
            Effect(
                *(f"{effect.key}/all-clear", effect.incident, "all-clear"),
                *(effect.person, effect.contact, at),
                fields={"why": why},
            ),
        )

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
            if effect.kind not in CALLS:
                continue
            way = effect.person, effect.contact
            if effect.state == "due":
                self._book.withdraw(effect, at)
                not_told.add(way)
            elif effect.state in ("refused", "withdrawn"):
                not_told.add(way)
            elif effect.due >= cleared:
                told.add(way)
        return not_told - told

    def _read(self, square: str, body: Mapping[str, Any] | None) -> Plan:
        if body is not None:
            try:
                return plans.read(body, self._utc_offset)
            except UserError as why:
                self.complain(f"{square}: {why}; the shipped plan holds.")
        return plans.read(plans.SHIPPED, self._utc_offset)

    def complain(self, what: str) -> None:
        if what not in self._complained:
            self._complained.add(what)
            _log.error("%s", what)


def _late(chain: State) -> bool:
    """Whether nobody was called, since the hub learned of it afterwards."""
    return chain.held and not chain.away
