"""What people do to the incidents, and what became of what was sent: each in one transaction."""

from dataclasses import replace
from typing import Any

from noisetamer.base.errors import UserError
from noisetamer.hub.incidents import escalation
from noisetamer.hub.incidents.book import Book, Case, Silence
from noisetamer.hub.incidents.cases import Cases, Sources
from noisetamer.hub.incidents.incident import Effect, Entry, Incident
from noisetamer.hub.people.accounts import key_of


class Acts:
    """From any thread, one after the other."""

    def __init__(self, book: Book, cases: Cases, sources: Sources) -> None:
        self._book = book
        self._cases = cases
        self._sources = sources

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
            case = (
                self._cases.apply(case, event, entry.at)
                if event
                else self._cases.put(case, entry.at)
            )
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
                self._cases.put(case, silence.at)
        return [case.incident.id for case in living]

    def drill(self, square: str, name: str, by: str, reason: str, at: float) -> Incident:
        """Call one person as an incident would. Raises UserError where there is no way to them."""
        if not any(key_of(way.name) == key_of(name) for way in self._sources.directory()):
            raise UserError(
                f"{name!r} cannot be called: there is no such account, or it has no contact; give "
                "it one first."
            )
        with self._book.transaction():
            case = self._cases.new(square, "drill", at, what=name)
            self._book.enter(
                case.incident.id, Entry(at, at, "note", by, {"text": reason} if reason else {})
            )
            return self._cases.apply(case, escalation.Above(), at).incident

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
                self._cases.owe_all_clear(effect, case, at)
        return after, True

    def postpone(self, key: str, due: float, detail: str) -> None:
        """An attempt has failed, and there will be another. Raises UserError."""
        with self._book.transaction():
            effect = self._book.effect(key)
            if effect is None:
                raise UserError(f"There is no effect {key!r}; nothing is noted.")
            if effect.state in ("due", "withdrawn"):
                attempts = effect.attempts + 1
                self._book.set_effect(replace(effect, due=due, attempts=attempts, detail=detail))

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
            self._cases.apply(case, failed, at)
